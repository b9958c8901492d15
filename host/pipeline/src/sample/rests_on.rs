//! What the first place of a ranking rests on: verdicts, scores, or a draw.

use std::collections::BTreeMap;

use rescue_plugin::border::rescue::plugin::types::Candidate;
use schemars::JsonSchema;
use serde::Serialize;

use super::choice::PlayedMatch;

/// What the chosen candidate's place in the ranking rests on. The three shares are of the groups of candidates with which it was
/// matched, and add up to 1; a group that met several times counts once.
#[derive(Clone, Copy, Debug, PartialEq, JsonSchema, Serialize)]
pub struct RestsOn {
    /// The number of groups with which it was matched. 0 if it was ranked without a match: then one of `scores` and `draw` is 1.
    pub meetings: u32,
    /// The share of meetings that a verdict decided, 0 to 1.
    pub verdicts: f64,
    /// The share without such a verdict in which its score differs from those of the others, 0 to 1. Without scores, the planner's
    /// confidence counts, then the executor's predicted IoU.
    pub scores: f64,
    /// The share in which neither tells it from the others, 0 to 1: the tournament can only have drawn.
    pub draw: f64,
}

/// Who met, and whether a verdict decided it.
#[derive(Debug)]
pub(super) struct Meetings(BTreeMap<Vec<u32>, bool>);

impl Meetings {
    /// The meetings in these matches.
    pub(super) fn of(played: &[PlayedMatch]) -> Self {
        let mut meetings = BTreeMap::new();
        for one in played {
            let mut group = one.contestants.clone();
            group.sort_unstable();
            *meetings.entry(group).or_default() |= one.best().is_some();
        }
        Self(meetings)
    }

    /// What the place of `chosen` rests on. `None` if it is the only candidate and was not matched: there was nothing to decide.
    pub(super) fn rests_on(
        &self,
        chosen: u32,
        candidates: &[&Candidate],
        scores: &BTreeMap<u32, f64>,
    ) -> Option<RestsOn> {
        let prior = |id: &u32| {
            let candidate = candidates.iter().find(|candidate| candidate.id == *id);
            let of = |value: Option<f64>| value.map(f64::to_bits);
            (
                of(scores.get(id).copied()),
                of(candidate.and_then(|candidate| candidate.confidence)),
                of(candidate.and_then(|candidate| candidate.predicted_iou)),
            )
        };
        let differs = |others: &mut dyn Iterator<Item = &u32>| {
            others.filter(|id| **id != chosen).all(|other| prior(other) != prior(&chosen))
        };
        let own: Vec<(&Vec<u32>, bool)> = self
            .0
            .iter()
            .filter(|(group, _)| group.contains(&chosen))
            .map(|(group, decided)| (group, *decided))
            .collect();
        let meetings = u32::try_from(own.len()).unwrap_or(u32::MAX);
        if own.is_empty() {
            let told_apart = differs(&mut candidates.iter().map(|candidate| &candidate.id));
            let (scores, draw) = if told_apart { (1.0, 0.0) } else { (0.0, 1.0) };
            return (candidates.len() > 1).then_some(RestsOn { meetings, verdicts: 0.0, scores, draw });
        }
        let (mut verdicts, mut scored, mut drawn) = (0_u32, 0_u32, 0_u32);
        for (group, decided) in own {
            match (decided, differs(&mut group.iter())) {
                (true, _) => verdicts += 1,
                (false, true) => scored += 1,
                (false, false) => drawn += 1,
            }
        }
        let share = |part: u32| f64::from(part) / f64::from(meetings);
        Some(RestsOn { meetings, verdicts: share(verdicts), scores: share(scored), draw: share(drawn) })
    }
}

#[cfg(test)]
mod tests {
    use rescue_plugin::border::rescue::plugin::types::Rect;

    use super::super::choice::MatchEnding;
    use super::*;

    fn verdict(shares: &[f64]) -> MatchEnding {
        MatchEnding::Shares(shares.to_vec())
    }

    fn meetings(played: &[(&[u32], MatchEnding)]) -> Meetings {
        let played = played.iter().map(|(contestants, ending)| PlayedMatch {
            contestants: contestants.to_vec(),
            repeat: 0,
            calls: 1,
            ending: ending.clone(),
        });
        Meetings::of(&played.collect::<Vec<_>>())
    }

    fn candidates(count: u32) -> Vec<Candidate> {
        let bounds = Rect { x_min: 0.0, y_min: 0.0, x_max: 1.0, y_max: 1.0 };
        (0..count)
            .map(|id| Candidate {
                id,
                label: String::new(),
                confidence: None,
                predicted_iou: None,
                similarity: None,
                area: 1,
                coverage: 0.1,
                bounds,
                components: 1,
                origin: String::new(),
                measures: Vec::new(),
                notes: Vec::new(),
            })
            .collect()
    }

    fn rests_on(meetings: &Meetings, count: u32, scores: &[(u32, f64)]) -> Option<(u32, f64, f64, f64)> {
        let candidates = candidates(count);
        let scores = scores.iter().copied().collect();
        let on = meetings.rests_on(0, &candidates.iter().collect::<Vec<_>>(), &scores)?;
        Some((on.meetings, on.verdicts, on.scores, on.draw))
    }

    #[test]
    fn a_meeting_counts_once_and_a_tie_decides_nothing() {
        let abstained = || MatchEnding::Abstained("unreadable".into());
        let played = meetings(&[
            (&[0, 1], abstained()),
            (&[1, 0], verdict(&[0.2, 0.8])),
            (&[0, 2], verdict(&[0.5, 0.5])),
            (&[0, 3], MatchEnding::Failed("503".into())),
            (&[0, 4], verdict(&[0.9, 0.1])),
            (&[2, 3], abstained()),
        ]);
        let scores = [(0, 1.0), (1, 0.5), (2, 0.5), (3, 1.0), (4, 0.1)];
        assert_eq!(rests_on(&played, 5, &scores), Some((4, 0.5, 0.25, 0.25)));
    }

    #[test]
    fn without_a_match_the_scores_decide_or_a_draw() {
        let none = meetings(&[]);
        assert_eq!(rests_on(&none, 2, &[(0, 1.0), (1, 0.5)]), Some((0, 0.0, 1.0, 0.0)));
        assert_eq!(rests_on(&none, 2, &[(0, 1.0), (1, 1.0)]), Some((0, 0.0, 0.0, 1.0)));
        assert_eq!(rests_on(&none, 1, &[]), None);
        assert_eq!(rests_on(&meetings(&[(&[0], verdict(&[0.3]))]), 1, &[]), Some((1, 1.0, 0.0, 0.0)));
    }
}
