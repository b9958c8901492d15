//! Plays a verifier.

use serde_json::{Map, Value};

use super::fact_queue::FactQueue;
use super::random::Random;
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

/// The result of a verifier's play.
#[derive(Clone, Debug, PartialEq)]
pub struct VerifierPlay {
    /// Its matches, in an order that does not depend on the order of arrival.
    pub judged: Vec<Judged>,
    /// What they used together.
    pub usage: Usage,
}

/// One match and its judgement.
#[derive(Clone, Debug, PartialEq)]
pub struct Judged {
    /// The ids of the contestants, in the order shown.
    pub contestants: Vec<u32>,
    /// The repeat index of the match.
    pub repeat: u32,
    /// Questions, in the order asked.
    pub asked: Vec<Request>,
    /// The judgement.
    pub judgement: Judgement,
}

/// A match under way.
struct Open {
    /// Its index in the list of matches.
    index: usize,
    contest: Contest,
    judging: Judging,
    queue: FactQueue<Answer>,
    asked: Vec<Request>,
}

impl Rehearsal {
    /// Plays a verifier with these settings. It judges matches of some of the sizes that it takes, each in both orders and with
    /// another repeat. All sessions are open in one instance. In the canonical order they take turns; otherwise the next one is
    /// drawn at random.
    pub fn verifier(&self, plugin: &Plugin, settings: &Map<String, Value>) -> Result<VerifierPlay, PluginError> {
        let world = self.world()?;
        let contests = contests(&world, plugin.offer(Kind::Verifier)?.contestants);
        let mut rounds = Rounds::new(plugin, Kind::Verifier, "judging.next", self.rounds);
        let mut usage = Usage::default();
        let mut verifier = Verifier::new(plugin, &world.sample())?;
        let mut order: Vec<usize> = (0..contests.len()).collect();
        let mut random = match self.arrival {
            Arrival::Canonical => None,
            Arrival::Shuffled(seed) => Some(Random::new(seed, "matches", &[])),
        };
        if let Some(random) = &mut random {
            random.shuffle(&mut order);
        }
        let mut open = Vec::new();
        for index in order {
            let Some(contest) = contests.get(index).cloned() else { continue };
            let brief = brief(&world, plugin, settings, &contest)?;
            let judging = verifier.start(&brief, &contest)?;
            usage.end_turn(verifier.fuel());
            usage.add_facts(&contest);
            open.push(Open { index, contest, judging, queue: FactQueue::new(self.arrival), asked: Vec::new() });
        }
        let mut judged = Vec::new();
        let mut turn = 0;
        while !open.is_empty() {
            let at = random.as_mut().map_or(turn, |random| random.below(open.len())) % open.len();
            let mut one = open.remove(at);
            let answers = one.queue.next();
            if !answers.is_empty() {
                usage.add_facts(&answers);
                verifier.tell(&mut one.judging, answers)?;
                usage.end_turn(verifier.fuel());
            }
            let plan = verifier.plan(&mut one.judging)?;
            usage.end_turn(verifier.fuel());
            usage.add_plan(&(&plan.ask, &plan.judgement));
            if let Some(judgement) = plan.judgement {
                verifier.end(one.judging)?;
                let contestants = one.contest.contestants.iter().map(|candidate| candidate.id).collect();
                let ended = Judged { contestants, repeat: one.contest.repeat, asked: one.asked, judgement };
                judged.push((one.index, ended));
                turn = at;
                continue;
            }
            rounds.asked(plan.ask.len())?;
            one.queue.add_answers(world.answers(&plan.ask));
            one.asked.extend(plan.ask);
            open.insert(at, one);
            turn = at + 1;
        }
        judged.sort_by_key(|(index, _)| *index);
        usage.log = verifier.take_log();
        Ok(VerifierPlay { judged: judged.into_iter().map(|(_, judged)| judged).collect(), usage })
    }
}

/// Matches of the smallest and the largest size that the verifier takes, of the next above the smallest, and of one in the middle.
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

/// The brief for one match. Its seed depends on the contestants and the repeat.
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
