//! Who has what, and who does what to it: all of it is read as "with".

use crate::RelationKind;
use crate::ahead::begins_thing;
use crate::cursor::Cursor;
use crate::lexicon::{self, Sense};
use crate::parse::Reader;
use crate::shape;
use alloc::borrow::ToOwned;
use alloc::vec;

impl Reader {
    /// Reads the "s" of "the man's hat": the noun so far owns the one that follows.
    pub(crate) fn owner(&mut self, at: &mut Cursor) -> bool {
        let adjacent = self.noun.is_some() && at.rest().len() == self.after_noun;
        let mut ahead = *at;
        if !adjacent || ahead.accept(|sense| sense == Sense::Owner).is_none() || !begins_thing(ahead) {
            return false;
        }
        let Some(owner) = core::mem::take(self).finish() else {
            self.refused = true;
            return true;
        };
        // Of the owner's own relations nothing can be told further in; one that comes before the noun is seldom.
        self.relate(RelationKind::With, vec![crate::Thing { relations: vec![], ..owner }]);
        *at = ahead;
        true
    }

    /// Reads "(that) the man is riding" after a noun: who does something to it.
    pub(crate) fn doer(&mut self, at: &mut Cursor) -> bool {
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
        let transitive = shape::is_active(word) || word.is_empty() || word.ends_with('s') || is_verb(word);
        if !transitive || begins_thing(ahead) || !self.relate(RelationKind::With, vec![other]) {
            return false;
        }
        if !known {
            self.unknown.push(word.to_owned());
        }
        *at = ahead;
        true
    }

    /// Reads what a verb, which was put aside, is done to ("chases the ball") or by ("held by the woman").
    pub(crate) fn deed(&mut self, verb: &str, at: &mut Cursor) {
        let next = at.rest().first().copied().unwrap_or_default();
        let mut ahead = *at;
        let by = shape::is_passive(verb) && next == "by" && ahead.word().is_some();
        let plain = shape::is_determiner(next) && !shape::is_adjective(verb);
        if !(by || plain || shape::is_active(verb)) {
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

/// Whether a word of a relation is a verb, and not a preposition.
fn is_verb(word: &str) -> bool {
    ["rides", "holds", "carries", "uses", "has", "have", "wears"].contains(&word) || shape::is_active(word)
}
