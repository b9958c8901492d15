//! The reader itself.

use crate::ahead::{begins_garment, begins_thing};
use crate::cursor::{Cursor, Text, words};
use crate::lexicon::{self, Sense};
use crate::{Expression, Extent, Noun, Number, Problem, Relation, Side, Thing, Trait, nouns, shape};
use alloc::borrow::ToOwned;
use alloc::string::String;
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
    let mut left = cursor;
    while things.len() < MOST_THINGS {
        let Some(thing) = Reader::default().head(&mut cursor) else { break };
        things.push(thing);
        left = cursor;
    }
    match things.last_mut() {
        None => return Err(Problem::NoNoun { words: owned }),
        Some(last) => last.unknown.extend(left.told()),
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
    /// Whether it is the first from the other end.
    pub(crate) last: bool,
    pub(crate) from: Option<Side>,
    pub(crate) negated: bool,
    /// Whether "one" or "something" stands where the noun should.
    pub(crate) refused: bool,
    /// Whether what comes next is said of the thing that was named last: "the car behind the bus that is …".
    pub(crate) aside: bool,
    /// How many words were left after the noun.
    pub(crate) after_noun: usize,
    /// How many words were left after the last unknown word.
    after_unknown: usize,
    /// Whether the noun itself was negated.
    pub(crate) not_this: bool,
}

impl Reader {
    /// Reads a head noun with all that belongs to it, up to an "and" that begins another thing.
    fn head(mut self, at: &mut Cursor) -> Option<Thing> {
        while !at.is_done() {
            let before = *at;
            if at.accept(|sense| sense == Sense::And).is_some() {
                let verbs = before.rest().len() == self.after_unknown && at.unknown().is_some();
                if begins_garment(*at) {
                    let ahead = *at;
                    self.worn(at, ahead, false);
                } else if self.noun.is_some() && !verbs && begins_thing(*at) {
                    break;
                }
                continue;
            }
            let read = self.dress(at) || self.owner(at) || self.doer(at) || self.modifier(at) || self.relation(at);
            if !read {
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
        while !at.is_done() && reader.noun.is_none() && !reader.refused {
            let tint = |sense| matches!(sense, Sense::Colour(..) | Sense::Shade(_) | Sense::Extent(_));
            if (reader.loose.is_empty() || at.sense().is_some_and(|(sense, _)| tint(sense))) && reader.modifier(at) {
                continue;
            }
            if at.noun().is_none() && at.sense().is_some() {
                break;
            }
            let ends = at.rest().first().is_some_and(|word| shape::is_said_of(word));
            if ends && reader.loose.iter().any(|word| !shape::is_adjective(word)) {
                break;
            }
            reader.noun_or_unknown(at);
            let mut next = *at;
            if reader.noun.is_some() && next.accept(|sense| sense == Sense::Owner).is_some() && begins_thing(next) {
                // "The man's car" is a car.
                reader.unknown.extend(reader.noun.take().map(|noun| noun.written));
                *at = next;
            }
        }
        reader.finish().filter(|thing| thing.noun.name != nouns::ANYTHING)
    }

    /// Reads a noun, or puts a word aside.
    fn noun_or_unknown(&mut self, at: &mut Cursor) {
        if let Some((known, length)) = at.noun() {
            let adjacent = at.rest().len() == self.after_noun;
            let written = at.take(length).join(" ");
            if self.refused || (self.noun.is_some() && !adjacent) {
                return self.unknown.push(written);
            }
            let portion = at.unknown().filter(|word| shape::is_portion(word));
            at.take(usize::from(portion.is_some()));
            let more = at.take(compound(*at, known.name == "person"));
            self.plural = portion.or(more.last().copied()).map_or(known.plural, nouns::is_plural);
            self.replace(if more.is_empty() {
                Noun { written, name: known.name.to_owned(), known: true, narrower: known.narrower }
            } else {
                open([&[written.as_str()], more].concat().join(" "))
            });
            self.after_noun = at.rest().len();
        } else if let Some((sense, length)) = at.sense() {
            let said = at.take(length);
            if !matches!(sense, Sense::Far | Sense::Of | Sense::In | Sense::On | Sense::At | Sense::From | Sense::Owner)
            {
                self.tell(said);
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
            return self.settle_noun();
        }
        let described = self.loose.iter().all(|word| shape::is_said_of(word));
        if self.noun.is_none() && !self.refused && (described || !shape::is_said_of(word)) {
            return self.loose.push(word.to_owned());
        }
        if self.noun.is_none() && shape::is_passive(word) && at.noun().is_some() {
            // "Snow covered bench".
            return self.loose.push(word.to_owned());
        }
        self.settle_noun();
        self.unknown.push(word.to_owned());
        self.after_unknown = at.rest().len();
        self.deed(word, at);
    }

    /// The last of adjacent nouns is the head: in "bus driver" the bus is not sought. But a young one is a small one.
    fn replace(&mut self, noun: Noun) {
        self.not_this = self.negated;
        let age = |word: &str| match word {
            "baby" => Some(Extent::Small),
            "adult" | "mother" | "father" | "mom" | "mum" | "dad" => Some(Extent::Big),
            _ => None,
        };
        if let Some(before) = self.noun.take() {
            match age(&before.written).filter(|_| noun.known && noun.name != "person") {
                Some(extent) => self.push(Trait::Extent(extent)),
                None => self.unknown.push(before.written),
            }
        }
        self.noun = Some(noun);
        self.unknown.append(&mut self.loose);
    }

    /// "Who" is a person.
    pub(crate) fn someone(&mut self, at: Cursor) {
        self.noun = Some(Noun { written: "who".to_owned(), name: "person".to_owned(), known: true, narrower: false });
        self.after_noun = at.rest().len();
    }

    /// Makes the last unknown word that looks like a noun the noun, where there is no other.
    pub(crate) fn settle_noun(&mut self) {
        if self.noun.is_none()
            && !self.refused
            && let Some(index) = self.loose.iter().rposition(|word| !shape::is_said_of(word))
        {
            let word = self.loose.remove(index);
            self.plural = nouns::is_plural(&word);
            self.not_this = self.negated;
            self.noun = Some(open(word));
            self.unknown.append(&mut self.loose);
        }
    }

    /// Says something of the thing, or of the one that was named last.
    pub(crate) fn push(&mut self, one: Trait) {
        let negated = core::mem::take(&mut self.negated);
        match self.relations.last_mut().and_then(|relation| relation.others.last_mut()).filter(|_| self.aside) {
            Some(other) => other.traits.push((one, negated)),
            None => self.traits.push((one, negated)),
        }
    }

    /// Tells that words were not understood.
    pub(crate) fn tell(&mut self, words: &[&str]) {
        self.unknown.extend(words.iter().map(|word| (*word).to_owned()));
    }
}

/// How many unknown words make another noun of the known one before them: "dog house", "horse drawn carriage". Not what is
/// said of it ("dog barking"), what people wear ("man hat"), nor a verb, which a determiner follows ("dog licks its paw").
fn compound(at: Cursor, person: bool) -> usize {
    let noun =
        |at: Cursor| at.unknown().is_some_and(|word| !shape::is_said_of(word)) && !(person && at.garment().is_some());
    let mut ahead = at;
    if let Some(word) = ahead.unknown()
        && shape::is_passive(word)
        && !person
        && !lexicon::is_posture(word)
    {
        ahead.take(1);
        if !noun(ahead) {
            return 0;
        }
    }
    while noun(ahead) {
        ahead.take(1);
    }
    let verb = ahead.rest().first().is_some_and(|word| shape::is_determiner(word));
    if verb { 0 } else { at.rest().len() - ahead.rest().len() }
}

/// A noun that no table knows.
fn open(written: String) -> Noun {
    Noun { name: written.clone(), written, known: false, narrower: false }
}
