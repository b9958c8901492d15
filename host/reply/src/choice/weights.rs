//! Computes the probability of each option from the probabilities of the tokens that name the chosen one.

use std::collections::BTreeSet;

use super::options::{Options, is_wrapping};
use crate::Token;

/// The greatest fraction of the listed probability that may be impossible to divide among options. It bounds the error of each
/// weight.
const MAX_AMBIGUOUS: f64 = 1e-6;

/// The weights of [`super::Chosen`]. `chosen` is the index of the chosen option, which is named at byte `at` of the answer. Empty
/// if no weights can be computed.
pub(super) fn weights(tokens: &[Token], answer: &str, at: usize, chosen: usize, options: &Options) -> Vec<f64> {
    from_tokens(tokens, answer, at, chosen, options).unwrap_or_default()
}

fn from_tokens(tokens: &[Token], answer: &str, at: usize, chosen: usize, options: &Options) -> Option<Vec<f64>> {
    let mut weights = vec![0.0; options.len()];
    // The probability of other tokens that begin several options, and whose continuation is unknown.
    let mut ambiguous = 0.0;
    // The part of the option before the current token, and the probability of that part.
    let (mut written, mut reach) = (String::new(), 1.0);
    for token in tokens.get(first_token(tokens, answer, at)?..)? {
        let with = |text: &str| {
            let text = if written.is_empty() { text.trim_start_matches(is_before_option) } else { text };
            format!("{written}{text}")
        };
        let own = token.alternatives.iter().position(|(text, p)| *text == token.text && *p == token.logprob);
        let mut seen = BTreeSet::from([&token.text]);
        for (place, (text, logprob)) in token.alternatives.iter().enumerate() {
            let partial = is_partial_character(text);
            // Tokens with equal texts are the same token, except for parts of characters, which look alike.
            if Some(place) == own || !partial && !seen.insert(text) {
                continue;
            }
            let mass = reach * probability(*logprob);
            match options.started_by(&with(text)).as_slice() {
                _ if partial && !options.are_ascii() => ambiguous += mass,
                [] => {}
                [option] => *weights.get_mut(*option)? += mass,
                _ => ambiguous += mass,
            }
        }
        written = with(&token.text);
        reach *= probability(token.logprob);
        match options.started_by(&written).as_slice() {
            [option] if *option == chosen => {
                *weights.get_mut(chosen)? += reach;
                let total: f64 = weights.iter().sum();
                let divided = total > 0.0 && ambiguous <= MAX_AMBIGUOUS * (total + ambiguous);
                return divided.then(|| weights.iter().map(|weight| weight / total).collect());
            }
            // So far nothing of the option was written, or what was written begins several options.
            several if written.is_empty() || several.contains(&chosen) => {}
            _ => return None,
        }
    }
    None
}

/// Whether a token is a part of a character, so that it is unknown which option it begins. vLLM returns the character with its
/// last token and an empty text for those before; other servers write U+FFFD.
fn is_partial_character(text: &str) -> bool {
    text.is_empty() || text.contains(char::REPLACEMENT_CHARACTER)
}

/// Whether a character may precede an option in the token that begins it.
fn is_before_option(letter: char) -> bool {
    is_wrapping(letter) || letter == ':'
}

/// The probability for a log-probability. Servers may round to slightly above 0, and write −9999 for a probability of 0.
fn probability(logprob: f64) -> f64 {
    logprob.min(0.0).exp()
}

/// The index of the token that contains byte `at` of the answer, or of the first token of that character if it has several. The
/// tokens are those of the whole reply, which ends with the answer and tokens that end the turn. `None` if the answer is not
/// found.
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
    // An ASCII character is never split, so an empty token before it is not a part of it.
    let (before, whole) = (tokens.get(..token)?, tokens.get(token)?.text.is_ascii());
    let parts = before.iter().rev().take_while(|token| !whole && token.text.is_empty()).count();
    Some(token - parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A token, its probability, and the most likely tokens at its position.
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

    fn weights_of(given: &[Given], answer: &str, chosen: &str, options: &[&str]) -> Vec<f64> {
        let names: Vec<_> = options.iter().map(|option| (*option).to_owned()).collect();
        let at = answer.rfind(chosen).unwrap();
        let chosen = options.iter().position(|option| *option == chosen).unwrap();
        weights(&tokens(given), answer, at, chosen, &Options::new(&names).unwrap())
    }

    #[track_caller]
    fn assert_weights(weights: &[f64], expected: &[f64]) {
        let close = weights.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-12);
        assert!(close && weights.len() == expected.len(), "{weights:?}, not {expected:?}");
    }

    #[test]
    fn every_spelling_of_an_option_counts_once() {
        let first = [("LEFT", 0.5), ("Left", 0.1), (" left", 0.05), ("L", 0.05), ("RIGHT", 0.2), ("The", 0.1)];
        assert_weights(
            &weights_of(&[("LEFT", 0.5, &first)], "LEFT", "LEFT", &["LEFT", "RIGHT"]),
            &[0.7 / 0.9, 0.2 / 0.9],
        );
    }

    #[test]
    fn a_token_that_is_not_among_its_alternatives_counts_too() {
        assert_weights(&weights_of(&[("B", 0.2, &[("A", 0.6)])], "B", "B", &["A", "B"]), &[0.75, 0.25]);
        assert_weights(&weights_of(&[("B", 0.2, &[])], "B", "B", &["A", "B"]), &[0.0, 1.0]);
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
        assert_weights(&weights_of(&given, answer, "A", &["A", "B"]), &[] as &[f64]);
        let [a, b, c, d, e, f, g, _] = given;
        let given: [Given; 9] = [a, b, c, d, e, f, g, ("\"}", 1.0, &[]), ("<|im_end|>", 1.0, &[])];
        assert_weights(&weights_of(&given, answer, "A", &["A", "B"]), &[0.6, 0.4]);
        // The quote in one token with the letter.
        let joined: [Given; 3] =
            [("{\"answer\":", 1.0, &[]), (" \"A", 0.6, &[(" \"A", 0.6), (" \"B", 0.2)]), ("\"}", 1.0, &[])];
        assert_weights(&weights_of(&joined, answer, "A", &["A", "B"]), &[0.75, 0.25]);
    }

    #[test]
    fn the_probability_of_a_shared_beginning_is_divided_by_later_tokens() {
        let given: [Given; 3] = [
            ("l", 0.8, &[("l", 0.8), ("right", 0.2)]),
            ("ower", 0.75, &[("ower", 0.75), ("eft", 0.25)]),
            ("<|im_end|>", 1.0, &[]),
        ];
        assert_weights(&weights_of(&given, "lower", "lower", &["left", "lower", "right"]), &[0.2, 0.6, 0.2]);
        let ends: [Given; 2] =
            [("1", 0.5, &[("1", 0.5), ("2", 0.5)]), ("<|im_end|>", 0.5, &[("<|im_end|>", 0.5), ("0", 0.5)])];
        assert_weights(&weights_of(&ends, "1", "1", &["1", "2", "10"]), &[0.25, 0.5, 0.25]);
    }

    #[test]
    fn the_probability_of_another_shared_beginning_cannot_be_divided() {
        let none: &[f64] = &[];
        let masks = ["mask 1", "mask 10", "neither"];
        let neither = |others: &[(&str, f64)]| {
            weights_of(&[("neither", 0.62, others), ("<|im_end|>", 1.0, &[])], "neither", "neither", &masks)
        };
        assert_weights(&neither(&[("neither", 0.62), (" mask", 0.2), ("mask", 0.18)]), none);
        assert_weights(&neither(&[("neither", 0.62), ("m", 1e-5)]), none);
        assert_weights(&neither(&[("neither", 0.62), ("m", 1e-7), ("The", 0.3), (" ", 0.01)]), &[0.0, 0.0, 1.0]);
        assert_weights(&neither(&[("neither", 0.62), ("mask 10", 0.2), ("mask 1\n", 0.18)]), &[0.18, 0.2, 0.62]);
        // The beginning that the model wrote is divided by the tokens after it.
        let written_mask = |others: &[(&str, f64)], last: &[(&str, f64)]| {
            let given: [Given; 4] =
                [("mask", 0.4, others), (" ", 1.0, &[]), ("1", 1.0, &[]), ("<|im_end|>", 0.75, last)];
            weights_of(&given, "mask 1", "mask 1", &masks)
        };
        let last: [_; 2] = [("<|im_end|>", 0.75), ("0", 0.25)];
        assert_weights(&written_mask(&[("mask", 0.4), ("neither", 0.6)], &last), &[0.3, 0.1, 0.6]);
        assert_weights(&written_mask(&[("mask", 0.4), ("neither", 0.5), ("mask 10", 0.1)], &last), &[0.3, 0.2, 0.5]);
        // Another token with the same letters, or in another case, has an unknown continuation.
        assert_weights(&written_mask(&[("mask", 0.4), ("neither", 0.5), ("ma", 0.1)], &last), none);
        assert_weights(&written_mask(&[("mask", 0.4), ("neither", 0.5), (" Mask", 0.1)], &last), none);
        // The same holds at a later token; an empty token here may end the turn.
        assert_weights(
            &written_mask(&[("mask", 0.4), ("neither", 0.6)], &[("<|im_end|>", 0.75), ("0", 0.15), ("", 0.1)]),
            none,
        );
    }

    #[test]
    fn parts_of_characters_cannot_be_told_apart() {
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
            weights_of(&given, "日本", "日本", &options)
        };
        assert_weights(&letters(&first, &[("", 1.0)]), none);
        assert_weights(&letters(&[("neither", 0.71), ("", 0.29)], &[("", 1.0), ("", 0.001)]), none);
        // The only partial character is the one that the model wrote.
        assert_weights(&letters(&[("neither", 0.71), ("", 0.29)], &[("", 1.0), ("", 0.0)]), &[0.29, 0.0, 0.71]);
        assert_weights(&letters(&[("neither", 0.51), ("é", 0.2), ("", 0.29)], &[]), &[0.29, 0.2, 0.51]);
        // Two parts with the same probability count as two tokens.
        assert_weights(&letters(&[("neither", 0.42), ("", 0.29), ("", 0.29)], &[]), none);

        let neither = |partial: &str, options: &[&str]| {
            weights_of(&[("neither", 0.4, &[("neither", 0.4), (partial, 0.6)])], "neither", "neither", options)
        };
        assert_weights(&neither("", &options), none);
        assert_weights(&neither("\u{fffd}", &options), none);
        assert_weights(&neither(" \u{fffd}", &options), none);
        // A part of a character never begins an ASCII option.
        assert_weights(&neither("", &["A", "neither"]), &[0.0, 1.0]);
    }

    #[test]
    fn probabilities_that_cannot_be_assigned_give_no_weights() {
        let none: &[f64] = &[];
        assert_weights(&weights_of(&[], "A", "A", &["A", "B"]), none);
        // The tokens do not spell the text.
        assert_weights(&weights_of(&[("token_id:32", 0.9, &[])], "A", "A", &["A", "B"]), none);
        // The reply ends while two options are still possible.
        assert_weights(&weights_of(&[("1", 0.9, &[])], "1", "1", &["1", "10"]), none);
        let impossible =
            Token { text: "A".into(), logprob: f64::NEG_INFINITY, alternatives: vec![("B".into(), -9999.0)] };
        let options = Options::new(&["A".into(), "B".into()]).unwrap();
        assert_eq!(weights(&[impossible], "A", 0, 0, &options), none);
    }
}
