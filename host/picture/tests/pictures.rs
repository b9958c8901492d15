//! Tests of the pixels of pictures.
#![allow(clippy::indexing_slicing, clippy::unwrap_used, reason = "a test that panics has failed, as it should")]

mod common;

use std::sync::Arc;
use std::thread;

use common::{disc, everything, labelled, mark, painter, photo, rect, view};
use rescue_core::Size;
use rescue_mask::{Bounds, CompactMask, Mask, Style};
use rescue_picture::{Crop, Defaults, Painter, Picture, Shape, Target, View};

const PHOTO: Size = Size::new(600, 400);

/// The pixels of a box, row by row.
fn part(picture: &Picture, bounds: Bounds) -> Vec<[u8; 3]> {
    let pixels = |y| (bounds.x_min..bounds.x_max).map(move |x| pixel(&picture.rgb, picture.recipe.size, x, y));
    (bounds.y_min..bounds.y_max).flat_map(pixels).collect()
}

fn pixel(rgb: &[u8], size: Size, x: u32, y: u32) -> [u8; 3] {
    let at = (y as usize * size.width as usize + x as usize) * 3;
    rgb[at..at + 3].try_into().unwrap()
}

#[test]
fn a_picture_without_marks_is_the_photo() {
    let picture = painter(PHOTO).render(&[view(vec![], Crop::Whole, 0, "")]).unwrap();
    assert!(picture.rgb == photo(PHOTO).rgb());
    let cropped = painter(PHOTO).render(&[view(vec![], Crop::Area(rect(7.0, 9.0, 590.0, 300.0)), 0, "")]).unwrap();
    let whole = part(&picture, Bounds { x_min: 7, y_min: 9, x_max: 590, y_max: 300 });
    assert!(part(&cropped, cropped.recipe.panels[0].place) == whole);
}

#[test]
fn cutouts_are_black_outside_and_the_photo_inside() {
    let Target::Mask(shape) = disc(PHOTO, 20, 200, 180) else { unreachable!() };
    let picture = painter(PHOTO).render(&[View::cutout(shape.clone(), 10, 0)]).unwrap();
    let area = picture.recipe.panels[0].area;
    assert_eq!(area, Bounds { x_min: 0, y_min: 11, x_max: 210, y_max: 390 });
    assert_eq!(picture.recipe.size, Size::new(210, 379));
    assert_eq!(picture.recipe.encoding, None);
    let (photo, mask) = (photo(PHOTO), shape.mask().to_mask());
    for y in 0..379 {
        for x in 0..210 {
            let inside = mask.get(x, y + 11);
            let expected = if inside { pixel(photo.rgb(), PHOTO, x, y + 11) } else { [0; 3] };
            assert_eq!(pixel(&picture.rgb, picture.recipe.size, x, y), expected);
        }
    }
}

#[test]
fn a_view_looks_the_same_in_a_grid_and_alone() {
    let one = view(vec![mark(disc(PHOTO, 200, 200, 90), Style::Outline)], Crop::Around(0.1), 300, "");
    let other = view(vec![mark(Target::Rect(rect(9.0, 9.0, 99.0, 30.0)), Style::Darkened)], Crop::Whole, 300, "below");
    let painter = painter(PHOTO);
    let grid = painter.render(&[one.clone(), other.clone()]).unwrap();
    for (index, view) in [one, other].into_iter().enumerate() {
        let alone = painter.render(&[view]).unwrap();
        assert!(part(&grid, grid.recipe.panels[index].place) == part(&alone, alone.recipe.panels[0].place), "{index}");
    }
    let [first, second] = [0, 1].map(|index| grid.recipe.panels[index].place);
    let gap = Bounds { x_min: first.x_max, y_min: 0, x_max: second.x_min, y_max: grid.recipe.size.height };
    assert!(gap.width() > 0 && part(&grid, gap).iter().all(|pixel| *pixel == [128; 3]));
    let band = grid.recipe.panels[1].caption.as_ref().unwrap().band;
    let band = part(&grid, band);
    assert!(band.iter().all(|pixel| *pixel == [0; 3] || *pixel == [255; 3]));
    assert!(band.contains(&[255; 3]));
}

#[test]
fn labels_are_drawn_over_all_marks() {
    let marks = vec![
        labelled(disc(PHOTO, 100, 100, 50), Style::Outline, [250, 1, 2], "A"),
        labelled(disc(PHOTO, 400, 200, 50), Style::Cutout, [0, 0, 0], "B"),
    ];
    let picture = painter(PHOTO).render(&[view(marks, Crop::Whole, 0, "")]).unwrap();
    // The disc starts at (51, 51).
    let tag = Bounds { x_min: 51, y_min: 29, x_max: 73, y_max: 51 };
    assert!(part(&picture, tag).iter().all(|pixel| *pixel == [250, 1, 2] || *pixel == [255; 3]));
    // The second mark covers the first.
    assert_eq!(pixel(&picture.rgb, PHOTO, 100, 148), [0; 3]);
}

#[test]
fn neither_a_mark_outside_the_view_nor_its_label_is_drawn() {
    let outside = labelled(disc(PHOTO, 500, 300, 50), Style::Overlay, [255, 0, 0], "A");
    let crop = Crop::Area(rect(0.0, 0.0, 300.0, 200.0));
    let painter = painter(PHOTO);
    let marked = painter.render(&[view(vec![outside], crop, 0, "")]).unwrap();
    assert!(marked.rgb == painter.render(&[view(vec![], crop, 0, "")]).unwrap().rgb);
}

#[test]
fn photos_of_extreme_shapes_are_drawn() {
    for (width, height, shown) in [
        (1, 1, Size::new(256, 256)),
        (20_000, 3, Size::new(1024, 1)),
        (3, 20_000, Size::new(1, 1024)),
        (257, 1, Size::new(257, 1)),
        (65, 64, Size::new(256, 252)),
    ] {
        let size = Size::new(width, height);
        let painter = painter(size);
        let middle =
            Target::Rect(rect(0.4 * f64::from(width), 0.4 * f64::from(height), f64::from(width), f64::from(height)));
        for style in Style::ALL {
            for target in [everything(size), middle.clone()] {
                let marks = vec![labelled(target, style, [0, 255, 0], "it")];
                for crop in [Crop::Whole, Crop::Around(0.0)] {
                    let picture = painter.render(&[view(marks.clone(), crop, 0, "")]).unwrap();
                    assert_eq!(picture.recipe.size.pixels() * 3, picture.rgb.len() as u64);
                }
                let recipe = painter.recipe(&[view(marks, Crop::Whole, 0, "")]).unwrap();
                // Strips are padded: models refuse sides of less than 32 pixels.
                let padded = Size::new(shown.width.max(32), shown.height.max(32));
                assert_eq!((recipe.panels[0].shown(), recipe.size), (shown, padded));
            }
        }
        let captioned = painter.jpeg(&[view(vec![], Crop::Whole, 0, "a caption"), view(vec![], Crop::Whole, 64, "")]);
        assert!(!captioned.unwrap().to_vec().is_empty());
    }
}

#[test]
fn a_full_mask_is_drawn_everywhere() {
    let painter = painter(PHOTO);
    let rgb = |style| painter.render(&[view(vec![mark(everything(PHOTO), style)], Crop::Whole, 0, "")]).unwrap().rgb;
    let photo = photo(PHOTO);
    assert!(rgb(Style::Cutout) == photo.rgb());
    assert!(rgb(Style::Darkened) == photo.rgb());
    assert_eq!(rgb(Style::Outline), rgb(Style::Box));
    assert!(rgb(Style::Overlay).iter().step_by(3).all(|red| *red >= 128));
}

#[test]
fn jpegs_have_the_size_and_the_subsampling_of_the_recipe() {
    let views = [view(vec![], Crop::Whole, 301, "with a caption")];
    for (quality, factors) in [(1, 0x22), (85, 0x22), (89, 0x22), (90, 0x11), (100, 0x11)] {
        let painter = Painter::new(Arc::new(photo(PHOTO)), Defaults { max_side: 1024, quality }).unwrap();
        let (recipe, jpeg) = (painter.recipe(&views).unwrap(), painter.jpeg(&views).unwrap().to_vec());
        // The frame header has the marker, length, precision, height, width, number of channels, and the id and factors
        // of the first channel.
        let frame = jpeg.windows(2).position(|bytes| bytes == [0xff, 0xc0]).map(|at| &jpeg[at..at + 12]).unwrap();
        assert_eq!(u32::from(u16::from_be_bytes([frame[5], frame[6]])), recipe.size.height);
        assert_eq!(u32::from(u16::from_be_bytes([frame[7], frame[8]])), recipe.size.width);
        assert_eq!(frame[11], factors, "quality {quality}");
        let encoding = recipe.encoding.unwrap();
        let expected = if factors == 0x22 { "4:2:0" } else { "4:4:4" };
        assert_eq!((encoding.format, encoding.quality, encoding.subsampling), ("jpeg", quality, expected));
    }
}

#[test]
fn threads_share_a_painter() {
    let painter = painter(PHOTO);
    let views =
        |index: u32| [view(vec![mark(disc(PHOTO, 100 + 9 * index, 200, 50), Style::Overlay)], Crop::Whole, 300, "")];
    let expected: Vec<Picture> = (0..8).map(|index| painter.render(&views(index)).unwrap()).collect();
    let fresh = common::painter(PHOTO);
    thread::scope(|scope| {
        let (fresh, views) = (&fresh, &views);
        let running: Vec<_> = (0..8).map(|index| scope.spawn(move || fresh.render(&views(index)).unwrap())).collect();
        for (thread, expected) in running.into_iter().zip(&expected) {
            assert!(thread.join().unwrap() == *expected);
        }
    });
}

#[test]
fn a_shared_mask_is_not_copied() {
    let mask = Arc::new(CompactMask::new(Mask::from_fn(PHOTO, |x, _| x < 9)));
    let shape = Shape::new(Arc::clone(&mask));
    let _view = View::cutout(shape.clone(), 0, 0);
    assert_eq!(Arc::strong_count(&mask), 3);
}

/// Whatever was drawn before, the same views give the same file.
#[test]
fn a_file_does_not_depend_on_the_pictures_before_it() {
    let views = |index: u32| {
        let marks = vec![labelled(disc(PHOTO, 100 + 9 * index, 200, 50), Style::Overlay, [255, 0, 0], "A")];
        [view(marks.clone(), Crop::Whole, 300, "Which one?"), view(marks, Crop::Whole, 300, "")]
    };
    let one = painter(PHOTO);
    for index in 0..4 {
        assert!(one.jpeg(&views(index)).unwrap() == painter(PHOTO).jpeg(&views(index)).unwrap());
        assert!(one.jpeg(&views(index)[1..]).unwrap() == painter(PHOTO).jpeg(&views(index)[1..]).unwrap());
    }
}
