//! Places that are named as such: under keys, in lines `Box:`, between tags.

use super::pieces::{Kind, Piece};
use super::run::{Place, Shape, numbers_in, run};
use crate::unreadable::shown;

/// What a reply says beside its places.
#[derive(Default)]
pub(super) struct Keyed {
    /// `Box: none`: there is nothing.
    pub(super) nothing: bool,
    /// There are keys in quotes.
    pub(super) keys: bool,
    /// Points that were left out, since the same thing has a box.
    pub(super) points_beside: usize,
}

/// What a key names.
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

/// What is known of one thing until the next one begins.
#[derive(Default)]
struct Thing {
    shape: Option<Shape>,
    edges: [Option<f64>; 4],
    label: String,
    score: Option<f64>,
    /// Its place is an object of its own, which is not closed yet.
    inside: bool,
}

/// Reads the named places of a reply in order; the error says why one cannot be read, and then the places are those before it.
pub(super) fn read(pieces: &[Piece<'_>], places: &mut Vec<Place>) -> Result<Keyed, String> {
    let mut reader = Reader { pieces, places, thing: Thing::default(), label: "", keyed: Keyed::default() };
    let read = reader.all();
    // What stands before a mistake is complete.
    let last = reader.flush();
    read.and(last).map(|()| reader.keyed)
}

struct Reader<'a, 'p> {
    pieces: &'p [Piece<'a>],
    places: &'p mut Vec<Place>,
    thing: Thing,
    /// What the last label tag says.
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

    fn all(&mut self) -> Result<(), String> {
        let mut at = 0;
        while let Some(piece) = self.piece(at) {
            at = match piece.kind {
                Kind::Text | Kind::Word => match self.key(at) {
                    Some(behind) => self.keyed(piece, behind)?,
                    None => at + 1,
                },
                Kind::Open(b'{') => self.ends(at)?,
                Kind::Close if piece.text == "}" && self.thing.inside => {
                    self.thing.inside = false;
                    at + 1
                }
                Kind::Close if piece.text == "}" => self.ends(at)?,
                Kind::Label => {
                    self.label = piece.text;
                    at + 1
                }
                Kind::BoxOpen => self.tagged(at + 1)?,
                _ => at + 1,
            };
        }
        let cut = self.keyed.keys && self.pieces.last().is_some_and(|last| matches!(last.kind, Kind::Number(_)));
        if cut && self.thing.edges.iter().any(Option::is_some) {
            self.thing = Thing::default();
            return Err("it ends in a number of a box".into());
        }
        Ok(())
    }

    /// The thing ends with this piece.
    fn ends(&mut self, at: usize) -> Result<usize, String> {
        self.flush()?;
        Ok(at + 1)
    }

    /// Where a piece is a key: what is behind its colon. A word is one where a line or a part of an object begins.
    fn key(&self, at: usize) -> Option<usize> {
        let piece = self.piece(at)?;
        if piece.kind == Kind::Text {
            return (self.kind(at + 1) == Some(Kind::Colon)).then_some(at + 2);
        }
        let before = at.checked_sub(1).and_then(|before| self.kind(before));
        let begins = piece.leads || matches!(before, Some(Kind::Open(_) | Kind::Comma | Kind::Colon));
        match (self.kind(at + 1), self.kind(at + 2)) {
            (Some(Kind::Colon), _) if begins => Some(at + 2),
            // `Box 1: …`
            (Some(Kind::Number(_)), Some(Kind::Colon)) if begins => Some(at + 3),
            _ => None,
        }
    }

    /// What stands behind a key, and the piece behind that.
    fn keyed(&mut self, key: Piece<'a>, at: usize) -> Result<usize, String> {
        self.keyed.keys |= key.kind == Kind::Text;
        let value = self.piece(at);
        match Key::of(key.text) {
            Key::Box | Key::Point => return self.place(key, at),
            Key::Edge(edge) => {
                let number = value.and_then(|value| self.number(value));
                let number = number.ok_or_else(|| format!("{} is no number", shown(key.text)))?;
                if self.thing.shape.is_some() || self.thing.edges.get(edge).is_some_and(Option::is_some) {
                    self.flush()?;
                }
                if let Some(place) = self.thing.edges.get_mut(edge) {
                    *place = Some(number);
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

    /// The place behind the key of one.
    fn place(&mut self, key: Piece<'a>, at: usize) -> Result<usize, String> {
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
        let run = run(self.pieces, at);
        let is_line = key.kind == Kind::Word;
        if is_line && run.numbers.is_empty() {
            let none = next.is_some_and(|next| next.kind == Kind::Word && next.text.eq_ignore_ascii_case("none"));
            let empty = next.is_some_and(|next| next.kind == Kind::Open(b'[')) && behind == Some(Kind::Close);
            self.keyed.nothing |= none || empty;
            // Else a word of a sentence.
            return Ok(at);
        }
        let shape = match (is_box, run.numbers.as_slice()) {
            (true, [a, b, c, d]) => Shape::Box([*a, *b, *c, *d]),
            (false, [x, y]) => Shape::Point([*x, *y]),
            (_, numbers) => {
                let wanted = if is_box { 4 } else { 2 };
                return Err(format!("{} has {} numbers where {wanted} should be", shown(key.text), numbers.len()));
            }
        };
        // A key may stand where the bracket should close; anything else is not understood.
        if run.open && !(self.kind(run.next) == Some(Kind::Text) && self.key(run.next).is_some()) {
            return Err(format!("the numbers of {} have no end", shown(key.text)));
        }
        match (self.thing.shape, shape) {
            (Some(Shape::Box(_)), Shape::Point(_)) if !is_line => {
                self.keyed.points_beside += 1;
                return Ok(run.next);
            }
            (Some(Shape::Point(_)), Shape::Box(_)) if !is_line => self.keyed.points_beside += 1,
            _ => self.next_thing()?,
        }
        self.thing.shape = Some(shape);
        Ok(run.next)
    }

    /// A place begins: where there is one already, that is another thing's.
    fn next_thing(&mut self) -> Result<(), String> {
        let placed = self.thing.shape.is_some() || self.thing.edges.iter().any(Option::is_some);
        if placed { self.flush() } else { Ok(()) }
    }

    /// Boxes up to the tag that closes them, four numbers each.
    fn tagged(&mut self, mut at: usize) -> Result<usize, String> {
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
        let place =
            |corners: &[f64; 4]| Place { shape: Shape::Box(*corners), label: self.label.to_owned(), score: None };
        self.places.extend(boxes.iter().map(place));
        Ok(at + 1)
    }

    /// Takes down what is known of a thing, if it has a place.
    fn flush(&mut self) -> Result<(), String> {
        let thing = std::mem::take(&mut self.thing);
        let shape = match (thing.shape, thing.edges) {
            (Some(shape), _) => shape,
            (None, [Some(a), Some(b), Some(c), Some(d)]) => Shape::Box([a, b, c, d]),
            (None, [None, None, None, None]) => return Ok(()),
            _ => return Err("a box has only some of its four coordinates".into()),
        };
        self.places.push(Place { shape, label: thing.label, score: thing.score });
        Ok(())
    }
}

/// What a text in quotes means, where it is written as JSON has it.
fn unescaped(text: &str) -> String {
    serde_json::from_str(&format!("\"{text}\"")).unwrap_or_else(|_| text.to_owned())
}
