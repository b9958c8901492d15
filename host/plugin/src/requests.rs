//! The requests of a session: which ids were used, and which answers are still to come.

use std::collections::BTreeSet;

use crate::border::rescue::plugin::chat::{Answer, Request};
use crate::limits::Limits;
use crate::rules::{self, Violation};

/// What a session asked and was not told yet.
#[derive(Default)]
pub(crate) struct Requests {
    used: BTreeSet<u32>,
    under_way: BTreeSet<(u32, u32)>,
}

impl Requests {
    /// Takes a step's requests and cancellations.
    pub(crate) fn step(&mut self, ask: &[Request], cancel: &[u32], limits: &Limits) -> Result<(), Violation> {
        for request in ask {
            rules::request(request, limits)?;
            if !self.used.insert(request.id) {
                return Err(Violation::RequestTwice(request.id));
            }
            self.under_way.extend((0..request.samples).map(|draw| (request.id, request.repeat.saturating_add(draw))));
        }
        for &id in cancel {
            if !self.used.contains(&id) {
                return Err(Violation::UnknownCancel(id));
            }
            self.under_way.retain(|(request, _)| *request != id);
        }
        Ok(())
    }

    /// Whether an answer is still wanted: it was asked for, not cancelled, and not told yet.
    pub(crate) fn told(&mut self, answer: &Answer) -> bool {
        self.under_way.remove(&(answer.id, answer.repeat))
    }

    /// Whether answers are still to come.
    pub(crate) fn under_way(&self) -> bool {
        !self.under_way.is_empty()
    }
}
