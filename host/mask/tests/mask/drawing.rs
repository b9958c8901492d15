//! Tests of drawing masks on photos.

use crate::naive::{Random, samples};
use rescue_mask::{DrawError, Mask, Paint, Rect, Size, Style, draw, showcase};

const GREEN: [u8; 3] = [0, 255, 0];

fn noise(size: Size) -> Vec<u8> {
    let mut random = Random::new(4);
    (0..size.pixels() * 3).map(|_| random.next() as u8).collect()
}

fn drawn(rgb: &[u8], size: Size, mask: &Mask, paint: Paint) -> Vec<u8> {
    let mut picture = rgb.to_vec();
    draw(&mut picture, size, mask, &paint).unwrap();
    picture
}

/// The pixels that differ between two pictures.
fn changed(before: &[u8], after: &[u8], size: Size) -> Mask {
    let pixels: Vec<bool> = before.chunks(3).zip(after.chunks(3)).map(|(before, after)| before != after).collect();
    Mask::from_slice(size, &pixels, |changed| *changed).unwrap()
}

#[test]
fn style_names_are_parsed_and_the_error_for_another_name_lists_them() {
    for style in Style::ALL {
        assert_eq!(style.name().parse::<Style>().unwrap(), style);
        assert_eq!(style.to_string(), style.name());
        assert_eq!(serde_json::to_value(style).unwrap(), style.name());
    }
    let unknown = "Outline!".parse::<Style>().unwrap_err().to_string();
    assert_eq!(unknown, r#"no style is called "Outline!"; the styles are overlay, outline, cutout, darkened, box"#);
    assert!("x".repeat(1000).parse::<Style>().unwrap_err().to_string().len() < 200);
}

#[test]
fn colours_are_mixed_with_exact_rounding() {
    for naive in samples() {
        let (size, mask, rgb) = (naive.size(), naive.mask(), noise(naive.size()));
        for (style, share, inside) in [
            (Style::Overlay, 0.5, true),
            (Style::Darkened, 0.7, false),
            (Style::Cutout, 0.9, false),
            (Style::Overlay, 1.0, true),
        ] {
            let paint = Paint { style, colour: Some([200, 3, 77]), strength: Some(share) };
            let alpha = (share * 255.0).round();
            let expected: Vec<u8> = rgb
                .chunks(3)
                .zip(&naive.pixels)
                .flat_map(|(pixel, here)| {
                    let alpha = if *here == inside { alpha } else { 0.0 };
                    let mix = |old: u8, new: u8| {
                        ((f64::from(old) * (255.0 - alpha) + f64::from(new) * alpha) / 255.0).round() as u8
                    };
                    [mix(pixel[0], 200), mix(pixel[1], 3), mix(pixel[2], 77)]
                })
                .collect();
            assert_eq!(drawn(&rgb, size, &mask, paint), expected, "{style}");
        }
    }
}

#[test]
fn the_defaults_are_those_in_the_documentation_of_the_styles() {
    let size = Size::new(60, 40);
    let mask = Mask::from_rect(size, Rect { x_min: 10.0, y_min: 10.0, x_max: 30.0, y_max: 30.0 });
    let rgb = noise(size);
    for (style, colour, strength) in [
        (Style::Overlay, [255, 0, 0], 0.5),
        (Style::Outline, [255, 0, 0], 2.0),
        (Style::Cutout, [0, 0, 0], 1.0),
        (Style::Darkened, [0, 0, 0], 0.7),
        (Style::Box, [255, 0, 0], 2.0),
    ] {
        let full = Paint { style, colour: Some(colour), strength: Some(strength) };
        assert_eq!(drawn(&rgb, size, &mask, style.into()), drawn(&rgb, size, &mask, full), "{style}");
    }
    // In a photo 1200 pixels wide, the line is 4 pixels wide.
    let wide = Size::new(1200, 20);
    let (mask, rgb) = (Mask::from_fn(wide, |x, _| x < 600), vec![0; 1200 * 20 * 3]);
    let line = changed(&rgb, &drawn(&rgb, wide, &mask, Style::Outline.into()), wide);
    assert_eq!(line.runs().filter(|run| run.y == 10).map(|run| (run.x_start, run.x_end)).last(), Some((598, 602)));
}

#[test]
fn cutout_keeps_the_inside_and_nothing_else() {
    for naive in samples() {
        let (size, rgb) = (naive.size(), noise(naive.size()));
        let picture = drawn(&rgb, size, &naive.mask(), Style::Cutout.into());
        for ((before, after), inside) in rgb.chunks(3).zip(picture.chunks(3)).zip(&naive.pixels) {
            assert_eq!(after, if *inside { before } else { &[0, 0, 0] });
        }
    }
}

#[test]
fn outlines_have_the_given_width_and_are_closed_at_the_edge_of_the_photo() {
    let size = Size::new(40, 30);
    let rgb = vec![0; 40 * 30 * 3];
    let line = |mask: &Mask, width: f64| {
        let paint = Paint { style: Style::Outline, colour: Some(GREEN), strength: Some(width) };
        changed(&rgb, &drawn(&rgb, size, mask, paint), size)
    };
    let rect = |x_min, y_min, x_max, y_max| Mask::from_rect(size, Rect { x_min, y_min, x_max, y_max });
    let row = |mask: &Mask, y| -> Vec<_> {
        mask.runs().filter(|run| run.y == y).map(|run| (run.x_start, run.x_end)).collect()
    };
    let mask = rect(10.0, 10.0, 30.0, 20.0);
    assert_eq!(row(&line(&mask, 1.0), 15), [(10, 11), (29, 30)]);
    assert_eq!(row(&line(&mask, 2.0), 15), [(9, 11), (29, 31)]);
    assert_eq!(row(&line(&mask, 5.0), 15), [(8, 13), (27, 32)]);
    let mut inner = mask.clone();
    inner.subtract(&rect(11.0, 11.0, 29.0, 19.0)).unwrap();
    assert_eq!(line(&mask, 1.0), inner);
    assert_eq!(row(&line(&rect(0.0, 0.0, 40.0, 30.0), 3.0), 15), [(0, 2), (38, 40)]);
    assert!(line(&Mask::new(size), 3.0).is_empty());
}

#[test]
fn boxes_are_drawn_around_the_bounds() {
    let size = Size::new(40, 30);
    let rgb = vec![0; 40 * 30 * 3];
    let mask = Mask::from_fn(size, |x, y| (x, y) == (10, 10) || (x, y) == (20, 18));
    let paint = Paint { style: Style::Box, colour: Some(GREEN), strength: Some(3.0) };
    let line = changed(&rgb, &drawn(&rgb, size, &mask, paint), size);
    let within = |x: u32, y: u32, by: i64| {
        let (x, y) = (i64::from(x), i64::from(y));
        (10 - by..21 + by).contains(&x) && (10 - by..19 + by).contains(&y)
    };
    assert_eq!(line, Mask::from_fn(size, |x, y| within(x, y, 1) && !within(x, y, -2)));
    assert_eq!(drawn(&rgb, size, &Mask::new(size), paint), rgb);
    // A line wider than the box fills it.
    let wide = Paint { strength: Some(1000.0), ..paint };
    assert_eq!(changed(&rgb, &drawn(&rgb, size, &mask, wide), size).area(), 40 * 30);
}

#[test]
fn wrong_sizes_and_strengths_are_refused_and_nothing_is_drawn() {
    let size = Size::new(4, 3);
    let rgb = noise(size);
    let mask = Mask::from_fn(size, |_, _| true);
    let mut picture = rgb.clone();
    let paint = Paint::new(Style::Overlay);
    assert!(matches!(draw(&mut picture[1..], size, &mask, &paint), Err(DrawError::Sizes(_))));
    assert!(matches!(draw(&mut picture, Size::new(3, 4), &mask, &paint), Err(DrawError::Sizes(_))));
    assert!(showcase(&rgb[1..], size, &mask).is_err());
    assert!(showcase(&rgb, Size::new(3, 4), &mask).is_err());
    for (style, strength) in [
        (Style::Overlay, -0.1),
        (Style::Overlay, 1.1),
        (Style::Darkened, f64::NAN),
        (Style::Cutout, f64::INFINITY),
        (Style::Outline, 0.0),
        (Style::Box, 1e9),
    ] {
        let refused = draw(&mut picture, size, &mask, &Paint { style, colour: None, strength: Some(strength) });
        let error = refused.unwrap_err().to_string();
        assert!(error.starts_with(&format!("the strength of {style} must be ")), "{error}");
    }
    assert_eq!(picture, rgb);
}

#[test]
fn showcase_tints_darkens_and_outlines() {
    let size = Size::new(300, 200);
    let rgb = vec![120; 300 * 200 * 3];
    let mask = Mask::from_rect(size, Rect { x_min: 100.0, y_min: 50.0, x_max: 200.0, y_max: 150.0 });
    let picture = showcase(&rgb, size, &mask).unwrap();
    let pixel = |x: usize, y: usize| &picture[(y * 300 + x) * 3..][..3];
    let (outside, inside) = (pixel(20, 20), pixel(150, 100));
    assert!(outside.iter().all(|channel| *channel < 120));
    assert!(inside[0] > 120 && inside[0] > inside[1]);
    let light = |x: usize| pixel(x, 100).iter().all(|channel| *channel > 200);
    assert!(light(98) && light(101) && !light(99) && !light(100), "there is a light border on both sides of the line");
    assert_eq!(showcase(&rgb, size, &mask).unwrap(), picture);
    assert!(showcase(&[], Size::new(0, 0), &Mask::new(Size::new(0, 0))).unwrap().is_empty());
}
