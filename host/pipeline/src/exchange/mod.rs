//! Gets answers to questions: from the ledger if it has them, else from the services, within their slots.
//!
//! A question is known by its key. A question that is already under way is joined, whoever asked it first. An answer is committed to
//! the ledger before anyone is told of it, and what is told is what the ledger holds. A request that fails is retried while that may
//! help; a question that stays without an answer becomes an absence. Nothing here decides what is asked.

mod absence;
mod accounts;
mod attempts;
mod error;
mod patience;
mod request;
mod retry;
mod send;
mod server_load;
mod signs;
mod single_flight;
mod slot_pool;
mod slots;
mod software;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::Arc;

use rescue_config::LedgerMode;
use rescue_ledger::{Key, Ledger, Put};
use rescue_service::{Asked, BadItem, Entry, ServiceError, Source};
use serde_json::Value;
use tokio::runtime::Handle;
use tokio::time::Instant;
use tracing::Instrument as _;

pub use self::absence::{Absence, AbsenceKind, AbsenceRecord};
pub use self::accounts::{Account, Accounts, Load, Tokens};
pub use self::error::ExchangeError;

pub(crate) use self::request::{Call, ChatRequest, NewAnswer, Request};
pub(crate) use self::slots::Turn;
#[cfg(test)]
pub(crate) use self::slots::{Slots, Ticket, Want};

use self::single_flight::{Flight, Joined, SingleFlight, Urgency, Waiting};
use self::slot_pool::SlotPool;
use self::software::Software;
use crate::services::{Service, ServiceName, Services};

/// An answer, as the ledger holds it.
#[derive(Debug)]
pub(crate) struct StoredAnswer {
    /// The key of its question.
    pub(crate) key: Key,
    pub(crate) answer: Value,
    pub(crate) digest: blake3::Hash,
    /// Whether the service gave it to this question; else the ledger had it.
    pub(crate) is_new: bool,
    /// What the server reported of the question and the answer.
    pub(crate) tokens: Tokens,
    /// The seconds that the request took, which may have had several questions.
    pub(crate) seconds: f64,
}

impl StoredAnswer {
    /// The same answer for one who did not ask first.
    fn of_another(&self) -> Arc<Self> {
        Arc::new(Self { answer: self.answer.clone(), is_new: false, ..*self })
    }
}

/// Why there is no answer.
#[derive(Clone, Debug)]
pub(crate) enum NoAnswer {
    /// There is none in this run; the run goes on without it.
    Absent(Absence),
    /// The run cannot go on.
    Failed(ExchangeError),
}

/// Why a request got no answers.
enum RequestFailure {
    /// Its questions should be asked again one by one.
    Split,
    /// Its questions have no answers.
    NoAnswer(NoAnswer),
}

impl From<NoAnswer> for RequestFailure {
    fn from(no_answer: NoAnswer) -> Self {
        Self::NoAnswer(no_answer)
    }
}

/// Flights that a task has begun and has to end. If it panics before that, dropping this ends them with an error, so that nobody
/// waits for ever.
struct OwnFlights {
    exchange: Arc<Exchange>,
    service: ServiceName,
    urgency: Arc<Urgency>,
    /// Each with the place of its question in the call, and the question's key.
    flights: Vec<(usize, Key, Arc<Flight>)>,
}

impl Drop for OwnFlights {
    fn drop(&mut self) {
        for (_, key, flight) in self.flights.drain(..) {
            let error = ServiceError::bug(self.service.as_str(), "the work on a question ended without an answer");
            self.exchange.single_flight.end(key, &flight, Err(NoAnswer::Failed(error.into())));
        }
    }
}

/// The exchange of a run: its ledger, its services, and what is under way between them.
pub struct Exchange {
    ledger: Option<Ledger>,
    mode: LedgerMode,
    single_flight: SingleFlight,
    runtime: Handle,
    services: Services,
    pools: BTreeMap<ServiceName, Arc<SlotPool>>,
    software: Software,
    /// Whether a slow request is sent to another replica as well.
    hedges: bool,
}

impl Exchange {
    /// An exchange between these services and this ledger. `hedges`: whether a request that takes much longer than others is sent to another
    /// replica as well. `runtime` drives the requests.
    pub fn new(
        services: Services,
        ledger: Option<Ledger>,
        mode: LedgerMode,
        hedges: bool,
        runtime: Handle,
    ) -> Arc<Self> {
        fn pool<T: ?Sized>(service: &Service<T>) -> (ServiceName, Arc<SlotPool>) {
            (service.name, Arc::new(SlotPool::new(service)))
        }
        // A detector that is the executor has its name, and so its slots.
        let mut pools = BTreeMap::from([pool(&services.detector), pool(&services.executor)]);
        pools.extend(services.planner.as_ref().map(|chat| pool(&chat.service)));
        pools.extend(services.verifier.as_ref().map(|chat| pool(&chat.service)));
        pools.extend(services.clip.as_ref().map(pool));
        for chat in services.planner.iter().chain(&services.verifier) {
            let Some(pool) = pools.get(&chat.service.name) else { continue };
            for (replica, client) in
                chat.service.replicas.iter().enumerate().filter(|(_, client)| client.may_tell_load())
            {
                runtime.spawn(server_load::watch(Arc::downgrade(pool), replica, client.clone()));
            }
        }
        Arc::new(Self {
            ledger,
            mode,
            single_flight: SingleFlight::default(),
            runtime,
            services,
            pools,
            software: Software::default(),
            hedges,
        })
    }

    /// The services.
    pub fn services(&self) -> &Services {
        &self.services
    }

    /// How the ledger is used.
    pub fn mode(&self) -> LedgerMode {
        self.mode
    }

    /// What was spent at each service so far.
    pub fn accounts(&self) -> Accounts {
        Accounts(self.pools.values().map(|pool| (pool.service.to_string(), pool.account())).collect())
    }

    /// What each service does now.
    pub fn loads(&self) -> impl Iterator<Item = (ServiceName, Load)> {
        self.pools.values().map(|pool| (pool.service, pool.load()))
    }

    /// Until when each service's server has asked not to be sent anything again; services without such a wish are left out.
    pub(crate) fn waits(&self) -> impl Iterator<Item = (ServiceName, Instant)> {
        self.pools.values().filter_map(|pool| Some((pool.service, pool.wait()?)))
    }

    /// The replicas that are sent nothing because they have stopped working: service and number, from 0.
    pub(crate) fn resting(&self) -> impl Iterator<Item = (ServiceName, usize)> {
        self.pools.values().flat_map(|pool| pool.resting().into_iter().map(|replica| (pool.service, replica)))
    }

    /// Flushes the ledger to the disk.
    ///
    /// # Errors
    ///
    /// Returns an error if the ledger cannot be written.
    pub fn flush(&self) -> Result<(), ExchangeError> {
        self.ledger.iter().try_for_each(Ledger::flush).map_err(ExchangeError::from)
    }

    /// The answers to the questions of `call` at these places, in their order. A question without an answer at the deadline is cut;
    /// `None` is no deadline.
    pub(crate) async fn resolve(
        self: &Arc<Self>,
        call: Call,
        places: &[usize],
        deadline: Option<Instant>,
    ) -> Vec<single_flight::Answered> {
        let service = call.service;
        let Some(pool) = self.pools.get(&service).cloned() else {
            let failed = NoAnswer::Failed(no_such_service(service).into());
            return places.iter().map(|_| Err(failed.clone())).collect();
        };
        let urgency = Urgency::new(call.turn);
        // Each with whether someone else asked it first.
        let mut flights: Vec<(Result<Waiting, single_flight::Answered>, bool)> = Vec::with_capacity(places.len());
        let mut groups: Vec<OwnFlights> = Vec::new();
        for place in places {
            let Some(question) = call.questions.get(*place) else { continue };
            match self.single_flight.join(question.key, &urgency, || self.look_up(service, question)) {
                Joined::Known(outcome) => {
                    pool.note(|account| account.hit += u64::from(outcome.is_ok()));
                    flights.push((Err(outcome), false));
                }
                Joined::UnderWay { waiting, own_guess } => {
                    pool.note(|account| account.joined += u64::from(!own_guess));
                    flights.push((Ok(waiting), !own_guess));
                }
                Joined::New(flight, waiting) => {
                    // A server counts draws from the first one on: draws with known ones between them need separate requests.
                    let follows =
                        |group: &OwnFlights| group.flights.last().is_some_and(|(last, ..)| last + 1 == *place);
                    let own = (*place, question.key, flight);
                    match groups.last_mut().filter(|group| !call.is_draws() || follows(group)) {
                        Some(group) => group.flights.push(own),
                        None => {
                            let (exchange, urgency) = (self.clone(), urgency.clone());
                            groups.push(OwnFlights { exchange, service, urgency, flights: vec![own] });
                        }
                    }
                    flights.push((Ok(waiting), false));
                }
            }
        }
        let call = Arc::new(call);
        for group in groups {
            let (exchange, call, pool) = (self.clone(), call.clone(), pool.clone());
            // Spawned, so that an answer on its way is stored even if nobody waits for it any more.
            self.runtime.spawn(async move { exchange.fetch(&call, &pool, group).await }.in_current_span());
        }
        let mut outcomes = Vec::with_capacity(flights.len());
        for (flight, is_joined) in flights {
            let outcome = async {
                match flight {
                    Ok(waiting) if is_joined => waiting.outcome().await.map(|stored| stored.of_another()),
                    Ok(waiting) => waiting.outcome().await,
                    Err(known) => known,
                }
            };
            outcomes.push(tokio::select! {
                // An answer that is there is told, however late it is.
                biased;
                outcome = outcome => outcome,
                () = until(deadline) => {
                    pool.note(|account| account.absent += 1);
                    Err(NoAnswer::Absent(Absence::cut(service)))
                }
            });
        }
        outcomes
    }

    /// The answer that the ledger has to a question. `None` if it has none.
    pub(crate) fn answer_in_ledger(
        &self,
        service: ServiceName,
        key: Key,
    ) -> Result<Option<Arc<StoredAnswer>>, ExchangeError> {
        let Some(ledger) = &self.ledger else { return Ok(None) };
        ledger.get(&key)?.map(|bytes| self.known(service, key, &bytes)).transpose()
    }

    /// The outcome of a question that the ledger alone decides; `None` if a service has to be asked.
    fn look_up(&self, service: ServiceName, question: &Asked) -> Option<single_flight::Answered> {
        let stored = self.ledger.as_ref().map_or(Ok(None), |ledger| ledger.get(&question.key));
        match stored {
            Err(error) => Some(Err(NoAnswer::Failed(error.into()))),
            Ok(Some(bytes)) => Some(self.known(service, question.key, &bytes).map_err(NoAnswer::Failed)),
            Ok(None) if self.mode == LedgerMode::Replay => {
                Some(Err(NoAnswer::Failed(ExchangeError::Missing { service, key: question.key })))
            }
            Ok(None) => None,
        }
    }

    /// A stored answer.
    fn known(&self, service: ServiceName, key: Key, bytes: &[u8]) -> Result<Arc<StoredAnswer>, ExchangeError> {
        let invalid = |cause| ExchangeError::Entry { key, cause };
        let entry = Entry::read(bytes).map_err(invalid)?;
        self.check_software(service, &entry.source.server)?;
        let digest = entry.answer_digest().map_err(invalid)?;
        let (tokens, seconds) = (tokens(&entry.source), entry.source.seconds);
        Ok(Arc::new(StoredAnswer { key, digest, answer: entry.answer, is_new: false, tokens, seconds }))
    }

    /// Fails if a model's answers come from other software than earlier ones, unless the configuration allows it. A replay compares
    /// nothing: its answers are as they are.
    fn check_software(&self, service: ServiceName, fingerprint: &str) -> Result<(), ExchangeError> {
        let compares = self.services.chat(service).is_some_and(|chat| !chat.other_model);
        if !compares || self.mode == LedgerMode::Replay {
            return Ok(());
        }
        Ok(self.software.check(service, fingerprint)?)
    }

    /// Asks a service for the answers to these questions, and ends their flights. Questions whose answers may not be needed are asked no
    /// longer than someone waits for them.
    async fn fetch(self: &Arc<Self>, call: &Arc<Call>, pool: &Arc<SlotPool>, mut own: OwnFlights) {
        let places: Vec<usize> = own.flights.iter().map(|(place, ..)| *place).collect();
        let urgency = own.urgency.clone();
        let outcomes = tokio::select! {
            biased;
            outcomes = self.ask(call, pool, &urgency, &places) => outcomes,
            () = self.single_flight.abandoned(&urgency, &own.flights) => {
                pool.note(|account| account.withdrawn += places.len() as u64);
                return own.flights.clear();
            }
        };
        for ((_, key, flight), outcome) in std::mem::take(&mut own.flights).into_iter().zip(outcomes) {
            self.single_flight.end(key, &flight, outcome);
        }
    }

    async fn ask(
        self: &Arc<Self>,
        call: &Arc<Call>,
        pool: &Arc<SlotPool>,
        urgency: &Urgency,
        places: &[usize],
    ) -> Vec<single_flight::Answered> {
        match self.send_until_answered(call, pool, urgency, places).await {
            Ok(answers) => {
                let commit = |(place, answer): (&usize, _)| {
                    Result::map(answer, |new| self.commit(call, pool, *place, new).map_err(NoAnswer::Failed))
                };
                // The good answers are stored before a bad one is asked for again.
                let answers: Vec<Result<single_flight::Answered, BadItem>> =
                    places.iter().zip(answers).map(commit).collect();
                let mut outcomes = Vec::with_capacity(places.len());
                for (place, answer) in places.iter().zip(answers) {
                    outcomes.push(match answer {
                        Ok(outcome) => outcome,
                        Err(bad) => self.ask_alone(call, pool, urgency, *place, bad).await,
                    });
                }
                outcomes
            }
            // One bad question must not spoil the answers to the others in its request.
            Err(RequestFailure::Split) => {
                let mut outcomes = Vec::with_capacity(places.len());
                for place in places {
                    outcomes.extend(Box::pin(self.ask(call, pool, urgency, &[*place])).await);
                }
                outcomes
            }
            Err(RequestFailure::NoAnswer(no_answer)) => {
                if matches!(no_answer, NoAnswer::Absent(_)) {
                    pool.note(|account| account.absent += places.len() as u64);
                }
                places.iter().map(|_| Err(no_answer.clone())).collect()
            }
        }
    }

    /// Asks a question once more, whose answer alone was bad in a response to several.
    async fn ask_alone(
        self: &Arc<Self>,
        call: &Arc<Call>,
        pool: &Arc<SlotPool>,
        urgency: &Urgency,
        place: usize,
        bad: BadItem,
    ) -> single_flight::Answered {
        let mut outcome = Box::pin(self.ask(call, pool, urgency, &[place])).await.into_iter().next();
        if let Some(Err(NoAnswer::Absent(absence))) = &mut outcome {
            absence.why = format!("{}. Asked alone: {}", bad.why, absence.why);
        }
        outcome.unwrap_or_else(|| Err(pool.absent(AbsenceKind::Failed, &bad.why)))
    }

    /// Stores an answer. Returns what the ledger holds afterwards: another process may have stored its answer first.
    fn commit(
        &self,
        call: &Call,
        pool: &SlotPool,
        place: usize,
        new: NewAnswer,
    ) -> Result<Arc<StoredAnswer>, ExchangeError> {
        let Some(question) = call.questions.get(place) else {
            return Err(ServiceError::bug(call.service.as_str(), "an answer without a question").into());
        };
        let key = question.key;
        let invalid = |cause| ExchangeError::Entry { key, cause };
        self.check_software(call.service, &new.source.server)?;
        let tokens = tokens(&new.source);
        pool.note(|account| {
            account.tokens_in += tokens.tokens_in;
            account.tokens_out += tokens.tokens_out;
        });
        let seconds = new.source.seconds;
        let entry = Entry::new(&question.text, new.answer, new.source).map_err(invalid)?;
        if let Some(ledger) = &self.ledger
            && let Put::Known(stored) = ledger.put(&key, &entry.write().map_err(invalid)?)?
        {
            pool.note(|account| account.hit += 1);
            return self.known(call.service, key, &stored);
        }
        pool.note(|account| account.new += 1);
        let digest = entry.answer_digest().map_err(invalid)?;
        Ok(Arc::new(StoredAnswer { key, digest, answer: entry.answer, is_new: true, tokens, seconds }))
    }
}

/// What a server reported of a request.
fn tokens(source: &Source) -> Tokens {
    let number = |name: &str| source.usage.get(name).and_then(Value::as_u64).unwrap_or_default();
    Tokens { tokens_in: number("prompt_tokens"), tokens_out: number("completion_tokens") }
}

fn no_such_service(service: ServiceName) -> ServiceError {
    let way_out = "Give its address, or replay from a ledger that has the answers.";
    ServiceError::failed(service.as_str(), "there is no such service", way_out)
}

/// Waits until the deadline; for ever if there is none.
async fn until(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => tokio::time::sleep_until(deadline).await,
        None => std::future::pending().await,
    }
}

impl std::fmt::Debug for Exchange {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Exchange").field("mode", &self.mode).finish_non_exhaustive()
    }
}
