//! The recipe of a picture, which identifies it.

use rescue_core::{Digest, Rect, Size};
use rescue_mask::{Bounds, Style};
use serde::Serialize;

/// Everything that the pixels of a picture depend on. Equal recipes give equal pictures. A recipe is part of the key of
/// a question in the ledger, so adding, removing or reordering fields changes the key.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Recipe {
    /// The version of the drawing rules: [`RENDER`](crate::RENDER).
    pub render: u32,
    /// The digest of the photo's file.
    pub photo: Digest,
    /// The size of the photo in pixels, after it was rotated or mirrored as its EXIF data says.
    pub photo_size: Size,
    /// The grey value of the ground over which the photo's transparent parts are shown. `None` if nothing is transparent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ground: Option<u8>,
    /// The size of the whole picture, in pixels.
    pub size: Size,
    /// The width and height of one dot of a letter, in pixels of the picture. A letter is eight dots wide.
    pub dot: u32,
    /// The views, in reading order.
    pub panels: Vec<Panel>,
    /// The encoding of the file, or `None` if the recipe is that of the pixels.
    pub encoding: Option<Encoding>,
}

impl Recipe {
    /// Returns the recipe of the pixels, without the encoding.
    pub fn unencoded(self) -> Self {
        Self { encoding: None, ..self }
    }
}

/// A view in a picture.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Panel {
    /// The part of the photo that is shown, in pixels of the photo.
    pub area: Bounds,
    /// The place of the view in the picture, in pixels of the picture. Its size is that of the resized part of the
    /// photo.
    pub place: Bounds,
    /// The filter that resizes the part of the photo.
    pub filter: Filter,
    /// The caption above the view, or `None` if there is none.
    pub caption: Option<Caption>,
    /// The marks, in the order in which they are drawn.
    pub marks: Vec<Drawn>,
}

impl Panel {
    /// The size of the view, in pixels of the picture.
    pub fn shown(&self) -> Size {
        Size::new(self.place.width(), self.place.height())
    }

    /// Converts a box from pixels of the picture to pixels of the photo. A box that reaches beyond the panel reaches
    /// beyond [`area`](Self::area).
    pub fn to_photo(&self, rect: Rect) -> Rect {
        let x = |x| between(x, (self.place.x_min, self.place.width()), (self.area.x_min, self.area.width()));
        let y = |y| between(y, (self.place.y_min, self.place.height()), (self.area.y_min, self.area.height()));
        Rect { x_min: x(rect.x_min), y_min: y(rect.y_min), x_max: x(rect.x_max), y_max: y(rect.y_max) }
    }
}

/// Converts a position along one axis from one interval (start and length) to another. The length of `from` must not be
/// 0.
pub(crate) fn between(position: f64, from: (u32, u32), to: (u32, u32)) -> f64 {
    f64::from(to.0) + (position - f64::from(from.0)) * f64::from(to.1) / f64::from(from.1)
}

/// The filter that resizes a part of a photo to a panel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Filter {
    /// The part is shown in its own size, without a filter.
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

/// A mark, as it is drawn.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Drawn {
    /// The mask or box that the mark shows.
    pub subject: Subject,
    /// The style.
    pub style: Style,
    /// The colour: red, green, blue.
    pub colour: [u8; 3],
    /// The opacity, 0 to 255, for styles that fill; the line width in pixels of the picture for styles that draw lines.
    pub strength: u32,
    /// The label, as it is drawn; empty if there is none.
    pub label: String,
}

/// The mask or box that a mark shows.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Subject {
    /// The mask with this [`mask_digest`](crate::mask_digest).
    Mask(Digest),
    /// A box in pixels of the photo, clipped to it.
    Rect(Rect),
}

/// The encoding of the file of a picture.
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
    /// The encoding that [`rescue_mask::jpeg`] writes at this quality, 1 to 100.
    pub(crate) fn jpeg(quality: u8) -> Self {
        Self { format: "jpeg", quality, subsampling: if quality < 90 { "4:2:0" } else { "4:4:4" } }
    }
}
