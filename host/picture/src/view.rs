//! Views: what a picture shows.

use std::sync::Arc;

use rescue_core::{Digest, Rect};
use rescue_mask::{Bounds, Mask, Style};

/// The photo with marks drawn on it; without marks, the photo itself.
#[derive(Clone, Debug)]
pub struct View {
    /// The marks, in the order in which they are drawn. Their labels are drawn afterwards, in the same order.
    pub marks: Vec<Mark>,
    /// The part of the photo that is shown.
    pub crop: Crop,
    /// The largest longer side, in pixels; 0 is the default.
    pub max_side: u32,
    /// The caption above the view; empty if there is none.
    pub caption: String,
}

impl View {
    /// A mask's pixels on black, cropped to the mask's bounds and a margin in pixels of the photo: what an image-text model such as CLIP
    /// is shown of an object.
    pub fn cutout(shape: Shape, margin: u32, max_side: u32) -> Self {
        let target = Target::Mask(shape);
        let mark = Mark { target, style: Style::Cutout, colour: None, strength: None, label: String::new() };
        Self { marks: vec![mark], crop: Crop::Margin(margin), max_side, caption: String::new() }
    }
}

/// A mark that is drawn on the photo.
#[derive(Clone, Debug)]
pub struct Mark {
    /// What the mark points at.
    pub target: Target,
    /// The style. Outlines run along the visible part of a mask: one that goes on outside the view is closed at the view's border.
    pub style: Style,
    /// Red, green and blue. `None` for the style's own colour.
    pub colour: Option<[u8; 3]>,
    /// Opacity from 0 to 1, or line width in pixels of the picture, depending on the style. `None` for the style's own strength.
    pub strength: Option<f64>,
    /// The label beside the mark, drawn if the mark is in the view; empty if there is none.
    pub label: String,
}

/// The target of a mark.
#[derive(Clone, Debug)]
pub enum Target {
    /// A mask of the photo.
    Mask(Shape),
    /// A box in pixels of the photo, which it overlaps.
    Rect(Rect),
}

/// A mask with its bounds and digest, which every picture needs, computed once.
#[derive(Clone, Debug)]
pub struct Shape {
    mask: Arc<Mask>,
    digest: Digest,
    bounds: Option<Bounds>,
}

impl Shape {
    /// Computes the bounds and the digest of the mask.
    pub fn new(mask: Arc<Mask>) -> Self {
        let (digest, bounds) = (mask_digest(&mask), mask.bounds());
        Self { mask, digest, bounds }
    }

    /// The mask.
    pub fn mask(&self) -> &Mask {
        &self.mask
    }

    /// The [`mask_digest`].
    pub fn digest(&self) -> Digest {
        self.digest
    }

    /// The bounds. `None` if the mask is empty.
    pub fn bounds(&self) -> Option<Bounds> {
        self.bounds
    }
}

/// The part of the photo that is shown. Fractional edges are rounded outward and clipped to the photo.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Crop {
    /// The whole photo.
    Whole,
    /// A box, in pixels of the photo.
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
