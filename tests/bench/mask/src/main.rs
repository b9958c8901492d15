//! Benchmarks masks against other libraries, on the same data in the same run.
//!
//! Prints a Markdown table of medians in milliseconds. The others are Python packages, which `peers.py` measures. If
//! there is no Python, or the packages cannot be installed, the table has our columns alone.

mod clock;
mod data;
mod ours;
mod peers;
mod table;

use std::process::ExitCode;

use data::Data;

/// Why the benchmark failed.
type Failure = Box<dyn std::error::Error>;

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("rescue-bench-mask: {problem}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), Failure> {
    let folder = peers::folder()?;
    let data = Data::make()?;
    data.write(&folder)?;
    let peers = peers::measure(&folder).unwrap_or_else(|problem| {
        eprintln!("without the others: {problem}");
        peers::Peers::default()
    });
    peers.check(&folder, &data)?;
    let pngs = data.pngs(&folder)?;
    table::print(&peers, &ours::measure(&data, &pngs)?);
    Ok(())
}
