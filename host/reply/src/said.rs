//! Separates the answer in a reply from the thinking.

use serde_json::Value;

use crate::Breach;
use crate::contract::Parts;

/// Whether a model may think before it answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Thinking {
    /// The default of the model.
    Auto,
    /// The model was asked not to think. Some servers then return the answer as if it were thinking.
    Off,
}

/// The answer of a model.
#[derive(Clone, Debug, PartialEq)]
pub struct Said {
    /// The text of the answer, trimmed and without the thinking. Empty if there is none.
    pub text: String,
    /// The thinking; empty if there is none.
    pub reasoning: String,
    /// Whether the reply ended by itself; false if it was cut off.
    pub complete: bool,
    /// The refusal, if the model or a filter of the server refused to answer.
    pub refused: Option<String>,
    /// The tokens of thinking and answer. Empty if the server returned no probabilities.
    pub tokens: Vec<Token>,
}

/// A token of a reply.
#[derive(Clone, Debug, PartialEq)]
pub struct Token {
    /// The text of the token.
    pub text: String,
    /// The natural logarithm of its probability; −∞ if the server returned null.
    pub logprob: f64,
    /// The most likely tokens at this position and the logarithms of their probabilities, in the server's order. The token itself
    /// is usually among them.
    pub alternatives: Vec<(String, f64)>,
}

/// The tags around thinking: those of most models, of Kimi-VL, and of Seed-OSS.
const THINKING: [(&str, &str); 3] =
    [("<think>", "</think>"), ("◁think▷", "◁/think▷"), ("<seed:think>", "</seed:think>")];
/// Tokens that end a turn and are not of the form `<|…|>`.
const ENDS: [&str; 4] = ["</s>", "<eos>", "<end_of_turn>", "<|endoftext|>"];
/// Parts of the names of `<|…|>` tokens that belong to an answer.
const PARTS: [&str; 4] = ["box", "ref", "det", "point"];
/// The values of `finish_reason` for a reply that was cut off. "length" means that the token limit was reached; the others are
/// vLLM's.
const CUT_OFF: [&str; 3] = ["length", "abort", "error"];

/// Reads the answer and the thinking of one choice of a chat completion.
///
/// The thinking is in `reasoning`, in `reasoning_content`, or in the content before the last `</think>` (or another model's tag); the
/// opening tag may be missing, because it may be part of the prompt. If a `<think>` is not closed, the whole content is thinking and
/// the answer is empty. Tokens that end a turn, which some servers leave in the text, are not part of the answer. With [`Thinking::Off`], `reasoning` is the answer if the content is empty.
///
/// # Errors
///
/// Returns a [`Breach`] if the choice does not have the shape that [`contract`](crate::contract) checks.
pub fn said(choice: &Value, thinking: Thinking) -> Result<Said, Breach> {
    let parts = Parts::of(choice)?;
    let (given, content) = match thinking {
        Thinking::Off if parts.content.trim().is_empty() => ("", parts.reasoning),
        _ => (parts.reasoning, parts.content.as_str()),
    };
    let (thought, answer) = split(content);
    let refused = match (parts.refusal, parts.finish) {
        ("", "content_filter") => Some("the server's content filter ended the reply".to_owned()),
        ("", _) => None,
        (refusal, _) => Some(refusal.to_owned()),
    };
    let given = given.trim();
    let tokens = parts.tokens.into_iter().map(|position| Token {
        text: position.token.0.to_owned(),
        logprob: position.token.1,
        alternatives: position.alternatives.into_iter().map(|(text, logprob)| (text.to_owned(), logprob)).collect(),
    });
    Ok(Said {
        text: answer.to_owned(),
        reasoning: if given.is_empty() || thought.is_empty() {
            format!("{given}{thought}")
        } else {
            format!("{given}\n{thought}")
        },
        complete: !CUT_OFF.contains(&parts.finish),
        refused,
        tokens: tokens.collect(),
    })
}

/// Splits a content into thinking and answer.
fn split(content: &str) -> (&str, &str) {
    let used = THINKING.iter().find(|(open, close)| content.contains(open) || content.contains(close));
    let Some((open, close)) = used else { return ("", without_ends(content)) };
    let (thought, answer) = content.rsplit_once(close).unwrap_or(("", content));
    let (thought, answer) = if answer.contains(open) { (content, "") } else { (thought, answer) };
    let thought = thought.trim();
    (thought.strip_prefix(open).unwrap_or(thought).trim(), without_ends(answer))
}

/// The trimmed text without the tokens at its end that end a turn.
fn without_ends(text: &str) -> &str {
    let mut text = text.trim();
    while let Some(start) = text.strip_suffix('>').and_then(|inside| inside.rfind('<')) {
        let (before, token) = text.split_at(start);
        let name = token.strip_prefix("<|").and_then(|name| name.strip_suffix("|>"));
        let ends_turn = name.is_some_and(|name| {
            !PARTS.iter().any(|part| name.contains(part))
                && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        });
        if !ends_turn && !ENDS.contains(&token) {
            break;
        }
        text = before.trim_end();
    }
    text
}
