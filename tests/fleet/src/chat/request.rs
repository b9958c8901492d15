//! Parses chat requests.

use std::sync::Arc;

use rescue_core::Digest;
use serde_json::{Map, Value, json};

use crate::limits::{MAX_CHOICES, MAX_IMAGES, MAX_LOGPROBS, MAX_OPTIONS};
use crate::serve::{object_of, picture_bytes, text_of};
use crate::vision::Analysis;

/// The fields that vLLM or SGLang know. Other fields are ignored, as these servers do, and counted.
const KNOWN: [&str; 37] = [
    "add_generation_prompt",
    "cache_salt",
    "chat_template_kwargs",
    "continue_final_message",
    "frequency_penalty",
    "ignore_eos",
    "include_reasoning",
    "logit_bias",
    "logprobs",
    "max_completion_tokens",
    "max_tokens",
    "messages",
    "min_p",
    "min_tokens",
    "mm_processor_kwargs",
    "model",
    "n",
    "presence_penalty",
    "priority",
    "reasoning_effort",
    "repetition_penalty",
    "request_id",
    "response_format",
    "seed",
    "separate_reasoning",
    "skip_special_tokens",
    "stop",
    "stop_token_ids",
    "stream",
    "stream_options",
    "structured_outputs",
    "temperature",
    "thinking_token_budget",
    "top_k",
    "top_logprobs",
    "top_p",
    "user",
];

/// A piece of a prompt.
#[derive(Debug)]
pub(super) enum Piece {
    Text(String),
    Image(Image),
}

/// A picture: its bytes, the `uuid` of one that came before, or both.
#[derive(Debug)]
pub(super) struct Image {
    pub(super) bytes: Option<Vec<u8>>,
    pub(super) uuid: Option<String>,
}

/// The requested format of the answer.
#[derive(Debug)]
pub(super) enum Form {
    Free,
    Choice(Vec<String>),
    Json(Value),
}

/// A chat request.
#[derive(Debug)]
pub(super) struct ChatRequest {
    pub(super) model: String,
    pub(super) pieces: Vec<Piece>,
    pub(super) n: u64,
    pub(super) seed: i64,
    pub(super) temperature: f64,
    pub(super) max_tokens: Option<u64>,
    pub(super) form: Form,
    /// How many alternatives are reported for each token. `None` if no probabilities are reported at all.
    pub(super) logprobs: Option<u64>,
    pub(super) unknown: Vec<String>,
}

impl ChatRequest {
    /// # Errors
    ///
    /// Returns a message that says what is wrong with the request.
    pub(super) fn read(body: &Value) -> Result<Self, String> {
        let fields = object_of(body, "the body")?;
        let unknown = fields.keys().filter(|name| !KNOWN.contains(&name.as_str())).cloned().collect();
        let given = |name: &str| fields.get(name).filter(|value| !value.is_null());
        let whole = |name: &str| match given(name) {
            None => Ok(None),
            Some(value) => value.as_u64().map(Some).ok_or_else(|| format!("{name} is not a whole number from 0")),
        };
        if given("stream").is_some_and(|stream| stream != &Value::Bool(false)) {
            return Err("this server does not stream".to_owned());
        }
        let n = whole("n")?.unwrap_or(1);
        if !(1..=MAX_CHOICES).contains(&n) {
            return Err(format!("n is {n}; it is 1 to {MAX_CHOICES}"));
        }
        let temperature = match given("temperature") {
            None => 1.0,
            Some(value) => value.as_f64().filter(|t| (0.0..=2.0).contains(t)).ok_or("temperature is not 0 to 2")?,
        };
        let seed = match given("seed") {
            None => 0,
            Some(value) => value.as_i64().ok_or("seed is not a whole number")?,
        };
        let max_tokens = whole("max_completion_tokens")?.or(whole("max_tokens")?);
        if max_tokens == Some(0) {
            return Err("max_tokens must be at least 1, got 0.".to_owned());
        }
        let top = whole("top_logprobs")?.unwrap_or(0);
        if top > MAX_LOGPROBS {
            return Err(format!(
                "Requested sample logprobs of {top}, which is greater than max allowed: {MAX_LOGPROBS}"
            ));
        }
        let logprobs = (given("logprobs") == Some(&Value::Bool(true))).then_some(top);
        if logprobs.is_none() && top > 0 {
            return Err("when using `top_logprobs`, `logprobs` must be set to true.".to_owned());
        }
        Ok(Self {
            model: text_of(body, "model")?.to_owned(),
            pieces: pieces(fields)?,
            n,
            seed,
            temperature,
            max_tokens,
            form: form(fields)?,
            logprobs,
            unknown,
        })
    }

    pub(super) fn images(&self) -> impl Iterator<Item = &Image> {
        self.pieces.iter().filter_map(|piece| match piece {
            Piece::Image(image) => Some(image),
            Piece::Text(_) => None,
        })
    }

    /// All text of the prompt, joined by line breaks.
    pub(super) fn text(&self) -> String {
        let texts = self.pieces.iter().filter_map(|piece| match piece {
            Piece::Text(text) => Some(text.as_str()),
            Piece::Image(_) => None,
        });
        texts.collect::<Vec<_>>().join("\n")
    }

    /// The digest of all that an answer may depend on. It is the same whether pictures came as bytes or by `uuid`.
    pub(super) fn meaning(&self, analyses: &[Arc<Analysis>]) -> Digest {
        let mut analyses = analyses.iter();
        let pieces: Vec<_> = self
            .pieces
            .iter()
            .map(|piece| match piece {
                Piece::Text(text) => json!({ "text": text }),
                Piece::Image(_) => json!({ "image": analyses.next().map(|analysis| analysis.digest.to_string()) }),
            })
            .collect();
        let form = match &self.form {
            Form::Free => Value::Null,
            Form::Choice(options) => json!(options),
            Form::Json(schema) => schema.clone(),
        };
        let all = json!([self.model, pieces, self.temperature, self.max_tokens, form]);
        Digest::of(all.to_string().as_bytes())
    }
}

fn pieces(fields: &Map<String, Value>) -> Result<Vec<Piece>, String> {
    let messages = fields.get("messages").and_then(Value::as_array).ok_or("messages is missing or no list")?;
    let mut pieces = Vec::new();
    for message in messages {
        let role = text_of(message, "role")?;
        if !["system", "developer", "user", "assistant"].contains(&role) {
            return Err(format!("there is no role {role:?}"));
        }
        match message.get("content") {
            Some(Value::String(text)) => pieces.push(Piece::Text(text.clone())),
            Some(Value::Array(parts)) => {
                for part in parts {
                    pieces.push(match text_of(part, "type")? {
                        "text" => Piece::Text(text_of(part, "text")?.to_owned()),
                        "image_url" => Piece::Image(image(part)?),
                        kind => return Err(format!("there are no parts of type {kind:?}")),
                    });
                }
            }
            _ => return Err("a message has no content".to_owned()),
        }
    }
    let images = pieces.iter().filter(|piece| matches!(piece, Piece::Image(_))).count();
    if pieces.is_empty() {
        return Err("there are no messages".to_owned());
    }
    if images > MAX_IMAGES {
        return Err(format!("At most {MAX_IMAGES} image(s) may be provided in one prompt."));
    }
    Ok(pieces)
}

fn image(part: &Value) -> Result<Image, String> {
    let uuid = match part.get("uuid") {
        None | Some(Value::Null) => None,
        Some(uuid) => Some(uuid.as_str().ok_or("uuid is no text")?.to_owned()),
    };
    let bytes = match part.get("image_url") {
        None | Some(Value::Null) => None,
        Some(image) => {
            let url = text_of(image, "url")?;
            if !url.starts_with("data:image/") {
                return Err("a picture's url does not begin with data:image/".to_owned());
            }
            Some(picture_bytes(url)?)
        }
    };
    Ok(Image { bytes, uuid })
}

fn form(fields: &Map<String, Value>) -> Result<Form, String> {
    let given = |name: &str| fields.get(name).filter(|value| !value.is_null());
    if let Some(outputs) = given("structured_outputs") {
        if let Some(options) = outputs.get("choice").filter(|options| !options.is_null()) {
            let options = options.as_array().ok_or("structured_outputs.choice is no list")?;
            let texts: Option<Vec<_>> = options.iter().map(|option| option.as_str().map(str::to_owned)).collect();
            let texts = texts.ok_or("an option of structured_outputs.choice is no text")?;
            if texts.is_empty() || texts.len() > MAX_OPTIONS {
                return Err(format!("structured_outputs.choice has {} options; 1 to {MAX_OPTIONS}", texts.len()));
            }
            return Ok(Form::Choice(texts));
        }
        let schema = outputs.get("json").filter(|schema| !schema.is_null());
        return schema_of(schema.ok_or("structured_outputs has neither choice nor json; nothing else is understood")?);
    }
    let Some(format) = given("response_format") else { return Ok(Form::Free) };
    match text_of(format, "type")? {
        // `json_object` allows any object; the prompt says which one is wanted.
        "text" | "json_object" => Ok(Form::Free),
        "json_schema" => {
            schema_of(format.pointer("/json_schema/schema").ok_or("response_format.json_schema.schema is missing")?)
        }
        kind => Err(format!("there is no response_format {kind:?}")),
    }
}

/// Reads a schema, which may also be given as JSON text.
fn schema_of(schema: &Value) -> Result<Form, String> {
    let schema = match schema {
        Value::String(text) => {
            serde_json::from_str(text).map_err(|error| format!("the schema is not JSON: {error}"))?
        }
        other => other.clone(),
    };
    object_of(&schema, "the schema")?;
    Ok(Form::Json(schema))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(change: impl FnOnce(&mut Value)) -> Result<ChatRequest, String> {
        let mut body = json!({ "model": "m", "messages": [{ "role": "user", "content": "hello" }] });
        change(&mut body);
        ChatRequest::read(&body)
    }

    #[test]
    fn unknown_fields_are_named_and_wrong_ones_refused() {
        assert_eq!(read(|body| body["guided_json"] = json!({})).unwrap().unknown, ["guided_json"]);
        assert_eq!(read(|body| body["seed"] = json!(-3)).unwrap().seed, -3);
        let long: Vec<_> = (0..=MAX_OPTIONS).map(|index| index.to_string()).collect();
        for (name, value) in [
            ("n", json!(0)),
            ("n", json!(65)),
            ("temperature", json!(2.1)),
            ("max_tokens", json!(0)),
            ("top_logprobs", json!(2)),
            ("stream", json!(true)),
            ("messages", json!([])),
            ("messages", json!([{ "role": "tool", "content": "x" }])),
            ("messages", json!([{ "role": "user", "content": [{ "type": "audio" }] }])),
            ("structured_outputs", json!({ "regex": "x" })),
            ("structured_outputs", json!({ "choice": [] })),
            ("structured_outputs", json!({ "choice": long })),
            ("response_format", json!({ "type": "json_schema" })),
        ] {
            assert!(read(|body| body[name] = value.clone()).is_err(), "{name} {value}");
        }
        let images = vec![json!({ "type": "image_url", "uuid": "u", "image_url": null }); MAX_IMAGES + 1];
        assert!(read(|body| body["messages"][0]["content"] = json!(images)).is_err());
        assert!(read(|body| body["messages"][0]["content"] = json!(images[1..])).is_ok());
    }

    #[test]
    fn the_meaning_does_not_depend_on_n_seed_or_priority() {
        let meaning = |name: &str, value: Value| read(|body| body[name] = value).unwrap().meaning(&[]);
        let plain = meaning("n", json!(1));
        assert_eq!(meaning("n", json!(8)), plain);
        assert_eq!(meaning("seed", json!(8)), plain);
        assert_eq!(meaning("priority", json!(8)), plain);
        assert_ne!(meaning("temperature", json!(0.5)), plain);
        assert_ne!(meaning("structured_outputs", json!({ "choice": ["A"] })), plain);
    }
}
