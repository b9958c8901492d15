//! Plays matches: one judging each, all their questions of a round asked together.

use std::collections::HashMap;

use rescue_plugin::border::exports::rescue::plugin::tournament::{Ending, Match, Outcome};
use rescue_plugin::border::exports::rescue::plugin::verifier::{Contest, Judgement};
use rescue_plugin::border::rescue::plugin::types::{Brief, Candidate};
use rescue_plugin::{Judging, Verifier};

use crate::ask::Asker;
use crate::error::RunError;

struct Playing {
    id: u32,
    judging: Judging,
    calls: u32,
}

/// The outcomes of these matches, in the order given. `brief` is that of one match, `candidate` finds a contestant.
pub(crate) fn play<'a>(
    matches: &[Match],
    verifier: &mut Verifier,
    asker: &mut Asker,
    brief: impl Fn(&Match) -> Brief,
    candidate: impl Fn(u32) -> Option<&'a Candidate>,
    mut played: impl FnMut(),
) -> Result<Vec<Outcome>, RunError> {
    let mut outcomes: Vec<Outcome> = Vec::new();
    let mut open: Vec<Playing> = Vec::new();
    for wanted in matches {
        let contestants = wanted.lineup.contestants.iter().filter_map(|id| candidate(*id).cloned()).collect();
        let contest = Contest { contestants, repeat: wanted.lineup.repeat };
        let judging = verifier.start(&brief(wanted), &contest)?;
        open.push(Playing { id: wanted.id, judging, calls: 0 });
    }
    while !open.is_empty() {
        let mut waiting = Vec::new();
        let mut asked = Vec::new();
        for mut playing in open {
            let plan = verifier.plan(&mut playing.judging)?;
            match plan.judgement {
                Some(judgement) => {
                    let ending = match judgement {
                        Judgement::Verdict(verdict) => Ending::Verdict(verdict),
                        Judgement::Abstained(why) => Ending::Abstained(why),
                    };
                    outcomes.push(Outcome { id: playing.id, calls: playing.calls, ending });
                    verifier.end(playing.judging)?;
                    played();
                }
                None => {
                    asked.push(plan.ask);
                    waiting.push(playing);
                }
            }
        }
        for (playing, asked) in waiting.iter_mut().zip(asked) {
            let answers = asker.answers(&asked)?;
            playing.calls = playing.calls.saturating_add(u32::try_from(answers.len()).unwrap_or(u32::MAX));
            verifier.tell(&mut playing.judging, answers)?;
        }
        open = waiting;
    }
    // A match that needs more rounds of questions ends later; facts are told in the order in which matches were asked for.
    let places: HashMap<u32, usize> = matches.iter().map(|wanted| wanted.id).zip(0..).collect();
    outcomes.sort_by_key(|outcome| places.get(&outcome.id).copied());
    Ok(outcomes)
}
