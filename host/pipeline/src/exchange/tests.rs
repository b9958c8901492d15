//! The exchange with a service that is a closure.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};

use rescue_ledger::Access;
use rescue_service::{ModelId, Operation, Repeat, Source, asked};
use serde_json::json;
use tokio::runtime::Runtime;

use super::*;
use crate::connect::recorded;
use crate::services::Policy;

fn runtime() -> Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}

fn exchange(runtime: &Runtime, ledger: Option<Ledger>, mode: Mode) -> Arc<Exchange> {
    let config = rescue_config::resolve(None, |_| None, &[]).unwrap().config;
    let services = recorded(&config, &BTreeMap::new()).unwrap();
    Exchange::new(services, ledger, mode, runtime.handle().clone())
}

fn desk(attempts: u32) -> Arc<Desk> {
    Arc::new(Desk::new("test", Policy { slots: 4, attempts, batch: 8, local: false }, 1))
}

/// Questions 0, 1, 2, …, answered by `answer`, which is given the places that are asked for.
fn call<F>(desk: &Arc<Desk>, questions: u32, weighs: bool, answer: F) -> Call
where
    F: Fn(Vec<usize>) -> Result<Vec<Value>, AskError> + std::marker::Send + Sync + 'static,
{
    let model = ModelId { name: "m".into(), revision: String::new() };
    let question = |number| asked(Operation::Clip, &model, &json!(number), Repeat::default()).unwrap();
    let answer = Arc::new(answer);
    Call {
        desk: desk.clone(),
        affinity: [0; 32],
        questions: (0..questions).map(question).collect(),
        weighs,
        send: Arc::new(move |_, places| {
            let answer = answer.clone();
            Box::pin(async move {
                tokio::time::sleep(Duration::from_millis(5)).await;
                let fresh = |answer| Fresh { answer, source: Source::default() };
                Ok(answer(places)?.into_iter().map(fresh).collect())
            })
        }),
    }
}

fn echo(places: Vec<usize>) -> Result<Vec<Value>, AskError> {
    Ok(places.into_iter().map(|place| json!(place)).collect())
}

fn told(answers: &[Result<Arc<Known>, Lack>]) -> Vec<String> {
    let text = |answer: &Result<Arc<Known>, Lack>| match answer {
        Ok(known) => known.answer.to_string(),
        Err(Lack::Absent(absence)) => format!("{:?}: {}", absence.kind, absence.why),
        Err(Lack::Ended(error)) => format!("ended: {error}"),
    };
    answers.iter().map(text).collect()
}

#[test]
fn what_is_under_way_is_joined_and_what_is_known_is_not_asked() {
    let runtime = runtime();
    let folder = tempfile::tempdir().unwrap();
    let ledger = Ledger::open(folder.path(), Access::Write).unwrap();
    let exchange = exchange(&runtime, Some(ledger), Mode::Record);
    let (desk, sent) = (desk(1), Arc::new(AtomicUsize::new(0)));
    let counted = || {
        let sent = sent.clone();
        call(&desk, 3, false, move |places| {
            sent.fetch_add(places.len(), Ordering::Relaxed);
            echo(places)
        })
    };
    let (one, other) = runtime.block_on(async {
        tokio::join!(exchange.resolve(counted(), &[0, 1], None), exchange.resolve(counted(), &[1, 2], None))
    });
    assert_eq!((told(&one), told(&other)), (vec!["0".into(), "1".into()], vec!["1".into(), "2".into()]));
    let again = runtime.block_on(exchange.resolve(counted(), &[2, 0], None));
    assert_eq!(told(&again), ["2", "0"]);
    assert_eq!(sent.load(Ordering::Relaxed), 3);
    let Account { hit, joined, new, absent, .. } = desk.account();
    assert_eq!((hit, joined, new, absent), (2, 1, 3, 0));
}

/// Each answer belongs to its question, whichever of a call's questions are open.
#[test]
fn open_questions_keep_their_places() {
    let runtime = runtime();
    let exchange = exchange(&runtime, None, Mode::Off);
    let answers = runtime.block_on(exchange.resolve(call(&desk(1), 5, false, echo), &[1, 4], None));
    assert_eq!(told(&answers), ["1", "4"]);
    // Draws are counted on from the first: those with a gap between them are two requests.
    let seen = Arc::new(std::sync::Mutex::new(Vec::new()));
    let noted = seen.clone();
    let draws = call(&desk(1), 6, true, move |places| {
        noted.lock().unwrap().push(places.clone());
        echo(places)
    });
    assert_eq!(told(&runtime.block_on(exchange.resolve(draws, &[0, 1, 3, 5], None))), ["0", "1", "3", "5"]);
    let mut seen = seen.lock().unwrap().clone();
    seen.sort();
    assert_eq!(seen, [vec![0, 1], vec![3], vec![5]]);
}

#[test]
fn one_bad_question_does_not_spoil_the_others() {
    let runtime = runtime();
    let exchange = exchange(&runtime, None, Mode::Off);
    let rejected = call(&desk(3), 3, false, |places| {
        if places.contains(&1) { Err(AskError::Rejected { cause: "400 no".into() }) } else { echo(places) }
    });
    let answers = runtime.block_on(exchange.resolve(rejected, &[0, 1, 2], None));
    assert_eq!(told(&answers), ["0", "Rejected: 400 no", "2"]);
    let desk = desk(3);
    let broken = call(&desk, 3, false, |places| {
        if places.contains(&2) { Err(AskError::Breach { cause: "blank".into() }) } else { echo(places) }
    });
    let answers = runtime.block_on(exchange.resolve(broken, &[0, 1, 2], None));
    assert_eq!(told(&answers), ["0", "1", "Failed: blank (tried 3 times)"]);
    assert_eq!(desk.account().absent, 1);
}

#[test]
fn work_that_panics_ends_the_run_and_hangs_nobody() {
    let runtime = runtime();
    let exchange = exchange(&runtime, None, Mode::Off);
    let panics = call(&desk(3), 2, false, |places| if places.is_empty() { echo(places) } else { panic!("on purpose") });
    let answers = runtime.block_on(exchange.resolve(panics, &[0, 1], None));
    assert!(told(&answers).iter().all(|told| told.starts_with("ended: test: the work on a question ended")));
}

#[test]
fn what_is_late_is_cut_and_kept_all_the_same() {
    let runtime = runtime();
    let folder = tempfile::tempdir().unwrap();
    let exchange = exchange(&runtime, Some(Ledger::open(folder.path(), Access::Write).unwrap()), Mode::Record);
    let desk = desk(1);
    let cut = runtime.block_on(async {
        let now = Instant::now();
        exchange.resolve(call(&desk, 1, false, echo), &[0], Some(now)).await
    });
    assert_eq!(told(&cut), ["Cut: the time for this sample was over"]);
    while exchange.ledger.as_ref().is_none_or(Ledger::is_empty) {
        std::thread::sleep(Duration::from_millis(5));
    }
    // It came, and is known: with no time at all it is told.
    let known = runtime.block_on(async {
        let now = Instant::now();
        exchange.resolve(call(&desk, 1, false, |_| panic!("asked again")), &[0], Some(now)).await
    });
    assert_eq!(told(&known), ["0"]);
}

#[test]
fn a_replay_asks_nobody() {
    let runtime = runtime();
    let folder = tempfile::tempdir().unwrap();
    drop(Ledger::open(folder.path(), Access::Write).unwrap());
    let exchange = exchange(&runtime, Some(Ledger::open(folder.path(), Access::Read).unwrap()), Mode::Replay);
    let asked = call(&desk(1), 1, false, |_| panic!("asked"));
    let answers = runtime.block_on(exchange.resolve(asked, &[0], None));
    assert!(told(&answers)[0].starts_with("ended: the ledger does not know the answer to a question for the test"));
}
