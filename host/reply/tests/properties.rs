//! Tests properties of all replies: boxes in any spelling are read back, and no text makes a reader panic or guess.
#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that panics has failed, as it should"
)]

use std::fmt::Write;

use fastrand::Rng;
use rescue_core::{Rect, Size};
use rescue_reply::{Boxes, Convention, Frame, Said, Schema, Token, boxes, choice, fitting, json};
use serde_json::Value;

/// How often each property is tested.
const TRIES: u64 = 2000;

fn plain(text: impl Into<String>) -> Said {
    Said {
        text: text.into(),
        reasoning: String::new(),
        complete: true,
        refused: None,
        instead: None,
        tokens: Vec::new(),
    }
}

/// A random frame, and the range of its coordinates. Sizes are multiples of 28 and of 32, so that resizing does not change them.
fn frame(rng: &mut Rng) -> (Frame, [f64; 2]) {
    let shown = Size::new(896 * rng.u32(1..4), 896 * rng.u32(1..4));
    let photo = Size::new(rng.u32(40..5000), rng.u32(40..5000));
    let part = |rng: &mut Rng, whole: Size| {
        let (width, height) = (f64::from(whole.width), f64::from(whole.height));
        let rect = Rect { x_min: width / 4.0, y_min: height / 8.0, x_max: width * 0.75, y_max: height };
        if rng.bool() { whole.rect() } else { rect }
    };
    let name = *rng.choice(&["thousand", "shown", "resized-28", "resized-32", "unit"]).unwrap();
    let convention = Convention::parse(name).unwrap();
    let range = match name {
        "thousand" => [1000.0; 2],
        "unit" => [1.0; 2],
        _ => [f64::from(shown.width), f64::from(shown.height)],
    };
    (Frame { convention, shown, panel: part(rng, shown), area: part(rng, photo), photo }, range)
}

/// A random box in an area, with sides of at least a tenth of the area's.
fn rect_in(rng: &mut Rng, area: Rect) -> Rect {
    let mut side = |low: f64, high: f64| {
        let start = rng.f64() * 0.9;
        let end = start + 0.1 + rng.f64() * (0.9 - start);
        (low + start * (high - low), low + end * (high - low))
    };
    let ((x_min, x_max), (y_min, y_max)) = (side(area.x_min, area.x_max), side(area.y_min, area.y_max));
    Rect { x_min, y_min, x_max, y_max }
}

/// A box of the photo, converted to the coordinates of the model.
fn stated(rect: Rect, frame: &Frame, [across, down]: [f64; 2]) -> [f64; 4] {
    let along = |value: f64, area: (f64, f64), panel: (f64, f64)| {
        panel.0 + (value - area.0) / (area.1 - area.0) * (panel.1 - panel.0)
    };
    let (area, panel) = (frame.area, frame.panel);
    let x = |value| {
        along(value, (area.x_min, area.x_max), (panel.x_min, panel.x_max)) / f64::from(frame.shown.width) * across
    };
    let y = |value| {
        along(value, (area.y_min, area.y_max), (panel.y_min, panel.y_max)) / f64::from(frame.shown.height) * down
    };
    [x(rect.x_min), y(rect.y_min), x(rect.x_max), y(rect.y_max)]
}

/// Writes boxes in one of several spellings. The first [`CLOSED`] have brackets or tags around everything that belongs to a box.
fn spelled(spelling: usize, boxes: &[[f64; 4]]) -> String {
    let join =
        |each: &dyn Fn(&[f64; 4]) -> String, between: &str| boxes.iter().map(each).collect::<Vec<_>>().join(between);
    let objects = |list: &dyn Fn(&[f64; 4]) -> String| {
        join(&|b| format!("{{\"bbox_2d\": {}, \"label\": \"a [b] c\"}}", list(b)), ", ")
    };
    let list = |[a, b, c, d]: &[f64; 4]| format!("[{a}, {b}, {c}, {d}]");
    match spelling {
        0 => format!("[{}]", objects(&list)),
        1 => format!("```json\n[\n\t{}\n]\n```", objects(&list)),
        2 => format!("Of course: [{}] That is all [1].", objects(&list)),
        3 => format!("[{}]", objects(&|[a, b, c, d]| format!("({a}, {b}, {c}, {d})"))),
        4 => format!("[{}]", objects(&|[a, b, c, d]| format!("[\"{a}\", \"{b}\", \"{c}\", \"{d}\"]"))),
        5 => format!("[{}]", objects(&|[a, b, c, d]| format!("[{a}, {b}, {c}, {d}}}"))),
        6 => format!("{}]", objects(&list)),
        7 => format!("[{}]", objects(&list).replace("c\"}", "c\"}}")),
        8 => objects(&|b| format!("[{}]", list(b))).replace("}, {", "}]\n[{"),
        9 => join(&|[a, b, c, d]| format!("<|box_start|>({a},{b}),({c},{d})<|box_end|>"), ""),
        10 => join(&|[a, b, c, d]| format!("<ref>it</ref><box>({a},{b}),({c},{d})</box>"), " and "),
        11 => join(&|[a, b, c, d]| format!("{{\"x1\": {a}, \"y1\": {b}, \"x2\": {c}, \"y2\": {d}}}"), "\n"),
        12 => join(&|[a, b, c, d]| format!("{{'box': {{'xmin': {c}, 'ymin': {d}, 'xmax': {a}, 'ymax': {b}}}}}"), ", "),
        13 => format!("[{}]", join(&list, ", ")),
        14 => join(&|b| format!("Box: {}", list(b)), "\n"),
        15 => join(&|[a, b, c, d]| format!("({a},{b}),({c},{d})"), " and "),
        16 => join(&|[a, b, c, d]| format!("Box: {a}, {b}, {c}, {d}"), "\n"),
        _ => format!("[{}]", objects(&|[a, b, c, d]| format!("{a}, {b}, {c}, {d}]"))),
    }
}

const SPELLINGS: usize = 18;
const CLOSED: usize = 16;

fn is_close(a: Rect, b: Rect) -> bool {
    let edges = [(a.x_min, b.x_min), (a.y_min, b.y_min), (a.x_max, b.x_max), (a.y_max, b.y_max)];
    edges.iter().all(|(a, b)| (a - b).abs() < 1e-6)
}

/// Asserts what must hold for the boxes read from any reply.
fn holds(read: &Boxes, frame: &Frame) {
    assert!(read.found.len() <= 1024 && read.notes.len() < 10);
    for found in &read.found {
        let (rect, area) = (found.rect, frame.area);
        assert!(rect.clip(frame.photo) == Some(rect), "{rect:?} is empty or outside the photo");
        assert!(rect.x_min >= area.x_min && rect.x_max <= area.x_max, "{rect:?} is not in {area:?}");
        assert!(rect.y_min >= area.y_min && rect.y_max <= area.y_max, "{rect:?} is not in {area:?}");
        assert!(found.score.is_none_or(|score| (0.0..=1.0).contains(&score)));
    }
}

/// A random frame, boxes in the photo, and a reply that states them.
fn some_reply(rng: &mut Rng, spellings: usize) -> (Frame, Vec<Rect>, String) {
    let (frame, range) = frame(rng);
    let count = rng.usize(1..5);
    let rects: Vec<_> = (0..count).map(|_| rect_in(rng, frame.area)).collect();
    let boxes: Vec<_> = rects.iter().map(|rect| stated(*rect, &frame, range)).collect();
    (frame, rects, spelled(rng.usize(..spellings), &boxes))
}

const LETTERS: [char; 36] = [
    '[', ']', '(', ')', '{', '}', '"', ',', ':', '\'', '<', '>', '|', '/', '.', '-', '0', '1', '5', '9', 'e', 'E', ' ',
    '\n', '`', '*', '#', 'a', 'b', 'o', 'x', 'y', '1', 'B', 'ä', '√',
];

/// A text with a few characters removed, doubled, inserted or replaced.
fn mutated(rng: &mut Rng, text: &str) -> String {
    let mut letters: Vec<char> = text.chars().collect();
    for _ in 0..rng.usize(1..8) {
        let at = rng.usize(..letters.len().max(1));
        let other = *rng.choice(&LETTERS).unwrap();
        match rng.u8(..5) {
            0 if at < letters.len() => drop(letters.remove(at)),
            1 if at < letters.len() => letters[at] = other,
            2 => letters.truncate(at),
            3 if at < letters.len() => letters.extend_from_within(at..),
            _ => letters.insert(at.min(letters.len()), other),
        }
    }
    letters.into_iter().collect()
}

#[test]
fn boxes_are_read_back_in_every_spelling() {
    for seed in 0..TRIES {
        let mut rng = Rng::with_seed(seed);
        let (frame, rects, text) = some_reply(&mut rng, SPELLINGS);
        let read = boxes(&plain(text.as_str()), &frame).unwrap_or_else(|error| panic!("{seed}: {text}: {error}"));
        holds(&read, &frame);
        let found: Vec<_> = read.found.iter().map(|found| found.rect).collect();
        let same = found.len() == rects.len() && found.iter().zip(&rects).all(|(found, rect)| is_close(*found, *rect));
        assert!(same, "{seed}: {text}: {found:?}, not {rects:?}");
        let fits = fitting(&plain(text), &frame, rects[0]);
        assert!(fits.contains(&frame.convention.name()), "{seed}: {fits:?} without {}", frame.convention.name());
    }
}

#[test]
fn a_reply_that_was_cut_off_gives_no_wrong_boxes() {
    for seed in 0..TRIES {
        let mut rng = Rng::with_seed(seed);
        let (frame, rects, text) = some_reply(&mut rng, CLOSED);
        let cut: String = text.chars().take(rng.usize(..text.len())).collect();
        // The server reports the cut.
        let error = boxes(&Said { complete: false, ..plain(cut.as_str()) }, &frame).unwrap_err();
        assert!(error.why.contains("cut off"), "{seed}: {error}");
        // The server does not report it: only complete boxes may be read.
        let found = boxes(&plain(cut.as_str()), &frame).map_or(Vec::new(), |read| read.found);
        let known = |rect: Rect| rects.iter().any(|known| is_close(rect, *known));
        assert!(found.iter().all(|found| known(found.rect)), "{seed}: {cut}: {found:?}, not of {rects:?}");
    }
}

#[test]
fn no_mutation_makes_a_reader_panic_or_return_a_box_outside_the_photo() {
    let table: Vec<Value> = serde_json::from_str(include_str!("replies.json")).unwrap();
    let replies: Vec<_> = table.iter().filter_map(|entry| entry["reply"].as_str()).collect();
    let schema = Schema::parse("{\"type\": [\"object\", \"array\"]}").unwrap();
    let options = ["LEFT", "RIGHT", "A", "B", "10", "1"].map(str::to_owned);
    let mut read_anyway = 0;
    for seed in 0..4 * TRIES {
        let mut rng = Rng::with_seed(seed);
        let (frame, _, text) = some_reply(&mut rng, SPELLINGS);
        let text = if rng.bool() { text } else { (*rng.choice(&replies).unwrap()).to_owned() };
        let said = plain(mutated(&mut rng, &text));
        if let Ok(read) = boxes(&said, &frame) {
            read_anyway += 1;
            holds(&read, &frame);
        }
        if let Ok(read) = json(&said, &schema) {
            let again = json(&plain(read.text.as_str()), &schema).unwrap();
            assert!(!again.repaired && again.value == read.value, "{seed}");
        }
        if let Ok(chosen) = choice(&said, &options) {
            let option = options[chosen.index].to_ascii_lowercase();
            assert!(said.text.to_ascii_lowercase().contains(&option), "{seed}: {option} out of {:?}", said.text);
        }
    }
    assert!(read_anyway > 1000, "only {read_anyway} were read: the mutations are too harsh for a useful test");
}

#[test]
fn two_options_without_a_marker_are_no_choice() {
    const FILL: [&str; 16] = [
        "the",
        "mask",
        "covers",
        "is better than",
        "\n",
        ". ",
        ", ",
        "or",
        "not",
        "(",
        ")",
        "**",
        "because",
        "{",
        "\"",
        "I think",
    ];
    let options = ["LEFT", "RIGHT", "NEITHER"].map(str::to_owned);
    for seed in 0..TRIES {
        let mut rng = Rng::with_seed(seed);
        let first = rng.usize(..3);
        let two = [first, (first + rng.usize(1..3)) % 3];
        let mut text = String::new();
        for option in two {
            for _ in 0..rng.usize(..4) {
                write!(text, "{} ", rng.choice(&FILL).unwrap()).unwrap();
            }
            write!(text, "{} ", options[option]).unwrap();
        }
        let why = choice(&plain(text.as_str()), &options).map(|chosen| chosen.index).unwrap_err().why;
        assert!(two.iter().all(|option| why.contains(&options[*option])), "{seed}: {text}: {why}");
    }
}

#[test]
fn weights_are_probabilities_and_do_not_affect_the_choice() {
    let options = ["A", "B", "AB"].map(str::to_owned);
    let texts = ["A", "B", "AB", " A", "\"B", "", "</think>", "C", "a", "A}"];
    let mut given = 0;
    for seed in 0..TRIES {
        let mut rng = Rng::with_seed(seed);
        let token = |text: &str, rng: &mut Rng| Token {
            text: text.into(),
            logprob: -5.0 * rng.f64(),
            alternatives: (0..rng.usize(..5))
                .map(|_| (texts[rng.usize(..texts.len())].to_owned(), 1.0 - 8.0 * rng.f64()))
                .collect(),
        };
        let answer = rng.usize(..3);
        let before = [token("Answer", &mut rng), token(": ", &mut rng)];
        let behind = [token(&options[answer], &mut rng), token("<|im_end|>", &mut rng)];
        let text = format!("Answer: {}", options[answer]);
        // A token may begin both A and AB with an unknown continuation. After the token A, an empty token leaves it open.
        let open = |token: &Token, both: &[&str]| {
            token.alternatives.iter().any(|(text, _)| both.contains(&text.as_str()) && *text != token.text)
        };
        let undivided = open(&behind[0], &["A", " A", "a"]) || answer == 0 && open(&behind[1], &[""]);
        let chosen = choice(&Said { tokens: [before, behind].concat(), ..plain(text) }, &options).unwrap();
        assert_eq!(chosen.index, answer, "{seed}");
        assert_eq!(chosen.weights.is_empty(), undivided, "{seed}: {:?}", chosen.weights);
        if !chosen.weights.is_empty() {
            given += 1;
            assert_eq!(chosen.weights.len(), 3);
            assert!(chosen.weights.iter().all(|weight| (0.0..=1.0).contains(weight)), "{seed}: {:?}", chosen.weights);
            assert!((chosen.weights.iter().sum::<f64>() - 1.0).abs() < 1e-9, "{seed}: {:?}", chosen.weights);
            assert!(chosen.weights[answer] > 0.0);
        }
    }
    assert!(given > TRIES / 4 && given < TRIES, "{given}");
}

#[test]
fn a_probe_distinguishes_conventions() {
    let (shown, photo) = (Size::new(1792, 896), Size::new(3584, 1792));
    let frame = Frame { convention: Convention::Unit, shown, panel: shown.rect(), area: photo.rect(), photo };
    let truth = Rect { x_min: 358.4, y_min: 896.0, x_max: 1792.0, y_max: 1612.8 };
    let probed = |text: &str| fitting(&plain(text), &frame, truth);
    assert_eq!(probed("[100, 500, 500, 900]"), ["thousand"]);
    assert_eq!(probed("[500, 100, 900, 500]"), ["thousand-y-first"]);
    assert_eq!(probed("[179, 448, 896, 806]"), ["shown", "resized-28", "resized-32"]);
    // The convention 0..1000 would read these as 0 to 1, which is no evidence for it.
    assert_eq!(probed("[0.1, 0.5, 0.5, 0.9]"), ["unit"]);
    assert_eq!(probed("[0, 0, 10, 10]"), [""; 0]);
    assert_eq!(probed("no box"), [""; 0]);
    assert_eq!(fitting(&Said { complete: false, ..plain("[100, 500, 500, 900]") }, &frame, truth), [""; 0]);
}
