//! What is worn, and its colours.

use crate::ahead::{begins_garment, begins_thing};
use crate::cursor::Cursor;
use crate::lexicon::{self, Sense};
use crate::parse::Reader;
use crate::{Colour, RelationKind, Shade, Trait, Wear, shape};
use alloc::borrow::ToOwned;
use alloc::vec;
use alloc::vec::Vec;

impl Reader {
    /// Reads what is worn. Where `certain` is false, only colours and garments make it that, and no known noun.
    pub(crate) fn worn<'a>(&mut self, at: &mut Cursor<'a>, mut ahead: Cursor<'a>, certain: bool) -> bool {
        let start = ahead;
        let mut colours: Vec<(Colour, Option<Shade>)> = Vec::new();
        let mut shade = None;
        let mut patterns: Vec<&str> = Vec::new();
        loop {
            if ahead.garment().is_some() {
                break;
            }
            match ahead.accept(|s| {
                matches!(
                    s,
                    Sense::Skip | Sense::All | Sense::And | Sense::Colour(..) | Sense::Shade(_) | Sense::Extent(_)
                )
            }) {
                Some(Sense::Colour(colour, own)) => colours.push((colour, shade.take().or(own))),
                Some(Sense::Shade(dark)) => shade = Some(dark),
                Some(_) => {}
                None if is_pattern(ahead) => patterns.extend(ahead.word()),
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
            if let Some(other) = Self::nested(&mut { start })
                && self.relate(RelationKind::With, vec![other])
            {
                ahead.take(ahead.noun().map_or(1, |(_, length)| length));
                *at = ahead;
                return true;
            }
        } else if !certain && (colours.is_empty() || (!ahead.is_done() && ahead.sense().is_none())) {
            return false;
        }
        if colours.is_empty() {
            let read = start.rest().len() - ahead.rest().len();
            let words = start.rest().iter().take(read);
            let told = words.filter(|word| !matches!(lexicon::sense(&[word]), Some((Sense::Skip, _))));
            let not = core::mem::take(&mut self.negated).then_some("not");
            self.unknown.extend(not.iter().chain(told).map(|word| (*word).to_owned()));
        } else {
            self.tell(&patterns);
        }
        self.settle_noun();
        self.wear(region, &colours);
        *at = ahead;
        true
    }

    /// Says what is worn: of the person who was named last, or of the thing itself.
    fn wear(&mut self, region: Wear, colours: &[(Colour, Option<Shade>)]) {
        let negated = core::mem::take(&mut self.negated);
        let traits =
            colours.iter().map(|(colour, shade)| (Trait::Worn { region, colour: *colour, shade: *shade }, negated));
        let last = self.relations.last_mut().and_then(|relation| relation.others.last_mut());
        match last.filter(|other| other.noun.name == "person") {
            Some(person) => person.traits.extend(traits),
            None => self.traits.extend(traits),
        }
    }

    /// Reads what is worn where no word says that it is: "man blue shirt", "green shirt guy", "whose hat is red".
    pub(crate) fn dress(&mut self, at: &mut Cursor) -> bool {
        if at.garment().is_none() {
            let mut ahead = *at;
            let tinted = ahead.accept(|s| matches!(s, Sense::Colour(..) | Sense::Shade(_))).is_some();
            let tint = |sense| matches!(sense, Sense::And | Sense::Colour(..) | Sense::Shade(_));
            while ahead.garment().is_none()
                && (ahead.accept(tint).is_some() || (is_pattern(ahead) && ahead.word().is_some()))
            {}
            let Some((_, length)) = ahead.garment().filter(|_| tinted && at.noun().is_none_or(|(_, n)| n == 1)) else {
                return false;
            };
            ahead.take(length);
            let start = *at;
            let before = !matches!(ahead.sense(), Some((Sense::Skip | Sense::And, _))) && begins_thing(ahead);
            return (self.noun.is_some() || before) && self.worn(at, start, false);
        }
        let Some((region, length)) = at.garment().filter(|_| self.noun.is_some() && at.noun().is_none()) else {
            return false;
        };
        let mut ahead = *at;
        ahead.take(length);
        ahead.skip();
        let shade = match ahead.accept(|sense| matches!(sense, Sense::Shade(_))) {
            Some(Sense::Shade(shade)) => Some(shade),
            _ => None,
        };
        let Some(Sense::Colour(colour, own)) = ahead.accept(|sense| matches!(sense, Sense::Colour(..))) else {
            return false;
        };
        self.wear(region, &[(colour, shade.or(own))]);
        *at = ahead;
        true
    }
}

/// Whether one or two unknown words come before a garment: "plaid", "floral print".
fn is_pattern(mut at: Cursor<'_>) -> bool {
    for _ in 0..2 {
        if at.unknown().is_none() || shape::is_active(at.rest().first().unwrap_or(&"")) {
            return false;
        }
        at.take(1);
        if begins_garment(at) {
            return true;
        }
    }
    false
}
