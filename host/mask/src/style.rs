//! The styles in which a mask is drawn on a photo, and their settings.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::error::MaskError;

/// A style in which a mask is drawn on a photo. Its text form is [`Style::name`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Style {
    /// A tint over the inside. The strength is its opacity, 0 to 1, by default 0.5. The default colour is red.
    Overlay,
    /// A line along the edge of the mask. The strength is its width in pixels, by default 1/300 of the longer side of
    /// the photo and at least 2. The default colour is red.
    Outline,
    /// A colour that covers the outside. The strength is its opacity, 0 to 1, by default 1. The default colour is
    /// black.
    Cutout,
    /// A colour that dims the outside. The strength is its opacity, 0 to 1, by default 0.7. The default colour is
    /// black.
    Darkened,
    /// A line along the bounds of the mask. Strength and colour are as for [`Style::Outline`].
    Box,
}

impl Style {
    /// All styles.
    pub const ALL: [Self; 5] = [Self::Overlay, Self::Outline, Self::Cutout, Self::Darkened, Self::Box];

    /// The name of the style, as it is written in settings and JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Overlay => "overlay",
            Self::Outline => "outline",
            Self::Cutout => "cutout",
            Self::Darkened => "darkened",
            Self::Box => "box",
        }
    }
}

impl fmt::Display for Style {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Style {
    type Err = UnknownStyle;

    fn from_str(name: &str) -> Result<Self, UnknownStyle> {
        let found = Self::ALL.into_iter().find(|style| style.name() == name);
        found.ok_or_else(|| UnknownStyle { name: name.chars().take(40).collect() })
    }
}

/// No style has the given name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no style is called {name:?}; the styles are {}", Style::ALL.map(Style::name).join(", "))]
pub struct UnknownStyle {
    /// The given name, cut to its first 40 characters.
    pub name: String,
}

/// A style, with a colour and strength that may differ from its defaults.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Paint {
    /// The style.
    pub style: Style,
    /// Red, green and blue, or `None` for the default colour of the style.
    pub colour: Option<[u8; 3]>,
    /// The strength, in the unit of the style, or `None` for its default strength.
    pub strength: Option<f64>,
}

impl Paint {
    /// Creates a paint with the default colour and strength of the style.
    pub const fn new(style: Style) -> Self {
        Self { style, colour: None, strength: None }
    }
}

impl From<Style> for Paint {
    fn from(style: Style) -> Self {
        Self::new(style)
    }
}

/// A mask could not be drawn. The photo is unchanged.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum DrawError {
    /// The photo and the mask have different sizes, or the photo does not have three bytes per pixel.
    #[error(transparent)]
    Sizes(#[from] MaskError),
    /// The strength is outside the range of the style.
    #[error("the strength of {style} must be {least} to {most}, not {strength}")]
    Strength {
        /// The style.
        style: Style,
        /// The strength that was asked for.
        strength: f64,
        /// The smallest strength.
        least: f64,
        /// The largest strength.
        most: f64,
    },
}
