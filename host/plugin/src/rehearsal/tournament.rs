//! A tournament tries its part.

use serde_json::{Map, Value};

use super::Rehearsal;
use super::arrival::Mail;
use super::usage::{Rounds, Usage};
use crate::border::exports::rescue::plugin::tournament::{Fact, Match, Ranking, Terms};
use crate::error::PluginError;
use crate::kind::Kind;
use crate::plugin::Plugin;
use crate::tournament::Tourney;

/// The most guesses that are wanted. None is played.
const SPARE: u32 = 4;

/// What a tournament did.
#[derive(Clone, Debug, PartialEq)]
pub struct TournamentPlay {
    /// Matches, in the order asked for.
    pub asked: Vec<Match>,
    /// The ranking at the end.
    pub ranking: Ranking,
    /// What it cost.
    pub usage: Usage,
}

impl Rehearsal {
    /// Tries a tournament with these settings.
    pub fn tournament(&self, plugin: &Plugin, settings: &Map<String, Value>) -> Result<TournamentPlay, PluginError> {
        let world = self.world()?;
        let brief = world.brief(plugin, Kind::Tournament, settings, &[])?;
        let (smallest, largest) = self.contestants;
        let terms = Terms { smallest, largest, scored: true, spare: SPARE, context: Vec::new() };
        let mut rounds = Rounds::new(plugin, Kind::Tournament, "tourney.next", self.rounds);
        let (mut asked, mut usage) = (Vec::new(), Usage::default());
        let mut mail = Mail::new(self.arrival);
        mail.fates(world.candidates().iter().cloned().map(Fact::Entered));
        mail.fates(world.gone().iter().cloned().map(Fact::Gone));
        mail.then([Fact::Closed(world.standings().to_vec()), Fact::Scored(world.scores())]);
        mail.answers([Fact::Noted(("rehearsal".into(), "a fact that nobody knows".into()))]);
        let mut tourney = Tourney::start(plugin, &world.sample(), &brief, &terms)?;
        usage.turn(tourney.fuel());
        loop {
            let plan = tourney.plan(mail.owed())?;
            usage.turn(tourney.fuel());
            usage.hears(&plan.play);
            if plan.done {
                break;
            }
            rounds.asked(plan.play.len())?;
            mail.answers(world.outcomes(&plan.play).into_iter().map(Fact::Played));
            asked.extend(plan.play);
            let facts = mail.next();
            usage.tells(&facts);
            tourney.tell(facts)?;
            usage.turn(tourney.fuel());
        }
        let ranking = tourney.ranking()?;
        usage.turn(tourney.fuel());
        usage.hears(&ranking);
        usage.log = tourney.take_log();
        Ok(TournamentPlay { asked, ranking, usage })
    }
}
