//! Computes the intersection over union (IoU) of masks.

use std::borrow::Borrow;

use crate::blocks::{Band, Fill, SIDE};
use crate::error::MaskError;
use crate::mask::Mask;
use crate::simd;

impl Mask {
    /// The number of pixels that are inside both masks.
    ///
    /// # Errors
    ///
    /// Returns [`MaskError::SizesDiffer`] if the masks have different sizes.
    pub fn shared_area(&self, other: &Self) -> Result<u32, MaskError> {
        MaskError::check_same(self.size(), other.size())?;
        Ok(u32::try_from(simd::count_shared(self.words(), other.words())).unwrap_or(u32::MAX))
    }

    /// The intersection over union, 0 to 1: the number of pixels inside both masks divided by the number of pixels
    /// inside at least one of them. It is 0 for two empty masks.
    ///
    /// ```
    /// use rescue_mask::{Mask, Size};
    ///
    /// let size = Size::new(4, 1);
    /// let (left, right) = (Mask::from_fn(size, |x, _| x < 3), Mask::from_fn(size, |x, _| x > 0));
    /// assert_eq!(left.iou(&right)?, 0.5);
    /// assert_eq!(Mask::new(size).iou(&Mask::new(size))?, 0.0);
    /// # Ok::<(), rescue_mask::MaskError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Returns [`MaskError::SizesDiffer`] if the masks have different sizes.
    pub fn iou(&self, other: &Self) -> Result<f64, MaskError> {
        Ok(ratio(self.shared_area(other)?.into(), self.area().into(), other.area().into()))
    }
}

/// The intersection over union of each pair of n masks, as a symmetric matrix of n × n values, row by row. A value on
/// the diagonal is 1, or 0 if its mask is empty. `masks` may be a slice of `Mask`, `&Mask` or `Arc<Mask>`.
///
/// Every mask is read once. For each pair, pixels are compared only in blocks that are mixed in both masks. So for
/// masks of objects, time hardly grows with the number of pairs.
///
/// ```
/// use rescue_mask::{Mask, Size, iou_matrix};
///
/// let size = Size::new(4, 1);
/// let masks = [Mask::from_fn(size, |x, _| x < 3), Mask::from_fn(size, |x, _| x > 0), Mask::new(size)];
/// assert_eq!(iou_matrix(&masks)?, [1.0, 0.5, 0.0, 0.5, 1.0, 0.0, 0.0, 0.0, 0.0]);
/// # Ok::<(), rescue_mask::MaskError>(())
/// ```
///
/// # Errors
///
/// Returns [`MaskError::SizesDiffer`] if the masks are not all of the same size.
pub fn iou_matrix<M: Borrow<Mask>>(masks: &[M]) -> Result<Vec<f64>, MaskError> {
    let Some(size) = masks.first().map(|mask| mask.borrow().size()) else { return Ok(Vec::new()) };
    masks.iter().try_for_each(|mask| MaskError::check_same(size, mask.borrow().size()))?;
    let mut shared = SharedAreas::new(masks.len());
    let mut bands: Vec<_> = masks.iter().map(|mask| mask.borrow().bands()).collect();
    loop {
        let bands: Vec<Band> = bands.iter_mut().filter_map(Iterator::next).collect();
        if bands.is_empty() {
            return Ok(shared.ious());
        }
        shared.add(&bands);
    }
}

/// Counts the pixels that each pair of masks shares.
struct SharedAreas {
    masks: usize,
    /// One value for each pair, row by row. Only the values on and above the diagonal are used.
    areas: Vec<u64>,
    /// The masks whose current block is full. This buffer and the next three are allocated once and refilled for every
    /// block.
    full: Vec<usize>,
    /// The masks whose current block is mixed, and these blocks.
    mixed: Vec<usize>,
    blocks: Vec<[u64; SIDE]>,
    counts: Vec<u32>,
}

impl SharedAreas {
    fn new(masks: usize) -> Self {
        let (full, mixed, blocks) = (Vec::new(), Vec::new(), Vec::new());
        Self { masks, areas: vec![0; masks * masks], full, mixed, blocks, counts: vec![0; masks] }
    }

    /// Adds the pixels that the masks share in one band of rows. `bands` holds this band of every mask.
    fn add(&mut self, bands: &[Band]) {
        let fills: Vec<Fill> = bands.iter().flat_map(|band| band.fills()).collect();
        let columns = fills.len() / self.masks;
        let pixels = bands.first().map_or(0, |band| band.height() * SIDE) as u64;
        for column in 0..columns {
            self.full.clear();
            self.mixed.clear();
            self.blocks.clear();
            for (index, (band, fill)) in bands.iter().zip(fills.iter().skip(column).step_by(columns)).enumerate() {
                match fill {
                    Fill::Empty => {}
                    Fill::Full => self.full.push(index),
                    Fill::Mixed => {
                        self.mixed.push(index);
                        self.blocks.push(band.block(column));
                    }
                }
            }
            self.add_column(pixels);
        }
    }

    /// Adds the pixels that the masks share in the current block, which has `pixels` pixels. Two full blocks share all
    /// of them; a full and a mixed block share the pixels of the mixed one.
    fn add_column(&mut self, pixels: u64) {
        let add = |areas: &mut Vec<u64>, i: usize, j: usize, count| {
            if let Some(area) = areas.get_mut(i.min(j) * self.masks + i.max(j)) {
                *area += count;
            }
        };
        let mut later = self.full.as_slice();
        while let [i, rest @ ..] = later {
            later.iter().for_each(|j| add(&mut self.areas, *i, *j, pixels));
            later = rest;
        }
        let (mut later, mut blocks) = (self.mixed.as_slice(), self.blocks.as_slice());
        while let ([i, rest @ ..], [block, rest_blocks @ ..]) = (later, blocks) {
            // The first of `blocks` is `block` itself.
            simd::count_each(block, blocks, &mut self.counts);
            later.iter().zip(&self.counts).for_each(|(j, count)| add(&mut self.areas, *i, *j, (*count).into()));
            let own = self.counts.first().copied().unwrap_or_default();
            self.full.iter().for_each(|j| add(&mut self.areas, *i, *j, own.into()));
            (later, blocks) = (rest, rest_blocks);
        }
    }

    /// The matrix of the intersections over unions.
    fn ious(&self) -> Vec<f64> {
        let area = |i: usize, j: usize| self.areas.get(i.min(j) * self.masks + i.max(j)).copied().unwrap_or_default();
        let pairs = (0..self.masks).flat_map(|i| (0..self.masks).map(move |j| (i, j)));
        pairs.map(|(i, j)| ratio(area(i, j), area(i, i), area(j, j))).collect()
    }
}

pub(crate) fn ratio(shared: u64, left: u64, right: u64) -> f64 {
    let union = left + right - shared;
    if union == 0 { 0.0 } else { shared as f64 / union as f64 }
}
