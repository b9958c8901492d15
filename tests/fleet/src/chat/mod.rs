//! The simulated planner and verifier: the OpenAI contract as vLLM serves it.
//!
//! The server finds out what is asked from the requested format of the answer and from the words of the prompt:
//!
//! | what is asked for | what is answered |
//! |---|---|
//! | a choice of letters, LEFT and RIGHT, 1 and 2 … | the best of as many views, taken from the end of those shown |
//! | a choice of numbers | the number nearest to IoU of the last view × the largest number |
//! | a choice of yes and no, accept and reject … | whether the last view's IoU is at least .5 |
//! | JSON with `variations` | as many texts as the schema asks for, each of which contains the query |
//! | JSON with other fields | numbers made from the last view's IoU, options of an `enum` as above, boxes as from a planner |
//! | text, and the prompt contains `ANSWER: X or Y` | a sentence of reasoning and an `ANSWER:` line |
//! | text, and the prompt contains `"winner"`, `"variations"` or `bbox_2d` | JSON with this field |
//! | any other text | a planner's `Reasoning:`, `Target Concept:` and `Box:` lines |
//!
//! Draws depend on the fleet's seed, on what is asked (texts, pictures, temperature, `max_tokens`, format) and on the
//! number of the draw, which is `seed` + the choice's index. At temperature 0 all draws are the same.

mod cache;
mod draft;
mod judge;
mod planner;
mod request;
mod response;
mod schema;

use std::sync::{Arc, Mutex};

use rescue_core::{Digest, Seed};
use serde_json::{Value, json};

use self::cache::Caches;
use self::request::ChatRequest;
use crate::config::Chat;
use crate::fault::Fault;
use crate::lock::lock;
use crate::serve::{Answer, Call, Model, Note, Stats};
use crate::vision::{Analyser, Analysis, View};

/// A simulated vision-language model behind vLLM.
pub(crate) struct ChatModel {
    config: Chat,
    analyser: Arc<Analyser>,
    caches: Mutex<Caches>,
}

/// Why a request is refused: an HTTP status and a message.
type Refused = (u16, String);

/// A chat request with its analysed pictures.
struct Question<'a> {
    request: &'a ChatRequest,
    analyses: Vec<Arc<Analysis>>,
    analyser: &'a Analyser,
    config: &'a Chat,
    /// The digest of what draws depend on.
    meaning: Digest,
    seed: Seed,
}

impl Question<'_> {
    /// All views of all pictures, in order.
    fn views(&self) -> Vec<&View> {
        self.analyses.iter().flat_map(|analysis| &analysis.views).collect()
    }

    /// The scene that is asked about: the first that is shown, else the one whose query is in the text.
    fn scene(&self) -> Option<usize> {
        self.views().first().map(|view| view.scene).or_else(|| self.analyser.scene_of_query(&self.request.text()))
    }

    /// The random numbers of one draw.
    fn random(&self, draw: i64) -> fastrand::Rng {
        let draw = if self.request.temperature == 0.0 { 0 } else { draw };
        fastrand::Rng::with_seed(self.seed.derive([&b"draw"[..], self.meaning.bytes(), &draw.to_le_bytes()]))
    }
}

impl ChatModel {
    pub(crate) fn new(config: Chat, analyser: Arc<Analyser>) -> Self {
        let caches = Mutex::new(Caches::new(config.uuid_cache));
        Self { config, analyser, caches }
    }

    fn complete(&self, call: &mut Call<'_>) -> Result<Answer, Refused> {
        let request = ChatRequest::read(call.body).map_err(|why| (400, why))?;
        call.notes.extend(request.unknown.iter().cloned().map(Note::UnknownField));
        if request.model != self.config.model {
            return Err((404, format!("The model `{}` does not exist.", request.model)));
        }
        let analyses = self.analyse(&request, call)?;
        let question = Question {
            meaning: request.meaning(&analyses),
            request: &request,
            analyses,
            analyser: &self.analyser,
            config: &self.config,
            seed: call.seed,
        };
        let prompt_tokens = lock(&self.caches).prompt(&request, &question.analyses);
        let mut choices = Vec::new();
        let (mut spent, mut needed) = (0, false);
        for index in 0..request.n {
            let draw = request.seed.wrapping_add_unsigned(index);
            let (draft, unrecognised) = draft::compose(&question, draw);
            needed |= unrecognised;
            let (choice, tokens) = response::choice(&question, index, draft, call.fault);
            spent += tokens;
            choices.push(choice);
        }
        if needed {
            call.notes.push(Note::Unrecognised);
        }
        if call.fault == Some(Fault::WrongOrder) {
            choices.reverse();
        }
        let mut body = json!({
            "id": format!("chatcmpl-{}", question.meaning.short()),
            "object": "chat.completion",
            // Constant, so that tests can compare whole bodies.
            "created": 1_750_000_000,
            "model": request.model,
            "system_fingerprint": null,
            "choices": choices,
            "usage": {
                "prompt_tokens": prompt_tokens,
                "completion_tokens": spent,
                "total_tokens": prompt_tokens + spent,
            },
        });
        if call.fault == Some(Fault::WrongSchema) {
            response::spoil(&mut body, &call.digest, call.attempt);
        }
        Ok(Answer::json(&body))
    }

    /// Analyses the pictures of a request. Fails with 400 if one cannot be read, or came by `uuid` alone and is not
    /// cached.
    fn analyse(&self, request: &ChatRequest, call: &mut Call<'_>) -> Result<Vec<Arc<Analysis>>, Refused> {
        let mut analyses = Vec::new();
        for (index, image) in request.images().enumerate() {
            let analysis = match (&image.bytes, &image.uuid) {
                (Some(bytes), uuid) => {
                    let analysis =
                        self.analyser.analyse(bytes).map_err(|why| (400, format!("image at index {index}: {why}")))?;
                    call.notes.push(Note::ImageByBytes);
                    let kept = lock(&self.caches).keep(uuid.as_deref(), analysis.clone());
                    if kept.digest != analysis.digest {
                        call.notes.push(Note::UuidConflict);
                    }
                    kept
                }
                (None, Some(uuid)) => {
                    let occasion =
                        [&call.digest.bytes()[..], &call.attempt.to_le_bytes(), &index.to_le_bytes()].concat();
                    let lost = call.faults.happens(call.seed, Fault::UuidMiss, &occasion);
                    let found = if lost { None } else { lock(&self.caches).find(uuid) };
                    let Some(analysis) = found else {
                        call.notes.push(Note::UuidMiss);
                        if lost {
                            call.notes.push(Note::Fault(Fault::UuidMiss));
                        }
                        return Err((400, format!("Cache miss for image at index {index} but data is not provided.")));
                    };
                    call.notes.push(Note::ImageByUuid);
                    analysis
                }
                (None, None) => return Err((400, format!("image at index {index} has neither data nor uuid"))),
            };
            analyses.push(analysis);
        }
        Ok(analyses)
    }
}

impl Model for ChatModel {
    fn get(&self, path: &str, stats: &Stats) -> Option<Answer> {
        Some(match path {
            "/health" => Answer::text("text/plain", String::new()),
            "/version" => Answer::json(&json!({ "version": "0.33.0" })),
            "/load" => Answer::json(&json!({ "server_load": stats.running + stats.waiting })),
            "/v1/models" => {
                let model = json!({
                    "id": self.config.model, "object": "model", "created": 1_750_000_000, "owned_by": "vllm",
                    "root": self.config.model, "parent": null, "max_model_len": 32768,
                });
                Answer::json(&json!({ "object": "list", "data": [model] }))
            }
            "/metrics" => {
                Answer::text("text/plain; version=0.0.4", lock(&self.caches).metrics(&self.config.model, stats))
            }
            _ => return None,
        })
    }

    fn has(&self, path: &str) -> bool {
        path == "/v1/chat/completions"
    }

    fn post(&self, call: &mut Call<'_>) -> Answer {
        match self.complete(call) {
            Ok(answer) => answer,
            Err((status, why)) => self.error(status, &why),
        }
    }

    fn error(&self, status: u16, message: &str) -> Answer {
        let kind = match status {
            404 => "NotFoundError",
            429 => "RateLimitError",
            500.. => "InternalServerError",
            _ => "BadRequestError",
        };
        let error = json!({ "message": message, "type": kind, "param": Value::Null, "code": status });
        Answer::json(&json!({ "error": error })).status(status)
    }

    fn endless(&self) -> &'static str {
        r#"{"object":"chat.completion","choices":[{"index":0,"message":{"role":"assistant","content":""#
    }
}
