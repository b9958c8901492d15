//! Finds the words with which a model announces its answer.

use super::options::{Options, is_word, is_wrapping};

/// Words that announce an answer if a colon or "is" follows.
const WORDS: [&str; 7] = ["answer", "winner", "choice", "verdict", "decision", "selection", "pick"];
/// Words that announce an answer only if a colon follows.
const BEFORE_COLON: [&str; 4] = ["better", "best", "selected", "preferred"];
/// Verbs that announce an answer after "I".
const VERBS: [&str; 4] = ["choose", "pick", "select", "prefer"];
/// Words that, before a marker, mean that it announces something other than the answer.
const EXCLUDED: [&str; 6] = ["wrong", "incorrect", "not", "no", "second", "other"];
/// Words that make the answer in their sentence uncertain. The last is the end of "don't".
const DOUBTS: [&str; 12] =
    ["if", "whether", "unless", "would", "could", "might", "may", "maybe", "perhaps", "cannot", "not", "t"];
/// Words that may follow an option in its sentence, because they begin a reason.
const REASONS: [&str; 5] = ["because", "since", "due", "for", "which"];

/// The levels of markers, from the most to the least explicit.
pub(super) const FINAL: u8 = 0;
const COLON: u8 = 1;
/// A JSON object that contains exactly one option is as explicit as a colon.
pub(super) const JSON: u8 = COLON;
const SENTENCE: u8 = 2;

/// A position in a text at which an answer is announced.
pub(super) struct Mention {
    /// The level of the marker; lower is more explicit.
    pub(super) level: u8,
    /// Position of the answer, in bytes.
    pub(super) at: usize,
    /// The index of the option there. `None` if there is no option or more than one.
    pub(super) option: Option<usize>,
}

/// All announcements of an answer in a text, in order.
pub(super) fn mentions(text: &str, options: &Options) -> Vec<Mention> {
    let lower = text.to_ascii_lowercase();
    let folded = options.fold(text);
    let mut mentions = Vec::new();
    let mut before = "";
    let mut doubted = false;
    let mut at = 0;
    while let Some(start) = lower.get(at..).and_then(|rest| rest.find(is_word)).map(|start| at + start) {
        let rest = lower.get(start..).unwrap_or_default();
        let word = rest.get(..rest.find(|letter| !is_word(letter)).unwrap_or(rest.len())).unwrap_or_default();
        // A doubt ends with its sentence.
        doubted &= !lower.get(at..start).is_some_and(|gap| gap.contains(['.', '!', '?', ';', '\n']));
        at = start + word.len();
        // The closing tag `</answer>` announces nothing.
        let closes = lower.get(..start).is_some_and(|text| text.ends_with('/'));
        if let Some(marker) = parse_marker(before, word, rest.get(word.len()..).unwrap_or_default())
            && !closes
        {
            let value = folded.get(at + marker.length..).unwrap_or_default();
            let inside = value.trim_start_matches(is_wrapping);
            let inside = inside.strip_prefix("option ").unwrap_or(inside);
            let ends = |(option, length): &(usize, usize)| {
                inside.get(*length..).is_some_and(|rest| is_answer_end(rest, *option, options))
            };
            let option = options.first(inside).filter(|_| !(marker.in_sentence && doubted)).filter(ends);
            let (level, at) = (marker.level, folded.len() - inside.len());
            mentions.push(Mention { level, at, option: option.map(|(option, _)| option) });
        }
        doubted |= DOUBTS.contains(&word);
        before = word;
    }
    mentions
}

/// A marker that announces an answer.
struct Marker {
    level: u8,
    /// Whether it announces by a verb and not by a colon.
    in_sentence: bool,
    /// Length of the text after the word that belongs to the marker, in bytes.
    length: usize,
}

/// The marker that `word` forms with the word before and the text after it. `None` if it announces no answer.
fn parse_marker(before: &str, word: &str, rest: &str) -> Option<Marker> {
    if EXCLUDED.contains(&before) {
        return None;
    }
    if before == "i" && VERBS.contains(&word) {
        return Some(Marker { level: SENTENCE, in_sentence: true, length: 0 });
    }
    let (is_final, announces) = match word.strip_prefix("final_") {
        Some(word) => (true, WORDS.contains(&word)),
        None => (before == "final", WORDS.contains(&word)),
    };
    if !announces && !BEFORE_COLON.contains(&word) {
        return None;
    }
    // `**Answer**: A`, `"answer": "A"`, `<answer>A`.
    let behind = rest.trim_start_matches(|letter: char| " \t*\"'`\\".contains(letter));
    let (in_sentence, behind) = match behind.strip_prefix([':', '=', '>', '：']) {
        Some(behind) => (false, behind),
        None => {
            let behind = behind.strip_prefix("is").filter(|behind| announces && !behind.starts_with(is_word))?;
            (true, behind.trim_start_matches([' ', ':']))
        }
    };
    let level = match (is_final, in_sentence) {
        (true, _) => FINAL,
        (false, false) => COLON,
        (false, true) => SENTENCE,
    };
    Some(Marker { level, in_sentence, length: rest.len() - behind.len() })
}

/// Whether the answer ends after an option. It does not if what follows makes it part of a phrase, a question, or a list of
/// options.
fn is_answer_end(rest: &str, option: usize, options: &Options) -> bool {
    // Only the next few characters are examined, however long the line is.
    let behind = rest.trim_start_matches(|letter| is_wrapping(letter) && !"\n([{".contains(letter));
    let Some(next) = behind.chars().next().filter(|next| *next != '\n') else {
        // Options listed on several lines are no answer.
        let below = behind.trim_start_matches(is_wrapping);
        let alone = |(other, length): (usize, usize)| {
            let rest =
                below.get(length..).map(|rest| rest.trim_start_matches(|letter| letter != '\n' && is_wrapping(letter)));
            other != option && rest.is_none_or(|rest| rest.is_empty() || rest.starts_with('\n'))
        };
        return !options.first(below).is_some_and(alone);
    };
    if is_word(next) {
        let word = behind.split(|letter| !is_word(letter)).next().unwrap_or_default();
        return rest.len() > behind.len() && REASONS.iter().any(|reason| reason.eq_ignore_ascii_case(word));
    }
    let other = behind.trim_start_matches(|letter| is_wrapping(letter) || ",/|&+-–—".contains(letter));
    let other = ["or ", "and ", "vs "].iter().find_map(|joint| other.strip_prefix(joint)).unwrap_or(other);
    match next {
        '.' | ';' | ':' | '!' | '<' | '\\' | '(' => true,
        ',' | '-' | '–' | '—' => options.first(other).is_none_or(|(other, _)| other == option),
        _ => false,
    }
}
