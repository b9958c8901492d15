//! Runs over several samples: the same results however many are under way, whatever happens meanwhile.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rescue_fleet::{Class, Fault, FaultPlan, Latency, Role};
use rescue_tests::{Finished, Run, host, root, without_proxies};
use serde_json::{Value, json};

use super::kills::kill_and_go_on;
use super::setup::{Setup, repetitions};

/// What all runs here have in common; a later value of a key counts.
const MORE: [&str; 12] = [
    "--mode",
    "comparative",
    "--with",
    "run.n=8",
    "--with",
    "planner.timeout=2",
    "--with",
    "verifier.timeout=2",
    "--with",
    "executor.timeout=2",
    "--with",
    "clip.timeout=2",
];

/// A fleet whose answers take random times, and its scenes as a file of samples.
fn setup(scenes: usize, median: u64) -> Setup {
    let setup = Setup::start(scenes, |config| {
        for server in [&mut config.planner, &mut config.verifier, &mut config.executor, &mut config.clip] {
            server.latency = Latency::LogNormal { median: Duration::from_millis(median), sigma: 0.8 };
        }
    });
    let lines: Vec<String> = (0..scenes)
        .map(|number| {
            let query = &setup.scene(number).query;
            json!({"image": format!("{number}.jpg"), "query": query, "id": format!("s{number}"), "truth": [number]})
                .to_string()
        })
        .collect();
    std::fs::write(setup.folder.path().join("list.jsonl"), lines.join("\n")).unwrap();
    setup
}

/// The arguments of a run over all scenes.
fn arguments(setup: &Setup, more: &[&str]) -> Vec<String> {
    let list = setup.folder.path().join("list.jsonl").display().to_string();
    let mut words = vec!["--samples".to_owned(), list];
    for (key, value) in setup.services() {
        words.extend(["--with".to_owned(), format!("{key}={value}")]);
    }
    words.extend(MORE.iter().chain(more).map(|word| (*word).to_owned()));
    words
}

fn index(folder: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(folder.join("index.jsonl")).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// The results in the folder of a run, by id, and its index.
fn results(folder: &Path, scenes: usize) -> (BTreeMap<usize, Vec<u8>>, Vec<u8>) {
    let read = |number| std::fs::read(folder.join(format!("samples/s{number}/result.json"))).unwrap();
    ((0..scenes).map(|number| (number, read(number))).collect(), std::fs::read(folder.join("index.jsonl")).unwrap())
}

/// The host at work in this folder.
fn start(arguments: &[String], out: &str) -> Child {
    let mut command = Command::new(host());
    without_proxies(&mut command).args(arguments).args(["--out", out]).current_dir(root());
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

/// Waits until the index has these many lines.
fn wait_for_lines(folder: &Path, lines: usize) {
    let written =
        || std::fs::read(folder.join("index.jsonl")).map_or(0, |bytes| bytes.split(|byte| *byte == b'\n').count() - 1);
    wait_until(|| written() >= lines);
}

fn wait_until(is_so: impl Fn() -> bool) {
    let start = Instant::now();
    while !is_so() {
        assert!(start.elapsed() < Duration::from_secs(120), "nothing happens");
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// Each result is that of a run over its sample alone and of the canonical pass alone, with 1, 4, 16 and 64 samples under way, on 1, 2 and 8
/// threads, and with faults that retries overcome. `RESCUE_SAMPLES=200` searches 200 samples.
#[test]
fn results_do_not_depend_on_what_is_under_way() {
    let scenes = repetitions("RESCUE_SAMPLES", 6);
    let setup = setup(scenes, 4);
    let run = |more: &[&str]| {
        let ran = Run::new(arguments(&setup, more)).go();
        assert_eq!(ran.code, Some(0), "{}{}", ran.stdout, ran.stderr);
        ran
    };
    let canonical = ["--with", "run.live=false", "--with", "run.extra-requests=false"];
    let one = run(&[&canonical[..], &["--with", "run.in-flight=1", "--with", "run.threads=1"]].concat());
    let (expected, lines) = results(&one.path(""), scenes);
    for more in [&canonical[..], &[]] {
        let alone = setup.run(1, &[&MORE[..], more].concat());
        assert!(alone.read("result.json") == expected[&1], "{more:?}");
    }
    let ids: Vec<Value> = index(&one.path("")).iter().map(|line| line["id"].clone()).collect();
    assert_eq!(ids, (0..scenes).map(|number| json!(format!("s{number}"))).collect::<Vec<_>>());
    let first = &index(&one.path(""))[0];
    assert_eq!(
        (&first["sample"]["truth"], &first["state"], &first["folder"]),
        (&json!([0]), &json!("complete"), &json!("samples/s0"))
    );
    for (in_flight, threads, rate, more) in
        [("4", "2", 0.0, &[][..]), ("16", "8", 0.02, &[]), ("64", "2", 0.02, &canonical)]
    {
        for role in Role::ALL {
            let overcome = |fault: &Fault| matches!(fault.class(), Class::Retry | Class::Resend);
            let faults = Fault::ALL
                .into_iter()
                .filter(|fault| overcome(fault) && fault.applies(role) && *fault != Fault::Refused);
            let plan = faults.fold(FaultPlan::none(), |plan, fault| plan.with(fault, rate)).at_most(3);
            setup.fleet.set_faults(role, plan).unwrap();
        }
        let (in_flight, threads) = (format!("run.in-flight={in_flight}"), format!("run.threads={threads}"));
        let many = run(&[more, &["--with", &in_flight, "--with", &threads]].concat());
        assert!(results(&many.path(""), scenes) == (expected.clone(), lines.clone()), "{in_flight} {threads}");
    }
    let folder = one.into_folder();
    setup.fleet.stop();
    let again = Run::plain(["replay", &folder.path().display().to_string()]).go();
    assert_eq!(again.code, Some(0), "{}{}", again.stdout, again.stderr);
    assert!(again.stdout.contains(&format!("{scenes} of {scenes} results are the same")), "{}", again.stdout);
}

/// The timeline has a slice for each request, and no two at the same time in one lane.
#[test]
fn a_timeline_shows_every_request() {
    let setup = setup(2, 4);
    let file = setup.folder.path().join("timeline.json");
    let place = file.display().to_string();
    let ran = Run::new(arguments(&setup, &["--timeline", &place])).go();
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let events: Vec<Value> = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
    let of = |name: &str| events.iter().filter(|event| event["name"] == name).collect::<Vec<_>>();
    let tracks: Vec<&str> = of("process_name").iter().map(|event| event["args"]["name"].as_str().unwrap()).collect();
    for track in ["s0", "s1", "planner", "executor", "clip", "verifier", "drawing"] {
        assert!(tracks.contains(&track), "{track} {tracks:?}");
    }
    let timings: Value = serde_json::from_slice(&ran.read("timings.json")).unwrap();
    let sent: u64 = timings["accounts"].as_object().unwrap().values().map(|of| of["sent"].as_u64().unwrap()).sum();
    assert_eq!(of("request").len() as u64, sent);
    assert_eq!((of("live pass").len(), of("canonical pass").len()), (2, 2));
    let mut lanes: BTreeMap<(u64, u64), Vec<(f64, f64)>> = BTreeMap::new();
    for slice in events.iter().filter(|event| event["ph"] == "X") {
        let (start, duration) = (slice["ts"].as_f64().unwrap(), slice["dur"].as_f64().unwrap());
        let lane = (slice["pid"].as_u64().unwrap(), slice["tid"].as_u64().unwrap());
        lanes.entry(lane).or_default().push((start, start + duration));
    }
    for mut slices in lanes.into_values() {
        slices.sort_by(|a, b| a.0.total_cmp(&b.0));
        assert!(slices.windows(2).all(|two| two[0].1 <= two[1].0 + 1e-3), "two slices at the same time in one lane");
    }
    let counters = of("slots");
    for pid in counters.iter().map(|event| &event["pid"]) {
        let last = counters.iter().rfind(|event| event["pid"] == *pid).unwrap();
        assert_eq!(last["args"], json!({"in_use": 0, "waiting": 0}));
    }
    let nowhere = Run::new(arguments(&setup, &["--timeline", "/none/timeline.json"])).go();
    nowhere.refused(7, &["/none/timeline.json"]);
}

/// What is no sample, and what cannot be searched, is named with its line, and the others are searched.
#[test]
fn bad_samples_are_named_and_the_others_are_searched() {
    let setup = setup(2, 1);
    let list = setup.folder.path().join("list.jsonl");
    let mut text = std::fs::read_to_string(&list).unwrap();
    text.push_str("\nnonsense\n{\"image\": \"none.jpg\", \"query\": \"the disc\", \"id\": \"gone\"}\n");
    text.push_str("{\"image\": \"0.jpg\", \"query\": \"the disc\", \"id\": \"s0\"}\n");
    text.push_str("{\"image\": \"0.jpg\", \"query\": \"the disc\", \"id\": \"a/../../b\"}\n{\"image\": \"list.jsonl\", \"query\": \"x\"}");
    std::fs::write(&list, text).unwrap();
    let ran = Run::new(arguments(&setup, &[])).go();
    assert_eq!(ran.code, Some(9), "{}{}", ran.stdout, ran.stderr);
    for words in [
        "line 3: FAILED: expected ident",
        "gone (line 4): FAILED: image ",
        "line 5: FAILED: its id \"s0\" is that of line 1",
        "line 6: FAILED: its id is \"a/../../b\", and an id names a folder",
        "7 (line 7): FAILED: image ",
        "7 samples: 2 found, 0 not found, 0 without a result, 5 FAILED",
    ] {
        assert!(ran.stdout.contains(words), "{words}: {}", ran.stdout);
    }
    let states: Vec<Value> = index(&ran.path("")).iter().map(|line| line["state"].clone()).collect();
    assert_eq!(states, ["complete", "complete", "failed", "failed", "failed", "failed", "failed"]);
    assert_eq!(ran.files(), ["index.jsonl", "ledger", "run.json", "samples", "samples.jsonl", "timings.json"]);
    // The same command goes on: a photo that has come meanwhile is searched, and nothing else is asked.
    std::fs::copy(setup.image(1), setup.folder.path().join("none.jpg")).unwrap();
    let before = setup.requests();
    let again = Run::in_folder(ran.into_folder(), arguments(&setup, &["--json"])).go();
    assert_eq!(again.code, Some(9), "{}", again.stderr);
    let lines: Vec<Value> = again.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines, index(&again.path("")));
    assert!(lines[3]["state"] == "complete" && setup.requests() > before);
    // Another run does not go on in its place.
    let folder = again.into_folder();
    let place = folder.path().display().to_string();
    for (more, words) in [
        (["--with", "run.n=4"], "its run.n is 8, and now it is 4"),
        (["--plugin", "by-score"], "its plugins or their settings are not the same"),
    ] {
        let other = Run::plain(arguments(&setup, &[&more[..], &["--out", &place]].concat())).go();
        assert_eq!(other.code, Some(7), "{}", other.stderr);
        assert!(other.stderr.contains(words), "{}", other.stderr);
    }
}

/// Runs over several samples that were killed go on both ways. `RESCUE_KILLS=100` kills 100 runs, `RESCUE_SAMPLES=50` each over 50 samples.
#[test]
fn killed_runs_go_on() {
    let scenes = repetitions("RESCUE_SAMPLES", 5);
    let setup = setup(scenes, 4);
    let go_on = |number, place: &str| match number % 2 {
        0 => Run::plain(["resume", place]).go(),
        _ => Run::plain(arguments(&setup, &["--out", place])).go(),
    };
    let times = repetitions("RESCUE_KILLS", 6);
    kill_and_go_on(&arguments(&setup, &[]), times, go_on, |folder| results(folder, scenes));
}

/// The first wish to stop finishes what is under way and says how to go on; the second ends at once.
#[cfg(unix)]
#[test]
fn a_run_can_be_interrupted() {
    let scenes = 20;
    let setup = setup(scenes, 10);
    let interrupt = |child: &Child| {
        assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    };
    for times in [1, 2] {
        // Until the second signal, what is under way does not end.
        if times == 2 {
            setup.fleet.set_faults(Role::Verifier, FaultPlan::none().with(Fault::Hang, 1.0)).unwrap();
        }
        let asked = || setup.requests_to(Role::Verifier);
        let before = asked();
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().display().to_string();
        let more = ["--with", "run.in-flight=2", "--with", "verifier.timeout=600"];
        let mut child = start(&arguments(&setup, &more), &place);
        // From when there is an index, the program listens to signals.
        while !folder.path().join("index.jsonl").exists() {
            std::thread::sleep(Duration::from_millis(2));
        }
        match times {
            1 => wait_for_lines(folder.path(), 1),
            _ => wait_until(|| asked() > before),
        }
        interrupt(&child);
        // Two signals at nearly the same time are one.
        while times == 2 && child.try_wait().unwrap().is_none() {
            std::thread::sleep(Duration::from_millis(500));
            interrupt(&child);
        }
        let ended = child.wait_with_output().unwrap();
        let told = String::from_utf8(ended.stderr).unwrap();
        assert_eq!(ended.status.code(), Some(130), "{told}");
        assert!(told.contains("stopping: what is under way is finished first"), "{told}");
        assert!(told.contains(&format!("rescue-host resume {place}` goes on")), "{told}");
        let lines = index(folder.path()).len();
        if times == 2 {
            assert!(lines == 0 && told.contains("stopped. Nothing is lost"), "{lines}: {told}");
        }
        if times == 1 {
            assert!((1..scenes).contains(&lines), "{lines}");
            assert!(told.contains(&format!("{} of {scenes} samples are left", scenes - lines)), "{told}");
            let again = Run::plain(["resume", &place]).go();
            assert_eq!(again.code, Some(0), "{}{}", again.stdout, again.stderr);
            assert_eq!(index(folder.path()).len(), scenes);
        }
    }
}

/// A service that dies for good ends the run by its name. What was finished is kept, and the run goes on when the service is back.
#[test]
fn a_service_that_dies_ends_the_run() {
    let scenes = 20;
    let setup = setup(scenes, 10);
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().display().to_string();
    let more = ["--with", "run.in-flight=2", "--with", "verifier.attempts=2"];
    let child = start(&arguments(&setup, &more), &place);
    wait_for_lines(folder.path(), 2);
    setup.fleet.down(Role::Verifier).unwrap();
    let ended = child.wait_with_output().unwrap();
    let told = String::from_utf8(ended.stderr).unwrap();
    assert_eq!(ended.status.code(), Some(6), "{told}");
    assert!(told.contains("error: verifier: none of"), "{told}");
    let finished = index(folder.path()).len();
    assert!((2..scenes).contains(&finished), "{finished}");
    setup.fleet.up(Role::Verifier).unwrap();
    let again: Finished = Run::plain(["resume", &place]).go();
    assert_eq!(again.code, Some(0), "{}{}", again.stdout, again.stderr);
    let states = index(folder.path());
    assert_eq!(states.len(), scenes);
    assert!(states.iter().filter(|line| line["state"] == "complete").count() > finished, "{states:#?}");
}

/// Of four replicas, one dies midway and one is slow: no sample is lost.
#[test]
fn a_replica_that_dies_or_is_slow_costs_no_sample() {
    let scenes = 12;
    let first = setup(scenes, 10);
    // The second of these three is ten times as slow as the others.
    let others = [10, 100, 10].map(|median| setup(scenes, median));
    let mut urls: Vec<String> = vec![first.fleet.urls().verifier];
    urls.extend(others.iter().map(|setup| setup.fleet.urls().verifier));
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().display().to_string();
    let replicas = format!("verifier.url={}", json!(urls));
    let more = ["--with", &replicas, "--with", "verifier.slots=2", "--with", "run.in-flight=4"];
    let child = start(&arguments(&first, &more), &place);
    wait_for_lines(folder.path(), 2);
    others[0].fleet.down(Role::Verifier).unwrap();
    let ended = child.wait_with_output().unwrap();
    assert_eq!(ended.status.code(), Some(0), "{}", String::from_utf8_lossy(&ended.stderr));
    let lines = index(folder.path());
    assert!(lines.len() == scenes && lines.iter().all(|line| line["state"] == "complete"), "{lines:#?}");
    let asked = |setup: &Setup| setup.fleet.stats(Role::Verifier).endpoints.values().sum::<u64>();
    let fast = asked(&first) + asked(&others[2]);
    assert!(fast > asked(&others[1]), "{fast} {}", asked(&others[1]));
}

/// A part of requests that the server refuses from some sample on is left out for the later ones, each result says so, and the replay
/// asks each sample as it was asked.
#[test]
fn a_part_that_is_refused_midway_is_replayed() {
    let scenes = 4;
    let setup = setup(scenes, 2);
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().display().to_string();
    // The first half with log-probabilities, the others without, as after a refusal.
    let all = Run::plain(arguments(&setup, &["--out", &place])).go();
    assert_eq!(all.code, Some(0), "{}{}", all.stdout, all.stderr);
    let other = Run::new(arguments(
        &setup,
        &["--with", "verifier.logprobs=false", "--ledger", &folder.path().join("ledger").display().to_string()],
    ))
    .go();
    assert_eq!(other.code, Some(0), "{}{}", other.stdout, other.stderr);
    for number in [2, 3] {
        let name = format!("samples/s{number}/result.json");
        let result: Value = serde_json::from_slice(&other.read(&name)).unwrap();
        assert_eq!(result["without"], json!({"verifier": ["logprobs"]}));
        std::fs::write(folder.path().join(&name), other.read(&name)).unwrap();
    }
    setup.fleet.stop();
    let again = Run::plain(["replay", &place]).go();
    assert_eq!(again.code, Some(0), "{}{}", again.stdout, again.stderr);
    assert!(again.stdout.contains("4 of 4 results are the same"), "{}", again.stdout);
}

/// What stands in a folder is never taken for this run's own: a run.json that cannot be read, results without one.
#[test]
fn a_folder_that_is_not_understood_is_left_alone() {
    let setup = setup(1, 1);
    let ran = Run::new(arguments(&setup, &[])).go();
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let folder = ran.into_folder();
    let place = folder.path().display().to_string();
    let whole = std::fs::read(folder.path().join("run.json")).unwrap();
    std::fs::write(folder.path().join("run.json"), "{}").unwrap();
    let damaged = Run::plain(arguments(&setup, &["--out", &place])).go();
    assert_eq!(damaged.code, Some(7), "{}", damaged.stderr);
    assert!(damaged.stderr.contains("its run.json cannot be read"), "{}", damaged.stderr);
    std::fs::remove_file(folder.path().join("run.json")).unwrap();
    let without = Run::plain(arguments(&setup, &["--out", &place])).go();
    assert_eq!(without.code, Some(7), "{}", without.stderr);
    assert!(without.stderr.contains("it has results, but no run.json"), "{}", without.stderr);
    std::fs::write(folder.path().join("run.json"), &whole).unwrap();
    let other = Run::new(arguments(&setup, &[])).go();
    let into = Run::plain(["replay", &place, "--out", &other.path("").display().to_string()]).go();
    assert_eq!(into.code, Some(7), "{}", into.stderr);
    assert!(into.stderr.contains("one of the two is a replay"), "{}", into.stderr);
    let again = Run::plain(["resume", &place]).go();
    assert_eq!(again.code, Some(0), "{}{}", again.stdout, again.stderr);
}

/// Absences that are asked again in vain stay as they were, and a replay has them.
#[test]
fn absences_outlive_a_fill_that_fails() {
    let setup = setup(2, 1);
    setup.fleet.set_faults(Role::Verifier, FaultPlan::none().with(Fault::Error, 0.3)).unwrap();
    let attempts = ["--with", "verifier.attempts=1"];
    let ran = Run::new(arguments(&setup, &attempts)).go();
    assert_eq!(ran.code, Some(0), "{}{}", ran.stdout, ran.stderr);
    let folder = ran.into_folder();
    let degraded = |folder: &Path| index(folder).iter().filter(|line| line["state"] == "degraded").count();
    let lacking = degraded(folder.path());
    assert!(lacking > 0);
    let place = folder.path().display().to_string();
    setup.fleet.set_faults(Role::Verifier, FaultPlan::none().with(Fault::Error, 1.0)).unwrap();
    let vain = Run::plain(["resume", &place, "--fill"]).go();
    assert!(matches!(vain.code, Some(0 | 6 | 9)), "{:?}: {}{}", vain.code, vain.stdout, vain.stderr);
    let again = Run::plain(["replay", &place]).go();
    assert_eq!(again.code, Some(0), "{}{}", again.stdout, again.stderr);
    setup.fleet.set_faults(Role::Verifier, FaultPlan::none()).unwrap();
    let filled = Run::plain(["resume", &place, "--fill"]).go();
    assert_eq!(filled.code, Some(0), "{}{}", filled.stdout, filled.stderr);
    assert_eq!(degraded(folder.path()), 0);
    let again = Run::plain(["replay", &place]).go();
    assert_eq!(again.code, Some(0), "{}{}", again.stdout, again.stderr);
}
