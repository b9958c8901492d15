//! JSON schemas (draft 2020-12) of the files of an evaluation. Each file's `form` says which version of its schema it has.

use rescue_pipeline::Record;
use schemars::generate::SchemaSettings;
use schemars::transform::{Transform, transform_subschemas};
use schemars::{JsonSchema, Schema};
use serde_json::Value;

use crate::evaluation::{About, PLAN_FORM};
use crate::sample_scores::{self, SampleScores};
use crate::summary::{self, Summary};

/// The files that have a schema, by the names of [`schema`].
pub const NAMES: [&str; 4] = ["summary", "scores", "evaluation", "result"];

/// The schema of a file, by its name without `.json`. `None` if there is none of that name.
pub fn schema(name: &str) -> Option<Value> {
    Some(match name {
        "summary" => of::<Summary>(summary::FORM),
        "scores" => of::<SampleScores>(sample_scores::FORM),
        "evaluation" => of::<About>(PLAN_FORM),
        "result" => of::<Record>(rescue_pipeline::RESULT_FORM),
        _ => return None,
    })
}

fn of<T: JsonSchema>(form: u32) -> Value {
    let settings = SchemaSettings::draft2020_12().for_serialize().with_transform(OneLine);
    let mut schema = settings.into_generator().into_root_schema_for::<T>().to_value();
    if let Some(Value::Object(property)) = schema.pointer_mut("/properties/form") {
        property.insert("const".to_owned(), form.into());
    }
    schema
}

/// Descriptions are one line: where the source breaks them means nothing.
#[derive(Clone)]
struct OneLine;

impl Transform for OneLine {
    fn transform(&mut self, schema: &mut Schema) {
        if let Some(Value::String(text)) = schema.get_mut("description") {
            *text = text.replace('\n', " ");
        }
        transform_subschemas(self, schema);
    }
}
