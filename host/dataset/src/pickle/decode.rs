//! Decodes the strings of a pickle.

use std::sync::Arc;

/// The text of a byte string of Python 2, which does not say its encoding. It is UTF-8 if all of it is valid UTF-8, as
/// ASCII is. If not, each byte is a character of Latin-1.
pub(super) fn python2(bytes: &[u8]) -> Arc<str> {
    match str::from_utf8(bytes) {
        Ok(text) => text.into(),
        Err(_) => bytes.iter().map(|byte| char::from(*byte)).collect::<String>().into(),
    }
}

/// The text of UTF-8. `None` if it is not valid, as half a surrogate pair is not.
pub(super) fn utf8(bytes: &[u8]) -> Option<Arc<str>> {
    str::from_utf8(bytes).ok().map(Arc::from)
}

/// The bytes of a string as Python 2 writes it in protocol 0: in quotes, with escapes. `None` if it is not so written.
pub(super) fn quoted(line: &[u8]) -> Option<Vec<u8>> {
    let ([b'\'', inner @ .., b'\''] | [b'"', inner @ .., b'"']) = line else { return None };
    let (mut rest, mut bytes) = (inner, Vec::with_capacity(inner.len()));
    while let [first, tail @ ..] = rest {
        let (byte, tail) = if *first == b'\\' { escaped(tail)? } else { (*first, tail) };
        bytes.push(byte);
        rest = tail;
    }
    Some(bytes)
}

/// The byte that an escape stands for, and what follows. The backslash was read.
fn escaped(escape: &[u8]) -> Option<(u8, &[u8])> {
    let (first, tail) = escape.split_first()?;
    let byte = match first {
        b'x' => return hex(tail, 2).and_then(|(byte, tail)| Some((u8::try_from(byte).ok()?, tail))),
        b'n' => b'\n',
        b'r' => b'\r',
        b't' => b'\t',
        b'\\' | b'\'' | b'"' => *first,
        _ => return None,
    };
    Some((byte, tail))
}

/// The text of a line in Python's encoding raw-unicode-escape, which protocol 0 has: Latin-1, with `\u` and `\U`. Two
/// halves of a surrogate pair become one character. `None` if an escape stands for no character.
pub(super) fn raw_unicode(line: &[u8]) -> Option<Arc<str>> {
    let (mut rest, mut units) = (line, Vec::with_capacity(line.len()));
    while let Some((first, tail)) = rest.split_first() {
        let (code, tail) = match (first, tail) {
            (b'\\', [b'u', digits @ ..]) => hex(digits, 4)?,
            (b'\\', [b'U', digits @ ..]) => hex(digits, 8)?,
            (b'\\', [second, tail @ ..]) => {
                // A second backslash starts no escape.
                units.push(u16::from(b'\\'));
                (u32::from(*second), tail)
            }
            _ => (u32::from(*first), tail),
        };
        match u16::try_from(code) {
            Ok(unit) => units.push(unit),
            Err(_) => units.extend_from_slice(char::from_u32(code)?.encode_utf16(&mut [0; 2])),
        }
        rest = tail;
    }
    String::from_utf16(&units).ok().map(Arc::from)
}

/// The number that the first digits stand for, and what follows. `None` if there are not so many digits.
fn hex(text: &[u8], digits: usize) -> Option<(u32, &[u8])> {
    let (digits, tail) = text.split_at_checked(digits)?;
    let number = digits.iter().try_fold(0, |sum, digit| Some(sum << 4 | char::from(*digit).to_digit(16)?))?;
    Some((number, tail))
}
