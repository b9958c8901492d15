//! The form in which a picture holds a mask: which of its channels say what is inside, and from which value on.

use std::borrow::Cow;

use ::png::{BitDepth, ColorType};
use rescue_core::Size;

use super::{PngError, THRESHOLD};
use crate::mask::Mask;
use crate::simd;

/// Rows of a picture, read in every form that they may have until the last one shows which it is.
pub(super) struct Form {
    /// Channels of a pixel, the alpha channel included.
    channels: usize,
    has_alpha: bool,
    wide: bool,
    /// The next row, from 0.
    next: usize,
    /// Pixels with a value of at least [`THRESHOLD`].
    bright: Mask,
    /// Pixels with a value of at least 1, while no value is above 1.
    ones: Option<Mask>,
    /// Pixels that are opaque for at least [`THRESHOLD`] of 255.
    opaque: Option<Mask>,
    greatest: u8,
    least: u8,
}

impl Form {
    pub(super) fn new(size: Size, colours: ColorType, depth: BitDepth) -> Self {
        let has_alpha = matches!(colours, ColorType::GrayscaleAlpha | ColorType::Rgba);
        Self {
            channels: colours.samples(),
            has_alpha,
            wide: depth == BitDepth::Sixteen,
            next: 0,
            bright: Mask::new(size),
            ones: Some(Mask::new(size)),
            opaque: has_alpha.then(|| Mask::new(size)),
            greatest: 0,
            least: u8::MAX,
        }
    }

    /// Reads the next row.
    pub(super) fn row(&mut self, values: &[u8]) {
        let width = self.bright.size().width as usize;
        let samples: Cow<'_, [u8]> = if self.wide { narrowed(values).into() } else { values.into() };
        let colours = self.channels - usize::from(self.has_alpha);
        let levels: Cow<'_, [u8]> = if self.channels == 1 {
            samples.as_ref().into()
        } else {
            let greatest = |pixel: &[u8]| pixel.iter().take(colours).copied().max().unwrap_or(0);
            samples.chunks_exact(self.channels).map(greatest).collect()
        };
        self.greatest = levels.iter().copied().fold(self.greatest, u8::max);
        self.least = levels.iter().copied().fold(self.least, u8::min);
        if let Some(row) = self.bright.rows_mut().nth(self.next) {
            simd::at_least(&levels, THRESHOLD, width, row);
        }
        if self.greatest > 1 {
            self.ones = None;
        }
        if let Some(row) = self.ones.as_mut().and_then(|ones| ones.rows_mut().nth(self.next)) {
            simd::at_least(&levels, 1, width, row);
        }
        if let Some(row) = self.opaque.as_mut().and_then(|opaque| opaque.rows_mut().nth(self.next)) {
            let alphas: Vec<u8> =
                samples.chunks_exact(self.channels).filter_map(|pixel| pixel.last().copied()).collect();
            simd::at_least(&alphas, THRESHOLD, width, row);
        }
        self.next += 1;
    }

    /// The mask of all rows.
    pub(super) fn mask(self) -> Result<Mask, PngError> {
        let pixels = self.bright.size().pixels();
        let inside = match (self.greatest, self.ones) {
            (0, _) => self.bright,
            (1, Some(ones)) => ones,
            // A picture of one colour may have its mask in the alpha channel.
            (greatest, _) if greatest < THRESHOLD => match self.opaque {
                Some(opaque) if self.least == greatest => return Ok(opaque),
                _ => return Err(PngError::Dim { greatest }),
            },
            _ => self.bright,
        };
        match self.opaque {
            // Nothing is transparent.
            None => Ok(inside),
            Some(opaque) if u64::from(opaque.area()) == pixels || opaque == inside => Ok(inside),
            Some(opaque) if self.least == self.greatest => Ok(opaque),
            Some(_) => Err(PngError::Cutout),
        }
    }
}

/// The upper byte of each 16-bit value; 1 for a smaller one that is not 0.
fn narrowed(values: &[u8]) -> Vec<u8> {
    let narrow = |pair: &[u8]| match pair {
        [0, 0] => 0,
        [0, _] => 1,
        [high, ..] => *high,
        [] => 0,
    };
    values.chunks_exact(2).map(narrow).collect()
}
