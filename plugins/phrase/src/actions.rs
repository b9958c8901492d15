//! Possession ("the man's hat") and actions ("the man is riding the horse"). Both are read as the relation "with".

use crate::RelationKind;
use crate::cursor::Cursor;
use crate::lexicon::{self, Sense};
use crate::lookahead::begins_thing;
use crate::parse::Reader;
use crate::word_class;
use alloc::borrow::ToOwned;
use alloc::vec;

impl Reader {
    /// Reads the "s" of "the man's hat": the thing read so far owns the one that follows. Returns whether it was there.
    pub(crate) fn possessive(&mut self, at: &mut Cursor) -> bool {
        let adjacent = self.noun.is_some() && at.rest().len() == self.after_noun;
        let mut ahead = *at;
        if !adjacent || ahead.accept(|sense| sense == Sense::Possessive).is_none() || !begins_thing(ahead) {
            return false;
        }
        let Some(owner) = core::mem::take(self).finish() else {
            self.rejected = true;
            return true;
        };
        // Things in relations have no relations of their own, so those of the owner are dropped.
        self.relate(RelationKind::With, vec![crate::Thing { relations: vec![], ..owner }]);
        *at = ahead;
        true
    }

    /// Reads a clause such as "(that) the man is riding" after a noun, and returns whether there was one. Its subject,
    /// the man, is related to the noun.
    pub(crate) fn subject(&mut self, at: &mut Cursor) -> bool {
        let mut ahead = *at;
        ahead.skip();
        if self.noun.is_none() || ahead.rest().len() == at.rest().len() {
            return false;
        }
        let Some(other) = Self::nested(&mut ahead).filter(|other| other.noun.known) else { return false };
        ahead.skip();
        let verb = ahead;
        let word = match ahead.sense() {
            None if ahead.noun().is_none() => ahead.word(),
            Some((Sense::Relation(_) | Sense::Worn | Sense::Facing, length)) => {
                ahead.take(length).first().copied().filter(|word| is_verb(word))
            }
            Some((Sense::On | Sense::In, _)) => Some(""),
            _ => None,
        };
        let Some(word) = word else { return false };
        let known = verb.sense().is_some() || lexicon::is_posture(word);
        // A preposition may be left over: "the chair the man is sitting on".
        let mut after = ahead;
        after.accept(|sense| matches!(sense, Sense::On | Sense::In | Sense::With | Sense::At));
        if after.is_done() || !begins_thing(after) {
            ahead = after;
        }
        let transitive = word_class::is_active(word) || word.is_empty() || word.ends_with('s') || is_verb(word);
        if !transitive || begins_thing(ahead) || !self.relate(RelationKind::With, vec![other]) {
            return false;
        }
        if !known {
            self.unknown.push(word.to_owned());
        }
        *at = ahead;
        true
    }

    /// Reads the object of a verb that was read just before ("chases the ball"), or its agent ("held by the woman").
    pub(crate) fn object_of_verb(&mut self, verb: &str, at: &mut Cursor) {
        let next = at.rest().first().copied().unwrap_or_default();
        let mut ahead = *at;
        let by = word_class::is_passive(verb) && next == "by" && ahead.word().is_some();
        let plain = word_class::is_determiner(next) && !word_class::is_adjective(verb);
        if !(by || plain || word_class::is_active(verb)) {
            return;
        }
        if let Some(other) = Self::nested(&mut ahead)
            && other.noun.known
            && self.relate(RelationKind::With, vec![other])
        {
            *at = ahead;
        }
    }
}

/// Whether a word that names a relation is a verb and not a preposition.
fn is_verb(word: &str) -> bool {
    ["rides", "holds", "carries", "uses", "has", "have", "wears"].contains(&word) || word_class::is_active(word)
}
