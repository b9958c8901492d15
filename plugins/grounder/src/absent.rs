//! What the query says that cannot hold in this photo: things that are not there, and numbers beyond what is there.

use crate::object::Object;
use alloc::collections::BTreeMap;
use rescue_phrase::{Number, Thing, Trait};
use rescue_plugin_sdk::prelude::*;

/// Why a thing of the query cannot be in the photo. `found` has the objects of each noun that the detector knows; `suspected` tells whether
/// it may have seen a thing of which it is not sure. `None` if nothing speaks against it.
#[must_use]
pub fn contradiction(
    thing: &Thing,
    found: &BTreeMap<String, Vec<Object>>,
    suspected: impl Fn(&str) -> bool,
) -> Option<String> {
    let count = |thing: &Thing| found.get(&thing.noun.name).map(Vec::len);
    if let Some(count) = count(thing) {
        if let Some(why) = too_few(thing, count) {
            return Some(why);
        }
        let ordinal = thing.traits.iter().find_map(|(one, negated)| match one {
            Trait::Nth { nth, .. } if !negated => usize::try_from(*nth).ok().filter(|nth| *nth > count),
            _ => None,
        });
        if let Some(nth) = ordinal {
            return Some(format!("only {count} '{}' found, and number {nth} is asked for", thing.noun.name));
        }
    }
    let others = thing.relations.iter().filter(|relation| !relation.negated).flat_map(|relation| &relation.others);
    for other in others.filter(|other| other.noun.known) {
        match count(other) {
            // It is there perhaps, and too small for the detector.
            Some(0) if suspected(&other.noun.name) => {}
            Some(0) => {
                return Some(format!(
                    "no '{}' was found, which the query relates '{}' to",
                    other.noun.written, thing.noun.written
                ));
            }
            Some(count) => {
                if let Some(why) = too_few(other, count) {
                    return Some(why);
                }
                // Nothing is related to itself: a dog between two dogs makes three.
                let others = match other.number {
                    Number::Count(others) => others,
                    Number::One | Number::All => 1,
                };
                let all = usize::try_from(others).unwrap_or(usize::MAX).saturating_add(1);
                if other.noun.name == thing.noun.name && count < all && !suspected(&other.noun.name) {
                    return Some(format!("only {count} '{}' found, and the query speaks of {all}", thing.noun.name));
                }
            }
            None => {}
        }
    }
    None
}

/// Why there are too few of a thing. `None` if there are not.
fn too_few(thing: &Thing, count: usize) -> Option<String> {
    let fewer = |wanted: &u32| count > 0 && u32::try_from(count).is_ok_and(|count| count < *wanted);
    let asked = match thing.number {
        Number::Count(wanted) => Some(wanted).filter(fewer),
        _ => None,
    };
    let name = &thing.noun.name;
    match (asked, thing.among.filter(fewer)) {
        (Some(asked), _) => Some(format!("only {count} '{name}' found, and {asked} are asked for")),
        (None, Some(among)) => Some(format!("only {count} '{name}' found, and the query says that there are {among}")),
        (None, None) => None,
    }
}
