//! The rules for the requests of a session: which ids were used, and which answers are still to come.

use std::collections::{HashMap, HashSet};

use super::{Checked, IdSet, Intake, Violation, finite};
use crate::border::rescue::plugin::chat::{Answer, Body, Crop, Format, Part, Question, Request, Target, View};
use crate::border::rescue::plugin::types::Rect;

/// The requests of a session. The plugin chooses the ids, so the sets use std's keyed hash: the plugin cannot choose ids that
/// collide.
#[derive(Clone, Debug, Default)]
pub(super) struct Requests {
    /// All ids so far.
    used: HashSet<u32>,
    /// For each id, the repeats whose answers are still to come.
    under_way: HashMap<u32, Vec<u32>>,
}

impl Requests {
    /// Checks and notes a step's requests and cancellations. `known`: the candidates that may be shown to a model.
    pub(super) fn step(&mut self, ask: &[Request], cancel: &[u32], known: &IdSet, intake: &mut Intake) -> Checked {
        intake.list(ask)?;
        for asked in ask {
            let id = asked.id;
            request(asked, known, intake)?;
            if !self.used.insert(id) {
                return Err(Violation::RequestTwice(id));
            }
            let end = asked.repeat.checked_add(asked.samples).ok_or(Violation::Repeats(id))?;
            self.under_way.insert(id, (asked.repeat..end).collect());
        }
        for id in cancel {
            if !self.used.contains(id) {
                return Err(Violation::UnknownCancel(*id));
            }
            self.under_way.remove(id);
        }
        Ok(())
    }

    /// Notes an answer. Returns whether it is wanted: it was asked for, not cancelled, and not told before.
    pub(super) fn told(&mut self, answer: &Answer) -> bool {
        let Some(repeats) = self.under_way.get_mut(&answer.id) else { return false };
        let place = repeats.iter().position(|repeat| *repeat == answer.repeat);
        let wanted = place.map(|place| repeats.swap_remove(place)).is_some();
        if repeats.is_empty() {
            self.under_way.remove(&answer.id);
        }
        wanted
    }

    /// Whether an answer to this request is still to come.
    pub(super) fn wants(&self, id: u32) -> bool {
        self.under_way.contains_key(&id)
    }

    /// Whether an answer to any request is still to come.
    pub(super) fn under_way(&self) -> bool {
        !self.under_way.is_empty()
    }
}

fn request(request: &Request, known: &IdSet, intake: &mut Intake) -> Checked {
    intake.samples(request.id, request.samples)?;
    match &request.body {
        Body::Chat(asked) => question(request.id, asked, known, intake),
        Body::Detect(phrase) => intake.text("a phrase to detect", phrase),
        Body::Call((name, input)) => {
            intake.text("the name of a call", name)?;
            intake.text("the input of a call", input)
        }
    }
}

fn question(id: u32, question: &Question, known: &IdSet, intake: &mut Intake) -> Checked {
    let value = question.temperature;
    if !(0.0..=2.0).contains(&value) {
        return Err(Violation::Number { what: "a question's temperature", value, range: "from 0 to 2" });
    }
    intake.extras("an option", &question.options)?;
    match &question.format {
        Format::Choice(choices) if choices.is_empty() => return Err(Violation::NoChoice(id)),
        Format::Choice(choices) => {
            intake.list(choices)?;
            choices.iter().try_for_each(|choice| intake.text("a choice", choice))?;
        }
        Format::Json(schema) => intake.text("a schema", schema)?,
        Format::Free | Format::Boxes => {}
    }
    intake.list(&question.messages)?;
    if question.messages.is_empty() || question.messages.iter().any(|message| message.parts.is_empty()) {
        return Err(Violation::EmptyQuestion(id));
    }
    for message in &question.messages {
        intake.list(&message.parts)?;
        for part in &message.parts {
            match part {
                Part::Text(text) => intake.reasoning("a part of a message", text)?,
                Part::Image(shown) => view(shown, known, intake)?,
                Part::Grid(views) => {
                    intake.list(views)?;
                    views.iter().try_for_each(|shown| view(shown, known, intake))?;
                }
                Part::Reasoning(id) => shown("a part of a message", *id, known)?,
            }
        }
    }
    Ok(())
}

fn view(view: &View, known: &IdSet, intake: &mut Intake) -> Checked {
    intake.text("a caption", &view.caption)?;
    intake.list(&view.marks)?;
    match &view.crop {
        Crop::Whole => {}
        Crop::Area(area) => rect("an edge of a crop", area)?,
        Crop::Around(margin) if margin.is_finite() && *margin >= 0.0 => {}
        Crop::Around(value) => {
            return Err(Violation::Number { what: "a margin", value: *value, range: "finite and not negative" });
        }
    }
    for mark in &view.marks {
        intake.text("a mark's style", &mark.style)?;
        intake.text("a mark's label", &mark.label)?;
        mark.strength.map_or(Ok(()), |strength| finite("a mark's strength", strength))?;
        match &mark.target {
            Target::Candidate(id) => shown("a mark", *id, known)?,
            Target::Rect(marked) => rect("an edge of a mark", marked)?,
        }
    }
    Ok(())
}

/// Checks that a candidate that is shown to a model is known.
fn shown(what: &'static str, id: u32, known: &IdSet) -> Checked {
    if known.contains(id) { Ok(()) } else { Err(Violation::UnknownCandidate { what, id }) }
}

/// Checks that the edges of a box are finite. It may reach beyond the image: the host clips it.
pub(super) fn rect(what: &'static str, rect: &Rect) -> Checked {
    [rect.x_min, rect.y_min, rect.x_max, rect.y_max].into_iter().try_for_each(|edge| finite(what, edge))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::border::rescue::plugin::chat::{Failure, Mark, Message, Role, Trouble};
    use crate::limits::Limits;

    fn asked(id: u32, repeat: u32, samples: u32) -> Request {
        Request { id, body: Body::Detect("dog".into()), samples, repeat }
    }

    fn answer(id: u32, repeat: u32) -> Answer {
        let failure = Failure { trouble: Trouble::Unavailable, message: String::new(), raw: String::new() };
        Answer { id, repeat, outcome: Err(failure) }
    }

    fn step(requests: &mut Requests, ask: &[Request], cancel: &[u32]) -> Checked {
        requests.step(ask, cancel, &IdSet::default(), &mut Intake::new(16, Limits::default().into()))
    }

    #[test]
    fn an_answer_is_told_once_and_only_if_it_is_wanted() {
        let mut requests = Requests::default();
        assert_eq!(step(&mut requests, &[asked(7, 3, 2), asked(8, 0, 1)], &[8]), Ok(()));
        let told =
            [(7, 3), (7, 3), (7, 5), (8, 0), (9, 0), (7, 4)].map(|(id, repeat)| requests.told(&answer(id, repeat)));
        assert_eq!(told, [true, false, false, false, false, true]);
        assert!(!requests.under_way());
    }

    #[test]
    fn an_id_is_used_once_and_only_a_request_can_be_cancelled() {
        let mut requests = Requests::default();
        assert_eq!(step(&mut requests, &[asked(7, 0, 1), asked(7, 1, 1)], &[]), Err(Violation::RequestTwice(7)));
        assert_eq!(step(&mut requests, &[], &[4]), Err(Violation::UnknownCancel(4)));
        assert_eq!(step(&mut requests, &[asked(1, u32::MAX, 1)], &[]), Err(Violation::Repeats(1)));
    }

    fn chat(part: Part, format: Format, temperature: f64) -> Request {
        let messages = vec![Message { role: Role::User, parts: vec![part] }];
        let question = Question { messages, format, temperature, max_tokens: 8, options: Vec::new() };
        Request { id: 1, body: Body::Chat(question), samples: 1, repeat: 0 }
    }

    fn image(target: Target, crop: Crop) -> Part {
        let mark = Mark { target, style: "box".into(), colour: None, strength: None, label: String::new() };
        Part::Image(View { marks: vec![mark], crop, max_side: 0, caption: String::new() })
    }

    #[test]
    fn questions_may_only_show_known_candidates() {
        let known: IdSet = [3].into_iter().collect();
        let check = |part, format, temperature| {
            let mut intake = Intake::new(16, Limits::default().into());
            Requests::default().step(&[chat(part, format, temperature)], &[], &known, &mut intake)
        };
        assert_eq!(check(image(Target::Candidate(3), Crop::Whole), Format::Free, 0.5), Ok(()));
        assert_eq!(
            check(image(Target::Candidate(4), Crop::Whole), Format::Free, 0.5),
            Err(Violation::UnknownCandidate { what: "a mark", id: 4 })
        );
        assert_eq!(
            check(Part::Reasoning(4), Format::Free, 0.5),
            Err(Violation::UnknownCandidate { what: "a part of a message", id: 4 })
        );
        let number = |checked| matches!(checked, Err(Violation::Number { .. }));
        assert!(number(check(image(Target::Candidate(3), Crop::Around(-0.1)), Format::Free, 0.5)));
        assert!(number(check(Part::Text("who?".into()), Format::Free, 2.1)));
        assert!(number(check(Part::Text("who?".into()), Format::Free, f64::NAN)));
        assert_eq!(check(Part::Text("who?".into()), Format::Choice(Vec::new()), 0.5), Err(Violation::NoChoice(1)));
    }
}
