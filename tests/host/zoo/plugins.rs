//! The list of hostile plugins: those built from `zoo/examples`, the modules in `zoo/wat`, and those that the test
//! generates.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use rescue_tests::{fixture, root};

use super::{generated, sections};

/// A hostile plugin.
pub struct HostilePlugin {
    /// The name, which is that of its file.
    pub name: String,
    /// What the plugin does, in a sentence.
    pub about: String,
    /// The file from which it was made, for ZOO.md.
    pub source: String,
    /// The bytes that the host loads.
    pub wasm: Vec<u8>,
}

/// Fixtures that behave and belong to other tests.
const OTHERS: [&str; 3] = ["hasty", "learns", "upset"];

/// All hostile plugins, in the order of ZOO.md.
pub fn all() -> Vec<HostilePlugin> {
    let built: Vec<HostilePlugin> = files("examples", "rs").iter().map(|file| built(file)).collect();
    let names: BTreeSet<String> = built.iter().map(|hostile| hostile.name.clone()).collect();
    let dist = entries(&root().join("tests/fixtures/dist")).into_iter().map(|file| stem(&file));
    let dist: BTreeSet<String> = dist.filter(|name| !OTHERS.contains(&name.as_str())).collect();
    assert_eq!(dist, names, "tests/fixtures/dist does not match zoo/examples: run `cargo xtask test`");
    let texts = files("wat", "wat").into_iter().map(|file| text(&file));
    built.into_iter().chain(texts).chain(generated::all()).collect()
}

/// A plugin that is written in Rust.
fn built(file: &Path) -> HostilePlugin {
    let name = stem(file);
    let wasm = std::fs::read(fixture(&name)).unwrap();
    HostilePlugin { about: about(file, "//!"), source: source(file), name, wasm }
}

/// A plugin that behaves, with a core module added that is written as text.
fn text(file: &Path) -> HostilePlugin {
    let module = wat::parse_file(file).unwrap();
    HostilePlugin {
        name: stem(file),
        about: about(file, ";;"),
        source: source(file),
        wasm: sections::module(&module, 1),
    }
}

/// The comment at the beginning of a file, in one line.
fn about(file: &Path, comment: &str) -> String {
    let text = std::fs::read_to_string(file).unwrap();
    let lines = text.lines().map_while(|line| line.strip_prefix(comment)).map(str::trim);
    let about = lines.collect::<Vec<_>>().join(" ");
    assert!(!about.is_empty(), "{} does not begin with a comment", file.display());
    about
}

fn files(folder: &str, ending: &str) -> Vec<PathBuf> {
    let mut files = entries(&root().join("tests/fixtures/zoo").join(folder));
    files.retain(|file| file.extension().is_some_and(|found| found == ending));
    files
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    found.sort();
    found
}

fn stem(file: &Path) -> String {
    file.file_stem().unwrap().to_string_lossy().into_owned()
}

fn source(file: &Path) -> String {
    let fixtures = root().join("tests/fixtures");
    file.strip_prefix(&fixtures).unwrap().to_string_lossy().replace('\\', "/")
}
