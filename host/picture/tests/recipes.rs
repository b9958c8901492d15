//! Tests of recipes: what they contain, what they leave out, and which views are refused.
#![allow(clippy::unwrap_used, reason = "a test that panics has failed, as it should")]

mod common;

use std::sync::Arc;

use common::{disc, everything, labelled, mark, painter, photo, rect, view};
use rescue_core::{Digest, Photo, Size};
use rescue_mask::{CompactMask, Mask, Style};
use rescue_picture::{Crop, Defaults, Mark, Painter, PictureError, Recipe, Shape, Target, View, limits};

const PHOTO: Size = Size::new(600, 400);

fn recipe(view: View) -> Recipe {
    painter(PHOTO).recipe(&[view]).unwrap()
}

fn refusal(views: &[View]) -> String {
    let painter = painter(PHOTO);
    let error = painter.recipe(views).unwrap_err().to_string();
    assert_eq!(painter.render(views).unwrap_err().to_string(), error);
    assert_eq!(painter.jpeg(views).unwrap_err().to_string(), error);
    error
}

fn marked(mark: Mark) -> View {
    view(vec![mark], Crop::Whole, 0, "")
}

#[test]
fn a_recipe_contains_everything_that_is_drawn() {
    let mask = Shape::new(Arc::new(CompactMask::new(Mask::from_rect(PHOTO, rect(100.0, 100.0, 300.0, 200.0)))));
    let marks = vec![
        labelled(Target::Mask(mask), Style::Overlay, [1, 2, 3], " the\nmug "),
        mark(Target::Rect(rect(-4.0, 20.5, 700.0, 99.0)), Style::Box),
    ];
    let recipe = recipe(view(marks, Crop::Area(rect(50.0, 0.0, 550.4, 400.0)), 256, "What is it?"));
    let expected = "Recipe { render: 1, \
        photo: 55c64d0fcd6f9d5f7c828093857e3fdfda68478bb4e9bd24d481ef391c7804e8, \
        photo_size: Size { width: 600, height: 400 }, ground: None, size: Size { width: 256, height: 232 }, dot: 2, \
        panels: [Panel { area: Bounds { x_min: 50, y_min: 0, x_max: 551, y_max: 400 }, \
        place: Bounds { x_min: 0, y_min: 28, x_max: 256, y_max: 232 }, filter: CatmullRom, \
        caption: Some(Caption { band: Bounds { x_min: 0, y_min: 0, x_max: 256, y_max: 28 }, lines: [\"What is it?\"] }), \
        marks: [Drawn { subject: Mask(5edd14f6980a531e196ee9cfe21af098ebf4f6f09295ee5b523e2e2d449be49d), style: Overlay, colour: [1, 2, 3], strength: 128, label: \"the mug\" }, \
        Drawn { subject: Rect(Rect { x_min: 0.0, y_min: 20.5, x_max: 600.0, y_max: 99.0 }), style: Box, \
        colour: [255, 0, 0], strength: 2, label: \"\" }] }], \
        encoding: Some(Encoding { format: \"jpeg\", quality: 85, subsampling: \"4:2:0\" }) }";
    let found = format!("{recipe:?}");
    assert_eq!(found, expected, "recipes are part of every stored question: raise RENDER");
}

#[test]
fn settings_that_change_no_pixel_change_no_recipe() {
    let thing = || disc(PHOTO, 200, 200, 90);
    let plain = recipe(marked(mark(thing(), Style::Overlay)));
    let paint = |strength, colour| recipe(marked(Mark { strength, colour, ..mark(thing(), Style::Overlay) }));
    assert_eq!(paint(Some(0.5), Some([255, 0, 0])), plain);
    assert_eq!(paint(Some(0.502), None), plain);
    assert_eq!(recipe(view(vec![mark(thing(), Style::Overlay)], Crop::Whole, 600, "\u{7} \n")), plain);
    assert_eq!(recipe(view(vec![mark(thing(), Style::Overlay)], Crop::Whole, 4096, "")), plain);
    assert_eq!(recipe(view(vec![mark(thing(), Style::Overlay)], Crop::Around(99.0), 0, "")), plain);
    assert_eq!(recipe(view(vec![mark(thing(), Style::Overlay)], Crop::Area(rect(0.2, 0.0, 9e9, 399.1)), 0, "")), plain);
    let boxed = |rect| recipe(marked(mark(Target::Rect(rect), Style::Box)));
    assert_eq!(
        format!("{:?}", boxed(rect(-0.0, -9.0, 20.0, 30.0))),
        format!("{:?}", boxed(rect(0.0, 0.0, 20.0, 30.0)))
    );
    let titled = |caption: String| recipe(view(vec![], Crop::Whole, 0, &caption));
    assert_eq!(titled("word ".repeat(1000)), titled("word ".repeat(2000) + "and another end"));
    assert_eq!(titled("犬  “x”".into()), titled("猫 \"x\"".into()));
}

#[test]
fn settings_that_change_pixels_change_the_recipe() {
    let thing = || disc(PHOTO, 200, 200, 90);
    let line = |strength, colour, label: &str| {
        view(vec![Mark { strength, colour, label: label.into(), ..mark(thing(), Style::Outline) }], Crop::Whole, 0, "")
    };
    let one = || mark(thing(), Style::Darkened);
    let other = || mark(Target::Rect(rect(150.0, 150.0, 400.0, 300.0)), Style::Overlay);
    let pictures: Vec<Vec<View>> = vec![
        vec![view(vec![], Crop::Whole, 0, "")],
        vec![view(vec![], Crop::Whole, 500, "")],
        vec![view(vec![], Crop::Whole, 0, "a")],
        vec![view(vec![], Crop::Whole, 0, "b")],
        vec![view(vec![], Crop::Area(rect(0.0, 0.0, 599.0, 400.0)), 0, "")],
        vec![view(vec![], Crop::Area(rect(1.0, 0.0, 600.0, 400.0)), 0, "")],
        vec![line(None, None, "")],
        vec![line(Some(3.0), None, "")],
        vec![line(None, Some([255, 0, 1]), "")],
        vec![line(None, None, "a")],
        vec![line(None, None, "b")],
        vec![marked(mark(disc(PHOTO, 201, 200, 90), Style::Outline))],
        vec![view(vec![one(), other()], Crop::Whole, 0, "")],
        vec![view(vec![other(), one()], Crop::Whole, 0, "")],
        vec![line(None, None, ""), view(vec![], Crop::Whole, 0, "")],
        vec![view(vec![], Crop::Whole, 0, ""), line(None, None, "")],
    ];
    let painter = painter(PHOTO);
    let drawn: Vec<_> = pictures.iter().map(|views| painter.render(views).unwrap()).collect();
    for (index, one) in drawn.iter().enumerate() {
        for other in &drawn[..index] {
            assert_ne!(one.recipe, other.recipe);
            assert!(one.rgb != other.rgb, "{:?}\n{:?}", one.recipe, other.recipe);
        }
    }
    let elsewhere = Photo::new(PHOTO, photo(PHOTO).rgb().to_vec(), Digest::of(b"another file")).unwrap();
    let elsewhere = Painter::new(Arc::new(elsewhere), Defaults::default()).unwrap();
    assert_ne!(elsewhere.recipe(&pictures[0]).unwrap(), drawn[0].recipe);
    let better = Painter::new(Arc::new(photo(PHOTO)), Defaults { quality: 90, ..Defaults::default() }).unwrap();
    let (better, usual) = (better.recipe(&pictures[0]).unwrap(), painter.recipe(&pictures[0]).unwrap());
    assert_ne!(better, usual);
    assert_eq!(better.unencoded(), usual.unencoded());
}

#[test]
fn boxes_are_converted_back_to_the_photo() {
    let marks = vec![mark(Target::Rect(rect(250.0, 150.0, 350.0, 250.0)), Style::Box)];
    let recipe = recipe(view(marks, Crop::Around(0.5), 100, "words"));
    let panel = &recipe.panels[0];
    assert_eq!(panel.shown(), Size::new(100, 100));
    assert_eq!((panel.area.x_min, panel.area.y_min, panel.area.x_max, panel.area.y_max), (200, 100, 400, 300));
    assert_eq!((panel.place.y_min, recipe.size), (28, Size::new(140, 128)));
    assert_eq!(panel.to_photo(rect(0.0, 28.0, 100.0, 128.0)), rect(200.0, 100.0, 400.0, 300.0));
    assert_eq!(panel.to_photo(rect(50.0, 53.0, 75.0, 78.0)), rect(300.0, 150.0, 350.0, 200.0));
    assert_eq!(panel.to_photo(rect(0.0, 0.0, 1.0, 28.0)).y_max, 100.0);
}

#[test]
fn limits_are_enforced() {
    let plain = || view(vec![], Crop::Whole, 64, "");
    let views = |count| (0..count).map(|_| plain()).collect::<Vec<_>>();
    assert_eq!(refusal(&[]), "a picture must show 1 to 16 views, not 0");
    assert_eq!(refusal(&views(limits::VIEWS + 1)), "a picture must show 1 to 16 views, not 17");
    painter(PHOTO).render(&views(limits::VIEWS)).unwrap();

    let marks = |count| (0..count).map(|_| mark(Target::Rect(PHOTO.rect()), Style::Box)).collect::<Vec<_>>();
    let most = |count| view(marks(count), Crop::Whole, 64, "");
    assert_eq!(refusal(&[plain(), most(limits::MARKS + 1)]), "view 1: a view may have at most 64 marks, not 65");
    painter(PHOTO).render(&[most(limits::MARKS)]).unwrap();

    for side in [1, 63, 4097, u32::MAX] {
        let asked = refusal(&[view(vec![], Crop::Whole, side, "")]);
        assert_eq!(asked, format!("view 0: max-side must be 64 to 4096 pixels, or 0 for the default, not {side}"));
    }
    for side in [64, 4096] {
        painter(PHOTO).render(&[view(vec![], Crop::Whole, side, "")]).unwrap();
    }

    let large = painter(Size::new(2000, 2000));
    let views = |count| (0..count).map(|_| view(vec![], Crop::Whole, 2000, "")).collect::<Vec<_>>();
    assert_eq!(large.recipe(&views(4)).unwrap().size, Size::new(8072, 2000));
    let error = large.recipe(&views(5)).unwrap_err().to_string();
    let expected =
        "the picture would be 6048×4024, more than 20000000 pixels: show fewer views or give them a smaller max-side";
    assert_eq!(error, expected);
}

#[test]
fn captions_and_labels_are_drawn_as_far_as_they_fit() {
    let recipe = recipe(view(
        vec![labelled(everything(PHOTO), Style::Outline, [0; 3], &"y".repeat(5000))],
        Crop::Whole,
        0,
        &"x".repeat(100_000),
    ));
    let panel = &recipe.panels[0];
    assert_eq!(panel.marks[0].label, "y".repeat(limits::LABEL_LETTERS - 1) + "…");
    let lines = &panel.caption.as_ref().unwrap().lines;
    assert_eq!(lines.len(), limits::CAPTION_LINES);
    assert_eq!(*lines, ["x".repeat(36), "x".repeat(36), "x".repeat(35) + "…"]);
}

#[test]
fn views_and_marks_out_of_range_are_refused() {
    let thing = || disc(PHOTO, 200, 200, 90);
    let empty = Target::Mask(Shape::new(Arc::new(CompactMask::new(Mask::new(PHOTO)))));
    let plain = view(vec![], Crop::Whole, 0, "");
    assert_eq!(
        refusal(&[plain, view(vec![mark(thing(), Style::Box), mark(empty, Style::Overlay)], Crop::Whole, 0, "")]),
        "mark 1 of view 1: its mask is empty, so there is nothing to mark"
    );
    assert_eq!(
        refusal(&[View::cutout(Shape::new(Arc::new(CompactMask::new(Mask::new(PHOTO)))), 10, 0)]),
        "mark 0 of view 0: its mask is empty, so there is nothing to mark"
    );
    assert_eq!(
        refusal(&[marked(mark(disc(Size::new(400, 600), 9, 9, 9), Style::Overlay))]),
        "mark 0 of view 0: its mask is 400×600, but the photo is 600×400"
    );
    assert_eq!(
        refusal(&[marked(mark(Target::Rect(rect(600.0, 0.0, 700.0, 9.0)), Style::Box))]),
        "mark 0 of view 0: its box (600, 0) to (700, 9) does not overlap the photo (600×400)"
    );
    assert_eq!(
        refusal(&[marked(Mark { strength: Some(2.0), ..mark(thing(), Style::Overlay) })]),
        "mark 0 of view 0: the strength of overlay must be 0 to 1, not 2"
    );
    assert_eq!(
        refusal(&[marked(Mark { strength: Some(limits::LINE + 1.0), ..mark(thing(), Style::Outline) })]),
        "mark 0 of view 0: the strength of outline must be 1 to 100, not 101"
    );
    assert_eq!(
        refusal(&[view(vec![], Crop::Area(rect(f64::NAN, 0.0, 1.0, 1.0)), 0, "")]),
        "view 0: the area (NaN, 0) to (1, 1) does not overlap the photo (600×400)"
    );
    assert_eq!(
        refusal(&[view(vec![mark(thing(), Style::Box)], Crop::Around(-0.5), 0, "")]),
        "view 0: the margin around marks is a share of their longer side and must be 0 or more, not -0.5"
    );
    assert_eq!(
        refusal(&[view(vec![], Crop::Around(0.5), 0, "")]),
        "view 0: the view has no marks to crop around: give it a mark, or show the whole photo or an area"
    );
}

#[test]
fn photos_without_pixels_and_defaults_out_of_range_are_refused() {
    let new = |size: Size, defaults| Painter::new(Arc::new(photo(size)), defaults).map(|_| ());
    let usual = Defaults::default();
    assert!(matches!(new(Size::new(0, 9), usual), Err(PictureError::Photo { .. })));
    for (max_side, quality) in [(63, 85), (4097, 85), (0, 85), (1024, 0), (1024, 101)] {
        let refused = new(Size::new(9, 9), Defaults { max_side, quality });
        assert!(matches!(refused, Err(PictureError::Defaults { .. })), "{max_side}, {quality}");
    }
}
