//! Keeps the encoded pictures on which marks were drawn last, so that the next marks cost only what they change.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use rescue_core::{Photo, Size};
use rescue_mask::jpeg;

use crate::error::PictureError;
use crate::recipe::{Panel, Recipe};

/// The most pictures that are kept: a photo is usually shown alone and beside itself.
const KEPT: usize = 2;

/// A picture without marks, encoded; or nothing, if it cannot be encoded.
type Base = Arc<OnceLock<Option<jpeg::Base<Pixels>>>>;

/// The pixels of a picture: three bytes each (red, green, blue), row by row.
pub(crate) enum Pixels {
    /// Those of the photo.
    Photo(Arc<Photo>),
    /// Others.
    Drawn(Vec<u8>),
}

impl AsRef<[u8]> for Pixels {
    fn as_ref(&self) -> &[u8] {
        match self {
            Self::Photo(photo) => photo.rgb(),
            Self::Drawn(rgb) => rgb,
        }
    }
}

/// The most recently used pictures without marks.
#[derive(Default)]
pub(crate) struct BaseCache {
    latest_first: Mutex<VecDeque<(Size, Vec<Panel>, Base)>>,
}

impl BaseCache {
    /// Encodes the picture of a recipe as a JPEG file. `paint` draws the picture of a recipe without marks.
    ///
    /// Only pictures of whole photos are encoded from one without marks: parts of photos seldom come twice.
    pub(crate) fn encode(
        &self,
        recipe: &Recipe,
        rgb: &[u8],
        quality: u8,
        paint: impl FnOnce(&Recipe) -> Result<Pixels, PictureError>,
    ) -> Result<jpeg::File, PictureError> {
        let photo = recipe.photo_size;
        let is_whole = |panel: &Panel| (panel.area.width(), panel.area.height()) == (photo.width, photo.height);
        if !recipe.panels.iter().all(is_whole) {
            return Ok(jpeg::File::whole(jpeg::encode_rgb(recipe.size, rgb, quality)?));
        }
        let bare = Recipe { panels: recipe.panels.iter().map(bare).collect(), ..recipe.clone() };
        let base = self.find(bare.size, &bare.panels);
        let base = base.get_or_init(|| jpeg::Base::new(bare.size, paint(&bare).ok()?, quality).ok());
        match base {
            Some(base) => Ok(base.encode(rgb)?),
            None => Ok(jpeg::File::whole(jpeg::encode_rgb(recipe.size, rgb, quality)?)),
        }
    }

    fn find(&self, size: Size, panels: &[Panel]) -> Base {
        let mut entries = self.latest_first.lock().unwrap_or_else(PoisonError::into_inner);
        let at = entries.iter().position(|(of, known, _)| *of == size && known == panels);
        let entry = at.and_then(|at| entries.remove(at)).unwrap_or_else(|| (size, panels.to_vec(), Base::default()));
        let base = entry.2.clone();
        entries.push_front(entry);
        entries.truncate(KEPT);
        base
    }
}

/// A panel without marks and caption.
fn bare(panel: &Panel) -> Panel {
    Panel { marks: Vec::new(), caption: None, ..panel.clone() }
}
