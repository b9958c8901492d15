//! Fills a JSON Schema with values that say what the pictures show.

use serde_json::{Map, Value, json};

use super::Question;
use super::draft::{choose, variations};
use super::planner::{Pointed, point};
use crate::limits::{MAX_DEPTH, MAX_VALUES};

/// The upper bound of integers whose schema has none.
const BEST_SCORE: f64 = 5.0;

/// A filled schema.
pub(super) struct Filled {
    pub(super) value: Value,
    /// The options of the last choice and their probabilities, the chosen one first. Empty if nothing was chosen.
    pub(super) odds: Vec<(String, f64)>,
    /// Whether a view was needed that was not recognised.
    pub(super) missing: bool,
}

struct Filler<'a> {
    question: &'a Question<'a>,
    root: &'a Value,
    random: fastrand::Rng,
    iou: Option<f64>,
    pointed: Option<Option<Pointed>>,
    odds: Vec<(String, f64)>,
    missing: bool,
    values: usize,
}

/// Fills a schema. `variations` are rephrasings; `bbox…` is the box of the object that the model points at, and `label`
/// or `…concept` the object's name; options of an `enum` are chosen as in a choice. Numbers and booleans express the
/// IoU of the last view, from the least to the greatest value that the schema allows.
pub(super) fn fill(question: &Question<'_>, schema: &Value, random: fastrand::Rng) -> Filled {
    let iou = question.views().last().map(|view| view.iou);
    let (odds, pointed) = (Vec::new(), None);
    let mut filler = Filler { question, root: schema, random, iou, pointed, odds, missing: false, values: 0 };
    let value = filler.fill(schema, "", 0);
    Filled { value, odds: filler.odds, missing: filler.missing }
}

impl Filler<'_> {
    fn fill(&mut self, schema: &Value, name: &str, depth: usize) -> Value {
        self.values += 1;
        if depth > MAX_DEPTH || self.values > MAX_VALUES {
            return Value::Null;
        }
        if let Some(place) = schema.get("$ref").and_then(Value::as_str) {
            let found = place.strip_prefix('#').and_then(|place| self.root.pointer(place));
            return found.map_or(Value::Null, |found| self.fill(found, name, depth + 1));
        }
        if let Some(value) = schema.get("const") {
            return value.clone();
        }
        if let Some(options) = schema.get("enum").and_then(Value::as_array) {
            return self.option(options);
        }
        let several = ["anyOf", "oneOf", "allOf"].iter().find_map(|key| schema.get(key)?.get(0));
        if let Some(first) = several {
            return self.fill(first, name, depth + 1);
        }
        let kind = schema.get("type");
        let kind = kind.and_then(|kind| kind.as_str().or_else(|| kind.get(0)?.as_str()));
        match kind.unwrap_or(if schema.get("properties").is_some() { "object" } else { "string" }) {
            "object" => self.object(schema, depth),
            "array" => self.array(schema, name, depth),
            "integer" => json!(self.number(schema, BEST_SCORE).round() as i64),
            "number" => json!(self.number(schema, 1.0)),
            "boolean" => json!(self.iou() >= 0.5),
            "null" => Value::Null,
            _ => json!(self.text(name)),
        }
    }

    fn object(&mut self, schema: &Value, depth: usize) -> Value {
        let mut filled = Map::new();
        for (name, schema) in schema.get("properties").and_then(Value::as_object).into_iter().flatten() {
            filled.insert(name.clone(), self.fill(schema, name, depth + 1));
        }
        Value::Object(filled)
    }

    fn array(&mut self, schema: &Value, name: &str, depth: usize) -> Value {
        let count =
            |key: &str| schema.get(key).and_then(Value::as_u64).map(|count| count.min(MAX_VALUES as u64) as usize);
        if name == "variations" {
            let (texts, missing) =
                variations(self.question, count("minItems").filter(|n| *n > 0).or(count("maxItems")));
            self.missing |= missing;
            return json!(texts);
        }
        if name.starts_with("bbox") || name == "box" {
            return self.pointed().map_or_else(|| json!([]), |pointed| json!(pointed.numbers));
        }
        let any = json!({});
        let items = schema.get("items").unwrap_or(&any);
        let wanted = count("minItems").unwrap_or(1).max(1).min(count("maxItems").unwrap_or(usize::MAX));
        (0..wanted).map(|_| self.fill(items, name, depth + 1)).collect()
    }

    fn option(&mut self, options: &[Value]) -> Value {
        let texts: Vec<String> =
            options.iter().map(|option| option.as_str().map_or_else(|| option.to_string(), str::to_owned)).collect();
        let (chosen, odds, missing) = choose(self.question, &texts, &mut self.random);
        self.missing |= missing;
        self.odds = odds;
        let index = texts.iter().position(|text| *text == chosen);
        index.and_then(|index| options.get(index)).cloned().unwrap_or_default()
    }

    fn number(&mut self, schema: &Value, most: f64) -> f64 {
        let bound = |key: &str, usual: f64| schema.get(key).and_then(Value::as_f64).unwrap_or(usual);
        let (least, most) = (bound("minimum", 0.0), bound("maximum", most));
        least + (most - least) * self.iou()
    }

    fn text(&mut self, name: &str) -> String {
        if name == "label" || name.ends_with("concept") {
            return self.pointed().map(|pointed| pointed.name).unwrap_or_default();
        }
        "That is what the picture shows.".to_owned()
    }

    /// The IoU of the last view; 0 if there is no view.
    fn iou(&mut self) -> f64 {
        self.missing |= self.iou.is_none();
        self.iou.unwrap_or(0.0)
    }

    /// The object that the model points at: the same for all fields of one answer.
    fn pointed(&mut self) -> Option<Pointed> {
        if self.pointed.is_none() {
            self.pointed = Some(point(self.question, &mut self.random));
        }
        let pointed = self.pointed.clone().flatten();
        self.missing |= pointed.is_none();
        pointed
    }
}
