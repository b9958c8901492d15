//! Merging ledgers.

use std::fs::{self, OpenOptions};
use std::io::Write;

use rescue_ledger::{LedgerError, Merged, verify};

use crate::help::{Folder, assert_holds, key, names, pack, packs, put, value};

#[test]
fn ten_shards_become_one_ledger_and_merging_again_adds_nothing() {
    let shards: Vec<Folder> = (0..10).map(|_| Folder::new()).collect();
    for (index, shard) in (0..).zip(&shards) {
        // Neighbouring shards share half of their entries.
        put(&shard.ledger(), index * 50..index * 50 + 100);
    }
    let before: Vec<_> = shards.iter().map(|shard| (names(shard), fs::read(pack(shard)).unwrap())).collect();
    let folder = Folder::new();
    let ledger = folder.ledger();
    put(&ledger, 1000..1010);
    let paths: Vec<_> = shards.iter().map(|shard| shard.to_path_buf()).collect();
    let expected = Merged { packs: 10, entries: 1000, skipped: 0, torn: Vec::new() };
    assert_eq!(ledger.merge(&paths).unwrap(), expected);
    assert_holds(&ledger, (0..550).chain(1000..1010));
    assert_eq!(ledger.merge(&paths).unwrap(), Merged { skipped: 10, ..Merged::default() });
    let info = ledger.info().unwrap();
    assert_eq!((info.packs, info.entries, info.keys, info.duplicates), (11, 1010, 560, 450));
    drop(ledger);
    let after: Vec<_> = shards.iter().map(|shard| (names(shard), fs::read(pack(shard)).unwrap())).collect();
    assert_eq!(after, before);
    assert_holds(&folder.reader(), (0..550).chain(1000..1010));
    assert!(
        names(&folder).iter().all(|name| name.ends_with(".pack") || name.ends_with(".idx")),
        "{:?}",
        names(&folder)
    );
}

#[test]
fn of_a_source_that_is_being_written_the_committed_entries_are_merged() {
    let (folder, source) = (Folder::new(), Folder::new());
    let (ledger, writing) = (folder.ledger(), source.ledger());
    put(&writing, 0..5);
    assert_eq!(ledger.merge(&[&*source]).unwrap().entries, 5);
    put(&writing, 5..9);
    assert_eq!(ledger.merge(&[&*source]).unwrap().entries, 9);
    assert_holds(&ledger, 0..9);
}

#[test]
fn a_torn_tail_is_left_out_and_reported() {
    let (folder, source) = (Folder::new(), Folder::new());
    put(&source.ledger(), 0..5);
    OpenOptions::new().append(true).open(pack(&source)).unwrap().write_all(b"a part of a frame").unwrap();
    let merged = folder.ledger().merge(&[&*source]).unwrap();
    assert_eq!((merged.entries, merged.torn.len(), merged.torn[0].bytes), (5, 1, 17));
    assert!(verify(&folder, |_| {}).unwrap().torn.is_empty());
    assert_holds(&folder.reader(), 0..5);
}

#[test]
fn a_damaged_source_adds_nothing_and_is_named() {
    let (folder, source) = (Folder::new(), Folder::new());
    put(&source.ledger(), 0..5);
    let path = pack(&source);
    let mut bytes = fs::read(&path).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    fs::write(&path, bytes).unwrap();
    let ledger = folder.ledger();
    let Err(LedgerError::Damaged(damage)) = ledger.merge(&[&*source]) else { panic!("it was merged") };
    assert_eq!((damage.pack, damage.key), (path, Some(key(4))));
    assert!(ledger.is_empty() && names(&folder).is_empty());
}

#[test]
fn merging_a_ledger_into_itself_or_from_a_missing_folder_is_refused() {
    let folder = Folder::new();
    let ledger = folder.ledger();
    put(&ledger, 0..3);
    assert!(matches!(ledger.merge(&[folder.join(".")]), Err(LedgerError::MergedIntoItself { .. })));
    let error = ledger.merge(&[folder.join("nowhere")]).unwrap_err();
    assert!(matches!(error, LedgerError::Missing { .. }) && error.to_string().contains("nowhere"));
    assert_eq!(packs(&folder).len(), 1);
    // Merging a ledger without entries adds nothing.
    let empty = Folder::new();
    assert_eq!(ledger.merge(&[&*empty]).unwrap(), Merged::default());
    assert_eq!(ledger.get(&key(2)).unwrap(), Some(value(2)));
}
