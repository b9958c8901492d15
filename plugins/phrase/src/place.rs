//! Reads places in the photo: "on the left", "in the top right corner".

use crate::cursor::Cursor;
use crate::lexicon::Sense;
use crate::parse::Reader;
use crate::{Along, Noun, Number, RelationKind, Side, Trait, nouns, word_class};
use alloc::vec::Vec;

impl Reader {
    /// Reads "facing left" and similar as unknown words: they say nothing about where the thing is.
    pub(crate) fn facing(&mut self, said: &[&str], ahead: &mut Cursor) {
        self.add_unknown(said);
        let mut place = *ahead;
        place.accept(|sense| matches!(sense, Sense::At | Sense::On));
        place.skip();
        if let Some((Sense::Place(Side::Left | Side::Right | Side::Top | Side::Bottom, _), length)) = place.sense() {
            let mut after = place;
            after.take(length);
            if !matches!(after.sense(), Some((Sense::Of, _))) {
                self.add_unknown(place.take(length));
                *ahead = place;
            }
        }
    }

    /// Reads a word for the photo, which is ignored, or for a part of a thing ("side of the bus"), which is unknown.
    pub(crate) fn photo(&mut self, at: &mut Cursor, mut ahead: Cursor) -> bool {
        if self.noun.is_none() && self.pending.is_empty() {
            let word = at.rest().first().copied().unwrap_or_default();
            // "Half of the dogs" and "most dogs" are not all of them.
            let share = ["half", "most"].contains(&word) && !matches!(ahead.sense(), Some((Sense::Place(..), _)));
            let of = ahead.accept(|sense| sense == Sense::Of).is_some();
            let part = ["side", "corner", "edge", "end", "part"].contains(&word);
            if share || (of && part && is_one(ahead)) {
                self.add_unknown(&[word]);
            }
        }
        at.take(at.rest().len() - ahead.rest().len());
        true
    }

    /// Reads "left", "on the far left", "in the top left corner of the photo" or "from the right". Returns false if
    /// something else comes next, or a relation ("left of the bus").
    pub(crate) fn place(&mut self, at: &mut Cursor) -> bool {
        let mut ahead = *at;
        let lead = ahead.accept(|sense| matches!(sense, Sense::In | Sense::On | Sense::At | Sense::From));
        ahead.skip();
        if lead.is_some() && self.noun.is_none() && ahead.accept(|sense| sense == Sense::Photo).is_some() {
            *at = ahead;
            return true;
        }
        let Some(sides) = sides(&mut ahead) else { return false };
        let thing = of_thing(ahead);
        if thing.is_some() && (self.noun.is_some() || self.pending.iter().any(|word| !word_class::is_modifier(word))) {
            return false;
        }
        if let Some(thing) = thing {
            let one = is_one(thing);
            if one && lead.is_some() {
                // "To the left of the bus, a dog".
                return false;
            }
            if one {
                // "The back of the couch" is a part of the couch.
                self.add_unknown(at.take(at.rest().len() - ahead.rest().len()));
                *at = thing;
                return true;
            }
        }
        if lead.is_none() && matches!(sides.as_slice(), [(Side::Right, false)]) && is_spatial(ahead) {
            // "Right behind the car".
            *at = ahead;
            return true;
        }
        for (side, most) in sides {
            if lead == Some(Sense::From) {
                if self.counts_other(side) {
                    continue;
                }
                self.from = Some(side);
                if self.nth.is_some() {
                    continue;
                }
            }
            let about_last = self.about_last;
            self.about_last = about_last || self.places_other(side);
            self.push(Trait::Place { side, most });
            self.about_last = about_last;
        }
        let mut after = ahead;
        if after.accept(|sense| sense == Sense::Of).is_some() {
            after.skip();
            if self.noun.is_none() || after.accept(|sense| sense == Sense::Photo).is_some() {
                // "The left of two dogs" is one dog. "Of the photo" is ignored.
                self.number = self.number.or((self.noun.is_none()).then_some(Number::One));
                ahead = after;
            }
        }
        *at = ahead;
        true
    }

    /// Whether this side belongs to the thing that was named last. That is so if the sought thing already has a place
    /// in this direction ("left of the dog on the right"), or if both are of the same kind ("the dog near the dog on
    /// the right").
    fn places_other(&self, side: Side) -> bool {
        use RelationKind::{Above, Behind, Below, InFrontOf, LeftOf, RightOf};
        let Some(relation) = self.relations.last() else { return false };
        let along = match side {
            Side::Left | Side::Right => matches!(relation.kind, LeftOf | RightOf),
            Side::Top | Side::Bottom => matches!(relation.kind, Above | Below),
            Side::Front | Side::Back => matches!(relation.kind, Behind | InFrontOf),
            Side::Centre => false,
        };
        let name = |noun: &Noun| noun.name.clone();
        let same = self.noun.as_ref().map(name) == relation.others.last().map(|other| name(&other.noun));
        along || same
    }

    /// Lets the ordinal of the thing that was named last count from this side ("next to the second laptop from the
    /// left"). Returns false if that thing has no such ordinal, or the sought thing has one.
    fn counts_other(&mut self, side: Side) -> bool {
        if self.nth.is_some() && self.from.is_none() {
            return false;
        }
        let others = self.relations.last_mut().map(|relation| relation.others.as_mut_slice()).unwrap_or_default();
        let name = others.last().map(|other| other.noun.name.clone());
        let mut counts = false;
        // "Between the first and the second horse from the right": both count from there.
        for (one, _) in others
            .iter_mut()
            .filter(|other| Some(&other.noun.name) == name.as_ref())
            .flat_map(|other| &mut other.traits)
        {
            if let Trait::Nth { along: along @ Along::Unsaid, .. } = one {
                (*along, counts) = (Along::From(side), true);
            }
        }
        counts
    }
}

/// Whether a single thing follows, not several.
fn is_one(mut at: Cursor) -> bool {
    let tint = |sense| matches!(sense, Sense::Skip | Sense::Colour(..) | Sense::Shade(_) | Sense::Extent(_));
    loop {
        if let Some((known, _)) = at.noun() {
            return !known.plural;
        }
        if let Some(word) = at.unknown() {
            at.take(1);
            if at.unknown().is_none() && at.noun().is_none() {
                return !nouns::is_plural(word);
            }
        } else if at.accept(tint).is_none() {
            return false;
        }
    }
}

/// Whether "from" and a side follow.
pub(crate) fn is_from(mut at: Cursor) -> bool {
    let from = at.accept(|sense| sense == Sense::From).is_some();
    at.skip();
    from && sides(&mut at).is_some()
}

/// Whether a relation such as "behind" follows, before which "right" means "directly".
fn is_spatial(at: Cursor) -> bool {
    use RelationKind::{Above, Behind, Below, Between, InFrontOf, Near};
    let kind = |kind| matches!(kind, Above | Behind | Below | Between | InFrontOf | Near);
    at.sense().is_some_and(|(sense, _)| matches!(sense, Sense::Relation(one) if kind(one)))
}

/// Reads "far left" or "top left corner": the sides, and whether each is the furthest one. `None` if no side comes
/// next.
pub(crate) fn sides(at: &mut Cursor) -> Option<Vec<(Side, bool)>> {
    let far = at.accept(|sense| sense == Sense::Far).is_some();
    let mut sides = Vec::new();
    while let Some(Sense::Place(side, most)) = at.accept(|sense| matches!(sense, Sense::Place(..))) {
        sides.push((side, most || far));
    }
    while at.accept(|sense| matches!(sense, Sense::Photo)).is_some() {}
    (!sides.is_empty()).then_some(sides)
}

/// The cursor after "of" if "of" and a thing other than the photo follow, else `None`.
pub(crate) fn of_thing(mut at: Cursor<'_>) -> Option<Cursor<'_>> {
    at.accept(|sense| sense == Sense::Of)?;
    let thing = at;
    at.skip();
    (!at.is_done() && !matches!(at.sense(), Some((Sense::Photo, _)))).then_some(thing)
}
