//! Keeps what was costly to make.

use std::sync::{Arc, Mutex, PoisonError};

/// The values made last, by key. A value is made under the lock, so that nobody makes it twice, and no two are made at once.
pub(crate) struct Recent<K, V> {
    /// The latest used last.
    entries: Mutex<Vec<(K, Arc<V>)>>,
    capacity: usize,
}

impl<K: PartialEq, V> Recent<K, V> {
    /// Keeps at most `capacity` values.
    pub fn new(capacity: usize) -> Self {
        Self { entries: Mutex::new(Vec::new()), capacity }
    }

    /// The value of this key, made where it is not there. Nothing is kept where making it fails.
    pub fn get<E>(&self, key: K, make: impl FnOnce() -> Result<V, E>) -> Result<Arc<V>, E> {
        // A maker that panicked has left the entries as they were.
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        let entry = match entries.iter().position(|(of, _)| *of == key) {
            Some(at) => entries.remove(at),
            None => {
                let excess = (entries.len() + 1).saturating_sub(self.capacity);
                entries.drain(..excess);
                (key, Arc::new(make()?))
            }
        };
        let value = Arc::clone(&entry.1);
        entries.push(entry);
        Ok(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forgets_what_was_used_longest_ago() {
        let recent = Recent::new(2);
        let mut made = Vec::new();
        for key in [1, 2, 1, 3, 1, 2] {
            let value = recent.get(key, || {
                made.push(key);
                Ok::<_, ()>(key * 10)
            });
            assert_eq!(*value.unwrap(), key * 10);
        }
        assert_eq!(made, [1, 2, 3, 2]);
        assert_eq!(recent.get(9, || Err::<i32, _>("no")).unwrap_err(), "no");
    }
}
