//! The nouns that detectors trained on COCO know, and other words for them.

use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;

/// The names of the 80 COCO categories, in the order of COCO.
#[rustfmt::skip]
pub const COCO: [&str; 80] = [
    "person", "bicycle", "car", "motorcycle", "airplane", "bus", "train", "truck", "boat", "traffic light",
    "fire hydrant", "stop sign", "parking meter", "bench", "bird", "cat", "dog", "horse", "sheep", "cow", "elephant",
    "bear", "zebra", "giraffe", "backpack", "umbrella", "handbag", "tie", "suitcase", "frisbee", "skis", "snowboard",
    "sports ball", "kite", "baseball bat", "baseball glove", "skateboard", "surfboard", "tennis racket", "bottle",
    "wine glass", "cup", "fork", "knife", "spoon", "bowl", "banana", "apple", "sandwich", "orange", "broccoli",
    "carrot", "hot dog", "pizza", "donut", "cake", "chair", "couch", "potted plant", "bed", "dining table", "toilet",
    "tv", "laptop", "mouse", "remote", "keyboard", "cell phone", "microwave", "oven", "toaster", "sink",
    "refrigerator", "book", "clock", "vase", "scissors", "teddy bear", "hair drier", "toothbrush",
];

/// Groups of categories: the name to ask a detector for, and the words that mean it. Detectors know the members.
const GROUPS: &[(&str, &str)] = &[
    ("animal", "animal|creature|beast|livestock|wildlife"),
    ("vehicle", "vehicle"),
    ("food", "food|food item|foodstuff"),
    ("fruit", "fruit|piece of fruit"),
    ("vegetable", "vegetable|veggie"),
    ("furniture", "furniture|piece of furniture|furniture item"),
    ("appliance", "appliance|kitchen appliance|household appliance|home appliance"),
    ("electronic device", "electronic device|electronics|electronic|electronic item|gadget"),
    ("accessory", "accessory"),
    ("sports equipment", "sports equipment|sport equipment|sporting equipment|sports gear"),
    ("kitchenware", "kitchenware|tableware"),
    ("bag", "bag"),
    ("glass", "glass"),
    (ANYTHING, "object|thing|item"),
];

/// The name of the group of all objects.
pub(crate) const ANYTHING: &str = "object";

/// Synonyms of each name.
const SYNONYMS: &[(&str, &str)] = &[
    ("person", "human|human being|individual|somebody|someone|anyone|people|pedestrian"),
    ("bicycle", "bike|push bike|pushbike|cycle"),
    ("car", "automobile|auto"),
    ("motorcycle", "motorbike|motor bike|motor cycle"),
    ("airplane", "plane|aeroplane|aircraft|air plane"),
    ("bus", "omnibus"),
    ("train", "railway train"),
    ("truck", "lorry"),
    ("boat", "watercraft"),
    ("traffic light", "stoplight|stop light|traffic signal|street signal"),
    ("fire hydrant", "hydrant|fireplug|fire plug"),
    ("stop sign", "stopsign"),
    ("parking meter", "meter"),
    ("cow", "cattle"),
    ("backpack", "rucksack|knapsack|back pack"),
    ("umbrella", "parasol|brolly"),
    ("handbag", "purse|hand bag"),
    ("tie", "necktie|neck tie"),
    ("suitcase", "suit case"),
    ("frisbee", "flying disc|flying disk"),
    ("skis", "ski"),
    ("snowboard", "snow board"),
    ("sports ball", "ball"),
    ("baseball bat", "bat"),
    ("baseball glove", "baseball mitt|mitt"),
    ("skateboard", "skate board"),
    ("surfboard", "surf board"),
    ("tennis racket", "tennis racquet|racket|racquet"),
    ("wine glass", "wineglass|glass of wine|goblet"),
    ("cup", "mug"),
    ("donut", "doughnut"),
    ("hot dog", "hotdog"),
    ("couch", "sofa|settee"),
    ("potted plant", "houseplant|house plant|pot plant|plant|plant pot|flower pot|flowerpot"),
    ("dining table", "table|dinner table|kitchen table"),
    ("toilet", "lavatory|toilet bowl"),
    ("tv", "television|tv set|television set|telly|monitor|screen|tv screen|computer monitor"),
    ("laptop", "notebook computer|laptop computer"),
    ("mouse", "computer mouse"),
    ("remote", "remote control|tv remote"),
    ("keyboard", "computer keyboard"),
    ("cell phone", "cellphone|phone|mobile phone|smartphone|smart phone|telephone"),
    ("microwave", "microwave oven"),
    ("oven", "stove|cooker"),
    ("sink", "washbasin|basin"),
    ("refrigerator", "fridge"),
    ("clock", "wall clock"),
    ("scissors", "scissor"),
    ("teddy bear", "teddy|teddybear|stuffed bear|plush bear"),
    ("hair drier", "hair dryer|hairdryer|hairdrier|blow dryer"),
    ("toothbrush", "tooth brush"),
];

/// Words that are more specific than a name. What they say beyond the name cannot be checked in a box.
const NARROWER: &[(&str, &str)] = &[
    ("person", "man|woman|boy|girl|guy|lady|gentleman|child|kid|baby|toddler|infant|adult|teenager|teen|dude"),
    ("person", "fellow|bloke|gal|male|female|mother|father|mom|mum|dad|son|daughter|brother|sister|grandmother"),
    ("person", "grandfather|bride|groom|couple|crowd|rider|player|skier|surfer|snowboarder|skateboarder|skater"),
    ("person", "cyclist|biker|motorcyclist|driver|passenger|runner|jogger|walker|swimmer|batter|catcher|umpire"),
    ("person", "referee|goalkeeper|goalie|athlete|spectator|chef|cook|waiter|waitress|barista|bartender|worker"),
    ("person", "workman|builder|farmer|fisherman|policeman|policewoman|police officer|officer|cop|fireman"),
    ("person", "firefighter|soldier|doctor|nurse|teacher|student|businessman|businesswoman|singer|musician"),
    ("person", "guitarist|dancer|tourist|shopper|customer|vendor|seller|photographer|cameraman|clown|friend"),
    ("person", "conductor|jockey|cowboy|youngster|hiker|climber|performer|bicyclist|pilot|hitter|ump|ref"),
    ("dog", "puppy|pup|doggy|doggie|hound|terrier|poodle|labrador|retriever|bulldog|husky|collie|corgi|beagle"),
    ("dog", "dachshund|chihuahua|pug|dalmatian|spaniel|german shepherd|sheepdog"),
    ("cat", "kitten|kitty|tabby|siamese"),
    ("horse", "pony|foal|mare|stallion|colt"),
    ("sheep", "lamb|ewe"),
    ("cow", "bull|calf|ox|steer|bullock"),
    ("bird", "pigeon|seagull|gull|duck|goose|swan|chicken|hen|rooster|parrot|eagle|hawk|owl|crow|raven|sparrow"),
    ("bird", "flamingo|pelican|heron|turkey|ostrich|peacock|penguin|robin|duckling"),
    ("bear", "polar bear|grizzly|grizzly bear|brown bear|black bear|bear cub"),
    ("car", "taxi|cab|suv|sedan|hatchback|minivan|van|jeep|convertible|limousine|limo|police car|sports car"),
    ("car", "race car|coupe"),
    ("truck", "pickup|pickup truck|pick up truck|fire truck|firetruck|fire engine|dump truck|garbage truck|semi"),
    ("truck", "tow truck"),
    ("bus", "school bus|double decker|double decker bus|minibus|tour bus"),
    ("train", "locomotive|tram|subway|metro|streetcar|railcar|train car|subway car|train engine"),
    ("motorcycle", "scooter|moped|vespa|dirt bike"),
    ("bicycle", "mountain bike|tricycle"),
    ("airplane", "jet|jetliner|airliner|biplane|fighter jet"),
    ("boat", "ship|sailboat|sail boat|canoe|kayak|yacht|ferry|dinghy|rowboat|gondola|raft|speedboat|barge"),
    ("boat", "motorboat"),
    ("sports ball", "soccer ball|football|basketball|tennis ball|volleyball|baseball|beach ball"),
    ("chair", "armchair|arm chair|stool|office chair|rocking chair|recliner|seat"),
    ("couch", "loveseat|love seat"),
    ("dining table", "coffee table|picnic table"),
    ("bottle", "wine bottle|beer bottle|water bottle"),
    ("cup", "coffee cup|teacup|tea cup|coffee mug|paper cup|cup of coffee|cup of tea"),
    ("glass", "glass of water|glass of beer|glass of juice|glass of milk|water glass|beer glass|drinking glass"),
    ("animal", "pet|farm animal|wild animal|zoo animal|mammal"),
    ("knife", "butter knife|steak knife"),
    ("sandwich", "burger|hamburger|cheeseburger|panini"),
    ("cake", "cupcake|birthday cake|wedding cake|cheesecake"),
    ("cell phone", "iphone"),
    ("laptop", "macbook"),
    ("clock", "clock tower|alarm clock|clock face"),
    ("handbag", "tote bag|shoulder bag"),
    ("suitcase", "briefcase|luggage"),
    ("book", "notebook|textbook"),
    ("kite", "parafoil"),
    ("bed", "bunk bed|crib|cot"),
    ("potted plant", "cactus|fern"),
];

/// Irregular plurals.
const IRREGULAR: &[(&str, &str)] = &[
    ("men", "man"),
    ("women", "woman"),
    ("children", "child"),
    ("mice", "mouse"),
    ("geese", "goose"),
    ("knives", "knife"),
    ("calves", "calf"),
    ("oxen", "ox"),
    ("ladies", "lady"),
    ("policemen", "policeman"),
    ("firemen", "fireman"),
    ("workmen", "workman"),
    ("gentlemen", "gentleman"),
    ("businessmen", "businessman"),
    ("fishermen", "fisherman"),
    ("buses", "bus"),
    ("busses", "bus"),
    ("gases", "gas"),
    ("wolves", "wolf"),
    ("leaves", "leaf"),
    ("loaves", "loaf"),
    ("shelves", "shelf"),
];

/// Words that end like a plural but count as singular.
const SINGULAR: &[&str] =
    &["skis", "scissors", "bus", "glasses", "sunglasses", "cactus", "lens", "grass", "gas", "dress"];

/// Words that mean several things without a plural ending.
const COLLECTIVE: &[&str] = &["people", "cattle", "crowd", "luggage", "livestock", "wildlife", "electronics"];

/// A known noun.
#[derive(Clone, Copy)]
pub(crate) struct Known {
    /// The COCO name or the name of a group.
    pub name: &'static str,
    /// Whether the word is more specific than the name.
    pub narrower: bool,
    /// Whether the word is a plural.
    pub plural: bool,
}

/// Looks up a noun of one or more words in lower case, singular or plural.
pub(crate) fn known(words: &[&str]) -> Option<Known> {
    let written = words.join(" ");
    if let Some((name, narrower)) = exact(&written) {
        return Some(Known { name, narrower, plural: COLLECTIVE.contains(&written.as_str()) });
    }
    let (last, first) = words.split_last()?;
    singulars(last).into_iter().find_map(|last| {
        let mut words: Vec<&str> = first.to_vec();
        words.push(&last);
        exact(&words.join(" ")).map(|(name, narrower)| Known { name, narrower, plural: true })
    })
}

/// The COCO name or group name that a noun (in lower case, singular or plural) means; `None` if it is unknown.
#[must_use]
pub fn coco(noun: &str) -> Option<&'static str> {
    known(&noun.split(' ').collect::<Vec<_>>()).map(|known| known.name)
}

/// Whether a word looks like a plural.
pub(crate) fn is_plural(word: &str) -> bool {
    !SINGULAR.contains(&word)
        && (IRREGULAR.iter().any(|(plural, _)| *plural == word)
            || (word.len() > 3 && word.ends_with('s') && !word.ends_with("ss") && !word.ends_with("us")))
}

/// The name that a noun means in exactly this form, and whether the noun is more specific.
fn exact(noun: &str) -> Option<(&'static str, bool)> {
    let among = |table: &'static [(&str, &str)]| {
        table.iter().find(|(_, words)| words.split('|').any(|word| word == noun)).map(|(name, _)| *name)
    };
    let name = COCO.iter().find(|name| **name == noun).copied();
    let same = name.or_else(|| among(SYNONYMS)).or_else(|| among(GROUPS)).map(|name| (name, false));
    same.or_else(|| among(NARROWER).map(|name| (name, true)))
}

/// The singulars that a word may be the plural of.
fn singulars(word: &str) -> Vec<String> {
    let irregular = IRREGULAR.iter().find(|(plural, _)| *plural == word).map(|(_, singular)| (*singular).to_owned());
    let ies = word.strip_suffix("ies").map(|stem| [stem, "y"].concat());
    let es = word.strip_suffix("es").map(ToOwned::to_owned);
    let s = word.strip_suffix('s').map(ToOwned::to_owned);
    [irregular, ies, s, es].into_iter().flatten().collect()
}
