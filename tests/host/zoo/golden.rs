//! Writes and checks the golden file `tests/fixtures/ZOO.md`: what each plugin does, how it ends, and every message as
//! its author sees it.

use std::fmt::Write as _;

use rescue_tests::root;

use super::plugins::HostilePlugin;
use super::trial::Trial;

const HEAD: &str = "\
# The zoo

The zoo is the collection of plugins that misbehave, each in one way of its own. This page says what each of them does, how it
ends, and what the host tells its author.

The test `tests/host/zoo.rs` loads each plugin, runs it as every kind that it offers and with every choice of its setting `how`
in a simulated world, and then runs a plugin that behaves, which has to do what it always does. The test fails if this page is not
what came out; `UPDATE=1 cargo nextest run zoo` writes it anew. Limits are lower than in runs, so that the test is quick. Digests
are left out.

A plugin in Rust is a file in `zoo/examples`. One in text is a core module in `zoo/wat`, which is added to a plugin that behaves.
The others are made by the test.

";

/// Compares the golden file with the outcome of the trials, or writes it if `UPDATE` is 1.
pub fn check(tried: &[(&HostilePlugin, Vec<Trial>)]) {
    let file = root().join("tests/fixtures/ZOO.md");
    let page = write(tried);
    if std::env::var_os("UPDATE").is_some_and(|update| update == "1") {
        std::fs::write(&file, page).unwrap();
        return;
    }
    let old = std::fs::read_to_string(&file).unwrap_or_default().replace("\r\n", "\n");
    let changed: Vec<String> = difference(&old, &page);
    assert!(
        changed.is_empty(),
        "tests/fixtures/ZOO.md (-) differs from the outcome (+); `UPDATE=1 cargo nextest run zoo` writes it anew:\n{}",
        changed.join("\n")
    );
}

fn write(tried: &[(&HostilePlugin, Vec<Trial>)]) -> String {
    let mut page = String::from(HEAD);
    page.push_str("| plugin | what it does | how it ends |\n|---|---|---|\n");
    for (hostile, trials) in tried {
        let anchor = &hostile.name;
        writeln!(page, "| [{anchor}](#{anchor}) | {} | {} |", hostile.about, endings(trials)).unwrap();
    }
    for (hostile, trials) in tried {
        write!(page, "\n## {}\n\n{} ({})\n", hostile.name, hostile.about, hostile.source).unwrap();
        let mut hows: Vec<&str> = trials.iter().map(|trial| trial.how.as_str()).collect();
        hows.dedup();
        for how in hows {
            variant(&mut page, how, trials);
        }
    }
    page
}

/// Writes the messages of one choice of `how`, or that the plugin behaves.
fn variant(page: &mut String, how: &str, trials: &[Trial]) {
    let failed = trials.iter().filter(|trial| trial.how == how).filter_map(|trial| trial.ending.as_ref().err());
    let texts: Vec<&str> = failed.map(|failed| failed.text.as_str()).collect();
    if !how.is_empty() {
        write!(page, "\n{how}:").unwrap();
    }
    if texts.is_empty() {
        page.push_str(if how.is_empty() { "\nIt behaves.\n" } else { " behaves.\n" });
    } else {
        let space = if how.is_empty() { "" } else { "\n" };
        write!(page, "{space}\n```text\n{}\n```\n", texts.join("\n")).unwrap();
    }
}

/// The endings of all trials, each once, in the order in which they came, as in "Fuel, Memory".
fn endings(trials: &[Trial]) -> String {
    let mut endings: Vec<&str> = Vec::new();
    for trial in trials {
        let behaves = trials.iter().all(|other| other.how != trial.how || other.ending.is_ok());
        let ending = match &trial.ending {
            Err(failed) => failed.cause.as_str(),
            Ok(_) if behaves => "behaves",
            Ok(_) => continue,
        };
        if !endings.contains(&ending) {
            endings.push(ending);
        }
    }
    endings.join(", ")
}

/// The lines that only one of the two texts has, in order.
fn difference(old: &str, new: &str) -> Vec<String> {
    let (olds, news): (Vec<&str>, Vec<&str>) = (old.lines().collect(), new.lines().collect());
    let (mut old, mut new) = (olds.as_slice(), news.as_slice());
    let mut found = Vec::new();
    loop {
        match (old, new) {
            ([], []) => return found,
            ([a, olds @ ..], [b, news @ ..]) if a == b => (old, new) = (olds, news),
            // A line that comes later in the new text was not removed; the lines before it in the new text were added.
            ([a, olds @ ..], news) if !news.contains(a) => {
                found.push(format!("- {a}"));
                old = olds;
            }
            (_, [b, news @ ..]) => {
                found.push(format!("+ {b}"));
                new = news;
            }
            ([a, olds @ ..], []) => {
                found.push(format!("- {a}"));
                old = olds;
            }
        }
    }
}
