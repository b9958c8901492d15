//! The pictures of one sample. A picture that several questions show is drawn once.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use rescue_core::Photo;
use rescue_mask::CompactMask;
use rescue_picture::{Defaults, Painter, PictureError, Recipe, Shape, View};
use rescue_service::{Encoded, ServiceError, canonical};

/// The size of the cache, in bytes of encoded pictures without the parts that they share. The pictures that were drawn first are dropped first.
const CACHE_BYTES: usize = 16 << 20;

/// Draws views of one photo and keeps the pictures.
pub(crate) struct PictureCache {
    photo: Arc<Photo>,
    painter: OnceLock<Result<Arc<Painter>, String>>,
    kept: Mutex<Kept>,
    /// By the address of the mask, which stays its own as long as the shape is here.
    shapes: Mutex<HashMap<usize, Shape>>,
}

/// A picture that the first thread to need it draws, while others wait.
type Cell = Arc<OnceLock<Result<Arc<Encoded>, String>>>;

#[derive(Default)]
struct Kept {
    /// By recipe, as canonical JSON.
    pictures: BTreeMap<String, Cell>,
    /// Recipes and sizes in bytes, in the order in which the pictures were drawn.
    order: VecDeque<(String, usize)>,
    bytes: usize,
}

impl PictureCache {
    pub(crate) fn new(photo: Arc<Photo>) -> Self {
        Self { photo, painter: OnceLock::new(), kept: Mutex::default(), shapes: Mutex::default() }
    }

    /// The shape of a candidate's mask, with its digest, which many pictures need.
    pub(crate) fn shape(&self, mask: &Arc<CompactMask>) -> Shape {
        let mut shapes = self.shapes.lock().unwrap_or_else(PoisonError::into_inner);
        shapes.entry(Arc::as_ptr(mask) as usize).or_insert_with(|| Shape::new(mask.clone())).clone()
    }

    fn painter(&self) -> Result<&Arc<Painter>, ServiceError> {
        let painter = self.painter.get_or_init(|| {
            Painter::new(self.photo.clone(), Defaults::default()).map(Arc::new).map_err(|error| error.to_string())
        });
        painter.as_ref().map_err(|error| ServiceError::of_sample("pictures", error.clone(), "Use another photo."))
    }

    /// The recipe of the picture that shows these views. Nothing is drawn.
    pub(crate) fn recipe(&self, views: &[View]) -> Result<Recipe, RecipeError> {
        Ok(self.painter().map_err(RecipeError::Photo)?.recipe(views)?)
    }

    /// Draws the picture of these views, without the cache.
    pub(crate) fn draw(&self, views: &[View]) -> Result<Encoded, ServiceError> {
        let jpeg = self.painter()?.jpeg(views).map_err(|error| cannot_draw(error.to_string()))?;
        Ok(Encoded::jpeg(jpeg))
    }

    /// The picture of this recipe if it is in the cache.
    pub(crate) fn drawn(&self, recipe: &Recipe) -> Option<Arc<Encoded>> {
        let name = canonical(recipe).ok()?;
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.pictures.get(&name)?.get()?.as_ref().ok().cloned()
    }

    /// The picture of these views, from the cache if it is there. `recipe` must be the views' own.
    pub(crate) fn picture(&self, recipe: &Recipe, views: &[View]) -> Result<Arc<Encoded>, ServiceError> {
        let name = canonical(recipe).map_err(|error| cannot_draw(error.to_string()))?;
        let cell = {
            let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
            kept.pictures.entry(name.clone()).or_default().clone()
        };
        let mut is_new = false;
        let drawn = cell.get_or_init(|| {
            is_new = true;
            self.draw(views).map(Arc::new).map_err(|error| error.to_string())
        });
        let picture = drawn.as_ref().map_err(|error| cannot_draw(error.clone()))?.clone();
        if is_new {
            self.kept.lock().unwrap_or_else(PoisonError::into_inner).keep(name, picture.own_bytes());
        }
        Ok(picture)
    }
}

fn cannot_draw(cause: String) -> ServiceError {
    ServiceError::of_sample("pictures", cause, "Ask for another picture.")
}

impl Kept {
    fn keep(&mut self, name: String, bytes: usize) {
        self.bytes += bytes;
        self.order.push_back((name, bytes));
        while self.bytes > CACHE_BYTES && self.order.len() > 1 {
            if let Some((name, bytes)) = self.order.pop_front() {
                self.bytes -= bytes;
                self.pictures.remove(&name);
            }
        }
    }
}

/// Why a picture has no recipe.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RecipeError {
    /// These views cannot be drawn.
    #[error(transparent)]
    Views(#[from] PictureError),
    /// Nothing can be drawn of this photo.
    #[error(transparent)]
    Photo(ServiceError),
}
