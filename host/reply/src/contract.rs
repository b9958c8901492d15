//! Checks that a response body has the shape of an OpenAI-style chat completion.

use serde_json::{Map, Value};

/// A response body does not have the shape of a chat completion. It does not count as an answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{why}")]
pub struct Breach {
    /// What is wrong and where, for people.
    pub why: String,
}

impl Breach {
    fn new(why: impl Into<String>) -> Self {
        Self { why: why.into() }
    }
}

/// Checks the body of a response to a request for `n` choices. Returns the choices in the order of their indices.
///
/// The body must hold exactly `n` choices with the indices 0 to n − 1. Each must have a message whose content is a text, null or
/// a list of texts, a `finish_reason` that is a text or null, and only numbers or null as log-probabilities, if it has any.
/// Empty, cut off and refused answers are valid.
///
/// # Errors
///
/// Returns a [`Breach`] if the body does not have this shape or reports an error.
pub fn contract(body: &Value, n: usize) -> Result<Vec<&Value>, Breach> {
    let Value::Object(fields) = body else {
        return Err(Breach::new(format!("the body is {}, not a JSON object", type_name(body))));
    };
    if let Some(message) = error(fields) {
        return Err(Breach::new(format!("the body is an error: {message}")));
    }
    let Some(Value::Array(choices)) = fields.get("choices") else {
        return Err(Breach::new("the body has no list of choices"));
    };
    if choices.len() != n {
        return Err(Breach::new(format!("the body has {} choices where {n} were asked for", choices.len())));
    }
    let mut ordered = vec![None; n];
    for (at, choice) in choices.iter().enumerate() {
        let index = choice.get("index").and_then(Value::as_u64).and_then(|index| usize::try_from(index).ok());
        let Some(index) = index else { return Err(Breach::new(format!("choices[{at}] has no index"))) };
        let Some(slot) = ordered.get_mut(index) else {
            return Err(Breach::new(format!("choices[{at}] has the index {index}, of {n} choices")));
        };
        if slot.replace(choice).is_some() {
            return Err(Breach::new(format!("two choices have the index {index}")));
        }
        Parts::of(choice).map_err(|breach| Breach::new(format!("choices[{at}]: {breach}")))?;
    }
    Ok(ordered.into_iter().flatten().collect())
}

/// The message of a body that reports an error; `None` if it does not.
fn error(body: &Map<String, Value>) -> Option<String> {
    let error = match body.get("error") {
        Some(Value::Null) | None if body.get("object").and_then(Value::as_str) == Some("error") => body.get("message"),
        Some(Value::Null) | None => return None,
        Some(error) => error.get("message").or(Some(error)),
    };
    Some(match error {
        Some(Value::String(message)) => message.clone(),
        Some(other) => other.to_string(),
        None => "it does not say which".into(),
    })
}

/// The parts of one choice.
pub(crate) struct Parts<'a> {
    /// The content, with its parts joined; empty if it is null.
    pub(crate) content: String,
    /// `reasoning`, or `reasoning_content` if that is empty.
    pub(crate) reasoning: &'a str,
    pub(crate) refusal: &'a str,
    pub(crate) finish: &'a str,
    /// Whether the message has calls of tools.
    pub(crate) calls_tools: bool,
    pub(crate) tokens: Vec<Position<'a>>,
}

/// One token of `logprobs.content`.
pub(crate) struct Position<'a> {
    pub(crate) token: TokenLogprob<'a>,
    pub(crate) alternatives: Vec<TokenLogprob<'a>>,
}

/// A token and the natural logarithm of its probability.
pub(crate) type TokenLogprob<'a> = (&'a str, f64);

impl<'a> Parts<'a> {
    pub(crate) fn of(choice: &'a Value) -> Result<Self, Breach> {
        let Some(Value::Object(message)) = choice.get("message") else {
            return Err(Breach::new("there is no message"));
        };
        let text = |name| optional_text(message.get(name)).map_err(|found| Breach::new(format!("{name} is {found}")));
        let (reasoning, reasoning_content, refusal) =
            (text("reasoning")?, text("reasoning_content")?, text("refusal")?);
        let finish = optional_text(choice.get("finish_reason"));
        let calls = message.get("tool_calls").and_then(Value::as_array).is_some_and(|calls| !calls.is_empty());
        Ok(Self {
            content: content(message.get("content"))?,
            reasoning: if reasoning.is_empty() { reasoning_content } else { reasoning },
            refusal,
            finish: finish.map_err(|found| Breach::new(format!("finish_reason is {found}")))?,
            calls_tools: calls || message.get("function_call").is_some_and(Value::is_object),
            tokens: token_positions(choice.get("logprobs"))?,
        })
    }
}

fn content(content: Option<&Value>) -> Result<String, Breach> {
    match content {
        Some(Value::Array(parts)) => {
            let texts = parts.iter().map(|part| match (part.get("type").and_then(Value::as_str), part.get("text")) {
                (Some("text"), Some(Value::String(text))) => Ok(text.as_str()),
                _ => Err(Breach::new("a part of the content is not a text")),
            });
            texts.collect()
        }
        other => {
            let text = optional_text(other);
            Ok(text.map_err(|found| Breach::new(format!("content is {found}")))?.to_owned())
        }
    }
}

/// The text of a value; empty if it is null or missing. The error says what the value is instead.
fn optional_text(value: Option<&Value>) -> Result<&str, String> {
    match value {
        Some(Value::String(text)) => Ok(text),
        Some(Value::Null) | None => Ok(""),
        Some(other) => Err(format!("{}, not a text or null", type_name(other))),
    }
}

fn token_positions(logprobs: Option<&Value>) -> Result<Vec<Position<'_>>, Breach> {
    let content = match logprobs {
        Some(Value::Null) | None => return Ok(Vec::new()),
        Some(Value::Object(logprobs)) => logprobs.get("content"),
        Some(other) => return Err(Breach::new(format!("logprobs is {}, not an object or null", type_name(other)))),
    };
    let positions = list(content, "logprobs.content")?.iter().enumerate().map(|(at, position)| {
        let within = |breach| Breach::new(format!("logprobs.content[{at}]: {breach}"));
        let alternatives = list(position.get("top_logprobs"), "top_logprobs").map_err(within)?;
        Ok(Position {
            token: token_logprob(position).map_err(within)?,
            alternatives: alternatives
                .iter()
                .map(|other| token_logprob(other).map_err(within))
                .collect::<Result<_, _>>()?,
        })
    });
    positions.collect()
}

fn list<'a>(value: Option<&'a Value>, name: &str) -> Result<&'a [Value], Breach> {
    match value {
        Some(Value::Array(list)) => Ok(list),
        Some(Value::Null) | None => Ok(&[]),
        Some(other) => Err(Breach::new(format!("{name} is {}, not a list or null", type_name(other)))),
    }
}

/// A token and its log-probability. Servers write null if that is not finite, which is read as −∞.
fn token_logprob(value: &Value) -> Result<TokenLogprob<'_>, Breach> {
    let Some(Value::String(token)) = value.get("token") else { return Err(Breach::new("there is no token")) };
    match value.get("logprob") {
        Some(Value::Null) => Ok((token, f64::NEG_INFINITY)),
        Some(Value::Number(number)) => match number.as_f64().filter(|logprob| logprob.is_finite()) {
            Some(logprob) => Ok((token, logprob)),
            None => Err(Breach::new(format!("the logprob {number} is not finite"))),
        },
        _ => Err(Breach::new("the logprob is neither a number nor null")),
    }
}

fn type_name(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}
