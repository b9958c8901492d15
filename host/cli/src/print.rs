//! What is printed: results to standard output, everything else to standard error.

use std::fmt::Write as _;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Context, Result};
use rescue_pipeline::run::result_files::Written;
use rescue_pipeline::{Account, Accounts, Outcome, Record, RestsOn, ResultLine, SampleState, State, Tally, Timings};
use rescue_plugin::{Kind, LogLine, printable};
use serde_json::Value;

/// Whether something could not be written.
static LOST: AtomicBool = AtomicBool::new(false);

/// Writes a line to a stream. A reader may close the pipe when it has read enough; any other error is noted.
macro_rules! say {
    ($stream:expr, $($text:tt)*) => {{
        use std::io::Write as _;
        if let Err(error) = writeln!($stream, $($text)*)
            && error.kind() != std::io::ErrorKind::BrokenPipe
        {
            LOST.store(true, Ordering::Relaxed);
        }
    }};
}

/// Whether something could not be printed, for example because the disk is full.
pub fn is_lost() -> bool {
    use std::io::Write as _;
    std::io::stdout().flush().is_err_and(|error| error.kind() != std::io::ErrorKind::BrokenPipe)
        || LOST.load(Ordering::Relaxed)
}

/// Prints an error with its causes.
pub fn error(error: &anyhow::Error) {
    say!(std::io::stderr(), "error: {}", printable(&format!("{error:#}")));
}

/// Prints a message to standard error.
pub fn note(message: &str) {
    say!(std::io::stderr(), "{}", printable(message));
}

/// Prints a line of a result, for people, without control characters.
pub fn line(text: &str) {
    say!(std::io::stdout(), "{}", printable(text));
}

/// Prints a value as JSON, for machines.
pub fn value(value: &Value) -> Result<()> {
    say!(std::io::stdout(), "{}", serde_json::to_string_pretty(value)?);
    Ok(())
}

/// Prints the warnings and errors that plugins logged.
pub fn log(lines: &[(Kind, LogLine)]) {
    log_of("", lines);
}

/// As [`log`], with the name of the sample before each line.
pub fn log_of(sample: &str, lines: &[(Kind, LogLine)]) {
    for (kind, line) in lines.iter().filter(|(_, line)| line.level == "warn" || line.level == "error") {
        // Further lines of a message are indented, so that they are not taken for other messages.
        note(&format!("{sample}{kind} {}: {}", line.level, line.message.replace('\n', "\n  ")));
    }
}

/// Prints which answers of models could not be read, with the first one as it came and what to do about it.
pub fn readings(record: &Record) {
    for (service, readings) in &record.readings {
        for (remark, count) in &readings.remarks {
            note(&format!("warning: {service}: in {count} of {} answers, {remark}", readings.answers));
        }
        let Some(first) = &readings.first else { continue };
        note(&format!(
            "{service}: {} of {} answers could not be read: {}\n  the first: {:?}\n  way out: {}",
            readings.unreadable, readings.answers, first.why, first.reply, first.way_out
        ));
    }
}

/// Prints text for machines, unchanged.
pub fn text(text: &str) {
    say!(std::io::stdout(), "{}", text.trim_end());
}

/// Prints a file, unchanged.
pub fn json(file: &Path) -> Result<()> {
    let text = std::fs::read_to_string(file).with_context(|| format!("{} could not be read back", file.display()))?;
    say!(std::io::stdout(), "{}", text.trim_end());
    Ok(())
}

/// Prints what came of one of several samples, for people.
pub fn result_line(result: &ResultLine) {
    let name = match (&result.id, result.state) {
        (None, _) => format!("line {}", result.line),
        (Some(id), SampleState::Failed) => format!("{id} (line {})", result.line),
        (Some(id), _) => id.clone(),
    };
    let why = || result.why.join("; ");
    let what = match (result.state, &result.bounds, result.area) {
        (SampleState::Failed, ..) => format!("FAILED: {}", why()),
        (_, Some(box_), Some(area)) => {
            format!("found: {area} pixels in ({}, {})–({}, {})", box_.x_min, box_.y_min, box_.x_max, box_.y_max)
        }
        (SampleState::Complete, ..) => format!("not found: {}", why()),
        _ => format!("NO ANSWER: {}", why()),
    };
    let state = match result.state {
        SampleState::Complete | SampleState::Failed => "",
        SampleState::Unreadable => " [UNREADABLE]",
        SampleState::Degraded => " [DEGRADED]",
        SampleState::Cut => " [CUT]",
    };
    line(&format!("{name}: {what}{state}"));
}

/// Prints what came of one of several samples, for machines.
pub fn json_line(result: &ResultLine) {
    // It is made of numbers, texts and JSON, which can always be written.
    text(&serde_json::to_string(result).unwrap_or_default());
}

/// Prints what came of several samples and what it took, for people.
pub fn tally(tally: Tally, folder: &Path, accounts: &Accounts) {
    let Tally { searched, found, incomplete, unanswered, lacking, failed, left, .. } = tally;
    let (all, not_found) = (searched + failed, searched - found - unanswered);
    let samples = match (all, left) {
        (1, 0) => "1 sample".to_owned(),
        (all, 0) => format!("{all} samples"),
        (all, left) => format!("{all} of {} samples", all + left),
    };
    line(&format!("{samples}: {found} found, {not_found} not found, {unanswered} without a result, {failed} FAILED"));
    if incomplete > 0 {
        line(&format!("  {incomplete} of the results are not complete: \"state\" in each result.json says why"));
    }
    if lacking > 0 {
        line(&format!("  missing   `rescue-host resume {} --fill` asks for what is missing", folder.display()));
    }
    self::accounts(accounts);
    line(&format!("  index     {}", folder.join("index.jsonl").display()));
}

/// Prints what was spent at each service that was asked something.
pub fn accounts(accounts: &Accounts) {
    spent(accounts).iter().for_each(|table| line(table));
}

/// What was spent at each service that was asked something, as a table. `None` if none was.
fn spent(accounts: &Accounts) -> Option<String> {
    let mut table =
        "  service     known      new   absent requests   failed cancelled  MB sent  received   tokens slot-seconds"
            .to_owned();
    let asked = |of: &Account| of.hit + of.joined + of.sent + of.absent + of.withdrawn > 0;
    accounts.0.values().any(asked).then_some(())?;
    for (service, of) in accounts.0.iter().filter(|(_, of)| asked(of)) {
        let Account { hit, joined, new, absent, sent, failed, cancelled, slot_seconds, .. } = of;
        let megabytes = |bytes: u64| bytes as f64 / 1e6;
        let (known, out, back) = (hit + joined, megabytes(of.bytes_sent), megabytes(of.bytes_received));
        let tokens = of.tokens_in + of.tokens_out;
        // Writing to a string cannot fail.
        let _ = write!(
            table,
            "\n  {service:<9}{known:>8}{new:>9}{absent:>9}{sent:>9}{failed:>9}{cancelled:>10}{out:>9.1}{back:>10.1} {tokens:>8}\
             {slot_seconds:>13.1}"
        );
    }
    Some(table)
}

/// Prints a result, for people.
pub fn outcome(outcome: &Outcome, written: &Written, accounts: &Accounts) {
    line(&summary(outcome, written, accounts));
}

fn summary(outcome: &Outcome, written: &Written, accounts: &Accounts) -> String {
    let record = &outcome.record;
    let counts = &record.counts;
    let mut text = String::new();
    // Writing to a string cannot fail.
    let _ = match (&record.chosen, record.ranking.first()) {
        (Some(chosen), Some(first)) => write!(
            text,
            "found {:?}: candidate {} of {}, {} pixels in ({}, {})–({}, {})\n  why     {}",
            record.query,
            chosen.id,
            record.ranking.len(),
            chosen.area,
            chosen.bounds.x_min,
            chosen.bounds.y_min,
            chosen.bounds.x_max,
            chosen.bounds.y_max,
            first.reasoning
        ),
        _ => {
            let what = if record.state == State::Complete { "not found" } else { "NO ANSWER" };
            write!(text, "{what}: {:?}\n  why     {}", record.query, record.reasons.join("\n          "))
        }
    };
    if let Some(rests_on) = record.chosen.as_ref().and_then(|chosen| chosen.rests_on) {
        let _ = write!(text, "\n  rests   {}", rests(rests_on));
    }
    let seconds = outcome.timings.seconds.get("total").copied().unwrap_or_default();
    let _ = write!(
        text,
        "\n  work    {} masks, {} merged, {} lost; {} matches, {} abstained; {seconds:.1} s",
        counts.candidates + counts.merged,
        counts.merged,
        counts.lost,
        counts.matches,
        counts.abstained
    );
    let (asked, absent) = (counts.questions.total(), record.absences.len());
    let Timings { known, new, .. } = &outcome.timings;
    let _ = write!(text, "\n  asked   {asked} questions: {known} known, {new} new, {absent} without an answer");
    if let Some(table) = spent(accounts).filter(|_| accounts.total().sent > 0) {
        let _ = write!(text, "\n{table}");
    }
    if counts.clamped > 0 {
        let _ =
            write!(text, "\n  clamped {} predicted IoUs or similarities slightly outside their range", counts.clamped);
    }
    let why = match record.state {
        State::Complete => None,
        State::Unreadable => {
            Some("too many answers said nothing that could be read; \"readings\" in result.json counts them".into())
        }
        State::Degraded => Some(format!("{}\n          {}", first_absence(record), missing(written))),
        State::Cut => Some(format!("the time for it was over (run.deadline): {}", missing(written))),
    };
    if let Some(why) = why {
        let _ = write!(text, "\n  {:<7} {why}", state(record.state));
    }
    let files = [
        ("mask", written.mask.as_deref()),
        ("overlay", written.overlay.as_deref()),
        ("result", Some(written.result.as_path())),
        ("timings", Some(written.timings.as_path())),
    ];
    for (name, file) in files {
        if let Some(file) = file {
            let _ = write!(text, "\n  {name:<7} {}", file.display());
        }
    }
    text
}

/// The first question without an answer, and how many more there are.
fn first_absence(record: &Record) -> String {
    let Some(first) = record.absences.first() else { return "services failed".into() };
    let more = match record.absences.len() - 1 {
        0 => String::new(),
        more => format!(" (and {more} more)"),
    };
    format!("{}: {}{more}", first.absence.service, first.absence.why)
}

fn missing(written: &Written) -> String {
    let folder = written.result.parent().unwrap_or(Path::new("."));
    format!(
        "`rescue-host resume {} --fill` asks for what is missing; \"absences\" in result.json has it",
        folder.display()
    )
}

/// What the first place rests on, for people.
fn rests(on: RestsOn) -> String {
    let shares = [(on.verdicts, "verdicts"), (on.scores, "scores"), (on.draw, "a draw")];
    let parts: Vec<String> = shares
        .into_iter()
        .filter(|(share, _)| *share > 0.0)
        .map(|(share, what)| format!("{:.0} % on {what}", 100.0 * share))
        .collect();
    match on.meetings {
        0 => format!("{} (no match)", parts.join(", ")),
        1 => format!("{} (of 1 match)", parts.join(", ")),
        meetings => format!("{} (of {meetings} matches)", parts.join(", ")),
    }
}

fn state(state: State) -> &'static str {
    match state {
        State::Complete => "complete",
        State::Unreadable => "UNREADABLE",
        State::Degraded => "DEGRADED",
        State::Cut => "CUT",
    }
}
