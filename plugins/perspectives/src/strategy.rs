//! The eight strategies. Their names and temperatures are those of the RESCue system; their texts are written for this
//! plugin.

use rescue_plugin_sdk::math::round;

/// A strategy: a way to look for the thing.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Strategy {
    /// The name, which is the origin of the hypotheses.
    pub name: &'static str,
    /// The offset to the sampling temperature.
    pub offset: f64,
    /// The text that tells the model what to look at.
    pub look: &'static str,
}

/// All strategies, in the order of ids.
pub const STRATEGIES: [Strategy; 8] = [
    Strategy {
        name: "original",
        offset: 0.0,
        look: "Read the description as a person would who stands before the photo and means one thing in it. Go through the \
               things that it could mean, check each against every word, and take the one that all of them fit.",
    },
    Strategy {
        name: "conservative",
        offset: -0.2,
        look: "Be careful. Take the plainest, most literal meaning of each word, and count only what can clearly be seen in the \
               photo. Rule out every thing that one of the words does not fit, and take the one that is left.",
    },
    Strategy {
        name: "exploratory",
        offset: 0.2,
        look: "Think beyond the first thing that comes to mind. The description may mean something small, partly hidden, in the \
               background, in a reflection or in a picture, or use a word in an unusual sense. Name at least two different \
               readings, find for each what it would mean in this photo, and take the one that explains the description best.",
    },
    Strategy {
        name: "spatial",
        offset: 0.1,
        look: "Look at where things are. Work out every word of place, order, distance and direction: left and right as seen by \
               the viewer unless said otherwise, above and below, in front and behind, next to, between, nearest, first, last. \
               Find the things that these words start from, and from them the one that is meant.",
    },
    Strategy {
        name: "functional",
        offset: 0.0,
        look: "Look at what things are for and what happens. Ask what someone could do with the thing that is meant, what it is \
               being used for, who acts and on what. Find the thing in the photo that serves this purpose or takes this part.",
    },
    Strategy {
        name: "visual",
        offset: 0.1,
        look: "Look at what can be seen of the things themselves: colour, material, texture, shape, size, pattern, writing, \
               clothing, pose, expression. List what the description says or implies of these, compare the things in the photo \
               one by one, and take the one that looks like it.",
    },
    Strategy {
        name: "contextual",
        offset: 0.0,
        look: "Look at the scene as a whole: what place this is, what is going on, which things belong together and which stand \
               out. Ask what a person who describes this scene would be pointing at with these words, and take that thing.",
    },
    Strategy {
        name: "part_whole",
        offset: 0.0,
        look: "Look at parts and wholes. Decide whether the description means a whole thing, a part of one, something worn, held \
               or carried, or one member of a group. Find the whole first, then the extent that is meant: no more than it, and \
               all of it.",
    },
];

impl Strategy {
    /// The temperature of this strategy: `base` plus its offset, limited to 0.3 to 1 and rounded to thousandths (so
    /// that 0.7 − 0.2 is exactly 0.5).
    #[must_use]
    pub fn temperature(&self, base: f64) -> f64 {
        round((base + self.offset).clamp(0.3, 1.0) * 1000.0) / 1000.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn temperatures(base: f64) -> Vec<f64> {
        STRATEGIES.iter().map(|strategy| strategy.temperature(base)).collect()
    }

    #[test]
    fn names_and_temperatures_are_those_of_the_original() {
        let names: Vec<&str> = STRATEGIES.iter().map(|strategy| strategy.name).collect();
        let original = "original conservative exploratory spatial functional visual contextual part_whole";
        assert_eq!(names.join(" "), original);
        assert_eq!(temperatures(0.7), [0.7, 0.5, 0.9, 0.8, 0.7, 0.8, 0.7, 0.7]);
        assert_eq!(temperatures(0.95), [0.95, 0.75, 1.0, 1.0, 0.95, 1.0, 0.95, 0.95]);
        assert_eq!(temperatures(0.3), [0.3, 0.3, 0.5, 0.4, 0.3, 0.4, 0.3, 0.3]);
    }

    #[test]
    fn all_texts_differ() {
        for (index, one) in STRATEGIES.iter().enumerate() {
            assert!(STRATEGIES[..index].iter().all(|other| other.look != one.look));
            assert!(!one.look.contains("  ") && !one.look.contains('\n'), "{}", one.name);
        }
    }
}
