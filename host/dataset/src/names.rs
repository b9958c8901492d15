//! Names of entries that a folder can bear.

use std::collections::HashMap;

/// The longest name, in characters.
const LONGEST: usize = 100;

/// A name made of letters, digits and `.-_` from any text. Empty if nothing of the text can stay.
pub(crate) fn plain(text: &str) -> String {
    let of = |character: char| match character {
        'a'..='z' | 'A'..='Z' | '0'..='9' | '-' | '_' | '.' => character,
        _ => '_',
    };
    let name: String = text.trim_matches(['.', ' ']).chars().take(LONGEST).map(of).collect();
    if name.trim_matches(['_', '.']).is_empty() { String::new() } else { name }
}

/// What is wrong with a name that was given. `None` if a folder can bear it.
pub(crate) fn wrong(name: &str) -> Option<String> {
    let is_path = name.contains(['/', '\\']) || name.starts_with('.') || name.chars().any(char::is_control);
    (name.trim().is_empty() || is_path || name.len() > LONGEST)
        .then(|| format!("its id is {name:?}, and an id names a folder: no path, no dot at the beginning, and at most {LONGEST} bytes"))
}

/// The places of names that stand there twice, with the place at which each stood first.
pub(crate) fn twice<'a>(names: impl Iterator<Item = &'a str>) -> Vec<(usize, usize)> {
    let mut first: HashMap<&str, usize> = HashMap::new();
    let mut twice = Vec::new();
    for (at, name) in names.enumerate() {
        match first.get(name) {
            Some(before) => twice.push((at, *before)),
            None => drop(first.insert(name, at)),
        }
    }
    twice
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_made_of_what_a_folder_can_bear() {
        assert_eq!(["a/b c", "..", "x.jpg", "ä"].map(plain), ["a_b_c", "", "x.jpg", ""]);
        assert!(["a b", "犬", "7"].iter().all(|name| wrong(name).is_none()));
        assert!(["", " ", "a/b", "..", ".x", "a\nb"].iter().all(|name| wrong(name).is_some()));
        assert_eq!(twice(["a", "b", "a", "a"].into_iter()), [(2, 0), (3, 0)]);
    }
}
