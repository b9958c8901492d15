//! Recorded runs can be replayed without servers, and strategies share recorded answers.

use rescue_fleet::{Fault, FaultPlan, Role};
use rescue_tests::Run;

use super::setup::{Setup, accounts};

/// The original system's strategies find the target at N = 64. After all servers have stopped, a replay from the ledger
/// gives the same bytes on one thread and on two.
#[test]
fn a_recorded_run_replays_without_servers() {
    let setup = Setup::start(1, |_| {});
    let ran = setup.run(0, &["--n", "64", "--mode", "comparative"]);
    setup.assert_found(0, &ran);
    let result = ran.answered(0);
    assert_eq!(result["state"], "complete");
    let plugins: Vec<&str> =
        result["plugins"].as_array().unwrap().iter().map(|p| p["name"].as_str().unwrap()).collect();
    assert_eq!(plugins, ["perspectives", "hybrid", "duel", "pyramid"]);
    let counts = &result["counts"];
    assert!(counts["questions"]["plan"].as_u64() >= Some(64), "{counts}");
    assert_eq!(counts["unreadable"], 0, "{counts}");
    for role in Role::ALL {
        let stats = setup.fleet.stats(role);
        assert_eq!((stats.unrecognised, stats.uuid_conflicts), (0, 0), "{role}");
        assert!(stats.unknown_fields.is_empty(), "{role}: {:?}", stats.unknown_fields);
    }
    let recorded = ran.read("result.json");
    let folder = ran.into_folder();
    let place = folder.path().display().to_string();
    setup.fleet.stop();

    for threads in ["1", "2"] {
        let again = Run::plain(["replay", &place, "--json", "--threads", threads]).go();
        assert_eq!(again.code, Some(0), "{}", again.stderr);
        assert!(again.stdout.as_bytes() == recorded, "on {threads} threads");
    }
    let elsewhere = tempfile::tempdir().unwrap();
    let out = elsewhere.path().display().to_string();
    let again = Run::plain(["replay", &place, "--out", &out]).go();
    assert!(again.stdout.contains("the same, byte for byte"), "{}{}", again.stdout, again.stderr);
    for name in ["result.json", "mask.png", "overlay.png"] {
        assert!(
            std::fs::read(elsewhere.path().join(name)).unwrap() == std::fs::read(folder.path().join(name)).unwrap()
        );
    }
    assert_eq!(accounts(elsewhere.path()).1, 0);
}

/// Faults that retries overcome leave no trace in a result.
#[test]
fn transient_faults_change_nothing() {
    let setup = Setup::start(1, |_| {});
    let more = ["--n", "16", "--mode", "comparative", "--with", "verifier.timeout=2", "--with", "planner.timeout=2"];
    let quiet = setup.run(0, &more);
    setup.assert_found(0, &quiet);
    let faults = [Fault::Reset, Fault::Error, Fault::Unavailable, Fault::Truncated, Fault::Html, Fault::WrongSchema];
    for role in Role::ALL {
        let plan = faults.iter().fold(FaultPlan::none(), |plan, fault| plan.with(*fault, 0.16)).at_most(2);
        setup.fleet.set_faults(role, plan).unwrap();
    }
    let loud = setup.run(0, &more);
    setup.assert_found(0, &loud);
    let failed: u64 = Role::ALL.iter().flat_map(|role| setup.fleet.stats(*role).faults.into_values()).sum();
    assert!(failed > 10, "{failed} faults were made");
    let text = |ran: &rescue_tests::Finished| String::from_utf8(ran.read("result.json")).unwrap();
    let (loud, quiet) = (text(&loud), text(&quiet));
    let differs = loud.lines().zip(quiet.lines()).find(|(loud, quiet)| loud != quiet);
    assert!(loud == quiet, "{differs:?}");
}

/// Another tournament on the same ledger asks only what the first one did not ask, and nothing when it is repeated.
#[test]
fn strategies_share_the_answers_to_common_questions() {
    let setup = Setup::start(1, |_| {});
    let ledger = setup.folder.path().join("ledger").display().to_string();
    let run = |more: &[&str]| {
        // A guess that was withdrawn may be asked again.
        let common = ["--n", "16", "--ledger", &ledger, "--with", "run.extra-requests=false"];
        let ran = setup.run(0, &[&common[..], more].concat());
        assert!(matches!(ran.code, Some(0 | 3)), "{}", ran.stderr);
        let folder = ran.path("");
        (accounts(&folder), ran)
    };
    // `by-score` ranks without playing matches.
    let ((_, first, _), _) = run(&["--plugin", "by-score"]);
    let before = setup.requests();
    let ((known, new, _), ran) = run(&[]);
    assert!(known > 0 && new > 0 && new < first, "{known} known, {new} new, {first} at first");
    assert!(ran.stdout.contains(&format!(" known, {new} new, 0 without an answer")), "{}", ran.stdout);
    assert!(setup.requests() - before <= new);
    let before = setup.requests();
    let ((_, none, _), _) = run(&[]);
    assert_eq!((none, setup.requests()), (0, before));
}

/// A replay names a question that was not recorded, and does not ask it.
#[test]
fn a_replay_names_what_is_missing() {
    let setup = Setup::start(1, |_| {});
    let ran = setup.run(0, &["--n", "8"]);
    setup.assert_found(0, &ran);
    let folder = ran.into_folder();
    std::fs::remove_dir_all(folder.path().join("ledger")).unwrap();
    let place = folder.path().display().to_string();
    let before = setup.requests();
    let none = Run::plain(["replay", &place]).go();
    assert_eq!(none.code, Some(7), "{}", none.stderr);
    assert!(none.stderr.contains("there is no ledger at"), "{}", none.stderr);
    let other = setup.run(0, &["--n", "4", "--seed", "9"]);
    let ledger = other.path("ledger").display().to_string();
    let asked = setup.requests();
    let missing = Run::plain(["replay", &place, "--ledger", &ledger]).go();
    assert_eq!(missing.code, Some(6), "{}", missing.stderr);
    assert!(missing.stderr.contains("the ledger does not know the answer to a question for the"), "{}", missing.stderr);
    assert!(asked > before && setup.requests() == asked);
}
