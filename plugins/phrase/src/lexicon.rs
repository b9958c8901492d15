//! The known words that are not nouns, and their function in a sentence.

use crate::{BodyRegion, Colour, Extent, RelationKind, Shade, Side};
use Colour::{Black, Blue, Brown, Green, Grey, Orange, Pink, Purple, Red, White, Yellow};

/// The function of a word or a fixed phrase.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sense {
    /// None: articles, forms of "to be", polite words.
    Skip,
    /// The photo itself, or a part of it.
    Photo,
    Colour(Colour, Option<Shade>),
    Shade(Shade),
    Extent(Extent),
    Place(Side, bool),
    /// "far" in "far left".
    Far,
    Nth(u32),
    /// The n-th from the other end: "last", "second to last".
    Last(u32),
    Count(u32),
    All,
    /// "group of": all of the things that follow.
    Group,
    /// "piece of": the thing that follows.
    Measure,
    /// "one" (as a number or for a noun), "something", "what".
    Pronoun,
    /// The "s" of "the man's hat".
    Possessive,
    Relation(RelationKind),
    /// "in": begins a place, clothing or a relation.
    In,
    /// "on": begins a place or a relation.
    On,
    /// "at", "to", "towards": begins a place, or the relation "near".
    At,
    From,
    Of,
    With,
    Without,
    Worn,
    Not,
    And,
    /// Known but not measurable: it ends a noun and is listed as unknown.
    Unmeasurable,
    /// "facing": a side after it says nothing about where the thing is.
    Facing,
}

use Sense::{
    All, And, At, Count, Facing, Far, From, Group, In, Last, Measure, Not, Nth, Of, On, Photo, Place, Possessive,
    Pronoun, Relation, Skip, Unmeasurable, With, Worn,
};

const DARK: Option<Shade> = Some(Shade::Dark);
const LIGHT: Option<Shade> = Some(Shade::Light);

/// Each sense with its words and phrases, separated by `|`.
pub(crate) const WORDS: &[(Sense, &str)] = &[
    (
        Skip,
        "a|an|the|this|that|these|those|my|your|his|her|its|their|our|which|who|whose|is|are|was|were|be|being|been|am",
    ),
    (
        Skip,
        "it|there|just|very|quite|really|also|please|find|show|me|segment|select|locate|only|currently|i|you|he|she|they",
    ),
    (
        Skip,
        "can|could|would|should|will|shall|may|do you|does|did|see|we|where is|where are|where s|looks like|coloured|colored|color|colour|in color|in colour|of color|of colour|sized|then|so",
    ),
    (
        Skip,
        "left to right|from left to right|where can i find|where can i see|where do you see|want|i d like|need|give me|get me|tell me|point to|point out|point at|look for|looking for|search for|identify",
    ),
    (
        Skip,
        "highlight|click|click on|mark|outline|mask|the one that is the|the one which is the|of them|of these|of those",
    ),
    (Possessive, "s"),
    (Unmeasurable, "o clock|upside down|each other|out of focus|inside out|no one|at all|cut off|cut out|out of frame"),
    (Unmeasurable, "a third of|one third of|a fourth of|a fifth of"),
    (
        Unmeasurable,
        "their back|his back|her back|its back|back to us|back to the camera|back turned|from behind|from the back",
    ),
    (Unmeasurable, "his left|her left|their left|its left|his right|her right|their right|its right|from the side"),
    (
        Photo,
        "photo|photograph|image|picture|pic|frame|scene|view|shot|side|hand side|corner|edge|half|area|end|part|most",
    ),
    (Photo, "row|camera|viewer|us|group|bunch|line|set"),
    (Sense::Colour(Red, None), "red|reddish|scarlet|crimson"),
    (Sense::Colour(Red, DARK), "maroon|burgundy"),
    (Sense::Colour(Orange, None), "orange"),
    (Sense::Colour(Yellow, None), "yellow|yellowish|golden|gold|blond|blonde"),
    (Sense::Colour(Green, None), "green|greenish|olive|lime"),
    (Sense::Colour(Blue, None), "blue|bluish|cyan|turquoise|teal"),
    (Sense::Colour(Blue, DARK), "navy|navy blue"),
    (Sense::Colour(Purple, None), "purple|violet|lavender|lilac"),
    (Sense::Colour(Pink, None), "pink|pinkish|magenta|fuchsia"),
    (Sense::Colour(Brown, None), "brown|brownish|chestnut"),
    (Sense::Colour(Brown, LIGHT), "tan|beige|khaki"),
    (Sense::Colour(Black, None), "black"),
    (Sense::Colour(White, None), "white|whitish"),
    (Sense::Colour(Grey, None), "grey|gray|greyish|grayish|silver"),
    (Sense::Shade(Shade::Dark), "dark|darker|darkest"),
    (Sense::Shade(Shade::Light), "light|lighter|lightest|bright|brighter|brightest|pale"),
    (Sense::Extent(Extent::Big), "big|bigger|biggest|large|larger|largest|huge|giant|enormous|massive"),
    (Sense::Extent(Extent::Small), "small|smaller|smallest|little|littlest|tiny|tiniest|mini|miniature"),
    (Sense::Extent(Extent::Tall), "tall|taller|tallest"),
    (Sense::Extent(Extent::Short), "short|shorter|shortest"),
    (Sense::Extent(Extent::Wide), "wide|wider|widest|long|longer|longest"),
    (Place(Side::Left, false), "left|lefthand|left hand side|left handed side"),
    (Place(Side::Left, true), "leftmost|left most|far left|furthest left|farthest left|utmost left"),
    (Place(Side::Right, false), "right|righthand|right hand side|right handed side"),
    (Place(Side::Right, true), "rightmost|right most|far right|furthest right|farthest right|utmost right"),
    (Place(Side::Top, false), "top|upper"),
    (Place(Side::Top, true), "topmost|uppermost|highest|top most"),
    (Place(Side::Bottom, false), "bottom|lower"),
    (Place(Side::Bottom, true), "bottommost|lowest|lowermost|bottom most"),
    (Place(Side::Centre, false), "middle|center|centre|central|dead center|dead centre|centermost|centered|centred"),
    (Place(Side::Front, false), "front|foreground|in front|up front|nearer|closer|in the foreground|in foreground"),
    (
        Place(Side::Front, true),
        "closest|nearest|frontmost|foremost|closest to us|closest to camera|closest to the camera",
    ),
    (Place(Side::Front, true), "nearest to us|nearest to camera|nearest to the camera|nearest the camera|nearest us"),
    (
        Place(Side::Back, false),
        "back|background|rear|in back|in the background|in background|further back|farther back",
    ),
    (
        Place(Side::Back, true),
        "farthest|furthest|backmost|farthest away|furthest away|hindmost|rearmost|in the distance",
    ),
    (Place(Side::Back, true), "farthest from us|furthest from the camera|farthest from the camera|far back|far away"),
    (Far, "far|extreme"),
    (Nth(1), "first|1st|number 1|number one|no 1|nr 1"),
    (Nth(2), "second|2nd|number 2|number two|no 2|nr 2"),
    (Nth(3), "third|3rd|number 3|number three|no 3|nr 3"),
    (Nth(4), "fourth|4th|number 4|number four|no 4|nr 4"),
    (Nth(5), "fifth|5th|number 5|number five|no 5|nr 5"),
    (Nth(6), "sixth|6th|number 6|number six|no 6|nr 6"),
    (Nth(7), "seventh|7th|number 7|number seven|no 7|nr 7"),
    (Nth(8), "eighth|8th|number 8|number eight|no 8|nr 8"),
    (Nth(9), "ninth|9th|number 9|number nine|no 9|nr 9"),
    (Nth(10), "tenth|10th|number 10|number ten|no 10|nr 10"),
    (Nth(11), "eleventh"),
    (Nth(12), "twelfth"),
    (Nth(13), "thirteenth"),
    (Nth(20), "twentieth"),
    (Last(1), "last"),
    (Last(2), "second to last|second last|second from last|second from the last|2nd to last|next to last|penultimate"),
    (Last(3), "third to last|third last|third from last|third from the last|3rd to last"),
    (Count(1), "1|single"),
    (Count(2), "two|2|both|pair of|couple of|both of"),
    (Count(3), "three|3"),
    (Count(4), "four|4"),
    (Count(5), "five|5"),
    (Count(6), "six|6"),
    (Count(7), "seven|7"),
    (Count(8), "eight|8"),
    (Count(9), "nine|9"),
    (Count(10), "ten|10"),
    (Count(11), "eleven"),
    (Count(12), "twelve|dozen|a dozen"),
    (Count(13), "thirteen"),
    (Count(14), "fourteen"),
    (Count(15), "fifteen"),
    (Count(16), "sixteen"),
    (Count(20), "twenty"),
    (Count(50), "fifty"),
    (Count(100), "hundred|a hundred|one hundred"),
    (All, "several|multiple|many|some|all|every|each|all of|all the|every single|each of"),
    (
        Group,
        "pack of|team of|collection of|cluster of|lots of|a lot of|group of|bunch of|crowd of|herd of|flock of|row of|pile of|stack of|line of|set of",
    ),
    (Measure, "piece of|slice of|kind of|type of|part of|photo of|picture of|image of|pieces of|slices of"),
    (Pronoun, "one|ones|what|where|something|anything|everything|stuff|thingy"),
    (Relation(RelationKind::Above), "above|over|higher than"),
    (Relation(RelationKind::On), "on top of|atop|on the top of|upon|onto|riding|rides|riding on|rides on|mounted on"),
    (Relation(RelationKind::Below), "below|under|underneath|beneath|lower than"),
    (
        Relation(RelationKind::Near),
        "next to|beside|besides|near|near to|close to|adjacent to|alongside|against|nearby|around",
    ),
    (
        Relation(RelationKind::Near),
        "closest to|nearest to|closer to|nearer to|nearest the|closest the|at the side of|along with|by",
    ),
    (Relation(RelationKind::Behind), "behind|in back of|at the back of|at the rear of"),
    (Relation(RelationKind::InFrontOf), "in front of|before|ahead of|in the front of|at the front of"),
    (Relation(RelationKind::Between), "between|in between|among|amongst"),
    (Relation(RelationKind::Inside), "inside|within|inside of|into"),
    (
        Relation(RelationKind::With),
        "holding|carrying|holds|carries|having|has|have|using|uses|pushing|pulling|together with|containing",
    ),
    (In, "in"),
    (On, "on"),
    (At, "at|to|towards|toward"),
    (From, "from|counting from|starting from"),
    (Of, "of"),
    (With, "with|w"),
    (Sense::Without, "without|w o|with no|no|not having|lacking"),
    (Worn, "wearing|wears|dressed in|clad in|wearing only|that wears"),
    (
        Not,
        "not|neither|nor|isn t|aren t|isnt|arent|non|except|except for|other than|but not|never|doesn t|does not|is not",
    ),
    (And, "and|plus|as well as|n"),
    (Facing, "facing|looking|pointing|turned|heading|faces|looks|going|moving"),
];

/// Garments and visible parts of the body, each with the part of the body where it is.
const GARMENTS: &[(BodyRegion, &str)] = &[
    (
        BodyRegion::Head,
        "haired|headed|hat|cap|helmet|hood|beanie|bandana|headband|turban|visor|wig|hair|beard|ponytail|scarf|mask|glasses",
    ),
    (BodyRegion::Head, "sunglasses|goggles|head|face|headphones|crown|hats|caps|helmets|bonnet|mustache|moustache"),
    (
        BodyRegion::Upper,
        "shirted|shirt|t shirt|tshirt|tee|tee shirt|coat|jacket|sweater|jumper|hoodie|vest|jersey|blouse|sweatshirt",
    ),
    (
        BodyRegion::Upper,
        "top|tank top|polo|cardigan|blazer|life jacket|apron|shirts|jackets|coats|gloves|sleeves|raincoat",
    ),
    (
        BodyRegion::Upper,
        "sweat shirt|polo shirt|dress shirt|button down|button up|bikini top|undershirt|waistcoat|bra|parka",
    ),
    (
        BodyRegion::Lower,
        "pants|trousers|jeans|shorts|skirt|leggings|shoes|boots|socks|sneakers|sandals|slacks|tights|sweatpants",
    ),
    (
        BodyRegion::Whole,
        "dress|suit|uniform|outfit|clothes|clothing|costume|gown|robe|kimono|wetsuit|wet suit|jumpsuit|overalls",
    ),
    (
        BodyRegion::Whole,
        "spots|stripes|fur|mane|tail|ears|markings|patches|collar|leash|saddle|blanket|swimsuit|bikini|attire",
    ),
    (BodyRegion::Whole, "tracksuit|pajamas|pyjamas|legs|paws|nose|body|feathers|wings|onesie"),
];

/// Words that have no meaning before a relation: "sitting on", "parked next to".
const POSTURES: &str = "sitting|standing|lying|laying|parked|seated|hanging|resting|perched|sits|stands|lies|located|placed|\
                        positioned|situated|sat|stood|leaning|kneeling|sleeping|floating|moored|sit|stand|lie|lay|lays|\
                        lounging|crouching|squatting|waiting|hangs|leans|rests|sleeps";

/// Whether the word is a posture: it only says that a thing is somewhere.
pub(crate) fn is_posture(word: &str) -> bool {
    POSTURES.split('|').any(|posture| posture == word)
}

/// The sense of the longest phrase at the start of these words, and its number of words.
pub(crate) fn sense(words: &[&str]) -> Option<(Sense, usize)> {
    longest(WORDS, words).or_else(|| Some((Nth(ordinal(words.first()?)?), 1)))
}

/// The number of an ordinal in digits, such as "21st". One that is too large counts as the largest.
fn ordinal(word: &str) -> Option<u32> {
    let digits = ["st", "nd", "rd", "th"].iter().find_map(|end| word.strip_suffix(end))?;
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| digits.parse().unwrap_or(u32::MAX)).filter(|nth| *nth > 0)
}

/// The part of the body of the garment at the start of these words, and its number of words. "Top" is no garment if it
/// is a place: "top left", "top of".
pub(crate) fn garment(words: &[&str]) -> Option<(BodyRegion, usize)> {
    let found = longest(GARMENTS, words)?;
    let next = words.get(found.1..).and_then(sense).map(|(sense, _)| sense);
    let place = sense(words).is_some() && matches!(next, Some(Of | Place(..) | Photo));
    (!place).then_some(found)
}

/// The relation that a side makes with "of": "left of the bus".
pub(crate) fn of(side: Side) -> RelationKind {
    match side {
        Side::Left => RelationKind::LeftOf,
        Side::Right => RelationKind::RightOf,
        Side::Top => RelationKind::Above,
        Side::Bottom => RelationKind::Below,
        Side::Centre => RelationKind::Inside,
        Side::Front => RelationKind::InFrontOf,
        Side::Back => RelationKind::Behind,
    }
}

/// The entry whose phrase is the longest at the start of these words, and its number of words.
fn longest<T: Copy>(table: &[(T, &str)], words: &[&str]) -> Option<(T, usize)> {
    let mut best: Option<(T, usize)> = None;
    let first = words.first()?;
    for (sense, phrases) in table {
        for phrase in phrases.split('|').filter(|phrase| phrase.starts_with(first)) {
            let length = phrase.split(' ').count();
            let fits = words.len() >= length && phrase.split(' ').zip(words).all(|(a, b)| a == *b);
            if fits && best.is_none_or(|(_, most)| length > most) {
                best = Some((*sense, length));
            }
        }
    }
    best
}
