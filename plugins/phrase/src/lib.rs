//! Reads referring expressions, such as "the second red car left of the bus", into a small tree.
//!
//! [`parse`] matches patterns; it has no language model. It looks for one head noun, for words around it that can be
//! measured in a photo (colour, size, place, rank, number) and for relations to other things. It never guesses: it
//! lists every word that it does not know as unknown, and keeps a misspelt noun as it is.
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
//! expression = thing ["except" thing] | thing ("and" thing)* | noun ("," noun)*
//! thing      = (article | trait | owner | unknown)* noun (trait | worn | relation | subject | unknown)*
//! trait      = ["not"] (colour | size | place | ordinal ["from" place] | count)
//! worn       = ("wearing" | "in" | "with") [article] colour* [garment] | colour+ garment
//! relation   = ["not"] ("left of" | "next to" | "on" | "riding" | "holding" | …) thing ("and" thing)*
//! owner      = thing "'s"                      relation "with" between the next noun and the owner
//! subject    = ["that"] thing verb             "the horse that the man is riding": relation "with" to the man
//! ```
//!
//! How words are attached:
//!
//! - All relations belong to the head noun: in "the cup on the table next to the window", the cup is next to the window.
//! - Clothing belongs to the person who was named last. Words after "that is" belong to the thing that was named last.
//! - A colour or size between the head noun and another noun belongs to the other noun: "man red backpack".
//! - Ranks, or traits that each have an article, joined by "and" before a noun make a thing each: "the first and last
//!   dogs", "the red and the blue car".
//! - An ordinal without a direction counts from the side that is named, or from the left if none is named.
//! - A known noun and an unknown word after it make a new noun ("dog house"), unless the word looks like a participle, an
//!   adverb or an adjective ("dog barking"). Such a word is listed as unknown.
//!
//! If a pronoun stands for the head noun ("the red one", "something to sit on", "what can …"), `parse` fails, because
//! none of the other things in the sentence is the one that is sought. "Object" and "thing" fit any object, so `parse`
//! also fails if nothing else is said of them or a word about them is unknown.

#![cfg_attr(all(target_family = "wasm", not(test)), no_std)]
#![deny(missing_docs)]

extern crate alloc;

mod actions;
mod clause;
mod clothing;
mod colour;
mod cursor;
mod finish;
mod lexicon;
mod lookahead;
mod nouns;
mod parse;
mod place;
mod split;
mod word_class;

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

pub use colour::{Colour, Shade};
pub use nouns::{COCO, coco};
pub use parse::parse;

/// The number of words that are read. Further words are ignored.
pub const MAX_WORDS: usize = 96;

/// What a sentence asks for: all of these things together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expression {
    /// The things, at least one.
    pub things: Vec<Thing>,
    /// Whether it is a list of kinds without articles ("dog, horse", "dog and horse"): a kind may be missing.
    pub list: bool,
}

/// A noun with its description.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Thing {
    /// The noun.
    pub noun: Noun,
    /// How many are meant.
    pub number: Number,
    /// How many there are, as in "the left one of the three horses"; 1 in "the only horse". `None` if the query does not
    /// say.
    pub among: Option<u32>,
    /// Its traits. With `true` a trait is negated: the thing must not have it.
    pub traits: Vec<(Trait, bool)>,
    /// Its relations to other things.
    pub relations: Vec<Relation>,
    /// The things that are left out of it: "all horses but the leftmost". They have no exclusions of their own.
    pub except: Vec<Thing>,
    /// The words that were not understood, in order.
    pub unknown: Vec<String>,
}

/// A noun.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Noun {
    /// The noun as it was written, in lower case.
    pub written: String,
    /// The name to ask a detector for. For a known noun it is one of the [`COCO`] names or a group of them, such as
    /// "animal"; for an unknown noun it is the noun as written.
    pub name: String,
    /// Whether the noun is, or means, one of the [`COCO`] names or groups.
    pub known: bool,
    /// Whether the noun is more specific than `name`: a "woman" is a "person", but not every person is a woman.
    pub narrower: bool,
}

/// How many are meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Number {
    /// One.
    One,
    /// This many together.
    Count(u32),
    /// All of them together.
    All,
}

/// A property that can be measured in a photo.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trait {
    /// The thing has this colour.
    Colour {
        /// The colour.
        colour: Colour,
        /// Dark or light; `None` if not named.
        shade: Option<Shade>,
    },
    /// The thing is dark or light.
    Shade(Shade),
    /// The thing is large or small.
    Extent(Extent),
    /// The thing is in this part of the photo.
    Place {
        /// The side of the photo.
        side: Side,
        /// Whether it is the furthest one on that side ("leftmost").
        most: bool,
    },
    /// The thing is the n-th of its kind.
    Nth {
        /// The position, counted from 1.
        nth: u32,
        /// The direction in which it is counted.
        along: Along,
    },
    /// The thing wears, or has on it, something of this colour.
    Worn {
        /// The part of the body.
        region: BodyRegion,
        /// The colour.
        colour: Colour,
        /// Dark or light; `None` if not named.
        shade: Option<Shade>,
    },
}

/// The direction in which things are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Along {
    /// Not named: from the left.
    Unsaid,
    /// From this side.
    From(Side),
    /// From the one that has most of this extent (from the biggest, tallest, …).
    By(Extent),
}

/// Kinds of large and small.
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

/// A part of the photo.
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

/// The part of the body where something is worn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BodyRegion {
    /// Hats, hair.
    Head,
    /// Shirts, coats.
    Upper,
    /// Trousers, shoes.
    Lower,
    /// Dresses, suits, or a part that was not named.
    Whole,
}

/// A relation of one thing to others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Relation {
    /// The kind of relation.
    pub kind: RelationKind,
    /// The other things: two for "between A and B", else one or two. They have no relations of their own.
    pub others: Vec<Thing>,
    /// Whether the relation must not hold.
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

/// Why a sentence cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Problem {
    /// The sentence has no words.
    Empty,
    /// No word names the thing that is sought.
    NoNoun {
        /// The words of the sentence.
        words: Vec<String>,
    },
    /// What is excluded cannot be read.
    Exclusion {
        /// The words that exclude, such as "except".
        marker: String,
        /// The words after them.
        words: Vec<String>,
    },
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => write!(f, "the query has no words"),
            Self::NoNoun { words } => write!(f, "no thing is named in \"{}\"", words.join(" ")),
            Self::Exclusion { marker, words } => {
                write!(f, "what \"{marker}\" leaves out is not understood: \"{}\"", words.join(" "))
            }
        }
    }
}

impl core::error::Error for Problem {}

#[cfg(test)]
mod tests;
