//! Further choices among the candidates of a search: by other strategies, and among the first hypotheses alone.

use std::collections::BTreeMap;
use std::sync::Arc;

use rescue_ledger::Key;
use rescue_plugin::Sample as SampleView;

use super::Sample;
use super::answer::Answer;
use super::briefs::Briefs;
use super::candidates::MadeMasks;
use super::choice::{Choice, Chosen, PlayedMatch, Unmade};
use super::flow::Flow;
use super::known_only::{Expected, KnownOnly};
use super::options::{Ask, Further, Options};
use super::pass::{Passes, Surroundings, never_ranked, state, waits_for_nothing};
use super::prefix::Prefix;
use super::selection::Selection;
use super::telling::Telling;
use crate::ask::{AnswerSource, Asker, SampleAnswers, Waited};
use crate::error::RunError;
use crate::exchange::{Absence, ExchangeError};
use crate::plugins::PluginSet;
use crate::progress::Progress;
use crate::services::ServiceName;

impl<'a> Surroundings<'a> {
    /// The further choices among at most so many hypotheses; those among most come first.
    pub(super) fn further_choices(&self, all: u32) -> Vec<FurtherChoice<'a>> {
        let strategies = || std::iter::once(self.plugins).chain(self.strategies).enumerate();
        let choice = |(strategy, plugins), count| FurtherChoice { strategy, plugins, count };
        let whole = strategies().skip(1).map(|strategy| choice(strategy, all));
        let counts = self.further.counts.iter().rev().filter(|count| **count < all);
        whole.chain(counts.flat_map(|count| strategies().map(|strategy| choice(strategy, *count)))).collect()
    }
}

/// A further choice that is to be made.
pub(super) struct FurtherChoice<'a> {
    /// The number of the strategy.
    strategy: usize,
    plugins: &'a PluginSet,
    /// The number of hypotheses.
    pub(super) count: u32,
}

impl<'a> FurtherChoice<'a> {
    /// What its sessions are told, beside what those of the own choice are.
    pub(super) fn briefs(&self, own: Briefs<'a>) -> Briefs<'a> {
        Briefs { plugins: self.plugins, count: self.count, ..own }
    }
}

impl<'a> Passes<'a> {
    /// The further choices among the candidates of a canonical pass that has ended. `absences` are those of an earlier run.
    pub(super) fn further(
        &self,
        flow: &Flow,
        absences: &BTreeMap<Key, Absence>,
        source: &mut dyn AnswerSource,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<Vec<Choice>, RunError> {
        let mut choices = Vec::new();
        let mut answers = SampleAnswers::new(absences.clone()).after(flow.asker.answers_so_far());
        for wanted in self.surroundings.further_choices(self.briefs.count) {
            let prefix = flow.prefix(wanted.count);
            let view = Arc::new(SampleView::new(self.briefs.sample.photo.clone()));
            for made in &prefix.candidates {
                view.enter(made.candidate.id, made.mask.clone(), made.reasoning.clone());
            }
            let mut asker = self.asker(&view, answers);
            let selection = Selection::new(wanted.briefs(self.briefs), false, view);
            let made = match self.choose(selection, &prefix, &mut asker, source, progress) {
                // One plugin or service is at fault, and not the sample's result or the other strategies.
                Err(error) if spoils_one_choice(&error) => Err(Unmade::Failed(error.to_string())),
                made => made?,
            };
            answers = SampleAnswers::new(absences.clone()).after(asker.answers_so_far());
            choices.push(Choice { strategy: wanted.strategy, n: wanted.count, made });
        }
        Ok(choices)
    }

    /// Makes a further choice, which knows of these hypotheses alone.
    fn choose(
        &self,
        mut selection: Selection,
        prefix: &Prefix,
        asker: &mut Asker,
        source: &mut dyn AnswerSource,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<Result<Chosen, Unmade>, RunError> {
        selection.take(prefix)?;
        let asks = self.surroundings.further.ask.for_choice(selection.briefs.count, self.briefs.count);
        let mut known_only = KnownOnly::new(source);
        loop {
            while selection.advance(Telling::Canonical, asker, &mut |_| {})? {}
            if selection.is_done() {
                break;
            }
            let source: &mut dyn AnswerSource = if asks { known_only.source } else { &mut known_only };
            for call in asker.take_calls(false) {
                source.begin(call);
            }
            let Waited { outcomes, error } = source.wait(progress);
            if let Some(error) = error {
                return Err(error);
            }
            if outcomes.is_empty() {
                let missing = known_only.missing;
                return if missing == 0 { Err(waits_for_nothing()) } else { Ok(Err(Unmade::Needs(missing))) };
            }
            outcomes.into_iter().for_each(|(key, outcome)| asker.tell(key, outcome));
        }
        let ranking = selection.ranking.as_mut().ok_or_else(never_ranked)?;
        let places = ranking.ranking()?;
        let played: Vec<PlayedMatch> = std::mem::take(&mut ranking.played);
        let answers = asker.answers_so_far();
        Ok(Ok(Chosen::new(&Answer::of(&places, prefix)?, state(answers), played, answers)))
    }
}

/// Whether an error is that of one choice: of its plugins, or of the questions that it asks.
fn spoils_one_choice(error: &RunError) -> bool {
    match error {
        RunError::Plugin(_) => true,
        RunError::Exchange(ExchangeError::Silent(_) | ExchangeError::Missing { .. }) => true,
        RunError::Exchange(ExchangeError::Service(error)) => error.of_sample,
        _ => false,
    }
}

/// The questions of a sample's search, by service, as far as the known answers tell.
pub(crate) struct Ahead {
    pub(crate) questions: BTreeMap<ServiceName, Expected>,
    /// Whether they tell it to the end.
    pub(crate) is_whole: bool,
}

/// The questions of a sample's search. Nobody is asked. `absences` are those of an earlier run.
pub(crate) fn look_ahead(
    surroundings: Surroundings,
    sample: &Sample,
    options: &Options,
    absences: &BTreeMap<Key, Absence>,
    source: &mut dyn AnswerSource,
) -> Result<Ahead, RunError> {
    // Choices for which nothing would be asked need nothing.
    let asked = surroundings.further;
    let counts = if asked.ask == Ask::Every { asked.counts.clone() } else { Vec::new() };
    let further = Further { ask: Ask::Nothing, counts, ..asked.clone() };
    let surroundings = Surroundings { further: &further, live: None, ..surroundings };
    let passes = Passes::new(surroundings, sample, options)?;
    let mut known_only = KnownOnly::new(source);
    let answers = SampleAnswers::new(absences.clone());
    let ended = passes.canonical(answers, MadeMasks::new(), &mut known_only, &mut |_| {});
    let flow = match ended {
        Ok((flow, _)) => flow,
        Err(_) if known_only.missing > 0 => return Ok(Ahead { questions: known_only.expected, is_whole: false }),
        Err(error) => return Err(error),
    };
    let choices = passes.further(&flow, absences, &mut known_only, &mut |_| {})?;
    let is_whole = !choices.iter().any(|choice| matches!(choice.made, Err(Unmade::Needs(_))));
    Ok(Ahead { questions: known_only.expected, is_whole })
}
