//! `rescue-host ledger`: inspects, verifies, exports, merges and prunes ledgers.

use std::io::IsTerminal;
use std::path::Path;
use std::process::ExitCode;

use anyhow::Result;
use indicatif::{ProgressBar, ProgressStyle};
use rescue_ledger::{Access, Ledger, LedgerError, TornTail, expect_packs, verify as verified};
use rescue_service::Entry;
use serde_json::{Value, json};

use crate::args::LedgerCommand;
use crate::{exit, print};

/// Runs a verb of `ledger`.
pub fn ledger(command: &LedgerCommand) -> Result<ExitCode> {
    match command {
        LedgerCommand::Info { ledger, json } => info(ledger, *json),
        LedgerCommand::Verify { ledger, json } => verify(ledger, *json),
        LedgerCommand::Export { ledger } => export(ledger),
        LedgerCommand::Merge { into, from, json } => merge(into, from, *json),
        LedgerCommand::Prune { ledger, models, operations, json } => prune(ledger, models, operations, *json),
    }
}

/// Opens an existing ledger for reading.
fn read(path: &Path) -> Result<Ledger> {
    expect_packs(path)?;
    Ok(Ledger::open(path, Access::Read)?)
}

fn info(path: &Path, as_json: bool) -> Result<ExitCode> {
    let info = read(path)?.info()?;
    if as_json {
        print::value(&json!({
            "packs": info.packs, "entries": info.entries, "keys": info.keys, "duplicates": info.duplicates,
            "disk_bytes": info.disk_bytes, "raw_bytes": info.raw_bytes, "live_writers": info.live_writers,
            "torn": info.torn, "damage": info.damage,
        }))?;
    } else {
        print::line(&format!("answers       {}", info.keys));
        print::line(&format!("packs         {}, {} of them being written", info.packs, info.live_writers));
        print::line(&format!("duplicates    {}", info.duplicates));
        print::line(&format!("on disk       {} bytes, {} before compression", info.disk_bytes, info.raw_bytes));
        info.torn.iter().for_each(|torn| print::line(&format!("torn          {}", torn_tail(torn))));
        info.damage.iter().for_each(|damage| print::line(&format!("damaged       {damage}")));
        print::line("entries       not checked byte by byte: see verify");
    }
    Ok(ExitCode::SUCCESS)
}

fn verify(path: &Path, as_json: bool) -> Result<ExitCode> {
    expect_packs(path)?;
    let bar = if !as_json && std::io::stderr().is_terminal() { ProgressBar::new(0) } else { ProgressBar::hidden() };
    if let Ok(style) = ProgressStyle::with_template("{spinner} [{bar:30}] {bytes}/{total_bytes}") {
        bar.set_style(style);
    }
    let found = verified(path, |progress| {
        bar.set_length(progress.total);
        bar.set_position(progress.done);
    })?;
    bar.finish_and_clear();
    // The checksums fit; the entries have to be readable answers as well.
    let ledger = Ledger::open(path, Access::Read)?;
    let mut unread = Vec::new();
    for entry in ledger.entries() {
        // The damage is printed above.
        let Ok((key, bytes)) = entry else { continue };
        if let Err(error) = Entry::read(&bytes) {
            unread.push(format!("{key}: {error}"));
        }
    }
    let whole = found.damage.is_empty() && unread.is_empty();
    if as_json {
        print::value(&json!({
            "whole": whole, "packs": found.packs, "entries": found.entries, "disk_bytes": found.disk_bytes,
            "raw_bytes": found.raw_bytes, "torn": found.torn, "damage": found.damage, "unreadable": unread,
        }))?;
    } else {
        let torn =
            |torn: &TornTail| format!("torn       {}: its writer was stopped; no answer is lost", torn_tail(torn));
        found.torn.iter().for_each(|one| print::line(&torn(one)));
        found.damage.iter().for_each(|damage| print::line(&format!("damaged    {damage}")));
        unread.iter().for_each(|unread| print::line(&format!("unreadable {unread}")));
        let state = if whole { "whole" } else { "damaged" };
        print::line(&format!(
            "{state}: {} answers in {} packs, {} bytes",
            found.entries, found.packs, found.disk_bytes
        ));
    }
    Ok(if whole { ExitCode::SUCCESS } else { ExitCode::from(exit::DIFFERENT) })
}

fn export(path: &Path) -> Result<ExitCode> {
    let ledger = read(path)?;
    // Damage that was found while opening is not among the entries.
    let seen = ledger.info()?.damage;
    seen.iter().for_each(|damage| print::note(&damage.to_string()));
    let mut whole = seen.is_empty();
    for entry in ledger.entries() {
        let unread = match entry {
            Ok((key, bytes)) => match serde_json::from_slice::<Value>(&bytes) {
                Ok(value) => {
                    print::text(&serde_json::to_string(&json!({"key": key, "entry": value}))?);
                    continue;
                }
                Err(error) => format!("the answer {key} is no JSON: {error}"),
            },
            Err(LedgerError::Damaged(damage)) => damage.to_string(),
            Err(error) => return Err(error.into()),
        };
        print::note(&unread);
        whole = false;
    }
    Ok(if whole { ExitCode::SUCCESS } else { ExitCode::from(exit::DIFFERENT) })
}

fn merge(into: &Path, from: &[std::path::PathBuf], as_json: bool) -> Result<ExitCode> {
    from.iter().try_for_each(|source| expect_packs(source))?;
    let made: Vec<&Path> = into.ancestors().take_while(|it| !it.as_os_str().is_empty() && !it.exists()).collect();
    let merged = Ledger::open(into, Access::Write).and_then(|ledger| ledger.merge(from));
    if merged.is_err() {
        // This removes empty folders only, so answers that were merged before stay.
        made.iter().for_each(|folder| drop(std::fs::remove_dir(folder)));
    }
    let merged = merged?;
    if as_json {
        print::value(&json!({
            "packs": merged.packs, "entries": merged.entries, "skipped": merged.skipped, "torn": merged.torn,
        }))?;
    } else {
        print::line(&format!(
            "{} answers in {} packs added to {}; {} packs were there already",
            merged.entries,
            merged.packs,
            into.display(),
            merged.skipped
        ));
    }
    Ok(ExitCode::SUCCESS)
}

fn prune(path: &Path, models: &[String], operations: &[String], as_json: bool) -> Result<ExitCode> {
    // Opening a ledger for writing would create the folder.
    expect_packs(path)?;
    let ledger = Ledger::open(path, Access::Write)?;
    let pruned = ledger.prune(|_, bytes| {
        // An unreadable entry is kept: a newer program may have written it.
        let Ok(entry) = Entry::read(bytes) else { return true };
        let text = |place: &str| entry.question.pointer(place).and_then(Value::as_str).unwrap_or_default().to_owned();
        let operation = text("/operation");
        let kind = operation.split('/').next().unwrap_or_default();
        !models.contains(&text("/model/name")) && !operations.iter().any(|named| named == kind)
    })?;
    if as_json {
        print::value(&json!({"kept": pruned.kept, "dropped": pruned.dropped, "duplicates": pruned.duplicates}))?;
    } else {
        print::line(&format!(
            "{} answers kept, {} left out, {} duplicates",
            pruned.kept, pruned.dropped, pruned.duplicates
        ));
    }
    Ok(ExitCode::SUCCESS)
}

fn torn_tail(torn: &TornTail) -> String {
    format!("{} from byte {} on ({} bytes)", torn.pack.display(), torn.offset, torn.bytes)
}
