//! What an entry is found by.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// The BLAKE3 digest of a question. In text it is 64 digits of lower-case hexadecimal; keys are in the order of their bytes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key([u8; Key::BYTES]);

impl Key {
    /// Length of a key, in bytes.
    pub const BYTES: usize = 32;

    /// The key of a question that is written as `bytes`.
    pub fn of(bytes: &[u8]) -> Self {
        Self(*blake3::hash(bytes).as_bytes())
    }

    /// The key that has these bytes.
    pub const fn from_bytes(bytes: [u8; Self::BYTES]) -> Self {
        Self(bytes)
    }

    /// Its bytes.
    pub const fn as_bytes(&self) -> &[u8; Self::BYTES] {
        &self.0
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Key({self})")
    }
}

/// A text that is no key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a key is 64 digits of lower-case hexadecimal, this has {found}")]
pub struct NotAKey {
    found: String,
}

impl FromStr for Key {
    type Err = NotAKey;

    /// Reads what [`Display`](fmt::Display) writes, and nothing else: a key has one text.
    fn from_str(text: &str) -> Result<Self, NotAKey> {
        if text.len() != 2 * Self::BYTES {
            return Err(NotAKey { found: format!("{} bytes", text.len()) });
        }
        let mut bytes = [0; Self::BYTES];
        for (byte, pair) in bytes.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
            for &digit in pair {
                let value = match digit {
                    b'0'..=b'9' => digit - b'0',
                    b'a'..=b'f' => digit - b'a' + 10,
                    _ => return Err(NotAKey { found: format!("the byte {:?}", char::from(digit)) }),
                };
                *byte = *byte << 4 | value;
            }
        }
        Ok(Self(bytes))
    }
}

impl Serialize for Key {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Key {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// From BLAKE3's published test vectors: the digest of nothing.
    const OF_NOTHING: &str = "af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262";

    #[test]
    fn a_key_is_the_blake3_digest_and_its_text_is_read_back() {
        let key = Key::of(b"");
        assert_eq!(key.to_string(), OF_NOTHING);
        assert_eq!(OF_NOTHING.parse(), Ok(key));
        assert_eq!(serde_json::to_string(&key).unwrap(), format!("\"{OF_NOTHING}\""));
        assert_eq!(serde_json::from_str::<Key>(&format!("\"{OF_NOTHING}\"")).unwrap(), key);
    }

    #[test]
    fn a_key_has_one_text() {
        let tails = ["", "6", "6G", "6é", "62 ", "6A"];
        for text in tails.iter().map(|tail| format!("{}{tail}", &OF_NOTHING[..62])) {
            assert!(text.parse::<Key>().is_err(), "{text}");
        }
        assert!("é".repeat(32).parse::<Key>().is_err());
    }

    #[test]
    fn keys_are_in_the_order_of_their_texts() {
        let (low, high) = (Key::from_bytes([1; 32]), Key::from_bytes([0xf0; 32]));
        assert!(low < high && low.to_string() < high.to_string());
    }
}
