//! A planner tries its part.

use std::collections::BTreeMap;
use std::sync::Arc;

use rescue_mask::Mask;
use serde_json::{Map, Value};

use super::Rehearsal;
use super::arrival::Mail;
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

/// What a planner did.
#[derive(Clone, Debug, PartialEq)]
pub struct PlannerPlay {
    /// Questions, in the order asked.
    pub asked: Vec<Request>,
    /// Proposals, in the order made.
    pub proposed: Vec<Proposal>,
    /// What it cost.
    pub usage: Usage,
}

impl Rehearsal {
    /// Tries a planner with these settings. Its proposals become masks; it is told of their fates where it needs "feedback".
    pub fn planner(&self, plugin: &Plugin, settings: &Map<String, Value>) -> Result<PlannerPlay, PluginError> {
        let world = self.world()?;
        let feedback = plugin.offer(Kind::Planner)?.needs.iter().any(|need| need == "feedback");
        let brief = world.brief(plugin, Kind::Planner, settings, &[])?;
        let sample = world.bare();
        let mut rounds = Rounds::new(plugin, Kind::Planner, "planning.next", self.rounds);
        let mut play = PlannerPlay { asked: Vec::new(), proposed: Vec::new(), usage: Usage::default() };
        let mut masks = BTreeMap::new();
        let mut mail = Mail::new(self.arrival);
        mail.answers([Fact::Noted(("rehearsal".into(), "a fact that nobody knows".into()))]);
        let mut planning = Planning::start(plugin, &sample, &brief)?;
        play.usage.turn(planning.fuel());
        loop {
            let plan = planning.plan(feedback)?;
            play.usage.turn(planning.fuel());
            play.usage.hears(&(&plan.ask, &plan.propose));
            let fates = world.fates(&plan.propose, &mut masks, &sample);
            mail.answers(world.answers(&plan.ask).into_iter().map(Fact::Answered));
            rounds.asked(plan.ask.len() + plan.propose.len())?;
            play.asked.extend(plan.ask);
            play.proposed.extend(plan.propose);
            if plan.done {
                play.usage.log = planning.take_log();
                return Ok(play);
            }
            let mut facts = mail.next();
            if feedback {
                // A session cannot say that fates are owed from an earlier round, so they are told in the next.
                facts.extend(fates);
                facts = mail.mixed(facts);
            }
            play.usage.tells(&facts);
            planning.tell(facts)?;
            play.usage.turn(planning.fuel());
        }
    }
}

impl World {
    /// What becomes of these proposals, in the order of ids. Their masks can be looked up from now on.
    fn fates(&self, proposals: &[Proposal], masks: &mut BTreeMap<u32, Arc<Mask>>, sample: &Sample) -> Vec<Fact> {
        let mut fates = BTreeMap::new();
        for proposal in proposals {
            let (id, made) = match proposal {
                Proposal::Hypothesis(hypothesis) => {
                    (hypothesis.id, self.make(hypothesis.clone(), masks).map_err(Cause::Lost))
                }
                Proposal::NoTarget(blank) => (blank.id, Err(Cause::NoTarget(blank.why.clone()))),
                Proposal::Skipped(blank) => (blank.id, Err(Cause::Lost(blank.why.clone()))),
            };
            let fate = match made {
                Ok(made) => {
                    masks.insert(id, made.mask.clone());
                    sample.enter(id, made.mask, made.reasoning);
                    Fact::Entered(made.candidate)
                }
                Err(why) => Fact::Gone(Gone { id, why }),
            };
            fates.insert(id, fate);
        }
        fates.into_values().collect()
    }
}
