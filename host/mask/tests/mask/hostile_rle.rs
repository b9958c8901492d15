//! Tests of run lengths, in particular of invalid ones.

use crate::naive::{Random, samples};
use rescue_mask::{MAX_SIDE, Mask, Rle, RleError, Size};

const SIZE: Size = Size::new(3, 2);

fn parse(text: &str) -> Result<Rle, RleError> {
    Rle::parse_string(SIZE, text)
}

#[test]
fn every_mask_survives_encoding_and_decoding() {
    for naive in samples() {
        let (mask, rle) = (naive.mask(), naive.mask().to_rle());
        assert_eq!(rle.to_mask(), mask);
        assert_eq!(rle.area(), mask.area());
        assert_eq!(Rle::parse_string(naive.size(), &rle.encode_string()).unwrap(), rle);
        // Computes the run lengths column by column, directly from their definition.
        let mut counts = vec![0];
        let mut inside = false;
        for (x, y) in (0..naive.width).flat_map(|x| (0..naive.height).map(move |y| (x, y))) {
            if naive.get(x, y) != inside {
                inside = !inside;
                counts.push(0);
            }
            *counts.last_mut().unwrap() += 1;
        }
        assert_eq!(rle.counts(), counts);
    }
}

#[test]
fn runs_must_add_up_to_the_mask() {
    assert_eq!(parse(""), Err(RleError::Sum { size: SIZE, found: 0 }));
    assert_eq!(parse("0"), Err(RleError::Sum { size: SIZE, found: 0 }));
    assert_eq!(parse("221"), Err(RleError::Sum { size: SIZE, found: 5 }));
    assert_eq!(
        parse("2221"),
        Err(RleError::Sum { size: SIZE, found: 9 }),
        "the fourth number is a difference, so the fourth run is 3"
    );
    assert_eq!(Rle::new(SIZE, vec![u32::MAX; 5]), Err(RleError::Sum { size: SIZE, found: 5 * u64::from(u32::MAX) }));
    assert_eq!(Rle::new(SIZE, vec![]), Err(RleError::Sum { size: SIZE, found: 0 }));
}

#[test]
fn other_characters_are_refused() {
    for (text, offset, byte) in [("2 2", 1, b' '), ("22/", 2, b'/'), ("p", 0, b'p'), ("2\0", 1, 0), ("2é", 1, 0xc3)] {
        assert_eq!(parse(text), Err(RleError::Character { offset, byte }), "{text:?}");
    }
}

#[test]
fn numbers_must_end_and_be_short() {
    assert_eq!(parse("22P"), Err(RleError::Unfinished));
    assert_eq!(parse("ooooooo"), Err(RleError::Unfinished));
    assert_eq!(parse("oooooooo"), Err(RleError::TooLong { offset: 7 }));
    assert_eq!(parse(&"P".repeat(1_000_000)), Err(RleError::TooLong { offset: 7 }));
    // A 6 with more characters than needed is valid.
    assert_eq!(parse("VP0").unwrap().counts(), [6]);
}

#[test]
fn run_lengths_must_fit_into_u32() {
    assert_eq!(parse("O"), Err(RleError::Length { index: 0, length: -1 }));
    assert_eq!(parse("222L"), Err(RleError::Length { index: 3, length: -2 }));
    assert_eq!(parse("PPPPPP4"), Err(RleError::Length { index: 0, length: 4 << 30 }));
    // The largest possible run, and then a difference that leads beyond u32.
    assert_eq!(parse("0oooooo301"), Err(RleError::Length { index: 3, length: 1 << 32 }));
}

#[test]
fn runs_of_no_pixels_are_valid() {
    let rle = Rle::new(SIZE, vec![0, 0, 1, 0, 0, 2, 3, 0]).unwrap();
    assert_eq!(rle.to_mask().to_rle().counts(), [1, 2, 3]);
    assert_eq!(parse(&rle.encode_string()).unwrap(), rle);
    let none = Size::new(0, 5);
    assert_eq!(Rle::parse_string(none, "000").unwrap().to_mask(), Mask::new(none));
}

#[test]
fn sides_are_limited() {
    for size in [Size::new(MAX_SIDE + 1, 0), Size::new(1, u32::MAX), Size::new(u32::MAX, u32::MAX)] {
        assert_eq!(Rle::parse_string(size, "0"), Err(RleError::TooLarge { size }));
        assert_eq!(Rle::new(size, vec![0]), Err(RleError::TooLarge { size }));
    }
    let largest = Size::new(MAX_SIDE, MAX_SIDE);
    let all = Rle::new(largest, vec![0, 4_294_836_225]).unwrap();
    assert_eq!(all.area(), 4_294_836_225);
    assert_eq!(Rle::parse_string(largest, &all.encode_string()).unwrap(), all);
}

#[test]
fn json_is_checked_too() {
    let read = |text: &str| serde_json::from_str::<Rle>(text).map_err(|error| error.to_string());
    assert_eq!(read(r#"{"size":[2,3],"counts":[2,2,2]}"#).unwrap().encode_string(), "222");
    assert!(
        read(r#"{"size":[2,3],"counts":"223"}"#)
            .unwrap_err()
            .contains("the runs have 7 pixels in all, but a mask of 3×2 has 6")
    );
    assert!(read(r#"{"size":[2,3],"counts":[-1,7]}"#).unwrap_err().contains("a string or a list of run lengths"));
    assert!(read(r#"{"size":[2,70000],"counts":"0"}"#).unwrap_err().contains("no side may be longer"));
    assert!(read(r#"{"size":[2],"counts":"0"}"#).is_err());
    assert!(read(r#"{"counts":"0"}"#).unwrap_err().contains("size"));
}

#[test]
fn every_text_that_is_accepted_is_a_mask() {
    let mut random = Random::new(3);
    let mut accepted = 0;
    for _ in 0..200_000 {
        let length = random.below(6);
        let text: String =
            (0..length).map(|_| char::from(b'0' + random.below(64).min(random.below(64)) as u8)).collect();
        let Ok(rle) = parse(&text) else { continue };
        assert_eq!(rle.counts().iter().sum::<u32>(), 6);
        assert_eq!(rle.to_mask().to_rle().to_mask().area(), rle.area());
        accepted += 1;
    }
    assert!(accepted > 50, "{accepted}");
}

/// Parses any text. Asserts that it has no more runs than bytes and that the runs add up to the mask. Returns whether
/// it was accepted.
fn check(size: Size, text: &str) -> bool {
    let Ok(rle) = Rle::parse_string(size, text) else { return false };
    assert!(rle.counts().len() <= text.len(), "{text:?}");
    assert_eq!(rle.counts().iter().map(|count| u64::from(*count)).sum::<u64>(), size.pixels(), "{text:?}");
    assert_eq!(Rle::parse_string(size, &rle.encode_string()).as_ref(), Ok(&rle));
    if size.pixels() < 1 << 20 {
        assert_eq!(rle.to_mask().area(), rle.area(), "{text:?}");
    }
    true
}

#[test]
fn random_text_is_accepted_or_refused() {
    let mut random = Random::new(5);
    for round in 0..30_000 {
        let size = Size::new(random.below(200) as u32, random.below(200) as u32);
        let length = random.below(80);
        let text: String = if round % 2 == 0 {
            (0..length).map(|_| char::from(b'0' + random.below(64) as u8)).collect()
        } else {
            let bytes: Vec<u8> = (0..length).map(|_| random.next() as u8).collect();
            String::from_utf8_lossy(&bytes).into_owned()
        };
        check(size, &text);
        check(Size::new(MAX_SIDE, MAX_SIDE), &text);
    }
}

#[test]
fn damaged_text_is_accepted_or_refused() {
    let mut random = Random::new(6);
    let (mut accepted, mut refused) = (0, 0);
    for naive in samples() {
        let text = naive.mask().to_rle().encode_string();
        for _ in 0..60 {
            let mut damaged = text.clone().into_bytes();
            match random.below(4) {
                0 => damaged.truncate(random.below(text.len() as u64) as usize),
                1 => damaged[random.below(text.len() as u64) as usize] ^= 1 << random.below(6),
                2 => damaged.insert(random.below(text.len() as u64) as usize, b'0' + random.below(64) as u8),
                _ => damaged.extend(text.bytes()),
            }
            let counted =
                if check(naive.size(), &String::from_utf8_lossy(&damaged)) { &mut accepted } else { &mut refused };
            *counted += 1;
        }
    }
    assert!(accepted > 10 && refused > 1000, "{accepted} and {refused}");
}

#[test]
fn runs_of_any_lengths_that_add_up_survive_encoding_and_decoding() {
    let mut random = Random::new(7);
    for _ in 0..2000 {
        let size = Size::new(1 + random.below(200) as u32, 1 + random.below(100) as u32);
        let (mut left, mut counts) = (size.pixels(), Vec::new());
        while left > 0 {
            // Many runs have no pixels, and some are longer than a column.
            let most = [1, 3, u64::from(size.height) + 2, 3 * u64::from(size.height) + 2][random.below(4) as usize];
            let run = random.below(most).min(left);
            counts.push(run as u32);
            left -= run;
        }
        let rle = Rle::new(size, counts).unwrap();
        let (mask, mut pixels) = (rle.to_mask(), Vec::new());
        for (index, count) in rle.counts().iter().enumerate() {
            pixels.extend(std::iter::repeat_n(index % 2 == 1, *count as usize));
        }
        assert_eq!(mask, Mask::from_fn(size, |x, y| pixels[(x * size.height + y) as usize]));
        assert_eq!(mask.to_rle().to_mask(), mask);
        assert_eq!(Rle::parse_string(size, &rle.encode_string()).unwrap(), rle);
    }
}
