//! The verbs `dataset info`, `peek` and `check`. What every form holds is tested in `host/dataset/tests`.

use std::fs;
use std::path::PathBuf;

use rescue_tests::{Finished, Run, root};
use serde_json::Value;

fn set(name: &str) -> String {
    root().join("host/dataset/tests/sets").join(name).display().to_string()
}

fn dataset(arguments: &[&str]) -> Finished {
    Run::plain(["dataset"].iter().chain(arguments)).go()
}

#[test]
fn a_data_set_is_counted_and_shown() {
    let reasonseg = format!("reasonseg:{}", set("reasonseg"));
    let info = dataset(&["info", &reasonseg, "--split", "val"]);
    assert_eq!(info.code, Some(0), "{}", info.stderr);
    for words in ["ReasonSeg: 6 entries on 6 photos", "\"ignore\" counts for neither side", "long 3, short 3"] {
        assert!(info.stdout.contains(words), "{words}: {}", info.stdout);
    }
    let folder = tempfile::tempdir().unwrap();
    let sheet = folder.path().join("sheet.png").display().to_string();
    let peek = dataset(&["peek", &reasonseg, "--split", "val", "--fraction", "0.5", "--sheet", &sheet]);
    assert_eq!(peek.code, Some(0), "{}", peek.stderr);
    assert_eq!(peek.stdout.lines().filter(|line| line.starts_with("photo_")).count(), 3, "{}", peek.stdout);
    let (width, height) = image::image_dimensions(&sheet).unwrap();
    assert!(width > 900 && height > 200, "{width} {height}");
    let unc = format!("refcoco:{}", set("refcoco"));
    let json = dataset(&["info", &unc, "--split-by", "unc", "--split", "testA", "--json"]);
    let json: Value = serde_json::from_str(&json.stdout).unwrap();
    assert_eq!((&json["entries"], &json["photos"]), (&6.into(), &3.into()));
    let nobody = dataset(&["info", &unc]);
    assert_eq!(nobody.code, Some(4));
    assert!(nobody.stderr.contains("--split-by"), "{}", nobody.stderr);
}

#[test]
fn what_is_wrong_with_a_data_set_is_named() {
    let good = dataset(&["check", &format!("own:{}", set("own"))]);
    assert_eq!(good.code, Some(0), "{}{}", good.stdout, good.stderr);
    let folder = tempfile::tempdir().unwrap();
    fs::copy(PathBuf::from(set("own")).join("images/a.jpg"), folder.path().join("a.jpg")).unwrap();
    fs::write(folder.path().join("b.jpg"), "no photo").unwrap();
    let whole = r#"{"size": [30, 40], "counts": [0, 1200]}"#;
    let empty = r#"{"size": [30, 40], "counts": [1200]}"#;
    let lines = [
        format!(r#"{{"image": "a.jpg", "query": "one", "mask": {whole}}}"#),
        format!(r#"{{"image": "a.jpg", "query": "One", "mask": {empty}}}"#),
        r#"{"image": "b.jpg", "query": "two", "mask": null}"#.to_owned(),
        r#"{"image": "c.jpg", "query": "three", "mask": null}"#.to_owned(),
        r#"{"image": "a.jpg", "query": "four", "mask": {"size": [4, 4], "counts": [16]}}"#.to_owned(),
        "nonsense".to_owned(),
    ];
    let list = folder.path().join("list.jsonl");
    fs::write(&list, lines.join("\n")).unwrap();
    let place = format!("own:{}", list.display());
    let checked = dataset(&["check", &place]);
    assert_eq!(checked.code, Some(4), "{}", checked.stdout);
    for words in [
        "1 (odd): its mask is the whole photo",
        "2 (odd): its mask is empty",
        "2 (odd): it has the photo and the sentence of 1",
        "3 (cannot be used): photo ",
        "c.jpg: it does not exist",
        "the mask is 4×4 pixels, and the photo",
        "line 6: expected ident",
        "4 cannot be used, 3 are odd",
    ] {
        assert!(checked.stdout.contains(words), "{words}: {}", checked.stdout);
    }
    let json: Value = serde_json::from_str(&dataset(&["check", &place, "--json"]).stdout).unwrap();
    assert_eq!((json["checked"]["findings"].as_array().unwrap().len(), json["bad"].as_array().unwrap().len()), (6, 1));
}
