//! The masks that every strategy has chosen: as PNG files, or as COCO's results beside a file of truths in COCO's form.
//!
//! Each entry of the data set is an image of its own in COCO's files, with its number in the data set, from 1, as its id: one photo may
//! have several sentences.

use std::collections::BTreeMap;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use rescue_dataset::{Item, Truth};
use rescue_mask::{Mask, Rle, png};
use rescue_pipeline::{Outcome, WriteError, replace};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::plan::Plan;

/// The file of one sample's masks, beside its result.
pub const FILE: &str = "masks.json";
/// The folder of all masks.
const FOLDER: &str = "masks";

/// How masks are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// `masks/STRATEGY/ID.png`, with the values 0 and 255.
    Png,
    /// `masks/STRATEGY.json`, which pycocotools' `loadRes` takes, and `masks/truth.json`, which its `COCO` does.
    Coco,
}

/// The masks of one sample.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SampleMasks {
    /// What each strategy has chosen among all hypotheses. `None` if nothing was found.
    chosen: BTreeMap<String, Option<Rle>>,
    /// What is to be found, without the pixels that are ignored.
    truth: Rle,
}

impl SampleMasks {
    /// The masks of a sample's choices.
    pub fn new(outcome: &Outcome, plan: &Plan, truth: &Truth) -> Self {
        let shown = (0..plan.strategies.len()).filter(|place| plan.shows(*place));
        let chosen = shown.filter_map(|place| {
            let all = outcome.choices.iter().find(|choice| choice.strategy == place && choice.n == outcome.record.n)?;
            let mask = all.made.as_ref().ok()?.mask.as_ref().map(Mask::to_rle);
            Some((plan.strategies.get(place)?.name.clone(), mask))
        });
        Self { chosen: chosen.collect(), truth: truth.mask.to_rle() }
    }

    fn read(folder: &Path) -> Option<Self> {
        serde_json::from_slice(&std::fs::read(folder.join(FILE)).ok()?).ok()
    }
}

/// Writes the masks of all samples into an evaluation's folder. `items` are the samples, with their numbers in the data set from 1.
///
/// # Errors
///
/// Returns an error if a file cannot be written.
pub fn write<'a>(folder: &Path, form: Form, items: impl Iterator<Item = (usize, &'a Item)>) -> Result<(), WriteError> {
    let all = folder.join(FOLDER);
    let samples = items
        .filter_map(|(number, item)| Some((number, item, SampleMasks::read(&folder.join("samples").join(&item.id))?)));
    match form {
        Form::Png => as_png(&all, samples),
        Form::Coco => as_coco(&all, samples),
    }
}

fn as_png<'a>(all: &Path, samples: impl Iterator<Item = (usize, &'a Item, SampleMasks)>) -> Result<(), WriteError> {
    for (_, item, masks) in samples {
        for (strategy, mask) in masks.chosen {
            let folder = all.join(file_name(&strategy));
            let file = folder.join(format!("{}.png", item.id));
            let fail = |cause| WriteError { file: file.clone(), cause };
            let mask = mask.map_or_else(|| Mask::new(masks.truth.size()), |rle| rle.to_mask());
            let bytes = png::write_mask(&mask).map_err(std::io::Error::other).map_err(fail)?;
            std::fs::create_dir_all(&folder).and_then(|()| replace(&file, &bytes)).map_err(fail)?;
        }
    }
    Ok(())
}

fn as_coco<'a>(all: &Path, samples: impl Iterator<Item = (usize, &'a Item, SampleMasks)>) -> Result<(), WriteError> {
    std::fs::create_dir_all(all).map_err(|cause| WriteError { file: all.to_owned(), cause })?;
    let (mut images, mut annotations) = (Vec::new(), Vec::new());
    let mut results: BTreeMap<String, Array> = BTreeMap::new();
    for (number, item, masks) in samples {
        let size = masks.truth.size();
        images.push(json!({
            "id": number, "file_name": item.image.name(), "width": size.width, "height": size.height,
            "caption": item.query, "entry": item.id,
        }));
        let mask = masks.truth.to_mask();
        if let Some(bounds) = mask.bounds() {
            let (width, height) = (bounds.x_max - bounds.x_min, bounds.y_max - bounds.y_min);
            annotations.push(json!({
                "id": number, "image_id": number, "category_id": 1, "iscrowd": 0, "area": mask.area(),
                "bbox": [bounds.x_min, bounds.y_min, width, height], "segmentation": masks.truth,
            }));
        }
        for (strategy, mask) in masks.chosen {
            let results = match results.entry(strategy) {
                std::collections::btree_map::Entry::Occupied(entry) => entry.into_mut(),
                std::collections::btree_map::Entry::Vacant(entry) => {
                    let file = all.join(format!("{}.json", file_name(entry.key())));
                    entry.insert(Array::begin(file)?)
                }
            };
            if let Some(rle) = mask {
                results.add(&json!({"image_id": number, "category_id": 1, "segmentation": rle, "score": 1.0}))?;
            }
        }
    }
    results.into_values().try_for_each(Array::end)?;
    let truth = json!({
        "info": {"description": "the truths of an evaluation by rescue-host: each entry is an image of its own"},
        "images": images, "annotations": annotations, "categories": [{"id": 1, "name": "target"}],
    });
    let file = all.join("truth.json");
    replace(&file, truth.to_string().as_bytes()).map_err(|cause| WriteError { file, cause })
}

/// The name of a strategy as that of a file.
fn file_name(strategy: &str) -> String {
    let is_safe = |character: char| character.is_ascii_alphanumeric() || "-_.=+".contains(character);
    let name: String = strategy.chars().map(|character| if is_safe(character) { character } else { '_' }).collect();
    if name.starts_with('.') { format!("_{name}") } else { name }
}

/// A file with a JSON array that is written value by value.
struct Array {
    file: PathBuf,
    out: BufWriter<std::fs::File>,
    comma: &'static str,
}

impl Array {
    fn begin(file: PathBuf) -> Result<Self, WriteError> {
        let opened = std::fs::File::create(&file).and_then(|mut out| out.write_all(b"[").map(|()| out));
        match opened {
            Ok(out) => Ok(Self { file, out: BufWriter::new(out), comma: "\n" }),
            Err(cause) => Err(WriteError { file, cause }),
        }
    }

    fn add(&mut self, value: &Value) -> Result<(), WriteError> {
        let comma = std::mem::replace(&mut self.comma, ",\n");
        write!(self.out, "{comma}{value}").map_err(|cause| WriteError { file: self.file.clone(), cause })
    }

    fn end(mut self) -> Result<(), WriteError> {
        let ended = self.out.write_all(b"\n]\n").and_then(|()| self.out.flush());
        ended.map_err(|cause| WriteError { file: self.file, cause })
    }
}
