//! Finds answers between the tags or brackets with which models mark them.

use super::marker::{JSON, Mention};
use super::options::Options;

/// Beginnings and ends of marked answers: GLM-V's tokens, LaTeX boxes, and the double brackets that prompts for judges ask for.
const MARKS: [(&str, &str); 4] =
    [("<|begin_of_box|>", "<|end_of_box|>"), ("\\boxed{", "}"), ("\\fbox{", "}"), ("[[", "]]")];
/// LaTeX commands that may stand around an option in a box.
const LATEX: [&str; 4] = ["\\text{", "\\textbf{", "\\mathrm{", "\\mathbf{"];

/// How far the end of a marked answer is searched for, in bytes: a bound on the time for a text of many beginnings.
const LONGEST: usize = 160;

/// All marked answers of a text. What is marked and no option is a mention without one, but in double brackets, which have other uses.
pub(super) fn mentions(text: &str, options: &Options) -> Vec<Mention> {
    let mut mentions = Vec::new();
    for (open, close) in MARKS {
        for (at, _) in text.match_indices(open) {
            let start = at + open.len();
            let Some(inside) = window(text, start).split_once(close).map(|(inside, _)| inside) else { continue };
            let bare = LATEX.iter().find_map(|command| inside.trim_start().strip_prefix(command)).unwrap_or(inside);
            let start = start + inside.len() - bare.len();
            match options.whole(bare) {
                Some((option, offset)) => {
                    mentions.push(Mention { level: JSON, at: start + offset, option: Some(option) })
                }
                None if open == "[[" => {}
                None => mentions.push(Mention { level: JSON, at: start, option: None }),
            }
        }
    }
    mentions
}

/// The text from this position on, as far as the end of an answer is searched for.
fn window(text: &str, start: usize) -> &str {
    let end = (start..=text.len().min(start + LONGEST)).rev().find(|end| text.is_char_boundary(*end));
    text.get(start..end.unwrap_or(start)).unwrap_or_default()
}
