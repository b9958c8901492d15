//! Several processes or ledgers with one folder.

use std::fs;
use std::process::Stdio;
use std::thread;

use rescue_ledger::{Access, Key, Ledger, Put};

use crate::help::{Folder, assert_holds, child, folder_of_child, key, names, packs, put, value};

#[test]
fn refresh_reads_what_others_wrote() {
    let folder = Folder::new();
    let (one, two, reader) = (folder.ledger(), folder.ledger(), folder.reader());
    put(&one, 0..10);
    put(&two, 10..20);
    assert!(reader.is_empty() && !one.contains(&key(10)));
    reader.refresh().unwrap();
    assert_holds(&reader, 0..20);
    put(&one, 20..30);
    one.refresh().unwrap();
    assert_holds(&one, 0..30);
    assert_eq!(one.put(&key(10), b"other").unwrap(), Put::Known(value(10)));
    assert_eq!(reader.info().unwrap().live_writers, 2);
    drop((one, two));
    reader.refresh().unwrap();
    assert_holds(&reader, 0..30);
    let info = reader.info().unwrap();
    assert_eq!((info.live_writers, info.packs, info.entries, info.keys), (0, 2, 30, 30));
}

#[test]
fn of_two_values_the_own_one_takes_precedence_then_the_first_by_name() {
    let folder = Folder::new();
    let (one, two) = (folder.ledger(), folder.ledger());
    assert_eq!(one.put(&key(1), b"one").unwrap(), Put::New);
    assert_eq!(two.put(&key(1), b"two").unwrap(), Put::New);
    let reader = folder.reader();
    for ledger in [&one, &two, &reader] {
        ledger.refresh().unwrap();
    }
    let get = |ledger: &Ledger| ledger.get(&key(1)).unwrap().unwrap();
    assert_eq!((get(&one), get(&two)), (b"one".to_vec(), b"two".to_vec()));
    assert_eq!(one.info().unwrap().duplicates, 1);
    drop((one, two));
    // A newly opened ledger returns the value of the first pack by name, also if packs are renamed.
    let [first, second] = &packs(&folder)[..] else { panic!("{:?}", names(&folder)) };
    let before = get(&folder.reader());
    assert_eq!(get(&folder.ledger()), before);
    fs::rename(second, folder.join("a.pack")).unwrap();
    let after = get(&folder.reader());
    assert_ne!(before, after);
    fs::rename(first, folder.join("0.pack")).unwrap();
    assert_eq!(get(&folder.reader()), before);
    // An open ledger keeps the values it knows. A pack that was renamed is found under its new name.
    reader.refresh().unwrap();
    assert_eq!(get(&reader), before);
}

#[test]
fn a_known_value_stays_when_a_pack_with_an_earlier_name_appears() {
    let (folder, other) = (Folder::new(), Folder::new());
    let _new = folder.ledger().put(&key(1), b"first").unwrap();
    let _new = other.ledger().put(&key(1), b"second").unwrap();
    let ledger = folder.reader();
    fs::copy(&packs(&other)[0], folder.join("0.pack")).unwrap();
    ledger.refresh().unwrap();
    assert_eq!(ledger.get(&key(1)).unwrap(), Some(b"first".to_vec()));
    assert_eq!(folder.reader().get(&key(1)).unwrap(), Some(b"second".to_vec()));
}

/// Runs in each writer process below: puts keys of its own and some that all writers put.
fn write(folder: &std::path::Path) {
    let number: u64 = std::env::var("WRITER").unwrap().parse().unwrap();
    let ledger = Ledger::open(folder, Access::Write).unwrap();
    for step in 0..300 {
        put(&ledger, [number * 1000 + step]);
        let _new_or_known = ledger.put(&key(step), &value(step)).unwrap();
        if step % 50 == 0 {
            ledger.refresh().unwrap();
        }
    }
}

#[test]
fn several_writer_processes_and_a_reader_see_all_entries() {
    if let Some(folder) = folder_of_child() {
        return write(&folder);
    }
    let folder = Folder::new();
    let test = "many::several_writer_processes_and_a_reader_see_all_entries";
    let mut writers: Vec<_> = (1..=2)
        .map(|writer: u64| {
            child(test, &folder).env("WRITER", writer.to_string()).stdout(Stdio::null()).spawn().unwrap()
        })
        .collect();
    let reader = folder.reader();
    let mut before = 0;
    while writers.iter_mut().any(|writer| writer.try_wait().unwrap().is_none()) {
        reader.refresh().unwrap();
        let now = reader.len();
        assert!(now >= before);
        before = now;
        for entry in reader.entries() {
            entry.unwrap();
        }
        assert!(reader.info().unwrap().damage.is_empty());
        thread::yield_now();
    }
    assert!(writers.into_iter().all(|mut writer| writer.wait().unwrap().success()));
    reader.refresh().unwrap();
    assert_holds(&reader, (0..300).chain(1000..1300).chain(2000..2300));
    assert_holds(&folder.reader(), (0..300).chain(1000..1300).chain(2000..2300));
}

/// Two runs record different answers to one question at the same time. Each keeps reading its own, and a third reads one of them.
#[test]
fn a_run_keeps_reading_its_own_answers() {
    let folder = Folder::new();
    let key = Key::of(b"question");
    let open = |access, run| Ledger::open_for(&*folder, access, run).unwrap();
    let (one, other) = (open(Access::Write, "one"), open(Access::Write, "other"));
    assert_eq!(one.put(&key, b"1").unwrap(), Put::New);
    assert_eq!(other.put(&key, b"2").unwrap(), Put::New);
    drop((one, other));
    for (run, value) in [("one", b"1"), ("other", b"2"), ("one", b"1")] {
        assert_eq!(open(Access::Read, run).get(&key).unwrap().unwrap(), value);
        assert_eq!(open(Access::Write, run).put(&key, b"3").unwrap(), Put::Known(value.to_vec()));
    }
    assert!(open(Access::Read, "").get(&key).unwrap().is_some());
}
