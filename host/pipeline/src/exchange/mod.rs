//! Where questions meet answers: the ledger first, then the services, within their slots.
//!
//! A question is known by its key. One that is under way is joined, whoever asked first; an answer is committed to the ledger before
//! anyone is told of it, and what is told is what the ledger holds. A request that fails is tried again while that may help; what is
//! left unanswered becomes an absence, which its sample keeps. Nothing here decides what is asked.

mod absence;
mod accounts;
mod call;
mod desk;
mod error;
mod flights;
mod retry;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use rescue_ledger::{Key, Ledger, Put};
use rescue_service::{AskError, Asked, Entry, ServiceError};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::runtime::Handle;
use tokio::time::Instant;

pub use self::absence::{Absence, AbsenceKind};
pub use self::accounts::{Account, Accounts};
pub use self::error::ExchangeError;

pub(crate) use self::call::{Call, Fresh, Send};

use self::desk::Desk;
use self::flights::{Boarding, Flight, Flights};
use self::retry::pause;
use crate::services::{Service, Services};

/// What is done with the ledger.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// What it knows is taken from it; what it does not know is asked, and added.
    #[default]
    Record,
    /// Everything is taken from it; what it does not know is an error. No service is asked.
    Replay,
    /// As `Record`; what got no answer in an earlier run of the same folder is asked once more.
    Fill,
    /// There is none.
    Off,
}

/// An answer, as the ledger holds it.
#[derive(Debug)]
pub(crate) struct Known {
    pub(crate) answer: Value,
    pub(crate) digest: blake3::Hash,
}

/// Why there is no answer.
#[derive(Clone, Debug)]
pub(crate) enum Lack {
    /// None in this run; the run goes on.
    Absent(Absence),
    /// The run cannot go on.
    Ended(ExchangeError),
}

/// Why a request got no answer at all.
enum Unanswered {
    /// Its questions are better asked one by one.
    Apart,
    Lack(Lack),
}

impl From<Lack> for Unanswered {
    fn from(lack: Lack) -> Self {
        Self::Lack(lack)
    }
}

/// Flights that someone has to land. Where nobody did, because the work on them panicked, they are landed when this is dropped, so
/// that nobody waits for ever.
struct Mine {
    exchange: Arc<Exchange>,
    service: &'static str,
    flights: Vec<(usize, Key, Arc<Flight>)>,
}

impl Drop for Mine {
    fn drop(&mut self) {
        for (_, key, flight) in self.flights.drain(..) {
            let error = ServiceError::failed(self.service, "the work on a question ended without an answer", BUG);
            self.exchange.flights.land(key, &flight, Err(Lack::Ended(error.into())));
        }
    }
}

const BUG: &str = "This is a mistake in rescue-host: please report it.";
/// How often an answer to several questions may break the contract before they are asked one by one.
const PATIENCE: u32 = 2;
/// The exchange of a run.
pub struct Exchange {
    ledger: Option<Ledger>,
    mode: Mode,
    flights: Flights,
    runtime: Handle,
    pub(crate) services: Services,
    pub(crate) planner: Option<Arc<Desk>>,
    pub(crate) verifier: Option<Arc<Desk>>,
    pub(crate) executor: Arc<Desk>,
    pub(crate) detector: Arc<Desk>,
    pub(crate) clip: Option<Arc<Desk>>,
}

impl Exchange {
    /// Between these services and this ledger. Requests are driven by `runtime`.
    pub fn new(services: Services, ledger: Option<Ledger>, mode: Mode, runtime: Handle) -> Arc<Self> {
        let chat = |chat: &crate::services::ChatService| Arc::new(desk(&chat.service));
        let executor = Arc::new(desk(&services.executor));
        // A detector that is the executor by another name has no slots of its own.
        let shared = services.detector.name == services.executor.name;
        let detector = if shared { executor.clone() } else { Arc::new(desk(&services.detector)) };
        Arc::new(Self {
            ledger,
            mode,
            flights: Flights::default(),
            runtime,
            planner: services.planner.as_ref().map(chat),
            verifier: services.verifier.as_ref().map(chat),
            executor,
            detector,
            clip: services.clip.as_ref().map(|clip| Arc::new(desk(clip))),
            services,
        })
    }

    /// The services.
    pub fn services(&self) -> &Services {
        &self.services
    }

    /// What is done with the ledger.
    pub fn mode(&self) -> Mode {
        self.mode
    }

    /// What was spent at each service so far.
    pub fn accounts(&self) -> Accounts {
        let desks = [&self.planner, &self.verifier, &self.clip].into_iter().flatten();
        let desks = desks.chain([&self.executor, &self.detector]);
        Accounts(desks.map(|desk| (desk.name.to_owned(), desk.account())).collect())
    }

    /// Commits all that was recorded to the disk itself.
    ///
    /// # Errors
    ///
    /// The ledger's.
    pub fn flush(&self) -> Result<(), ExchangeError> {
        self.ledger.iter().try_for_each(Ledger::flush).map_err(ExchangeError::from)
    }

    /// The answers to those of a call's questions that are named by their places, in their order. What is not there when the time
    /// is over is cut.
    pub(crate) async fn resolve(
        self: &Arc<Self>,
        call: Call,
        places: &[usize],
        deadline: Option<Instant>,
    ) -> Vec<Result<Arc<Known>, Lack>> {
        let service = call.desk.name();
        let mut flights = Vec::with_capacity(places.len());
        let mut groups: Vec<Mine> = Vec::new();
        for place in places {
            let Some(question) = call.questions.get(*place) else { continue };
            let boarding = self.flights.board(question.key, || self.recall(&call.desk, question));
            match boarding {
                Boarding::Landed(landing) => {
                    call.desk.note(|account| account.hit += u64::from(landing.is_ok()));
                    flights.push(Arc::new(Flight::landed(landing)));
                }
                Boarding::Joined(flight) => {
                    call.desk.note(|account| account.joined += 1);
                    flights.push(flight);
                }
                Boarding::First(flight) => {
                    // A server counts draws on from the first: those in between that are known make two requests of one.
                    let follows = |mine: &Mine| mine.flights.last().is_some_and(|(last, ..)| last + 1 == *place);
                    let mine = (*place, question.key, flight.clone());
                    match groups.last_mut().filter(|group| !call.weighs || follows(group)) {
                        Some(group) => group.flights.push(mine),
                        None => groups.push(Mine { exchange: self.clone(), service, flights: vec![mine] }),
                    }
                    flights.push(flight);
                }
            }
        }
        let call = Arc::new(call);
        for mine in groups {
            let (exchange, call) = (self.clone(), call.clone());
            // Spawned, so that an answer on its way is kept even where nobody waits for it any more.
            self.runtime.spawn(async move { exchange.fetch(&call, mine).await });
        }
        let mut answers = Vec::with_capacity(flights.len());
        for flight in flights {
            answers.push(tokio::select! {
                // What is there is told, however late it is.
                biased;
                answer = flight.wait() => answer,
                () = until(deadline) => Err(Lack::Absent(Absence::cut(service))),
            });
        }
        answers
    }

    /// What the ledger knows.
    fn recall(&self, desk: &Desk, question: &Asked) -> Option<Result<Arc<Known>, Lack>> {
        let entry = match &self.ledger {
            Some(ledger) => match ledger.get(&question.key) {
                Ok(entry) => entry,
                Err(error) => return Some(Err(Lack::Ended(error.into()))),
            },
            None => None,
        };
        match entry {
            Some(bytes) => Some(known(question.key, &bytes).map_err(Lack::Ended)),
            None if self.mode == Mode::Replay => {
                Some(Err(Lack::Ended(ExchangeError::Missing { service: desk.name, key: question.key })))
            }
            None => None,
        }
    }

    /// Asks until there are answers, or no hope of them, and ends each flight.
    async fn fetch(&self, call: &Call, mut mine: Mine) {
        let places: Vec<usize> = mine.flights.iter().map(|(place, ..)| *place).collect();
        let answers = self.ask(call, &places).await;
        for ((_, key, flight), answer) in std::mem::take(&mut mine.flights).into_iter().zip(answers) {
            self.flights.land(key, &flight, answer);
        }
    }

    async fn ask(&self, call: &Call, places: &[usize]) -> Vec<Result<Arc<Known>, Lack>> {
        match self.attempts(call, places).await {
            Ok(fresh) => {
                let stored = places.iter().zip(fresh).map(|(place, fresh)| self.commit(call, *place, fresh));
                stored.map(|stored| stored.map_err(Lack::Ended)).collect()
            }
            // One bad question does not spoil those that were sent with it.
            Err(Unanswered::Apart) => {
                let mut answers = Vec::with_capacity(places.len());
                for place in places {
                    answers.extend(Box::pin(self.ask(call, &[*place])).await);
                }
                answers
            }
            Err(Unanswered::Lack(lack)) => {
                if matches!(lack, Lack::Absent(_)) {
                    call.desk.note(|account| account.absent += places.len() as u64);
                }
                places.iter().map(|_| Err(lack.clone())).collect()
            }
        }
    }

    /// One request after another, until one succeeds.
    async fn attempts(&self, call: &Call, places: &[usize]) -> Result<Vec<Fresh>, Unanswered> {
        let desk = &call.desk;
        let weight = if call.weighs { u32::try_from(places.len()).unwrap_or(u32::MAX) } else { 1 };
        let seed = places.first().and_then(|place| call.questions.get(*place)).map(|asked| *asked.key.as_bytes());
        let mut last = None;
        let (mut tries, mut breaches) = (0, 0);
        loop {
            let Some(slot) = desk.slot(weight, &call.affinity, last).await else {
                let way_out = "Give its address, or replay from a ledger that has the answers.";
                let error = ServiceError::failed(desk.name, "there is no such service", way_out);
                return Err(Lack::Ended(error.into()).into());
            };
            let replica = slot.replica;
            let work = (call.send)(replica, places.to_vec());
            let answered = if desk.policy.local {
                let runtime = self.runtime.clone();
                self.runtime.spawn_blocking(move || runtime.block_on(work)).await.unwrap_or_else(|error| {
                    Err(ServiceError::failed(
                        desk.name,
                        error.to_string(),
                        "This is a mistake in rescue-host: please report it.",
                    )
                    .into())
                })
            } else {
                work.await
            };
            slot.finish(answered.is_ok());
            tries += 1;
            let (cause, after) = match answered {
                Ok(fresh) if fresh.len() == places.len() => return Ok(fresh),
                Ok(_) => ("it gives more or fewer answers than it was asked for".to_owned(), None),
                Err(AskError::Transient { cause, after }) => (cause, after),
                Err(AskError::Breach { cause }) => {
                    breaches += 1;
                    if places.len() > 1 && breaches == PATIENCE {
                        return Err(Unanswered::Apart);
                    }
                    (cause, None)
                }
                Err(AskError::Rejected { .. }) if places.len() > 1 => return Err(Unanswered::Apart),
                Err(AskError::Rejected { cause }) => return Err(desk.absent(AbsenceKind::Rejected, &cause).into()),
                Err(AskError::Service(error)) => return Err(Lack::Ended(error.into()).into()),
            };
            if tries >= desk.policy.attempts {
                return Err(desk.absent(AbsenceKind::Failed, &format!("{cause} (tried {tries} times)")).into());
            }
            if !desk.budget.take() {
                let why = format!("{cause} (and too much else has failed to try again)");
                return Err(desk.absent(AbsenceKind::Failed, &why).into());
            }
            last = Some(replica);
            tokio::time::sleep(pause(tries, after, seed.as_ref())).await;
        }
    }

    /// Stores an answer, and gives what is stored: another writer may have been first.
    fn commit(&self, call: &Call, place: usize, fresh: Fresh) -> Result<Arc<Known>, ExchangeError> {
        let Some(question) = call.questions.get(place) else {
            return Err(
                ServiceError::failed(call.desk.name, "an answer without a question", "Please report it.").into()
            );
        };
        let key = question.key;
        let entry = |cause| ExchangeError::Entry { key, cause };
        let fresh = Entry::new(&question.text, fresh.answer, fresh.source).map_err(entry)?;
        if let Some(ledger) = &self.ledger
            && let Put::Known(stored) = ledger.put(&key, &fresh.write().map_err(entry)?)?
        {
            // Another writer was first: what it stored is what everyone is told.
            call.desk.note(|account| account.hit += 1);
            return known(key, &stored);
        }
        call.desk.note(|account| account.new += 1);
        Ok(Arc::new(Known { digest: fresh.answer_digest().map_err(entry)?, answer: fresh.answer }))
    }
}

fn known(key: Key, bytes: &[u8]) -> Result<Arc<Known>, ExchangeError> {
    let entry = |cause| ExchangeError::Entry { key, cause };
    let read = Entry::read(bytes).map_err(entry)?;
    Ok(Arc::new(Known { digest: read.answer_digest().map_err(entry)?, answer: read.answer }))
}

fn desk<T: ?Sized>(service: &Service<T>) -> Desk {
    Desk::new(service.name, service.policy, service.replicas.len())
}

/// How long one waits for the moment when a sample's time is over.
async fn until(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => tokio::time::sleep_until(deadline).await,
        None => std::future::pending().await,
    }
}

/// A sample's time, counted from now; none where it is 0.
pub(crate) fn deadline(seconds: f64) -> Option<Instant> {
    let seconds = Duration::try_from_secs_f64(seconds).ok().filter(|seconds| !seconds.is_zero())?;
    Instant::now().checked_add(seconds)
}

impl std::fmt::Debug for Exchange {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Exchange").field("mode", &self.mode).finish_non_exhaustive()
    }
}
