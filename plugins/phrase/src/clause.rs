//! What is said of a thing before and after its noun.

use crate::ahead::begins_thing;
use crate::cursor::Cursor;
use crate::lexicon::{self, Sense};
use crate::parse::{MOST_RELATIONS, Reader};
use crate::place::{is_from, of_thing, sides};
use crate::{Number, Relation, RelationKind, Thing, Trait, shape};
use alloc::vec;
use alloc::vec::Vec;

impl Reader {
    /// Reads what says how the thing is; false if something else comes next.
    pub(crate) fn modifier(&mut self, at: &mut Cursor) -> bool {
        let Some((sense, length)) = at.sense() else { return false };
        // A noun of more words wins: "orange juice" is no colour, "fire truck" no truck.
        if at
            .noun()
            .is_some_and(|(_, words)| words > length || (words == length && self.is_noun_here(sense, *at, length)))
        {
            return false;
        }
        let mut ahead = *at;
        ahead.take(length);
        match sense {
            Sense::Skip if at.rest().first() == Some(&"who") && self.is_blank() => self.someone(ahead),
            Sense::Skip => self.aside = self.aside || self.turns(at.rest().first().copied()),
            Sense::Measure => {}
            Sense::Pronoun => {
                self.refused = self.refused || !self.is_counted(ahead);
                let one = self.noun.is_none() && at.rest().first() == Some(&"one");
                self.number = self.number.or(one.then_some(Number::One));
            }
            Sense::Photo => return self.photo(at, ahead),
            Sense::Of => {
                if self.noun.is_some() || self.loose.iter().any(|word| !shape::is_superlative(word)) {
                    return false;
                }
                // "The larger of two dogs" is one dog.
                self.number = self.number.or(Some(Number::One));
            }
            Sense::Colour(..) | Sense::Shade(_) | Sense::Extent(_) if self.detail(at, &mut ahead) => {}
            Sense::Colour(colour, shade) => self.push(Trait::Colour { colour, shade }),
            Sense::Shade(shade) => match ahead.accept(|sense| matches!(sense, Sense::Colour(..))) {
                Some(Sense::Colour(colour, _)) => self.push(Trait::Colour { colour, shade: Some(shade) }),
                _ => self.push(Trait::Shade(shade)),
            },
            Sense::Extent(extent) => self.push(Trait::Extent(extent)),
            // "Bus number 5" is no fifth bus.
            Sense::Nth(_) if self.noun.is_some() && length > 1 && !is_from(ahead) => self.tell(at.take(length)),
            Sense::Nth(nth) => self.nth = Some(nth),
            Sense::Last(nth) => (self.nth, self.last) = (Some(nth), true),
            Sense::Count(count) if is_from(ahead) => self.nth = Some(count),
            Sense::Count(_) if self.noun.is_some() && !self.plural => self.tell(at.take(length)),
            Sense::Count(_) if matches!(self.number, Some(Number::One | Number::Count(_))) => {}
            Sense::Count(count) => self.number = Some(if count == 1 { Number::One } else { Number::Count(count) }),
            Sense::All | Sense::Group => self.number = Some(Number::All),
            Sense::Not => self.negated = true,
            Sense::Facing => self.facing(at.take(length), &mut ahead),
            _ => return self.place(at),
        }
        *at = ahead;
        true
    }

    /// Whether nothing was read yet.
    fn is_blank(&self) -> bool {
        self.noun.is_none() && self.loose.is_empty() && self.relations.is_empty() && self.traits.is_empty()
    }

    /// Reads "black bag", "long neck" after the noun: a second thing, or a part, whose colour or size says nothing of the first.
    fn detail<'a>(&mut self, at: &Cursor<'a>, ahead: &mut Cursor<'a>) -> bool {
        let mut next = *ahead;
        while next.accept(|s| matches!(s, Sense::Colour(..) | Sense::Shade(_) | Sense::Extent(_))).is_some() {}
        let part = next.unknown().is_some_and(|word| !shape::is_said_of(word)) && next.garment().is_none();
        if self.noun.is_none() || self.aside || !(part || next.noun().is_some()) {
            return false;
        }
        let mut after = *at;
        if let Some(other) = Self::nested(&mut after)
            && other.noun.known
            && self.relate(RelationKind::With, vec![other])
        {
            *ahead = after;
        } else {
            next.take(1);
            self.tell(at.rest().get(..at.rest().len() - next.rest().len()).unwrap_or_default());
            *ahead = next;
        }
        true
    }

    /// Whether a colour word is a noun here: "the orange", but not "the orange car".
    fn is_noun_here(&self, sense: Sense, mut at: Cursor, length: usize) -> bool {
        if !matches!(sense, Sense::Colour(..)) {
            return matches!(sense, Sense::Photo | Sense::Pronoun);
        }
        at.take(length);
        self.noun.is_none() && !begins_thing(at)
    }

    /// Whether "one" counts what follows, or there is a noun already: "one dog", "one of the dogs", "the red dog, the left one".
    fn is_counted(&self, ahead: Cursor) -> bool {
        let next = ahead.rest().first().copied().unwrap_or_default();
        let copula = ["is", "are"].contains(&next);
        self.noun.is_some()
            || matches!(ahead.sense(), Some((Sense::Of, _)))
            || ((copula || !matches!(ahead.sense(), Some((Sense::Skip | Sense::And, _)))) && begins_thing(ahead))
    }

    /// Whether a word makes what follows said of the thing that was named last: "that", or "who" for people.
    fn turns(&self, word: Option<&str>) -> bool {
        let last = self.relations.last().and_then(|relation| relation.others.last());
        last.is_some_and(|other| match word {
            Some("that" | "which") => true,
            Some("who") => other.noun.name == "person",
            _ => false,
        })
    }

    /// Reads "left of the bus", "in a red coat", "with a dog"; false if something else comes next.
    pub(crate) fn relation(&mut self, at: &mut Cursor) -> bool {
        let mut ahead = *at;
        let lead = ahead.sense().map(|(sense, length)| {
            ahead.take(length);
            sense
        });
        let kind = match lead {
            Some(Sense::Worn) => return self.worn(at, ahead, true),
            Some(Sense::With) if self.worn(at, ahead, false) => return true,
            Some(Sense::In) if self.worn(at, ahead, false) => return true,
            Some(Sense::Without) => {
                self.negated = true;
                if self.worn(at, ahead, false) {
                    return true;
                }
                RelationKind::With
            }
            Some(Sense::With | Sense::Of) => RelationKind::With,
            // "About to jump" is no place.
            Some(Sense::At) if at.rest().first() == Some(&"to") && ahead.unknown().is_some() => return false,
            Some(Sense::Relation(kind)) => kind,
            _ => {
                // "(to the) left (side) of the bus"
                let mut place = *at;
                place.accept(|sense| matches!(sense, Sense::In | Sense::On | Sense::At | Sense::From));
                place.skip();
                match (sides(&mut place), of_thing(place), lead) {
                    (Some(sides), Some(after), _) => {
                        ahead = after;
                        sides.first().map_or(RelationKind::Near, |(side, _)| lexicon::of(*side))
                    }
                    (.., Some(Sense::In)) => RelationKind::Inside,
                    (.., Some(Sense::On)) => RelationKind::On,
                    (.., Some(Sense::At)) => RelationKind::Near,
                    _ => return false,
                }
            }
        };
        self.settle_noun();
        let mut others = Vec::new();
        let mut next = ahead;
        while let Some(other) = Self::nested(&mut next) {
            ahead = next;
            others.push(other);
            if others.len() == 2 || next.accept(|sense| sense == Sense::And).is_none() || !begins_thing(next) {
                break;
            }
        }
        if others.is_empty() || !self.relate(kind, others) {
            return false;
        }
        *at = ahead;
        true
    }

    /// Adds a relation; false where there are too many.
    pub(crate) fn relate(&mut self, kind: RelationKind, others: Vec<Thing>) -> bool {
        let room = self.relations.len() < MOST_RELATIONS;
        if room {
            let negated = core::mem::take(&mut self.negated);
            self.relations.push(Relation { kind, others, negated });
            self.aside = false;
        }
        room
    }
}
