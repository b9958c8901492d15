//! Event logs. A run writes one for each plugin; played back to a fresh instance, it gives the same answers for the
//! same fuel.

use std::path::Path;

use rescue_plugin::trace::{Call, Look, Looked, Returned, Shown, Trace};
use rescue_plugin::{Difference, retrace};
use rescue_tests::{Run, plugin, root};

const KINDS: [(&str, &str); 4] =
    [("planner", "grounder"), ("scorer", "geometry"), ("verifier", "attributes"), ("tournament", "pyramid")];

/// Runs the host on the bundled photo, and reads the event logs, which it writes below `folder`.
fn traces(folder: &Path) -> Vec<Trace> {
    let traces = folder.join("traces");
    let image = root().join("examples/photos/horses.jpg").display().to_string();
    // The query has a colour, so that the verifier looks up pixels.
    let words = ["--n", "8", "--image", &image, "--query", "the brown horse on the right"];
    Run::new(words).more(["--trace", &traces.display().to_string()]).go().answered(0);
    KINDS
        .iter()
        .map(|(kind, _)| {
            let text = std::fs::read_to_string(traces.join(format!("{kind}.jsonl"))).unwrap();
            let trace = Trace::parse(&text).unwrap();
            assert_eq!(trace.write(), text, "reading and writing a log changes nothing");
            trace
        })
        .collect()
}

#[test]
fn every_standard_plugin_retraces_with_the_same_answers_and_the_same_fuel() {
    let folder = tempfile::tempdir().unwrap();
    let runtime = rescue_tests::runtime();
    for (trace, (kind, name)) in traces(folder.path()).iter().zip(KINDS) {
        let plugin = runtime.load(&plugin(name)).unwrap();
        assert_eq!((trace.header.kind.name(), trace.header.digest), (kind, plugin.digest()));
        let done = retrace(&plugin, trace).unwrap();
        assert_eq!(done.divergence, None, "{kind}");
        assert_eq!(done.calls, trace.events.len());
        let fuel: u64 = trace.events.iter().map(|event| event.fuel).sum();
        assert!(done.fuel == fuel && fuel > 0);
        let file = folder.path().join("traces").join(format!("{kind}.jsonl")).display().to_string();
        let ran = Run::plain(["plugin", "retrace", &file]).go();
        assert!(ran.code == Some(0) && ran.stdout.contains("went as before"), "{}{}", ran.stdout, ran.stderr);
    }
}

#[test]
fn the_first_call_that_differs_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let runtime = rescue_tests::runtime();
    let traces = traces(folder.path());
    let load = |name: &str| runtime.load(&plugin(name)).unwrap();
    let difference = |name: &str, trace: &Trace| {
        let divergence = retrace(&load(name), trace).unwrap().divergence.expect("something was changed");
        (divergence.event, divergence.to_string(), divergence.difference)
    };
    let place = |trace: &Trace, wanted: &str, nth: usize| {
        let mut events = trace.events.iter().enumerate().filter(|(_, event)| event.call.function() == wanted);
        events.nth(nth).map(|(place, _)| place).unwrap()
    };

    // Another answer.
    let mut changed = traces[3].clone();
    let event = place(&changed, "tourney.ranking", 0);
    let Returned::Answer(answer) = &mut changed.events[event].returned else { panic!("it answered") };
    let first = answer["places"][0]["id"].as_u64().unwrap();
    answer["places"][0]["id"] = 7777.into();
    let (at, text, _) = difference("pyramid", &changed);
    assert_eq!(at, event);
    assert_eq!(text, format!("event {event}, tourney.ranking: places[0].id was 7777 and is {first}"));

    // Other facts.
    let mut changed = traces[3].clone();
    let event = place(&changed, "tourney.tell", 0);
    let Call::TourneyTell(facts) = &mut changed.events[event].call else { panic!("it was told") };
    facts.truncate(1);
    assert!(difference("pyramid", &changed).0 >= event);

    // Other fuel alone.
    let mut changed = traces[3].clone();
    changed.events[2].fuel += 1;
    let (at, _, what) = difference("pyramid", &changed);
    assert!(at == 2 && matches!(what, Difference::Fuel { before, now } if before == now + 1));

    // Other look-ups.
    let mut changed = traces[2].clone();
    let event = changed.events.iter().position(|event| !event.looked.is_empty()).unwrap();
    let looked = changed.events[event].looked.clone();
    changed.events[event].looked.insert(0, Looked { look: Look::Iou(0, 0), shown: Shown::Number(1.0) });
    let (at, text, _) = difference("attributes", &changed);
    assert!(at == event && text.contains("it looked up Pixels"), "{text}");
    changed.events[event].looked = [looked.as_slice(), looked.as_slice()].concat();
    let (at, text, _) = difference("attributes", &changed);
    assert!(at == event && text.ends_with(&format!("{} of its look-ups were not made", looked.len())), "{text}");

    // Another plugin of the same kind, and one of another kind.
    let upset = runtime.load(&rescue_tests::fixture("upset")).unwrap();
    assert!(retrace(&upset, &traces[3]).unwrap().divergence.is_some());
    let error = retrace(&load("grounder"), &traces[3]).unwrap_err().to_string();
    assert!(error.contains("it is no tournament; it is a planner"), "{error}");

    // A log that no host can have written.
    let mut changed = traces[3].clone();
    changed.events.remove(1);
    let error = retrace(&load("pyramid"), &changed).unwrap_err().to_string();
    assert!(error.contains("the event log calls"), "{error}");
}

#[test]
fn a_plugin_that_fails_leaves_a_log_too() {
    let folder = tempfile::tempdir().unwrap();
    let to = folder.path().join("traces").display().to_string();
    let fixture = rescue_tests::fixture("panics").display().to_string();
    Run::new(["--n", "4", "--plugin", &fixture, "--trace", &to]).go().refused(5, &["it panicked"]);
    let file = format!("{to}/tournament.jsonl");
    // A later run into the same folder, which ends before the tournament begins, removes the old log.
    let again = Run::new(["--n", "4", "--plugin", &rescue_tests::fixture("endless").display().to_string()]);
    let old = std::fs::read(&file).unwrap();
    again.more(["--set", "planner.how=planning.start", "--trace", &to]).go().refused(5, &["planning.start"]);
    assert!(!Path::new(&file).exists());
    std::fs::write(&file, old).unwrap();
    let trace = Trace::parse(&std::fs::read_to_string(&file).unwrap()).unwrap();
    assert!(matches!(&trace.events.last().unwrap().returned, Returned::Error(cause) if cause == "it panicked"));
    let ran = Run::plain(["plugin", "retrace", &file, "--plugin", &fixture]).go();
    assert!(ran.code == Some(0) && ran.stdout.contains("went as before"), "{}{}", ran.stdout, ran.stderr);
}

#[test]
fn files_that_are_not_logs_are_refused_with_the_line() {
    let folder = tempfile::tempdir().unwrap();
    let header = r#"{"trace":1,"border":"0.1.0","kind":"scorer","plugin":"geometry 0.1.0","digest":"0000000000000000000000000000000000000000000000000000000000000000"}"#;
    let digest = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    let cases: [(String, &[&str]); 7] = [
        (String::new(), &["line 1: the file is empty"]),
        ("{}".into(), &["line 1: not the header of an event log"]),
        (header.replace("\"trace\":1", "\"trace\":2"), &["line 1: the event log is of form 2; this host reads form 1"]),
        (format!("{header}\n{{\"call\":\"scoring.sing\",\"fuel\":1}}"), &["line 2: not an event of form 1"]),
        (
            format!("{header}\n{{\"shown\":\"{digest}\",\"base64\":\"AAAA\"}}"),
            &["line 2: its pixels are not those of its digest"],
        ),
        (format!("{header}\n{{\"shown\":\"{digest}\",\"base64\":\"=\"}}"), &["line 2: its pixels are not base64"]),
        (
            format!(
                "{header}\n{{\"call\":\"scoring.next\",\"looked\":[{{\"look\":{{\"iou\":[0,1]}},\"shown\":{{\"raster\":[{{\"width\":1,\"height\":1}},\"{digest}\"]}}}}],\"answer\":null,\"fuel\":1}}"
            ),
            &["line 2: the pixels e3b0c44298fc stand nowhere before it"],
        ),
    ];
    for (text, says) in cases {
        let file = folder.path().join("log.jsonl");
        std::fs::write(&file, text).unwrap();
        Run::plain(["plugin", "retrace", &file.display().to_string()]).go().refused(1, says);
    }
}
