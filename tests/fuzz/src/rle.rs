//! Target `rle`: run lengths as text, as numbers and as JSON.

use rescue_mask::{Bounds, MAX_SIDE, Mask, Rle, RleError, Size};

use crate::memory;

/// The number of pixels up to which masks are checked pixel by pixel.
const MAX_LOOKED_AT: u64 = 1 << 14;

/// Takes a size in eight bytes (width, then height, little-endian), then runs, which are read as text and as numbers of
/// four bytes. All bytes together are read as JSON too.
pub fn rle(data: &[u8]) {
    let (json, peak) = memory::peak(|| serde_json::from_slice::<Rle>(data));
    assert!(peak <= 256 * data.len() + 4096, "{peak} bytes for {} of JSON", data.len());
    if let Ok(rle) = json {
        holds(&rle);
    }
    let Some((sides, runs)) = data.split_first_chunk::<8>() else { return };
    let [a, b, c, d, e, f, g, h] = *sides;
    let size = Size::new(u32::from_le_bytes([a, b, c, d]), u32::from_le_bytes([e, f, g, h]));
    text(size, &String::from_utf8_lossy(runs));
    let (numbers, _) = runs.as_chunks::<4>();
    let numbers: Vec<u32> = numbers.iter().map(|bytes| u32::from_le_bytes(*bytes)).collect();
    counts(size, fitted(size, &numbers));
    counts(size, numbers);
}

fn text(size: Size, text: &str) {
    let (read, peak) = memory::peak(|| Rle::parse_string(size, text));
    assert!(peak <= 16 * text.len() + 1024, "{peak} bytes for {} of text", text.len());
    assert_eq!(read.as_ref().ok().map(Rle::counts), reference_text(size, text).as_deref());
    match read {
        Ok(rle) => {
            assert_eq!(rle.size(), size);
            assert!(rle.encode_string().len() <= text.len(), "what is written is the shortest form");
            holds(&rle);
        }
        Err(error) => is_named(error),
    }
}

fn counts(size: Size, numbers: Vec<u32>) {
    let fits = adds_up(size, &numbers);
    match Rle::new(size, numbers.clone()) {
        Ok(rle) => {
            assert!(fits && rle.counts() == numbers);
            holds(&rle);
        }
        Err(error) => {
            assert!(!fits, "{error}");
            is_named(error);
        }
    }
}

/// Whether the size is allowed and the counts add up to its pixels.
fn adds_up(size: Size, counts: &[u32]) -> bool {
    size.width <= MAX_SIDE
        && size.height <= MAX_SIDE
        && counts.iter().map(|count| u64::from(*count)).sum::<u64>() == size.pixels()
}

/// The numbers, each cut to the pixels that are left, and the rest after them: runs that fit most sizes.
fn fitted(size: Size, numbers: &[u32]) -> Vec<u32> {
    let mut left = u32::try_from(size.pixels()).unwrap_or_default();
    let mut fitted = Vec::with_capacity(numbers.len() + 1);
    for number in numbers {
        let taken = left.min(*number);
        fitted.push(taken);
        left -= taken;
    }
    fitted.push(left);
    fitted
}

/// Decodes the text by a simple reference implementation of the format. `None` if the text is not valid.
fn reference_text(size: Size, text: &str) -> Option<Vec<u32>> {
    let mut counts: Vec<u32> = Vec::new();
    for number in text.as_bytes().split_inclusive(|byte| byte.wrapping_sub(b'0') & 0x20 == 0) {
        if number.len() > 7 || number.iter().any(|byte| !(b'0'..=b'o').contains(byte)) {
            return None;
        }
        let digits = number.iter().map(|byte| i128::from(byte - b'0'));
        let last = digits.clone().next_back()?;
        if last & 0x20 != 0 {
            return None;
        }
        let sign = if last & 0x10 != 0 { -(1 << (5 * number.len())) } else { 0 };
        let value = digits.rev().fold(0, |value, digit| value * 32 + (digit & 0x1f)) + sign;
        let before = if counts.len() > 2 { counts.iter().nth_back(1).copied().unwrap_or_default() } else { 0 };
        counts.push(u32::try_from(value + i128::from(before)).ok()?);
    }
    adds_up(size, &counts).then_some(counts)
}

fn is_named(error: RleError) {
    let said = error.to_string();
    assert!((20..300).contains(&said.len()), "{said}");
}

/// Checks what holds for all run lengths.
fn holds(rle: &Rle) {
    let size = rle.size();
    assert!(adds_up(size, rle.counts()));
    let inside: u32 = rle.counts().chunks(2).filter_map(|pair| pair.get(1)).sum();
    assert_eq!(rle.area(), inside);
    assert_eq!(Rle::parse_string(size, &rle.encode_string()).as_ref(), Ok(rle));
    let json = serde_json::to_string(rle).unwrap();
    assert_eq!(&serde_json::from_str::<Rle>(&json).unwrap(), rle);
    if size.pixels() <= MAX_LOOKED_AT {
        is_drawn(rle);
    }
}

/// Checks that the mask has exactly these pixels, and is encoded as it should be.
fn is_drawn(rle: &Rle) {
    let size = rle.size();
    let (mask, peak) = memory::peak(|| rle.to_mask());
    let bytes = |across: u32, down: u32| 8 * across.div_ceil(64) as usize * down as usize;
    let both = bytes(size.width, size.height) + bytes(size.height, size.width);
    assert!(peak <= both, "{peak} bytes for two masks of {both}");
    assert_eq!((mask.size(), mask.area()), (size, rle.area()));

    let mut runs = rle.counts().iter().zip([false, true].into_iter().cycle());
    let mut shortest: Vec<u32> = vec![0];
    let (mut left, mut inside, mut last) = (0, false, false);
    let mut bounds: Option<Bounds> = None;
    for (x, y) in (0..size.width).flat_map(|x| (0..size.height).map(move |y| (x, y))) {
        while left == 0 {
            let (count, kind) = runs.next().unwrap();
            (left, inside) = (*count, kind);
        }
        left -= 1;
        assert_eq!(mask.get(x, y), inside, "({x}, {y}) of {size}");
        if inside != last {
            shortest.push(0);
            last = inside;
        }
        *shortest.last_mut().unwrap() += 1;
        if inside {
            let old = bounds.unwrap_or(Bounds { x_min: x, y_min: y, x_max: 0, y_max: 0 });
            let (x_min, y_min) = (old.x_min.min(x), old.y_min.min(y));
            bounds = Some(Bounds { x_min, y_min, x_max: old.x_max.max(x + 1), y_max: old.y_max.max(y + 1) });
        }
    }
    assert_eq!(mask.bounds(), bounds);
    let written = mask.to_rle();
    assert_eq!(written.counts(), shortest);
    assert_eq!(written.to_mask(), mask);
    assert_eq!(Mask::new(size).area(), 0);
}
