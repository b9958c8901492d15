//! What goes wrong at a server never makes a wrong result: a sample ends right, or says what it lacks.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rescue_fleet::{Fault, FaultPlan, Role};
use rescue_ledger::{Access, Ledger};
use rescue_pipeline::{Abilities, Crew, Exchange, Journal, Member, Mode, Options, Search, State, connect, photo};
use rescue_plugin::{Kind, Limits, Runtime};
use rescue_tests::plugin;
use serde_json::{Map, json};

use super::party::{Party, RIGHT, many};

/// How often each fault comes.
const RATE: f64 = 0.2;
/// A sample's time, in seconds. It ends by then, whatever its servers do.
const DEADLINE: f64 = 20.0;

/// Every kind of fault at every server that has it, at 20 % of its requests. `RESCUE_SAMPLES=50` tries that many samples for each.
#[test]
fn every_fault_ends_right_or_by_name() {
    let samples = many("RESCUE_SAMPLES", 1);
    let party = Party::start(samples, |_| {});
    let plugins = Runtime::new(Limits::default(), None).unwrap();
    let tokio = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let timeouts = [
        ("planner.timeout", json!(1)),
        ("verifier.timeout", json!(1)),
        ("executor.timeout", json!(1)),
        ("clip.timeout", json!(1)),
    ];
    let config = party.config(&timeouts);
    let mut tally: BTreeMap<&str, [u32; 4]> = BTreeMap::new();
    for fault in Fault::ALL {
        // The servers are found in good health; what goes wrong goes wrong at work.
        for role in Role::ALL {
            party.fleet.set_faults(role, FaultPlan::none()).unwrap();
        }
        let services = tokio.block_on(connect(&config, || unreachable!("nothing is embedded"))).unwrap().services;
        let abilities = Abilities::of(&services);
        let member =
            |kind, name| Member::new(plugins.load(&plugin(name)).unwrap(), kind, &Map::new(), abilities).unwrap();
        let crew = Crew::new(
            member(Kind::Planner, "perspectives"),
            Some(member(Kind::Scorer, "hybrid")),
            member(Kind::Verifier, "duel"),
            member(Kind::Tournament, "pyramid"),
        );
        for role in Role::ALL.into_iter().filter(|role| fault.applies(*role)) {
            party.fleet.set_faults(role, FaultPlan::none().with(fault, RATE)).unwrap();
        }
        let folder = tempfile::tempdir().unwrap();
        let ledger = Ledger::open(folder.path().join("ledger"), Access::Write).unwrap();
        let exchange = Exchange::new(services, Some(ledger), Mode::Record, tokio.handle().clone());
        let journal = Journal::default().write_to(&folder.path().join("journal.jsonl")).unwrap();
        let search = Search {
            crew: &crew,
            exchange: &exchange,
            journal: &journal,
            runtime: &tokio,
            room: plugins.limits().room,
            traces: None,
        };
        let options = Options { count: 8, deadline: DEADLINE, ..Options::default() };
        let [right, lacking, failed, counted] = tally.entry(fault.name()).or_default();
        for number in 0..samples {
            let photo = Arc::new(photo::read(&party.image(number)).unwrap());
            let start = Instant::now();
            let outcome = search.run(photo, &party.scene(number).query, &options, &mut |_| {});
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
                    let iou = outcome.mask.as_ref().map_or(0.0, |mask| party.iou(number, mask));
                    assert_eq!(record.state == State::Complete, record.absences.is_empty());
                    if iou >= RIGHT {
                        *right += 1;
                    } else if record.state != State::Complete {
                        *lacking += 1;
                    } else {
                        // All was answered, if not all answers could be used: that is counted, too.
                        let counts = &record.counts;
                        assert!(counts.unreadable > 0 || counts.lost > 0, "{fault}: {iou} for {:?}", record.query);
                        *counted += 1;
                    }
                }
            }
        }
    }
    println!(
        "| fault | right | wrong, lacking answers | failed by name | wrong, with unreadable or lost ones counted |\n|---|---|---|---|---|"
    );
    for (fault, [right, lacking, failed, counted]) in &tally {
        println!("| {fault} | {right} | {lacking} | {failed} | {counted} |");
    }
    let right: u32 = tally.values().map(|counts| counts[0]).sum();
    let all = u32::try_from(samples * Fault::ALL.len()).unwrap();
    assert!(right * 10 >= all * 8, "{right} of {all} are right");
}
