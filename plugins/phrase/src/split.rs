//! Takes a sentence apart before it is read: lists of things ("dog, horse") and exclusions ("all horses but the leftmost").

use crate::cursor::Cursor;
use crate::lexicon::Sense;
use crate::place::sides;
use crate::{Side, nouns, word_class};
use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;

/// Signs between the parts of a list.
const SIGNS: [char; 7] = [',', '.', ';', '/', '|', '+', '\n'];
/// Words before a noun that add nothing to it in a list.
const ARTICLES: [&str; 9] = ["a", "an", "the", "all", "any", "some", "every", "each", "one"];
/// What begins an exclusion, the longest first. Of the weak ones it depends on what follows.
const EXCLUSIONS: [(&[&str], bool); 17] = [
    (&["with", "the", "exception", "of"], true),
    (&["except", "for"], true),
    (&["not", "including"], true),
    (&["not", "counting"], true),
    (&["other", "than"], true),
    (&["apart", "from"], true),
    (&["aside", "from"], true),
    (&["save", "for"], false),
    (&["but", "not"], false),
    (&["not", "the"], false),
    (&["save", "the"], false),
    (&["except"], true),
    (&["excluding"], true),
    (&["excepting"], true),
    (&["but"], false),
    (&["minus"], false),
    (&["without"], false),
];

/// What excludes a whole kind of things, if the name of one follows: "the vehicle that is not a bus".
const NEGATIONS: [&[&str]; 8] = [
    &["that", "is", "not"],
    &["that", "are", "not"],
    &["which", "is", "not"],
    &["which", "are", "not"],
    &["who", "is", "not"],
    &["who", "are", "not"],
    &["that", "isn", "t"],
    &["that", "aren", "t"],
];

/// The nouns of a list of things that are all known: at least two, with a sign or "or" between them. `None` if it is not such a list.
pub(crate) fn list(sentence: &str) -> Option<Vec<Vec<String>>> {
    let mut signs = 0;
    let mut parts: Vec<Vec<String>> = Vec::new();
    for piece in sentence.split(SIGNS) {
        let mut part = Vec::new();
        for word in crate::cursor::words(piece) {
            if word == "or" || word == "and" {
                signs += usize::from(word == "or");
                parts.push(core::mem::take(&mut part));
            } else {
                part.push(word);
            }
        }
        parts.push(part);
        signs += 1;
    }
    parts.retain(|part| !part.is_empty());
    let things: Option<Vec<Vec<String>>> = parts
        .into_iter()
        .map(|part| {
            let words: Vec<&str> = part.iter().map(String::as_str).collect();
            let start = words.iter().take_while(|word| ARTICLES.contains(word)).count();
            let noun = words.get(start..).filter(|noun| nouns::known(noun).is_some())?;
            Some(noun.iter().map(|word| (*word).to_owned()).collect())
        })
        .collect();
    // The end of the sentence is the last sign, so one alone separates nothing.
    things.filter(|things| things.len() > 1 && signs > 1)
}

/// What a sentence with an exclusion says: what is sought, and what is left out of it.
pub(crate) struct Exclusion<'a> {
    pub(crate) sought: &'a [&'a str],
    pub(crate) excluded: &'a [&'a str],
    /// The words that exclude.
    pub(crate) marker: &'static [&'static str],
    /// Whether the marker means nothing else.
    pub(crate) strong: bool,
    /// Whether all things of the excluded kind are left out, however many its name says.
    pub(crate) kind: bool,
}

/// The first exclusion of a sentence. `None` if it has none.
pub(crate) fn exclusion<'a>(words: &'a [&'a str]) -> Option<Exclusion<'a>> {
    let exclusion = |at: usize| {
        let (marker, strong) =
            EXCLUSIONS.iter().find(|(marker, _)| words.get(at..).is_some_and(|rest| rest.starts_with(marker)))?;
        let (sought, excluded) = (words.get(..at)?, words.get(at + marker.len()..)?);
        (!excluded.is_empty()).then_some(Exclusion { sought, excluded, marker, strong: *strong, kind: false })
    };
    negation(words).or_else(|| (1..words.len()).find_map(exclusion))
}

/// The first exclusion of a kind of things that is known. `None` if there is none.
fn negation<'a>(words: &'a [&'a str]) -> Option<Exclusion<'a>> {
    (1..words.len()).find_map(|at| {
        let marker = NEGATIONS.iter().find(|marker| words.get(at..).is_some_and(|rest| rest.starts_with(marker)))?;
        let (sought, excluded) = (words.get(..at)?, words.get(at + marker.len()..)?);
        let start = excluded.iter().take_while(|word| ARTICLES.contains(word)).count();
        let excluded = excluded.get(start..)?;
        let known = nouns::known(excluded).is_some_and(|known| !known.narrower);
        known.then_some(Exclusion { sought, excluded, marker, strong: true, kind: true })
    })
}

/// One of several things that share a noun.
pub(crate) struct Sharing<'a> {
    /// Its own words, then the noun and all that follows.
    pub(crate) words: Vec<&'a str>,
    /// Whether its own words rank it ("first", "leftmost"), so that it is one thing.
    pub(crate) ranked: bool,
}

/// The things that share a noun here: "the first and the last dog". The own words of each are ranks, or traits after an
/// article or a number. `None` if there are no two such things.
pub(crate) fn sharing<'a>(at: Cursor<'a>) -> Option<Vec<Sharing<'a>>> {
    let from_side = |mut at: Cursor<'a>| {
        at.accept(|sense| sense == Sense::From)?;
        at.skip();
        sides(&mut at).map(|_| at)
    };
    let (mut rest, mut joined, mut articles, mut bare) = (at, false, true, false);
    let mut parts: Vec<(&[&str], bool, bool)> = Vec::new();
    loop {
        let mut ahead = rest;
        let and = ahead.accept(|sense| sense == Sense::And).is_some();
        let all = ahead.rest();
        let counted = matches!(ahead.sense(), Some((Sense::Count(_), _)));
        let article = counted || all.first().is_some_and(|word| word_class::is_determiner(word));
        ahead.skip();
        // "The first, second and third": the comma is not a word.
        if !and && !parts.is_empty() && !matches!(ahead.sense(), Some((Sense::Nth(_) | Sense::Last(_), _))) {
            break;
        }
        let (start, mut ranked, mut described) = (ahead.rest().len(), false, false);
        while let Some((sense, length)) = ahead.sense() {
            let superlative = ahead.rest().first().is_some_and(|word| word_class::is_superlative(word));
            let rank = match sense {
                Sense::Nth(_) | Sense::Last(_) if ranked => break,
                Sense::Nth(_) | Sense::Last(_) | Sense::Place(_, true) => true,
                Sense::Place(Side::Left | Side::Right, _) => true,
                Sense::Extent(_) | Sense::Shade(_) => superlative,
                Sense::Colour(..) | Sense::Place(..) | Sense::Far | Sense::Count(_) => false,
                _ => break,
            };
            if ranked && !rank && bare {
                // "The first and last red cars": both are red.
                break;
            }
            ahead.take(length);
            (ranked, described) = (ranked || rank, !rank);
        }
        if ahead.rest().len() == start {
            break;
        }
        let own = from_side(ahead).filter(|after| matches!(after.sense(), Some((Sense::And, _))));
        ahead = own.unwrap_or(ahead);
        articles &= article || parts.is_empty();
        bare = !described && (bare || parts.is_empty());
        parts.push((all.get(..all.len() - ahead.rest().len())?, ranked, own.is_some()));
        (rest, joined) = (ahead, joined || and);
    }
    let several = parts.len() > 1 && joined && (articles || parts.iter().all(|(_, ranked, _)| *ranked));
    let after_side = from_side(rest).unwrap_or(rest);
    (several && !after_side.is_done()).then(|| {
        let whole = |(own, ranked, placed): (&[&'a str], bool, bool)| Sharing {
            words: [own, if placed { after_side } else { rest }.rest()].concat(),
            ranked,
        };
        parts.into_iter().map(whole).collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_told_from_descriptions() {
        let nouns =
            |sentence: &str| list(sentence).map(|parts| parts.iter().map(|part| part.join(" ")).collect::<Vec<_>>());
        let two = |one: &str, other: &str| Some(vec![one.to_owned(), other.to_owned()]);
        for sentence in
            ["horse, dog", "horse / dog", "horse. dog.", "a horse; a dog", "horse or dog", "horse|dog", "horse . dog ."]
        {
            assert_eq!(nouns(sentence), two("horse", "dog"), "{sentence}");
        }
        assert_eq!(nouns("horse, dog and person").map(|nouns| nouns.len()), Some(3));
        assert_eq!(nouns("wine glass, teddy bear"), two("wine glass", "teddy bear"));
        for sentence in [
            "the dog.",
            "horse",
            "man and dog",
            "woman, left, in blue",
            "pic of dog, right side",
            "number 3 from right, sheep",
        ] {
            assert_eq!(nouns(sentence), None, "{sentence}");
        }
    }
}
