//! Guesses the class of an unknown word: a noun, or a modifier of a noun (participle, adverb, adjective, verb).
//!
//! "Dog house" asks for a house, "dog barking" for a dog. Most English participles, adverbs and adjectives have typical
//! endings. Those without such an ending, and nouns with one, are listed here.

/// Words that may follow a noun and are not a part of it.
const AFTER: &str = "stands|sits|runs|walks|jumps|lies|lays|plays|eats|drinks|sleeps|flies|moves|stares|smiles|talks|kneels|\
                     swings|throws|catches|hits|rests|hangs|leans|does|do|doing|alone|away|asleep|up|down|out|off|or|but|\
                     if|when|while|where|about|through|across|as|for|than|per|via|because|here|wears|sit|stand|lie|eat|\
                     drink|run|walk|jump|lay|upright|upside|sideways|backwards|backward|forward|forwards|together|apart|\
                     himself|herself|itself|themselves|him|them|whom|why|how|still|already|almost|too|awake|afloat|aside|\
                     along|past|toward|within|also|again|more|less|much|else|overhead|outside|outdoors|indoors|aboard";

/// Adjectives without a typical ending.
const ADJECTIVES: &str = "open|closed|empty|full|old|older|young|younger|new|newer|bald|fat|thin|skinny|slim|happy|sad|angry|\
                          wet|dry|clean|dirty|blurry|fuzzy|fluffy|furry|hairy|shiny|sunny|cloudy|sleepy|hungry|chubby|\
                          plain|wooden|metal|plastic|round|square|flat|curly|messy|heavy|soft|hard|high|low|near|deep|\
                          bare|naked|visible|different|main|whole|entire|partial|male|female|asian|tired|ugly|pretty|\
                          cute|nice|good|bad|hot|cold|warm|cool|ripe|raw|fresh|spotty|muddy|grassy|snowy|rusty|quiet|\
                          loud|fast|slow|same|similar|vertical|horizontal|diagonal|woolly|wooly|skinnier|fatter|thinner";

/// Participles without a typical ending.
const PARTICIPLES: &str = "cut|held|worn|seen|shown|hidden|broken|eaten|bent|kept|made|sat|stood|lit|torn|drawn|ridden|\
                           driven|led|fed|laid|lain|shut|caught|thrown|taken|built|hung|spread|grown|stuck|ripped|flown|\
                           sliced|being|given|chosen|written|swung|hit|put|left|cropped|tied|lain|known";

/// Nouns that end like participles, adverbs, adjectives or superlatives.
const NOUNS: &str = "building|ceiling|painting|railing|awning|clothing|string|icing|crossing|parking|frosting|topping|filling|\
                     bedding|lightning|carving|drawing|dressing|stuffing|wrapping|wedding|siding|spring|sibling|duckling|\
                     earring|flooring|pudding|shed|seed|weed|bread|thread|hundred|flatbed|speed|steed|reed|breed|bobsled|\
                     family|butterfly|jelly|belly|dolly|bully|holly|lily|forest|harvest|interest|priest|guest|chest|crest|\
                     nest|wrist|artist|tourist|cyclist|dentist|octopus|hibiscus|cross|glass|dress|grass|compass|mattress|\
                     actress|princess|business|harness|swing|sling|thing|feed|quest|wing|ring|king|bed|sled|bull|skull|doll|wall|hall|waterfall";

fn is_in(list: &str, word: &str) -> bool {
    list.split('|').any(|listed| listed == word)
}

fn ends(word: &str, endings: &[&str]) -> bool {
    endings.iter().any(|ending| word.len() > ending.len() + 1 && word.ends_with(ending)) && !is_in(NOUNS, word)
}

/// Whether a word after a noun modifies it ("barking"), and does not make a compound noun with it ("house").
pub(crate) fn is_modifier(word: &str) -> bool {
    is_in(AFTER, word) || is_active(word) || is_passive(word) || is_adjective(word)
}

/// Whether the word is an adjective or adverb: "old", "careless", "youngest".
pub(crate) fn is_adjective(word: &str) -> bool {
    is_in(ADJECTIVES, word)
        || ends(word, &["ly", "ful", "less", "ous", "wise", "ward", "wards"])
        || is_superlative(word)
}

/// Whether the word is a superlative: "youngest".
pub(crate) fn is_superlative(word: &str) -> bool {
    ends(word, &["est"])
}

/// Whether the word is an active participle, which may have an object: "barking", "holding".
pub(crate) fn is_active(word: &str) -> bool {
    ends(word, &["ing"])
}

/// Whether the word is a passive participle: "covered", "held".
pub(crate) fn is_passive(word: &str) -> bool {
    is_in(PARTICIPLES, word) || ends(word, &["ed"])
}

/// Whether the word is a portion: a "pizza slice" is pizza.
pub(crate) fn is_portion(word: &str) -> bool {
    is_in("slice|slices|piece|pieces|portion|portions", word)
}

/// Whether the word is a determiner, which begins a noun phrase.
pub(crate) fn is_determiner(word: &str) -> bool {
    is_in("a|an|the|his|her|its|their|my|your|our|another|some|this|these|those", word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_class_follows_from_the_ending() {
        for word in ["lying", "covered", "happily", "playful", "youngest", "held", "asleep", "empty", "famous"] {
            assert!(is_modifier(word), "{word}");
        }
        for word in ["house", "building", "shed", "family", "chest", "string", "bowl", "nest", "bed", "wing"] {
            assert!(!is_modifier(word), "{word}");
        }
    }
}
