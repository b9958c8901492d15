//! Client of a vision-language model behind OpenAI's chat completions API, as vLLM, SGLang and others serve it.

mod body;
mod dialect;
mod load;
mod uploads;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use rescue_reply::Thinking;
use serde_json::{Map, Value};

pub use self::dialect::Dialect;
pub use self::load::ServerLoad;

use self::uploads::Uploads;
use crate::advice::is_no_feature;
use crate::body::Encoded;
use crate::error::{AskError, ServiceError};
use crate::feature::Feature;
use crate::http::{Http, Refusal, Remote, Reply, limits};
use crate::question::ChatQuestion;
use crate::survey::root;

/// How to talk to a server. No answer depends on it.
#[derive(Clone, Debug)]
pub struct ChatOptions {
    /// The server's dialect.
    pub dialect: Dialect,
    /// Whether pictures that the server has received before are sent by uuid only. Only vLLM supports this.
    pub by_uuid: bool,
    /// The priority of the most urgent requests; a server that schedules by priority serves lower values first. `None` sends
    /// none. OpenAI's dialect has no such field.
    pub priority: Option<i64>,
    /// Whether a response may name another model than was asked for.
    pub other_model: bool,
}

/// How many answers to draw for one question, and with which seeds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Draw {
    /// The number of answers, at least one.
    pub n: u32,
    /// The seed of the first answer; the server counts up from it for the others. `None` sends none.
    pub seed: Option<u32>,
    /// What is added to [`ChatOptions::priority`]: requests with a higher value are less urgent.
    pub priority_offset: u32,
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

/// A trial of all optional parts. If it is dropped before it has come to an end, the next refusal is tried.
struct Trial<'a>(Option<&'a AtomicBool>);

impl Drop for Trial<'_> {
    fn drop(&mut self) {
        if let Some(tried) = self.0 {
            tried.store(false, Ordering::Relaxed);
        }
    }
}

/// A client of one server.
pub struct ChatClient {
    http: Http,
    remote: Remote,
    model: String,
    options: ChatOptions,
    uploads: Uploads,
    /// Whether it was tried which optional part the server refuses. Its words name the part later on, or it refuses none.
    tried: AtomicBool,
    /// The part that this trial found. `None` if it found none, or its words name the part.
    found: OnceLock<Feature>,
}

impl ChatClient {
    /// A client of the server at `remote`, whose URL ends in `/v1`, for one of the server's models.
    pub fn new(http: Http, remote: Remote, model: String, options: ChatOptions) -> Self {
        Self {
            http,
            remote,
            model,
            options,
            uploads: Uploads::default(),
            tried: AtomicBool::new(false),
            found: OnceLock::new(),
        }
    }

    /// The server's URL.
    pub fn url(&self) -> &str {
        &self.remote.url
    }

    /// Whether servers of this dialect tell how much they have to do: only vLLM's do.
    pub fn may_tell_load(&self) -> bool {
        self.options.dialect == Dialect::Vllm
    }

    /// How much the server has to do. `None` if it does not tell: vLLM does, though not through every proxy.
    pub async fn server_load(&self) -> Option<ServerLoad> {
        let url = format!("{}/metrics", root(&self.remote.url));
        ServerLoad::read(&self.http.get_text(&self.remote, &url, limits::METRICS_BYTES).await?)
    }

    /// Sends a question and returns the server's choices. `pictures` are those of `question.pictures()`, in their order. If the
    /// server no longer has a picture that was sent by uuid, the request is sent once more with all pictures. Dropping the future
    /// closes the connection, which makes vLLM abort the request.
    ///
    /// # Errors
    ///
    /// Fails if the request fails or the response breaks the contract. If the server refuses an optional part of the request, the
    /// error is [`AskError::Feature`]. A choice that is empty, cut off at its token limit or refused by the model is an answer and not
    /// an error.
    pub async fn complete(
        &self,
        question: &ChatQuestion,
        pictures: &[Arc<Encoded>],
        draw: Draw,
    ) -> Result<Completed, AskError> {
        let refusal = match self.send_known(question, pictures, draw).await {
            Ok(completed) => return Ok(completed),
            Err(refusal) => refusal,
        };
        match self.refused_feature(question, pictures, draw, &refusal).await? {
            Some(feature) => Err(AskError::Feature { feature, cause: refusal.error.to_string() }),
            None => Err(refusal.error),
        }
    }

    /// The optional part that the server refuses: once that is left out, it answers, or names another part instead. The parts that its
    /// words name are tried; if they name none, all are, once. `None` if leaving out any of them changes nothing.
    ///
    /// # Errors
    ///
    /// Fails if the server does not answer a trial. The next refusal is tried again.
    async fn refused_feature(
        &self,
        question: &ChatQuestion,
        pictures: &[Arc<Encoded>],
        draw: Draw,
        refusal: &Refusal,
    ) -> Result<Option<Feature>, AskError> {
        let refuses = matches!(refusal.status, 400 | 422);
        if !refuses && !matches!(refusal.status, 403 | 500 | 501) {
            return Ok(None);
        }
        let used = |feature: &Feature| match feature {
            Feature::Seed => draw.seed.is_some(),
            other => other.is_used(question),
        };
        let named = |feature: &Feature| feature.is_named(&refusal.message);
        let mut tried: Vec<Feature> = Feature::ALL.into_iter().filter(used).filter(named).collect();
        let mut trial = Trial(None);
        if tried.is_empty() && refuses && !is_no_feature(&refusal.message) {
            if self.tried.swap(true, Ordering::Relaxed) {
                // The same words again: of another question, or because nobody acted on them.
                return Ok(self.found.get().copied().filter(used));
            }
            trial.0 = Some(&self.tried);
            tried = Feature::ALL.into_iter().filter(used).collect();
        }
        for feature in tried {
            let without = feature.without(question.clone());
            let seed = draw.seed.filter(|_| feature != Feature::Seed);
            let Err(refusal) = self.send_known(&without, pictures, Draw { seed, ..draw }).await else {
                if trial.0.take().is_some() {
                    let _ = self.found.set(feature); // The first trial counts.
                }
                return Ok(Some(feature));
            };
            let names_another = Feature::ALL.into_iter().filter(used).any(|other| other.is_named(&refusal.message));
            if names_another && !feature.is_named(&refusal.message) {
                trial.0 = None;
                return Ok(Some(feature));
            }
            // The trial says nothing.
            if matches!(refusal.error, AskError::Transient { .. } | AskError::Unreachable { .. }) {
                return Err(refusal.error);
            }
        }
        trial.0 = None;
        Ok(None)
    }

    async fn send_known(
        &self,
        question: &ChatQuestion,
        pictures: &[Arc<Encoded>],
        draw: Draw,
    ) -> Result<Completed, Refusal> {
        let known = if self.options.by_uuid { self.uploads.known(pictures) } else { Vec::new() };
        match self.send(question, pictures, &known, draw).await {
            // The server lacks a picture that was sent by uuid. If it does not call this a cache miss, it caches no pictures at all.
            Err(refusal) if !known.is_empty() && refusal.status == 400 => {
                if is_cache_miss(&refusal) {
                    self.uploads.forget(&known)
                } else {
                    self.uploads.disable()
                }
                self.send(question, pictures, &[], draw).await
            }
            other => other,
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
        let sent = body.digest();
        let reply = self.http.post(&self.remote, "/chat/completions", body, limits::CHAT_BYTES).await?;
        let completed = self.read(reply, draw, sent)?;
        if self.options.by_uuid {
            self.uploads.add(pictures);
        }
        Ok(completed)
    }

    /// Fails if the response names another model than was asked for.
    fn check_model(&self, body: &Value) -> Result<(), Refusal> {
        let answered = body.get("model").and_then(Value::as_str).unwrap_or_default();
        if self.options.other_model || answered.is_empty() || is_same_model(&self.model, answered) {
            return Ok(());
        }
        let (asked, url) = (&self.model, &self.remote.url);
        let cause = format!("{url} was asked for the model {asked:?}, and {answered:?} answers");
        let way_out = "Name the model that answers in the service's `model`, or allow it with `other-model` = true.";
        Err(Refusal { status: 200, message: String::new(), error: ServiceError::failed("chat", cause, way_out).into() })
    }

    fn read(&self, reply: Reply, draw: Draw, sent: String) -> Result<Completed, Refusal> {
        let breach = |how: &dyn std::fmt::Display| Refusal {
            status: 200,
            message: String::new(),
            error: AskError::breach(&self.remote.url, how),
        };
        self.check_model(&reply.body)?;
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

/// Whether two names are those of one model: equal but for case, a path or owner before it, a file's ending, or a date behind it
/// (`gpt-4o-2024-08-06` is a snapshot of `gpt-4o`).
fn is_same_model(asked: &str, answered: &str) -> bool {
    let bare = |name: &str| {
        let name = name.trim_end_matches('/').rsplit('/').next().unwrap_or_default().to_lowercase();
        name.trim_end_matches(".gguf").to_owned()
    };
    let (asked, answered) = (bare(asked), bare(answered));
    let dated = |long: &str, short: &str| {
        let date = long.strip_prefix(short).and_then(|rest| rest.strip_prefix(['-', '@', ':']));
        date.is_some_and(|date| date.len() >= 4 && date.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-'))
    };
    asked == answered || dated(&answered, &asked) || dated(&asked, &answered)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_model_may_be_named_with_its_owner_or_date() {
        for (asked, answered) in [
            ("gpt-4o", "gpt-4o-2024-08-06"),
            ("Qwen/Qwen3-VL-8B-Instruct", "qwen3-vl-8b-instruct"),
            ("model.gguf", "/models/model.gguf"),
            ("claude-x@20250101", "claude-x"),
        ] {
            assert!(is_same_model(asked, answered), "{asked} {answered}");
        }
        for (asked, answered) in
            [("gpt-4o", "gpt-4o-mini"), ("Qwen3-VL-8B", "Qwen3-VL-32B"), ("a", "b"), ("gpt-4o", "gpt-4o-2024-mini")]
        {
            assert!(!is_same_model(asked, answered), "{asked} {answered}");
        }
    }
}
