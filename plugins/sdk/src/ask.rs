//! Questions under way.

use crate::chat::{Answer, Body, Failure, Reply, Request};
use alloc::collections::BTreeMap;
use alloc::string::String;

/// Questions by purpose. It hands out ids, keeps answers in the order asked, and knows what is owed.
///
/// Each question is put once; a plugin that wants several draws asks several times with another `repeat`.
#[derive(Debug, Clone, PartialEq)]
pub struct Asks<T> {
    asked: BTreeMap<u32, (T, Option<Result<Reply, Failure>>)>,
}

impl<T> Default for Asks<T> {
    fn default() -> Self {
        Self { asked: BTreeMap::new() }
    }
}

impl<T> Asks<T> {
    /// A request to put into a step, remembered with what it is for.
    pub fn ask(&mut self, purpose: T, body: Body) -> Request {
        let id = self.asked.last_key_value().map_or(0, |(last, _)| last + 1);
        self.asked.insert(id, (purpose, None));
        Request { id, body, samples: 1, repeat: 0 }
    }

    /// Keeps an answer. One that was never asked for is dropped.
    pub fn answered(&mut self, answer: Answer) {
        if let Some((_, slot)) = self.asked.get_mut(&answer.id) {
            *slot = Some(answer.outcome);
        }
    }

    /// Whether an answer is owed.
    #[must_use]
    pub fn waiting(&self) -> bool {
        self.asked.values().any(|(_, answer)| answer.is_none())
    }

    /// What was asked and what came, in the order asked; `None` for what is owed.
    pub fn answers(&self) -> impl Iterator<Item = (&T, Option<&Result<Reply, Failure>>)> {
        self.asked.values().map(|(purpose, answer)| (purpose, answer.as_ref()))
    }
}

/// Asks the detector for everything that a phrase names.
#[must_use]
pub fn detect(phrase: impl Into<String>) -> Body {
    Body::Detect(phrase.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_stand_in_the_order_asked() {
        let mut asks = Asks::default();
        let ids: Vec<u32> = ["a", "b"].into_iter().map(|noun| asks.ask(noun, detect(noun)).id).collect();
        for id in [ids[1], ids[0], 77] {
            assert!(asks.waiting());
            let reply = Reply {
                text: id.to_string(),
                reasoning: String::new(),
                complete: true,
                choice: None,
                weights: vec![],
                boxes: vec![],
                notes: vec![],
            };
            asks.answered(Answer { id, repeat: 0, outcome: Ok(reply) });
            if id == ids[0] {
                break;
            }
        }
        assert!(!asks.waiting());
        let texts: Vec<(&str, String)> =
            asks.answers().map(|(noun, a)| (*noun, a.unwrap().as_ref().unwrap().text.clone())).collect();
        assert_eq!(texts, [("a", "0".to_owned()), ("b", "1".to_owned())]);
    }
}
