//! What a picture is known by.

use rescue_core::{Digest, Rect, Size};
use rescue_mask::{Bounds, Style};
use serde::Serialize;

/// A picture without its pixels: all that it depends on, decided to the last detail. Equal recipes make equal pictures. It is
/// written into hashes: every field counts, in this order.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Recipe {
    /// The version of the rules by which it is drawn: [`RENDER`](crate::RENDER).
    pub render: u32,
    /// The digest of the photo's file.
    pub photo: Digest,
    /// The photo's size in pixels, turned the way it is seen.
    pub photo_size: Size,
    /// The size of the whole picture.
    pub size: Size,
    /// How many pixels of the picture a dot of the letters takes, each way; a letter is eight dots wide.
    pub dot: u32,
    /// The views, in reading order.
    pub panels: Vec<Panel>,
    /// How it is written into a file; none where the pixels themselves are what is shown.
    pub encoding: Option<Encoding>,
}

impl Recipe {
    /// That of the pixels themselves, before they are written into a file.
    pub fn unencoded(self) -> Self {
        Self { encoding: None, ..self }
    }
}

/// A view in a picture.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Panel {
    /// The part of the photo that is shown, in pixels of the photo.
    pub area: Bounds,
    /// Where it is shown, in pixels of the picture; its size is what the part of the photo was brought to.
    pub place: Bounds,
    /// How it was brought to that size.
    pub filter: Filter,
    /// What is written above.
    pub caption: Option<Caption>,
    /// What is drawn, in this order.
    pub marks: Vec<Drawn>,
}

impl Panel {
    /// The size in which the part of the photo is shown, in pixels of the picture.
    pub fn shown(&self) -> Size {
        Size::new(self.place.width(), self.place.height())
    }

    /// A box in pixels of the picture, in pixels of the photo. Where it reaches beyond the panel, it reaches beyond
    /// [`area`](Self::area).
    pub fn to_photo(&self, rect: Rect) -> Rect {
        let x = |x| between(x, (self.place.x_min, self.place.width()), (self.area.x_min, self.area.width()));
        let y = |y| between(y, (self.place.y_min, self.place.height()), (self.area.y_min, self.area.height()));
        Rect { x_min: x(rect.x_min), y_min: y(rect.y_min), x_max: x(rect.x_max), y_max: y(rect.y_max) }
    }
}

/// A position along one axis, told from one stretch (start and length) to another.
pub(crate) fn between(position: f64, from: (u32, u32), to: (u32, u32)) -> f64 {
    f64::from(to.0) + (position - f64::from(from.0)) * f64::from(to.1) / f64::from(from.1)
}

/// How a part of a photo is brought to the size of a panel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Filter {
    /// As it is.
    None,
    /// Bicubic after Catmull and Rom (a = -½), over all the pixels that fall into one.
    CatmullRom,
}

/// What is written above a panel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Caption {
    /// The black band that it is written on, in pixels of the picture.
    pub band: Bounds,
    /// The lines as they are drawn.
    pub lines: Vec<String>,
}

/// A mark as it is drawn.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Drawn {
    /// What it points at.
    pub subject: Subject,
    /// How.
    pub style: Style,
    /// Red, green, blue.
    pub colour: [u8; 3],
    /// For tints and what covers: opacity in parts of 255. For lines: the width in pixels of the picture.
    pub strength: u32,
    /// The label as it is drawn; empty for none.
    pub label: String,
}

/// What a mark points at.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Subject {
    /// The mask with this [`mask_digest`](crate::mask_digest).
    Mask(Digest),
    /// A box in pixels of the photo, clipped to it.
    Rect(Rect),
}

/// How a picture is written into a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Encoding {
    /// "jpeg".
    pub format: &'static str,
    /// 1 to 100.
    pub quality: u8,
    /// How colours are thinned out: "4:2:0" or "4:4:4".
    pub subsampling: &'static str,
}

impl Encoding {
    /// JPEG as [`rescue_mask::jpeg`] writes it.
    pub(crate) fn jpeg(quality: u8) -> Self {
        Self { format: "jpeg", quality, subsampling: if quality < 90 { "4:2:0" } else { "4:4:4" } }
    }
}
