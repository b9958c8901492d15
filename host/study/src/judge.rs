//! How a verifier judges, as far as its matches tell without the truth.

use std::collections::BTreeMap;

use rescue_pipeline::{MatchEnding, PlayedMatch};
use schemars::JsonSchema;
use serde::Serialize;

/// A share of cases.
#[derive(Clone, Copy, Debug, Default, PartialEq, JsonSchema, Serialize)]
pub struct Share {
    /// The share, 0 to 1. `None` if there is no case.
    pub share: Option<f64>,
    /// The number of cases.
    pub of: usize,
}

impl Share {
    fn of(cases: impl Iterator<Item = bool>) -> Self {
        let (yes, of) = cases.fold((0_usize, 0_usize), |(yes, of), is_so| (yes + usize::from(is_so), of + 1));
        Self { share: (of > 0).then(|| yes as f64 / of as f64), of }
    }
}

/// How a verifier has judged the matches of one strategy in all samples.
#[derive(Clone, Debug, Default, PartialEq, JsonSchema, Serialize)]
pub struct Judge {
    /// Of all matches, those in which it abstained.
    pub abstained: Share,
    /// Of matches of two that it decided, those that the first one shown has won: 0.5 if the order does not matter.
    pub first_shown: Share,
    /// Of the pairs that it decided in both orders, those in which the same one has won.
    pub swapped: Share,
    /// Of the matches that it decided again in the same order, those with the same winner as the first time.
    pub repeated: Share,
}

/// The matches of one sample by who meets, in the order shown: the winners by repeat, as ids.
type Decided<'a> = BTreeMap<&'a [u32], BTreeMap<u32, u32>>;

impl Judge {
    /// How the matches of these samples were judged.
    pub fn of<'a>(samples: impl Iterator<Item = &'a [PlayedMatch]>) -> Self {
        let (mut abstained, mut first, mut swapped, mut repeated) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for matches in samples {
            abstained.extend(matches.iter().map(|played| matches!(played.ending, MatchEnding::Abstained(_))));
            let mut decided = Decided::new();
            for played in matches.iter().filter(|played| played.contestants.len() > 1) {
                let Some(winner) = played.best().and_then(|place| played.contestants.get(place)) else { continue };
                decided.entry(&played.contestants).or_default().insert(played.repeat, *winner);
                if let [shown_first, _] = played.contestants.as_slice() {
                    first.push(winner == shown_first);
                }
            }
            for (contestants, winners) in &decided {
                let mut winners_in_turn = winners.values();
                let first_time = winners_in_turn.next();
                repeated.extend(winners_in_turn.map(|winner| Some(winner) == first_time));
                if let [a, b] = contestants
                    && a < b
                    && let Some(others) = decided.get([*b, *a].as_slice())
                {
                    let same = winners.iter().filter_map(|(repeat, winner)| Some(others.get(repeat)? == winner));
                    swapped.extend(same);
                }
            }
        }
        Self {
            abstained: Share::of(abstained.into_iter()),
            first_shown: Share::of(first.into_iter()),
            swapped: Share::of(swapped.into_iter()),
            repeated: Share::of(repeated.into_iter()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn played(contestants: &[u32], repeat: u32, ending: MatchEnding) -> PlayedMatch {
        PlayedMatch { contestants: contestants.to_vec(), repeat, calls: 1, ending }
    }

    #[test]
    fn orders_and_repeats_are_told_apart() {
        let shares = |a: f64, b: f64| MatchEnding::Shares(vec![a, b]);
        let one = [
            played(&[0, 1], 0, shares(0.9, 0.1)),
            played(&[1, 0], 0, shares(0.9, 0.1)),
            played(&[0, 1], 1, shares(0.2, 0.8)),
            played(&[2, 3], 0, shares(0.5, 0.5)),
            played(&[2, 4], 0, MatchEnding::Abstained("unreadable".into())),
            played(&[2, 5], 0, MatchEnding::Failed("503".into())),
            played(&[4], 0, MatchEnding::Shares(vec![0.3])),
        ];
        let other = [played(&[0, 1], 0, shares(0.9, 0.1)), played(&[1, 0], 0, shares(0.2, 0.7))];
        let judge = Judge::of([one.as_slice(), &other].into_iter());
        let share = |share, of| Share { share: Some(share), of };
        assert_eq!(judge.abstained, share(1.0 / 9.0, 9));
        assert_eq!(judge.first_shown, share(3.0 / 5.0, 5));
        assert_eq!(judge.swapped, share(0.5, 2));
        assert_eq!(judge.repeated, share(0.0, 1));
        assert_eq!(Judge::of(std::iter::empty()).first_shown, Share::default());
    }
}
