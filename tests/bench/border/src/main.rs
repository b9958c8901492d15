//! Benchmarks the sandbox, and prints Markdown to standard output: whole tournaments and single calls compared with
//! bare wasmtime and native code, the start of the program, and time and memory of sessions.
//!
//! All contenders run in one process, in turns, on the same facts. `cargo xtask bench border` builds what the benchmark
//! needs: the standard plugins and the host's executable.

mod bare;
mod calls;
mod contender;
mod facts;
mod figures;
mod host;
mod machine;
mod native;
mod sessions;
mod start;
mod tournaments;

use wasmtime::Result;

fn main() -> Result<()> {
    // `sessions` starts this executable anew, so that each contender holds its sessions in a process of its own.
    if let [_, word, variant] = std::env::args().collect::<Vec<_>>().as_slice()
        && word == sessions::CHILD
    {
        return sessions::child(variant);
    }
    machine::header()?;
    tournaments::table()?;
    calls::table()?;
    start::table()?;
    sessions::table()
}
