//! The index in memory: which pack holds the value of each key, and where.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

use crate::Key;
use crate::dir;
use crate::error::LedgerError;
use crate::format::Frame;
use crate::pack::{Locations, Pack};
use crate::pack_reader::{Location, PackReader};

/// The most packs that stay open; further packs are opened for each read. Operating systems allow 1024 open files or more.
const MAX_OPEN_PACKS: usize = 256;
/// How often a folder is listed at most if packs vanish while they are read.
const MAX_LISTINGS: usize = 8;

/// All packs that were read, and the location of each key's value.
#[derive(Default)]
pub(crate) struct Index {
    packs: Vec<Pack>,
    /// For each key the number of its pack, which is an index into `packs`, and the location there.
    locations: HashMap<Key, (usize, Location)>,
}

impl Index {
    /// Reads all packs of a folder: first `own`, then those of `run`, then the others in the order of their names. If `write`,
    /// missing index files are written.
    pub fn load(dir: &Path, own: Option<&Path>, run: &str, write: bool) -> Result<Self, LedgerError> {
        let mut listings = 1..MAX_LISTINGS;
        loop {
            match Self::load_once(dir, own, run, write) {
                // Another process pruned the ledger between listing and opening.
                Err(error) if error.is_missing_file() && listings.next().is_some() => {}
                other => return other,
            }
        }
    }

    fn load_once(dir: &Path, own: Option<&Path>, run: &str, write: bool) -> Result<Self, LedgerError> {
        let mut index = Self::default();
        for path in lookup_order(dir::packs(dir)?, own, run) {
            let (pack, locations) = Pack::load(&path, index.packs.len() < MAX_OPEN_PACKS, write)?;
            index.add(pack, &locations);
        }
        Ok(index)
    }

    /// Adds a pack after all others, with its entries. Returns its number.
    pub fn add(&mut self, pack: Pack, locations: &Locations) -> usize {
        let number = self.packs.len();
        self.packs.push(pack);
        self.add_locations(number, locations);
        number
    }

    /// Adds the entries of a pack. A key that is already known keeps its value.
    fn add_locations(&mut self, number: usize, locations: &Locations) {
        self.locations.reserve(locations.len().saturating_sub(self.locations.capacity() - self.locations.len()));
        for (key, location) in locations {
            self.locations.entry(*key).or_insert((number, *location));
        }
    }

    /// Applies what [`read_updates`] returned.
    pub fn apply_updates(&mut self, updates: Vec<(Pack, Locations)>) {
        for (pack, locations) in updates {
            match self.packs.iter().position(|known| known.path() == pack.path()) {
                Some(number) => {
                    if let Some(known) = self.packs.get_mut(number) {
                        *known = pack;
                    }
                    self.add_locations(number, &locations);
                }
                None => {
                    self.add(pack, &locations);
                }
            }
        }
    }

    /// Adds an entry that was appended to our own pack. It takes precedence over one in another pack.
    pub fn commit(&mut self, number: usize, frame: &Frame) {
        self.locations.insert(frame.key, (number, Location { offset: frame.offset, stored: frame.stored }));
        if let Some(pack) = self.packs.get_mut(number) {
            pack.count(frame);
        }
    }

    /// The pack that holds the value of a key, and its location there; `None` if the key is not known.
    pub fn find(&self, key: &Key) -> Option<(PackReader, Location)> {
        let (number, location) = self.locations.get(key)?;
        Some((self.packs.get(*number)?.reader.clone(), *location))
    }

    pub fn contains(&self, key: &Key) -> bool {
        self.locations.contains_key(key)
    }

    /// The number of keys.
    pub fn len(&self) -> usize {
        self.locations.len()
    }

    /// All keys in ascending order.
    pub fn keys(&self) -> Vec<Key> {
        let mut keys: Vec<Key> = self.locations.keys().copied().collect();
        keys.sort_unstable();
        keys
    }

    pub fn packs(&self) -> &[Pack] {
        &self.packs
    }

    /// A pack, and all entries whose value is read from it, in the order in which they were written.
    pub fn pack(&self, number: usize) -> Option<(&Pack, Locations)> {
        let here = self.locations.iter().filter(|(_, (at, _))| *at == number);
        let mut locations: Locations = here.map(|(key, (_, location))| (*key, *location)).collect();
        locations.sort_unstable_by_key(|(_, location)| location.offset);
        Some((self.packs.get(number)?, locations))
    }
}

/// Reads new packs, and what was appended to the known ones. `None` if known packs have vanished. `own` is not read, because its
/// entries are in the index already. If `write`, missing index files are written.
pub(crate) fn read_updates(
    packs: &[Pack],
    dir: &Path,
    own: Option<&Path>,
    write: bool,
) -> Result<Option<Vec<(Pack, Locations)>>, LedgerError> {
    let listed = dir::packs(dir)?;
    let known: BTreeMap<&Path, &Pack> = packs.iter().map(|pack| (pack.path(), pack)).collect();
    if listed.iter().filter(|path| known.contains_key(path.as_path())).count() < known.len() {
        return Ok(None);
    }
    let mut updates = Vec::new();
    for path in listed.iter().filter(|path| own != Some(path)) {
        updates.push(match known.get(path.as_path()) {
            Some(&pack) => {
                let mut pack = pack.clone();
                let locations = pack.read_appended()?;
                (pack, locations)
            }
            None => Pack::load(path, packs.len() + updates.len() < MAX_OPEN_PACKS, write)?,
        });
    }
    Ok(Some(updates))
}

/// Sorts packs by precedence: our own first, then those of the run, then the others in the order of their names.
pub(crate) fn lookup_order(mut packs: Vec<PathBuf>, own: Option<&Path>, run: &str) -> Vec<PathBuf> {
    packs.sort_by_key(|path| (own != Some(path), !dir::belongs_to_run(path, run)));
    packs
}
