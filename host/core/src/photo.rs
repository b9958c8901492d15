//! The decoded photo.

use crate::{Digest, Size};

/// A decoded photo with 8 bits per channel, already rotated or mirrored as its EXIF data says.
#[derive(Clone, Debug)]
pub struct Photo {
    size: Size,
    rgb: Vec<u8>,
    digest: Digest,
}

impl Photo {
    /// Creates a photo from its pixels. `rgb` holds three bytes per pixel (red, green, blue), row by row from the top
    /// left pixel; `digest` is the digest of the photo's file. Returns `None` if `rgb` is not width × height × 3 bytes
    /// long.
    pub fn new(size: Size, rgb: Vec<u8>, digest: Digest) -> Option<Self> {
        (size.pixels().checked_mul(3) == u64::try_from(rgb.len()).ok()).then_some(Self { size, rgb, digest })
    }

    /// The size of the photo in pixels.
    pub fn size(&self) -> Size {
        self.size
    }

    /// The pixels, row by row: one byte each for red, green and blue.
    pub fn rgb(&self) -> &[u8] {
        &self.rgb
    }

    /// The digest of the photo's file.
    pub fn digest(&self) -> Digest {
        self.digest
    }
}
