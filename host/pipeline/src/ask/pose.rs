//! A plugin's question, made into one that a model can be asked: who answers it, what is drawn, how the answer is drawn.

use std::sync::Arc;

use rescue_core::Rect;
use rescue_mask::Style;
use rescue_picture::{Crop, Mark, Recipe, Shape as Masked, Target, View};
use rescue_plugin::Kind;
use rescue_plugin::border::rescue::plugin::chat::{self, Failure, Format, Question, Request};
use rescue_plugin::border::rescue::plugin::types;
use rescue_reply::{Frame, Schema, Thinking};
use rescue_service::{
    ChatQuestion, Completed, Draw, Message, Operation, Part, Repeat, Role, Sampling, ServiceError, Shape, Source,
};
use serde_json::Value;

use super::read::{ChatReader, Form};
use super::{Asker, Batch, Posed, Reader, Service, Slot, apart, refuse, unsupported};
use crate::error::RunError;
use crate::exchange::{Call, Fresh, Send};
use crate::services::ChatService;

/// A question as it is asked, and what has to be drawn for it.
struct Ready {
    question: ChatQuestion,
    /// The views of each picture, in the order of the question's pictures.
    views: Vec<Vec<View>>,
    form: Form,
}

impl Asker<'_> {
    pub(super) fn pose_chat(
        &self,
        posed: &mut Posed,
        group: usize,
        kind: Kind,
        of_match: u32,
        request: &Request,
        question: &Question,
    ) -> Result<(), RunError> {
        let services = self.exchange.services();
        let (chat, desk, service) = match kind {
            Kind::Planner => (&services.planner, &self.exchange.planner, Service::Plan),
            Kind::Scorer | Kind::Verifier | Kind::Tournament => {
                (&services.verifier, &self.exchange.verifier, Service::Verify)
            }
        };
        let (Some(chat), Some(desk)) = (chat, desk) else {
            let role = if kind == Kind::Planner { "planner" } else { "verifier" };
            refuse(posed, group, request, &unsupported(&format!("this host has no model for the {role}")));
            return Ok(());
        };
        let ready = match self.ready(question, chat) {
            Ok(ready) => ready,
            Err(failure) => {
                refuse(posed, group, request, &failure);
                return Ok(());
            }
        };
        let form = Arc::new(ready.form);
        let (question, views) = (Arc::new(ready.question), Arc::new(ready.views));
        let mut asked = Vec::new();
        // A draw's seed does not depend on which others are asked for with it.
        let first = Repeat { of_match, of_question: 0 };
        let base = seed(Self::asked(Operation::Chat, &chat.service.model, &*question, first)?.key.as_bytes());
        for draw in 0..request.samples {
            let repeat = request.repeat.saturating_add(draw);
            let of = Repeat { of_match, of_question: repeat };
            let key = Self::asked(Operation::Chat, &chat.service.model, &*question, of)?;
            let place = posed.questions.len();
            let reader = ChatReader { form: form.clone(), thinking: chat.thinking };
            posed.questions.push(Reader::Chat(Box::new(reader)));
            posed.services.push(service);
            posed.slots.push(Slot { group, id: request.id, repeat, question: Ok(place) });
            asked.push((place, key, base.wrapping_add(repeat) & SEEDS));
        }
        // No request asks for more answers than a server works on at once; without chance, vLLM gives one a request.
        let alone = !chat.fan_out || question.sampling.temperature == 0.0;
        let most = if alone { 1 } else { chat.service.policy.slots.max(1) as usize };
        for some in asked.chunks(most) {
            let places = some.iter().map(|(place, ..)| *place).collect();
            let questions = some.iter().map(|(_, asked, _)| asked.clone()).collect();
            let seeds = some.iter().map(|(.., seed)| *seed).collect();
            let call = Call {
                desk: desk.clone(),
                affinity: self.affinity(),
                send: self.sender(chat, seeds, question.clone(), views.clone()),
                questions,
                weighs: true,
            };
            posed.batches.push(Batch { call, places });
        }
        Ok(())
    }

    /// Sends draws of one question.
    fn sender(
        &self,
        chat: &ChatService,
        seeds: Vec<u32>,
        question: Arc<ChatQuestion>,
        views: Arc<Vec<Vec<View>>>,
    ) -> Send {
        let (gallery, replicas) = (self.gallery.clone(), chat.service.replicas.clone());
        Arc::new(move |replica, places| {
            let (gallery, client) = (gallery.clone(), replicas.get(replica).cloned());
            let (question, views) = (question.clone(), views.clone());
            let seed = places.first().and_then(|place| seeds.get(*place)).copied().unwrap_or_default();
            let n = u32::try_from(places.len()).unwrap_or(u32::MAX);
            Box::pin(async move {
                let client = client.ok_or_else(|| ServiceError::failed("chat", "there is none", ""))?;
                let drawn = question.clone();
                let pictures = apart(move || {
                    let recipes = drawn.pictures().zip(views.iter());
                    recipes.map(|(recipe, views)| gallery.picture(recipe, views)).collect::<Result<Vec<_>, _>>()
                });
                let completed = client.complete(&question, &pictures.await?, Draw { n, seed }).await?;
                Ok(fresh(completed))
            })
        })
    }

    /// The error is what the plugin is told.
    fn ready(&self, asked: &Question, chat: &ChatService) -> Result<Ready, Failure> {
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
                let recipe = self.gallery.recipe(&shown).map_err(|error| unsupported(&error.to_string()))?;
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
            logprobs: chat.sampling.logprobs && matches!(shape, Shape::Choice(_)),
            ..chat.sampling.clone()
        };
        let question = ChatQuestion { messages, shape, sampling, thinking_off: chat.thinking == Thinking::Off };
        Ok(Ready { question, views, form })
    }

    fn view(&self, view: &chat::View, max_side: u32) -> Result<View, Failure> {
        let crop = match &view.crop {
            chat::Crop::Whole => Crop::Whole,
            chat::Crop::Area(area) => Crop::Area(rect(area)),
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
                Target::Mask(Masked::new(mask))
            }
            chat::Target::Rect(marked) => Target::Rect(rect(marked)),
        };
        let colour = mark.colour.map(|(red, green, blue)| [red, green, blue]);
        Ok(Mark { target, style, colour, strength: mark.strength, label: mark.label.clone() })
    }
}

/// How the answer has to look, and how it is read.
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
            let whole = |bounds: rescue_mask::Bounds| Rect {
                x_min: bounds.x_min.into(),
                y_min: bounds.y_min.into(),
                x_max: bounds.x_max.into(),
                y_max: bounds.y_max.into(),
            };
            let frame = Frame {
                convention: chat.convention,
                shown: first.size,
                panel: whole(panel.place),
                area: whole(panel.area),
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

fn rect(rect: &types::Rect) -> Rect {
    Rect { x_min: rect.x_min, y_min: rect.y_min, x_max: rect.x_max, y_max: rect.y_max }
}

/// A server's seed, from the question's key: the same question is drawn the same way by whoever asks it, where the server can.
fn seed(key: &[u8; 32]) -> u32 {
    key.iter().take(4).fold(0, |seed, byte| (seed << 8) | u32::from(*byte)) & SEEDS
}

/// Seeds are below 2³¹: some servers take signed numbers.
const SEEDS: u32 = 0x7fff_ffff;

fn fresh(completed: Completed) -> Vec<Fresh> {
    let Completed { choices, usage, server, seconds, sent } = completed;
    // Tokens are counted for all choices of a request together: the first one carries them.
    let mut usage = Some(usage);
    let mut source =
        || Source { server: server.clone(), usage: usage.take().unwrap_or(Value::Null), seconds, sent: sent.clone() };
    choices.into_iter().map(|answer| Fresh { answer, source: source() }).collect()
}
