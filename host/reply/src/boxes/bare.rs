//! Reads regions that are only numbers in brackets.

use super::pieces::{Kind, Piece};
use super::region::{Region, Shape, number_list, numbers_in};
use crate::limits::MAX_DEPTH;

/// An innermost pair of brackets that contains only numbers.
struct Group {
    numbers: Vec<f64>,
    /// Number of brackets around the group.
    depth: usize,
    /// Whether the brackets are round.
    round: bool,
    /// The pieces of the group are `from..to`, with its brackets.
    from: usize,
    to: usize,
}

/// Appends boxes to `regions` in order: lists of four numbers, or two pairs in round brackets. `[]` alone says that there is
/// nothing. The error says why there is no box, or why one cannot be read.
pub(super) fn read(pieces: &[Piece<'_>], regions: &mut Vec<Region>) -> Result<(), String> {
    let mut push = |numbers: [f64; 4]| {
        regions.push(Region { shape: Shape::Box(numbers), label: String::new(), score: None, named: false });
    };
    let mut says_none = false;
    let mut pair: Option<(usize, [f64; 2])> = None;
    unopened(pieces).into_iter().for_each(&mut push);
    let mut groups = Vec::new();
    let complete = find_groups(pieces, &mut groups);
    for group in groups {
        let previous = pair.take();
        match group.numbers.as_slice() {
            [a, b, c, d] => push([*a, *b, *c, *d]),
            [x, y] if group.round => match previous {
                Some((end, [left, top])) if adjacent(pieces, end, group.from) => push([left, top, *x, *y]),
                _ => pair = Some((group.to, [*x, *y])),
            },
            [] => says_none |= stands_alone(pieces, &group),
            // Part of a sentence, as in "image (2)".
            [_] | [_, _] if group.depth == 0 => {}
            numbers => return Err(format!("a list has {} numbers where 4 should be", numbers.len())),
        }
    }
    complete?;
    if regions.is_empty() && !says_none { Err("it names no box or point".into()) } else { Ok(()) }
}

/// Appends the groups of a text to `groups` in order. The error says why there may be more.
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
            // The brackets contain something else.
            _ => group = None,
        }
    }
    match group {
        Some(group) if !group.numbers.is_empty() => Err("its last list of numbers is not closed".into()),
        _ => Ok(()),
    }
}

/// The box at the beginning of a text without an opening bracket, or of a text without any brackets. `None` if there is none.
fn unopened(pieces: &[Piece<'_>]) -> Option<[f64; 4]> {
    let list = pieces.first().filter(|first| matches!(first.kind, Kind::Number(_))).map(|_| number_list(pieces, 0))?;
    let ends = list.next == pieces.len() || pieces.get(list.next - 1)?.kind == Kind::Close;
    list.numbers.as_slice().try_into().ok().filter(|_| ends)
}

/// Whether there is at most a comma between two pieces.
fn adjacent(pieces: &[Piece<'_>], from: usize, to: usize) -> bool {
    pieces
        .get(from..to)
        .is_some_and(|between| between.is_empty() || matches!(between, [one] if one.kind == Kind::Comma))
}

/// Whether a group is all that its line contains, or all that follows a colon there.
fn stands_alone(pieces: &[Piece<'_>], group: &Group) -> bool {
    let previous = group.from.checked_sub(1).and_then(|previous| pieces.get(previous));
    let begins = pieces.get(group.from).is_some_and(|piece| piece.first_in_line && piece.kind == Kind::Open(b'['))
        || previous.is_some_and(|previous| previous.kind == Kind::Colon);
    begins && pieces.get(group.to).is_none_or(|behind| behind.first_in_line || behind.text == ".")
}
