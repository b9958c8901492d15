//! What came of an evaluation, for people.

use std::path::Path;

use rescue_study::baselines::Rule;
use rescue_study::bootstrap::Interval;
use rescue_study::difference::Difference;
use rescue_study::judge::Share;
use rescue_study::metrics::EmptyRule;
use rescue_study::summary::{Choices, StrategyRow, StrategySummary, Summary};

use crate::print;

/// Entries without a result that are shown.
const SHOWN: usize = 10;

/// Prints what came of an evaluation.
pub fn show(summary: &Summary, folder: Option<&Path>) {
    let (count, unit) = summary.context.searches();
    print::line(&format!(
        "{}: {} of {count} {unit} with a result, {} failed",
        summary.context.dataset,
        summary.samples,
        summary.failed.len()
    ));
    let unsearched = count.saturating_sub(summary.samples + summary.failed.len());
    if unsearched > 0 {
        print::line(&format!("  {unsearched} {unit} are still to be made: the same command goes on"));
    }
    let rule = if summary.context.empty == EmptyRule::One { "1" } else { "0" };
    print::line(&format!("  truth     {}; nothing where nothing fits counts {rule}", summary.context.ground_truth));
    for (id, why) in summary.failed.iter().take(SHOWN) {
        print::line(&format!("  FAILED    {id}: {why}"));
    }
    if summary.failed.len() > SHOWN {
        print::line(&format!("  … and {} more: \"failed\" in summary.json", summary.failed.len() - SHOWN));
    }
    if summary.incomplete > 0 {
        print::line(&format!(
            "  incomplete {}: \"state\" in samples.csv names them, \"absences\" in result.json says why; --retry-failed asks once more",
            summary.incomplete
        ));
    }
    strategies(summary);
    by_count(summary);
    for (name, values) in summary.categories.iter().filter(|(_, values)| values.len() > 1 && values.len() <= SHOWN) {
        let values: Vec<String> =
            values.iter().map(|(value, of)| format!("{value} {:.3} ({})", of.giou, of.entries)).collect();
        let first = summary.strategies.first().map_or("", |first| first.name.as_str());
        print::line(&format!("  gIoU of {first} by {name}: {}", values.join(", ")));
    }
    let questions: f64 = summary.questions.values().sum();
    let tokens = summary.tokens_in + summary.tokens_out;
    print::line(&format!("  a result  {questions:.1} questions to all services, {tokens:.0} tokens"));
    if let Some(folder) = folder {
        print::line(&format!("  files     {}", folder.join("summary.json").display()));
    }
}

/// A row for each strategy, over all hypotheses.
fn strategies(summary: &Summary) {
    let Some((n, common)) = summary.n.last_key_value() else { return };
    let names = summary.strategies.iter().map(|of| label(of).chars().count());
    let width = names.max().unwrap_or(0).max("strategy".len());
    print::line(&format!(
        "  {n} hypotheses: oracle {:.3}, random {:.3}{}",
        common.oracle,
        common.random,
        if common.short > 0 { format!("; {} entries have fewer candidates", common.short) } else { String::new() }
    ));
    print::line(&format!(
        "  {:<width$}   gIoU  95 %           cIoU   P@.5  efficiency  questions  masks  tokens  abstained",
        "strategy"
    ));
    for of in &summary.strategies {
        let Some(row) = of.n.get(n) else { continue };
        let cost = &row.cost;
        print::line(&format!(
            "  {:<width$}  {}  {:>9.1}  {:>5.1}  {:>6.0}  {:>9}",
            label(of),
            row.rerun.as_ref().map_or_else(|| unmade(row), metrics),
            cost.questions,
            cost.masks_shown,
            cost.tokens_in + cost.tokens_out,
            share(cost.abstained),
        ));
    }
    for rule in Rule::ALL {
        if let Some(scores) = common.baselines.get(&rule) {
            print::line(&format!("  {:<width$}  {:.3}", rule.name(), scores.giou));
        }
    }
    let (_, unit) = summary.context.searches();
    for of in &summary.strategies {
        if let Some(difference) = &of.difference {
            let first = summary.strategies.first().map_or("", |first| first.name.as_str());
            print::line(&format!("  {} − {first}: {}", of.name, told(difference, unit)));
        }
    }
    for of in summary.strategies.iter().filter(|of| !of.by_repeat.is_empty()) {
        let means: Vec<String> = of.by_repeat.iter().map(|mean| share(*mean)).collect();
        print::line(&format!("  gIoU of {} by search: {}", of.name, means.join("  ")));
    }
    for of in summary.strategies.iter().filter(|of| of.judge.abstained.of > 0) {
        let judge = &of.judge;
        print::line(&format!(
            "  matches of {}: first shown wins {}, same winner when swapped {}, when asked again {}",
            of.name,
            cases(judge.first_shown),
            cases(judge.swapped),
            cases(judge.repeated)
        ));
    }
    if let Some((own, _)) = summary.own()
        && own.scores.n_acc.is_some()
    {
        print::line(&format!("  no target: N-acc {}, T-acc {}", share(own.scores.n_acc), share(own.scores.t_acc)));
    }
}

/// Why not all choices were made.
fn unmade(row: &StrategyRow) -> String {
    match &row.why {
        Some(why) => format!("failed for {}: {}", row.failed, why.lines().next().unwrap_or_default()),
        None => format!("needs {}", row.needs),
    }
}

fn label(of: &StrategySummary) -> String {
    if of.baseline { format!("{} (baseline)", of.name) } else { of.name.clone() }
}

fn metrics(choices: &Choices) -> String {
    let half = choices.scores.precision.and_then(|precision| precision.first().copied());
    format!(
        "{:.3}  {:<13}  {:>6} {:>6}  {:>10}",
        choices.giou.mean,
        choices.giou.ends().map_or("–".to_owned(), |(low, high)| format!("{low:.3} – {high:.3}")),
        share(choices.scores.ciou),
        share(half),
        share(choices.efficiency)
    )
}

fn told(difference: &Difference, unit: &str) -> String {
    let Difference { mean, p, better_equal_worse: (better, equal, worse), needed } = difference;
    let needed = needed.map_or(String::new(), |needed| {
        format!("; about {needed} {unit} would tell such a difference in four of five cases")
    });
    format!("{:+.4} ({}), p {p:.3}, better/equal/worse {better}/{equal}/{worse}{needed}", mean.mean, signed_ends(mean))
}

/// The ends of an interval of differences.
pub fn signed_ends(interval: &Interval) -> String {
    interval.ends().map_or("no interval of one photo".to_owned(), |(low, high)| format!("{low:+.4} … {high:+.4}"))
}

/// A row for each number of hypotheses.
fn by_count(summary: &Summary) {
    if summary.n.len() < 2 {
        return;
    }
    let columns: Vec<(String, &StrategySummary, bool)> = summary
        .strategies
        .iter()
        .flat_map(|of| [(of.name.clone(), of, false), (format!("{}*", of.name), of, true)])
        .collect();
    let width = |name: &String| name.chars().count().max(10);
    let names: Vec<String> = columns.iter().map(|(name, ..)| format!("{name:>0$}", width(name))).collect();
    print::line(&format!("     N  oracle  random  first  largest   vote  {}", names.join("  ")));
    for (n, common) in &summary.n {
        let baseline = |rule| common.baselines.get(&rule).map_or(f64::NAN, |scores| scores.giou);
        let cells: Vec<String> = columns
            .iter()
            .map(|(name, of, prefix)| {
                let cell = of.n.get(n).map_or("–".to_owned(), |row| cell(row, *prefix));
                format!("{cell:>0$}", width(name))
            })
            .collect();
        print::line(&format!(
            "  {n:>4}   {:.3}   {:.3}  {:.3}    {:.3}  {:.3}  {}",
            common.oracle,
            common.random,
            baseline(Rule::First),
            baseline(Rule::Largest),
            baseline(Rule::Vote),
            cells.join("  ")
        ));
    }
    print::line(
        "  gIoU of choices among the first N alone; *: of the one ranking of all, which knows the later hypotheses",
    );
}

fn cell(row: &StrategyRow, prefix: bool) -> String {
    match (&row.rerun, prefix) {
        (_, true) => row.prefix.as_ref().map_or("–".to_owned(), |prefix| format!("{:.3}", prefix.giou.mean)),
        (Some(rerun), false) => format!("{:.3}", rerun.giou.mean),
        (None, false) if row.failed > 0 => "failed".to_owned(),
        (None, false) => format!("needs {}", row.needs),
    }
}

/// A share of cases, and their number.
fn cases(share: Share) -> String {
    share.share.map_or("–".into(), |of| format!("{of:.3} of {}", share.of))
}

/// A share with three digits; "–" if there is none.
pub fn share(value: Option<f64>) -> String {
    value.map_or("–".into(), |value| format!("{value:.3}"))
}
