//! The matches under way: one judging session each.

use std::collections::BTreeMap;
use std::sync::Arc;

use rescue_plugin::border::exports::rescue::plugin::tournament::{Ending, Lineup, Match, Outcome};
use rescue_plugin::border::exports::rescue::plugin::verifier::{Contest, Judgement};
use rescue_plugin::border::rescue::plugin::types::Candidate;
use rescue_plugin::{Judging, Kind, Sample as SampleView, Verifier};

use super::briefs::Briefs;
use super::telling::Telling;
use crate::ask::{Asker, Owed};
use crate::error::RunError;

/// The matches of one sample.
pub(super) struct Matches {
    verifier: Verifier,
    /// In the order in which they were asked for.
    open: Vec<OpenMatch>,
}

struct OpenMatch {
    wanted: Match,
    judging: Judging,
    owed: Vec<Owed>,
    begun: bool,
    calls: u32,
    /// A question of it that has no answer in this run.
    absent: Option<String>,
}

impl Matches {
    pub(super) fn new(briefs: &Briefs, view: &Arc<SampleView>) -> Result<Self, RunError> {
        Ok(Self { verifier: Verifier::new(&briefs.plugins.verifier.plugin, view)?, open: Vec::new() })
    }

    pub(super) fn is_empty(&self) -> bool {
        self.open.is_empty()
    }

    /// Begins a match between these candidates.
    pub(super) fn begin(
        &mut self,
        wanted: Match,
        candidates: &BTreeMap<u32, Candidate>,
        briefs: &Briefs,
    ) -> Result<(), RunError> {
        let judging = self.judging(&wanted.lineup, candidates, briefs)?;
        self.open.push(OpenMatch { wanted, judging, owed: Vec::new(), begun: false, calls: 0, absent: None });
        Ok(())
    }

    fn judging(
        &mut self,
        lineup: &Lineup,
        candidates: &BTreeMap<u32, Candidate>,
        briefs: &Briefs,
    ) -> Result<Judging, RunError> {
        let contestants = lineup.contestants.iter().filter_map(|id| candidates.get(id).cloned()).collect();
        let contest = Contest { contestants, repeat: lineup.repeat };
        Ok(self.verifier.start(&briefs.of_match(lineup), &contest)?)
    }

    /// Goes on with each match whose answers are there. Returns those that have ended. In the canonical order, all matches wait for the
    /// slowest one, so that the verifier's calls always have the same order.
    pub(super) fn advance(&mut self, telling: Telling, asker: &mut Asker) -> Result<Vec<(Match, Outcome)>, RunError> {
        let mut ended = Vec::new();
        loop {
            let waits = |open: &OpenMatch| !open.owed.iter().all(|owed| asker.is_there(owed));
            if telling == Telling::Canonical && self.open.iter().any(waits) {
                return Ok(ended);
            }
            for open in std::mem::take(&mut self.open) {
                match open.advance(telling, &mut self.verifier, asker)? {
                    Advanced::Open(open) => self.open.push(open),
                    Advanced::Ended(wanted, outcome) => ended.push((wanted, outcome)),
                }
            }
            if telling == Telling::Live || self.open.is_empty() {
                return Ok(ended);
            }
        }
    }

    pub(super) fn verifier(&mut self) -> &mut Verifier {
        &mut self.verifier
    }
}

enum Advanced {
    Open(OpenMatch),
    Ended(Match, Outcome),
}

impl OpenMatch {
    fn advance(mut self, telling: Telling, verifier: &mut Verifier, asker: &mut Asker) -> Result<Advanced, RunError> {
        loop {
            if self.begun {
                let told = telling.take(&mut self.owed, asker).unwrap_or_default();
                if told.is_empty() {
                    return Ok(Advanced::Open(self));
                }
                self.calls = self.calls.saturating_add(u32::try_from(told.len()).unwrap_or(u32::MAX));
                let (answers, absent): (Vec<_>, Vec<_>) = told.into_iter().map(|told| (told.answer, told.absent)).unzip();
                self.absent = self.absent.or_else(|| absent.into_iter().flatten().next());
                verifier.tell(&mut self.judging, answers)?;
            }
            self.begun = true;
            let plan = verifier.plan(&mut self.judging)?;
            if let Some(judgement) = plan.judgement {
                let ending = match judgement {
                    Judgement::Verdict(verdict) => Ending::Verdict(verdict),
                    // It could not judge for want of an answer: that is no opinion.
                    Judgement::Abstained(why) => self.absent.map_or(Ending::Abstained(why), Ending::Failed),
                };
                verifier.end(self.judging)?;
                let outcome = Outcome { id: self.wanted.id, calls: self.calls, ending };
                return Ok(Advanced::Ended(self.wanted, outcome));
            }
            self.owed.extend(asker.ask(Kind::Verifier, self.wanted.lineup.repeat, &plan.ask)?);
            if telling == Telling::Canonical {
                // The others come first.
                return Ok(Advanced::Open(self));
            }
        }
    }
}
