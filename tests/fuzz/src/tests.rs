//! Runs the stored bytes through their targets. No fuzzer is needed.

use std::fs;
use std::path::{Path, PathBuf};

use crate::memory;

/// A fuzz target, which takes any bytes.
type Target = fn(&[u8]);

/// All targets, with the names of their files in `fuzz_targets/`.
const TARGETS: [(&str, Target); 6] = [
    ("border", crate::border),
    ("image", crate::image),
    ("reply", crate::reply),
    ("rle", crate::rle),
    ("settings", crate::settings),
    ("trace", crate::trace),
];

/// The files of a folder of this package, sorted by name. Empty if there is no such folder.
fn files(folder: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let entries = fs::read_dir(folder).into_iter().flatten();
    let mut files: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

#[track_caller]
fn replay(target: &str) {
    let (_, run) = TARGETS.iter().find(|(name, _)| *name == target).unwrap();
    let corpus = files(&format!("corpus/{target}"));
    assert!(!corpus.is_empty(), "there is no corpus for {target}");
    for file in corpus.into_iter().chain(files(&format!("findings/{target}"))) {
        // If the test fails, the last name that was printed is that of the failing file.
        eprintln!("{}", file.display());
        run(&fs::read(file).unwrap());
    }
}

#[test]
fn border() {
    replay("border");
}

#[test]
fn image() {
    replay("image");
}

#[test]
fn reply() {
    replay("reply");
}

#[test]
fn rle() {
    replay("rle");
}

#[test]
fn settings() {
    replay("settings");
}

#[test]
fn trace() {
    replay("trace");
}

#[test]
fn every_target_has_its_fuzzer() {
    let fuzzers = files("fuzz_targets");
    let names: Vec<_> = fuzzers.iter().map(|file| file.file_stem().unwrap().to_str().unwrap()).collect();
    assert_eq!(names, TARGETS.map(|(name, _)| name));
}

#[test]
fn the_peak_counts_memory_while_it_is_held() {
    let (kept, peak) = memory::peak(|| {
        drop(vec![0_u8; 5000]);
        vec![0_u8; 3000]
    });
    assert_eq!((kept.len(), peak), (3000, 5000));
    let (_, peak) = memory::peak(|| {
        let mut grown = vec![0_u8; 3000];
        grown.reserve_exact(4000);
        drop(kept);
    });
    assert_eq!(peak, 7000);
    assert_eq!(memory::peak(|| ()).1, 0);
}
