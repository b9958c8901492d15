//! Reads masks from NumPy files.

use rescue_mask::{MAX_SIDE, Mask, MaskError, Size};

/// The first bytes of each file.
const MAGIC: &[u8] = b"\x93NUMPY";
/// Longest header, in bytes. It is NumPy's own limit.
const MAX_HEADER: usize = 10_000;
/// Most characters of a dtype or shape in a message.
const EXCERPT: usize = 60;
/// The way out of each error.
const ANEW: &str = r#"write it anew with np.save("mask.npy", mask.astype(bool)), where mask.shape is (height, width)"#;

/// A NumPy file is not a mask.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NpyError {
    /// The file is something else, is not complete, or its header is damaged.
    #[error("the array cannot be read, because {why}: {ANEW}")]
    Header {
        /// The reason.
        why: &'static str,
    },
    /// The values are neither bools nor single bytes.
    #[error("the array has the dtype {dtype}, but a mask has bool, uint8 or int8: {ANEW}")]
    Dtype {
        /// The dtype as the file writes it.
        dtype: String,
    },
    /// The array is not a single picture with pixels.
    #[error(
        "the array has the shape {shape}, but a mask has (height, width), (1, height, width) or (height, width, 1), with sides of 1 to {MAX_SIDE} pixels: {ANEW}"
    )]
    Shape {
        /// The shape as the file writes it.
        shape: String,
    },
    /// The mask has more pixels than the caller takes.
    #[error(
        "the array has the shape {shape}, but a mask has at most {limit} pixels here: check that it belongs to its photo, then {ANEW}"
    )]
    TooLarge {
        /// The shape as the file writes it.
        shape: String,
        /// The caller's limit.
        limit: u64,
    },
    /// There are more or fewer bytes than pixels.
    #[error(
        "the array has the shape {shape}, but {found} bytes of pixels: the file is damaged or not complete; copy it again, or {ANEW}"
    )]
    Length {
        /// The shape as the file writes it.
        shape: String,
        /// The number of bytes after the header.
        found: usize,
    },
}

/// Reads a mask from the bytes of a `.npy` file of version 1 to 3. A pixel is inside if its value is not 0.
///
/// The array is bool, uint8 or int8, and (height, width), (1, height, width) or (height, width, 1), in the order of C or
/// Fortran. It has at most `max_pixels`. Nothing is allocated before all of this is checked.
///
/// # Errors
///
/// Returns [`NpyError`] if the file is something else, damaged, or not complete.
pub(crate) fn read(bytes: &[u8], max_pixels: u64) -> Result<Mask, NpyError> {
    let (header, values) = split(bytes).ok_or(NpyError::Header { why: "it has no complete header of NumPy 1 to 3" })?;
    let header = String::from_utf8_lossy(header);
    check_dtype(&header)?;
    let fortran = fortran(&header).ok_or(NpyError::Header { why: "its header has no fortran_order" })?;
    let shape = shape(&header).ok_or(NpyError::Header { why: "its header has no shape" })?;
    let size = size(shape).ok_or_else(|| NpyError::Shape { shape: excerpt(shape) })?;
    if size.pixels() > max_pixels {
        return Err(NpyError::TooLarge { shape: excerpt(shape), limit: max_pixels });
    }
    let inside = |value: &u8| *value != 0;
    let mask = if fortran {
        Mask::from_slice(Size::new(size.height, size.width), values, inside).map(|mask| mask.transposed())
    } else {
        Mask::from_slice(size, values, inside)
    };
    mask.map_err(|_: MaskError| NpyError::Length { shape: excerpt(shape), found: values.len() })
}

/// The header and the values. `None` if the file is something else, ends in the header, or the header is too long.
fn split(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (version, rest) = bytes.strip_prefix(MAGIC)?.split_first_chunk()?;
    let width = match version {
        [1, _] => 2,
        [2 | 3, _] => 4,
        _ => return None,
    };
    let (length, rest) = rest.split_at_checked(width)?;
    let length = length.iter().rev().fold(0, |length, byte| length << 8 | usize::from(*byte));
    if length > MAX_HEADER { None } else { rest.split_at_checked(length) }
}

/// What stands behind a key of the header, which is a dict as Python writes it.
fn entry<'h>(header: &'h str, key: &str) -> Option<&'h str> {
    header.split_once(key)?.1.trim_start().strip_prefix(':').map(str::trim_start)
}

/// Returns an error unless each value is one byte. The first character of a dtype is the order of the bytes.
fn check_dtype(header: &str) -> Result<(), NpyError> {
    let dtype = entry(header, "'descr'").ok_or(NpyError::Header { why: "its header has no descr" })?;
    match dtype.strip_prefix('\'').and_then(|dtype| dtype.split_once('\'')) {
        Some(("|b1" | "|u1" | "|i1", _)) => Ok(()),
        Some((dtype, _)) => Err(NpyError::Dtype { dtype: excerpt(dtype) }),
        None => Err(NpyError::Dtype { dtype: excerpt(dtype) }),
    }
}

/// Whether the first index changes fastest. `None` if the header does not say it.
fn fortran(header: &str) -> Option<bool> {
    let value = entry(header, "'fortran_order'")?;
    if value.starts_with("True") { Some(true) } else { value.starts_with("False").then_some(false) }
}

/// The shape as the header writes it. `None` if it is missing.
fn shape(header: &str) -> Option<&str> {
    let value = entry(header, "'shape'")?;
    value.strip_prefix('(')?.find(')').and_then(|end| value.get(..end + 2))
}

/// The size of a mask of this shape. `None` if it is none, or could be two: (1, 5, 1). Python 2 writes `5L` for 5.
fn size(shape: &str) -> Option<Size> {
    let sides = shape.trim_matches(['(', ')']).split(',').map(str::trim).filter(|side| !side.is_empty());
    let sides = sides.map(|side| side.trim_end_matches('L').parse().ok()).collect::<Option<Vec<u32>>>()?;
    let size = match *sides.as_slice() {
        [1, side, 1] if side != 1 => return None,
        [height, width] | [1, height, width] | [height, width, 1] => Size::new(width, height),
        _ => return None,
    };
    let sides = 1..=MAX_SIDE;
    (sides.contains(&size.width) && sides.contains(&size.height)).then_some(size)
}

/// The start of a text, without control characters, for messages.
fn excerpt(text: &str) -> String {
    text.chars().take(EXCERPT).map(|letter| if letter.is_control() { '\u{fffd}' } else { letter }).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    const MANY: u64 = 1 << 20;

    /// The name, the bytes and the rows of each array that `tests/pickles.py` wrote. The rows are `None` if it is refused.
    fn arrays() -> Vec<(String, Vec<u8>, Option<Vec<String>>)> {
        let cases: Value = serde_json::from_str(include_str!("../tests/pickles.json")).unwrap();
        let array = |case: &Value| {
            let digits = case["hex"].as_str().unwrap();
            let bytes = (0..digits.len()).step_by(2).map(|at| u8::from_str_radix(&digits[at..at + 2], 16).unwrap());
            let rows = serde_json::from_value(case["rows"].clone()).unwrap();
            (case["name"].as_str().unwrap().to_owned(), bytes.collect(), rows)
        };
        cases["arrays"].as_array().unwrap().iter().map(array).collect()
    }

    /// A file of version 1 with this header.
    fn file(header: &str, values: &[u8]) -> Vec<u8> {
        [MAGIC, &[1, 0], &(header.len() as u16).to_le_bytes(), header.as_bytes(), values].concat()
    }

    #[test]
    fn what_numpy_writes_is_read_or_refused_by_name() {
        for (name, bytes, rows) in arrays() {
            let result = read(&bytes, MANY);
            let Some(rows) = rows else {
                let message = result.unwrap_err().to_string();
                let kind = if name.starts_with('(') { "shape" } else { "dtype" };
                assert!(message.starts_with(&format!("the array has the {kind} {name}")), "{name}: {message}");
                assert!(message.contains(r#"np.save("mask.npy", mask.astype(bool))"#), "{message}");
                continue;
            };
            let size = Size::new(rows[0].len() as u32, rows.len() as u32);
            let mask = Mask::from_fn(size, |x, y| rows[y as usize].as_bytes()[x as usize] == b'#');
            assert_eq!(result.unwrap(), mask, "{name}");
            assert_eq!(read(&bytes, size.pixels()).unwrap(), mask);
            let limit = size.pixels() - 1;
            assert!(
                matches!(read(&bytes, limit).unwrap_err(), NpyError::TooLarge { limit: found, .. } if found == limit)
            );
        }
        assert_eq!(arrays().len(), 23);
    }

    #[test]
    fn no_part_of_a_file_is_a_mask() {
        for (name, mut bytes, _) in arrays() {
            assert!((0..bytes.len()).all(|length| read(&bytes[..length], MANY).is_err()), "{name}");
            bytes.push(0);
            assert!(read(&bytes, MANY).is_err(), "{name} and a byte");
        }
    }

    #[test]
    fn a_header_of_python_2_is_read() {
        let bytes = file("{'shape': (1L, 2L), 'fortran_order': False, 'descr': '|b1'}", &[0, 1]);
        assert_eq!(read(&bytes, MANY).unwrap(), Mask::from_fn(Size::new(2, 1), |x, _| x == 1));
    }

    #[test]
    fn headers_that_are_damaged_or_lie_are_refused() {
        let refusal = |header: &str, values: &[u8]| read(&file(header, values), MANY).unwrap_err().to_string();
        let of_shape =
            |shape: &str| refusal(&format!("{{'descr': '|b1', 'fortran_order': True, 'shape': {shape}, }}"), &[1; 6]);
        assert!(of_shape("(3, 3)").starts_with("the array has the shape (3, 3), but 6 bytes of pixels"));
        assert!(of_shape("(2, 2)").starts_with("the array has the shape (2, 2), but 6 bytes of pixels"));
        assert!(of_shape("(60000, 60000)").contains("at most 1048576 pixels"));
        for shape in ["(-2, -3)", "(99999999999999999999, 1)", "(65536, 1)", "(a, b)", "(2.0, 3)", "(\x1b, 1)"] {
            assert!(of_shape(shape).contains("but a mask has (height, width)"), "{shape}");
        }
        for shape in ["", "5", "(2, 3", "[2, 3]"] {
            assert!(of_shape(shape).contains("its header has no shape"), "{shape}");
        }
        assert!(refusal("{'descr': '|b1', 'shape': (2, 3)}", &[1; 6]).contains("has no fortran_order"));
        assert!(
            refusal("{'descr': '|b1', 'fortran_order': 1, 'shape': (2, 3)}", &[1; 6]).contains("has no fortran_order")
        );
        assert!(refusal("", &[]).contains("its header has no descr"));
        assert!(refusal("{'descr': '", &[]).contains("has the dtype '"));
        let header = "{'descr': '|b1', 'fortran_order': False, 'shape': (1, 1)}";
        assert!(refusal(&format!("{header:10001}"), &[1]).contains("no complete header"));
        assert!(read(&file(&format!("{header:10000}"), &[1]), MANY).is_ok());
        for start in [&b""[..], b"PK\x03\x04", b"\x93NUMPY", b"\x93NUMPY\x04\0", b"\x93NUMPY\x02\0\xff\xff\xff\xff{"] {
            let message = read(start, MANY).unwrap_err().to_string();
            assert!(message.contains("it has no complete header of NumPy 1 to 3: write it anew"), "{message}");
        }
    }

    #[test]
    fn changed_bytes_end_in_an_error_or_a_mask() {
        let mut state = 7_u64;
        for (_, bytes, _) in arrays() {
            for _ in 0..500 {
                state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
                let mut bytes = bytes.clone();
                let at = (state >> 33) as usize % bytes.len();
                bytes[at] = (state >> 20) as u8;
                let _ = read(&bytes, MANY);
            }
        }
    }
}
