//! Tests that the pixels of pictures are those of `golden.txt`, as long as `RENDER` is the same.

mod common;

use common::{disc, everything, labelled, mark, painter, rect, view};
use rescue_core::{Digest, Size};
use rescue_mask::Style;
use rescue_picture::{Crop, Mark, RENDER, Target, View};

const PHOTO: Size = Size::new(700, 500);

fn cases() -> Vec<(String, Vec<View>)> {
    let left = || disc(PHOTO, 220, 250, 120);
    let right = || disc(PHOTO, 260, 270, 120);
    let dot = || disc(PHOTO, 600, 77, 2);
    let frame = || Target::Rect(rect(400.3, 99.0, 650.7, 440.2));
    let mut cases: Vec<(String, Vec<View>)> = Vec::new();
    for style in Style::ALL {
        cases.push((format!("{style}, shrunk"), vec![view(vec![mark(left(), style)], Crop::Whole, 333, "")]));
        let strength = Some(if matches!(style, Style::Outline | Style::Box) { 7.0 } else { 0.3 });
        let other = Mark { colour: Some([0, 200, 90]), strength, label: "B".into(), ..mark(frame(), style) };
        cases.push((format!("{style}, as it is"), vec![view(vec![other], Crop::Whole, 0, "")]));
        cases.push((format!("{style}, enlarged"), vec![view(vec![mark(dot(), style)], Crop::Around(2.0), 0, "")]));
        cases.push((format!("{style}, vanishing"), vec![view(vec![mark(dot(), style)], Crop::Whole, 64, "")]));
    }
    let marks = vec![
        labelled(left(), Style::Outline, [255, 0, 0], "A"),
        labelled(right(), Style::Overlay, [255, 255, 0], "Größe 犬 and much more than fits into a label"),
        labelled(frame(), Style::Box, [0, 0, 255], "C"),
        labelled(everything(PHOTO), Style::Outline, [255, 255, 255], "all"),
    ];
    cases.push(("labels".into(), vec![view(marks.clone(), Crop::Whole, 600, "")]));
    cases.push((
        "labels in a crop".into(),
        vec![view(marks.clone(), Crop::Area(rect(100.5, 50.0, 500.0, 320.0)), 0, "")],
    ));
    cases.push(("caption".into(), vec![view(marks.clone(), Crop::Around(0.1), 500, "Which is it: “A” – or “C”?…")]));
    cases.push(("long caption".into(), vec![view(vec![], Crop::Whole, 300, &"many words ".repeat(30))]));
    cases.push(("narrow".into(), vec![view(vec![], Crop::Area(rect(10.0, 0.0, 13.0, 500.0)), 0, "three columns")]));
    cases.push((
        "cutout".into(),
        vec![View { crop: Crop::Margin(10), ..view(vec![mark(left(), Style::Cutout)], Crop::Whole, 0, "") }],
    ));
    let of = |count: u32| {
        (0..count)
            .map(|index| {
                let caption = if index == 2 { String::new() } else { format!("view {index}") };
                let crop = if index % 2 == 0 { Crop::Whole } else { Crop::Around(0.2) };
                let thing = disc(PHOTO, 100 + 30 * index, 200, 20 + 10 * index);
                view(vec![labelled(thing, Style::Outline, [255, 0, 255], "x")], crop, 200, &caption)
            })
            .collect()
    };
    for count in [2, 5, 16] {
        cases.push((format!("grid of {count}"), of(count)));
    }
    cases
}

#[test]
fn pictures_have_the_recorded_pixels() {
    let painter = painter(PHOTO);
    let mut found = format!("RENDER {RENDER}\n");
    for (name, views) in cases() {
        let picture = painter.render(&views).unwrap();
        let size = picture.recipe.size;
        assert_eq!(size.pixels() * 3, picture.rgb.len() as u64, "{name}");
        let mut bytes = format!("{size} ").into_bytes();
        bytes.extend_from_slice(&picture.rgb);
        found += &format!("{} {size} {name}\n", Digest::of(&bytes).short());
    }
    let expected = include_str!("golden.txt");
    assert!(
        found == expected,
        "rendering changed: raise RENDER in src/lib.rs, since stored answers belong to pictures with other pixels, and \
         then change tests/golden.txt to\n{found}"
    );
}
