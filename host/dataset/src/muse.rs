//! MUSE: questions about photos of COCO, each with the objects of its answer. The truth is their union.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use rescue_mask::Size;
use serde::Deserialize;

use crate::dataset::{Entries, Source};
use crate::error::DatasetError;
use crate::images::Images;
use crate::item::{Item, Place};
use crate::shape::Shape;
use crate::text;
use crate::truth::TruthSource;

#[derive(Debug, Deserialize)]
struct Photo {
    file_name: Option<String>,
    coco_url: Option<String>,
    height: u32,
    width: u32,
    questions: Vec<String>,
    answers: Vec<Vec<Target>>,
}

#[derive(Debug, Deserialize)]
struct Target {
    segmentation: Shape,
}

/// Each question is an entry.
pub(crate) fn open(source: &Source) -> Result<Entries, DatasetError> {
    let split = source.split.as_deref().unwrap_or("val");
    let file = if source.path.is_dir() { source.path.join(format!("muse_{split}.json")) } else { source.path.clone() };
    let photos: Vec<Photo> = serde_json::from_str(&text::read(&file)?).map_err(|error| {
        DatasetError::new(&file, "", error.to_string()).way_out("MUSE is a list of photos with questions and answers.")
    })?;
    let (images, shared) = (Images::of(source), Arc::new(file.clone()));
    let mut entries = Entries::new(
        "MUSE",
        "MUSE's polygons and run lengths, as pycocotools draws them; the union of an answer's objects",
    );
    for (number, photo) in photos.into_iter().enumerate() {
        let wrong = |cause: String| DatasetError::new(&file, format!("photo {number}"), cause);
        let name = photo.file_name.as_deref().or_else(|| photo.coco_url.as_deref().and_then(last));
        let Some(name) = name else {
            entries.bad.push(wrong("it has neither file_name nor coco_url".into()));
            continue;
        };
        if photo.questions.len() != photo.answers.len() {
            let cause = format!("it has {} questions and {} answers", photo.questions.len(), photo.answers.len());
            entries.bad.push(wrong(cause));
            continue;
        }
        for (question, (query, answer)) in photo.questions.into_iter().zip(photo.answers).enumerate() {
            let objects = if answer.len() == 1 { "one" } else { "several" };
            entries.items.push(Item {
                id: format!("{number}-{question}"),
                query,
                image: images.find(name),
                size: Some(Size::new(photo.width, photo.height)),
                categories: BTreeMap::from([("objects".to_owned(), objects.to_owned())]),
                place: Place { file: shared.clone(), place: format!("photo {number}, question {question}") },
                truth: Arc::new(TruthSource::Shapes(answer.into_iter().map(|target| target.segmentation).collect())),
            });
        }
    }
    Ok(entries)
}

fn last(url: &str) -> Option<&str> {
    Path::new(url).file_name()?.to_str()
}
