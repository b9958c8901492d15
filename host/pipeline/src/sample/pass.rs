//! Computes a sample's result in two passes over the same state machine ([`Flow`]).
//!
//! The *live pass* tells sessions what they wait for as soon as it is there, and so finds out early what will be asked: it keeps the services
//! busy. What it concludes depends on time, so it is thrown away. The *canonical pass* begins anew with fresh sessions, and tells them the
//! same answers in a fixed order. Its result is that of the sample: neither time nor threads can change it. A question that it asks and the
//! live pass has not is asked then, and counted.
//!
//! Further choices among the same candidates ([`Further`]) are canonical passes of their own, each over a [`Prefix`] of the hypotheses. The
//! live pass asks their questions together with the others.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

use rescue_ledger::Key;
use rescue_plugin::border::rescue::plugin::types::Candidate;
use rescue_plugin::trace::Traces;
use rescue_plugin::{Kind, LogLine, Measured, Sample as SampleView};

use super::Sample;
use super::answer::Answer;
use super::briefs::Briefs;
use super::candidates::MadeMasks;
use super::choice::{Choice, Chosen, MatchCounts};
use super::flow::Flow;
use super::further::FurtherChoice;
use super::options::{Further, Options};
use super::rests_on::Meetings;
use super::result_record::{Counts, Facts, Record, State};
use super::telling::Telling;
use super::timings::{LivePass, Timings};
use crate::ask::{AnswerSource, Asker, Poser, QuestionOutcome, Readings, SampleAnswers, Waited};
use crate::error::RunError;
use crate::exchange::{Absence, AbsenceKind, AbsenceRecord, Tokens, Turn};
use crate::input;
use crate::pictures::PictureCache;
use crate::plugins::PluginSet;
use crate::progress::Progress;
use crate::services::Services;

/// A result and what it was made of.
#[derive(Debug)]
pub struct Outcome {
    /// The result, as `result.json` holds it.
    pub record: Record,
    /// The mask of the answer. `None` if nothing was found.
    pub mask: Option<rescue_mask::Mask>,
    /// Every candidate, near duplicates too, in the order of ids.
    pub candidates: Vec<Measured>,
    /// What the run's own plugins choose among all hypotheses, which is the result, and then the further choices.
    pub choices: Vec<Choice>,
    /// The tokens of all questions on which the result rests, and of their answers.
    pub tokens: Tokens,
    /// What plugins logged, in the order in which they work.
    pub log: Vec<(Kind, LogLine)>,
    /// Where the time went.
    pub timings: Timings,
}

impl Outcome {
    /// The questions without an answer of further choices that are none of the result, in the order of keys.
    pub fn further_absences(&self) -> Vec<AbsenceRecord> {
        let own = |record: &&AbsenceRecord| self.record.absences.iter().all(|other| other.key != record.key);
        let all = self.choices.iter().flat_map(|choice| &choice.made).flat_map(|chosen| &chosen.absences);
        let by_key: BTreeMap<Key, &AbsenceRecord> = all.filter(own).map(|record| (record.key, record)).collect();
        by_key.into_values().cloned().collect()
    }
}

/// What a sample is searched with.
#[derive(Clone, Copy)]
pub(crate) struct Surroundings<'a> {
    /// The run's own plugins.
    pub(crate) plugins: &'a PluginSet,
    /// The plugins of the other strategies.
    pub(crate) strategies: &'a [PluginSet],
    /// What else is chosen among the candidates.
    pub(crate) further: &'a Further,
    pub(crate) services: &'a Services,
    /// The most entries in one step of a plugin.
    pub(crate) room: u32,
    /// Collects the plugins' event logs; `None` if nobody wants them.
    pub(crate) traces: Option<&'a Traces>,
    /// The live pass. `None` if there is only the canonical one.
    pub(crate) live: Option<Live>,
}

/// How the live pass asks.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Live {
    /// Whether it asks the questions of guessed matches on idle slots.
    pub(crate) guesses: bool,
}

/// Computes the result of a sample. `absences` are those of an earlier run.
pub(crate) fn search(
    surroundings: Surroundings,
    sample: &Sample,
    options: &Options,
    absences: BTreeMap<Key, Absence>,
    source: &mut dyn AnswerSource,
    progress: &mut dyn FnMut(Progress),
) -> Result<Outcome, RunError> {
    let passes = Passes::new(surroundings, sample, options)?;
    let Surroundings { plugins, services, .. } = surroundings;
    let query = passes.briefs.query;
    // It stays open as long as requests for the sample are under way.
    let _sample = tracing::info_span!("sample", id = passes.briefs.name, query).entered();
    let answers = SampleAnswers::new(absences.clone());
    let Prefetched { known, made, pass, seconds } = match surroundings.live {
        Some(live) => passes.live(live, answers, source, progress)?,
        None => Prefetched::default(),
    };
    let answers = SampleAnswers::new(absences.clone()).with_known(known);
    let (mut flow, missed) = passes.canonical(answers, made, source, &mut |told| {
        // What the live pass has told already is not told again.
        if pass.is_none() || matches!(told, Progress::Waiting(..) | Progress::Asking(_) | Progress::Answered(_)) {
            progress(told);
        }
    })?;
    let log = flow.take_log();
    let prefix = flow.prefix(options.count);
    let mut timings = std::mem::take(&mut flow.timings);
    timings.seconds.extend(seconds);
    timings.live = pass.map(|pass| LivePass { missed, ..pass });
    let answers = flow.asker.answers_so_far();
    (timings.known, timings.new) = answers.known_and_new();
    let scores = flow.own.scoring.as_ref().and_then(|scoring| scoring.scores.as_ref()).into_iter().flatten();
    let known_scores: BTreeMap<u32, f64> = scores.map(|score| (score.id, score.value)).collect();
    let ranking = flow.own.ranking.as_mut().ok_or_else(never_ranked)?;
    let places = ranking.ranking()?;
    let answer = Answer::of(&places, &prefix)?;
    let readings = answers.readings();
    let meetings = Meetings::of(&ranking.played);
    let entered: Vec<&Candidate> = prefix.entered.iter().map(|made| &made.candidate).collect();
    let MatchCounts { matches, abstained, failed } = MatchCounts::of(&ranking.played);
    let record = Record::new(&Facts {
        photo: &sample.photo,
        query,
        options,
        plugins,
        services,
        prefix: &prefix,
        ranking: &places,
        answer: &answer,
        counts: Counts {
            questions: answers.questions(),
            unreadable: readings.values().fold(0, |sum: u32, of| sum.saturating_add(of.unreadable)),
            clamped: answers.clamped(),
            matches,
            abstained,
            failed,
            ..Counts::default()
        },
        state: state(answers),
        rests_on: &|id| meetings.rests_on(id, &entered, &known_scores),
        readings: readings.iter().map(|(service, of)| (service.as_str(), of.clone())).collect(),
        absences: answers.absences(),
        answers: answers.digest(),
    });
    let own = Chosen::new(&answer, record.state, std::mem::take(&mut ranking.played), answers);
    let mut choices = vec![Choice { strategy: 0, n: options.count, made: Ok(own) }];
    let tokens = answers.tokens();
    let start = Instant::now();
    choices.extend(passes.further(&flow, &absences, source, progress)?);
    if choices.len() > 1 {
        timings.mark("choices", start);
    }
    Ok(Outcome { record, mask: answer.mask, candidates: prefix.candidates, choices, tokens, log, timings })
}

/// The two passes over one sample.
pub(super) struct Passes<'a> {
    pub(super) surroundings: Surroundings<'a>,
    pub(super) briefs: Briefs<'a>,
    pictures: Arc<PictureCache>,
}

/// What comes of the live pass.
#[derive(Default)]
struct Prefetched {
    /// The outcomes of the questions that it asked.
    known: BTreeMap<Key, QuestionOutcome>,
    /// Masks made from them.
    made: MadeMasks,
    /// What is told of it. `None` if there was none.
    pass: Option<LivePass>,
    /// When its stages ended.
    seconds: BTreeMap<String, f64>,
}

impl<'a> Passes<'a> {
    pub(super) fn new(
        surroundings: Surroundings<'a>,
        sample: &'a Sample,
        options: &'a Options,
    ) -> Result<Self, RunError> {
        let query = input::query(&sample.query)?;
        input::count(options.count, sample.photo.size())?;
        let Surroundings { plugins, room, .. } = surroundings;
        let name = sample.id.as_deref().unwrap_or(query);
        let begun = Instant::now();
        Ok(Self {
            surroundings,
            briefs: Briefs { plugins, sample, name, begun, query, options, count: options.count, room },
            pictures: Arc::new(PictureCache::new(sample.photo.clone())),
        })
    }

    pub(super) fn asker(&self, view: &Arc<SampleView>, answers: SampleAnswers) -> Asker<'a> {
        let Briefs { sample, query, options, .. } = self.briefs;
        let poser = Poser {
            services: self.surroundings.services,
            photo: sample.photo.clone(),
            sample: view.clone(),
            pictures: self.pictures.clone(),
            turn: Turn { speculative: false, sample: sample.number },
            seed: options.seed.0,
        };
        Asker::new(poser, query, answers)
    }

    fn flow(
        &self,
        telling: Telling,
        guesses: bool,
        answers: SampleAnswers,
        earlier: MadeMasks,
    ) -> Result<Flow<'a>, RunError> {
        let Briefs { sample, .. } = self.briefs;
        let view = SampleView::new(sample.photo.clone());
        let view = Arc::new(match self.surroundings.traces {
            Some(traces) if telling == Telling::Canonical => view.with_traces(traces.clone()),
            _ => view,
        });
        // Only the live pass makes all choices at once: what one of them is told must not reach another one's result.
        let further = match telling {
            Telling::Live => self.surroundings.further_choices(self.briefs.count),
            Telling::Canonical => Vec::new(),
        };
        let asks = |choice: &&FurtherChoice| self.surroundings.further.ask.for_choice(choice.count, self.briefs.count);
        let further = further.iter().filter(asks).map(|choice| choice.briefs(self.briefs)).collect();
        let asker = self.asker(&view, answers);
        Flow::new(telling, guesses, self.briefs, further, view, asker, earlier)
    }

    /// Finds out what will be asked, and asks it. An error ends this pass and not the search: the canonical pass comes upon it as well, or
    /// does without the question.
    fn live(
        &self,
        live: Live,
        answers: SampleAnswers,
        source: &mut dyn AnswerSource,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<Prefetched, RunError> {
        let _span = tracing::info_span!("live pass", track = self.briefs.name);
        let mut flow = self.flow(Telling::Live, live.guesses, answers, MadeMasks::new())?;
        let mut asked = 0;
        let ended = loop {
            if let Err(error) = flow.advance(progress) {
                break Some(error.to_string());
            }
            if flow.is_done() {
                break None;
            }
            asked += begin(&mut flow, source, progress);
            let Waited { outcomes, error } = source.wait(progress);
            let waits_in_vain = outcomes.is_empty();
            tell(&mut flow, outcomes, progress);
            if error.is_some() || waits_in_vain {
                break Some(error.unwrap_or_else(waits_for_nothing).to_string());
            }
        };
        source.withdraw_all();
        let guesses = flow.own.ranking.as_ref().map_or(0, |ranking| ranking.matches.guesses_begun);
        flow.timings.mark("live", self.briefs.begun);
        let seconds = std::mem::take(&mut flow.timings.seconds);
        let (known, made) = flow.into_answers();
        Ok(Prefetched { known, made, pass: Some(LivePass { asked, guesses, missed: 0, ended }), seconds })
    }

    /// Computes the result. Returns the ended flow, and how many questions had no known answer.
    pub(super) fn canonical(
        &self,
        answers: SampleAnswers,
        made: MadeMasks,
        source: &mut dyn AnswerSource,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<(Flow<'a>, usize), RunError> {
        let _span = tracing::info_span!("canonical pass", track = self.briefs.name);
        let start = Instant::now();
        let mut flow = self.flow(Telling::Canonical, false, answers, made)?;
        let mut asked = 0;
        loop {
            flow.advance(progress)?;
            if flow.is_done() {
                flow.timings.mark("canonical", start);
                return Ok((flow, asked));
            }
            asked += begin(&mut flow, source, progress);
            let Waited { outcomes, error } = source.wait(progress);
            if error.is_some() || outcomes.is_empty() {
                return Err(error.unwrap_or_else(waits_for_nothing));
            }
            tell(&mut flow, outcomes, progress);
        }
    }
}

/// Begins to ask what a flow wants to know. Returns the number of questions.
fn begin(flow: &mut Flow, source: &mut dyn AnswerSource, progress: &mut dyn FnMut(Progress)) -> usize {
    source.withdraw(&flow.asker.take_withdrawn());
    let (mut asked, mut needed) = (0, 0);
    for call in flow.take_calls() {
        asked += call.open.len();
        needed += if call.call.turn.speculative { 0 } else { call.open.len() };
        source.begin(call);
    }
    if needed > 0 {
        progress(Progress::Asking(needed));
    }
    asked
}

/// Tells a flow outcomes of its questions.
fn tell(flow: &mut Flow, outcomes: Vec<(Key, QuestionOutcome)>, progress: &mut dyn FnMut(Progress)) {
    let mut needed = 0;
    for (key, outcome) in outcomes {
        needed += usize::from(flow.asker.is_needed(key));
        flow.tell(key, outcome);
    }
    if needed > 0 {
        progress(Progress::Answered(needed));
    }
}

pub(super) fn waits_for_nothing() -> RunError {
    rescue_service::ServiceError::bug("run", "the search waits for answers, and nothing was asked").into()
}

pub(super) fn never_ranked() -> RunError {
    rescue_service::ServiceError::bug("run", "the search ended without a ranking").into()
}

/// The state of a result that rests on these answers.
pub(super) fn state(answers: &SampleAnswers) -> State {
    let absences = answers.absences();
    let cut = |record: &AbsenceRecord| record.absence.kind == AbsenceKind::Cut;
    match (absences.is_empty(), absences.iter().any(cut)) {
        (true, _) if answers.readings().values().any(Readings::beyond_share) => State::Unreadable,
        (true, _) => State::Complete,
        (false, true) => State::Cut,
        (false, false) => State::Degraded,
    }
}

#[cfg(test)]
mod tests;
