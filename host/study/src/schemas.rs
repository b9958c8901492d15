//! JSON schemas (draft 2020-12) of the files of an evaluation. Each file's `form` says which version of its schema it has.

use rescue_pipeline::run::folder::{self, RunFile};
use rescue_pipeline::{INDEX_FORM, Record, ResultLine, RunTimings, Timings};
use schemars::generate::SchemaSettings;
use schemars::transform::{Transform, transform_subschemas};
use schemars::{JsonSchema, Schema};
use serde_json::Value;

use crate::evaluation::{About, PLAN_FORM};
use crate::masks::SampleMasks;
use crate::sample_scores::{self, SampleScores};
use crate::summary::{self, Summary};

/// The files that have a schema, by the names of [`schema`].
pub const NAMES: [&str; 9] =
    ["summary", "scores", "masks", "evaluation", "result", "run", "index", "timings", "run-timings"];

/// The schema of a file, by its name without `.json`. `None` if there is none of that name.
pub fn schema(name: &str) -> Option<Value> {
    Some(match name {
        "summary" => of::<Summary>(Some(summary::FORM)),
        "scores" => of::<SampleScores>(Some(sample_scores::FORM)),
        "masks" => of::<SampleMasks>(None),
        "evaluation" => of::<About>(Some(PLAN_FORM)),
        "result" => of::<Record>(Some(rescue_pipeline::RESULT_FORM)),
        "run" => of::<RunFile>(Some(folder::FORM)),
        "index" => of::<ResultLine>(Some(INDEX_FORM)),
        "timings" => of::<Timings>(None),
        "run-timings" => of::<RunTimings>(None),
        _ => return None,
    })
}

fn of<T: JsonSchema>(form: Option<u32>) -> Value {
    let settings = SchemaSettings::draft2020_12().for_serialize().with_transform(OneLine);
    let mut schema = settings.into_generator().into_root_schema_for::<T>().to_value();
    if let (Some(Value::Object(property)), Some(form)) = (schema.pointer_mut("/properties/form"), form) {
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
