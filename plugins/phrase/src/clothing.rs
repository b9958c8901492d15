//! Reads clothing and its colours.

use crate::cursor::Cursor;
use crate::lexicon::{self, Sense};
use crate::lookahead::{begins_garment, begins_thing};
use crate::parse::Reader;
use crate::{BodyRegion, Colour, RelationKind, Shade, Trait, word_class};
use alloc::borrow::ToOwned;
use alloc::vec;
use alloc::vec::Vec;

impl Reader {
    /// Reads clothing after "wearing", "in" or "with" and returns whether there was any. If `certain` is false ("in",
    /// "with"), only a colour or a garment counts as clothing, and a known noun does not.
    pub(crate) fn clothing<'a>(&mut self, at: &mut Cursor<'a>, mut ahead: Cursor<'a>, certain: bool) -> bool {
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
        let mut region = BodyRegion::Whole;
        let garment = ahead.garment();
        if let Some((wear, length)) = garment {
            region = wear;
            ahead.take(length);
        } else if ahead.noun().is_some() {
            if !certain {
                return false;
            }
            // "wearing a tie": the detector can find a tie, so it becomes a relation.
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
            let meaningful = words.filter(|word| !matches!(lexicon::sense(&[word]), Some((Sense::Skip, _))));
            let not = core::mem::take(&mut self.negated).then_some("not");
            self.unknown.extend(not.iter().chain(meaningful).map(|word| (*word).to_owned()));
        } else {
            self.add_unknown(&patterns);
        }
        self.settle_noun();
        self.add_clothing(region, &colours);
        *at = ahead;
        true
    }

    /// Adds clothing to the person who was named last, or else to the thing itself.
    fn add_clothing(&mut self, region: BodyRegion, colours: &[(Colour, Option<Shade>)]) {
        let negated = core::mem::take(&mut self.negated);
        let traits =
            colours.iter().map(|(colour, shade)| (Trait::Worn { region, colour: *colour, shade: *shade }, negated));
        let last = self.relations.last_mut().and_then(|relation| relation.others.last_mut());
        match last.filter(|other| other.noun.name == "person") {
            Some(person) => person.traits.extend(traits),
            None => self.traits.extend(traits),
        }
    }

    /// Reads clothing without "wearing" or "in", and returns whether there was any: "man blue shirt", "green shirt
    /// guy", "whose hat is red".
    pub(crate) fn bare_clothing(&mut self, at: &mut Cursor) -> bool {
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
            return (self.noun.is_some() || before) && self.clothing(at, start, false);
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
        self.add_clothing(region, &[(colour, shade.or(own))]);
        *at = ahead;
        true
    }
}

/// Whether one or two unknown words are followed by a garment: "plaid shirt", "floral print dress".
fn is_pattern(mut at: Cursor<'_>) -> bool {
    for _ in 0..2 {
        if at.unknown().is_none() || word_class::is_active(at.rest().first().unwrap_or(&"")) {
            return false;
        }
        at.take(1);
        if begins_garment(at) {
            return true;
        }
    }
    false
}
