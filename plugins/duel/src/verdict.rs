//! Turns answers into a judgement.
//!
//! Without `preference`, the letters count: if all usable answers name the same candidate, it wins. If the answers in
//! both orders differ, a third answer decides; if that cannot be used, the judgement is an abstention.
//!
//! With `preference`, each answer gives the logit ln P(first candidate) − ln P(second candidate). In the mean over both
//! orders, a bias for A or B cancels out; the shares are the logistic function of this mean. If an answer comes without
//! probabilities, the letters count.

use rescue_plugin_sdk::chat::{Failure, Reply};
use rescue_plugin_sdk::math::{ln, logistic};
use rescue_plugin_sdk::prelude::*;
use rescue_plugin_sdk::verifier::Judgement;
use rescue_plugin_sdk::{Verdict, short, usable};

/// Lower probabilities of a letter count as this: a server's figures are not exact enough below it.
const MIN_PROBABILITY: f64 = 1e-6;
/// How many characters of each answer are kept as evidence.
const MAX_EVIDENCE: usize = 1000;

/// Which of the questions of a match it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// The first, in the order of the match.
    First,
    /// The second, in the swapped order.
    Swapped,
    /// The third, in the order of the match again.
    Third,
}

/// The answer to one question, as it was read.
#[derive(Debug, Clone, PartialEq)]
pub struct Reading {
    /// The question.
    pub turn: Turn,
    /// The candidate that the model chose, or why the answer cannot be used.
    pub answer: Result<Choice, String>,
}

/// A usable answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Choice {
    /// The chosen contestant: 0 or 1, in the order of the match.
    pub winner: usize,
    /// ln P(contestant 0) − ln P(contestant 1); `None` if the server gives no probabilities.
    pub logit: Option<f64>,
    /// The text of the model: its thinking, then its letter.
    pub text: String,
}

impl Reading {
    /// Reads an answer.
    #[must_use]
    pub fn new(turn: Turn, answer: &Result<Reply, Failure>) -> Self {
        Self { turn, answer: usable(answer).and_then(|reply| read(turn, reply)) }
    }
}

fn read(turn: Turn, reply: &Reply) -> Result<Choice, String> {
    let swapped = turn == Turn::Swapped;
    let winner = match (reply.choice, swapped) {
        (Some(0), false) | (Some(1), true) => 0,
        (Some(1), false) | (Some(0), true) => 1,
        _ => return Err(format!("unreadable: {:?} is neither A nor B", short(&reply.text, 60))),
    };
    let logit = match reply.weights.as_slice() {
        [a, b] if [a, b].into_iter().all(|weight| weight.is_finite() && *weight >= 0.0) && a + b > 0.0 => {
            let logit = ln(a.max(MIN_PROBABILITY)) - ln(b.max(MIN_PROBABILITY));
            Some(if swapped { -logit } else { logit })
        }
        _ => None,
    };
    let text = [reply.reasoning.trim(), reply.text.trim()].join("\n");
    Ok(Choice { winner, logit, text: short(&text, MAX_EVIDENCE) })
}

/// The judgement; `None` if a third answer has to be asked for.
#[must_use]
pub fn judge(readings: &[Reading], preference: bool) -> Option<Judgement> {
    let choices: Vec<&Choice> = readings.iter().filter_map(|one| one.answer.as_ref().ok()).collect();
    if choices.is_empty() {
        let mut whys: Vec<&str> =
            readings.iter().filter_map(|one| one.answer.as_ref().err()).map(String::as_str).collect();
        whys.dedup();
        return Some(Judgement::Abstained(format!("no answer could be used: {}", whys.join("; "))));
    }
    let logits: Vec<f64> = choices.iter().filter_map(|one| one.logit).collect();
    if preference && logits.len() == choices.len() && !readings.iter().any(|one| one.turn == Turn::Third) {
        let first = logistic(mean(&logits));
        return Some(verdict(readings, vec![first, 1.0 - first]));
    }
    let third = readings.iter().find(|one| one.turn == Turn::Third);
    let winner = match (agreed(readings), third.map(|one| &one.answer)) {
        (Some(false), None) => return None,
        (Some(false), Some(Err(why))) => {
            let why = format!("position: the answer followed the place, and a third answer could not be used: {why}");
            return Some(Judgement::Abstained(why));
        }
        (Some(false), Some(Ok(third))) => third.winner,
        _ => choices.first()?.winner,
    };
    let shares = if winner == 0 { vec![1.0, 0.0] } else { vec![0.0, 1.0] };
    Some(verdict(readings, shares))
}

/// Whether the answers in both orders name the same candidate; `None` unless both can be used.
fn agreed(readings: &[Reading]) -> Option<bool> {
    let winner = |turn| readings.iter().find(|one| one.turn == turn)?.answer.as_ref().ok().map(|choice| choice.winner);
    Some(winner(Turn::First)? == winner(Turn::Swapped)?)
}

/// The mean of at least one logit.
fn mean(logits: &[f64]) -> f64 {
    let (sum, number) = logits.iter().fold((0.0, 0.0), |(sum, number), logit| (sum + logit, number + 1.0));
    sum / number
}

/// A verdict with the answers as evidence and two notes: "calls" is the number of questions, "orders agree" says
/// whether both orders gave the same winner (missing unless both answers could be used).
fn verdict(readings: &[Reading], shares: Vec<f64>) -> Judgement {
    let one = |one: &Reading| {
        let shown = if one.turn == Turn::Swapped { "with the second as A" } else { "with the first as A" };
        match &one.answer {
            Ok(choice) => format!("{shown}: {}", choice.text),
            Err(why) => format!("{shown}: {why}"),
        }
    };
    let why: Vec<String> = readings.iter().map(one).collect();
    let mut notes = vec![("calls".to_owned(), readings.len().to_string())];
    let agree = agreed(readings).map(|agree| if agree { "yes" } else { "no" });
    notes.extend(agree.map(|agree| ("orders agree".to_owned(), agree.to_owned())));
    Judgement::Verdict(Verdict { shares, why: why.join("\n\n"), notes, ..Verdict::default() })
}
