//! How likely each option was, from the probabilities of the tokens that name the one chosen.

use std::collections::BTreeSet;

use super::options::{Options, is_wrapping};
use crate::Token;

/// How much of the probability that is seen may lie where it cannot be divided among options: no weight is further than this from
/// what it would be.
const MAX_UNDIVIDED: f64 = 1e-6;

/// The weights of [`super::Chosen`]: `chosen` is named at byte `at` of the answer.
pub(super) fn weights(tokens: &[Token], answer: &str, at: usize, chosen: usize, options: &Options) -> Vec<f64> {
    from_tokens(tokens, answer, at, chosen, options).unwrap_or_default()
}

fn from_tokens(tokens: &[Token], answer: &str, at: usize, chosen: usize, options: &Options) -> Option<Vec<f64>> {
    let mut weights = vec![0.0; options.len()];
    // The probability of ways that were not gone and that lead to nobody knows which of several options.
    let mut undivided = 0.0;
    // What of the option is written before the token, and the probability of that.
    let (mut written, mut reach) = (String::new(), 1.0);
    for token in tokens.get(first_token(tokens, answer, at)?..)? {
        let with = |text: &str| {
            let text = if written.is_empty() { text.trim_start_matches(opens) } else { text };
            format!("{written}{text}")
        };
        let itself = token.alternatives.iter().position(|(text, p)| *text == token.text && *p == token.logprob);
        let mut seen = BTreeSet::from([&token.text]);
        for (place, (text, logprob)) in token.alternatives.iter().enumerate() {
            let piece = is_piece(text);
            // One text is one token, but for pieces of letters: those look alike.
            if Some(place) == itself || !piece && !seen.insert(text) {
                continue;
            }
            let mass = reach * probability(*logprob);
            match options.begun(&with(text)).as_slice() {
                _ if piece && !options.are_ascii() => undivided += mass,
                [] => {}
                [option] => *weights.get_mut(*option)? += mass,
                _ => undivided += mass,
            }
        }
        written = with(&token.text);
        reach *= probability(token.logprob);
        match options.begun(&written).as_slice() {
            [option] if *option == chosen => {
                *weights.get_mut(chosen)? += reach;
                let total: f64 = weights.iter().sum();
                let divided = total > 0.0 && undivided <= MAX_UNDIVIDED * (total + undivided);
                return divided.then(|| weights.iter().map(|weight| weight / total).collect());
            }
            // Nothing that can be read yet, or what several options begin with.
            several if written.is_empty() || several.contains(&chosen) => {}
            _ => return None,
        }
    }
    None
}

/// Whether a token is a part of a letter, of which nobody can say what it begins: vLLM tells the letter with its last token and
/// an empty text with those before, others write U+FFFD.
fn is_piece(text: &str) -> bool {
    text.is_empty() || text.contains(char::REPLACEMENT_CHARACTER)
}

/// What may stand before an option in the token that begins it.
fn opens(letter: char) -> bool {
    is_wrapping(letter) || letter == ':'
}

/// Servers round, and write −9999 where there is none.
fn probability(logprob: f64) -> f64 {
    logprob.min(0.0).exp()
}

/// The token in which byte `at` of the answer stands, or the first of those that are parts of its letter. The tokens are those of
/// all that was written: the answer stands at their end, before tokens that end the turn.
fn first_token(tokens: &[Token], answer: &str, at: usize) -> Option<usize> {
    let ends_turn = |token: &&Token| {
        let text = token.text.trim();
        text.is_empty() || text.starts_with('<') && text.ends_with('>') && !answer.ends_with(text)
    };
    let behind = tokens.iter().rev().take_while(ends_turn).count();
    let written: String = tokens.iter().take(tokens.len() - behind).map(|token| token.text.as_str()).collect();
    let place = written.trim_end().strip_suffix(answer)?.len() + at;
    let mut start = 0;
    let token = tokens.iter().position(|token| {
        start += token.text.len();
        place < start
    })?;
    // Before a text of ASCII, which is never in parts, an empty token is something else.
    let (before, whole) = (tokens.get(..token)?, tokens.get(token)?.text.is_ascii());
    let parts = before.iter().rev().take_while(|token| !whole && token.text.is_empty()).count();
    Some(token - parts)
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
    fn what_several_options_begin_with_and_was_not_gone_cannot_be_divided() {
        let none: &[f64] = &[];
        let masks = ["mask 1", "mask 10", "neither"];
        let neither = |others: &[(&str, f64)]| {
            weighed(&[("neither", 0.62, others), ("<|im_end|>", 1.0, &[])], "neither", "neither", &masks)
        };
        are(&neither(&[("neither", 0.62), (" mask", 0.2), ("mask", 0.18)]), none);
        are(&neither(&[("neither", 0.62), ("m", 1e-5)]), none);
        are(&neither(&[("neither", 0.62), ("m", 1e-7), ("The", 0.3), (" ", 0.01)]), &[0.0, 0.0, 1.0]);
        are(&neither(&[("neither", 0.62), ("mask 10", 0.2), ("mask 1\n", 0.18)]), &[0.18, 0.2, 0.62]);
        // The way that was gone is divided where it divides.
        let gone = |others: &[(&str, f64)], last: &[(&str, f64)]| {
            let given: [Given; 4] =
                [("mask", 0.4, others), (" ", 1.0, &[]), ("1", 1.0, &[]), ("<|im_end|>", 0.75, last)];
            weighed(&given, "mask 1", "mask 1", &masks)
        };
        let last: [_; 2] = [("<|im_end|>", 0.75), ("0", 0.25)];
        are(&gone(&[("mask", 0.4), ("neither", 0.6)], &last), &[0.3, 0.1, 0.6]);
        are(&gone(&[("mask", 0.4), ("neither", 0.5), ("mask 10", 0.1)], &last), &[0.3, 0.2, 0.5]);
        // The same letters in another token, or in another case: how those would have gone on is not seen.
        are(&gone(&[("mask", 0.4), ("neither", 0.5), ("ma", 0.1)], &last), none);
        are(&gone(&[("mask", 0.4), ("neither", 0.5), (" Mask", 0.1)], &last), none);
        // Further down, too; an empty token here may be what ends the turn.
        are(&gone(&[("mask", 0.4), ("neither", 0.6)], &[("<|im_end|>", 0.75), ("0", 0.15), ("", 0.1)]), none);
    }

    #[test]
    fn parts_of_letters_cannot_be_told_apart() {
        let none: &[f64] = &[];
        let options = ["日本", "é", "neither"];
        let first: [_; 3] = [("neither", 0.4), ("", 0.31), ("", 0.29)];
        let letters = |first: &[(&str, f64)], second: &[(&str, f64)]| {
            let given: [Given; 6] = [
                ("", 0.29, first),
                ("", 1.0, second),
                ("日", 1.0, &[("日", 1.0)]),
                ("", 1.0, &[("", 1.0)]),
                ("本", 1.0, &[("本", 1.0)]),
                ("<|im_end|>", 1.0, &[]),
            ];
            weighed(&given, "日本", "日本", &options)
        };
        are(&letters(&first, &[("", 1.0)]), none);
        are(&letters(&[("neither", 0.71), ("", 0.29)], &[("", 1.0), ("", 0.001)]), none);
        // The only part is the one that was gone into.
        are(&letters(&[("neither", 0.71), ("", 0.29)], &[("", 1.0), ("", 0.0)]), &[0.29, 0.0, 0.71]);
        are(&letters(&[("neither", 0.51), ("é", 0.2), ("", 0.29)], &[]), &[0.29, 0.2, 0.51]);
        // Two that are as likely are two.
        are(&letters(&[("neither", 0.42), ("", 0.29), ("", 0.29)], &[]), none);

        let neither = |piece: &str, options: &[&str]| {
            weighed(&[("neither", 0.4, &[("neither", 0.4), (piece, 0.6)])], "neither", "neither", options)
        };
        are(&neither("", &options), none);
        are(&neither("\u{fffd}", &options), none);
        are(&neither(" \u{fffd}", &options), none);
        // No part of a letter begins an option of ASCII.
        are(&neither("", &["A", "neither"]), &[0.0, 1.0]);
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
