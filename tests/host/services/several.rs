//! Runs over several samples: the same results however many are under way, whatever happens meanwhile.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rescue_fleet::{Fault, FaultPlan, Latency, Role};
use rescue_ledger::{Access, Ledger};
use rescue_tests::{Finished, Run, host, root, without_proxies};
use serde_json::{Value, json};

use super::setup::{Setup, accounts, repetitions, seed};

/// What all runs here have in common; a later value of a key counts.
const MORE: [&str; 4] = ["--mode", "comparative", "--with", "run.n=8"];

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
    let start = Instant::now();
    while std::fs::read(folder.join("index.jsonl"))
        .map_or(0, |bytes| bytes.iter().filter(|byte| **byte == b'\n').count())
        < lines
    {
        assert!(start.elapsed() < Duration::from_secs(120), "nothing happens");
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// Each result is that of a run over its sample alone, with 1, 4 and 16 samples under way, on 1, 2 and 8 threads, and with faults that
/// retries overcome. `RESCUE_SAMPLES=200` searches 200 samples.
#[test]
fn results_do_not_depend_on_what_is_under_way() {
    let scenes = repetitions("RESCUE_SAMPLES", 6);
    let setup = setup(scenes, 4);
    let run = |more: &[&str]| {
        let ran = Run::new(arguments(&setup, more)).go();
        assert_eq!(ran.code, Some(0), "{}{}", ran.stdout, ran.stderr);
        ran
    };
    let one = run(&["--with", "run.in-flight=1", "--with", "run.threads=1"]);
    let (expected, lines) = results(&one.path(""), scenes);
    let alone = setup.run(1, &MORE);
    assert!(alone.read("result.json") == expected[&1]);
    let ids: Vec<Value> = index(&one.path("")).iter().map(|line| line["id"].clone()).collect();
    assert_eq!(ids, (0..scenes).map(|number| json!(format!("s{number}"))).collect::<Vec<_>>());
    let first = &index(&one.path(""))[0];
    assert_eq!(
        (&first["sample"]["truth"], &first["state"], &first["folder"]),
        (&json!([0]), &json!("complete"), &json!("samples/s0"))
    );
    for (in_flight, threads) in [("4", "2"), ("16", "8")] {
        if in_flight == "16" {
            for role in Role::ALL {
                let faults = [Fault::Reset, Fault::Error, Fault::Unavailable, Fault::Truncated, Fault::WrongSchema];
                let plan = faults.iter().fold(FaultPlan::none(), |plan, fault| plan.with(*fault, 0.05)).at_most(3);
                setup.fleet.set_faults(role, plan).unwrap();
            }
        }
        let (in_flight, threads) = (format!("run.in-flight={in_flight}"), format!("run.threads={threads}"));
        let many = run(&["--with", &in_flight, "--with", &threads]);
        assert!(results(&many.path(""), scenes) == (expected.clone(), lines.clone()), "{in_flight} {threads}");
    }
    let folder = one.into_folder();
    setup.fleet.stop();
    let again = Run::plain(["replay", &folder.path().display().to_string()]).go();
    assert_eq!(again.code, Some(0), "{}{}", again.stdout, again.stderr);
    assert!(again.stdout.contains(&format!("{scenes} of {scenes} results are the same")), "{}", again.stdout);
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
        "2 samples: 2 found, 0 not; 0 not complete, 5 FAILED",
    ] {
        assert!(ran.stdout.contains(words), "{words}: {}", ran.stdout);
    }
    let states: Vec<Value> = index(&ran.path("")).iter().map(|line| line["state"].clone()).collect();
    assert_eq!(states, ["complete", "complete", "failed", "failed", "failed", "failed", "failed"]);
    assert_eq!(
        ran.files(),
        ["index.jsonl", "journal.jsonl", "ledger", "run.json", "samples", "samples.jsonl", "timings.json"]
    );
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

/// Runs are killed at random moments and resumed: the same final files, and no question whose answer is in the ledger is asked again.
/// `RESCUE_KILLS=100` kills 100 runs.
#[test]
fn killed_runs_go_on() {
    let scenes = 5;
    let setup = setup(scenes, 4);
    let begun = Instant::now();
    let undisturbed = Run::new(arguments(&setup, &[])).go();
    let whole = begun.elapsed();
    assert_eq!(undisturbed.code, Some(0), "{}{}", undisturbed.stdout, undisturbed.stderr);
    let expected = results(&undisturbed.path(""), scenes);
    let mut random = fastrand::Rng::with_seed(seed(5));
    let (mut killed, mut resumed_some) = (0, 0);
    for number in 0..repetitions("RESCUE_KILLS", 6) {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().display().to_string();
        let mut child = start(&arguments(&setup, &[]), &place);
        std::thread::sleep(Duration::from_secs_f64(whole.as_secs_f64() * random.f64()));
        child.kill().unwrap();
        killed += u32::from(child.wait().unwrap().code().is_none());
        if !folder.path().join("run.json").exists() {
            continue;
        }
        let ledger = folder.path().join("ledger");
        let known = || Ledger::open(&ledger, Access::Read).map_or(0, |ledger| ledger.len() as u64);
        let before = known();
        // Both ways go on.
        let again = match number % 2 {
            0 => Run::plain(["resume", &place]).go(),
            _ => Run::plain(arguments(&setup, &["--out", &place])).go(),
        };
        assert_eq!(again.code, Some(0), "{}{}", again.stdout, again.stderr);
        let (_, new, absent) = accounts(folder.path());
        assert_eq!((new, absent), (known() - before, 0), "what the ledger knew was asked again");
        resumed_some += u32::from(before > 0);
        assert!(results(folder.path(), scenes) == expected);
    }
    assert!(killed > 0 && resumed_some > 0, "{killed} were killed, {resumed_some} of them under way");
}

/// The first wish to stop finishes what is under way and says how to go on; the second ends at once.
#[cfg(unix)]
#[test]
fn a_run_can_be_interrupted() {
    let scenes = 12;
    let setup = setup(scenes, 10);
    let interrupt = |child: &Child| {
        assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    };
    for times in [1, 2] {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().display().to_string();
        let child = start(&arguments(&setup, &["--with", "run.in-flight=2"]), &place);
        wait_for_lines(folder.path(), 1);
        interrupt(&child);
        if times == 2 {
            std::thread::sleep(Duration::from_millis(30));
            interrupt(&child);
        }
        let ended = child.wait_with_output().unwrap();
        let told = String::from_utf8(ended.stderr).unwrap();
        assert_eq!(ended.status.code(), Some(130), "{told}");
        assert!(told.contains("stopping: what is under way is finished first"), "{told}");
        assert!(told.contains(&format!("rescue-host resume {place}` goes on")), "{told}");
        let lines = index(folder.path()).len();
        assert!((1..scenes).contains(&lines), "{lines}");
        if times == 1 {
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
    let scenes = 12;
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
    assert!(asked(&others[2]) > asked(&others[1]), "{} {}", asked(&others[2]), asked(&others[1]));
}
