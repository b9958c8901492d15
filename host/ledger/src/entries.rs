//! All entries, one after the other.

use crate::Key;
use crate::error::LedgerError;
use crate::ledger::Ledger;

/// The entries of a ledger in the order of their keys. Values are read one at a time.
pub struct Entries<'a> {
    ledger: &'a Ledger,
    keys: std::vec::IntoIter<Key>,
}

impl Ledger {
    /// All entries that are known now, in the order of their keys. A damaged one is an error, and the next follows.
    pub fn entries(&self) -> Entries<'_> {
        Entries { ledger: self, keys: self.index().keys().into_iter() }
    }
}

impl Iterator for Entries<'_> {
    type Item = Result<(Key, Vec<u8>), LedgerError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let key = self.keys.next()?;
            // One that was pruned meanwhile is no longer an entry.
            match self.ledger.get(&key).transpose() {
                Some(value) => return Some(value.map(|value| (key, value))),
                None => continue,
            }
        }
    }
}
