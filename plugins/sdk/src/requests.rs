//! The requests of a session and their answers.

use crate::chat::{Answer, Body, Failure, Reply, Request, Trouble};
use alloc::borrow::ToOwned;
use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::ops::Range;

/// The requests that a session has made, each with a purpose `T` of your choice, and the answers so far.
///
/// It numbers the requests, keeps the answers in the order in which they were asked, and knows which are missing:
///
/// ```
/// use rescue_plugin_sdk::{Requests, detect};
///
/// let mut requests = Requests::default();
/// let request = requests.ask("the sought noun", detect("dog")); // return it in `step.ask`
/// assert!(requests.waiting());
/// // In `tell`: Fact::Answered(answer) => requests.answered(answer)
/// # assert_eq!(request.id, 0);
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Requests<T> {
    asked: BTreeMap<u32, Asked<T>>,
}

/// One request: its purpose, its first repeat, and one entry for each repeat, `None` until it is answered.
#[derive(Debug, Clone, PartialEq)]
struct Asked<T> {
    purpose: T,
    first: u32,
    answers: Vec<Option<Result<Reply, Failure>>>,
}

impl<T> Default for Requests<T> {
    fn default() -> Self {
        Self { asked: BTreeMap::new() }
    }
}

impl<T> Requests<T> {
    /// Makes a request for one answer (repeat 0) and remembers its purpose. Put the request into the step's `ask`.
    pub fn ask(&mut self, purpose: T, body: Body) -> Request {
        self.draw(purpose, body, 0..1)
    }

    /// Makes a request for several answers to the same question, one for each of these repeats (1 to 64 of them). One
    /// request with many repeats costs a server less than many requests.
    pub fn draw(&mut self, purpose: T, body: Body, repeats: Range<u32>) -> Request {
        let id = self.asked.last_key_value().map_or(0, |(last, _)| last + 1);
        let Range { start: first, end } = repeats;
        let answers = (first..end).map(|_| None).collect();
        self.asked.insert(id, Asked { purpose, first, answers });
        Request { id, body, samples: end.saturating_sub(first), repeat: first }
    }

    /// Keeps an answer. Ignores an answer that was never asked for.
    pub fn answered(&mut self, answer: Answer) {
        let Some(asked) = self.asked.get_mut(&answer.id) else { return };
        let place = answer.repeat.checked_sub(asked.first).and_then(|place| usize::try_from(place).ok());
        if let Some(slot) = place.and_then(|place| asked.answers.get_mut(place)) {
            *slot = Some(answer.outcome);
        }
    }

    /// Whether an answer is still missing.
    #[must_use]
    pub fn waiting(&self) -> bool {
        self.asked.values().flat_map(|asked| &asked.answers).any(Option::is_none)
    }

    /// The purpose and the answer of each request, in the order asked; the answer is `None` while it is missing. A
    /// request with several repeats comes once for each repeat.
    pub fn answers(&self) -> impl Iterator<Item = (&T, Option<&Result<Reply, Failure>>)> {
        self.draws().map(|(purpose, _, answer)| (purpose, answer))
    }

    /// The purpose, the repeat and the answer of each request: [`Requests::answers`] with the repeats.
    pub fn draws(&self) -> impl Iterator<Item = (&T, u32, Option<&Result<Reply, Failure>>)> {
        self.asked.values().flat_map(|asked| {
            let repeats = (asked.first..).zip(&asked.answers);
            repeats.map(|(repeat, answer)| (&asked.purpose, repeat, answer.as_ref()))
        })
    }
}

/// The body of a request that asks the detector for everything that a phrase, such as "red car", names.
#[must_use]
pub fn detect(phrase: impl Into<String>) -> Body {
    Body::Detect(phrase.into())
}

/// The reply of an answer, if it can be used.
///
/// # Errors
///
/// Returns why not, in one line for people, if there is no reply or if it was cut off by its length.
pub fn usable(answer: &Result<Reply, Failure>) -> Result<&Reply, String> {
    match answer {
        Ok(reply) if reply.complete => Ok(reply),
        Ok(_) => Err("cut off: the reply was longer than it may be; allow more tokens".to_owned()),
        Err(failure) => {
            let trouble = match failure.trouble {
                Trouble::Unreadable => "unreadable",
                Trouble::Refused => "refused",
                Trouble::Unsupported => "unsupported",
                Trouble::Unavailable => "unavailable",
            };
            Err(format!("{trouble}: {}", short(&failure.message, 300)))
        }
    }
}

/// The text without the white space around it, cut to at most `most` characters and then ended with "…". Use it for
/// what a model wrote, which may be long: the host limits what a plugin returns.
#[must_use]
pub fn short(text: &str, most: usize) -> String {
    let text = text.trim();
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reply(text: String) -> Reply {
        Reply {
            text,
            reasoning: String::new(),
            complete: true,
            choice: None,
            weights: vec![],
            boxes: vec![],
            notes: vec![],
        }
    }

    fn answer(id: u32, repeat: u32) -> Answer {
        Answer { id, repeat, outcome: Ok(reply(format!("{id}/{repeat}"))) }
    }

    #[test]
    fn answers_are_kept_in_the_order_asked() {
        let mut requests = Requests::default();
        let ids: Vec<u32> = ["a", "b"].into_iter().map(|noun| requests.ask(noun, detect(noun)).id).collect();
        for id in [77, ids[1], ids[0]] {
            assert!(requests.waiting());
            requests.answered(answer(id, 0));
        }
        assert!(!requests.waiting());
        let texts: Vec<(&str, String)> =
            requests.answers().map(|(noun, a)| (*noun, a.unwrap().as_ref().unwrap().text.clone())).collect();
        assert_eq!(texts, [("a", "0/0".to_owned()), ("b", "1/0".to_owned())]);
    }

    #[test]
    fn each_repeat_has_its_own_answer() {
        let mut requests = Requests::default();
        let request = requests.draw("a", detect("a"), 3..6);
        assert_eq!((request.samples, request.repeat), (3, 3));
        for (id, repeat) in [(0, 5), (0, 2), (0, 6), (1, 3), (0, 3)] {
            requests.answered(answer(id, repeat));
        }
        assert!(requests.waiting(), "the answer of repeat 4 is missing");
        let texts = |requests: &Requests<&str>| -> Vec<(u32, Option<String>)> {
            requests.draws().map(|(_, repeat, a)| (repeat, a.map(|a| a.as_ref().unwrap().text.clone()))).collect()
        };
        assert_eq!(texts(&requests), [(3, Some("0/3".to_owned())), (4, None), (5, Some("0/5".to_owned()))]);
        requests.answered(answer(0, 4));
        assert!(!requests.waiting());
        assert_eq!(requests.answers().count(), 3);
        assert_eq!(requests.ask("b", detect("b")).id, 1);
    }

    #[test]
    fn only_a_complete_reply_is_usable() {
        let whole = Ok(reply("x".to_owned()));
        assert_eq!(usable(&whole).unwrap().text, "x");
        let cut = Ok(Reply { complete: false, ..reply("x".to_owned()) });
        assert!(usable(&cut).unwrap_err().starts_with("cut off: "));
        for (trouble, word) in [
            (Trouble::Unreadable, "unreadable: why"),
            (Trouble::Refused, "refused: why"),
            (Trouble::Unsupported, "unsupported: why"),
            (Trouble::Unavailable, "unavailable: why"),
        ] {
            let failure = Failure { trouble, message: "why".to_owned(), raw: "x".to_owned() };
            assert_eq!(usable(&Err(failure)).unwrap_err(), word);
        }
    }

    #[test]
    fn texts_are_cut_between_characters() {
        assert_eq!(short("  größer ", 3), "grö…");
        assert_eq!(short("größer", 6), "größer");
        assert_eq!(short("", 0), "");
        assert_eq!(short("x", 0), "…");
    }
}
