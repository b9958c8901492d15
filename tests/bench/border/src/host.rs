//! The contender "host": this host, with its rules, limits and metering.

use std::path::Path;
use std::sync::Arc;

use rescue_plugin::border::exports::rescue::plugin::tournament::{Fact, Match, Ranking};
use rescue_plugin::border::rescue::plugin::types::Brief;
use rescue_plugin::{Kind, Limits, Plugin, Runtime, Sample, Tourney};
use wasmtime::Result;

use crate::contender::{Contender, Plan};
use crate::facts;

/// The host with the tournament loaded.
pub struct Host {
    plugin: Plugin,
    sample: Arc<Sample>,
    room: u32,
    /// The tournament's settings in JSON, as the host writes them.
    pub settings: String,
}

impl Host {
    /// Compiles and loads the tournament, without a cache of compiled code.
    pub fn new(wasm: &Path) -> Result<Self> {
        let runtime = Runtime::new(Limits::default(), None)?;
        let plugin = runtime.load(wasm)?;
        let settings = plugin.settings(Kind::Tournament, &serde_json::Map::new())?;
        Ok(Self { plugin, sample: facts::sample()?, room: runtime.limits().room, settings })
    }

    /// The brief of a session with `n` candidates.
    pub fn brief(&self, n: u32) -> Brief {
        facts::brief(n, self.room, &self.settings)
    }

    /// Begins a session.
    pub fn start(&self, brief: &Brief) -> Result<Session> {
        Ok(Session(Tourney::start(&self.plugin, &self.sample, brief, &facts::terms())?))
    }
}

/// A session of this host.
pub struct Session(Tourney);

impl Contender for Session {
    type Fact = Fact;
    type Match = Match;
    type Ranking = Ranking;

    fn fact(fact: &Fact) -> Fact {
        fact.clone()
    }

    fn tell(&mut self, facts: Vec<Fact>) -> Result<()> {
        Ok(self.0.tell(facts)?)
    }

    fn plan(&mut self, owed: bool) -> Result<Plan<Match>> {
        let plan = self.0.plan(owed)?;
        Ok(Plan { play: plan.play, done: plan.done, nexts: 0 })
    }

    fn ranking(&mut self) -> Result<Ranking> {
        Ok(self.0.ranking()?)
    }

    fn lineup(wanted: &Match) -> (u32, &[u32]) {
        (wanted.id, &wanted.lineup.contestants)
    }

    fn places(ranking: &Ranking) -> Vec<(u32, f64)> {
        ranking.places.iter().map(|place| (place.id, place.score)).collect()
    }
}
