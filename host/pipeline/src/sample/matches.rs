//! The matches under way: one judging session each. Guesses are matches that may be wanted later: in the live pass, their questions are asked
//! early, and their outcomes are told to nobody.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rescue_ledger::Key;
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
    /// Likeliest first.
    guesses: Vec<OpenMatch>,
    /// Guesses of the last list that have ended.
    guessed: Vec<Lineup>,
    /// How many guesses were begun.
    pub(super) guesses_begun: usize,
}

struct OpenMatch {
    wanted: Match,
    is_guess: bool,
    judging: Judging,
    owed: Vec<Owed>,
    begun: bool,
    calls: u32,
    /// A question of it that has no answer in this run.
    absent: Option<String>,
}

impl Matches {
    pub(super) fn new(briefs: &Briefs, view: &Arc<SampleView>) -> Result<Self, RunError> {
        let verifier = Verifier::new(&briefs.plugins.verifier.plugin, view)?;
        Ok(Self { verifier, open: Vec::new(), guesses: Vec::new(), guessed: Vec::new(), guesses_begun: 0 })
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
        let open = self.start(wanted, false, candidates, briefs)?;
        self.open.push(open);
        Ok(())
    }

    /// Takes these guesses, likeliest first, in place of those before, and begins further ones up to `most` in all. The questions of dropped
    /// guesses are withdrawn.
    pub(super) fn guess(
        &mut self,
        lineups: Vec<Lineup>,
        most: usize,
        candidates: &BTreeMap<u32, Candidate>,
        briefs: &Briefs,
        asker: &mut Asker,
    ) -> Result<(), RunError> {
        let (kept, dropped) = std::mem::take(&mut self.guesses)
            .into_iter()
            .partition(|guess: &OpenMatch| lineups.contains(&guess.wanted.lineup));
        self.guesses = kept;
        self.guessed.retain(|lineup| lineups.contains(lineup));
        let owed = |guesses: &[OpenMatch]| -> BTreeSet<Key> {
            guesses.iter().flat_map(|guess| guess.owed.iter().filter_map(Owed::key)).collect()
        };
        let dropped: Vec<OpenMatch> = dropped;
        asker.withdraw(&owed(&dropped) - &owed(&self.guesses));
        for guess in dropped {
            self.verifier.end(guess.judging)?;
        }
        for lineup in lineups {
            let is_known =
                self.guessed.contains(&lineup) || self.guesses.iter().any(|guess| guess.wanted.lineup == lineup);
            if !is_known && self.guesses_begun < most {
                self.guesses_begun += 1;
                let guess = self.start(Match { id: 0, lineup }, true, candidates, briefs)?;
                self.guesses.push(guess);
            }
        }
        Ok(())
    }

    fn start(
        &mut self,
        wanted: Match,
        is_guess: bool,
        candidates: &BTreeMap<u32, Candidate>,
        briefs: &Briefs,
    ) -> Result<OpenMatch, RunError> {
        let lineup = &wanted.lineup;
        let contestants = lineup.contestants.iter().filter_map(|id| candidates.get(id).cloned()).collect();
        let contest = Contest { contestants, repeat: lineup.repeat };
        let judging = self.verifier.start(&briefs.of_match(lineup), &contest)?;
        Ok(OpenMatch { wanted, is_guess, judging, owed: Vec::new(), begun: false, calls: 0, absent: None })
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
                break;
            }
        }
        for guess in std::mem::take(&mut self.guesses) {
            match guess.advance(telling, &mut self.verifier, asker)? {
                Advanced::Open(guess) => self.guesses.push(guess),
                Advanced::Ended(guess, _) => self.guessed.push(guess.lineup),
            }
        }
        Ok(ended)
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
                let told = telling.take(&mut self.owed, asker)?.unwrap_or_default();
                if told.is_empty() {
                    return Ok(Advanced::Open(self));
                }
                self.calls = self.calls.saturating_add(u32::try_from(told.len()).unwrap_or(u32::MAX));
                let (answers, absent): (Vec<_>, Vec<_>) =
                    told.into_iter().map(|told| (told.answer, told.absent)).unzip();
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
            let repeat = self.wanted.lineup.repeat;
            self.owed.extend(match self.is_guess {
                true => asker.ask_early(Kind::Verifier, repeat, &plan.ask)?,
                false => asker.ask(Kind::Verifier, repeat, &plan.ask)?,
            });
            if telling == Telling::Canonical {
                // The others come first.
                return Ok(Advanced::Open(self));
            }
        }
    }
}
