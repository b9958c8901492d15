//! Composes the text of one answer, before it is truncated, made faulty and wrapped.

use serde_json::json;

use super::Question;
use super::judge::{odds, offered, pick};
use super::planner::point;
use super::request::Form;
use super::schema::fill;
use crate::fault::uniform;

/// The text of one answer.
#[derive(Clone, Debug, Default)]
pub(super) struct Draft {
    pub(super) text: String,
    /// The thinking that precedes the text, if the model thinks.
    pub(super) thought: String,
    /// The options and their probabilities if one was chosen, the chosen one first. Empty otherwise.
    pub(super) odds: Vec<(String, f64)>,
    /// Whether structured output was requested.
    pub(super) formed: bool,
}

/// The number of rephrasings if the request does not say how many.
const VARIATIONS: usize = 8;

/// Returns the answer of one draw, and whether a view was needed that was not recognised.
pub(super) fn compose(question: &Question<'_>, draw: i64) -> (Draft, bool) {
    let mut random = question.random(draw);
    match &question.request.form {
        Form::Choice(options) => {
            let (chosen, odds, missing) = choose(question, options, &mut random);
            let thought = thinking(question, &format!("{chosen} fits best"));
            (Draft { text: chosen, thought, odds, formed: true }, missing)
        }
        Form::Json(schema) => {
            let mut filled = fill(question, schema, random);
            let text = std::mem::take(&mut filled.value).to_string();
            let thought = thinking(question, "this is how it has to be written");
            (Draft { text, thought, odds: filled.odds, formed: true }, filled.missing)
        }
        Form::Free => free(question, &mut random),
    }
}

/// Returns the chosen option, all options with their probabilities (the chosen one first), and whether a view was
/// missing.
pub(super) fn choose(
    question: &Question<'_>,
    options: &[String],
    random: &mut fastrand::Rng,
) -> (String, Vec<(String, f64)>, bool) {
    let (probabilities, missing) = odds(options, &question.views(), question.config);
    let index = pick(&probabilities, uniform(random.u64(..)));
    let mut all: Vec<_> = options.iter().cloned().zip(probabilities).collect();
    let chosen = options.get(index).cloned().unwrap_or_default();
    if index < all.len() {
        let first = all.remove(index);
        all.insert(0, first);
    }
    (chosen, all, missing)
}

/// Returns different texts that contain the query, and whether no scene was recognised.
pub(super) fn variations(question: &Question<'_>, wanted: Option<usize>) -> (Vec<String>, bool) {
    const FORMS: [&str; 8] = [
        "{}",
        "find {}",
        "{}, as seen in this picture",
        "the thing that is {}",
        "point at {}",
        "in this picture: {}",
        "what would you call {}?",
        "only {}, and nothing else",
    ];
    let scene = question.scene().and_then(|scene| question.analyser.scenes.get(scene));
    let query = scene.map_or("the thing that is asked for", |scene| &scene.query);
    let forms = FORMS.iter().cycle().enumerate().map(|(index, form)| {
        let text = form.replace("{}", query);
        if index < FORMS.len() { text } else { format!("{text} ({})", index / FORMS.len() + 1) }
    });
    (forms.take(wanted.unwrap_or(VARIATIONS)).collect(), scene.is_none())
}

/// Composes an answer without structured output; the words of the prompt decide its form.
fn free(question: &Question<'_>, random: &mut fastrand::Rng) -> (Draft, bool) {
    let prompt = question.request.text();
    let winner = || prompt.contains("\"winner\"").then(|| vec!["A".to_owned(), "B".to_owned()]);
    let free = |text: String, odds, missing, thought: &str| {
        (Draft { text, thought: thinking(question, thought), odds, formed: false }, missing)
    };
    if let Some(options) = offered(&prompt) {
        let (chosen, odds, missing) = choose(question, &options, random);
        return free(format!("The marked area covers more of it.\nANSWER: {chosen}"), odds, missing, "I compare them");
    }
    if let Some(options) = winner() {
        let (chosen, odds, missing) = choose(question, &options, random);
        return free(json!({ "winner": chosen }).to_string(), odds, missing, "I compare them");
    }
    if prompt.contains("\"variations\"") {
        let (texts, missing) = variations(question, None);
        return free(json!({ "variations": texts }).to_string(), Vec::new(), missing, "I say it in other words");
    }
    let Some(pointed) = point(question, random) else {
        let text =
            if prompt.contains("bbox_2d") { "```json\n[]\n```" } else { "I cannot see such a thing in the picture." };
        return free(text.to_owned(), Vec::new(), true, "I look for it");
    };
    let [x_min, y_min, x_max, y_max] = pointed.numbers;
    let name = pointed.name;
    let text = if prompt.contains("bbox_2d") {
        let found = json!([{ "bbox_2d": pointed.numbers, "label": name }]);
        format!("```json\n{found}\n```")
    } else {
        format!(
            "Reasoning: The {name} is what is described.\nTarget Concept: {name}\nBox: [{x_min}, {y_min}, {x_max}, {y_max}]"
        )
    };
    free(text, Vec::new(), false, &format!("I look for it and find the {name}"))
}

fn thinking(question: &Question<'_>, thought: &str) -> String {
    let shown = question.analyses.len();
    format!("There are {shown} pictures and a question about them. {thought}, so that is what I shall answer.")
}
