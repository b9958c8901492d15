//! Torn tails: packs that end in the middle of a frame.

use std::fs;

use rescue_ledger::verify;

use crate::help::{Folder, Rng, assert_holds, key, pack, packs, put, value};

#[test]
fn a_pack_cut_anywhere_keeps_all_entries_before_the_cut() {
    let folder = Folder::new();
    let ledger = folder.ledger();
    let mut ends = vec![28];
    for number in 0..6 {
        put(&ledger, [number]);
        ends.push(fs::metadata(pack(&folder)).unwrap().len() as usize);
    }
    drop(ledger);
    let pack = pack(&folder);
    let whole = fs::read(&pack).unwrap();
    assert_eq!(ends.last(), Some(&whole.len()));
    // With the index file, the missing end would count as damage.
    fs::remove_file(pack.with_extension("idx")).unwrap();
    for length in 0..=whole.len() {
        fs::write(&pack, &whole[..length]).unwrap();
        let entries = ends.iter().filter(|&&end| end <= length).count().saturating_sub(1) as u64;
        let ledger = folder.reader();
        assert_holds(&ledger, 0..entries);
        let (info, verified) = (ledger.info().unwrap(), verify(&folder, |_| {}).unwrap());
        assert!(info.damage.is_empty() && verified.damage.is_empty(), "{length}: {verified:?}");
        assert_eq!((info.entries, verified.entries), (entries, entries));
        let torn = !ends.contains(&length);
        assert_eq!((info.torn.len(), verified.torn.len()), (usize::from(torn), usize::from(torn)), "{length}");
        assert_eq!(info.torn, verified.torn);
        if torn {
            let begun = ends.iter().rev().find(|&&end| end < length).copied().unwrap_or(0);
            assert_eq!((info.torn[0].offset, info.torn[0].bytes), (begun as u64, (length - begun) as u64));
        }
    }
}

#[test]
fn two_hundred_torn_writes_lose_nothing_that_was_committed() {
    let folder = Folder::new();
    let mut rng = Rng(7);
    let mut next = 0;
    for round in 0..200 {
        let ledger = folder.ledger();
        let first = next;
        next += 1 + rng.below(4);
        put(&ledger, first..next);
        drop(ledger);
        // The newest pack gets a part of one more frame, or zeros as after a power failure.
        let pack =
            packs(&folder).into_iter().max_by_key(|pack| fs::metadata(pack).unwrap().modified().unwrap()).unwrap();
        let mut bytes = fs::read(&pack).unwrap();
        let last = bytes.len();
        let begun = 1 + rng.below((last - 28) as u64) as usize;
        let frame = bytes[28..last].to_vec();
        bytes.extend_from_slice(&frame[..begun.min(first_frame(&frame) - 1)]);
        if round % 4 == 0 {
            bytes.truncate(last);
            bytes.resize(last + begun, 0);
        }
        fs::write(&pack, bytes).unwrap();
        // With and without index files.
        if round % 3 == 0 {
            fs::remove_file(pack.with_extension("idx")).unwrap();
        }
        let ledger = folder.reader();
        assert_eq!(ledger.len() as u64, next);
        for number in first..next {
            assert_eq!(ledger.get(&key(number)).unwrap(), Some(value(number)));
        }
    }
    assert_holds(&folder.reader(), 0..next);
    let verified = verify(&folder, |_| {}).unwrap();
    assert_eq!((verified.torn.len(), verified.damage.len(), verified.entries), (200, 0, next));
}

/// Length of the first of these frames, in bytes.
fn first_frame(frames: &[u8]) -> usize {
    56 + u32::from_le_bytes(frames[40..44].try_into().unwrap()) as usize
}
