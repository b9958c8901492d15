//! Searching each entry several times, each time with another seed.

/// What stands between an entry's id and the number of the search in the id of a sample.
const MARK: &str = ".repeat-";

/// The id of the sample that searches an entry for this time, from 1.
pub fn sample_id(entry: &str, repeat: u32) -> String {
    if repeat <= 1 { entry.to_owned() } else { format!("{entry}{MARK}{repeat}") }
}

/// The id of the entry that a sample searches, in an evaluation that searches each entry so many times.
pub fn entry_of(sample: &str, repeats: u32) -> &str {
    match sample.rsplit_once(MARK) {
        Some((entry, repeat)) if repeat.parse().is_ok_and(|repeat: u32| (2..=repeats).contains(&repeat)) => entry,
        _ => sample,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sample_names_its_entry() {
        for (id, repeat) in [("a", 1), ("a", 2), ("a.repeat-9", 1), ("a.repeat-x", 3)] {
            assert_eq!(entry_of(&sample_id(id, repeat), 3), id);
        }
        assert_eq!(sample_id("a", 2), "a.repeat-2");
    }
}
