//! Places in the coordinates of a reply, and the runs of numbers that they are read from.

use super::pieces::{Kind, Piece};

/// A place as the model states it.
#[derive(Clone, Debug)]
pub(super) struct Place {
    pub(super) shape: Shape,
    pub(super) label: String,
    pub(super) score: Option<f64>,
}

/// Where it is, in the model's coordinates.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Shape {
    /// Two opposite corners: x, y, x, y.
    Box([f64; 4]),
    /// x, y.
    Point([f64; 2]),
}

impl Shape {
    /// x, y, and again.
    pub(super) fn numbers(&self) -> &[f64] {
        match self {
            Self::Box(numbers) => numbers,
            Self::Point(numbers) => numbers,
        }
    }
}

/// Numbers that stand together.
pub(super) struct Run {
    pub(super) numbers: Vec<f64>,
    /// The piece behind.
    pub(super) next: usize,
    /// It ends before all of its brackets are closed.
    pub(super) open: bool,
}

/// The numbers from here on, as far as they stand together: in one pair of brackets with all that is nested in it, in two pairs of
/// two numbers, or without an opening bracket up to a closing one or the end of the line. Any closing bracket closes any other.
pub(super) fn run(pieces: &[Piece<'_>], from: usize) -> Run {
    let mut run = Run { numbers: Vec::new(), next: from, open: false };
    let (mut depth, mut opened) = (0_usize, false);
    while let Some(piece) = pieces.get(run.next) {
        let outside = depth == 0 && !run.numbers.is_empty();
        match piece.kind {
            _ if outside && piece.first => break,
            Kind::Open(b'(' | b'[') if !outside || run.numbers.len() == 2 => (depth, opened) = (depth + 1, true),
            Kind::Number(number) => run.numbers.push(number),
            Kind::Text => match numbers_in(piece.text) {
                Some(numbers) => run.numbers.extend(numbers),
                None => break,
            },
            // The second of two pairs, or the next of bare numbers.
            Kind::Comma if outside => match pieces.get(run.next + 1).map(|piece| piece.kind) {
                Some(Kind::Number(_)) if !closed(pieces, run.next) => {}
                Some(Kind::Open(b'(' | b'[')) if closed(pieces, run.next) && run.numbers.len() == 2 => {}
                _ => break,
            },
            Kind::Comma => {}
            Kind::Close if depth == 1 && run.numbers.len() == 2 => depth = 0,
            Kind::Close if depth == 0 && opened => break,
            Kind::Close => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    run.next += 1;
                    break;
                }
            }
            _ => break,
        }
        run.next += 1;
    }
    run.open = depth > 0;
    run
}

/// Whether the piece before is a closing bracket.
fn closed(pieces: &[Piece<'_>], at: usize) -> bool {
    at.checked_sub(1).and_then(|before| pieces.get(before)).is_some_and(|piece| piece.kind == Kind::Close)
}

/// The numbers of a text that holds nothing else: "12", "[10, 20, 30, 40]".
pub(super) fn numbers_in(text: &str) -> Option<Vec<f64>> {
    let numbers = text.trim_matches(|letter: char| letter.is_whitespace() || "[]()".contains(letter)).split(',');
    numbers.map(|number| number.trim().parse().ok().filter(|number: &f64| number.is_finite())).collect()
}
