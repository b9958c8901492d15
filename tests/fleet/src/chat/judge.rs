//! The simulated verdict: how likely each option of a choice is, given the IoU of the views.

use crate::config::Chat;
use crate::vision::View;

/// The IoU from which on a single view counts as right, and a view beats "none of these".
const ENOUGH: f64 = 0.5;

/// The meaning of an option.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Meaning {
    /// The view with this index is the best.
    Best(usize),
    /// No view fits.
    Neither,
    /// The view is right (`true`) or wrong (`false`).
    Right(bool),
    /// The view has this grade.
    Grade(f64),
    /// Anything else.
    Other,
}

fn meaning(option: &str, options: usize) -> Meaning {
    let option = option.trim().to_uppercase();
    let last = option.rsplit(|c: char| !c.is_alphanumeric() && c != '.').find(|word| !word.is_empty());
    let word = last.unwrap_or_default();
    match word {
        "LEFT" | "FIRST" => return Meaning::Best(0),
        "RIGHT" | "SECOND" => return Meaning::Best(1),
        "NONE" | "NEITHER" => return Meaning::Neither,
        "YES" | "TRUE" | "ACCEPT" | "CORRECT" | "GOOD" => return Meaning::Right(true),
        "NO" | "FALSE" | "REJECT" | "INCORRECT" | "WRONG" | "BAD" => return Meaning::Right(false),
        _ => {}
    }
    if let Ok(grade) = word.parse::<f64>()
        && grade.is_finite()
    {
        return Meaning::Grade(grade);
    }
    match word.as_bytes() {
        [letter @ b'A'..=b'Z'] if usize::from(letter - b'A') < options => Meaning::Best(usize::from(letter - b'A')),
        _ => Meaning::Other,
    }
}

/// Returns the probability of each option, and whether a view was needed that was not recognised. In that case all
/// options are equally likely, except for the bias in favour of what is shown first.
pub(super) fn odds(options: &[String], views: &[&View], chat: &Chat) -> (Vec<f64>, bool) {
    let mut meanings: Vec<_> = options.iter().map(|option| meaning(option, options.len())).collect();
    // 1, 2, 3 number the views if there are as many views; else they are grades.
    let numbered = meanings.iter().zip(1_u32..).all(|(meaning, number)| *meaning == Meaning::Grade(f64::from(number)));
    if numbered && options.len() > 1 && views.len() >= options.len() {
        meanings = (0..options.len()).map(Meaning::Best).collect();
    }
    let most = meanings.iter().fold(0.0, |most, meaning| match meaning {
        Meaning::Grade(grade) => grade.max(most),
        _ => most,
    });
    let contestants = meanings.iter().filter(|meaning| matches!(meaning, Meaning::Best(_))).count();
    let wanted = contestants.max(1);
    let missing = views.len() < wanted;
    let shown: Vec<f64> = views.iter().skip(views.len() - wanted.min(views.len())).map(|view| view.iou).collect();
    let seen = |index: usize| if missing { 0.0 } else { shown.get(index).copied().unwrap_or(0.0) };
    let enough = if missing { 0.0 } else { ENOUGH };
    let worth: Vec<Option<f64>> = meanings
        .iter()
        .map(|meaning| match meaning {
            Meaning::Best(index) => Some(seen(*index)),
            Meaning::Neither => Some(enough),
            Meaning::Right(true) => Some(seen(0)),
            Meaning::Right(false) => Some(enough),
            Meaning::Grade(grade) if missing || most <= 0.0 => Some(0.0 * grade),
            Meaning::Grade(grade) => Some(-(grade / most - seen(0)).abs()),
            Meaning::Other => None,
        })
        .collect();
    if worth.iter().all(Option::is_none) {
        return (vec![1.0 / options.len().max(1) as f64; options.len()], true);
    }
    let best = worth.iter().flatten().copied().fold(f64::NEG_INFINITY, f64::max);
    if chat.beta.is_infinite() && !missing {
        let winner = worth.iter().position(|worth| *worth == Some(best));
        return ((0..options.len()).map(|index| if Some(index) == winner { 1.0 } else { 0.0 }).collect(), false);
    }
    let beta = if missing { 0.0 } else { chat.beta };
    let weight = |(worth, meaning): (&Option<f64>, &Meaning)| {
        let liking = if *meaning == Meaning::Best(0) { chat.bias } else { 0.0 };
        worth.map_or(0.0, |worth| (beta * (worth - best) + liking).exp())
    };
    let weights: Vec<f64> = worth.iter().zip(&meanings).map(weight).collect();
    let sum: f64 = weights.iter().sum();
    (weights.into_iter().map(|weight| weight / sum).collect(), missing)
}

/// The index of the option that is drawn by a number from 0 to below 1.
pub(super) fn pick(odds: &[f64], mut drawn: f64) -> usize {
    let likely = odds.iter().rposition(|odds| *odds > 0.0).unwrap_or(0);
    let found = odds.iter().position(|odds| {
        drawn -= odds;
        drawn < 0.0
    });
    found.unwrap_or(likely)
}

/// The two options that a prompt offers after `ANSWER:`, as in "ANSWER: LEFT|RIGHT" or "ANSWER: A or ANSWER: B". `None`
/// if it offers none.
pub(super) fn offered(prompt: &str) -> Option<Vec<String>> {
    let (_, rest) = prompt.split_once("ANSWER:")?;
    let words = rest.split(|c: char| !c.is_alphanumeric());
    let mut options =
        words.filter(|word| !word.is_empty() && !matches!(*word, "or" | "OR" | "ANSWER")).map(str::to_owned);
    let options = [options.next()?, options.next()?];
    let fits = options.iter().all(|option| matches!(meaning(option, 2), Meaning::Best(_) | Meaning::Right(_)));
    fits.then(|| options.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vision::Region;

    fn odds_of(options: &[&str], ious: &[f64], beta: f64, bias: f64) -> Vec<f64> {
        let region = Region { x: 0, y: 0, width: 1, height: 1 };
        let views: Vec<_> = ious.iter().map(|iou| View { scene: 0, region, iou: *iou }).collect();
        let options: Vec<_> = options.iter().map(|option| (*option).to_owned()).collect();
        let chat = Chat { beta, bias, ..Chat::default() };
        odds(&options, &views.iter().collect::<Vec<_>>(), &chat).0
    }

    #[test]
    fn a_choice_between_two_is_a_sigmoid_of_the_difference() {
        let close = |options: &[&str], ious: &[f64], bias, expected: f64| {
            let odds = odds_of(options, ious, 10.0, bias);
            assert!((odds[0] - expected).abs() < 1e-12 && (odds[0] + odds[1] - 1.0).abs() < 1e-12, "{odds:?}");
        };
        let sigmoid = |x: f64| 1.0 / (1.0 + (-x).exp());
        close(&["A", "B"], &[0.5, 0.3], 0.0, sigmoid(2.0));
        close(&["LEFT", "RIGHT"], &[0.5, 0.3], -1.0, sigmoid(1.0));
        close(&["B", "A"], &[0.5, 0.3], 0.0, sigmoid(-2.0));
        close(&["1", "2"], &[0.5, 0.3], 0.0, sigmoid(2.0));
        // The unmarked photo is shown first and does not count.
        close(&["A", "B"], &[0.0, 0.5, 0.3], 0.0, sigmoid(2.0));
        close(&["yes", "no"], &[0.7], 0.0, sigmoid(2.0));
        // A view is missing, so only the bias counts.
        close(&["A", "B"], &[0.5], 1.0, sigmoid(1.0));
    }

    #[test]
    fn an_infinite_beta_is_always_right_and_takes_the_first_of_equals() {
        let inf = f64::INFINITY;
        assert_eq!(odds_of(&["A", "B"], &[0.2, 0.3], inf, 9.0), [0.0, 1.0]);
        assert_eq!(odds_of(&["A", "B"], &[0.3, 0.3], inf, 0.0), [1.0, 0.0]);
        assert_eq!(odds_of(&["A", "B", "none"], &[0.3, 0.4], inf, 0.0), [0.0, 0.0, 1.0]);
        assert_eq!(odds_of(&["100", "75", "50", "25", "0"], &[0.7], inf, 0.0), [0.0, 1.0, 0.0, 0.0, 0.0]);
        assert_eq!(odds_of(&["1", "2", "3", "4", "5"], &[0.58], inf, 0.0), [0.0, 0.0, 1.0, 0.0, 0.0]);
    }

    #[test]
    fn options_after_answer_are_read() {
        assert_eq!(offered("End with ANSWER: LEFT or ANSWER: RIGHT.").unwrap(), ["LEFT", "RIGHT"]);
        assert_eq!(offered("ANSWER: <A|B>").unwrap(), ["A", "B"]);
        assert_eq!(offered("ANSWER: in a few words"), None);
        assert_eq!(offered("Which one?"), None);
    }
}
