//! Reads the words before and after a noun: traits and relations.

use crate::cursor::Cursor;
use crate::lexicon::{self, Sense};
use crate::lookahead::begins_thing;
use crate::parse::{MAX_RELATIONS, Reader, sharing};
use crate::place::{is_from, of_thing, sides};
use crate::{Number, Relation, RelationKind, Thing, Trait, word_class};
use alloc::vec;
use alloc::vec::Vec;

impl Reader {
    /// Reads one trait or function word. Returns false, and reads nothing, if something else comes next.
    pub(crate) fn modifier(&mut self, at: &mut Cursor) -> bool {
        let Some((sense, length)) = at.sense() else { return false };
        // A longer noun wins: "orange juice" is not a colour, "fire truck" is not a truck.
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
            Sense::Skip => {
                self.only = self.only || (self.noun.is_none() && at.rest().starts_with(&["the", "only"]));
                self.about_last = self.about_last || self.refers_to_last(at.rest().first().copied());
            }
            Sense::Measure => {}
            Sense::Pronoun => {
                self.rejected = self.rejected || !self.is_counted(ahead);
                let one = self.noun.is_none() && at.rest().first() == Some(&"one");
                self.number = self.number.or(one.then_some(Number::One));
            }
            Sense::Photo => return self.photo(at, ahead),
            Sense::Of => {
                if self.noun.is_some() || self.pending.iter().any(|word| !word_class::is_superlative(word)) {
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
            // "Bus number 5" is not the fifth bus.
            Sense::Nth(_) if self.noun.is_some() && length > 1 && !is_from(ahead) => self.add_unknown(at.take(length)),
            Sense::Nth(nth) => self.nth = Some(nth),
            Sense::Last(nth) => (self.nth, self.last) = (Some(nth), true),
            Sense::Count(count) if is_from(ahead) => self.nth = Some(count),
            Sense::Count(_) if self.noun.is_some() && !self.plural => self.add_unknown(at.take(length)),
            Sense::Count(count) if matches!(self.number, Some(Number::One | Number::Count(_))) => {
                self.among = Some(count)
            }
            Sense::Count(count) => self.number = Some(if count == 1 { Number::One } else { Number::Count(count) }),
            Sense::All | Sense::Group => {
                if at.rest().first() != Some(&"all") && matches!(ahead.sense(), Some((Sense::Of, _))) {
                    // "Some of the dogs" are not all of them.
                    self.add_unknown(at.rest().get(..length).unwrap_or_default());
                }
                self.number = Some(Number::All);
            }
            Sense::Not => self.negated = true,
            Sense::Facing => self.facing(at.take(length), &mut ahead),
            _ => return self.place(at),
        }
        *at = ahead;
        true
    }

    /// Whether nothing has been read yet.
    fn is_blank(&self) -> bool {
        self.noun.is_none() && self.pending.is_empty() && self.relations.is_empty() && self.traits.is_empty()
    }

    /// Reads "black bag" or "long neck" after the noun, and returns whether it was there. The colour or size belongs to
    /// this second thing or part, not to the first noun.
    fn detail<'a>(&mut self, at: &Cursor<'a>, ahead: &mut Cursor<'a>) -> bool {
        let mut next = *ahead;
        while next.accept(|s| matches!(s, Sense::Colour(..) | Sense::Shade(_) | Sense::Extent(_))).is_some() {}
        let part = next.unknown().is_some_and(|word| !word_class::is_modifier(word)) && next.garment().is_none();
        if self.noun.is_none() || self.about_last || !(part || next.noun().is_some()) {
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
            self.add_unknown(at.rest().get(..at.rest().len() - next.rest().len()).unwrap_or_default());
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

    /// Whether "one" is a number or refers to a noun that was read ("one dog", "one of the dogs", "the red dog, the
    /// left one"), and does not stand for an unnamed thing.
    fn is_counted(&self, ahead: Cursor) -> bool {
        let next = ahead.rest().first().copied().unwrap_or_default();
        let copula = ["is", "are"].contains(&next);
        self.noun.is_some()
            || matches!(ahead.sense(), Some((Sense::Of, _)))
            || ((copula || !matches!(ahead.sense(), Some((Sense::Skip | Sense::And, _)))) && begins_thing(ahead))
    }

    /// Whether the word begins a clause about the thing that was named last: "that", "which", or "who" after a person.
    fn refers_to_last(&self, word: Option<&str>) -> bool {
        let last = self.relations.last().and_then(|relation| relation.others.last());
        last.is_some_and(|other| match word {
            Some("that" | "which") => true,
            Some("who") => other.noun.name == "person",
            _ => false,
        })
    }

    /// Reads a relation or clothing: "left of the bus", "in a red coat", "with a dog". Returns false if something else
    /// comes next.
    pub(crate) fn relation(&mut self, at: &mut Cursor) -> bool {
        let mut ahead = *at;
        let lead = ahead.sense().map(|(sense, length)| {
            ahead.take(length);
            sense
        });
        let kind = match lead {
            Some(Sense::Worn) => return self.clothing(at, ahead, true),
            Some(Sense::With) if self.clothing(at, ahead, false) => return true,
            Some(Sense::In) if self.clothing(at, ahead, false) => return true,
            Some(Sense::Without) => {
                self.negated = true;
                if self.clothing(at, ahead, false) {
                    return true;
                }
                RelationKind::With
            }
            Some(Sense::With | Sense::Of) => RelationKind::With,
            // "About to jump" is not a place.
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
        let mut next = ahead;
        let mut others = match kind {
            // "In black and the white dog".
            RelationKind::Inside => Vec::new(),
            _ => sharing(&mut next, 2, Self::nested).unwrap_or_default(),
        };
        if !others.is_empty() {
            ahead = next;
        }
        while others.len() < 2
            && let Some(other) = Self::nested(&mut next)
        {
            ahead = next;
            others.push(other);
            if next.accept(|sense| sense == Sense::And).is_none() || !begins_thing(next) {
                break;
            }
        }
        if others.is_empty() || !self.relate(kind, others) {
            return false;
        }
        *at = ahead;
        true
    }

    /// Adds a relation. Returns false, and adds nothing, if the thing has [`MAX_RELATIONS`] already.
    pub(crate) fn relate(&mut self, kind: RelationKind, others: Vec<Thing>) -> bool {
        let room = self.relations.len() < MAX_RELATIONS;
        if room {
            let negated = core::mem::take(&mut self.negated);
            self.relations.push(Relation { kind, others, negated });
            self.about_last = false;
        }
        room
    }
}
