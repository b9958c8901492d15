//! What the query says that cannot hold in this photo: things that are not there, numbers other than what is there, and
//! relations that nothing has.

use crate::fit::relation_name;
use crate::object::Object;
use alloc::collections::BTreeMap;
use rescue_phrase::{Along, Number, RelationKind, Side, Thing, Trait};
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
        if let Some(why) = miscounted(thing, count) {
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
                if let Some(why) = miscounted(other, count) {
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
    unrelated(thing, found, suspected)
}

/// Why a relation to the left, right, above or below holds for none of the objects: the other thing is the furthest of
/// its kind on that side, or it is a single object and the centres of all objects lie beyond it, on its other side.
/// `None` if no relation is known to fail.
fn unrelated(thing: &Thing, found: &BTreeMap<String, Vec<Object>>, suspected: impl Fn(&str) -> bool) -> Option<String> {
    let objects = found.get(&thing.noun.name)?;
    for relation in thing.relations.iter().filter(|relation| !relation.negated) {
        let side = match relation.kind {
            RelationKind::LeftOf => Side::Left,
            RelationKind::RightOf => Side::Right,
            RelationKind::Above => Side::Top,
            RelationKind::Below => Side::Bottom,
            _ => continue,
        };
        let name = relation_name(relation.kind);
        for other in &relation.others {
            let (noun, written) = (&thing.noun.written, &other.noun.written);
            if other.noun.name == thing.noun.name {
                // A "man" may be left of the leftmost "woman", though the detector knows only persons.
                let same = written == noun || !(thing.noun.narrower || other.noun.narrower);
                if same && is_furthest(other, side) {
                    return Some(format!(
                        "no '{noun}' can be {name} the '{written}' that is the furthest on that side"
                    ));
                }
                continue;
            }
            let Some([only]) = found.get(&other.noun.name).map(Vec::as_slice) else { continue };
            let beyond = |object: &Object| {
                let (x, y) = object.rect.centre();
                let beyond = match side {
                    Side::Left => x > only.rect.x_max,
                    Side::Right => x < only.rect.x_min,
                    Side::Top => y > only.rect.y_max,
                    _ => y < only.rect.y_min,
                };
                beyond || object.rect == only.rect
            };
            if objects.iter().all(beyond) && ![thing, other].iter().any(|thing| suspected(&thing.noun.name)) {
                return Some(format!("no '{noun}' is {name} the '{written}'"));
            }
        }
    }
    None
}

/// Whether the query calls a single thing the furthest of all of its kind on this side, and says nothing else about it.
fn is_furthest(thing: &Thing, side: Side) -> bool {
    let [(one, false)] = thing.traits.as_slice() else { return false };
    let furthest = match *one {
        Trait::Place { side: named, most: true } | Trait::Nth { nth: 1, along: Along::From(named) } => Some(named),
        Trait::Nth { nth: 1, along: Along::Unsaid } => Some(Side::Left),
        _ => None,
    };
    thing.number == Number::One && thing.unknown.is_empty() && furthest == Some(side)
}

/// Why the number of a thing is not the one that the query says. `None` if it may be.
fn miscounted(thing: &Thing, count: usize) -> Option<String> {
    let fewer = |wanted: &u32| count > 0 && u32::try_from(count).is_ok_and(|count| count < *wanted);
    let asked = match thing.number {
        Number::Count(wanted) => Some(wanted).filter(fewer),
        _ => None,
    };
    let name = &thing.noun.name;
    match (asked, thing.among.filter(fewer)) {
        (Some(asked), _) => Some(format!("only {count} '{name}' found, and {asked} are asked for")),
        (None, Some(among)) => Some(format!("only {count} '{name}' found, and the query says that there are {among}")),
        // "The only dog".
        (None, None) if thing.among == Some(1) && count > 1 => {
            Some(format!("{count} '{name}' found, and the query says that there is only one"))
        }
        (None, None) => None,
    }
}
