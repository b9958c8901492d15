//! Every form of data set is read as its reference code reads it. `sets.py` has made the data sets and what must come out.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that panics has failed, as it should")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use rescue_dataset::{Choice, Dataset, Source};
use rescue_mask::{Mask, Rle, Size};
use serde::Deserialize;

#[derive(Deserialize)]
struct Expected {
    id: String,
    query: String,
    width: u32,
    height: u32,
    counts: String,
    ignore: Option<String>,
    no_target: bool,
}

fn sets() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/sets")
}

fn source(name: &str) -> Source {
    let (kind, folder) = name.split_once(':').unwrap();
    let source: Source = format!("{kind}:{}", sets().join(folder).display()).parse().unwrap();
    let split_by = (name == "refcoco:refcoco").then(|| "unc".to_owned());
    let split = (!matches!(kind, "coco" | "own")).then(|| "val".to_owned());
    Source { split, split_by, ..source }
}

fn mask(size: Size, counts: &str) -> Mask {
    Rle::parse_string(size, counts).unwrap().to_mask()
}

#[test]
fn every_form_is_read_as_its_reference_reads_it() {
    let text = std::fs::read_to_string(sets().join("expected.json")).unwrap();
    let all: BTreeMap<String, Vec<Expected>> = serde_json::from_str(&text).unwrap();
    assert_eq!(all.len(), 8);
    for (name, expected) in all {
        let dataset = Dataset::open(&source(&name)).unwrap();
        assert!(dataset.bad.is_empty(), "{name}: {:?}", dataset.bad);
        let ids: Vec<&str> = dataset.items.iter().map(|item| item.id.as_str()).collect();
        assert_eq!(ids, expected.iter().map(|entry| entry.id.as_str()).collect::<Vec<_>>(), "{name}");
        for (item, entry) in dataset.items.iter().zip(expected) {
            let size = Size::new(entry.width, entry.height);
            assert_eq!((&item.query, item.is_no_target()), (&entry.query, entry.no_target), "{name}");
            assert!(
                item.size.is_none_or(|stated| stated == size) && item.image.read().unwrap().starts_with(&[0xff, 0xd8])
            );
            let truth = item.truth(size).unwrap();
            assert!(truth.mask == mask(size, &entry.counts), "{name} {}", entry.id);
            assert!(
                truth.ignore == entry.ignore.map(|counts| mask(size, &counts)),
                "{name} {}: what is ignored",
                entry.id
            );
            let other = item.truth(Size::new(9, 9));
            let fits = matches!(&other, Err(error) if error.to_string().contains("and the photo"));
            // Polygons are drawn into any size.
            assert!(fits || other.is_ok(), "{other:?}");
        }
    }
}

#[test]
fn a_choice_is_a_part_of_the_whole() {
    let dataset = Dataset::open(&source("refcoco:refcoco")).unwrap();
    let ids = |choice: Choice| -> Vec<String> {
        choice.of(dataset.items.clone()).unwrap().into_iter().map(|item| item.id).collect()
    };
    let all = ids(Choice::default());
    let some = |fraction| ids(Choice { fraction: Some(fraction), seed: 4, ..Choice::default() });
    let (third, half) = (some(0.34), some(0.5));
    assert!(third.len() < half.len() && third.iter().all(|id| half.contains(id)));
    assert!(half != ids(Choice { fraction: Some(0.5), seed: 5, ..Choice::default() }), "another draw");
    let mut parts: Vec<String> =
        (1..=3).flat_map(|part| ids(Choice { shard: Some((part, 3)), ..Choice::default() })).collect();
    parts.sort();
    let mut sorted = all.clone();
    sorted.sort();
    assert_eq!(parts, sorted);
    assert_eq!(ids(Choice { limit: Some(2), ..Choice::default() }), all[..2]);
    let named = Choice { ids: Some([all[1].clone()].into()), ..Choice::default() };
    assert_eq!(ids(named), all[1..2]);
    for wrong in [
        Choice { fraction: Some(0.0), ..Choice::default() },
        Choice { shard: Some((0, 2)), ..Choice::default() },
        Choice { ids: Some(["nobody".into()].into()), ..Choice::default() },
    ] {
        assert!(wrong.of(dataset.items.clone()).is_err());
    }
}
