//! From what was read to a thing.

use crate::parse::Reader;
use crate::{Along, Extent, Number, Side, Thing, Trait, Wear, nouns};
use alloc::borrow::ToOwned;
use alloc::vec::Vec;

impl Reader {
    /// The thing; none where nothing names it, where "not" stands before its noun, or where any object would do.
    pub(crate) fn finish(mut self) -> Option<Thing> {
        self.settle_noun();
        self.unknown.append(&mut self.loose);
        let noun = self.noun.filter(|_| !self.refused)?;
        if self.negated {
            if self.not_this {
                return None;
            }
            self.unknown.push("not".to_owned());
        }
        if noun.name != "person" {
            // Where a horse has its head cannot be told from its box.
            for (one, _) in &mut self.traits {
                if let Trait::Worn { region, .. } = one {
                    *region = Wear::Whole;
                }
            }
        }
        let mut number = self.number.unwrap_or(if self.plural { Number::All } else { Number::One });
        let told = !self.traits.is_empty() || !self.relations.is_empty() || self.nth.is_some() || number != Number::One;
        if noun.name == nouns::ANYTHING && (!told || !self.unknown.is_empty()) {
            // Any object would do: so all that is said of it has to be understood.
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
        Some(Thing { noun, number, traits: self.traits, relations: self.relations, unknown: self.unknown })
    }
}

/// How an ordinal counts; what says so is taken out of the traits.
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
        // "The second sheep on the right" is counted from there.
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
