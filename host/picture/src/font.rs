//! A font with letters of 8 × 8 dots.

use font8x8::legacy::{BASIC_LEGACY, GREEK_LEGACY, LATIN_LEGACY};

/// The letter that is drawn for each letter that the font lacks.
pub(crate) const UNKNOWN: char = '□';
/// The letter that is drawn in place of text that is cut off.
pub(crate) const ELLIPSIS: char = '…';

const UNKNOWN_DOTS: [u8; 8] = [0x7f, 0x41, 0x41, 0x41, 0x41, 0x41, 0x7f, 0];
const ELLIPSIS_DOTS: [u8; 8] = [0, 0, 0, 0, 0, 0xdb, 0xdb, 0];

/// Returns the letter that is drawn for this letter: itself, a similar letter, or a hollow box.
pub(crate) fn drawable(letter: char) -> char {
    let drawn = match letter {
        '‐'..='―' | '−' => '-',
        '‘' | '’' | '‚' | '′' => '\'',
        '“' | '”' | '„' | '″' => '"',
        other => other,
    };
    if drawn == ELLIPSIS || known(drawn).is_some() { drawn } else { UNKNOWN }
}

/// Returns the dots of a letter that [`drawable`] returned: one byte per row from top to bottom, with the leftmost dot
/// in the lowest bit.
pub(crate) fn dots(letter: char) -> [u8; 8] {
    match letter {
        ELLIPSIS => ELLIPSIS_DOTS,
        letter => known(letter).unwrap_or(UNKNOWN_DOTS),
    }
}

/// Returns the dots of a letter in ASCII, Latin-1 or Greek, or `None` if the font lacks it.
fn known(letter: char) -> Option<[u8; 8]> {
    let code = letter as usize;
    let found = match code {
        0x00..0x80 => BASIC_LEGACY.get(code),
        0xa0..0x100 => LATIN_LEGACY.get(code - 0xa0),
        0x390..0x3ca => GREEK_LEGACY.get(code - 0x390),
        _ => None,
    };
    // A letter without dots, other than the space, is one that the font lacks.
    found.copied().filter(|dots| letter == ' ' || dots.iter().any(|row| *row != 0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_font_has_the_letters_of_ascii_and_some_others() {
        assert_eq!(dots('L'), [0x0f, 0x06, 0x06, 0x06, 0x46, 0x66, 0x7f, 0x00]);
        assert_ne!(dots('É'), dots('E'));
        assert_ne!(dots('²'), dots('³'));
        for letter in (' '..='~').chain("äöüßéèñçåøÆ±°½×πΩμ".chars()) {
            assert_eq!(drawable(letter), letter);
            assert!(letter == ' ' || dots(letter) != [0; 8] && dots(letter) != UNKNOWN_DOTS, "{letter}");
        }
    }

    #[test]
    fn unknown_letters_become_hollow_boxes_and_typographic_letters_plain_ones() {
        for letter in ['犬', '🐕', 'ш', '\u{200b}', '\u{ad}', '\u{7}', char::MAX, UNKNOWN] {
            assert_eq!(drawable(letter), UNKNOWN, "{letter:?}");
        }
        assert_eq!(dots(UNKNOWN), UNKNOWN_DOTS);
        let plain: String = "“it’s” – a−b…".chars().map(drawable).collect();
        assert_eq!(plain, "\"it's\" - a-b…");
    }
}
