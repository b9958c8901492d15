//! Reads masks from the responses of servers.

use rescue_core::Size;
use rescue_mask::png::{THRESHOLD, read_mask};
use rescue_mask::{Mask, Rle};
use serde::Deserialize;
use serde_json::Value;

/// Reads a mask of this size from a PNG or JPEG file in base64, with or without the head of a data URL, or from COCO run lengths. A
/// pixel of a file is inside if its value is at least [`THRESHOLD`], as JPEG leaves small values around a mask.
///
/// # Errors
///
/// Says why the value is not a mask of this size.
pub(crate) fn read(value: &Value, size: Size) -> Result<Mask, String> {
    let mask = match value {
        Value::String(text) => picture(text, size)?,
        Value::Object(_) => {
            let rle = Rle::deserialize(value).map_err(|error| error.to_string())?;
            // Checked before decoding, as a few runs can stand for a mask of any size.
            if rle.size() != size {
                return Err(format!("the mask is {}, but the photo is {size}", rle.size()));
            }
            rle.to_mask()
        }
        _ => return Err("the mask is neither a picture in base64 nor run lengths".into()),
    };
    if mask.size() == size { Ok(mask) } else { Err(format!("the mask is {}, but the photo is {size}", mask.size())) }
}

fn picture(text: &str, size: Size) -> Result<Mask, String> {
    let body = match text.split_once(";base64,") {
        Some((head, body)) if head.starts_with("data:") => body,
        _ => text,
    };
    let file = base64_simd::STANDARD.decode_to_vec(body).map_err(|_| "the mask is not valid base64".to_owned())?;
    if file.starts_with(&[0xff, 0xd8]) {
        return jpeg(&file, size);
    }
    read_mask(&file, size.pixels()).map_err(|error| error.to_string())
}

fn jpeg(file: &[u8], size: Size) -> Result<Mask, String> {
    let decoded = rescue_mask::jpeg::decode(file, size.pixels()).map_err(|error| error.to_string())?;
    let values: Vec<u8> = decoded.rgb.chunks_exact(3).map(|pixel| pixel.iter().copied().max().unwrap_or(0)).collect();
    Mask::from_bytes(decoded.size, &values, THRESHOLD).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const SIZE: Size = Size::new(200, 100);

    fn disc() -> Mask {
        Mask::from_fn(SIZE, |x, y| x.abs_diff(60).pow(2) + y.abs_diff(50).pow(2) < 400)
    }

    fn base64(bytes: &[u8]) -> Value {
        Value::String(base64_simd::STANDARD.encode_to_string(bytes))
    }

    #[test]
    fn png_jpeg_and_runs_give_the_same_mask() {
        let mask = disc();
        let png = rescue_mask::png::write_mask(&mask).unwrap();
        assert_eq!(read(&base64(&png), SIZE).unwrap(), mask);
        assert_eq!(read(&serde_json::to_value(mask.to_rle()).unwrap(), SIZE).unwrap(), mask);
        let rgb: Vec<u8> =
            (0..100).flat_map(|y| (0..200).flat_map(move |x| [if disc().get(x, y) { 255 } else { 0 }; 3])).collect();
        let jpeg = rescue_mask::jpeg::encode_rgb(SIZE, &rgb, 85).unwrap();
        let read = read(&base64(&jpeg), SIZE).unwrap();
        // With "> 0" in place of the threshold, the mask would include the values that JPEG leaves around its edge.
        assert!(read.iou(&mask).unwrap() > 0.97, "{}", read.iou(&mask).unwrap());
    }

    #[test]
    fn masks_of_another_size_or_encoding_are_errors() {
        let png = rescue_mask::png::write_mask(&Mask::new(Size::new(100, 100))).unwrap();
        for value in
            [base64(&png), json!({"size": [7, 7], "counts": [49]}), base64(b"GIF"), json!("@"), json!(1), json!(null)]
        {
            assert!(read(&value, SIZE).is_err(), "{value}");
        }
    }
}
