//! A tournament at work on one sample.

use std::sync::Arc;

use wasmtime::component::ResourceAny;

use crate::border::exports::rescue::plugin::tournament::{Fact, Guest, Match, Ranking, Terms};
use crate::border::rescue::plugin::types::Brief;
use crate::error::{Cause, PluginError};
use crate::instance::{Instance, Started};
use crate::kind::Kind;
use crate::plugin::Plugin;
use crate::rules::{Next, TourneyRules};
use crate::sample::Sample;
use crate::state::LogLine;
use crate::trace::Call;

/// A session of a tournament.
pub struct Tourney {
    instance: Instance,
    guest: Guest,
    resource: ResourceAny,
    rules: TourneyRules,
}

/// What a tournament wants, all steps up to the first empty one together. Guesses (`prefetch`) are not in it: they never
/// reach a result.
#[derive(Debug, Default)]
pub struct TourneyPlan {
    /// Matches to be played, in the order asked for.
    pub play: Vec<Match>,
    /// Nothing follows.
    pub done: bool,
}

impl Tourney {
    /// Begins a session.
    pub fn start(plugin: &Plugin, sample: &Arc<Sample>, brief: &Brief, terms: &Terms) -> Result<Self, PluginError> {
        let indices = plugin.loaded.kind(Kind::Tournament, |exports| exports.tournament.as_ref())?;
        let mut instance = Instance::new(&plugin.loaded, Some(Kind::Tournament), Some(sample.clone()))?;
        let guest = instance.export("tourney.start", |store, component| indices.load(store, component))?;
        let Started(resource) = instance.ask(
            || Call::TourneyStart(brief.clone(), terms.clone()),
            "tourney.start",
            |store| Ok(guest.tourney().call_start(store, brief, terms)?.map(Started)),
        )?;
        let rules = TourneyRules::new(brief, terms, instance.limits().clone());
        Ok(Self { instance, guest, resource, rules })
    }

    /// Tells new facts. Outcomes of matches that were cancelled are left out.
    ///
    /// # Errors
    ///
    /// The plugin's, and [`Cause::Host`] after the session's end.
    pub fn tell(&mut self, mut facts: Vec<Fact>) -> Result<(), PluginError> {
        if self.rules.over() {
            return Err(self.instance.is_over("tourney.tell"));
        }
        self.rules.told(&mut facts);
        for fact in &facts {
            if let Fact::Entered(candidate) = fact {
                self.instance.show(candidate.id);
            }
        }
        if facts.is_empty() {
            return Ok(());
        }
        let (guest, resource) = (&self.guest, self.resource);
        self.instance.ask(
            || Call::TourneyTell(facts.clone()),
            "tourney.tell",
            |store| guest.tourney().call_tell(store, resource, &facts),
        )
    }

    /// Asks for steps until one is empty or the last. `owed`: whether facts are still to come that answer none of its matches.
    ///
    /// # Errors
    ///
    /// The plugin's, among them a broken rule, and [`Cause::Host`] after the session's end.
    pub fn plan(&mut self, owed: bool) -> Result<TourneyPlan, PluginError> {
        if self.rules.over() {
            return Err(self.instance.is_over("tourney.next"));
        }
        let mut plan = TourneyPlan::default();
        loop {
            let (guest, resource) = (&self.guest, self.resource);
            let step = self.instance.ask(
                || Call::TourneyNext,
                "tourney.next",
                |store| guest.tourney().call_next(store, resource),
            )?;
            let next = self.rules.step(&step, owed);
            let next = next.map_err(|violation| self.instance.error("tourney.next", Cause::Violation(violation)))?;
            plan.play.extend(step.play);
            if next != Next::More {
                // What was cancelled, and at the end all that is under way, is not played.
                plan.play.retain(|planned| self.rules.wants(planned.id));
                plan.done = next == Next::Over;
                return Ok(plan);
            }
        }
    }

    /// The ranking as things stand: every entered candidate exactly once, best first. May be asked for at any time.
    ///
    /// # Errors
    ///
    /// The plugin's, among them a broken rule.
    pub fn ranking(&mut self) -> Result<Ranking, PluginError> {
        let (guest, resource) = (&self.guest, self.resource);
        let ranking = self.instance.ask(
            || Call::TourneyRanking,
            "tourney.ranking",
            |store| guest.tourney().call_ranking(store, resource),
        )?;
        match self.rules.ranking(&ranking) {
            Ok(()) => Ok(ranking),
            Err(violation) => Err(self.instance.error("tourney.ranking", Cause::Violation(violation))),
        }
    }

    /// What the plugin logged since the last call of this.
    pub fn take_log(&mut self) -> Vec<LogLine> {
        self.instance.take_log()
    }

    /// Fuel used so far.
    pub fn fuel(&self) -> u64 {
        self.instance.fuel()
    }
}
