//! Why there is no picture.

use rescue_core::{Rect, Size};
use rescue_mask::jpeg::JpegError;
use rescue_mask::{DrawError, Style};

use crate::limits;

/// Why there is no picture. Views and marks are counted from 0.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PictureError {
    /// The photo has no pixels.
    #[error("the photo is {size}: there is nothing to show")]
    Photo {
        /// Its size.
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
    /// No view, or too many.
    #[error("a picture shows 1 to {} views, not {found}", limits::VIEWS)]
    Views {
        /// How many there are.
        found: usize,
    },
    /// The views together make too large a picture.
    #[error(
        "the picture would be {size}, more than {} pixels: show fewer views or give them a smaller max-side",
        limits::PIXELS
    )]
    Pixels {
        /// The size that it would have.
        size: Size,
    },
    /// Something about a view.
    #[error("view {view}: {cause}")]
    View {
        /// Which.
        view: usize,
        /// What.
        cause: ViewError,
    },
    /// Something about a mark.
    #[error("mark {mark} of view {view}: {cause}")]
    Mark {
        /// Which view.
        view: usize,
        /// Which of its marks.
        mark: usize,
        /// What.
        cause: MarkError,
    },
    /// The photo could not be brought to the size of the picture.
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
        /// What was asked for.
        side: u32,
    },
    /// Too many marks.
    #[error("a view has at most {} marks, not {found}", limits::MARKS)]
    Marks {
        /// How many there are.
        found: usize,
    },
    /// The part of the photo to show is not in the photo.
    #[error("nothing of the photo ({photo}) is in the area {}", edges(rect))]
    Area {
        /// What was asked for.
        rect: Rect,
        /// The size of the photo.
        photo: Size,
    },
    /// The margin is no share.
    #[error("the margin around marks is a share of their longer side, from 0 up, not {margin}")]
    Margin {
        /// What was asked for.
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
    /// Nothing is inside the mask.
    #[error("its mask is empty: there is nothing to mark")]
    Empty,
    /// Nothing of the box is in the photo.
    #[error("nothing of the photo ({photo}) is in its box {}", edges(rect))]
    Rect {
        /// The box.
        rect: Rect,
        /// The size of the photo.
        photo: Size,
    },
    /// No picture is drawn in this style yet.
    #[error("pictures know no style {0}")]
    Style(Style),
    /// It cannot be drawn that way.
    #[error(transparent)]
    Draw(#[from] DrawError),
}

fn edges(rect: &Rect) -> String {
    format!("({}, {}) to ({}, {})", rect.x_min, rect.y_min, rect.x_max, rect.y_max)
}
