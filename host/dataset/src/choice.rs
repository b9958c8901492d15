//! Which entries of a data set take part. The choice depends on the ids and on the seed alone, and a larger share contains every smaller one.

use std::collections::BTreeSet;

use crate::item::Item;

/// Which entries take part. By default, all do.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Choice {
    /// A share of the entries, above 0 and at most 1, drawn with the seed. `None` takes all.
    pub fraction: Option<f64>,
    /// The seed of the draw.
    pub seed: u64,
    /// The first so many entries, in the order of the data set, of those that were drawn. `None` takes all.
    pub limit: Option<usize>,
    /// These entries alone. `None` takes all.
    pub ids: Option<BTreeSet<String>>,
    /// Part `i` of `n`, from 1. The parts have no entry in common and are all entries together. `None` takes all.
    pub shard: Option<(usize, usize)>,
}

impl Choice {
    /// The entries that take part, in their order. The error says what cannot be had.
    ///
    /// # Errors
    ///
    /// Returns an error if an id is not there, or a number is outside its range.
    pub fn of(&self, items: Vec<Item>) -> Result<Vec<Item>, String> {
        let fraction = self.fraction.unwrap_or(1.0);
        if !(fraction > 0.0 && fraction <= 1.0) {
            return Err(format!("the fraction is {fraction}; it is above 0 and at most 1"));
        }
        let (part, parts) = self.shard.unwrap_or((1, 1));
        if part == 0 || part > parts {
            return Err(format!("the shard is {part}/{parts}; shards are 1/{parts} to {parts}/{parts}"));
        }
        if let Some(missing) = self.ids.iter().flatten().find(|id| !items.iter().any(|item| item.id == **id)) {
            return Err(format!("the data set has no entry {missing:?}; `rescue-host dataset peek` lists some"));
        }
        let named = |item: &Item| self.ids.as_ref().is_none_or(|ids| ids.contains(&item.id));
        let items: Vec<Item> = items.into_iter().filter(named).collect();
        let mut drawn: Vec<([u8; 32], usize)> =
            items.iter().enumerate().map(|(at, item)| (self.lot(&item.id), at)).collect();
        drawn.sort_unstable();
        let count = ((fraction * items.len() as f64).round() as usize).clamp(1, items.len().max(1));
        let mut taken = vec![false; items.len()];
        for (lot, (_, at)) in drawn.into_iter().take(count).enumerate() {
            taken.iter_mut().skip(at).take(1).for_each(|taken| *taken = lot % parts + 1 == part);
        }
        let chosen = items.into_iter().zip(taken).filter_map(|(item, taken)| taken.then_some(item));
        Ok(chosen.take(self.limit.unwrap_or(usize::MAX)).collect())
    }

    /// What an entry draws: the entries with the lowest lots take part.
    fn lot(&self, id: &str) -> [u8; 32] {
        let mut hash = blake3::Hasher::new();
        hash.update(&self.seed.to_le_bytes());
        hash.update(id.as_bytes());
        *hash.finalize().as_bytes()
    }
}
