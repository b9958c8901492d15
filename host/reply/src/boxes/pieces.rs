//! Splits a reply into pieces: numbers, quoted texts, words, brackets and tags.

use crate::tags::{is_answer, tag_at};

/// A piece of a reply.
#[derive(Clone, Copy, Debug)]
pub(super) struct Piece<'a> {
    pub(super) kind: Kind,
    /// The text of the piece; for quoted texts and labels without their quotes or tags.
    pub(super) text: &'a str,
    /// Whether it is the first piece of its line.
    pub(super) first_in_line: bool,
    /// Whether only numbers and closing brackets precede it in its line, as in a numbered list.
    pub(super) starts_item: bool,
}

/// The kind of a piece.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Kind {
    /// `(`, `[` or `{`.
    Open(u8),
    /// `)`, `]` or `}`.
    Close,
    Comma,
    /// `:` or `=`.
    Colon,
    /// A number; infinite if it is too large for `f64`, NaN for `NaN` and `Infinity` as Python writes them.
    Number(f64),
    /// A text in quotes.
    Text,
    Word,
    /// A text between `<ref>` and `</ref>`, or between the equivalent tags of Qwen-VL.
    Label,
    /// `<box>`, `<|box_start|>`, `<|det|>` and the like.
    BoxOpen,
    /// `</box>`, `<|box_end|>` and the like.
    BoxClose,
    /// The beginning of a quadrilateral or polygon, as `<|quad_start|>`.
    Polygon,
    Other,
}

/// The names of tags around boxes and polygons.
const BOX: [&str; 4] = ["box", "bbox", "det", "bounding_box"];
const POLYGON: [&str; 3] = ["quad", "poly", "polygon"];
const LABEL: [(&str, &str); 3] =
    [("<|object_ref_start|>", "<|object_ref_end|>"), ("<ref>", "</ref>"), ("<|ref|>", "<|/ref|>")];

/// Splits a text into pieces, in linear time. Spaces, `*`, `` ` ``, bullets and other special tokens are skipped.
pub(super) fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut lexer = Lexer { text, at: 0, before: None, line_end: 0, no_quote_before: 0, no_label: [false; 3] };
    let mut pieces: Vec<Piece<'_>> = Vec::new();
    let (mut first_in_line, mut starts_item) = (true, true);
    while let Some(letter) = lexer.rest().chars().next() {
        if letter == '\n' {
            (first_in_line, starts_item) = (true, true);
        }
        if letter.is_whitespace()
            || "*`".contains(letter)
            || first_in_line && "-#>•".contains(letter) && !lexer.is_number()
        {
            lexer.pass(letter.len_utf8());
            continue;
        }
        if let Some(length) = lexer.other_token() {
            lexer.pass(length);
            continue;
        }
        let structural = |piece: &Piece<'_>| matches!(piece.kind, Kind::Open(_) | Kind::Comma | Kind::Colon);
        let value = first_in_line || pieces.last().is_none_or(structural);
        let (kind, text) = lexer.piece(letter, value);
        pieces.push(Piece { kind, text, first_in_line, starts_item });
        starts_item &= matches!(kind, Kind::Number(_) | Kind::Close | Kind::Other);
        first_in_line = false;
    }
    pieces
}

struct Lexer<'a> {
    text: &'a str,
    at: usize,
    /// The character before the current position.
    before: Option<char>,
    /// The end of the current line, if it has been searched for.
    line_end: usize,
    /// There is no closing single quote before this position.
    no_quote_before: usize,
    /// For each pair of label tags, whether no closing tag follows any more.
    no_label: [bool; 3],
}

impl<'a> Lexer<'a> {
    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    /// Consumes that many bytes and returns them.
    fn pass(&mut self, length: usize) -> &'a str {
        let passed = self.rest().get(..length).unwrap_or_default();
        self.before = passed.chars().next_back();
        self.at += length;
        passed
    }

    /// The next piece, which begins with `letter`. `value` says that a quote here begins a text.
    fn piece(&mut self, letter: char, value: bool) -> (Kind, &'a str) {
        let quoted = match letter {
            '"' if value => self.double_quoted(),
            '\'' if value => self.single_quoted(),
            '<' => self.tag(),
            _ if value => self.not_a_number(),
            _ => None,
        };
        if let Some(piece) = quoted {
            return piece;
        }
        let kind = match letter {
            '(' | '[' | '{' => Kind::Open(letter as u8),
            ')' | ']' | '}' => Kind::Close,
            ',' | '，' => Kind::Comma,
            ':' | '=' | '：' => Kind::Colon,
            _ if self.is_number() => return self.number(),
            _ if is_word(letter) => return (Kind::Word, self.word(0)),
            _ => Kind::Other,
        };
        (kind, self.pass(letter.len_utf8()))
    }

    fn double_quoted(&mut self) -> Option<(Kind, &'a str)> {
        let mut escaped = false;
        let ends = |byte: u8| {
            let ends = byte == b'\n' || byte == b'"' && !escaped;
            escaped = byte == b'\\' && !escaped;
            ends
        };
        let inside = self.rest().get(1..)?;
        let inside = inside.get(..inside.bytes().position(ends)?)?;
        let closed = self.rest().as_bytes().get(inside.len() + 1) == Some(&b'"');
        closed.then(|| {
            self.pass(inside.len() + 2);
            (Kind::Text, inside)
        })
    }

    /// A text in single quotes, as in Python. An apostrophe is the closing quote only if a comma, a colon, a bracket or the end
    /// of the line follows.
    fn single_quoted(&mut self) -> Option<(Kind, &'a str)> {
        if self.at < self.no_quote_before {
            return None;
        }
        if self.at >= self.line_end {
            self.line_end = self.rest().find('\n').map_or(self.text.len(), |length| self.at + length);
        }
        let line = self.text.get(self.at + 1..self.line_end)?;
        let ends = |at: &usize| {
            let behind = line.get(at + 1..).unwrap_or_default().trim_start();
            behind.is_empty() || behind.starts_with([',', ':', '}', ']', ')'])
        };
        match line.match_indices('\'').map(|(at, _)| at).find(ends) {
            Some(end) => {
                let inside = line.get(..end)?;
                self.pass(end + 2);
                Some((Kind::Text, inside))
            }
            None => {
                self.no_quote_before = self.line_end;
                None
            }
        }
    }

    fn tag(&mut self) -> Option<(Kind, &'a str)> {
        let rest = self.rest();
        for ((open, close), none) in LABEL.iter().zip(&mut self.no_label) {
            let Some(inside) = rest.strip_prefix(open).filter(|_| !*none) else { continue };
            let Some(end) = inside.find(close) else {
                *none = true;
                continue;
            };
            self.pass(open.len() + end + close.len());
            return Some((Kind::Label, inside.get(..end).unwrap_or_default().trim()));
        }
        let tag = tag_at(self.text, self.at)?;
        let kind = match tag.marks() {
            (name, false) if BOX.contains(&name) => Kind::BoxOpen,
            (name, true) if BOX.contains(&name) => Kind::BoxClose,
            (name, false) if POLYGON.contains(&name) => Kind::Polygon,
            _ => return None,
        };
        Some((kind, self.pass(tag.to - tag.from)))
    }

    /// The length of the special token or answer tag here that says nothing of places; `None` if there is none.
    fn other_token(&self) -> Option<usize> {
        let tag = tag_at(self.text, self.at).filter(|_| self.rest().starts_with('<'))?;
        let (name, _) = tag.marks();
        // GLM's `<|begin_of_box|>` is a frame around an answer.
        let framed = tag.name == "begin_of_box" || tag.name == "end_of_box";
        let known = BOX.contains(&name) || POLYGON.contains(&name) || ["ref", "object_ref"].contains(&name);
        (framed || !known && (tag.special || is_answer(name))).then_some(tag.to - tag.from)
    }

    /// `NaN`, `Infinity` or `-Infinity` in a list, where a number should be.
    fn not_a_number(&mut self) -> Option<(Kind, &'a str)> {
        let rest = self.rest();
        let word = rest.strip_prefix('-').unwrap_or(rest);
        let length = word.find(|letter| !is_word(letter)).unwrap_or(word.len());
        let is = |name: &str| word.get(..length).is_some_and(|word| word.eq_ignore_ascii_case(name));
        let followed = word.get(length..)?.trim_start().starts_with([',', ']', ')', '}']);
        let named = followed && ["nan", "inf", "infinity"].into_iter().any(is);
        named.then(|| (Kind::Number(f64::NAN), self.pass(rest.len() - word.len() + length)))
    }

    /// Whether a number begins here: a digit, or a sign or point directly before one that does not follow a word.
    fn is_number(&self) -> bool {
        let mut letters = self.rest().bytes();
        let mut next = letters.next();
        if let Some(b'-' | b'+' | b'.') = next {
            if self.before.is_some_and(|before| is_word(before) || before == '.') {
                return false;
            }
            next = letters.next();
        }
        if next == Some(b'.') {
            next = letters.next();
        }
        next.is_some_and(|byte| byte.is_ascii_digit())
    }

    /// A number, or a word that begins with one: "640x480", "1.2.3", "10px".
    fn number(&mut self) -> (Kind, &'a str) {
        let bytes = self.rest().as_bytes();
        let byte = |at: usize| bytes.get(at).copied().unwrap_or_default();
        let digits = |from: usize| from + bytes.iter().skip(from).take_while(|byte| byte.is_ascii_digit()).count();
        let mut end = digits(usize::from(matches!(byte(0), b'-' | b'+')));
        if byte(end) == b'.' {
            end = digits(end + 1);
        }
        if matches!(byte(end), b'e' | b'E') {
            let exponent = end + 1 + usize::from(matches!(byte(end + 1), b'-' | b'+'));
            if byte(exponent).is_ascii_digit() {
                end = digits(exponent);
            }
        }
        let goes_on = self.rest().get(end..).is_some_and(|rest| {
            rest.starts_with(is_word) || rest.strip_prefix('.').is_some_and(|rest| rest.starts_with(is_word))
        });
        match self.rest().get(..end).and_then(|written| written.parse().ok()) {
            Some(number) if !goes_on => (Kind::Number(number), self.pass(end)),
            _ => (Kind::Word, self.word(end)),
        }
    }

    /// A word whose first `known` bytes are known to belong to it.
    fn word(&mut self, known: usize) -> &'a str {
        let more = self.rest().get(known..).unwrap_or_default();
        let behind = more.trim_start_matches(|letter| is_word(letter) || known > 0 && letter == '.');
        self.pass(known + more.len() - behind.len())
    }
}

fn is_word(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_'
}
