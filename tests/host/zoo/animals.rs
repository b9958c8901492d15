//! Which animals there are: those built from `zoo/examples`, the modules in `zoo/wat`, and those made here.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use rescue_tests::{fixture, root};

use super::{graft, made};

/// One animal.
pub struct Animal {
    /// Its name, which is that of its file.
    pub name: String,
    /// What it does, in a sentence.
    pub about: String,
    /// Where it comes from, for the book.
    pub source: String,
    /// What the host is given.
    pub wasm: Vec<u8>,
}

/// Fixtures that behave, and are played elsewhere.
const OTHERS: [&str; 3] = ["hasty", "learns", "upset"];

/// Every animal there is, in the order of the book.
pub fn all() -> Vec<Animal> {
    let built: Vec<Animal> = files("examples", "rs").iter().map(|file| built(file)).collect();
    let names: BTreeSet<String> = built.iter().map(|animal| animal.name.clone()).collect();
    let dist = entries(&root().join("tests/fixtures/dist")).into_iter().map(|file| stem(&file));
    let dist: BTreeSet<String> = dist.filter(|name| !OTHERS.contains(&name.as_str())).collect();
    assert_eq!(dist, names, "tests/fixtures/dist is not what zoo/examples makes: run `cargo xtask test`");
    let texts = files("wat", "wat").into_iter().map(|file| text(&file));
    built.into_iter().chain(texts).chain(made::all()).collect()
}

/// A whole plugin, in Rust.
fn built(file: &Path) -> Animal {
    let name = stem(file);
    let wasm = std::fs::read(fixture(&name)).unwrap();
    Animal { about: about(file, "//!"), source: source(file), name, wasm }
}

/// A core module as text, inside a plugin that behaves.
fn text(file: &Path) -> Animal {
    let module = wat::parse_file(file).unwrap();
    Animal { name: stem(file), about: about(file, ";;"), source: source(file), wasm: graft::module(&module, 1) }
}

/// The file's first line, without what makes it a comment.
fn about(file: &Path, comment: &str) -> String {
    let text = std::fs::read_to_string(file).unwrap();
    let lines = text.lines().map_while(|line| line.strip_prefix(comment)).map(str::trim);
    let about = lines.collect::<Vec<_>>().join(" ");
    assert!(!about.is_empty(), "{} does not say what it does", file.display());
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
