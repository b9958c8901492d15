//! The program works from any folder, with nothing beside it.

use std::path::Path;
use std::process::Command;

use rescue_tests::{fixture, host, plugin, root};
use serde_json::Value;

/// A folder with the program, a photo and two plugins; what a command prints there, and its exit code.
struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::copy(host(), folder.path().join("rescue-host")).unwrap();
        std::fs::copy(root().join("examples/photos/horses.jpg"), folder.path().join("horses.jpg")).unwrap();
        std::fs::copy(plugin("pyramid"), folder.path().join("same.wasm")).unwrap();
        std::fs::copy(fixture("hasty"), folder.path().join("other.wasm")).unwrap();
        Self(folder)
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn run(&self, words: &[&str]) -> (Option<i32>, String) {
        let mut command = Command::new(self.path().join("rescue-host"));
        // No plugins in the user's folder; the caches are those of every test.
        command.args(words).current_dir(self.path()).env("XDG_DATA_HOME", self.path());
        let output = command.output().unwrap();
        let text = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        (output.status.code(), text)
    }

    #[track_caller]
    fn succeeds(&self, words: &[&str]) -> String {
        let (code, text) = self.run(words);
        assert_eq!(code, Some(0), "{words:?}: {text}");
        text
    }
}

const SEARCH: [&str; 6] = ["--image", "horses.jpg", "--query", "the horse on the right", "--n", "4"];

#[test]
fn the_program_alone_searches_lists_and_replays() {
    let folder = Folder::new();
    folder.succeeds(&SEARCH);
    assert!(folder.path().join("out/mask.png").is_file());
    let run: Value = serde_json::from_slice(&std::fs::read(folder.path().join("out/run.json")).unwrap()).unwrap();
    assert!(run["plugins"].as_array().unwrap().iter().all(|plugin| plugin.get("file").is_none()), "{run}");
    assert!(folder.succeeds(&["replay", "out"]).contains("the same, byte for byte"));
    let list: Value = serde_json::from_str(&folder.succeeds(&["plugin", "list", "--json"])).unwrap();
    let names: Vec<&str> = list.as_array().unwrap().iter().map(|row| row["name"].as_str().unwrap()).collect();
    let standard = ["attributes", "by-score", "duel", "geometry", "grounder", "hybrid", "perspectives", "pyramid"];
    assert_eq!(names, standard);
    assert!(folder.succeeds(&["plugin", "list"]).contains("(built in)"));
    assert!(folder.succeeds(&["plugin", "inspect", "pyramid"]).contains("built in"));
}

/// A file comes before the plugin inside the program. If it is gone at a replay, the program's own is as good if it is the same.
#[test]
fn a_plugin_given_by_path_comes_first() {
    let folder = Folder::new();
    let with = |plugin| [&SEARCH[..], &["--plugin", plugin]].concat();
    folder.succeeds(&with("same.wasm"));
    std::fs::remove_file(folder.path().join("same.wasm")).unwrap();
    assert!(folder.succeeds(&["replay", "out"]).contains("the same, byte for byte"));

    folder.succeeds(&[&with("other.wasm")[..], &["--out", "other"]].concat());
    let result = std::fs::read_to_string(folder.path().join("other/result.json")).unwrap();
    assert!(result.contains("\"hasty\""), "{result}");
    std::fs::rename(folder.path().join("other.wasm"), folder.path().join("moved.wasm")).unwrap();
    let (code, text) = folder.run(&["replay", "other"]);
    assert_eq!(code, Some(5), "{text}");
    std::fs::copy(root().join("plugins/dist/pyramid.wasm"), folder.path().join("other.wasm")).unwrap();
    let (code, text) = folder.run(&["replay", "other"]);
    assert!(code == Some(5) && text.contains("is not the hasty of that run"), "{text}");

    // One in the user's folder hides the program's own.
    let data = folder.path().join("rescue-host-data");
    std::fs::create_dir_all(data.join("rescue-host/plugins")).unwrap();
    std::fs::copy(folder.path().join("moved.wasm"), data.join("rescue-host/plugins/pyramid.wasm")).unwrap();
    let mut command = Command::new(folder.path().join("rescue-host"));
    command.args(["plugin", "list"]).current_dir(folder.path()).env("XDG_DATA_HOME", &data);
    let list = String::from_utf8(command.output().unwrap().stdout).unwrap();
    assert!(list.lines().any(|line| line.starts_with("pyramid") && line.contains("hidden by the one above")), "{list}");
}
