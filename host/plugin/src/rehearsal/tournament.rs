//! Plays a tournament.

use serde_json::{Map, Value};

use super::Rehearsal;
use super::fact_queue::FactQueue;
use super::usage::{Rounds, Usage};
use crate::border::exports::rescue::plugin::tournament::{Fact, Match, Ranking, Terms};
use crate::error::PluginError;
use crate::kind::Kind;
use crate::plugin::Plugin;
use crate::tournament::Tourney;

/// The most guesses (`prefetch`) in one step. No guess is played.
const SPARE: u32 = 4;

/// The result of a tournament's play.
#[derive(Clone, Debug, PartialEq)]
pub struct TournamentPlay {
    /// Matches, in the order asked for.
    pub asked: Vec<Match>,
    /// The ranking at the end.
    pub ranking: Ranking,
    /// What the play used.
    pub usage: Usage,
}

impl Rehearsal {
    /// Plays a tournament with these settings.
    pub fn tournament(&self, plugin: &Plugin, settings: &Map<String, Value>) -> Result<TournamentPlay, PluginError> {
        let world = self.world()?;
        let brief = world.brief(plugin, Kind::Tournament, settings, &[])?;
        let (smallest, largest) = self.contestants;
        let terms = Terms { smallest, largest, scored: true, spare: SPARE, context: Vec::new() };
        let mut rounds = Rounds::new(plugin, Kind::Tournament, "tourney.next", self.rounds);
        let (mut asked, mut usage) = (Vec::new(), Usage::default());
        let mut queue = FactQueue::new(self.arrival);
        queue.add_ids(world.candidates().iter().cloned().map(Fact::Entered));
        queue.add_ids(world.gone().iter().cloned().map(Fact::Gone));
        queue.add_after_ids([Fact::Closed(world.standings().to_vec()), Fact::Scored(world.scores())]);
        queue.add_answers([Fact::Noted(("rehearsal".into(), "a fact that nobody knows".into()))]);
        let mut tourney = Tourney::start(plugin, &world.sample(), &brief, &terms)?;
        usage.end_turn(tourney.fuel());
        loop {
            let plan = tourney.plan(queue.owed())?;
            usage.end_turn(tourney.fuel());
            usage.add_plan(&plan.play);
            if plan.done {
                break;
            }
            rounds.asked(plan.play.len())?;
            queue.add_answers(world.outcomes(&plan.play).into_iter().map(Fact::Played));
            asked.extend(plan.play);
            let facts = queue.next();
            usage.add_facts(&facts);
            tourney.tell(facts)?;
            usage.end_turn(tourney.fuel());
        }
        let ranking = tourney.ranking()?;
        usage.end_turn(tourney.fuel());
        usage.add_plan(&ranking);
        usage.log = tourney.take_log();
        Ok(TournamentPlay { asked, ranking, usage })
    }
}
