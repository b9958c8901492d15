//! Tests of the pyramid with a simulated verifier.

use super::*;
use rescue_plugin_sdk::tournament::{Ending, Lineup, Match, Outcome};
use rescue_plugin_sdk::{Candidate, Random, Rect, Score, Verdict};

fn candidate(id: u32, confidence: Option<f64>) -> Candidate {
    Candidate {
        id,
        label: "thing".to_owned(),
        origin: "test".to_owned(),
        confidence,
        notes: vec![],
        bounds: Rect { x_min: 0.0, y_min: 0.0, x_max: 1.0, y_max: 1.0 },
        area: 1,
        coverage: 0.1,
        components: 1,
        predicted_iou: None,
        similarity: None,
        measures: vec![],
    }
}

fn terms() -> Terms {
    Terms { smallest: 1, largest: 2, scored: false, spare: 4, context: vec![] }
}

fn started(n: u32, settings: &Settings, terms: Terms) -> Pyramid {
    let mut pyramid = Pyramid::new(11, terms, settings.clone());
    for id in 0..n {
        pyramid.tell(Fact::Entered(candidate(id, Some(1.0 / f64::from(id + 1))))).unwrap();
    }
    pyramid.tell(Fact::Closed(vec![])).unwrap();
    pyramid
}

fn verdict(shares: &[f64]) -> Ending {
    Ending::Verdict(Verdict { shares: shares.to_vec(), ..Verdict::default() })
}

/// Plays a tournament to its end and returns all matches. With `shuffle` as a seed, outcomes are told one by one in
/// random order.
fn play(pyramid: &mut Pyramid, shuffle: Option<u64>, judge: impl Fn(&Match) -> Ending) -> Vec<Match> {
    let mut played: Vec<Match> = vec![];
    let mut owed: Vec<Match> = vec![];
    let mut random = shuffle.map(Random::new);
    for _ in 0..10_000 {
        let step = pyramid.next().unwrap();
        assert!(step.prefetch.len() <= 4);
        owed.extend(step.play);
        if step.done {
            assert!(owed.is_empty());
            return played;
        }
        let at_once = random.as_mut().map_or(owed.len(), |random| {
            random.shuffle(&mut owed);
            1
        });
        assert!(!owed.is_empty(), "stalled");
        for one in owed.drain(..at_once) {
            assert!(played.iter().all(|other| other.id != one.id && other.lineup != one.lineup));
            pyramid.tell(Fact::Played(Outcome { id: one.id, calls: 1, ending: judge(&one) })).unwrap();
            played.push(one);
        }
    }
    panic!("never done");
}

/// A verifier that prefers the higher id.
fn contrary(one: &Match) -> Ending {
    match one.lineup.contestants.as_slice() {
        [a, b] if a > b => verdict(&[0.9, 0.05]),
        [_, _] => verdict(&[0.05, 0.9]),
        _ => verdict(&[0.6]),
    }
}

#[test]
fn every_candidate_is_ranked_once_after_n_minus_one_matches() {
    for seeding in [Seeding::Prior, Seeding::Seed, Seeding::Blocks] {
        for n in 2..=70 {
            let mut pyramid = started(n, &Settings { seeding, ..Settings::default() }, terms());
            let matches = play(&mut pyramid, None, contrary);
            assert_eq!(matches.len(), n as usize - 1);
            let ranking = pyramid.ranking().unwrap();
            let mut ids: Vec<u32> = ranking.places.iter().map(|place| place.id).collect();
            assert_eq!(ids[0], n - 1, "the verifier's favourite wins");
            ids.sort_unstable();
            assert_eq!(ids, (0..n).collect::<Vec<_>>());
            assert!(ranking.places.is_sorted_by(|a, b| a.score >= b.score && a.score.is_finite()));
            assert!((ranking.no_target.unwrap() - 0.05).abs() < 1e-9);
            assert_eq!(ranking.notes, [("undecided".to_owned(), "0".to_owned())]);
        }
    }
}

/// In blocks, the best of the first 1, 2, 4, … is the same whatever comes after them, and has played the same matches. Some ids are missing.
#[test]
fn later_candidates_change_nothing_in_blocks() {
    let settings = Settings { seeding: Seeding::Blocks, ..Settings::default() };
    // Every third match has no verdict.
    let judge = |one: &Match| match one.lineup.contestants.as_slice() {
        [a, b] if (a * 7 + b * 7) % 3 == 0 => Ending::Abstained(String::new()),
        _ => contrary(one),
    };
    for missing in [vec![], vec![0, 1, 5], vec![1, 2, 3, 9], (0..17).collect()] {
        let play_first = |n: u32| {
            let mut pyramid = Pyramid::new(11, terms(), settings.clone());
            for id in (0..n).filter(|id| !missing.contains(id)) {
                pyramid.tell(Fact::Entered(candidate(id, Some(0.5)))).unwrap();
            }
            pyramid.tell(Fact::Closed(vec![])).unwrap();
            let mut lineups: Vec<Lineup> = play(&mut pyramid, None, judge).into_iter().map(|one| one.lineup).collect();
            lineups.retain(|lineup| lineup.contestants.len() == 2);
            (pyramid.ranking().unwrap(), lineups)
        };
        let (whole, lineups) = play_first(40);
        for n in [1, 2, 4, 8, 16, 32] {
            let (first, of_first) = play_first(n);
            let best = whole.places.iter().map(|place| place.id).find(|id| *id < n);
            assert_eq!(first.places.first().map(|place| place.id), best, "{n}, without {missing:?}");
            assert!(of_first.iter().all(|lineup| lineups.contains(lineup)), "{n}, without {missing:?}");
        }
    }
    // The first half of the bracket is empty: the last match is none at the root.
    let mut pyramid = Pyramid::new(11, terms(), settings);
    (4..7).for_each(|id| pyramid.tell(Fact::Entered(candidate(id, None))).unwrap());
    pyramid.tell(Fact::Closed(vec![])).unwrap();
    play(&mut pyramid, None, contrary);
    assert!(pyramid.ranking().unwrap().no_target.is_some());
}

#[test]
fn the_order_of_outcomes_does_not_matter() {
    for n in [2, 3, 7, 16, 33] {
        let mut calm = started(n, &Settings::default(), terms());
        let mut matches = play(&mut calm, None, contrary);
        matches.sort_by_key(|one| one.id);
        for seed in 0..8 {
            let mut wild = started(n, &Settings::default(), terms());
            let mut others = play(&mut wild, Some(seed), contrary);
            others.sort_by_key(|one| one.id);
            assert_eq!(others, matches);
            assert_eq!(wild.ranking().unwrap(), calm.ranking().unwrap());
        }
    }
}

#[test]
fn a_round_is_asked_for_at_once() {
    let mut pyramid = started(32, &Settings::default(), terms());
    let first = pyramid.next().unwrap();
    assert_eq!(first.play.len(), 16);
    assert!(pyramid.next().unwrap().play.is_empty());
    assert_eq!(first.prefetch.len(), 4);
    for one in first.play {
        let winner = if one.lineup.contestants[0] < one.lineup.contestants[1] { [0.8, 0.2] } else { [0.2, 0.8] };
        pyramid.tell(Fact::Played(Outcome { id: one.id, calls: 1, ending: verdict(&winner) })).unwrap();
    }
    let second = pyramid.next().unwrap();
    assert_eq!(second.play.len(), 8);
    let lineups: Vec<_> = second.play.into_iter().map(|one| one.lineup).collect();
    assert!(first.prefetch.iter().all(|guess| lineups.contains(guess)), "the favourites won, as guessed");
}

#[test]
fn only_the_first_outcome_of_a_match_that_was_asked_for_counts() {
    let mut pyramid = started(4, &Settings::default(), terms());
    let before = pyramid.ranking().unwrap();
    let tell = |pyramid: &mut Pyramid, id, shares: &[f64]| {
        pyramid.tell(Fact::Played(Outcome { id, calls: 1, ending: verdict(shares) })).unwrap();
        pyramid.ranking().unwrap()
    };
    let step = pyramid.next().unwrap();
    let (one, fin) = (step.play[0].clone(), 2);
    assert!(step.play.iter().all(|one| one.id != fin), "the final's match is not asked for yet");
    let asked = pyramid.ranking().unwrap();
    assert_eq!(tell(&mut pyramid, fin, &[0.9, 0.1]).places, before.places);
    let after = tell(&mut pyramid, one.id, &[0.9, 0.1]);
    assert_ne!(after, asked);
    assert_eq!(tell(&mut pyramid, one.id, &[0.1, 0.9]), after);
    assert!(pyramid.next().unwrap().play.is_empty());
}

#[test]
fn without_verdicts_the_prior_decides_after_a_rematch_in_the_other_order() {
    let mut pyramid = started(4, &Settings::default(), terms());
    let matches = play(&mut pyramid, None, |_| Ending::Abstained("unsure".to_owned()));
    assert_eq!(matches.len(), 6);
    let turned: Vec<u32> = matches[0].lineup.contestants.iter().rev().copied().collect();
    assert!(matches.iter().any(|other| other.lineup.contestants == turned));
    let ranking = pyramid.ranking().unwrap();
    assert_eq!(ranking.places.iter().map(|place| place.id).collect::<Vec<_>>(), [0, 1, 2, 3]);
    assert_eq!(ranking.no_target, None);
    assert_eq!(ranking.notes, [("undecided".to_owned(), "0".to_owned())]);
}

#[test]
fn equal_priors_are_decided_by_a_draw_and_counted() {
    let mut pyramid = Pyramid::new(5, terms(), Settings { rematches: 0, ..Settings::default() });
    for id in 0..8 {
        pyramid.tell(Fact::Entered(candidate(id, None))).unwrap();
    }
    pyramid.tell(Fact::Closed(vec![])).unwrap();
    assert_eq!(play(&mut pyramid, Some(1), |_| Ending::Failed("no answer".to_owned())).len(), 7);
    assert_eq!(pyramid.ranking().unwrap().notes, [("undecided".to_owned(), "7".to_owned())]);
}

#[test]
fn ties_go_to_the_prior_and_scores_come_before_confidence() {
    let mut pyramid = started(2, &Settings::default(), Terms { scored: true, ..terms() });
    assert_eq!(pyramid.next().unwrap(), Step::default(), "scores are still owed");
    pyramid.tell(Fact::Scored(vec![Score { id: 1, value: 3.0 }])).unwrap();
    play(&mut pyramid, None, |_| verdict(&[0.5, 0.5]));
    assert_eq!(pyramid.ranking().unwrap().places[0].id, 1);
}

#[test]
fn tournaments_of_none_and_one() {
    let mut nobody = started(0, &Settings::default(), terms());
    assert!(nobody.next().unwrap().done);
    assert_eq!(nobody.ranking().unwrap().places, []);

    let mut one = started(1, &Settings::default(), terms());
    assert_eq!(play(&mut one, None, |_| verdict(&[0.3])).len(), 1);
    assert!((one.ranking().unwrap().no_target.unwrap() - 0.7).abs() < 1e-9);

    let mut unjudged = started(1, &Settings::default(), Terms { smallest: 2, ..terms() });
    assert!(unjudged.next().unwrap().done);
    assert_eq!(unjudged.ranking().unwrap().no_target, None);
}

#[test]
fn the_ranking_is_available_at_any_time() {
    let mut pyramid = Pyramid::new(11, terms(), Settings::default());
    assert_eq!(pyramid.ranking().unwrap().places, []);
    for id in [2, 0, 1] {
        pyramid.tell(Fact::Entered(candidate(id, Some(f64::from(id))))).unwrap();
    }
    let ids = |pyramid: &Pyramid| pyramid.ranking().unwrap().places.iter().map(|p| p.id).collect::<Vec<_>>();
    assert_eq!(ids(&pyramid), [2, 1, 0]);
    pyramid.tell(Fact::Closed(vec![])).unwrap();
    let step = pyramid.next().unwrap();
    assert_eq!((step.play.len(), ids(&pyramid)), (1, vec![2, 1, 0]));
    let [one] = step.play.try_into().unwrap();
    pyramid.tell(Fact::Played(Outcome { id: one.id, calls: 1, ending: contrary(&one) })).unwrap();
    assert_eq!(ids(&pyramid), [2, 1, 0], "2 has a bye, 1 beat 0");
}

#[test]
fn a_verifier_that_cannot_take_two_is_refused() {
    let brief = || Brief {
        query: String::new(),
        image: rescue_plugin_sdk::Size { width: 1, height: 1 },
        count: 1,
        room: 8,
        settings: String::new(),
        seed: 0,
        context: vec![],
    };
    for (smallest, largest) in [(1, 1), (3, 5)] {
        let fault = Pyramid::start(brief(), Terms { smallest, largest, ..terms() }, Settings::default()).unwrap_err();
        assert_eq!(fault.blame, rescue_plugin_sdk::Blame::Unsupported);
    }
    assert!(Pyramid::start(brief(), terms(), Settings::default()).is_ok());
}

#[test]
fn the_manifest_names_its_settings() {
    let about = describe();
    assert_eq!((about.name.as_str(), about.offers.len()), ("pyramid", 1));
    assert!(about.offers[0].settings.contains("rematches"));
}
