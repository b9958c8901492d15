//! The standard plugins in rehearsals, that is, in the simulated world of `plugin check`.

use std::collections::BTreeSet;

use rescue_plugin::Plugin;
use rescue_plugin::border::exports::rescue::plugin::planner::Proposal;
use rescue_plugin::border::exports::rescue::plugin::tournament::Match;
use rescue_plugin::border::exports::rescue::plugin::verifier::Judgement;
use rescue_plugin::rehearsal::{Arrival, Rehearsal};
use rescue_tests::plugin;
use serde_json::{Map, Value, json};

fn standard(name: &str) -> Plugin {
    rescue_tests::runtime().load(&plugin(name)).unwrap()
}

fn none() -> Map<String, Value> {
    Map::new()
}

fn shuffled(seed: u64) -> Rehearsal {
    Rehearsal { arrival: Arrival::Shuffled(seed), ..Rehearsal::default() }
}

#[test]
fn the_grounder_proposes_what_is_detected() {
    let grounder = standard("grounder");
    let play = Rehearsal::default().planner(&grounder, &none()).unwrap();
    assert_eq!(play, Rehearsal::default().planner(&grounder, &none()).unwrap());
    assert_eq!(play.asked.len(), 1);
    let proposed: Vec<u32> = play
        .proposed
        .iter()
        .map(|proposal| match proposal {
            Proposal::Hypothesis(hypothesis) => hypothesis.id,
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(proposed, (0..16).collect::<Vec<_>>());
    assert!(play.usage.turns >= 3 && play.usage.fuel > play.usage.most_fuel && play.usage.most_fuel > 0);
    for seed in 0..5 {
        assert_eq!(shuffled(seed).planner(&grounder, &none()).unwrap().proposed, play.proposed);
    }
}

#[test]
fn geometry_scores_every_candidate() {
    let geometry = standard("geometry");
    let rehearsal = Rehearsal { count: 40, ..Rehearsal::default() };
    let play = rehearsal.scorer(&geometry, &none()).unwrap();
    assert_eq!(play, rehearsal.scorer(&geometry, &none()).unwrap());
    let scored: Vec<u32> = play.scores.iter().map(|score| score.id).collect();
    let entered: Vec<u32> = rehearsal.world().unwrap().candidates().iter().map(|candidate| candidate.id).collect();
    assert_eq!(scored, entered);
    assert!(entered.len() < 40);
    for seed in 0..5 {
        let other = Rehearsal { arrival: Arrival::Shuffled(seed), ..rehearsal.clone() };
        let other = other.scorer(&geometry, &none()).unwrap();
        assert_eq!(other.scores, play.scores);
        assert!(other.usage.turns > play.usage.turns, "facts come in batches");
    }
}

#[test]
fn attributes_judges_matches_of_every_size() {
    let attributes = standard("attributes");
    let play = Rehearsal::default().verifier(&attributes, &none()).unwrap();
    assert_eq!(play, Rehearsal::default().verifier(&attributes, &none()).unwrap());
    let sizes: BTreeSet<usize> = play.judged.iter().map(|judged| judged.contestants.len()).collect();
    assert_eq!(sizes, BTreeSet::from([1, 2, 4, 8]));
    for judged in &play.judged {
        assert!(matches!(&judged.judgement, Judgement::Verdict(v) if v.shares.len() == judged.contestants.len()));
    }
    for seed in 0..5 {
        assert_eq!(shuffled(seed).verifier(&attributes, &none()).unwrap().judged, play.judged);
    }
}

#[test]
fn the_pyramid_finds_the_best_if_verdicts_are_perfect() {
    let pyramid = standard("pyramid");
    for count in [1, 2, 3, 16, 64] {
        for seed in 0..5 {
            for seeding in ["prior", "seed"] {
                let settings = json!({"seeding": seeding}).as_object().unwrap().clone();
                let rehearsal = Rehearsal { count, seed, perfect: true, ..Rehearsal::default() };
                let play = rehearsal.tournament(&pyramid, &settings).unwrap();
                let first = play.ranking.places.first().map(|place| place.id);
                assert_eq!(first, rehearsal.world().unwrap().best(), "{count} {seed} {seeding}");
            }
        }
    }
}

/// The same matches are played and the same ranking results, whatever the order of arrival.
#[test]
fn the_pyramid_does_not_depend_on_the_order_of_arrival() {
    let pyramid = standard("pyramid");
    let play = Rehearsal::default().tournament(&pyramid, &none()).unwrap();
    assert_eq!(play, Rehearsal::default().tournament(&pyramid, &none()).unwrap());
    let entered = play.ranking.places.len();
    assert!(play.asked.len() >= entered, "some matches have no verdict and are played again");
    let set = |asked: &[Match]| -> BTreeSet<(Vec<u32>, u32)> {
        asked.iter().map(|wanted| (wanted.lineup.contestants.clone(), wanted.lineup.repeat)).collect()
    };
    for seed in 0..10 {
        let other = shuffled(seed).tournament(&pyramid, &none()).unwrap();
        assert_eq!(other.ranking, play.ranking);
        assert_eq!(set(&other.asked), set(&play.asked));
    }
}

#[test]
fn settings_and_kinds_are_checked() {
    let pyramid = standard("pyramid");
    let unknown = json!({"sowing": 1}).as_object().unwrap().clone();
    let error = Rehearsal::default().tournament(&pyramid, &unknown).unwrap_err();
    assert!(error.to_string().contains("there is no setting \"sowing\""), "{error}");
    let error = Rehearsal::default().scorer(&pyramid, &none()).unwrap_err();
    assert!(error.to_string().contains("it is no scorer; it is a tournament"), "{error}");
}

/// The limit on rounds ends a tournament that would go on.
#[test]
fn rounds_are_bounded() {
    let pyramid = standard("pyramid");
    let error = Rehearsal { rounds: 2, ..Rehearsal::default() }.tournament(&pyramid, &none()).unwrap_err();
    assert_eq!((error.kind, error.function), (Some(rescue_plugin::Kind::Tournament), Some("tourney.next")));
    assert!(error.to_string().contains("plans without end"), "{error}");
}

/// A fault of a plugin ends a rehearsal with an error, as it ends a run.
#[test]
fn a_fault_is_an_error() {
    let rehearsal = Rehearsal { contestants: (3, 8), ..Rehearsal::default() };
    let error = rehearsal.tournament(&standard("pyramid"), &none()).unwrap_err();
    assert!(error.to_string().contains("the pyramid shows two candidates at a time"), "{error}");
}
