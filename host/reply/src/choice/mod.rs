//! Which one of several options a reply chooses.
//!
//! A reply that is an option and nothing else is that choice. In a longer one, what is said most explicitly decides, and nothing
//! less explicit is looked at:
//!
//! 1. `final answer: A`, `final answer is A`;
//! 2. `answer: A` and its like (`winner`, `verdict`, `<answer>`, …), and a JSON object in which one text is an option;
//! 3. `the answer is A`, `I choose A`;
//! 4. a line or sentence that is an option and nothing else, where no other option is named anywhere.
//!
//! The last of its kind must name one option, and all that name one must agree. Else the reply is unreadable.

mod marker;
mod options;
mod weights;

use serde_json::Value;

use crate::parser::{single, unfenced};
use crate::unreadable::{shown, whole_answer};
use crate::{Said, Unreadable};
use marker::{JSON, Mention};
use options::Options;

/// An option that was chosen.
#[derive(Clone, Debug, PartialEq)]
pub struct Chosen {
    /// Its index, which the text decides and nothing else.
    pub index: usize,
    /// How likely each option was, in their order: each 0 to 1, together 1. Empty where the server gives no probabilities, or where
    /// they cannot be assigned to the options.
    ///
    /// Of the tokens t₀, t₁, … with which the model wrote its choice, and of the likeliest tokens u that the server names in the
    /// place of tₖ: weight(o) ∝ Σₖ p(t₀) ⋯ p(tₖ₋₁) · Σ { p(u) : t₀ ⋯ tₖ₋₁ u begins option o and no other }, up to the first k at
    /// which tₖ itself begins one option only; p is e to the power of the log-probability. Space, quotes and brackets before the
    /// option do not count, nor does its case.
    ///
    /// Where t₀ ⋯ tₖ₋₁ u begins several options, u = tₖ is divided among them by the tokens after it. Any other such u is a way
    /// that was not gone: how it would have gone on is not seen, and nothing can divide it. So it is with a u that is a part of a
    /// letter, where an option has a letter of several bytes. Where more than a millionth of the sum lies on such u, in all places
    /// k together, there are no weights; else each is within a millionth of what it would be.
    ///
    /// A u that begins no option, such as `The` or a quote or a space alone, is left out: the weights are those of replies that name
    /// an option in this place.
    pub weights: Vec<f64>,
}

/// Which one of the options a reply chooses: exactly one, said without ambiguity, or it is unreadable.
///
/// Upper and lower case (of ASCII) are the same unless options differ in nothing else. Quotes, brackets, markdown and a full stop
/// around an option do not count.
pub fn choice(said: &Said, options: &[String]) -> Result<Chosen, Unreadable> {
    let options = Options::new(options).map_err(Unreadable::new)?;
    let text = whole_answer(said)?;
    let (index, at) =
        decide(text, &options).map_err(|why| Unreadable::new(format!("the reply {} {why}", shown(text))))?;
    Ok(Chosen { index, weights: weights::weights(&said.tokens, text, at, index, &options) })
}

/// The option chosen, and where in the text it is named.
fn decide(text: &str, options: &Options) -> Result<(usize, usize), String> {
    let inside = unfenced(text);
    if let Some((index, at)) = options.whole(inside) {
        return Ok((index, at + text.find(inside).unwrap_or_default()));
    }
    let mut mentions = marker::mentions(text, options);
    mentions.extend(in_json(text, options));
    mentions.sort_by_key(|mention| mention.at);
    match mentions.iter().map(|mention| mention.level).min() {
        Some(level) => {
            mentions.retain(|mention| mention.level == level);
            agreed(text, &mentions, options)
        }
        None => alone(text, options),
    }
}

/// What mentions of one level say: the last names an option, and no other one names another.
fn agreed(text: &str, mentions: &[Mention], options: &Options) -> Result<(usize, usize), String> {
    let Some(Mention { at, option: Some(last), .. }) = mentions.last() else {
        let what = mentions.last().and_then(|mention| text.get(mention.at..)).unwrap_or_default();
        return Err(format!("gives {} as its answer, which is not exactly one of the options", shown(what)));
    };
    match mentions.iter().filter_map(|mention| mention.option).find(|option| option != last) {
        Some(other) => Err(format!("says both {} and {}", options.shown(other), options.shown(*last))),
        None => Ok((*last, *at)),
    }
}

/// The one text of a JSON object that is an option.
fn in_json(text: &str, options: &Options) -> Option<Mention> {
    let Value::Object(object) = single(text).ok()?.value else { return None };
    let mut texts =
        object.values().filter_map(Value::as_str).filter_map(|value| Some((value, options.whole(value)?.0)));
    let ((value, option), None) = (texts.next()?, texts.next()) else { return None };
    let quoted = format!("\"{value}\"");
    // The same text may stand as a key.
    let is_value = |at: &usize| !text.get(at + quoted.len()..).is_some_and(|rest| rest.trim_start().starts_with(':'));
    let at = text.match_indices(&quoted).map(|(at, _)| at).filter(is_value).last();
    Some(Mention { level: JSON, at: at.map_or(text.len(), |at| at + 1), option: Some(option) })
}

/// The option that stands alone on a line or in a sentence, where no other is named.
fn alone(text: &str, options: &Options) -> Result<(usize, usize), String> {
    let mut start = 0;
    let mut standing = Vec::new();
    for line in text.split_inclusive('\n') {
        for sentence in line.split_inclusive(". ") {
            standing.extend(options.whole(sentence).map(|(option, at)| (option, start + at)));
            start += sentence.len();
        }
    }
    let named = options.named(text);
    let shown: Vec<_> = named.iter().take(4).map(|option| options.shown(*option)).collect();
    match (standing.first(), shown.as_slice()) {
        (Some(alone), [_] | []) if named.iter().all(|option| *option == alone.0) => Ok(*alone),
        (_, []) => Err("names none of the options".into()),
        (_, [only]) => Err(format!("names {only}, but does not say that it is the answer")),
        _ => Err(format!("names {}, and nothing says which is the answer", shown.join(" and "))),
    }
}
