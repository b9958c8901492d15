//! Compares three masks with each other: `cargo run -p rescue-mask --example iou`.

use rescue_mask::{Mask, Rle, Size, iou_matrix};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let size = Size::new(640, 480);
    let disc = |x_centre: u32, y_centre: u32, radius: u32| {
        Mask::from_fn(size, |x, y| x.abs_diff(x_centre).pow(2) + y.abs_diff(y_centre).pow(2) < radius.pow(2))
    };
    // COCO tools exchange masks as text.
    let texts = [disc(200, 200, 100), disc(210, 205, 95), disc(450, 240, 80)].map(|mask| mask.to_rle().encode_string());

    let masks: Vec<Mask> = texts
        .iter()
        .map(|text| Ok(Rle::parse_string(size, text)?.to_mask()))
        .collect::<Result<_, rescue_mask::RleError>>()?;
    for (mask, ious) in masks.iter().zip(iou_matrix(&masks)?.chunks(masks.len())) {
        println!("{:6} pixels, IoU with each: {ious:.3?}", mask.area());
    }
    Ok(())
}
