//! Prompts and cut-outs that wait to be sent together. A request of several waits only behind one that is under way already, so a batch
//! costs no time.

use std::collections::BTreeSet;

use rescue_core::Prompt;
use rescue_ledger::Key;
use rescue_picture::View;
use rescue_service::Asked;

use super::pose::Poser;
use super::sample_answers::OpenCall;
use crate::exchange::Request;
use crate::services::Services;

/// Questions of the host's own, by service.
pub(super) struct Batches {
    pub(super) prompts: Unsent<Prompt>,
    /// Cut-outs, all of which are compared with the same text.
    pub(super) cutouts: Unsent<View>,
    text: String,
}

/// The questions to one service that were not sent yet.
pub(super) struct Unsent<T> {
    /// The most questions in one request.
    most: usize,
    waiting: Vec<(Asked, T)>,
    /// Those that were handed out in calls and have no outcome yet.
    under_way: BTreeSet<Key>,
}

impl<T> Unsent<T> {
    fn new(most: usize) -> Self {
        Self { most: most.max(1), waiting: Vec::new(), under_way: BTreeSet::new() }
    }

    pub(super) fn add(&mut self, asked: Asked, question: T) {
        self.waiting.push((asked, question));
    }

    /// The questions of the next request. `more`: whether others may come soon. `None` if nothing is to be sent now.
    fn next(&mut self, more: bool) -> Option<Vec<(Asked, T)>> {
        let waits = more && !self.under_way.is_empty() && self.waiting.len() < self.most;
        if waits || self.waiting.is_empty() {
            return None;
        }
        let next: Vec<_> = self.waiting.drain(..self.most.min(self.waiting.len())).collect();
        self.under_way.extend(next.iter().map(|(asked, _)| asked.key));
        Some(next)
    }
}

impl Batches {
    pub(super) fn new(services: &Services, text: &str) -> Self {
        let clip = services.clip.as_ref().map_or(1, |clip| clip.policy.batch);
        let prompts = Unsent::new(services.executor.policy.batch);
        Self { prompts, cutouts: Unsent::new(clip), text: text.to_owned() }
    }

    /// What cut-outs are compared with.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// Notes that a question has an outcome.
    pub(super) fn ended(&mut self, key: Key) {
        self.prompts.under_way.remove(&key);
        self.cutouts.under_way.remove(&key);
    }

    /// Takes the calls that are to be sent now. `more`: whether further prompts may come soon.
    pub(super) fn take(&mut self, more: bool, poser: &Poser, calls: &mut Vec<OpenCall>) {
        while let Some(batch) = self.prompts.next(more) {
            let (questions, prompts) = batch.into_iter().unzip();
            let request = Request::Segment { photo: poser.photo.clone(), prompts };
            calls.push(OpenCall::whole(poser.call(poser.services.executor.name, questions, request)));
        }
        let Some(clip) = &poser.services.clip else { return };
        // Each mask that is under way may become a cut-out.
        let more = more || !self.prompts.under_way.is_empty();
        while let Some(batch) = self.cutouts.next(more) {
            let (questions, views) = batch.into_iter().unzip();
            let (pictures, text) = (poser.pictures.clone(), self.text.clone());
            calls.push(OpenCall::whole(poser.call(clip.name, questions, Request::Clip { pictures, views, text })));
        }
    }
}

#[cfg(test)]
mod tests {
    use rescue_service::{ModelId, Operation, Repeat, asked};

    use super::*;

    fn question(number: u32) -> Asked {
        let model = ModelId { name: "m".into(), revision: String::new() };
        asked(Operation::Clip, &model, &number, Repeat::default()).unwrap()
    }

    fn taken(waiting: &mut Unsent<u32>, more: bool) -> Vec<Vec<u32>> {
        std::iter::from_fn(|| waiting.next(more))
            .map(|batch| batch.into_iter().map(|(_, number)| number).collect())
            .collect()
    }

    #[test]
    fn batches_form_only_behind_a_request_under_way() {
        let mut waiting = Unsent::new(2);
        waiting.add(question(0), 0);
        assert_eq!(taken(&mut waiting, true), [[0]], "nothing is under way");
        waiting.add(question(1), 1);
        assert!(taken(&mut waiting, true).is_empty(), "it waits for company");
        waiting.add(question(2), 2);
        waiting.add(question(3), 3);
        assert_eq!(taken(&mut waiting, true), [[1, 2]], "a full batch goes");
        assert_eq!(taken(&mut waiting, false), [[3]], "nothing else will come");
        assert!(taken(&mut waiting, false).is_empty());
        waiting.under_way.clear();
        waiting.add(question(4), 4);
        assert_eq!(taken(&mut waiting, true), [[4]]);
    }
}
