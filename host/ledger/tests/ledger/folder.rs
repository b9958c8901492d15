//! Opening a ledger: access, file modes, file names and limits.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::sync::Arc;
use std::thread;

use rescue_ledger::{Access, Key, Ledger, LedgerError, MAX_VALUE, Put, expect_packs};

use crate::help::{Folder, assert_holds, key, names, pack, put, value};

#[test]
fn a_missing_folder_is_created_for_writing_only() {
    let folder = Folder::new();
    let path = folder.join("a/b");
    let error = Ledger::open(&path, Access::Read).err().unwrap();
    assert!(matches!(error, LedgerError::Missing { .. }) && error.to_string().contains("a/b"), "{error}");
    assert!(rescue_ledger::verify(&path, |_| {}).unwrap_err().to_string().contains("a/b"));
    let ledger = Ledger::open(&path, Access::Write).unwrap();
    assert!(ledger.is_empty());
    drop(ledger);
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o700);
    // No pack is created before the first value is stored.
    assert_eq!(names(&path), [""; 0]);
}

#[test]
fn files_are_readable_by_their_owner_only() {
    let folder = Folder::new();
    put(&folder.ledger(), 0..3);
    let names = names(&folder);
    assert_eq!(names.len(), 2, "{names:?}");
    for name in names {
        assert_eq!(fs::metadata(folder.join(&name)).unwrap().permissions().mode() & 0o777, 0o600, "{name}");
    }
}

#[test]
fn a_ledger_opened_for_reading_changes_nothing() {
    let folder = Folder::new();
    put(&folder.ledger(), 0..20);
    fs::remove_file(pack(&folder).with_extension("idx")).unwrap();
    let before = names(&folder);
    fs::set_permissions(&*folder, Permissions::from_mode(0o500)).unwrap();
    let ledger = folder.reader();
    assert_holds(&ledger, 0..20);
    ledger.refresh().unwrap();
    ledger.info().unwrap();
    assert!(rescue_ledger::verify(&folder, |_| {}).unwrap().damage.is_empty());
    let read_only = |error: LedgerError| matches!(error, LedgerError::ReadOnly { .. });
    assert!(read_only(ledger.put(&key(99), b"x").unwrap_err()));
    assert!(read_only(ledger.merge(&[&*folder]).unwrap_err()));
    assert!(read_only(ledger.prune(|_, _| true).unwrap_err()));
    drop(ledger);
    fs::set_permissions(&*folder, Permissions::from_mode(0o700)).unwrap();
    assert_eq!(names(&folder), before);
}

#[test]
fn values_have_1_byte_to_64_mib() {
    let folder = Folder::new();
    let ledger = folder.ledger();
    let refused = |value: &[u8]| matches!(ledger.put(&key(0), value), Err(LedgerError::ValueSize { .. }));
    let mut value = vec![b'a'; MAX_VALUE + 1];
    assert!(refused(&[]) && refused(&value));
    assert!(ledger.is_empty());
    value.truncate(MAX_VALUE);
    assert_eq!(ledger.put(&key(0), &value).unwrap(), Put::New);
    assert_eq!(ledger.put(&key(1), b"x").unwrap(), Put::New);
    assert!(ledger.get(&key(0)).unwrap() == Some(value));
    drop(ledger);
    assert_eq!(folder.reader().get(&key(1)).unwrap(), Some(b"x".to_vec()));
    assert!(fs::metadata(pack(&folder)).unwrap().len() < 1 << 20);
}

#[test]
fn a_known_key_keeps_its_value() {
    let folder = Folder::new();
    let ledger = folder.ledger();
    put(&ledger, [1]);
    assert_eq!(ledger.put(&key(1), b"other").unwrap(), Put::Known(value(1)));
    drop(ledger);
    let ledger = folder.ledger();
    assert_eq!(ledger.put(&key(1), b"other").unwrap(), Put::Known(value(1)));
    drop(ledger);
    // The second ledger wrote nothing, so it created no pack.
    pack(&folder);
}

#[test]
fn threads_agree_on_one_value() {
    let folder = Folder::new();
    let ledger = Arc::new(folder.ledger());
    let results: Vec<Vec<Vec<u8>>> = thread::scope(|scope| {
        let threads: Vec<_> = (0..4_u8)
            .map(|thread| {
                let ledger = Arc::clone(&ledger);
                scope.spawn(move || {
                    let put = |number| match ledger.put(&key(number), &[thread; 9]).unwrap() {
                        Put::New => vec![thread; 9],
                        Put::Known(value) => value,
                    };
                    (0..500).map(put).collect()
                })
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert!(results.iter().all(|values| *values == results[0]));
    assert_eq!(ledger.info().unwrap().entries, 500);
    drop(ledger);
    let ledger = folder.reader();
    let stored: Vec<Vec<u8>> = (0..500).map(|number| ledger.get(&key(number)).unwrap().unwrap()).collect();
    assert_eq!(stored, results[0]);
}

#[test]
fn the_error_for_a_newer_pack_names_both_versions() {
    let folder = Folder::new();
    put(&folder.ledger(), 0..3);
    let pack = pack(&folder);
    let mut bytes = fs::read(&pack).unwrap();
    bytes[8..12].copy_from_slice(&7_u32.to_le_bytes());
    let checksum = crc32fast::hash(&bytes[..12]);
    bytes[12..16].copy_from_slice(&checksum.to_le_bytes());
    fs::write(&pack, bytes).unwrap();
    let says = |error: LedgerError| {
        let text = error.to_string();
        assert!(matches!(error, LedgerError::Version { found: 7, .. }), "{text}");
        assert!(text.contains("version 7") && text.contains("version 1") && text.contains(".pack"), "{text}");
    };
    says(Ledger::open(&*folder, Access::Read).err().unwrap());
    says(Ledger::open(&*folder, Access::Write).err().unwrap());
    says(rescue_ledger::verify(&folder, |_| {}).unwrap_err());
    let other = Folder::new();
    says(other.ledger().merge(&[&*folder]).unwrap_err());
}

#[test]
fn files_that_are_named_like_a_pack_but_are_none() {
    let folder = Folder::new();
    fs::create_dir(folder.join("a.pack")).unwrap();
    let error = Ledger::open(&*folder, Access::Read).err().unwrap().to_string();
    assert!(error.contains("a.pack") && error.contains("no file"), "{error}");
    fs::remove_dir(folder.join("a.pack")).unwrap();
    fs::write(folder.join("a.pack"), "not a pack, but longer than the header of one").unwrap();
    fs::write(folder.join("notes.txt"), "not a pack").unwrap();
    let ledger = folder.ledger();
    assert_eq!(ledger.info().unwrap().damage.len(), 1);
    put(&ledger, 0..3);
    drop(ledger);
    assert_holds(&folder.reader(), 0..3);
}

#[test]
fn a_folder_without_packs_can_be_opened_but_fails_expect_packs() {
    let folder = Folder::new();
    let says = |of: &std::path::Path| expect_packs(of).unwrap_err().to_string();
    assert!(says(&folder.join("nowhere")).contains("there is no ledger at"));
    let empty = says(&folder);
    assert!(empty.contains(folder.to_str().unwrap()) && empty.contains("holds no pack"), "{empty}");
    // Opening works, so that a run that recorded nothing can be replayed.
    assert!(folder.reader().is_empty());
    let below = folder.join("ledger");
    drop(Ledger::open(&below, Access::Write).unwrap());
    assert_eq!(says(&folder), empty);
    put(&Ledger::open(&below, Access::Write).unwrap(), [1]);
    expect_packs(&below).unwrap();
    assert!(says(&folder).contains(&format!("did you mean {}?", below.display())), "{}", says(&folder));
}

#[test]
fn an_error_states_its_cause_once() {
    let folder = Folder::new();
    fs::write(folder.join("file"), "").unwrap();
    let error = Ledger::open(folder.join("file"), Access::Write).err().unwrap();
    assert!(matches!(error, LedgerError::Io { .. }) && error.to_string().contains("os error"), "{error}");
    assert!(std::error::Error::source(&error).is_none());
}

#[test]
fn a_key_parsed_from_text_finds_its_value() {
    let folder = Folder::new();
    let ledger = folder.ledger();
    put(&ledger, [5]);
    let text: Key = key(5).to_string().parse().unwrap();
    assert!(ledger.contains(&text) && !ledger.contains(&key(6)));
    assert_eq!(ledger.get(&key(6)).unwrap(), None);
}
