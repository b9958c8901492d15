//! Places that are nothing but numbers in brackets.

use super::pieces::{Kind, Piece};
use super::run::{Place, Shape, numbers_in, run};
use crate::limits::MAX_DEPTH;

/// An innermost pair of brackets with numbers in it and nothing else.
struct Group {
    numbers: Vec<f64>,
    /// How many brackets are around it.
    depth: usize,
    round: bool,
    /// Pieces from its opening bracket to behind its closing one.
    from: usize,
    to: usize,
}

/// Reads lists of four numbers, or two pairs in round brackets, in order. `[]` alone says that there is nothing. The error says why
/// there is no place, or why one cannot be read.
pub(super) fn read(pieces: &[Piece<'_>], places: &mut Vec<Place>) -> Result<(), String> {
    let mut push = |numbers: [f64; 4]| {
        places.push(Place { shape: Shape::Box(numbers), label: String::new(), score: None });
    };
    let mut nothing = false;
    let mut pair: Option<(usize, [f64; 2])> = None;
    unopened(pieces).into_iter().for_each(&mut push);
    let mut groups = Vec::new();
    let all = find_groups(pieces, &mut groups);
    for group in groups {
        let before = pair.take();
        match group.numbers.as_slice() {
            [a, b, c, d] => push([*a, *b, *c, *d]),
            [x, y] if group.round => match before {
                Some((end, [left, top])) if adjacent(pieces, end, group.from) => push([left, top, *x, *y]),
                _ => pair = Some((group.to, [*x, *y])),
            },
            [] => nothing |= stands_alone(pieces, &group),
            // A number of a sentence, as in "image (2)".
            [_] | [_, _] if group.depth == 0 => {}
            numbers => return Err(format!("a list has {} numbers where 4 should be", numbers.len())),
        }
    }
    all?;
    if places.is_empty() && !nothing { Err("it names no place".into()) } else { Ok(()) }
}

/// The groups of a text, in order; the error says why there may be more.
fn find_groups(pieces: &[Piece<'_>], groups: &mut Vec<Group>) -> Result<(), String> {
    let mut depth = 0_usize;
    let mut group: Option<Group> = None;
    for (at, piece) in pieces.iter().enumerate() {
        match (piece.kind, &mut group) {
            (Kind::Open(bracket), _) => {
                if depth >= MAX_DEPTH {
                    return Err(format!("its brackets nest deeper than {MAX_DEPTH}"));
                }
                group = Some(Group { numbers: Vec::new(), depth, round: bracket == b'(', from: at, to: at });
                depth += 1;
            }
            (Kind::Close, _) => {
                depth = depth.saturating_sub(1);
                groups.extend(group.take().map(|group| Group { to: at + 1, ..group }));
            }
            (Kind::Number(number), Some(group)) => group.numbers.push(number),
            (Kind::Comma, Some(_)) => {}
            (Kind::Text, Some(open)) => match numbers_in(piece.text) {
                Some(numbers) => open.numbers.extend(numbers),
                None => group = None,
            },
            // Something else stands in the brackets.
            _ => group = None,
        }
    }
    match group {
        Some(group) if !group.numbers.is_empty() => Err("its last numbers have no end".into()),
        _ => Ok(()),
    }
}

/// The box with which a text begins that lacks its opening bracket, or has no brackets at all.
fn unopened(pieces: &[Piece<'_>]) -> Option<[f64; 4]> {
    let run = pieces.first().filter(|first| matches!(first.kind, Kind::Number(_))).map(|_| run(pieces, 0))?;
    let ends = run.next == pieces.len() || pieces.get(run.next - 1)?.kind == Kind::Close;
    run.numbers.as_slice().try_into().ok().filter(|_| ends)
}

/// Whether nothing but a comma stands between two pieces.
fn adjacent(pieces: &[Piece<'_>], from: usize, to: usize) -> bool {
    pieces
        .get(from..to)
        .is_some_and(|between| between.is_empty() || matches!(between, [one] if one.kind == Kind::Comma))
}

/// Whether a group is what its line, or what stands behind a colon in it, says.
fn stands_alone(pieces: &[Piece<'_>], group: &Group) -> bool {
    let before = group.from.checked_sub(1).and_then(|before| pieces.get(before));
    let begins = pieces.get(group.from).is_some_and(|piece| piece.first && piece.kind == Kind::Open(b'['))
        || before.is_some_and(|before| before.kind == Kind::Colon);
    begins && pieces.get(group.to).is_none_or(|behind| behind.first || behind.text == ".")
}
