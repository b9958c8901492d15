//! Tests that the verifier reads off marked pictures what was drawn on them.

use rescue_fleet::{Chat, Fleet, FleetConfig, PHOTO, Role, Scene, ServerConfig, draw_scenes};
use rescue_mask::{Mask, Paint, Size, Style};
use serde_json::{Value, json};

use crate::drawing::{candidate, chat, file, image_part, marked, overlay, photo, side_by_side, text, text_of};
use crate::http::post;

fn sharp(scenes: Vec<Scene>) -> Fleet {
    let verifier = ServerConfig { chat: Chat { beta: f64::INFINITY, ..Chat::default() }, ..ServerConfig::default() };
    Fleet::start(FleetConfig { scenes, verifier, ..FleetConfig::default() }).unwrap()
}

fn ask(fleet: &Fleet, parts: &[Value], more: Value) -> String {
    let reply = post(&fleet.base(Role::Verifier), "/v1/chat/completions", &chat(parts, more)).unwrap();
    assert_eq!(reply.status, 200, "{}", String::from_utf8_lossy(&reply.body));
    text_of(&reply.json())
}

/// The IoU that the verifier reads off a picture.
fn seen(fleet: &Fleet, picture: &[u8]) -> f64 {
    let schema = json!({ "type": "object", "properties": { "iou": { "type": "number" } } });
    let more = json!({ "structured_outputs": { "json": schema } });
    let answer = ask(fleet, &[text("How good is it?"), image_part(picture)], more);
    serde_json::from_str::<Value>(&answer).unwrap()["iou"].as_f64().unwrap()
}

fn choice_of_two() -> Value {
    json!({ "structured_outputs": { "choice": ["A", "B"] }, "temperature": 0.0 })
}

#[test]
fn the_better_mask_wins_and_its_iou_is_nearly_true() {
    let sizes = [PHOTO, Size::new(480, 640), Size::new(1600, 1200), Size::new(800, 600), Size::new(1280, 480)];
    let scenes = draw_scenes(11, 15, &sizes).unwrap();
    let fleet = sharp(scenes.clone());
    let mut random = fastrand::Rng::with_seed(5);
    let (mut worst, mut duels, mut close) = (0.0_f64, 0, 0);
    for (index, scene) in scenes.iter().enumerate() {
        // Some photos are shrunk.
        let photo = photo(scene, if index % 5 == 3 { 512 } else { 1024 });
        let original = image_part(&file(&photo));
        let masks: Vec<Mask> = (0..8).map(|_| candidate(scene, &mut random)).collect();
        let ious: Vec<f64> = masks.iter().map(|mask| mask.iou(&scene.target().mask).unwrap()).collect();
        let pictures: Vec<_> = masks.iter().map(|mask| file(&overlay(&photo, mask))).collect();
        for (picture, iou) in pictures.iter().zip(&ious) {
            let off = (seen(&fleet, picture) - iou).abs();
            assert!(off <= 0.05, "scene {index} ({}): IoU {iou}, off by {off}", scene.size);
            worst = worst.max(off);
        }
        for pair in [(0, 1), (2, 3), (4, 5), (6, 7), (1, 2), (7, 0)] {
            let (a, b) = (ious[pair.0], ious[pair.1]);
            if (a - b).abs() <= 0.05 {
                close += 1;
                continue;
            }
            let parts = [
                text("Which is better?"),
                original.clone(),
                image_part(&pictures[pair.0]),
                image_part(&pictures[pair.1]),
            ];
            assert_eq!(ask(&fleet, &parts, choice_of_two()), if a > b { "A" } else { "B" }, "scene {index}: {a} {b}");
            duels += 1;
        }
    }
    println!("IoU off by {worst:.4} at most; {duels} duels, {close} too close to tell");
    assert!(duels > 40);
    assert_eq!(fleet.stats(Role::Verifier).unrecognised, 0);
}

#[test]
fn two_photos_on_one_picture_are_distinguished() {
    let scenes = draw_scenes(12, 6, &[PHOTO, Size::new(600, 800), Size::new(1600, 1200)]).unwrap();
    let fleet = sharp(scenes.clone());
    let mut random = fastrand::Rng::with_seed(6);
    for (index, scene) in scenes.iter().enumerate() {
        let photo = photo(scene, 700);
        let good = overlay(&photo, &scene.target().mask);
        let other = scene.objects.iter().find(|object| object.mask != scene.target().mask).unwrap();
        let bad = overlay(&photo, &other.mask);
        for (gap, band) in [(0, 0), (8, 0), (0, 24), (4, 40), (9, 57)] {
            let right = random.bool();
            let grid = if right { side_by_side(&bad, &good, gap, band) } else { side_by_side(&good, &bad, gap, band) };
            let more = json!({ "structured_outputs": { "choice": ["LEFT", "RIGHT"] } });
            let answer = ask(&fleet, &[text("Which side?"), image_part(&file(&grid))], more);
            assert_eq!(answer, if right { "RIGHT" } else { "LEFT" }, "scene {index}, gap {gap}, band {band}");
            if right {
                let iou = seen(&fleet, &file(&grid));
                assert!(iou > 0.9, "scene {index}, gap {gap}, band {band}: {iou}");
            }
        }
    }
    assert_eq!(fleet.stats(Role::Verifier).unrecognised, 0);
}

#[test]
fn captions_and_other_styles_are_read() {
    let scenes = draw_scenes(13, 6, &[PHOTO]).unwrap();
    let fleet = sharp(scenes.clone());
    for (index, scene) in scenes.iter().enumerate() {
        let photo = photo(scene, 1024);
        let truth = &scene.target().mask;
        let mut captioned = image::RgbImage::new(photo.width(), photo.height() + 30);
        image::imageops::replace(&mut captioned, &overlay(&photo, truth), 0, 30);
        assert!(seen(&fleet, &file(&captioned)) > 0.95, "scene {index}");
        for (style, least) in [
            (Style::Outline, 0.85),
            (Style::Box, 0.3),
            (Style::Cutout, 0.9),
            (Style::Darkened, 0.9),
            (Style::Overlay, 0.95),
        ] {
            let iou = seen(&fleet, &file(&marked(&photo, truth, &Paint::new(style))));
            assert!(iou >= least, "scene {index}, {style}: {iou}");
        }
        for strength in [0.3, 0.7, 1.0] {
            let paint = Paint { strength: Some(strength), ..Paint::new(Style::Overlay) };
            let iou = seen(&fleet, &file(&marked(&photo, truth, &paint)));
            assert!(iou >= 0.93, "scene {index}, opacity {strength}: {iou}");
        }
        assert_eq!(seen(&fleet, &file(&photo)), 0.0, "nothing is marked on scene {index}");
    }
}

#[test]
fn unknown_photos_are_not_recognised() {
    let known = draw_scenes(14, 6, &[PHOTO]).unwrap();
    let fleet = sharp(known);
    for scene in draw_scenes(15, 6, &[PHOTO]).unwrap() {
        assert_eq!(seen(&fleet, &scene.photo), 0.0);
    }
    assert_eq!(fleet.stats(Role::Verifier).unrecognised, 6);
}
