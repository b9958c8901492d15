//! An API key, which is never printed.

use std::fmt;

/// The API key of a service. It is never printed or serialised.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// A key with this text, which must be usable in an HTTP header: visible ASCII and not empty. The error does not repeat the
    /// text.
    pub(crate) fn new(text: String) -> Result<Self, &'static str> {
        if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic()) {
            Ok(Self(text))
        } else {
            Err(
                "is empty or holds spaces, line ends or other characters that a key cannot have; set the variable again",
            )
        }
    }

    /// The text of the key. Use it only for the header of a request.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(set)")
    }
}
