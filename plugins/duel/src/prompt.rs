//! The question to the model. The instructions depend on the settings only and the photo on the sample only, so that a
//! server processes them once. The picture of a candidate is the same as A and as B. The query comes last.

use crate::{Layout, Settings, Style};
use rescue_plugin_sdk::chat::{Format, Part, Question, View};
use rescue_plugin_sdk::prelude::*;

/// The names of the two candidates, in the order shown.
pub const LETTERS: [&str; 2] = ["A", "B"];

/// The question which of two candidates fits the query. `shown` has their ids; the first is shown as A.
#[must_use]
pub fn which(query: &str, shown: [u32; 2], settings: &Settings) -> Question {
    let mut parts = Vec::new();
    if settings.photo {
        parts.extend([Part::text("The photo:"), Part::photo()]);
    }
    let pictures = shown.map(|id| View::candidate(id, style(settings.style)));
    match settings.view {
        Layout::Pair => {
            for (letter, picture) in LETTERS.into_iter().zip(pictures) {
                parts.extend([Part::text(format!("Image {letter}:")), Part::Image(picture)]);
            }
        }
        Layout::SideBySide => {
            let pictures = LETTERS.into_iter().zip(pictures).map(|(letter, picture)| picture.captioned(letter));
            parts.extend([Part::text("Image A, left, and image B, right:"), Part::Grid(pictures.collect())]);
        }
    }
    if settings.reasoning {
        for (letter, id) in LETTERS.into_iter().zip(shown) {
            parts.extend([Part::text(format!("Why {letter} was proposed:")), Part::Reasoning(id)]);
        }
    }
    parts.push(Part::text(format!(
        "Description: \"{query}\"\n\nWhich marked region fits the description better, A or B? Answer with the letter alone."
    )));
    Question::new(&instructions(settings)).user(parts).format(Format::Choice(LETTERS.map(ToOwned::to_owned).into()))
}

/// The instructions at the beginning of every question.
#[must_use]
pub fn instructions(settings: &Settings) -> String {
    let photo = if settings.photo { "the photo as it is, and then " } else { "" };
    let pictures = match settings.view {
        Layout::Pair => "twice, as image A and as image B",
        Layout::SideBySide => "twice side by side, image A on the left and image B on the right",
    };
    let mark = match settings.style {
        Style::Overlay => "tinted in red",
        Style::Outline => "outlined in red",
        Style::Cutout => "shown, and all else is black",
        Style::Darkened => "shown as it is, and all else is darkened",
        Style::Box => "framed by a red box",
    };
    let reasoning = if settings.reasoning {
        " You are also told why each region was proposed. That may be wrong: trust what you see."
    } else {
        ""
    };
    format!(
        "You judge which of two marked regions in a photo is the thing that a description refers to. You are shown {photo}the photo \
         with a region marked, {pictures}. In each the marked region is {mark}.{reasoning}\n\nFirst ask which region is on the \
         right thing: the one that is meant, not another that looks like it, and not a thing that is only mentioned to tell where \
         it is. If both are, ask which covers it better: all of it and nothing else. Which one is called A says nothing about \
         which is better. Answer A or B."
    )
}

/// The name of a style, as the host knows it.
const fn style(style: Style) -> &'static str {
    match style {
        Style::Overlay => "overlay",
        Style::Outline => "outline",
        Style::Cutout => "cutout",
        Style::Darkened => "darkened",
        Style::Box => "box",
    }
}
