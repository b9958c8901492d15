//! Tests of the executor, in both contracts.

use rescue_fleet::{Fleet, FleetConfig, MaskFile, PHOTO, Role, Scene, ServerConfig, draw_scenes};
use rescue_mask::{Mask, Rle, Size, png};
use serde_json::{Value, json};

use crate::drawing::{base64, decoded, file, photo, scaled};
use crate::http::{get, post};

fn fleet(mask_file: MaskFile) -> Fleet {
    let scenes = draw_scenes(31, 3, &[PHOTO, Size::new(1600, 1200)]).unwrap();
    let executor = ServerConfig { mask_file, ..ServerConfig::default() };
    Fleet::start(FleetConfig { scenes, executor, ..FleetConfig::default() }).unwrap()
}

fn ask(fleet: &Fleet, path: &str, body: &Value) -> Value {
    let reply = post(&fleet.base(Role::Executor), path, body).unwrap();
    assert_eq!(reply.status, 200, "{}", String::from_utf8_lossy(&reply.body));
    reply.json()
}

fn share(scene: &Scene, index: usize) -> [f64; 4] {
    let bounds = scene.objects[index].bounds;
    let (width, height) = (f64::from(scene.size.width), f64::from(scene.size.height));
    [bounds.x_min / width, bounds.y_min / height, bounds.x_max / width, bounds.y_max / height]
}

fn mask_of(answer: &Value, index: usize) -> Mask {
    let bytes = base64_simd::STANDARD.decode_to_vec(answer["masks"][index].as_str().unwrap()).unwrap();
    png::read_mask(&bytes, 10_000_000).unwrap()
}

#[test]
fn texts_are_answered_before_boxes() {
    let fleet = fleet(MaskFile::Png);
    assert_eq!(get(&fleet.base(Role::Executor), "/health").status, 200);
    assert_eq!(get(&fleet.base(Role::Executor), "/models/info").json()["models"][0]["name"], "sam3");
    for scene in fleet.scenes() {
        let shown = photo(scene, 1024);
        let prompts = json!([
            { "type": "box", "box": share(scene, 0), "label": true },
            { "type": "text", "text": scene.query },
            { "type": "box", "box": [0.0, 0.0, 0.011, 0.011], "label": true },
            { "type": "text", "text": "a dog" },
        ]);
        let body = json!({ "image": base64(&file(&shown)), "prompts": prompts, "confidence_threshold": 0.5 });
        let answer = ask(&fleet, "/api/v1/image/segment", &body);
        assert_eq!(answer["num_masks"], 4);
        let size = Size::new(shown.width(), shown.height());
        assert_eq!(answer["image_size"], json!({ "width": size.width, "height": size.height }));
        let iou = |index: usize, truth: &Mask| mask_of(&answer, index).iou(&scaled(truth, size)).unwrap();
        assert!(iou(0, &scene.target().mask) > 0.98, "{}", iou(0, &scene.target().mask));
        assert!(mask_of(&answer, 1).is_empty() && answer["scores"][1] == 0.0);
        assert!(iou(2, &scene.objects[0].mask) > 0.98);
        let small = mask_of(&answer, 3).area();
        assert!((20..120).contains(&small) && answer["scores"][3] == 0.3, "an ellipse of {small} pixels");
        let first = answer["boxes"][2].as_array().unwrap().iter().zip(share(scene, 0));
        assert!(first.clone().all(|(found, own)| (found.as_f64().unwrap() - own).abs() < 0.003), "{first:?}");
    }
    assert_eq!(fleet.stats(Role::Executor).unrecognised, 0);
}

#[test]
fn jpeg_masks_blur_like_those_of_the_original() {
    let fleet = fleet(MaskFile::Jpeg);
    let scene = &fleet.scenes()[0];
    let prompts = json!([{ "type": "box", "box": share(scene, 0) }]);
    let answer = ask(&fleet, "/api/v1/image/segment", &json!({ "image": base64(&scene.photo), "prompts": prompts }));
    let picture = decoded(&base64_simd::STANDARD.decode_to_vec(answer["masks"][0].as_str().unwrap()).unwrap());
    let read = |least: u8| Mask::from_fn(scene.size, |x, y| picture.get_pixel(x, y).0[0] >= least);
    assert!(read(128).iou(&scene.objects[0].mask).unwrap() > 0.99);
    assert!(read(1).iou(&scene.objects[0].mask).unwrap() < 0.95);
}

#[test]
fn wrong_requests_are_refused() {
    let fleet = fleet(MaskFile::Png);
    let image = base64(&fleet.scenes()[0].photo);
    let many = vec![json!({ "type": "text", "text": "disc" }); 257];
    for body in [
        json!({ "prompts": [] }),
        json!({ "image": "?", "prompts": [] }),
        json!({ "image": base64(b"no picture"), "prompts": [] }),
        json!({ "image": image, "prompts": [{ "type": "circle" }] }),
        json!({ "image": image, "prompts": [{ "type": "box", "box": [0.0, 0.0, 640.0, 480.0] }] }),
        json!({ "image": image, "prompts": [{ "type": "box", "box": [0.0] }] }),
        json!({ "image": image, "prompts": many }),
    ] {
        assert_eq!(post(&fleet.base(Role::Executor), "/api/v1/image/segment", &body).unwrap().status, 400);
    }
    let crossed =
        post(&fleet.base(Role::Executor), "/sam3/visual_segment", &json!({ "image_id": "none", "prompts": [] }));
    assert_eq!(crossed.unwrap().status, 400);
}

#[test]
fn roboflow_boxes_are_centred_and_concepts_find_all() {
    let fleet = fleet(MaskFile::Png);
    for scene in fleet.scenes() {
        let image = json!({ "type": "base64", "value": base64(&scene.photo) });
        let id = ask(&fleet, "/sam3/embed_image", &json!({ "image": image }))["image_id"].clone();
        let bounds = scene.target().bounds;
        let (width, height) = (bounds.x_max - bounds.x_min, bounds.y_max - bounds.y_min);
        let (x, y) = (bounds.x_min + width / 2.0, bounds.y_min + height / 2.0);
        let prompts = json!({ "prompts": [
            { "box": { "x": x, "y": y, "width": width, "height": height } },
            { "points": [{ "x": x, "y": y, "positive": true }] },
        ] });
        let body = json!({ "image_id": id, "prompts": prompts, "format": "rle", "multimask_output": false });
        let answer = ask(&fleet, "/sam3/visual_segment", &body);
        for index in 0..2 {
            let masks = &answer["predictions"][index]["masks"];
            assert_eq!(masks["size"], json!([scene.size.height, scene.size.width]));
            let rle = Rle::parse_string(scene.size, masks["counts"].as_str().unwrap()).unwrap();
            assert_eq!(rle.to_mask(), scene.target().mask);
        }
        // `concept_segment` takes a box by its top left corner.
        let visual = json!({ "type": "visual", "boxes": [{ "x": bounds.x_min, "y": bounds.y_min, "width": width, "height": height }], "box_labels": [1] });
        let prompts = json!([{ "type": "text", "text": "disc" }, visual, { "type": "text", "text": "dog" }]);
        let answer = ask(&fleet, "/sam3/concept_segment", &json!({ "image": image, "prompts": prompts }));
        let results = answer["prompt_results"].as_array().unwrap();
        let count = |index: usize| results[index]["predictions"].as_array().unwrap().len();
        assert_eq!(count(0), scene.objects.iter().filter(|object| object.name.ends_with("disc")).count());
        assert_eq!(count(1), scene.objects.iter().filter(|object| object.name == scene.target().name).count());
        assert_eq!(count(2), 0);
        assert_eq!(results[1]["predictions"][0]["format"], "polygon");
        assert!(results[1]["predictions"][0]["masks"][0].as_array().unwrap().len() >= 3);
    }
}
