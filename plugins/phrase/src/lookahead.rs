//! Looks ahead for a thing or a garment.

use crate::cursor::Cursor;
use crate::lexicon::Sense;
use crate::word_class;

/// Whether a thing begins here: a noun, with nothing but determiners and traits before it.
pub(crate) fn begins_thing(mut at: Cursor<'_>) -> bool {
    let mut determined = false;
    loop {
        if at.noun().is_some() {
            return true;
        }
        let Some(word) = at.rest().first() else { return false };
        determined = determined || word_class::is_determiner(word);
        match at.sense() {
            None if word_class::is_adjective(word) || (determined && word_class::is_modifier(word)) => {
                at.take(1);
            }
            None => return !word_class::is_modifier(word),
            Some((
                Sense::Skip
                | Sense::Colour(..)
                | Sense::Shade(_)
                | Sense::Extent(_)
                | Sense::Count(_)
                | Sense::Nth(_)
                | Sense::Last(_)
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

/// Whether a garment begins here, with nothing but colours and sizes before it.
pub(crate) fn begins_garment(mut at: Cursor<'_>) -> bool {
    let tint = |sense| matches!(sense, Sense::Skip | Sense::Colour(..) | Sense::Shade(_) | Sense::Extent(_));
    while at.garment().is_none() && at.accept(tint).is_some() {}
    at.garment().is_some()
}
