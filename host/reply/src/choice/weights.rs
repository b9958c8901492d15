//! How likely each option was, from the probabilities of the tokens that name the one chosen.

use std::collections::BTreeSet;

use super::options::{Options, is_wrapping};
use crate::Token;

/// The weights of [`super::Chosen`]: `chosen` is named at byte `at` of the answer.
pub(super) fn weights(tokens: &[Token], answer: &str, at: usize, chosen: usize, options: &Options) -> Vec<f64> {
    from_tokens(tokens, answer, at, chosen, options).unwrap_or_default()
}

fn from_tokens(tokens: &[Token], answer: &str, at: usize, chosen: usize, options: &Options) -> Option<Vec<f64>> {
    let mut weights = vec![0.0; options.len()];
    // What of the option is written before the token, and the probability of that.
    let (mut written, mut reach) = (String::new(), 1.0);
    for token in tokens.get(first_token(tokens, answer, at)?..)? {
        let with = |text: &str| {
            let text = if written.is_empty() { text.trim_start_matches(opens) } else { text };
            format!("{written}{text}")
        };
        let mut seen = BTreeSet::new();
        let itself = (token.text.clone(), token.logprob);
        for (text, logprob) in token.alternatives.iter().chain([&itself]) {
            if let [option] = options.begun(&with(text)).as_slice()
                && seen.insert(text)
                && let Some(weight) = weights.get_mut(*option)
            {
                *weight += reach * probability(*logprob);
            }
        }
        written = with(&token.text);
        reach *= probability(token.logprob);
        match options.begun(&written).as_slice() {
            [option] if *option == chosen => {
                let total: f64 = weights.iter().sum();
                return (total > 0.0).then(|| weights.iter().map(|weight| weight / total).collect());
            }
            // Only spaces and quotes yet, or what several options begin with.
            several if written.is_empty() || several.contains(&chosen) => {}
            _ => return None,
        }
    }
    None
}

/// What may stand before an option in the token that begins it.
fn opens(letter: char) -> bool {
    is_wrapping(letter) || letter == ':'
}

/// Servers round, and write −9999 where there is none.
fn probability(logprob: f64) -> f64 {
    logprob.min(0.0).exp()
}

/// The token in which byte `at` of the answer stands. The tokens are those of all that was written: the answer stands at their
/// end, before tokens that end the turn.
fn first_token(tokens: &[Token], answer: &str, at: usize) -> Option<usize> {
    let ends_turn = |token: &&Token| {
        let text = token.text.trim();
        text.is_empty() || text.starts_with('<') && text.ends_with('>') && !answer.ends_with(text)
    };
    let behind = tokens.iter().rev().take_while(ends_turn).count();
    let written: String = tokens.iter().take(tokens.len() - behind).map(|token| token.text.as_str()).collect();
    let place = written.trim_end().strip_suffix(answer)?.len() + at;
    let mut start = 0;
    tokens.iter().position(|token| {
        start += token.text.len();
        place < start
    })
}
