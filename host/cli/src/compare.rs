//! `rescue-host compare`: evaluations of the same entries side by side.

use std::process::ExitCode;

use anyhow::Result;
use rescue_study::compare::{Compared, Terms, compare as compared};
use rescue_study::difference::Difference;

use crate::args::CompareArgs;
use crate::eval::signed_ends;
use crate::print;

/// Compares the strategies of evaluations with the first one.
pub fn compare(args: &CompareArgs) -> Result<ExitCode> {
    let all = compared(&args.runs, Terms { n: args.n, equal: args.equal, prefix: args.prefix })?;
    if args.json {
        print::value(&serde_json::to_value(&all)?)?;
        return Ok(ExitCode::SUCCESS);
    }
    let name = |one: &Compared| format!("{} {}", one.run.display(), one.strategy);
    let longest = all.iter().map(|one| name(one).chars().count()).max().unwrap_or(0);
    print::line(&format!(
        "  {:<longest$}     N    gIoU  difference   95 %               p      better/equal/worse  questions   masks   tokens  slot-s  wall s",
        "strategy"
    ));
    for one in &all {
        let Compared { n, giou, difference, cost, clock, .. } = one;
        let cost = cost.map_or(format!("{:>9}  {:>6}  {:>7}", "–", "–", "–"), |cost| {
            let tokens = cost.tokens_in + cost.tokens_out;
            format!("{:>9.1}  {:>6.1}  {tokens:>7.0}", cost.questions, cost.masks_shown)
        });
        let giou = giou.map_or("–".to_owned(), |giou| format!("{giou:.4}"));
        let difference = difference.map_or(format!("{:<60}", "–"), |difference| {
            let Difference { mean, p, better_equal_worse: (better, equal, worse), .. } = difference;
            format!(
                "{:>+10.4}   {:<17}  {p:.3}  {:>20}",
                mean.mean,
                signed_ends(&mean),
                format!("{better}/{equal}/{worse}")
            )
        });
        let seconds = clock.seconds.map_or("–".to_owned(), |seconds| format!("{seconds:.2}"));
        print::line(&format!(
            "  {:<longest$}  {n:>4}  {giou:>6}  {difference}  {cost}  {:>6.2}  {seconds:>6}",
            name(one),
            clock.slot_seconds
        ));
    }
    for one in &all {
        if let Some(why) = &one.left_out {
            print::line(&format!("  {}: not compared: {why}", name(one)));
        }
        if let Some(needed) = one.difference.and_then(|difference| difference.needed) {
            print::line(&format!(
                "  {}: about {needed} entries would tell such a difference in four of five cases",
                name(one)
            ));
        }
    }
    print::line(
        "  questions, masks and tokens are those of choosing in one sample; slot-seconds, of the last call, and wall-clock seconds are those \
         of the whole sample with all strategies: what the ledger knew cost none",
    );
    Ok(ExitCode::SUCCESS)
}
