//! Reads referring expressions, such as "the second red car left of the bus", into a small tree.
//!
//! It is a reader of patterns, not of language: [`parse`] looks for one head noun, for words around it that can be measured
//! in a photo (colour, size, place, rank, number) and for relations to other things. What it does not know it lists as
//! unknown, word by word, and never guesses: a misspelt noun is kept as it is.
//!
//! ```
//! use rescue_phrase::{Along, Colour, Number, RelationKind, Trait, parse};
//!
//! let expression = parse("the second red car left of the bus").unwrap();
//! let thing = &expression.things[0];
//! assert_eq!((thing.noun.name.as_str(), thing.number), ("car", Number::One));
//! assert!(thing.traits.iter().any(|(t, _)| matches!(t, Trait::Colour { colour: Colour::Red, .. })));
//! assert!(thing.traits.iter().any(|(t, _)| *t == Trait::Nth { nth: 2, along: Along::Unsaid }));
//! assert_eq!(thing.relations[0].kind, RelationKind::LeftOf);
//! assert_eq!(thing.relations[0].others[0].noun.name, "bus");
//! ```
//!
//! # The grammar, roughly
//!
//! ```text
//! expression = thing ("and" thing)*
//! thing      = (article | trait | owner | unknown)* noun (trait | worn | relation | doer | unknown)*
//! trait      = ["not"] (colour | size | place | ordinal ["from" place] | count)
//! worn       = ("wearing" | "in" | "with") [article] colour* [garment] | colour+ garment
//! relation   = ["not"] ("left of" | "next to" | "on" | "riding" | "holding" | …) thing ("and" thing)*
//! owner      = thing "'s"                      the noun that follows is with it
//! doer       = ["that"] thing verb             "the horse that the man is riding": it is with the man
//! ```
//!
//! What belongs to what:
//!
//! - All relations belong to the head noun: in "the cup on the table next to the window", the cup is next to the window.
//! - What is worn belongs to the person who was named last; what follows "that is", to the thing that was named last.
//! - A colour or size between the head noun and another noun belongs to that one: "man red backpack".
//! - An ordinal without a direction counts from the side that is named, else from the left.
//! - An unknown word after a known noun makes another noun of both ("dog house"), unless it looks like a participle, an
//!   adverb or an adjective ("dog barking"): then it is said of the noun and not understood.
//!
//! Where a pronoun stands for the head ("the red one", "something to sit on", "what can …"), nothing is read: of other things
//! in the sentence none is what is sought. "Object" and "thing" are any object, and so need all that is said of them understood.

#![cfg_attr(all(target_family = "wasm", not(test)), no_std)]
#![deny(missing_docs)]

extern crate alloc;

mod ahead;
mod clause;
mod colour;
mod cursor;
mod deed;
mod finish;
mod lexicon;
mod nouns;
mod parse;
mod place;
mod shape;
mod worn;

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

pub use colour::{Colour, Shade};
pub use nouns::{COCO, coco};
pub use parse::parse;

/// How many words are read. The rest is left out.
pub const MOST_WORDS: usize = 96;

/// What a sentence asks for: each of these things, all together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expression {
    /// At least one.
    pub things: Vec<Thing>,
}

/// A noun and what is said of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Thing {
    /// What it is.
    pub noun: Noun,
    /// How many are meant.
    pub number: Number,
    /// What it is like; with `true`: what it is not like.
    pub traits: Vec<(Trait, bool)>,
    /// How it stands to others.
    pub relations: Vec<Relation>,
    /// Words that were not understood, in order.
    pub unknown: Vec<String>,
}

/// A noun.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Noun {
    /// As it was written, in lower case.
    pub written: String,
    /// What to ask a detector for: one of the [`COCO`] names, or a group of them such as "animal", where it is known, else as
    /// it was written.
    pub name: String,
    /// Whether it is one of the [`COCO`] names or of their groups, or stands for one.
    pub known: bool,
    /// Whether it says more than its name: a "woman" is a person, but not every person is one.
    pub narrower: bool,
}

/// How many are meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Number {
    /// One.
    One,
    /// So many together.
    Count(u32),
    /// All of them together.
    All,
}

/// Something that can be measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trait {
    /// It has this colour.
    Colour {
        /// Which.
        colour: Colour,
        /// How dark.
        shade: Option<Shade>,
    },
    /// It is dark or light.
    Shade(Shade),
    /// It is large or small.
    Extent(Extent),
    /// It is in this place.
    Place {
        /// Which.
        side: Side,
        /// Whether it is the one furthest there ("leftmost").
        most: bool,
    },
    /// It is the n-th in a row.
    Nth {
        /// From 1.
        nth: u32,
        /// How it is counted.
        along: Along,
    },
    /// It wears, or has on it, something of this colour.
    Worn {
        /// Where on it.
        region: Wear,
        /// Which colour.
        colour: Colour,
        /// How dark.
        shade: Option<Shade>,
    },
}

/// How a row is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Along {
    /// Not said: from the left.
    Unsaid,
    /// From this side.
    From(Side),
    /// From the one that is this most.
    By(Extent),
}

/// Large and small.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// Much area.
    Big,
    /// Little area.
    Small,
    /// Much height.
    Tall,
    /// Little height.
    Short,
    /// Much width.
    Wide,
}

/// Where something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// On the left.
    Left,
    /// On the right.
    Right,
    /// At the top.
    Top,
    /// At the bottom.
    Bottom,
    /// In the middle.
    Centre,
    /// Near the camera.
    Front,
    /// Far from the camera.
    Back,
}

/// Where something is worn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wear {
    /// Hats, hair.
    Head,
    /// Shirts, coats.
    Upper,
    /// Trousers, shoes.
    Lower,
    /// Dresses, suits, or not said.
    Whole,
}

/// How something stands to others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Relation {
    /// How.
    pub kind: RelationKind,
    /// To whom: two for "between A and B"; they have no relations of their own.
    pub others: Vec<Thing>,
    /// Whether it must not hold.
    pub negated: bool,
}

/// Relations that can be measured on boxes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RelationKind {
    /// Further left.
    LeftOf,
    /// Further right.
    RightOf,
    /// Higher, or on it: "above", "on top of".
    Above,
    /// Lower.
    Below,
    /// On it and touching: "on", "riding".
    On,
    /// Within its box.
    Inside,
    /// Close to it.
    Near,
    /// Further away than it, and overlapping or close.
    Behind,
    /// Closer than it, and overlapping or close.
    InFrontOf,
    /// Between two.
    Between,
    /// Touching: "with", "holding".
    With,
}

/// Why nothing could be made of a sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Problem {
    /// There are no words.
    Empty,
    /// No word can be the thing that is sought.
    NoNoun {
        /// What else was read.
        words: Vec<String>,
    },
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => write!(f, "the query has no words"),
            Self::NoNoun { words } => write!(f, "no thing is named in \"{}\"", words.join(" ")),
        }
    }
}

impl core::error::Error for Problem {}

#[cfg(test)]
mod tests;
