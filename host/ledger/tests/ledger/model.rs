//! Compares random operations on ledgers with the same operations on a map.

use std::collections::BTreeMap;

use rescue_ledger::{Key, Ledger, Put, verify};

use crate::help::{Folder, Rng, key};

/// Several ledgers on one folder, refreshed before each step, behave like one map.
#[test]
fn ledgers_behave_like_a_map() {
    for seed in 0..15 {
        let folder = Folder::new();
        let mut rng = Rng(seed);
        let mut ledgers: Vec<Ledger> = (0..3).map(|_| folder.ledger()).collect();
        let mut model = BTreeMap::<Key, Vec<u8>>::new();
        for _ in 0..150 {
            let which = rng.below(3) as usize;
            let ledger = &ledgers[which];
            ledger.refresh().unwrap();
            let key = key(rng.below(60));
            match rng.below(20) {
                0..10 => {
                    let length = [1, 40, 3000, 70_000][rng.below(4) as usize];
                    let value = if rng.below(2) == 0 { rng.bytes(length) } else { vec![rng.next() as u8; length] };
                    let expected = model.get(&key).cloned().map_or(Put::New, Put::Known);
                    assert_eq!(ledger.put(&key, &value).unwrap(), expected);
                    model.entry(key).or_insert(value);
                }
                10..14 => assert_eq!(ledger.get(&key).unwrap(), model.get(&key).cloned()),
                14..16 => assert_eq!(ledger.contains(&key), model.contains_key(&key)),
                16 => assert!(ledger.entries().map(|entry| entry.unwrap()).eq(model.clone())),
                17 => ledgers[which] = folder.ledger(),
                18 => {
                    let info = ledger.info().unwrap();
                    assert_eq!((info.keys, info.entries, info.damage.len()), (model.len(), model.len() as u64, 0));
                    assert_eq!(info.raw_bytes, model.values().map(|value| value.len() as u64).sum::<u64>());
                    assert_eq!(info.disk_bytes, verify(&folder, |_| {}).unwrap().disk_bytes);
                    ledger.flush().unwrap();
                }
                _ => {
                    // The other ledgers are closed first, because pruning is refused while they write.
                    ledgers.truncate(1);
                    let wanted = rng.next() as u8 | 0xc0;
                    ledgers[0].refresh().unwrap();
                    ledgers[0].prune(|key, _| key.as_bytes()[0] <= wanted).unwrap();
                    model.retain(|key, _| key.as_bytes()[0] <= wanted);
                    ledgers.resize_with(3, || folder.ledger());
                }
            }
        }
        drop(ledgers);
        assert!(folder.reader().entries().map(|entry| entry.unwrap()).eq(model));
        assert!(verify(&folder, |_| {}).unwrap().damage.is_empty());
    }
}
