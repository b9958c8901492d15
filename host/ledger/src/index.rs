//! Which entry is where.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

use crate::Key;
use crate::dir;
use crate::error::LedgerError;
use crate::format::Frame;
use crate::pack::{Pack, Spots};
use crate::source::{Source, Spot};

/// How many packs stay open; those beyond are opened for each value. Systems allow 1024 open files or more.
const OPEN_PACKS: usize = 256;
/// How often a folder is listed anew, when packs vanish while it is read.
const LISTINGS: usize = 8;

/// All packs that were read, and where the value of each key is.
#[derive(Default)]
pub(crate) struct Index {
    packs: Vec<Pack>,
    places: HashMap<Key, (usize, Spot)>,
}

impl Index {
    /// Reads all packs of a folder: `own` first, then those of `run`, the others in the order of their names. `write`: index files that are missing
    /// are made.
    pub fn load(dir: &Path, own: Option<&Path>, run: &str, write: bool) -> Result<Self, LedgerError> {
        let mut listings = 1..LISTINGS;
        loop {
            match Self::load_once(dir, own, run, write) {
                // A pack was listed, and pruning removed it before it was opened.
                Err(error) if error.is_gone() && listings.next().is_some() => {}
                other => return other,
            }
        }
    }

    fn load_once(dir: &Path, own: Option<&Path>, run: &str, write: bool) -> Result<Self, LedgerError> {
        let mut index = Self::default();
        for path in own_first(dir::packs(dir)?, own, run) {
            let (pack, spots) = Pack::load(&path, index.packs.len() < OPEN_PACKS, write)?;
            index.add(pack, &spots);
        }
        Ok(index)
    }

    /// Adds a pack behind all others, with its entries. Its number is returned.
    pub fn add(&mut self, pack: Pack, spots: &Spots) -> usize {
        let number = self.packs.len();
        self.packs.push(pack);
        self.absorb(number, spots);
        number
    }

    /// Adds entries of a pack, where they are not known from a pack before: what was answered once is answered again.
    fn absorb(&mut self, number: usize, spots: &Spots) {
        self.places.reserve(spots.len().saturating_sub(self.places.capacity() - self.places.len()));
        for (key, spot) in spots {
            self.places.entry(*key).or_insert((number, *spot));
        }
    }

    /// Takes in what [`news`] read.
    pub fn take(&mut self, news: Vec<(Pack, Spots)>) {
        for (pack, spots) in news {
            match self.packs.iter().position(|known| known.path() == pack.path()) {
                Some(number) => {
                    if let Some(known) = self.packs.get_mut(number) {
                        *known = pack;
                    }
                    self.absorb(number, &spots);
                }
                None => {
                    self.add(pack, &spots);
                }
            }
        }
    }

    /// Takes in an entry that was appended to our own pack: from now on that is the one.
    pub fn commit(&mut self, number: usize, frame: &Frame) {
        self.places.insert(frame.key, (number, Spot { offset: frame.offset, stored: frame.stored }));
        if let Some(pack) = self.packs.get_mut(number) {
            pack.count(frame);
        }
    }

    /// The pack that holds the value of a key, and where in it.
    pub fn find(&self, key: &Key) -> Option<(Source, Spot)> {
        let (number, spot) = self.places.get(key)?;
        Some((self.packs.get(*number)?.source.clone(), *spot))
    }

    pub fn contains(&self, key: &Key) -> bool {
        self.places.contains_key(key)
    }

    /// How many keys there are.
    pub fn len(&self) -> usize {
        self.places.len()
    }

    /// All keys, in their order.
    pub fn keys(&self) -> Vec<Key> {
        let mut keys: Vec<Key> = self.places.keys().copied().collect();
        keys.sort_unstable();
        keys
    }

    pub fn packs(&self) -> &[Pack] {
        &self.packs
    }

    /// A pack, and all entries that are found there, in the order in which they were written.
    pub fn pack(&self, number: usize) -> Option<(&Pack, Spots)> {
        let here = self.places.iter().filter(|(_, (at, _))| *at == number);
        let mut spots: Spots = here.map(|(key, (_, spot))| (*key, *spot)).collect();
        spots.sort_unstable_by_key(|(_, spot)| spot.offset);
        Some((self.packs.get(number)?, spots))
    }
}

/// Reads what was appended to these packs, and new packs; none where packs have vanished. `own` is not read: we know what we
/// wrote. `write`: index files that are missing are made.
pub(crate) fn news(
    packs: &[Pack],
    dir: &Path,
    own: Option<&Path>,
    write: bool,
) -> Result<Option<Vec<(Pack, Spots)>>, LedgerError> {
    let listed = dir::packs(dir)?;
    let known: BTreeMap<&Path, &Pack> = packs.iter().map(|pack| (pack.path(), pack)).collect();
    if listed.iter().filter(|path| known.contains_key(path.as_path())).count() < known.len() {
        return Ok(None);
    }
    let mut news = Vec::new();
    for path in listed.iter().filter(|path| own != Some(path)) {
        news.push(match known.get(path.as_path()) {
            Some(&pack) => {
                let mut pack = pack.clone();
                let spots = pack.advance()?;
                (pack, spots)
            }
            None => Pack::load(path, packs.len() + news.len() < OPEN_PACKS, write)?,
        });
    }
    Ok(Some(news))
}

/// Our own pack first, the others in the order of their names.
pub(crate) fn own_first(mut packs: Vec<PathBuf>, own: Option<&Path>, run: &str) -> Vec<PathBuf> {
    packs.sort_by_key(|path| (own != Some(path), !dir::is_of(path, run)));
    packs
}
