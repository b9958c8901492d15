//! The pictures of one sample: what is asked more than once is drawn once.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use rescue_core::Photo;
use rescue_picture::{Defaults, Painter, PictureError, Recipe, View};
use rescue_service::{Encoded, ServiceError, canonical};

/// How many bytes of drawn pictures are kept. Those drawn first are forgotten first.
const KEPT_BYTES: usize = 48 << 20;

/// Draws views of one photo.
pub(super) struct Gallery {
    photo: Arc<Photo>,
    painter: OnceLock<Result<Arc<Painter>, String>>,
    kept: Mutex<Kept>,
}

/// A picture that is drawn once, by whoever comes first.
type Cell = Arc<OnceLock<Result<Arc<Encoded>, String>>>;

#[derive(Default)]
struct Kept {
    pictures: BTreeMap<String, Cell>,
    order: VecDeque<(String, usize)>,
    bytes: usize,
}

impl Gallery {
    pub(super) fn new(photo: Arc<Photo>) -> Self {
        Self { photo, painter: OnceLock::new(), kept: Mutex::default() }
    }

    fn painter(&self) -> Result<&Arc<Painter>, ServiceError> {
        let painter = self.painter.get_or_init(|| {
            Painter::new(self.photo.clone(), Defaults::default()).map(Arc::new).map_err(|error| error.to_string())
        });
        painter.as_ref().map_err(|error| ServiceError::failed("pictures", error.clone(), "Use another photo."))
    }

    /// What the picture of these views is known by.
    pub(super) fn recipe(&self, views: &[View]) -> Result<Recipe, Undrawn> {
        Ok(self.painter().map_err(Undrawn::Service)?.recipe(views)?)
    }

    /// The picture of these views, drawn anew.
    pub(super) fn draw(&self, views: &[View]) -> Result<Encoded, ServiceError> {
        let file = self.painter()?.jpeg(views);
        let file =
            file.map_err(|error| ServiceError::failed("pictures", error.to_string(), "Ask for another picture."))?;
        Ok(Encoded::jpeg(&file))
    }

    /// The picture of these views, whose recipe this is; drawn where it is not kept.
    pub(super) fn picture(&self, recipe: &Recipe, views: &[View]) -> Result<Arc<Encoded>, ServiceError> {
        let failed = |error: String| ServiceError::failed("pictures", error, "Ask for another picture.");
        let name = canonical(recipe).map_err(|error| failed(error.to_string()))?;
        let cell = {
            let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
            kept.pictures.entry(name.clone()).or_default().clone()
        };
        let mut fresh = false;
        let drawn = cell.get_or_init(|| {
            fresh = true;
            self.draw(views).map(Arc::new).map_err(|error| error.to_string())
        });
        let picture = drawn.as_ref().map_err(|error| failed(error.clone()))?.clone();
        if fresh {
            self.kept.lock().unwrap_or_else(PoisonError::into_inner).keep(name, picture.url().len());
        }
        Ok(picture)
    }
}

impl Kept {
    fn keep(&mut self, name: String, bytes: usize) {
        self.bytes += bytes;
        self.order.push_back((name, bytes));
        while self.bytes > KEPT_BYTES && self.order.len() > 1 {
            if let Some((name, bytes)) = self.order.pop_front() {
                self.bytes -= bytes;
                self.pictures.remove(&name);
            }
        }
    }
}

/// Why a picture has no recipe.
#[derive(Debug, thiserror::Error)]
pub(super) enum Undrawn {
    /// What was asked for cannot be drawn.
    #[error(transparent)]
    Asked(#[from] PictureError),
    /// Nothing can be drawn of this photo.
    #[error(transparent)]
    Service(ServiceError),
}
