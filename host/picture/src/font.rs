//! A font with letters of 8 × 8 dots.

use font8x8::legacy::{BASIC_LEGACY, GREEK_LEGACY, LATIN_LEGACY};

/// Drawn for each letter that the font lacks.
pub(crate) const UNKNOWN: char = '□';
/// Drawn for text that is cut off.
pub(crate) const MORE: char = '…';

const HOLLOW: [u8; 8] = [0x7f, 0x41, 0x41, 0x41, 0x41, 0x41, 0x7f, 0];
const DOTS: [u8; 8] = [0, 0, 0, 0, 0, 0xdb, 0xdb, 0];

/// The letter that is drawn for this one: itself, a similar one, or a hollow box.
pub(crate) fn drawable(letter: char) -> char {
    let like = match letter {
        '‐'..='―' | '−' => '-',
        '‘' | '’' | '‚' | '′' => '\'',
        '“' | '”' | '„' | '″' => '"',
        other => other,
    };
    if like == MORE || known(like).is_some() { like } else { UNKNOWN }
}

/// The dots of a letter that [`drawable`] returned: one byte a row from the top, the leftmost dot in the lowest bit.
pub(crate) fn dots(letter: char) -> [u8; 8] {
    match letter {
        MORE => DOTS,
        letter => known(letter).unwrap_or(HOLLOW),
    }
}

/// The dots of a letter in ASCII, Latin-1 or Greek. `None` if the font lacks it.
fn known(letter: char) -> Option<[u8; 8]> {
    let code = letter as usize;
    let found = match code {
        0x00..0x80 => BASIC_LEGACY.get(code),
        0xa0..0x100 => LATIN_LEGACY.get(code - 0xa0),
        0x390..0x3ca => GREEK_LEGACY.get(code - 0x390),
        _ => None,
    };
    // The font has no dots for letters that it lacks.
    found.copied().filter(|dots| letter == ' ' || dots.iter().any(|row| *row != 0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_are_where_their_numbers_say() {
        // The upper bars of E, É and pi. Omega has none.
        assert_eq!(dots('L'), [0x0f, 0x06, 0x06, 0x06, 0x46, 0x66, 0x7f, 0x00]);
        assert_ne!(dots('É'), dots('E'));
        assert_ne!(dots('²'), dots('³'));
        for letter in (' '..='~').chain("äöüßéèñçåøÆ±°½×πΩμ".chars()) {
            assert_eq!(drawable(letter), letter);
            assert!(letter == ' ' || dots(letter) != [0; 8] && dots(letter) != HOLLOW, "{letter}");
        }
    }

    #[test]
    fn unknown_letters_are_hollow_boxes_and_typographic_ones_plain() {
        for letter in ['犬', '🐕', 'ш', '\u{200b}', '\u{ad}', '\u{7}', char::MAX, UNKNOWN] {
            assert_eq!(drawable(letter), UNKNOWN, "{letter:?}");
        }
        assert_eq!(dots(UNKNOWN), HOLLOW);
        let plain: String = "“it’s” – a−b…".chars().map(drawable).collect();
        assert_eq!(plain, "\"it's\" - a-b…");
    }
}
