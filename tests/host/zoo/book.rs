//! The book of the zoo, `tests/fixtures/ZOO.md`: what each animal does, how it ends, and every message as its author sees it.

use std::fmt::Write as _;

use rescue_tests::root;

use super::animals::Animal;
use super::trial::Trial;

const HEAD: &str = "\
# The zoo

Plugins that misbehave, one misdeed each, and what the host tells their authors. `tests/host/zoo.rs` loads each, plays it in a
made-up world in every way and at every post that it has, and then plays one that behaves; it holds this file against what
came, and writes it anew with `UPDATE=1 cargo nextest run zoo`. Limits are lower there than in runs, so that it is soon over.
Digests are left out.

An animal in Rust is a file in `zoo/examples`. One in text is a core module in `zoo/wat`, put into a plugin that behaves. The
others are made by the test.

";

/// Compares the book with what came, or writes it.
pub fn check(tried: &[(&Animal, Vec<Trial>)]) {
    let file = root().join("tests/fixtures/ZOO.md");
    let book = write(tried);
    if std::env::var_os("UPDATE").is_some_and(|update| update == "1") {
        std::fs::write(&file, book).unwrap();
        return;
    }
    let old = std::fs::read_to_string(&file).unwrap_or_default().replace("\r\n", "\n");
    let changed: Vec<String> = difference(&old, &book);
    assert!(
        changed.is_empty(),
        "tests/fixtures/ZOO.md says otherwise (-) than what came (+); `UPDATE=1 cargo nextest run zoo` writes it anew:\n{}",
        changed.join("\n")
    );
}

fn write(tried: &[(&Animal, Vec<Trial>)]) -> String {
    let mut book = String::from(HEAD);
    book.push_str("| animal | what it does | how it ends |\n|---|---|---|\n");
    for (animal, trials) in tried {
        let anchor = &animal.name;
        writeln!(book, "| [{anchor}](#{anchor}) | {} | {} |", animal.about, endings(trials)).unwrap();
    }
    for (animal, trials) in tried {
        write!(book, "\n## {}\n\n{} ({})\n", animal.name, animal.about, animal.source).unwrap();
        let mut hows: Vec<&str> = trials.iter().map(|trial| trial.how.as_str()).collect();
        hows.dedup();
        for how in hows {
            chapter(&mut book, how, trials);
        }
    }
    book
}

/// One way: its messages, or that there are none.
fn chapter(book: &mut String, how: &str, trials: &[Trial]) {
    let failed = trials.iter().filter(|trial| trial.how == how).filter_map(|trial| trial.ending.as_ref().err());
    let texts: Vec<&str> = failed.map(|failed| failed.text.as_str()).collect();
    if !how.is_empty() {
        write!(book, "\n{how}:").unwrap();
    }
    if texts.is_empty() {
        book.push_str(if how.is_empty() { "\nIt behaves.\n" } else { " behaves.\n" });
    } else {
        let space = if how.is_empty() { "" } else { "\n" };
        write!(book, "{space}\n```text\n{}\n```\n", texts.join("\n")).unwrap();
    }
}

/// "Fuel, Memory": each once, in the order in which they came.
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

/// Lines that only one of them has, in order.
fn difference(old: &str, new: &str) -> Vec<String> {
    let (olds, news): (Vec<&str>, Vec<&str>) = (old.lines().collect(), new.lines().collect());
    let (mut old, mut new) = (olds.as_slice(), news.as_slice());
    let mut found = Vec::new();
    loop {
        match (old, new) {
            ([], []) => return found,
            ([a, olds @ ..], [b, news @ ..]) if a == b => (old, new) = (olds, news),
            // A line that comes later in the new text was not removed: what stands before it there was added.
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
