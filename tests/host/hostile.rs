//! Plugins that mean no good: each ends with its own cause, and the host goes on.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use rescue_core::{Digest, Photo};
use rescue_plugin::border::exports::rescue::plugin::tournament::Terms;
use rescue_plugin::border::rescue::plugin::types::{Brief, Size};
use rescue_plugin::{Cause, Kind, Limits, PluginError, Runtime, Sample, Tourney};
use rescue_tests::{Run, fixture, pictures, root};
use serde_json::Map;

/// How a fixture ends.
struct Expectation {
    name: &'static str,
    /// Whether this is the cause; none for one that behaves.
    cause: Option<fn(&Cause) -> bool>,
    /// What the error says besides the plugin's name, digest and function.
    says: &'static [&'static str],
}

/// Every fixture that there is.
const FIXTURES: [Expectation; 5] = [
    Expectation {
        name: "endless",
        cause: Some(|cause| matches!(cause, Cause::Fuel(_))),
        says: &["it used up its fuel of 2000000000 units in one call: it loops"],
    },
    Expectation {
        name: "bomb",
        cause: Some(|cause| matches!(cause, Cause::Memory { limit: 268_435_456, .. })),
        says: &["bytes of memory; a plugin may have 268435456"],
    },
    Expectation {
        name: "panics",
        cause: Some(|cause| matches!(cause, Cause::Panic)),
        says: &[
            "it panicked\n  it wrote: panicked at panics/src/lib.rs:",
            ":9:\n            the bracket is one leaf short",
        ],
    },
    Expectation { name: "hasty", cause: None, says: &[] },
    Expectation { name: "upset", cause: None, says: &[] },
];

#[test]
fn every_fixture_has_an_expectation() {
    let folders = std::fs::read_dir(root().join("tests/fixtures")).unwrap().map(|entry| entry.unwrap().path());
    let crates = folders.filter(|folder| folder.join("Cargo.toml").is_file());
    let crates: BTreeSet<String> =
        crates.map(|folder| folder.file_name().unwrap().to_string_lossy().into_owned()).collect();
    let expected: BTreeSet<String> = FIXTURES.iter().map(|fixture| fixture.name.to_owned()).collect();
    assert_eq!(crates, expected);
    let built = std::fs::read_dir(root().join("tests/fixtures/dist")).unwrap().map(|entry| entry.unwrap().path());
    let built: BTreeSet<String> = built.map(|file| file.file_stem().unwrap().to_string_lossy().into_owned()).collect();
    assert_eq!(built, expected);
}

/// A tournament without candidates, to its ranking.
fn played(runtime: &Runtime, file: &Path) -> Result<usize, PluginError> {
    let plugin = runtime.load(file)?;
    let photo = Photo::new(rescue_core::Size::new(1, 1), vec![0; 3], Digest::of(&[])).unwrap();
    let brief = Brief {
        query: "the dog".into(),
        image: Size { width: 1, height: 1 },
        count: 1,
        room: 16,
        settings: plugin.settings(Kind::Tournament, &Map::new())?,
        seed: 0,
        context: Vec::new(),
    };
    let terms = Terms { smallest: 1, largest: 2, scored: false, spare: 0, context: Vec::new() };
    let mut tourney = Tourney::start(&plugin, &Arc::new(Sample::new(Arc::new(photo))), &brief, &terms)?;
    tourney.plan(true)?;
    Ok(tourney.ranking()?.places.len())
}

/// All in one process and one runtime, twice: none harms those that come after it.
#[test]
fn each_ends_with_its_own_cause() {
    let runtime = Runtime::new(Limits::default(), None).unwrap();
    for _ in 0..2 {
        for Expectation { name, cause, says } in &FIXTURES {
            let file = fixture(name);
            let Some(is) = cause else {
                assert_eq!(played(&runtime, &file).unwrap(), 0);
                continue;
            };
            let error = played(&runtime, &file).unwrap_err();
            let text = error.to_string();
            assert!(is(&error.cause), "{text}");
            let digest = Digest::of(&std::fs::read(&file).unwrap());
            assert_eq!(
                (error.kind, error.function, error.digest),
                (Some(Kind::Tournament), Some("tourney.next"), Some(digest))
            );
            let start = format!("plugin {name} 0.1.0 (sha256 {}), tournament, in tourney.next: ", digest.short());
            assert!(text.starts_with(&start) && says.iter().all(|word| text.contains(word)), "{text}");
        }
    }
}

/// The command says the same. The picture has nothing in it, so that the plugin's turn comes soon.
#[test]
fn the_command_says_so_and_writes_nothing() {
    let (_folder, image) = pictures::file("photo.jpg", &pictures::jpeg(32, 32));
    let image = image.display().to_string();
    for Expectation { name, cause, says } in &FIXTURES {
        let file = fixture(name).display().to_string();
        let ran = Run::new(["--plugin", &file, "--image", &image, "--query", "the dog", "--n", "1"]).go();
        if cause.is_some() {
            let who = format!("error: plugin {name} 0.1.0 (sha256 ");
            ran.refused(5, &[&[&who, "tournament, in tourney.next: "], *says].concat());
        } else {
            ran.answered(3);
        }
    }
}
