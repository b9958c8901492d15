//! Plays matches: one judging each, all their questions of a round asked together.

use rescue_plugin::border::exports::rescue::plugin::tournament::{Ending, Match, Outcome};
use rescue_plugin::border::exports::rescue::plugin::verifier::{Contest, Judgement};
use rescue_plugin::border::rescue::plugin::chat::{Answer, Trouble};
use rescue_plugin::border::rescue::plugin::types::{Brief, Candidate};
use rescue_plugin::{Judging, PluginError, Verifier};

use crate::ask::Asker;

struct Playing {
    id: u32,
    judging: Judging,
    calls: u32,
    /// Why a question of the match got no answer in this run.
    absent: Option<String>,
}

/// The outcomes of these matches, in the order given. `brief` is that of one match, `candidate` finds a contestant.
pub(crate) fn play<'a>(
    matches: &[Match],
    verifier: &mut Verifier,
    asker: &mut Asker,
    brief: impl Fn(&Match) -> Brief,
    candidate: impl Fn(u32) -> Option<&'a Candidate>,
    mut played: impl FnMut(),
) -> Result<Vec<Outcome>, PluginError> {
    let mut outcomes: Vec<Outcome> = Vec::new();
    let mut open: Vec<Playing> = Vec::new();
    for wanted in matches {
        let contestants = wanted.lineup.contestants.iter().filter_map(|id| candidate(*id).cloned()).collect();
        let contest = Contest { contestants, repeat: wanted.lineup.repeat };
        let judging = verifier.start(&brief(wanted), &contest)?;
        open.push(Playing { id: wanted.id, judging, calls: 0, absent: None });
    }
    while !open.is_empty() {
        let mut waiting = Vec::new();
        let mut asked = Vec::new();
        for mut playing in open {
            let plan = verifier.plan(&mut playing.judging)?;
            match plan.judgement {
                Some(judgement) => {
                    outcomes.push(Outcome {
                        id: playing.id,
                        calls: playing.calls,
                        ending: ending(judgement, playing.absent),
                    });
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
            let answers = asker.answers(&asked);
            playing.calls = playing.calls.saturating_add(u32::try_from(answers.len()).unwrap_or(u32::MAX));
            playing.absent = playing.absent.take().or_else(|| absent(&answers));
            verifier.tell(&mut playing.judging, answers)?;
        }
        open = waiting;
    }
    // A match that needs more rounds of questions ends later; facts are told in the order in which matches were asked for.
    let place = |id: u32| matches.iter().position(|wanted| wanted.id == id);
    outcomes.sort_by_key(|outcome| place(outcome.id));
    Ok(outcomes)
}

fn absent(answers: &[Answer]) -> Option<String> {
    answers.iter().find_map(|answer| match &answer.outcome {
        Err(failure) if failure.trouble == Trouble::Unavailable => Some(failure.message.clone()),
        _ => None,
    })
}

fn ending(judgement: Judgement, absent: Option<String>) -> Ending {
    match (judgement, absent) {
        (Judgement::Verdict(verdict), _) => Ending::Verdict(verdict),
        (Judgement::Abstained(_), Some(absent)) => Ending::Failed(absent),
        (Judgement::Abstained(why), None) => Ending::Abstained(why),
    }
}
