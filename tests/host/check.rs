//! The verb `plugin check`, which reports problems to a plugin's author.

use rescue_tests::{Run, fixture, pictures, plugin};
use serde_json::Value;

const STANDARD: [&str; 8] =
    ["attributes", "by-score", "duel", "geometry", "grounder", "hybrid", "perspectives", "pyramid"];

/// Runs `plugin check`. Returns the report in JSON and the exit code.
fn checked(arguments: &[&str]) -> (Value, Option<i32>) {
    let ran = Run::plain(["plugin", "check", "--json"].iter().chain(arguments)).go();
    assert!(ran.stderr.is_empty(), "{}", ran.stderr);
    (serde_json::from_str(&ran.stdout).unwrap(), ran.code)
}

/// The grade, subject and text of every finding of the plugin's first kind.
fn findings(report: &Value) -> Vec<(&str, &str, &str)> {
    let findings = report["kinds"][0]["findings"].as_array().unwrap();
    findings
        .iter()
        .map(|found| {
            (found["grade"].as_str().unwrap(), found["about"].as_str().unwrap(), found["text"].as_str().unwrap())
        })
        .collect()
}

#[test]
fn standard_plugins_pass() {
    for name in STANDARD {
        let (report, code) = checked(&[&plugin(name).display().to_string()]);
        assert_eq!((code, &report["ok"], &report["name"]), (Some(0), &true.into(), &name.into()), "{report:#}");
        let found = findings(&report);
        assert!(found.iter().all(|(grade, ..)| *grade == "ok"), "{found:#?}");
        let about: Vec<_> = found.iter().map(|(_, about, _)| *about).collect();
        assert_eq!(about, ["runs", "repeats", "retraces", "arrival", "limits"], "{name}");
        let usage = &report["kinds"][0]["usage"];
        let (most, all) = (usage["most_fuel"].as_u64().unwrap(), usage["fuel"].as_u64().unwrap());
        assert!(0 < most && most < all, "{usage}");
        assert!(report["kinds"][0]["usage_many"]["told"].as_u64() >= usage["told"].as_u64(), "{report}");
    }
}

/// The report has a note for its author. It is no problem, since results do not depend on the order of arrival.
#[test]
fn a_hasty_tournament_is_reported() {
    let file = fixture("hasty").display().to_string();
    let (report, code) = checked(&[&file]);
    assert_eq!((code, &report["ok"]), (Some(0), &true.into()), "{report:#}");
    let notes: Vec<_> = findings(&report).into_iter().filter(|(grade, ..)| *grade == "note").collect();
    let [(_, "arrival", asked), (_, "arrival", outcome)] = notes.as_slice() else { panic!("{notes:#?}") };
    assert!(asked.contains("are not asked in the canonical one, such as candidate "), "{asked}");
    assert!(outcome.contains("it differs in 3 of 3 orders"), "{outcome}");
    let people = Run::plain(["plugin", "check", &file]).go();
    assert_eq!(people.code, Some(0), "{}", people.stderr);
    assert!(people.stdout.contains("note     arrival  "), "{}", people.stdout);
}

/// Whatever the plugin asks early, the result is that of the canonical order.
#[test]
fn results_of_a_hasty_tournament_are_the_same_each_time() {
    let file = fixture("hasty").display().to_string();
    let results: Vec<Vec<u8>> = (0..2)
        .map(|_| {
            let ran = Run::new(["--n", "8", "--plugin", &file]).go();
            assert_eq!(ran.answered(0)["plugins"][3]["name"], "hasty");
            ran.read("result.json")
        })
        .collect();
    assert!(results.iter().all(|result| *result == results[0]));
}

#[test]
fn settings_reach_the_plugin() {
    let file = plugin("pyramid").display().to_string();
    let matches = |arguments: &[&str]| {
        let (report, code) = checked(&[&[file.as_str()], arguments].concat());
        assert_eq!(code, Some(0));
        report["kinds"][0]["usage"]["told"].as_u64().unwrap()
    };
    assert_ne!(matches(&[]), matches(&["--set", "tournament.rematches=0"]));
    let check = |arguments: &[&str]| Run::plain(["plugin", "check", &file].iter().chain(arguments)).go();
    check(&["--set", "tournament.sowing=1"]).refused(5, &["there is no setting \"sowing\""]);
    check(&["--set", "scorer.ideal=1"]).refused(5, &["it is no scorer; it is a tournament"]);
    check(&["--set", "seeding"]).refused(2, &["is not KIND.KEY=VALUE"]);
}

/// A file that cannot be loaded is refused with the same error as by other verbs.
#[test]
fn a_file_that_is_not_a_plugin_is_refused() {
    let (_folder, file) = pictures::file("mine.wasm", b"\0asm\x01\0\0\0");
    Run::plain(["plugin", "check", &file.display().to_string()]).go().refused(5, &["it is a core module"]);
}

/// A failure of the plugin is reported as a problem, with its cause.
#[test]
fn a_plugin_that_fails_has_a_problem() {
    let file = plugin("geometry").display().to_string();
    let (report, code) = checked(&[&file, "--set", "scorer.smallest=0.9"]);
    assert_eq!((code, &report["ok"]), (Some(5), &false.into()));
    let found = findings(&report);
    let [("problem", "runs", text)] = found.as_slice() else { panic!("{found:#?}") };
    assert!(text.contains("in scoring.start: it says: smallest (0.9) is above largest (0.8)"), "{text}");
}
