//! The facts that every contender is told: candidates like those of the standard pipeline, and verdicts of a fixed
//! judge.

use std::sync::Arc;

use rescue_core::{Digest, Photo, Size};
use rescue_plugin::Sample;
use rescue_plugin::border::exports::rescue::plugin::tournament::{Ending, Fact, Outcome, Terms};
use rescue_plugin::border::rescue::plugin::types::{self, Brief, Candidate, Rect, Score, Standing, Verdict};
use wasmtime::Result;
use wasmtime::error::Context;

const SIDE: u32 = 64;

/// A sample. The pyramid never looks at it.
pub fn sample() -> Result<Arc<Sample>> {
    let size = Size::new(SIDE, SIDE);
    let rgb = vec![0; size.pixels() as usize * 3];
    let photo = Photo::new(size, rgb, Digest::of(b"")).context("the photo has not the size it says")?;
    Ok(Arc::new(Sample::new(Arc::new(photo))))
}

/// The brief of a session with `n` candidates.
pub fn brief(n: u32, room: u32, settings: &str) -> Brief {
    Brief {
        query: "the horse on the right".into(),
        image: types::Size { width: SIDE, height: SIDE },
        count: n,
        room,
        settings: settings.into(),
        seed: 7,
        context: Vec::new(),
    }
}

/// The terms of the tournament: matches of up to two contestants, with scores.
pub fn terms() -> Terms {
    Terms { smallest: 1, largest: 2, scored: true, spare: 0, context: Vec::new() }
}

/// The facts that open a tournament: all candidates, `closed` and `scored`.
pub fn field(n: u32) -> Vec<Fact> {
    let standing = |id| Standing { id, agreement: share(id, 1), copies: 1, measures: Vec::new() };
    let mut facts: Vec<Fact> = (0..n).map(|id| Fact::Entered(candidate(id))).collect();
    facts.push(Fact::Closed((0..n).map(standing).collect()));
    facts.push(Fact::Scored((0..n).map(|id| Score { id, value: share(id, 2) }).collect()));
    facts
}

fn candidate(id: u32) -> Candidate {
    let (left, top) = (share(id, 3) * 32.0, share(id, 4) * 32.0);
    let note = |name: &str, value: String| (name.to_owned(), value);
    Candidate {
        id,
        label: "horse".into(),
        origin: "box".into(),
        confidence: Some(share(id, 5)),
        notes: vec![
            note("box", format!("{left:.1},{top:.1},{:.1},{:.1}", left + 20.0, top + 20.0)),
            note("detection", format!("{:.3}", share(id, 6))),
            note("object", format!("{}/5", id % 5 + 1)),
            note("place", format!("{}/5", id % 3 + 1)),
            note("fit", format!("{:.3}", share(id, 7))),
        ],
        bounds: Rect { x_min: left, y_min: top, x_max: left + 20.0, y_max: top + 20.0 },
        area: 300,
        coverage: 0.07,
        components: 1,
        predicted_iou: Some(share(id, 8)),
        similarity: None,
        measures: Vec::new(),
    }
}

/// The outcome of a match. The fixed judge has an opinion of each candidate that does not depend on its score.
pub fn outcome(id: u32, contestants: &[u32]) -> Outcome {
    let all: f64 = contestants.iter().map(|id| share(*id, 9)).sum::<f64>() + 0.1;
    let shares: Vec<f64> = contestants.iter().map(|id| share(*id, 9) / all).collect();
    let verdict = Verdict {
        shares,
        order: Vec::new(),
        why: "right 0.91 against 0.34, size 0.80 against 0.77".into(),
        notes: vec![("fit".into(), "0.871".into())],
    };
    Outcome { id, calls: 0, ending: Ending::Verdict(verdict) }
}

/// A number from 0 to below 1 that depends on `id` and `what` alone (SplitMix64).
fn share(id: u32, what: u64) -> f64 {
    let z = (u64::from(id) + (what << 32)).wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    ((z ^ (z >> 31)) >> 40) as f64 / f64::from(1 << 24)
}
