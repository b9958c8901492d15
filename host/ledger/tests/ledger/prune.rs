//! Pruning ledgers.

use std::fs;

use rescue_ledger::{LedgerError, Put, verify};

use crate::help::{Folder, assert_holds, key, names, packs, put, value};

#[test]
fn pruning_leaves_the_wanted_entries_in_one_pack() {
    let folder = Folder::new();
    put(&folder.ledger(), 0..30);
    put(&folder.ledger(), 30..60);
    let ledger = folder.ledger();
    put(&ledger, 60..90);
    let wanted: Vec<_> = (0..90).filter(|number| number % 3 == 0).collect();
    let keys: Vec<_> = wanted.iter().map(|&number| key(number)).collect();
    let pruned = ledger.prune(|key, value| !value.is_empty() && keys.contains(key)).unwrap();
    assert_eq!((pruned.kept, pruned.dropped, pruned.duplicates, pruned.damage.len()), (30, 60, 0, 0));
    assert_holds(&ledger, wanted.iter().copied());
    assert_eq!(packs(&folder).len(), 1);
    // The ledger can still be written.
    put(&ledger, [1]);
    assert_eq!(ledger.put(&key(3), b"other").unwrap(), Put::Known(value(3)));
    drop(ledger);
    assert_holds(&folder.reader(), wanted.into_iter().chain([1]));
    folder.ledger().prune(|_, _| false).unwrap();
    assert_eq!(names(&folder), [""; 0]);
}

#[test]
fn of_two_values_the_one_with_precedence_is_kept() {
    let folder = Folder::new();
    let (one, two) = (folder.ledger(), folder.ledger());
    let _new = (one.put(&key(1), b"one").unwrap(), two.put(&key(1), b"two").unwrap());
    drop((one, two));
    let before = folder.reader().get(&key(1)).unwrap();
    let pruned = folder.ledger().prune(|_, _| true).unwrap();
    assert_eq!((pruned.kept, pruned.duplicates), (1, 1));
    assert_eq!(folder.reader().get(&key(1)).unwrap(), before);
}

#[test]
fn pruning_is_refused_while_another_ledger_writes() {
    let folder = Folder::new();
    let (one, two) = (folder.ledger(), folder.ledger());
    put(&one, 0..5);
    put(&two, 5..9);
    let before = names(&folder);
    let error = two.prune(|_, _| false).unwrap_err();
    assert!(matches!(error, LedgerError::LiveWriter { .. }) && error.to_string().contains(".pack"), "{error}");
    assert_eq!(names(&folder), before);
    drop(one);
    two.prune(|_, _| true).unwrap();
    assert_holds(&two, 0..9);
}

#[test]
fn an_open_reader_finds_the_kept_entries() {
    let folder = Folder::new();
    // More packs than a ledger keeps open, so that some are opened only for reading a value.
    for number in 0..270 {
        put(&folder.ledger(), [number]);
    }
    let (reader, late) = (folder.reader(), folder.reader());
    assert_holds(&reader, 0..270);
    assert_eq!(reader.info().unwrap().packs, 270);
    folder.ledger().prune(|found, _| *found != key(269)).unwrap();
    for number in 0..269 {
        assert_eq!(reader.get(&key(number)).unwrap(), Some(value(number)));
    }
    late.refresh().unwrap();
    assert_holds(&late, 0..269);
}

#[test]
fn leftover_temporary_files_are_removed_unless_in_use() {
    let folder = Folder::new();
    let ledger = folder.ledger();
    put(&ledger, 0..3);
    let (left, used) = (folder.join(".1.temp"), folder.join(".2.temp"));
    fs::write(&left, "left by a process that was killed").unwrap();
    let file = fs::File::create(&used).unwrap();
    file.lock().unwrap();
    ledger.prune(|_, _| true).unwrap();
    assert!(!left.exists() && used.exists());
    assert!(verify(&folder, |_| {}).unwrap().damage.is_empty());
}
