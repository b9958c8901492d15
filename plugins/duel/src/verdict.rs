//! From answers to a judgement.
//!
//! Letters: where all usable answers name the same candidate, it wins. Where both orders were asked and differ, a third answer
//! decides, and without one the judgement is an abstention.
//!
//! Preference: each answer gives ln P(first candidate) − ln P(second candidate); their mean over the orders is a logit in which a
//! liking for a place cancels out, and the shares are the logistic function of it. Where an answer comes without probabilities, the
//! letters count.

use rescue_plugin_sdk::chat::{Failure, Reply};
use rescue_plugin_sdk::math::{ln, logistic};
use rescue_plugin_sdk::prelude::*;
use rescue_plugin_sdk::verifier::Judgement;
use rescue_plugin_sdk::{Verdict, short, usable};

/// The least probability of a letter: beyond it a server's figures say nothing.
const LEAST: f64 = 1e-6;
/// How much of each answer is kept as evidence, in characters.
const SHOWN: usize = 1000;

/// Which question it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// In the order of the contest.
    First,
    /// The other way round.
    Turned,
    /// In the order of the contest once more.
    Third,
}

/// What came of one question.
#[derive(Debug, Clone, PartialEq)]
pub struct Heard {
    /// Which question it was.
    pub turn: Turn,
    /// What it says, or why it cannot be used.
    pub answer: Result<Said, String>,
}

/// An answer that can be used.
#[derive(Debug, Clone, PartialEq)]
pub struct Said {
    /// Which contestant it names, 0 or 1 in the order of the contest.
    pub winner: usize,
    /// ln P(contestant 0) − ln P(contestant 1), where the server gives probabilities.
    pub logit: Option<f64>,
    /// What the model wrote, its thinking before its letter.
    pub text: String,
}

impl Heard {
    /// Reads an answer.
    #[must_use]
    pub fn new(turn: Turn, answer: &Result<Reply, Failure>) -> Self {
        Self { turn, answer: usable(answer).and_then(|reply| said(turn, reply)) }
    }
}

fn said(turn: Turn, reply: &Reply) -> Result<Said, String> {
    let turned = turn == Turn::Turned;
    let winner = match (reply.choice, turned) {
        (Some(0), false) | (Some(1), true) => 0,
        (Some(1), false) | (Some(0), true) => 1,
        _ => return Err(format!("unreadable: {:?} is neither A nor B", short(&reply.text, 60))),
    };
    let logit = match reply.weights.as_slice() {
        [a, b] if [a, b].into_iter().all(|weight| weight.is_finite() && *weight >= 0.0) && a + b > 0.0 => {
            let logit = ln(a.max(LEAST)) - ln(b.max(LEAST));
            Some(if turned { -logit } else { logit })
        }
        _ => None,
    };
    let text = [reply.reasoning.trim(), reply.text.trim()].join("\n");
    Ok(Said { winner, logit, text: short(&text, SHOWN) })
}

/// The judgement; none where a third answer has to decide.
#[must_use]
pub fn judge(heard: &[Heard], preference: bool) -> Option<Judgement> {
    let said: Vec<&Said> = heard.iter().filter_map(|one| one.answer.as_ref().ok()).collect();
    if said.is_empty() {
        let mut whys: Vec<&str> =
            heard.iter().filter_map(|one| one.answer.as_ref().err()).map(String::as_str).collect();
        whys.dedup();
        return Some(Judgement::Abstained(format!("no answer could be used: {}", whys.join("; "))));
    }
    let logits: Vec<f64> = said.iter().filter_map(|one| one.logit).collect();
    if preference && logits.len() == said.len() && !heard.iter().any(|one| one.turn == Turn::Third) {
        let first = logistic(mean(&logits));
        return Some(verdict(heard, vec![first, 1.0 - first]));
    }
    let third = heard.iter().find(|one| one.turn == Turn::Third);
    let winner = match (agreed(heard), third.map(|one| &one.answer)) {
        (Some(false), None) => return None,
        (Some(false), Some(Err(why))) => {
            let why = format!("position: the answer followed the place, and a third answer could not be used: {why}");
            return Some(Judgement::Abstained(why));
        }
        (Some(false), Some(Ok(third))) => third.winner,
        _ => said.first()?.winner,
    };
    let shares = if winner == 0 { vec![1.0, 0.0] } else { vec![0.0, 1.0] };
    Some(verdict(heard, shares))
}

/// Whether the answers in both orders name the same; none where only one of them can be used.
fn agreed(heard: &[Heard]) -> Option<bool> {
    let winner = |turn| heard.iter().find(|one| one.turn == turn)?.answer.as_ref().ok().map(|said| said.winner);
    Some(winner(Turn::First)? == winner(Turn::Turned)?)
}

fn mean(logits: &[f64]) -> f64 {
    let (sum, number) = logits.iter().fold((0.0, 0.0), |(sum, number), logit| (sum + logit, number + 1.0));
    sum / number
}

/// With what was said as evidence, and the notes "calls", the questions asked, and "orders agree", where both could be read.
fn verdict(heard: &[Heard], shares: Vec<f64>) -> Judgement {
    let one = |one: &Heard| {
        let shown = if one.turn == Turn::Turned { "with the second as A" } else { "with the first as A" };
        match &one.answer {
            Ok(said) => format!("{shown}: {}", said.text),
            Err(why) => format!("{shown}: {why}"),
        }
    };
    let why: Vec<String> = heard.iter().map(one).collect();
    let mut notes = vec![("calls".to_owned(), heard.len().to_string())];
    notes.extend(agreed(heard).map(|agree| ("orders agree".to_owned(), if agree { "yes" } else { "no" }.to_owned())));
    Judgement::Verdict(Verdict { shares, why: why.join("\n\n"), notes, ..Verdict::default() })
}
