//! The views of a picture: the part of the photo that is shown, and the marks on it.

use std::sync::Arc;

use rescue_core::{Digest, Rect};
use rescue_mask::{Bounds, CompactMask, Style};

/// A view of the photo: a part of it, with marks drawn on it and a caption above it.
#[derive(Clone, Debug)]
pub struct View {
    /// The marks, in the order in which they are drawn. Their labels are drawn afterwards, in the same order.
    pub marks: Vec<Mark>,
    /// The part of the photo that is shown.
    pub crop: Crop,
    /// The largest longer side, in pixels of the picture, or 0 for the default.
    pub max_side: u32,
    /// The caption above the view; empty if there is none.
    pub caption: String,
}

impl View {
    /// Creates a view of the pixels of a mask on black, cropped to the bounds of the mask and a margin in pixels of the
    /// photo. Image-text models such as CLIP are shown an object in this way. `max_side` is the largest longer side in
    /// pixels, or 0 for the default.
    pub fn cutout(shape: Shape, margin: u32, max_side: u32) -> Self {
        let target = Target::Mask(shape);
        let mark = Mark { target, style: Style::Cutout, colour: None, strength: None, label: String::new() };
        Self { marks: vec![mark], crop: Crop::Margin(margin), max_side, caption: String::new() }
    }

    /// The number of masks among the marks.
    pub fn masks(&self) -> u32 {
        let masks = self.marks.iter().filter(|mark| matches!(mark.target, Target::Mask(_)));
        u32::try_from(masks.count()).unwrap_or(u32::MAX)
    }
}

/// A mark that is drawn on the photo.
#[derive(Clone, Debug)]
pub struct Mark {
    /// The mask or box that the mark shows.
    pub target: Target,
    /// The style. An outline follows the visible part of a mask, so it is closed at the border of the view.
    pub style: Style,
    /// Red, green and blue, or `None` for the default colour of the style.
    pub colour: Option<[u8; 3]>,
    /// The opacity, 0 to 1, or the line width in pixels of the picture, depending on the style; `None` for the default
    /// of the style.
    pub strength: Option<f64>,
    /// The label of the mark, which is drawn if the mark is in the view; empty if there is none.
    pub label: String,
}

/// The mask or box that a mark shows.
#[derive(Clone, Debug)]
pub enum Target {
    /// A mask of the photo.
    Mask(Shape),
    /// A box in pixels of the photo. It must overlap the photo.
    Rect(Rect),
}

/// A mask with its digest, which is computed once, since every picture of the mask needs it.
#[derive(Clone, Debug)]
pub struct Shape {
    mask: Arc<CompactMask>,
    digest: Digest,
}

impl Shape {
    /// Computes the digest of the mask. The mask is not copied.
    pub fn new(mask: Arc<CompactMask>) -> Self {
        let digest = mask_digest(&mask);
        Self { mask, digest }
    }

    /// The mask.
    pub fn mask(&self) -> &CompactMask {
        &self.mask
    }

    /// The [`mask_digest`] of the mask.
    pub fn digest(&self) -> Digest {
        self.digest
    }

    /// The bounds of the mask, or `None` if it is empty.
    pub fn bounds(&self) -> Option<Bounds> {
        self.mask.bounds()
    }
}

/// The part of the photo that a view shows. Fractional edges are rounded outward, and the part is clipped to the photo.
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

/// Returns the digest of a mask: the SHA-256 of `rescue-mask/1 WIDTH HEIGHT COUNTS`, where COUNTS is the text of the
/// run lengths as `pycocotools` writes it.
pub fn mask_digest(mask: &CompactMask) -> Digest {
    let (size, counts) = (mask.size(), mask.to_rle().encode_string());
    Digest::of(format!("rescue-mask/1 {} {} {counts}", size.width, size.height).as_bytes())
}

#[cfg(test)]
mod tests {
    use rescue_core::Size;
    use rescue_mask::Mask;

    use super::*;

    #[test]
    fn the_digest_of_a_mask_is_that_of_its_size_and_runs() {
        let mask = Mask::from_fn(Size::new(3, 2), |x, _| x == 1);
        let digest = |mask: &Mask| mask_digest(&CompactMask::new(mask.clone()));
        assert_eq!(digest(&mask), Digest::of(b"rescue-mask/1 3 2 222"));
        let text = "3c0a3762e3346232fe13ebada03dba544b6c6e7834a368449ac56a5f4077702f";
        assert_eq!(digest(&mask).to_string(), text, "digests of masks are part of every stored question");
        let turned = Mask::from_fn(Size::new(2, 3), |x, y| mask.get(y, x));
        assert_ne!(digest(&turned), digest(&mask));
    }
}
