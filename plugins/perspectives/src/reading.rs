//! What a reply says.
//!
//! The host reads places into pixels; here the lines are read that begin with "Reasoning:", "Target Concept:" and "Box:", in any
//! case and with or without Markdown around them.

use rescue_plugin_sdk::chat::{Failure, Reply};
use rescue_plugin_sdk::prelude::*;
use rescue_plugin_sdk::{Rect, short, usable};

/// The longest reasoning that is kept, in characters.
const REASONING: usize = 4000;
/// The longest target concept, in characters.
const CONCEPT: usize = 200;
/// How much of a reply is shown where it could not be read, in characters.
const SHOWN: usize = 120;

const LABELS: [&str; 3] = ["Reasoning", "Target Concept", "Box"];
/// How "Box: none" may begin, in lower case and without brackets and quotes.
const NONE: [&str; 8] = ["none", "null", "n/a", "not ", "no ", "nothing", "absent", "]"];

/// What one reply comes to.
#[derive(Debug, Clone, PartialEq)]
pub enum Reading {
    /// The thing is here.
    Found(Place),
    /// The model says that nothing in the photo fits, and why.
    Absent(String),
    /// It says neither, and why that is.
    Nothing(String),
}

/// Where the thing is.
#[derive(Debug, Clone, PartialEq)]
pub struct Place {
    /// The first box of the reply, in pixels.
    pub rect: Rect,
    /// How many boxes there were.
    pub boxes: usize,
    /// What the thing is; empty where the model did not say.
    pub concept: String,
    /// Why it is that; the model's thinking where it wrote nothing else.
    pub reasoning: String,
}

/// Reads an answer.
#[must_use]
pub fn read(answer: &Result<Reply, Failure>) -> Reading {
    match usable(answer) {
        Ok(reply) => read_reply(reply),
        // A reply without a box may come as one that does not fit its format.
        Err(why) => match answer {
            Err(failure) => absent(&failure.raw, "").unwrap_or(Reading::Nothing(why)),
            Ok(_) => Reading::Nothing(why),
        },
    }
}

fn read_reply(reply: &Reply) -> Reading {
    let Some(first) = reply.boxes.first() else {
        let unread = || Reading::Nothing(format!("no box was read in {:?}", short(&reply.text, SHOWN)));
        return absent(&reply.text, &reply.reasoning).unwrap_or_else(unread);
    };
    if first.rect.area() <= 0.0 {
        return Reading::Nothing("its box is empty".to_owned());
    }
    Reading::Found(Place {
        rect: first.rect,
        boxes: reply.boxes.len(),
        concept: concept(&reply.text),
        reasoning: reasoning(&reply.text, &reply.reasoning),
    })
}

/// Where the text says "Box: none".
fn absent(text: &str, thinking: &str) -> Option<Reading> {
    let said = section(text, "Box")?.to_lowercase();
    let said = said.trim_start_matches(|c: char| !c.is_alphanumeric() && c != ']');
    NONE.iter().any(|none| said.starts_with(none)).then(|| {
        let why = reasoning(text, thinking);
        Reading::Absent(if why.is_empty() { "the model says that nothing fits".to_owned() } else { why })
    })
}

fn concept(text: &str) -> String {
    let section = section(text, "Target Concept").unwrap_or_default();
    let line = section.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    short(line.trim_matches(['"', '\'', '`', '.', ' ']), CONCEPT)
}

fn reasoning(text: &str, thinking: &str) -> String {
    short(section(text, "Reasoning").as_deref().unwrap_or(thinking), REASONING)
}

/// What stands behind the first such label, up to the next label.
fn section(text: &str, label: &str) -> Option<String> {
    let mut lines = text.lines().skip_while(|line| behind(line, label).is_none());
    let first = lines.next().and_then(|line| behind(line, label))?;
    let rest = lines.take_while(|line| LABELS.iter().all(|label| behind(line, label).is_none()));
    let all: Vec<&str> = [first].into_iter().chain(rest).collect();
    Some(all.join("\n").trim().to_owned())
}

/// What stands behind a label in its own line.
fn behind<'a>(line: &'a str, label: &str) -> Option<&'a str> {
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
    fn the_lines_are_read() {
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
    fn what_is_not_said_stays_empty_and_thinking_is_kept() {
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
    fn several_boxes_are_counted_and_an_empty_one_is_none() {
        let Reading::Found(place) = read(&Ok(reply("Box: [1, 2, 30, 40]", 3))) else { panic!("not found") };
        assert_eq!(place.boxes, 3);
        let mut flat = reply("Box: [1, 2, 30, 2]", 1);
        flat.boxes[0].rect.y_max = 2.0;
        assert_eq!(read(&Ok(flat)), Reading::Nothing("its box is empty".to_owned()));
    }

    #[test]
    fn a_model_may_say_that_nothing_fits() {
        for value in [
            "none",
            "None.",
            "[none]",
            "\"none\"",
            "null",
            "[]",
            "N/A",
            "not in the image",
            "no such thing",
            "**none**",
        ] {
            let text = format!("Reasoning: There is no cup.\nTarget Concept: cup\nBox: {value}");
            let absent = Reading::Absent("There is no cup.".to_owned());
            assert_eq!(read(&Ok(reply(&text, 0))), absent, "{value}");
            let failure = Failure { trouble: Trouble::Unreadable, message: "no box".to_owned(), raw: text };
            assert_eq!(read(&Err(failure)), absent, "{value}");
        }
        assert_eq!(read(&Ok(reply("Box: none", 0))), Reading::Absent("thought".to_owned()));
    }

    #[test]
    fn what_says_neither_is_not_guessed() {
        for text in
            ["", "I cannot help with that.", "Box: [1, 2,", "Reasoning: none\nTarget Concept: none", "Box: northwest"]
        {
            assert!(
                matches!(read(&Ok(reply(text, 0))), Reading::Nothing(why) if why.starts_with("no box was read")),
                "{text}"
            );
        }
        let cut = Reply { complete: false, ..reply("Box: none", 1) };
        assert!(matches!(read(&Ok(cut)), Reading::Nothing(why) if why.starts_with("cut off")));
        let refused = Failure { trouble: Trouble::Refused, message: "no".to_owned(), raw: "I will not.".to_owned() };
        assert_eq!(read(&Err(refused)), Reading::Nothing("refused: no".to_owned()));
    }
}
