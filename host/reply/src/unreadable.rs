//! That a reply cannot be read, and what every reader asks of a reply before it looks closer.

use crate::Said;
use crate::limits::MAX_TEXT;

/// What was said does not have the form that was asked for, or has it in two ways.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{why}")]
pub struct Unreadable {
    /// Why, for people.
    pub why: String,
}

impl Unreadable {
    pub(crate) fn new(why: impl Into<String>) -> Self {
        Self { why: why.into() }
    }
}

/// The text of a reply that says something and was not refused, without the space around it.
pub(crate) fn answer(said: &Said) -> Result<&str, Unreadable> {
    if let Some(refusal) = &said.refused {
        return Err(Unreadable::new(format!("the model would not answer: {}", shown(refusal))));
    }
    if said.text.len() > MAX_TEXT {
        let length = said.text.len();
        return Err(Unreadable::new(format!("the reply has {length} bytes, and at most {MAX_TEXT} are read")));
    }
    match said.text.trim() {
        "" if !said.complete => Err(Unreadable::new("the reply was cut off before it said anything")),
        "" => Err(Unreadable::new("the reply is empty")),
        text => Ok(text),
    }
}

/// As [`answer`], and not cut off.
pub(crate) fn whole_answer(said: &Said) -> Result<&str, Unreadable> {
    let text = answer(said)?;
    if said.complete { Ok(text) } else { Err(Unreadable::new("the reply was cut off by its length")) }
}

/// The beginning of a text, for messages.
pub(crate) fn shown(text: &str) -> String {
    const MOST: usize = 60;
    match text.char_indices().nth(MOST) {
        Some((end, _)) => format!("{:?}…", text.get(..end).unwrap_or_default()),
        None => format!("{text:?}"),
    }
}
