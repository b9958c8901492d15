//! Draws a mask on a picture in every style, and writes each as a PNG file:
//! `cargo run -p rescue-mask --example overlay`.

use std::fs;

use rescue_mask::{Mask, Paint, Size, Style, draw, png, showcase};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let size = Size::new(320, 240);
    let photo: Vec<u8> = (0..240_u32)
        .flat_map(|y| (0..320_u32).flat_map(move |x| [(x * 255 / 319) as u8, (y * 255 / 239) as u8, 120]))
        .collect();
    let ring = Mask::from_fn(size, |x, y| (900..8100).contains(&(x.abs_diff(160).pow(2) + y.abs_diff(120).pow(2))));

    let folder = std::env::temp_dir();
    for style in Style::ALL {
        let mut picture = photo.clone();
        draw(&mut picture, size, &ring, &Paint::new(style))?;
        let file = folder.join(format!("{style}.png"));
        fs::write(&file, png::write_rgb(size, &picture)?)?;
        println!("{}", file.display());
    }
    let file = folder.join("showcase.png");
    fs::write(&file, png::write_rgb(size, &showcase(&photo, size, &ring)?)?)?;
    println!("{}", file.display());
    Ok(())
}
