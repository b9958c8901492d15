//! Compares plays, and says what was found.

use std::collections::BTreeSet;

use super::play::Play;
use super::{Finding, Grade, MANY};
use crate::error::PluginError;
use crate::limits::Limits;
use crate::retrace::Retraced;

/// The share of a limit from which on its use is reported.
const NEAR: f64 = 0.5;
/// The most characters shown of a question.
const SHOWN: usize = 200;

type Played = Result<Play, PluginError>;

/// Reports a play that succeeded.
pub(super) fn runs(canonical: &Play) -> Finding {
    let asked = canonical.counted(canonical.asked.len());
    Finding::new(Grade::Ok, "runs", format!("ended after {} turns with {asked}", canonical.usage.turns))
}

/// Compares the canonical play with a second one of the same rehearsal.
pub(super) fn repeats(canonical: &Play, again: &Played) -> Finding {
    let problem = |text: String| Finding::new(Grade::Problem, "repeats", text);
    let again = match again {
        Ok(again) => again,
        Err(error) => return problem(format!("told the same facts a second time, it failed: {error}")),
    };
    let differs = |what: &str| {
        problem(format!(
            "told the same facts a second time, {what}: plan from the facts, the settings and the seed alone, and keep no \
             state outside of the session"
        ))
    };
    if canonical.asked != again.asked {
        differs("it asked something else")
    } else if canonical.outcome != again.outcome {
        differs("its result was different")
    } else if canonical.usage.fuel != again.usage.fuel {
        differs(&format!("it used {} units of fuel and not {}", again.usage.fuel, canonical.usage.fuel))
    } else if canonical != again {
        differs("it logged something else")
    } else {
        Finding::new(Grade::Ok, "repeats", "a second session gave the same answers for the same fuel")
    }
}

/// Reports whether the event log could be played back.
pub(super) fn retraces(retraced: Result<Retraced, PluginError>) -> Finding {
    let problem = |why: String| Finding::new(Grade::Problem, "retraces", why);
    match retraced {
        Ok(Retraced { divergence: None, calls, .. }) => {
            let text = format!("{calls} calls played back gave the same answers for the same fuel");
            Finding::new(Grade::Ok, "retraces", text)
        }
        Ok(Retraced { divergence: Some(divergence), .. }) => {
            problem(format!("played back, it behaves differently: {divergence}. Keep no state outside of the session"))
        }
        Err(error) => problem(format!("its event log cannot be played back: {error}")),
    }
}

/// Compares the canonical play with those in other orders of arrival. `promised`: whether the plugin's offer says that the order
/// does not matter.
pub(super) fn arrival(canonical: &Play, others: &[Played], promised: bool) -> Vec<Finding> {
    let mut findings = Vec::new();
    let orders = others.len();
    if let Some(error) = others.iter().find_map(|played| played.as_ref().err()) {
        let text = format!("fails if facts are told in batches and in another order: {error}");
        findings.push(Finding::new(Grade::Problem, "arrival", text));
    }
    let others: Vec<&Play> = others.iter().flatten().collect();
    let known: BTreeSet<&String> = canonical.asked.iter().collect();
    let new =
        |play: &Play| -> Vec<String> { play.asked.iter().filter(|asked| !known.contains(asked)).cloned().collect() };
    let grade = if promised { Grade::Problem } else { Grade::Note };
    let promise = if promised { "; its offer promises delivery = any" } else { "" };
    let most = others.iter().map(|play| (new(play), play.asked.len())).max_by_key(|(new, _)| new.len());
    if let Some((new, all)) = most
        && let Some(example) = new.first()
    {
        let example: String = example.chars().take(SHOWN).collect();
        let text = format!(
            "{} of {} asked in another order of facts are not asked in the canonical one, such as {example}: asking \
             them early is wasted. Plan from the set of facts, not from their order{promise}",
            new.len(),
            canonical.counted(all)
        );
        findings.push(Finding::new(grade, "arrival", text));
    }
    let otherwise = others.iter().filter(|play| play.outcome != canonical.outcome).count();
    if otherwise > 0 {
        let text = format!(
            "the result depends on the order in which facts are told: it differs in {otherwise} of {orders} orders. A run \
             always reports the result of the canonical order{promise}"
        );
        findings.push(Finding::new(grade, "arrival", text));
    }
    if findings.is_empty() {
        let text = format!("asks nothing else and has the same result in {orders} other orders of arrival");
        findings.push(Finding::new(Grade::Ok, "arrival", text));
    }
    findings
}

/// Compares what was used with the limits. `many`: the play with [`MANY`] hypotheses.
pub(super) fn limits(canonical: &Play, many: &Played, limits: &Limits) -> Vec<Finding> {
    let mut findings = Vec::new();
    let usage = match many {
        Ok(many) => &many.usage,
        Err(error) => {
            let text =
                format!("works with few candidates, but fails with {MANY}, the most that a run can have: {error}");
            findings.push(Finding::new(Grade::Note, "limits", text));
            &canonical.usage
        }
    };
    let uses = [
        (usage.most_fuel, limits.fuel_per_call, "units of fuel", "do less at once, or in several steps"),
        (usage.most_planned, limits.answer_bytes as u64, "bytes of plans", "hand over less in one step"),
    ];
    for (used, limit, what, way_out) in uses {
        let share = used as f64 / limit as f64;
        if share >= NEAR {
            let text = format!(
                "one turn used {used} {what}, {:.0} % of what one call may use ({limit}): {way_out}",
                100.0 * share
            );
            findings.push(Finding::new(Grade::Note, "limits", text));
        }
    }
    if findings.is_empty() {
        let share = 100.0 * usage.most_fuel as f64 / limits.fuel_per_call as f64;
        let text = format!("with {MANY} candidates no turn used more than {share:.2} % of a call's fuel");
        findings.push(Finding::new(Grade::Ok, "limits", text));
    }
    findings
}

/// Reports warnings and errors in the log; `None` if there are none.
pub(super) fn log(canonical: &Play) -> Option<Finding> {
    let loud = |level: &str| level == "warn" || level == "error";
    let lines: Vec<_> = canonical.usage.log.iter().filter(|line| loud(line.level)).collect();
    let first = lines.first()?;
    let text = format!("logged {} warnings or errors, the first: {}", lines.len(), first.message);
    Some(Finding::new(Grade::Note, "log", text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Cause;
    use crate::rehearsal::Usage;

    fn play(asked: &[&str], outcome: &str) -> Play {
        Play {
            asked: asked.iter().map(|asked| (*asked).to_owned()).collect(),
            what: "match",
            outcome: vec![outcome.into()],
            usage: Usage { turns: 3, fuel: 90, most_fuel: 50, ..Usage::default() },
        }
    }

    fn failed() -> Played {
        Err(PluginError::load("mine", None, Cause::Panic))
    }

    fn grades(findings: &[Finding]) -> Vec<(Grade, &str)> {
        findings.iter().map(|finding| (finding.grade, finding.text.as_str())).collect()
    }

    #[test]
    fn any_difference_in_a_second_play_is_a_problem() {
        let first = play(&["a", "b"], "x");
        assert_eq!(repeats(&first, &Ok(first.clone())).grade, Grade::Ok);
        let costly = Play { usage: Usage { fuel: 91, ..first.usage.clone() }, ..first.clone() };
        for (again, says) in [
            (Ok(play(&["b", "a"], "x")), "asked something else"),
            (Ok(play(&["a", "b"], "y")), "its result was different"),
            (Ok(costly), "91 units of fuel and not 90"),
            (failed(), "it failed: plugin mine: it panicked"),
        ] {
            let found = repeats(&first, &again);
            assert!(found.grade == Grade::Problem && found.text.contains(says), "{found:?}");
        }
    }

    #[test]
    fn the_order_of_questions_does_not_matter() {
        let found = arrival(&play(&["a", "b"], "x"), &[Ok(play(&["b", "a"], "x")), Ok(play(&["b"], "x"))], true);
        assert!(
            matches!(grades(&found).as_slice(), [(Grade::Ok, text)] if text.contains("2 other orders")),
            "{found:?}"
        );
    }

    #[test]
    fn dependence_on_the_order_is_a_note_or_a_problem_if_the_offer_promised_otherwise() {
        let others = [Ok(play(&["a", "b"], "x")), Ok(play(&["a", "c", "d"], "y"))];
        for (promised, expected) in [(false, Grade::Note), (true, Grade::Problem)] {
            let found = arrival(&play(&["a", "b"], "x"), &others, promised);
            let [(one, asked), (other, outcome)] = grades(&found)[..] else { panic!("{found:?}") };
            assert_eq!((one, other), (expected, expected));
            assert!(asked.starts_with("2 of 3 matches") && asked.contains("such as c:"), "{asked}");
            assert!(outcome.contains("in 1 of 2 orders"), "{outcome}");
            assert_eq!(asked.contains("promises delivery = any"), promised);
        }
    }

    #[test]
    fn a_failure_in_another_order_is_a_problem() {
        let found = arrival(&play(&["a"], "x"), &[Ok(play(&["a"], "x")), failed()], false);
        assert!(
            matches!(grades(&found).as_slice(), [(Grade::Problem, text)] if text.contains("it panicked")),
            "{found:?}"
        );
    }

    #[test]
    fn use_near_a_limit_is_noted() {
        let found = |fuel_per_call| {
            let bounds = Limits { fuel_per_call, ..Limits::default() };
            limits(&play(&[], "x"), &Ok(play(&[], "x")), &bounds)
        };
        assert!(matches!(grades(&found(1000)).as_slice(), [(Grade::Ok, text)] if text.contains("than 5.00 %")));
        let near = found(100);
        assert!(matches!(grades(&near).as_slice(), [(Grade::Note, text)] if text.contains("50 %")), "{near:?}");
        let many = limits(&play(&[], "x"), &failed(), &Limits::default());
        assert!(matches!(grades(&many).as_slice(), [(Grade::Note, text)] if text.contains("with 1024")), "{many:?}");
    }
}
