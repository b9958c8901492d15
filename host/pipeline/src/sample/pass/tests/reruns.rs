//! Further choices among the first hypotheses: nothing of the later ones reaches them, whatever the order of answers.

use super::*;
use crate::plugins::{NamedPlugin, StrategySpec};
use crate::sample::{Ask, Unmade};

const LIVE: Option<Live> = Some(Live { guesses: false });

/// A world with two more strategies, and choices among the first 1, 2, 4, 8 and 16 of 24 hypotheses.
fn world(ask: Ask) -> World {
    let mut world = World::new(24);
    let tournament = |name: &str, settings: Value| {
        let settings = settings.as_object().unwrap().clone();
        let plugins = [(Kind::Tournament, NamedPlugin { name: name.into(), settings })].into();
        StrategySpec { name: name.into(), plugins }
    };
    let strategies = vec![tournament("pyramid", json!({"seeding": "blocks"})), tournament("by-score", json!({}))];
    let runtime = runtime();
    let capabilities = Capabilities::of(&world.services);
    world.strategies =
        plugins::load_strategies(&runtime, &strategies, &world.plugins, &BTreeMap::new(), capabilities).unwrap();
    world.further = Further { counts: vec![1, 2, 4, 8, 16], strategies, ask, ..Further::default() };
    world
}

/// What is told of a choice, without its mask.
fn told(choice: &Choice) -> String {
    match &choice.made {
        Ok(Chosen { ids, ranking, state, absences, matches, cost, .. }) => {
            format!("{ids:?} {ranking:?} {state:?} {absences:?} {matches:?} {cost:?}")
        }
        Err(unmade) => format!("{unmade:?}"),
    }
}

#[test]
fn further_choices_do_not_depend_on_the_order_of_answers() {
    let world = world(Ask::Every);
    for absent in [0.0, 0.1] {
        let expected = world.outcome(&mut RandomOrder::new(0, absent), None).unwrap();
        let alone = World::new(24).outcome(&mut RandomOrder::new(0, absent), None).unwrap();
        let json = |outcome: &Outcome| serde_json::to_value(&outcome.record).unwrap();
        assert_eq!(json(&expected), json(&alone), "further choices change no result");
        let kinds: Vec<(usize, u32)> = expected.choices.iter().map(|choice| (choice.strategy, choice.n)).collect();
        assert_eq!(kinds[..6], [(0, 24), (1, 24), (2, 24), (0, 16), (1, 16), (2, 16)]);
        assert_eq!(kinds.len(), 18);
        for seed in 0..3 {
            let found = world.outcome(&mut RandomOrder::new(seed, absent), LIVE).unwrap();
            assert_eq!(json(&found), json(&expected), "seed {seed}, {absent} absent");
            for (found, expected) in found.choices.iter().zip(&expected.choices) {
                let which = format!("seed {seed}, strategy {}, {} of 24", found.strategy, found.n);
                assert_eq!(told(found), told(expected), "{which}");
                let mask = |choice: &Choice| choice.made.as_ref().map(|chosen| chosen.mask.clone()).unwrap();
                assert!(mask(found) == mask(expected), "{which}");
            }
        }
    }
}

/// A choice among few asks few questions: that none of them is answered says nothing of the service.
#[test]
fn a_missing_answer_fails_no_sample() {
    let world = world(Ask::Every);
    let mut source = RandomOrder::new(0, 0.0);
    world.outcome(&mut source, None).unwrap();
    let mut degraded = 0;
    for key in source.judged.iter().take(4) {
        let source = RandomOrder { failing: Some(*key), ..RandomOrder::new(0, 0.0) };
        let found = world.outcome(&mut { source }, LIVE).unwrap();
        assert_eq!(found.record.state, State::Degraded);
        let first = found.choices.iter().find(|choice| (choice.strategy, choice.n) == (0, 1)).unwrap();
        degraded += usize::from(first.made.as_ref().unwrap().state == State::Degraded);
    }
    assert_eq!(degraded, 1, "the rating of the first hypothesis is among them");
}

#[test]
fn absences_of_further_choices_stay() {
    let world = world(Ask::Every);
    let first = world.outcome(&mut RandomOrder::new(0, 0.2), LIVE).unwrap();
    let further = first.further_absences();
    assert!(!further.is_empty());
    let all = first.record.absences.iter().chain(&further).map(|record| (record.key, record.absence.clone()));
    // All servers answer now.
    let again = world.outcome_with(all.collect(), &mut RandomOrder::new(0, 0.0), None).unwrap();
    let of = |outcome: &Outcome| outcome.choices.iter().map(told).collect::<Vec<_>>();
    assert_eq!(of(&again), of(&first));
}

#[test]
fn a_later_hypothesis_changes_no_choice_among_fewer() {
    let world = world(Ask::Every);
    let expected = world.outcome(&mut RandomOrder::new(0, 0.0), LIVE).unwrap();
    let bounds = |made: &Measured| made.mask.bounds().unwrap();
    let (first, later): (Vec<_>, Vec<_>) =
        expected.candidates.iter().partition::<Vec<_>, _>(|made| made.candidate.id < 8);
    let moved: Vec<_> =
        later.into_iter().map(bounds).filter(|own| first.iter().all(|other| bounds(other) != *own)).collect();
    assert!(moved.len() > 8, "{}", moved.len());
    let source = RandomOrder { moved, ..RandomOrder::new(1, 0.0) };
    let found = world.outcome(&mut { source }, LIVE).unwrap();
    let mut changed = 0;
    for (found, expected) in found.choices.iter().zip(&expected.choices) {
        if found.n <= 8 {
            assert_eq!(told(found), told(expected), "strategy {}, {} of 24", found.strategy, found.n);
        } else {
            changed += usize::from(told(found) != told(expected));
        }
    }
    assert_eq!(changed, 6, "all choices that know of the later ones");
}

#[test]
fn without_asking_a_choice_is_made_if_its_answers_are_known() {
    let world = world(Ask::Nothing);
    let found = world.outcome(&mut RandomOrder::new(0, 0.0), LIVE).unwrap();
    let alone = World::new(24).outcome(&mut RandomOrder::new(0, 0.0), LIVE).unwrap();
    assert_eq!(serde_json::to_value(&found.record).unwrap(), serde_json::to_value(&alone.record).unwrap());
    let missing = |strategy: usize| -> Vec<Option<usize>> {
        let own = found.choices.iter().filter(|choice| choice.strategy == strategy);
        own.map(|choice| match &choice.made {
            Ok(_) => None,
            Err(Unmade::Needs(missing)) => Some(*missing),
            Err(Unmade::Failed(why)) => panic!("{why}"),
        })
        .collect()
    };
    assert!(missing(0)[0].is_none() && missing(0)[1..].iter().flatten().sum::<usize>() > 0, "{:?}", missing(0));
    assert!(missing(1)[0].is_some_and(|missing| missing > 0), "another bracket was not played");
    assert!(missing(2).iter().all(Option::is_none), "scores are known");

    // Blocks of a run with blocks are known.
    let mut nested = self::world(Ask::Nothing);
    nested.plugins = nested.strategies.remove(0);
    nested.further.strategies.clear();
    nested.strategies.clear();
    let found = nested.outcome(&mut RandomOrder::new(0, 0.0), LIVE).unwrap();
    let own = found.choices.first().and_then(|choice| choice.made.as_ref().ok()).unwrap();
    let mask_of =
        |id: u32| found.candidates.iter().find(|made| made.candidate.id == id).map(|made| made.mask.to_mask());
    for choice in &found.choices {
        let rerun = choice.made.as_ref().unwrap();
        assert!(rerun.mask == own.among_first(choice.n, mask_of).unwrap(), "{} of 24", choice.n);
    }
}
