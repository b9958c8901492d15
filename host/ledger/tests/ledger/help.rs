//! What all tests here need.

use std::collections::BTreeMap;
use std::fs;
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};

use rescue_ledger::{Access, Key, Ledger, Put};

/// A folder that is removed when it is dropped.
pub struct Folder(PathBuf);

impl Folder {
    pub fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("rescue-ledger-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().join(name);
        fs::create_dir(&path).unwrap();
        Self(path)
    }

    /// A ledger in it, for writing.
    pub fn ledger(&self) -> Ledger {
        Ledger::open(&self.0, Access::Write).unwrap()
    }

    /// A ledger in it, for reading.
    pub fn reader(&self) -> Ledger {
        Ledger::open(&self.0, Access::Read).unwrap()
    }
}

impl Deref for Folder {
    type Target = Path;

    fn deref(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _left_behind = fs::remove_dir_all(&self.0);
    }
}

/// Numbers that look random and are the same each time.
pub struct Rng(pub u64);

impl Rng {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    pub fn bytes(&mut self, length: usize) -> Vec<u8> {
        std::iter::repeat_with(|| self.next() as u8).take(length).collect()
    }
}

pub fn key(number: u64) -> Key {
    Key::of(&number.to_le_bytes())
}

/// A value that belongs to this number only; some can be compressed, some cannot.
pub fn value(number: u64) -> Vec<u8> {
    if number.is_multiple_of(2) {
        format!("the answer to question {number} is {number}, ").repeat(1 + number as usize % 40).into_bytes()
    } else {
        Rng(number).bytes(1 + number as usize % 300)
    }
}

pub fn put(ledger: &Ledger, numbers: impl IntoIterator<Item = u64>) {
    for number in numbers {
        assert_eq!(ledger.put(&key(number), &value(number)).unwrap(), Put::New);
    }
}

/// Whether exactly these are there, with their values.
pub fn assert_holds(ledger: &Ledger, numbers: impl IntoIterator<Item = u64>) {
    let expected: BTreeMap<Key, Vec<u8>> = numbers.into_iter().map(|number| (key(number), value(number))).collect();
    let found: Vec<_> = ledger.entries().map(|entry| entry.unwrap()).collect();
    assert!(found.iter().map(|(key, _)| key).eq(expected.keys()), "{} of {} keys", found.len(), expected.len());
    assert!(found.into_iter().eq(expected));
}

/// The names in a folder, in order.
pub fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// The packs in a folder, in order.
pub fn packs(folder: &Path) -> Vec<PathBuf> {
    names(folder).into_iter().filter(|name| name.ends_with(".pack")).map(|name| folder.join(name)).collect()
}

/// The only pack.
pub fn pack(folder: &Path) -> PathBuf {
    let [pack] = &packs(folder)[..] else { panic!("{:?}", names(folder)) };
    pack.clone()
}

/// This program once more, as a child that runs one test only; `role` and `folder` tell that test what to do.
pub fn child(test: &str, folder: &Path) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args([test, "--exact", "--nocapture", "--test-threads=1"]).env("RESCUE_LEDGER_CHILD", folder);
    command
}

/// The folder, where this is such a child.
pub fn folder_of_child() -> Option<PathBuf> {
    std::env::var_os("RESCUE_LEDGER_CHILD").map(PathBuf::from)
}
