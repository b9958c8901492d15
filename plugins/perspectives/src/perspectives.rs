//! The planner: asks with the query as given and for rephrasings, then with the rephrasings, and proposes a hypothesis
//! per reply.

use crate::reading::{self, Place, Reading};
use crate::schedule::{self, Draws};
use crate::strategy::STRATEGIES;
use crate::{Prompted, Settings, prompt, rephrase};
use alloc::collections::{BTreeMap, BTreeSet};
use core::ops::Range;
use rescue_plugin_sdk::chat::{Answer, Body, Request};
use rescue_plugin_sdk::planner::{Blank, Proposal, Step};
use rescue_plugin_sdk::prelude::*;
use rescue_plugin_sdk::{Brief, Hypothesis, Level, Prompt, Region, Requests, log, short, usable};

/// A query that is used as a label is cut to this many characters.
const MAX_LABEL: usize = 200;

/// The most proposals in one step. The size of a step in bytes is limited, and reasoning may be long.
const MAX_PROPOSALS: usize = 64;

/// The purpose of a question.
#[derive(Debug, Clone, PartialEq)]
enum Purpose {
    Rephrase,
    Locate(Draws),
}

/// A session on one sample.
#[derive(Debug)]
pub struct Perspectives {
    brief: Brief,
    settings: Settings,
    requests: Requests<Purpose>,
    started: bool,
    /// The query as given, then its rephrasings; `None` until they are known.
    texts: Option<Vec<String>>,
    proposed: BTreeSet<u32>,
    /// The reasons why ids were skipped, by id.
    skipped: BTreeMap<u32, String>,
}

impl Perspectives {
    /// A planner for this brief.
    #[must_use]
    pub fn new(brief: Brief, settings: Settings) -> Self {
        Self {
            brief,
            settings,
            requests: Requests::default(),
            started: false,
            texts: None,
            proposed: BTreeSet::new(),
            skipped: BTreeMap::new(),
        }
    }

    /// Takes in an answer of the model.
    pub fn answered(&mut self, answer: Answer) {
        self.requests.answered(answer);
    }

    /// The next step: all that can be asked and proposed by now.
    pub fn step(&mut self) -> Step {
        let ask = self.ask();
        let propose = self.propose();
        let done = self.proposed.len() >= usize::try_from(self.brief.count).unwrap_or(usize::MAX);
        if done {
            self.log_skipped();
        }
        Step { ask, propose, done, ..Step::default() }
    }

    fn ask(&mut self) -> Vec<Request> {
        let variations = schedule::variations(self.brief.count);
        let query = self.brief.query.clone();
        if !self.started {
            self.started = true;
            if !self.settings.rephrase || variations <= 1 {
                self.texts = Some(vec![query]);
                return self.locate(0..variations);
            }
            let question = rephrase::question(&query).temperature(self.settings.temperature);
            let body = Body::Chat(question.max_tokens(self.settings.max_tokens));
            let mut ask = vec![self.requests.ask(Purpose::Rephrase, body)];
            ask.extend(self.locate(0..1));
            return ask;
        }
        if self.texts.is_some() {
            return vec![];
        }
        let Some(rephrased) = self.rephrased() else { return vec![] };
        self.texts = Some([query].into_iter().chain(rephrased).collect());
        self.locate(1..variations)
    }

    /// The rephrasings (perhaps none), or `None` if their answer is still missing. Writes to the log how many are
    /// missing.
    fn rephrased(&self) -> Option<Vec<String>> {
        let (_, answer) = self.requests.answers().find(|(purpose, _)| **purpose == Purpose::Rephrase)?;
        let read = usable(answer?).and_then(|reply| rephrase::read(&reply.text, &self.brief.query));
        let (wanted, instead) = (schedule::TEXTS - 1, "the query as given is asked again in their place");
        match &read {
            Ok(read) if read.len() < usize::try_from(wanted).unwrap_or(0) => {
                log(Level::Info, &format!("{} of {wanted} rephrasings came; {instead}", read.len()));
            }
            Ok(_) => {}
            Err(why) => log(Level::Info, &format!("no rephrasings came ({why}); {instead}")),
        }
        Some(read.unwrap_or_default())
    }

    /// The requests of these variations.
    fn locate(&mut self, variations: Range<u32>) -> Vec<Request> {
        let texts = self.texts.clone().unwrap_or_else(|| vec![self.brief.query.clone()]);
        let draws = schedule::draws(self.brief.count, texts.len(), variations);
        let put = draws.into_iter().filter_map(|draws| {
            let (strategy, text) = (STRATEGIES.get(draws.strategy)?, texts.get(draws.text)?);
            let question = prompt::locate(strategy, text)
                .temperature(strategy.temperature(self.settings.temperature))
                .max_tokens(self.settings.max_tokens);
            let repeats = draws.repeats();
            Some(self.requests.draw(Purpose::Locate(draws), Body::Chat(question), repeats))
        });
        put.collect()
    }

    /// The proposals from new answers, in the order asked, at most [`MAX_PROPOSALS`] at once.
    fn propose(&mut self) -> Vec<Proposal> {
        let mut proposals = Vec::new();
        for (purpose, repeat, answer) in self.requests.draws() {
            let (Purpose::Locate(draws), Some(answer)) = (purpose, answer) else { continue };
            let Some(id) = draws.id(repeat).filter(|id| !self.proposed.contains(id)) else { continue };
            proposals.push((id, self.proposal(id, draws, repeat, reading::read(answer))));
            if proposals.len() == MAX_PROPOSALS {
                break;
            }
        }
        for (id, proposal) in &proposals {
            self.proposed.insert(*id);
            if let Proposal::Skipped(blank) = proposal {
                self.skipped.insert(*id, blank.why.clone());
            }
        }
        proposals.into_iter().map(|(_, proposal)| proposal).collect()
    }

    fn proposal(&self, id: u32, draws: &Draws, repeat: u32, reading: Reading) -> Proposal {
        let place = match reading {
            Reading::Found(place) => place,
            Reading::Absent(why) => return Proposal::NoTarget(Blank { id, why }),
            Reading::Unreadable(why) => return Proposal::Skipped(Blank { id, why }),
        };
        let (concept, rect) = match self.settings.prompt {
            Prompted::Box => (String::new(), Some(place.rect)),
            _ if place.concept.is_empty() => {
                let why = "the reply names no target concept, which prompt = \"box\" would not need".to_owned();
                return Proposal::Skipped(Blank { id, why });
            }
            Prompted::Concept => (place.concept.clone(), None),
            Prompted::Both => (place.concept.clone(), Some(place.rect)),
        };
        let notes = self.notes(draws, repeat, &place);
        let label = if place.concept.is_empty() { short(&self.brief.query, MAX_LABEL) } else { place.concept };
        Proposal::Hypothesis(Hypothesis {
            id,
            label,
            regions: vec![Region::Prompt(Prompt { concept, rect, points: vec![] })],
            without: vec![],
            confidence: None,
            reasoning: place.reasoning,
            origin: STRATEGIES.get(draws.strategy).map_or("", |strategy| strategy.name).to_owned(),
            notes,
        })
    }

    /// The notes of a hypothesis: "box" (as the planner `grounder` writes it), "variation", "query" if it was
    /// rephrased, and "boxes", the number of boxes in the reply, if there are several.
    fn notes(&self, draws: &Draws, repeat: u32, place: &Place) -> Vec<(String, String)> {
        let rect = place.rect;
        let edges = [rect.x_min, rect.y_min, rect.x_max, rect.y_max].map(|edge| format!("{edge:.1}")).join(",");
        let rephrased = self.texts.iter().flatten().nth(draws.text).filter(|_| draws.text > 0);
        let mut variation = if rephrased.is_some() { "rephrased".to_owned() } else { "as given".to_owned() };
        if repeat > 0 {
            variation.push_str(&format!(", draw {}", repeat.saturating_add(1)));
        }
        let mut notes = vec![("box".to_owned(), edges), ("variation".to_owned(), variation)];
        notes.extend(rephrased.map(|text| ("query".to_owned(), text.clone())));
        if place.boxes > 1 {
            notes.push(("boxes".to_owned(), place.boxes.to_string()));
        }
        notes
    }

    /// Writes to the log how many ids were skipped, and why the first was.
    fn log_skipped(&self) {
        if let Some((id, why)) = self.skipped.first_key_value() {
            let (skipped, count) = (self.skipped.len(), self.brief.count);
            log(Level::Info, &format!("{skipped} of {count} replies made no hypothesis; the first, {id}: {why}"));
        }
    }
}
