//! Tests the limits for replies, and texts that are made to exhaust a reader.

use rescue_core::{Rect, Size};
use rescue_reply::{Boxes, Convention, Frame, Said, Schema, Thinking, Unreadable, boxes, choice, fitting, json, said};

const MIB: usize = 1 << 20;

fn plain(text: String) -> Said {
    Said { text, reasoning: String::new(), complete: true, refused: None, instead: None, tokens: Vec::new() }
}

fn frame() -> Frame {
    let size = Size::new(1000, 1000);
    Frame { convention: Convention::Thousand, shown: size, panel: size.rect(), area: size.rect(), photo: size }
}

fn read(text: String) -> Result<Boxes, Unreadable> {
    boxes(&plain(text), &frame())
}

/// A text of about a quarter of a MiB that repeats a piece.
fn filled(piece: &str) -> String {
    piece.repeat(MIB / 4 / piece.len())
}

#[test]
fn the_length_of_text_is_limited() {
    let padded = |length: usize, text: &str| format!("{}{text}", "x".repeat(length - text.len()));
    let schema = Schema::parse("{}").unwrap();
    let options = ["A".to_owned()];
    assert!(read(padded(MIB, " [1, 2, 3, 4]")).is_ok());
    assert!(json(&plain(padded(MIB, " {}")), &schema).is_ok());
    assert!(choice(&plain(padded(MIB, " answer: A")), &options).is_ok());
    let long = [
        read(padded(MIB + 1, " [1, 2, 3, 4]")).unwrap_err(),
        json(&plain(padded(MIB + 1, " {}")), &schema).unwrap_err(),
        choice(&plain(padded(MIB + 1, " answer: A")), &options).unwrap_err(),
    ];
    assert!(long.iter().all(|error| error.why.contains("1048577 bytes, and at most 1048576")));
}

#[test]
fn the_depth_of_nesting_is_limited() {
    let nested = |depth: usize| format!("{}1, 2, 3, 4{}", "[".repeat(depth), "]".repeat(depth));
    assert_eq!(read(nested(64)).unwrap().found.len(), 1);
    assert!(read(nested(65)).unwrap_err().why.contains("deeper than 64"));
    let schema = Schema::parse("{}").unwrap();
    assert!(json(&plain(nested(63)), &schema).is_ok());
    assert!(json(&plain(nested(64)), &schema).unwrap_err().why.contains("deeper than 64"));
}

#[test]
fn the_number_of_boxes_is_limited() {
    let list = |count: usize| {
        (0..count).map(|at| format!("[0, {}, 1000, {}]\n", at % 500, 500 + at / 500)).collect::<String>()
    };
    assert_eq!(read(list(1024)).unwrap().found.len(), 1024);
    assert!(read(list(1025)).unwrap_err().why.contains("1025 different boxes, and at most 1024"));
    // Repeated boxes do not count.
    let repeated = read(list(1000).repeat(20)).unwrap();
    assert_eq!(repeated.found.len(), 1000);
    assert_eq!(repeated.notes, ["boxes that were repeated, taken once: 19000"]);
}

/// Each text repeats, for 1 MiB, a piece that makes a careless reader quadratic or overflow the stack. The test must end soon.
#[test]
fn hostile_texts_are_read_in_linear_time() {
    const PIECES: [&str; 39] = [
        "[",
        "{",
        "(",
        "\"",
        "'",
        "Box:",
        "Box:\n",
        "Box: [",
        "Box: none\n",
        "[[1",
        "{\"a\":",
        "[\"",
        "{'",
        ",'x",
        ",\"x",
        ",\"\\",
        "'  ",
        "<ref>",
        "<|box_start|>",
        "<box>(1,2),",
        "<",
        "```",
        "answer: A, ",
        "answer: A or B ",
        "answer is ",
        "A. ",
        "A B ",
        "-",
        "1",
        "1,",
        "1.",
        "-1e",
        "\\",
        " ",
        ",",
        "[]\n",
        "{\"bbox_2d\": [1, 2, 3, 4]}, ",
        "{\"bbox_2d\": [1, 2, 3, ",
        "</think><think>",
    ];
    let schema = Schema::parse("{\"type\": \"array\", \"items\": {\"enum\": [1, 2]}}").unwrap();
    let options: Vec<String> = ('A'..='Z').map(String::from).collect();
    for piece in PIECES {
        let text = filled(piece);
        let choice_of = serde_json::json!({"message": {"content": text}, "finish_reason": "stop"});
        assert!(said(&choice_of, Thinking::Off).unwrap().complete);
        let said = plain(text);
        let chosen = choice(&said, &options);
        assert!(
            chosen.as_ref().is_ok_and(|chosen| piece.contains('A') && chosen.index == 0) || chosen.is_err(),
            "{piece}"
        );
        assert!(json(&said, &schema).is_err() || piece == "1", "{piece}");
        let found = boxes(&said, &frame()).map_or(0, |boxes| boxes.found.len());
        assert_eq!(found, usize::from(piece.contains("4]")), "{piece}");
    }
}

#[test]
fn many_options_are_searched_in_linear_time() {
    let options: Vec<String> = (0..256).map(|number| format!("a{number}")).collect();
    for piece in ["a", "a ", "a1 ", "answer: a", "a1. "] {
        assert!(
            choice(&plain(filled(piece)), &options).is_ok_and(|chosen| chosen.index == 1) == (piece == "a1. "),
            "{piece}"
        );
    }
}

#[test]
fn frames_that_show_nothing_of_the_photo_are_refused() {
    let nothing = Rect { x_min: 5.0, y_min: 0.0, x_max: 5.0, y_max: 9.0 };
    let said = plain("[1, 2, 3, 4]".into());
    for frame in [Frame { panel: nothing, ..frame() }, Frame { area: nothing, ..frame() }] {
        assert!(boxes(&said, &frame).unwrap_err().why.contains("nothing of the photo"));
        assert!(fitting(&said, &frame, nothing).is_empty());
    }
    let resized = |factor| Convention::Resized { factor, min_pixels: 0, max_pixels: u32::MAX };
    let narrow = Frame { convention: resized(28), shown: Size::new(201, 1), ..frame() };
    assert!(boxes(&said, &narrow).unwrap_err().why.contains("201×1 cannot be resized"));
    assert!(boxes(&said, &Frame { convention: resized(0), ..frame() }).is_err());
    assert!(boxes(&said, &Frame { shown: Size::new(0, 0), convention: Convention::Shown, ..frame() }).is_err());
}
