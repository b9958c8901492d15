//! Puts one small question to each server: does it answer, how fast, and does it state coordinates as configured?

use std::sync::Arc;
use std::time::Instant;

use rescue_config::Config;
use rescue_core::{Digest, Photo, Prompt, Rect, Size};
use rescue_mask::{CompactMask, Mask};
use rescue_picture::{Crop, Defaults, Painter, Shape as Masked, View};
use rescue_reply::{Frame, Thinking, fitting, said};
use rescue_service::{
    AskError, ChatQuestion, Completed, Draw, Encoded, Executor, Http, Message, Models, Part, Pressure, Role, Sampling,
    ServiceError, Shape,
};
use serde::Serialize;

use super::connect::{connect, one_executor};
use super::one_server::{OneServer, servers};
use super::{ChatService, Service, ServiceName};

/// The outcome of a server's check.
#[derive(Clone, Debug, Serialize)]
pub struct ServerCheck {
    /// The service that the server is for.
    pub service: ServiceName,
    /// Its address; "embedded" if the model runs in this program.
    pub url: String,
    /// Whether it answered as it should.
    pub ok: bool,
    /// The name of its model; empty if it did not tell.
    pub model: String,
    /// Program and version; empty if it did not tell.
    pub server: String,
    /// The most requests that it is given at once.
    pub slots: u32,
    /// Wall-clock seconds of one small request; `None` if none was answered.
    pub seconds: Option<f64>,
    /// Observations worth knowing, among them warnings.
    pub notes: Vec<String>,
    /// What is wrong and what to do about it; `None` if it works.
    pub error: Option<String>,
}

const SIZE: Size = Size::new(320, 240);
/// Much higher than wide, so that a model which tells y before x is noticed.
const RECT: Rect = Rect { x_min: 48.0, y_min: 36.0, x_max: 104.0, y_max: 192.0 };

/// Checks each server by itself, in the order of the services. `done` is called with each check as it ends.
///
/// # Errors
///
/// Returns an error if the picture for the checks cannot be made. What is wrong with a server is in its check.
pub async fn probe(
    config: &Config,
    models: impl Fn() -> Result<Models, ServiceError>,
    mut done: impl FnMut(&ServerCheck),
) -> Result<Vec<ServerCheck>, ServiceError> {
    let mut all = Vec::new();
    let photo = Arc::new(photo()?);
    for server in servers(config) {
        let checked = check(&server, &models, &photo).await;
        done(&checked);
        all.push(checked);
    }
    Ok(all)
}

async fn check(
    server: &OneServer,
    models: &impl Fn() -> Result<Models, ServiceError>,
    photo: &Arc<Photo>,
) -> ServerCheck {
    let mut checked = ServerCheck {
        service: server.service,
        url: server.url.clone(),
        ok: false,
        model: String::new(),
        server: String::new(),
        slots: server.slots,
        seconds: None,
        notes: Vec::new(),
        error: None,
    };
    if server.url != "embedded"
        && let Ok(http) = Http::new()
    {
        checked.notes.push(format!("reached {}", http.way(&server.url)));
    }
    match ask(server, models, photo, &mut checked).await {
        Ok(()) => checked.ok = true,
        Err(error) => checked.error = Some(error.to_string()),
    }
    checked
}

async fn ask(
    OneServer { service, config, .. }: &OneServer,
    models: &impl Fn() -> Result<Models, ServiceError>,
    photo: &Arc<Photo>,
    checked: &mut ServerCheck,
) -> Result<(), AskError> {
    let name = match service {
        ServiceName::Executor | ServiceName::Detector => {
            let executor = one_executor(config, models).await?;
            return segment(&executor, photo, checked).await;
        }
        ServiceName::Planner | ServiceName::Clip | ServiceName::Verifier => *service,
    };
    let connected = connect(config, models).await?;
    checked.notes.extend(connected.warnings);
    checked.server = connected.servers.first().cloned().unwrap_or_default();
    let services = connected.services;
    match services.chat(name) {
        Some(service) => chat(service, photo, checked).await,
        None => clip(services.clip.as_ref(), photo, checked).await,
    }
}

async fn segment(executor: &Arc<dyn Executor>, photo: &Photo, checked: &mut ServerCheck) -> Result<(), AskError> {
    checked.model.clone_from(&executor.model().name);
    let prompt = Prompt { concept: String::new(), rect: Some(RECT), points: Vec::new() };
    let start = Instant::now();
    let (answers, source) = executor.segment(photo, &[prompt]).await?;
    checked.seconds = Some(start.elapsed().as_secs_f64());
    checked.server = source.server;
    let truth = Mask::from_rect(SIZE, RECT);
    match answers.first() {
        Some(Err(bad)) => return Err(AskError::Breach { cause: bad.why.clone() }),
        Some(Ok(Ok(segment))) => {
            let iou = segment.mask.iou(&truth).unwrap_or(0.0);
            if iou < 0.5 {
                checked
                    .notes
                    .push(format!("a red rectangle on grey, given its box, comes back with an IoU of {iou:.2}"));
            }
        }
        Some(Ok(Err(why))) => {
            checked.notes.push(format!("a red rectangle on grey, given its box, is not found: {why}"))
        }
        None => {}
    }
    Ok(())
}

async fn clip(
    clip: Option<&Service<rescue_service::ClipClient>>,
    photo: &Arc<Photo>,
    checked: &mut ServerCheck,
) -> Result<(), AskError> {
    let client = clip.and_then(|clip| clip.replicas.first()).ok_or_else(|| missing(ServiceName::Clip))?;
    checked.model = clip.map(|clip| clip.model.name.clone()).unwrap_or_default();
    let view = View::cutout(Masked::new(Arc::new(CompactMask::new(Mask::from_rect(SIZE, RECT)))), 10, 0);
    let picture = picture(photo, &view)?.1;
    let start = Instant::now();
    let (scores, source) = client.scores(&[&picture], "a red rectangle").await?;
    checked.seconds = Some(start.elapsed().as_secs_f64());
    checked.server = source.server;
    if let Some(score) = scores.into_iter().next() {
        let score = score.map_err(|bad| AskError::Breach { cause: bad.why })?;
        checked.notes.push(format!("a red rectangle fits \"a red rectangle\" with {score:.0} of 100"));
    }
    Ok(())
}

async fn chat(service: &ChatService, photo: &Arc<Photo>, checked: &mut ServerCheck) -> Result<(), AskError> {
    let client = service.service.replicas.first().ok_or_else(|| missing(service.service.name))?;
    checked.model.clone_from(&service.service.model.name);
    let view = View { marks: Vec::new(), crop: Crop::Whole, max_side: 0, caption: String::new() };
    let (recipe, encoded) = picture(photo, &view)?;
    let text = "Find the red rectangle. Answer with JSON only: [{\"bbox_2d\": [x1, y1, x2, y2], \"label\": \"red rectangle\"}]";
    let parts = vec![Part::Picture(recipe.clone()), Part::Text(text.to_owned())];
    let sampling = Sampling { temperature: 0.0, logprobs: false, ..service.sampling.clone() };
    let max_tokens = sampling.max_tokens;
    let question = ChatQuestion {
        messages: vec![Message { role: Role::User, parts }],
        shape: Shape::Boxes,
        sampling,
        thinking_off: service.thinking == Thinking::Off,
    };
    let start = Instant::now();
    let Completed { choices, server, .. } =
        client.complete(&question, &[Arc::new(encoded)], Draw { n: 1, seed: Some(0), priority_offset: 0 }).await?;
    checked.seconds = Some(start.elapsed().as_secs_f64());
    if checked.server.is_empty() {
        checked.server = server;
    }
    let Some(choice) = choices.first() else { return Ok(()) };
    let content = choice.pointer("/message/content").and_then(serde_json::Value::as_str).unwrap_or_default();
    if content.contains("</think>") {
        checked.notes.push(
            "its thinking comes within its answer: the server has no reasoning parser. The host takes it out, but a schema may \
             keep the model from thinking; start the server with one, for Qwen3 `--reasoning-parser deepseek_r1`"
                .into(),
        );
    }
    let said = said(choice, service.thinking).map_err(|breach| AskError::Transient {
        cause: breach.to_string(),
        after: None,
        pressure: Pressure::None,
    })?;
    if !said.complete {
        checked
            .notes
            .push(format!("its answer was cut off at {max_tokens} tokens: raise {}.max-tokens", checked.service));
        return Ok(());
    }
    let whole = SIZE.rect();
    let frame = Frame { convention: service.convention, shown: recipe.size, panel: whole, area: whole, photo: SIZE };
    let fits = fitting(&said, &frame, RECT);
    let own = service.convention.name();
    checked.notes.push(if fits.contains(&own) {
        format!("places are told as \"{own}\", as configured")
    } else if fits.is_empty() {
        let start: String = said.text.chars().take(120).collect();
        format!("it did not find a red rectangle on grey, so how it tells places is not known; it says {start:?}")
    } else {
        format!(
            "WARNING: places are told as \"{}\", and {}.coordinates is \"{own}\": boxes will be wrong",
            fits.join("\" or \""),
            checked.service
        )
    });
    Ok(())
}

fn missing(service: ServiceName) -> ServiceError {
    ServiceError::failed(service.as_str(), "there is none", "Give its address.")
}

fn picture(photo: &Arc<Photo>, view: &View) -> Result<(rescue_picture::Recipe, Encoded), ServiceError> {
    let failed =
        |error: rescue_picture::PictureError| ServiceError::failed("pictures", error.to_string(), "Please report it.");
    let painter = Painter::new(photo.clone(), Defaults::default()).map_err(failed)?;
    let views = std::slice::from_ref(view);
    Ok((painter.recipe(views).map_err(failed)?, Encoded::jpeg(painter.jpeg(views).map_err(failed)?)))
}

/// A red rectangle on grey.
fn photo() -> Result<Photo, ServiceError> {
    let mask = Mask::from_rect(SIZE, RECT);
    let pixel = |at: u32| if mask.get(at % SIZE.width, at / SIZE.width) { [255, 0, 0] } else { [160, 160, 160] };
    let rgb: Vec<u8> = (0..SIZE.width * SIZE.height).flat_map(pixel).collect();
    let digest = Digest::of(&rgb);
    Photo::new(SIZE, rgb, digest)
        .ok_or_else(|| ServiceError::failed("pictures", "a photo of another size", "Please report it."))
}
