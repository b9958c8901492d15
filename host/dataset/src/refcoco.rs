//! RefCOCO, RefCOCO+, RefCOCOg and RefCLEF (`refs(unc).p` and its kind), gRefCOCO (`grefs(unc).p` or `.json`), each with `instances.json`; and
//! RefCOCO as Parquet. Each sentence of an expression is an entry.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rescue_mask::Size;
use serde::Deserialize;
use serde_json::Value as Json;

use crate::bytes;
use crate::coco::{self, ImageEntry, Instances};
use crate::dataset::{Entries, Source};
use crate::error::DatasetError;
use crate::images::Images;
use crate::item::{ImageSource, Item, Place};
use crate::names::plain;
use crate::pickle;
use crate::rows::{self, Row, Table};
use crate::shape::Shape;
use crate::text;
use crate::truth::TruthSource;

const WAY_OUT: &str = "A folder of RefCOCO's kind has a file such as refs(unc).p or grefs(unc).json, and instances.json; or .parquet files.";
/// The id of gRefCOCO's annotation that does not exist: nothing fits.
const NO_TARGET: i64 = -1;

#[derive(Debug, Deserialize)]
struct Annotation {
    id: i64,
    segmentation: Shape,
}

/// The two forms of a file of expressions.
trait Node: Sized {
    fn field(&self, name: &str) -> Option<&Self>;
    fn number(&self) -> Option<i64>;
    fn words(&self) -> Option<&str>;
    fn list(&self) -> Option<&[Self]>;

    /// One number or a list of them.
    fn numbers(&self) -> Option<Vec<i64>> {
        match self.list() {
            Some(list) => list.iter().map(Self::number).collect(),
            None => self.number().map(|number| vec![number]),
        }
    }
}

impl Node for Json {
    fn field(&self, name: &str) -> Option<&Self> {
        self.get(name)
    }
    fn number(&self) -> Option<i64> {
        self.as_i64()
    }
    fn words(&self) -> Option<&str> {
        self.as_str()
    }
    fn list(&self) -> Option<&[Self]> {
        self.as_array().map(Vec::as_slice)
    }
}

impl Node for pickle::Value {
    fn field(&self, name: &str) -> Option<&Self> {
        self.get(name)
    }
    fn number(&self) -> Option<i64> {
        self.as_i64()
    }
    fn words(&self) -> Option<&str> {
        self.as_text()
    }
    fn list(&self) -> Option<&[Self]> {
        self.as_list()
    }
}

pub(crate) fn open(source: &Source) -> Result<Entries, DatasetError> {
    let parquet = rows::files(&source.path, source.split.as_deref())?;
    if !parquet.is_empty() {
        return from_rows(&parquet);
    }
    let file = expressions(&source.path, source.split_by.as_deref())?;
    let folder = file.parent().unwrap_or(Path::new(""));
    let instances = coco::read(&folder.join("instances.json"))?;
    if file.extension().is_some_and(|ending| ending == "json") {
        let refs: Json = serde_json::from_str(&text::read(&file)?)
            .map_err(|error| DatasetError::new(&file, "", error.to_string()).way_out(WAY_OUT))?;
        return from_refs(source, &file, &refs, instances);
    }
    let bytes = bytes::read(&file, bytes::LIST)?;
    let refs = pickle::read(&bytes).map_err(|error| DatasetError::new(&file, "", error.to_string()))?;
    from_refs(source, &file, &refs, instances)
}

/// The file of expressions in a folder: the one of `split_by`, or the only one.
fn expressions(path: &Path, split_by: Option<&str>) -> Result<PathBuf, DatasetError> {
    if path.is_file() {
        return Ok(path.to_owned());
    }
    let files = std::fs::read_dir(path).map_err(|error| DatasetError::io(path, &error))?;
    let name = |file: &PathBuf| file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let mut found: Vec<PathBuf> = files
        .flatten()
        .map(|file| file.path())
        .filter(|file| {
            let name = name(file);
            (name.starts_with("refs(") || name.starts_with("grefs("))
                && (name.ends_with(".p") || name.ends_with(".json"))
        })
        .filter(|file| split_by.is_none_or(|by| name(file).contains(&format!("({by})"))))
        .collect();
    found.sort();
    match found.as_slice() {
        [file] => Ok(file.clone()),
        [] => Err(DatasetError::new(path, "", "it has no such file of expressions").way_out(WAY_OUT)),
        // The same expressions in two forms.
        [first, second] if first.with_extension("") == second.with_extension("") => Ok(second.clone()),
        several => {
            let names: Vec<String> = several.iter().map(name).collect();
            let cause = format!("it has several files of expressions: {}", names.join(", "));
            Err(DatasetError::new(path, "", cause).way_out("Choose one with --split-by, as in --split-by unc."))
        }
    }
}

fn from_refs<N: Node>(
    source: &Source,
    file: &Path,
    refs: &N,
    instances: Instances<Annotation>,
) -> Result<Entries, DatasetError> {
    let refs =
        refs.list().ok_or_else(|| DatasetError::new(file, "", "it is no list of expressions").way_out(WAY_OUT))?;
    let folder = file.parent().unwrap_or(Path::new(""));
    let name = folder.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let mut entries = Entries::new(
        &name,
        "COCO's polygons and run lengths, as pycocotools draws them; the union of several annotations",
    );
    let lookup = Lookup {
        images: instances.images.into_iter().map(|image| (image.id, image)).collect(),
        shapes: instances.annotations.into_iter().map(|annotation| (annotation.id, annotation.segmentation)).collect(),
        categories: coco::names(instances.categories),
        folders: Images::of(source),
        file: Arc::new(file.to_owned()),
    };
    let mut splits: Vec<&str> = Vec::new();
    for (number, one) in refs.iter().enumerate() {
        let split = one.field("split").and_then(Node::words).unwrap_or_default();
        if !splits.contains(&split) {
            splits.push(split);
        }
        if source.split.as_deref().is_none_or(|wanted| wanted == split) {
            match lookup.entries(one) {
                Ok(items) => entries.items.extend(items),
                Err(cause) => entries.bad.push(DatasetError::new(file, format!("expression {number}"), cause)),
            }
        }
    }
    if entries.items.is_empty() && entries.bad.is_empty() {
        let cause = format!("no expression is of the split {:?}", source.split.as_deref().unwrap_or_default());
        let way_out = format!("Its splits are: {}.", splits.join(", "));
        return Err(DatasetError::new(file, "", cause).way_out(way_out));
    }
    Ok(entries)
}

/// What expressions refer to.
struct Lookup {
    images: HashMap<i64, ImageEntry>,
    shapes: HashMap<i64, Shape>,
    categories: HashMap<i64, String>,
    folders: Images,
    file: Arc<PathBuf>,
}

impl Lookup {
    /// An entry for each sentence of an expression. The error is the cause.
    fn entries<N: Node>(&self, one: &N) -> Result<Vec<Item>, String> {
        let number = |name: &str| one.field(name).and_then(Node::number).ok_or_else(|| format!("it has no {name}"));
        let (id, image) = (number("ref_id")?, number("image_id")?);
        let photo = self.images.get(&image).ok_or_else(|| format!("instances.json has no image {image}"))?;
        let annotations = one.field("ann_id").and_then(Node::numbers).ok_or("it has no ann_id")?;
        let shapes: Vec<Shape> = annotations
            .iter()
            .filter(|annotation| **annotation != NO_TARGET)
            .map(|annotation| {
                let shape = self.shapes.get(annotation).filter(|shape| !shape.is_empty());
                shape.cloned().ok_or_else(|| format!("instances.json has no shape of annotation {annotation}"))
            })
            .collect::<Result<_, _>>()?;
        let targets = match shapes.len() {
            0 => "none",
            1 => "one",
            _ => "several",
        };
        let category = one.field("category_id").and_then(Node::number).and_then(|id| self.categories.get(&id));
        let mut categories = BTreeMap::from([("targets".to_owned(), targets.to_owned())]);
        categories.extend(category.map(|name| ("category".to_owned(), name.clone())));
        let truth = Arc::new(TruthSource::Shapes(shapes));
        let sentences = one.field("sentences").and_then(Node::list).ok_or("it has no sentences")?;
        let items = sentences.iter().enumerate().map(|(at, sentence)| {
            let words = sentence.field("sent").or_else(|| sentence.field("raw")).and_then(Node::words);
            let sentence_id = sentence.field("sent_id").and_then(Node::number).unwrap_or(at as i64);
            Ok(Item {
                id: format!("{id}-{sentence_id}"),
                query: words.ok_or_else(|| format!("its sentence {at} has no words"))?.trim().to_owned(),
                image: self.folders.find(&photo.file_name),
                size: Some(Size::new(photo.width, photo.height)),
                categories: categories.clone(),
                place: Place { file: self.file.clone(), place: format!("expression {id}, sentence {at}") },
                truth: truth.clone(),
            })
        });
        items.collect()
    }
}

/// RefCOCO as Parquet: each of a row's answers is an entry.
fn from_rows(files: &[PathBuf]) -> Result<Entries, DatasetError> {
    let mut entries = Entries::new("RefCOCO (Parquet)", "the polygon of each row, as pycocotools draws it");
    for file in files {
        let table = Table::open(file)?;
        let (ids, answers) = (table.texts("question_id")?, table.texts("answer")?);
        let polygons = table.numbers("segmentation")?;
        let shared = Arc::new(file.clone());
        for (number, ((id, answers), polygon)) in ids.into_iter().zip(answers).zip(polygons).enumerate() {
            let place = format!("row {number}");
            let [id] = id.as_slice() else {
                entries.bad.push(DatasetError::new(file, place, "it has no question_id"));
                continue;
            };
            let truth = Arc::new(TruthSource::Shapes(vec![Shape::Polygons(vec![polygon])]));
            entries.items.extend(answers.into_iter().enumerate().map(|(at, query)| Item {
                id: plain(&format!("{id}-{at}")),
                query: query.trim().to_owned(),
                image: ImageSource::Row(Row { table: table.clone(), number }),
                size: None,
                categories: BTreeMap::new(),
                place: Place { file: shared.clone(), place: place.clone() },
                truth: truth.clone(),
            }));
        }
    }
    Ok(entries)
}
