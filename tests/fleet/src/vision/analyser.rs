//! Analyses pictures, each only once.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, OnceLock};

use rescue_core::Digest;
use rescue_mask::{Mask, Rect, Size};

use super::layout::{Region, layouts, middle_gap};
use super::mark::marked;
use super::picture::{Picture, decode, resize_mask, stated_size};
use super::probe::probe;
use super::thumbnail::Thumbnail;
use crate::limits::{MAX_ANALYSES, MAX_SHOWN};
use crate::lock::lock;
use crate::lru::Lru;
use crate::scene::Scene;

/// The least likeness, 0 to 1, at which a picture counts as showing a photo.
const LEAST_LIKE: f32 = 0.36;

/// The shortest side of a photo that is recognised, in pixels.
const SHORTEST: u32 = 32;

/// What a picture shows.
#[derive(Debug)]
pub(crate) struct Analysis {
    /// The digest of the picture's bytes.
    pub(crate) digest: Digest,
    /// The picture's size in pixels.
    pub(crate) size: Size,
    /// The known photos on it, from left to right: none, one or two.
    pub(crate) views: Vec<View>,
    /// The red rectangle in pixels, if the picture is a probe (see [`probe`]).
    pub(crate) probe: Option<Rect>,
}

/// A known photo on a picture.
#[derive(Clone, Debug)]
pub(crate) struct View {
    /// The index of the photo's scene.
    pub(crate) scene: usize,
    /// Where on the picture it is.
    pub(crate) region: Region,
    /// The IoU of the marked mask with the ground truth, 0 to 1; 0 if nothing is marked.
    pub(crate) iou: f64,
}

/// A scene's photo and masks in the size in which a picture showed it.
#[derive(Debug)]
pub(crate) struct Shown {
    photo: Picture,
    truth: Mask,
    masks: OnceLock<Vec<Mask>>,
}

/// Analyses pictures for all servers of a fleet.
#[derive(Debug)]
pub(crate) struct Analyser {
    pub(crate) scenes: Vec<Scene>,
    /// Whether pictures are not decoded, and nothing is seen on them.
    pub(crate) blind: bool,
    thumbnails: Vec<Thumbnail>,
    analyses: Mutex<Lru<Digest, Arc<Analysis>>>,
    shown: Mutex<Lru<(usize, Size), Arc<Shown>>>,
}

impl Analyser {
    pub(crate) fn new(scenes: Vec<Scene>, blind: bool) -> Self {
        let whole = |size: Size| Region { x: 0, y: 0, width: size.width, height: size.height };
        let thumbnails = scenes.iter().map(|scene| Thumbnail::of(&scene.shown, whole(scene.size))).collect();
        Self {
            scenes,
            blind,
            thumbnails,
            analyses: Mutex::new(Lru::new(MAX_ANALYSES)),
            shown: Mutex::new(Lru::new(MAX_SHOWN)),
        }
    }

    /// Analyses the bytes of a picture. Fails with a message if they cannot be decoded.
    pub(crate) fn analyse(&self, bytes: &[u8]) -> Result<Arc<Analysis>, String> {
        let digest = Digest::of(bytes);
        if let Some(analysis) = lock(&self.analyses).get(&digest) {
            return Ok(analysis.clone());
        }
        if self.blind {
            let size = stated_size(bytes)?;
            return Ok(Arc::new(Analysis { digest, size, views: Vec::new(), probe: None }));
        }
        let picture = decode(bytes)?;
        let probe = probe(&picture);
        let views = if probe.is_none() { self.views(&picture) } else { Vec::new() };
        let analysis = Arc::new(Analysis { digest, size: picture.size, views, probe });
        lock(&self.analyses).insert(digest, analysis.clone());
        Ok(analysis)
    }

    /// The masks of a scene's objects in the size in which the photo was shown.
    pub(crate) fn masks(&self, scene: usize, size: Size) -> Vec<Mask> {
        let Some(own) = self.scenes.get(scene) else { return Vec::new() };
        let make = || own.objects.iter().map(|object| resize_mask(&object.mask, size)).collect();
        self.shown(scene, size).map(|shown| shown.masks.get_or_init(make).clone()).unwrap_or_default()
    }

    /// The scene whose query the text contains: of several, the one with the longest query. `None` if there is none.
    pub(crate) fn scene_of_query(&self, text: &str) -> Option<usize> {
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
                let thumbnails: Vec<_> = regions.iter().map(|region| Thumbnail::of(picture, *region)).collect();
                for (index, photo) in self.thumbnails.iter().enumerate() {
                    if self.scenes.get(index).is_none_or(|scene| scene.size != size) {
                        continue;
                    }
                    let sum: f32 = thumbnails.iter().map(|thumbnail| thumbnail.likeness(photo)).sum();
                    let likeness = sum / thumbnails.len() as f32;
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

/// Moves a region by up to 3 pixels to where most pixels match the photo, because bands and gaps are only roughly
/// known.
fn aligned(picture: &Picture, photo: &Picture, region: Region) -> Region {
    const REACH: u32 = 3;
    let mut best = (0_usize, region);
    let near = |(seen, own): &([u8; 3], [u8; 3])| seen.iter().zip(own).all(|(seen, own)| seen.abs_diff(*own) <= 14);
    // The steps go from the middle outwards, so that a tie moves nothing.
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
