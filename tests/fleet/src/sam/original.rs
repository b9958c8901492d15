//! The original system's contract, `POST /api/v1/image/segment`.

use rescue_mask::{Mask, Rect, Size, jpeg, png};
use serde_json::{Value, json};

use super::SamModel;
use super::prompt::{Found, Objects, bounds};
use crate::config::MaskFile;
use crate::fault::Fault;
use crate::limits::MAX_PROMPTS;
use crate::serve::{Answer, Call, text_of};
use crate::vision::resize_mask;

/// The JPEG quality of the original system's masks, 1 to 100.
const QUALITY: u8 = 75;

/// The kinds of prompts, in the order in which they are answered.
const ORDER: [&str; 3] = ["text", "box", "point"];

impl SamModel {
    pub(super) fn segment(&self, call: &mut Call<'_>) -> Result<Answer, String> {
        let analysis = self.analyse(text_of(call.body, "image")?, call)?;
        let prompts = prompts(call.body)?;
        let objects = Objects::new(&self.analyser, &analysis);
        let mut found = Vec::new();
        for kind in ORDER {
            for prompt in prompts.iter().filter(|prompt| prompt.get("type").and_then(Value::as_str) == Some(kind)) {
                found.push(find(&objects, kind, prompt)?);
            }
        }
        if found.len() != prompts.len() {
            return Err(format!("a prompt's type is one of {}", ORDER.join(", ")));
        }
        if call.fault == Some(Fault::WrongOrder) && !found.is_empty() {
            found.rotate_left(1);
        }
        let size = objects.size;
        let mut masks = Vec::new();
        for found in &found {
            let mask = match call.fault {
                Some(Fault::ZeroMask) => Mask::new(size),
                Some(Fault::WrongSize) => {
                    resize_mask(&found.mask, Size::new(size.width.div_ceil(2), size.height.div_ceil(2)))
                }
                _ => found.mask.clone(),
            };
            masks.push(base64_simd::STANDARD.encode_to_string(file(&mask, self.mask_file)?));
        }
        let (width, height) = (f64::from(size.width), f64::from(size.height));
        let boxes: Vec<_> = found
            .iter()
            .map(|found| bounds(&found.mask))
            .map(|rect| [rect.x_min / width, rect.y_min / height, rect.x_max / width, rect.y_max / height])
            .collect();
        let mut scores: Vec<Value> = found.iter().map(|found| json!(found.score)).collect();
        if call.fault == Some(Fault::Nan)
            && let Some(first) = scores.first_mut()
        {
            *first = json!("NaN");
        }
        let mut body = json!({
            "num_masks": masks.len(),
            "masks": masks,
            "boxes": boxes,
            "scores": scores,
            "image_size": { "width": size.width, "height": size.height },
            "inference_time_ms": 1.0,
        });
        if call.fault == Some(Fault::WrongSchema) {
            spoil(&mut body, call);
        }
        Ok(Answer::python(&body))
    }
}

fn prompts(body: &Value) -> Result<&Vec<Value>, String> {
    let prompts = body.get("prompts").and_then(Value::as_array).ok_or("prompts is missing or no list")?;
    if prompts.len() > MAX_PROMPTS {
        return Err(format!("there are {} prompts; {MAX_PROMPTS} are the most", prompts.len()));
    }
    Ok(prompts)
}

fn find(objects: &Objects<'_>, kind: &str, prompt: &Value) -> Result<Found, String> {
    let (width, height) = (f64::from(objects.size.width), f64::from(objects.size.height));
    match kind {
        "text" => {
            let found = objects.of_name(text_of(prompt, "text")?).into_iter().next();
            Ok(found.unwrap_or_else(|| Found::nothing(objects.size)))
        }
        "box" => {
            let [x_min, y_min, x_max, y_max] = numbers(prompt.get("box"))?;
            if [x_min, y_min, x_max, y_max].iter().any(|edge| !(0.0..=1.0).contains(edge)) {
                return Err("a box is x1, y1, x2, y2 from 0 to 1".to_owned());
            }
            let rect =
                Rect { x_min: x_min * width, y_min: y_min * height, x_max: x_max * width, y_max: y_max * height };
            Ok(objects.in_box(rect))
        }
        _ => {
            let [x, y] = numbers(prompt.get("points").and_then(|points| points.get(0)))?;
            Ok(objects.at_point(x * width, y * height))
        }
    }
}

fn numbers<const N: usize>(value: Option<&Value>) -> Result<[f64; N], String> {
    let list = value.and_then(Value::as_array).map(|list| list.iter().filter_map(Value::as_f64).collect::<Vec<_>>());
    list.and_then(|list| list.try_into().ok()).ok_or_else(|| format!("a prompt needs a list of {N} numbers"))
}

fn file(mask: &Mask, kind: MaskFile) -> Result<Vec<u8>, String> {
    match kind {
        MaskFile::Png => png::write_mask(mask).map_err(|error| error.to_string()),
        MaskFile::Jpeg => {
            let size = mask.size();
            let pixels = (0..size.height).flat_map(|y| (0..size.width).map(move |x| (x, y)));
            let rgb: Vec<u8> = pixels.flat_map(|(x, y)| [if mask.get(x, y) { 255 } else { 0 }; 3]).collect();
            jpeg::encode_rgb(size, &rgb, QUALITY).map_err(|error| error.to_string())
        }
    }
}

/// Makes a body break its schema, in one of four ways that the digest and the attempt decide.
fn spoil(body: &mut Value, call: &Call<'_>) {
    let ways = call.digest.bytes().iter().fold(call.attempt, |sum, byte| sum.wrapping_add((*byte).into())) % 4;
    let Some(fields) = body.as_object_mut() else { return };
    match ways {
        0 => {
            fields.remove("masks");
        }
        1 => {
            fields.insert("masks".to_owned(), json!("none"));
        }
        2 => {
            if let Some(masks) = fields.get_mut("masks").and_then(Value::as_array_mut) {
                masks.pop();
            }
        }
        _ => {
            fields.insert("scores".to_owned(), json!({ "0": "high" }));
            fields.remove("boxes");
        }
    }
}
