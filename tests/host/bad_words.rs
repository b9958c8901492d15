//! Wrong command lines: queries, numbers, options and settings.

use rescue_tests::{Run, pictures};

#[track_caller]
fn refused(arguments: &[&str], code: i32, words: &[&str]) {
    Run::new(arguments).go().refused(code, words);
}

#[test]
fn queries_without_words() {
    for query in ["", " ", "\t\n ", "\u{a0}\u{3000}"] {
        refused(
            &["--query", query],
            4,
            &["the query is empty: say what to find, as in --query \"the dog on the left\""],
        );
    }
}

#[test]
fn a_query_that_is_too_long() {
    refused(&["--query", &"dog ".repeat(2500)], 4, &["the query has 10000 bytes; at most 4096 are taken"]);
}

#[test]
fn control_characters() {
    for (query, code) in [("a\u{1b}[31mdog", "U+001B"), ("a dog\non the left", "U+000A"), ("a\u{7f}dog", "U+007F")] {
        refused(&["--query", query], 4, &["control character", code, "give one line of plain text"]);
    }
}

#[cfg(unix)]
#[test]
fn bytes_that_are_no_text() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    let query = OsStr::from_bytes(b"the \xff dog");
    Run::new([OsStr::new("--query"), query]).go().refused(2, &["invalid UTF-8"]);
}

/// The standard plugins do not understand these queries. The host has to say so, and must not fail.
#[test]
fn other_scripts_are_not_found() {
    for query in ["🐕 👩‍👩‍👧‍👦", "左边的狗", "الكلب على اليسار", "z̷̢a̴l̸g̵o̴ ̷h̸o̴r̷s̴e̷", "?!", "the", "-", "''"]
    {
        let query = format!("--query={query}");
        let image = pictures::horses().display().to_string();
        let result = Run::new(["--image", &image, &query, "--n", "4"]).go().answered(3);
        assert_eq!(result["found"], false);
        assert!(!result["reasons"].as_array().unwrap().is_empty(), "{query}");
    }
}

#[test]
fn numbers_of_hypotheses() {
    for n in ["0", "100000"] {
        refused(&["--n", n], 4, &["flag --n", &format!("{n} is not a whole number from 1 up to 1024")]);
    }
    for n in ["-1", "many", "4294967296", "1.5"] {
        refused(&[&format!("--n={n}")], 2, &["invalid value", n, "--n <N>"]);
    }
}

#[test]
fn options() {
    refused(&["--querry", "the dog"], 2, &["--querry", "--query"]);
    refused(&["--image", "photo.jpg"], 2, &["--query <TEXT>"]);
    refused(&["--seed", "x"], 2, &["invalid value", "--seed"]);
}

#[test]
fn settings_of_the_wrong_form() {
    refused(&["--set", "tournament"], 2, &["\"tournament\" is not KIND.KEY=VALUE, as in tournament.seeding=seed"]);
    refused(
        &["--set", "pyramid.seeding=seed"],
        2,
        &["no kind of plugin is called \"pyramid\"; there are planner, scorer, verifier, tournament"],
    );
}

#[test]
fn settings_that_do_not_fit() {
    for (setting, words) in [
        ("tournament.seedling=seed", ["plugin pyramid", "there is no setting \"seedling\"; there are "]),
        ("tournament.seeding=luck", ["plugin pyramid", "\"luck\" is none of \"prior\", \"seed\""]),
        ("scorer.ideal=large", ["plugin geometry", "setting \"ideal\": \"large\" is not of type number"]),
        ("scorer.ideal=1.5", ["plugin geometry", "setting \"ideal\": 1.5 is not in 0.0..1.0"]),
        ("scorer.ideal=", ["plugin geometry", "setting \"ideal\": \"\" is not of type number"]),
    ] {
        refused(&["--set", setting], 5, &words);
    }
}

/// Each setting is valid by itself, but not together with the other, which only the plugin can know.
#[test]
fn settings_that_contradict_each_other() {
    let arguments = ["--set", "scorer.smallest=0.5", "--set", "scorer.largest=0.2", "--n", "1"];
    refused(&arguments, 5, &["plugin geometry", "smallest (0.5) is above largest (0.2); swap them", "(its settings)"]);
}
