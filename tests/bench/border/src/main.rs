//! What the sandbox costs, as Markdown on standard output: whole tournaments and single calls beside bare wasmtime and native
//! code, the start of the command line, and sessions in time and memory.
//!
//! All contenders run in one process, in turns, on the same facts. `cargo xtask bench border` builds what this looks for: the
//! standard plugins and the host's executable.

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
    // A process of its own for each way of holding sessions: `sessions` starts this executable anew.
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
