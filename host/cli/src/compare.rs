//! `rescue-host compare`: evaluations of the same entries side by side.

use std::process::ExitCode;

use anyhow::Result;
use rescue_study::compare::{Compared, Difference, compare as compared};

use crate::args::CompareArgs;
use crate::print;

/// Compares evaluations with the first one.
pub fn compare(args: &CompareArgs) -> Result<ExitCode> {
    let all = compared(&args.runs, args.n)?;
    if args.json {
        print::value(&serde_json::to_value(&all)?)?;
        return Ok(ExitCode::SUCCESS);
    }
    let longest = all.iter().map(|one| one.run.display().to_string().len()).max().unwrap_or(0);
    print::line(&format!(
        "  {:<longest$}   gIoU  difference   95 %             p      better/equal/worse  questions  matches   tokens  slot-s",
        "run"
    ));
    for Compared { run, giou, difference, cost } in &all {
        let difference = difference.map_or(format!("{:<58}", "–"), |difference| {
            let Difference { mean, p, better_equal_worse: (better, equal, worse), .. } = difference;
            format!(
                "{:>+10.4}   {:>+.4} … {:>+.4}  {p:.3}  {:>18}",
                mean.mean,
                mean.low,
                mean.high,
                format!("{better}/{equal}/{worse}")
            )
        });
        print::line(&format!(
            "  {:<longest$}  {giou:.4}  {difference}  {:>9.1}  {:>7.1}  {:>7.0}  {:>6.2}",
            run.display().to_string(),
            cost.questions,
            cost.matches,
            cost.tokens,
            cost.slot_seconds
        ));
    }
    for one in &all {
        if let Some(needed) = one.difference.and_then(|difference| difference.needed) {
            let run = one.run.display();
            print::line(&format!(
                "  {run}: too few entries to tell it from the first; about {needed} would do for such a difference"
            ));
        }
    }
    print::line(
        "  questions and matches are those of a sample; tokens and slot-seconds too, of the last call: what the ledger knew cost none",
    );
    Ok(ExitCode::SUCCESS)
}
