//! A set of candidate ids.

/// A set of candidate ids, as a sorted list. Inserting is fast because ids mostly arrive in rising order.
#[derive(Clone, Debug, Default)]
pub(crate) struct IdSet(Vec<u32>);

impl IdSet {
    /// Adds an id. Returns whether it is new.
    pub(crate) fn insert(&mut self, id: u32) -> bool {
        if self.0.last().is_none_or(|last| *last < id) {
            self.0.push(id);
            return true;
        }
        match self.0.binary_search(&id) {
            Ok(_) => false,
            Err(place) => {
                self.0.insert(place, id);
                true
            }
        }
    }

    pub(crate) fn contains(&self, id: u32) -> bool {
        // The ids are mostly 0, 1, 2, …, so that id `n` is at index `n`.
        self.0.get(id as usize) == Some(&id) || self.0.binary_search(&id).is_ok()
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// The ids in rising order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = u32> {
        self.0.iter().copied()
    }
}

impl FromIterator<u32> for IdSet {
    fn from_iter<T: IntoIterator<Item = u32>>(ids: T) -> Self {
        let mut sorted: Vec<u32> = ids.into_iter().collect();
        sorted.sort_unstable();
        sorted.dedup();
        Self(sorted)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_may_be_inserted_in_any_order() {
        let mut set = IdSet::default();
        let inserted = [0, 1, 7, 3, u32::MAX, 3, 2].map(|id| set.insert(id));
        assert_eq!(inserted, [true, true, true, true, true, false, true]);
        assert_eq!(set.len(), 6);
        assert_eq!(set.iter().collect::<Vec<_>>(), [0, 1, 2, 3, 7, u32::MAX]);
        for id in [0, 1, 2, 3, 7, u32::MAX] {
            assert!(set.contains(id));
        }
        for id in [4, 5, 6, 8, u32::MAX - 1] {
            assert!(!set.contains(id));
        }
        assert_eq!(IdSet::from_iter([9, 1, 9]).0, [1, 9]);
    }
}
