//! Writes the body of a chat request in a server's dialect.
//!
//! Every sampling field is written, as servers take the default of a missing one from the model's own files. Parts keep the
//! question's order, so that equal beginnings of questions stay equal and hit the server's prefix cache.

use std::sync::Arc;

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::{ChatOptions, Dialect, Draw, Encoded};
use crate::error::{AskError, ServiceError};
use crate::question::{ChatQuestion, Message, Part, Role, Shape};

/// The number of alternatives requested for each token, which is vLLM's default maximum.
const ALTERNATIVES: u32 = 20;

#[derive(Serialize)]
struct Body<'a> {
    model: &'a str,
    messages: Vec<WireMessage<'a>>,
    #[serde(flatten)]
    fields: Map<String, Value>,
}

#[derive(Serialize)]
struct WireMessage<'a> {
    role: Role,
    content: Content<'a>,
}

/// The content of a message. A single text is sent as a plain string, because the templates of some models accept nothing else as a
/// system message.
#[derive(Serialize)]
#[serde(untagged)]
enum Content<'a> {
    Text(&'a str),
    Pieces(Vec<Piece<'a>>),
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Piece<'a> {
    Text {
        text: &'a str,
    },
    ImageUrl {
        image_url: Option<Url>,
        #[serde(skip_serializing_if = "Option::is_none")]
        uuid: Option<String>,
    },
}

#[derive(Serialize)]
struct Url {
    url: String,
}

/// Returns the body as JSON. `pictures` are those of `question.pictures()`, in their order. Pictures whose uuid is in `known` are
/// sent by uuid only.
///
/// # Errors
///
/// Fails if there are fewer pictures than the question has, which is a bug of the caller.
pub(super) fn write(
    question: &ChatQuestion,
    pictures: &[Arc<Encoded>],
    known: &[[u8; 32]],
    model: &str,
    options: &ChatOptions,
    draw: Draw,
) -> Result<Vec<u8>, AskError> {
    let mut pictures = pictures.iter();
    let mut messages = Vec::with_capacity(question.messages.len());
    for message in &question.messages {
        messages.push(wire_message(message, &mut pictures, known, options)?);
    }
    let body = Body { model, messages, fields: fields(question, options, draw) };
    serde_json::to_vec(&body).map_err(|error| ServiceError::bug("chat", error.to_string()).into())
}

fn wire_message<'a>(
    message: &'a Message,
    pictures: &mut impl Iterator<Item = &'a Arc<Encoded>>,
    known: &[[u8; 32]],
    options: &ChatOptions,
) -> Result<WireMessage<'a>, AskError> {
    if let [Part::Text(text)] = message.parts.as_slice() {
        return Ok(WireMessage { role: message.role, content: Content::Text(text) });
    }
    let mut pieces = Vec::with_capacity(message.parts.len());
    for part in &message.parts {
        pieces.push(match part {
            Part::Text(text) => Piece::Text { text },
            Part::Picture(_) => {
                let picture = pictures.next().ok_or_else(|| ServiceError::bug("chat", "a picture is missing"))?;
                let is_known = known.contains(picture.uuid());
                Piece::ImageUrl {
                    image_url: (!is_known).then_some(Url { url: picture.url() }),
                    uuid: options.by_uuid.then(|| blake3::Hash::from_bytes(*picture.uuid()).to_hex().to_string()),
                }
            }
        });
    }
    Ok(WireMessage { role: message.role, content: Content::Pieces(pieces) })
}

/// All fields of the body but the model and the messages.
fn fields(question: &ChatQuestion, options: &ChatOptions, draw: Draw) -> Map<String, Value> {
    let sampling = &question.sampling;
    let dialect = options.dialect;
    let mut fields = Map::new();
    let mut set = |name: &str, value: Value| drop(fields.insert(name.to_owned(), value));
    set("temperature", json!(sampling.temperature));
    set("top_p", json!(sampling.top_p));
    set("presence_penalty", json!(sampling.presence_penalty));
    set("frequency_penalty", json!(sampling.frequency_penalty));
    draw.seed.iter().for_each(|seed| set("seed", json!(seed)));
    set("n", json!(draw.n));
    set("stream", json!(false));
    set(if dialect == Dialect::Openai { "max_completion_tokens" } else { "max_tokens" }, json!(sampling.max_tokens));
    if sampling.logprobs {
        set("logprobs", json!(true));
        set("top_logprobs", json!(ALTERNATIVES));
    }
    if dialect != Dialect::Openai {
        set("top_k", json!(sampling.top_k));
        set("min_p", json!(sampling.min_p));
        set("repetition_penalty", json!(sampling.repetition_penalty));
        options.priority.iter().for_each(|priority| set("priority", json!(priority)));
        if question.thinking_off {
            set("chat_template_kwargs", json!({"enable_thinking": false}));
        }
    }
    match (&question.shape, dialect) {
        (Shape::Free | Shape::Boxes, _) => {}
        (Shape::Choice(options), Dialect::Vllm) => set("structured_outputs", json!({"choice": options})),
        (Shape::Json(schema), Dialect::Vllm) => set("structured_outputs", json!({"json": schema})),
        // An object with one string. Parsers of choices accept it like the plain option.
        (Shape::Choice(options), Dialect::Sglang | Dialect::Openai) => {
            let answer = json!({"type": "string", "enum": options});
            set(
                "response_format",
                response_format(&json!({
                    "type": "object", "properties": {"answer": answer}, "required": ["answer"], "additionalProperties": false,
                })),
            );
        }
        (Shape::Json(schema), Dialect::Sglang | Dialect::Openai) => set("response_format", response_format(schema)),
    }
    fields
}

fn response_format(schema: &Value) -> Value {
    json!({"type": "json_schema", "json_schema": {"name": "answer", "schema": schema, "strict": true}})
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::question::Sampling;

    fn question(shape: Shape) -> ChatQuestion {
        let sampling = Sampling {
            temperature: 0.7,
            top_p: 1.0,
            top_k: -1,
            min_p: 0.0,
            repetition_penalty: 1.0,
            presence_penalty: 0.0,
            frequency_penalty: 0.0,
            max_tokens: 64,
            logprobs: true,
        };
        let parts = vec![Part::Text("who?".into())];
        ChatQuestion { messages: vec![Message { role: Role::User, parts }], shape, sampling, thinking_off: true }
    }

    fn written(shape: Shape, dialect: Dialect) -> Value {
        let options = ChatOptions { dialect, by_uuid: false, priority: Some(-3), other_model: false };
        let body = write(&question(shape), &[], &[], "m", &options, Draw { n: 2, seed: Some(7) }).unwrap();
        serde_json::from_slice(&body).unwrap()
    }

    #[test]
    fn each_dialect_has_its_own_fields() {
        let choice = || Shape::Choice(vec!["A".into(), "B".into()]);
        let vllm = written(choice(), Dialect::Vllm);
        assert_eq!(
            vllm,
            json!({
                "model": "m", "messages": [{"role": "user", "content": "who?"}], "temperature": 0.7, "top_p": 1.0, "top_k": -1,
                "min_p": 0.0, "repetition_penalty": 1.0, "presence_penalty": 0.0, "frequency_penalty": 0.0, "max_tokens": 64,
                "logprobs": true, "top_logprobs": 20, "seed": 7, "n": 2, "stream": false, "priority": -3,
                "chat_template_kwargs": {"enable_thinking": false}, "structured_outputs": {"choice": ["A", "B"]},
            })
        );
        let sglang = written(choice(), Dialect::Sglang);
        assert_eq!(
            sglang["response_format"]["json_schema"]["schema"]["properties"]["answer"]["enum"],
            json!(["A", "B"])
        );
        assert_eq!(sglang["top_k"], -1);
        let openai = written(Shape::Json(json!({"type": "object"})), Dialect::Openai);
        assert_eq!(openai["response_format"]["json_schema"]["schema"], json!({"type": "object"}));
        for other in ["top_k", "min_p", "repetition_penalty", "priority", "chat_template_kwargs", "max_tokens"] {
            assert!(openai.get(other).is_none(), "{other}");
        }
        for body in [vllm, sglang, openai] {
            assert!(!body.to_string().contains("guided"));
        }
    }
}
