//! Figures, measured here and now: each table has its peers beside it in the same run.

mod border;
mod mask;
mod run;

use crate::shell::Outcome;

/// One bench by its name, or all of them.
pub fn bench(names: &[&str]) -> Outcome {
    match names {
        [] => run::run().and_then(|()| border::border()).and_then(|()| mask::mask()),
        ["run"] => run::run(),
        ["border"] => border::border(),
        ["mask"] => mask::mask(),
        _ => Err("there are the benches run, border and mask".into()),
    }
}
