//! A scorer tries its part.

use serde_json::{Map, Value};

use super::Rehearsal;
use super::arrival::Mail;
use super::usage::{Rounds, Usage};
use crate::border::exports::rescue::plugin::scorer::Fact;
use crate::border::rescue::plugin::chat::Request;
use crate::border::rescue::plugin::types::Score;
use crate::error::PluginError;
use crate::kind::Kind;
use crate::plugin::Plugin;
use crate::scorer::Scoring;

/// What a scorer did.
#[derive(Clone, Debug, PartialEq)]
pub struct ScorerPlay {
    /// Questions, in the order asked.
    pub asked: Vec<Request>,
    /// Its scores, as it gave them.
    pub scores: Vec<Score>,
    /// What it cost.
    pub usage: Usage,
}

impl Rehearsal {
    /// Tries a scorer with these settings.
    pub fn scorer(&self, plugin: &Plugin, settings: &Map<String, Value>) -> Result<ScorerPlay, PluginError> {
        let world = self.world()?;
        let brief = world.brief(plugin, Kind::Scorer, settings, &[])?;
        let mut rounds = Rounds::new(plugin, Kind::Scorer, "scoring.next", self.rounds);
        let mut play = ScorerPlay { asked: Vec::new(), scores: Vec::new(), usage: Usage::default() };
        let mut mail = Mail::new(self.arrival);
        mail.fates(world.candidates().iter().cloned().map(Fact::Entered));
        mail.fates(world.gone().iter().cloned().map(Fact::Gone));
        mail.then([Fact::Closed(world.standings().to_vec())]);
        mail.answers([Fact::Noted(("rehearsal".into(), "a fact that nobody knows".into()))]);
        let mut scoring = Scoring::start(plugin, &world.sample(), &brief)?;
        play.usage.turn(scoring.fuel());
        loop {
            let plan = scoring.plan(mail.owed())?;
            play.usage.turn(scoring.fuel());
            play.usage.hears(&(&plan.ask, &plan.scores));
            if let Some(scores) = plan.scores {
                play.scores = scores;
                play.usage.log = scoring.take_log();
                return Ok(play);
            }
            rounds.asked(plan.ask.len())?;
            mail.answers(world.answers(&plan.ask).into_iter().map(Fact::Answered));
            play.asked.extend(plan.ask);
            let facts = mail.next();
            play.usage.tells(&facts);
            scoring.tell(facts)?;
            play.usage.turn(scoring.fuel());
        }
    }
}
