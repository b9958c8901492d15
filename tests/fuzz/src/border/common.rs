//! The reference for what all kinds of sessions have in common: room, texts, requests and answers.

use std::sync::Arc;

use rescue_plugin::Limits;
use rescue_plugin::border::rescue::plugin::chat::{Answer, Body, Crop, Format, Part, Question, Request, Target, View};
use rescue_plugin::border::rescue::plugin::types::{Brief, Rect};

use super::compare::distinct;

/// A request, with the repeats that are not answered yet.
struct Asked {
    id: u32,
    repeats: Vec<u32>,
}

/// The part of a session's state that all kinds have.
pub(super) struct CommonReference {
    pub(super) limits: Arc<Limits>,
    room: u32,
    entries: usize,
    answers: u32,
    /// The size of all texts so far, in bytes.
    texts: usize,
    asked: Vec<Asked>,
}

impl CommonReference {
    pub(super) fn new(brief: &Brief, limits: Arc<Limits>) -> Self {
        Self { limits, room: brief.room, entries: 0, answers: 0, texts: 0, asked: Vec::new() }
    }

    /// Counts a step's entries. False if they exceed the room or the limit.
    pub(super) fn entries(&mut self, entries: usize) -> bool {
        self.entries += entries;
        entries <= self.room as usize && self.entries <= self.limits.entries_per_session
    }

    pub(super) fn text(&mut self, text: &str) -> bool {
        self.text_up_to(text, self.limits.string_bytes)
    }

    pub(super) fn reasoning(&mut self, text: &str) -> bool {
        self.text_up_to(text, self.limits.reasoning_bytes)
    }

    fn text_up_to(&mut self, text: &str, most: usize) -> bool {
        self.texts += text.len();
        text.len() <= most && self.texts <= self.limits.bytes_per_session
    }

    pub(super) fn extras(&mut self, extras: &[(String, String)]) -> bool {
        extras.iter().all(|(name, value)| self.text(name) && self.text(value))
    }

    /// Counts requests and cancellations. False if one of them breaks a rule.
    pub(super) fn requests(&mut self, ask: &[Request], cancel: &[u32], known: &[u32]) -> bool {
        for request in ask {
            if self.asked.iter().any(|asked| asked.id == request.id) || !self.request(request, known) {
                return false;
            }
            let first = u64::from(request.repeat);
            let repeats = first..first + u64::from(request.samples);
            if repeats.end > u64::from(u32::MAX) {
                return false;
            }
            let repeats = repeats.map(|repeat| repeat as u32).collect();
            self.asked.push(Asked { id: request.id, repeats });
        }
        for id in cancel {
            match self.asked.iter_mut().find(|asked| asked.id == *id) {
                Some(asked) => asked.repeats.clear(),
                None => return false,
            }
        }
        true
    }

    /// Whether an answer is wanted and may be told. If so, it is no longer under way.
    pub(super) fn told(&mut self, answer: &Answer) -> bool {
        let Some(asked) = self.asked.iter_mut().find(|asked| asked.id == answer.id) else { return false };
        let before = asked.repeats.len();
        asked.repeats.retain(|repeat| *repeat != answer.repeat);
        asked.repeats.len() < before
    }

    pub(super) fn wants(&self, id: u32) -> bool {
        self.asked.iter().any(|asked| asked.id == id && !asked.repeats.is_empty())
    }

    /// The id and repeat of all answers under way.
    pub(super) fn under_way(&self) -> Vec<(u32, u32)> {
        self.asked.iter().flat_map(|asked| asked.repeats.iter().map(|repeat| (asked.id, *repeat))).collect()
    }

    fn request(&mut self, request: &Request, known: &[u32]) -> bool {
        self.answers = self.answers.saturating_add(request.samples);
        let few = (1..=self.limits.samples_per_request).contains(&request.samples)
            && self.answers as usize <= self.limits.answers_per_session;
        few && match &request.body {
            Body::Chat(question) => self.question(question, known),
            Body::Detect(phrase) => self.text(phrase),
            Body::Call((name, input)) => self.text(name) && self.text(input),
        }
    }

    fn question(&mut self, question: &Question, known: &[u32]) -> bool {
        let format = match &question.format {
            Format::Choice(choices) => !choices.is_empty() && choices.iter().all(|choice| self.text(choice)),
            Format::Json(schema) => self.text(schema),
            Format::Free | Format::Boxes => true,
        };
        format
            && question.temperature >= 0.0
            && question.temperature <= 2.0
            && self.extras(&question.options)
            && !question.messages.is_empty()
            && question
                .messages
                .iter()
                .all(|message| !message.parts.is_empty() && message.parts.iter().all(|part| self.part(part, known)))
    }

    fn part(&mut self, part: &Part, known: &[u32]) -> bool {
        match part {
            Part::Text(text) => self.reasoning(text),
            Part::Image(view) => self.view(view, known),
            Part::Grid(views) => views.iter().all(|view| self.view(view, known)),
            Part::Reasoning(id) => distinct(&[*id], known),
        }
    }

    fn view(&mut self, view: &View, known: &[u32]) -> bool {
        let crop = match &view.crop {
            Crop::Whole => true,
            Crop::Area(area) => finite(area),
            Crop::Around(margin) => margin.is_finite() && *margin >= 0.0,
        };
        crop && self.text(&view.caption)
            && view.marks.iter().all(|mark| {
                let target = match &mark.target {
                    Target::Candidate(id) => known.contains(id),
                    Target::Rect(rect) => finite(rect),
                };
                target && mark.strength.is_none_or(f64::is_finite) && self.text(&mark.style) && self.text(&mark.label)
            })
    }
}

pub(super) fn finite(rect: &Rect) -> bool {
    [rect.x_min, rect.y_min, rect.x_max, rect.y_max].iter().all(|edge| edge.is_finite())
}

/// Whether a value is `None` or from 0 to 1.
pub(super) fn unit(value: Option<f64>) -> bool {
    value.is_none_or(|value| (0.0..=1.0).contains(&value))
}
