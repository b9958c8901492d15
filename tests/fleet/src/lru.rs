//! A bounded cache that evicts the least recently used value.

use std::collections::{BTreeMap, HashMap};
use std::hash::Hash;

/// A cache of up to `limit` values.
#[derive(Debug)]
pub(crate) struct Lru<K, V> {
    limit: usize,
    tick: u64,
    values: HashMap<K, (u64, V)>,
    used: BTreeMap<u64, K>,
}

impl<K: Clone + Eq + Hash, V> Lru<K, V> {
    pub(crate) fn new(limit: usize) -> Self {
        Self { limit, tick: 0, values: HashMap::new(), used: BTreeMap::new() }
    }

    /// The value of a key, which counts as used by this call. `None` if the key is not in the cache.
    pub(crate) fn get(&mut self, key: &K) -> Option<&V> {
        let (used, value) = self.values.get_mut(key)?;
        self.tick += 1;
        self.used.remove(used);
        self.used.insert(self.tick, key.clone());
        *used = self.tick;
        Some(value)
    }

    /// Inserts a value, and evicts the least recently used one if the cache is full. Does nothing if the limit is 0.
    pub(crate) fn insert(&mut self, key: K, value: V) {
        if self.limit == 0 {
            return;
        }
        self.tick += 1;
        if let Some((used, _)) = self.values.insert(key.clone(), (self.tick, value)) {
            self.used.remove(&used);
        }
        self.used.insert(self.tick, key);
        while self.values.len() > self.limit
            && let Some((_, oldest)) = self.used.pop_first()
        {
            self.values.remove(&oldest);
        }
    }

    #[cfg(test)]
    fn len(&self) -> usize {
        self.values.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_least_recently_used_value_is_evicted() {
        let mut lru = Lru::new(2);
        lru.insert("a", 1);
        lru.insert("b", 2);
        assert_eq!(lru.get(&"a"), Some(&1));
        lru.insert("c", 3);
        assert_eq!(lru.get(&"a"), Some(&1));
        assert_eq!(lru.get(&"b"), None);
        lru.insert("a", 4);
        assert_eq!(lru.get(&"a"), Some(&4));
        assert_eq!(lru.len(), 2);
        let mut none = Lru::new(0);
        none.insert("a", 1);
        assert_eq!(none.get(&"a"), None);
    }
}
