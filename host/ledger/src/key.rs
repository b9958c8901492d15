//! The key of an entry: the digest of a question.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// The BLAKE3 digest of a question. Its text form is 64 lower-case hexadecimal digits. Keys are ordered by their bytes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key([u8; Key::BYTES]);

impl Key {
    /// Length of a key, in bytes.
    pub const BYTES: usize = 32;

    /// The key of a question, given its canonical encoding.
    pub fn of(bytes: &[u8]) -> Self {
        Self(*blake3::hash(bytes).as_bytes())
    }

    /// The key with these bytes.
    pub const fn from_bytes(bytes: [u8; Self::BYTES]) -> Self {
        Self(bytes)
    }

    /// The bytes of the key.
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

/// A text is not a key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a key has 64 lower-case hexadecimal digits; this text has {found}")]
pub struct InvalidKey {
    found: String,
}

impl FromStr for Key {
    type Err = InvalidKey;

    /// Parses exactly what [`Display`](fmt::Display) writes, so each key has one text form.
    ///
    /// # Errors
    ///
    /// Returns an error if the text has another length or another character than `0` to `9` and `a` to `f`.
    fn from_str(text: &str) -> Result<Self, InvalidKey> {
        if text.len() != 2 * Self::BYTES {
            return Err(InvalidKey { found: format!("{} bytes", text.len()) });
        }
        let mut bytes = [0; Self::BYTES];
        for (byte, pair) in bytes.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
            for &digit in pair {
                let value = match digit {
                    b'0'..=b'9' => digit - b'0',
                    b'a'..=b'f' => digit - b'a' + 10,
                    _ => return Err(InvalidKey { found: format!("the byte {:?}", char::from(digit)) }),
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

    /// The digest of the empty input, from BLAKE3's published test vectors.
    const OF_EMPTY: &str = "af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262";

    #[test]
    fn a_key_is_the_blake3_digest_and_its_text_can_be_parsed() {
        let key = Key::of(b"");
        assert_eq!(key.to_string(), OF_EMPTY);
        assert_eq!(OF_EMPTY.parse(), Ok(key));
        assert_eq!(serde_json::to_string(&key).unwrap(), format!("\"{OF_EMPTY}\""));
        assert_eq!(serde_json::from_str::<Key>(&format!("\"{OF_EMPTY}\"")).unwrap(), key);
    }

    #[test]
    fn a_key_has_one_text_form() {
        let tails = ["", "6", "6G", "6é", "62 ", "6A"];
        for text in tails.iter().map(|tail| format!("{}{tail}", &OF_EMPTY[..62])) {
            assert!(text.parse::<Key>().is_err(), "{text}");
        }
        assert!("é".repeat(32).parse::<Key>().is_err());
    }

    #[test]
    fn keys_are_ordered_like_their_texts() {
        let (low, high) = (Key::from_bytes([1; 32]), Key::from_bytes([0xf0; 32]));
        assert!(low < high && low.to_string() < high.to_string());
    }
}
