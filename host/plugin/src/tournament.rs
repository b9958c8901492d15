//! A tournament at work on one sample.

use std::collections::BTreeSet;
use std::sync::Arc;

use wasmtime::component::ResourceAny;

use crate::border::exports::rescue::plugin::tournament::{Fact, Guest, GuestIndices, Match, Ranking, Step, Terms};
use crate::border::rescue::plugin::types::Brief;
use crate::error::{Cause, PluginError};
use crate::instance::Instance;
use crate::kind::Kind;
use crate::plugin::Plugin;
use crate::rules::{self, Entries, Violation};
use crate::sample::Sample;
use crate::state::LogLine;

/// A session of a tournament.
pub struct Tourney {
    instance: Instance,
    guest: Guest,
    resource: ResourceAny,
    terms: Terms,
    entries: Entries,
    entered: BTreeSet<u32>,
    matches: BTreeSet<u32>,
    under_way: BTreeSet<u32>,
    lineups: BTreeSet<(Vec<u32>, u32)>,
    done: bool,
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
    pub fn start(plugin: &Plugin, sample: &Arc<Sample>, brief: &Brief, terms: Terms) -> Result<Self, PluginError> {
        plugin.offer(Kind::Tournament)?;
        let mut instance = Instance::new(&plugin.loaded, Some(Kind::Tournament), Some(sample.clone()))?;
        let component = instance.component;
        let (guest, resource) = instance.ask("tourney.start", |store| {
            let guest = GuestIndices::new(&component.instance_pre(&*store))?.load(&mut *store, &component)?;
            let started = guest.tourney().call_start(store, brief, &terms)?;
            Ok(started.map(|resource| (guest, resource)))
        })?;
        let entries = Entries::new(brief.room, instance.limits());
        Ok(Self {
            instance,
            guest,
            resource,
            terms,
            entries,
            entered: BTreeSet::new(),
            matches: BTreeSet::new(),
            under_way: BTreeSet::new(),
            lineups: BTreeSet::new(),
            done: false,
        })
    }

    /// Tells new facts. Outcomes of matches that were cancelled are left out.
    pub fn tell(&mut self, mut facts: Vec<Fact>) -> Result<(), PluginError> {
        facts.retain(|fact| match fact {
            Fact::Played(outcome) => self.under_way.remove(&outcome.id),
            _ => true,
        });
        for fact in &facts {
            if let Fact::Entered(candidate) = fact {
                self.entered.insert(candidate.id);
                self.instance.told_of(candidate.id);
            }
        }
        if facts.is_empty() {
            return Ok(());
        }
        let (guest, resource) = (&self.guest, self.resource);
        self.instance.ask("tourney.tell", |store| guest.tourney().call_tell(store, resource, &facts))
    }

    /// Asks for steps until one is empty. `owed`: whether facts are still to come that answer none of its matches.
    pub fn plan(&mut self, owed: bool) -> Result<TourneyPlan, PluginError> {
        let mut plan = TourneyPlan::default();
        while !self.done {
            let (guest, resource) = (&self.guest, self.resource);
            let step = self.instance.ask("tourney.next", |store| guest.tourney().call_next(store, resource))?;
            let empty = step.play.is_empty() && step.cancel.is_empty();
            self.check(&step).map_err(|violation| self.broken("tourney.next", violation))?;
            plan.play.retain(|planned| !step.cancel.contains(&planned.id));
            plan.play.extend(step.play);
            self.done = step.done;
            if empty && !self.done {
                if self.under_way.is_empty() && !owed {
                    return Err(self.broken("tourney.next", Violation::Stalled));
                }
                break;
            }
        }
        plan.done = self.done;
        if self.done {
            // What is still under way when a session ends is cancelled.
            plan.play.clear();
            self.under_way.clear();
        }
        Ok(plan)
    }

    fn check(&mut self, step: &Step) -> Result<(), Violation> {
        self.entries.count(step.play.len() + step.cancel.len() + step.prefetch.len())?;
        for played in &step.play {
            let (id, lineup) = (played.id, &played.lineup);
            if !self.matches.insert(id) {
                return Err(Violation::MatchTwice(id));
            }
            let contestants = lineup.contestants.len();
            let (smallest, largest) = (self.terms.smallest, self.terms.largest);
            if contestants < smallest as usize || contestants > largest as usize {
                return Err(Violation::Contestants { id, contestants, smallest, largest });
            }
            distinct("a match", &lineup.contestants, &self.entered)?;
            if !self.lineups.insert((lineup.contestants.clone(), lineup.repeat)) {
                return Err(Violation::MatchRepeated(id));
            }
            self.under_way.insert(id);
        }
        for id in &step.cancel {
            if !self.matches.contains(id) {
                return Err(Violation::UnknownCancel(*id));
            }
            self.under_way.remove(id);
        }
        step.prefetch.iter().try_for_each(|lineup| distinct("a prefetch", &lineup.contestants, &self.entered))
    }

    /// The ranking as things stand: every entered candidate exactly once, best first.
    pub fn ranking(&mut self) -> Result<Ranking, PluginError> {
        let (guest, resource) = (&self.guest, self.resource);
        let ranking = self.instance.ask("tourney.ranking", |store| guest.tourney().call_ranking(store, resource))?;
        match self.check_ranking(&ranking) {
            Ok(()) => Ok(ranking),
            Err(violation) => Err(self.broken("tourney.ranking", violation)),
        }
    }

    fn check_ranking(&self, ranking: &Ranking) -> Result<(), Violation> {
        let ids: Vec<u32> = ranking.places.iter().map(|place| place.id).collect();
        distinct("the ranking", &ids, &self.entered)?;
        if let Some(&id) = self.entered.iter().find(|id| !ids.contains(id)) {
            return Err(Violation::CandidateMissing { what: "the ranking", id });
        }
        let mut last = f64::INFINITY;
        for place in &ranking.places {
            rules::finite("a place's score", place.score)?;
            if place.score > last {
                return Err(Violation::Rising(place.id));
            }
            last = place.score;
        }
        rules::unit("the ranking's no-target", ranking.no_target)?;
        match ranking.answer.as_deref() {
            Some([]) => Err(Violation::EmptyAnswer),
            Some(answer) => distinct("the ranking's answer", answer, &self.entered),
            None => Ok(()),
        }
    }

    fn broken(&mut self, function: &'static str, violation: Violation) -> PluginError {
        self.instance.error(function, Cause::Violation(violation))
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

/// All entered, none twice.
fn distinct(what: &'static str, ids: &[u32], entered: &BTreeSet<u32>) -> Result<(), Violation> {
    let mut seen = BTreeSet::new();
    for &id in ids {
        if !entered.contains(&id) {
            return Err(Violation::UnknownCandidate { what, id });
        }
        if !seen.insert(id) {
            return Err(Violation::CandidateTwice { what, id });
        }
    }
    Ok(())
}
