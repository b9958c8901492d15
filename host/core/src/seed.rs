//! Seeds: one for a run, and one derived from it for each session.

use sha2::{Digest as _, Sha256};

/// The seed of a run. The seed of each session is derived from it and from what the session is about, so that neither time nor the
/// order of sessions can change it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seed(pub u64);

impl Seed {
    /// The seed for what these words name: the first 8 bytes, little endian, of SHA-256 over the run's seed (8 bytes) and each
    /// word with its length before it (8 bytes).
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
    fn depends_on_the_run_and_on_where_words_end() {
        let of = |seed, words: &[&str]| Seed(seed).derive(words.iter().map(|word| word.as_bytes()));
        assert_eq!(of(0, &["a", "b"]), of(0, &["a", "b"]));
        assert_ne!(of(0, &["a", "b"]), of(1, &["a", "b"]));
        assert_ne!(of(0, &["a", "b"]), of(0, &["ab"]));
        assert_eq!(of(0, &["planner"]), 5_319_625_150_271_015_604, "seeds are part of every published result");
    }
}
