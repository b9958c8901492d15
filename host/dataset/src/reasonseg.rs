//! ReasonSeg, in its original form (photos with labelme's files) and as Parquet. Their truths differ: in the Parquet form, what was to be
//! ignored has become part of the target.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::dataset::{Entries, Source};
use crate::error::DatasetError;
use crate::item::{ImageSource, Item, Place};
use crate::labelme;
use crate::names::plain;
use crate::rows::{self, Row, Table};
use crate::truth::TruthSource;

const WAY_OUT: &str = "The original ReasonSeg has the folders train, val and test with .jpg and .json files; the other form has .parquet files.";

pub(crate) fn open(source: &Source) -> Result<Entries, DatasetError> {
    let path = &source.path;
    let parquet = rows::files(path, source.split.as_deref())?;
    if !parquet.is_empty() {
        return from_rows(&parquet);
    }
    let folder = match &source.split {
        Some(split) if path.join(split).is_dir() => path.join(split),
        Some(split) if path.file_name().is_none_or(|name| name.to_string_lossy() != *split) => {
            return Err(DatasetError::new(path, "", format!("it has no folder {split}")).way_out(WAY_OUT));
        }
        _ => path.clone(),
    };
    let files = std::fs::read_dir(&folder).map_err(|error| DatasetError::io(&folder, &error))?;
    let has_photo = |file: &PathBuf| file.with_extension("jpg").is_file();
    let mut files: Vec<PathBuf> = files
        .flatten()
        .map(|file| file.path())
        .filter(|file| file.extension().is_some_and(|ending| ending == "json") && has_photo(file))
        .collect();
    files.sort();
    if files.is_empty() {
        let cause = "it has no .json file beside a .jpg file of the same name";
        return Err(DatasetError::new(&folder, "", cause).way_out(WAY_OUT));
    }
    let mut entries = Entries::new(
        "ReasonSeg",
        "ReasonSeg's original polygons, as OpenCV 4.8 draws them; what is labelled \"ignore\" counts for neither side",
    );
    for file in files {
        match entry(&file) {
            Ok(item) => entries.items.push(item),
            Err(cause) => entries.bad.push(DatasetError::new(&file, "", cause).way_out(WAY_OUT)),
        }
    }
    Ok(entries)
}

fn entry(file: &Path) -> Result<Item, String> {
    let labelled = labelme::read(file)?;
    let query = labelled.text.first().ok_or("it has no text")?.trim().to_owned();
    let name = file.file_stem().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    Ok(Item {
        id: plain(&name),
        query,
        image: ImageSource::File(file.with_extension("jpg")),
        size: None,
        categories: length(labelled.is_sentence),
        place: Place { file: Arc::new(file.to_owned()), place: String::new() },
        truth: Arc::new(TruthSource::Labelme(file.to_owned())),
    })
}

fn length(is_sentence: bool) -> BTreeMap<String, String> {
    let length = if is_sentence { "long" } else { "short" };
    BTreeMap::from([("length".to_owned(), length.to_owned())])
}

fn from_rows(files: &[PathBuf]) -> Result<Entries, DatasetError> {
    let truth = "ReasonSeg's Parquet masks, in which what is labelled \"ignore\" is part of the target";
    let mut entries = Entries::new("ReasonSeg (Parquet)", truth);
    for file in files {
        let table = Table::open(file)?;
        let (texts, images, annotations) = (table.texts("text")?, table.texts("image_id")?, table.texts("ann_id")?);
        let shared = Arc::new(file.clone());
        for (number, ((text, image), annotation)) in texts.into_iter().zip(images).zip(annotations).enumerate() {
            let place = format!("row {number}");
            let ([query, ..], [image], [annotation]) = (text.as_slice(), image.as_slice(), annotation.as_slice())
            else {
                entries.bad.push(DatasetError::new(file, place, "it has no text, image_id or ann_id"));
                continue;
            };
            let row = Row { table: table.clone(), number };
            entries.items.push(Item {
                id: plain(&format!("{image}-{annotation}")),
                query: query.trim().to_owned(),
                image: ImageSource::Row(row.clone()),
                size: None,
                categories: BTreeMap::new(),
                place: Place { file: shared.clone(), place },
                truth: Arc::new(TruthSource::Row(row)),
            });
        }
    }
    Ok(entries)
}
