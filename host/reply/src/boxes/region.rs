//! Regions in the coordinates of a reply, and the lists of numbers from which they are read.

use super::pieces::{Kind, Piece};
use crate::tags::{tag_at, tags};

/// A region as the model states it.
#[derive(Clone, Debug)]
pub(super) struct Region {
    pub(super) shape: Shape,
    pub(super) label: String,
    pub(super) score: Option<f64>,
    /// Whether each coordinate has a name, so that their order says nothing.
    pub(super) named: bool,
}

/// The shape of a region, in the model's coordinates.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Shape {
    /// Two opposite corners: x, y, x, y.
    Box([f64; 4]),
    /// x, y.
    Point([f64; 2]),
}

impl Shape {
    /// Exchanges x and y.
    pub(super) fn swap_axes(&mut self) {
        match self {
            Self::Box([a, b, c, d]) => {
                std::mem::swap(a, b);
                std::mem::swap(c, d);
            }
            Self::Point([x, y]) => std::mem::swap(x, y),
        }
    }

    /// The coordinates in the order x, y, and for a box again x, y.
    pub(super) fn numbers(&self) -> &[f64] {
        match self {
            Self::Box(numbers) => numbers,
            Self::Point(numbers) => numbers,
        }
    }
}

/// A list of numbers in a reply.
pub(super) struct NumberList {
    pub(super) numbers: Vec<f64>,
    /// The position of the piece after the list.
    pub(super) next: usize,
    /// Whether the list ends before all of its brackets are closed.
    pub(super) open: bool,
}

/// Reads the list of numbers that begins at the piece `from`. It is one pair of brackets, possibly with nested ones, or two pairs
/// of two numbers, or, without an opening bracket, all numbers up to a closing bracket or the end of the line. Brackets need not
/// match.
pub(super) fn number_list(pieces: &[Piece<'_>], from: usize) -> NumberList {
    let mut list = NumberList { numbers: Vec::new(), next: from, open: false };
    let (mut depth, mut opened) = (0_usize, false);
    while let Some(piece) = pieces.get(list.next) {
        let outside = depth == 0 && !list.numbers.is_empty();
        match piece.kind {
            _ if outside && piece.first_in_line => break,
            Kind::Open(b'(' | b'[') if !outside || list.numbers.len() == 2 => (depth, opened) = (depth + 1, true),
            Kind::Number(number) => list.numbers.push(number),
            Kind::Text => match numbers_in(piece.text) {
                Some(numbers) => list.numbers.extend(numbers),
                None => break,
            },
            // The second of two pairs follows, or the next of several numbers without brackets.
            Kind::Comma if outside => match pieces.get(list.next + 1).map(|piece| piece.kind) {
                Some(Kind::Number(_)) if !closed(pieces, list.next) => {}
                Some(Kind::Open(b'(' | b'[')) if closed(pieces, list.next) && list.numbers.len() == 2 => {}
                _ => break,
            },
            Kind::Comma => {}
            Kind::Close if depth == 1 && list.numbers.len() == 2 => depth = 0,
            Kind::Close if depth == 0 && opened => break,
            Kind::Close => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    list.next += 1;
                    break;
                }
            }
            _ => break,
        }
        list.next += 1;
    }
    list.open = depth > 0;
    list
}

/// Whether the previous piece is a closing bracket.
fn closed(pieces: &[Piece<'_>], at: usize) -> bool {
    at.checked_sub(1).and_then(|before| pieces.get(before)).is_some_and(|piece| piece.kind == Kind::Close)
}

/// The numbers in a text such as "12", "[10, 20, 30, 40]" or "(10,20),(30,40)", with or without tags around them. `None` if the
/// text contains anything else.
pub(super) fn numbers_in(text: &str) -> Option<Vec<f64>> {
    let text = text.trim();
    let opening = tag_at(text, 0).map_or(0, |tag| tag.to);
    let closing = tags(text).last().filter(|tag| tag.to == text.len()).map_or(text.len(), |tag| tag.from.max(opening));
    let number = |part: &str| {
        let bare = part.trim_matches(|letter: char| letter.is_whitespace() || "[]()".contains(letter));
        bare.parse().ok().filter(|number: &f64| number.is_finite())
    };
    text.get(opening..closing)?.split(',').map(number).collect()
}
