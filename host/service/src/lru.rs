//! A small cache that evicts the least recently used value.

use std::sync::{Arc, Mutex, PoisonError};

/// A least-recently-used cache. Values are computed while the cache is locked: no value is computed twice at the same time, and no
/// two values are computed concurrently.
pub(crate) struct LruCache<K, V> {
    /// Ordered by last use, the most recent last.
    entries: Mutex<Vec<(K, Arc<V>)>>,
    capacity: usize,
}

impl<K: PartialEq, V> LruCache<K, V> {
    /// An empty cache that keeps at most `capacity` values.
    pub fn new(capacity: usize) -> Self {
        Self { entries: Mutex::new(Vec::new()), capacity }
    }

    /// Returns the cached value of `key`, or else computes it with `compute` and caches it. An error of `compute` is returned and not
    /// cached.
    pub fn get<E>(&self, key: K, compute: impl FnOnce() -> Result<V, E>) -> Result<Arc<V>, E> {
        // A panic in `compute` leaves the list consistent, so a poisoned lock can still be used.
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        let entry = match entries.iter().position(|(cached, _)| *cached == key) {
            Some(at) => entries.remove(at),
            None => {
                let excess = (entries.len() + 1).saturating_sub(self.capacity);
                entries.drain(..excess);
                (key, Arc::new(compute()?))
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
    fn the_least_recently_used_value_is_evicted() {
        let cache = LruCache::new(2);
        let mut computed = Vec::new();
        for key in [1, 2, 1, 3, 1, 2] {
            let value = cache.get(key, || {
                computed.push(key);
                Ok::<_, ()>(key * 10)
            });
            assert_eq!(*value.unwrap(), key * 10);
        }
        assert_eq!(computed, [1, 2, 3, 2]);
        assert_eq!(cache.get(9, || Err::<i32, _>("no")).unwrap_err(), "no");
    }
}
