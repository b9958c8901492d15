//! Questions that this host cannot pose are refused without asking a model.

use std::collections::BTreeMap;
use std::sync::Arc;

use rescue_core::{Digest, Photo, Size};
use rescue_mask::{CompactMask, Mask};
use rescue_plugin::Sample as SampleView;
use rescue_plugin::border::rescue::plugin::chat::{
    Body, Crop, Format, Mark, Message, Part, Question, Role, Target, View,
};
use rescue_plugin::border::rescue::plugin::types;
use serde_json::Value;

use super::*;
use crate::exchange::{Absence, AbsenceKind, Turn};
use crate::pictures::PictureCache;
use crate::services::recorded;

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
    let mask = CompactMask::new(Mask::from_fn(size, |x, y| x + y < 20));
    sample.enter(0, Arc::new(mask), "because".into());
    let pictures = Arc::new(PictureCache::new(photo.clone()));
    let poser = Poser { services: &services, photo, sample, pictures, turn: Turn::default(), seed: 0 };
    let mut asker = Asker::new(poser, "the dog", SampleAnswers::default());
    let requests = [Request { id: 7, body, samples: 2, repeat: 3 }];
    let owed = asker.ask(kind, 0, &requests).unwrap();
    assert_eq!(owed.iter().map(|owed| (owed.id, owed.repeat)).collect::<Vec<_>>(), [(7, 3), (7, 4)]);
    let open: Vec<Key> = asker.take_calls(false).into_iter().flat_map(|call| call.open).map(|(_, key)| key).collect();
    if open.is_empty() {
        let told = owed.into_iter().map(|owed| asker.answer(owed)).next().unwrap();
        let failure = told.answer.outcome.unwrap_err();
        return Err((failure.trouble, failure.message));
    }
    assert!(open.len() == 2 && !asker.is_there(&owed[0]));
    // A question that is under way is not asked again, and neither is one that has an outcome.
    asker.ask(kind, 0, &requests).unwrap();
    let absence = Absence { kind: AbsenceKind::Failed, service: "verifier".into(), why: "silent".into() };
    open.iter().for_each(|key| asker.tell(*key, Err(absence.clone())));
    asker.ask(kind, 0, &requests).unwrap();
    assert!(asker.take_calls(false).is_empty());
    for owed in owed {
        assert!(asker.is_there(&owed));
        let told = asker.answer(owed);
        assert_eq!(told.absent.as_deref(), Some("verifier: silent"));
        assert_eq!(told.answer.outcome.unwrap_err().trouble, Trouble::Unavailable);
    }
    assert_eq!((asker.answers_so_far().questions().verify, asker.answers_so_far().absences().len()), (2, 2));
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
