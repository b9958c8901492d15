//! Writes a choice as vLLM does, with thinking, truncation and log probabilities, and applies faults to it.

use rescue_core::Digest;
use serde_json::{Value, json};

use super::Question;
use super::draft::Draft;
use crate::config::Thinking;
use crate::fault::Fault;

/// The value that vLLM writes for the logarithm of 0.
const NEVER: f64 = -9999.0;

/// The log probability of tokens that are not a chosen option.
const USUAL: f64 = -0.1;

/// Returns a choice, and the number of its tokens. A word with the space after it counts as a token.
pub(super) fn choice(question: &Question<'_>, index: u64, mut draft: Draft, fault: Option<Fault>) -> (Value, u64) {
    let thinks = match question.config.thinking {
        Thinking::Off => false,
        // Without a reasoning parser, structured output holds from the first token on.
        Thinking::Inline => !draft.formed,
        Thinking::Reasoning | Thinking::ReasoningContent => true,
    };
    let mut thought = if thinks { std::mem::take(&mut draft.thought) } else { String::new() };
    let mut left = question.request.max_tokens.unwrap_or(u64::MAX);
    if fault == Some(Fault::Length) {
        left = left.min((tokens(&thought) + tokens(&draft.text)) / 2);
    }
    let (mut used, mut cut) = (0, false);
    for text in [&mut thought, &mut draft.text] {
        let wanted = tokens(text);
        cut |= wanted > left;
        *text = text.split_inclusive(' ').take(usize::try_from(left).unwrap_or(usize::MAX)).collect();
        used += wanted.min(left);
        left -= wanted.min(left);
    }
    if fault == Some(Fault::Empty) {
        draft.text.clear();
    }
    let text = match (question.config.thinking, thinks) {
        (Thinking::Inline, true) if draft.text.is_empty() => thought.clone(),
        (Thinking::Inline, true) => format!("{thought}\n</think>\n\n{}", draft.text),
        _ => draft.text.clone(),
    };
    let mut message = json!({ "role": "assistant", "content": text, "tool_calls": [] });
    if thinks && let Some(fields) = message.as_object_mut() {
        match question.config.thinking {
            Thinking::Reasoning => fields.insert("reasoning".to_owned(), json!(thought)),
            Thinking::ReasoningContent => fields.insert("reasoning_content".to_owned(), json!(thought)),
            Thinking::Off | Thinking::Inline => None,
        };
    }
    let logprobs = question.request.logprobs.map_or(Value::Null, |most| logprobs(&draft, most));
    let choice = json!({
        "index": index,
        "message": message,
        "logprobs": logprobs,
        "finish_reason": if cut { "length" } else { "stop" },
        "stop_reason": null,
    });
    (choice, used)
}

/// Makes a body break its schema, in one of five ways that the digest and the attempt decide.
pub(super) fn spoil(body: &mut Value, digest: &Digest, attempt: u32) {
    let ways = digest.bytes().iter().fold(attempt, |sum, byte| sum.wrapping_add((*byte).into())) % 5;
    let choices = body.get_mut("choices").and_then(Value::as_array_mut);
    match (ways, choices) {
        (0, Some(choices)) => choices.clear(),
        (1, Some(choices)) if choices.len() > 1 => {
            choices.iter_mut().filter_map(Value::as_object_mut).for_each(|choice| {
                choice.insert("index".to_owned(), json!(0));
            });
        }
        (2, Some(choices)) => {
            if let Some(message) = choices.first_mut().and_then(|choice| choice.get_mut("message")) {
                *message = json!({ "role": "assistant", "content": 42 });
            }
        }
        (3, Some(choices)) => {
            if let Some(choice) = choices.first_mut().and_then(Value::as_object_mut) {
                choice.remove("message");
            }
        }
        _ => *body = json!({ "object": "chat.completion", "answers": [] }),
    }
}

fn tokens(text: &str) -> u64 {
    text.split_inclusive(' ').count() as u64
}

/// The log probabilities of a text's tokens. A chosen option is one token, with the other options as its alternatives.
fn logprobs(draft: &Draft, most: u64) -> Value {
    let plain = |text: &str| {
        let own = token(text, USUAL, Vec::new());
        if most > 0 { token(text, USUAL, vec![own]) } else { own }
    };
    let words = |text: &str| text.split_inclusive(' ').map(plain).collect::<Vec<_>>();
    let chosen = draft.odds.first().and_then(|(option, odds)| Some((draft.text.rfind(option)?, option, *odds)));
    let Some((at, option, odds)) = chosen else { return json!({ "content": words(&draft.text) }) };
    let (before, rest) = draft.text.split_at(at);
    let after = rest.get(option.len()..).unwrap_or_default();
    let mut sorted: Vec<_> = draft.odds.iter().collect();
    // The sort is stable, so the chosen option stays first among equals.
    sorted.sort_by(|a, b| b.1.total_cmp(&a.1));
    let top = |(option, odds): &&(String, f64)| token(option, log(*odds), Vec::new());
    let tops = sorted.iter().take(most as usize).map(top).collect();
    let own = token(option, log(odds), tops);
    let mut content = words(before);
    content.push(own);
    content.extend(words(after));
    json!({ "content": content })
}

/// A token with its alternatives.
fn token(text: &str, logprob: f64, tops: Vec<Value>) -> Value {
    json!({ "token": text, "logprob": logprob, "bytes": text.as_bytes(), "top_logprobs": tops })
}

fn log(probability: f64) -> f64 {
    if probability > 0.0 { probability.ln().max(NEVER) } else { NEVER }
}
