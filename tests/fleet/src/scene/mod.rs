//! Scenes: synthetic photos with named objects on them, whose masks are known.

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

use crate::vision::Picture;

/// A photo with objects on it, one of which the query names.
#[derive(Clone, Debug)]
pub struct Scene {
    /// The photo: a JPEG of quality 90.
    pub photo: Bytes,
    /// The photo's size in pixels.
    pub size: Size,
    /// The query. It fits exactly one object, and differs from the queries of all scenes that were drawn together with
    /// this one.
    pub query: String,
    /// The objects on the photo. They do not touch.
    pub objects: Vec<Object>,
    truth: usize,
    /// A copy of the object that the query names, so that `target` cannot fail.
    target: Object,
    /// The photo as it is after it was decoded.
    pub(crate) shown: Picture,
}

/// An object on a photo.
#[derive(Clone, Debug)]
pub struct Object {
    /// The name, as in "teal disc". Two objects may have the same.
    pub name: String,
    /// The red, green and blue of its mean colour.
    pub colour: [u8; 3],
    /// The pixels whose centres are inside of it.
    pub mask: Mask,
    /// The mask's bounds, in pixels.
    pub bounds: Rect,
}

impl Scene {
    /// The object that the query names.
    pub fn target(&self) -> &Object {
        &self.target
    }

    /// The index of the object that the query names.
    pub fn truth(&self) -> usize {
        self.truth
    }
}
