//! What is to be seen in a picture.

use std::sync::Arc;

use rescue_core::{Digest, Rect};
use rescue_mask::{Bounds, Mask, Style};

/// The photo with marks drawn on it; without marks, the photo itself.
#[derive(Clone, Debug)]
pub struct View {
    /// Drawn in this order; labels afterwards, in the same order.
    pub marks: Vec<Mark>,
    /// Which part of the photo is shown.
    pub crop: Crop,
    /// The longer side in pixels at most; 0: the default.
    pub max_side: u32,
    /// Written above; empty for none.
    pub caption: String,
}

impl View {
    /// What is inside a mask and black around it, cut off at a margin in pixels of the photo: what an image-text model such as
    /// CLIP is shown of a thing.
    pub fn cutout(shape: Shape, margin: u32, max_side: u32) -> Self {
        let target = Target::Mask(shape);
        let mark = Mark { target, style: Style::Cutout, colour: None, strength: None, label: String::new() };
        Self { marks: vec![mark], crop: Crop::Margin(margin), max_side, caption: String::new() }
    }
}

/// Something drawn on the photo.
#[derive(Clone, Debug)]
pub struct Mark {
    /// What it points at.
    pub target: Target,
    /// How it is drawn. Lines run along the edge of what is shown: a mask that goes on outside of it is closed at the border.
    pub style: Style,
    /// Red, green, blue; the style's own where there is none.
    pub colour: Option<[u8; 3]>,
    /// Opacity from 0 to 1, or line width in pixels of the picture; the style's own where there is none.
    pub strength: Option<f64>,
    /// Written beside it, where it is in sight; empty for none.
    pub label: String,
}

/// What a mark points at.
#[derive(Clone, Debug)]
pub enum Target {
    /// A mask of the photo.
    Mask(Shape),
    /// A box in pixels of the photo, of which some part lies in it.
    Rect(Rect),
}

/// A mask, with what is asked of it for every picture worked out once.
#[derive(Clone, Debug)]
pub struct Shape {
    mask: Arc<Mask>,
    digest: Digest,
    bounds: Option<Bounds>,
}

impl Shape {
    /// Looks at the mask once.
    pub fn new(mask: Arc<Mask>) -> Self {
        let (digest, bounds) = (mask_digest(&mask), mask.bounds());
        Self { mask, digest, bounds }
    }

    /// The mask.
    pub fn mask(&self) -> &Mask {
        &self.mask
    }

    /// Its [`mask_digest`].
    pub fn digest(&self) -> Digest {
        self.digest
    }

    /// Its bounds; none for an empty mask.
    pub fn bounds(&self) -> Option<Bounds> {
        self.bounds
    }
}

/// Which part of the photo is shown. Edges between pixels go outward, and to the border of the photo at most.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Crop {
    /// All of it.
    Whole,
    /// This box, in pixels of the photo.
    Area(Rect),
    /// The bounds of the marks and a margin on every side, as a share (0 or more) of the longer side of those bounds.
    Around(f64),
    /// The bounds of the marks and a margin on every side, in pixels of the photo.
    Margin(u32),
}

/// The digest of a mask: the SHA-256 of `rescue-mask/1 WIDTH HEIGHT COUNTS`, the last being the run lengths as `pycocotools`
/// writes them.
pub fn mask_digest(mask: &Mask) -> Digest {
    let (size, counts) = (mask.size(), mask.to_rle().encode_string());
    Digest::of(format!("rescue-mask/1 {} {} {counts}", size.width, size.height).as_bytes())
}

#[cfg(test)]
mod tests {
    use rescue_core::Size;

    use super::*;

    #[test]
    fn the_digest_of_a_mask_is_that_of_its_size_and_runs() {
        let mask = Mask::from_fn(Size::new(3, 2), |x, _| x == 1);
        assert_eq!(mask_digest(&mask), Digest::of(b"rescue-mask/1 3 2 222"));
        let text = "3c0a3762e3346232fe13ebada03dba544b6c6e7834a368449ac56a5f4077702f";
        assert_eq!(mask_digest(&mask).to_string(), text, "digests of masks are part of every stored question");
        let turned = Mask::from_fn(Size::new(2, 3), |x, y| mask.get(y, x));
        assert_ne!(mask_digest(&turned), mask_digest(&mask));
    }
}
