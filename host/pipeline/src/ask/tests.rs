//! Questions that this host cannot pose are refused without asking a model.

use std::cell::RefCell;
use std::collections::BTreeMap;

use rescue_core::{Digest, Size};
use rescue_mask::Mask;
use rescue_plugin::border::rescue::plugin::chat::{
    Body, Crop, Format, Mark, Message, Part, Question, Role, Target, View,
};
use rescue_plugin::border::rescue::plugin::types;
use serde_json::Value;

use super::*;
use crate::exchange::{Absence, AbsenceKind};
use crate::services::recorded;

/// Has no answers, and notes which questions it was asked.
#[derive(Default)]
struct Silent(RefCell<Vec<Key>>);

impl AnswerSource for Silent {
    fn settle(
        &self,
        calls: Vec<OpenCall>,
        _: &SampleAnswers,
        _: &mut dyn FnMut(Progress),
    ) -> Result<Vec<(Key, QuestionOutcome)>, RunError> {
        let keys: Vec<Key> = calls.into_iter().flat_map(|call| call.open).map(|(_, key)| key).collect();
        self.0.borrow_mut().extend(&keys);
        let absence = Absence { kind: AbsenceKind::Failed, service: "verifier".into(), why: "silent".into() };
        Ok(keys.into_iter().map(|key| (key, Err(absence.clone()))).collect())
    }
}

fn view(style: &str, strength: Option<f64>) -> View {
    let target = Target::Candidate(0);
    let mark = Mark { target, style: style.into(), colour: None, strength, label: String::new() };
    View { marks: vec![mark], crop: Crop::Whole, max_side: 0, caption: String::new() }
}

fn question(parts: Vec<Part>, format: Format) -> Question {
    let messages = vec![Message { role: Role::User, parts }];
    Question { messages, format, temperature: 0.0, max_tokens: 0, options: Vec::new() }
}

/// Asks twice, once with the host's model. `Ok` if both draws were put to it, else what the plugin was told without asking.
fn told(body: Body, kind: Kind, with_model: bool) -> Result<(), (Trouble, String)> {
    let model = rescue_config::Overlay {
        flag: "--with".into(),
        path: "verifier.model".into(),
        value: Value::from("some-model"),
    };
    let overlays = if with_model { vec![model] } else { Vec::new() };
    let config = rescue_config::resolve(None, |_| None, &overlays).unwrap().config;
    let services = recorded(&config, &BTreeMap::new()).unwrap();
    let size = Size::new(40, 30);
    let photo = Arc::new(Photo::new(size, vec![90; 40 * 30 * 3], Digest::of(b"x")).unwrap());
    let sample = Arc::new(SampleView::new(photo.clone()));
    sample.enter(0, Arc::new(Mask::from_fn(size, |x, y| x + y < 20)), "because".into());
    let source = Silent::default();
    let mut asker = Asker::new(&services, photo, sample, &source, SampleAnswers::default(), 0);
    let requests = || vec![Request { id: 7, body: body.clone(), samples: 2, repeat: 3 }];
    let mut answered = asker.answers(&[SessionRequests { kind, match_repeat: 0, requests: requests() }], &mut |_| {});
    let SessionAnswers { answers, absent } = answered.as_mut().unwrap().remove(0);
    assert_eq!(answers.iter().map(|answer| (answer.id, answer.repeat)).collect::<Vec<_>>(), [(7, 3), (7, 4)]);
    let failure = answers[0].outcome.clone().unwrap_err();
    match source.0.borrow().len() {
        0 => return Err((failure.trouble, failure.message)),
        asked => assert_eq!((asked, absent.as_deref()), (2, Some("verifier: silent"))),
    }
    assert_eq!(failure.trouble, Trouble::Unavailable);
    assert_eq!((asker.answers_so_far().questions().verify, asker.answers_so_far().absences().len()), (2, 2));
    // A question that was put before keeps its outcome: nothing is asked again.
    asker.answers(&[SessionRequests { kind, match_repeat: 0, requests: requests() }], &mut |_| {}).unwrap();
    assert_eq!(source.0.borrow().len(), 2);
    Ok(())
}

fn refused(question: Question) -> String {
    let (trouble, message) = told(Body::Chat(question), Kind::Verifier, true).unwrap_err();
    assert_eq!(trouble, Trouble::Unsupported);
    message
}

#[test]
fn a_question_that_can_be_put_is_put() {
    let parts = vec![Part::Image(view("overlay", None)), Part::Reasoning(0), Part::Text("?".into())];
    for format in
        [Format::Free, Format::Boxes, Format::Json("{\"type\": \"object\"}".into()), Format::Choice(vec!["A".into()])]
    {
        assert_eq!(told(Body::Chat(question(parts.clone(), format)), Kind::Verifier, true), Ok(()));
    }
}

/// Rule 13: an option, style or capability that the host does not know is answered with `unsupported`, never ignored.
#[test]
fn what_the_host_does_not_know_is_unsupported() {
    let image = |view| vec![Part::Image(view)];
    assert!(refused(question(image(view("sparkle", None)), Format::Free)).contains("no style is called \"sparkle\""));
    assert!(refused(question(image(view("overlay", Some(7.0))), Format::Free)).contains("strength"));
    let mut optional = question(vec![Part::Text("?".into())], Format::Free);
    optional.options.push(("beam-width".into(), "4".into()));
    assert!(refused(optional).contains("beam-width"));
    let pattern = Format::Json("{\"type\": \"string\", \"pattern\": \"a+\"}".into());
    assert!(refused(question(vec![Part::Text("?".into())], pattern)).contains("pattern"));
    assert!(refused(question(vec![Part::Text("?".into())], Format::Boxes)).contains("no picture"));
    let grid = vec![Part::Grid(vec![view("box", None), view("box", None)])];
    assert!(refused(question(grid, Format::Boxes)).contains("grid"));
    let side = View { max_side: 100_000, ..view("box", None) };
    assert!(refused(question(image(side), Format::Free)).contains("100000"));
    let nowhere = types::Rect { x_min: 50.0, y_min: 0.0, x_max: 60.0, y_max: 5.0 };
    let area = View { crop: Crop::Area(nowhere), ..view("box", None) };
    assert!(!refused(question(image(area), Format::Free)).is_empty());
    let call = told(Body::Call(("dance".into(), "{}".into())), Kind::Planner, true).unwrap_err();
    assert!(call.0 == Trouble::Unsupported && call.1.contains("dance"), "{}", call.1);
}

#[test]
fn without_a_model_there_is_nobody_to_ask() {
    let asked = || Body::Chat(question(vec![Part::Text("?".into())], Format::Free));
    assert!(told(asked(), Kind::Verifier, false).unwrap_err().1.contains("no model for the verifier"));
    assert!(told(asked(), Kind::Planner, true).unwrap_err().1.contains("no model for the planner"));
}
