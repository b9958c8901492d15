//! Keys of questions must never change, as ledgers hold answers under them. A question whose key changes is asked again.
#![allow(clippy::unwrap_used, reason = "a test that panics has failed, as it should")]

use rescue_core::{Digest, Point, Prompt, Rect, Size};
use rescue_service::{
    ChatQuestion, DetectQuestion, Message, ModelId, Operation, Part, PhotoId, RESCUE, Repeat, Role, Sampling,
    SegmentQuestion, Shape, asked, executor_terms,
};
use serde_json::{Value, json};

fn model() -> ModelId {
    ModelId { name: "Qwen/Qwen3-VL-8B-Instruct".into(), revision: "2025-10".into() }
}

fn photo() -> PhotoId {
    PhotoId { sha256: Digest::of(b"abc"), size: Size::new(640, 480), ground: None }
}

fn sampling() -> Sampling {
    Sampling {
        temperature: 0.7,
        top_p: 1.0,
        top_k: -1,
        min_p: 0.0,
        repetition_penalty: 1.0,
        presence_penalty: 0.0,
        frequency_penalty: 0.0,
        max_tokens: 1024,
        logprobs: true,
    }
}

fn chat(shape: Shape) -> ChatQuestion {
    let message = |role, text: &str| Message { role, parts: vec![Part::Text(text.into())] };
    let messages = vec![message(Role::System, "You judge."), message(Role::User, "Which?\n\"A\" or B – é")];
    ChatQuestion { messages, shape, sampling: sampling(), thinking_off: false }
}

#[test]
fn keys_of_form_1() {
    let choice = chat(Shape::Choice(vec!["A".into(), "B".into()]));
    let repeat = Repeat { of_match: 2, of_question: 1, of_run: 0 };
    let chat_key = asked(Operation::Chat, &model(), &choice, repeat).unwrap();
    assert_eq!(
        chat_key.text,
        r#"{"form":1,"model":{"name":"Qwen/Qwen3-VL-8B-Instruct","revision":"2025-10"},"operation":"chat/1","question":{"messages":[{"parts":[{"text":"You judge."}],"role":"system"},{"parts":[{"text":"Which?\n\"A\" or B – é"}],"role":"user"}],"sampling":{"frequency_penalty":0.0,"logprobs":true,"max_tokens":1024,"min_p":0.0,"presence_penalty":0.0,"repetition_penalty":1.0,"temperature":0.7,"top_k":-1,"top_p":1.0},"shape":{"choice":["A","B"]},"thinking_off":false},"repeat":{"match":2,"question":1}}"#
    );
    let rect = Rect { x_min: 1.5, y_min: 2.0, x_max: 30.0, y_max: 40.25 };
    let prompt =
        Prompt { concept: "dog".into(), rect: Some(rect), points: vec![Point { x: 1.0, y: 2.0, inside: false }] };
    let segment = SegmentQuestion { photo: photo(), prompt: &prompt, terms: &executor_terms(RESCUE, 0.5) };
    let segment_key = asked(Operation::Segment, &model(), &segment, Repeat::default()).unwrap();
    let detect = DetectQuestion { photo: photo(), phrase: "a dog", terms: &Value::Null };
    let detect_key = asked(Operation::Detect, &model(), &detect, Repeat::default()).unwrap();
    let keys = [chat_key, segment_key, detect_key].map(|asked| asked.key.to_string());
    assert_eq!(keys, GOLDEN);
}

const GOLDEN: [&str; 3] = [
    "b7b8ab4e9c1c41dcf7c093827b6ad95e892d7dec4a77a18a1d2d7061168df352",
    "3bd7c20c40ed809e3e246a167c241779448d080d8eeafb5c94357650bfd0ab38",
    "20a90d2930a325c0b501d87b208396915fa0ce009e89c1bb26fd687a7aba0780",
];

#[test]
fn every_field_of_a_question_changes_its_key() {
    let key =
        |question: &ChatQuestion, model: &ModelId, repeat| asked(Operation::Chat, model, question, repeat).unwrap().key;
    let plain = || chat(Shape::Free);
    let first = key(&plain(), &model(), Repeat::default());
    assert_eq!(first, key(&plain(), &model(), Repeat::default()));
    let mut others = vec![
        key(&plain(), &model(), Repeat { of_match: 1, ..Repeat::default() }),
        key(&plain(), &model(), Repeat { of_question: 1, ..Repeat::default() }),
        key(&plain(), &model(), Repeat { of_run: 1, ..Repeat::default() }),
        key(&plain(), &ModelId { revision: String::new(), ..model() }, Repeat::default()),
        key(&chat(Shape::Boxes), &model(), Repeat::default()),
        key(&chat(Shape::Json(json!({"type": "object"}))), &model(), Repeat::default()),
        key(&ChatQuestion { thinking_off: true, ..plain() }, &model(), Repeat::default()),
    ];
    let samplings = [
        Sampling { temperature: 0.0, ..sampling() },
        Sampling { top_p: 0.9, ..sampling() },
        Sampling { top_k: 20, ..sampling() },
        Sampling { min_p: 0.1, ..sampling() },
        Sampling { repetition_penalty: 1.1, ..sampling() },
        Sampling { presence_penalty: 0.1, ..sampling() },
        Sampling { frequency_penalty: 0.1, ..sampling() },
        Sampling { max_tokens: 7, ..sampling() },
        Sampling { logprobs: false, ..sampling() },
    ];
    others.extend(samplings.map(|sampling| key(&ChatQuestion { sampling, ..plain() }, &model(), Repeat::default())));
    others.push(first);
    let count = others.len();
    others.sort();
    others.dedup();
    assert_eq!(others.len(), count);
}
