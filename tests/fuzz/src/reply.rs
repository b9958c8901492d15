//! Target `reply`: reading of replies of models, with any text to any question.

use rescue_core::{Rect, Size};
use rescue_reply::{Convention, Frame, Said, Schema, Thinking, boxes, choice, contract, json, said};
use serde_json::{Value, json as value};

/// Takes a line with a schema, or with options separated by bars; then the reply, which may also be a whole HTTP body.
pub fn reply(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else { return };
    let (asked, text) = text.split_once('\n').unwrap_or(("A|B", text));
    if let Ok(body) = serde_json::from_str::<Value>(text)
        && let Ok(choices) = contract(&body, 1)
    {
        said(choices[0], Thinking::Off).unwrap();
        reads(&said(choices[0], Thinking::Auto).unwrap(), asked);
    }
    let choice = value!({"message": {"content": text}});
    reads(&said(&choice, Thinking::Auto).unwrap(), asked);
}

fn reads(said: &Said, asked: &str) {
    assert_eq!(said.text, said.text.trim());
    let options: Vec<_> = asked.split('|').map(str::to_owned).collect();
    if let Ok(chosen) = choice(said, &options) {
        assert!(said.complete && said.refused.is_none() && chosen.index < options.len());
        let sum: f64 = chosen.weights.iter().sum();
        assert!(chosen.weights.is_empty() || chosen.weights.len() == options.len() && (sum - 1.0).abs() < 1e-9);
    }
    if let Ok(schema) = Schema::parse(asked)
        && let Ok(read) = json(said, &schema)
    {
        let again = json(&Said { text: read.text, ..said.clone() }, &schema).unwrap();
        assert!(!again.repaired && again.value == read.value);
    }
    for name in ["thousand", "shown", "resized-28", "resized-32", "unit"] {
        places(said, Convention::parse(name).unwrap());
    }
}

fn places(said: &Said, convention: Convention) {
    let panel = Rect { x_min: 20.0, y_min: 0.0, x_max: 620.0, y_max: 480.0 };
    let area = Rect { x_min: 100.0, y_min: 50.0, x_max: 1300.0, y_max: 900.5 };
    let frame = Frame { convention, shown: Size::new(640, 480), panel, area, photo: Size::new(1400, 900) };
    let Ok(read) = boxes(said, &frame) else { return };
    assert!(said.complete && said.refused.is_none() && read.found.len() <= 1024);
    for found in read.found {
        let rect = found.rect;
        assert_eq!(rect.clip(frame.photo), Some(rect));
        assert!(rect.x_min >= area.x_min && rect.y_min >= area.y_min && rect.x_max <= area.x_max);
        assert!(found.score.is_none_or(|score| (0.0..=1.0).contains(&score)));
    }
}
