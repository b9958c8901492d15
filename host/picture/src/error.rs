//! The errors of drawing pictures.

use rescue_core::{Rect, Size};
use rescue_mask::jpeg::JpegError;
use rescue_mask::{DrawError, Style};

use crate::limits;

/// The reason why a picture cannot be drawn. Views and marks are counted from 0.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PictureError {
    /// The photo has no pixels.
    #[error("the photo is {size}, so it has no pixels to show")]
    Photo {
        /// The size of the photo.
        size: Size,
    },
    /// The defaults are out of range.
    #[error(
        "pictures of {max_side} pixels at JPEG quality {quality} cannot be the default: the longer side must be {} to {} \
         pixels, and the quality 1 to 100", limits::SIDE.start(), limits::SIDE.end()
    )]
    Defaults {
        /// The default longer side, in pixels.
        max_side: u32,
        /// The default JPEG quality.
        quality: u8,
    },
    /// The picture has no view, or too many views.
    #[error("a picture must show 1 to {} views, not {found}", limits::VIEWS)]
    Views {
        /// The number of views.
        found: usize,
    },
    /// The picture of all views would be too large.
    #[error(
        "the picture would be {size}, more than {} pixels: show fewer views or give them a smaller max-side",
        limits::PIXELS
    )]
    Pixels {
        /// The size that the picture would have.
        size: Size,
    },
    /// A view is out of range.
    #[error("view {view}: {cause}")]
    View {
        /// The index of the view.
        view: usize,
        /// The reason.
        cause: ViewError,
    },
    /// A mark is out of range.
    #[error("mark {mark} of view {view}: {cause}")]
    Mark {
        /// The index of the view.
        view: usize,
        /// The index of the mark in its view.
        mark: usize,
        /// The reason.
        cause: MarkError,
    },
    /// The photo could not be resized.
    #[error("the photo cannot be resized: {0}")]
    Resize(String),
    /// The picture could not be encoded.
    #[error(transparent)]
    Jpeg(#[from] JpegError),
}

/// The reason why a view cannot be drawn.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ViewError {
    /// The longer side is out of range.
    #[error("max-side must be {} to {} pixels, or 0 for the default, not {side}", limits::SIDE.start(), limits::SIDE.end())]
    Side {
        /// The longer side that was asked for, in pixels.
        side: u32,
    },
    /// The view has too many marks.
    #[error("a view may have at most {} marks, not {found}", limits::MARKS)]
    Marks {
        /// The number of marks.
        found: usize,
    },
    /// The area to show does not overlap the photo.
    #[error("the area {} does not overlap the photo ({photo})", edges(rect))]
    Area {
        /// The area that was asked for.
        rect: Rect,
        /// The size of the photo.
        photo: Size,
    },
    /// The margin is negative or not a finite number.
    #[error("the margin around marks is a share of their longer side and must be 0 or more, not {margin}")]
    Margin {
        /// The margin that was asked for.
        margin: f64,
    },
    /// The view has no marks to crop around.
    #[error("the view has no marks to crop around: give it a mark, or show the whole photo or an area")]
    NothingAround,
}

/// The reason why a mark cannot be drawn.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum MarkError {
    /// The mask does not have the size of the photo.
    #[error("its mask is {mask}, but the photo is {photo}")]
    Size {
        /// The size of the mask.
        mask: Size,
        /// The size of the photo.
        photo: Size,
    },
    /// The mask is empty.
    #[error("its mask is empty, so there is nothing to mark")]
    Empty,
    /// The box does not overlap the photo.
    #[error("its box {} does not overlap the photo ({photo})", edges(rect))]
    Rect {
        /// The box.
        rect: Rect,
        /// The size of the photo.
        photo: Size,
    },
    /// Pictures do not support this style.
    #[error("pictures do not support the style {0}")]
    Style(Style),
    /// The strength of the mark is out of range, or the mask could not be drawn.
    #[error(transparent)]
    Draw(#[from] DrawError),
}

/// Writes the top left and the bottom right corner of a box.
fn edges(rect: &Rect) -> String {
    format!("({}, {}) to ({}, {})", rect.x_min, rect.y_min, rect.x_max, rect.y_max)
}
