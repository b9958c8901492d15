//! The scorer as a whole: ask of each candidate when it enters, score once all is known.

use crate::parts::{self, Known};
use crate::{Settings, prompt};
use alloc::collections::{BTreeMap, BTreeSet};
use rescue_plugin_sdk::chat::{Body, Failure, Reply, Request};
use rescue_plugin_sdk::prelude::*;
use rescue_plugin_sdk::scorer::Step;
use rescue_plugin_sdk::{Brief, Level, Requests, Roster, Score, log, usable};

/// The most candidates that one step asks about: what a step may hold is bounded in bytes, and a query may be long.
const BATCH: usize = 64;

/// What a candidate is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Asked {
    Rating,
    Semantic,
}

impl Asked {
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

/// One sample's candidates.
#[derive(Debug)]
pub struct Hybrid {
    query: String,
    settings: Settings,
    pub(crate) roster: Roster,
    pub(crate) requests: Requests<(u32, Asked)>,
    asked: BTreeSet<u32>,
}

/// What the model said, by candidate and question.
type Answers = BTreeMap<(u32, Asked), Result<f64, String>>;

impl Hybrid {
    pub(crate) fn new(brief: Brief, settings: Settings) -> Self {
        let Brief { query, .. } = brief;
        Self { query, settings, roster: Roster::default(), requests: Requests::default(), asked: BTreeSet::new() }
    }

    /// Questions about those that are new; scores once no fact is owed.
    pub(crate) fn step(&mut self) -> Step {
        let ask = self.ask();
        if !ask.is_empty() || self.requests.waiting() || !self.roster.is_closed() {
            return Step { ask, ..Step::default() };
        }
        for remark in self.remarks() {
            log(Level::Info, &remark);
        }
        let known = self.known(&self.answers());
        let scored = known.iter().filter_map(|(id, known)| Some((*id, parts::score(known, &self.settings)?)));
        Step { scores: Some(scored.map(|(id, value)| Score { id, value }).collect()), ..Step::default() }
    }

    fn ask(&mut self) -> Vec<Request> {
        let new = self.roster.candidates().map(|c| c.id).filter(|id| !self.asked.contains(id));
        let new: Vec<u32> = new.take(BATCH).collect();
        self.asked.extend(&new);
        let wanted = self.wanted();
        let pairs = new.into_iter().flat_map(|id| wanted.iter().map(move |asked| (id, *asked)));
        let put = pairs.map(|(id, asked)| {
            let question = match asked {
                Asked::Rating => prompt::rate(&self.query, id),
                Asked::Semantic => prompt::describe(&self.query, id),
            };
            let question = question.temperature(self.settings.temperature).max_tokens(self.settings.max_tokens);
            self.requests.ask((id, asked), Body::Chat(question))
        });
        put.collect()
    }

    /// What counts and so is asked.
    fn wanted(&self) -> Vec<Asked> {
        let Settings { rated, vlm, rating, semantic, .. } = self.settings;
        let weight = |asked: &Asked| match asked {
            Asked::Rating => rating,
            Asked::Semantic => semantic,
        };
        Asked::ALL.into_iter().filter(|asked| rated && vlm > 0.0 && weight(asked) > 0.0).collect()
    }

    /// What the model said by now.
    fn answers(&self) -> Answers {
        self.requests.answers().filter_map(|(about, answer)| Some((*about, about.1.read(answer?)))).collect()
    }

    /// What is known of each candidate, in the order of ids.
    fn known(&self, answers: &Answers) -> Vec<(u32, Known)> {
        let similar: BTreeMap<u32, f64> = parts::minmax(self.roster.candidates()).into_iter().collect();
        let said = |id, asked| answers.get(&(id, asked)).and_then(|answer| answer.as_ref().ok()).copied();
        let one = |c: &rescue_plugin_sdk::Candidate| Known {
            rating: said(c.id, Asked::Rating),
            semantic: said(c.id, Asked::Semantic),
            predicted_iou: c.predicted_iou,
            coverage: c.coverage,
            similarity: similar.get(&c.id).copied(),
            agreement: self.roster.standing(c.id).map(|standing| standing.agreement),
        };
        self.roster.candidates().map(|c| (c.id, one(c))).collect()
    }

    /// What counts and is missing, for people.
    pub(crate) fn remarks(&self) -> Vec<String> {
        let answers = self.answers();
        let known = self.known(&answers);
        let all = known.len();
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
        let bare = known.iter().filter(|(_, known)| known.similarity.is_none()).count();
        if self.settings.clip > 0.0 && bare > 0 {
            let none = if bare == all { "; that part is left out" } else { "; they are scored without it" };
            remarks.push(format!("similarity: missing for {bare} of {all} candidates{none}"));
        }
        let scoreless = known.iter().filter(|(_, known)| parts::score(known, &self.settings).is_none()).count();
        if scoreless > 0 {
            remarks.push(format!("no score: nothing that counts is known of {scoreless} of {all} candidates"));
        }
        remarks
    }
}
