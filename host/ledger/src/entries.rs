//! Iterates over all entries of a ledger.

use crate::Key;
use crate::error::LedgerError;
use crate::ledger::Ledger;

/// An iterator over the entries of a ledger in the order of their keys. Each value is read when it is reached.
pub struct Entries<'a> {
    ledger: &'a Ledger,
    keys: std::vec::IntoIter<Key>,
}

impl Ledger {
    /// All entries that are known now, in the order of their keys. A damaged entry yields an error, and the iteration continues
    /// after it.
    pub fn entries(&self) -> Entries<'_> {
        Entries { ledger: self, keys: self.index().keys().into_iter() }
    }
}

impl Iterator for Entries<'_> {
    type Item = Result<(Key, Vec<u8>), LedgerError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let key = self.keys.next()?;
            // `None` if the entry was pruned meanwhile: skip it.
            match self.ledger.get(&key).transpose() {
                Some(value) => return Some(value.map(|value| (key, value))),
                None => continue,
            }
        }
    }
}
