//! Reads every photo and every true mask of a data set, and names what is wrong with them.

use std::collections::HashMap;
use std::num::NonZero;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::channel;
use std::thread;

use rescue_core::{Digest, Photo};
use rescue_dataset::{Dataset, Item};
use rescue_pipeline::photo;
use serde::Serialize;

/// What is wrong with an entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// The id of the entry.
    pub id: String,
    /// Whether the entry cannot be used. Otherwise, it is odd and counts.
    pub fatal: bool,
    /// What is wrong, in words.
    pub what: String,
}

/// What a check found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Checked {
    /// Entries that were read.
    pub entries: usize,
    /// Different photos, by their bytes.
    pub photos: usize,
    /// Entries without a target.
    pub no_target: usize,
    /// Entries with pixels that are ignored.
    pub with_ignored: usize,
    /// In the order of the data set.
    pub findings: Vec<Finding>,
}

/// What reading an entry gave.
struct Seen {
    /// The photo's digest. `None` if the photo cannot be read.
    photo: Option<Digest>,
    has_ignored: bool,
    findings: Vec<(bool, String)>,
}

/// Reads all entries, on as many threads as the machine has processors. `progress` is told how many have been read.
pub fn check(dataset: &Dataset, progress: &mut dyn FnMut(usize)) -> Checked {
    let threads = thread::available_parallelism().map_or(1, NonZero::get).min(dataset.items.len().max(1));
    let (next, (sender, seen)) = (AtomicUsize::new(0), channel());
    let mut all: Vec<Option<Seen>> = dataset.items.iter().map(|_| None).collect();
    thread::scope(|scope| {
        for _ in 0..threads {
            let (sender, next) = (sender.clone(), &next);
            scope.spawn(move || {
                while let Some((at, item)) = {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    dataset.items.get(at).map(|item| (at, item))
                } {
                    // The listener waits for all threads.
                    drop(sender.send((at, look_at(item))));
                }
            });
        }
        drop(sender);
        for (count, (at, one)) in seen.iter().enumerate() {
            if let Some(place) = all.get_mut(at) {
                *place = Some(one);
            }
            progress(count + 1);
        }
    });
    collect(dataset, all)
}

fn collect(dataset: &Dataset, all: Vec<Option<Seen>>) -> Checked {
    let mut checked = Checked { entries: dataset.items.len(), ..Checked::default() };
    let mut first: HashMap<(Digest, String), &str> = HashMap::new();
    let mut photos: HashMap<Digest, ()> = HashMap::new();
    for (item, seen) in dataset.items.iter().zip(all) {
        let Some(Seen { photo, has_ignored, findings }) = seen else { continue };
        let mut add = |fatal, what| checked.findings.push(Finding { id: item.id.clone(), fatal, what });
        findings.into_iter().for_each(|(fatal, what)| add(fatal, what));
        if let Some(photo) = photo {
            photos.insert(photo, ());
            match first.get(&(photo, item.query.to_lowercase())) {
                Some(other) => add(false, format!("it has the photo and the sentence of {other}")),
                None => drop(first.insert((photo, item.query.to_lowercase()), &item.id)),
            }
        }
        checked.no_target += usize::from(item.is_no_target());
        checked.with_ignored += usize::from(has_ignored);
    }
    checked.photos = photos.len();
    checked
}

/// The photo of an entry.
///
/// # Errors
///
/// Returns what is wrong with it.
pub fn photo_of(item: &Item) -> Result<Photo, String> {
    let bytes = item.image.read().map_err(|error| error.to_string())?;
    photo::decode(&bytes).map_err(|cause| format!("photo {}: {cause}", item.image.name()))
}

fn look_at(item: &Item) -> Seen {
    let photo = match photo_of(item) {
        Ok(photo) => photo,
        Err(what) => return Seen { photo: None, has_ignored: false, findings: vec![(true, what)] },
    };
    let mut findings = Vec::new();
    if let Some(stated) = item.size.filter(|stated| *stated != photo.size()) {
        findings.push((true, format!("the photo is {} pixels, and the data set says {stated}", photo.size())));
    }
    let truth = match item.truth(photo.size()) {
        Ok(truth) => truth,
        Err(error) => {
            findings.push((true, error.to_string()));
            return Seen { photo: Some(photo.digest()), has_ignored: false, findings };
        }
    };
    let area = u64::from(truth.mask.area());
    if area == 0 && !item.is_no_target() {
        findings.push((false, "its mask is empty, though it does not say that nothing fits".into()));
    }
    if area == photo.size().pixels() {
        findings.push((false, "its mask is the whole photo".into()));
    }
    if truth.ignore.as_ref().is_some_and(|ignore| u64::from(ignore.area()) * 2 > photo.size().pixels()) {
        findings.push((false, "more than half of the photo is ignored".into()));
    }
    Seen { photo: Some(photo.digest()), has_ignored: truth.ignore.is_some(), findings }
}
