//! What the model says to a question.

use serde_json::json;

use super::Question;
use super::judge::{odds, offered, pick};
use super::planner::point;
use super::request::Form;
use super::schema::fill;
use crate::fault::uniform;

/// One answer, before it is cut, spoilt and wrapped.
#[derive(Clone, Debug, Default)]
pub(super) struct Said {
    pub(super) text: String,
    /// What a thinking model thought before.
    pub(super) thought: String,
    /// Where one of several options was chosen: they and their probabilities, the chosen one first.
    pub(super) odds: Vec<(String, f64)>,
    /// Whether the form was imposed.
    pub(super) formed: bool,
}

/// How many rephrasings there are where nothing says how many.
const VARIATIONS: usize = 8;

/// The answer of one draw, and whether something was needed that was not seen.
pub(super) fn say(question: &Question<'_>, draw: i64) -> (Said, bool) {
    let mut random = question.random(draw);
    match &question.asked.form {
        Form::Choice(options) => {
            let (chosen, odds, missing) = choose(question, options, &mut random);
            let thought = thinking(question, &format!("{chosen} fits best"));
            (Said { text: chosen, thought, odds, formed: true }, missing)
        }
        Form::Json(schema) => {
            let mut filled = fill(question, schema, random);
            let text = std::mem::take(&mut filled.value).to_string();
            let thought = thinking(question, "this is how it has to be written");
            (Said { text, thought, odds: filled.odds, formed: true }, filled.missing)
        }
        Form::Free => free(question, &mut random),
    }
}

/// An option, all of them with their probabilities (the chosen one first), and whether something was not seen.
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

/// Texts that are unlike each other and contain the query.
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
    let scene = question.scene().and_then(|scene| question.eye.scenes.get(scene));
    let query = scene.map_or("the thing that is asked for", |scene| &scene.query);
    let forms = FORMS.iter().cycle().enumerate().map(|(index, form)| {
        let text = form.replace("{}", query);
        if index < FORMS.len() { text } else { format!("{text} ({})", index / FORMS.len() + 1) }
    });
    (forms.take(wanted.unwrap_or(VARIATIONS)).collect(), scene.is_none())
}

/// Text of no imposed form: the prompt says what it wants.
fn free(question: &Question<'_>, random: &mut fastrand::Rng) -> (Said, bool) {
    let prompt = question.asked.text();
    let winner = || prompt.contains("\"winner\"").then(|| vec!["A".to_owned(), "B".to_owned()]);
    let free = |text: String, odds, missing, thought: &str| {
        (Said { text, thought: thinking(question, thought), odds, formed: false }, missing)
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
    let shown = question.sights.len();
    format!("There are {shown} pictures and a question about them. {thought}, so that is what I shall answer.")
}
