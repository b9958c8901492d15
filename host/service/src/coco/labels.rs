//! The 80 object classes of COCO, and which of them a phrase names.

/// The class numbers of COCO, 1 to 90 with gaps, and their labels.
pub(crate) static LABELS: [(usize, &str); 80] = [
    (1, "person"),
    (2, "bicycle"),
    (3, "car"),
    (4, "motorcycle"),
    (5, "airplane"),
    (6, "bus"),
    (7, "train"),
    (8, "truck"),
    (9, "boat"),
    (10, "traffic light"),
    (11, "fire hydrant"),
    (13, "stop sign"),
    (14, "parking meter"),
    (15, "bench"),
    (16, "bird"),
    (17, "cat"),
    (18, "dog"),
    (19, "horse"),
    (20, "sheep"),
    (21, "cow"),
    (22, "elephant"),
    (23, "bear"),
    (24, "zebra"),
    (25, "giraffe"),
    (27, "backpack"),
    (28, "umbrella"),
    (31, "handbag"),
    (32, "tie"),
    (33, "suitcase"),
    (34, "frisbee"),
    (35, "skis"),
    (36, "snowboard"),
    (37, "sports ball"),
    (38, "kite"),
    (39, "baseball bat"),
    (40, "baseball glove"),
    (41, "skateboard"),
    (42, "surfboard"),
    (43, "tennis racket"),
    (44, "bottle"),
    (46, "wine glass"),
    (47, "cup"),
    (48, "fork"),
    (49, "knife"),
    (50, "spoon"),
    (51, "bowl"),
    (52, "banana"),
    (53, "apple"),
    (54, "sandwich"),
    (55, "orange"),
    (56, "broccoli"),
    (57, "carrot"),
    (58, "hot dog"),
    (59, "pizza"),
    (60, "donut"),
    (61, "cake"),
    (62, "chair"),
    (63, "couch"),
    (64, "potted plant"),
    (65, "bed"),
    (67, "dining table"),
    (70, "toilet"),
    (72, "tv"),
    (73, "laptop"),
    (74, "mouse"),
    (75, "remote"),
    (76, "keyboard"),
    (77, "cell phone"),
    (78, "microwave"),
    (79, "oven"),
    (80, "toaster"),
    (81, "sink"),
    (82, "refrigerator"),
    (84, "book"),
    (85, "clock"),
    (86, "vase"),
    (87, "scissors"),
    (88, "teddy bear"),
    (89, "hair drier"),
    (90, "toothbrush"),
];

/// Names of groups of classes, and the class numbers in each as ranges: first and last number, both included. A group that COCO has
/// as a super-category has the same members as in COCO: there, potted plants are furniture and people are not animals.
pub(crate) static GROUPS: [(&str, &[[usize; 2]]); 14] = [
    ("vehicle", &[[2, 9]]),
    ("animal", &[[16, 25]]),
    ("accessory", &[[27, 33]]),
    ("bag", &[[27, 27], [31, 31], [33, 33]]),
    ("sports equipment", &[[34, 43]]),
    ("kitchenware", &[[44, 51]]),
    ("glass", &[[46, 47]]),
    ("food", &[[52, 61]]),
    ("fruit", &[[52, 53], [55, 55]]),
    ("vegetable", &[[56, 57]]),
    ("furniture", &[[62, 70]]),
    ("electronic device", &[[72, 77]]),
    ("appliance", &[[78, 82]]),
    ("object", &[[1, 90]]),
];

/// The labels that a phrase names. The phrase may be a label, the name of a group, or the plural of either, in upper or lower case,
/// with or without an article. Any other phrase names none.
pub(crate) fn named(phrase: &str) -> Vec<&'static str> {
    let phrase = phrase.to_lowercase();
    let mut words: Vec<&str> = phrase.split_whitespace().collect();
    if words.first().is_some_and(|word| ["a", "an", "the"].contains(word)) {
        words.remove(0);
    }
    let phrase = words.join(" ");
    let matches = |name: &str| phrase == name || plurals(name).contains(&phrase);
    if let Some((_, label)) = LABELS.iter().find(|(_, label)| matches(label)) {
        return vec![label];
    }
    let group = GROUPS.iter().find(|(name, _)| matches(name));
    let ranges = group.map_or(&[][..], |(_, ranges)| ranges);
    let in_group = |number: usize| ranges.iter().any(|[first, last]| (*first..=*last).contains(&number));
    LABELS.iter().filter(|(number, _)| in_group(*number)).map(|(_, label)| *label).collect()
}

/// The accepted plurals of a name.
fn plurals(label: &str) -> [String; 3] {
    let other = match label {
        "person" => "people".to_owned(),
        "mouse" => "mice".to_owned(),
        "knife" => "knives".to_owned(),
        _ => label.strip_suffix('y').map_or_else(|| format!("{label}es"), |stem| format!("{stem}ies")),
    };
    [format!("{label}s"), format!("{label}es"), other]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phrases_name_labels() {
        for (phrase, label) in [
            ("person", "person"),
            ("The  Dog", "dog"),
            ("buses", "bus"),
            ("people", "person"),
            ("traffic lights", "traffic light"),
        ] {
            assert_eq!(named(phrase), [label]);
        }
        for phrase in ["", "a", "unicorn", "the red car", "do", "vehicl", "animals dog"] {
            assert!(named(phrase).is_empty(), "{phrase}");
        }
    }

    #[test]
    fn phrases_name_groups() {
        for (phrase, first, last, count) in [
            ("an animal", "bird", "giraffe", 10),
            ("Vehicles", "bicycle", "boat", 8),
            ("furniture", "chair", "toilet", 6),
            ("the fruits", "banana", "orange", 3),
            ("bags", "backpack", "suitcase", 3),
            ("glasses", "wine glass", "cup", 2),
            ("accessories", "backpack", "suitcase", 5),
            ("electronic devices", "tv", "cell phone", 6),
            ("appliances", "microwave", "refrigerator", 5),
            ("objects", "person", "toothbrush", 80),
        ] {
            let labels = named(phrase);
            assert_eq!((labels[0], labels[labels.len() - 1], labels.len()), (first, last, count), "{phrase}");
        }
    }
}
