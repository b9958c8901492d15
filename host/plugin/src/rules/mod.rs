//! Checks what a plugin returns: the rules of the border as plain state machines, one for each kind.
//!
//! A session passes to its rules what the plugin is told (`told`) and every step that the plugin returns (`step`). A step that
//! breaks a rule is a [`Violation`] and never leaves this crate; the host can rely on every step that passes. The rules also hold
//! what a plugin returns against the limits, with an [`Intake`] for each session, so that many small steps cannot exceed them.
//!
//! The rules need no WebAssembly component, so a plugin's code can be tested against them natively, and a fuzzer can call them.

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

/// What follows a step that passed the rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// The host asks for another step.
    More,
    /// The step was empty. The host tells facts before it asks for another step.
    Wait,
    /// Nothing follows: the session is over.
    Over,
}

/// The result of a check: a value, or the rule that was broken.
pub(crate) type Checked<T = ()> = Result<T, Violation>;

/// What follows a step. `over`: whether it ends the session. `empty`: whether it plans nothing. `owed`: whether the host still
/// has something to tell.
fn next(over: bool, empty: bool, owed: bool) -> Checked<Next> {
    match (over, empty) {
        (true, _) => Ok(Next::Over),
        (false, false) => Ok(Next::More),
        (false, true) if owed => Ok(Next::Wait),
        (false, true) => Err(Violation::Stalled),
    }
}

/// Checks that a number is finite. `what` names it in the error.
fn finite(what: &'static str, value: f64) -> Checked {
    if value.is_finite() { Ok(()) } else { Err(Violation::Number { what, value, range: "finite" }) }
}

/// Checks that a number is from 0 to 1, if there is one.
fn unit(what: &'static str, value: Option<f64>) -> Checked {
    match value {
        Some(value) if !(0.0..=1.0).contains(&value) => Err(Violation::Number { what, value, range: "from 0 to 1" }),
        _ => Ok(()),
    }
}

/// Checks that all of these candidates are known, and that none is listed twice.
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
    fn a_session_stalls_only_if_its_step_is_empty_and_nothing_is_owed() {
        assert_eq!(next(false, true, false), Err(Violation::Stalled));
        assert_eq!(next(false, true, true), Ok(Next::Wait));
        assert_eq!(next(false, false, false), Ok(Next::More));
        assert_eq!(next(true, true, false), Ok(Next::Over));
    }

    #[test]
    fn candidates_must_be_known_and_distinct() {
        let known: IdSet = [5, 2, 9, 1].into_iter().collect();
        let what = "a match";
        assert_eq!(distinct(what, &[], &known), Ok(()));
        assert_eq!(distinct(what, &[9, 1, 5], &known), Ok(()));
        assert_eq!(distinct(what, &[9, 3], &known), Err(Violation::UnknownCandidate { what, id: 3 }));
        assert_eq!(distinct(what, &[9, 9], &known), Err(Violation::CandidateTwice { what, id: 9 }));
        assert_eq!(distinct(what, &[2, 5, 9, 2], &known), Err(Violation::CandidateTwice { what, id: 2 }));
    }
}
