//! What a plugin may answer: the rules of the border as plain state machines, one for each kind, without a sandbox.
//!
//! A session tells its rules what the plugin is told (`told`) and holds every step against them (`step`). What breaks a rule is a
//! [`Violation`], and nobody sees it; what passes can be relied on. All limits on what is handed over are counted here too, by an
//! [`Intake`], so that no number of small steps can make the host hold more than the limits say.
//!
//! They work without a component, so that a planner in Rust can be tested against them natively, and a fuzzer can reach them.

mod hypothesis;
mod ids;
mod intake;
mod judging;
mod planning;
mod requests;
mod scoring;
mod tourney;
mod verdict;
mod violation;

pub(crate) use ids::IdSet;
pub use intake::Intake;
pub use judging::JudgingRules;
pub use planning::PlanningRules;
pub use scoring::ScoringRules;
pub use tourney::TourneyRules;
pub use violation::Violation;

/// What follows a step that keeps the rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// Another step.
    More,
    /// The step was empty: facts, and then another step.
    Wait,
    /// Nothing: the session is over.
    Over,
}

/// Passed, or the rule that was broken.
pub(crate) type Checked<T = ()> = Result<T, Violation>;

/// What follows a step. `owed`: whether something is still to be told.
fn next(over: bool, empty: bool, owed: bool) -> Checked<Next> {
    match (over, empty) {
        (true, _) => Ok(Next::Over),
        (false, false) => Ok(Next::More),
        (false, true) if owed => Ok(Next::Wait),
        (false, true) => Err(Violation::Stalled),
    }
}

fn finite(what: &'static str, value: f64) -> Checked {
    if value.is_finite() { Ok(()) } else { Err(Violation::Number { what, value, range: "finite" }) }
}

fn unit(what: &'static str, value: Option<f64>) -> Checked {
    match value {
        Some(value) if !(0.0..=1.0).contains(&value) => Err(Violation::Number { what, value, range: "from 0 to 1" }),
        _ => Ok(()),
    }
}

/// All of these candidates are known, and none is there twice.
fn distinct(what: &'static str, ids: &[u32], known: &IdSet) -> Checked {
    if let Some(&id) = ids.iter().find(|id| !known.contains(**id)) {
        return Err(Violation::UnknownCandidate { what, id });
    }
    let twice = match ids {
        [] | [_] => None,
        [a, b] => (a == b).then_some(*a),
        _ => {
            let mut sorted = ids.to_vec();
            sorted.sort_unstable();
            sorted.windows(2).find_map(|pair| match pair {
                [a, b] if a == b => Some(*a),
                _ => None,
            })
        }
    };
    twice.map_or(Ok(()), |id| Err(Violation::CandidateTwice { what, id }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_empty_step_with_nothing_owed_stalls() {
        assert_eq!(next(false, true, false), Err(Violation::Stalled));
        assert_eq!(next(false, true, true), Ok(Next::Wait));
        assert_eq!(next(false, false, false), Ok(Next::More));
        assert_eq!(next(true, true, false), Ok(Next::Over));
    }

    #[test]
    fn candidates_are_known_and_there_once() {
        let known: IdSet = [5, 2, 9, 1].into_iter().collect();
        let what = "a match";
        assert_eq!(distinct(what, &[], &known), Ok(()));
        assert_eq!(distinct(what, &[9, 1, 5], &known), Ok(()));
        assert_eq!(distinct(what, &[9, 3], &known), Err(Violation::UnknownCandidate { what, id: 3 }));
        assert_eq!(distinct(what, &[9, 9], &known), Err(Violation::CandidateTwice { what, id: 9 }));
        assert_eq!(distinct(what, &[2, 5, 9, 2], &known), Err(Violation::CandidateTwice { what, id: 2 }));
    }
}
