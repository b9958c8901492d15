//! Tests with a painted photo.

use super::*;
use crate::feature::measure;
use crate::judge::judge;
use rescue_plugin_sdk::{Candidate, Look, Raster, Rect, Size, Verdict};

/// A photo whose left half is red and whose right half is blue. Every mask fills its bounds.
struct Painted;

const IMAGE: Size = Size { width: 100, height: 100 };

impl Look for Painted {
    fn pixels(&self, area: Rect, _: u32) -> Result<Raster, String> {
        let colour = if area.centre().0 < 50.0 { [220, 20, 20] } else { [20, 40, 220] };
        Ok(Raster { size: Size { width: 2, height: 2 }, data: colour.repeat(4) })
    }

    fn mask(&self, _: u32, _: Rect, _: u32) -> Result<Raster, String> {
        Ok(Raster { size: Size { width: 2, height: 2 }, data: vec![255; 4] })
    }

    fn iou(&self, _: u32, _: u32) -> Result<f64, String> {
        Err("not needed".to_owned())
    }

    fn reasoning(&self, _: u32) -> Result<String, String> {
        Err("not needed".to_owned())
    }
}

fn candidate(id: u32, x: f64, side: f64) -> Candidate {
    Candidate {
        id,
        label: "thing".to_owned(),
        origin: "box".to_owned(),
        confidence: Some(0.6),
        notes: vec![("detection".to_owned(), "0.9".to_owned())],
        bounds: Rect { x_min: x - side / 2.0, y_min: 40.0, x_max: x + side / 2.0, y_max: 40.0 + side },
        area: 300,
        coverage: side * side / 10_000.0,
        components: 1,
        predicted_iou: Some(0.8),
        similarity: None,
        measures: vec![],
    }
}

fn brief(query: &str) -> Brief {
    Brief {
        query: query.to_owned(),
        image: IMAGE,
        count: 8,
        room: 8,
        settings: String::new(),
        seed: 1,
        context: vec![],
    }
}

fn verdict(query: &str, contestants: &[Candidate]) -> Verdict {
    match judge(&measure(&brief(query), contestants, &Painted).unwrap(), &Settings::default()) {
        Judgement::Verdict(verdict) => verdict,
        Judgement::Abstained(why) => panic!("abstained: {why}"),
    }
}

#[test]
fn traits_in_the_query_decide() {
    let two = [candidate(0, 25.0, 20.0), candidate(1, 75.0, 20.0)];
    for (query, first) in [
        ("the red car", true),
        ("the blue car", false),
        ("the car that is not red", false),
        ("car on the left", true),
        ("rightmost car", false),
    ] {
        let verdict = verdict(query, &two);
        assert_eq!(verdict.shares[0] > verdict.shares[1], first, "{query}: {verdict:?}");
        assert_eq!(verdict.order, if first { [0, 1] } else { [1, 0] });
        assert!(verdict.shares.iter().sum::<f64>() <= 1.0 + 1e-9);
    }
    let mut sized = [candidate(0, 25.0, 20.0), candidate(1, 75.0, 40.0)];
    sized[1].area = 1200;
    assert!(verdict("the biggest car", &sized).order == [1, 0]);
    assert!(verdict("the small car", &sized).order == [0, 1]);
}

#[test]
fn a_candidate_with_as_many_objects_as_the_query_says_wins() {
    let mut two = [candidate(0, 25.0, 20.0), candidate(1, 40.0, 40.0)];
    two[1].notes[0].1 = "0.9,0.9".to_owned();
    assert_eq!(verdict("two cars on the left", &two).order, [1, 0]);
    assert_eq!(verdict("the car on the left", &two).order, [0, 1]);
}

#[test]
fn a_part_loses_to_the_whole_detected_object() {
    let boxed = |id: u32, side: f64, predicted_iou: f64| {
        let mut one = candidate(id, 25.0, side);
        one.notes.push(("box".to_owned(), "5.0,40.0,45.0,80.0".to_owned()));
        one.predicted_iou = Some(predicted_iou);
        one
    };
    assert_eq!(verdict("the car", &[boxed(0, 12.0, 0.9), boxed(1, 38.0, 0.7)]).order, [1, 0]);
    let mut unread = boxed(0, 12.0, 0.9);
    unread.notes[1].1 = "nan,0,1,1".to_owned();
    assert_eq!(
        verdict("the car", &[unread, boxed(1, 38.0, 0.7)]).order,
        [0, 1],
        "a feature that only one has does not count"
    );
}

#[test]
fn the_order_shown_does_not_matter() {
    let (a, b) = (candidate(0, 25.0, 20.0), candidate(1, 75.0, 30.0));
    let one = verdict("small red car on the left", &[a.clone(), b.clone()]);
    let other = verdict("small red car on the left", &[b, a]);
    assert!((one.shares[0] - other.shares[1]).abs() < 1e-12);
}

#[test]
fn a_single_candidate_is_accepted_or_rejected() {
    let right = verdict("the red car on the left", &[candidate(0, 25.0, 20.0)]);
    let wrong = verdict("the blue car on the right", &[candidate(0, 25.0, 20.0)]);
    assert!(right.shares[0] > 0.9 && wrong.shares[0] < 0.2, "{right:?} {wrong:?}");
    assert!(right.why.contains("red 1.00"));
}

#[test]
fn it_abstains_if_nothing_can_be_measured() {
    struct Blind;
    impl Look for Blind {
        fn pixels(&self, _: Rect, _: u32) -> Result<Raster, String> {
            Err("dark".to_owned())
        }
        fn mask(&self, _: u32, _: Rect, _: u32) -> Result<Raster, String> {
            Err("dark".to_owned())
        }
        fn iou(&self, _: u32, _: u32) -> Result<f64, String> {
            Err("dark".to_owned())
        }
        fn reasoning(&self, _: u32) -> Result<String, String> {
            Err("dark".to_owned())
        }
    }
    let two = [candidate(0, 25.0, 20.0), candidate(1, 75.0, 20.0)];
    assert!(measure(&brief("the red car"), &two, &Blind).unwrap_err().contains("dark"));
    assert!(measure(&brief("the car"), &two, &Blind).is_ok());

    let mut bare = candidate(0, 25.0, 20.0);
    bare.confidence = None;
    bare.predicted_iou = None;
    bare.notes.clear();
    let features = measure(&brief("the car"), &[bare], &Blind).unwrap();
    assert!(matches!(judge(&features, &Settings::default()), Judgement::Abstained(_)));
}

#[test]
fn a_feature_that_only_some_have_does_not_count() {
    let mut other = candidate(1, 75.0, 20.0);
    other.confidence = None;
    let features = measure(&brief("the car"), &[candidate(0, 25.0, 20.0), other], &Painted).unwrap();
    assert!(features.iter().all(|feature| feature.kind != feature::Kind::Confidence && feature.values.len() == 2));
}

#[test]
fn none_and_too_many_are_refused() {
    let many: Vec<Candidate> = (0..9).map(|id| candidate(id, 25.0, 20.0)).collect();
    for contestants in [vec![], many] {
        let contest = Contest { contestants, repeat: 0 };
        let fault = Attributes::start(brief("dog"), contest, Settings::default()).unwrap_err();
        assert_eq!(fault.blame, rescue_plugin_sdk::Blame::Unsupported);
    }
}

#[test]
fn the_manifest_names_how_many_contestants_it_takes() {
    assert_eq!(describe().offers[0].traits, [("contestants".to_owned(), "1..8".to_owned())]);
}
