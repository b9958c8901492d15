//! The tables of an evaluation: a row for each sample, choice, candidate and match.

use std::io::{self, Write as _};
use std::path::Path;

use rescue_pipeline::{MatchEnding, PlayedMatch, State, WriteError, replace_by};

use crate::baselines::Rule;
use crate::metrics::{EmptyRule, Overlap};
use crate::sample_scores::{ChoiceScores, SampleScores};
use crate::summary::{best_and_mean, named};
use crate::table::{Column, Table};

/// Samples whose rows are in memory at the same time, and in a row group of a Parquet file.
const TOGETHER: usize = 1000;

/// Writes the tables of these samples into a folder, in their order, as CSV and as Parquet.
///
/// # Errors
///
/// Returns an error if a file cannot be written.
pub fn write(folder: &Path, samples: &[SampleScores], empty: EmptyRule) -> Result<(), WriteError> {
    let mut categories: Vec<&String> = samples.iter().flat_map(|sample| sample.categories.keys()).collect();
    categories.sort();
    categories.dedup();
    write_one(folder, "samples", samples, &|part| of_samples(part, &categories, empty))?;
    write_one(folder, "choices", samples, &|part| of_choices(part, empty))?;
    write_one(folder, "candidates", samples, &|part| of_candidates(part, empty))?;
    write_one(folder, "matches", samples, &of_matches)
}

/// Writes one table part by part, each file whole or not at all.
fn write_one(
    folder: &Path,
    name: &str,
    samples: &[SampleScores],
    table_of: &dyn Fn(&[SampleScores]) -> Table,
) -> Result<(), WriteError> {
    let parts = || samples.chunks(TOGETHER).enumerate();
    replace_by(&folder.join(format!("{name}.csv")), |out| {
        parts().try_for_each(|(part, samples)| out.write_all(table_of(samples).csv(part == 0).as_bytes()))
    })?;
    replace_by(&folder.join(format!("{name}.parquet")), |out| {
        let mut file = table_of(&[]).parquet(out).map_err(io::Error::other)?;
        for (_, samples) in parts() {
            table_of(samples).add_to(&mut file).map_err(io::Error::other)?;
        }
        file.close().map(drop).map_err(io::Error::other)
    })
}

/// A table of rows: each column has a name and says what of a row it holds.
struct Rows<'a, R> {
    rows: &'a [R],
    table: Table,
}

impl<'a, R> Rows<'a, R> {
    fn new(rows: &'a [R]) -> Self {
        Self { rows, table: Table::default() }
    }

    fn text(mut self, name: &str, of: impl Fn(&R) -> String) -> Self {
        self.table.add(name, Column::Text(self.rows.iter().map(of).collect()));
        self
    }

    fn whole(mut self, name: &str, of: impl Fn(&R) -> i64) -> Self {
        self.table.add(name, Column::Whole(self.rows.iter().map(of).collect()));
        self
    }

    fn maybe_whole(mut self, name: &str, of: impl Fn(&R) -> Option<i64>) -> Self {
        self.table.add(name, Column::MaybeWhole(self.rows.iter().map(of).collect()));
        self
    }

    fn number(mut self, name: &str, of: impl Fn(&R) -> Option<f64>) -> Self {
        self.table.add(name, Column::Number(self.rows.iter().map(of).collect()));
        self
    }
}

fn state(state: State) -> &'static str {
    match state {
        State::Complete => "complete",
        State::Unreadable => "unreadable",
        State::Degraded => "degraded",
        State::Cut => "cut",
    }
}

fn of_samples(samples: &[SampleScores], categories: &[&String], empty: EmptyRule) -> Table {
    let own = |sample: &SampleScores| sample.own().and_then(|own| own.rerun).map(|overlap| overlap.iou(empty));
    let mut rows = Rows::new(samples)
        .text("id", |sample| sample.id.clone())
        .whole("repeat", |sample| sample.repeat.into())
        .text("photo_sha256", |sample| sample.photo.clone())
        .text("state", |sample| state(sample.state).to_owned())
        .whole("candidates", |sample| sample.candidates.len() as i64)
        .number("iou", own)
        .number("oracle", |sample| Some(best_and_mean(sample, sample.n, empty).0))
        .number("random", |sample| Some(best_and_mean(sample, sample.n, empty).1))
        .whole("tokens_in", |sample| sample.tokens.tokens_in as i64)
        .whole("tokens_out", |sample| sample.tokens.tokens_out as i64);
    for (place, (name, _)) in named(&Default::default()).into_iter().enumerate() {
        let count =
            |sample: &SampleScores| named(&sample.questions).get(place).map_or(0, |(_, count)| i64::from(*count));
        rows = rows.whole(&format!("questions_{name}"), count);
    }
    for name in categories {
        let value = |sample: &SampleScores| sample.categories.get(*name).cloned().unwrap_or_default();
        rows = rows.text(&format!("category_{name}"), value);
    }
    rows.table
}

/// A row of the table of choices.
struct ChoiceRow<'a> {
    sample: &'a SampleScores,
    strategy: &'a str,
    n: u32,
    way: &'static str,
    /// `None` if it was not made.
    overlap: Option<Overlap>,
    /// What it has cost. `None` of a prefix or a baseline.
    made: Option<&'a ChoiceScores>,
    needs: usize,
    why: &'a str,
}

fn of_choices(samples: &[SampleScores], empty: EmptyRule) -> Table {
    let mut rows: Vec<ChoiceRow> = Vec::new();
    for sample in samples {
        for of in &sample.strategies {
            for (n, choice) in &of.n {
                let row = ChoiceRow {
                    sample,
                    strategy: &of.name,
                    n: *n,
                    way: "rerun",
                    overlap: choice.rerun,
                    made: choice.rerun.map(|_| choice),
                    needs: choice.needs,
                    why: &choice.why,
                };
                rows.push(ChoiceRow { way: "prefix", overlap: choice.prefix, made: None, needs: 0, why: "", ..row });
                rows.push(row);
            }
        }
        for (rule, by_n) in &sample.baselines {
            rows.extend(by_n.iter().map(|(n, overlap)| ChoiceRow {
                sample,
                strategy: Rule::name(*rule),
                n: *n,
                way: "baseline",
                overlap: Some(*overlap),
                made: None,
                needs: 0,
                why: "",
            }));
        }
    }
    let cost = |of: fn(&ChoiceScores) -> u64| move |row: &ChoiceRow| row.made.map(|made| of(made) as i64);
    Rows::new(&rows)
        .text("sample", |row| row.sample.id.clone())
        .whole("repeat", |row| row.sample.repeat.into())
        .text("strategy", |row| row.strategy.to_owned())
        .whole("n", |row| row.n.into())
        .text("way", |row| row.way.to_owned())
        .number("iou", |row| row.overlap.map(|overlap| overlap.iou(empty)))
        .maybe_whole("intersection", |row| row.overlap.map(|overlap| overlap.intersection as i64))
        .maybe_whole("union", |row| row.overlap.map(|overlap| overlap.union as i64))
        .whole("needs", |row| row.needs as i64)
        .text("why", |row| row.why.to_owned())
        .text("state", |row| row.made.and_then(|made| made.state).map_or("", state).to_owned())
        .maybe_whole("questions", cost(|made| made.cost.questions.into()))
        .maybe_whole("matches", cost(|made| made.matches.matches.into()))
        .maybe_whole("abstained", cost(|made| made.matches.abstained.into()))
        .maybe_whole("failed_matches", cost(|made| made.matches.failed.into()))
        .maybe_whole("masks_shown", cost(|made| made.cost.masks_shown.into()))
        .maybe_whole("tokens_in", cost(|made| made.cost.tokens.tokens_in))
        .maybe_whole("tokens_out", cost(|made| made.cost.tokens.tokens_out))
        .table
}

fn of_candidates(samples: &[SampleScores], empty: EmptyRule) -> Table {
    let all =
        samples.iter().flat_map(|sample| sample.candidates.iter().map(move |(id, overlap)| (sample, id, overlap)));
    Rows::new(&all.collect::<Vec<_>>())
        .text("sample", |(sample, ..)| sample.id.clone())
        .whole("repeat", |(sample, ..)| sample.repeat.into())
        .whole("candidate", |(_, id, _)| i64::from(**id))
        .number("iou", |(.., overlap)| Some(overlap.iou(empty)))
        .whole("intersection", |(.., overlap)| overlap.intersection as i64)
        .whole("union", |(.., overlap)| overlap.union as i64)
        .table
}

fn of_matches(samples: &[SampleScores]) -> Table {
    let mut all: Vec<(&SampleScores, &str, &PlayedMatch)> = Vec::new();
    for sample in samples {
        for of in &sample.strategies {
            all.extend(of.matches.iter().map(|played| (sample, of.name.as_str(), played)));
        }
    }
    let ending = |played: &PlayedMatch| match &played.ending {
        MatchEnding::Shares(shares) => {
            ("verdict", shares.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "), String::new())
        }
        MatchEnding::Abstained(why) => ("abstained", String::new(), why.clone()),
        MatchEnding::Failed(why) => ("failed", String::new(), why.clone()),
    };
    let contestants =
        |played: &PlayedMatch| played.contestants.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
    let best = |played: &PlayedMatch| played.best().and_then(|place| played.contestants.get(place)).copied();
    Rows::new(&all)
        .text("sample", |(sample, ..)| sample.id.clone())
        .whole("repeat", |(sample, ..)| sample.repeat.into())
        .text("strategy", |(_, strategy, _)| (*strategy).to_owned())
        .text("contestants", |(.., played)| contestants(played))
        .whole("match_repeat", |(.., played)| played.repeat.into())
        .whole("calls", |(.., played)| played.calls.into())
        .text("ending", |(.., played)| ending(played).0.to_owned())
        .text("shares", |(.., played)| ending(played).1)
        .maybe_whole("best", |(.., played)| best(played).map(i64::from))
        .text("why", |(.., played)| ending(played).2)
        .table
}
