//! Tests the required shape of a response body.
#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that panics has failed, as it should"
)]

use rescue_reply::{Thinking, contract, said};
use serde_json::{Value, json};

fn choice(index: u64) -> Value {
    json!({"index": index, "message": {"role": "assistant", "content": "A"}, "finish_reason": "stop", "logprobs": null})
}

fn body(choices: &[Value]) -> Value {
    json!({"id": "chatcmpl-1", "object": "chat.completion", "choices": choices})
}

#[track_caller]
fn breaks(body: &Value, n: usize, why: &str) {
    let breach = contract(body, n).unwrap_err().to_string();
    assert!(breach.contains(why), "{breach}");
}

#[test]
fn choices_come_in_the_order_of_their_indices() {
    let body = body(&[choice(2), choice(0), choice(1)]);
    let indices: Vec<_> = contract(&body, 3).unwrap().iter().map(|choice| choice["index"].as_u64().unwrap()).collect();
    assert_eq!(indices, [0, 1, 2]);
}

#[test]
fn each_index_must_occur_once() {
    breaks(&body(&[]), 1, "0 choices where 1 were asked for");
    breaks(&body(&[choice(0), choice(1)]), 1, "2 choices where 1");
    breaks(&body(&[choice(0), choice(0)]), 2, "two choices have the index 0");
    breaks(&body(&[choice(1)]), 1, "the index 1, of 1 choices");
    breaks(&body(&[json!({"message": {"content": "A"}})]), 1, "choices[0] has no index");
    breaks(&body(&[json!({"index": -1})]), 1, "choices[0] has no index");
}

#[test]
fn bodies_that_report_an_error_are_refused() {
    breaks(&json!({"error": {"message": "model not found", "code": 404}}), 1, "is an error: model not found");
    breaks(&json!({"object": "error", "message": "too long"}), 1, "is an error: too long");
    breaks(&json!({"error": "overloaded", "choices": [choice(0)]}), 1, "is an error: overloaded");
    breaks(&json!({"object": "error"}), 1, "does not say which");
    breaks(&json!("<html>"), 1, "the body is a text");
    breaks(&json!({"choices": null}), 1, "no list of choices");
    let mut null = body(&[choice(0)]);
    null["error"] = Value::Null;
    assert!(contract(&null, 1).is_ok());
}

#[test]
fn empty_cut_off_and_refused_answers_are_valid() {
    for (content, finish) in [(json!(""), "stop"), (Value::Null, "length"), (json!([]), "content_filter")] {
        let choice = json!({"index": 0, "message": {"content": content, "refusal": "no"}, "finish_reason": finish});
        assert!(contract(&body(&[choice]), 1).is_ok());
    }
}

#[test]
fn the_error_names_what_is_wrong_in_a_choice() {
    for (place, value, why) in [
        ("/message", json!("A"), "choices[0]: there is no message"),
        ("/message/content", json!({"text": "A"}), "choices[0]: content is an object, not a text or null"),
        ("/finish_reason", json!(true), "finish_reason is a boolean"),
        ("/logprobs", json!([]), "logprobs is a list"),
        ("/logprobs", json!({"content": "A"}), "logprobs.content is a text"),
        ("/logprobs", json!({"content": [{"token": 1, "logprob": 0}]}), "logprobs.content[0]: there is no token"),
        ("/logprobs", json!({"content": [{"token": "A"}]}), "the logprob is neither"),
        (
            "/logprobs",
            json!({"content": [{"token": "A", "logprob": -0.1, "top_logprobs": [{"token": "A", "logprob": "x"}]}]}),
            "logprobs.content[0]: the logprob is neither",
        ),
    ] {
        let mut choice = choice(0);
        *choice.pointer_mut(place).unwrap() = value;
        breaks(&body(&[choice]), 1, why);
    }
}

#[test]
fn a_null_logprob_is_minus_infinity() {
    let mut choice = choice(0);
    let others = json!([{"token": "A", "logprob": -9999.0}, {"token": "B", "logprob": null}]);
    choice["logprobs"] = json!({"content": [{"token": "A", "logprob": null, "bytes": [65], "top_logprobs": others}]});
    assert!(contract(&body(&[choice.clone()]), 1).is_ok());
    let said = said(&choice, Thinking::Auto).unwrap();
    assert_eq!(said.tokens[0].logprob, f64::NEG_INFINITY);
    assert_eq!(said.tokens[0].alternatives, [("A".to_owned(), -9999.0), ("B".to_owned(), f64::NEG_INFINITY)]);
    choice["logprobs"] = json!({"content": null});
    assert!(contract(&body(&[choice]), 1).is_ok());
}
