//! The verbs `plugin list` and `plugin inspect`.

use std::fs;

use rescue_tests::Run;
use serde_json::Value;

const STANDARD: [&str; 8] =
    ["attributes", "by-score", "duel", "geometry", "grounder", "hybrid", "perspectives", "pyramid"];

/// A plugin that does not load is listed with the reason, and does not hide the others.
#[test]
fn all_plugins_are_listed() {
    let data = tempfile::tempdir().unwrap();
    let folder = data.path().join("rescue-host/plugins");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("broken.wasm"), "text").unwrap();
    fs::write(folder.join("notes.txt"), "no plugin").unwrap();
    let list = |arguments: &[&str]| {
        let ran = Run::plain(["plugin", "list"].iter().chain(arguments)).env("XDG_DATA_HOME", data.path()).go();
        assert_eq!(ran.code, Some(0), "{}", ran.stderr);
        ran.stdout
    };
    let text = list(&[]);
    assert_eq!(text.lines().count(), STANDARD.len() + 1, "{text}");
    assert!(text.contains("broken.wasm") && text.contains("it is not a WebAssembly component"), "{text}");
    let rows: Vec<Value> = serde_json::from_str(&list(&["--json"])).unwrap();
    let names: Vec<_> = rows.iter().filter_map(|row| row["name"].as_str()).collect();
    assert_eq!(names, STANDARD);
    assert!(rows[STANDARD.len()]["error"].as_str().unwrap().contains("it is not a WebAssembly component"));
}

/// The standard plugins import nothing but the border, so they have no clock, no files and no randomness of their own.
#[test]
fn standard_plugins_import_only_the_border() {
    for name in STANDARD {
        let ran = Run::plain(["plugin", "inspect", name, "--json"]).go();
        assert_eq!(ran.code, Some(0), "{}", ran.stderr);
        let about: Value = serde_json::from_str(&ran.stdout).unwrap();
        assert_eq!(about["name"], name);
        for import in about["imports"].as_array().unwrap() {
            assert!(import.as_str().unwrap().starts_with("rescue:plugin/"), "{name} imports {import}");
        }
        for setting in about["offers"].as_array().unwrap().iter().flat_map(|o| o["settings"].as_array().unwrap()) {
            assert!(!setting["description"].as_str().unwrap().is_empty(), "{name}: {setting} is not described");
        }
    }
}
