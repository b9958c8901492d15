//! What is on a picture, looked up once for each picture.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, OnceLock};

use rescue_core::Digest;
use rescue_mask::{Mask, Rect, Size};

use super::layout::{Region, layouts, middle_gap};
use super::mark::marked;
use super::picture::{Picture, decode, resize_mask};
use super::probe::probe;
use super::thumb::Thumb;
use crate::limits::{MAX_SEEN, MAX_SHOWN};
use crate::lock::lock;
use crate::lru::Lru;
use crate::scene::Scene;

/// A picture is taken for a photo where at least this much of it is like the photo.
const LEAST_LIKE: f32 = 0.36;

/// The shortest side of a photo that is looked at, in pixels.
const SHORTEST: u32 = 32;

/// What was seen on a picture.
#[derive(Debug)]
pub(crate) struct Sight {
    /// Of the picture's bytes.
    pub(crate) digest: Digest,
    /// The picture's, in pixels.
    pub(crate) size: Size,
    /// The photos on it from left to right: none, one or two.
    pub(crate) views: Vec<View>,
    /// The red rectangle of a probe.
    pub(crate) probe: Option<Rect>,
}

/// A photo on a picture.
#[derive(Clone, Debug)]
pub(crate) struct View {
    /// Which scene's.
    pub(crate) scene: usize,
    /// Where it is.
    pub(crate) region: Region,
    /// IoU of what is marked on it with the truth, 0 to 1; 0 where nothing is marked.
    pub(crate) iou: f64,
}

/// A scene in the size in which it was shown.
#[derive(Debug)]
pub(crate) struct Shown {
    photo: Picture,
    truth: Mask,
    masks: OnceLock<Vec<Mask>>,
}

/// What all servers of a fleet see with.
#[derive(Debug)]
pub(crate) struct Eye {
    pub(crate) scenes: Vec<Scene>,
    thumbs: Vec<Thumb>,
    seen: Mutex<Lru<Digest, Arc<Sight>>>,
    shown: Mutex<Lru<(usize, Size), Arc<Shown>>>,
}

impl Eye {
    pub(crate) fn new(scenes: Vec<Scene>) -> Self {
        let whole = |size: Size| Region { x: 0, y: 0, width: size.width, height: size.height };
        let thumbs = scenes.iter().map(|scene| Thumb::of(&scene.shown, whole(scene.size))).collect();
        Self { scenes, thumbs, seen: Mutex::new(Lru::new(MAX_SEEN)), shown: Mutex::new(Lru::new(MAX_SHOWN)) }
    }

    /// Looks at the bytes of a picture. The error says for people why there is none.
    pub(crate) fn look(&self, bytes: &[u8]) -> Result<Arc<Sight>, String> {
        let digest = Digest::of(bytes);
        if let Some(sight) = lock(&self.seen).get(&digest) {
            return Ok(sight.clone());
        }
        let picture = decode(bytes)?;
        let probe = probe(&picture);
        let views = if probe.is_none() { self.views(&picture) } else { Vec::new() };
        let sight = Arc::new(Sight { digest, size: picture.size, views, probe });
        lock(&self.seen).insert(digest, sight.clone());
        Ok(sight)
    }

    /// The masks of a scene's objects in the size in which it was shown.
    pub(crate) fn masks(&self, scene: usize, size: Size) -> Vec<Mask> {
        let Some(own) = self.scenes.get(scene) else { return Vec::new() };
        let make = || own.objects.iter().map(|object| resize_mask(&object.mask, size)).collect();
        self.shown(scene, size).map(|shown| shown.masks.get_or_init(make).clone()).unwrap_or_default()
    }

    /// The scene whose query is this, or the longest that stands in it.
    pub(crate) fn asked(&self, text: &str) -> Option<usize> {
        let text = text.to_lowercase();
        let queries = self.scenes.iter().enumerate().filter(|(_, scene)| text.contains(&scene.query.to_lowercase()));
        queries.max_by_key(|(_, scene)| scene.query.len()).map(|(index, _)| index)
    }

    fn shown(&self, scene: usize, size: Size) -> Option<Arc<Shown>> {
        if let Some(shown) = lock(&self.shown).get(&(scene, size)) {
            return Some(shown.clone());
        }
        let own = self.scenes.get(scene)?;
        let truth = resize_mask(&own.target().mask, size);
        let shown = Arc::new(Shown { photo: own.shown.resized(size), truth, masks: OnceLock::new() });
        lock(&self.shown).insert((scene, size), shown.clone());
        Some(shown)
    }

    fn views(&self, picture: &Picture) -> Vec<View> {
        let sizes: BTreeSet<_> = self.scenes.iter().map(|scene| (scene.size.width, scene.size.height)).collect();
        let gap = middle_gap(picture);
        let mut best: (f32, usize, Vec<Region>) = (LEAST_LIKE, 0, Vec::new());
        for (width, height) in sizes {
            let size = Size::new(width, height);
            for regions in layouts(picture, gap, size) {
                if regions.iter().any(|region| region.width.min(region.height) < SHORTEST) {
                    continue;
                }
                let thumbs: Vec<_> = regions.iter().map(|region| Thumb::of(picture, *region)).collect();
                for (index, photo) in self.thumbs.iter().enumerate() {
                    if self.scenes.get(index).is_none_or(|scene| scene.size != size) {
                        continue;
                    }
                    let sum: f32 = thumbs.iter().map(|thumb| thumb.likeness(photo)).sum();
                    let likeness = sum / thumbs.len() as f32;
                    if likeness > best.0 {
                        best = (likeness, index, regions.clone());
                    }
                }
            }
        }
        let (_, scene, regions) = best;
        regions.into_iter().filter_map(|region| self.view(picture, scene, region)).collect()
    }

    fn view(&self, picture: &Picture, scene: usize, region: Region) -> Option<View> {
        let shown = self.shown(scene, region.size())?;
        let whole = region.size() == picture.size;
        let region = if whole { region } else { aligned(picture, &shown.photo, region) };
        let mask = marked(&picture.part(region), &shown.photo);
        Some(View { scene, region, iou: mask.iou(&shown.truth).ok()? })
    }
}

/// Moves a region by a few pixels to where most pixels are the photo's: bands and gaps are only nearly known.
fn aligned(picture: &Picture, photo: &Picture, region: Region) -> Region {
    const REACH: u32 = 3;
    let mut best = (0_usize, region);
    let near = |(seen, own): &([u8; 3], [u8; 3])| seen.iter().zip(own).all(|(seen, own)| seen.abs_diff(*own) <= 14);
    // From the middle outwards, so that a tie moves nothing.
    let mut steps: Vec<i32> = (-(REACH as i32)..=REACH as i32).collect();
    steps.sort_by_key(|step| step.abs());
    for down in &steps {
        for right in &steps {
            let (Some(x), Some(y)) = (region.x.checked_add_signed(*right), region.y.checked_add_signed(*down)) else {
                continue;
            };
            if x + region.width > picture.size.width || y + region.height > picture.size.height {
                continue;
            }
            let rows = (0..region.height).step_by(5);
            let same = |row: u32| {
                let pairs = picture.row(y + row, x).zip(photo.row(row, 0)).step_by(3);
                pairs.filter(near).count()
            };
            let count = rows.map(same).sum();
            if count > best.0 {
                best = (count, Region { x, y, ..region });
            }
        }
    }
    best.1
}
