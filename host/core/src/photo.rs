//! A decoded photo.

use crate::{Digest, Size};

/// A photo as it is seen: turned the way its EXIF says, 8 bits a channel.
#[derive(Clone, Debug)]
pub struct Photo {
    size: Size,
    rgb: Vec<u8>,
    digest: Digest,
}

impl Photo {
    /// `rgb` holds three bytes a pixel (red, green, blue), by rows, the top left pixel first; `digest` is that of the file it
    /// was read from. None where `rgb` is not width × height × 3 bytes long.
    pub fn new(size: Size, rgb: Vec<u8>, digest: Digest) -> Option<Self> {
        (size.pixels().checked_mul(3) == u64::try_from(rgb.len()).ok()).then_some(Self { size, rgb, digest })
    }

    /// Its size in pixels.
    pub fn size(&self) -> Size {
        self.size
    }

    /// Red, green, blue, by rows.
    pub fn rgb(&self) -> &[u8] {
        &self.rgb
    }

    /// The digest of the file it was read from.
    pub fn digest(&self) -> Digest {
        self.digest
    }
}
