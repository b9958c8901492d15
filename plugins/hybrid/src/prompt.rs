//! The questions to the model, and how replies are read. The instructions and the photo are the same for all candidates
//! of a sample, so that a server processes them once.

use rescue_plugin_sdk::chat::{Format, Part, Question, Reply, View};
use rescue_plugin_sdk::prelude::*;
use serde_json::Value;

/// The ratings: the choices that the model has, and their values.
pub const RATINGS: [(&str, f64); 5] = [("100", 100.0), ("75", 75.0), ("50", 50.0), ("25", 25.0), ("0", 0.0)];

/// The instructions of the question for a rating.
pub const RATE: &str =
    "You rate how well a marked region in a photo fits a description that refers to one thing. You are shown the \
photo as it is, and then with the region tinted in red. Answer with one number:
100: the region is the thing that is meant, all of it and nothing else
75: the right thing, but a little is missing or too much
50: a good part of the right thing, or the right thing with much besides it
25: a thing like it or next to it, but not the one that is meant
0: something else";

/// The instructions of the question for four scores.
pub const DESCRIBE: &str = "You judge how well a marked region in a photo fits a description that refers to one thing. You are shown \
the photo as it is, and then with the region tinted in red. Give four whole numbers from 0, not at all, to 5, perfectly:
object: the region is the kind of thing that is described
attributes: it has the colour, size, material, number and other properties that are described
position: it is where the description says, and stands to other things as it says
completeness: the region covers all of the thing and nothing else
Where the description says nothing of one of them, judge whether the region goes against it. Answer in JSON: {\"object\": 0, \
\"attributes\": 0, \"position\": 0, \"completeness\": 0}, with your numbers in place of the zeros.";

/// The names of the four scores.
const SCORES: [&str; 4] = ["object", "attributes", "position", "completeness"];
/// The largest sum of the four scores.
const MAX_SUM: f64 = 20.0;

/// The question for a rating of the candidate with this id.
#[must_use]
pub fn rate(query: &str, id: u32) -> Question {
    let choices = RATINGS.iter().map(|(name, _)| (*name).to_owned()).collect();
    let last = "How well does the marked region fit? Answer with 100, 75, 50, 25 or 0.";
    shown(RATE, query, id, last).format(Format::Choice(choices))
}

/// The question for four scores of the candidate with this id.
#[must_use]
pub fn describe(query: &str, id: u32) -> Question {
    let number = r#"{"type":"integer","minimum":0,"maximum":5}"#;
    let properties: Vec<String> = SCORES.iter().map(|name| format!("\"{name}\":{number}")).collect();
    let schema = format!(
        r#"{{"type":"object","properties":{{{}}},"required":["{}"],"additionalProperties":false}}"#,
        properties.join(","),
        SCORES.join("\",\"")
    );
    shown(DESCRIBE, query, id, "Judge the marked region.").format(Format::Json(schema))
}

/// A question that shows the photo and then the candidate.
fn shown(instructions: &str, query: &str, id: u32, last: &str) -> Question {
    Question::new(instructions).user(vec![
        Part::text("The photo:"),
        Part::photo(),
        Part::text("The region:"),
        Part::Image(View::candidate(id, "overlay")),
        Part::text(format!("Description: \"{query}\"\n\n{last}")),
    ])
}

/// The rating in a reply, from 0 to 100. Fails if the model chose none.
pub fn rating(reply: &Reply) -> Result<f64, String> {
    let chosen = reply.choice.and_then(|choice| RATINGS.get(usize::try_from(choice).ok()?));
    chosen.map(|(_, value)| *value).ok_or_else(|| "unreadable: no rating was chosen".to_owned())
}

/// The mean of the four scores in a reply, scaled to 0 to 100. Fails if one of them is missing or out of range.
pub fn description(reply: &Reply) -> Result<f64, String> {
    let value: Value =
        serde_json::from_str(&reply.text).map_err(|error| format!("unreadable: the scores are not JSON: {error}"))?;
    let mut sum = 0.0;
    for name in SCORES {
        match value.get(name).and_then(Value::as_f64) {
            Some(score) if (0.0..=5.0).contains(&score) => sum += score,
            _ => return Err(format!("unreadable: \"{name}\" is not a number from 0 to 5")),
        }
    }
    Ok(sum / MAX_SUM * 100.0)
}
