//! Conformance tests of the rules in `wit/RULES.md`, one for each rule.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rescue_plugin::border::exports::rescue::plugin::tournament::{
    Ending, Fact as Told, Lineup, Match, Outcome, Place, Ranking, Step, Terms,
};
use rescue_plugin::border::exports::rescue::plugin::{planner, scorer, verifier};
use rescue_plugin::border::rescue::plugin::chat::{Answer, Body, Failure, Request, Trouble};
use rescue_plugin::border::rescue::plugin::types::{Brief, Cause as Why, Size, Verdict};
use rescue_plugin::rehearsal::{Arrival, Rehearsal, World};
use rescue_plugin::rules::{JudgingRules, Next, PlanningRules, ScoringRules, TourneyRules};
use rescue_plugin::trace::{Call, Event, Look, Returned, Shown, Trace, Traces};
use rescue_plugin::{Cause, Kind, Limits, Plugin, Tourney, Violation, retrace};
use rescue_tests::{Run, plugin, root};
use serde_json::{Map, Value};

/// Every rule has a test in this file, and every test has a rule.
#[test]
fn every_rule_has_a_test() {
    let rules = std::fs::read_to_string(root().join("wit/RULES.md")).unwrap();
    let rules: BTreeSet<u32> = rules.lines().filter_map(|line| line.split_once(". ")?.0.parse().ok()).collect();
    let tests = std::fs::read_to_string(root().join("tests/host/border.rs")).unwrap();
    let tests: BTreeSet<u32> = tests
        .lines()
        .filter(|line| line.starts_with("fn "))
        .flat_map(|line| line.split("rule_").skip(1))
        .filter_map(|rest| rest.get(..2)?.parse().ok())
        .collect();
    assert_eq!(rules, tests);
    assert_eq!(rules, (1..=22).collect());
}

const KINDS: [(Kind, &str); 4] = [
    (Kind::Planner, "grounder"),
    (Kind::Scorer, "geometry"),
    (Kind::Verifier, "attributes"),
    (Kind::Tournament, "pyramid"),
];

fn load(name: &str) -> Plugin {
    rescue_tests::runtime().load(&plugin(name)).unwrap()
}

/// Runs the host on the bundled photo. Returns the event logs by kind, and the result.
fn run() -> (BTreeMap<Kind, Trace>, Value) {
    let folder = tempfile::tempdir().unwrap();
    let image = root().join("examples/photos/horses.jpg").display().to_string();
    // The query has a colour, so that the verifier looks up pixels.
    let words = ["--n", "16", "--image", &image, "--query", "the brown horse on the right"];
    let ran = Run::new(words).more(["--trace", &folder.path().display().to_string()]).go();
    let result = ran.answered(0);
    let read = |kind: Kind| std::fs::read_to_string(folder.path().join(format!("{kind}.jsonl"))).unwrap();
    (KINDS.map(|(kind, _)| (kind, Trace::parse(&read(kind)).unwrap())).into(), result)
}

/// The event logs of the standard plugins in a rehearsal.
fn rehearsed(arrival: Arrival) -> Vec<Trace> {
    let traces = Traces::default();
    let rehearsal = Rehearsal { arrival, traces: Some(traces.clone()), ..Rehearsal::default() };
    for (kind, name) in KINDS {
        let (plugin, settings) = (load(name), Map::new());
        match kind {
            Kind::Planner => drop(rehearsal.planner(&plugin, &settings).unwrap()),
            Kind::Scorer => drop(rehearsal.scorer(&plugin, &settings).unwrap()),
            Kind::Verifier => drop(rehearsal.verifier(&plugin, &settings).unwrap()),
            Kind::Tournament => drop(rehearsal.tournament(&plugin, &settings).unwrap()),
        }
    }
    traces.take()
}

/// The calls of a log, by session. A verifier has one session for each judging, other kinds have one session.
fn sessions(trace: &Trace) -> Vec<Vec<&Event>> {
    let mut sessions: BTreeMap<u32, Vec<&Event>> = BTreeMap::new();
    for event in &trace.events {
        let number = match &event.call {
            Call::Instantiation => continue,
            Call::JudgingStart(number, ..)
            | Call::JudgingTell(number, _)
            | Call::JudgingNext(number)
            | Call::JudgingDrop(number) => *number,
            _ => 0,
        };
        sessions.entry(number).or_default().push(event);
    }
    sessions.into_values().collect()
}

/// The method of a call: "start", "tell", "next", "ranking" or "drop". Empty if the call is not of a session.
fn verb(event: &Event) -> &str {
    event.call.function().split_once('.').map_or("", |(_, verb)| verb)
}

/// Whether the step that answered a call is empty, and whether it ends the session.
fn step(event: &Event) -> (bool, bool) {
    let Returned::Answer(step) = &event.returned else { panic!("{event:?}") };
    let none = |name: &str| step.get(name).is_none_or(|list| list.as_array().is_none_or(Vec::is_empty));
    let empty = ["ask", "cancel", "propose", "play"].into_iter().all(none);
    let ends = step.get("done").is_some_and(|done| done == true)
        || ["scores", "judgement"].into_iter().any(|end| step.get(end).is_some_and(|end| !end.is_null()));
    (empty, ends)
}

#[test]
fn rule_01_each_session_has_an_instance_of_its_own() {
    let (traces, _) = run();
    for (kind, trace) in &traces {
        let made = trace.events.iter().filter(|event| event.call == Call::Instantiation).count();
        assert_eq!((made, verb(&trace.events[1])), (1, "start"), "{kind}");
        let started = trace.events.iter().filter(|event| verb(event) == "start").count();
        assert!(if *kind == Kind::Verifier { started > 1 } else { started == 1 }, "{kind} has {started} sessions");
        // A later instance begins in the same state as the first one.
        let plugin = load(KINDS.iter().find(|(of, _)| of == kind).unwrap().1);
        for _ in 0..2 {
            assert_eq!(retrace(&plugin, trace).unwrap().divergence, None);
        }
    }
}

#[test]
fn rule_02_next_until_empty_then_tell() {
    let traces = [run().0.into_values().collect(), rehearsed(Arrival::Canonical), rehearsed(Arrival::Shuffled(1))];
    for session in traces.iter().flatten().flat_map(sessions) {
        let verbs: Vec<&str> = session.iter().map(|event| verb(event)).collect();
        assert_eq!(verbs[..2], ["start", "next"]);
        for pair in session.windows(2) {
            match (verb(pair[0]), verb(pair[1])) {
                ("start" | "tell", next) => assert_eq!(next, "next"),
                ("next", "next") => assert_eq!(step(pair[0]), (false, false), "an empty step is followed by facts"),
                ("next", "tell") => assert_eq!(step(pair[0]), (true, false), "facts come after an empty step"),
                ("next", after) => assert!(step(pair[0]).1, "{after} before the end"),
                (before, after) => assert!(matches!((before, after), ("ranking", "ranking")), "{before}, {after}"),
            }
        }
    }
    // A step with guesses alone counts as empty.
    let mut rules = tourney(2);
    let guess = Step { prefetch: vec![lineup(&[0, 1], 0)], ..empty() };
    assert_eq!(rules.step(&guess, true), Ok(Next::Wait));
}

#[test]
fn rule_03_stalled() {
    assert_eq!(tourney(2).step(&empty(), false), Err(Violation::Stalled));
    assert_eq!(tourney(2).step(&empty(), true), Ok(Next::Wait));
    let mut rules = tourney(2);
    assert_eq!(rules.step(&Step { play: vec![meet(7, &[0, 1], 0)], ..empty() }, false), Ok(Next::More));
    assert_eq!(rules.step(&empty(), false), Ok(Next::Wait), "a match is under way");
    rules.told(&mut vec![played(7)]);
    assert_eq!(rules.step(&empty(), false), Err(Violation::Stalled));

    let mut planning = PlanningRules::new(&brief(), Arc::default());
    let nothing = || planner::Step { ask: Vec::new(), cancel: Vec::new(), propose: Vec::new(), done: false };
    assert_eq!(planning.step(&nothing(), true), Err(Violation::Stalled));
    let blank = planner::Blank { id: 0, why: String::new() };
    let step = planner::Step { propose: vec![planner::Proposal::Skipped(blank)], ..nothing() };
    assert_eq!(planning.step(&step, true), Ok(Next::More));
    assert_eq!(planning.clone().step(&nothing(), true), Ok(Next::Wait), "the fact that it entered or is gone is owed");
    assert_eq!(planning.step(&nothing(), false), Err(Violation::Stalled), "without feedback, these facts are not told");

    let nothing = || scorer::Step { ask: Vec::new(), cancel: Vec::new(), scores: None };
    let mut scoring = ScoringRules::new(&brief(), Arc::default());
    assert_eq!(scoring.step(&nothing(), true), Ok(Next::Wait));
    assert_eq!(scoring.step(&nothing(), false), Err(Violation::Stalled));

    let nothing = || verifier::Step { ask: Vec::new(), cancel: Vec::new(), judgement: None };
    let mut judging = judging(2);
    assert_eq!(judging.step(&verifier::Step { ask: vec![request(3, 1, 0)], ..nothing() }), Ok(Next::More));
    assert_eq!(judging.step(&nothing()), Ok(Next::Wait));
    judging.told(&mut vec![verifier::Fact::Answered(answer(3, 0))]);
    assert_eq!(judging.step(&nothing()), Err(Violation::Stalled));
}

#[test]
fn rule_04_nothing_after_the_end() {
    let traces = [run().0.into_values().collect(), rehearsed(Arrival::Shuffled(2))];
    for session in traces.iter().flatten().flat_map(sessions) {
        let end = session.iter().position(|event| verb(event) == "next" && step(event).1).expect("it ends");
        assert!(session[end + 1..].iter().all(|event| matches!(verb(event), "ranking" | "drop")));
    }
    // Outstanding matches are cancelled, and further calls by the host are refused.
    let mut rules = tourney(4);
    let last = Step { play: vec![meet(1, &[0, 1], 0)], done: true, ..empty() };
    assert_eq!(rules.step(&last, false), Ok(Next::Over));
    assert!(rules.over() && !rules.wants(1));
    let world = world();
    let mut tourney = pyramid(&world);
    finish(&mut tourney, &world);
    let refused = tourney.plan(false).unwrap_err();
    assert!(matches!(&refused.cause, Cause::Host(why) if why.contains("the session is over")), "{refused}");
    assert!(!tourney.ranking().unwrap().places.is_empty(), "a mistake of the host does not end the plugin's session");
}

#[test]
fn rule_05_a_ranking_at_any_time() {
    let world = world();
    let (mut one, mut other) = (pyramid(&world), pyramid(&world));
    let entered: BTreeSet<u32> = world.candidates().iter().map(|candidate| candidate.id).collect();
    let mut facts = opening_facts(&world);
    let mut done = false;
    while !done {
        let ranking = other.ranking().unwrap();
        assert_eq!(ranking, other.ranking().unwrap());
        let (one_plan, plan) = (one.plan(!facts.is_empty()).unwrap(), other.plan(!facts.is_empty()).unwrap());
        assert_eq!(one_plan.play, plan.play, "asking for a ranking changes nothing");
        done = plan.done;
        facts.extend(world.outcomes(&plan.play).into_iter().map(Told::Played));
        if !done {
            one.tell(facts.clone()).unwrap();
            other.tell(std::mem::take(&mut facts)).unwrap();
        }
    }
    let ranking = other.ranking().unwrap();
    assert_eq!(one.ranking().unwrap(), ranking);
    let mut named: Vec<u32> = ranking.places.iter().map(|place| place.id).collect();
    named.sort_unstable();
    assert!(named.iter().eq(entered.iter()));

    let what = "the ranking";
    let check = |ids: &[u32]| tourney(3).ranking(&ranking_of(ids));
    assert_eq!(check(&[2, 0, 1]), Ok(()));
    assert_eq!(check(&[2, 0]), Err(Violation::CandidateMissing { what, id: 1 }));
    assert_eq!(check(&[2, 0, 1, 3]), Err(Violation::UnknownCandidate { what, id: 3 }));
    assert_eq!(check(&[2, 0, 0]), Err(Violation::CandidateTwice { what, id: 0 }));
}

#[test]
fn rule_06_the_canonical_order() {
    let (traces, _) = run();
    // The planner gets answers in the order asked.
    let mut asked: Vec<(u64, u64)> = Vec::new();
    let mut told: Vec<(u64, u64)> = Vec::new();
    for event in &traces[&Kind::Planner].events {
        if let (Call::PlanningNext, Returned::Answer(step)) = (&event.call, &event.returned) {
            asked.extend(step["ask"].as_array().unwrap().iter().flat_map(|request| {
                let (id, repeat) = (request["id"].as_u64().unwrap(), request["repeat"].as_u64().unwrap());
                (0..request["samples"].as_u64().unwrap()).map(move |draw| (id, repeat + draw))
            }));
        }
        if let Call::PlanningTell(facts) = &event.call {
            told.extend(facts.iter().map(|fact| match fact {
                planner::Fact::Answered(answer) => (answer.id.into(), answer.repeat.into()),
                other => panic!("{other:?}"),
            }));
        }
    }
    assert!(!told.is_empty());
    assert_eq!(asked, told);

    // The tournament gets `entered`, `gone`, `closed` and `scored` in this order, then outcomes in the order of
    // matches.
    let mut order = Vec::new();
    let (mut asked, mut played): (Vec<u64>, Vec<u64>) = Default::default();
    for event in &traces[&Kind::Tournament].events {
        if let (Call::TourneyNext, Returned::Answer(step)) = (&event.call, &event.returned) {
            asked.extend(step["play"].as_array().unwrap().iter().map(|played| played["id"].as_u64().unwrap()));
        }
        if let Call::TourneyTell(facts) = &event.call {
            order.extend(facts.iter().map(|fact| match fact {
                Told::Entered(candidate) => (0, candidate.id),
                Told::Gone(gone) => (1, gone.id),
                Told::Closed(standings) => {
                    assert!(standings.is_sorted_by_key(|standing| standing.id));
                    (2, 0)
                }
                Told::Scored(_) => (3, 0),
                Told::Played(outcome) => {
                    played.push(outcome.id.into());
                    (4, 0)
                }
                Told::Noted(_) => panic!("nothing is noted in the canonical pass"),
            }));
        }
    }
    assert!(order.is_sorted(), "{order:?}");
    assert_eq!(order.iter().filter(|(what, _)| matches!(what, 2 | 3)).count(), 2);
    assert!(!played.is_empty());
    assert_eq!(asked, played);

    // The scorer gets the same without `scored`.
    let mut order = Vec::new();
    for event in &traces[&Kind::Scorer].events {
        if let Call::ScoringTell(facts) = &event.call {
            order.extend(facts.iter().map(|fact| match fact {
                scorer::Fact::Entered(candidate) => (0, candidate.id),
                scorer::Fact::Gone(gone) => (1, gone.id),
                scorer::Fact::Closed(_) => (2, 0),
                scorer::Fact::Answered(_) => (3, 0),
                scorer::Fact::Noted(_) => panic!("nothing is noted in the canonical pass"),
            }));
        }
    }
    assert!(!order.is_empty() && order.is_sorted(), "{order:?}");
}

#[test]
fn rule_07_the_order_of_arrival_reaches_no_result() {
    // In a rehearsal with another order of arrival, the standard tournament asks and concludes the same. For a
    // tournament that does not, see check.rs: it is reported, and its results do not differ.
    let told = |arrival| -> Vec<u32> {
        let traces = rehearsed(arrival);
        let tourney = traces.iter().find(|trace| trace.header.kind == Kind::Tournament).unwrap();
        let facts = tourney.events.iter().filter_map(|event| match &event.call {
            Call::TourneyTell(facts) => Some(facts),
            _ => None,
        });
        let entered = facts.flatten().filter_map(|fact| match fact {
            Told::Entered(candidate) => Some(candidate.id),
            _ => None,
        });
        entered.collect()
    };
    let (canonical, live) = (told(Arrival::Canonical), told(Arrival::Shuffled(3)));
    assert!(canonical.is_sorted() && !live.is_sorted());
    assert_eq!(BTreeSet::from_iter(&canonical), BTreeSet::from_iter(&live));
    let play = |arrival| {
        let rehearsal = Rehearsal { arrival, ..Rehearsal::default() };
        rehearsal.tournament(&load("pyramid"), &Map::new()).unwrap().ranking
    };
    assert_eq!(play(Arrival::Canonical), play(Arrival::Shuffled(3)));
}

#[test]
fn rule_08_each_id_enters_or_goes_once_and_closed_comes_once() {
    let (traces, _) = run();
    for (kind, facts) in [(Kind::Scorer, "scoring.tell"), (Kind::Tournament, "tourney.tell")] {
        let mut settled = BTreeMap::new();
        let mut closed = 0;
        for event in traces[&kind].events.iter().filter(|event| event.call.function() == facts) {
            let told = serde_json::to_value(&event.call).unwrap();
            for fact in told["told"].as_array().unwrap() {
                let (name, about) = fact.as_object().unwrap().iter().next().unwrap();
                if name == "Entered" || name == "Gone" {
                    assert_eq!(closed, 0, "an id enters or goes after `closed`");
                    *settled.entry(about["id"].as_u64().unwrap()).or_insert(0) += 1;
                }
                closed += u32::from(name == "Closed");
            }
        }
        assert_eq!(closed, 1);
        assert_eq!(settled, (0..16).map(|id| (id, 1)).collect(), "{kind}");
    }
}

#[test]
fn rule_09_merged_ids_rank_directly_after_their_leader() {
    let (_, result) = run();
    let places = result["ranking"].as_array().unwrap();
    let mut merged = 0;
    let mut leader = &Value::Null;
    for place in places {
        match &place["merged_into"] {
            Value::Null => leader = &place["id"],
            into => {
                merged += 1;
                assert_eq!(into, leader, "{places:#?}");
            }
        }
    }
    assert_eq!(result["counts"]["merged"], merged);
    assert!(merged > 0, "this run has near duplicates");
    // The plugin `learns`, a planner with feedback, proposes the same box four times: merged ids are told it as
    // entered.
    let folder = tempfile::tempdir().unwrap();
    let learns = rescue_tests::fixture("learns").display().to_string();
    let to = folder.path().display().to_string();
    Run::new(["--n", "4", "--plugin", &learns, "--trace", &to]).go().answered(0);
    let trace = Trace::parse(&std::fs::read_to_string(folder.path().join("planner.jsonl")).unwrap()).unwrap();
    let told = trace.events.iter().filter_map(|event| match &event.call {
        Call::PlanningTell(facts) => Some(facts.iter()),
        _ => None,
    });
    let entered: Vec<u32> = told
        .flatten()
        .map(|fact| match fact {
            planner::Fact::Entered(candidate) => candidate.id,
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(entered, [0, 1, 2, 3]);
}

#[test]
fn rule_10_ids_and_contestants() {
    let check = |play: &[Match]| tourney(4).step(&Step { play: play.to_vec(), ..empty() }, true);
    assert_eq!(check(&[meet(1, &[0, 1], 0), meet(2, &[1, 0], 0), meet(3, &[0, 1], 1)]), Ok(Next::More));
    assert_eq!(check(&[meet(1, &[0, 1], 0), meet(1, &[2, 3], 0)]), Err(Violation::MatchTwice(1)));
    assert_eq!(check(&[meet(1, &[0, 1], 0), meet(2, &[0, 1], 0)]), Err(Violation::MatchRepeated(2)));
    let what = "a match";
    assert_eq!(check(&[meet(1, &[2, 2], 0)]), Err(Violation::CandidateTwice { what, id: 2 }));
    assert_eq!(check(&[meet(1, &[2, 9], 0)]), Err(Violation::UnknownCandidate { what, id: 9 }));
    let outside = |id, contestants| Err(Violation::Contestants { id, contestants, smallest: 2, largest: 3 });
    assert_eq!(check(&[meet(5, &[0], 0)]), outside(5, 1));
    assert_eq!(check(&[meet(6, &[0, 1, 2, 3], 0)]), outside(6, 4));
    let ask =
        |ask: &[Request]| judging(2).step(&verifier::Step { ask: ask.to_vec(), cancel: Vec::new(), judgement: None });
    assert_eq!(ask(&[request(4, 1, 0), request(4, 1, 1)]), Err(Violation::RequestTwice(4)));
}

#[test]
fn rule_11_as_many_answers_as_asked_and_none_that_was_cancelled() {
    let mut rules = judging(2);
    let step = |ask, cancel| verifier::Step { ask, cancel, judgement: None };
    assert_eq!(rules.step(&step(vec![request(1, 3, 5), request(2, 1, 0)], Vec::new())), Ok(Next::More));
    assert_eq!(rules.step(&step(Vec::new(), vec![2])), Ok(Next::More));
    assert!(rules.wants(1) && !rules.wants(2));
    let mut facts: Vec<_> = [(1, 5), (1, 6), (1, 7), (1, 8), (1, 5), (2, 0), (3, 0)]
        .map(|(id, repeat)| verifier::Fact::Answered(answer(id, repeat)))
        .into();
    rules.told(&mut facts);
    let told: Vec<_> = facts
        .iter()
        .map(|fact| match fact {
            verifier::Fact::Answered(answer) => (answer.id, answer.repeat),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(told, [(1, 5), (1, 6), (1, 7)]);
    assert!(!rules.wants(1));
    assert_eq!(rules.step(&step(Vec::new(), vec![9])), Err(Violation::UnknownCancel(9)));
    let (id, samples, limit) = (4, 0, 64);
    assert_eq!(
        judging(2).step(&step(vec![request(4, 0, 0)], Vec::new())),
        Err(Violation::Samples { id, samples, limit })
    );
}

#[test]
fn rule_12_rule_13_what_the_host_cannot_do_is_said() {
    // The embedded backend has no vision-language model, so a question to one is unsupported, as is an unknown
    // capability.
    let folder = tempfile::tempdir().unwrap();
    let asks = rescue_tests::fixture("learns").display().to_string();
    let to = folder.path().display().to_string();
    Run::new(["--n", "4", "--plugin", &asks, "--set", "planner.asks=true", "--trace", &to]).go().answered(0);
    let text = std::fs::read_to_string(folder.path().join("planner.jsonl")).unwrap();
    let trace = Trace::parse(&text).unwrap();
    let facts = trace.events.iter().find_map(|event| match &event.call {
        Call::PlanningTell(facts) => Some(facts),
        _ => None,
    });
    let outcomes: Vec<_> = facts
        .unwrap()
        .iter()
        .filter_map(|fact| match fact {
            planner::Fact::Answered(answer) => Some(answer.outcome.as_ref().unwrap_err()),
            _ => None,
        })
        .collect();
    assert_eq!(outcomes.len(), 2);
    assert!(outcomes.iter().all(|failure| failure.trouble == Trouble::Unsupported), "{outcomes:?}");
    assert!(outcomes[1].message.contains("\"levitate\""), "{outcomes:?}");
}

#[test]
fn rule_14_boxes_are_clipped_and_empty_masks_are_lost() {
    let folder = tempfile::tempdir().unwrap();
    let learns = rescue_tests::fixture("learns").display().to_string();
    let to = folder.path().display().to_string();
    let words = ["--n", "4", "--plugin", &learns, "--set", "planner.outside=true", "--trace", &to];
    let result = Run::new(words).go().answered(0);
    let trace = Trace::parse(&std::fs::read_to_string(folder.path().join("tournament.jsonl")).unwrap()).unwrap();
    let facts = trace.events.iter().find_map(|event| match &event.call {
        Call::TourneyTell(facts) => Some(facts),
        _ => None,
    });
    let (mut entered, mut lost) = (Vec::new(), Vec::new());
    for fact in facts.unwrap() {
        match fact {
            Told::Entered(candidate) => {
                let (width, height) = (result["image"]["width"].as_f64(), result["image"]["height"].as_f64());
                let bounds = candidate.bounds;
                assert!(bounds.x_min >= 0.0 && bounds.y_min >= 0.0);
                assert!(Some(bounds.x_max) <= width && Some(bounds.y_max) <= height, "{bounds:?}");
                entered.push(candidate.id);
            }
            Told::Gone(gone) if matches!(gone.why, Why::Lost(_)) => lost.push(gone.id),
            _ => {}
        }
    }
    // Box 0 reaches over the edge; box 1 lies outside of the image.
    assert!(entered.contains(&0) && lost.contains(&1), "{entered:?} {lost:?}");
}

#[test]
fn rule_15_shares() {
    let check = |shares: &[f64], order: &[u32]| {
        let verdict = Verdict { shares: shares.to_vec(), order: order.to_vec(), why: String::new(), notes: Vec::new() };
        let judgement = Some(verifier::Judgement::Verdict(verdict));
        judging(3).step(&verifier::Step { ask: Vec::new(), cancel: Vec::new(), judgement })
    };
    assert_eq!(check(&[0.5, 0.25, 0.25], &[]), Ok(Next::Over));
    assert_eq!(check(&[0.0, 0.0, 0.0], &[2, 0, 1]), Ok(Next::Over));
    assert_eq!(check(&[0.5, 0.5, 1e-7], &[]), Ok(Next::Over));
    assert_eq!(check(&[0.5, 0.5], &[]), Err(Violation::Shares { shares: 2, contestants: 3 }));
    assert!(matches!(check(&[0.5, 0.5, 0.1], &[]), Err(Violation::ShareSum(_))));
    for bad in [-0.1, f64::NAN, f64::INFINITY] {
        assert!(matches!(check(&[bad, 0.0, 0.0], &[]), Err(Violation::Number { what: "a share", .. })));
    }
    for order in [&[0, 1][..], &[0, 1, 1], &[0, 1, 3], &[0, 1, 2, 2]] {
        assert_eq!(check(&[0.0, 0.0, 0.0], order), Err(Violation::Order));
    }
}

#[test]
fn rule_16_no_verdict_no_winner() {
    let world = Rehearsal { count: 2, perfect: true, ..Rehearsal::default() }.world().unwrap();
    for ending in [Ending::Abstained("both or neither".into()), Ending::Failed("the model is gone".into())] {
        let mut tourney = pyramid(&world);
        let mut facts = opening_facts(&world);
        // Without scores, nothing but verdicts distinguishes the candidates.
        facts.retain(|fact| !matches!(fact, Told::Scored(_)));
        facts.push(Told::Scored(Vec::new()));
        let (mut seen, mut plan) = (BTreeSet::new(), tourney.plan(true).unwrap());
        while !plan.done {
            for wanted in &plan.play {
                let lineup = (wanted.lineup.contestants.clone(), wanted.lineup.repeat);
                assert!(seen.insert(lineup), "another repeat, or another order");
                facts.push(Told::Played(Outcome { id: wanted.id, calls: 1, ending: ending.clone() }));
            }
            tourney.tell(std::mem::take(&mut facts)).unwrap();
            plan = tourney.plan(false).unwrap();
        }
        assert!(seen.len() > 1, "it is played again");
        let ranking = tourney.ranking().unwrap();
        let undecided = ranking.notes.iter().find(|(name, _)| name == "undecided");
        assert!(undecided.is_none_or(|(_, count)| count == "1" || count == "0"), "{:?}", ranking.notes);
        assert_eq!(ranking.places.len(), 2);
    }
}

#[test]
fn rule_17_what_failed_is_a_fact() {
    // In a rehearsal that is not perfect, some questions get no answer and some matches fail.
    let traces = rehearsed(Arrival::Canonical);
    let text: String = traces.iter().map(Trace::write).collect();
    assert!(text.contains("\"Failed\"") && text.contains("\"Abstained\""), "all kinds of endings were met");
    for trace in &traces {
        assert!(trace.events.iter().all(|event| matches!(event.returned, Returned::Answer(_))), "{:?}", trace.header);
    }
}

#[test]
fn rule_18_guesses() {
    let guesses = |count: u32| Step { prefetch: (0..count).map(|repeat| lineup(&[0, 1], repeat)).collect(), ..empty() };
    let mut rules = tourney(2);
    assert_eq!(rules.step(&guesses(4), true), Ok(Next::Wait));
    assert_eq!(rules.step(&guesses(4), true), Ok(Next::Wait), "each list replaces the last");
    assert_eq!(rules.step(&guesses(5), true), Err(Violation::Spare { guesses: 5, spare: 4 }));
    // A guess is not a match: its outcome is not told, and the same match may still be played.
    let mut rules = tourney(2);
    assert_eq!(rules.step(&guesses(1), true), Ok(Next::Wait));
    assert_eq!(rules.step(&Step { play: vec![meet(1, &[0, 1], 0)], ..empty() }, true), Ok(Next::More));
    let unknown = Step { prefetch: vec![lineup(&[0, 7], 0)], ..empty() };
    assert_eq!(tourney(2).step(&unknown, true), Err(Violation::UnknownCandidate { what: "a guess", id: 7 }));
    for contestants in [&[0][..], &[0, 1, 2, 3, 4, 5, 6, 7, 8]] {
        let step = tourney(9).step(&Step { prefetch: vec![lineup(contestants, 0)], ..empty() }, true);
        assert!(matches!(step, Err(Violation::GuessedContestants { .. })), "{step:?}");
    }
}

#[test]
fn rule_19_limits() {
    // Limits of an instance are tested by the zoo; the limits here are counted by the rules.
    let limits =
        Limits { entries_per_session: 20, answers_per_session: 10, bytes_per_session: 4096, ..Limits::default() };
    let session = || PlanningRules::new(&brief(), Arc::new(limits.clone()));
    let step = |ask| planner::Step { ask, cancel: Vec::new(), propose: Vec::new(), done: false };
    let asks = |from: u32, count: u32, samples| (from..from + count).map(|id| request(id, samples, 0)).collect();
    assert_eq!(session().step(&step(asks(0, 17, 1)), true), Err(Violation::Room { entries: 17, room: 16 }));
    assert_eq!(session().step(&step(asks(0, 2, 6)), true), Err(Violation::Questions(10)));
    let mut rules = session();
    for from in 0..2 {
        let cancel = planner::Step { cancel: vec![0; 8], ..step(asks(from, 1, 1)) };
        assert_eq!(rules.step(&cancel, true), Ok(Next::More));
    }
    let more = planner::Step { cancel: vec![0; 8], ..step(Vec::new()) };
    assert_eq!(rules.step(&more, true), Err(Violation::Endless(20)));
    let detect = |phrase: String| vec![Request { id: 0, body: Body::Detect(phrase), samples: 1, repeat: 0 }];
    assert_eq!(session().step(&step(detect("x".repeat(5000))), true), Err(Violation::Bytes(4096)));
    let (what, bytes, limit) = ("a phrase to detect", 70_000, 65_536);
    assert_eq!(session().step(&step(detect("x".repeat(bytes))), true), Err(Violation::Long { what, bytes, limit }));
}

#[test]
fn rule_20_look_ups_are_pure_and_told_only() {
    let (traces, _) = run();
    let verifier = &traces[&Kind::Verifier];
    let mut shown: Vec<(&Look, &Shown)> = Vec::new();
    for session in sessions(verifier) {
        let Call::JudgingStart(_, _, contest) = &session[0].call else { panic!("{:?}", session[0]) };
        let known: Vec<u32> = contest.contestants.iter().map(|candidate| candidate.id).collect();
        for looked in session.iter().flat_map(|event| &event.looked) {
            if let Look::Mask(id, ..) = looked.look {
                assert!(known.contains(&id));
            }
            shown.push((&looked.look, &looked.shown));
        }
    }
    let again = shown.iter().enumerate().filter_map(|(place, (look, now))| {
        shown[..place].iter().find(|(before, _)| before == look).map(|(_, before)| (before, now))
    });
    let mut pairs = 0;
    for (before, now) in again {
        assert_eq!(before, now, "the same look-up shows the same");
        pairs += 1;
    }
    assert!(pairs > 0);
    // The zoo's `looks` shows that looking up a candidate that was not told gives only the reason why it is refused.
}

#[test]
fn rule_21_checked_before_anything_runs() {
    let image = root().join("examples/photos/dogs.jpg").display().to_string();
    let words = ["--image", &image, "--query", "the dog"];
    let refused = |more: &[&str], says: &str| {
        Run::new(words.iter().chain(more)).go().refused(5, &[says]);
    };
    refused(&["--set", "tournament.seeding=fate"], "seeding");
    refused(&["--set", "tournament.colour=red"], "colour");
    refused(
        &["--plugin", "pyramid", "--plugin", &rescue_tests::fixture("upset").display().to_string()],
        "are both given",
    );
    let geometry = load("geometry");
    let error = geometry.offer(Kind::Tournament).unwrap_err().to_string();
    assert!(error.contains("it is no tournament; it is a scorer"), "{error}");
    let error = Rehearsal::default().tournament(&geometry, &Map::new()).unwrap_err();
    assert!(matches!(error.cause, Cause::WrongKind { .. }), "{error}");
}

#[test]
fn rule_22_what_was_built_for_0_1_0_keeps_running() {
    // A tournament that was built when 0.1.0 was new.
    let old = root().join("tests/data/built-for-0.1.0.wasm");
    let old = rescue_tests::runtime().load(&old).unwrap();
    assert_eq!((old.name(), old.version()), ("upset", "0.1.0"));
    let play = Rehearsal::default().tournament(&old, &Map::new()).unwrap();
    assert!(!play.ranking.places.is_empty());
    assert_eq!(rescue_plugin::version::SPOKEN, "0.1.0");
}

// Helpers of the tests above.

fn world() -> World {
    Rehearsal::default().world().unwrap()
}

/// A session of the pyramid in a world.
fn pyramid(world: &World) -> Tourney {
    let plugin = load("pyramid");
    let brief = Brief { settings: plugin.settings(Kind::Tournament, &Map::new()).unwrap(), ..brief() };
    let terms = Terms { smallest: 2, largest: 2, scored: true, spare: 0, context: Vec::new() };
    Tourney::start(&plugin, &world.sample(), &brief, &terms).unwrap()
}

/// The facts that open a tournament: `entered`, `gone`, `closed` and `scored`.
fn opening_facts(world: &World) -> Vec<Told> {
    let mut facts: Vec<Told> = world.candidates().iter().cloned().map(Told::Entered).collect();
    facts.extend(world.gone().iter().cloned().map(Told::Gone));
    facts.extend([Told::Closed(world.standings().to_vec()), Told::Scored(world.scores())]);
    facts
}

/// Plays a session to its end.
fn finish(tourney: &mut Tourney, world: &World) {
    let mut facts = opening_facts(world);
    let mut plan = tourney.plan(true).unwrap();
    while !plan.done {
        facts.extend(world.outcomes(&plan.play).into_iter().map(Told::Played));
        tourney.tell(std::mem::take(&mut facts)).unwrap();
        plan = tourney.plan(false).unwrap();
    }
}

fn brief() -> Brief {
    Brief {
        query: "the dog".into(),
        image: Size { width: 96, height: 64 },
        count: 16,
        room: 16,
        settings: "{}".into(),
        seed: 0,
        context: Vec::new(),
    }
}

/// The rules of a tournament into which this number of candidates entered. Matches have 2 or 3 contestants; 4 guesses
/// are allowed.
fn tourney(count: u32) -> TourneyRules {
    let terms = Terms { smallest: 2, largest: 3, scored: false, spare: 4, context: Vec::new() };
    let mut rules = TourneyRules::new(&brief(), &terms, Arc::default());
    let candidates = world().candidates().to_vec();
    let mut entered: Vec<Told> = (0..count)
        .zip(candidates)
        .map(|(id, mut candidate)| {
            candidate.id = id;
            Told::Entered(candidate)
        })
        .collect();
    rules.told(&mut entered);
    rules
}

/// The rules of a judging with this number of contestants.
fn judging(count: usize) -> JudgingRules {
    let contestants = world().candidates()[..count].to_vec();
    JudgingRules::new(&brief(), &verifier::Contest { contestants, repeat: 0 }, Arc::default())
}

fn empty() -> Step {
    Step { play: Vec::new(), cancel: Vec::new(), prefetch: Vec::new(), done: false }
}

fn lineup(contestants: &[u32], repeat: u32) -> Lineup {
    Lineup { contestants: contestants.to_vec(), repeat }
}

fn meet(id: u32, contestants: &[u32], repeat: u32) -> Match {
    Match { id, lineup: lineup(contestants, repeat) }
}

fn played(id: u32) -> Told {
    Told::Played(Outcome { id, calls: 0, ending: Ending::Abstained(String::new()) })
}

fn ranking_of(ids: &[u32]) -> Ranking {
    let places = ids.iter().map(|id| Place { id: *id, score: 0.0 }).collect();
    Ranking { places, no_target: None, answer: None, notes: Vec::new() }
}

fn request(id: u32, samples: u32, repeat: u32) -> Request {
    Request { id, body: Body::Detect("dog".into()), samples, repeat }
}

fn answer(id: u32, repeat: u32) -> Answer {
    let failure = Failure { trouble: Trouble::Unavailable, message: String::new(), raw: String::new() };
    Answer { id, repeat, outcome: Err(failure) }
}
