//! A tournament that plays no match and ranks the candidates by their scores.
#![cfg_attr(all(target_family = "wasm", not(test)), no_std)]

use rescue_plugin_sdk::prelude::*;
use rescue_plugin_sdk::tournament::{Fact, Place, Ranking, Step, Terms, Tournament};
use rescue_plugin_sdk::{Brief, Fault, Roster};

/// A session on one sample.
#[derive(Debug)]
pub struct ByScore {
    roster: Roster,
}

impl Tournament for ByScore {
    type Settings = ();
    const TRAITS: &'static [(&'static str, &'static str)] = &[("ranking", "full")];

    fn start(_: Brief, terms: Terms, (): ()) -> Result<Self, Fault> {
        if !terms.scored {
            return Err(Fault::unsupported("this tournament ranks by scores, and the run has no scorer: choose one"));
        }
        Ok(Self { roster: Roster::default() })
    }

    fn tell(&mut self, fact: Fact) -> Result<(), Fault> {
        match fact {
            Fact::Entered(candidate) => self.roster.enter(candidate),
            Fact::Closed(standings) => self.roster.close(standings),
            Fact::Scored(scores) => self.roster.score(scores),
            Fact::Gone(_) | Fact::Played(_) | Fact::Noted(_) => {}
        }
        Ok(())
    }

    fn next(&mut self) -> Result<Step, Fault> {
        Ok(Step { done: self.roster.is_closed() && self.roster.is_scored(), ..Step::default() })
    }

    /// Ranks the highest score first; equal scores by id. Candidates without a score come last, and the note "unscored"
    /// counts them.
    fn ranking(&self) -> Result<Ranking, Fault> {
        let mut ranked: Vec<(Option<f64>, u32)> =
            self.roster.candidates().map(|one| (self.roster.score_of(one.id), one.id)).collect();
        let value = |score: Option<f64>| score.unwrap_or(f64::NEG_INFINITY);
        ranked.sort_by(|(a, one), (b, other)| value(*b).total_cmp(&value(*a)).then(one.cmp(other)));
        let unscored = ranked.iter().filter(|(score, _)| score.is_none()).count();
        // Every place needs a number: candidates without a score get one below all scores (and below 0).
        let lowest = ranked.iter().filter_map(|(score, _)| *score).fold(0.0, f64::min);
        let places = ranked.iter().map(|(score, id)| Place { id: *id, score: score.unwrap_or(lowest - 1.0) }).collect();
        let notes = if unscored == 0 { vec![] } else { vec![("unscored".to_owned(), unscored.to_string())] };
        Ok(Ranking { places, notes, ..Ranking::default() })
    }
}

rescue_plugin_sdk::export! {
    name: "by-score",
    summary: "Ranks by the scores and plays no match.",
    tournament: ByScore,
}

#[cfg(test)]
mod tests {
    use super::*;
    use rescue_plugin_sdk::{Candidate, Rect, Score};

    fn candidate(id: u32) -> Candidate {
        Candidate {
            id,
            label: String::new(),
            origin: String::new(),
            confidence: None,
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

    fn brief() -> Brief {
        let image = rescue_plugin_sdk::Size { width: 1, height: 1 };
        let (query, settings, context) = (String::new(), String::new(), vec![]);
        Brief { query, image, count: 4, room: 64, settings, seed: 0, context }
    }

    fn terms(scored: bool) -> Terms {
        Terms { smallest: 2, largest: 2, scored, spare: 0, context: vec![] }
    }

    #[test]
    fn the_highest_score_is_first_and_candidates_without_a_score_are_last() {
        let mut tournament = ByScore::start(brief(), terms(true), ()).unwrap();
        for id in [2, 0, 3, 1] {
            tournament.tell(Fact::Entered(candidate(id))).unwrap();
        }
        tournament.tell(Fact::Closed(vec![])).unwrap();
        assert!(!tournament.next().unwrap().done);
        let scores = [(0, 5.0), (1, 9.0), (3, 5.0)].map(|(id, value)| Score { id, value });
        tournament.tell(Fact::Scored(scores.to_vec())).unwrap();
        assert!(tournament.next().unwrap().done);
        let ranking = tournament.ranking().unwrap();
        assert_eq!(
            ranking.places.iter().map(|place| (place.id, place.score)).collect::<Vec<_>>(),
            [(1, 9.0), (0, 5.0), (3, 5.0), (2, -1.0)]
        );
        assert_eq!(ranking.notes, [("unscored".to_owned(), "1".to_owned())]);
    }

    #[test]
    fn it_needs_a_scorer() {
        assert!(ByScore::start(brief(), terms(false), ()).unwrap_err().message.contains("scorer"));
    }
}
