//! The question to the model. The instructions and the photo are the same in every question about a photo, so that a
//! server processes them once. The strategy and the query come last.

use crate::strategy::Strategy;
use rescue_plugin_sdk::chat::{Format, Part, Question};
use rescue_plugin_sdk::prelude::*;

/// The instructions at the beginning of every question.
pub const INSTRUCTIONS: &str = "You locate things in photos. You are given a photo, a way to look at it, and a description in \
words. The description refers to one thing, which may or may not be in the photo. Find that thing: not others that look like it, \
and not the things that are only mentioned to tell where it is.

Reason first. Then answer in exactly this form:
Reasoning: what you see in the photo, and why this is the thing that is meant, in two to five sentences
Target Concept: what the thing itself is, as a short noun phrase, such as \"red umbrella\"
Box: [x1, y1, x2, y2]

The box goes tightly around all that can be seen of this one thing. x1, y1 is its top left corner and x2, y2 its bottom right \
corner, in the coordinates that you always use for boxes. Give one box and no other coordinates. If nothing in the photo fits the \
description, write \"Box: none\" and say why under Reasoning.";

/// The question for the box of the thing that a text describes.
#[must_use]
pub fn locate(strategy: &Strategy, text: &str) -> Question {
    let asked = format!("How to look: {}\n\nDescription: \"{text}\"", strategy.look);
    Question::new(INSTRUCTIONS).user(vec![Part::photo(), Part::text(asked)]).format(Format::Boxes)
}
