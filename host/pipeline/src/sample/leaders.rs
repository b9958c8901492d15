//! Merges near duplicates, in the order of ids: a candidate joins the first earlier leader whose mask is nearly the same. So any number of
//! first ids has the same leaders, whatever comes after them.

use rescue_mask::MaskError;
use rescue_plugin::Measured;
use rescue_plugin::border::rescue::plugin::types::{Cause, Gone, Standing};

use super::candidates::HypothesisOutcomes;
use super::prefix::Prefix;

/// The candidates that take part (the leaders), and the hypotheses that do not.
#[derive(Debug)]
pub(crate) struct Leaders {
    count: u32,
    merge_iou: f64,
    /// The lowest id without a fate.
    pub(super) next: u32,
    entered: Vec<Measured>,
    /// For each leader, its IoU with each earlier one.
    ious: Vec<Vec<f64>>,
    gone: Vec<Gone>,
}

/// What became of a hypothesis.
#[derive(Clone)]
pub(crate) enum Fate {
    Entered(Measured),
    Gone(Gone),
}

impl Fate {
    /// The id of the hypothesis.
    pub(super) fn id(&self) -> u32 {
        match self {
            Self::Entered(made) => made.candidate.id,
            Self::Gone(gone) => gone.id,
        }
    }
}

impl Leaders {
    /// `count` hypotheses, of which those whose masks have at least this IoU are merged.
    pub(crate) fn new(count: u32, merge_iou: f64) -> Self {
        Self { count, merge_iou, next: 0, entered: Vec::new(), ious: Vec::new(), gone: Vec::new() }
    }

    /// Whether every id below the count has a fate.
    pub(crate) fn is_closed(&self) -> bool {
        self.next >= self.count
    }

    /// The fates of the next ids that have an outcome. Ids without one are passed over only if there are `all` outcomes: then they were
    /// not proposed.
    pub(crate) fn add(&mut self, outcomes: &HypothesisOutcomes, all: bool) -> Result<Vec<Fate>, MaskError> {
        let mut fates = Vec::new();
        while !self.is_closed() {
            let id = self.next;
            let fate = match outcomes.get(&id) {
                Some(Ok(made)) => match self.leader_of(made)? {
                    Some(leader) => Fate::Gone(Gone { id, why: Cause::Merged(leader) }),
                    None => Fate::Entered(made.clone()),
                },
                Some(Err(why)) => Fate::Gone(Gone { id, why: why.clone() }),
                None if all => Fate::Gone(Gone { id, why: Cause::Lost("it was not proposed".into()) }),
                None => break,
            };
            match &fate {
                Fate::Entered(made) => {
                    let ious = self.entered.iter().map(|leader| leader.mask.iou(&made.mask));
                    self.ious.push(ious.collect::<Result<_, _>>()?);
                    self.entered.push(made.clone());
                }
                Fate::Gone(gone) => self.gone.push(gone.clone()),
            }
            fates.push(fate);
            self.next += 1;
        }
        Ok(fates)
    }

    /// The id of the first leader with nearly the same mask. `None` if there is none.
    fn leader_of(&self, made: &Measured) -> Result<Option<u32>, MaskError> {
        for leader in &self.entered {
            // The IoU is at most the ratio of the areas. Most pairs differ so much that no pixel has to be compared.
            let (a, b) = (f64::from(leader.candidate.area), f64::from(made.candidate.area));
            if a.min(b) < self.merge_iou * a.max(b) {
                continue;
            }
            if leader.mask.iou(&made.mask)? >= self.merge_iou {
                return Ok(Some(leader.candidate.id));
            }
        }
        Ok(None)
    }

    /// The first `count` hypotheses, all of which have their fates. `outcomes` are those that the fates were made from.
    pub(super) fn prefix(&self, count: u32, outcomes: &HypothesisOutcomes) -> Prefix {
        let entered: Vec<Measured> = self.entered.iter().filter(|made| made.candidate.id < count).cloned().collect();
        let gone: Vec<Gone> = self.gone.iter().filter(|gone| gone.id < count).cloned().collect();
        let candidates = outcomes.range(..count).filter_map(|(_, outcome)| outcome.as_ref().ok().cloned()).collect();
        let standings = self.standings(&entered, &gone);
        Prefix { candidates, entered, gone, standings }
    }

    /// What the first leaders, among which are the first gone hypotheses, tell of each.
    fn standings(&self, entered: &[Measured], gone: &[Gone]) -> Vec<Standing> {
        let iou = |a: usize, b: usize| self.ious.get(a.max(b)).and_then(|row| row.get(a.min(b))).copied();
        let others = entered.len().saturating_sub(1).max(1) as f64;
        let standing = |(place, made): (usize, &Measured)| {
            let id = made.candidate.id;
            let ious = (0..entered.len()).filter(|other| *other != place).filter_map(|other| iou(place, other));
            let copies = gone.iter().filter(|gone| matches!(gone.why, Cause::Merged(leader) if leader == id)).count();
            let copies = u32::try_from(copies).unwrap_or(u32::MAX).saturating_add(1);
            Standing { id, agreement: ious.fold(0.0, |sum, iou| sum + iou) / others, copies, measures: Vec::new() }
        };
        entered.iter().enumerate().map(standing).collect()
    }
}

#[cfg(test)]
mod tests {
    use rescue_core::{Rect, Size};
    use rescue_mask::Mask;
    use rescue_plugin::border::rescue::plugin::types::Hypothesis;
    use rescue_plugin::measure;

    use super::*;

    fn made(id: u32, x_min: f64, x_max: f64) -> (u32, Result<Measured, Cause>) {
        let size = Size::new(100, 10);
        let hypothesis = Hypothesis {
            id,
            label: String::new(),
            regions: Vec::new(),
            without: Vec::new(),
            confidence: None,
            reasoning: String::new(),
            origin: String::new(),
            notes: Vec::new(),
        };
        let mask = Mask::from_rect(size, Rect { x_min, y_min: 0.0, x_max, y_max: 10.0 });
        (id, measure(hypothesis, mask, None).map_err(Cause::Lost))
    }

    #[test]
    fn a_candidate_is_measured() {
        let (_, made) = made(3, 10.0, 30.0);
        let candidate = made.unwrap().candidate;
        assert_eq!((candidate.area, candidate.coverage, candidate.components), (200, 0.2, 1));
        assert_eq!((candidate.bounds.x_min, candidate.bounds.x_max), (10.0, 30.0));
    }

    #[test]
    fn near_duplicates_join_the_first_earlier_leader() {
        // 0 and 1 nearly the same, 2 elsewhere, 3 is close to 1, but not close enough to leader 0, 4 missing, 5 lost.
        let mut outcomes: HypothesisOutcomes =
            [made(0, 0.0, 50.0), made(1, 1.0, 50.0), made(2, 60.0, 90.0), made(3, 3.0, 50.0)].into();
        outcomes.insert(5, Err(Cause::Lost("x".into())));
        let mut whole = Leaders::new(6, 0.95);
        whole.add(&outcomes, true).unwrap();
        let ids = |leaders: &Leaders| -> (Vec<u32>, Vec<u32>) {
            (
                leaders.entered.iter().map(|made| made.candidate.id).collect(),
                leaders.gone.iter().map(|gone| gone.id).collect(),
            )
        };
        assert_eq!(ids(&whole), (vec![0, 2, 3], vec![1, 4, 5]));
        assert_eq!(whole.gone[0].why, Cause::Merged(0));
        let standings = whole.prefix(6, &outcomes).standings;
        assert_eq!(standings[0].copies, 2);
        assert!((standings[0].agreement - 0.47).abs() < 1e-12);
        // The first three know nothing of the fourth, which is nearly like the first one.
        let first = whole.prefix(3, &outcomes);
        assert_eq!((first.entered.len(), first.candidates.len(), first.gone.len()), (2, 3, 1));
        assert_eq!((first.standings[0].copies, first.standings[0].agreement), (2, 0.0));

        // In whatever order outcomes come, ids get their fates in order, and the same ones.
        let mut parts = Leaders::new(6, 0.95);
        let mut so_far = HypothesisOutcomes::new();
        for id in [2, 0, 5, 1, 3] {
            so_far.insert(id, outcomes[&id].clone());
            parts.add(&so_far, false).unwrap();
        }
        assert_eq!(ids(&parts), (vec![0, 2, 3], vec![1]));
        parts.add(&so_far, true).unwrap();
        assert!(parts.is_closed() && ids(&parts) == ids(&whole));
    }
}
