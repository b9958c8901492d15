//! Lists the standard plugins that `cargo xtask plugins` has built into plugins/dist, so that the crate contains them.

use std::path::{Path, PathBuf};
use std::{env, fs};

use anyhow::{Context, Result};

fn main() -> Result<()> {
    let dist = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../plugins/dist");
    println!("cargo::rerun-if-changed={}", dist.display());
    let mut files: Vec<PathBuf> =
        fs::read_dir(&dist).into_iter().flatten().filter_map(|entry| Some(entry.ok()?.path())).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "wasm"));
    files.sort();
    if files.is_empty() {
        println!(
            "cargo::warning=this program will contain no standard plugins: `cargo xtask plugins` builds them, then build again"
        );
    }
    let entry = |file: &PathBuf| {
        let name = file.file_stem().unwrap_or_default().to_string_lossy();
        format!("({name:?}, include_bytes!({:?})),", file.display().to_string())
    };
    let table = format!("&[{}]", files.iter().map(entry).collect::<String>());
    let out = PathBuf::from(env::var_os("OUT_DIR").context("cargo sets OUT_DIR")?).join("plugins.rs");
    fs::write(&out, table).with_context(|| format!("{} cannot be written", out.display()))
}
