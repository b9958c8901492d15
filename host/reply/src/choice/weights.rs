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

#[cfg(test)]
mod tests {
    use super::*;

    /// A token, its probability, and the likeliest tokens there.
    type Given<'a> = (&'a str, f64, &'a [(&'a str, f64)]);

    fn tokens(tokens: &[Given]) -> Vec<Token> {
        let alternatives =
            |others: &[(&str, f64)]| others.iter().map(|(text, p)| ((*text).to_owned(), p.ln())).collect();
        let token = |(text, p, others): &Given| Token {
            text: (*text).to_owned(),
            logprob: p.ln(),
            alternatives: alternatives(others),
        };
        tokens.iter().map(token).collect()
    }

    fn weighed(given: &[Given], answer: &str, chosen: &str, options: &[&str]) -> Vec<f64> {
        let names: Vec<_> = options.iter().map(|option| (*option).to_owned()).collect();
        let at = answer.rfind(chosen).unwrap();
        let chosen = options.iter().position(|option| *option == chosen).unwrap();
        weights(&tokens(given), answer, at, chosen, &Options::new(&names).unwrap())
    }

    #[track_caller]
    fn are(weights: &[f64], expected: &[f64]) {
        let close = weights.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-12);
        assert!(close && weights.len() == expected.len(), "{weights:?}, not {expected:?}");
    }

    #[test]
    fn every_spelling_of_an_option_counts_once() {
        let first = [("LEFT", 0.5), ("Left", 0.1), (" left", 0.05), ("L", 0.05), ("RIGHT", 0.2), ("The", 0.1)];
        are(&weighed(&[("LEFT", 0.5, &first)], "LEFT", "LEFT", &["LEFT", "RIGHT"]), &[0.7 / 0.9, 0.2 / 0.9]);
    }

    #[test]
    fn a_token_that_is_not_among_its_alternatives_counts_too() {
        are(&weighed(&[("B", 0.2, &[("A", 0.6)])], "B", "B", &["A", "B"]), &[0.75, 0.25]);
        are(&weighed(&[("B", 0.2, &[])], "B", "B", &["A", "B"]), &[0.0, 1.0]);
    }

    #[test]
    fn the_answer_is_found_behind_the_thinking_and_inside_json() {
        let given: [Given; 8] = [
            ("<think>", 1.0, &[]),
            ("A", 0.9, &[("A", 0.9), ("B", 0.1)]),
            ("</think>", 1.0, &[]),
            ("\n\n{\"", 1.0, &[]),
            ("answer", 1.0, &[]),
            ("\": \"", 1.0, &[]),
            ("A", 0.6, &[("A", 0.6), ("B", 0.4)]),
            ("\"}<|im_end|>", 1.0, &[]),
        ];
        let answer = "{\"answer\": \"A\"}";
        are(&weighed(&given, answer, "A", &["A", "B"]), &[] as &[f64]);
        let [a, b, c, d, e, f, g, _] = given;
        let given: [Given; 9] = [a, b, c, d, e, f, g, ("\"}", 1.0, &[]), ("<|im_end|>", 1.0, &[])];
        are(&weighed(&given, answer, "A", &["A", "B"]), &[0.6, 0.4]);
        // The quote in one token with the letter.
        let joined: [Given; 3] =
            [("{\"answer\":", 1.0, &[]), (" \"A", 0.6, &[(" \"A", 0.6), (" \"B", 0.2)]), ("\"}", 1.0, &[])];
        are(&weighed(&joined, answer, "A", &["A", "B"]), &[0.75, 0.25]);
    }

    #[test]
    fn tokens_that_several_options_begin_with_lead_to_the_next() {
        let given: [Given; 3] = [
            ("l", 0.8, &[("l", 0.8), ("right", 0.2)]),
            ("ower", 0.75, &[("ower", 0.75), ("eft", 0.25)]),
            ("<|im_end|>", 1.0, &[]),
        ];
        are(&weighed(&given, "lower", "lower", &["left", "lower", "right"]), &[0.2, 0.6, 0.2]);
        let ends: [Given; 2] =
            [("1", 0.5, &[("1", 0.5), ("2", 0.5)]), ("<|im_end|>", 0.5, &[("<|im_end|>", 0.5), ("0", 0.5)])];
        are(&weighed(&ends, "1", "1", &["1", "2", "10"]), &[0.25, 0.5, 0.25]);
    }

    #[test]
    fn what_cannot_be_assigned_is_empty() {
        let none: &[f64] = &[];
        are(&weighed(&[], "A", "A", &["A", "B"]), none);
        // Other tokens than the text.
        are(&weighed(&[("token_id:32", 0.9, &[])], "A", "A", &["A", "B"]), none);
        // The reply ends where it could be two options.
        are(&weighed(&[("1", 0.9, &[])], "1", "1", &["1", "10"]), none);
        let impossible =
            Token { text: "A".into(), logprob: f64::NEG_INFINITY, alternatives: vec![("B".into(), -9999.0)] };
        let options = Options::new(&["A".into(), "B".into()]).unwrap();
        assert_eq!(weights(&[impossible], "A", 0, 0, &options), none);
    }
}
