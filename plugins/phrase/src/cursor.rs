//! The words of a sentence, and a cursor that reads them.

use crate::lexicon::{self, Sense};
use crate::nouns::{self, Known};
use crate::{BodyRegion, MAX_WORDS};
use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;

/// The words, with the sense and the noun that begin at each of them. Each is looked up once.
pub(crate) struct Text<'a> {
    words: &'a [&'a str],
    senses: Vec<Option<(Sense, usize)>>,
    nouns: Vec<Option<(Known, usize)>>,
}

impl<'a> Text<'a> {
    pub(crate) fn new(words: &'a [&'a str]) -> Self {
        let rests = || (0..words.len()).filter_map(|at| words.get(at..));
        Self { words, senses: rests().map(lexicon::sense).collect(), nouns: rests().map(noun).collect() }
    }
}

/// The longest known noun at the start of these words, and its number of words.
fn noun(words: &[&str]) -> Option<(Known, usize)> {
    (1..=4.min(words.len())).rev().find_map(|length| nouns::known(words.get(..length)?).map(|known| (known, length)))
}

/// A position in a text.
#[derive(Clone, Copy)]
pub(crate) struct Cursor<'a> {
    text: &'a Text<'a>,
    rest: &'a [&'a str],
}

/// Splits a sentence into words of letters and digits, in lower case. All other characters separate words, but "&"
/// becomes "and" and "#" becomes "number". Returns at most [`MAX_WORDS`] words.
pub(crate) fn words(sentence: &str) -> Vec<String> {
    sentence
        .split_inclusive(|c: char| !c.is_alphanumeric())
        .flat_map(|piece| {
            let word = piece.trim_end_matches(|c: char| !c.is_alphanumeric());
            let sign = match piece.get(word.len()..) {
                Some("&") => "and",
                Some("#") => "number",
                _ => "",
            };
            [word, sign]
        })
        .filter(|word| !word.is_empty())
        .take(MAX_WORDS)
        .map(|word| word.chars().take(40).flat_map(char::to_lowercase).collect())
        .collect()
}

impl<'a> Cursor<'a> {
    pub(crate) fn new(text: &'a Text<'a>) -> Self {
        Self { text, rest: text.words }
    }

    /// The number of words that were read.
    fn read(&self) -> usize {
        self.text.words.len() - self.rest.len()
    }

    pub(crate) fn is_done(&self) -> bool {
        self.rest.is_empty()
    }

    /// The words that were not read yet.
    pub(crate) fn rest(&self) -> &'a [&'a str] {
        self.rest
    }

    /// The words that were not read yet, without "and" and words of no meaning.
    pub(crate) fn meaningful(mut self) -> Vec<String> {
        let mut words = Vec::new();
        while !self.is_done() {
            self.skip();
            self.accept(|sense| sense == Sense::And);
            words.extend(self.word().map(ToOwned::to_owned));
        }
        words
    }

    /// Reads this many words.
    pub(crate) fn take(&mut self, count: usize) -> &'a [&'a str] {
        let (taken, rest) = self.rest.split_at(count.min(self.rest.len()));
        self.rest = rest;
        taken
    }

    /// Reads one word.
    pub(crate) fn word(&mut self) -> Option<&'a str> {
        self.take(1).first().copied()
    }

    /// The sense of the next words, and their number. `None` if they have none.
    pub(crate) fn sense(&self) -> Option<(Sense, usize)> {
        self.text.senses.get(self.read()).copied().flatten()
    }

    /// The longest known noun that comes next, and its number of words.
    pub(crate) fn noun(&self) -> Option<(Known, usize)> {
        self.text.nouns.get(self.read()).copied().flatten()
    }

    /// The next word if it is in no table.
    pub(crate) fn unknown(&self) -> Option<&'a str> {
        let word = self.rest.first().copied()?;
        (self.sense().is_none() && self.noun().is_none()).then_some(word)
    }

    /// The part of the body of the garment that comes next, and its number of words.
    pub(crate) fn garment(&self) -> Option<(BodyRegion, usize)> {
        lexicon::garment(self.rest)
    }

    /// Reads the next words if their sense is wanted, and returns the sense.
    pub(crate) fn accept(&mut self, wanted: impl Fn(Sense) -> bool) -> Option<Sense> {
        let (sense, length) = self.sense()?;
        wanted(sense).then(|| {
            self.take(length);
            sense
        })
    }

    /// Reads words of no meaning, such as articles.
    pub(crate) fn skip(&mut self) {
        while self.accept(|sense| sense == Sense::Skip).is_some() {}
    }
}
