//! Draws requests and answers.

use rescue_plugin::border::rescue::plugin::chat::{
    Answer, Body, Crop, Format, Mark, Message, Part, Question, Request, Role, Target, View,
};
use rescue_plugin::border::rescue::plugin::types::Size;

use super::Generator;
use super::common::CommonReference;
use super::compare::clips;

impl Generator<'_> {
    pub(super) fn request(&mut self) -> Request {
        let body = match self.below(4) {
            0 | 1 => Body::Detect(self.text()),
            2 => Body::Call((self.text(), self.text())),
            _ => Body::Chat(self.question()),
        };
        let samples = if self.once_in(3) { self.id() } else { 1 };
        Request { id: self.id(), body, samples, repeat: self.id() }
    }

    fn question(&mut self) -> Question {
        Question {
            messages: self.list(2, |generator| Message {
                role: generator.one_of(&[Role::System, Role::User, Role::Assistant]),
                parts: generator.list(2, Self::part),
            }),
            format: match self.below(4) {
                0 => Format::Free,
                1 => Format::Choice(self.list(2, Self::text)),
                2 => Format::Json(self.text()),
                _ => Format::Boxes,
            },
            temperature: self.share(),
            max_tokens: self.id(),
            options: self.extras(),
        }
    }

    fn part(&mut self) -> Part {
        match self.below(4) {
            0 => Part::Text(self.text()),
            1 => Part::Image(self.view()),
            2 => Part::Grid(self.list(2, Self::view)),
            _ => Part::Reasoning(self.id()),
        }
    }

    fn view(&mut self) -> View {
        let marks = self.list(2, |generator| Mark {
            target: if generator.once_in(2) {
                Target::Rect(generator.rect(Self::number))
            } else {
                Target::Candidate(generator.id())
            },
            style: generator.text(),
            colour: generator.maybe(|_| (1, 2, 3)),
            strength: generator.maybe(Self::number),
            label: generator.text(),
        });
        let crop = match self.below(3) {
            0 => Crop::Whole,
            1 => Crop::Area(self.rect(Self::number)),
            _ => Crop::Around(self.number()),
        };
        View { marks, crop, max_side: self.id(), caption: self.text() }
    }

    /// Draws answers to some of the requests under way, and sometimes one that is not wanted.
    pub(super) fn answers(&mut self, common: &CommonReference) -> Vec<Answer> {
        let mut answers = Vec::new();
        for (id, repeat) in common.under_way() {
            if !self.once_in(3) {
                answers.push(self.answer(id, repeat));
            }
        }
        if self.once_in(4) {
            let (id, repeat) = (self.id(), self.id());
            answers.push(self.answer(id, repeat));
        }
        answers
    }
}

/// Checks that the views of accepted requests can be drawn: their boxes can be clipped.
pub(super) fn can_be_asked(ask: &[Request], image: Size) {
    for request in ask {
        let Body::Chat(question) = &request.body else { continue };
        for part in question.messages.iter().flat_map(|message| &message.parts) {
            let views = match part {
                Part::Image(view) => std::slice::from_ref(view),
                Part::Grid(views) => views,
                Part::Text(_) | Part::Reasoning(_) => &[],
            };
            for view in views {
                if let Crop::Area(area) = &view.crop {
                    clips(area, image);
                }
                for mark in &view.marks {
                    if let Target::Rect(rect) = &mark.target {
                        clips(rect, image);
                    }
                }
            }
        }
    }
}
