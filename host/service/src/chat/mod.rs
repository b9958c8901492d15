//! Client of a vision-language model behind OpenAI's chat completions API, as vLLM, SGLang and others serve it.

mod body;
mod dialect;
mod uploads;

use std::sync::Arc;

use rescue_reply::Thinking;
use serde_json::{Map, Value};

pub use self::dialect::Dialect;
pub use self::uploads::Encoded;

use self::uploads::Uploads;
use crate::error::AskError;
use crate::http::{Http, Refusal, Remote, Reply, limits};
use crate::question::ChatQuestion;

/// How to talk to a server. No answer depends on it.
#[derive(Clone, Debug)]
pub struct ChatOptions {
    /// The server's dialect.
    pub dialect: Dialect,
    /// Whether pictures that the server has received before are sent by uuid only. Only vLLM supports this.
    pub by_uuid: bool,
    /// The priority of each request, sent unchanged; a server that schedules by priority serves lower values first. `None` sends
    /// none. OpenAI's dialect has no such field.
    pub priority: Option<i64>,
}

/// How many answers to draw for one question, and with which seeds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Draw {
    /// The number of answers, at least one.
    pub n: u32,
    /// The seed of the first answer; the server counts up from it for the others.
    pub seed: u32,
}

/// A server's response to a question.
#[derive(Clone, Debug, PartialEq)]
pub struct Completed {
    /// The choices as the server gave them, by index; [`Draw::n`] of them.
    pub choices: Vec<Value>,
    /// The token counts that the server reports, for all choices together; null if it reports none.
    pub usage: Value,
    /// The server's `system_fingerprint`; empty if it gives none.
    pub server: String,
    /// Seconds from sending the request to the end of the response.
    pub seconds: f64,
    /// BLAKE3 of the request's body in hexadecimal digits.
    pub sent: String,
}

/// A client of one server.
pub struct ChatClient {
    http: Http,
    remote: Remote,
    model: String,
    options: ChatOptions,
    uploads: Uploads,
}

impl ChatClient {
    /// A client of the server at `remote`, whose URL ends in `/v1`, for one of the server's models.
    pub fn new(http: Http, remote: Remote, model: String, options: ChatOptions) -> Self {
        Self { http, remote, model, options, uploads: Uploads::default() }
    }

    /// The server's URL.
    pub fn url(&self) -> &str {
        &self.remote.url
    }

    /// Sends a question and returns the server's choices. `pictures` are those of `question.pictures()`, in their order. If the
    /// server no longer has a picture that was sent by uuid, the request is sent once more with all pictures. Dropping the future
    /// closes the connection, which makes vLLM abort the request.
    ///
    /// # Errors
    ///
    /// Fails if the request fails or the response breaks the contract. A choice that is empty, cut off at its token limit or refused
    /// by the model is an answer and not an error.
    pub async fn complete(
        &self,
        question: &ChatQuestion,
        pictures: &[Arc<Encoded>],
        draw: Draw,
    ) -> Result<Completed, AskError> {
        let known = if self.options.by_uuid { self.uploads.known(pictures) } else { Vec::new() };
        match self.send(question, pictures, &known, draw).await {
            // The server lacks a picture that was sent by uuid. If it does not call this a cache miss, it caches no pictures at all.
            Err(refusal) if !known.is_empty() && refusal.status == 400 => {
                if is_cache_miss(&refusal) {
                    self.uploads.forget(&known)
                } else {
                    self.uploads.disable()
                }
                self.send(question, pictures, &[], draw).await.map_err(|refusal| refusal.error)
            }
            other => other.map_err(|refusal| refusal.error),
        }
    }

    async fn send(
        &self,
        question: &ChatQuestion,
        pictures: &[Arc<Encoded>],
        known: &[[u8; 32]],
        draw: Draw,
    ) -> Result<Completed, Refusal> {
        let body = body::write(question, pictures, known, &self.model, &self.options, draw)
            .map_err(|error| Refusal { status: 0, message: String::new(), error })?;
        let sent = blake3::hash(&body).to_hex().to_string();
        let reply = self.http.post(&self.remote, "/chat/completions", body, limits::CHAT_BYTES).await?;
        let completed = self.read(reply, draw, sent)?;
        if self.options.by_uuid {
            self.uploads.add(pictures);
        }
        Ok(completed)
    }

    fn read(&self, reply: Reply, draw: Draw, sent: String) -> Result<Completed, Refusal> {
        let breach = |how: &dyn std::fmt::Display| Refusal {
            status: 200,
            message: String::new(),
            error: AskError::breach(&self.remote.url, how),
        };
        let choices = rescue_reply::contract(&reply.body, draw.n as usize).map_err(|error| breach(&error))?;
        for choice in &choices {
            // The server ended the choice. A choice that the model or a limit ended has another reason.
            if let Some(reason @ ("abort" | "error")) = choice.get("finish_reason").and_then(Value::as_str) {
                return Err(breach(&format!("the finish_reason of a choice is {reason:?}")));
            }
            // A choice that cannot be parsed breaks the contract.
            rescue_reply::said(choice, Thinking::Auto).map_err(|error| breach(&error))?;
        }
        let choices = choices.into_iter().cloned().collect();
        let server = reply.body.get("system_fingerprint").and_then(Value::as_str).unwrap_or_default().to_owned();
        let usage = counts(reply.body.get("usage"));
        Ok(Completed { choices, usage, server, seconds: reply.seconds, sent })
    }
}

/// The first 16 numbers of a server's `usage`, without its other fields; null if it has no numbers.
fn counts(usage: Option<&Value>) -> Value {
    let fields = usage.and_then(Value::as_object).into_iter().flatten();
    let numbers = fields.filter(|(_, value)| value.is_number()).take(16);
    let numbers: Map<String, Value> = numbers.map(|(name, value)| (name.clone(), value.clone())).collect();
    if numbers.is_empty() { Value::Null } else { Value::Object(numbers) }
}

/// Whether this is vLLM's response to the uuid of a picture that it no longer has, which is not a fault.
fn is_cache_miss(refusal: &Refusal) -> bool {
    refusal.status == 400 && refusal.message.to_lowercase().contains("cache miss")
}
