//! Several strategies in one evaluation, choices among fewer hypotheses, and what is done with evaluations afterwards.

use std::fs;
use std::process::Command;

use rescue_fleet::{Chat, Fault, FaultPlan, Role, ServerConfig};
use rescue_tests::{Run, python, root};
use serde_json::{Value, json};

use super::evaluation::{SCENES, arguments, arguments_for, files, list, list_of, summary, words_of};
use super::setup::{Setup, repetitions};

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("{value} is no number"))
}

/// The file of a row's rerun, or null.
fn rerun<'a>(summary: &'a Value, strategy: usize, n: &str) -> &'a Value {
    &summary["strategies"][strategy]["n"][n]["rerun"]["giou"]["mean"]
}

/// A verifier that is often wrong.
fn noisy() -> ServerConfig {
    ServerConfig { chat: Chat { beta: 6.0, ..Chat::default() }, ..ServerConfig::default() }
}

#[test]
fn strategies_share_masks_and_questions() {
    let setup = Setup::start(SCENES, |config| config.verifier = noisy());
    let words = arguments(&setup, &list(&setup, "right", 0));
    let alone = Run::new(words.clone()).more(["--no-ask"]).go();
    let of_alone = summary(&alone);
    let (segmented, judged) = (setup.requests_to(Role::Executor), setup.requests_to(Role::Verifier));
    // The second bracket asks the same question where the same two meet in the same order.
    let both = Run::new(words.clone()).more(["--no-ask", "--tournament", "pyramid,pyramid:seeding=blocks"]).go();
    let of_both = summary(&both);
    // How prompts are put together in requests is a matter of time.
    assert!(setup.requests_to(Role::Executor) < 3 * segmented, "masks are made once");
    assert!(setup.requests_to(Role::Verifier) - judged < 2 * judged);
    let names: Vec<&str> =
        of_both["strategies"].as_array().unwrap().iter().map(|of| of["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["pyramid", "pyramid:seeding=blocks", "by-score"]);
    let baseline = |strategy: usize| of_both["strategies"][strategy]["baseline"].as_bool().unwrap();
    assert_eq!([baseline(0), baseline(1), baseline(2)], [false, false, true]);
    assert_eq!(rerun(&of_both, 0, "8"), rerun(&of_alone, 0, "8"));
    for scene in 0..SCENES {
        let name = format!("samples/s{scene}/result.json");
        assert!(both.read(&name) == alone.read(&name), "{name}");
    }
    // Nothing is asked: blocks know the choices among fewer, a bracket by prior does not.
    for n in ["1", "2", "4", "8"] {
        assert_eq!(of_both["strategies"][1]["n"][n]["rerun"], of_both["strategies"][1]["n"][n]["prefix"], "{n}");
        assert!(of_both["strategies"][2]["n"][n]["rerun"].is_object(), "scores are known");
    }
    assert!(number(&of_both["strategies"][0]["n"]["4"]["needs"]) > 0.0 && rerun(&of_both, 0, "4").is_null());
    assert!(both.stdout.contains("needs "), "{}", both.stdout);

    // Then they are asked, and nothing else.
    let segmented = setup.requests_to(Role::Executor);
    let more = ["--tournament", "pyramid,pyramid:seeding=blocks"];
    let asked = Run::in_folder(both.into_folder(), words.clone()).more(more).go();
    let of_asked = summary(&asked);
    assert!(number(rerun(&of_asked, 0, "4")) > 0.0 && setup.requests_to(Role::Executor) == segmented);
    let needs: f64 = of_asked["strategies"].as_array().unwrap().iter().map(|of| number(&of["n"]["4"]["needs"])).sum();
    assert_eq!(needs, 0.0);
    let before = setup.requests();
    let folder = asked.into_folder();
    let again = Run::in_folder(folder, words.clone()).more(more).go();
    assert_eq!((summary(&again), setup.requests()), (of_asked.clone(), before), "a further call asks nothing");

    let judge = &of_asked["strategies"][0]["judge"];
    assert!(number(&judge["first_shown"]["share"]) > 0.2 && number(&judge["abstained"]["share"]) == 0.0, "{judge}");
    let difference = &of_asked["strategies"][1]["difference"];
    let expected = number(rerun(&of_asked, 1, "8")) - number(rerun(&of_asked, 0, "8"));
    assert!((number(&difference["mean"]["mean"]) - expected).abs() < 1e-9);

    // The strategies of one evaluation are compared, at equal cost too; that which every table has is left out.
    let place = again.path("").display().to_string();
    let compared = Run::plain(["compare", &place, "--json"]).go();
    let rows: Value = serde_json::from_str(&compared.stdout).unwrap();
    assert_eq!(rows.as_array().unwrap().len(), 3, "{rows}");
    assert_eq!(rows[2]["difference"], of_asked["strategies"][2]["difference"]);
    assert_eq!(rows[1]["strategy"], json!("pyramid:seeding=blocks"));
    assert!(number(&rows[0]["cost"]["questions"]) > 0.0 && number(&rows[0]["cost"]["masks_shown"]) > 0.0);
    assert!(number(&rows[0]["cost"]["tokens_in"]) > 0.0, "{rows}");
    for unit in ["questions", "masks", "tokens"] {
        let equal = Run::plain(["compare", &place, "--equal", unit, "--json"]).go();
        assert_eq!(equal.code, Some(0), "{}", equal.stderr);
        let rows: Value = serde_json::from_str(&equal.stdout).unwrap();
        let cost = |row: usize| match unit {
            "questions" => number(&rows[row]["cost"]["questions"]),
            "masks" => number(&rows[row]["cost"]["masks_shown"]),
            _ => number(&rows[row]["cost"]["tokens_in"]) + number(&rows[row]["cost"]["tokens_out"]),
        };
        // Scores alone are the cheapest.
        assert!(rows[2]["n"] == json!(8) && cost(0) <= cost(2) && cost(1) <= cost(2), "{unit}: {rows}");
        assert!(number(&rows[0]["n"]) < 8.0, "{rows}");
    }
    let place = alone.path("").display().to_string();
    Run::plain(["compare", &place, "--n", "4"]).go().refused(4, &["needs", "--no-ask", "--prefix"]);
    assert_eq!(Run::plain(["compare", &place, "--n", "4", "--prefix"]).go().code, Some(0));
}

/// The second search of an entry is what a run with the next seed would be. Answers at temperature 0 are shared.
#[test]
fn entries_are_searched_with_several_seeds() {
    let setup = Setup::start(SCENES, |config| config.verifier = noisy());
    let words = arguments(&setup, &list(&setup, "right", 0));
    let once = Run::new(words.clone()).go();
    let first = once.read("samples/s1/result.json");
    let shared = once.path("ledger").display().to_string();
    let next = Run::new(words.clone()).more(["--seed", "1", "--ledger", &shared]).go();
    assert_eq!(next.code, Some(0), "{}", next.stderr);
    assert!(next.read("samples/s1/result.json") != first, "another seed draws other hypotheses");
    let (asked, ratings) = (setup.requests(), setup.requests_to(Role::Verifier));
    assert!(ratings > 0);

    let grown = Run::in_folder(once.into_folder(), words.clone()).more(["--repeats", "2"]).go();
    let of_grown = summary(&grown);
    assert_eq!(setup.requests(), asked, "the ledger has all of it");
    assert!(grown.read("samples/s1/result.json") == first);
    for scene in 0..SCENES {
        let second = grown.read(&format!("samples/s{scene}.repeat-2/result.json"));
        assert!(second == next.read(&format!("samples/s{scene}/result.json")), "{scene}");
    }
    let counts = ["entries", "repeats", "samples"].map(|name| of_grown[name].as_u64().unwrap() as usize);
    assert_eq!(counts, [SCENES, 2, 2 * SCENES]);
    let means = [of_grown["strategies"][0]["by_repeat"][0].clone(), rerun(&summary(&next), 0, "8").clone()];
    let mean = (number(&means[0]) + number(&means[1])) / 2.0;
    assert!((mean - number(rerun(&of_grown, 0, "8"))).abs() < 1e-9, "{of_grown}");
    assert_eq!(of_grown["strategies"][0]["by_repeat"][1], means[1]);

    let fresh = Run::new(words.clone()).more(["--repeats", "2"]).go();
    assert_eq!(files(fresh.path("").as_ref()), files(grown.path("").as_ref()));
    // Fewer are another evaluation.
    let fewer = Run::in_folder(grown.into_folder(), words).go();
    assert_eq!(fewer.code, Some(7), "{}", fewer.stderr);
    assert!(fewer.stderr.contains("its samples are not the same"), "{}", fewer.stderr);
}

#[test]
fn an_evaluation_grows_and_is_scored_anew() {
    let setup = Setup::start(SCENES, |_| {});
    let source = list(&setup, "right", 0);
    let words = arguments(&setup, &source);
    let small = Run::new(arguments_for(&setup, &source, 4)).more(["--limit", "3"]).go();
    assert_eq!(summary(&small)["entries"], json!(3));
    let grown = Run::in_folder(small.into_folder(), words.clone()).go();
    let of_grown = summary(&grown);
    let fresh = Run::new(words.clone()).go();
    assert_eq!(of_grown, summary(&fresh));
    // It does not shrink.
    let refused = Run::in_folder(grown.into_folder(), words.clone()).more(["--limit", "3"]).go();
    assert!(refused.code == Some(7) && refused.stderr.contains("its samples are not the same"), "{}", refused.stderr);

    // No server and no data set: the numbers come from the scores.
    let place = fresh.path("").display().to_string();
    fs::remove_file(source.strip_prefix("own:").unwrap()).unwrap();
    let out = tempfile::tempdir().unwrap();
    let out_place = out.path().display().to_string();
    let scored = Run::plain(["eval", "score", &place, "--json", "--out", &out_place]).go();
    assert_eq!(scored.code, Some(0), "{}", scored.stderr);
    assert_eq!(serde_json::from_str::<Value>(&scored.stdout).unwrap(), of_grown);
    for table in ["samples.parquet", "choices.csv", "matches.csv", "summary.json"] {
        assert!(fs::read(out.path().join(table)).unwrap() == fresh.read(table), "{table}");
    }
    let xml = out.path().join("bounds.xml").display().to_string();
    let bounds = ["--assert", "giou>=0.5", "--assert", "giou<=0.1", "--junit", &xml];
    let missed = Run::plain(["eval", "score", &place].iter().chain(&bounds)).go();
    assert_eq!(missed.code, Some(10), "{}", missed.stderr);
    let xml = fs::read_to_string(xml).unwrap();
    assert!(xml.contains("tests=\"3\" failures=\"1\"") && xml.contains("name=\"giou&lt;=0.1\"><failure>"), "{xml}");
    Run::plain(["eval", "score", &out_place]).go().refused(4, &["samples"]);
}

#[test]
fn a_dry_run_tells_what_would_be_asked() {
    let setup = Setup::start(SCENES, |_| {});
    let words = arguments(&setup, &list(&setup, "right", 0));
    let dry = |folder, more: &[&str]| {
        let ran = Run::in_folder(folder, words.clone()).more(more.iter().chain(&["--dry-run", "--json"])).go();
        assert_eq!(ran.code, Some(0), "{}", ran.stderr);
        let told: Value = serde_json::from_str(&ran.stdout).unwrap();
        (told, ran.into_folder())
    };
    let before = setup.requests();
    let (told, folder) = dry(tempfile::tempdir().unwrap(), &[]);
    assert_eq!((setup.requests(), &told["open"], &told["finished"]), (before, &json!(SCENES), &json!(0)));
    assert!(number(&told["services"]["planner"]["new_at_least"]) >= SCENES as f64 && told["seconds"].is_null());
    let part = Run::in_folder(folder, words.clone()).more(["--limit", "3"]).go();
    assert_eq!(part.code, Some(0), "{}", part.stderr);
    let before = setup.requests();
    let (told, folder) = dry(part.into_folder(), &[]);
    assert_eq!((setup.requests(), &told["open"], &told["finished"]), (before, &json!(2), &json!(3)));
    // One strategy more asks the verifier alone, and at least what the dry run says.
    let more = ["--limit", "3", "--tournament", "pyramid,pyramid:seeding=blocks"];
    let (told, folder) = dry(folder, &more);
    assert_eq!((setup.requests(), number(&told["open"]) + number(&told["known"])), (before, 3.0), "{told}");
    let new = |service: &str| number(&told["services"][service]["new_at_least"]);
    assert_eq!((new("planner"), new("executor"), new("clip")), (0.0, 0.0, 0.0), "{told}");
    assert!(number(&told["services"]["executor"]["known"]) > 0.0 && new("verifier") > 0.0, "{told}");
    let judged = setup.requests_to(Role::Verifier);
    let ran = Run::in_folder(folder, words.clone()).more(more).go();
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let asked = (setup.requests_to(Role::Verifier) - judged) as f64;
    assert!(new("verifier") <= asked, "{asked}: {told}");
    // What is known is all that there is.
    let (told, _) = dry(ran.into_folder(), &more);
    assert_eq!((&told["finished"], &told["open"]), (&json!(3), &json!(0)), "{told}");
}

/// Results and choices that lack answers are told, kept by the same command, and asked for once more by `--retry-failed`.
#[test]
fn what_lacks_answers_is_asked_once_more() {
    let broken = |rate: f64| {
        Setup::start(SCENES, |config| {
            config.verifier = ServerConfig { faults: FaultPlan::none().with(Fault::Html, rate), ..noisy() };
        })
    };
    let (setup, whole) = (broken(0.6), broken(0.0));
    let more = ["--tournament", "pyramid,pyramid:seeding=blocks", "--with", "verifier.attempts=1"];
    let words = arguments(&setup, &list(&setup, "right", 0));
    let first = Run::new(words.clone()).more(more).go();
    let of_first = summary(&first);
    assert!(number(&of_first["incomplete"]) > 0.0 && of_first["samples"] == json!(SCENES), "{}", first.stdout);
    let choices = first.read("choices.csv");
    let again = Run::in_folder(first.into_folder(), words).more(more).go();
    assert_eq!((summary(&again), again.read("choices.csv") == choices), (of_first, true));
    // A vain retry loses nothing.
    let vain = arguments(&setup, &list(&setup, "right", 0));
    let vain = Run::in_folder(again.into_folder(), vain).more(more).more(["--retry-failed"]).go();
    assert_eq!(summary(&vain)["samples"], json!(SCENES), "{}", vain.stderr);
    let words = arguments(&whole, &list(&setup, "right", 0));
    let filled = Run::in_folder(vain.into_folder(), words.clone()).more(more).more(["--retry-failed"]).go();
    let of_filled = summary(&filled);
    assert_eq!((&of_filled["incomplete"], &of_filled["samples"]), (&json!(0), &json!(SCENES)), "{}", filled.stdout);
    let retried: Vec<String> = serde_json::from_slice(&filled.read("retried.json")).unwrap();
    assert!(!retried.is_empty());
    let fresh = Run::new(words).more(more).go();
    assert_eq!(of_filled, summary(&fresh), "the same as if nothing had been missing");
}

#[test]
fn what_went_wrong_is_searched_again() {
    let setup = Setup::start(SCENES, |_| {});
    let source = list(&setup, "right", 0);
    let words = arguments(&setup, &source);
    // One photo is missing at first.
    let photo = setup.folder.path().join("3.jpg");
    let bytes = fs::read(&photo).unwrap();
    fs::remove_file(&photo).unwrap();
    let first = Run::new(words.clone()).go();
    assert_eq!(first.code, Some(9), "{}{}", first.stdout, first.stderr);
    let place = first.path("").display().to_string();
    fs::write(&photo, &bytes).unwrap();
    let only = Run::new(words.clone()).more(["--only", "failed", "--of", &place]).go();
    assert_eq!(summary(&only)["entries"], json!(1));
    let none = Run::new(words.clone()).more(["--only", "abstained", "--of", &place]).go();
    assert!(none.code == Some(0) && none.stderr.contains("there is nothing to do"), "{}", none.stderr);
    let worst = Run::new(words.clone()).more(["--only", "regret>2", "--of", &place]).go();
    assert!(worst.code == Some(2) && worst.stderr.contains("regret>0.2"), "{}", worst.stderr);
    let again = Run::in_folder(first.into_folder(), words.clone()).more(["--retry-failed"]).go();
    let of_again = summary(&again);
    assert_eq!(of_again["samples"], json!(SCENES));
    let retried: Value = serde_json::from_slice(&again.read("retried.json")).unwrap();
    assert!(retried == json!(["s3"]) && again.stderr.contains("1 of the entries had failed"), "{}", again.stderr);
    // Too many failures stop it.
    fs::remove_file(setup.image(0)).unwrap();
    fs::remove_file(setup.image(1)).unwrap();
    let stopped = Run::new(words.clone()).more(["--fail-on", "2", "--with", "run.in-flight=1"]).go();
    assert!(stopped.code == Some(9) && stopped.stderr.contains("stopped by --fail-on"), "{}", stopped.stderr);
    let refused = Run::new(words).more(["--fail-on", "0"]).go();
    assert!(refused.code == Some(2) && refused.stderr.contains("neither a count above 0"), "{}", refused.stderr);
}

/// Pandas and polars read the tables, pycocotools the masks, and what they compute from them is what the summary says. JSON files fit their
/// schemas.
#[test]
fn the_files_are_read_by_what_people_use() {
    let setup = Setup::start(SCENES, |config| config.verifier = noisy());
    let words = arguments(&setup, &list(&setup, "right", 0));
    let ran = Run::new(words).more(["--tournament", "pyramid,pyramid:seeding=blocks", "--save-masks", "coco"]);
    let ran = ran.more(["--repeats", "2"]).go();
    let of_ran = summary(&ran);
    let script = root().join("tests/host/services/read_back.py");
    let names = ["summary", "scores", "masks", "evaluation", "result", "run", "index", "timings", "run-timings"];
    let schemas = names.map(|name| {
        let printed = Run::plain(["eval", "schema", name]).go();
        assert_eq!(printed.code, Some(0), "{}", printed.stderr);
        let file = setup.folder.path().join(format!("{name}.schema"));
        fs::write(&file, printed.stdout).unwrap();
        file
    });
    let output = Command::new(python::python()).arg(script).arg(ran.path("")).args(schemas).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let found: Value = serde_json::from_slice(&output.stdout).unwrap();
    let names = ["pyramid", "pyramid:seeding=blocks", "by-score"];
    for (strategy, name) in names.iter().enumerate() {
        for n in ["1", "2", "4", "8"] {
            let (own, theirs) = (number(rerun(&of_ran, strategy, n)), number(&found["giou"][format!("{name} {n}")]));
            assert!((own - theirs).abs() < 1e-9, "{name} {n}: {own} and {theirs}");
        }
        let file = name.replace(':', "%3A");
        for (repeat, ending) in ["", ".repeat-2"].iter().enumerate() {
            let own = number(&of_ran["strategies"][strategy]["by_repeat"][repeat]);
            let theirs = number(&found["masks"][format!("{file}{ending}")]["giou"]);
            assert!((own - theirs).abs() < 1e-9, "{name}{ending}: {own} and {theirs}");
        }
    }
    assert!((number(&found["oracle"]) - number(&of_ran["n"]["8"]["oracle"])).abs() < 1e-9, "{found}");
    assert!(number(&found["masks"]["pyramid"]["ap50"]) > 0.3, "{found}");
    assert_eq!(found["samples"]["rows"], json!(SCENES * 2));
    // 4 numbers of hypotheses: each strategy in two ways, and three baselines.
    assert_eq!(found["choices"]["rows"], json!(SCENES * 2 * 4 * (3 * 2 + 3)));
    assert!(number(&found["matches"]["rows"]) > 0.0);
}

/// The same entries in every form of data set have the same results, and very nearly the same metrics: forms differ in what they can say of a
/// mask. `RESCUE_SCENES=200` takes as many entries.
#[test]
fn every_form_of_data_set_is_evaluated() {
    let scenes = repetitions("RESCUE_SCENES", 4);
    let setup = Setup::start(scenes, |config| config.verifier = noisy());
    let own = list_of(&setup, scenes, "right", 0);
    let folder = setup.folder.path().join("forms");
    let script = root().join("tests/host/services/every_format.py");
    let list = own.strip_prefix("own:").unwrap();
    let written = Command::new(python::python()).arg(script).arg(list).arg(&folder).output().unwrap();
    assert!(written.status.success(), "{}", String::from_utf8_lossy(&written.stderr));
    let first = Run::new(arguments(&setup, &own)).go();
    let expected = summary(&first);
    let ledger = first.path("ledger").display().to_string();
    let requests = setup.requests();
    for (kind, place) in [
        ("reasonseg", "reasonseg/val"),
        ("reasonseg", "reasonseg-parquet"),
        ("refcoco", "refcoco"),
        ("refcoco", "refcoco-parquet"),
        ("refcoco", "grefcoco"),
        ("muse", "muse"),
        ("coco", "coco"),
    ] {
        let source = format!("{kind}:{}", folder.join(place).display());
        let images = folder.join("images").display().to_string();
        let words = arguments(&setup, &source);
        let of_files = ["--images", &images];
        let images: &[&str] = if place.starts_with("reasonseg") || place.contains("parquet") { &[] } else { &of_files };
        let ran = Run::new(words).more(["--ledger", &ledger]).more(images).go();
        let found = summary(&ran);
        assert_eq!(found["samples"], json!(scenes), "{place}");
        for strategy in 0..2 {
            let (own, expected) = (number(rerun(&found, strategy, "8")), number(rerun(&expected, strategy, "8")));
            println!("{place}: {own:.4}, and {expected:.4} of the list");
            // Its polygons go around the pixels of each row, and lose some at the rim.
            let most = if place == "refcoco-parquet" { 0.06 } else { 0.03 };
            assert!((own - expected).abs() < most, "{place}: {own}, not {expected}");
        }
        assert_eq!(found["questions"], expected["questions"], "{place}");
    }
    assert_eq!(setup.requests(), requests, "the ledger has all answers");
}

/// What other people have in the folder stays: masks that no evaluation wrote, and the list that is read.
#[test]
fn nothing_of_others_is_removed() {
    let setup = Setup::start(2, |_| {});
    let source = list_of(&setup, 2, "right", 0);
    let words = arguments_for(&setup, &source, 2);
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("masks")).unwrap();
    fs::write(folder.path().join("masks/mine.txt"), "mine").unwrap();
    let both = ["--tournament", "pyramid,pyramid:seeding=blocks"];
    let first = Run::in_folder(folder, words.clone()).more(["--save-masks", "png"]).more(both).go();
    assert!(first.path("masks/pyramid%3Aseeding=blocks/s1.png").is_file(), "{}", first.stderr);
    let second = Run::in_folder(first.into_folder(), words.clone()).more(["--save-masks", "coco"]).go();
    assert_eq!((second.code, second.read("masks/mine.txt")), (Some(0), b"mine".to_vec()), "{}", second.stderr);
    assert!(!second.path("masks/pyramid").exists() && second.path("masks/pyramid.json").is_file());
    let inside = second.path("samples.jsonl");
    fs::copy(source.strip_prefix("own:").unwrap(), &inside).unwrap();
    let bytes = fs::read(&inside).unwrap();
    let words = arguments_for(&setup, &format!("own:{}", inside.display()), 2);
    let refused = Run::in_folder(second.into_folder(), words).go();
    assert!(refused.code == Some(7) && refused.stderr.contains("choose another --out"), "{}", refused.stderr);
    assert!(fs::read(&inside).unwrap() == bytes);
}

/// What is wrong with one strategy costs no other one.
#[test]
fn a_strategy_fails_alone() {
    let setup = Setup::start(3, |config| {
        config.verifier = ServerConfig { faults: FaultPlan::none().with(Fault::Error, 1.0), ..noisy() };
    });
    let words = || {
        words_of(&setup, &list_of(&setup, 3, "right", 0))
            .into_iter()
            .filter(|word| word != "--mode" && word != "comparative")
    };
    let own = ["--n", "4", "--scorer", "geometry", "--with", "verifier.attempts=1"];
    let alone = Run::new(words()).more(own).more(["--verifier", "attributes"]).go();
    let both = Run::new(words()).more(own).more(["--verifier", "attributes,duel"]).go();
    let (of_alone, of_both) = (summary(&alone), summary(&both));
    assert_eq!(of_both["strategies"][0]["n"], of_alone["strategies"][0]["n"]);
    let failed = &of_both["strategies"][1]["n"]["4"];
    assert!(failed["failed"] == json!(3) && failed["why"].as_str().unwrap().contains("verifier"), "{failed}");
    assert!(both.stdout.contains("failed for 3"), "{}", both.stdout);
    // A plugin of another kind is refused, in whatever place.
    for names in ["duel,pyramid", "pyramid,duel"] {
        let refused = Run::new(words()).more(["--n", "4", "--tournament", names]).go();
        assert!(refused.code == Some(5) && refused.stderr.contains("tournament"), "{names}: {}", refused.stderr);
    }
}
