//! Tests replies as models write them, with the expected result of each. They are in the table `replies.json`.
//!
//! An entry has a `kind`; the reply (`reply`, with `finish` if it did not end by itself, a whole `message`, or a whole `choice`);
//! what was asked for (`options`, `schema`, `convention`); the `logprobs` of its tokens if they matter; and either the expected
//! result or a part of the expected error (`why`). The photo has 2000 × 1000 pixels and was shown whole, as a picture of
//! 1000 × 500 pixels.
#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that panics has failed, as it should"
)]

use rescue_core::Size;
use rescue_reply::{Convention, Frame, Said, Schema, Thinking, boxes, choice, json, said};
use serde_json::{Value, json as value};

fn entries() -> Vec<Value> {
    serde_json::from_str(include_str!("replies.json")).unwrap()
}

fn text<'a>(entry: &'a Value, name: &str) -> &'a str {
    entry[name].as_str().unwrap_or_else(|| panic!("{entry} has no {name}"))
}

/// The reply of an entry, read from a choice that a server would send.
fn said_in(entry: &Value) -> Said {
    let finish = entry["finish"].as_str().unwrap_or("stop");
    let message = match entry.get("message") {
        Some(message) => message.clone(),
        None => value!({"content": text(entry, "reply")}),
    };
    let choice = value!({"message": message, "finish_reason": finish, "logprobs": entry["logprobs"]});
    said(&choice, Thinking::Auto).unwrap()
}

fn frame(entry: &Value) -> Frame {
    let convention = Convention::parse(entry["convention"].as_str().unwrap_or("thousand")).unwrap();
    let (shown, photo) = (Size::new(1000, 500), Size::new(2000, 1000));
    Frame { convention, shown, panel: shown.rect(), area: photo.rect(), photo }
}

/// The result of an entry in the form of the table, or the error message.
fn outcome(entry: &Value) -> Result<Value, String> {
    match text(entry, "kind") {
        "choice" => {
            let options: Vec<String> = serde_json::from_value(entry["options"].clone()).unwrap();
            let chosen = choice(&said_in(entry), &options).map_err(|error| error.to_string())?;
            Ok(value!({"is": options[chosen.index], "weights": chosen.weights}))
        }
        "json" => {
            let schema = Schema::parse(&entry["schema"].to_string()).unwrap();
            let read = json(&said_in(entry), &schema).map_err(|error| error.to_string())?;
            assert_eq!(serde_json::from_str::<Value>(&read.text).unwrap(), read.value);
            Ok(value!({"is": read.value, "repaired": read.repaired}))
        }
        "boxes" => {
            let read = boxes(&said_in(entry), &frame(entry)).map_err(|error| error.to_string())?;
            let found = read.found.iter().map(|found| {
                let rect = found.rect;
                value!([rect.x_min, rect.y_min, rect.x_max, rect.y_max, found.label, found.score])
            });
            Ok(value!({"is": found.collect::<Vec<_>>(), "notes": read.notes}))
        }
        "said" => {
            let thinking = if entry["thinking"] == "off" { Thinking::Off } else { Thinking::Auto };
            let said = said(&entry["choice"], thinking).map_err(|error| error.to_string())?;
            let (complete, refused) = (said.complete, said.refused);
            Ok(value!({"text": said.text, "reasoning": said.reasoning, "complete": complete, "refused": refused}))
        }
        kind => panic!("there is no kind {kind}"),
    }
}

/// Whether an outcome is the expected one.
fn is_expected(entry: &Value, outcome: &Value) -> bool {
    let is = |name: &str| outcome.get(name) == entry.get(name);
    let holds = |outcome: &Value, expected: &Value| match (outcome.as_str(), expected.as_str()) {
        (Some(outcome), Some(expected)) => outcome.contains(expected),
        _ => outcome.is_null() && expected.is_null(),
    };
    match text(entry, "kind") {
        "boxes" => {
            let (found, expected) = (outcome["is"].as_array().unwrap(), entry["is"].as_array().unwrap());
            let (notes, expected_notes) = (outcome["notes"].as_array().unwrap(), entry["notes"].as_array().unwrap());
            found.len() == expected.len()
                && found.iter().zip(expected).all(|(found, expected)| is_expected_box(found, expected))
                && notes.len() == expected_notes.len()
                && notes.iter().zip(expected_notes).all(|(note, expected)| holds(note, expected))
        }
        "said" => {
            let complete = entry.get("complete").unwrap_or(&Value::Bool(true));
            is("text")
                && is("reasoning")
                && outcome["complete"] == *complete
                && holds(&outcome["refused"], &entry["refused"])
        }
        "json" => is("is") && is("repaired"),
        "choice" => is("is") && are_weights(&outcome["weights"], &entry["weights"]),
        _ => is("is"),
    }
}

/// Whether weights are within a millionth of the expected ones; there must be none if the table states none.
fn are_weights(weights: &Value, expected: &Value) -> bool {
    let numbers = |list: &Value| list.as_array().into_iter().flatten().filter_map(Value::as_f64).collect::<Vec<_>>();
    let (weights, expected) = (numbers(weights), numbers(expected));
    weights.len() == expected.len()
        && weights.iter().zip(expected).all(|(weight, expected)| (weight - expected).abs() < 1e-6)
}

/// Whether a box is the expected one, with edges within a billionth of a pixel. Label and score are empty if not stated.
fn is_expected_box(found: &Value, expected: &Value) -> bool {
    let edge = |place: &Value, index: usize| place[index].as_f64().unwrap();
    (0..4).all(|index| (edge(found, index) - edge(expected, index)).abs() < 1e-9)
        && found[4].as_str().unwrap() == expected[4].as_str().unwrap_or_default()
        && found[5] == expected[5]
}

#[test]
fn every_reply_gives_the_result_in_the_table() {
    let mut wrong = Vec::new();
    for entry in entries() {
        let right = match (outcome(&entry), entry["why"].as_str()) {
            (Ok(outcome), None) => is_expected(&entry, &outcome).then_some(()).ok_or(outcome.to_string()),
            (Err(why), Some(expected)) => why.contains(expected).then_some(()).ok_or(why),
            (Ok(outcome), Some(_)) => Err(outcome.to_string()),
            (Err(why), None) => Err(why),
        };
        if let Err(instead) = right {
            wrong.push(format!("{entry}\n    gave {instead}"));
        }
    }
    assert!(wrong.is_empty(), "{} of the table:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn at_least_a_third_of_the_table_is_unreadable() {
    let entries = entries();
    let unreadable = entries.iter().filter(|entry| entry["why"].is_string()).count();
    assert!(entries.len() >= 100 && unreadable * 3 >= entries.len(), "{unreadable} of {}", entries.len());
}
