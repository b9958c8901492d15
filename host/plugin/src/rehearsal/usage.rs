//! Counts what a play uses, and limits how long it may last.

use serde::Serialize;

use crate::error::{Cause, PluginError};
use crate::kind::Kind;
use crate::plugin::Plugin;
use crate::rules::Violation;
use crate::state::LogLine;

/// What a play used. A turn is one call of `start` or `tell`, or all calls of `next` up to the empty step.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Usage {
    /// Number of turns.
    pub turns: u32,
    /// Fuel of all turns and of instantiation.
    pub fuel: u64,
    /// The most fuel of one turn, and so an upper bound for one call.
    pub most_fuel: u64,
    /// Bytes of all facts told, as JSON.
    pub told: u64,
    /// The most bytes of facts told in one turn, as JSON.
    pub most_told: u64,
    /// Bytes of all plans, as JSON.
    pub planned: u64,
    /// The most bytes planned in one turn, as JSON.
    pub most_planned: u64,
    /// The lines that the plugin logged. They are not serialized.
    #[serde(skip)]
    pub log: Vec<LogLine>,
}

impl Usage {
    /// Counts a turn that has ended. `fuel`: what the instance has used so far.
    pub(crate) fn end_turn(&mut self, fuel: u64) {
        self.turns = self.turns.saturating_add(1);
        self.most_fuel = self.most_fuel.max(fuel.saturating_sub(self.fuel));
        self.fuel = fuel;
    }

    /// Counts facts that are told together.
    pub(crate) fn add_facts(&mut self, facts: &impl Serialize) {
        let bytes = bytes(facts);
        self.told = self.told.saturating_add(bytes);
        self.most_told = self.most_told.max(bytes);
    }

    /// Counts the plan of one turn.
    pub(crate) fn add_plan(&mut self, plan: &impl Serialize) {
        let bytes = bytes(plan);
        self.planned = self.planned.saturating_add(bytes);
        self.most_planned = self.most_planned.max(bytes);
    }
}

fn bytes(value: &impl Serialize) -> u64 {
    // The border's types always have a JSON form.
    serde_json::to_vec(value).map_or(0, |json| json.len() as u64)
}

/// Limits how often a session may ask for something.
pub(crate) struct Rounds<'a> {
    plugin: &'a Plugin,
    kind: Kind,
    function: &'static str,
    most: usize,
    left: usize,
}

impl<'a> Rounds<'a> {
    pub(crate) fn new(plugin: &'a Plugin, kind: Kind, function: &'static str, most: usize) -> Self {
        Self { plugin, kind, function, most, left: most }
    }

    /// Counts a round in which the session asked for this many things. Fails if it was one round too many.
    pub(crate) fn asked(&mut self, entries: usize) -> Result<(), PluginError> {
        if entries == 0 {
            return Ok(());
        }
        match self.left.checked_sub(1) {
            Some(left) => {
                self.left = left;
                Ok(())
            }
            // Every round had at least one entry, so the session had more than `most` entries.
            None => Err(self.plugin.loaded.error(
                Some(self.kind),
                self.function,
                Cause::Violation(Violation::Endless(self.most)),
            )),
        }
    }
}
