//! A result says what it rests on: a model that says nothing readable leaves a trace that people and scripts see.

use rescue_fleet::{Fault, FaultPlan, Role};
use rescue_tests::Run;

use super::setup::Setup;

fn only(setup: &Setup, role: Role, fault: Fault) {
    setup.fleet.set_faults(role, FaultPlan::none().with(fault, 1.0)).unwrap();
}

#[test]
fn a_verifier_that_says_nothing_readable_is_told_of() {
    let setup = Setup::start(1, |_| {});
    only(&setup, Role::Verifier, Fault::Empty);
    let ran = setup.run(0, &["--n", "8"]);
    let result = ran.answered(0);
    let readings = &result["readings"]["verifier"];
    assert_eq!((&result["state"], &readings["answers"]), (&"unreadable".into(), &readings["unreadable"]));
    assert_eq!(result["chosen"]["rests_on"]["verdicts"], 0.0, "{}", result["chosen"]["rests_on"]);
    let all = readings["answers"].as_u64().unwrap();
    let told = format!("verifier: {all} of {all} answers could not be read: the reply is empty");
    assert!(ran.stderr.contains(&told) && ran.stderr.contains("way out: "), "{}", ran.stderr);
    assert!(ran.stdout.contains("UNREADABLE") && ran.stdout.contains("% on scores"), "{}", ran.stdout);
    assert_eq!(result["counts"]["unreadable"].as_u64(), Some(all));
    // The same answers, and a script that wants complete results only.
    let folder = ran.path("").display().to_string();
    assert_eq!(Run::plain(["resume", &folder, "--strict"]).go().code, Some(6));
    assert_eq!(Run::plain(["replay", &folder]).go().code, Some(0));
}

#[test]
fn a_planner_that_says_nothing_readable_is_not_a_thing_that_is_not_there() {
    let setup = Setup::start(1, |_| {});
    only(&setup, Role::Planner, Fault::Empty);
    let ran = setup.run(0, &["--n", "8"]);
    let result = ran.answered(6);
    assert_eq!((&result["state"], &result["found"]), (&"unreadable".into(), &false.into()));
    assert!(ran.stdout.starts_with("NO ANSWER: "), "{}", ran.stdout);
    assert!(ran.stderr.contains("planner: ") && ran.stderr.contains("could not be read"), "{}", ran.stderr);
}

#[test]
fn a_complete_result_rests_on_verdicts() {
    let setup = Setup::start(1, |_| {});
    let ran = setup.run(0, &["--n", "8", "--strict"]);
    setup.assert_found(0, &ran);
    let result = ran.answered(0);
    assert_eq!((&result["state"], &result["chosen"]["rests_on"]["verdicts"]), (&"complete".into(), &1.0.into()));
    assert_eq!(result["readings"]["verifier"]["unreadable"], 0);
}
