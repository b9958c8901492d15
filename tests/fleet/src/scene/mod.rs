//! What the fleet knows: synthetic photos with named things on them.

mod background;
mod compose;
mod naming;
mod shape;
mod write;

use bytes::Bytes;
use rescue_mask::{Mask, Rect, Size};

pub(crate) use background::Noise;
pub use compose::{PHOTO, draw_scenes};
pub(crate) use naming::named;
pub(crate) use shape::bounds;

use crate::see::Picture;

/// A photo with things on it, one of which its query names.
#[derive(Clone, Debug)]
pub struct Scene {
    /// The photo: a JPEG of quality 90.
    pub photo: Bytes,
    /// Its size in pixels.
    pub size: Size,
    /// What to find. It fits one object, and no two scenes drawn together have the same.
    pub query: String,
    /// What is on it, apart from each other.
    pub objects: Vec<Object>,
    truth: usize,
    /// The object that the query names, once more: so there always is one.
    target: Object,
    /// The photo as its readers see it.
    pub(crate) shown: Picture,
}

/// A thing on a photo.
#[derive(Clone, Debug)]
pub struct Object {
    /// "teal disc": two may have the same.
    pub name: String,
    /// Red, green, blue of its middle tone.
    pub colour: [u8; 3],
    /// The pixels whose centres are inside it.
    pub mask: Mask,
    /// The mask's bounds, in pixels.
    pub bounds: Rect,
}

impl Scene {
    /// The object that the query names.
    pub fn target(&self) -> &Object {
        &self.target
    }

    /// Which of the objects the query names.
    pub fn truth(&self) -> usize {
        self.truth
    }
}
