//! A vision-language model behind a server with OpenAI's chat completions: vLLM first, and others where they differ.

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

/// How a server is spoken to. No answer depends on it.
#[derive(Clone, Debug)]
pub struct ChatOptions {
    /// Whose server it is.
    pub dialect: Dialect,
    /// Whether pictures that the server has seen are named and not sent again. Only vLLM can.
    pub by_uuid: bool,
    /// Sent as it is: lower goes first at a server that schedules by priority.
    pub priority: Option<i64>,
}

/// What tells draws of one question apart on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Draw {
    /// How many answers are wanted, at least one.
    pub n: u32,
    /// The seed of the first; a server counts on from it.
    pub seed: u32,
}

/// What a server answered.
#[derive(Clone, Debug, PartialEq)]
pub struct Completed {
    /// The choices, in the order of their indices, each as it came; as many as were wanted.
    pub choices: Vec<Value>,
    /// Tokens, as the server counts them; null where it does not. Of all choices together.
    pub usage: Value,
    /// The fingerprint that it gives of itself; empty where it gives none.
    pub server: String,
    /// Seconds from sending to the answer's end.
    pub seconds: f64,
    /// BLAKE3 of the body that was sent, in hexadecimal digits.
    pub sent: String,
}

/// One server.
pub struct ChatClient {
    http: Http,
    remote: Remote,
    model: String,
    options: ChatOptions,
    uploads: Uploads,
}

impl ChatClient {
    /// The server that has this model; `remote.url` ends in `/v1`, as the original system has it.
    pub fn new(http: Http, remote: Remote, model: String, options: ChatOptions) -> Self {
        Self { http, remote, model, options, uploads: Uploads::default() }
    }

    /// Where it is.
    pub fn url(&self) -> &str {
        &self.remote.url
    }

    /// Puts a question. `pictures` are those of `question.pictures()`, in their order. Where the server has forgotten a picture, all
    /// are sent, once. Dropping the future drops the connection, by which vLLM aborts the request.
    ///
    /// # Errors
    ///
    /// An answer that does not keep to the contract is an error. One that is empty, cut off by its length or a refusal is an answer.
    pub async fn complete(
        &self,
        question: &ChatQuestion,
        pictures: &[Arc<Encoded>],
        draw: Draw,
    ) -> Result<Completed, AskError> {
        let known = if self.options.by_uuid { self.uploads.known(pictures) } else { Vec::new() };
        match self.send(question, pictures, &known, draw).await {
            // A picture that was named is not there. Where the server says something else of it, it does not keep pictures at all.
            Err(refusal) if !known.is_empty() && refusal.status == 400 => {
                if is_cache_miss(&refusal) {
                    self.uploads.forget(&known)
                } else {
                    self.uploads.give_up()
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
            self.uploads.note(pictures);
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
            // The server gave up on it; a model that stops by itself, at its length or before something says so.
            if let Some(reason @ ("abort" | "error")) = choice.get("finish_reason").and_then(Value::as_str) {
                return Err(breach(&format!("a choice is finished by {reason:?}")));
            }
            // What cannot be taken apart is no answer.
            rescue_reply::said(choice, Thinking::Auto).map_err(|error| breach(&error))?;
        }
        let choices = choices.into_iter().cloned().collect();
        let server = reply.body.get("system_fingerprint").and_then(Value::as_str).unwrap_or_default().to_owned();
        let usage = counts(reply.body.get("usage"));
        Ok(Completed { choices, usage, server, seconds: reply.seconds, sent })
    }
}

/// The numbers of what a server counts, and nothing else of it.
fn counts(usage: Option<&Value>) -> Value {
    let fields = usage.and_then(Value::as_object).into_iter().flatten();
    let numbers = fields.filter(|(_, value)| value.is_number()).take(16);
    let numbers: Map<String, Value> = numbers.map(|(name, value)| (name.clone(), value.clone())).collect();
    if numbers.is_empty() { Value::Null } else { Value::Object(numbers) }
}

/// vLLM's answer to a picture named by a uuid that it does not hold. It is no fault.
fn is_cache_miss(refusal: &Refusal) -> bool {
    refusal.status == 400 && refusal.message.to_lowercase().contains("cache miss")
}
