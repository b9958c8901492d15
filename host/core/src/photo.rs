//! A decoded photo.

use crate::{Digest, Size};

/// A decoded photo, turned as its EXIF data says, with 8 bits a channel.
#[derive(Clone, Debug)]
pub struct Photo {
    size: Size,
    rgb: Vec<u8>,
    digest: Digest,
}

impl Photo {
    /// A photo of these pixels. `rgb` holds three bytes a pixel (red, green, blue), by rows, the top left pixel first; `digest` is that
    /// of the photo's file. `None` if `rgb` is not width × height × 3 bytes long.
    pub fn new(size: Size, rgb: Vec<u8>, digest: Digest) -> Option<Self> {
        (size.pixels().checked_mul(3) == u64::try_from(rgb.len()).ok()).then_some(Self { size, rgb, digest })
    }

    /// The size in pixels.
    pub fn size(&self) -> Size {
        self.size
    }

    /// The pixels: red, green and blue of each, by rows.
    pub fn rgb(&self) -> &[u8] {
        &self.rgb
    }

    /// The digest of the photo's file.
    pub fn digest(&self) -> Digest {
        self.digest
    }
}
