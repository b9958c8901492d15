//! Planner and verifier: the OpenAI contract as vLLM serves it.
//!
//! What is asked is told from the form of the answer and from the words of the prompt:
//!
//! | asked for | answered |
//! |---|---|
//! | a choice of letters, LEFT and RIGHT, 1 and 2 … | the better of as many views, which are the last ones shown |
//! | a choice of numbers | the one nearest to IoU × the largest of them, of the last view |
//! | a choice of yes and no, accept and reject … | whether the last view's IoU is at least .5 |
//! | JSON with `variations` | as many texts, each with the query in it |
//! | JSON with other fields | numbers from the IoU of the last view, options of an `enum` as above, boxes as a planner |
//! | text, and the prompt says `ANSWER: X or Y` | reasoning and such a line |
//! | text, and the prompt says `"winner"`, `"variations"` or `bbox_2d` | that JSON |
//! | any other text | a planner's `Reasoning:`, `Target Concept:` and `Box:` lines |
//!
//! Draws depend on the fleet's seed, on what is asked (texts, pictures, temperature, longest answer, form) and on the number of
//! the draw: `seed` + the choice's index. At temperature 0 all draws are the same.

mod cache;
mod judge;
mod planner;
mod request;
mod response;
mod schema;
mod speak;

use std::sync::{Arc, Mutex};

use rescue_core::{Digest, Seed};
use serde_json::{Value, json};

use self::cache::Caches;
use self::request::Asked;
use crate::config::Chat;
use crate::fault::Fault;
use crate::lock::lock;
use crate::see::{Eye, Sight, View};
use crate::serve::{Answer, Call, Model, Note, Stats};

/// A vision-language model behind vLLM.
pub(crate) struct ChatModel {
    config: Chat,
    eye: Arc<Eye>,
    caches: Mutex<Caches>,
}

/// Why a request is refused: a status and a text.
type Refused = (u16, String);

/// A question with its pictures looked at.
struct Question<'a> {
    asked: &'a Asked,
    sights: Vec<Arc<Sight>>,
    eye: &'a Eye,
    config: &'a Chat,
    /// What of it counts for draws.
    meaning: Digest,
    seed: Seed,
}

impl Question<'_> {
    /// All photos shown, in order.
    fn views(&self) -> Vec<&View> {
        self.sights.iter().flat_map(|sight| &sight.views).collect()
    }

    /// The scene that is asked about: the one shown, else the one whose query is in the text.
    fn scene(&self) -> Option<usize> {
        self.views().first().map(|view| view.scene).or_else(|| self.eye.asked(&self.asked.text()))
    }

    /// Where the randomness of a draw comes from.
    fn random(&self, draw: i64) -> fastrand::Rng {
        let draw = if self.asked.temperature == 0.0 { 0 } else { draw };
        fastrand::Rng::with_seed(self.seed.derive([&b"draw"[..], self.meaning.bytes(), &draw.to_le_bytes()]))
    }
}

impl ChatModel {
    pub(crate) fn new(config: Chat, eye: Arc<Eye>) -> Self {
        let caches = Mutex::new(Caches::new(config.uuid_cache));
        Self { config, eye, caches }
    }

    fn complete(&self, call: &mut Call<'_>) -> Result<Answer, Refused> {
        let asked = Asked::read(call.body).map_err(|why| (400, why))?;
        call.notes.extend(asked.unknown.iter().cloned().map(Note::UnknownField));
        if asked.model != self.config.model {
            return Err((404, format!("The model `{}` does not exist.", asked.model)));
        }
        let sights = self.look(&asked, call)?;
        let question = Question {
            meaning: asked.meaning(&sights),
            asked: &asked,
            sights,
            eye: &self.eye,
            config: &self.config,
            seed: call.seed,
        };
        let prompt_tokens = lock(&self.caches).prompt(&asked, &question.sights);
        let mut choices = Vec::new();
        let (mut spent, mut needed) = (0, false);
        for index in 0..asked.n {
            let draw = asked.seed.wrapping_add_unsigned(index);
            let (said, unrecognised) = speak::say(&question, draw);
            needed |= unrecognised;
            let (choice, tokens) = response::choice(&question, index, said, call.fault);
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
            // A real server's clock is not in what a test may compare.
            "created": 1_750_000_000,
            "model": asked.model,
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

    /// Finds out what is on the pictures, or which of them is missing.
    fn look(&self, asked: &Asked, call: &mut Call<'_>) -> Result<Vec<Arc<Sight>>, Refused> {
        let mut sights = Vec::new();
        for (index, image) in asked.images().enumerate() {
            let sight = match (&image.bytes, &image.uuid) {
                (Some(bytes), uuid) => {
                    let sight = self.eye.look(bytes).map_err(|why| (400, format!("image at index {index}: {why}")))?;
                    call.notes.push(Note::ImageByBytes);
                    let kept = lock(&self.caches).keep(uuid.as_deref(), sight.clone());
                    if kept.digest != sight.digest {
                        call.notes.push(Note::UuidConflict);
                    }
                    kept
                }
                (None, Some(uuid)) => {
                    let occasion =
                        [&call.digest.bytes()[..], &call.attempt.to_le_bytes(), &index.to_le_bytes()].concat();
                    let lost = call.faults.happens(call.seed, Fault::UuidMiss, &occasion);
                    let found = if lost { None } else { lock(&self.caches).find(uuid) };
                    let Some(sight) = found else {
                        call.notes.push(Note::UuidMiss);
                        if lost {
                            call.notes.push(Note::Fault(Fault::UuidMiss));
                        }
                        return Err((400, format!("Cache miss for image at index {index} but data is not provided.")));
                    };
                    call.notes.push(Note::ImageByUuid);
                    sight
                }
                (None, None) => return Err((400, format!("image at index {index} has neither data nor uuid"))),
            };
            sights.push(sight);
        }
        Ok(sights)
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
