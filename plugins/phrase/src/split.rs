//! Takes a sentence apart before it is read: lists of things ("dog, horse") and exclusions ("all horses but the leftmost").

use crate::nouns;
use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;

/// Signs between the parts of a list.
const SIGNS: [char; 7] = [',', '.', ';', '/', '|', '+', '\n'];
/// Words before a noun that add nothing to it in a list.
const ARTICLES: [&str; 9] = ["a", "an", "the", "all", "any", "some", "every", "each", "one"];
/// What begins an exclusion, the longest first. Of the weak ones it depends on what follows.
const EXCLUSIONS: [(&[&str], bool); 15] = [
    (&["with", "the", "exception", "of"], true),
    (&["except", "for"], true),
    (&["not", "including"], true),
    (&["not", "counting"], true),
    (&["other", "than"], true),
    (&["apart", "from"], true),
    (&["aside", "from"], true),
    (&["save", "for"], false),
    (&["but", "not"], false),
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
    (1..words.len())
        .find_map(|at| {
            let (marker, strong) =
                EXCLUSIONS.iter().find(|(marker, _)| words.get(at..).is_some_and(|rest| rest.starts_with(marker)))?;
            let (sought, excluded) = (words.get(..at)?, words.get(at + marker.len()..)?);
            (!excluded.is_empty()).then_some(Exclusion { sought, excluded, marker, strong: *strong, kind: false })
        })
        .or_else(|| negation(words))
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
