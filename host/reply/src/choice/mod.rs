//! Finds which one of several options a reply chooses.
//!
//! If a reply is one option and nothing else, that option is chosen. In a longer reply, only the most explicit kind of statement
//! that occurs counts:
//!
//! 1. `final answer: A`, `final answer is A`, and what is between answer tags or in `\boxed{}`;
//! 2. `answer: A` and the like (`winner`, `verdict`, …), or a JSON object in which exactly one text is an option;
//! 3. `the answer is A`, `I choose A`;
//! 4. a line or sentence that is an option and nothing else, if no other option is named anywhere.
//!
//! The last statement of that kind must name one option, and all of its kind that name one must agree. Otherwise the reply is
//! unreadable.

mod marker;
mod options;
mod weights;

use serde_json::Value;

use crate::parser::{single_value, unfenced};
use crate::tags::{Marked, marked_answers, turn};
use crate::unreadable::{complete_answer, excerpt};
use crate::{Instead, Said, Unreadable};
use marker::{FINAL, JSON, Mention};
use options::Options;

/// An option that was chosen.
#[derive(Clone, Debug, PartialEq)]
pub struct Chosen {
    /// The index of the option. Only the text decides it, never the weights.
    pub index: usize,
    /// The probability of each option, in the order of the options; each is 0 to 1, and their sum is 1. Empty if the server
    /// returned no probabilities, or if they cannot be assigned to options.
    ///
    /// Let t₀, t₁, … be the tokens with which the model wrote its choice, and u the most likely tokens that the server lists at
    /// the position of tₖ. Then weight(o) ∝ Σₖ p(t₀) ⋯ p(tₖ₋₁) · Σ { p(u) : t₀ ⋯ tₖ₋₁ u begins option o and no other }, up to the
    /// first k at which t₀ ⋯ tₖ itself begins only one option. p is e to the power of the log-probability. Spaces, quotes and
    /// brackets before the option are ignored, and so is its case.
    ///
    /// If t₀ ⋯ tₖ₋₁ u begins several options and u = tₖ, the tokens after it divide its probability among them. The probability
    /// of any other such u cannot be divided, because the model's continuation after u is unknown. The same holds for a u that is
    /// part of a character, if an option contains a character of several bytes. If more than a millionth of the sum over all k
    /// falls on such u, there are no weights; otherwise the error of each weight is at most a millionth.
    ///
    /// A u that begins no option, such as `The`, a quote or a space, is left out: the weights are conditional on the reply naming
    /// an option at this position.
    pub weights: Vec<f64>,
}

/// Finds which one of the options a reply chooses.
///
/// The case of ASCII letters is ignored unless options differ only in case. Quotes, brackets, markdown and a full stop around an
/// option are ignored too.
///
/// # Errors
///
/// Returns [`Unreadable`] if the reply was refused or cut off, if it does not choose exactly one option without ambiguity, or if
/// the options are empty, too many or not distinct.
pub fn choice(said: &Said, options: &[String]) -> Result<Chosen, Unreadable> {
    let options = Options::new(options).map_err(Unreadable::new)?;
    // Where only the options may be written, reasoning that is one of them is the answer.
    let reasoning = turn(&said.reasoning);
    let text = match said.instead {
        Some(Instead::Reasoning) if said.complete && said.refused.is_none() && options.whole(reasoning).is_some() => {
            reasoning
        }
        _ => complete_answer(said)?,
    };
    let (index, at) = decide(text, &options, MAX_MARKED)
        .map_err(|why| Unreadable::new(format!("the reply {} {why}", excerpt(text))))?;
    Ok(Chosen { index, weights: weights::weights(&said.tokens, text, at, index, &options) })
}

/// How deep answer tags may lie in each other.
const MAX_MARKED: usize = 4;

/// The index of the chosen option, and the position in the text at which it is named, in bytes.
fn decide(text: &str, options: &Options, depth: usize) -> Result<(usize, usize), String> {
    let inside = unfenced(text);
    if let Some((index, at)) = options.whole(inside) {
        return Ok((index, at + text.find(inside).unwrap_or_default()));
    }
    let mut mentions = marker::mentions(text, options);
    mentions.extend(in_json(text, options));
    if depth > 0 {
        mentions.extend(marked_answers(text).into_iter().filter_map(|marked| in_tags(&marked, options, depth - 1)));
    }
    mentions.sort_by_key(|mention| mention.at);
    match mentions.iter().map(|mention| mention.level).min() {
        Some(level) => {
            mentions.retain(|mention| mention.level == level);
            agreed_option(text, &mentions, options)
        }
        None => find_standalone(text, options),
    }
}

/// The option on which mentions of one level agree. Fails if the last names no option or another one names a different option.
fn agreed_option(text: &str, mentions: &[Mention], options: &Options) -> Result<(usize, usize), String> {
    let Some(Mention { at, option: Some(last), .. }) = mentions.last() else {
        let what = mentions.last().and_then(|mention| text.get(mention.at..)).unwrap_or_default();
        return Err(format!("gives {} as its answer, which is not exactly one of the options", excerpt(what)));
    };
    match mentions.iter().filter_map(|mention| mention.option).find(|option| option != last) {
        Some(other) => Err(format!("says both {} and {}", options.excerpt(other), options.excerpt(*last))),
        None => Ok((*last, *at)),
    }
}

/// The option that a marked answer gives. `None` if it gives none, and may be more than the answer.
fn in_tags(marked: &Marked, options: &Options, depth: usize) -> Option<Mention> {
    match decide(marked.text, options, depth) {
        Ok((option, at)) => Some(Mention { level: FINAL, at: marked.at + at, option: Some(option) }),
        Err(_) if marked.weak => None,
        Err(_) => Some(Mention { level: FINAL, at: marked.at, option: None }),
    }
}

/// The only text in a JSON object that is an option. `None` if there is none or more than one.
fn in_json(text: &str, options: &Options) -> Option<Mention> {
    let Value::Object(object) = single_value(text).ok()?.value else { return None };
    let mut texts =
        object.values().filter_map(Value::as_str).filter_map(|value| Some((value, options.whole(value)?.0)));
    let ((value, option), None) = (texts.next()?, texts.next()) else { return None };
    let quoted = format!("\"{value}\"");
    // The same text may also occur as a key.
    let is_value = |at: &usize| !text.get(at + quoted.len()..).is_some_and(|rest| rest.trim_start().starts_with(':'));
    let at = text.match_indices(&quoted).map(|(at, _)| at).filter(is_value).last();
    Some(Mention { level: JSON, at: at.map_or(text.len(), |at| at + 1), option: Some(option) })
}

/// The option that is a line or sentence of its own, if no other option is named anywhere.
fn find_standalone(text: &str, options: &Options) -> Result<(usize, usize), String> {
    let mut start = 0;
    let mut standing = Vec::new();
    for line in text.split_inclusive('\n') {
        for sentence in line.split_inclusive(". ") {
            standing.extend(options.whole(sentence).map(|(option, at)| (option, start + at)));
            start += sentence.len();
        }
    }
    let named = options.named(text);
    let shown: Vec<_> = named.iter().take(4).map(|option| options.excerpt(*option)).collect();
    match (standing.first(), shown.as_slice()) {
        (Some(standalone), [_] | []) if named.iter().all(|option| *option == standalone.0) => Ok(*standalone),
        (_, []) => Err("names none of the options".into()),
        (_, [only]) => Err(format!("names {only}, but does not say that it is the answer")),
        _ => Err(format!("names {}, and nothing says which is the answer", shown.join(" and "))),
    }
}
