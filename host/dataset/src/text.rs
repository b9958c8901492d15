//! Reads text files that are UTF-8, or else Windows' code page 1252, as some of ReasonSeg's are.

use std::path::Path;

use crate::bytes;
use crate::error::DatasetError;

/// The characters of code page 1252 from 0x80 to 0x9F. Five places are not used.
const FROM_0X80: [char; 32] = [
    '€', '\u{fffd}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{fffd}', 'Ž', '\u{fffd}', '\u{fffd}',
    '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{fffd}', 'ž', 'Ÿ',
];

/// The text of a file.
pub(crate) fn read(file: &Path) -> Result<String, DatasetError> {
    let bytes = bytes::read(file, bytes::LIST)?;
    Ok(String::from_utf8(bytes).unwrap_or_else(|error| from_1252(error.as_bytes())))
}

fn from_1252(bytes: &[u8]) -> String {
    let of = |byte: &u8| match usize::from(*byte).checked_sub(0x80).and_then(|at| FROM_0X80.get(at)) {
        Some(character) => *character,
        None => char::from(*byte),
    };
    bytes.iter().map(of).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_utf_8_is_windows_text() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a.json");
        for (bytes, text) in [(&b"caf\xc3\xa9"[..], "café"), (b"caf\xe9 \x93x\x94 \x80", "café “x” €")] {
            std::fs::write(&file, bytes).unwrap();
            assert_eq!(read(&file).unwrap(), text);
        }
        assert!(read(&folder.path().join("b")).unwrap_err().to_string().ends_with("b: it does not exist"));
    }
}
