//! Encodes pictures that differ from a known one in few places, at the cost of those places.
//!
//! A JPEG with restart markers is a row of segments that are encoded independently of each other: the encoder's only memory, the last
//! mean of each channel, is reset at each marker. So the segments of a picture without changed pixels can be taken from the file of the
//! picture that it was made from. The changed segments are laid one below the other, as a picture as wide as one segment, encoded in
//! one go, and put into their places.

use std::borrow::Borrow;
use std::io::Read;
use std::sync::Arc;

use jpeg_encoder::{ColorType, Encoder};
use rescue_core::Size;

use super::{JpegError, check};

/// The length of a segment, in blocks of the encoder. A marker costs about five bytes, 1.5 % of a usual photo; a shorter segment would
/// save little, as a mark usually spans several.
const BLOCKS: usize = 8;
/// The markers behind segments, in turn.
const MARKERS: [[u8; 2]; 8] =
    [[0xff, 0xd0], [0xff, 0xd1], [0xff, 0xd2], [0xff, 0xd3], [0xff, 0xd4], [0xff, 0xd5], [0xff, 0xd6], [0xff, 0xd7]];
/// The marker of the end of a file.
const END: [u8; 2] = [0xff, 0xd9];
/// The largest height of a picture, in pixels.
const MAX_HEIGHT: usize = u16::MAX as usize;

/// An encoded picture, from which pictures that differ from it in few places are encoded faster. `P` holds its pixels, and may share them.
///
/// ```
/// use rescue_mask::{Size, jpeg};
///
/// let size = Size::new(300, 200);
/// let mut rgb = vec![90; 300 * 200 * 3];
/// let base = jpeg::Base::new(size, rgb.clone(), 85)?;
/// rgb[3000..3300].fill(200);
/// assert_eq!(base.encode(&rgb)?.to_vec(), jpeg::Base::new(size, rgb, 85)?.file().to_vec());
/// # Ok::<(), jpeg::JpegError>(())
/// ```
pub struct Base<P = Vec<u8>> {
    rgb: P,
    grid: Grid,
    quality: u8,
    file: File,
}

/// A JPEG file in parts, which it may share with other files: pictures that differ in few places take little memory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// The file up to its first segment; the whole file if it has none.
    head: Arc<[u8]>,
    /// The segments without the markers behind them.
    segments: Vec<Arc<[u8]>>,
    /// The bytes that no other file has.
    own: usize,
}

/// How a picture is cut into blocks.
#[derive(Clone, Copy)]
struct Grid {
    width: usize,
    height: usize,
    /// The side of a block, in pixels.
    side: usize,
}

impl<P: AsRef<[u8]>> Base<P> {
    /// Encodes a picture as a baseline JPEG file with restart markers. `rgb` holds three bytes per pixel (red, green, blue), row by
    /// row. `quality` is 1 to 100; from 90 on, the colours keep their full resolution. Its decoded pixels are those of
    /// [`encode_rgb`](super::encode_rgb).
    ///
    /// # Errors
    ///
    /// Returns a [`JpegError`] if a side or the quality is out of range, or if `rgb` is not width × height × 3 bytes long.
    pub fn new(size: Size, rgb: P, quality: u8) -> Result<Self, JpegError> {
        check(size, rgb.as_ref(), quality)?;
        let grid = Grid {
            width: size.width as usize,
            height: size.height as usize,
            // The encoder halves the resolution of the colours below this quality.
            side: if quality < 90 { 16 } else { 8 },
        };
        let (head, segments) = encode(rgb.as_ref(), grid.width, grid.height, quality)?;
        Ok(Self { rgb, grid, quality, file: File::new(head, segments) })
    }

    /// The file of the picture itself.
    pub fn file(&self) -> &File {
        &self.file
    }

    /// Encodes a picture of the same size and quality. The file equals that of [`Base::new`] for these pixels.
    ///
    /// # Errors
    ///
    /// Returns a [`JpegError`] if `rgb` is not width × height × 3 bytes long.
    pub fn encode(&self, rgb: &[u8]) -> Result<File, JpegError> {
        let Grid { width, height, side } = self.grid;
        let size = Size::new(u32::try_from(width).unwrap_or(u32::MAX), u32::try_from(height).unwrap_or(u32::MAX));
        check(size, rgb, self.quality)?;
        let changed = self.grid.changed(self.rgb.as_ref(), rgb);
        if changed.len() * 2 > self.file.segments.len() {
            let (head, segments) = encode(rgb, width, height, self.quality)?;
            return Ok(File::new(head, segments));
        }
        let mut file = File { own: 0, ..self.file.clone() };
        // The last segment may be shorter than the others, so it is encoded by itself.
        let is_whole = |segment: &usize| (segment + 1) * BLOCKS <= self.grid.blocks();
        let (whole, short): (Vec<usize>, Vec<usize>) = changed.into_iter().partition(is_whole);
        let mut encoded: Vec<(usize, Vec<u8>)> = Vec::with_capacity(whole.len() + short.len());
        for group in whole.chunks(MAX_HEIGHT / side).chain(short.chunks(1)) {
            let length = group.first().map_or(0, |segment| self.grid.length(*segment));
            let strip = self.grid.gather(rgb, group);
            let (_, own) = encode(&strip, length * side, group.len() * side, self.quality)?;
            encoded.extend(group.iter().copied().zip(own));
        }
        for (segment, bytes) in encoded {
            if let Some(place) = file.segments.get_mut(segment) {
                file.own += bytes.len();
                *place = bytes.into();
            }
        }
        Ok(file)
    }
}

impl File {
    fn new(head: Vec<u8>, segments: Vec<Vec<u8>>) -> Self {
        let own = head.len() + segments.iter().map(Vec::len).sum::<usize>();
        Self { head: head.into(), segments: segments.into_iter().map(Into::into).collect(), own }
    }

    /// A file that shares nothing.
    pub fn whole(file: Vec<u8>) -> Self {
        Self::new(file, Vec::new())
    }

    /// The bytes of the file.
    pub fn to_vec(&self) -> Vec<u8> {
        let mut file = Vec::with_capacity(self.length());
        self.pieces().for_each(|piece| file.extend_from_slice(piece));
        file
    }

    /// The length of the file, in bytes.
    pub fn length(&self) -> usize {
        self.pieces().map(<[u8]>::len).sum()
    }

    /// The file in pieces, from its first byte on.
    pub fn pieces(&self) -> impl Iterator<Item = &[u8]> {
        (0..=self.segments.len() * 2).filter_map(|number| self.piece(number))
    }

    /// A piece by its number: the head, then each segment and the marker behind it.
    fn piece(&self, number: usize) -> Option<&[u8]> {
        let Some(number) = number.checked_sub(1) else { return Some(&self.head) };
        let segment = self.segments.get(number / 2)?;
        Some(match (number % 2, number / 2 + 1 == self.segments.len()) {
            (0, _) => segment,
            // Behind the last segment is the end of the file.
            (_, true) => &END,
            (_, false) => MARKERS.get(number / 2 % MARKERS.len())?,
        })
    }

    /// About how much memory the file takes for itself, in bytes: without the parts that it shares.
    pub fn own_bytes(&self) -> usize {
        self.own + self.segments.len() * size_of::<Arc<[u8]>>()
    }
}

/// Reads the bytes of a file.
#[derive(Debug)]
pub struct FileReader<F> {
    file: F,
    /// The number of the piece that is read next, and how much of it was read.
    next: (usize, usize),
}

impl<F: Borrow<File>> FileReader<F> {
    /// Begins at the first byte. `file` may be a `File`, `&File` or `Arc<File>`.
    pub fn new(file: F) -> Self {
        Self { file, next: (0, 0) }
    }
}

impl<F: Borrow<File>> Read for FileReader<F> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let mut filled = 0;
        while let Some(free) = buffer.get_mut(filled..).filter(|free| !free.is_empty()) {
            let (number, read) = self.next;
            let Some(piece) = self.file.borrow().piece(number) else { break };
            let piece = piece.get(read..).unwrap_or_default();
            let count = piece.len().min(free.len());
            if let (Some(to), Some(from)) = (free.get_mut(..count), piece.get(..count)) {
                to.copy_from_slice(from);
            }
            filled += count;
            self.next = if count == piece.len() { (number + 1, 0) } else { (number, read + count) };
        }
        Ok(filled)
    }
}

impl<P> std::fmt::Debug for Base<P> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Base({}×{}, {} segments)", self.grid.width, self.grid.height, self.file.segments.len())
    }
}

impl Grid {
    fn columns(self) -> usize {
        self.width.div_ceil(self.side)
    }

    fn blocks(self) -> usize {
        self.columns() * self.height.div_ceil(self.side)
    }

    /// The number of blocks in a segment.
    fn length(self, segment: usize) -> usize {
        (self.blocks() - (segment * BLOCKS).min(self.blocks())).min(BLOCKS)
    }

    /// The segments in which two pictures differ, in order.
    fn changed(self, one: &[u8], other: &[u8]) -> Vec<usize> {
        let line = self.width * 3;
        let mut changed = vec![false; self.blocks().div_ceil(BLOCKS)];
        for (y, (one, other)) in one.chunks_exact(line).zip(other.chunks_exact(line)).enumerate() {
            if one == other {
                continue;
            }
            let first = y / self.side * self.columns();
            let blocks = one.chunks(self.side * 3).zip(other.chunks(self.side * 3));
            for (column, _) in blocks.enumerate().filter(|(_, (one, other))| one != other) {
                if let Some(changed) = changed.get_mut((first + column) / BLOCKS) {
                    *changed = true;
                }
            }
        }
        changed.into_iter().enumerate().filter_map(|(segment, changed)| changed.then_some(segment)).collect()
    }

    /// The pixels of these segments, which have the same length, one below the other. As in the encoder, blocks beyond the picture's
    /// edges repeat the pixels at the edge.
    fn gather(self, rgb: &[u8], segments: &[usize]) -> Vec<u8> {
        let line = self.width * 3;
        let mut strip = Vec::new();
        for segment in segments {
            for row in 0..self.side {
                for block in segment * BLOCKS..segment * BLOCKS + self.length(*segment) {
                    let (x, y) = (block % self.columns() * self.side, block / self.columns() * self.side + row);
                    let start = y.min(self.height - 1) * line;
                    let pixels = rgb.get(start + x * 3..start + line.min((x + self.side) * 3)).unwrap_or_default();
                    strip.extend_from_slice(pixels);
                    let last = pixels.last_chunk::<3>().copied().unwrap_or_default();
                    (pixels.len() / 3..self.side).for_each(|_| strip.extend_from_slice(&last));
                }
            }
        }
        strip
    }
}

/// Encodes a picture with restart markers: the file up to the first segment, and the segments.
fn encode(rgb: &[u8], width: usize, height: usize, quality: u8) -> Result<(Vec<u8>, Vec<Vec<u8>>), JpegError> {
    let side = |pixels: usize| u16::try_from(pixels).unwrap_or(u16::MAX);
    let mut file = Vec::with_capacity(rgb.len() / 8);
    let mut encoder = Encoder::new(&mut file, quality);
    encoder.set_restart_interval(side(BLOCKS));
    encoder.encode(rgb, side(width), side(height), ColorType::Rgb)?;
    let data = scan(&file);
    let head = file.get(..data).unwrap_or_default().to_vec();
    let body = file.get(data..file.len().saturating_sub(2)).unwrap_or_default();
    // In the data of a scan, 0xff is followed by 0 unless it begins a marker.
    let mut segments = Vec::new();
    let (mut start, mut at) = (0, 0);
    while let Some(pair) = body.get(at..at + 2) {
        if matches!(pair, [0xff, 0xd0..=0xd7]) {
            segments.push(body.get(start..at).unwrap_or_default().to_vec());
            start = at + 2;
        }
        at += if pair.first() == Some(&0xff) { 2 } else { 1 };
    }
    segments.push(body.get(start..).unwrap_or_default().to_vec());
    Ok((head, segments))
}

/// Where the data of the first scan of a file begins.
fn scan(file: &[u8]) -> usize {
    let mut at = 2;
    while let Some([0xff, marker, high, low]) = file.get(at..at + 4) {
        at += 2 + usize::from(u16::from_be_bytes([*high, *low]));
        if *marker == 0xda {
            break;
        }
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noise(seed: u32, length: usize) -> impl Iterator<Item = u8> {
        let mut state = seed;
        std::iter::repeat_with(move || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 24) as u8
        })
        .take(length)
    }

    /// Whatever changes, the file is the one that the encoder writes for the whole picture.
    #[test]
    fn a_changed_picture_is_encoded_as_if_it_were_the_first() {
        for quality in [40, 85, 95] {
            for (width, height) in [(1, 1), (16, 16), (129, 17), (300, 200), (256, 8), (7, 900), (2000, 33)] {
                let size = Size::new(width, height);
                let rgb: Vec<u8> = noise(width, size.pixels() as usize * 3).map(|value| value / 4 + 90).collect();
                let base = Base::new(size, rgb.clone(), quality).unwrap();
                assert_eq!(&base.encode(&rgb).unwrap(), &File { own: 0, ..base.file().clone() });
                for seed in 0..12 {
                    let mut changed = rgb.clone();
                    let numbers: Vec<usize> = noise(seed, 3).map(usize::from).collect();
                    let start = numbers[0] * rgb.len() / 256;
                    let length = if seed < 10 { numbers[1] * 3 } else { rgb.len() };
                    changed.iter_mut().skip(start).take(length).for_each(|value| *value = value.wrapping_add(100));
                    let mut whole = Vec::new();
                    let mut encoder = Encoder::new(&mut whole, quality);
                    encoder.set_restart_interval(BLOCKS as u16);
                    encoder.encode(&changed, width as u16, height as u16, ColorType::Rgb).unwrap();
                    assert!(base.encode(&changed).unwrap().to_vec() == whole, "{size} {quality} {seed}");
                }
            }
        }
    }

    #[test]
    fn wrong_lengths_are_refused() {
        let base = Base::new(Size::new(20, 10), vec![0; 600], 85).unwrap();
        assert!(base.encode(&[0; 599]).is_err());
        assert!(Base::new(Size::new(20, 10), vec![0; 599], 85).is_err());
        assert!(Base::new(Size::new(0, 10), Vec::new(), 85).is_err());
    }
}
