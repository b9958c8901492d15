//! `rescue-host dataset`: what is in a data set, and what is wrong with it.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Result, anyhow};
use indicatif::{ProgressBar, ProgressStyle};
use rescue_dataset::{Choice, Dataset, DatasetError, Item, Source};
use rescue_pipeline::WriteError;
use rescue_study::check::{Checked, check};
use rescue_study::sheet;
use serde_json::{Value, json};

use crate::args::{DatasetArgs, DatasetCommand, PartArgs};
use crate::{exit, print};

/// Entries that are shown if no number is given.
const SHOWN: usize = 12;
/// Photos in a row of a contact sheet.
const COLUMNS: usize = 4;
/// Findings that are shown.
const FINDINGS: usize = 50;

/// Does what a command says.
pub fn dataset(command: &DatasetCommand) -> Result<ExitCode> {
    match command {
        DatasetCommand::Info(args) => info(args),
        DatasetCommand::Peek { dataset, sheet } => peek(dataset, sheet.as_deref()),
        DatasetCommand::Check(args) => check_all(args),
    }
}

/// Opens a data set, and takes the entries that are meant.
pub fn open(dataset: &Source, part: &PartArgs) -> Result<Dataset> {
    let PartArgs { split, split_by, images, field, fraction, draw, limit, ids, shard } = part;
    let (split, split_by, images, field) = (split.clone(), split_by.clone(), images.clone(), field.clone());
    let source = Source { split, split_by, images, field, ..dataset.clone() };
    let mut dataset = Dataset::open(&source)?;
    let ids = (!ids.is_empty()).then(|| ids.iter().cloned().collect());
    let choice = Choice { fraction: *fraction, seed: *draw, limit: *limit, ids, shard: *shard };
    dataset.items = choice.of(dataset.items).map_err(|what| anyhow!(DatasetError::from_choice(&source.path, what)))?;
    Ok(dataset)
}

fn info(args: &DatasetArgs) -> Result<ExitCode> {
    let dataset = open(&args.dataset, &args.part)?;
    let mut photos: Vec<String> = dataset.items.iter().map(|item| item.image.name()).collect();
    photos.sort();
    photos.dedup();
    let mut categories: BTreeMap<&str, BTreeMap<&str, usize>> = BTreeMap::new();
    for (name, value) in dataset.items.iter().flat_map(|item| &item.categories) {
        *categories.entry(name).or_default().entry(value).or_default() += 1;
    }
    let no_target = dataset.items.iter().filter(|item| item.is_no_target()).count();
    if args.json {
        print::value(&json!({
            "name": dataset.name, "ground_truth": dataset.ground_truth, "entries": dataset.items.len(), "photos": photos.len(),
            "no_target": no_target, "categories": categories,
            "bad": dataset.bad.iter().map(ToString::to_string).collect::<Vec<_>>(),
        }))?;
        return Ok(code(&dataset, false));
    }
    print::line(&format!("{}: {} entries on {} photos", dataset.name, dataset.items.len(), photos.len()));
    print::line(&format!("  truth     {}", dataset.ground_truth));
    if no_target > 0 {
        print::line(&format!("  no target {no_target} entries"));
    }
    for (name, values) in categories {
        let mut values: Vec<(&str, usize)> = values.into_iter().collect();
        values.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        let more = if values.len() > SHOWN { format!(", {} more", values.len() - SHOWN) } else { String::new() };
        let shown: Vec<String> = values.iter().take(SHOWN).map(|(value, count)| format!("{value} {count}")).collect();
        print::line(&format!("  {name:<9} {}{more}", shown.join(", ")));
    }
    tell_bad(&dataset);
    Ok(code(&dataset, false))
}

fn peek(args: &DatasetArgs, file: Option<&Path>) -> Result<ExitCode> {
    let mut dataset = open(&args.dataset, &args.part)?;
    dataset.items.truncate(args.part.limit.unwrap_or(SHOWN));
    if args.json {
        print::value(&Value::Array(dataset.items.iter().map(described).collect()))?;
    } else {
        for item in &dataset.items {
            let categories: Vec<String> =
                item.categories.iter().map(|(name, value)| format!("{name} {value}")).collect();
            print::line(&format!("{}: {:?}", item.id, item.query));
            print::line(format!("  {}  {}", item.image.name(), categories.join(", ")).trim_end());
        }
        tell_bad(&dataset);
    }
    if let Some(file) = file {
        let sheet = sheet::draw(&dataset.items, COLUMNS).map_err(|what| anyhow!(what))?;
        std::fs::write(file, sheet).map_err(|cause| WriteError { file: file.to_owned(), cause })?;
        if !args.json {
            print::line(&format!("sheet: {}", file.display()));
        }
    }
    Ok(code(&dataset, false))
}

fn described(item: &Item) -> Value {
    json!({
        "id": item.id, "query": item.query, "image": item.image.name(), "categories": item.categories,
        "no_target": item.is_no_target(),
    })
}

fn check_all(args: &DatasetArgs) -> Result<ExitCode> {
    let dataset = open(&args.dataset, &args.part)?;
    let bar = if args.json { ProgressBar::hidden() } else { ProgressBar::new(dataset.items.len() as u64) };
    if let Ok(style) = ProgressStyle::with_template("{spinner} entries [{bar:30}] {pos}/{len} {eta} left") {
        bar.set_style(style.progress_chars("=> "));
    }
    bar.enable_steady_tick(Duration::from_millis(100));
    let checked = check(&dataset, &mut |count| bar.set_position(count as u64));
    bar.finish_and_clear();
    let fatal = checked.findings.iter().filter(|finding| finding.fatal).count();
    if args.json {
        print::value(&json!({
            "name": dataset.name, "ground_truth": dataset.ground_truth, "checked": checked,
            "bad": dataset.bad.iter().map(ToString::to_string).collect::<Vec<_>>(),
        }))?;
        return Ok(code(&dataset, fatal > 0));
    }
    let Checked { entries, photos, no_target, with_ignored, findings } = checked;
    print::line(&format!("{}: {entries} entries on {photos} photos", dataset.name));
    print::line(&format!("  truth     {}", dataset.ground_truth));
    print::line(&format!("  no target {no_target}, with ignored pixels {with_ignored}"));
    for finding in findings.iter().take(FINDINGS) {
        let kind = if finding.fatal { "cannot be used" } else { "odd" };
        print::line(&format!("{} ({kind}): {}", finding.id, finding.what));
    }
    if findings.len() > FINDINGS {
        print::line(&format!("{} more; --json has them all", findings.len() - FINDINGS));
    }
    tell_bad(&dataset);
    let unusable = fatal + dataset.bad.len();
    print::line(&match (unusable, findings.len() - fatal) {
        (0, 0) => "nothing is wrong".into(),
        (unusable, odd) => format!("{unusable} cannot be used, {odd} are odd"),
    });
    Ok(code(&dataset, fatal > 0))
}

fn tell_bad(dataset: &Dataset) {
    for error in dataset.bad.iter().take(FINDINGS) {
        print::line(&format!("bad: {error}"));
    }
    if dataset.bad.len() > FINDINGS {
        print::line(&format!("bad: {} more", dataset.bad.len() - FINDINGS));
    }
}

fn code(dataset: &Dataset, fatal: bool) -> ExitCode {
    if fatal || !dataset.bad.is_empty() { ExitCode::from(exit::INPUT) } else { ExitCode::SUCCESS }
}
