//! The masks that every strategy has chosen: as PNG files, or as COCO's results beside a file of truths in COCO's form.
//!
//! Each entry of the data set is an image of its own in COCO's files, with its number in the data set, from 1, as its id: one photo may
//! have several sentences.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use rescue_dataset::{Item, Truth};
use rescue_mask::{Mask, Rle, png};
use rescue_pipeline::{Outcome, WriteError, replace, replace_by};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::plan::Plan;
use crate::sample_scores::SampleScores;

/// The file of one sample's masks, beside its result.
pub const FILE: &str = "masks.json";
/// The folder of all masks.
const FOLDER: &str = "masks";
/// The file in it that lists what was written there.
const WRITTEN: &str = ".written";
/// The name of the truths' file.
const TRUTH: &str = "truth";

/// How masks are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// `masks/STRATEGY/ID.png`, with the values 0 and 255; empty where nothing was found.
    Png,
    /// `masks/STRATEGY.json`, which pycocotools' `loadRes` takes, and `masks/truth.json`, which its `COCO` does.
    Coco,
}

/// The masks of one sample.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SampleMasks {
    /// The digests of the strategies, of the result and of the truth, as the scores have them.
    of: [String; 3],
    /// What each strategy has chosen among all hypotheses. `None` if nothing was found.
    chosen: BTreeMap<String, Option<Rle>>,
    /// What is to be found, without the pixels that are ignored.
    truth: Rle,
}

impl SampleMasks {
    /// The masks of a sample's choices.
    pub fn new(outcome: &Outcome, plan: &Plan, truth: &Truth, scores: &SampleScores) -> Self {
        let shown = (0..plan.strategies.len()).filter(|place| plan.shows(*place));
        let chosen = shown.filter_map(|place| {
            let all = outcome.choices.iter().find(|choice| choice.strategy == place && choice.n == outcome.record.n)?;
            let mask = all.made.as_ref().ok()?.mask.as_ref().map(Mask::to_rle);
            Some((plan.strategies.get(place)?.name.clone(), mask))
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
        Some((number, item, SampleMasks::read(&folder.join("samples").join(&item.id), scores)?))
    });
    std::fs::create_dir_all(&all).map_err(|cause| WriteError { file: all.clone(), cause })?;
    let names = match form {
        Form::Png => as_png(&all, samples)?,
        Form::Coco => as_coco(&all, samples)?,
    };
    let file = all.join(WRITTEN);
    let bytes = serde_json::to_vec_pretty(&names).unwrap_or_default();
    replace(&file, &bytes).map_err(|cause| WriteError { file, cause })
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
    samples: impl Iterator<Item = (usize, &'a Item, SampleMasks)>,
) -> Result<BTreeSet<String>, WriteError> {
    let mut names = BTreeSet::new();
    for (_, item, masks) in samples {
        for (strategy, mask) in masks.chosen {
            let name = file_name(&strategy);
            let folder = all.join(&name);
            names.insert(name);
            let file = folder.join(format!("{}.png", item.id));
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
    samples: impl Iterator<Item = (usize, &'a Item, SampleMasks)>,
) -> Result<BTreeSet<String>, WriteError> {
    let (mut images, mut annotations) = (Vec::new(), Vec::new());
    let mut results: BTreeMap<String, Vec<Value>> = BTreeMap::new();
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
            let result =
                mask.map(|rle| json!({"image_id": number, "category_id": 1, "segmentation": rle, "score": 1.0}));
            results.entry(strategy).or_default().extend(result);
        }
    }
    let truth = json!({
        "info": {"description": "the truths of an evaluation by rescue-host: each entry is an image of its own"},
        "images": images, "annotations": annotations, "categories": [{"id": 1, "name": "target"}],
    });
    let results = results.into_iter().map(|(strategy, results)| (file_name(&strategy), results.into()));
    let mut names = BTreeSet::new();
    for (name, value) in results.chain([(TRUTH.to_owned(), truth)]) {
        let name = format!("{name}.json");
        replace_by(&all.join(&name), |out| Ok(serde_json::to_writer(out, &value)?))?;
        names.insert(name);
    }
    Ok(names)
}

/// The name of a strategy as that of a file: what is no letter, digit or one of `-_.=+` stands as `%` and its bytes in hexadecimal digits, as in
/// addresses; so do a dot at the beginning, and the first letter of the name of the truths.
fn file_name(strategy: &str) -> String {
    let mut name = String::new();
    for (place, byte) in strategy.bytes().enumerate() {
        let is_first = place == 0 && (byte == b'.' || strategy == TRUTH);
        if (byte.is_ascii_alphanumeric() || b"-_.=+".contains(&byte)) && !is_first {
            name.push(char::from(byte));
        } else {
            name.push_str(&format!("%{byte:02X}"));
        }
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_strategies_have_one_file() {
        let names = [
            "pyramid",
            "pyramid:seeding=blocks",
            "pyramid_seeding=blocks",
            "truth",
            "%74ruth",
            "../x",
            ".x",
            "a b",
            "é",
        ];
        let files = names.map(file_name);
        assert_eq!(files[1], "pyramid%3Aseeding=blocks");
        assert_eq!(files[3..6], ["%74ruth", "%2574ruth", "%2E.%2Fx"]);
        let mut different = files.to_vec();
        different.sort();
        different.dedup();
        assert_eq!(different.len(), names.len());
    }
}
