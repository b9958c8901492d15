//! Words one after the other.

use crate::lexicon::{self, Sense};
use crate::nouns::{self, Known};
use crate::{MOST_WORDS, Wear};
use alloc::string::String;
use alloc::vec::Vec;

/// The words of a sentence and how many of them were read.
#[derive(Clone, Copy)]
pub(crate) struct Cursor<'a> {
    rest: &'a [&'a str],
}

/// Splits into words in lower case: letters and digits; everything else separates. At most [`MOST_WORDS`] are kept.
pub(crate) fn words(sentence: &str) -> Vec<String> {
    sentence
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .take(MOST_WORDS)
        .map(|word| word.chars().take(40).flat_map(char::to_lowercase).collect())
        .collect()
}

impl<'a> Cursor<'a> {
    pub(crate) fn new(words: &'a [&'a str]) -> Self {
        Self { rest: words }
    }

    pub(crate) fn is_done(&self) -> bool {
        self.rest.is_empty()
    }

    /// The words that were not read yet.
    pub(crate) fn rest(&self) -> &'a [&'a str] {
        self.rest
    }

    /// Takes this many words.
    pub(crate) fn take(&mut self, count: usize) -> &'a [&'a str] {
        let (taken, rest) = self.rest.split_at(count.min(self.rest.len()));
        self.rest = rest;
        taken
    }

    /// Takes one word.
    pub(crate) fn word(&mut self) -> Option<&'a str> {
        self.take(1).first().copied()
    }

    /// The sense of what comes next, and how many words it has.
    pub(crate) fn sense(&self) -> Option<(Sense, usize)> {
        lexicon::sense(self.rest)
    }

    /// The noun that comes next, the longest that is known, and how many words it has.
    pub(crate) fn noun(&self) -> Option<(Known, usize)> {
        (1..=4.min(self.rest.len()))
            .rev()
            .find_map(|length| nouns::known(self.rest.get(..length)?).map(|known| (known, length)))
    }

    /// The garment that comes next.
    pub(crate) fn garment(&self) -> Option<(Wear, usize)> {
        lexicon::garment(self.rest)
    }

    /// Takes what comes next if it has one of these senses.
    pub(crate) fn accept(&mut self, wanted: impl Fn(Sense) -> bool) -> Option<Sense> {
        let (sense, length) = self.sense()?;
        wanted(sense).then(|| {
            self.take(length);
            sense
        })
    }

    /// Skips words that say nothing.
    pub(crate) fn skip(&mut self) {
        while self.accept(|sense| sense == Sense::Skip).is_some() {}
    }
}
