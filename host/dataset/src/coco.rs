//! COCO's `instances.json`: photos, and annotations with their shapes. A field of the annotations holds the sentence.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::sync::Arc;

use rescue_mask::Size;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::dataset::{Entries, Source};
use crate::error::DatasetError;
use crate::images::Images;
use crate::item::{Item, Place};
use crate::shape::Shape;
use crate::text;
use crate::truth::TruthSource;

/// The fields that hold a sentence, in the order in which they are looked for.
const FIELDS: [&str; 4] = ["caption", "query", "expression", "text"];

/// The parts of such a file that are read.
#[derive(Debug, Deserialize)]
#[serde(bound = "A: DeserializeOwned")]
pub(crate) struct Instances<A> {
    pub(crate) images: Vec<ImageEntry>,
    pub(crate) annotations: Vec<A>,
    #[serde(default)]
    pub(crate) categories: Vec<Category>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct ImageEntry {
    pub(crate) id: i64,
    pub(crate) file_name: String,
    pub(crate) width: u32,
    pub(crate) height: u32,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Category {
    id: i64,
    name: String,
}

#[derive(Debug, Deserialize)]
struct Captioned {
    id: i64,
    image_id: i64,
    segmentation: Shape,
    category_id: Option<i64>,
    #[serde(flatten)]
    other: Map<String, Value>,
}

/// Reads such a file.
pub(crate) fn read<A: DeserializeOwned>(file: &Path) -> Result<Instances<A>, DatasetError> {
    serde_json::from_str(&text::read(file)?).map_err(|error| {
        DatasetError::new(file, "", error.to_string()).way_out("COCO's instances.json has images and annotations.")
    })
}

/// The names of categories.
pub(crate) fn names(categories: Vec<Category>) -> HashMap<i64, String> {
    categories.into_iter().map(|category| (category.id, category.name)).collect()
}

/// Each annotation with a sentence is an entry.
pub(crate) fn open(source: &Source) -> Result<Entries, DatasetError> {
    let file = if source.path.is_dir() { source.path.join("instances.json") } else { source.path.clone() };
    let instances: Instances<Captioned> = read(&file)?;
    let fields = source.field.as_deref().map_or(FIELDS.to_vec(), |field| vec![field]);
    let categories = names(instances.categories);
    let images: HashMap<i64, ImageEntry> = instances.images.into_iter().map(|image| (image.id, image)).collect();
    let folders = Images::of(source);
    let shared = Arc::new(file.clone());
    let mut entries = Entries::new("COCO", "COCO's polygons and run lengths, as pycocotools draws them");
    let mut without = 0_usize;
    for annotation in instances.annotations {
        let wrong = |cause: String| DatasetError::new(&file, format!("annotation {}", annotation.id), cause);
        let Some(query) = fields.iter().find_map(|field| annotation.other.get(*field)?.as_str()) else {
            without += 1;
            continue;
        };
        let Some(image) = images.get(&annotation.image_id) else {
            entries.bad.push(wrong(format!("there is no image {}", annotation.image_id)));
            continue;
        };
        let category = annotation.category_id.and_then(|id| categories.get(&id));
        entries.items.push(Item {
            id: annotation.id.to_string(),
            query: query.to_owned(),
            image: folders.find(&image.file_name),
            size: Some(Size::new(image.width, image.height)),
            categories: category
                .map(|name| ("category".to_owned(), name.clone()))
                .into_iter()
                .collect::<BTreeMap<_, _>>(),
            place: Place { file: shared.clone(), place: format!("annotation {}", annotation.id) },
            truth: Arc::new(TruthSource::Shapes(vec![annotation.segmentation])),
        });
    }
    if entries.items.is_empty() {
        let cause = format!("none of its {without} annotations has a sentence in one of: {}", fields.join(", "));
        return Err(DatasetError::new(&file, "", cause).way_out("Name the field that has it, with --field."));
    }
    Ok(entries)
}
