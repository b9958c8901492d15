//! Reads and writes run lengths as the JSON of COCO tools.

use rescue_core::Size;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::rle::Rle;

/// The written form. `size` is the height and then the width.
#[derive(Serialize)]
struct Written {
    size: [u32; 2],
    counts: String,
}

/// The form that is read. `size` is the height and then the width.
#[derive(Deserialize)]
struct Read {
    size: [u32; 2],
    counts: Counts,
}

/// The run lengths in either of the two forms in use: text in results, and numbers in annotations of crowds.
#[derive(Deserialize)]
#[serde(untagged, expecting = "counts are a string or a list of run lengths")]
enum Counts {
    Text(String),
    Numbers(Vec<u32>),
}

impl Serialize for Rle {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Size { width, height } = self.size();
        Written { size: [height, width], counts: self.encode_string() }.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Rle {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Read { size: [height, width], counts } = Read::deserialize(deserializer)?;
        let size = Size::new(width, height);
        match counts {
            Counts::Text(text) => Self::parse_string(size, &text),
            Counts::Numbers(numbers) => Self::new(size, numbers),
        }
        .map_err(D::Error::custom)
    }
}
