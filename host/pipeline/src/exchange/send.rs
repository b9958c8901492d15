//! Sends one request to one replica of its service, and puts the answers into the ledger's form.

use std::sync::{Arc, LazyLock};

use rescue_core::{Photo, Prompt};
use rescue_picture::View;
use rescue_service::{
    AskError, ChatQuestion, ClipClient, Completed, Detector, Draw, Encoded, Executor, Items, ServiceError, Source,
    write_detected, write_segmented,
};
use serde_json::{Value, json};
use tokio::runtime::Handle;
use tokio::sync::Semaphore;
use tracing::Instrument as _;

use super::request::{ChatRequest, NewAnswer, Request};
use super::slots::Turn;
use crate::pictures::PictureCache;
use crate::services::{ServiceName, Services};

impl Request {
    /// Begins to draw the pictures that it shows, if they are kept.
    pub(super) fn prepare(&self, runtime: &Handle) {
        if let Self::Chat(request) = self {
            let (question, views, cache) = request.to_draw();
            // If it cannot be drawn, that is found out again when it is sent.
            runtime.spawn(async move { draw_all(question, views, cache).await.map(drop) }.in_current_span());
        }
    }

    /// The answers to the questions at these places, in their order. `turn` tells the server how urgent they are.
    pub(super) async fn send(
        &self,
        services: &Services,
        service: ServiceName,
        replica: usize,
        places: &[usize],
        turn: Turn,
    ) -> Result<Items<NewAnswer>, AskError> {
        let missing = || ServiceError::failed(service.as_str(), "there is none", "");
        match self {
            Self::Chat(request) => {
                let chat = services.chat(service).ok_or_else(missing)?;
                let client = chat.service.replicas.get(replica).ok_or_else(missing)?;
                let (question, views, cache) = request.to_draw();
                let pictures = draw_all(question, views, cache).await?;
                let completed = client.complete(&request.question, &pictures, request.draw_of(places, turn)).await?;
                Ok(choices(completed).into_iter().map(Ok).collect())
            }
            Self::Detect { photo, phrase } => {
                detect(services.detector.replicas.get(replica).ok_or_else(missing)?, photo, phrase).await
            }
            Self::Segment { photo, prompts } => {
                let prompts: Vec<Prompt> = places.iter().filter_map(|place| prompts.get(*place).cloned()).collect();
                segment(services.executor.replicas.get(replica).ok_or_else(missing)?, photo, &prompts).await
            }
            Self::Clip { pictures, views, text } => {
                let clip = services.clip.as_ref().ok_or_else(missing)?;
                let views = places.iter().filter_map(|place| views.get(*place).cloned()).collect();
                similarity(clip.replicas.get(replica).ok_or_else(missing)?, pictures, views, text).await
            }
            #[cfg(test)]
            Self::Scripted(script) => {
                let (time, answers) = script(replica, places);
                tokio::time::sleep(time).await;
                let answer = |answer| NewAnswer { answer, source: Source::default() };
                Ok(answers?.into_iter().map(|one| one.map(answer)).collect())
            }
        }
    }
}

impl ChatRequest {
    fn to_draw(&self) -> (Arc<ChatQuestion>, Arc<Vec<Vec<View>>>, Arc<PictureCache>) {
        (self.question.clone(), self.views.clone(), self.pictures.clone())
    }

    fn draw_of(&self, places: &[usize], turn: Turn) -> Draw {
        let seed = places.first().and_then(|place| self.seeds.get(*place)).copied().flatten();
        Draw { n: u32::try_from(places.len()).unwrap_or(u32::MAX), seed, priority_offset: turn.priority_offset() }
    }
}

/// The pictures of a question, which are drawn if they are not there yet.
async fn draw_all(
    question: Arc<ChatQuestion>,
    views: Arc<Vec<Vec<View>>>,
    cache: Arc<PictureCache>,
) -> Result<Vec<Arc<Encoded>>, ServiceError> {
    let drawn: Option<Vec<_>> = question.pictures().map(|recipe| cache.drawn(recipe)).collect();
    if let Some(drawn) = drawn {
        return Ok(drawn);
    }
    on_blocking_thread(move || {
        let recipes = question.pictures().zip(views.iter());
        recipes.map(|(recipe, views)| cache.picture(recipe, views)).collect()
    })
    .await
}

fn choices(completed: Completed) -> Vec<NewAnswer> {
    let Completed { choices, usage, server, seconds, sent } = completed;
    // A server counts the tokens of all choices of a request together: the first answer carries the count.
    let mut usage = Some(usage);
    let mut source =
        || Source { server: server.clone(), usage: usage.take().unwrap_or(Value::Null), seconds, sent: sent.clone() };
    choices.into_iter().map(|answer| NewAnswer { answer, source: source() }).collect()
}

async fn detect(detector: &Arc<dyn Detector>, photo: &Photo, phrase: &str) -> Result<Items<NewAnswer>, AskError> {
    let (detected, source) = detector.detect(photo, phrase).await?;
    let answer = write_detected(detected).map_err(|error| unwritable(ServiceName::Detector, &error))?;
    Ok(vec![Ok(NewAnswer { answer, source })])
}

async fn segment(
    executor: &Arc<dyn Executor>,
    photo: &Photo,
    prompts: &[Prompt],
) -> Result<Items<NewAnswer>, AskError> {
    let (masks, source) = executor.segment(photo, prompts).await?;
    let mut answers = Vec::with_capacity(masks.len());
    for mask in masks {
        answers.push(match mask {
            Ok(mask) => {
                let answer = write_segmented(&mask).map_err(|error| unwritable(ServiceName::Executor, &error))?;
                Ok(NewAnswer { answer, source: source.clone() })
            }
            Err(bad) => Err(bad),
        });
    }
    Ok(answers)
}

async fn similarity(
    client: &Arc<ClipClient>,
    pictures: &Arc<PictureCache>,
    views: Vec<View>,
    text: &str,
) -> Result<Items<NewAnswer>, AskError> {
    let pictures = pictures.clone();
    // Each cut-out is sent once, so it is not kept in the cache.
    let draw =
        move || views.iter().map(|view| pictures.draw(std::slice::from_ref(view))).collect::<Result<Vec<_>, _>>();
    let drawn = on_blocking_thread(draw).await?;
    let (scores, source) = client.scores(&drawn.iter().collect::<Vec<_>>(), text).await?;
    let answer = |score| NewAnswer { answer: json!({ "score": score }), source: source.clone() };
    Ok(scores.into_iter().map(|score| score.map(answer)).collect())
}

fn unwritable(service: ServiceName, error: &serde_json::Error) -> ServiceError {
    ServiceError::failed(service.as_str(), error.to_string(), "")
}

/// One permit for each processor. With more pictures drawn at once, none would be done sooner and all at the same time: the first request
/// of a round would leave with the last.
static DRAWING: LazyLock<Semaphore> =
    LazyLock::new(|| Semaphore::new(std::thread::available_parallelism().map_or(1, usize::from)));

/// Draws pictures on a blocking thread, so that tokio's workers stay free to drive the requests of all samples.
async fn on_blocking_thread<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, ServiceError> + Send + 'static,
) -> Result<T, ServiceError> {
    // It is never closed.
    let _permit = DRAWING.acquire().await;
    let sample = tracing::Span::current();
    let work = move || {
        let _span = tracing::info_span!(parent: &sample, "draw", track = "drawing");
        work()
    };
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        Err(error) => Err(ServiceError::failed("pictures", error.to_string(), "Please report it.")),
    }
}
