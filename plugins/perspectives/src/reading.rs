//! Reads the reply of the model.
//!
//! The host has already converted boxes into pixels. Here the sections "Reasoning:", "Target Concept:" and "Box:" are
//! read, in upper or lower case, with or without Markdown.

use rescue_plugin_sdk::chat::{Failure, Reply};
use rescue_plugin_sdk::prelude::*;
use rescue_plugin_sdk::{Rect, short, usable};

/// Reasoning is cut to this many characters.
const MAX_REASONING: usize = 4000;
/// A target concept is cut to this many characters.
const MAX_CONCEPT: usize = 200;

const LABELS: [&str; 3] = ["Reasoning", "Target Concept", "Box"];
/// The meaning of one reply.
#[derive(Debug, Clone, PartialEq)]
pub enum Reading {
    /// The model found the thing in this place.
    Found(Place),
    /// The model says that nothing in the photo fits, and why.
    Absent(String),
    /// The reply says neither, for this reason.
    Unreadable(String),
}

/// The place of the thing.
#[derive(Debug, Clone, PartialEq)]
pub struct Place {
    /// The first box of the reply, in pixels.
    pub rect: Rect,
    /// The number of boxes in the reply.
    pub boxes: usize,
    /// What the thing is (the target concept); empty if the model did not say.
    pub concept: String,
    /// The model's reasoning; its thinking if it wrote no reasoning.
    pub reasoning: String,
}

/// Reads an answer. Only a reply that the host could read and that has no box says that nothing fits: what was cut off, has an
/// endless number or is prose is unreadable.
#[must_use]
pub fn read(answer: &Result<Reply, Failure>) -> Reading {
    match usable(answer) {
        Ok(reply) => read_reply(reply),
        Err(why) => Reading::Unreadable(why),
    }
}

fn read_reply(reply: &Reply) -> Reading {
    let Some(first) = reply.boxes.first() else {
        let why = reasoning(&reply.text, &reply.reasoning);
        return Reading::Absent(if why.is_empty() { "the model says that nothing fits".to_owned() } else { why });
    };
    if first.rect.area() <= 0.0 {
        return Reading::Unreadable("its box is empty".to_owned());
    }
    Reading::Found(Place {
        rect: first.rect,
        boxes: reply.boxes.len(),
        concept: concept(&reply.text),
        reasoning: reasoning(&reply.text, &reply.reasoning),
    })
}

/// The target concept; empty if there is none.
fn concept(text: &str) -> String {
    let section = section(text, "Target Concept").unwrap_or_default();
    let line = section.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    short(line.trim_matches(['"', '\'', '`', '.', ' ']), MAX_CONCEPT)
}

/// The reasoning, or the thinking if there is none.
fn reasoning(text: &str, thinking: &str) -> String {
    short(section(text, "Reasoning").as_deref().unwrap_or(thinking), MAX_REASONING)
}

/// The text after the first line with this label, up to the next label. `None` if there is no such label.
fn section(text: &str, label: &str) -> Option<String> {
    let mut lines = text.lines().skip_while(|line| after_label(line, label).is_none());
    let first = lines.next().and_then(|line| after_label(line, label))?;
    let rest = lines.take_while(|line| LABELS.iter().all(|label| after_label(line, label).is_none()));
    let all: Vec<&str> = [first].into_iter().chain(rest).collect();
    Some(all.join("\n").trim().to_owned())
}

/// The rest of a line that begins with this label; `None` if it does not.
fn after_label<'a>(line: &'a str, label: &str) -> Option<&'a str> {
    let line = line.trim_start_matches(|c: char| c.is_ascii_digit() || " \t#*_>-.`".contains(c));
    let rest =
        line.get(label.len()..).filter(|_| line.get(..label.len()).is_some_and(|l| l.eq_ignore_ascii_case(label)))?;
    let value = rest.trim_start_matches(['*', '_', ' ']).strip_prefix(':')?;
    Some(value.trim_matches(['*', '_', ' ', '\t']))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rescue_plugin_sdk::chat::{Found, Trouble};

    fn reply(text: &str, boxes: usize) -> Reply {
        let rect = Rect { x_min: 1.0, y_min: 2.0, x_max: 30.0, y_max: 40.0 };
        Reply {
            text: text.to_owned(),
            reasoning: "thought".to_owned(),
            complete: true,
            choice: None,
            weights: vec![],
            boxes: (0..boxes).map(|_| Found { rect, label: String::new(), score: None }).collect(),
            notes: vec![],
        }
    }

    fn place(text: &str) -> Place {
        match read(&Ok(reply(text, 1))) {
            Reading::Found(place) => place,
            other => panic!("{text}: {other:?}"),
        }
    }

    #[test]
    fn sections_are_read() {
        let asked =
            place("Reasoning: There are two cups.\nThe left one is red.\nTarget Concept: red cup\nBox: [1, 2, 30, 40]");
        assert_eq!(asked.reasoning, "There are two cups.\nThe left one is red.");
        assert_eq!((asked.concept.as_str(), asked.boxes), ("red cup", 1));
        for text in [
            "**Reasoning:** It is left.\n\n**Target Concept:** \"red cup\".\n**Box:** [1, 2, 30, 40]",
            "1. reasoning: It is left.\n2. TARGET CONCEPT : red cup\n3. box: [1, 2, 30, 40]",
            "Sure!\n### Reasoning:\nIt is left.\n\n### Target Concept:\nred cup\n### Box:\n[1, 2, 30, 40]",
            "Target Concept: red cup\nBox: [1, 2, 30, 40]\nReasoning: It is left.",
        ] {
            let place = place(text);
            assert_eq!((place.reasoning.as_str(), place.concept.as_str()), ("It is left.", "red cup"), "{text}");
        }
    }

    #[test]
    fn a_missing_concept_is_empty_and_thinking_replaces_missing_reasoning() {
        let bare = place("{\"bbox_2d\": [1, 2, 30, 40]}");
        assert_eq!((bare.concept.as_str(), bare.reasoning.as_str()), ("", "thought"));
        assert_eq!(place("Boxes: many\nReasoning he said: no").reasoning, "thought");
    }

    #[test]
    fn long_texts_are_cut() {
        let long = place(&format!("Reasoning: {}\nTarget Concept: {}", "ä".repeat(90_000), "ö".repeat(90_000)));
        assert_eq!((long.reasoning.chars().count(), long.concept.chars().count()), (4001, 201));
    }

    #[test]
    fn several_boxes_are_counted_and_an_empty_box_is_unreadable() {
        let Reading::Found(place) = read(&Ok(reply("Box: [1, 2, 30, 40]", 3))) else { panic!("not found") };
        assert_eq!(place.boxes, 3);
        let mut flat = reply("Box: [1, 2, 30, 2]", 1);
        flat.boxes[0].rect.y_max = 2.0;
        assert_eq!(read(&Ok(flat)), Reading::Unreadable("its box is empty".to_owned()));
    }

    #[test]
    fn a_readable_reply_without_a_box_says_that_nothing_fits() {
        let text = "Reasoning: There is no cup.\nTarget Concept: cup\nBox: none";
        assert_eq!(read(&Ok(reply(text, 0))), Reading::Absent("There is no cup.".to_owned()));
        assert_eq!(read(&Ok(reply("[]", 0))), Reading::Absent("thought".to_owned()));
    }

    #[test]
    fn what_the_host_could_not_read_is_unreadable_whatever_it_says() {
        for raw in ["", "I cannot help with that.", "Box: [1, 2,", "Box: no", "Box: none"] {
            let message = "cut off".to_owned();
            let failure = Failure { trouble: Trouble::Unreadable, message, raw: raw.to_owned() };
            assert_eq!(read(&Err(failure)), Reading::Unreadable("unreadable: cut off".to_owned()), "{raw}");
        }
        let cut = Reply { complete: false, ..reply("Box: none", 0) };
        assert!(matches!(read(&Ok(cut)), Reading::Unreadable(why) if why.starts_with("cut off")));
        let refused = Failure { trouble: Trouble::Refused, message: "no".to_owned(), raw: "I will not.".to_owned() };
        assert_eq!(read(&Err(refused)), Reading::Unreadable("refused: no".to_owned()));
    }
}
