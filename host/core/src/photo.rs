//! The decoded photo.

use crate::{Digest, Size};

/// A decoded photo with 8 bits per channel, already rotated or mirrored as its EXIF data says.
#[derive(Clone, Debug)]
pub struct Photo {
    size: Size,
    rgb: Vec<u8>,
    digest: Digest,
    cutout: Option<Cutout>,
}

/// What a photo with transparent parts does not show.
#[derive(Clone, Debug)]
struct Cutout {
    alpha: Vec<u8>,
    ground: u8,
}

impl Photo {
    /// Creates a photo from its pixels. `rgb` holds three bytes per pixel (red, green, blue), row by row from the top
    /// left pixel; `digest` is the digest of the photo's file. Returns `None` if `rgb` is not width × height × 3 bytes
    /// long.
    pub fn new(size: Size, rgb: Vec<u8>, digest: Digest) -> Option<Self> {
        (size.pixels().checked_mul(3) == u64::try_from(rgb.len()).ok()).then_some(Self {
            size,
            rgb,
            digest,
            cutout: None,
        })
    }

    /// The photo with transparent parts. `alpha` holds one byte per pixel, row by row: 0 is transparent, 255 opaque. The pixels must
    /// already be composited over a ground of the grey value `ground`. Returns `None` if `alpha` is not width × height bytes long.
    pub fn with_alpha(self, alpha: Vec<u8>, ground: u8) -> Option<Self> {
        let fits = u64::try_from(alpha.len()).ok() == Some(self.size.pixels());
        fits.then_some(Self { cutout: Some(Cutout { alpha, ground }), ..self })
    }

    /// How opaque each pixel is, 0 to 255, row by row. `None` if nothing is transparent. What is transparent does not exist: no mask may
    /// cover it.
    pub fn alpha(&self) -> Option<&[u8]> {
        self.cutout.as_ref().map(|cutout| cutout.alpha.as_slice())
    }

    /// The grey value of the ground over which transparent parts are shown. `None` if nothing is transparent.
    pub fn ground(&self) -> Option<u8> {
        self.cutout.as_ref().map(|cutout| cutout.ground)
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
