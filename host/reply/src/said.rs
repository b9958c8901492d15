//! What was said in a reply, apart from what was only thought.

use serde_json::Value;

use crate::Breach;
use crate::contract::Parts;

/// Whether the model may think before it answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Thinking {
    /// As the model is made.
    Auto,
    /// It was told not to. Servers that look for thinking may take such an answer for it.
    Off,
}

/// What a model said.
#[derive(Clone, Debug, PartialEq)]
pub struct Said {
    /// The answer, without the thinking and without the space around it.
    pub text: String,
    /// The thinking, where it gave one.
    pub reasoning: String,
    /// False where it was cut off.
    pub complete: bool,
    /// Where the model, or a filter of the server, would not answer: what it said.
    pub refused: Option<String>,
    /// The tokens of all that it said and thought, where the server gives their probabilities.
    pub tokens: Vec<Token>,
}

/// A token of a reply.
#[derive(Clone, Debug, PartialEq)]
pub struct Token {
    /// Its text.
    pub text: String,
    /// The natural logarithm of its probability; −∞ where the server could not say it.
    pub logprob: f64,
    /// The likeliest tokens there and their logarithms, in the server's order; the token itself is mostly one of them.
    pub alternatives: Vec<(String, f64)>,
}

const OPEN: &str = "<think>";
const CLOSE: &str = "</think>";
/// What a server writes where the reply is not whole. "length": as many tokens as were allowed; the others are vLLM's.
const CUT_OFF: [&str; 3] = ["length", "abort", "error"];

/// What was said in one choice.
///
/// Thinking stands in `reasoning`, or in `reasoning_content`, or before the last `</think>` of the content (the opening tag may
/// stand in the prompt and be missing). After a `<think>` that is not closed everything is thinking, and there is no answer. With
/// [`Thinking::Off`], where there is nothing but `reasoning`, that is the answer.
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

/// What was thought in a content, and what was answered.
fn split(content: &str) -> (&str, &str) {
    let (thought, answer) = content.rsplit_once(CLOSE).unwrap_or(("", content));
    let (thought, answer) = if answer.contains(OPEN) { (content, "") } else { (thought, answer) };
    let thought = thought.trim();
    (thought.strip_prefix(OPEN).unwrap_or(thought).trim(), answer.trim())
}
