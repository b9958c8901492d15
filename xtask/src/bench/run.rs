//! Time and memory of whole runs.

use crate::guests;
use crate::shell::{self, Outcome, cargo, root};

/// Runs of each size; the first is not counted.
const RUNS: usize = 6;

/// Prints, for N = 16 and N = 64, the median seconds of each stage and the most memory, on the bundled photo.
pub fn run() -> Outcome {
    guests::plugins()?;
    shell::say("building the host for release");
    cargo(&root(), &["build", "--release", "--package", "rescue-host"])?;
    println!("| N | load | plan | segment | score | rank | live | canonical | total | peak MB |");
    println!("|---|---|---|---|---|---|---|---|---|---|");
    for n in ["16", "64"] {
        let mut runs = Vec::new();
        for _ in 0..RUNS {
            let folder = root().join("target").join("bench");
            let out = folder.display().to_string();
            let host = ["run", "--quiet", "--release", "--package", "rescue-host", "--"];
            shell::quiet("cargo", &[&host[..], &["--n", n, "--out", &out]].concat())?;
            let file = folder.join("timings.json");
            runs.push(std::fs::read_to_string(&file).map_err(|error| format!("{}: {error}", file.display()))?);
        }
        let median = |key: &str| {
            let mut values: Vec<f64> = runs.iter().skip(1).filter_map(|run| number(run, key)).collect();
            values.sort_by(f64::total_cmp);
            values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
        };
        let stages = ["load", "plan", "segment", "score", "rank", "live", "canonical", "total"];
        let seconds: Vec<String> = stages.iter().map(|stage| format!("{:.3} s", median(stage))).collect();
        println!("| {n} | {} | {:.0} |", seconds.join(" | "), median("peak_memory_bytes") / 1e6);
    }
    Ok(())
}

/// The number behind `"key":`, in JSON that we wrote ourselves with every key once.
fn number(json: &str, key: &str) -> Option<f64> {
    let (_, rest) = json.split_once(&format!("\"{key}\":"))?;
    rest.split([',', '}']).next()?.trim().parse().ok()
}
