//! The parser: reads things, word by word.

use crate::cursor::{Cursor, Text, words};
use crate::lexicon::{self, Sense};
use crate::lookahead::{begins_garment, begins_thing};
use crate::split::{self, Exclusion, Sharing};
use crate::{Expression, Extent, Noun, Number, Problem, Relation, Side, Thing, Trait, nouns, word_class};
use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;

/// The most things joined by "and".
const MAX_THINGS: usize = 4;
/// The most kinds of a list. The words of the others are not understood.
const MAX_KINDS: usize = 16;
/// The most relations of a thing.
pub(crate) const MAX_RELATIONS: usize = 8;

/// Reads a sentence. At most [`crate::MAX_WORDS`] words are read.
///
/// # Errors
///
/// Fails if the sentence has no words, or no word that names the thing that is sought.
pub fn parse(sentence: &str) -> Result<Expression, Problem> {
    let owned = words(sentence);
    let words: Vec<&str> = owned.iter().map(String::as_str).collect();
    if words.is_empty() {
        return Err(Problem::Empty);
    }
    if let Some(parts) = split::list(sentence) {
        return list(&parts);
    }
    if let Some(exclusion) = split::exclusion(&words)
        && let Some(expression) = excluding(&exclusion)
    {
        return expression;
    }
    let bare = words.split(|word| *word == "and").all(|part| nouns::known(part).is_some());
    let expression = read(&words)?;
    Ok(Expression { list: bare && expression.things.len() > 1, ..expression })
}

/// Reads a list of kinds: all of each kind are meant.
fn list(parts: &[Vec<String>]) -> Result<Expression, Problem> {
    let mut things = Vec::new();
    for part in parts.iter().take(MAX_KINDS) {
        let words: Vec<&str> = part.iter().map(String::as_str).collect();
        for thing in read(&words)?.things {
            if things.iter().all(|known: &Thing| known.noun.name != thing.noun.name) {
                things.push(Thing { number: Number::All, ..thing });
            }
        }
    }
    if let Some(last) = things.last_mut() {
        last.unknown.extend(parts.iter().skip(MAX_KINDS).map(|part| part.join(" ")));
    }
    Ok(Expression { things, list: true })
}

/// Reads a sentence with an exclusion. `None` if its words mean something else here, as in "people without hats".
fn excluding(exclusion: &Exclusion) -> Option<Result<Expression, Problem>> {
    let all = exclusion.sought.iter().all(|word| ["all", "every", "each", "any", "of", "the", "them"].contains(word));
    let text = Text::new(exclusion.excluded);
    let excluded = split::sharing(Cursor::new(&text)).unwrap_or_else(|| {
        let parts = exclusion.excluded.split(|word| *word == "and").filter(|part| !part.is_empty());
        parts.map(|part| Sharing { words: part.to_vec(), ranked: false }).collect()
    });
    let sought = if all {
        // "All but the leftmost horse": the noun stands in the exclusion.
        let noun = read(exclusion.excluded).ok()?.things.into_iter().next()?.noun;
        Thing {
            noun,
            number: Number::All,
            among: None,
            traits: Vec::new(),
            relations: Vec::new(),
            except: Vec::new(),
            unknown: Vec::new(),
        }
    } else {
        let sought: Vec<&str> = exclusion.sought.iter().flat_map(everything).copied().collect();
        let [thing] = <[Thing; 1]>::try_from(read(&sought).ok()?.things).ok()?;
        thing
    };
    if !exclusion.strong && sought.number == Number::One {
        return None;
    }
    // "Without" may begin a relation. The detector knows what is an animal or an object.
    let is_group = exclusion.marker != ["without"] && sought.noun.known && !nouns::COCO.contains(&&*sought.noun.name);
    let written: Vec<&str> = sought.noun.written.split(' ').collect();
    let mut except = Vec::new();
    for Sharing { words: part, ranked } in &excluded {
        let pronoun = part.iter().position(|word| ["one", "ones"].contains(word));
        let mut words = part.clone();
        // A weak word excludes only what is of the same kind.
        let other = |read: Expression| read.things.iter().any(|thing| thing.noun.name != sought.noun.name);
        let is_other = !is_group && pronoun.is_none() && read(part).is_ok_and(other);
        if !exclusion.strong && (is_other || part.first() == Some(&"no")) {
            return None;
        }
        let named = match pronoun {
            Some(at) => {
                words.splice(at..=at, written.iter().copied());
                None
            }
            None => read(&words).ok().filter(|read| read.things.iter().all(|thing| thing.noun.known)),
        };
        let is_named = named.is_some();
        let read = named.or_else(|| {
            if pronoun.is_none() {
                words.extend(&written);
            }
            read(&words).ok()
        });
        let things = read.map(|read| read.things).unwrap_or_default();
        if things.is_empty() || things.iter().any(|thing| !thing.unknown.is_empty() && thing.traits.is_empty()) {
            let words = part.iter().map(|word| (*word).to_owned()).collect();
            return Some(Err(Problem::Exclusion { marker: exclusion.marker.join(" "), words }));
        }
        let number = |thing: &Thing| match thing.number {
            _ if exclusion.kind || part.contains(&"ones") => Number::All,
            // The noun was added: "the leftmost" is one.
            Number::All if !is_named || *ranked => Number::One,
            number => number,
        };
        except.extend(things.into_iter().map(|thing| Thing { number: number(&thing), ..thing }));
    }
    Some(Ok(Expression { things: alloc::vec![Thing { except, ..sought }], list: false }))
}

/// The words that "everything" and "everyone" stand for, or the word itself.
fn everything<'a>(word: &'a &'a str) -> &'a [&'a str] {
    match *word {
        "everything" | "anything" => &["all", "objects"],
        "everyone" | "everybody" => &["all", "people"],
        _ => core::slice::from_ref(word),
    }
}

/// Reads words as things joined by "and".
fn read(words: &[&str]) -> Result<Expression, Problem> {
    let text = Text::new(words);
    let mut cursor = Cursor::new(&text);
    let mut things = Vec::new();
    let mut left = cursor;
    let head = |at: &mut Cursor| Reader::default().head(at);
    while things.len() < MAX_THINGS {
        if let Some(several) = sharing(&mut cursor, MAX_KINDS, head) {
            things.extend(several);
        } else {
            let Some(thing) = head(&mut cursor) else { break };
            things.push(thing);
        }
        left = cursor;
    }
    match things.last_mut() {
        None => return Err(Problem::NoNoun { words: words.iter().map(|word| (*word).to_owned()).collect() }),
        Some(last) => last.unknown.extend(left.meaningful()),
    }
    Ok(Expression { things, list: false })
}

/// Reads at most this many things that share a noun, such as "the first and the last dog", each with this function.
/// `None`, and nothing is read, if no such things come next, or more, or one of them cannot be read.
pub(crate) fn sharing(at: &mut Cursor, most: usize, read: impl Fn(&mut Cursor) -> Option<Thing>) -> Option<Vec<Thing>> {
    let mut things = Vec::new();
    let mut left = 0;
    for part in split::sharing(*at).filter(|parts| parts.len() <= most)? {
        let text = Text::new(&part.words);
        let mut cursor = Cursor::new(&text);
        let thing = read(&mut cursor)?;
        left = cursor.rest().len();
        let number = if part.ranked && thing.number == Number::All { Number::One } else { thing.number };
        things.push(Thing { number, ..thing });
    }
    at.take(at.rest().len() - left);
    Some(things)
}

/// The parts of a thing that is being read.
#[derive(Default)]
pub(crate) struct Reader {
    pub(crate) noun: Option<Noun>,
    pub(crate) plural: bool,
    pub(crate) number: Option<Number>,
    pub(crate) among: Option<u32>,
    pub(crate) traits: Vec<(Trait, bool)>,
    pub(crate) relations: Vec<Relation>,
    pub(crate) unknown: Vec<String>,
    /// Unknown words read so far without a noun. The last of them may turn out to be the noun.
    pub(crate) pending: Vec<String>,
    pub(crate) nth: Option<u32>,
    /// Whether `nth` counts from the other end ("last").
    pub(crate) last: bool,
    pub(crate) from: Option<Side>,
    pub(crate) negated: bool,
    /// Whether "the only" stands before the noun.
    pub(crate) only: bool,
    /// Whether the thing must be rejected: "one" or "something" stands for its noun, or the owner of it cannot be read.
    pub(crate) rejected: bool,
    /// Whether the next words describe the thing that was named last: "the car behind the bus that is …".
    pub(crate) about_last: bool,
    /// The number of words that were left after the noun.
    pub(crate) after_noun: usize,
    /// The number of words that were left after the last unknown word.
    after_unknown: usize,
    /// Whether the noun itself was negated.
    pub(crate) noun_negated: bool,
}

impl Reader {
    /// Reads a head noun with its whole description, up to an "and" that begins another thing. `None` if it has no
    /// noun.
    fn head(mut self, at: &mut Cursor) -> Option<Thing> {
        while !at.is_done() {
            let before = *at;
            if at.accept(|sense| sense == Sense::And).is_some() {
                let verbs = before.rest().len() == self.after_unknown && at.unknown().is_some();
                if begins_garment(*at) {
                    let ahead = *at;
                    self.clothing(at, ahead, false);
                } else if self.noun.is_some() && !verbs && begins_thing(*at) {
                    break;
                } else if self.noun.is_some() && self.nth.is_some() {
                    at.skip();
                    if matches!(at.sense(), Some((Sense::Nth(_) | Sense::Last(_), _))) {
                        // Another thing without its noun: "the second dog from the left and the third".
                        self.unknown.extend(at.meaningful());
                        at.take(at.rest().len());
                    }
                }
                continue;
            }
            let read = self.bare_clothing(at)
                || self.possessive(at)
                || self.subject(at)
                || self.modifier(at)
                || self.relation(at);
            if !read {
                self.noun_or_unknown(at);
            }
            if at.rest().len() == before.rest().len() {
                at.take(1);
            }
        }
        self.finish()
    }

    /// Reads a noun of a relation, with the words before it. `None` if there is none.
    pub(crate) fn nested(at: &mut Cursor) -> Option<Thing> {
        let mut reader = Self::default();
        while !at.is_done() && reader.noun.is_none() && !reader.rejected {
            let tint = |sense| matches!(sense, Sense::Colour(..) | Sense::Shade(_) | Sense::Extent(_));
            if (reader.pending.is_empty() || at.sense().is_some_and(|(sense, _)| tint(sense))) && reader.modifier(at) {
                continue;
            }
            if at.noun().is_none() && at.sense().is_some() {
                break;
            }
            let ends = at.rest().first().is_some_and(|word| word_class::is_modifier(word));
            if ends && reader.pending.iter().any(|word| !word_class::is_adjective(word)) {
                break;
            }
            reader.noun_or_unknown(at);
            let mut next = *at;
            if reader.noun.is_some() && next.accept(|sense| sense == Sense::Possessive).is_some() && begins_thing(next)
            {
                // "The man's car" is a car.
                reader.unknown.extend(reader.noun.take().map(|noun| noun.written));
                *at = next;
            }
        }
        reader.finish().filter(|thing| thing.noun.name != nouns::ANYTHING)
    }

    /// Reads a noun or an unknown word.
    fn noun_or_unknown(&mut self, at: &mut Cursor) {
        if let Some((known, length)) = at.noun() {
            let adjacent = at.rest().len() == self.after_noun;
            let written = at.take(length).join(" ");
            if self.rejected || (self.noun.is_some() && !adjacent) {
                return self.unknown.push(written);
            }
            let portion = at.unknown().filter(|word| word_class::is_portion(word));
            at.take(usize::from(portion.is_some()));
            let more = at.take(compound(*at, known.name == "person"));
            self.plural = portion.or(more.last().copied()).map_or(known.plural, nouns::is_plural);
            self.replace(if more.is_empty() {
                Noun { written, name: known.name.to_owned(), known: true, narrower: known.narrower }
            } else {
                unknown_noun([&[written.as_str()], more].concat().join(" "))
            });
            self.after_noun = at.rest().len();
        } else if let Some((sense, length)) = at.sense() {
            let said = at.take(length);
            if !matches!(
                sense,
                Sense::Far | Sense::Of | Sense::In | Sense::On | Sense::At | Sense::From | Sense::Possessive
            ) {
                self.add_unknown(said);
            }
        } else if let Some(word) = at.word() {
            self.word(word, at);
        }
    }

    /// Reads an unknown word. A posture before a relation ("sitting on") is ignored; the object of a verb becomes the
    /// relation "with".
    fn word(&mut self, word: &str, at: &mut Cursor) {
        let relates =
            |sense| matches!(sense, Sense::In | Sense::On | Sense::At | Sense::Relation(_) | Sense::Place(..));
        if lexicon::is_posture(word) && at.sense().is_some_and(|(sense, _)| relates(sense)) {
            return self.settle_noun();
        }
        let described = self.pending.iter().all(|word| word_class::is_modifier(word));
        if self.noun.is_none() && !self.rejected && (described || !word_class::is_modifier(word)) {
            return self.pending.push(word.to_owned());
        }
        if self.noun.is_none() && word_class::is_passive(word) && at.noun().is_some() {
            // "Snow covered bench".
            return self.pending.push(word.to_owned());
        }
        self.settle_noun();
        self.unknown.push(word.to_owned());
        self.after_unknown = at.rest().len();
        self.object_of_verb(word, at);
    }

    /// Sets the noun. The last of adjacent nouns is the head: in "bus driver" the bus is unknown. But "baby elephant"
    /// is a small elephant.
    fn replace(&mut self, noun: Noun) {
        self.noun_negated = self.negated;
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
        self.unknown.append(&mut self.pending);
    }

    /// Reads "who" as a person.
    pub(crate) fn someone(&mut self, at: Cursor) {
        self.noun = Some(Noun { written: "who".to_owned(), name: "person".to_owned(), known: true, narrower: false });
        self.after_noun = at.rest().len();
    }

    /// If there is no noun yet, makes the last pending word that looks like a noun the noun.
    pub(crate) fn settle_noun(&mut self) {
        if self.noun.is_none()
            && !self.rejected
            && let Some(index) = self.pending.iter().rposition(|word| !word_class::is_modifier(word))
        {
            let word = self.pending.remove(index);
            self.plural = nouns::is_plural(&word);
            self.noun_negated = self.negated;
            self.noun = Some(unknown_noun(word));
            self.unknown.append(&mut self.pending);
        }
    }

    /// Adds a trait to the thing, or to the thing that was named last if `about_last`.
    pub(crate) fn push(&mut self, one: Trait) {
        let negated = core::mem::take(&mut self.negated);
        match self.relations.last_mut().and_then(|relation| relation.others.last_mut()).filter(|_| self.about_last) {
            Some(other) => other.traits.push((one, negated)),
            None => self.traits.push((one, negated)),
        }
    }

    /// Adds words that were not understood.
    pub(crate) fn add_unknown(&mut self, words: &[&str]) {
        self.unknown.extend(words.iter().map(|word| (*word).to_owned()));
    }
}

/// The number of unknown words that make a compound with the known noun before them: "dog house", "horse drawn
/// carriage". Not counted are modifiers ("dog barking"), clothing of people ("man hat") and verbs before a determiner
/// ("dog licks its paw").
fn compound(at: Cursor, person: bool) -> usize {
    let noun = |at: Cursor| {
        at.unknown().is_some_and(|word| !word_class::is_modifier(word)) && !(person && at.garment().is_some())
    };
    let mut ahead = at;
    if let Some(word) = ahead.unknown()
        && word_class::is_passive(word)
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
    let verb = ahead.rest().first().is_some_and(|word| word_class::is_determiner(word));
    if verb { 0 } else { at.rest().len() - ahead.rest().len() }
}

/// A noun that is in no table.
fn unknown_noun(written: String) -> Noun {
    Noun { name: written.clone(), written, known: false, narrower: false }
}
