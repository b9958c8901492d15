//! `rescue-host eval` on a data set of the fleet's scenes, whose truth is known.

use std::fs;
use std::path::Path;

use rescue_mask::png;
use rescue_tests::{Finished, Run};
use serde_json::{Value, json};

use super::kills::kill_and_go_on;
use super::setup::{Setup, repetitions};

pub const SCENES: usize = 5;

/// A list of the scenes, in which each has the mask of the scene that is `shift` further on.
pub fn list(setup: &Setup, name: &str, shift: usize) -> String {
    list_of(setup, SCENES, name, shift)
}

/// The same of so many scenes.
pub fn list_of(setup: &Setup, scenes: usize, name: &str, shift: usize) -> String {
    let lines: Vec<String> = (0..scenes)
        .map(|number| {
            let mask = &setup.scene((number + shift) % scenes).target().mask;
            let file = format!("{name}-{number}.png");
            fs::write(setup.folder.path().join(&file), png::write_mask(mask).unwrap()).unwrap();
            let query = &setup.scene(number).query;
            let kind = if number % 2 == 0 { "even" } else { "odd" };
            json!({"image": format!("{number}.jpg"), "query": query, "mask": file, "id": format!("s{number}"), "kind": kind})
                .to_string()
        })
        .collect();
    let file = setup.folder.path().join(format!("{name}.jsonl"));
    fs::write(&file, lines.join("\n")).unwrap();
    format!("own:{}", file.display())
}

pub fn arguments(setup: &Setup, list: &str) -> Vec<String> {
    arguments_for(setup, list, 8)
}

/// The words of an evaluation with so many hypotheses.
pub fn arguments_for(setup: &Setup, list: &str, n: u32) -> Vec<String> {
    words_of(setup, list).into_iter().chain(["--n".to_owned(), n.to_string()]).collect()
}

/// The words of an evaluation.
pub fn words_of(setup: &Setup, list: &str) -> Vec<String> {
    let mut words: Vec<String> = ["eval", list, "--mode", "comparative"].map(str::to_owned).to_vec();
    for (key, value) in setup.services() {
        words.extend(["--with".to_owned(), format!("{key}={value}")]);
    }
    words
}

/// The files that a run leaves, without those that depend on the clock.
pub fn files(folder: &Path) -> Vec<Vec<u8>> {
    let tables = ["samples", "choices", "candidates", "matches"];
    let tables = tables.iter().flat_map(|name| [format!("{name}.csv"), format!("{name}.parquet")]);
    let names = ["summary.json", "evaluation.json", "index.jsonl"];
    let of_samples =
        (0..SCENES).flat_map(|number| ["result.json", "scores.json"].map(|name| format!("samples/s{number}/{name}")));
    names
        .map(str::to_owned)
        .into_iter()
        .chain(tables)
        .chain(of_samples)
        .map(|name| fs::read(folder.join(name)).unwrap())
        .collect()
}

pub fn summary(ran: &Finished) -> Value {
    assert_eq!(ran.code, Some(0), "{}{}", ran.stdout, ran.stderr);
    serde_json::from_slice(&ran.read("summary.json")).unwrap()
}

#[test]
fn a_data_set_is_evaluated_and_its_truth_moves_no_choice() {
    let setup = Setup::start(SCENES, |_| {});
    let right = Run::new(arguments(&setup, &list(&setup, "right", 0))).go();
    let of_right = summary(&right);
    let (all, common) = (&of_right["strategies"][0]["n"]["8"]["rerun"]["giou"]["mean"], &of_right["n"]["8"]);
    let number = |value: &Value| value.as_f64().unwrap();
    assert!(number(all) > 0.9, "{}", right.stdout);
    assert!(number(&common["oracle"]) >= number(all) && number(&common["random"]) < number(&common["oracle"]));
    assert!(number(&of_right["n"]["1"]["oracle"]) <= number(&common["oracle"]));
    assert_eq!((&of_right["samples"], &of_right["incomplete"]), (&json!(SCENES), &json!(0)));
    assert_eq!(of_right["categories"]["kind"]["even"]["entries"], json!(3));
    let original: Value = serde_json::from_slice(&right.read("original.json")).unwrap();
    assert_eq!((&original["8"]["num_samples"], &original["8"]["mean_iou"]), (&json!(SCENES), all));
    let csv = String::from_utf8(right.read("samples.csv")).unwrap();
    assert!(csv.lines().count() == SCENES + 1 && csv.starts_with("id,repeat,photo_sha256,state"), "{csv}");

    let wrong = Run::new(arguments(&setup, &list(&setup, "wrong", 1))).go();
    let of_wrong = summary(&wrong);
    assert!(number(&of_wrong["strategies"][0]["n"]["8"]["rerun"]["giou"]["mean"]) < 0.5, "{}", wrong.stdout);
    for scene in 0..SCENES {
        let name = format!("samples/s{scene}/result.json");
        assert!(right.read(&name) == wrong.read(&name), "{name}");
    }
    // Another truth for one entry makes its scores anew, and asks nothing.
    fs::copy(setup.folder.path().join("wrong-2.png"), setup.folder.path().join("right-2.png")).unwrap();
    let (before, words) =
        (setup.requests(), arguments(&setup, &format!("own:{}", setup.folder.path().join("right.jsonl").display())));
    let moved = Run::in_folder(right.into_folder(), words).go();
    assert!(
        number(&summary(&moved)["strategies"][0]["n"]["8"]["rerun"]["giou"]["mean"]) < number(all) - 0.1,
        "{}",
        moved.stdout
    );
    assert_eq!(setup.requests(), before);
    let right = moved;
    // A run over the same entries that another program made is scored from its ledger.
    let folder = right.into_folder();
    (0..SCENES).for_each(|scene| fs::remove_file(folder.path().join(format!("samples/s{scene}/scores.json"))).unwrap());
    let before = setup.requests();
    let again = Run::in_folder(folder, arguments(&setup, &list(&setup, "right", 0))).go();
    assert_eq!((summary(&again), setup.requests()), (of_right.clone(), before));
    // Bounds are held against all hypotheses.
    let words = arguments(&setup, &list(&setup, "right", 0));
    let held = Run::in_folder(again.into_folder(), words.clone())
        .more(["--assert", "giou>=0.9", "--assert", "oracle<=1"])
        .go();
    assert_eq!(held.code, Some(0), "{}", held.stderr);
    let missed = Run::in_folder(held.into_folder(), words).more(["--assert", "giou<=0.1", "--assert", "n-acc>=0"]).go();
    let said = |words: &str| missed.stderr.contains(words);
    assert!(
        missed.code == Some(10) && said("NOT REACHED: giou<=0.1: it is 1.0") && said("n-acc>=0: it is –"),
        "{}",
        missed.stderr
    );
}

/// Evaluations of the same entries are compared; those of another truth are refused.
#[test]
fn evaluations_are_compared() {
    let setup = Setup::start(SCENES, |_| {});
    let right = list(&setup, "right", 0);
    let one = Run::new(arguments(&setup, &right)).go();
    let other = Run::new(arguments(&setup, &right)).more(["--plugin", "by-score"]).go();
    assert_eq!((one.code, other.code), (Some(0), Some(0)), "{}{}", one.stderr, other.stderr);
    let place = |ran: &Finished| ran.path("").display().to_string();
    let compared = Run::plain(["compare", &place(&other), &place(&one), "--json"]).go();
    assert_eq!(compared.code, Some(0), "{}", compared.stderr);
    let rows: Value = serde_json::from_str(&compared.stdout).unwrap();
    let of = |row: usize, name: &str| rows[row].pointer(name).unwrap().as_f64().unwrap();
    assert!(of(1, "/giou") >= of(0, "/giou") && rows[0]["difference"].is_null());
    assert!((of(1, "/difference/mean/mean") - (of(1, "/giou") - of(0, "/giou"))).abs() < 1e-9);
    let text = Run::plain(["compare", &place(&other), &place(&one), "--n", "1"]).go();
    assert!(text.code == Some(0) && text.stdout.contains("better/equal/worse"), "{}{}", text.stdout, text.stderr);
    // The same ids on other photos.
    fs::copy(setup.image(1), setup.image(0)).unwrap();
    let moved = Run::new(arguments(&setup, &right)).go();
    assert_eq!(moved.code, Some(0), "{}", moved.stderr);
    for (second, n, words) in
        [(&one, "3", "no choice among 3 hypotheses"), (&moved, "8", "the photo of entry s0 is another one than")]
    {
        let refused = Run::plain(["compare", &place(&other), &place(second), "--n", n]).go();
        assert!(refused.code == Some(4) && refused.stderr.contains(words), "{}", refused.stderr);
    }
    // Scores that are gone are not left out in silence.
    fs::remove_file(one.path("samples/s2/scores.json")).unwrap();
    let refused = Run::plain(["compare", &place(&one), &place(&other)]).go();
    refused.refused(4, &["4 scores, and summary.json counts 5", "the same eval command"]);
}

/// Every column of the tables stands on the page about evaluation.
#[test]
fn columns_are_documented() {
    let setup = Setup::start(SCENES, |_| {});
    let ran = Run::new(arguments(&setup, &list(&setup, "right", 0))).go();
    let page = fs::read_to_string(rescue_tests::root().join("docs/src/evaluation.md")).unwrap();
    for table in ["samples.csv", "choices.csv", "candidates.csv", "matches.csv"] {
        let text = String::from_utf8(ran.read(table)).unwrap();
        for column in text.lines().next().unwrap().split(',') {
            let column = match column.split_once('_') {
                Some(("category", _)) => "category_…".to_owned(),
                Some(("questions", rest)) => format!("_{rest}"),
                _ => column.to_owned(),
            };
            assert!(page.contains(&format!("{column}`")), "{table}: {column}");
        }
    }
}

/// `RESCUE_KILLS=50` kills 50 runs.
#[test]
fn a_killed_evaluation_goes_on() {
    let setup = Setup::start(SCENES, |_| {});
    let words = arguments(&setup, &list(&setup, "right", 0));
    let go_on = |_, place: &str| Run::plain(words.iter().map(String::as_str).chain(["--out", place])).go();
    kill_and_go_on(&words, repetitions("RESCUE_KILLS", 4), go_on, files);
}

#[test]
fn entries_that_cannot_be_used_are_counted() {
    let setup = Setup::start(SCENES, |_| {});
    let source = list(&setup, "right", 0);
    let file = source.strip_prefix("own:").unwrap();
    let mut text = fs::read_to_string(file).unwrap();
    text.push_str("\nnonsense\n{\"image\": \"0.jpg\", \"query\": \"x\", \"mask\": \"none.png\", \"id\": \"untrue\"}\n");
    text.push_str("{\"image\": \"none.jpg\", \"query\": \"x\", \"mask\": null, \"id\": \"gone\"}\n");
    fs::write(file, text).unwrap();
    let refused = Run::new(arguments(&setup, &source)).go();
    refused.refused(4, &["1 entries cannot be used", "line 6", "--skip-bad"]);
    let ran = Run::new(arguments(&setup, &source)).more(["--skip-bad"]).go();
    assert_eq!(ran.code, Some(9), "{}{}", ran.stdout, ran.stderr);
    let summary: Value = serde_json::from_slice(&ran.read("summary.json")).unwrap();
    let failed: Vec<&str> = summary["failed"].as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!((&summary["samples"], failed), (&json!(SCENES), vec!["bad/1", "gone", "untrue"]));
    assert_eq!(summary["entries"], json!(SCENES + 2));
}
