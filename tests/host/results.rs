//! The files of a result agree with each other.

use rescue_mask::{Bounds, Mask, Rle, png};
use rescue_tests::Run;

#[test]
fn the_record_describes_the_mask() {
    let ran = Run::new(["--n", "8"]).go();
    let result = ran.answered(0);
    let chosen = &result["chosen"];
    let mask = png::read_mask(&ran.read("mask.png"), 1 << 20).unwrap();
    let rle: Rle = serde_json::from_value(chosen["rle"].clone()).unwrap();
    assert!(rle.to_mask() == mask, "the run lengths are those of another mask");
    assert_eq!(chosen["area"], mask.area());
    let bounds: Bounds = serde_json::from_value(chosen["bounds"].clone()).unwrap();
    assert_eq!(Some(bounds), mask.bounds());
    assert_eq!((mask.size().width, mask.size().height), (1024, 664));
}

#[test]
fn the_ranking_is_complete_and_its_scores_fall() {
    let result = Run::new(["--n", "8"]).go().answered(0);
    let places = result["ranking"].as_array().unwrap();
    let counts = &result["counts"];
    let count = |name: &str| counts[name].as_u64().unwrap() as usize;
    assert_eq!(places.len(), count("candidates") + count("merged"));
    assert!(places.len() + count("lost") <= 8);
    assert!(places.is_sorted_by(|a, b| a["score"].as_f64() >= b["score"].as_f64()));
    assert_eq!(places[0]["id"], result["chosen"]["id"]);
    let mut ids: Vec<_> = places.iter().map(|place| place["id"].as_u64()).collect();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), places.len());
}

#[test]
fn the_overlay_shows_the_photo_and_the_mask() {
    let ran = Run::new(["--n", "1"]).go();
    ran.answered(0);
    let photo = rescue_pipeline::photo::read(&rescue_tests::pictures::horses()).unwrap();
    let overlay = rescue_pipeline::photo::decode(&ran.read("overlay.png")).unwrap();
    assert_eq!(overlay.size(), photo.size());
    let mask = png::read_mask(&ran.read("mask.png"), 1 << 20).unwrap();
    let width = photo.size().width;
    let changed = Mask::from_fn(photo.size(), |x, y| {
        let at = ((y * width + x) * 3) as usize;
        photo.rgb()[at..at + 3] != overlay.rgb()[at..at + 3]
    });
    let shared = changed.shared_area(&mask).unwrap();
    assert!(shared > mask.area() / 2, "of {} pixels of the mask, {shared} are marked", mask.area());
}
