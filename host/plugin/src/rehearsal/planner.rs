//! Plays a planner.

use std::collections::BTreeMap;
use std::sync::Arc;

use rescue_mask::CompactMask;
use serde_json::{Map, Value};

use super::Rehearsal;
use super::fact_queue::FactQueue;
use super::usage::{Rounds, Usage};
use super::world::World;
use crate::border::exports::rescue::plugin::planner::{Fact, Proposal};
use crate::border::rescue::plugin::chat::Request;
use crate::border::rescue::plugin::types::{Cause, Gone};
use crate::error::PluginError;
use crate::kind::Kind;
use crate::planner::Planning;
use crate::plugin::Plugin;
use crate::sample::Sample;

/// The result of a planner's play.
#[derive(Clone, Debug, PartialEq)]
pub struct PlannerPlay {
    /// Questions, in the order asked.
    pub asked: Vec<Request>,
    /// Proposals, in the order made.
    pub proposed: Vec<Proposal>,
    /// What the play used.
    pub usage: Usage,
}

impl Rehearsal {
    /// Plays a planner with these settings. Its proposals become masks. If its offer needs "feedback", it is told what became of
    /// them.
    pub fn planner(&self, plugin: &Plugin, settings: &Map<String, Value>) -> Result<PlannerPlay, PluginError> {
        let world = self.world()?;
        let feedback = plugin.offer(Kind::Planner)?.needs.iter().any(|need| need == "feedback");
        let brief = world.brief(plugin, Kind::Planner, settings, &[])?;
        let sample = world.bare();
        let mut rounds = Rounds::new(plugin, Kind::Planner, "planning.next", self.rounds);
        let mut play = PlannerPlay { asked: Vec::new(), proposed: Vec::new(), usage: Usage::default() };
        let mut masks = BTreeMap::new();
        let mut queue = FactQueue::new(self.arrival);
        queue.add_answers([Fact::Noted(("rehearsal".into(), "a fact that nobody knows".into()))]);
        let mut planning = Planning::start(plugin, &sample, &brief)?;
        play.usage.end_turn(planning.fuel());
        loop {
            let plan = planning.plan(feedback)?;
            play.usage.end_turn(planning.fuel());
            play.usage.add_plan(&(&plan.ask, &plan.propose));
            let results = world.results(&plan.propose, &mut masks, &sample);
            queue.add_answers(world.answers(&plan.ask).into_iter().map(Fact::Answered));
            rounds.asked(plan.ask.len() + plan.propose.len())?;
            play.asked.extend(plan.ask);
            play.proposed.extend(plan.propose);
            if plan.done {
                play.usage.log = planning.take_log();
                return Ok(play);
            }
            let mut facts = queue.next();
            if feedback {
                // As in a run, what became of proposals is told in the next `tell`; only the order may vary.
                facts.extend(results);
                facts = queue.reordered(facts);
            }
            play.usage.add_facts(&facts);
            planning.tell(facts)?;
            play.usage.end_turn(planning.fuel());
        }
    }
}

impl World {
    /// What becomes of these proposals, in the order of ids. The masks are added to `masks` and to the sample.
    fn results(
        &self,
        proposals: &[Proposal],
        masks: &mut BTreeMap<u32, Arc<CompactMask>>,
        sample: &Sample,
    ) -> Vec<Fact> {
        let mut results = BTreeMap::new();
        for proposal in proposals {
            let (id, made) = match proposal {
                Proposal::Hypothesis(hypothesis) => {
                    (hypothesis.id, self.make(hypothesis.clone(), masks).map_err(Cause::Lost))
                }
                Proposal::NoTarget(blank) => (blank.id, Err(Cause::NoTarget(blank.why.clone()))),
                Proposal::Skipped(blank) => (blank.id, Err(Cause::Lost(blank.why.clone()))),
            };
            let result = match made {
                Ok(made) => {
                    masks.insert(id, made.mask.clone());
                    sample.enter(id, made.mask, made.reasoning);
                    Fact::Entered(made.candidate)
                }
                Err(why) => Fact::Gone(Gone { id, why }),
            };
            results.insert(id, result);
        }
        results.into_values().collect()
    }
}
