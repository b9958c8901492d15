//! Plays a scorer.

use serde_json::{Map, Value};

use super::Rehearsal;
use super::fact_queue::FactQueue;
use super::usage::{Rounds, Usage};
use crate::border::exports::rescue::plugin::scorer::Fact;
use crate::border::rescue::plugin::chat::Request;
use crate::border::rescue::plugin::types::Score;
use crate::error::PluginError;
use crate::kind::Kind;
use crate::plugin::Plugin;
use crate::scorer::Scoring;

/// The result of a scorer's play.
#[derive(Clone, Debug, PartialEq)]
pub struct ScorerPlay {
    /// Questions, in the order asked.
    pub asked: Vec<Request>,
    /// The scores, in the order given.
    pub scores: Vec<Score>,
    /// What the play used.
    pub usage: Usage,
}

impl Rehearsal {
    /// Plays a scorer with these settings.
    pub fn scorer(&self, plugin: &Plugin, settings: &Map<String, Value>) -> Result<ScorerPlay, PluginError> {
        let world = self.world()?;
        let brief = world.brief(plugin, Kind::Scorer, settings, &[])?;
        let mut rounds = Rounds::new(plugin, Kind::Scorer, "scoring.next", self.rounds);
        let mut play = ScorerPlay { asked: Vec::new(), scores: Vec::new(), usage: Usage::default() };
        let mut queue = FactQueue::new(self.arrival);
        queue.add_ids(world.candidates().iter().cloned().map(Fact::Entered));
        queue.add_ids(world.gone().iter().cloned().map(Fact::Gone));
        queue.add_after_ids([Fact::Closed(world.standings().to_vec())]);
        queue.add_answers([Fact::Noted(("rehearsal".into(), "a fact that nobody knows".into()))]);
        let mut scoring = Scoring::start(plugin, &world.sample(), &brief)?;
        play.usage.end_turn(scoring.fuel());
        loop {
            let plan = scoring.plan(queue.owed())?;
            play.usage.end_turn(scoring.fuel());
            play.usage.add_plan(&(&plan.ask, &plan.scores));
            if let Some(scores) = plan.scores {
                play.scores = scores;
                play.usage.log = scoring.take_log();
                return Ok(play);
            }
            rounds.asked(plan.ask.len())?;
            queue.add_answers(world.answers(&plan.ask).into_iter().map(Fact::Answered));
            play.asked.extend(plan.ask);
            let facts = queue.next();
            play.usage.add_facts(&facts);
            scoring.tell(facts)?;
            play.usage.end_turn(scoring.fuel());
        }
    }
}
