//! Figures, measured here and now: each table has its peers beside it in the same run.

mod border;
mod fleet;
mod ledger;
mod mask;
mod run;

use crate::shell::Outcome;

/// One bench by its name, or all of them.
pub fn bench(names: &[&str]) -> Outcome {
    match names {
        [] => run::run()
            .and_then(|()| fleet::fleet())
            .and_then(|()| border::border())
            .and_then(|()| mask::mask())
            .and_then(|()| ledger::ledger()),
        ["run"] => run::run(),
        ["fleet"] => fleet::fleet(),
        ["border"] => border::border(),
        ["mask"] => mask::mask(),
        ["ledger"] => ledger::ledger(),
        _ => Err("there are the benches run, fleet, border, mask and ledger".into()),
    }
}
