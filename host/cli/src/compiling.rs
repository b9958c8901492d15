//! Says which plugin is being compiled: on a terminal as a spinner, else as a line if it takes long.

use std::io::IsTerminal;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use indicatif::ProgressBar;
use rescue_pipeline::plugins;
use rescue_plugin::{Compiling, Limits, OnCompile, PluginError, Runtime, printable};

use crate::print;

/// The size, in bytes, from which on compiling takes longer than a moment and is said where there is no terminal.
const LARGE: u64 = 1_000_000;

/// A runtime that says on standard error what it compiles.
pub fn runtime(quiet: bool) -> Result<Runtime, PluginError> {
    Ok(Runtime::new(Limits::default(), plugins::compiled_folder().as_deref())?.telling(on_compile(quiet)))
}

/// Says on standard error which plugin is being compiled; no spinner turns if `quiet`.
pub fn on_compile(quiet: bool) -> OnCompile {
    let turning = !quiet && std::io::stderr().is_terminal();
    let spinner: Mutex<Option<ProgressBar>> = Mutex::default();
    OnCompile::new(move |compiling| {
        let mut spinner = spinner.lock().unwrap_or_else(PoisonError::into_inner);
        match compiling {
            Compiling::Begins { name, bytes, kept } if turning => {
                let bar = ProgressBar::new_spinner().with_message(printable(&said(name, bytes, kept)));
                bar.enable_steady_tick(Duration::from_millis(100));
                *spinner = Some(bar);
            }
            Compiling::Begins { name, bytes, kept } if bytes >= LARGE => print::note(&said(name, bytes, kept)),
            Compiling::Begins { .. } => {}
            Compiling::Ends => spinner.take().iter().for_each(ProgressBar::finish_and_clear),
        }
    })
}

fn said(name: &str, bytes: u64, kept: bool) -> String {
    let size = match bytes {
        LARGE.. => format!("{} MB", bytes / 1_000_000),
        _ => format!("{} kB", bytes.div_ceil(1000)),
    };
    let once = if kept { ", once; kept in the cache" } else { "" };
    format!("compiling {name} ({size}){once}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn size_and_cache_are_said() {
        assert_eq!(said("a.wasm", 18_400_000, true), "compiling a.wasm (18 MB), once; kept in the cache");
        assert_eq!(said("a", 999, false), "compiling a (1 kB)");
    }
}
