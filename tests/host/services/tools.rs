//! The verbs `services check`, `config show` and `ledger`.

use std::fs;

use rescue_fleet::{Coordinates, Role, Thinking};
use rescue_tests::Run;
use serde_json::Value;

use super::setup::Setup;

fn with(setup: &Setup) -> Vec<String> {
    setup.services().iter().flat_map(|(key, value)| ["--with".to_owned(), format!("{key}={value}")]).collect()
}

#[test]
fn services_are_checked_one_by_one() {
    let setup = Setup::start(1, |_| {});
    let ran = Run::plain(["services", "check", "--json"]).more(with(&setup)).go();
    assert_eq!(ran.code, Some(0), "{}{}", ran.stdout, ran.stderr);
    let checked: Vec<Value> = serde_json::from_str(&ran.stdout).unwrap();
    let services: Vec<&str> = checked.iter().map(|one| one["service"].as_str().unwrap()).collect();
    assert_eq!(services, ["planner", "executor", "clip", "verifier"]);
    assert_eq!((&checked[0]["model"], &checked[0]["slots"]), (&"fleet-vlm".into(), &64.into()));
    assert!(checked[0]["server"].as_str().unwrap().starts_with("vllm "), "{}", checked[0]);
    assert!(checked[0]["notes"].to_string().contains("as configured"), "{}", checked[0]);
    assert!(checked.iter().all(|one| one["ok"] == true && one["seconds"].as_f64().unwrap() >= 0.0), "{checked:#?}");

    setup.fleet.down(Role::Clip).unwrap();
    let ran = Run::plain(["services", "check"]).more(with(&setup)).go();
    assert_eq!(ran.code, Some(6), "{}", ran.stdout);
    assert!(ran.stdout.contains("FAILED clip") && ran.stdout.contains("cannot be reached"), "{}", ran.stdout);
    assert!(ran.stdout.contains("ok     verifier") && ran.stdout.contains("--with clip.url=URL"), "{}", ran.stdout);
}

#[test]
fn servers_are_reached_by_the_proxy_of_the_environment() {
    let setup = Setup::start(1, |_| {});
    let urls = setup.fleet.urls();
    // To the planner's server, a request for a proxy looks like one for itself.
    let proxy = urls.planner.trim_end_matches("/v1").trim_start_matches("http://").to_owned();
    let planner = ["--with", "planner.url=http://model.example/v1"];
    let check = |direct: &str| {
        let run = Run::plain(["services", "check"]).more(with(&setup)).more(planner);
        run.env("http_proxy", format!("http://me:secret@{proxy}")).env("no_proxy", direct).go()
    };
    let ran = check("other.example");
    assert_eq!(ran.code, Some(0), "{}{}", ran.stdout, ran.stderr);
    assert!(ran.stdout.contains(&format!("reached through the proxy http://{proxy}")), "{}", ran.stdout);
    assert!(ran.stdout.contains("reached directly"), "{}", ran.stdout);
    assert!(!ran.stdout.contains("secret"), "{}", ran.stdout);
    let ran = check(".example");
    assert!(ran.stdout.contains("FAILED planner") && !ran.stdout.contains("proxy"), "{}", ran.stdout);
}

#[test]
fn other_units_of_coordinates_are_noticed() {
    let setup = Setup::start(1, |config| {
        config.planner.chat.coordinates = Coordinates::Shown;
        config.verifier.chat.thinking = Thinking::Inline;
    });
    let ran = Run::plain(["services", "check"]).more(with(&setup)).go();
    assert!(ran.stdout.contains("WARNING: places are told as \"shown\""), "{}", ran.stdout);
    assert!(ran.stdout.contains("no reasoning parser"), "{}", ran.stdout);
}

#[test]
fn a_missing_model_is_named() {
    let setup = Setup::start(1, |_| {});
    let ran = setup.run(0, &["--with", "verifier.model=other"]);
    assert_eq!(ran.code, Some(6), "{}", ran.stderr);
    assert!(ran.stderr.contains("does not have \"other\"; it has fleet-vlm"), "{}", ran.stderr);
    setup.fleet.down(Role::Planner).unwrap();
    let ran = setup.run(0, &[]);
    assert_eq!(ran.code, Some(6), "{}", ran.stderr);
    assert!(
        ran.stderr.contains("planner: http://127.0.0.1") && ran.stderr.contains("cannot be reached"),
        "{}",
        ran.stderr
    );
}

#[test]
fn a_missing_api_key_is_named() {
    let setup = Setup::start(1, |_| {});
    let ran = setup.run(0, &["--with", "verifier.api-key-env=RESCUE_NO_KEY"]);
    ran.refused(6, &["verifier.api-key-env names RESCUE_NO_KEY, which is not set"]);
}

#[test]
fn a_configuration_says_where_each_value_comes_from() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("r.toml");
    fs::write(&file, "[verifier]\nslots = 5\napi-key-env = \"RESCUE_TEST_KEY\"\n[run]\nn = 7\n").unwrap();
    let file = file.display().to_string();
    let ran = Run::plain(["config", "show", "--config", &file, "--with", "run.n=9"])
        .env("VERIFIER_MODEL", "some-model")
        .env("RESCUE_TEST_KEY", "very-secret")
        .go();
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    for line in ["verifier.slots = 5  (file ", "run.n = 9  (flag --with)", "VERIFIER_MODEL", "run.seed = 0  (default)"]
    {
        assert!(ran.stdout.contains(line), "{line:?} is not in {}", ran.stdout);
    }
    assert!(!ran.stdout.contains("very-secret"));
    fs::write(folder.path().join("r.toml"), "[verifier]\nslot = 5\n").unwrap();
    let ran = Run::plain(["config", "show", "--config", &file]).go();
    assert_eq!(ran.code, Some(4), "{}", ran.stderr);
    assert!(ran.stderr.contains("slots"), "{}", ran.stderr);
}

#[test]
fn a_ledger_is_exported_merged_pruned_and_verified() {
    let setup = Setup::start(1, |_| {});
    let ran = setup.run(0, &["--n", "4"]);
    setup.assert_found(0, &ran);
    let ledger = ran.path("ledger").display().to_string();
    let info: Value = serde_json::from_str(&Run::plain(["ledger", "info", &ledger, "--json"]).go().stdout).unwrap();
    let keys = info["keys"].as_u64().unwrap();
    let export = Run::plain(["ledger", "export", &ledger]).go();
    let lines: Vec<Value> = export.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len() as u64, keys);
    assert!(lines.iter().any(|line| line["entry"]["question"]["operation"] == "chat/1"));
    assert!(
        !export.stdout.contains(&setup.folder.path().display().to_string()),
        "a path of this machine is in the ledger"
    );

    let all = setup.folder.path().join("all").display().to_string();
    for added in [keys, 0] {
        let merged: Value =
            serde_json::from_str(&Run::plain(["ledger", "merge", &all, &ledger, "--json"]).go().stdout).unwrap();
        assert_eq!(merged["entries"], added);
    }
    let pruned = Run::plain(["ledger", "prune", &all, "--operation", "chat", "--json"]).go();
    let pruned: Value = serde_json::from_str(&pruned.stdout).unwrap();
    assert_eq!(pruned["kept"].as_u64().unwrap() + pruned["dropped"].as_u64().unwrap(), keys);
    assert!(pruned["dropped"].as_u64() > Some(0));

    // A folder that is not a ledger is refused, and a missing folder is not created.
    let none = setup.folder.path().join("none").display().to_string();
    let run = ran.path("").display().to_string();
    for words in [vec!["info"], vec!["verify"], vec!["export"], vec!["prune", "--operation", "chat"]] {
        let of = |folder: &str| Run::plain(["ledger"].iter().chain(&words).chain(&[folder])).go();
        let (missing, above) = (of(&none), of(&run));
        assert_eq!((missing.code, above.code), (Some(7), Some(7)), "{words:?}");
        assert!(missing.stderr.contains("there is no ledger"), "{}", missing.stderr);
        assert!(above.stderr.contains("did you mean"), "{}", above.stderr);
    }
    assert_eq!(Run::plain(["ledger", "merge", &none, &run]).go().code, Some(7));
    assert!(!fs::exists(&none).unwrap());

    assert_eq!(Run::plain(["ledger", "verify", &ledger]).go().code, Some(0));
    let pack = fs::read_dir(&ledger)
        .unwrap()
        .map(|file| file.unwrap().path())
        .find(|file| file.extension().is_some_and(|e| e == "pack"))
        .unwrap();
    let mut bytes = fs::read(&pack).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&pack, &bytes).unwrap();
    let verify = Run::plain(["ledger", "verify", &ledger]).go();
    assert_eq!(verify.code, Some(8), "{}", verify.stdout);
    assert!(verify.stdout.contains("damaged"), "{}", verify.stdout);
    let export = Run::plain(["ledger", "export", &ledger]).go();
    assert_eq!((export.code, export.stdout.lines().count() as u64), (Some(8), keys - 1), "{}", export.stderr);
    assert!(export.stderr.contains("is damaged"), "{}", export.stderr);
    assert_eq!(Run::plain(["ledger", "merge", &format!("{none}/deep"), &ledger]).go().code, Some(7));
    assert!(!fs::exists(&none).unwrap());

    fs::write(&pack, &bytes[..middle]).unwrap();
    let verify = Run::plain(["ledger", "verify", &ledger]).go();
    assert_eq!(verify.code, Some(8), "{}", verify.stdout);
    for said in [verify, Run::plain(["ledger", "info", &ledger]).go()] {
        assert!(said.stdout.contains("shorter than its index says"), "{}", said.stdout);
    }
}
