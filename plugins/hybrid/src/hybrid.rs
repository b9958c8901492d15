//! The scorer: asks about each candidate when it enters, and scores all once everything is known.

use crate::parts::{self, Evidence};
use crate::{Settings, prompt};
use alloc::collections::{BTreeMap, BTreeSet};
use rescue_plugin_sdk::chat::{Body, Failure, Reply, Request};
use rescue_plugin_sdk::prelude::*;
use rescue_plugin_sdk::scorer::Step;
use rescue_plugin_sdk::{Brief, Level, Requests, Roster, Score, log, usable};

/// The most candidates that one step asks about. The size of a step in bytes is limited, and a query may be long.
const MAX_CANDIDATES: usize = 64;

/// The questions that are asked about a candidate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum QuestionKind {
    Rating,
    Semantic,
}

impl QuestionKind {
    const ALL: [Self; 2] = [Self::Rating, Self::Semantic];

    fn name(self) -> &'static str {
        match self {
            Self::Rating => "rating",
            Self::Semantic => "semantic scores",
        }
    }

    fn read(self, answer: &Result<Reply, Failure>) -> Result<f64, String> {
        let reply = usable(answer)?;
        match self {
            Self::Rating => prompt::rating(reply),
            Self::Semantic => prompt::description(reply),
        }
    }
}

/// A session on one sample.
#[derive(Debug)]
pub struct Hybrid {
    query: String,
    settings: Settings,
    pub(crate) roster: Roster,
    pub(crate) requests: Requests<(u32, QuestionKind)>,
    asked: BTreeSet<u32>,
}

/// The values from the model, or why there is none, by candidate id and question.
type Answers = BTreeMap<(u32, QuestionKind), Result<f64, String>>;

impl Hybrid {
    pub(crate) fn new(brief: Brief, settings: Settings) -> Self {
        let Brief { query, .. } = brief;
        Self { query, settings, roster: Roster::default(), requests: Requests::default(), asked: BTreeSet::new() }
    }

    /// The next step: questions about new candidates, or the scores once all candidates and answers are there.
    pub(crate) fn step(&mut self) -> Step {
        let ask = self.ask();
        if !ask.is_empty() || self.requests.waiting() || !self.roster.is_closed() {
            return Step { ask, ..Step::default() };
        }
        for remark in self.remarks() {
            log(Level::Info, &remark);
        }
        let evidence = self.evidence(&self.answers());
        let scored = evidence.iter().filter_map(|(id, evidence)| Some((*id, parts::score(evidence, &self.settings)?)));
        Step { scores: Some(scored.map(|(id, value)| Score { id, value }).collect()), ..Step::default() }
    }

    fn ask(&mut self) -> Vec<Request> {
        let new = self.roster.candidates().map(|c| c.id).filter(|id| !self.asked.contains(id));
        let new: Vec<u32> = new.take(MAX_CANDIDATES).collect();
        self.asked.extend(&new);
        let wanted = self.wanted();
        let pairs = new.into_iter().flat_map(|id| wanted.iter().map(move |asked| (id, *asked)));
        let put = pairs.map(|(id, asked)| {
            let question = match asked {
                QuestionKind::Rating => prompt::rate(&self.query, id),
                QuestionKind::Semantic => prompt::describe(&self.query, id),
            };
            let question = question.temperature(self.settings.temperature).max_tokens(self.settings.max_tokens);
            self.requests.ask((id, asked), Body::Chat(question))
        });
        put.collect()
    }

    /// The questions whose answers have a weight.
    fn wanted(&self) -> Vec<QuestionKind> {
        let Settings { rated, vlm, rating, semantic, .. } = self.settings;
        let weight = |asked: &QuestionKind| match asked {
            QuestionKind::Rating => rating,
            QuestionKind::Semantic => semantic,
        };
        QuestionKind::ALL.into_iter().filter(|asked| rated && vlm > 0.0 && weight(asked) > 0.0).collect()
    }

    /// The values from all answers so far.
    fn answers(&self) -> Answers {
        self.requests.answers().filter_map(|(about, answer)| Some((*about, about.1.read(answer?)))).collect()
    }

    /// The evidence for each candidate, in the order of ids.
    fn evidence(&self, answers: &Answers) -> Vec<(u32, Evidence)> {
        let similar: BTreeMap<u32, f64> = parts::minmax(self.roster.candidates()).into_iter().collect();
        let said = |id, asked| answers.get(&(id, asked)).and_then(|answer| answer.as_ref().ok()).copied();
        let one = |c: &rescue_plugin_sdk::Candidate| Evidence {
            rating: said(c.id, QuestionKind::Rating),
            semantic: said(c.id, QuestionKind::Semantic),
            predicted_iou: c.predicted_iou,
            coverage: c.coverage,
            similarity: similar.get(&c.id).copied(),
            agreement: self.roster.standing(c.id).map(|standing| standing.agreement),
        };
        self.roster.candidates().map(|c| (c.id, one(c))).collect()
    }

    /// Remarks for people about evidence that has a weight but is missing.
    pub(crate) fn remarks(&self) -> Vec<String> {
        let answers = self.answers();
        let evidence = self.evidence(&answers);
        let all = evidence.len();
        let mut remarks = Vec::new();
        for asked in self.wanted() {
            let missing = answers.iter().filter(|((_, about), _)| *about == asked);
            let missing: Vec<(u32, &String)> =
                missing.filter_map(|((id, _), answer)| Some((*id, answer.as_ref().err()?))).collect();
            if let Some((id, why)) = missing.first() {
                let (number, name) = (missing.len(), asked.name());
                remarks.push(format!("{name}: missing for {number} of {all} candidates; the first, {id}: {why}"));
            }
        }
        let bare = evidence.iter().filter(|(_, evidence)| evidence.similarity.is_none()).count();
        if self.settings.clip > 0.0 && bare > 0 {
            let none = if bare == all { "; that part is left out" } else { "; they are scored without it" };
            remarks.push(format!("similarity: missing for {bare} of {all} candidates{none}"));
        }
        let scoreless =
            evidence.iter().filter(|(_, evidence)| parts::score(evidence, &self.settings).is_none()).count();
        if scoreless > 0 {
            remarks.push(format!("no score: nothing that counts is known of {scoreless} of {all} candidates"));
        }
        remarks
    }
}
