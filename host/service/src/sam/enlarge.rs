//! Enlarges the decoder's logits to a mask of the photo.

use rescue_mask::Mask;

use super::frame::Frame;

/// The number of columns, and of rows, of the decoder's logits.
pub(crate) const LOGITS: usize = 256;
/// The width and height of a logit in pixels of the frame.
const SPAN: f64 = 4.0;

/// Returns the mask of the pixels whose logit is above 0, interpolated bilinearly from the decoder's logits (256 × 256, by rows,
/// over the whole frame). It allocates nothing as large as the photo besides the mask.
pub(crate) fn mask(logits: &[f32], frame: Frame) -> Mask {
    let (across, down) = frame.scale();
    let columns = between(frame.photo.width, across);
    let rows = between(frame.photo.height, down);
    // An interpolated logit is above 0 only if one of its neighbours is, so only columns next to a positive logit are computed.
    let positive = |column: usize| logits.iter().skip(column).step_by(LOGITS).any(|logit| *logit > 0.0);
    let positive: Vec<bool> = (0..LOGITS).map(positive).collect();
    let possible =
        |at: &Between| [at.before, at.after].iter().any(|at| positive.get(*at).is_some_and(|positive| *positive));
    let first = columns.iter().position(possible).unwrap_or(columns.len());
    let last = columns.iter().rposition(possible).map_or(0, |last| last + 1);
    let mut line = vec![false; columns.len()];
    let mut mixed = [0.0_f32; LOGITS];
    let mut computed_row = None;
    Mask::from_fn(frame.photo, |x, y| {
        // `from_fn` goes row by row. A whole row is computed for its first pixel.
        if computed_row != Some(y) {
            computed_row = Some(y);
            if let Some(row) = rows.get(y as usize) {
                let line_of = |at: usize| logits.iter().skip(at * LOGITS).take(LOGITS);
                for ((mixed, before), after) in mixed.iter_mut().zip(line_of(row.before)).zip(line_of(row.after)) {
                    *mixed = before + (after - before) * row.part;
                }
            }
            let at = |at: usize| mixed.get(at).copied().unwrap_or(-1.0);
            for (inside, column) in line.iter_mut().zip(&columns).take(last).skip(first) {
                let (before, after) = (at(column.before), at(column.after));
                *inside = before + (after - before) * column.part > 0.0;
            }
        }
        line.get(x as usize).copied().unwrap_or(false)
    })
}

/// The two neighbouring logits, in one direction, between which a pixel's centre lies.
struct Between {
    before: usize,
    after: usize,
    /// The position of the centre between the two, from 0 at `before` to 1 at `after`.
    part: f32,
}

/// The neighbouring logits of each pixel in a row or column of the photo. A pixel of the photo spans `scale` pixels of the frame.
fn between(pixels: u32, scale: f64) -> Vec<Between> {
    (0..pixels)
        .map(|pixel| {
            let at = ((f64::from(pixel) + 0.5) * scale / SPAN - 0.5).clamp(0.0, (LOGITS - 1) as f64);
            let before = at.floor() as usize;
            Between { before, after: (before + 1).min(LOGITS - 1), part: (at - at.floor()) as f32 }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use rescue_core::Size;

    use super::*;

    #[test]
    fn a_slope_is_cut_where_it_crosses_zero() {
        // 0 lies at logit 99.5, which is pixel 400 of the frame, which is pixel 200 of this photo.
        let logits: Vec<f32> = (0..LOGITS * LOGITS).map(|at| (at % LOGITS) as f32 - 99.5).collect();
        let frame = Frame::of(Size::new(512, 300)).unwrap();
        assert_eq!(mask(&logits, frame), Mask::from_fn(frame.photo, |x, _| x >= 200));
        let frame = Frame::of(Size::new(2048, 3)).unwrap();
        assert_eq!(mask(&logits, frame), Mask::from_fn(frame.photo, |x, _| x >= 800));
    }

    #[test]
    fn without_a_positive_logit_the_mask_is_empty() {
        let frame = Frame::of(Size::new(51, 30)).unwrap();
        assert_eq!(mask(&vec![0.0; LOGITS * LOGITS], frame).area(), 0);
        assert_eq!(mask(&vec![1.0; LOGITS * LOGITS], frame).area(), 51 * 30);
    }
}
