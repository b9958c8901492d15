//! The masks that every strategy has chosen: as PNG files, or as COCO's results beside a file of truths in COCO's form.
//!
//! Each entry of the data set is an image of its own in COCO's files, with its number in the data set, from 1, as its id: one photo may
//! have several sentences.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use rescue_dataset::{Item, Truth};
use rescue_mask::{Mask, Rle, png};
use rescue_pipeline::{Choice, Outcome, WriteError, replace, replace_by, replace_json};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::plan::Plan;
use crate::repeat::sample_id;
use crate::sample_scores::SampleScores;

/// The file of one sample's masks, beside its result.
pub const FILE: &str = "masks.json";
/// The folder of all masks.
const FOLDER: &str = "masks";
/// The file in it that lists what was written there.
const WRITTEN: &str = ".written";
/// The name of the file of the truths, without its ending. No strategy's file has a dot in its name.
const TRUTH: &str = "coco.truth";
/// What stands for itself in the names of strategies' files, beside letters and digits.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'=').remove(b'+');

/// How masks are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// `masks/STRATEGY/ID.png`, with the values 0 and 255; empty where nothing was found. Those of an entry's second search are called
    /// `ID.repeat-2.png`.
    Png,
    /// `masks/STRATEGY.json`, which pycocotools' `loadRes` takes, and `masks/coco.truth.json`, which its `COCO` does. The second searches have
    /// files of their own, `masks/STRATEGY.repeat-2.json` and `masks/coco.truth.repeat-2.json`.
    Coco,
}

/// The masks of one sample.
#[derive(Clone, Debug, JsonSchema, Serialize, Deserialize)]
pub struct SampleMasks {
    /// The digests of the strategies, of the result and of the truth, as the scores have them.
    of: [String; 3],
    /// What each strategy has chosen among all hypotheses. `None` if nothing was found.
    #[schemars(with = "BTreeMap<String, Option<CocoRle>>")]
    chosen: BTreeMap<String, Option<Rle>>,
    /// What is to be found, without the pixels that are ignored.
    #[schemars(with = "CocoRle")]
    truth: Rle,
}

/// A mask as pycocotools writes it: [`Rle`] as JSON.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "it only describes")]
struct CocoRle {
    /// Height and width, in pixels.
    size: [u32; 2],
    /// The lengths of runs down the columns, compressed.
    counts: String,
}

impl SampleMasks {
    /// The masks of a sample's choices.
    pub fn new(outcome: &Outcome, plan: &Plan, truth: &Truth, scores: &SampleScores) -> Self {
        let chosen = plan.strategies.iter().filter_map(|of| {
            let is_whole = |choice: &&Choice| choice.strategy == of.number && choice.n == outcome.record.n;
            let chosen = outcome.choices.iter().find(is_whole)?.made.as_ref().ok()?;
            Some((of.name.clone(), chosen.mask.as_ref().map(Mask::to_rle)))
        });
        Self { of: digests(scores), chosen: chosen.collect(), truth: truth.mask.to_rle() }
    }

    /// The masks in a sample's folder. `None` if there are none that belong to its scores.
    pub fn read(folder: &Path, scores: &SampleScores) -> Option<Self> {
        let masks: Self = serde_json::from_slice(&std::fs::read(folder.join(FILE)).ok()?).ok()?;
        (masks.of == digests(scores)).then_some(masks)
    }
}

fn digests(scores: &SampleScores) -> [String; 3] {
    [&scores.plan, &scores.result, &scores.truth].map(Clone::clone)
}

/// Writes the masks of these samples into an evaluation's folder, in place of those of earlier calls. `items` are the samples with their scores, and
/// with their numbers in the data set from 1.
///
/// # Errors
///
/// Returns an error if a file cannot be written.
pub fn write<'a>(
    folder: &Path,
    form: Form,
    items: impl Iterator<Item = (usize, &'a Item, &'a SampleScores)>,
) -> Result<(), WriteError> {
    let all = folder.join(FOLDER);
    remove_earlier(&all)?;
    let samples = items.filter_map(|(number, item, scores)| {
        Some((
            number,
            item,
            scores.repeat,
            SampleMasks::read(&folder.join("samples").join(scores.sample_id()), scores)?,
        ))
    });
    std::fs::create_dir_all(&all).map_err(|cause| WriteError { file: all.clone(), cause })?;
    let names = match form {
        Form::Png => as_png(&all, samples)?,
        Form::Coco => as_coco(&all, samples)?,
    };
    replace_json(&all.join(WRITTEN), &names)
}

/// Removes what an earlier call has written into the folder of masks, and nothing else: the folder may hold other people's files.
fn remove_earlier(all: &Path) -> Result<(), WriteError> {
    let written = std::fs::read(all.join(WRITTEN)).ok();
    let names: Vec<String> = written.and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default();
    for name in names.iter().filter(|name| !name.contains(['/', '\\']) && !name.starts_with('.')) {
        let place = all.join(name);
        let removed = if place.is_dir() { std::fs::remove_dir_all(&place) } else { std::fs::remove_file(&place) };
        match removed {
            Err(cause) if cause.kind() != std::io::ErrorKind::NotFound => {
                return Err(WriteError { file: place, cause });
            }
            _ => {}
        }
    }
    Ok(())
}

fn as_png<'a>(
    all: &Path,
    samples: impl Iterator<Item = (usize, &'a Item, u32, SampleMasks)>,
) -> Result<BTreeSet<String>, WriteError> {
    let mut names = BTreeSet::new();
    for (_, item, repeat, masks) in samples {
        for (strategy, mask) in masks.chosen {
            let name = file_name(&strategy);
            let folder = all.join(&name);
            names.insert(name);
            let file = folder.join(sample_id(&item.id, repeat) + ".png");
            let fail = |cause| WriteError { file: file.clone(), cause };
            let mask = mask.map_or_else(|| Mask::new(masks.truth.size()), |rle| rle.to_mask());
            let bytes = png::write_mask(&mask).map_err(std::io::Error::other).map_err(fail)?;
            std::fs::create_dir_all(&folder).and_then(|()| replace(&file, &bytes)).map_err(fail)?;
        }
    }
    Ok(names)
}

fn as_coco<'a>(
    all: &Path,
    samples: impl Iterator<Item = (usize, &'a Item, u32, SampleMasks)>,
) -> Result<BTreeSet<String>, WriteError> {
    // By the number of the search.
    let mut truths: BTreeMap<u32, (Vec<Value>, Vec<Value>)> = BTreeMap::new();
    let mut results: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for (number, item, repeat, masks) in samples {
        let size = masks.truth.size();
        let (images, annotations) = truths.entry(repeat).or_default();
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
            let result =
                mask.map(|rle| json!({"image_id": number, "category_id": 1, "segmentation": rle, "score": 1.0}));
            results.entry(sample_id(&file_name(&strategy), repeat)).or_default().extend(result);
        }
    }
    let truths = truths.into_iter().map(|(repeat, (images, annotations))| {
        let truth = json!({
            "info": {"description": "the truths of an evaluation by rescue-host: each entry is an image of its own"},
            "images": images, "annotations": annotations, "categories": [{"id": 1, "name": "target"}],
        });
        (sample_id(TRUTH, repeat) + ".json", truth)
    });
    let results = results.into_iter().map(|(name, results)| (name + ".json", results.into()));
    let mut names = BTreeSet::new();
    for (name, value) in results.chain(truths) {
        replace_by(&all.join(&name), |out| Ok(serde_json::to_writer(out, &value)?))?;
        names.insert(name);
    }
    Ok(names)
}

/// The name of a strategy as that of a file: characters that could mean something in a path are encoded as in addresses.
fn file_name(strategy: &str) -> String {
    utf8_percent_encode(strategy, PLAIN).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_strategy_has_the_file_of_another_one_or_lies_elsewhere() {
        let names = ["pyramid", "pyramid:seeding=blocks", "../mine.wasm", "coco.truth", "."];
        let files = ["pyramid", "pyramid%3Aseeding=blocks", "%2E%2E%2Fmine%2Ewasm", "coco%2Etruth", "%2E"];
        assert_eq!(names.map(file_name), files);
    }
}
