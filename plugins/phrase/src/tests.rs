//! Tests of the parser. Each case is a sentence and its tree in short form.

use super::*;

mod queries;

/// A tree in short form, such as `~sled x2 red -Left@ On[car] ?shiny`: `~` is a noun that is in no table, `-` is "not",
/// `@` is "most", `of2` is how many there are, `?` is a word that was not understood.
fn short(expression: &Expression) -> String {
    expression.things.iter().map(thing).collect::<Vec<_>>().join(" && ")
}

fn thing(thing: &Thing) -> String {
    let mut words = vec![format!("{}{}", if thing.noun.known { "" } else { "~" }, thing.noun.name)];
    match thing.number {
        Number::One => {}
        Number::Count(count) => words.push(format!("x{count}")),
        Number::All => words.push("all".to_owned()),
    }
    words.extend(thing.among.map(|among| format!("of{among}")));
    for (one, negated) in &thing.traits {
        let shade = |shade: &Option<Shade>| shade.map_or(String::new(), |shade| format!("{}-", shade.name()));
        let text = match one {
            Trait::Colour { colour, shade: s } => format!("{}{}", shade(s), colour.name()),
            Trait::Shade(s) => s.name().to_owned(),
            Trait::Extent(extent) => format!("{extent:?}"),
            Trait::Place { side, most } => format!("{side:?}{}", if *most { "@" } else { "" }),
            Trait::Nth { nth, along: Along::Unsaid } => format!("#{nth}"),
            Trait::Nth { nth, along: Along::From(side) } => format!("#{nth}/{side:?}"),
            Trait::Nth { nth, along: Along::By(extent) } => format!("#{nth}/{extent:?}"),
            Trait::Worn { region, colour, shade: s } => format!("{region:?}:{}{}", shade(s), colour.name()),
        };
        words.push(format!("{}{text}", if *negated { "-" } else { "" }));
    }
    for relation in &thing.relations {
        let others: Vec<String> = relation.others.iter().map(self::thing).collect();
        words.push(format!("{}{:?}[{}]", if relation.negated { "-" } else { "" }, relation.kind, others.join(", ")));
    }
    words.extend(thing.except.iter().map(|other| format!("except[{}]", self::thing(other))));
    words.extend(thing.unknown.iter().map(|word| format!("?{word}")));
    words.join(" ")
}

const CASES: &[(&str, &str)] = &[
    // Nouns
    ("dog", "dog"),
    ("The dog.", "dog"),
    ("a puppy", "dog"),
    ("two dogs", "dog x2"),
    ("the dogs", "dog all"),
    ("all the dogs", "dog all"),
    ("both cats", "cat x2"),
    ("people", "person all"),
    ("three men", "person x3"),
    ("the women", "person all"),
    ("scissors", "scissors"),
    ("a pair of scissors", "scissors x2"),
    ("bus", "bus"),
    ("buses", "bus all"),
    ("sofa", "couch"),
    ("the TV", "tv"),
    ("stop sign", "stop sign"),
    ("traffic lights", "traffic light all"),
    ("glass of wine", "wine glass"),
    ("wine glasses", "wine glass all"),
    ("slice of pizza", "pizza"),
    ("group of people", "person all"),
    ("fire truck", "truck"),
    ("teddy bear", "teddy bear"),
    ("polar bear", "bear"),
    ("the bus driver", "person ?bus"),
    ("alpaca", "~alpaca"),
    ("the fluffy alpaca", "~alpaca ?fluffy"),
    ("dgo", "~dgo"),
    ("dog house", "~dog house"),
    ("dog bowl", "bowl ?dog"),
    ("the orange", "orange"),
    ("an orange cat", "cat orange"),
    ("oranges", "orange all"),
    ("segment the zebra please", "zebra"),
    ("man and dog", "person && dog"),
    ("the red car and the blue truck", "car red && truck blue"),
    // Colours
    ("red car", "car red"),
    ("the dark blue suitcase", "suitcase dark-blue"),
    ("a light green umbrella", "umbrella light-green"),
    ("black and white cow", "cow black white"),
    ("navy couch", "couch dark-blue"),
    ("dark horse", "horse dark"),
    ("the car that is red", "car red"),
    ("the car that is not red", "car -red"),
    ("not the red car", "car -red"),
    ("the silver laptop", "laptop grey"),
    // Sizes
    ("the biggest elephant", "elephant Big"),
    ("small boat", "boat Small"),
    ("little girl", "person Small"),
    ("tallest giraffe", "giraffe Tall"),
    ("the larger of the two cats", "cat of2 Big"),
    // Places
    ("left dog", "dog Left"),
    ("dog on the left", "dog Left"),
    ("dog to the right", "dog Right"),
    ("the dog at left", "dog Left"),
    ("leftmost dog", "dog Left@"),
    ("dog on the far right", "dog Right@"),
    ("the far left chair", "chair Left@"),
    ("top left clock", "clock Top Left"),
    ("the bird in the bottom right corner of the photo", "bird Bottom Right"),
    ("person in the background", "person Back"),
    ("person in the foreground", "person Front"),
    ("the closest zebra", "zebra Front@"),
    ("car nearest to the camera", "car Front@"),
    ("middle giraffe", "giraffe Centre"),
    ("horse in the middle", "horse Centre"),
    ("man in front", "person Front"),
    ("the cup on the left side of the picture", "cup Left"),
    ("the left one of the two dogs", "dog of2 Left"),
    ("the dog not on the left", "dog -Left"),
    ("the dog facing left", "dog ?facing ?left"),
    ("woman looking to the right", "person ?looking ?right"),
    // Ordinals
    ("second car", "car #2"),
    ("second car from the left", "car #2/Left"),
    ("third person from right", "person #3/Right"),
    ("the 2nd from the right dog", "dog #2/Right"),
    ("second from left elephant", "elephant #2/Left"),
    ("second largest bear", "bear #2/Big"),
    ("last boat", "boat #1/Right"),
    ("second closest cow", "cow #2/Front"),
    // Relations
    ("dog left of the bus", "dog LeftOf[bus]"),
    ("dog to the left of the bus", "dog LeftOf[bus]"),
    ("dog on the left side of the bus", "dog LeftOf[bus]"),
    ("the cat to the right of a red chair", "cat RightOf[chair red]"),
    ("cup next to the laptop", "cup Near[laptop]"),
    ("cup beside the blue laptop", "cup Near[laptop blue]"),
    ("man on a horse", "person On[horse]"),
    ("man riding a horse", "person On[horse]"),
    ("woman holding an umbrella", "person With[umbrella]"),
    ("person with a dog", "person With[dog]"),
    ("dog between the man and the woman", "dog Between[person, person]"),
    ("the bird above the boat", "bird Above[boat]"),
    ("cat under the table", "cat Below[dining table]"),
    ("book on top of the tv", "book On[tv]"),
    ("car behind the truck", "car Behind[truck]"),
    ("car in front of the truck", "car InFrontOf[truck]"),
    ("dog in the car", "dog Inside[car]"),
    ("cat sitting on the couch", "cat On[couch]"),
    ("truck parked next to the bus", "truck Near[bus]"),
    ("girl eating a banana", "person With[banana] ?eating"),
    ("the cup on the table next to the window", "cup On[dining table] Near[~window]"),
    ("dog near the fountain on the left", "dog Left Near[~fountain]"),
    ("man without a surfboard", "person -With[surfboard]"),
    ("dog closest to the bench", "dog Near[bench]"),
    // Worn
    ("man in red", "person Whole:red"),
    ("man in a red shirt", "person Upper:red"),
    ("woman wearing a black dress", "person Whole:black"),
    ("person with a yellow hat", "person Head:yellow"),
    ("boy in blue jeans", "person Lower:blue"),
    ("girl in a dark green coat and a hat", "person Upper:dark-green ?hat"),
    ("man wearing glasses", "person ?glasses"),
    ("man with a red backpack", "person With[backpack red]"),
    ("man wearing a tie", "person With[tie]"),
    ("man in a white shirt and black pants", "person Upper:white Lower:black"),
    ("man without a hat", "person ?not ?hat"),
    ("person not wearing a white shirt", "person -Upper:white"),
    // Words that are not understood
    ("smiling woman", "person ?smiling"),
    ("the old wooden chair", "chair ?old ?wooden"),
    ("the dog that jumps happily", "dog ?jumps ?happily"),
];

#[test]
fn sentences_are_read_as_expected() {
    assert!(CASES.len() >= 80);
    let wrong: Vec<String> = CASES
        .iter()
        .chain(queries::READ)
        .filter_map(|(sentence, expected)| {
            let read = parse(sentence).map_or_else(|problem| format!("! {problem}"), |e| short(&e));
            (read != *expected).then(|| format!("{sentence:?}\n   wanted {expected}\n   got    {read}"))
        })
        .collect();
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn sentences_without_a_thing_are_refused() {
    assert_eq!(parse(""), Err(Problem::Empty));
    assert_eq!(parse(" ?! "), Err(Problem::Empty));
    for sentence in
        ["the red one", "left", "on the left", "second from the right", "the"].iter().chain(queries::REFUSED)
    {
        assert!(matches!(parse(sentence), Err(Problem::NoNoun { .. })), "{sentence}: {:?}", parse(sentence));
    }
}

/// Random bytes, random words and long input neither panic nor take long.
#[test]
fn any_input_is_read_quickly_and_without_a_panic() {
    let mut state = 1_u64;
    let mut random = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize
    };
    let words: Vec<&str> = CASES.iter().chain(queries::READ).flat_map(|(sentence, _)| sentence.split(' ')).collect();
    for _ in 0..3000 {
        let bytes: Vec<u8> = (0..random() % 60).map(|_| u8::try_from(random() % 256).unwrap()).collect();
        let _ = parse(&String::from_utf8_lossy(&bytes));
        let sentence: Vec<&str> = (0..random() % 25).map(|_| words[random() % words.len()]).collect();
        let _ = parse(&sentence.join(" "));
    }
    for _ in 0..20 {
        let long: Vec<&str> = (0..2500).map(|_| words[random() % words.len()]).collect();
        let _ = parse(&long.join(" "));
    }
    let _ = parse(&"a".repeat(10_000));
    let _ = parse(&"of ".repeat(4_000));
    let _ = parse(&"left of the ".repeat(1_000));
    let _ = parse(&"dog and ".repeat(1_000));
    let _ = parse(&"with a ing ".repeat(1_000));
    for part in ["left of the ", "the left of ", "side of the ", "the man is ", "man s ", "black bag ", "held by the "]
    {
        let _ = parse(&part.repeat(1_000));
    }
}

#[test]
fn names_of_coco_are_known() {
    for name in COCO {
        assert_eq!(coco(name), Some(name));
    }
    assert_eq!(coco("ladies"), Some("person"));
    assert_eq!(coco("animals"), Some("animal"));
    assert_eq!(coco("unicorn"), None);
}
