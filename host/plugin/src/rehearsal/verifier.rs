//! A verifier tries its part.

use serde_json::{Map, Value};

use super::arrival::Mail;
use super::dice::Dice;
use super::usage::{Rounds, Usage};
use super::world::World;
use super::{Arrival, Rehearsal};
use crate::border::exports::rescue::plugin::verifier::{Contest, Judgement};
use crate::border::rescue::plugin::chat::{Answer, Request};
use crate::border::rescue::plugin::types::Brief;
use crate::error::PluginError;
use crate::kind::Kind;
use crate::plugin::Plugin;
use crate::verifier::{Judging, Verifier};

/// What a verifier did.
#[derive(Clone, Debug, PartialEq)]
pub struct VerifierPlay {
    /// Its matches, always in the same order.
    pub judged: Vec<Judged>,
    /// What they cost together.
    pub usage: Usage,
}

/// One match and its judgement.
#[derive(Clone, Debug, PartialEq)]
pub struct Judged {
    /// Who was shown, in this order.
    pub contestants: Vec<u32>,
    /// Which repeat it was.
    pub repeat: u32,
    /// Questions, in the order asked.
    pub asked: Vec<Request>,
    /// What came of it.
    pub judgement: Judgement,
}

/// A match under way.
struct Open {
    place: usize,
    contest: Contest,
    judging: Judging,
    mail: Mail<Answer>,
    asked: Vec<Request>,
}

impl Rehearsal {
    /// Tries a verifier with these settings: matches of the sizes that it takes, in both orders and once more, all open in one
    /// instance. In the canonical order they go on together, round by round; otherwise as it happens.
    pub fn verifier(&self, plugin: &Plugin, settings: &Map<String, Value>) -> Result<VerifierPlay, PluginError> {
        let world = self.world()?;
        let contests = contests(&world, plugin.offer(Kind::Verifier)?.contestants);
        let mut rounds = Rounds::new(plugin, Kind::Verifier, "judging.next", self.rounds);
        let mut usage = Usage::default();
        let mut verifier = Verifier::new(plugin, &world.sample())?;
        let mut order: Vec<usize> = (0..contests.len()).collect();
        let mut dice = match self.arrival {
            Arrival::Canonical => None,
            Arrival::Shuffled(seed) => Some(Dice::new(seed, "matches", &[])),
        };
        if let Some(dice) = &mut dice {
            dice.shuffle(&mut order);
        }
        let mut open = Vec::new();
        for place in order {
            let Some(contest) = contests.get(place).cloned() else { continue };
            let brief = brief(&world, plugin, settings, &contest)?;
            let judging = verifier.start(&brief, &contest)?;
            usage.turn(verifier.fuel());
            usage.tells(&contest);
            open.push(Open { place, contest, judging, mail: Mail::new(self.arrival), asked: Vec::new() });
        }
        let mut judged = Vec::new();
        let mut turn = 0;
        while !open.is_empty() {
            // One after the other, or any.
            let at = dice.as_mut().map_or(turn, |dice| dice.below(open.len())) % open.len();
            let mut one = open.remove(at);
            let answers = one.mail.next();
            if !answers.is_empty() {
                usage.tells(&answers);
                verifier.tell(&mut one.judging, answers)?;
                usage.turn(verifier.fuel());
            }
            let plan = verifier.plan(&mut one.judging)?;
            usage.turn(verifier.fuel());
            usage.hears(&(&plan.ask, &plan.judgement));
            if let Some(judgement) = plan.judgement {
                verifier.end(one.judging)?;
                let contestants = one.contest.contestants.iter().map(|candidate| candidate.id).collect();
                let ended = Judged { contestants, repeat: one.contest.repeat, asked: one.asked, judgement };
                judged.push((one.place, ended));
                turn = at;
                continue;
            }
            rounds.asked(plan.ask.len())?;
            one.mail.answers(world.answers(&plan.ask));
            one.asked.extend(plan.ask);
            open.insert(at, one);
            turn = at + 1;
        }
        judged.sort_by_key(|(place, _)| *place);
        usage.log = verifier.take_log();
        Ok(VerifierPlay { judged: judged.into_iter().map(|(_, judged)| judged).collect(), usage })
    }
}

/// The smallest and the largest size that it takes, the next above the smallest, and one between.
fn contests(world: &World, (smallest, largest): (u32, u32)) -> Vec<Contest> {
    let candidates = world.candidates();
    let largest = (largest as usize).min(candidates.len());
    let smallest = smallest as usize;
    let mut sizes = vec![smallest, smallest + 1, smallest.midpoint(largest), largest];
    sizes.retain(|size| (smallest..=largest).contains(size));
    sizes.sort_unstable();
    sizes.dedup();
    let mut contests = Vec::new();
    for size in sizes {
        let shown: Vec<_> = candidates.iter().cycle().skip(size).take(size).cloned().collect();
        let turned = shown.iter().rev().cloned().collect();
        contests.push(Contest { contestants: shown.clone(), repeat: 0 });
        contests.push(Contest { contestants: shown, repeat: 1 });
        if size > 1 {
            contests.push(Contest { contestants: turned, repeat: 0 });
        }
    }
    contests
}

fn brief(
    world: &World,
    plugin: &Plugin,
    settings: &Map<String, Value>,
    contest: &Contest,
) -> Result<Brief, PluginError> {
    let ids = contest.contestants.iter().map(|candidate| candidate.id);
    let words: Vec<u8> = ids.chain([contest.repeat]).flat_map(|number| number.to_le_bytes()).collect();
    world.brief(plugin, Kind::Verifier, settings, &words)
}
