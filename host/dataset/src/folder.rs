//! A data set of one's own: a file of lines such as `{"image": "a.jpg", "query": "the red car", "mask": "a.png"}`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::dataset::{Entries, Source};
use crate::error::DatasetError;
use crate::images::Images;
use crate::item::{Item, Place};
use crate::names;
use crate::shape::Shape;
use crate::text;
use crate::truth::TruthSource;

const WAY_OUT: &str = "A line is an object such as {\"image\": \"a.jpg\", \"query\": \"the red car\", \"mask\": \"a.png\"}; the mask may also be a \
                       .npy file of bools, COCO's polygons or run lengths, or null if nothing fits.";

#[derive(Debug, Deserialize)]
struct Line {
    image: String,
    query: String,
    mask: MaskField,
    id: Option<Value>,
    #[serde(flatten)]
    other: Map<String, Value>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum MaskField {
    None(()),
    File(String),
    Shape(Shape),
}

/// Each line is an entry.
pub(crate) fn open(source: &Source) -> Result<Entries, DatasetError> {
    let file = list_in(&source.path)?;
    let folder = file.parent().unwrap_or(Path::new("")).to_owned();
    let (images, shared) = (Images::of(source), Arc::new(file.clone()));
    let text = text::read(&file)?;
    let mut entries = Entries::new("own", "the masks that the file names");
    for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let place = format!("line {}", number + 1);
        let line: Line = match serde_json::from_str(line) {
            Ok(line) => line,
            Err(error) => {
                entries.bad.push(DatasetError::new(&file, place, error.to_string()).way_out(WAY_OUT));
                continue;
            }
        };
        let id = match &line.id {
            Some(Value::String(text)) => text.clone(),
            Some(other) => other.to_string(),
            None => (number + 1).to_string(),
        };
        let is_other = line.id.as_ref().is_some_and(|id| !id.is_string() && !id.is_number());
        let wrong =
            names::wrong(&id).or_else(|| is_other.then(|| format!("its id {id} is neither a text nor a number")));
        if let Some(cause) = wrong {
            entries.bad.push(DatasetError::new(&file, place, cause));
            continue;
        }
        let truth = match line.mask {
            MaskField::None(()) => TruthSource::Shapes(Vec::new()),
            MaskField::File(name) => TruthSource::File(folder.join(name)),
            MaskField::Shape(shape) => TruthSource::Shapes(vec![shape]),
        };
        entries.items.push(Item {
            id,
            query: line.query,
            image: images.find(&line.image),
            size: None,
            categories: line
                .other
                .into_iter()
                .filter_map(|(name, value)| Some((name, word(&value)?)))
                .collect::<BTreeMap<_, _>>(),
            place: Place { file: shared.clone(), place },
            truth: Arc::new(truth),
        });
    }
    Ok(entries)
}

/// The list in a folder: its only file that ends in `.jsonl`.
fn list_in(path: &Path) -> Result<PathBuf, DatasetError> {
    if !path.is_dir() {
        return Ok(path.to_owned());
    }
    let files = std::fs::read_dir(path).map_err(|error| DatasetError::io(path, &error))?;
    let mut lists: Vec<PathBuf> = files
        .flatten()
        .map(|file| file.path())
        .filter(|file| file.extension().is_some_and(|ending| ending == "jsonl"))
        .collect();
    lists.sort();
    match lists.as_slice() {
        [list] => Ok(list.clone()),
        [] => Err(DatasetError::new(path, "", "it has no .jsonl file").way_out(WAY_OUT)),
        _ => Err(DatasetError::new(path, "", "it has several .jsonl files").way_out("Name one of them.")),
    }
}

/// A category: a short text, a number or a truth value.
fn word(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if text.len() <= 64 => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(value) => Some(value.to_string()),
        _ => None,
    }
}
