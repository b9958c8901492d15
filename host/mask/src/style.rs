//! Styles: ways to draw a mask on a photo.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::error::MaskError;

/// A way to draw a mask on a photo. Its text form is [`Style::name`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Style {
    /// A tint over what is inside. Strength: 0 (nothing) to 1 (nothing else), 0.5 by default. Colour: red.
    Overlay,
    /// A line along the mask's edge. Strength: its width in pixels, by default 1 for every 300 of the longer side, at least 2.
    /// Colour: red.
    Outline,
    /// What is outside is covered. Strength: how much, 0 to 1, by default 1. Colour: black.
    Cutout,
    /// What is outside is dimmed. Strength: how much, 0 to 1, 0.7 by default. Colour: black.
    Darkened,
    /// A line around the mask's bounds. Strength and colour are those of [`Style::Outline`].
    Box,
}

impl Style {
    /// All styles.
    pub const ALL: [Self; 5] = [Self::Overlay, Self::Outline, Self::Cutout, Self::Darkened, Self::Box];

    /// The style's name.
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

/// The error that no style has a name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no style is called {name:?}; there are {}", Style::ALL.map(Style::name).join(", "))]
pub struct UnknownStyle {
    /// The name, or its first 40 characters.
    pub name: String,
}

/// How to draw a mask: a style, and what differs from its defaults.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Paint {
    /// The style.
    pub style: Style,
    /// Red, green and blue. `None` for the style's own colour.
    pub colour: Option<[u8; 3]>,
    /// The strength, in the style's unit. `None` for the style's default.
    pub strength: Option<f64>,
}

impl Paint {
    /// A style with its defaults.
    pub const fn new(style: Style) -> Self {
        Self { style, colour: None, strength: None }
    }
}

impl From<Style> for Paint {
    fn from(style: Style) -> Self {
        Self::new(style)
    }
}

/// An error of drawing. Nothing was drawn.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum DrawError {
    /// The photo and the mask have different sizes, or the photo does not have three bytes a pixel.
    #[error(transparent)]
    Sizes(#[from] MaskError),
    /// The strength is outside the style's range.
    #[error("{style} takes a strength of {least} to {most}, not {strength}")]
    Strength {
        /// The style.
        style: Style,
        /// The value that was asked for.
        strength: f64,
        /// The smallest strength.
        least: f64,
        /// The largest strength.
        most: f64,
    },
}
