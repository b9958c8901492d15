//! What comes next in a query.

use crate::cursor::Cursor;
use crate::lexicon::Sense;
use crate::shape;

/// Whether a noun comes before anything but traits.
pub(crate) fn begins_thing(mut at: Cursor<'_>) -> bool {
    let mut determined = false;
    loop {
        if at.noun().is_some() {
            return true;
        }
        let Some(word) = at.rest().first() else { return false };
        determined = determined || shape::is_determiner(word);
        match at.sense() {
            None if shape::is_adjective(word) || (determined && shape::is_said_of(word)) => {
                at.take(1);
            }
            None => return !shape::is_said_of(word),
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
            Some((sense, _)) => return sense == Sense::Pronoun,
        }
    }
}

/// Whether a garment comes before anything but colours.
pub(crate) fn begins_garment(mut at: Cursor<'_>) -> bool {
    let tint = |sense| matches!(sense, Sense::Skip | Sense::Colour(..) | Sense::Shade(_) | Sense::Extent(_));
    while at.garment().is_none() && at.accept(tint).is_some() {}
    at.garment().is_some()
}
