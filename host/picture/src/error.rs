//! Errors of pictures.

use rescue_core::{Rect, Size};
use rescue_mask::jpeg::JpegError;
use rescue_mask::{DrawError, Style};

use crate::limits;

/// Why a picture cannot be drawn. Views and marks are counted from 0.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PictureError {
    /// The photo has no pixels.
    #[error("the photo is {size}: there is nothing to show")]
    Photo {
        /// The size of the photo.
        size: Size,
    },
    /// The defaults are out of range.
    #[error(
        "pictures of {max_side} pixels at JPEG quality {quality} cannot be the default: the longer side is {} to {} pixels, \
         the quality 1 to 100", limits::SIDE.start(), limits::SIDE.end()
    )]
    Defaults {
        /// The longer side in pixels.
        max_side: u32,
        /// The quality.
        quality: u8,
    },
    /// There is no view, or too many.
    #[error("a picture shows 1 to {} views, not {found}", limits::VIEWS)]
    Views {
        /// The number of views.
        found: usize,
    },
    /// The views together make too large a picture.
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
        /// What is wrong.
        cause: ViewError,
    },
    /// A mark is out of range.
    #[error("mark {mark} of view {view}: {cause}")]
    Mark {
        /// The index of the view.
        view: usize,
        /// The index of the mark in its view.
        mark: usize,
        /// What is wrong.
        cause: MarkError,
    },
    /// The photo could not be resized.
    #[error("the photo cannot be resized: {0}")]
    Resize(String),
    /// The picture could not be encoded.
    #[error(transparent)]
    Jpeg(#[from] JpegError),
}

/// What is wrong with a view.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ViewError {
    /// The longer side is out of range.
    #[error("max-side is {} to {} pixels, or 0 for the default, not {side}", limits::SIDE.start(), limits::SIDE.end())]
    Side {
        /// The longer side that was asked for, in pixels.
        side: u32,
    },
    /// There are too many marks.
    #[error("a view has at most {} marks, not {found}", limits::MARKS)]
    Marks {
        /// The number of marks.
        found: usize,
    },
    /// The area to show does not overlap the photo.
    #[error("nothing of the photo ({photo}) is in the area {}", edges(rect))]
    Area {
        /// The area that was asked for.
        rect: Rect,
        /// The size of the photo.
        photo: Size,
    },
    /// The margin is negative or not a number.
    #[error("the margin around marks is a share of their longer side, from 0 up, not {margin}")]
    Margin {
        /// The margin that was asked for.
        margin: f64,
    },
    /// There are no marks to crop around.
    #[error("the view has no marks to be cropped around: give it a mark, or show the whole photo or an area")]
    NothingAround,
}

/// What is wrong with a mark.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum MarkError {
    /// The mask belongs to another photo.
    #[error("its mask is {mask}, but the photo is {photo}")]
    Size {
        /// The size of the mask.
        mask: Size,
        /// The size of the photo.
        photo: Size,
    },
    /// The mask is empty.
    #[error("its mask is empty: there is nothing to mark")]
    Empty,
    /// The box does not overlap the photo.
    #[error("nothing of the photo ({photo}) is in its box {}", edges(rect))]
    Rect {
        /// The box.
        rect: Rect,
        /// The size of the photo.
        photo: Size,
    },
    /// This style is not supported in pictures.
    #[error("pictures know no style {0}")]
    Style(Style),
    /// The mark cannot be drawn with these values.
    #[error(transparent)]
    Draw(#[from] DrawError),
}

fn edges(rect: &Rect) -> String {
    format!("({}, {}) to ({}, {})", rect.x_min, rect.y_min, rect.x_max, rect.y_max)
}
