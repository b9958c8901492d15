//! What masks cost, beside others on the same data in the same run.
//!
//! Prints a Markdown table: medians in milliseconds. The others are Python packages, which `peers.py` measures; where there is
//! no Python, or no way to install them, our columns stand alone.

mod clock;
mod data;
mod ours;
mod peers;
mod table;

use std::process::ExitCode;

use data::Data;

/// Why there is no table.
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
