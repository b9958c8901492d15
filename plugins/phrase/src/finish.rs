//! Makes a thing of what the reader has read.

use crate::parse::Reader;
use crate::{Along, BodyRegion, Extent, Number, Side, Thing, Trait, nouns};
use alloc::borrow::ToOwned;
use alloc::vec::Vec;

impl Reader {
    /// The thing. `None` if it has no noun, if "not" stands before its noun, or if the noun is "object" and its
    /// description is empty or not fully understood.
    pub(crate) fn finish(mut self) -> Option<Thing> {
        self.settle_noun();
        self.unknown.append(&mut self.pending);
        let noun = self.noun.filter(|_| !self.rejected)?;
        if self.negated {
            if self.noun_negated {
                return None;
            }
            self.unknown.push("not".to_owned());
        }
        if noun.name != "person" {
            // For things other than people, the box does not tell where the head is.
            for (one, _) in &mut self.traits {
                if let Trait::Worn { region, .. } = one {
                    *region = BodyRegion::Whole;
                }
            }
        }
        let mut number = self.number.unwrap_or(if self.plural { Number::All } else { Number::One });
        if self.only && number == Number::One && self.traits.is_empty() && self.relations.is_empty() {
            // "The only woman" says nothing about how many people there are.
            self.among = self.among.or((self.unknown.is_empty() && self.nth.is_none() && !noun.narrower).then_some(1));
        }
        let described =
            !self.traits.is_empty() || !self.relations.is_empty() || self.nth.is_some() || number != Number::One;
        if noun.name == nouns::ANYTHING && (!described || !self.unknown.is_empty()) {
            // "Object" fits any object, so the whole description has to be understood.
            return None;
        }
        if let Some(nth) = self.nth {
            let along = match along(&mut self.traits, self.from) {
                Along::From(Side::Left) if self.last && self.from.is_some() => Along::From(Side::Right),
                Along::From(Side::Right) if self.last && self.from.is_some() => Along::From(Side::Left),
                Along::Unsaid if self.last => Along::From(Side::Right),
                along => along,
            };
            match (number, along) {
                // "The first two" are the two leftmost.
                (Number::Count(_), Along::From(side)) if nth == 1 => {
                    self.traits.push((Trait::Place { side, most: true }, false));
                }
                (Number::Count(_), Along::Unsaid) if nth == 1 => {
                    self.traits.push((Trait::Place { side: Side::Left, most: true }, false));
                }
                _ => {
                    self.traits.push((Trait::Nth { nth, along }, false));
                    number = Number::One;
                }
            }
        }
        let (traits, relations, unknown) = (self.traits, self.relations, self.unknown);
        Some(Thing { noun, number, among: self.among, traits, relations, except: Vec::new(), unknown })
    }
}

/// The direction in which an ordinal counts. If a trait names it, the trait is removed.
fn along(traits: &mut Vec<(Trait, bool)>, from: Option<Side>) -> Along {
    if let Some(side) = from {
        return Along::From(side);
    }
    let along = |one: &(Trait, bool)| match one {
        (Trait::Place { side, most: true }, false) => Some(Along::From(*side)),
        (
            Trait::Extent(extent @ (Extent::Big | Extent::Small | Extent::Tall | Extent::Short | Extent::Wide)),
            false,
        ) => Some(Along::By(*extent)),
        _ => None,
    };
    let row = |one: &(Trait, bool)| match one {
        // "The second sheep on the right" is counted from the right.
        (Trait::Place { side: side @ (Side::Left | Side::Right), most: false }, false) => Some(Along::From(*side)),
        _ => None,
    };
    let along = |one: &(Trait, bool)| along(one).or_else(|| row(one));
    match traits.iter().enumerate().find_map(|(index, one)| along(one).map(|along| (index, along))) {
        Some((index, along)) => {
            traits.remove(index);
            along
        }
        None => Along::Unsaid,
    }
}
