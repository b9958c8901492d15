//! The reader itself.

use crate::clause::begins_garment;
use crate::cursor::{Cursor, Text, words};
use crate::lexicon::{self, Sense};
use crate::{Along, Expression, Extent, Noun, Number, Problem, Relation, RelationKind, Side, Thing, Trait, nouns};
use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

/// Most things joined by "and".
const MOST_THINGS: usize = 4;
/// Most relations of a thing.
pub(crate) const MOST_RELATIONS: usize = 8;

/// Reads a sentence. At most [`crate::MOST_WORDS`] words are read.
///
/// # Errors
///
/// Where there are no words, or none that can be the thing that is sought.
pub fn parse(sentence: &str) -> Result<Expression, Problem> {
    let owned = words(sentence);
    let words: Vec<&str> = owned.iter().map(String::as_str).collect();
    if words.is_empty() {
        return Err(Problem::Empty);
    }
    let text = Text::new(&words);
    let mut cursor = Cursor::new(&text);
    let mut things = Vec::new();
    while things.len() < MOST_THINGS {
        let Some(thing) = Reader::default().head(&mut cursor) else { break };
        things.push(thing);
    }
    match things.last_mut() {
        None => return Err(Problem::NoNoun { words: owned }),
        Some(last) => last.unknown.extend(cursor.rest().iter().map(|word| (*word).to_owned())),
    }
    Ok(Expression { things })
}

/// A thing while it is read.
#[derive(Default)]
pub(crate) struct Reader {
    pub(crate) noun: Option<Noun>,
    pub(crate) plural: bool,
    pub(crate) number: Option<Number>,
    pub(crate) traits: Vec<(Trait, bool)>,
    pub(crate) relations: Vec<Relation>,
    pub(crate) unknown: Vec<String>,
    /// Unknown words that stand directly before: the last of them may turn out to be the noun.
    pub(crate) loose: Vec<String>,
    pub(crate) nth: Option<u32>,
    pub(crate) from: Option<Side>,
    pub(crate) negated: bool,
    /// How many words were left after the noun.
    pub(crate) after_noun: usize,
}

impl Reader {
    /// Reads a head noun with all that belongs to it, up to an "and" that begins another thing.
    fn head(mut self, at: &mut Cursor) -> Option<Thing> {
        while !at.is_done() {
            let before = *at;
            if at.accept(|sense| sense == Sense::And).is_some() {
                let ahead = *at;
                if begins_garment(ahead) {
                    self.worn(at, ahead, false);
                } else if self.noun.is_some() && begins_thing(*at) {
                    break;
                }
                continue;
            }
            if !self.modifier(at) && !self.relation(at) {
                self.noun_or_unknown(at);
            }
            if at.rest().len() == before.rest().len() {
                at.take(1);
            }
        }
        self.finish()
    }

    /// Reads a noun with what stands before it.
    pub(crate) fn nested(at: &mut Cursor) -> Option<Thing> {
        let mut reader = Self::default();
        while !at.is_done() && reader.noun.is_none() {
            let tint = |sense| matches!(sense, Sense::Colour(..) | Sense::Shade(_) | Sense::Extent(_));
            if (reader.loose.is_empty() || at.sense().is_some_and(|(sense, _)| tint(sense))) && reader.modifier(at) {
                continue;
            }
            if at.noun().is_none() && at.sense().is_some() {
                break;
            }
            if !reader.loose.is_empty() && at.rest().first().is_some_and(|word| lexicon::ends_noun(word)) {
                break;
            }
            reader.noun_or_unknown(at);
        }
        reader.finish()
    }

    /// Reads a noun, or puts a word aside.
    fn noun_or_unknown(&mut self, at: &mut Cursor) {
        if let Some((known, length)) = at.noun() {
            let adjacent = at.rest().len() == self.after_noun;
            let written = at.take(length).join(" ");
            if self.noun.is_some() && !adjacent {
                return self.unknown.push(written);
            }
            let alone = at.sense().is_some() || at.noun().is_some();
            let next = at.rest().first().filter(|word| !alone && !lexicon::ends_noun(word));
            self.plural = next.map_or(known.plural, |next| nouns::is_plural(next));
            self.replace(match next {
                // "dog bowl" is no dog.
                Some(next) => open([written.as_str(), next].join(" ")),
                None => Noun { written, name: known.name.to_owned(), known: true, narrower: known.narrower },
            });
            at.take(usize::from(next.is_some()));
            self.after_noun = at.rest().len();
        } else if let Some((sense, length)) = at.sense() {
            let said = at.take(length);
            if !matches!(sense, Sense::Far | Sense::Of | Sense::In | Sense::On | Sense::At | Sense::From) {
                self.unknown.extend(said.iter().map(|word| (*word).to_owned()));
            }
        } else if let Some(word) = at.word() {
            self.word(word, at);
        }
    }

    /// Puts a word aside. A posture before a relation says nothing; what someone does to a thing is taken as "with".
    fn word(&mut self, word: &str, at: &mut Cursor) {
        let relates =
            |sense| matches!(sense, Sense::In | Sense::On | Sense::At | Sense::Relation(_) | Sense::Place(..));
        if lexicon::is_posture(word) && at.sense().is_some_and(|(sense, _)| relates(sense)) {
            return;
        }
        if self.noun.is_none() && (self.loose.is_empty() || !lexicon::ends_noun(word)) {
            return self.loose.push(word.to_owned());
        }
        self.settle_noun();
        self.unknown.push(word.to_owned());
        let mut ahead = *at;
        if word.ends_with("ing")
            && self.relations.len() < MOST_RELATIONS
            && let Some(other) = Self::nested(&mut ahead)
            && other.noun.known
        {
            self.relations.push(Relation { kind: RelationKind::With, others: vec![other], negated: false });
            *at = ahead;
        }
    }

    /// The last of adjacent nouns is the head: in "bus driver" the bus is not sought.
    fn replace(&mut self, noun: Noun) {
        if let Some(before) = self.noun.replace(noun) {
            self.unknown.push(before.written);
        }
        self.unknown.append(&mut self.loose);
    }

    /// Makes the last unknown word the noun where there is no other.
    pub(crate) fn settle_noun(&mut self) {
        if self.noun.is_none()
            && let Some(word) = self.loose.pop()
        {
            self.plural = nouns::is_plural(&word);
            self.noun = Some(open(word));
            self.unknown.append(&mut self.loose);
        }
    }

    pub(crate) fn push(&mut self, one: Trait) {
        self.traits.push((one, self.negated));
        self.negated = false;
    }

    fn finish(mut self) -> Option<Thing> {
        self.settle_noun();
        self.unknown.append(&mut self.loose);
        let noun = self.noun?;
        let mut number = self.number.unwrap_or(if self.plural { Number::All } else { Number::One });
        if let Some(nth) = self.nth {
            let along = along(&mut self.traits, self.from);
            self.traits.push((Trait::Nth { nth, along }, false));
            number = Number::One;
        }
        Some(Thing { noun, number, traits: self.traits, relations: self.relations, unknown: self.unknown })
    }
}

/// A noun that no table knows.
fn open(written: String) -> Noun {
    Noun { name: written.clone(), written, known: false, narrower: false }
}

/// How an ordinal counts; what says so is taken out of the traits.
fn along(traits: &mut Vec<(Trait, bool)>, from: Option<Side>) -> Along {
    if let Some(side) = from {
        return Along::From(side);
    }
    let along = |one: &(Trait, bool)| match one {
        (Trait::Place { side, most: true }, false) => Some(Along::From(*side)),
        (
            Trait::Extent(extent @ (Extent::Big | Extent::Small | Extent::Tall | Extent::Short | Extent::Wide)),
            false,
        ) => Some(Along::By(*extent)),
        _ => None,
    };
    match traits.iter().enumerate().find_map(|(index, one)| along(one).map(|along| (index, along))) {
        Some((index, along)) => {
            traits.remove(index);
            along
        }
        None => Along::Unsaid,
    }
}

/// Whether a noun comes before anything but traits.
pub(crate) fn begins_thing(mut at: Cursor<'_>) -> bool {
    loop {
        if at.noun().is_some() {
            return true;
        }
        match at.sense() {
            None => return !at.is_done() && !at.rest().first().is_some_and(|word| lexicon::ends_noun(word)),
            Some((
                Sense::Skip
                | Sense::Colour(..)
                | Sense::Shade(_)
                | Sense::Extent(_)
                | Sense::Count(_)
                | Sense::Nth(_)
                | Sense::All
                | Sense::Group
                | Sense::Measure
                | Sense::Place(..)
                | Sense::And,
                length,
            )) => {
                at.take(length);
            }
            Some(_) => return false,
        }
    }
}
