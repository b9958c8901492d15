//! Prepares text for drawing: cleans it and wraps it into lines.

use crate::font::{ELLIPSIS, drawable};

/// Returns the beginning of the text, as it is drawn: about `most` letters, up to the end of a word. There is one space
/// between words, control characters are removed, and a hollow box replaces each letter that the font lacks.
pub(crate) fn clean(text: &str, most: usize) -> Vec<char> {
    let mut clean = Vec::new();
    for word in text.split_whitespace() {
        let before = clean.len();
        if before > most {
            break;
        }
        if before > 0 {
            clean.push(' ');
        }
        let start = clean.len();
        clean.extend(word.chars().filter(|letter| !letter.is_control()).map(drawable).take(most + 1));
        if clean.len() == start {
            clean.truncate(before);
        }
    }
    clean
}

/// Wraps clean text into at most `lines` lines of at most `columns` letters, between words if possible. Text that does
/// not fit is replaced by "…".
pub(crate) fn wrap(clean: &[char], columns: usize, lines: usize) -> Vec<String> {
    let columns = columns.max(1);
    let mut rest = clean;
    let mut wrapped: Vec<String> = Vec::new();
    while !rest.is_empty() && wrapped.len() < lines {
        let (line, after) = first_line(rest, columns);
        wrapped.push(line.iter().collect());
        rest = after;
    }
    if let (false, Some(last)) = (rest.is_empty(), wrapped.last_mut()) {
        let kept: String = last.chars().take(columns - 1).collect();
        *last = kept.trim_end().to_string();
        last.push(ELLIPSIS);
    }
    wrapped
}

/// Returns the first line, and the text after it.
fn first_line(text: &[char], columns: usize) -> (&[char], &[char]) {
    let Some((line, rest)) = text.split_at_checked(columns).filter(|(_, rest)| !rest.is_empty()) else {
        return (text, &[]);
    };
    if let Some((' ', rest)) = rest.split_first() {
        return (line, rest);
    }
    match line.iter().rposition(|letter| *letter == ' ').and_then(|space| text.split_at_checked(space)) {
        Some((line, rest)) => (line, rest.get(1..).unwrap_or_default()),
        None => (line, rest),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrapped(text: &str, columns: usize, lines: usize) -> Vec<String> {
        wrap(&clean(text, 200), columns, lines)
    }

    #[test]
    fn text_is_cleaned() {
        let cleaned = |text| clean(text, 200).into_iter().collect::<String>();
        assert_eq!(cleaned("  one\n\ttwo \u{3000}three\r\n"), "one two three");
        assert_eq!(cleaned("a\u{0}b\u{1b}[31m \u{7} c\u{7f}"), "ab[31m c");
        assert_eq!(cleaned("a 犬 dog"), "a □ dog");
        assert_eq!(cleaned(" \u{1} \n"), "");
    }

    #[test]
    fn cleaning_stops_after_the_given_number_of_letters() {
        assert_eq!(clean(&"x".repeat(1_000_000), 10).len(), 11);
        assert!(clean(&"x ".repeat(1_000_000), 10).len() <= 12);
    }

    #[test]
    fn lines_break_between_words() {
        assert_eq!(wrapped("the red mug", 20, 3), ["the red mug"]);
        assert_eq!(wrapped("the red mug", 11, 3), ["the red mug"]);
        assert_eq!(wrapped("the red mug", 10, 3), ["the red", "mug"]);
        assert_eq!(wrapped("the red mug", 7, 3), ["the red", "mug"]);
        assert_eq!(wrapped("the red mug", 3, 3), ["the", "red", "mug"]);
        assert_eq!(wrapped("unbreakable", 4, 3), ["unbr", "eaka", "ble"]);
        assert_eq!(wrapped("", 4, 3), [""; 0]);
    }

    #[test]
    fn text_that_does_not_fit_is_replaced_by_an_ellipsis() {
        assert_eq!(wrapped("one two three four", 5, 3), ["one", "two", "thre…"]);
        assert_eq!(wrapped("one two three four", 9, 1), ["one two…"]);
        assert_eq!(wrapped("one two three four", 4, 1), ["one…"]);
        assert_eq!(wrapped("one two", 1, 2), ["o", "…"]);
        assert_eq!(wrapped("one two", 0, 1), ["…"]);
    }
}
