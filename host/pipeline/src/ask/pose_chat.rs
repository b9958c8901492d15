//! Poses a plugin's question in words: which model answers it, which pictures it shows, and what its answer must look like.

use std::sync::Arc;

use rescue_mask::Style;
use rescue_picture::{Crop, Mark, Recipe, Target, View};
use rescue_plugin::Kind;
use rescue_plugin::border::rescue::plugin::chat::{self, Failure, Format, Question, Request as PluginRequest};
use rescue_reply::{Frame, Schema, Thinking};
use rescue_service::{ChatQuestion, Feature, Message, Operation, Part, Repeat, Role, Sampling, Shape};

use super::pose::{Owed, Posed, Poser};
use super::read::{ChatReader, Form, Reader};
use super::{QuestionKind, question_key, unsupported};
use crate::error::RunError;
use crate::exchange::{ChatRequest, Request};
use crate::services::{ChatService, ServiceName};

/// A question in the service's form.
struct Prepared {
    question: ChatQuestion,
    /// The views of each picture, in the order of the question's pictures.
    views: Vec<Vec<View>>,
    form: Form,
}

impl Poser<'_> {
    pub(super) fn pose_chat(
        &self,
        posed: &mut Posed,
        kind: Kind,
        match_repeat: u32,
        request: &PluginRequest,
        question: &Question,
    ) -> Result<(), RunError> {
        let (service, question_kind) = match kind {
            Kind::Planner => (ServiceName::Planner, QuestionKind::Plan),
            Kind::Scorer | Kind::Verifier | Kind::Tournament => (ServiceName::Verifier, QuestionKind::Verify),
        };
        let Some(chat) = self.services.chat(service) else {
            posed.refuse(request, unsupported(&format!("this host has no model for the {service}")));
            return Ok(());
        };
        let prepared = match self.prepare(question, chat) {
            Ok(prepared) => prepared,
            Err(failure) => {
                posed.refuse(request, failure);
                return Ok(());
            }
        };
        let masks = prepared.views.iter().flatten().map(View::masks).sum();
        let (question, views) = (Arc::new(prepared.question), Arc::new(prepared.views));
        let max_tokens = question.sampling.max_tokens;
        let reader = ChatReader { service, form: prepared.form, thinking: chat.thinking, max_tokens };
        let reader = Arc::new(Reader::Chat(reader));
        // At temperature 0, searches with other seeds have the same answers.
        let of_run = if question.sampling.temperature > 0.0 { self.seed } else { 0 };
        let key = |repeat| {
            let repeat = Repeat { of_match: match_repeat, of_question: repeat, of_run };
            question_key(Operation::Chat, &chat.service.model, &*question, repeat)
        };
        // A draw's seed must not depend on which other draws are asked for with it.
        let base = seed(key(0)?.key.as_bytes());
        let mut draws = Vec::new();
        for draw in 0..request.samples {
            let repeat = request.repeat.saturating_add(draw);
            let asked = key(repeat)?;
            posed.owed.push(Owed { id: request.id, repeat, question: Ok((asked.key, reader.clone())) });
            draws.push((asked, base.wrapping_add(repeat) & SEEDS));
        }
        // No request asks for more draws than a server has slots. At temperature 0, vLLM gives one draw a request.
        let single = !chat.fan_out || question.sampling.temperature == 0.0;
        let most = if single { 1 } else { chat.service.policy.slots.max(1) as usize };
        for draws in draws.chunks(most) {
            let sent = ChatRequest {
                question: question.clone(),
                views: views.clone(),
                pictures: self.pictures.clone(),
                seeds: draws.iter().map(|(_, seed)| chat.features.has(Feature::Seed).then_some(*seed)).collect(),
            };
            let questions = draws.iter().map(|(asked, _)| asked.clone()).collect();
            posed.calls.push((question_kind, masks, self.call(service, questions, Request::Chat(sent))));
        }
        Ok(())
    }

    /// The error is what the plugin is told.
    fn prepare(&self, asked: &Question, chat: &ChatService) -> Result<Prepared, Failure> {
        if let Some((name, _)) = asked.options.first() {
            let name: String = name.chars().take(64).collect();
            return Err(unsupported(&format!("this host knows no option {name:?}; it knows none")));
        }
        let mut views: Vec<Vec<View>> = Vec::new();
        let mut recipes: Vec<Recipe> = Vec::new();
        let mut messages = Vec::with_capacity(asked.messages.len());
        for message in &asked.messages {
            let mut parts = Vec::with_capacity(message.parts.len());
            for part in &message.parts {
                let shown = match part {
                    chat::Part::Text(text) => {
                        parts.push(Part::Text(text.clone()));
                        continue;
                    }
                    chat::Part::Reasoning(id) => {
                        parts.push(Part::Text(self.sample.reasoning(*id).unwrap_or_default()));
                        continue;
                    }
                    chat::Part::Image(view) => vec![self.view(view, chat.max_side)?],
                    chat::Part::Grid(views) => {
                        views.iter().map(|view| self.view(view, chat.max_side)).collect::<Result<_, _>>()?
                    }
                };
                let recipe = self.pictures.recipe(&shown).map_err(|error| unsupported(&error.to_string()))?;
                parts.push(Part::Picture(recipe.clone()));
                recipes.push(recipe);
                views.push(shown);
            }
            messages.push(Message { role: role(message.role), parts });
        }
        let (shape, form) = form(&asked.format, recipes.first(), chat)?;
        let sampling = Sampling {
            temperature: asked.temperature,
            max_tokens: if asked.max_tokens == 0 { chat.sampling.max_tokens } else { asked.max_tokens },
            logprobs: matches!(shape, Shape::Choice(_)),
            ..chat.sampling.clone()
        };
        let mut question = ChatQuestion { messages, shape, sampling, thinking_off: chat.thinking == Thinking::Off };
        for feature in Feature::ALL.into_iter().filter(|feature| !chat.features.has(*feature)) {
            question = feature.without(question);
        }
        Ok(Prepared { question, views, form })
    }

    fn view(&self, view: &chat::View, max_side: u32) -> Result<View, Failure> {
        let crop = match &view.crop {
            chat::Crop::Whole => Crop::Whole,
            chat::Crop::Area(area) => Crop::Area((*area).into()),
            chat::Crop::Around(margin) => Crop::Around(*margin),
        };
        let marks = view.marks.iter().map(|mark| self.mark(mark)).collect::<Result<_, _>>()?;
        let max_side = if view.max_side == 0 { max_side } else { view.max_side };
        Ok(View { marks, crop, max_side, caption: view.caption.clone() })
    }

    fn mark(&self, mark: &chat::Mark) -> Result<Mark, Failure> {
        let style: Style =
            mark.style.parse().map_err(|error: rescue_mask::UnknownStyle| unsupported(&error.to_string()))?;
        let target = match &mark.target {
            chat::Target::Candidate(id) => {
                let mask = self.sample.mask(*id).ok_or_else(|| unsupported(&format!("candidate {id} has no mask")))?;
                Target::Mask(self.pictures.shape(&mask))
            }
            chat::Target::Rect(marked) => Target::Rect((*marked).into()),
        };
        let colour = mark.colour.map(|(red, green, blue)| [red, green, blue]);
        Ok(Mark { target, style, colour, strength: mark.strength, label: mark.label.clone() })
    }
}

/// The shape that the server is asked for, and the form by which the answer is read.
fn form(format: &Format, first: Option<&Recipe>, chat: &ChatService) -> Result<(Shape, Form), Failure> {
    Ok(match format {
        Format::Free => (Shape::Free, Form::Free),
        Format::Choice(options) => (Shape::Choice(options.clone()), Form::Choice(options.clone())),
        Format::Json(schema) => {
            let schema = Schema::parse(schema).map_err(|error| unsupported(&error.to_string()))?;
            (Shape::Json(schema.value().clone()), Form::Json(Box::new(schema)))
        }
        Format::Boxes => {
            let first = first.ok_or_else(|| unsupported("places are asked for, but no picture is shown"))?;
            let [panel] = first.panels.as_slice() else {
                return Err(unsupported("places in a grid of pictures are not read: show one picture first"));
            };
            let frame = Frame {
                convention: chat.convention,
                shown: first.size,
                panel: panel.place.into(),
                area: panel.area.into(),
                photo: first.photo_size,
            };
            (Shape::Boxes, Form::Boxes(Box::new(frame)))
        }
    })
}

fn role(role: chat::Role) -> Role {
    match role {
        chat::Role::System => Role::System,
        chat::Role::User => Role::User,
        chat::Role::Assistant => Role::Assistant,
    }
}

/// The server's seed, from the question's key: whichever plugin asks a question, the server draws its answer from the same seed.
fn seed(key: &[u8; 32]) -> u32 {
    key.iter().take(4).fold(0, |seed, byte| (seed << 8) | u32::from(*byte)) & SEEDS
}

/// The bits of a seed. Seeds are below 2³¹, since some servers read them as signed numbers.
const SEEDS: u32 = 0x7fff_ffff;
