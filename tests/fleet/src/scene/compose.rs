//! Draws scenes from a seed.

use std::collections::BTreeSet;

use bytes::Bytes;
use rescue_core::Seed;
use rescue_mask::{Size, jpeg};

use super::background::Background;
use super::naming::{COLOURS, name};
use super::shape::{SHAPES, Shape, bounds};
use super::{Noise, Object, Scene};
use crate::error::FleetError;
use crate::limits::{MAX_SCENES, SCENE_SIDES};
use crate::vision::{Picture, decode};

/// The usual size of a photo.
pub const PHOTO: Size = Size::new(640, 480);

/// The JPEG quality of the photos, 1 to 100.
const QUALITY: u8 = 90;

/// The fewest objects on a photo.
const FEWEST: usize = 4;
/// The most objects on a photo.
const MOST: usize = 9;

/// How often a scene is drawn anew that has too few objects or no query of its own.
const TRIES: u32 = 200;

/// Draws `count` scenes. The sizes of their photos are taken from `sizes` in turn. The same arguments give the same
/// scenes, except that the JPEG files may differ in a few bytes between processors.
///
/// # Errors
///
/// Returns [`FleetError::Scenes`] if there are no sizes, a side is not 128 to 4096 pixels, or `count` is above 1000.
pub fn draw_scenes(seed: u64, count: usize, sizes: &[Size]) -> Result<Vec<Scene>, FleetError> {
    if count > MAX_SCENES {
        return Err(FleetError::Scenes(format!("{count} are too many; {MAX_SCENES} are the most")));
    }
    if sizes.is_empty() && count > 0 {
        return Err(FleetError::Scenes("there is no size to draw them in; give one, such as 640×480".to_owned()));
    }
    let fits = |size: &&Size| SCENE_SIDES.contains(&size.width) && SCENE_SIDES.contains(&size.height);
    if let Some(size) = sizes.iter().find(|size| !fits(size)) {
        let (least, most) = (SCENE_SIDES.start(), SCENE_SIDES.end());
        return Err(FleetError::Scenes(format!("a photo of {size} is not drawn; sides are {least} to {most} pixels")));
    }
    let mut queries = BTreeSet::new();
    (0_u64..)
        .zip(sizes.iter().cycle())
        .take(count)
        .map(|(index, size)| scene(seed, index, *size, &mut queries))
        .collect()
}

/// An object before it is painted.
#[derive(Clone, Copy)]
struct Thing {
    shape: Shape,
    colour: usize,
}

impl Thing {
    fn name(&self) -> String {
        name(self.colour, self.shape.kind)
    }
}

fn scene(seed: u64, index: u64, size: Size, queries: &mut BTreeSet<String>) -> Result<Scene, FleetError> {
    for attempt in 0..TRIES {
        let words = [&b"scene"[..], &index.to_le_bytes(), &attempt.to_le_bytes()];
        let mut random = fastrand::Rng::with_seed(Seed(seed).derive(words));
        let things = things(&mut random, size);
        if things.len() < FEWEST {
            continue;
        }
        let Some((truth, query)) = query(&mut random, &things, size, queries) else { continue };
        queries.insert(query.clone());
        return paint(&mut random, size, &things, truth, query);
    }
    Err(FleetError::Scenes(format!("no scene {index} of {size} was found whose query no other scene has; draw fewer")))
}

/// Draws objects that do not touch. All have different names, except that the last may have the name of the first.
fn things(random: &mut fastrand::Rng, size: Size) -> Vec<Thing> {
    let short = f64::from(size.width.min(size.height));
    let wanted = random.usize(FEWEST..=MOST);
    let pair = random.bool();
    let mut things: Vec<Thing> = Vec::new();
    for _ in 0..400 {
        if things.len() == wanted {
            break;
        }
        let radius = short * (0.07 + 0.09 * random.f64());
        let place = |random: &mut fastrand::Rng, side: u32| {
            radius + 4.0 + (f64::from(side) - 2.0 * radius - 8.0) * random.f64()
        };
        let (x, y) = (place(random, size.width), place(random, size.height));
        let mut thing = Thing {
            shape: Shape { x, y, radius, kind: random.usize(..SHAPES.len()), angle: 0.5 + 0.6 * random.f64() },
            colour: random.usize(..COLOURS.len()),
        };
        if let Some(first) = things.first().filter(|_| pair && things.len() + 1 == wanted) {
            (thing.colour, thing.shape.kind) = (first.colour, first.shape.kind);
            // The two are so far apart that "left" and "right" are clear.
            if (thing.shape.x - first.shape.x).abs() < 0.2 * f64::from(size.width) {
                continue;
            }
        } else if things.iter().any(|other| other.name() == thing.name()) {
            continue;
        }
        if things.iter().all(|other| other.shape.apart(&thing.shape, short * 0.03)) {
            things.push(thing);
        }
    }
    things
}

/// Draws the object to look for, and a query for it that no other scene has. Returns the object's index and the query.
fn query(
    random: &mut fastrand::Rng,
    things: &[Thing],
    size: Size,
    queries: &BTreeSet<String>,
) -> Option<(usize, String)> {
    let truth = random.usize(..things.len());
    let thing = things.get(truth)?;
    let name = thing.name();
    let twins: Vec<_> = things.iter().filter(|other| other.name() == name).collect();
    if twins.len() > 1 {
        let leftmost = twins.iter().all(|other| other.shape.x >= thing.shape.x);
        let query = format!("the {name} on the {}", if leftmost { "left" } else { "right" });
        return (!queries.contains(&query)).then_some((truth, query));
    }
    let plain = format!("the {name}");
    if !queries.contains(&plain) {
        return Some((truth, plain));
    }
    // Only one object has this name. The query needs more words only to differ from the queries of other scenes.
    let tell = |other: &Thing| {
        let (dx, dy) = (thing.shape.x - other.shape.x, thing.shape.y - other.shape.y);
        let (dx, dy) = (dx / f64::from(size.width), dy / f64::from(size.height));
        let side = match (dx.abs() > dy.abs(), dx > 0.0, dy > 0.0) {
            (true, true, _) => "to the right of",
            (true, false, _) => "to the left of",
            (false, _, true) => "below",
            (false, _, false) => "above",
        };
        format!("the {name} {side} the {}", other.name())
    };
    let others = things.iter().filter(|other| other.name() != name);
    others.map(tell).find(|query| !queries.contains(query)).map(|query| (truth, query))
}

fn paint(
    random: &mut fastrand::Rng,
    size: Size,
    things: &[Thing],
    truth: usize,
    query: String,
) -> Result<Scene, FleetError> {
    let background = Background::draw(random, size);
    let grain = Noise(random.u64(..));
    let failed = |why: String| FleetError::Scenes(format!("{query:?}: {why}"));
    let mut rgb = Vec::with_capacity(size.pixels() as usize * 3);
    for y in 0..size.height {
        for x in 0..size.width {
            let mut colour = background.at(x, y);
            for thing in things {
                let distance = thing.shape.distance(f64::from(x) + 0.5, f64::from(y) + 0.5);
                // The share of the pixel that is inside. Edges are about as soft as a lens makes them.
                let share = (0.5 - distance / 1.5).clamp(0.0, 1.0);
                if share > 0.0 {
                    let own = COLOURS.get(thing.colour).map(|(_, rgb)| *rgb).unwrap_or_default();
                    let light = 8.0 * (thing.shape.y - f64::from(y)) / thing.shape.radius + 4.0 * grain.at(x, y);
                    for (behind, own) in colour.iter_mut().zip(own) {
                        *behind += (f64::from(own) + light - *behind) * share;
                    }
                }
            }
            rgb.extend(colour.map(|channel| channel.round().clamp(0.0, 255.0) as u8));
        }
    }
    let photo = jpeg::encode_rgb(size, &rgb, QUALITY).map_err(|why| failed(why.to_string()))?;
    let shown: Picture = decode(&photo).map_err(failed)?;
    let mut objects = Vec::with_capacity(things.len());
    for thing in things {
        let mask = thing.shape.mask(size);
        let bounds = bounds(&mask).ok_or_else(|| failed("a thing has no pixels".to_owned()))?;
        let colour = COLOURS.get(thing.colour).map(|(_, rgb)| *rgb).unwrap_or_default();
        objects.push(Object { name: thing.name(), colour, mask, bounds });
    }
    let target = objects.get(truth).cloned().ok_or_else(|| failed("it names nothing".to_owned()))?;
    Ok(Scene { photo: Bytes::from(photo), size, query, objects, truth, target, shown })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scenes_are_repeatable_and_their_queries_differ() {
        let scenes = draw_scenes(1, 150, &[Size::new(160, 128)]).unwrap();
        let again = draw_scenes(1, 150, &[Size::new(160, 128)]).unwrap();
        let queries: BTreeSet<_> = scenes.iter().map(|scene| scene.query.clone()).collect();
        assert_eq!(queries.len(), 150);
        for (scene, again) in scenes.iter().zip(&again) {
            assert_eq!(scene.shown, again.shown);
            assert_eq!(scene.query, again.query);
            assert!((FEWEST..=MOST).contains(&scene.objects.len()));
            for (index, object) in scene.objects.iter().enumerate() {
                assert!(scene.objects.iter().skip(index + 1).all(|o| o.mask.shared_area(&object.mask).unwrap() == 0));
            }
        }
        assert!(queries.iter().any(|query| query.ends_with("left")));
        assert!(queries.iter().any(|query| query.contains(" of the ")), "some need more words");
    }

    #[test]
    fn nothing_is_red_or_black() {
        for scene in draw_scenes(2, 6, &[PHOTO, Size::new(480, 640)]).unwrap() {
            for [red, green, blue] in scene.shown.pixels() {
                assert!(i16::from(red) < i16::from(green.max(blue)) + 40, "{red} {green} {blue}");
                assert!(red.max(green).max(blue) > 60, "{red} {green} {blue}");
            }
        }
    }

    #[test]
    fn wrong_sizes_and_counts_are_refused() {
        assert!(draw_scenes(0, 1, &[]).is_err());
        assert!(draw_scenes(0, 0, &[]).unwrap().is_empty());
        assert!(draw_scenes(0, 1, &[Size::new(127, 128)]).is_err());
        assert!(draw_scenes(0, 1001, &[PHOTO]).is_err());
    }
}
