//! Attempts: what is sent for questions, which failures are tried again, and when a second replica is asked as well.

use std::pin::pin;
use std::sync::Arc;

use rescue_service::{AskError, Items, Pressure, ServiceError};

use super::request::{Call, NewAnswer};
use super::retry::pause;
use super::single_flight::Urgency;
use super::slot_pool::{NoSlot, Slot, SlotPool};
use super::slots::{Turn, Want};
use super::{AbsenceKind, Exchange, ExchangeError, NoAnswer, RequestFailure, no_such_service};

/// How many answers to a request of several questions may break the contract before the questions are asked one by one.
const BREACHES_BEFORE_SPLIT: u32 = 2;

/// What came of an attempt, and the replica at which.
type Attempt = (usize, Result<Items<NewAnswer>, AskError>);

impl Exchange {
    /// Sends one request after another, until one succeeds or no further attempt is allowed.
    pub(super) async fn send_until_answered(
        self: &Arc<Self>,
        call: &Arc<Call>,
        pool: &Arc<SlotPool>,
        urgency: &Urgency,
        places: &[usize],
    ) -> Result<Items<NewAnswer>, RequestFailure> {
        let weight = if call.is_draws() { u32::try_from(places.len()).unwrap_or(u32::MAX) } else { 1 };
        let seed = places.first().and_then(|place| call.questions.get(*place)).map(|asked| *asked.key.as_bytes());
        let mut failed_at = None;
        let (mut attempts, mut breaches, mut refusals) = (0, 0, 0);
        loop {
            let mut turns = urgency.turns();
            let want = Want { turn: *turns.borrow_and_update(), weight, affinity: call.affinity, failed_at };
            let slot = match pool.slot(want, turns, || call.request.prepare(&self.runtime)).await {
                Ok(slot) => slot,
                Err(NoSlot::NoReplicas) => return Err(NoAnswer::Failed(no_such_service(call.service).into()).into()),
                Err(NoSlot::Silent(why)) => return Err(pool.absent(AbsenceKind::Failed, &why).into()),
            };
            let (replica, answered) = self.send_hedged(call, pool, urgency, slot, places).await;
            attempts += 1;
            let (cause, after) = match answered {
                Ok(answers) if answers.len() == places.len() => return Ok(answers),
                Ok(_) => ("it gives more or fewer answers than it was asked for".to_owned(), None),
                Err(AskError::Unreachable { cause }) => (cause, None),
                // The server takes it later: that is no attempt.
                Err(AskError::Transient { cause, after, pressure: Pressure::TooMany })
                    if after.is_none_or(|after| after <= pool.policy.longest_wait) =>
                {
                    attempts -= 1;
                    refusals += 1;
                    if pool.refused_all() {
                        let seconds = pool.policy.longest_wait.as_secs_f64();
                        let why = format!("{cause} (it has refused everything for {seconds} s)");
                        return Err(pool.absent(AbsenceKind::Failed, &why).into());
                    }
                    failed_at = Some(replica);
                    after.into_iter().for_each(|after| pool.note_wait(after));
                    tokio::time::sleep(pause(refusals, None, seed.as_ref())).await;
                    continue;
                }
                // Another replica need not wait for what this one asks for.
                Err(AskError::Transient { cause, .. }) if pool.replicas() > 1 => (cause, None),
                Err(AskError::Transient { cause, after: Some(after), .. }) if after > pool.policy.longest_wait => {
                    let most = pool.policy.longest_wait.as_secs_f64();
                    let why = format!(
                        "{cause}. It asks to wait {} s, longer than {}.timeout ({most} s)",
                        after.as_secs(),
                        call.service
                    );
                    return Err(pool.absent(AbsenceKind::Failed, &why).into());
                }
                Err(AskError::Transient { cause, after, .. }) => (cause, after),
                Err(AskError::Breach { cause }) => {
                    breaches += 1;
                    if places.len() > 1 && breaches == BREACHES_BEFORE_SPLIT {
                        return Err(RequestFailure::Split);
                    }
                    (cause, None)
                }
                Err(AskError::Rejected { .. }) if places.len() > 1 => return Err(RequestFailure::Split),
                Err(AskError::Rejected { cause }) => return Err(pool.absent(AbsenceKind::Rejected, &cause).into()),
                Err(AskError::Feature { feature, cause }) => {
                    let service = call.service;
                    return Err(NoAnswer::Failed(ExchangeError::Feature { service, feature, cause }).into());
                }
                Err(AskError::Service(error)) => {
                    let error = ServiceError { service: call.service.to_string(), ..error };
                    return Err(NoAnswer::Failed(error.into()).into());
                }
            };
            if attempts >= pool.policy.attempts {
                return Err(pool.absent(AbsenceKind::Failed, &format!("{cause} (tried {attempts} times)")).into());
            }
            if !pool.budget.take() {
                let why = format!("{cause} (and too much else has failed to try again)");
                return Err(pool.absent(AbsenceKind::Failed, &why).into());
            }
            failed_at = Some(replica);
            after.into_iter().for_each(|after| pool.note_wait(after));
            tokio::time::sleep(pause(attempts, after, seed.as_ref())).await;
        }
    }

    /// Sends a request. If it takes much longer than others did, another replica that has idle slots gets it as well, and the first answer
    /// counts: the other request is cancelled.
    async fn send_hedged(
        self: &Arc<Self>,
        call: &Arc<Call>,
        pool: &Arc<SlotPool>,
        urgency: &Urgency,
        slot: Slot,
        places: &[usize],
    ) -> Attempt {
        let (replica, weight) = (slot.replica, slot.weight());
        let mut first = pin!(self.send_in(call, pool, urgency, slot, places));
        let Some(patience) = pool.patience().filter(|_| self.hedges) else { return first.await };
        tokio::select! {
            biased;
            attempt = &mut first => return attempt,
            () = tokio::time::sleep(patience) => {}
        }
        let Some(slot) = pool.spare_slot(weight, replica) else { return first.await };
        pool.note(|account| account.hedged += 1);
        let mut second = pin!(self.send_in(call, pool, urgency, slot, places));
        tokio::select! {
            biased;
            attempt = &mut first => if attempt.1.is_ok() { attempt } else { second.await },
            attempt = &mut second => if attempt.1.is_ok() { attempt } else { first.await },
        }
    }

    /// Sends a request in this slot.
    async fn send_in(
        self: &Arc<Self>,
        call: &Arc<Call>,
        pool: &Arc<SlotPool>,
        urgency: &Urgency,
        slot: Slot,
        places: &[usize],
    ) -> Attempt {
        // A question that was asked as a guess may be needed by now.
        let (replica, turn) = (slot.replica, urgency.turn());
        // A request that is cancelled has no outcome.
        let span = tracing::info_span!(
            "request",
            track = call.service.as_str(),
            sample = turn.sample + 1,
            guess = turn.speculative,
            questions = places.len() as u64,
            replica = replica as u64,
            outcome = tracing::field::Empty,
        );
        let answered = self.send(call, pool, turn, replica, places).await.and_then(all_bad);
        span.record("outcome", if answered.is_ok() { "answered" } else { "failed" });
        // Before the slot is free, so that the next request goes elsewhere.
        match &answered {
            Err(AskError::Transient { pressure: Pressure::TooMany, after, .. }) => {
                pool.refused(replica, slot.weight(), *after)
            }
            Err(AskError::Transient { cause, pressure, .. }) => {
                if *pressure == Pressure::Unavailable {
                    pool.step_down(replica);
                }
                pool.failed(replica, slot.since(), false, cause);
            }
            Err(AskError::Breach { cause }) => pool.failed(replica, slot.since(), false, cause),
            Err(AskError::Unreachable { cause }) => pool.failed(replica, slot.since(), true, cause),
            _ => {}
        }
        slot.finish(answered.is_ok());
        (replica, answered)
    }

    /// Sends one request. A service that computes on this machine's processor does so on a blocking thread.
    async fn send(
        self: &Arc<Self>,
        call: &Arc<Call>,
        pool: &SlotPool,
        turn: Turn,
        replica: usize,
        places: &[usize],
    ) -> Result<Items<NewAnswer>, AskError> {
        if !pool.policy.local {
            return call.request.send(&self.services, call.service, replica, places, turn).await;
        }
        let (exchange, owned, places) = (self.clone(), call.clone(), places.to_vec());
        let work = async move { owned.request.send(&exchange.services, owned.service, replica, &places, turn).await };
        let runtime = self.runtime.clone();
        let done = self.runtime.spawn_blocking(move || runtime.block_on(work)).await;
        done.unwrap_or_else(|error| Err(ServiceError::bug(call.service.as_str(), error.to_string()).into()))
    }
}

/// Turns a response without one good answer into a failure of the whole: the server may be at fault.
fn all_bad(answers: Items<NewAnswer>) -> Result<Items<NewAnswer>, AskError> {
    match answers.first() {
        Some(Err(bad)) if answers.iter().all(Result::is_err) => Err(AskError::Breach { cause: bad.why.clone() }),
        _ => Ok(answers),
    }
}
