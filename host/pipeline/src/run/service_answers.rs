//! Answers a sample's questions in a run, by the exchange.

use std::collections::{BTreeMap, BTreeSet};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::{AbortHandle, Aborted, abortable};
use futures_util::stream::{FuturesUnordered, StreamExt};
use rescue_ledger::Key;
use tokio::runtime::Runtime;
use tokio::time::Instant;

use crate::ask::{AnswerSource, OpenCall, QuestionOutcome, Waited};
use crate::error::RunError;
use crate::exchange::{Exchange, ExchangeError, NoAnswer};
use crate::progress::Progress;
use crate::services::ServiceName;

/// How often it is looked whether a server asks to wait.
const LOOK: Duration = Duration::from_millis(500);

/// The outcomes of a call, by key.
type Outcomes = Vec<(Key, Result<QuestionOutcome, ExchangeError>)>;

/// A call under way.
type UnderWay = Pin<Box<dyn Future<Output = Result<Outcomes, Aborted>>>>;

/// Answers the questions of one sample.
pub(super) struct ServiceAnswers<'a> {
    exchange: &'a Arc<Exchange>,
    /// Drives the requests, while the calling thread waits.
    runtime: &'a Runtime,
    /// Questions without an answer by then are cut. `None` is no deadline.
    deadline: Option<Instant>,
    /// Calls under way; those that were withdrawn have no outcomes.
    under_way: FuturesUnordered<UnderWay>,
    /// The speculative ones among them: their questions that someone waits for, and how to withdraw them.
    speculative: Vec<(BTreeSet<Key>, AbortHandle)>,
    told: Told,
}

/// What was told of servers.
#[derive(Default)]
struct Told {
    /// Until when they have asked to wait.
    waits: BTreeMap<ServiceName, Instant>,
    /// Replicas that have stopped working.
    resting: BTreeSet<(ServiceName, usize)>,
}

/// The deadline of a sample that begins now and may take this many seconds. `None` if `seconds` is 0.
pub(super) fn deadline(seconds: f64) -> Option<Instant> {
    let seconds = Duration::try_from_secs_f64(seconds).ok().filter(|seconds| !seconds.is_zero())?;
    Instant::now().checked_add(seconds)
}

impl<'a> ServiceAnswers<'a> {
    pub(super) fn new(exchange: &'a Arc<Exchange>, runtime: &'a Runtime, deadline: Option<Instant>) -> Self {
        let (under_way, speculative, told) = Default::default();
        Self { exchange, runtime, deadline, under_way, speculative, told }
    }

    /// Takes these questions out of the speculative calls; `end` is given those calls of which none is left.
    fn take_out(&mut self, keys: &BTreeSet<Key>, end: impl Fn(&AbortHandle)) {
        self.speculative.retain_mut(|(own, abort)| {
            own.retain(|key| !keys.contains(key));
            if own.is_empty() {
                end(abort);
            }
            !own.is_empty()
        });
    }

    /// The outcomes of the calls that end next. Empty if none is under way.
    fn next(&mut self, progress: &mut dyn FnMut(Progress)) -> Outcomes {
        let Self { exchange, runtime, under_way, told, .. } = self;
        runtime.block_on(async {
            let mut outcomes = loop {
                let next = tokio::time::timeout(LOOK, under_way.next()).await;
                told.note(exchange, progress);
                match next {
                    Ok(Some(Ok(next))) => break next,
                    Ok(None) => break Vec::new(),
                    Ok(Some(Err(Aborted))) | Err(_) => continue,
                }
            };
            // Others may have ended at the same time.
            while let Some(Some(next)) = under_way.next().now_or_never() {
                outcomes.extend(next.unwrap_or_default());
            }
            outcomes
        })
    }
}

impl AnswerSource for ServiceAnswers<'_> {
    fn begin(&mut self, OpenCall { call, open }: OpenCall) {
        let (exchange, deadline) = (self.exchange.clone(), self.deadline);
        let is_speculative = call.turn.speculative;
        let keys = open.iter().map(|(_, key)| *key).collect();
        let (outcomes, abort) = abortable(async move {
            let places: Vec<usize> = open.iter().map(|(place, _)| *place).collect();
            let outcomes = exchange.resolve(call, &places, deadline).await;
            let outcome = |((_, key), outcome): ((usize, Key), _)| match outcome {
                Ok(stored) => (key, Ok(Ok(stored))),
                Err(NoAnswer::Absent(absence)) => (key, Ok(Err(absence))),
                Err(NoAnswer::Failed(error)) => (key, Err(error)),
            };
            open.into_iter().zip(outcomes).map(outcome).collect()
        });
        self.under_way.push(Box::pin(outcomes));
        if is_speculative {
            self.speculative.push((keys, abort));
        }
    }

    fn look_up(&mut self, OpenCall { call, open }: &OpenCall) -> Result<Vec<(Key, QuestionOutcome)>, RunError> {
        let mut outcomes = Vec::new();
        for (_, key) in open {
            let stored = self.exchange.answer_in_ledger(call.service, *key)?;
            outcomes.extend(stored.map(|stored| (*key, Ok(stored))));
        }
        Ok(outcomes)
    }

    fn wait(&mut self, progress: &mut dyn FnMut(Progress)) -> Waited {
        let mut waited = Waited::default();
        loop {
            let next = self.next(progress);
            let ended = next.is_empty();
            self.take_out(&next.iter().map(|(key, _)| *key).collect(), |_| {});
            for (key, outcome) in next {
                match outcome {
                    Ok(outcome) => waited.outcomes.push((key, outcome)),
                    Err(error) => drop(waited.error.get_or_insert(error.into())),
                }
            }
            // What is under way is paid for: it ends before the run does, so that the ledger has it.
            if waited.error.is_none() || ended {
                return waited;
            }
            // Guesses may never get a slot.
            self.speculative.drain(..).for_each(|(_, abort)| abort.abort());
        }
    }

    fn withdraw(&mut self, keys: &BTreeSet<Key>) {
        self.take_out(keys, AbortHandle::abort);
    }

    fn withdraw_all(&mut self) {
        self.under_way.clear();
        self.speculative.clear();
    }
}

impl Told {
    /// Tells of each wait that a server asks for, and of each replica that has stopped working, once.
    fn note(&mut self, exchange: &Exchange, progress: &mut dyn FnMut(Progress)) {
        for (service, until) in exchange.waits() {
            // Requests that were refused together have about the same end of their wait.
            if self.waits.get(&service).is_none_or(|told| until.duration_since(*told) > LOOK) {
                self.waits.insert(service, until);
                progress(Progress::Waiting(service, until.duration_since(Instant::now()).as_secs() + 1));
            }
        }
        for (service, replica) in exchange.resting() {
            if self.resting.insert((service, replica)) {
                progress(Progress::Resting(service, replica + 1));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_seconds_are_no_deadline() {
        assert!(deadline(0.0).is_none() && deadline(-1.0).is_none() && deadline(f64::NAN).is_none());
        assert!(deadline(60.0).unwrap() > Instant::now());
    }
}
