//! Faults of servers never cause a wrong result without a trace: a sample ends right, or says what it lacks.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use rescue_fleet::{Fault, FaultPlan, Role};
use rescue_pipeline::{PluginChoice, Run, RunSpec, Sample, State};
use rescue_tests::{Finished, plugin};
use serde_json::json;

use super::setup::{RIGHT, Setup, repetitions};

/// The standard plugins for model servers.
const PLUGINS: [&str; 4] = ["perspectives", "hybrid", "duel", "pyramid"];
/// The rate of each fault.
const RATE: f64 = 0.2;
/// A sample's deadline, in seconds.
const DEADLINE: f64 = 20.0;

/// The first crop of each request has no similarity, and the others have theirs.
#[test]
fn one_similarity_that_is_nan_is_lost_by_name() {
    let setup = Setup::start(1, |config| config.clip.faults = FaultPlan::none().with(Fault::Nan, 1.0));
    // Without the live pass, all crops go in one request.
    let ran = setup.run(0, &["--n", "6", "--with", "run.live=false"]);
    setup.assert_found(0, &ran);
    let result = ran.answered(0);
    let absences = result["absences"].as_array().unwrap();
    assert_eq!((absences.len(), &result["state"]), (1, &json!("degraded")), "{absences:#?}");
    let why = absences[0]["why"].as_str().unwrap();
    assert!(why.contains("the similarity of crop 1 is NaN, not a number from 0 to 100"), "{why}");
    assert!(result["counts"]["questions"]["clip"].as_u64().unwrap() > 1);
}

/// A service that answers nothing is told with the same words whether or not there is a live pass, and before the tournament is paid for.
/// What stayed without an answer is asked again afterwards.
#[test]
fn a_service_that_answers_nothing_is_told_before_the_tournament() {
    let setup = Setup::start(1, |_| {});
    setup.fleet.set_faults(Role::Clip, FaultPlan::none().with(Fault::Error, 1.0)).unwrap();
    let run = |live| setup.run(0, &["--n", "6", "--with", "clip.attempts=2", "--with", live]);
    let told =
        |ran: &Finished| ran.stderr.lines().find(|line| line.starts_with("error")).unwrap_or_default().to_owned();
    let canonical = run("run.live=false");
    assert_eq!(setup.requests_to(Role::Verifier), 0, "no match was played");
    assert!(told(&canonical).contains("clip: none of 3 questions was answered"), "{}", canonical.stderr);
    let live = run("run.live=true");
    assert_eq!((canonical.code, told(&canonical)), (Some(6), told(&live)));
    setup.fleet.set_faults(Role::Clip, FaultPlan::none()).unwrap();
    let again = rescue_tests::Run::plain(["resume", &canonical.path("").display().to_string()]).go();
    assert_eq!(again.code, Some(0), "{}", again.stderr);
    assert!(again.stdout.contains(" 0 without an answer"), "{}", again.stdout);
}

/// Tries every fault at every server that can have it, in 20 % of its requests. `RESCUE_SAMPLES=50` tries 50 samples
/// for each fault.
#[test]
fn with_every_fault_a_sample_ends_right_or_names_what_it_lacks() {
    let samples = repetitions("RESCUE_SAMPLES", 1);
    let setup = Setup::start(samples, |_| {});
    let timeouts = [
        ("planner.timeout", json!(1)),
        ("verifier.timeout", json!(1)),
        ("executor.timeout", json!(1)),
        ("clip.timeout", json!(1)),
    ];
    let config = setup.config(&timeouts);
    let mut tally: BTreeMap<&str, [u32; 4]> = BTreeMap::new();
    for fault in Fault::ALL {
        // The servers are healthy when the run is opened; they make faults only during the search.
        for role in Role::ALL {
            setup.fleet.set_faults(role, FaultPlan::none()).unwrap();
        }
        let folder = tempfile::tempdir().unwrap();
        let mut config = config.clone();
        (config.run.n, config.run.deadline, config.run.threads) = (8, DEADLINE, 2);
        config.run.ledger = folder.path().join("ledger");
        let spec = RunSpec {
            plugins: PluginChoice::Named(PLUGINS.map(|name| plugin(name).display().to_string()).to_vec()),
            ..RunSpec::new(config)
        };
        let run = Run::open(spec, &mut |_| {}).unwrap();
        for role in Role::ALL.into_iter().filter(|role| fault.applies(*role)) {
            setup.fleet.set_faults(role, FaultPlan::none().with(fault, RATE)).unwrap();
        }
        let [right, lacking, failed, counted] = tally.entry(fault.name()).or_default();
        for number in 0..samples {
            let sample = Sample::read(setup.image(number), &setup.scene(number).query).unwrap();
            let start = Instant::now();
            let outcome = run.search(&sample, &mut |_| {});
            assert!(start.elapsed() < Duration::from_secs_f64(2.0 * DEADLINE), "{fault}: it hangs past its deadline");
            match outcome {
                Err(error) => {
                    let text = error.to_string();
                    let named = ["planner", "verifier", "executor", "clip"].iter().any(|name| text.starts_with(name));
                    assert!(named, "{fault}: {text}");
                    *failed += 1;
                }
                Ok(outcome) => {
                    let record = outcome.record;
                    let iou = outcome.mask.as_ref().map_or(0.0, |mask| setup.iou(number, mask));
                    let lacks = matches!(record.state, State::Degraded | State::Cut);
                    assert_eq!(lacks, !record.absences.is_empty());
                    if iou >= RIGHT {
                        *right += 1;
                    } else if record.state != State::Complete {
                        *lacking += 1;
                    } else {
                        // All questions were answered, but at most a tenth of a service's answers could not be read: the
                        // terminal says so.
                        assert!(record.counts.unreadable > 0, "{fault}: {iou} for {:?}", record.query);
                        *counted += 1;
                    }
                }
            }
        }
    }
    println!(
        "| fault | right | wrong, not complete | failed by name | wrong and complete, with unreadable ones told |\n|---|---|---|---|---|"
    );
    for (fault, [right, lacking, failed, counted]) in &tally {
        println!("| {fault} | {right} | {lacking} | {failed} | {counted} |");
    }
    let right: u32 = tally.values().map(|counts| counts[0]).sum();
    let all = u32::try_from(samples * Fault::ALL.len()).unwrap();
    assert!(right * 10 >= all * 8, "{right} of {all} are right");
}
