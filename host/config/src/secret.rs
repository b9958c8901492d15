//! A key that is used and never shown.

use std::fmt;

/// A key for a service. Nothing prints it, and nothing writes it down.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Takes `text` where it can stand in a header: visible ASCII, not empty. The error does not repeat it.
    pub(crate) fn new(text: String) -> Result<Self, &'static str> {
        if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic()) {
            Ok(Self(text))
        } else {
            Err("holds spaces, line ends or other characters that no key has; set it anew")
        }
    }

    /// The key itself: for the header of a request, and for nothing else.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(set)")
    }
}
