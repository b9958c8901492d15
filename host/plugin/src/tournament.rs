//! A tournament's session on one sample.

use std::sync::Arc;

use wasmtime::component::ResourceAny;

use crate::border::exports::rescue::plugin::tournament::{Fact, Guest, Lineup, Match, Ranking, Terms};
use crate::border::rescue::plugin::types::Brief;
use crate::error::{Cause, PluginError};
use crate::instance::{Instance, Started};
use crate::kind::Kind;
use crate::plugin::Plugin;
use crate::rules::{Next, TourneyRules};
use crate::sample::Sample;
use crate::state::LogLine;
use crate::trace::Call;

/// A session of a tournament, in an instance of its own.
pub struct Tourney {
    instance: Instance,
    guest: Guest,
    resource: ResourceAny,
    rules: TourneyRules,
}

/// What a tournament wants: all steps up to the first empty one, put together.
#[derive(Debug, Default)]
pub struct TourneyPlan {
    /// Matches to be played, in the order asked for. Matches that a later step cancelled are left out.
    pub play: Vec<Match>,
    /// Matches that it guesses to want later, likeliest first: those of the last step. They never reach a result.
    pub guesses: Vec<Lineup>,
    /// Whether the session is over.
    pub done: bool,
}

impl Tourney {
    /// Starts a session.
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
    /// The plugin's, and [`Cause::Host`] if the session is over.
    pub fn tell(&mut self, mut facts: Vec<Fact>) -> Result<(), PluginError> {
        let Self { instance, guest, resource, rules } = self;
        instance.ensure_open(rules.over(), "tourney.tell")?;
        rules.told(&mut facts);
        instance.show_only(rules.visible());
        instance.tell(&facts, Call::TourneyTell, |store| guest.tourney().call_tell(store, *resource, &facts))
    }

    /// Asks for steps until one is empty or the last. `owed`: whether facts other than outcomes of its matches are still to
    /// come.
    ///
    /// # Errors
    ///
    /// The plugin's, among them a broken rule, and [`Cause::Host`] if the session is over.
    pub fn plan(&mut self, owed: bool) -> Result<TourneyPlan, PluginError> {
        let Self { instance, guest, resource, rules } = self;
        instance.ensure_open(rules.over(), "tourney.next")?;
        let mut plan = TourneyPlan::default();
        let call = |store: &mut _| guest.tourney().call_next(store, *resource);
        let last = instance.steps(
            || Call::TourneyNext,
            call,
            |step| {
                let next = rules.step(&step, owed)?;
                plan.play.extend(step.play);
                plan.guesses = step.prefetch;
                Ok(next)
            },
        )?;
        // Cancelled matches are not played. The end of the session cancels all that are under way.
        plan.play.retain(|planned| rules.wants(planned.id));
        plan.done = last == Next::Over;
        Ok(plan)
    }

    /// Asks for the ranking of the candidates so far: every entered candidate exactly once, best first. May be called at any
    /// time.
    ///
    /// # Errors
    ///
    /// The plugin's, among them a broken rule.
    pub fn ranking(&mut self) -> Result<Ranking, PluginError> {
        let Self { instance, guest, resource, rules } = self;
        let call = |store: &mut _| guest.tourney().call_ranking(store, *resource);
        let ranking = instance.ask(|| Call::TourneyRanking, "tourney.ranking", call)?;
        match rules.ranking(&ranking) {
            Ok(()) => Ok(ranking),
            Err(violation) => Err(instance.error("tourney.ranking", Cause::Violation(violation))),
        }
    }

    /// Takes the lines that the plugin has logged since the last call of this function.
    pub fn take_log(&mut self) -> Vec<LogLine> {
        self.instance.take_log()
    }

    /// Fuel used so far, by instantiation and all calls, in wasmtime's units.
    pub fn fuel(&self) -> u64 {
        self.instance.fuel()
    }
}
