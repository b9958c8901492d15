//! Paths in the checkout.

use std::path::{Path, PathBuf};

/// The root of the checkout.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().unwrap()
}

/// The component of a standard plugin. Panics if it was not built.
pub fn plugin(name: &str) -> PathBuf {
    built(root().join("plugins/dist").join(format!("{name}.wasm")))
}

/// The component of a test plugin. Panics if it was not built.
pub fn fixture(name: &str) -> PathBuf {
    built(root().join("tests/fixtures/dist").join(format!("{name}.wasm")))
}

/// The host's executable, of the profile in which the tests were built. Panics if it was not built.
pub fn host() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let name = format!("rescue-host{}", std::env::consts::EXE_SUFFIX);
    built(test.ancestors().nth(2).unwrap().join(name))
}

fn built(file: PathBuf) -> PathBuf {
    assert!(file.is_file(), "{} is missing: run `cargo xtask test`, which builds it", file.display());
    file
}
