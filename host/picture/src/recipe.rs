//! Recipes, which identify pictures.

use rescue_core::{Digest, Rect, Size};
use rescue_mask::{Bounds, Style};
use serde::Serialize;

/// Everything that a picture depends on, decided to the last detail. Equal recipes make equal pictures. A recipe is part of a question's
/// key, so every field and the order of fields count.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Recipe {
    /// The version of the drawing rules: [`RENDER`](crate::RENDER).
    pub render: u32,
    /// The digest of the photo's file.
    pub photo: Digest,
    /// The photo's size in pixels, after it was turned as its EXIF data says.
    pub photo_size: Size,
    /// The size of the whole picture.
    pub size: Size,
    /// The width and height of one dot of a letter, in pixels of the picture. A letter is eight dots wide.
    pub dot: u32,
    /// The views, in reading order.
    pub panels: Vec<Panel>,
    /// The encoding of the file. `None` for the pixels themselves.
    pub encoding: Option<Encoding>,
}

impl Recipe {
    /// The recipe of the pixels, without the encoding.
    pub fn unencoded(self) -> Self {
        Self { encoding: None, ..self }
    }
}

/// A view in a picture.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Panel {
    /// The part of the photo that is shown, in pixels of the photo.
    pub area: Bounds,
    /// The place in the picture, in pixels of the picture. Its size is that of the resized part of the photo.
    pub place: Bounds,
    /// The filter by which the part of the photo was resized.
    pub filter: Filter,
    /// The caption above the view; `None` if there is none.
    pub caption: Option<Caption>,
    /// The marks, in the order in which they are drawn.
    pub marks: Vec<Drawn>,
}

impl Panel {
    /// The size of the view, in pixels of the picture.
    pub fn shown(&self) -> Size {
        Size::new(self.place.width(), self.place.height())
    }

    /// Converts a box from pixels of the picture to pixels of the photo. A box that reaches beyond the panel reaches beyond
    /// [`area`](Self::area).
    pub fn to_photo(&self, rect: Rect) -> Rect {
        let x = |x| between(x, (self.place.x_min, self.place.width()), (self.area.x_min, self.area.width()));
        let y = |y| between(y, (self.place.y_min, self.place.height()), (self.area.y_min, self.area.height()));
        Rect { x_min: x(rect.x_min), y_min: y(rect.y_min), x_max: x(rect.x_max), y_max: y(rect.y_max) }
    }
}

/// Converts a position along one axis from one stretch (start and length) to another.
pub(crate) fn between(position: f64, from: (u32, u32), to: (u32, u32)) -> f64 {
    f64::from(to.0) + (position - f64::from(from.0)) * f64::from(to.1) / f64::from(from.1)
}

/// The filter by which a part of a photo is resized to a panel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Filter {
    /// No resizing.
    None,
    /// The bicubic filter of Catmull and Rom (a = −½), with antialiasing.
    CatmullRom,
}

/// The caption of a panel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Caption {
    /// The black band behind the text, in pixels of the picture.
    pub band: Bounds,
    /// The lines of text, as they are drawn.
    pub lines: Vec<String>,
}

/// A mark as it is drawn.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Drawn {
    /// The target of the mark.
    pub subject: Subject,
    /// The style.
    pub style: Style,
    /// The colour: red, green, blue.
    pub colour: [u8; 3],
    /// For styles that fill: the opacity, 0 to 255. For styles that draw lines: the width in pixels of the picture.
    pub strength: u32,
    /// The label, as it is drawn; empty if there is none.
    pub label: String,
}

/// The target of a mark.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Subject {
    /// The mask with this [`mask_digest`](crate::mask_digest).
    Mask(Digest),
    /// A box in pixels of the photo, clipped to it.
    Rect(Rect),
}

/// The encoding of a picture's file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Encoding {
    /// The format: "jpeg".
    pub format: &'static str,
    /// The quality, 1 to 100.
    pub quality: u8,
    /// The chroma subsampling: "4:2:0" or "4:4:4".
    pub subsampling: &'static str,
}

impl Encoding {
    /// The encoding of [`rescue_mask::jpeg`].
    pub(crate) fn jpeg(quality: u8) -> Self {
        Self { format: "jpeg", quality, subsampling: if quality < 90 { "4:2:0" } else { "4:4:4" } }
    }
}
