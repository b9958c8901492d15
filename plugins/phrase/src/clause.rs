//! What is said of a thing before and after its noun.

use crate::cursor::Cursor;
use crate::lexicon::{self, Sense};
use crate::parse::{MOST_RELATIONS, Reader, begins_thing};
use crate::{Colour, Number, Relation, RelationKind, Shade, Side, Trait, Wear};
use alloc::borrow::ToOwned;
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
            Sense::Skip | Sense::Pronoun | Sense::Photo | Sense::Measure | Sense::Of => {
                self.number = self.number.or((sense == Sense::Pronoun && self.noun.is_none()).then_some(Number::One));
            }
            Sense::Colour(colour, shade) => self.push(Trait::Colour { colour, shade }),
            Sense::Shade(shade) => match ahead.accept(|sense| matches!(sense, Sense::Colour(..))) {
                Some(Sense::Colour(colour, _)) => self.push(Trait::Colour { colour, shade: Some(shade) }),
                _ => self.push(Trait::Shade(shade)),
            },
            Sense::Extent(extent) => self.push(Trait::Extent(extent)),
            Sense::Nth(nth) => self.nth = Some(nth),
            Sense::Last => {
                self.nth = Some(1);
                self.from = self.from.or(Some(Side::Right));
            }
            Sense::Count(count) => self.number = Some(if count == 1 { Number::One } else { Number::Count(count) }),
            Sense::All | Sense::Group => self.number = Some(Number::All),
            Sense::Not => self.negated = true,
            Sense::Facing => self.facing(at.take(length), &mut ahead),
            _ => return self.place(at),
        }
        *at = ahead;
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

    /// "facing left" says nothing about where the thing is.
    fn facing(&mut self, said: &[&str], ahead: &mut Cursor) {
        self.unknown.extend(said.iter().map(|word| (*word).to_owned()));
        let mut place = *ahead;
        place.accept(|sense| matches!(sense, Sense::At | Sense::On));
        place.skip();
        if let Some((Sense::Place(Side::Left | Side::Right | Side::Top | Side::Bottom, _), length)) = place.sense() {
            let mut after = place;
            after.take(length);
            if !matches!(after.sense(), Some((Sense::Of, _))) {
                self.unknown.extend(place.take(length).iter().map(|word| (*word).to_owned()));
                *ahead = place;
            }
        }
    }

    /// Reads "left", "on the far left", "in the top left corner of the photo", "from the right"; false where that is followed
    /// by something that the thing stands left of.
    fn place(&mut self, at: &mut Cursor) -> bool {
        let mut ahead = *at;
        let lead = ahead.accept(|sense| matches!(sense, Sense::In | Sense::On | Sense::At | Sense::From));
        ahead.skip();
        let Some(sides) = sides(&mut ahead) else { return false };
        if self.noun.is_some() && of_thing(ahead).is_some() {
            return false;
        }
        for (side, most) in sides {
            if lead == Some(Sense::From) {
                self.from = Some(side);
                if self.nth.is_some() {
                    continue;
                }
            }
            self.push(Trait::Place { side, most });
        }
        let mut after = ahead;
        if after.accept(|sense| sense == Sense::Of).is_some() {
            after.skip();
            if self.noun.is_none() || after.accept(|sense| sense == Sense::Photo).is_some() {
                // "the left of two dogs" is one dog; "of the photo" says nothing.
                self.number = self.number.or((self.noun.is_none()).then_some(Number::One));
                ahead = after;
            }
        }
        *at = ahead;
        true
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
            Some(Sense::With) => RelationKind::With,
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
        if self.noun.is_none() || self.relations.len() >= MOST_RELATIONS {
            return false;
        }
        let mut others = Vec::new();
        while let Some(other) = Self::nested(&mut ahead) {
            others.push(other);
            let mut next = ahead;
            if others.len() == 2 || next.accept(|sense| sense == Sense::And).is_none() || !begins_thing(next) {
                break;
            }
            ahead = next;
        }
        if others.is_empty() {
            return false;
        }
        let negated = core::mem::take(&mut self.negated);
        self.relations.push(Relation { kind, others, negated });
        *at = ahead;
        true
    }

    /// Reads what is worn. Where `certain` is false, only colours and garments make it that, and no known noun.
    pub(crate) fn worn<'a>(&mut self, at: &mut Cursor<'a>, mut ahead: Cursor<'a>, certain: bool) -> bool {
        let start = ahead;
        let mut colours: Vec<(Colour, Option<Shade>)> = Vec::new();
        let mut shade = None;
        loop {
            if ahead.garment().is_some() {
                break;
            }
            match ahead.accept(|s| {
                matches!(s, Sense::Skip | Sense::And | Sense::Colour(..) | Sense::Shade(_) | Sense::Extent(_))
            }) {
                Some(Sense::Colour(colour, own)) => colours.push((colour, shade.take().or(own))),
                Some(Sense::Shade(dark)) => shade = Some(dark),
                Some(_) => {}
                None => break,
            }
        }
        let mut region = Wear::Whole;
        let garment = ahead.garment();
        if let Some((wear, length)) = garment {
            region = wear;
            ahead.take(length);
        } else if ahead.noun().is_some() {
            if !certain {
                return false;
            }
            // "wearing a tie": the detector can see it.
            self.settle_noun();
            if let Some(other) = Self::nested(&mut { start }) {
                self.relations.push(Relation { kind: RelationKind::With, others: vec![other], negated: self.negated });
                self.negated = false;
                ahead.take(ahead.noun().map_or(1, |(_, length)| length));
                *at = ahead;
                return true;
            }
        } else if !certain && (colours.is_empty() || (!ahead.is_done() && ahead.sense().is_none())) {
            return false;
        }
        if colours.is_empty() {
            let read = start.rest().len() - ahead.rest().len();
            let words = start
                .rest()
                .iter()
                .take(read)
                .filter(|word| !matches!(lexicon::sense(&[word]), Some((Sense::Skip, _))));
            self.unknown.extend(words.map(|word| (*word).to_owned()));
            self.negated = false;
        }
        let negated = core::mem::take(&mut self.negated);
        self.settle_noun();
        self.traits.extend(colours.into_iter().map(|(colour, shade)| (Trait::Worn { region, colour, shade }, negated)));
        *at = ahead;
        true
    }
}

/// Reads "far left", "top left corner".
fn sides(at: &mut Cursor) -> Option<Vec<(Side, bool)>> {
    let far = at.accept(|sense| sense == Sense::Far).is_some();
    let mut sides = Vec::new();
    while let Some(Sense::Place(side, most)) = at.accept(|sense| matches!(sense, Sense::Place(..))) {
        sides.push((side, most || far));
    }
    while at.accept(|sense| matches!(sense, Sense::Photo)).is_some() {}
    (!sides.is_empty()).then_some(sides)
}

/// Where "of" and a thing other than the photo follow: the place of that thing.
fn of_thing(mut at: Cursor<'_>) -> Option<Cursor<'_>> {
    at.accept(|sense| sense == Sense::Of)?;
    let thing = at;
    at.skip();
    (!at.is_done() && !matches!(at.sense(), Some((Sense::Photo, _)))).then_some(thing)
}

/// Whether a garment comes before anything but colours.
pub(crate) fn begins_garment(mut at: Cursor<'_>) -> bool {
    let tint = |sense| matches!(sense, Sense::Skip | Sense::Colour(..) | Sense::Shade(_) | Sense::Extent(_));
    while at.garment().is_none() && at.accept(tint).is_some() {}
    at.garment().is_some()
}
