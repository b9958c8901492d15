//! Measures the ledger.

use std::fs;
use std::path::Path;

use rescue_ledger::{Access, Key, Ledger, Put, verify};

use crate::Failure;
use crate::clock::Spent;
use crate::data::batches;

/// The number of shards that are merged.
pub const SHARDS: usize = 10;

/// The measurements. Each is for all answers together.
pub struct Ours {
    pub put: Spent,
    pub get: Spent,
    pub disk: u64,
    pub open: Spent,
    pub open_unindexed: Spent,
    pub verify: Spent,
    pub merge: Spent,
}

pub fn measure(folder: &Path, answers: usize) -> Result<Ours, Failure> {
    let path = folder.join("ours");
    let ledger = Ledger::open(&path, Access::Write)?;
    let mut put = Spent::default();
    for batch in batches(folder)? {
        let batch = batch?;
        put.add(|| {
            for (key, answer) in &batch {
                expect(ledger.put(key, answer)? == Put::New, "an answer was known before it was put")?;
            }
            Ok(())
        })?;
    }
    put.add(|| Ok(ledger.flush()?))?;
    drop(ledger);

    let (open, ledger) = Spent::of(|| Ok(Ledger::open(&path, Access::Read)?))?;
    expect(ledger.len() == answers, "answers were lost")?;
    let mut get = Spent::default();
    get.add(|| {
        for key in keys(answers) {
            expect(ledger.get(&key)?.is_some(), "an answer was lost")?;
        }
        Ok(())
    })?;
    drop(ledger);
    let disk = size(&path)?;
    for file in fs::read_dir(&path)? {
        let file = file?.path();
        if file.extension().is_some_and(|extension| extension == "idx") {
            fs::remove_file(file)?;
        }
    }
    let (open_unindexed, ledger) = Spent::of(|| Ok(Ledger::open(&path, Access::Read)?))?;
    expect(ledger.len() == answers, "answers were lost")?;
    drop(ledger);
    let (scan, verified) = Spent::of(|| Ok(verify(&path, |_| {})?))?;
    expect(verified.entries == answers as u64 && verified.damage.is_empty(), "the ledger is damaged")?;
    fs::remove_dir_all(&path)?;
    Ok(Ours { put, get, disk, open, open_unindexed, verify: scan, merge: merge(folder, answers)? })
}

fn merge(folder: &Path, answers: usize) -> Result<Spent, Failure> {
    let shards: Vec<_> = (0..SHARDS).map(|shard| folder.join(format!("shard-{shard}"))).collect();
    let ledgers: Result<Vec<_>, _> = shards.iter().map(|shard| Ledger::open(shard, Access::Write)).collect();
    let ledgers = ledgers?;
    for batch in batches(folder)? {
        for ((key, answer), ledger) in batch?.iter().zip(ledgers.iter().cycle()) {
            expect(ledger.put(key, answer)? == Put::New, "an answer was known before it was put")?;
        }
    }
    drop(ledgers);
    let path = folder.join("merged");
    let (spent, ledger) = Spent::of(|| {
        let ledger = Ledger::open(&path, Access::Write)?;
        ledger.merge(&shards)?;
        Ok(ledger)
    })?;
    expect(ledger.len() == answers, "merging lost answers")?;
    drop(ledger);
    for path in shards.iter().chain([&path]) {
        fs::remove_dir_all(path)?;
    }
    Ok(spent)
}

/// All keys, in an order that is far from the one in which they were put.
fn keys(answers: usize) -> impl Iterator<Item = Key> {
    // 7919 is a prime that divides neither number of answers, so each key comes once.
    (0..answers).map(move |number| Key::of(&(number * 7919 % answers).to_le_bytes()))
}

fn size(folder: &Path) -> Result<u64, Failure> {
    let mut size = 0;
    for file in fs::read_dir(folder)? {
        size += file?.metadata()?.len();
    }
    Ok(size)
}

fn expect(condition: bool, otherwise: &str) -> Result<(), Failure> {
    if condition { Ok(()) } else { Err(otherwise.into()) }
}
