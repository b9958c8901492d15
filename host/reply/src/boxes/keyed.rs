//! Reads regions that are marked as such: under keys, in lines `Box:`, or between tags.

use super::pieces::{Kind, Piece};
use super::region::{Region, Shape, number_list, numbers_in};
use crate::unreadable::excerpt;

/// What a reply says besides its regions.
#[derive(Default)]
pub(super) struct Keyed {
    /// It says `Box: none` or the like, or an empty list instead of `none`.
    pub(super) says_none: bool,
    /// It has keys in quotes.
    pub(super) has_keys: bool,
    /// Number of points that were left out, because the same thing has a box.
    pub(super) skipped_points: usize,
    /// It has a list under the key `box_2d`.
    pub(super) box_2d: bool,
}

/// The meaning of a key.
#[derive(Clone, Copy, PartialEq)]
enum Key {
    Box,
    Point,
    /// One coordinate of a box, by its index in x, y, x, y.
    Edge(usize),
    Label,
    Score,
    Other,
}

impl Key {
    fn of(name: &str) -> Self {
        match name.to_ascii_lowercase().as_str() {
            "bbox_2d" | "bbox" | "box_2d" | "box" => Self::Box,
            "point_2d" | "point" => Self::Point,
            "x1" | "xmin" | "x_min" => Self::Edge(0),
            "y1" | "ymin" | "y_min" => Self::Edge(1),
            "x2" | "xmax" | "x_max" => Self::Edge(2),
            "y2" | "ymax" | "y_max" => Self::Edge(3),
            "label" => Self::Label,
            "score" | "confidence" => Self::Score,
            _ => Self::Other,
        }
    }
}

/// What has been read of one thing. The next thing begins when something would be set twice.
#[derive(Default)]
struct Thing {
    shape: Option<Shape>,
    edges: [Option<f64>; 4],
    label: String,
    score: Option<f64>,
    /// Whether its region is a nested object that is not closed yet.
    inside: bool,
}

/// Appends the marked regions of a reply to `regions` in order. The error says why one cannot be read; `regions` then holds those
/// before it.
pub(super) fn read(pieces: &[Piece<'_>], regions: &mut Vec<Region>) -> Result<Keyed, String> {
    let mut reader = Reader { pieces, regions, thing: Thing::default(), label: "", keyed: Keyed::default() };
    let read = reader.read_all();
    // The thing before a mistake is complete, so it is added too.
    let last = reader.flush();
    read.and(last).map(|()| reader.keyed)
}

struct Reader<'a, 'p> {
    pieces: &'p [Piece<'a>],
    regions: &'p mut Vec<Region>,
    thing: Thing,
    /// The text of the last label tag.
    label: &'a str,
    keyed: Keyed,
}

impl<'a> Reader<'a, '_> {
    fn piece(&self, at: usize) -> Option<Piece<'a>> {
        self.pieces.get(at).copied()
    }

    fn kind(&self, at: usize) -> Option<Kind> {
        self.piece(at).map(|piece| piece.kind)
    }

    fn read_all(&mut self) -> Result<(), String> {
        let mut at = 0;
        while let Some(piece) = self.piece(at) {
            at = match piece.kind {
                Kind::Text | Kind::Word => match self.key(at) {
                    Some(behind) => self.read_keyed(piece, behind)?,
                    None => at + 1,
                },
                Kind::Open(b'{') => self.end_thing(at)?,
                Kind::Close if piece.text == "}" && self.thing.inside => {
                    self.thing.inside = false;
                    at + 1
                }
                Kind::Close if piece.text == "}" => self.end_thing(at)?,
                Kind::Label => {
                    self.label = piece.text;
                    at + 1
                }
                Kind::BoxOpen => self.read_tagged(at + 1)?,
                Kind::Polygon => return Err("it states a polygon, which is not a box".into()),
                _ => at + 1,
            };
        }
        let cut = self.keyed.has_keys && self.pieces.last().is_some_and(|last| matches!(last.kind, Kind::Number(_)));
        if cut && self.thing.edges.iter().any(Option::is_some) {
            self.thing = Thing::default();
            return Err("it ends in a number of a box".into());
        }
        Ok(())
    }

    /// Ends the current thing at this piece. Returns the position of the next piece.
    fn end_thing(&mut self, at: usize) -> Result<usize, String> {
        self.flush()?;
        Ok(at + 1)
    }

    /// The position after the colon if the piece at `at` is a key, else `None`. A word is a key only at the beginning of a line
    /// or of a part of an object.
    fn key(&self, at: usize) -> Option<usize> {
        let piece = self.piece(at)?;
        if piece.kind == Kind::Text {
            return (self.kind(at + 1) == Some(Kind::Colon)).then_some(at + 2);
        }
        let before = at.checked_sub(1).and_then(|before| self.kind(before));
        let begins = piece.starts_item || matches!(before, Some(Kind::Open(_) | Kind::Comma | Kind::Colon));
        match (self.kind(at + 1), self.kind(at + 2)) {
            (Some(Kind::Colon), _) if begins => Some(at + 2),
            // `Box 1: …`
            (Some(Kind::Number(_)), Some(Kind::Colon)) if begins => Some(at + 3),
            _ => None,
        }
    }

    /// Reads the value of a key. Returns the position after it.
    fn read_keyed(&mut self, key: Piece<'a>, at: usize) -> Result<usize, String> {
        self.keyed.has_keys |= key.kind == Kind::Text;
        let value = self.piece(at);
        match Key::of(key.text) {
            Key::Box | Key::Point => return self.region(key, at),
            Key::Edge(edge) => {
                let number = value.and_then(|value| self.number(value));
                let number = number.ok_or_else(|| format!("{} is not a number", excerpt(key.text)))?;
                if self.thing.shape.is_some() || self.thing.edges.get(edge).is_some_and(Option::is_some) {
                    self.flush()?;
                }
                if let Some(region) = self.thing.edges.get_mut(edge) {
                    *region = Some(number);
                }
            }
            Key::Label => match value {
                Some(value) if value.kind == Kind::Text => self.thing.label = unescaped(value.text),
                _ => return Ok(at),
            },
            Key::Score => self.thing.score = value.and_then(|value| self.number(value)).or(self.thing.score),
            Key::Other => return Ok(at),
        }
        Ok(at + 1)
    }

    fn number(&self, value: Piece<'a>) -> Option<f64> {
        match value.kind {
            Kind::Number(number) => Some(number),
            Kind::Text => numbers_in(value.text).filter(|numbers| numbers.len() == 1)?.first().copied(),
            _ => None,
        }
    }

    /// Reads the region after a key for one. Returns the position after it.
    fn region(&mut self, key: Piece<'a>, at: usize) -> Result<usize, String> {
        let is_box = Key::of(key.text) == Key::Box;
        let (next, behind) = (self.piece(at), self.kind(at + 1));
        if next.is_some_and(|next| next.kind == Kind::Open(b'{')) {
            self.next_thing()?;
            self.thing.inside = true;
            return Ok(at + 1);
        }
        if let Some(next) = next
            && self.key(at).is_some()
            && matches!(Key::of(next.text), Key::Edge(_))
        {
            return Ok(at);
        }
        // Special tokens may stand where JSON has a value.
        let is_tagged = self.kind(at) == Some(Kind::BoxOpen);
        let mut list = number_list(self.pieces, at + usize::from(is_tagged));
        let is_line = key.kind == Kind::Word;
        if is_line && list.numbers.is_empty() {
            let none = says_none(self.pieces.get(at..).unwrap_or_default());
            let empty = next.is_some_and(|next| next.kind == Kind::Open(b'[')) && behind == Some(Kind::Close);
            self.keyed.says_none |= none || empty;
            // Otherwise it is a word of a sentence.
            return Ok(at);
        }
        let shape = match (is_box, list.numbers.as_slice()) {
            (true, [a, b, c, d]) => Shape::Box([*a, *b, *c, *d]),
            (false, [x, y]) => Shape::Point([*x, *y]),
            (_, numbers) => {
                let wanted = if is_box { 4 } else { 2 };
                return Err(format!("{} has {} numbers where {wanted} should be", excerpt(key.text), numbers.len()));
            }
        };
        // A key may follow in place of the closing bracket; anything else is an error.
        if list.open && !(self.kind(list.next) == Some(Kind::Text) && self.key(list.next).is_some()) {
            return Err(format!("the list of numbers of {} is not closed", excerpt(key.text)));
        }
        if is_tagged {
            if self.kind(list.next) != Some(Kind::BoxClose) {
                return Err(format!("the box tag of {} is not closed", excerpt(key.text)));
            }
            list.next += 1;
        }
        self.keyed.box_2d |= key.text.eq_ignore_ascii_case("box_2d");
        match (self.thing.shape, shape) {
            (Some(Shape::Box(_)), Shape::Point(_)) if !is_line => {
                self.keyed.skipped_points += 1;
                return Ok(list.next);
            }
            (Some(Shape::Point(_)), Shape::Box(_)) if !is_line => self.keyed.skipped_points += 1,
            _ => self.next_thing()?,
        }
        self.thing.shape = Some(shape);
        Ok(list.next)
    }

    /// Begins another region: if the current thing has one already, another thing begins.
    fn next_thing(&mut self) -> Result<(), String> {
        let is_located = self.thing.shape.is_some() || self.thing.edges.iter().any(Option::is_some);
        if is_located { self.flush() } else { Ok(()) }
    }

    /// Reads boxes of four numbers each, up to the closing tag. Returns the position after it.
    fn read_tagged(&mut self, mut at: usize) -> Result<usize, String> {
        self.flush()?;
        let mut numbers = Vec::new();
        loop {
            match self.kind(at) {
                Some(Kind::Number(number)) => numbers.push(number),
                Some(Kind::Open(_) | Kind::Close | Kind::Comma) => {}
                _ => break,
            }
            at += 1;
        }
        let (boxes, rest) = numbers.as_chunks::<4>();
        if boxes.is_empty() || !rest.is_empty() {
            return Err(format!("a box tag has {} numbers where 4 should be", numbers.len()));
        }
        if self.kind(at) != Some(Kind::BoxClose) {
            return Err("a box tag is not closed".into());
        }
        let region = |corners: &[f64; 4]| Region {
            shape: Shape::Box(*corners),
            label: self.label.to_owned(),
            score: None,
            named: false,
        };
        self.regions.extend(boxes.iter().map(region));
        Ok(at + 1)
    }

    /// Appends the current thing's region, if it has one, and begins another thing.
    fn flush(&mut self) -> Result<(), String> {
        let thing = std::mem::take(&mut self.thing);
        let named = thing.shape.is_none();
        let shape = match (thing.shape, thing.edges) {
            (Some(shape), _) => shape,
            (None, [Some(a), Some(b), Some(c), Some(d)]) => Shape::Box([a, b, c, d]),
            (None, [None, None, None, None]) => return Ok(()),
            _ => return Err("a box has only some of its four coordinates".into()),
        };
        self.regions.push(Region { shape, label: thing.label, score: thing.score, named });
        Ok(())
    }
}

/// Words that say alone, or with the second word, that there is nothing.
const NONE: [&str; 5] = ["none", "null", "nothing", "absent", "nil"];
const NONE_OF_TWO: [(&str, &[&str]); 3] = [
    ("n", &["a"]),
    ("no", &["such", "target", "match", "matching", "object", "thing", "box", "bounding", "region", "instance"]),
    (
        "not",
        &["found", "present", "visible", "in", "there", "here", "applicable", "available", "shown", "seen", "detected"],
    ),
];

/// Whether a line of pieces begins with words that say that there is nothing: `none`, `"not found"`, `[no such thing]`, `N/A`.
pub(super) fn says_none(pieces: &[Piece<'_>]) -> bool {
    let line =
        pieces.iter().enumerate().take_while(|(at, piece)| *at == 0 || !piece.first_in_line).map(|(_, piece)| piece);
    let told = line.filter(|piece| !matches!(piece.kind, Kind::Open(_))).take(3);
    let words = told.take_while(|piece| matches!(piece.kind, Kind::Word | Kind::Text | Kind::Other));
    let words: Vec<String> = words
        .flat_map(|piece| piece.text.split(|letter: char| !letter.is_alphanumeric()))
        .filter(|word| !word.is_empty())
        .map(str::to_ascii_lowercase)
        .collect();
    let Some(first) = words.first() else { return false };
    let second = words.get(1);
    NONE.contains(&first.as_str())
        || NONE_OF_TWO
            .iter()
            .any(|(one, others)| one == first && second.is_some_and(|it| others.contains(&it.as_str())))
}

/// The text that a quoted text stands for. It is returned unchanged if it is not a valid JSON string.
fn unescaped(text: &str) -> String {
    serde_json::from_str(&format!("\"{text}\"")).unwrap_or_else(|_| text.to_owned())
}
