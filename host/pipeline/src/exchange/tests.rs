//! The exchange with a service whose answers are scripted.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use rescue_ledger::Access;
use rescue_service::{ModelId, Operation, Repeat, asked};
use serde_json::json;

use rescue_service::{AskError, Items, Pressure};

use super::slots::REST;
use super::*;
use crate::services::{Policy, recorded};

const SERVICE: ServiceName = ServiceName::Clip;
/// In these tests, the verifier's calls are draws.
const DRAWS: ServiceName = ServiceName::Verifier;

/// An exchange with one replica of 4 slots. Must be called within a tokio runtime.
fn exchange(ledger: Option<Ledger>, mode: LedgerMode, attempts: u32) -> Arc<Exchange> {
    exchange_of(1, ledger, mode, attempts)
}

fn exchange_of(replicas: usize, ledger: Option<Ledger>, mode: LedgerMode, attempts: u32) -> Arc<Exchange> {
    let config = rescue_config::resolve(None, |_| None, &[]).unwrap().config;
    let services = recorded(&config, &BTreeMap::new()).unwrap();
    let policy = Policy { slots: 4, attempts, batch: 8, local: false, longest_wait: Duration::from_secs(120) };
    let pools = [SERVICE, DRAWS].map(|name| (name, Arc::new(SlotPool::new(&Service::of_test(name, replicas, policy)))));
    let single_flight = SingleFlight::default();
    Arc::new(Exchange {
        ledger,
        mode,
        single_flight,
        runtime: Handle::current(),
        services,
        pools: pools.into(),
        software: Software::default(),
        hedges: true,
    })
}

/// Questions 0, 1, 2, …; `answer` is given the places that are asked for.
fn call<F>(service: ServiceName, questions: u32, answer: F) -> Call
where
    F: Fn(&[usize]) -> Result<Vec<Value>, AskError> + Send + Sync + 'static,
{
    items_call(service, questions, move |places| Ok(answer(places)?.into_iter().map(Ok).collect()))
}

/// As [`call`], with answers of which some may be bad.
fn items_call<F>(service: ServiceName, questions: u32, answer: F) -> Call
where
    F: Fn(&[usize]) -> Result<Items<Value>, AskError> + Send + Sync + 'static,
{
    timed_call(service, questions, move |_, places| (Duration::from_millis(5), answer(places)))
}

/// As [`items_call`], with the replica that is asked, and how long it takes.
fn timed_call<F>(service: ServiceName, questions: u32, answer: F) -> Call
where
    F: Fn(usize, &[usize]) -> (Duration, Result<Items<Value>, AskError>) + Send + Sync + 'static,
{
    let model = ModelId { name: "m".into(), revision: String::new() };
    let question = |number| asked(Operation::Clip, &model, &json!(number), Repeat::default()).unwrap();
    let questions = (0..questions).map(question).collect();
    Call { service, affinity: [0; 32], turn: Turn::default(), questions, request: Request::Scripted(Box::new(answer)) }
}

/// A call of the question of this number alone.
fn one<F>(number: u32, answer: F) -> Call
where
    F: Fn(usize, &[usize]) -> (Duration, Result<Items<Value>, AskError>) + Send + Sync + 'static,
{
    let call = timed_call(SERVICE, number + 1, answer);
    Call { questions: call.questions.into_iter().skip(number as usize).collect(), ..call }
}

/// The outcomes of calls of one question each, all of which are begun at once.
async fn all(exchange: &Arc<Exchange>, calls: impl IntoIterator<Item = Call>) -> Vec<String> {
    let outcomes = calls.into_iter().map(|call| async { texts(&exchange.resolve(call, &[0], None).await).concat() });
    futures_util::future::join_all(outcomes).await
}

fn good(places: &[usize]) -> Result<Items<Value>, AskError> {
    Ok(places.iter().map(|place| Ok(json!(place))).collect())
}

fn echo(places: &[usize]) -> Result<Vec<Value>, AskError> {
    Ok(places.iter().map(|place| json!(place)).collect())
}

fn texts(outcomes: &[single_flight::Answered]) -> Vec<String> {
    let text = |outcome: &single_flight::Answered| match outcome {
        Ok(stored) => stored.answer.to_string(),
        Err(NoAnswer::Absent(absence)) => format!("{:?}: {}", absence.kind, absence.why),
        Err(NoAnswer::Failed(error)) => format!("failed: {error}"),
    };
    outcomes.iter().map(text).collect()
}

#[tokio::test(start_paused = true)]
async fn a_question_under_way_is_joined_and_a_known_one_is_not_asked() {
    let folder = tempfile::tempdir().unwrap();
    let exchange = exchange(Some(Ledger::open(folder.path(), Access::Write).unwrap()), LedgerMode::Record, 1);
    let sent = Arc::new(AtomicUsize::new(0));
    let counted = || {
        let sent = sent.clone();
        call(SERVICE, 3, move |places| {
            sent.fetch_add(places.len(), Ordering::Relaxed);
            echo(places)
        })
    };
    let (one, other) =
        tokio::join!(exchange.resolve(counted(), &[0, 1], None), exchange.resolve(counted(), &[1, 2], None));
    assert_eq!((texts(&one), texts(&other)), (vec!["0".into(), "1".into()], vec!["1".into(), "2".into()]));
    let again = exchange.resolve(counted(), &[2, 0], None).await;
    assert_eq!(texts(&again), ["2", "0"]);
    assert_eq!(sent.load(Ordering::Relaxed), 3);
    let Account { hit, joined, new, absent, .. } = exchange.pools[&SERVICE].account();
    assert_eq!((hit, joined, new, absent), (2, 1, 3, 0));
}

/// Each answer belongs to its question, whichever of a call's questions are open.
#[tokio::test(start_paused = true)]
async fn open_questions_keep_their_places() {
    let exchange = exchange(None, LedgerMode::Off, 1);
    assert_eq!(texts(&exchange.resolve(call(SERVICE, 5, echo), &[1, 4], None).await), ["1", "4"]);
    // Draws are counted from the first one on: draws with a gap between them need separate requests.
    let seen = Arc::new(Mutex::new(Vec::new()));
    let noted = seen.clone();
    let draws = call(DRAWS, 6, move |places| {
        noted.lock().unwrap().push(places.to_vec());
        echo(places)
    });
    assert_eq!(texts(&exchange.resolve(draws, &[0, 1, 3, 5], None).await), ["0", "1", "3", "5"]);
    let mut seen = seen.lock().unwrap().clone();
    seen.sort();
    assert_eq!(seen, [vec![0, 1], vec![3], vec![5]]);
}

#[tokio::test(start_paused = true)]
async fn one_bad_question_does_not_spoil_the_others() {
    let exchange = exchange(None, LedgerMode::Off, 3);
    let rejected = call(SERVICE, 3, |places| {
        if places.contains(&1) { Err(AskError::Rejected { cause: "400 no".into() }) } else { echo(places) }
    });
    let outcomes = exchange.resolve(rejected, &[0, 1, 2], None).await;
    assert_eq!(texts(&outcomes), ["0", "Rejected: 400 no", "2"]);
    let broken = call(DRAWS, 3, |places| {
        if places.contains(&2) { Err(AskError::Breach { cause: "blank".into() }) } else { echo(places) }
    });
    let outcomes = exchange.resolve(broken, &[0, 1, 2], None).await;
    assert_eq!(texts(&outcomes), ["0", "1", "Failed: blank (tried 3 times)"]);
    assert_eq!(exchange.pools[&DRAWS].account().absent, 1);
}

/// A bad item is asked alone; if it stays bad, it is absent by name. The good ones are not asked again.
#[tokio::test(start_paused = true)]
async fn one_bad_answer_does_not_discard_the_others() {
    let exchange = exchange(None, LedgerMode::Off, 2);
    let asked = Arc::new(Mutex::new(Vec::new()));
    let noted = asked.clone();
    let nan = items_call(SERVICE, 3, move |places| {
        noted.lock().unwrap().push(places.to_vec());
        let answer = |place: &usize| match place {
            1 => Err(BadItem { why: "the score of picture 1 is NaN".into() }),
            _ => Ok(json!(place)),
        };
        Ok(places.iter().map(answer).collect())
    });
    let outcomes = exchange.resolve(nan, &[0, 1, 2], None).await;
    let nan = "the score of picture 1 is NaN";
    assert_eq!(
        texts(&outcomes),
        ["0".to_owned(), format!("Failed: {nan}. Asked alone: {nan} (tried 2 times)"), "2".into()]
    );
    assert_eq!(*asked.lock().unwrap(), [vec![0, 1, 2], vec![1], vec![1]]);
}

/// The pauses are those of `retry`, at least: no request is sent again at once.
#[tokio::test(start_paused = true)]
async fn a_failed_request_is_sent_again_after_a_pause() {
    let exchange = exchange(None, LedgerMode::Off, 3);
    let start = Instant::now();
    let after = Some(Duration::from_secs(30));
    let busy = call(SERVICE, 1, move |_| {
        Err(AskError::Transient { cause: "503".into(), after, pressure: Pressure::Unavailable })
    });
    assert_eq!(texts(&exchange.resolve(busy, &[0], None).await), ["Failed: 503 (tried 3 times)"]);
    assert_eq!(start.elapsed().as_secs(), 60);
}

/// A server that asks for a day would hang the run: the question is given up at once, with the reason.
#[tokio::test(start_paused = true)]
async fn a_wait_that_a_server_asks_for_is_bounded_and_told() {
    let exchange = exchange(None, LedgerMode::Off, 2);
    let start = Instant::now();
    let asks = |seconds| {
        let after = Some(Duration::from_secs(seconds));
        call(SERVICE, 1, move |_| Err(AskError::Transient { cause: "429".into(), after, pressure: Pressure::TooMany }))
    };
    let outcomes = exchange.resolve(asks(86_400), &[0], None).await;
    assert_eq!(texts(&outcomes), ["Failed: 429. It asks to wait 86400 s, longer than clip.timeout (120 s)"]);
    assert_eq!((start.elapsed().as_secs(), exchange.waits().count()), (0, 0));
    // A shorter one is granted, and can be seen while it lasts.
    let waiting = exchange.resolve(asks(100), &[0], None);
    let seen = async {
        tokio::time::sleep(Duration::from_secs(60)).await;
        exchange.waits().map(|(service, until)| (service, until.duration_since(start).as_secs())).collect::<Vec<_>>()
    };
    let (outcomes, seen) = tokio::join!(waiting, seen);
    assert_eq!(
        (texts(&outcomes), seen),
        (vec!["Failed: 429 (it has refused everything for 120 s)".to_owned()], vec![(SERVICE, 100)])
    );
    assert_eq!(exchange.waits().count(), 0);
}

/// A server that takes two requests at a time, and refuses others at once, answers everything: being refused is no attempt.
#[tokio::test(start_paused = true)]
async fn a_server_that_takes_few_at_a_time_answers_everything() {
    for after in [None, Some(Duration::from_secs(1))] {
        let exchange = exchange(None, LedgerMode::Off, 1);
        let ends: Arc<Mutex<Vec<Instant>>> = Arc::default();
        let asks = |number| {
            let ends = ends.clone();
            one(number, move |_, places| {
                let (now, time) = (Instant::now(), Duration::from_secs(1));
                let mut ends = ends.lock().unwrap();
                ends.retain(|end| *end > now);
                if ends.len() < 2 {
                    ends.push(now + time);
                    return (time, good(places));
                }
                let refused = AskError::Transient { cause: "429".into(), after, pressure: Pressure::TooMany };
                (Duration::from_millis(1), Err(refused))
            })
        };
        let start = Instant::now();
        let outcomes = all(&exchange, (0..40).map(asks)).await;
        assert!(outcomes.iter().all(|outcome| outcome == "0"), "{outcomes:?}");
        assert!(start.elapsed().as_secs() < 60, "{:?}", start.elapsed());
    }
}

/// Requests of which each takes as long as it may and fails: once a question was asked in vain, the others are not asked one after another.
#[tokio::test(start_paused = true)]
async fn a_service_that_hangs_is_found_dead_once_and_not_by_every_question() {
    let exchange = exchange(None, LedgerMode::Off, 2);
    let hangs = |number| one(number, |_, _| (Duration::from_secs(120), Err(AskError::transient("it hangs"))));
    let start = Instant::now();
    let outcomes = all(&exchange, (0..40).map(hangs)).await;
    assert!(outcomes.iter().all(|outcome| outcome.contains("it hangs")), "{outcomes:?}");
    assert!(start.elapsed().as_secs() < 400, "{:?}", start.elapsed());
    // After a while, it is asked again.
    tokio::time::sleep(REST * 2).await;
    assert_eq!(all(&exchange, [one(99, |_, places| (Duration::ZERO, good(places)))]).await, ["0"]);
}

/// A replica that fails at once would have free slots all the time: after some failures in a row, it is sent nothing for a while.
#[tokio::test(start_paused = true)]
async fn a_replica_that_fails_at_once_costs_no_answer() {
    let exchange = exchange_of(2, None, LedgerMode::Off, 3);
    let asks = |number| {
        one(number, |replica, places| match replica {
            0 => (Duration::from_millis(1), Err(AskError::transient("500"))),
            _ => (Duration::from_secs(1), good(places)),
        })
    };
    let outcomes = all(&exchange, (0..60).map(asks)).await;
    assert!(outcomes.iter().all(|outcome| outcome == "0"), "{outcomes:?}");
    let failed = exchange.pools[&SERVICE].account().failed;
    assert!(failed < 10, "{failed}");
}

#[tokio::test(start_paused = true)]
async fn work_that_panics_ends_the_run_and_hangs_nobody() {
    let exchange = exchange(None, LedgerMode::Off, 3);
    let panics = call(SERVICE, 2, |places| if places.is_empty() { echo(places) } else { panic!("on purpose") });
    let outcomes = exchange.resolve(panics, &[0, 1], None).await;
    assert!(texts(&outcomes).iter().all(|text| text.starts_with("failed: clip: the work on a question ended")));
}

#[tokio::test(start_paused = true)]
async fn an_answer_after_the_deadline_is_cut_and_stored_all_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let exchange = exchange(Some(Ledger::open(folder.path(), Access::Write).unwrap()), LedgerMode::Record, 1);
    let cut = exchange.resolve(call(SERVICE, 1, echo), &[0], Some(Instant::now())).await;
    assert_eq!(texts(&cut), ["Cut: the time for this sample was over"]);
    tokio::time::sleep(Duration::from_secs(1)).await;
    // It has come by now, and a stored answer is told however late it is.
    let known = exchange.resolve(call(SERVICE, 1, |_| panic!("asked again")), &[0], Some(Instant::now())).await;
    assert_eq!(texts(&known), ["0"]);
}

/// A guess that nobody waits for any more is cancelled; if it is needed meanwhile, it goes on.
#[tokio::test(start_paused = true)]
async fn a_guess_is_withdrawn_when_nobody_waits_for_it() {
    let exchange = exchange(None, LedgerMode::Off, 1);
    let asks = |speculative| Call { turn: Turn { speculative, sample: 0 }, ..call(SERVICE, 1, echo) };
    let soon = Duration::from_millis(2);
    assert!(tokio::time::timeout(soon, exchange.resolve(asks(true), &[0], None)).await.is_err());
    tokio::time::sleep(Duration::from_secs(1)).await;
    let account = exchange.pools[&SERVICE].account();
    assert_eq!((account.withdrawn, account.cancelled, account.sent, account.new), (1, 1, 1, 0));
    // What is needed goes on to its answer, even if nobody waits.
    assert!(tokio::time::timeout(soon, exchange.resolve(asks(false), &[0], None)).await.is_err());
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(exchange.pools[&SERVICE].account().new, 1);
    // A guess that someone joins who needs it.
    let guessed = tokio::time::timeout(soon, exchange.resolve(asks(true), &[0], None));
    let needed = async {
        tokio::time::sleep(soon / 2).await;
        exchange.resolve(asks(false), &[0], None).await
    };
    let (guessed, needed) = tokio::join!(guessed, needed);
    assert!(guessed.is_err());
    assert_eq!(texts(&needed), ["0"]);
    let account = exchange.pools[&SERVICE].account();
    assert_eq!((account.withdrawn, account.sent, account.new, account.joined), (1, 3, 2, 0));
    assert_eq!(account.sent, account.answered + account.failed + account.cancelled);
}

/// A request at a stuck replica is sent to another one as well, and the first answer counts.
#[tokio::test(start_paused = true)]
async fn a_slow_request_is_sent_to_another_replica_too() {
    let exchange = exchange_of(2, None, LedgerMode::Off, 1);
    let usual = Duration::from_secs(1);
    let model = ModelId { name: "m".into(), revision: String::new() };
    // Each question is asked alone. Its first attempt takes as long as `first` says.
    let asks = |number: u32, first: Duration, fails: bool| {
        let attempts = AtomicUsize::new(0);
        let call = timed_call(SERVICE, 1, move |replica, _| match attempts.fetch_add(1, Ordering::Relaxed) {
            0 if fails => (first, Err(AskError::Breach { cause: "blank".into() })),
            0 => (first, Ok(vec![Ok(json!({"first": replica}))])),
            _ => (usual, Ok(vec![Ok(json!({"second": replica}))])),
        });
        let question = asked(Operation::Clip, &model, &json!(number), Repeat::default()).unwrap();
        Call { questions: vec![question], ..call }
    };
    for number in 0..16 {
        exchange.resolve(asks(number, usual, false), &[0], None).await;
    }
    let start = Instant::now();
    let text = texts(&exchange.resolve(asks(100, usual * 1000, false), &[0], None).await).remove(0);
    assert!(text.starts_with("{\"second\":") && start.elapsed() == usual * 4, "{text} {:?}", start.elapsed());
    let account = exchange.pools[&SERVICE].account();
    assert_eq!((account.hedged, account.cancelled, account.sent, account.answered), (1, 1, 18, 17));
    // If the first fails meanwhile, the second counts; if the first is answered before, it counts.
    for (number, first, fails, answer) in [(101, 35, true, "second"), (102, 35, false, "first")] {
        let outcomes = exchange.resolve(asks(number, usual * first / 10, fails), &[0], None).await;
        assert!(texts(&outcomes)[0].contains(answer), "{number}: {:?}", texts(&outcomes));
    }
    let account = exchange.pools[&SERVICE].account();
    assert_eq!((account.hedged, account.cancelled, account.failed), (3, 2, 1));
    assert_eq!(account.sent, account.answered + account.failed + account.cancelled);
}

#[tokio::test(start_paused = true)]
async fn a_replay_asks_nobody() {
    let folder = tempfile::tempdir().unwrap();
    drop(Ledger::open(folder.path(), Access::Write).unwrap());
    let exchange = exchange(Some(Ledger::open(folder.path(), Access::Read).unwrap()), LedgerMode::Replay, 1);
    let outcomes = exchange.resolve(call(SERVICE, 1, |_| panic!("asked")), &[0], None).await;
    assert!(texts(&outcomes)[0].starts_with("failed: the ledger does not know the answer to a question for the clip"));
}
