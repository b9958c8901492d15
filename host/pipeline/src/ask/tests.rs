//! What no model is asked: questions that this host cannot put.

use rescue_core::{Digest, Size};
use rescue_mask::Mask;
use rescue_plugin::border::rescue::plugin::chat::{
    Body, Crop, Format, Mark, Message, Part, Question, Request, Role, Target, Trouble, View,
};
use rescue_plugin::border::rescue::plugin::types;

use super::*;
use crate::connect::recorded;
use crate::exchange::Mode;

fn view(style: &str, strength: Option<f64>) -> View {
    let target = Target::Candidate(0);
    let mark = Mark { target, style: style.into(), colour: None, strength, label: String::new() };
    View { marks: vec![mark], crop: Crop::Whole, max_side: 0, caption: String::new() }
}

fn question(parts: Vec<Part>, format: Format) -> Question {
    let messages = vec![Message { role: Role::User, parts }];
    Question { messages, format, temperature: 0.0, max_tokens: 0, options: Vec::new() }
}

/// What a verifier is told of a question where there is a model but no server: `Ok` where it would be asked.
fn told(body: Body, kind: Kind, with_model: bool) -> Result<(), (Trouble, String)> {
    let model = rescue_config::Overlay {
        flag: "--with".into(),
        path: "verifier.model".into(),
        value: Value::from("some-model"),
    };
    let overlays = if with_model { vec![model] } else { Vec::new() };
    let config = rescue_config::resolve(None, |_| None, &overlays).unwrap().config;
    let services = recorded(&config, &BTreeMap::new()).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let exchange = Exchange::new(services, None, Mode::Off, runtime.handle().clone());
    let journal = Journal::default();
    let size = Size::new(40, 30);
    let photo = Arc::new(Photo::new(size, vec![90; 40 * 30 * 3], Digest::of(b"x")).unwrap());
    let sample = Arc::new(Sample::new(photo.clone()));
    sample.enter(0, Arc::new(Mask::from_fn(size, |x, y| x + y < 20)), "because".into());
    let mut asker = Asker::new(&exchange, &runtime, &journal, "s".into(), &sample, photo, 0.0);
    let requests = vec![Request { id: 7, body, samples: 2, repeat: 3 }];
    match asker.answers(&[Group { kind, of_match: 0, requests }], &mut |_| {}) {
        // There is a model and no server: it would have been asked.
        Err(error) => {
            assert!(error.to_string().contains("there is no such service"), "{error}");
            Ok(())
        }
        Ok(answered) => {
            let answers = &answered[0].answers;
            assert_eq!(answers.iter().map(|answer| (answer.id, answer.repeat)).collect::<Vec<_>>(), [(7, 3), (7, 4)]);
            let failure = answers[0].outcome.clone().unwrap_err();
            Err((failure.trouble, failure.message))
        }
    }
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
