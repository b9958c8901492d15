//! The canonical pass: the computation of a result from answers alone. Sessions are fresh, facts are told in a fixed order, and neither
//! time nor threads can change the result.
//!
//! It goes round by round: a session is asked for steps until it has none, its questions are answered, and all answers are told at once
//! in the order asked. Scorers and tournaments are first told of the candidates: those that entered, the ids that are gone (both in the
//! order of ids), `closed`, and, to a tournament, `scored`.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

use rescue_plugin::border::exports::rescue::plugin::{planner, scorer, tournament};
use rescue_plugin::border::rescue::plugin::chat::{Answer, Request};
use rescue_plugin::border::rescue::plugin::types::{Brief, Candidate, Cause, Gone, Score};
use rescue_plugin::trace::Traces;
use rescue_plugin::{Kind, LogLine, Measured, Planning, Sample as SampleView, Scoring, Tourney, Verifier};

use super::Sample;
use super::candidates::{self, CandidateSet, HypothesisOutcomes};
use super::matches;
use super::options::Options;
use super::rests_on::Meetings;
use super::result_record::{Counts, Facts, Record, State};
use super::timings::Timings;
use crate::ask::{AnswerSource, Asker, Readings, SampleAnswers, SessionRequests};
use crate::error::RunError;
use crate::exchange::{AbsenceKind, AbsenceRecord};
use crate::input;
use crate::plugins::{ConfiguredPlugin, PluginSet};
use crate::progress::Progress;
use crate::services::Services;

/// A result and what it was made of.
#[derive(Debug)]
pub struct Outcome {
    /// The result, as `result.json` holds it.
    pub record: Record,
    /// The name of this sample in the journal.
    pub sample: String,
    /// The mask of the answer. `None` if nothing was found.
    pub mask: Option<rescue_mask::Mask>,
    /// Every candidate, near duplicates too, in the order of ids.
    pub candidates: Vec<Measured>,
    /// What plugins logged, in the order in which they worked.
    pub log: Vec<(Kind, LogLine)>,
    /// Where the time went.
    pub timings: Timings,
}

/// What a sample is searched with.
#[derive(Clone, Copy)]
pub(crate) struct Surroundings<'a> {
    pub(crate) plugins: &'a PluginSet,
    pub(crate) services: &'a Services,
    /// Answers the questions.
    pub(crate) source: &'a dyn AnswerSource,
    /// The most entries in one step of a plugin.
    pub(crate) room: u32,
    /// Collects the plugins' event logs; `None` if nobody wants them.
    pub(crate) traces: Option<&'a Traces>,
}

/// Computes the result of a sample. `answers` holds the absences of an earlier run.
pub(crate) fn canonical_pass(
    surroundings: Surroundings,
    sample: &Sample,
    options: &Options,
    answers: SampleAnswers,
    progress: &mut dyn FnMut(Progress),
) -> Result<Outcome, RunError> {
    let query = input::query(&sample.query)?;
    input::count(options.count, sample.photo.size())?;
    let view = SampleView::new(sample.photo.clone());
    let view = Arc::new(match surroundings.traces {
        Some(traces) => view.with_traces(traces.clone()),
        None => view,
    });
    let Surroundings { plugins, services, source, .. } = surroundings;
    let mut pass = Pass {
        surroundings,
        sample,
        query,
        options,
        asker: Asker::new(services, sample.photo.clone(), view.clone(), source, answers, sample.number),
        view,
        progress,
        log: Vec::new(),
        timings: Timings::default(),
        counts: Counts::default(),
        meetings: Meetings::default(),
    };
    let hypotheses = pass.plan()?;
    let candidates: Vec<Measured> = hypotheses.values().flatten().cloned().collect();
    let start = Instant::now();
    let set = candidates::merge_near_duplicates(hypotheses, options.count, options.merge_iou)?;
    pass.timings.add("merge", start);
    let scores = pass.score(&set)?;
    let known_scores: BTreeMap<u32, f64> = scores.iter().flatten().map(|score| (score.id, score.value)).collect();
    let ranking = pass.rank(&set, scores)?;
    let answers = pass.asker.answers_so_far();
    pass.counts.questions = answers.questions();
    let readings = answers.readings();
    pass.counts.unreadable = readings.values().fold(0, |sum, of| sum.saturating_add(of.unreadable));
    pass.counts.clamped = answers.clamped();
    let absences = answers.absences();
    let entered: Vec<&Candidate> = set.entered.iter().map(|made| &made.candidate).collect();
    let rests_on = |id| pass.meetings.rests_on(id, &entered, &known_scores);
    let (record, mask) = Record::new(&Facts {
        photo: &sample.photo,
        query,
        options,
        plugins,
        services,
        set: &set,
        candidates: &candidates,
        ranking: &ranking,
        counts: pass.counts.clone(),
        state: state(&absences, readings.values().any(Readings::beyond_share)),
        rests_on: &rests_on,
        readings: readings.iter().map(|(service, of)| (service.as_str(), of.clone())).collect(),
        absences,
        answers: answers.digest(),
    })?;
    Ok(Outcome { record, sample: sample.name(), mask, candidates, log: pass.log, timings: pass.timings })
}

/// One pass under way.
struct Pass<'a, 'b> {
    surroundings: Surroundings<'a>,
    sample: &'a Sample,
    /// The query without white space around it.
    query: &'a str,
    options: &'a Options,
    /// What plugins can look up in this sample.
    view: Arc<SampleView>,
    asker: Asker<'a>,
    progress: &'b mut dyn FnMut(Progress),
    log: Vec<(Kind, LogLine)>,
    timings: Timings,
    counts: Counts,
    meetings: Meetings,
}

impl Pass<'_, '_> {
    /// The brief of a session. `words` tell the sessions of one kind apart, so that each has a seed of its own.
    fn brief(&self, kind: Kind, plugin: &ConfiguredPlugin, words: &[u8]) -> Brief {
        let digest = self.sample.photo.digest();
        let seed = self.options.seed.derive([kind.name().as_bytes(), digest.bytes(), self.query.as_bytes(), words]);
        Brief {
            query: self.query.to_owned(),
            image: self.sample.photo.size().into(),
            count: self.options.count,
            room: self.surroundings.room,
            settings: plugin.settings.clone(),
            seed,
            context: Vec::new(),
        }
    }

    fn keep(&mut self, kind: Kind, lines: Vec<LogLine>, fuel: u64) {
        self.log.extend(lines.into_iter().map(|line| (kind, line)));
        self.timings.fuel(kind, fuel);
    }

    /// The answers to what one session asks.
    fn answers(&mut self, kind: Kind, requests: Vec<Request>) -> Result<Vec<Answer>, RunError> {
        if requests.is_empty() {
            return Ok(Vec::new());
        }
        let answered = self.asker.answers(&[SessionRequests { kind, match_repeat: 0, requests }], self.progress)?;
        Ok(answered.into_iter().flat_map(|answered| answered.answers).collect())
    }

    /// Runs the planner, and makes the masks of each round's proposals.
    fn plan(&mut self) -> Result<HypothesisOutcomes, RunError> {
        (self.progress)(Progress::Planning);
        let start = Instant::now();
        let plugin = &self.surroundings.plugins.planner;
        let feedback = plugin.needs(Kind::Planner, "feedback");
        let mut planning = Planning::start(&plugin.plugin, &self.view, &self.brief(Kind::Planner, plugin, &[]))?;
        let mut hypotheses = HypothesisOutcomes::new();
        let mut segmenting = 0.0;
        loop {
            let plan = planning.plan(feedback)?;
            let ids: Vec<u32> = plan.propose.iter().map(proposed).collect();
            let start = Instant::now();
            candidates::make(
                &mut hypotheses,
                plan.propose,
                &self.sample.photo,
                self.query,
                &mut self.asker,
                self.progress,
            )?;
            segmenting += start.elapsed().as_secs_f64();
            for made in ids.iter().filter_map(|id| hypotheses.get(id)).flatten() {
                self.view.enter(made.candidate.id, made.mask.clone(), made.reasoning.clone());
            }
            if plan.done {
                break;
            }
            let answers = self.answers(Kind::Planner, plan.ask)?;
            let mut facts: Vec<_> = answers.into_iter().map(planner::Fact::Answered).collect();
            if feedback {
                facts.extend(outcomes_of(&hypotheses, ids));
            }
            planning.tell(facts)?;
        }
        self.keep(Kind::Planner, planning.take_log(), planning.fuel());
        self.timings.add_seconds("plan", start.elapsed().as_secs_f64() - segmenting);
        self.timings.add_seconds("segment", segmenting);
        Ok(hypotheses)
    }

    fn score(&mut self, set: &CandidateSet) -> Result<Option<Vec<Score>>, RunError> {
        let Some(plugin) = &self.surroundings.plugins.scorer else { return Ok(None) };
        (self.progress)(Progress::Scoring(set.entered.len()));
        let start = Instant::now();
        let mut scoring = Scoring::start(&plugin.plugin, &self.view, &self.brief(Kind::Scorer, plugin, &[]))?;
        let first = scoring.plan(true)?;
        let mut facts: Vec<_> = set.entered.iter().map(|made| scorer::Fact::Entered(made.candidate.clone())).collect();
        facts.extend(set.gone.iter().cloned().map(scorer::Fact::Gone));
        facts.push(scorer::Fact::Closed(set.standings.clone()));
        let mut asked = first.ask;
        let scores = loop {
            facts.extend(self.answers(Kind::Scorer, asked)?.into_iter().map(scorer::Fact::Answered));
            scoring.tell(std::mem::take(&mut facts))?;
            let plan = scoring.plan(false)?;
            if let Some(scores) = plan.scores {
                break scores;
            }
            asked = plan.ask;
        };
        self.keep(Kind::Scorer, scoring.take_log(), scoring.fuel());
        self.timings.add("score", start);
        Ok(Some(scores))
    }

    fn rank(&mut self, set: &CandidateSet, scores: Option<Vec<Score>>) -> Result<tournament::Ranking, RunError> {
        let start = Instant::now();
        let plugins = self.surroundings.plugins;
        let (smallest, largest) = plugins.contestants()?;
        let scored = scores.is_some();
        let terms = tournament::Terms { smallest, largest, scored, spare: 0, context: Vec::new() };
        let brief = self.brief(Kind::Tournament, &plugins.tournament, &[]);
        let mut tourney = Tourney::start(&plugins.tournament.plugin, &self.view, &brief, &terms)?;
        let mut verifier = Verifier::new(&plugins.verifier.plugin, &self.view)?;

        let mut play = tourney.plan(true)?;
        let mut facts: Vec<_> =
            set.entered.iter().map(|made| tournament::Fact::Entered(made.candidate.clone())).collect();
        facts.extend(set.gone.iter().cloned().map(tournament::Fact::Gone));
        facts.push(tournament::Fact::Closed(set.standings.clone()));
        facts.extend(scores.map(tournament::Fact::Scored));
        let known: BTreeMap<u32, &Candidate> =
            set.entered.iter().map(|made| (made.candidate.id, &made.candidate)).collect();
        while !play.done {
            facts.extend(self.play(&play.play, &mut verifier, &known)?.into_iter().map(tournament::Fact::Played));
            tourney.tell(std::mem::take(&mut facts))?;
            play = tourney.plan(false)?;
        }
        let ranking = tourney.ranking()?;
        self.keep(Kind::Verifier, verifier.take_log(), verifier.fuel());
        self.keep(Kind::Tournament, tourney.take_log(), tourney.fuel());
        self.timings.add("rank", start);
        Ok(ranking)
    }

    fn play(
        &mut self,
        wanted: &[tournament::Match],
        verifier: &mut Verifier,
        known: &BTreeMap<u32, &Candidate>,
    ) -> Result<Vec<tournament::Outcome>, RunError> {
        (self.progress)(Progress::Matches(wanted.len()));
        let template = self.brief(Kind::Verifier, &self.surroundings.plugins.verifier, &[]);
        let (seed, digest, query) = (self.options.seed, self.sample.photo.digest(), self.query);
        let brief = |wanted: &tournament::Match| {
            let lineup = wanted.lineup.contestants.iter().chain([&wanted.lineup.repeat]);
            let words: Vec<u8> = lineup.flat_map(|number| number.to_le_bytes()).collect();
            let words = [Kind::Verifier.name().as_bytes(), digest.bytes(), query.as_bytes(), &words];
            Brief { seed: seed.derive(words), ..template.clone() }
        };
        let candidate = |id: u32| known.get(&id).copied();
        let outcomes = matches::play(wanted, verifier, &mut self.asker, brief, candidate, self.progress)?;
        for outcome in &outcomes {
            for played in wanted.iter().filter(|played| played.id == outcome.id) {
                self.meetings.add(played, outcome);
            }
            self.counts.matches = self.counts.matches.saturating_add(1);
            match &outcome.ending {
                tournament::Ending::Verdict(_) => {}
                tournament::Ending::Abstained(_) => self.counts.abstained = self.counts.abstained.saturating_add(1),
                tournament::Ending::Failed(_) => self.counts.failed = self.counts.failed.saturating_add(1),
            }
        }
        Ok(outcomes)
    }
}

/// The state of a result with these absences. `unreadable` is whether too many answers of a service were.
fn state(absences: &[AbsenceRecord], unreadable: bool) -> State {
    let cut = |record: &AbsenceRecord| record.absence.kind == AbsenceKind::Cut;
    match (absences.is_empty(), absences.iter().any(cut)) {
        (true, _) if unreadable => State::Unreadable,
        (true, _) => State::Complete,
        (false, true) => State::Cut,
        (false, false) => State::Degraded,
    }
}

fn proposed(proposal: &planner::Proposal) -> u32 {
    match proposal {
        planner::Proposal::Hypothesis(hypothesis) => hypothesis.id,
        planner::Proposal::NoTarget(blank) | planner::Proposal::Skipped(blank) => blank.id,
    }
}

/// What became of these proposals, in the order of ids.
fn outcomes_of(hypotheses: &HypothesisOutcomes, mut ids: Vec<u32>) -> Vec<planner::Fact> {
    ids.sort_unstable();
    let outcomes = ids.into_iter().filter_map(|id| hypotheses.get(&id).map(|outcome| (id, outcome)));
    outcomes
        .map(|(id, outcome)| match outcome {
            Ok(made) => planner::Fact::Entered(made.candidate.clone()),
            Err(why) => planner::Fact::Gone(Gone { id, why: Cause::clone(why) }),
        })
        .collect()
}
