//! Bad data is named with its file, its place and a way out, and nothing that was half read counts.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that panics has failed, as it should")]

use std::fs;
use std::path::{Path, PathBuf};

use rescue_dataset::{Dataset, Source};
use rescue_mask::Size;
use tempfile::TempDir;

fn sets() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/sets")
}

/// What opening says, or the data set.
fn open(kind: &str, path: &Path) -> Result<Dataset, String> {
    let source: Source = format!("{kind}:{}", path.display()).parse().unwrap();
    Dataset::open(&source).map_err(|error| error.to_string())
}

/// A folder with a file of these bytes.
fn with(name: &str, bytes: impl AsRef<[u8]>) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join(name), bytes).unwrap();
    folder
}

fn contains(text: &str, words: &[&str]) {
    words.iter().for_each(|word| assert!(text.contains(word), "{word:?} is not in {text:?}"));
}

#[test]
fn files_that_are_cut_off_are_refused() {
    let parquet = fs::read(sets().join("reasonseg-parquet/data/val-00000-of-00001.parquet")).unwrap();
    for length in [0, 10, parquet.len() / 2, parquet.len() - 9] {
        let folder = with("val-0.parquet", &parquet[..length]);
        contains(&open("reasonseg", folder.path()).unwrap_err(), &["val-0.parquet: it cannot be read", "Download"]);
    }
    // Damage inside a column is found when it is read, at its row.
    let mut damaged = parquet.clone();
    let middle = damaged.len() / 3;
    damaged[middle..middle + 200].fill(0xff);
    let folder = with("val-0.parquet", &damaged);
    if let Ok(dataset) = open("reasonseg", folder.path()) {
        let wrong = |item: &rescue_dataset::Item| item.image.read().is_err() || item.truth(Size::new(64, 48)).is_err();
        assert!(dataset.items.iter().any(wrong));
    }
    let json = fs::read(sets().join("coco/instances.json")).unwrap();
    let folder = with("instances.json", &json[..json.len() / 2]);
    contains(&open("coco", folder.path()).unwrap_err(), &["instances.json: EOF", "line 1", "images and annotations"]);
}

#[test]
fn a_pickle_with_a_class_is_refused_by_its_name() {
    let folder = with("refs(unc).p", b"cposix\nsystem\n(S'true'\ntR.");
    fs::copy(sets().join("refcoco/instances.json"), folder.path().join("instances.json")).unwrap();
    contains(&open("refcoco", folder.path()).unwrap_err(), &["refs(unc).p: ", "posix.system", "plain data only"]);
}

#[test]
fn lines_that_cannot_be_used_are_named_one_by_one() {
    let lines = [
        r#"{"image": "a.jpg", "query": "one", "mask": null, "id": "A"}"#,
        "nonsense",
        r#"{"image": "a.jpg", "query": "two", "mask": null, "id": "a"}"#,
        r#"{"image": "a.jpg", "query": " ", "mask": null}"#,
        r#"{"image": "a.jpg", "query": "x", "mask": 7}"#,
        r#"{"image": "a.jpg", "mask": null}"#,
        r#"{"image": "a.jpg", "query": "x", "mask": null, "id": "//"}"#,
    ];
    let folder = with("list.jsonl", lines.join("\n"));
    let dataset = open("own", folder.path()).unwrap();
    assert_eq!(dataset.items.len(), 1, "the second of two truths does not count");
    let bad: Vec<String> = dataset.bad.iter().map(ToString::to_string).collect();
    let all = bad.join("\n");
    for words in [
        "list.jsonl, line 2: expected ident",
        "line 3 (entry a): it has the id of line 1",
        "line 4 (entry 4): it has no sentence",
        "line 5: data did not match",
        "line 6: missing field `query`",
        "line 7: its id is \"//\", and an id names a folder",
        "A line is an object such as",
    ] {
        contains(&all, &[words]);
    }
    assert_eq!(bad.len(), 6, "{all}");
    for (lines, words) in [("", "it has no entry"), ("\n\n", "it has no entry")] {
        contains(&open("own", with("list.jsonl", lines).path()).unwrap_err(), &[words]);
    }
}

#[test]
fn masks_that_cannot_be_used_are_named_when_they_are_read() {
    let of = |mask: &str| format!("{{\"image\": \"a.jpg\", \"query\": \"x\", \"mask\": {mask}}}");
    let masks = [
        r#"{"size": [4, 4], "counts": [10]}"#,
        r#"{"size": [4, 4], "counts": [4294967295, 4294967295]}"#,
        r#"{"size": [4, 4], "counts": "\u007f"}"#,
        r#"{"size": [9, 9], "counts": [81]}"#,
        "[[1.0, 2.0]]",
        "\"none.png\"",
        "\"list.jsonl\"",
    ];
    let folder = with("list.jsonl", masks.map(of).join("\n"));
    let dataset = open("own", folder.path()).unwrap();
    let errors: Vec<String> =
        dataset.items.iter().map(|item| item.truth(Size::new(4, 4)).unwrap_err().to_string()).collect();
    for (error, word) in
        errors.iter().zip(["run lengths", "run lengths", "run lengths", "9×9", "6 numbers", "none.png", "list.jsonl"])
    {
        contains(error, &["list.jsonl, line ", word]);
    }
    let missing = dataset.items[0].image.read().unwrap_err().to_string();
    contains(&missing, &["a.jpg: it does not exist"]);
}

#[test]
fn what_is_not_there_is_said_with_what_is() {
    let refcoco: Source = format!("refcoco:{}", sets().join("refcoco").display()).parse().unwrap();
    let opened = |source: &Source| Dataset::open(source).unwrap_err().to_string();
    contains(&opened(&refcoco), &["several files of expressions: refs(google).p, refs(unc).p", "--split-by"]);
    let unc = Source { split_by: Some("unc".into()), split: Some("test".into()), ..refcoco.clone() };
    contains(&opened(&unc), &["no expression is of the split \"test\"", "Its splits are: val, testA."]);
    let coco: Source = format!("coco:{}", sets().join("coco").display()).parse().unwrap();
    let other = Source { field: Some("words".into()), ..coco };
    contains(&opened(&other), &["none of its 4 annotations has a sentence in one of: words", "--field"]);
    let parquet: Source = format!("reasonseg:{}", sets().join("refcoco-parquet").display()).parse().unwrap();
    contains(&opened(&parquet), &["it has no column text", "Its columns are: question_id"]);
    for text in ["reasonseg", "vqa:data"] {
        contains(&text.parse::<Source>().unwrap_err(), &["reasonseg, refcoco, muse, coco, own"]);
    }
    let empty = tempfile::tempdir().unwrap();
    for kind in ["reasonseg", "refcoco", "muse", "coco", "own"] {
        let error = open(kind, empty.path()).unwrap_err();
        assert!(error.len() > 20 && error.contains(&empty.path().display().to_string()), "{error}");
        let gone = open(kind, &empty.path().join("gone")).unwrap_err();
        contains(&gone, &["gone"]);
    }
}
