//! Questions under way, and what came of them.

use crate::chat::{Answer, Body, Failure, Reply, Request, Trouble};
use alloc::borrow::ToOwned;
use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::ops::Range;

/// Questions by purpose. It hands out ids, keeps answers in the order asked, and knows what is owed.
#[derive(Debug, Clone, PartialEq)]
pub struct Asks<T> {
    asked: BTreeMap<u32, Asked<T>>,
}

/// One request: what it is for, its first repeat, and one place for each answer.
#[derive(Debug, Clone, PartialEq)]
struct Asked<T> {
    purpose: T,
    first: u32,
    answers: Vec<Option<Result<Reply, Failure>>>,
}

impl<T> Default for Asks<T> {
    fn default() -> Self {
        Self { asked: BTreeMap::new() }
    }
}

impl<T> Asks<T> {
    /// A request to put into a step, remembered with what it is for. It gets one answer, that of repeat 0.
    pub fn ask(&mut self, purpose: T, body: Body) -> Request {
        self.draw(purpose, body, 0..1)
    }

    /// A request for one answer to each of these repeats, 1 to 64 of them: equal questions in one request cost a server less
    /// than one by one.
    pub fn draw(&mut self, purpose: T, body: Body, repeats: Range<u32>) -> Request {
        let id = self.asked.last_key_value().map_or(0, |(last, _)| last + 1);
        let Range { start: first, end } = repeats;
        let answers = (first..end).map(|_| None).collect();
        self.asked.insert(id, Asked { purpose, first, answers });
        Request { id, body, samples: end.saturating_sub(first), repeat: first }
    }

    /// Keeps an answer. One that was never asked for is dropped.
    pub fn answered(&mut self, answer: Answer) {
        let Some(asked) = self.asked.get_mut(&answer.id) else { return };
        let place = answer.repeat.checked_sub(asked.first).and_then(|place| usize::try_from(place).ok());
        if let Some(slot) = place.and_then(|place| asked.answers.get_mut(place)) {
            *slot = Some(answer.outcome);
        }
    }

    /// Whether an answer is owed.
    #[must_use]
    pub fn waiting(&self) -> bool {
        self.asked.values().flat_map(|asked| &asked.answers).any(Option::is_none)
    }

    /// What was asked and what came, in the order asked, a request of several repeats once for each; `None` for what is owed.
    pub fn answers(&self) -> impl Iterator<Item = (&T, Option<&Result<Reply, Failure>>)> {
        self.draws().map(|(purpose, _, answer)| (purpose, answer))
    }

    /// Like [`Asks::answers`], with the repeat of each.
    pub fn draws(&self) -> impl Iterator<Item = (&T, u32, Option<&Result<Reply, Failure>>)> {
        self.asked.values().flat_map(|asked| {
            let repeats = (asked.first..).zip(&asked.answers);
            repeats.map(|(repeat, answer)| (&asked.purpose, repeat, answer.as_ref()))
        })
    }
}

/// Asks the detector for everything that a phrase names.
#[must_use]
pub fn detect(phrase: impl Into<String>) -> Body {
    Body::Detect(phrase.into())
}

/// The reply, where there is one that can be used: it is complete. Else why not, in a line for people.
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

/// The text without the white space around it, and no more than so many characters of it: what a model says may be of any
/// length, what a plugin hands over may not.
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
    fn answers_stand_in_the_order_asked() {
        let mut asks = Asks::default();
        let ids: Vec<u32> = ["a", "b"].into_iter().map(|noun| asks.ask(noun, detect(noun)).id).collect();
        for id in [77, ids[1], ids[0]] {
            assert!(asks.waiting());
            asks.answered(answer(id, 0));
        }
        assert!(!asks.waiting());
        let texts: Vec<(&str, String)> =
            asks.answers().map(|(noun, a)| (*noun, a.unwrap().as_ref().unwrap().text.clone())).collect();
        assert_eq!(texts, [("a", "0/0".to_owned()), ("b", "1/0".to_owned())]);
    }

    #[test]
    fn each_repeat_has_its_own_answer() {
        let mut asks = Asks::default();
        let request = asks.draw("a", detect("a"), 3..6);
        assert_eq!((request.samples, request.repeat), (3, 3));
        for (id, repeat) in [(0, 5), (0, 2), (0, 6), (1, 3), (0, 3)] {
            asks.answered(answer(id, repeat));
        }
        assert!(asks.waiting(), "the fourth is owed");
        let texts = |asks: &Asks<&str>| -> Vec<(u32, Option<String>)> {
            asks.draws().map(|(_, repeat, a)| (repeat, a.map(|a| a.as_ref().unwrap().text.clone()))).collect()
        };
        assert_eq!(texts(&asks), [(3, Some("0/3".to_owned())), (4, None), (5, Some("0/5".to_owned()))]);
        asks.answered(answer(0, 4));
        assert!(!asks.waiting());
        assert_eq!(asks.answers().count(), 3);
        assert_eq!(asks.ask("b", detect("b")).id, 1);
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
