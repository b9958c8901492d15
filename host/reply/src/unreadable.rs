//! The error for unreadable replies, and the checks that all readers share.

use crate::limits::MAX_TEXT;
use crate::{Instead, Said};

/// An answer does not have the requested form, or is ambiguous.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{why}")]
pub struct Unreadable {
    /// The reason, for people.
    pub why: String,
}

impl Unreadable {
    pub(crate) fn new(why: impl Into<String>) -> Self {
        Self { why: why.into() }
    }
}

/// The trimmed text of a reply; it may be cut off.
///
/// # Errors
///
/// Returns [`Unreadable`] if the reply is empty, too long or refused.
pub fn answer(said: &Said) -> Result<&str, Unreadable> {
    if let Some(refusal) = &said.refused {
        return Err(Unreadable::new(format!("the model refused to answer: {}", excerpt(refusal))));
    }
    if said.text.len() > MAX_TEXT {
        let length = said.text.len();
        return Err(Unreadable::new(format!("the reply has {length} bytes, and at most {MAX_TEXT} are read")));
    }
    match said.text.trim() {
        "" if !said.complete => Err(Unreadable::new("the reply was cut off before it said anything")),
        "" => Err(Unreadable::new(match said.instead {
            Some(Instead::ToolCalls) => "the reply is empty: the model called a tool in place of an answer",
            Some(Instead::Reasoning) => {
                "the reply is empty: the model only wrote reasoning, without an answer behind it"
            }
            None => "the reply is empty",
        })),
        text => Ok(text),
    }
}

/// Like [`answer`], but also fails if the reply was cut off.
pub(crate) fn complete_answer(said: &Said) -> Result<&str, Unreadable> {
    let text = answer(said)?;
    if said.complete { Ok(text) } else { Err(Unreadable::new("the reply was cut off by its length")) }
}

/// The beginning of a text in quotes, for messages.
pub(crate) fn excerpt(text: &str) -> String {
    const MOST: usize = 60;
    match text.char_indices().nth(MOST) {
        Some((end, _)) => format!("{:?}…", text.get(..end).unwrap_or_default()),
        None => format!("{text:?}"),
    }
}
