//! Builders of questions to a vision-language model.
//!
//! ```
//! use rescue_plugin_sdk::chat::{Body, Format, Part, Question, View};
//!
//! let question = Question::new("You judge regions in a photo.")
//!     .user(vec![
//!         Part::photo(),
//!         Part::text("This region:"),
//!         Part::Image(View::candidate(7, "overlay")),
//!         Part::text("Does it show a dog?"),
//!     ])
//!     .format(Format::Choice(vec!["yes".into(), "no".into()]))
//!     .max_tokens(64);
//! assert_eq!(question.messages.len(), 2);
//! let body = Body::Chat(question);
//! # assert!(matches!(body, Body::Chat(_)));
//! ```
//!
//! Keep that order: constant text, the photo, other pictures, text that varies. Servers reuse the work for equal
//! beginnings. Name a picture in a text before it, not in its caption: a picture without a caption is the same wherever
//! it is shown.

use crate::CandidateId;
use crate::chat::{Crop, Format, Mark, Message, Part, Question, Role, Target, View};
use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

impl Question {
    /// A question that begins with these instructions (the system message). By default the answer may be any text, has
    /// the host's usual maximum length and is sampled at temperature 0.
    #[must_use]
    pub fn new(instructions: &str) -> Self {
        Self { messages: vec![], format: Format::Free, temperature: 0.0, max_tokens: 0, options: vec![] }
            .message(Role::System, vec![Part::text(instructions)])
    }

    /// Adds a message of the user. It needs at least one part.
    #[must_use]
    pub fn user(self, parts: Vec<Part>) -> Self {
        self.message(Role::User, parts)
    }

    /// Sets the form of the answer. A reply that does not have it comes back as
    /// [`Unreadable`](crate::chat::Trouble::Unreadable).
    #[must_use]
    pub fn format(self, format: Format) -> Self {
        Self { format, ..self }
    }

    /// Sets the sampling temperature, from 0 to 2.
    #[must_use]
    pub fn temperature(self, temperature: f64) -> Self {
        Self { temperature, ..self }
    }

    /// Sets the longest reply in tokens, including the model's thinking. 0 means the host's default.
    #[must_use]
    pub fn max_tokens(self, max_tokens: u32) -> Self {
        Self { max_tokens, ..self }
    }

    fn message(mut self, role: Role, parts: Vec<Part>) -> Self {
        self.messages.push(Message { role, parts });
        self
    }
}

impl Part {
    /// A part of text.
    #[must_use]
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    /// The whole photo with nothing drawn on it.
    #[must_use]
    pub fn photo() -> Self {
        Self::Image(View::photo())
    }
}

impl View {
    /// The whole photo with nothing drawn on it, at the host's default size.
    #[must_use]
    pub fn photo() -> Self {
        Self { marks: vec![], crop: Crop::Whole, max_side: 0, caption: String::new() }
    }

    /// The photo with one candidate marked in a style, in the style's default colour and strength. Styles are
    /// "overlay", "outline", "cutout", "darkened" and "box".
    #[must_use]
    pub fn candidate(id: CandidateId, style: &str) -> Self {
        let mark = Mark {
            target: Target::Candidate(id),
            style: style.to_owned(),
            colour: None,
            strength: None,
            label: String::new(),
        };
        Self { marks: vec![mark], ..Self::photo() }
    }

    /// This view with a line of text above it.
    #[must_use]
    pub fn captioned(self, caption: &str) -> Self {
        Self { caption: caption.to_owned(), ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_holds_what_it_was_built_from() {
        let marked = View::candidate(3, "box").captioned("A");
        let question = Question::new("rules")
            .user(vec![Part::photo(), Part::Grid(vec![marked.clone()]), Part::text("which?")])
            .format(Format::Boxes)
            .temperature(0.5)
            .max_tokens(9);
        let [rules, asked] = question.messages.as_slice() else { panic!("{question:?}") };
        assert_eq!((rules.role, asked.role), (Role::System, Role::User));
        assert_eq!(rules.parts, [Part::Text("rules".to_owned())]);
        assert_eq!(
            asked.parts,
            [Part::Image(View::photo()), Part::Grid(vec![marked]), Part::Text("which?".to_owned())]
        );
        assert_eq!((question.format, question.temperature, question.max_tokens), (Format::Boxes, 0.5, 9));
        assert!(View::photo().marks.is_empty() && View::photo().caption.is_empty());
        let shown = View::candidate(3, "box");
        assert_eq!((shown.marks[0].target, shown.marks[0].style.as_str()), (Target::Candidate(3), "box"));
        assert_eq!(Question::new("rules").format, Format::Free);
    }
}
