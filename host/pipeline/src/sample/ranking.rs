//! The tournament's session: it is told of the candidates and their scores, asks for matches, and ranks.

use std::collections::BTreeMap;
use std::sync::Arc;

use rescue_plugin::border::exports::rescue::plugin::tournament::{Fact, Outcome, Ranking, Terms};
use rescue_plugin::border::rescue::plugin::types::{Candidate, Score, Standing};
use rescue_plugin::{Kind, Sample as SampleView, Tourney};
use tracing::Span;

use super::briefs::Briefs;
use super::choice::PlayedMatch;
use super::leaders::Fate;
use super::matches::Matches;
use super::telling::Telling;
use crate::ask::Asker;
use crate::error::RunError;
use crate::progress::Progress;

/// The most guesses in one plan of a tournament.
const SPARE: u32 = 64;
/// At most so many guesses are begun for each match that was asked for.
const GUESSES: f64 = 0.6;

pub(super) struct RankingStage {
    session: Tourney,
    /// Whether the questions of guessed matches are asked.
    guesses: bool,
    pub(super) matches: Matches,
    begun: bool,
    pub(super) done: bool,
    /// Facts about candidates that the tournament has not been told.
    facts: Vec<Fact>,
    /// Whether scores will be told.
    scored: bool,
    /// Whether all facts about candidates are among them, or were told.
    closed: bool,
    /// The candidates that may meet.
    known: BTreeMap<u32, Candidate>,
    /// The ids of all matches, in the order in which they were asked for.
    issued: Vec<u32>,
    /// Outcomes that the tournament has not been told.
    ended: Vec<Outcome>,
    /// The matches that have ended.
    pub(super) played: Vec<PlayedMatch>,
    /// Ends with the stage.
    span: Span,
}

impl RankingStage {
    /// `scored`: whether scores will be told; `guesses`: whether the questions of guessed matches are asked.
    pub(super) fn start(
        briefs: &Briefs,
        scored: bool,
        guesses: bool,
        view: &Arc<SampleView>,
    ) -> Result<Self, RunError> {
        let plugin = &briefs.plugins.tournament;
        let (smallest, largest) = briefs.plugins.contestants()?;
        let spare = if guesses { SPARE } else { 0 };
        let terms = Terms { smallest, largest, scored, spare, context: Vec::new() };
        Ok(Self {
            session: Tourney::start(&plugin.plugin, view, &briefs.of(Kind::Tournament, plugin), &terms)?,
            guesses,
            matches: Matches::new(briefs, view)?,
            begun: false,
            done: false,
            facts: Vec::new(),
            scored,
            closed: false,
            known: BTreeMap::new(),
            issued: Vec::new(),
            ended: Vec::new(),
            played: Vec::new(),
            span: tracing::info_span!("rank", track = briefs.name),
        })
    }

    /// Notes what became of a hypothesis.
    pub(super) fn note(&mut self, fate: Fate) {
        self.facts.push(match fate {
            Fate::Entered(made) => {
                self.known.insert(made.candidate.id, made.candidate.clone());
                Fact::Entered(made.candidate)
            }
            Fate::Gone(gone) => Fact::Gone(gone),
        });
    }

    /// Notes that all hypotheses have their fates.
    pub(super) fn close(&mut self, standings: Vec<Standing>) {
        self.facts.push(Fact::Closed(standings));
        self.closed = !self.scored;
    }

    /// Notes the scores.
    pub(super) fn score(&mut self, scores: Vec<Score>) {
        self.facts.push(Fact::Scored(scores));
        self.closed = true;
    }

    /// Goes on with the matches, tells the tournament what is there, and asks for its next plan. Returns whether anything happened.
    pub(super) fn advance(
        &mut self,
        telling: Telling,
        briefs: &Briefs,
        asker: &mut Asker,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<bool, RunError> {
        if self.done {
            return Ok(false);
        }
        for (played, outcome) in self.matches.advance(telling, asker)? {
            self.played.push(PlayedMatch::new(&played, &outcome));
            self.ended.push(outcome);
            progress(Progress::Played);
        }
        // It is first asked before it was told anything.
        if self.begun {
            if telling == Telling::Canonical && !(self.closed && self.matches.is_empty()) {
                return Ok(false);
            }
            let mut facts = std::mem::take(&mut self.facts);
            // A match with several rounds of questions ends later; outcomes are told in the order in which matches were asked for.
            let issued: BTreeMap<u32, usize> = self.issued.iter().copied().zip(0..).collect();
            self.ended.sort_by_key(|outcome| issued.get(&outcome.id).copied());
            facts.extend(self.ended.drain(..).map(Fact::Played));
            if facts.is_empty() {
                return Ok(false);
            }
            self.session.tell(facts)?;
        }
        let plan = self.session.plan(!self.begun || !self.closed)?;
        self.begun = true;
        self.done = plan.done;
        if self.done {
            self.span = Span::none();
        } else {
            if !plan.play.is_empty() {
                progress(Progress::Matches(plan.play.len()));
            }
            for wanted in plan.play {
                self.issued.push(wanted.id);
                self.matches.begin(wanted, &self.known, briefs)?;
            }
            if self.guesses {
                let most = (GUESSES * self.issued.len() as f64) as usize;
                self.matches.guess(plan.guesses, most, &self.known, briefs, asker)?;
            }
        }
        Ok(true)
    }

    /// The ranking of all candidates.
    pub(super) fn ranking(&mut self) -> Result<Ranking, RunError> {
        Ok(self.session.ranking()?)
    }

    pub(super) fn session(&mut self) -> &mut Tourney {
        &mut self.session
    }
}
