//! What came of a sample's questions, by their keys.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use futures_util::stream::{FuturesUnordered, StreamExt};
use rescue_ledger::Key;
use rescue_service::ServiceError;

use super::{Asker, Batch, Service};
use crate::error::RunError;
use crate::exchange::{Absence, AbsenceKind, Call, ExchangeError, Known, Lack};
use crate::progress::Progress;

impl Asker<'_> {
    /// What came of each question: an answer, or an absence, which is written down first. A question that this sample has put before
    /// has the outcome that it had; one that stands in several places is asked once. A service that has answered nothing at all ends
    /// the run with its name.
    pub(super) fn settle(
        &mut self,
        batches: Vec<Batch>,
        questions: usize,
        services: &[Service],
        progress: &mut dyn FnMut(Progress),
    ) -> Result<Vec<Result<Arc<Known>, Absence>>, RunError> {
        let mut keys: Vec<Option<Key>> = vec![None; questions];
        let mut claimed = BTreeSet::new();
        let mut calls = Vec::new();
        for Batch { call, places } in batches {
            let mut open = Vec::new();
            for (number, (place, question)) in places.iter().zip(&call.questions).enumerate() {
                let key = question.key;
                if let Some(slot) = keys.get_mut(*place) {
                    *slot = Some(key);
                }
                if let Some(service) = services.get(*place) {
                    self.asked.insert((*service, key));
                }
                let settled = self.absent.contains_key(&key) || self.told.contains_key(&key);
                if !settled && claimed.insert(key) {
                    open.push((number, key));
                }
            }
            if open.len() < places.len() {
                progress(Progress::Answered(places.len() - open.len()));
            }
            if !open.is_empty() {
                calls.push((call, open));
            }
        }
        let (exchange, deadline) = (self.exchange, self.deadline);
        let mut fresh: BTreeMap<Key, Absence> = BTreeMap::new();
        let mut ended: Option<ExchangeError> = None;
        self.runtime.block_on(async {
            let ask = |(call, open): (Call, Vec<(usize, Key)>)| async move {
                let numbers: Vec<usize> = open.iter().map(|(number, _)| *number).collect();
                let answers = exchange.resolve(call, &numbers, deadline).await;
                (open, answers)
            };
            let mut under_way: FuturesUnordered<_> = calls.into_iter().map(ask).collect();
            while let Some((open, answers)) = under_way.next().await {
                progress(Progress::Answered(open.len()));
                for ((_, key), answer) in open.into_iter().zip(answers) {
                    match answer {
                        Ok(known) => drop(self.told.insert(key, known)),
                        Err(Lack::Absent(absence)) => drop(fresh.insert(key, absence)),
                        Err(Lack::Ended(error)) => {
                            ended.get_or_insert(error);
                        }
                    }
                }
            }
        });
        if let Some(error) = ended {
            return Err(error.into());
        }
        self.mourn(&fresh)?;
        // In the order of keys: the journal does not tell who was first.
        for (key, absence) in fresh {
            self.journal.add(&self.name, key, &absence)?;
            self.absent.insert(key, absence);
        }
        let outcome = |key: &Option<Key>| {
            let absent = key.and_then(|key| self.absent.get(&key)).cloned();
            match (absent, key.and_then(|key| self.told.get(&key))) {
                (Some(absence), _) => Err(absence),
                (None, Some(known)) => Ok(known.clone()),
                (None, None) => Err(Absence::unasked()),
            }
        };
        Ok(keys.iter().map(outcome).collect())
    }

    /// Ends the run where a service has left every question unanswered: then it does not work, and a result would say nothing.
    fn mourn(&self, fresh: &BTreeMap<Key, Absence>) -> Result<(), RunError> {
        for (key, absence) in fresh.iter().filter(|(_, absence)| absence.kind != AbsenceKind::Cut) {
            let of = self.asked.iter().find(|(_, asked)| asked == key).map(|(service, _)| *service);
            let same: Vec<&Key> =
                self.asked.iter().filter(|(service, _)| Some(*service) == of).map(|(_, key)| key).collect();
            if !same.iter().any(|key| self.told.contains_key(*key)) {
                let cause = format!("none of {} questions was answered. {}", same.len(), absence.why);
                let way_out = "`rescue-host services check` looks at each service. What was answered before is in the ledger: the \
                               same command goes on from there.";
                return Err(ExchangeError::from(ServiceError::failed(&absence.service, cause, way_out)).into());
            }
        }
        Ok(())
    }
}
