//! Tests of the CLIP server.

use image::RgbImage;
use rescue_fleet::{Fleet, FleetConfig, PHOTO, Role, draw_scenes};
use serde_json::json;

use crate::drawing::{base64, decoded, file};
use crate::http::{get, post};

#[test]
fn the_right_crop_scores_best() {
    let scenes = draw_scenes(41, 20, &[PHOTO]).unwrap();
    let fleet = Fleet::start(FleetConfig { scenes, ..FleetConfig::default() }).unwrap();
    assert_eq!(get(&fleet.base(Role::Clip), "/health").status, 200);
    for scene in fleet.scenes() {
        let photo = decoded(&scene.photo);
        let crop = |mask: &rescue_mask::Mask| {
            let bounds = mask.bounds().unwrap();
            let mut crop = RgbImage::new(bounds.width() + 20, bounds.height() + 20);
            for (x, y, pixel) in crop.enumerate_pixels_mut() {
                let (x, y) = (x + bounds.x_min, y + bounds.y_min);
                if let (Some(x), Some(y)) = (x.checked_sub(10), y.checked_sub(10))
                    && mask.get(x, y)
                {
                    *pixel = *photo.get_pixel(x, y);
                }
            }
            base64(&file(&crop))
        };
        let mut wide = scene.target().mask.grown(15);
        wide.union_with(&scene.target().mask).unwrap();
        let other = scene.objects.iter().find(|object| object.colour != scene.target().colour).unwrap();
        let black = base64(&file(&RgbImage::new(40, 40)));
        let crops = json!([crop(&scene.target().mask), crop(&wide), crop(&other.mask), black]);
        let reply = post(&fleet.base(Role::Clip), "/verify", &json!({ "crops": crops, "query": scene.query })).unwrap();
        let scores: Vec<f64> = serde_json::from_value(reply.json()["scores"].clone()).unwrap();
        assert!(
            scores[0] > 90.0 && scores[0] > scores[1] && scores[0] > scores[2] + 20.0,
            "{scores:?} {}",
            scene.query
        );
        assert_eq!(scores[3], 0.0);
    }
    let stats = fleet.stats(Role::Clip);
    assert_eq!((stats.unrecognised, stats.images_by_bytes, stats.distinct_bodies), (0, 80, 20));
    let reply = post(&fleet.base(Role::Clip), "/verify", &json!({ "crops": [], "query": "a dog" })).unwrap();
    assert_eq!((reply.status, reply.json()), (200, json!({ "scores": [] })));
    assert_eq!(fleet.stats(Role::Clip).unrecognised, 1);
    assert_eq!(post(&fleet.base(Role::Clip), "/verify", &json!({ "crops": ["?"], "query": "x" })).unwrap().status, 400);
}
