//! Helpers of the tests.

use std::collections::BTreeMap;
use std::fs;
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};

use rescue_ledger::{Access, Key, Ledger, Put};

/// A temporary folder that is removed on drop.
pub struct Folder(PathBuf);

impl Folder {
    pub fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        loop {
            let name = format!("rescue-ledger-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
            let path = std::env::temp_dir().join(name);
            match fs::create_dir(&path) {
                Ok(()) => return Self(path),
                // A test that was killed has left it, and its process had the same number.
                Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
                Err(error) => panic!("{}: {error}", path.display()),
            }
        }
    }

    /// Opens a ledger in the folder for writing.
    pub fn ledger(&self) -> Ledger {
        Ledger::open(&self.0, Access::Write).unwrap()
    }

    /// Opens a ledger in the folder for reading.
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
        let _may_fail = fs::remove_dir_all(&self.0);
    }
}

/// A random number generator (SplitMix64) with a seed.
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

/// The value for a number, different for each number. Even numbers have compressible values, odd ones do not.
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

/// Asserts that the ledger holds exactly the entries of these numbers.
pub fn assert_holds(ledger: &Ledger, numbers: impl IntoIterator<Item = u64>) {
    let expected: BTreeMap<Key, Vec<u8>> = numbers.into_iter().map(|number| (key(number), value(number))).collect();
    let found: Vec<_> = ledger.entries().map(|entry| entry.unwrap()).collect();
    assert!(found.iter().map(|(key, _)| key).eq(expected.keys()), "{} of {} keys", found.len(), expected.len());
    assert!(found.into_iter().eq(expected));
}

/// The names of the files in a folder, sorted.
pub fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// The paths of the packs in a folder, sorted by name.
pub fn packs(folder: &Path) -> Vec<PathBuf> {
    names(folder).into_iter().filter(|name| name.ends_with(".pack")).map(|name| folder.join(name)).collect()
}

/// The path of the only pack in a folder.
pub fn pack(folder: &Path) -> PathBuf {
    let [pack] = &packs(folder)[..] else { panic!("{:?}", names(folder)) };
    pack.clone()
}

/// A command that runs this test program again as a child process, with only the test `test`. The child gets `folder`.
pub fn child(test: &str, folder: &Path) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args([test, "--exact", "--nocapture", "--test-threads=1"]).env("RESCUE_LEDGER_CHILD", folder);
    command
}

/// The folder passed to a child process; `None` in the parent.
pub fn folder_of_child() -> Option<PathBuf> {
    std::env::var_os("RESCUE_LEDGER_CHILD").map(PathBuf::from)
}
