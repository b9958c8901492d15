//! Plays matches: one judging each, all their questions of a round asked together.

use std::collections::HashMap;

use rescue_plugin::border::exports::rescue::plugin::tournament::{Ending, Match, Outcome};
use rescue_plugin::border::exports::rescue::plugin::verifier::{Contest, Judgement};
use rescue_plugin::border::rescue::plugin::types::{Brief, Candidate};
use rescue_plugin::{Judging, Kind, Verifier};

use crate::ask::{Asker, SessionRequests};
use crate::error::RunError;
use crate::progress::Progress;

struct OpenMatch {
    id: u32,
    judging: Judging,
    repeat: u32,
    calls: u32,
    /// A question of it that has no answer in this run.
    absent: Option<String>,
}

/// The outcomes of these matches, in the order given. `brief` is that of one match, `candidate` finds a contestant.
pub(crate) fn play<'a>(
    matches: &[Match],
    verifier: &mut Verifier,
    asker: &mut Asker,
    brief: impl Fn(&Match) -> Brief,
    candidate: impl Fn(u32) -> Option<&'a Candidate>,
    progress: &mut dyn FnMut(Progress),
) -> Result<Vec<Outcome>, RunError> {
    let mut outcomes: Vec<Outcome> = Vec::new();
    let mut open: Vec<OpenMatch> = Vec::new();
    for wanted in matches {
        let contestants = wanted.lineup.contestants.iter().filter_map(|id| candidate(*id).cloned()).collect();
        let contest = Contest { contestants, repeat: wanted.lineup.repeat };
        let judging = verifier.start(&brief(wanted), &contest)?;
        open.push(OpenMatch { id: wanted.id, judging, repeat: wanted.lineup.repeat, calls: 0, absent: None });
    }
    while !open.is_empty() {
        let mut waiting = Vec::new();
        let mut asked = Vec::new();
        for mut open_match in open {
            let plan = verifier.plan(&mut open_match.judging)?;
            match plan.judgement {
                Some(judgement) => {
                    let ending = match judgement {
                        Judgement::Verdict(verdict) => Ending::Verdict(verdict),
                        // It could not judge for want of an answer: that is no opinion.
                        Judgement::Abstained(why) => open_match.absent.map_or(Ending::Abstained(why), Ending::Failed),
                    };
                    outcomes.push(Outcome { id: open_match.id, calls: open_match.calls, ending });
                    verifier.end(open_match.judging)?;
                    progress(Progress::Played);
                }
                None => {
                    asked.push(SessionRequests {
                        kind: Kind::Verifier,
                        match_repeat: open_match.repeat,
                        requests: plan.ask,
                    });
                    waiting.push(open_match);
                }
            }
        }
        let answered = if asked.is_empty() { Vec::new() } else { asker.answers(&asked, progress)? };
        for (open_match, answered) in waiting.iter_mut().zip(answered) {
            let count = u32::try_from(answered.answers.len()).unwrap_or(u32::MAX);
            open_match.calls = open_match.calls.saturating_add(count);
            open_match.absent = open_match.absent.take().or(answered.absent);
            verifier.tell(&mut open_match.judging, answered.answers)?;
        }
        open = waiting;
    }
    // A match that needs more rounds of questions ends later; facts are told in the order in which matches were asked for.
    let places: HashMap<u32, usize> = matches.iter().map(|wanted| wanted.id).zip(0..).collect();
    outcomes.sort_by_key(|outcome| places.get(&outcome.id).copied());
    Ok(outcomes)
}
