//! Derives the seed of each plugin session from the seed of the run.

use sha2::{Digest as _, Sha256};

/// The seed of a run. The seed of a session is derived from the seed of the run and from words that name the session,
/// so it depends neither on time nor on the order of the sessions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seed(pub u64);

impl Seed {
    /// Derives the seed of the session that these words name. It is the first 8 bytes, little endian, of the SHA-256 of
    /// `rescue-seed/1`, the run's seed and each word after its length. The run's seed and the lengths are 8 bytes,
    /// little endian.
    pub fn derive<'a>(self, words: impl IntoIterator<Item = &'a [u8]>) -> u64 {
        let mut hash = Sha256::new();
        hash.update(b"rescue-seed/1");
        hash.update(self.0.to_le_bytes());
        for word in words {
            hash.update((word.len() as u64).to_le_bytes());
            hash.update(word);
        }
        hash.finalize().iter().take(8).rev().fold(0, |seed, byte| (seed << 8) | u64::from(*byte))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_derived_seed_depends_on_the_run_and_on_where_words_end() {
        let of = |seed, words: &[&str]| Seed(seed).derive(words.iter().map(|word| word.as_bytes()));
        assert_eq!(of(0, &["a", "b"]), of(0, &["a", "b"]));
        assert_ne!(of(0, &["a", "b"]), of(1, &["a", "b"]));
        assert_ne!(of(0, &["a", "b"]), of(0, &["ab"]));
        assert_eq!(of(0, &["planner"]), 5_319_625_150_271_015_604, "seeds are part of every published result");
    }
}
