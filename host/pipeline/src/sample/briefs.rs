//! What sessions are told of their sample when they start.

use std::time::Instant;

use rescue_plugin::Kind;
use rescue_plugin::border::exports::rescue::plugin::tournament::Lineup;
use rescue_plugin::border::rescue::plugin::types::Brief;

use super::Sample;
use super::options::Options;
use crate::plugins::{ConfiguredPlugin, PluginSet};

/// Makes the briefs of the sessions of one sample.
#[derive(Clone, Copy)]
pub(super) struct Briefs<'a> {
    pub(super) plugins: &'a PluginSet,
    pub(super) sample: &'a Sample,
    /// The sample's name, for those who watch.
    pub(super) name: &'a str,
    /// When the search began.
    pub(super) begun: Instant,
    /// The query without white space around it.
    pub(super) query: &'a str,
    pub(super) options: &'a Options,
    /// The number of hypotheses that the plugins know of.
    pub(super) count: u32,
    /// The most entries in one step of a plugin.
    pub(super) room: u32,
}

impl Briefs<'_> {
    /// The brief of the planner's, the scorer's or the tournament's session.
    pub(super) fn of(&self, kind: Kind, plugin: &ConfiguredPlugin) -> Brief {
        self.brief(kind, plugin, &[])
    }

    /// The brief of a match's session. Its seed depends on who meets, in which order, and for which time.
    pub(super) fn of_match(&self, lineup: &Lineup) -> Brief {
        let numbers = lineup.contestants.iter().chain([&lineup.repeat]);
        let words: Vec<u8> = numbers.flat_map(|number| number.to_le_bytes()).collect();
        self.brief(Kind::Verifier, &self.plugins.verifier, &words)
    }

    fn brief(&self, kind: Kind, plugin: &ConfiguredPlugin, words: &[u8]) -> Brief {
        let digest = self.sample.photo.digest();
        let seed = self.options.seed.derive([kind.name().as_bytes(), digest.bytes(), self.query.as_bytes(), words]);
        Brief {
            query: self.query.to_owned(),
            image: self.sample.photo.size().into(),
            count: self.count,
            room: self.room,
            settings: plugin.settings.clone(),
            seed,
            context: Vec::new(),
        }
    }
}
