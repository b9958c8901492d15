//! Separates the answer in a reply from the thinking.

use serde_json::Value;

use crate::Breach;
use crate::contract::Parts;
use crate::tags::{turn, without_tool_calls};

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
    /// What the model said in place of an answer; `None` if there is an answer, or nothing at all.
    pub instead: Option<Instead>,
    /// The tokens of thinking and answer. Empty if the server returned no probabilities.
    pub tokens: Vec<Token>,
}

/// What a model said in place of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Instead {
    /// The content is empty, the reasoning field is not, and the model ended by itself (`finish_reason` "stop"). With a grammar,
    /// some servers return the answer so.
    Reasoning,
    /// The model called tools.
    ToolCalls,
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

/// The tags around thinking.
const THINKING: [(&str, &str); 11] = [
    ("<think>", "</think>"),
    ("<thinking>", "</thinking>"),
    ("<thought>", "</thought>"),
    ("<seed:think>", "</seed:think>"),
    ("◁think▷", "◁/think▷"),
    ("[THINK]", "[/THINK]"),
    ("<|begin_of_thought|>", "<|end_of_thought|>"),
    ("<|START_THINKING|>", "<|END_THINKING|>"),
    ("<|channel|>analysis<|message|>", "<|channel|>final<|message|>"),
    ("<|channel>thought", "<channel|>"),
    ("<unused94>thought", "<unused95>"),
];
/// The values of `finish_reason` for a reply that was cut off. "length" means that the token limit was reached; the others are
/// vLLM's.
const CUT_OFF: [&str; 3] = ["length", "abort", "error"];

/// Reads the answer and the thinking of one choice of a chat completion.
///
/// The thinking is in `reasoning`, in `reasoning_content`, or in the content before the last `</think>` (or the tag of another
/// model); the opening tag may be missing, because it may be part of the prompt. If a `<think>` is not closed, the whole content is
/// thinking and the answer is empty. Tokens that end the turn, what follows them, and calls of tools are not part of the answer.
/// With [`Thinking::Off`], `reasoning` is the answer if the content is empty.
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
    let (answer, called) = without_tool_calls(turn(answer));
    let instead = if !answer.is_empty() {
        None
    } else if called || parts.calls_tools {
        Some(Instead::ToolCalls)
    } else {
        let reasons = content.trim().is_empty() && !parts.reasoning.trim().is_empty() && parts.finish == "stop";
        reasons.then_some(Instead::Reasoning)
    };
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
        instead,
        tokens: tokens.collect(),
    })
}

/// Splits a content into thinking and answer.
fn split(content: &str) -> (&str, &str) {
    let ends = THINKING.iter().filter_map(|(_, close)| Some((content.rfind(close)?, close.len())));
    let (thought, answer) = match ends.max() {
        Some((at, length)) => (content.get(..at).unwrap_or_default(), content.get(at + length..).unwrap_or_default()),
        None => ("", content),
    };
    let opens = THINKING.iter().any(|(open, _)| answer.contains(open));
    let (thought, answer) = if opens { (content, "") } else { (thought, answer) };
    let thought = thought.trim();
    let thought = THINKING.iter().find_map(|(open, _)| thought.strip_prefix(open)).unwrap_or(thought);
    (thought.trim(), answer.trim())
}
