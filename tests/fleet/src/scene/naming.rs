//! The colours and the names of objects.

use super::shape::SHAPES;
use super::{Object, Scene};

/// The names and values of colours, all of them far from red, from black and from each other.
pub(super) const COLOURS: [(&str, [u8; 3]); 10] = [
    ("teal", [0, 135, 135]),
    ("blue", [50, 90, 230]),
    ("green", [40, 155, 60]),
    ("yellow", [225, 215, 60]),
    ("purple", [120, 50, 190]),
    ("cyan", [95, 215, 235]),
    ("olive", [115, 120, 30]),
    ("navy", [30, 40, 110]),
    ("lime", [165, 235, 80]),
    ("lavender", [170, 165, 240]),
];

/// The name of an object of this colour and shape.
pub(super) fn name(colour: usize, kind: usize) -> String {
    let colour = COLOURS.get(colour).map_or("", |(name, _)| *name);
    format!("{colour} {}", SHAPES.get(kind).copied().unwrap_or_default())
}

/// The indices of the objects that a phrase names, in the scene's order.
///
/// The scene's own query names its target. Otherwise the first colour and the first shape among the words count: "the
/// teal disc" names every teal disc, "disc" every disc. "left" and "right" keep only the outermost of them. A phrase
/// with neither a colour nor a shape names nothing.
pub(crate) fn named(scene: &Scene, phrase: &str) -> Vec<usize> {
    let phrase = phrase.trim().to_lowercase();
    if phrase == scene.query.to_lowercase() {
        return vec![scene.truth];
    }
    let words: Vec<_> = phrase.split(|c: char| !c.is_alphanumeric()).map(|word| word.trim_end_matches('s')).collect();
    let colour = words.iter().find(|word| COLOURS.iter().any(|(name, _)| name == *word));
    let shape = words.iter().find(|word| SHAPES.contains(word));
    if colour.is_none() && shape.is_none() {
        return Vec::new();
    }
    let fits = |object: &Object| {
        let mut own = object.name.split(' ');
        let same = |wanted: Option<&&str>, own: Option<&str>| wanted.is_none_or(|wanted| Some(*wanted) == own);
        same(colour, own.next()) && same(shape, own.next())
    };
    let mut found: Vec<_> = scene.objects.iter().enumerate().filter(|(_, object)| fits(object)).collect();
    let by_left = |a: &(usize, &Object), b: &(usize, &Object)| a.1.bounds.x_min.total_cmp(&b.1.bounds.x_min);
    if words.contains(&"left") {
        found = found.into_iter().min_by(by_left).into_iter().collect();
    } else if words.contains(&"right") {
        found = found.into_iter().max_by(by_left).into_iter().collect();
    }
    found.into_iter().map(|(index, _)| index).collect()
}

#[cfg(test)]
mod tests {
    use crate::scene::{PHOTO, draw_scenes};

    use super::named;

    #[test]
    fn queries_name_their_target_and_names_their_objects() {
        for scene in draw_scenes(3, 40, &[PHOTO]).unwrap() {
            assert_eq!(named(&scene, &scene.query), [scene.truth], "{}", scene.query);
            assert_eq!(named(&scene, &scene.query.replace("the ", "The  one ")), [scene.truth], "{}", scene.query);
            for (index, object) in scene.objects.iter().enumerate() {
                assert!(named(&scene, &format!("all {}s", object.name)).contains(&index));
                assert!(named(&scene, object.name.split(' ').next_back().unwrap()).contains(&index));
            }
            assert!(named(&scene, "the dog").is_empty());
        }
    }
}
