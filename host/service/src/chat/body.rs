//! Writes the body of a chat request in a server's dialect.
//!
//! Every sampling field is written, as servers take the default of a missing one from the model's own files. Parts keep the
//! question's order, so that equal beginnings of questions stay equal and hit the server's prefix cache.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::{ChatOptions, Dialect, Draw};
use crate::body::{Body, Encoded};
use crate::error::{AskError, ServiceError};
use crate::question::{ChatQuestion, Part, Shape};

/// The number of alternatives requested for each token, which is vLLM's default maximum.
const ALTERNATIVES: u32 = 20;

/// Returns the body. `pictures` are those of `question.pictures()`, in their order. Pictures whose uuid is in `known` are sent by uuid only.
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
) -> Result<Body, AskError> {
    let bug = |error: serde_json::Error| ServiceError::bug("chat", error.to_string());
    let mut pictures = pictures.iter();
    let mut body = Body::default().raw("{\"model\":").json(&model).map_err(bug)?.raw(",\"messages\":[");
    for (number, message) in question.messages.iter().enumerate() {
        body = body.raw(if number == 0 { "{\"role\":" } else { ",{\"role\":" }).json(&message.role).map_err(bug)?;
        body = body.raw(",\"content\":");
        // A single text is sent as a plain string, because the templates of some models accept nothing else as a system message.
        body = match message.parts.as_slice() {
            [Part::Text(text)] => body.json(text).map_err(bug)?,
            parts => pieces(body, parts, &mut pictures, known, options)?,
        };
        body = body.raw("}");
    }
    Ok(body.raw("],").fields(&fields(question, options, draw)).map_err(bug)?.raw("}"))
}

fn pieces<'a>(
    mut body: Body,
    parts: &[Part],
    pictures: &mut impl Iterator<Item = &'a Arc<Encoded>>,
    known: &[[u8; 32]],
    options: &ChatOptions,
) -> Result<Body, AskError> {
    body = body.raw("[");
    for (number, part) in parts.iter().enumerate() {
        body = body.raw(if number == 0 { "{\"type\":" } else { ",{\"type\":" });
        body = match part {
            Part::Text(text) => {
                let text = body.raw("\"text\",\"text\":").json(text);
                text.map_err(|error| ServiceError::bug("chat", error.to_string()))?
            }
            Part::Picture(_) => {
                let picture = pictures.next().ok_or_else(|| ServiceError::bug("chat", "a picture is missing"))?;
                let body = body.raw("\"image_url\",\"image_url\":");
                let body = match known.contains(picture.uuid()) {
                    true => body.raw("null"),
                    false => body.raw("{\"url\":\"data:image/jpeg;base64,").base64(picture).raw("\"}"),
                };
                match options.by_uuid {
                    true => {
                        let uuid = blake3::Hash::from_bytes(*picture.uuid()).to_hex();
                        body.raw(",\"uuid\":\"").raw(&uuid).raw("\"")
                    }
                    false => body,
                }
            }
        };
        body = body.raw("}");
    }
    Ok(body.raw("]"))
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
        options.priority.iter().for_each(|priority| set("priority", json!(priority + i64::from(draw.priority_offset))));
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
    use crate::question::{Message, Role, Sampling};

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
        let options = ChatOptions { dialect, by_uuid: false, priority: Some(-8), other_model: false };
        let body =
            write(&question(shape), &[], &[], "m", &options, Draw { n: 2, seed: Some(7), priority_offset: 5 }).unwrap();
        body.to_json()
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
