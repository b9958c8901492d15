//! Benchmarks the ledger against SQLite, on the same data in the same run.
//!
//! Prints a Markdown table for 1,000,000 answers of about 3 KB, or for 20,000 with `--quick`. SQLite is the one of
//! Python; without Python, the table has our column alone. The benchmark needs about 15 GB of disk below `target`,
//! which it frees at its end.

mod clock;
mod data;
mod ours;
mod peers;
mod table;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::{env, fs};

/// Why the benchmark failed.
type Failure = Box<dyn std::error::Error>;

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("rescue-bench-ledger: {problem}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), Failure> {
    let words: Vec<String> = env::args().skip(1).collect();
    let answers = match words.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => 1_000_000,
        ["--quick"] => 20_000,
        _ => return Err("it takes --quick, or nothing".into()),
    };
    let folder = Scratch::new()?;
    let raw = data::write(&folder.0, answers)?;
    let ours = ours::measure(&folder.0, answers)?;
    let peers = peers::measure(&folder.0, answers).unwrap_or_else(|problem| {
        eprintln!("without SQLite: {problem}");
        peers::Peers::default()
    });
    table::print(answers, raw, &ours, &peers);
    Ok(())
}

/// A folder that is removed when it is dropped.
struct Scratch(PathBuf);

impl Scratch {
    fn new() -> Result<Self, Failure> {
        let root =
            Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(3).ok_or("the bench has no checkout around it")?;
        let folder = root.join("target").join("bench").join("ledger");
        if folder.exists() {
            fs::remove_dir_all(&folder)?;
        }
        fs::create_dir_all(&folder)?;
        Ok(Self(folder))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_dir_all(&self.0) {
            eprintln!("{} is left behind: {error}", self.0.display());
        }
    }
}
