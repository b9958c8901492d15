//! Damage: every flipped byte is found and located, and no wrong value is ever returned.

use std::fs;

use rescue_ledger::{Access, Damage, Fault, Ledger, LedgerError, verify};

use crate::help::{Folder, assert_holds, key, pack, put, value};

/// Number of entries of the small ledger.
const COUNT: u64 = 6;

fn flips() -> impl Iterator<Item = u8> {
    [0x01, 0x80, 0xff].into_iter()
}

#[test]
fn every_flipped_byte_of_a_pack_is_found_and_located() {
    let folder = Folder::new();
    put(&folder.ledger(), 0..COUNT);
    let pack = pack(&folder);
    let whole = fs::read(&pack).unwrap();
    let frames = frames(&whole);
    let index = fs::read(pack.with_extension("idx")).unwrap();
    for at in 0..whole.len() {
        for flip in flips() {
            let mut bytes = whole.clone();
            bytes[at] ^= flip;
            fs::write(&pack, &bytes).unwrap();
            let verified = verify(&folder, |_| {}).unwrap();
            let [damage] = &verified.damage[..] else { panic!("byte {at}: {:?}", verified.damage) };
            assert_eq!(damage.pack, pack);
            assert!((damage.offset..damage.offset + damage.bytes).contains(&(at as u64)), "byte {at}: {damage}");
            assert!(verified.torn.is_empty());
            // All entries are still found except the damaged one.
            let hit = frames.iter().position(|&(start, end)| (start..end).contains(&at));
            assert_eq!(verified.entries, COUNT - u64::from(hit.is_some()), "byte {at}");
            let payload = hit.is_some_and(|hit| at >= frames[hit].0 + 56);
            assert_eq!(damage.key, hit.filter(|_| payload).map(|hit| key(hit as u64)), "byte {at}");
            // With an index file the damaged entry is known; without one it is known unless its header is damaged.
            for indexed in [true, false] {
                let file = pack.with_extension("idx");
                if indexed {
                    fs::write(&file, &index).unwrap()
                } else {
                    fs::remove_file(&file).unwrap()
                }
                let ledger = folder.reader();
                for number in 0..COUNT {
                    let got = ledger.get(&key(number));
                    if hit != Some(number as usize) {
                        assert_eq!(got.unwrap(), Some(value(number)), "byte {at}");
                    } else if indexed || payload {
                        let Err(LedgerError::Damaged(Damage { pack: named, offset, key: of, .. })) = got else {
                            panic!("byte {at}: {got:?}")
                        };
                        assert_eq!(
                            (named, offset, of),
                            (pack.clone(), frames[number as usize].0 as u64, Some(key(number)))
                        );
                    } else {
                        assert_eq!(got.unwrap(), None);
                        assert_eq!(ledger.info().unwrap().damage.len(), 1);
                    }
                }
            }
        }
    }
}

#[test]
fn a_damaged_index_file_never_hides_or_changes_an_entry() {
    let folder = Folder::new();
    put(&folder.ledger(), 0..COUNT);
    let file = pack(&folder).with_extension("idx");
    let whole = fs::read(&file).unwrap();
    for at in 0..whole.len() {
        let mut bytes = whole.clone();
        bytes[at] ^= 0x10;
        fs::write(&file, &bytes).unwrap();
        assert_holds(&folder.reader(), 0..COUNT);
    }
    for length in 0..whole.len() {
        fs::write(&file, &whole[..length]).unwrap();
        assert_holds(&folder.reader(), 0..COUNT);
    }
    // Opening for writing rewrites the index file.
    drop(folder.ledger());
    assert_eq!(fs::read(&file).unwrap(), whole);
    // An index file with two keys swapped and a valid checksum causes an error, never the value of the other key.
    let mut bytes = whole[..whole.len() - 4].to_vec();
    let (first, second) = (32..64, 32 + 36..64 + 36);
    let (one, two) = (bytes[first.clone()].to_vec(), bytes[second.clone()].to_vec());
    bytes[first].copy_from_slice(&two);
    bytes[second].copy_from_slice(&one);
    let checksum = crc32fast::hash(&bytes);
    bytes.extend_from_slice(&checksum.to_le_bytes());
    fs::write(&file, &bytes).unwrap();
    let got = folder.reader().get(&key(0));
    assert!(matches!(got, Err(LedgerError::Damaged(Damage { fault: Fault::OtherKey, .. }))), "{got:?}");
    // The index file of another pack is ignored.
    let other = Folder::new();
    put(&other.ledger(), 10..10 + COUNT);
    fs::copy(pack(&other).with_extension("idx"), &file).unwrap();
    assert_holds(&folder.reader(), 0..COUNT);
}

#[test]
fn an_index_file_that_lists_more_than_its_pack_holds_is_not_used() {
    let folder = Folder::new();
    put(&folder.ledger(), 0..COUNT);
    let pack = pack(&folder);
    let whole = fs::read(&pack).unwrap();
    let cut = frames(&whole)[3].0;
    fs::write(&pack, &whole[..cut]).unwrap();
    assert_holds(&folder.reader(), 0..3);
}

#[test]
fn reading_continues_after_damage_of_any_length() {
    let folder = Folder::new();
    put(&folder.ledger(), 0..50);
    let pack = pack(&folder);
    let whole = fs::read(&pack).unwrap();
    fs::remove_file(pack.with_extension("idx")).unwrap();
    let frames = frames(&whole);
    // Some lengths let the next frame begin in one chunk of 256 KiB and end in the next.
    let lengths = [1, 55, 700_001].into_iter().chain([0, 1, 20, 55, 56].map(|before| (256 << 10) - before));
    for (length, (from, to)) in lengths.flat_map(|length| [(3, 4), (0, 20), (10, 49)].map(|range| (length, range))) {
        let mut bytes = whole[..frames[from].0].to_vec();
        bytes.extend(std::iter::repeat_n(b'#', length));
        bytes.extend_from_slice(&whole[frames[to].0..]);
        fs::write(&pack, &bytes).unwrap();
        let verified = verify(&folder, |_| {}).unwrap();
        assert_eq!(verified.damage.len(), 1);
        assert_eq!((verified.damage[0].offset, verified.damage[0].bytes), (frames[from].0 as u64, length as u64));
        assert_holds(&folder.reader(), (0..from as u64).chain(to as u64..50));
    }
}

#[test]
fn a_value_that_looks_like_a_frame_is_not_read_as_an_entry_after_damage() {
    let folder = Folder::new();
    let source = Folder::new();
    put(&source.ledger(), [2]);
    // The value is a whole pack, whose frames have another marker.
    let fake = fs::read(pack(&source)).unwrap();
    let ledger = folder.ledger();
    let _new = ledger.put(&key(1), &fake).unwrap();
    put(&ledger, [4]);
    drop(ledger);
    let pack = pack(&folder);
    let mut bytes = fs::read(&pack).unwrap();
    bytes[30] ^= 1;
    fs::write(&pack, bytes).unwrap();
    fs::remove_file(pack.with_extension("idx")).unwrap();
    assert_holds(&folder.reader(), [4]);
}

#[test]
fn damage_is_reported_at_each_opening_until_it_is_set_aside() {
    let folder = Folder::new();
    put(&folder.ledger(), 0..COUNT);
    let pack = pack(&folder);
    let mut bytes = fs::read(&pack).unwrap();
    bytes[30] ^= 1;
    fs::write(&pack, bytes).unwrap();
    fs::remove_file(pack.with_extension("idx")).unwrap();
    for access in [Access::Write, Access::Write, Access::Read] {
        let info = Ledger::open(&*folder, access).unwrap().info().unwrap();
        assert_eq!((info.damage.len(), info.entries), (1, COUNT - 1));
    }
    let pruned = folder.ledger().prune(|_, _| true).unwrap();
    assert_eq!((pruned.damage.len(), pruned.kept), (1, COUNT - 1));
    assert!(verify(&folder, |_| {}).unwrap().damage.is_empty());
    assert_holds(&folder.reader(), 1..COUNT);
    assert!(pack.with_extension("pack.damaged").exists());
}

#[test]
fn a_pack_that_is_shorter_than_its_index_file_says_is_damaged() {
    let folder = Folder::new();
    put(&folder.ledger(), 0..COUNT);
    let pack = pack(&folder);
    let whole = fs::read(&pack).unwrap();
    let index = fs::read(pack.with_extension("idx")).unwrap();
    let frames = frames(&whole);
    for length in 0..whole.len() {
        // Opening for writing keeps the index file, so that the next opening reports the damage too.
        let access = if length % 2 == 0 { Access::Read } else { Access::Write };
        let end = frames.iter().map(|&(_, end)| end).rfind(|&end| end <= length);
        let end = end.unwrap_or(if length < 28 { 0 } else { 28 });
        let kept = frames.iter().filter(|&&(_, end)| end <= length).count() as u64;
        let (offset, bytes) = (end as u64, (whole.len() - end) as u64);
        let fault = Fault::Shortened { entries: COUNT - kept };
        let expected = [Damage { pack: pack.clone(), offset, bytes, key: None, fault }];
        // The pack is cut off, or ends in zeros as after a power failure.
        for fill in [false, true] {
            let mut bytes = whole[..length].to_vec();
            if fill && length >= 28 {
                bytes.truncate(end);
                bytes.resize(whole.len() - 1, 0);
            }
            fs::write(&pack, &bytes).unwrap();
            let verified = verify(&folder, |_| {}).unwrap();
            assert_eq!(verified.damage, expected, "{length}");
            assert_eq!((verified.torn.len(), verified.entries), (0, kept));
            let ledger = Ledger::open(&*folder, access).unwrap();
            ledger.refresh().unwrap();
            let info = ledger.info().unwrap();
            assert_eq!((&info.damage[..], info.torn.len(), info.entries), (&expected[..], 0, kept));
        }
    }
    assert_eq!(fs::read(pack.with_extension("idx")).unwrap(), index);
    let text = verify(&folder, |_| {}).unwrap().damage[0].to_string();
    let expected = format!("its index lists {}; about 1 entries are missing", whole.len());
    assert!(text.contains("shorter than its index says") && text.contains(&expected), "{text}");
    // The pack cannot be merged, and pruning sets it aside.
    let other = Folder::new();
    assert!(matches!(other.ledger().merge(&[&*folder]), Err(LedgerError::Damaged(_))));
    let pruned = folder.ledger().prune(|_, _| true).unwrap();
    assert_eq!((pruned.damage.len(), pruned.kept), (1, COUNT - 1));
    assert!(verify(&folder, |_| {}).unwrap().damage.is_empty());
}

#[test]
fn an_invalid_index_file_does_not_turn_a_torn_tail_into_damage() {
    let folder = Folder::new();
    put(&folder.ledger(), 0..COUNT);
    let pack = pack(&folder);
    let file = pack.with_extension("idx");
    let (whole, index) = (fs::read(&pack).unwrap(), fs::read(&file).unwrap());
    fs::write(&pack, &whole[..whole.len() - 1]).unwrap();
    let is_torn = |why: &str| {
        let verified = verify(&folder, |_| {}).unwrap();
        assert_eq!((verified.damage.len(), verified.torn.len()), (0, 1), "{why}");
    };
    for at in 0..index.len() {
        let mut bytes = index.clone();
        bytes[at] ^= 0x10;
        fs::write(&file, &bytes).unwrap();
        is_torn(&format!("byte {at}"));
        fs::write(&file, &index[..at]).unwrap();
        is_torn(&format!("length {at}"));
    }
    // A valid index file of another pack.
    let other = Folder::new();
    put(&other.ledger(), 0..2 * COUNT);
    fs::copy(crate::help::pack(&other).with_extension("idx"), &file).unwrap();
    is_torn("index file of another pack");
}

#[test]
fn a_file_that_does_not_begin_like_a_pack_is_damaged() {
    let folder = Folder::new();
    put(&folder.ledger(), 0..COUNT);
    let header = fs::read(pack(&folder)).unwrap()[..28].to_vec();
    let odd = folder.join("odd.pack");
    let found = |bytes: &[u8]| {
        fs::write(&odd, bytes).unwrap();
        let (verified, info) = (verify(&folder, |_| {}).unwrap(), folder.reader().info().unwrap());
        assert_eq!((&verified.damage, &verified.torn), (&info.damage, &info.torn));
        assert_eq!(verified.entries, COUNT);
        (verified.damage.first().map(|damage| (damage.fault, damage.bytes)), verified.torn.len())
    };
    for text in ["g", "garbage", "rescpick", "rescpack, not so", "longer than a header, and no pack at all"] {
        assert_eq!(found(text.as_bytes()), (Some((Fault::PackHeader, text.len() as u64)), 0), "{text}");
    }
    // A writer that was stopped while writing the header leaves such files.
    for length in 0..28 {
        assert_eq!(found(&header[..length]), (None, 1), "{length}");
    }
}

/// The start and end of each frame of an undamaged pack, in bytes.
fn frames(pack: &[u8]) -> Vec<(usize, usize)> {
    let mut frames = Vec::new();
    let mut at = 28;
    while at < pack.len() {
        let end = at + 56 + u32::from_le_bytes(pack[at + 40..at + 44].try_into().unwrap()) as usize;
        frames.push((at, end));
        at = end;
    }
    frames
}
