//! The options of a choice, and finds them in a text.

use std::collections::{BTreeMap, BTreeSet};

use crate::limits::MAX_OPTIONS;
use crate::unreadable::excerpt;

/// The options in a form that can be compared with the text of a model.
pub(super) struct Options {
    /// The options in the given order, without surrounding quotes and the like.
    bare: Vec<String>,
    /// The same, in the form in which a text is compared with them.
    keys: Vec<String>,
    /// The index of the option with each key.
    by_key: BTreeMap<String, usize>,
    /// The lengths of the keys, in bytes.
    lengths: BTreeSet<usize>,
    /// Whether the case of ASCII letters is ignored.
    folded: bool,
}

impl Options {
    /// Fails if there are no options, too many, or two that cannot be told apart.
    pub(super) fn new(options: &[String]) -> Result<Self, String> {
        if options.is_empty() || options.len() > MAX_OPTIONS {
            return Err(format!("there are {} options to choose from; there may be 1 to {MAX_OPTIONS}", options.len()));
        }
        // Stripped and without case if that keeps the options distinct, else in stricter forms.
        for (strip, folded) in [(true, true), (true, false), (false, true), (false, false)] {
            let bare = options.iter().map(|option| if strip { stripped(option) } else { option.trim() });
            let bare: Vec<_> = bare.map(str::to_owned).collect();
            let keys: Vec<_> = bare.iter().map(|option| fold(option, folded)).collect();
            let by_key: BTreeMap<_, _> = keys.iter().cloned().zip(0..).collect();
            if by_key.len() == keys.len() && !by_key.contains_key("") {
                let lengths = keys.iter().map(String::len).collect();
                return Ok(Self { bare, keys, by_key, lengths, folded });
            }
        }
        Err("two of the options are the same, or one is empty".into())
    }

    pub(super) fn len(&self) -> usize {
        self.keys.len()
    }

    /// Whether all options are ASCII, so that none has a character of several bytes.
    pub(super) fn are_ascii(&self) -> bool {
        self.keys.iter().all(|key| key.is_ascii())
    }

    /// The beginning of an option in quotes, for messages.
    pub(super) fn excerpt(&self, option: usize) -> String {
        excerpt(self.bare.get(option).map_or("", String::as_str))
    }

    /// The text in the form that is compared with keys. Positions of bytes do not change.
    pub(super) fn fold(&self, text: &str) -> String {
        fold(text, self.folded)
    }

    /// The option that makes up the whole text, apart from surrounding quotes and the like, and its position in the text, in
    /// bytes.
    pub(super) fn whole(&self, text: &str) -> Option<(usize, usize)> {
        let longest = self.lengths.last().copied().unwrap_or_default();
        let is = |part: &str| {
            let fits = part.len() <= longest;
            let option = fits.then(|| self.by_key.get(&self.fold(part)))??;
            Some((*option, part.as_ptr() as usize - text.as_ptr() as usize))
        };
        let bare = stripped(text);
        is(text.trim()).or_else(|| is(bare)).or_else(|| is(stripped(after_word_option(bare)?)))
    }

    /// The option with which a folded text begins as a separate word, and its length in bytes. If several do, the longest.
    pub(super) fn first(&self, folded: &str) -> Option<(usize, usize)> {
        self.lengths.iter().rev().find_map(|length| {
            let (key, rest) = folded.split_at_checked(*length)?;
            let option = self.by_key.get(key)?;
            ends_word(key, rest).then_some((*option, *length))
        })
    }

    /// The options that begin with the text, and those with which the text begins.
    pub(super) fn started_by(&self, text: &str) -> Vec<usize> {
        let text = self.fold(text);
        let started_by = |key: &str| {
            !text.trim_end().is_empty() && key.starts_with(&text)
                || text.strip_prefix(key).is_some_and(|rest| ends_word(key, rest))
        };
        self.keys.iter().enumerate().filter(|(_, key)| started_by(key)).map(|(option, _)| option).collect()
    }

    /// The options that occur in a text as separate words. An option of one letter must have the given case, because "a" is also
    /// an article.
    pub(super) fn named(&self, text: &str) -> BTreeSet<usize> {
        let folded = self.fold(text);
        let mut before = None;
        let mut named = BTreeSet::new();
        for (at, letter) in folded.char_indices() {
            let starts = !(letter.is_whitespace() || is_word(letter) && before.is_some_and(is_word));
            before = Some(letter);
            let Some((option, length)) = starts.then(|| folded.get(at..).and_then(|rest| self.first(rest))).flatten()
            else {
                continue;
            };
            let written = text.get(at..at + length);
            if written.is_some_and(|it| it.len() > 1) || written == self.bare.get(option).map(String::as_str) {
                named.insert(option);
            }
        }
        named
    }
}

/// The text in lower case (ASCII only) if `folded`, else unchanged.
fn fold(text: &str, folded: bool) -> String {
    if folded { text.to_ascii_lowercase() } else { text.to_owned() }
}

/// Whether a character may surround an option without being part of it.
pub(super) fn is_wrapping(letter: char) -> bool {
    letter.is_whitespace() || "\"'`*“”‘’()[]{}".contains(letter)
}

/// The text without characters that may surround an option, and without punctuation at its end.
fn stripped(text: &str) -> &str {
    text.trim_start_matches(is_wrapping).trim_end_matches(|letter| is_wrapping(letter) || ".,:;!".contains(letter))
}

/// The rest after the word "option", such as "A" in "Option A" and "option: A". `None` without that word.
fn after_word_option(text: &str) -> Option<&str> {
    let (word, rest) = text.split_at_checked("option".len())?;
    (word.eq_ignore_ascii_case("option") && rest.starts_with([' ', ':', '#']))
        .then(|| rest.trim_start_matches([' ', ':', '#']))
}

/// Whether a character is a letter, a digit or `_`.
pub(super) fn is_word(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_'
}

/// Whether `word` ends before `rest`. "10" does not end in "100" or "10.5", nor "A" in "A's" or "A-side".
fn ends_word(word: &str, rest: &str) -> bool {
    let mut letters = rest.chars();
    let (next, after) = (letters.next(), letters.next());
    !word.ends_with(is_word)
        || match next {
            Some('-' | '\'' | '’') => !after.is_some_and(is_word),
            Some('.' | ',') => !after.is_some_and(|letter| letter.is_ascii_digit()),
            Some(letter) => !is_word(letter),
            None => true,
        }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(options: &[&str]) -> Options {
        let options: Vec<_> = options.iter().map(|option| (*option).to_owned()).collect();
        Options::new(&options).unwrap()
    }

    #[test]
    fn options_that_cannot_be_told_apart_are_refused() {
        let refused = |options: &[String]| Options::new(options).err();
        assert!(refused(&[]).is_some());
        assert!(refused(&["a".into(), " a".into()]).is_some());
        assert!(refused(&["a".into(), " ".into()]).is_some());
        let many = |count: usize| (0..count).map(|number| number.to_string()).collect::<Vec<_>>();
        assert!(refused(&many(MAX_OPTIONS)).is_none());
        assert!(refused(&many(MAX_OPTIONS + 1)).unwrap().contains("257 options"));
    }

    #[test]
    fn case_and_wrapping_count_only_if_options_differ_in_nothing_else() {
        let whole = |names: &[&str], text: &str| options(names).whole(text).map(|(option, _)| option);
        assert_eq!(whole(&["LEFT", "RIGHT"], "**left**."), Some(0));
        assert_eq!(whole(&["a", "A"], "A"), Some(1));
        assert_eq!(whole(&["a", "A"], "(a)"), Some(0));
        assert_eq!(whole(&["a.", "a"], "a."), Some(0));
        assert_eq!(whole(&["a.", "a"], "a"), Some(1));
        assert_eq!(whole(&["-1", "1"], "-1"), Some(0));
        assert_eq!(whole(&["1"], "-1"), None);
        assert_eq!(whole(&["{", "}"], "}"), Some(1));
        assert_eq!(options(&["A"]).whole(" \"Option: A\"."), Some((0, 10)));
    }

    #[test]
    fn options_are_found_as_separate_words() {
        let named = |names: &[&str], text: &str| options(names).named(text).into_iter().collect::<Vec<_>>();
        assert_eq!(named(&["10", "100"], "100 or 10."), [0, 1]);
        assert_eq!(named(&["10"], "100 10.5 x10 10_ 10-fold"), [0_usize; 0]);
        assert_eq!(named(&["left", "left half"], "the left half"), [1]);
        assert_eq!(named(&["A", "B"], "B is a good one, A's is not"), [1]);
        assert_eq!(named(&["+", "-"], "a+b"), [0]);
    }

    #[test]
    fn options_are_found_by_their_beginning() {
        let options = options(&["left", "lower", "1", "10"]);
        assert_eq!(options.started_by("l"), [0, 1]);
        assert_eq!(options.started_by("LE"), [0]);
        assert_eq!(options.started_by("left\"}"), [0]);
        assert_eq!(options.started_by("1"), [2, 3]);
        assert_eq!(options.started_by("1\""), [2]);
        assert_eq!(options.started_by("1\n"), [2]);
        assert_eq!(options.started_by("lefty"), [0_usize; 0]);
        assert_eq!(options.started_by(" "), [0_usize; 0]);
    }
}
