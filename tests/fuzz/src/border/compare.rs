//! Compares the results of the rules with those of the reference.

use std::sync::Arc;

use rescue_core::{Rect, Size};
use rescue_plugin::border::rescue::plugin::types;
use rescue_plugin::rules::Next;
use rescue_plugin::{Limits, Violation};

/// The most steps of a session.
pub(super) const STEPS: usize = 48;

/// Limits that sessions of a few bytes reach. If `tight`, the limit of bytes too.
pub(super) fn limits(tight: bool) -> Arc<Limits> {
    let all = Limits::default();
    Arc::new(Limits {
        string_bytes: 24,
        reasoning_bytes: 40,
        entries_per_session: 40,
        bytes_per_session: if tight { 1000 } else { all.bytes_per_session },
        regions_per_hypothesis: 4,
        regions_per_session: 12,
        points_per_prompt: 2,
        samples_per_request: 4,
        answers_per_session: 16,
        ..all
    })
}

/// Checks that both accept a step with the same consequence, or both refuse it. If `tight`, the rules may refuse more,
/// because the reference does not count the bytes of lists.
pub(super) fn agree<T: PartialEq + std::fmt::Debug>(said: &Result<T, Violation>, wanted: Option<T>, tight: bool) {
    match (said, wanted) {
        (Ok(said), Some(wanted)) => assert_eq!(*said, wanted),
        (Err(violation), None) => assert!(!violation.to_string().is_empty()),
        (Err(Violation::Bytes(_)), Some(_)) if tight => {}
        (said, wanted) => panic!("the rules say {said:?}, and should say {wanted:?}"),
    }
}

/// What follows a step, by rules 2 to 4 of `wit/RULES.md`. `None` if the session is stalled.
pub(super) fn next(over: bool, empty: bool, owed: bool) -> Option<Next> {
    if over {
        return Some(Next::Over);
    }
    match (empty, owed) {
        (false, _) => Some(Next::More),
        (true, true) => Some(Next::Wait),
        (true, false) => None,
    }
}

/// Whether all ids are known and none occurs twice.
pub(super) fn distinct(ids: &[u32], known: &[u32]) -> bool {
    ids.iter().enumerate().all(|(place, id)| known.contains(id) && !ids[..place].contains(id))
}

/// Checks that an accepted box is clipped correctly.
pub(super) fn clips(rect: &types::Rect, image: types::Size) {
    let size = Size::new(image.width, image.height);
    let rect = Rect { x_min: rect.x_min, y_min: rect.y_min, x_max: rect.x_max, y_max: rect.y_max };
    if let Some(clipped) = rect.clip(size) {
        assert_eq!(clipped.clip(size), Some(clipped));
        assert!(clipped.x_max > clipped.x_min && clipped.y_max > clipped.y_min);
        // The area of a very thin box may round to 0.
        let (area, same) = (clipped.area(), clipped.iou(clipped));
        assert!((0.0..=size.rect().area()).contains(&area));
        assert!(if area > 0.0 { (same - 1.0).abs() < 1e-9 } else { same == 0.0 });
    }
}
