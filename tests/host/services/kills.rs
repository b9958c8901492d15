//! A run that was killed can be resumed.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use rescue_ledger::{Access, Ledger};
use rescue_tests::{Finished, Run, host, root, without_proxies};

use super::setup::{Setup, accounts, fixed, repetitions, seed};

/// A second run in the same folder is refused, since the two would overwrite each other's files.
#[test]
fn a_folder_is_locked_by_its_run() {
    let setup = Setup::start(1, |config| config.planner.latency = fixed(1500));
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().display().to_string();
    let mut command = Command::new(host());
    command.args(setup.arguments(0)).args(["--n", "2", "--out", &place]).current_dir(root()).stdout(Stdio::null());
    let mut first = command.stderr(Stdio::null()).spawn().unwrap();
    while !folder.path().join("run.json").exists() {
        std::thread::sleep(Duration::from_millis(5));
    }
    for words in [vec!["resume", &place], vec!["--out", &place]] {
        let second = Run::plain(words).go();
        assert_eq!(second.code, Some(7), "{}{}", second.stdout, second.stderr);
        assert!(second.stderr.contains("another rescue-host is at work in it"), "{}", second.stderr);
    }
    assert!(first.wait().unwrap().success());
}

/// Runs with these arguments are killed at random moments and go on, by `go_on` with the number of the attempt. No question whose answer is
/// in the ledger is asked again, and the `files` are those of an undisturbed run.
pub fn kill_and_go_on<T: PartialEq>(
    arguments: &[String],
    times: usize,
    go_on: impl Fn(usize, &str) -> Finished,
    files: impl Fn(&Path) -> T,
) {
    // The first run may have to compile the plugins.
    Run::new(arguments).go();
    let start = Instant::now();
    let undisturbed = Run::new(arguments).go();
    let whole = start.elapsed();
    assert_eq!(undisturbed.code, Some(0), "{}{}", undisturbed.stdout, undisturbed.stderr);
    let expected = files(&undisturbed.path(""));
    let mut random = fastrand::Rng::with_seed(seed(5));
    let (mut killed, mut resumed_some) = (0, 0);
    for number in 0..times {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().display().to_string();
        let mut command = Command::new(host());
        without_proxies(&mut command).args(arguments).args(["--out", &place]).current_dir(root());
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        std::thread::sleep(whole.mul_f64(random.f64()));
        child.kill().unwrap();
        killed += u32::from(child.wait().unwrap().code().is_none());
        if !folder.path().join("run.json").exists() {
            continue;
        }
        let ledger = folder.path().join("ledger");
        let known = || Ledger::open(&ledger, Access::Read).map_or(0, |ledger| ledger.len() as u64);
        let before = known();
        let again = go_on(number, &place);
        assert_eq!(again.code, Some(0), "{}{}", again.stdout, again.stderr);
        let (_, new, absent) = accounts(folder.path());
        assert_eq!((new, absent), (known() - before, 0), "what the ledger knew was asked again");
        resumed_some += u32::from(before > 0);
        assert!(files(folder.path()) == expected);
    }
    assert!(killed > 0 && resumed_some > 0, "{killed} were killed, {resumed_some} of them under way");
}

/// `RESCUE_KILLS=100` kills 100 runs.
#[test]
fn killed_runs_are_resumed() {
    let setup = Setup::start(1, |config| {
        for server in [&mut config.planner, &mut config.verifier, &mut config.executor, &mut config.clip] {
            server.latency = fixed(15);
        }
    });
    let more = ["--n", "12", "--mode", "comparative", "--with", "verifier.slots=4", "--with", "planner.slots=4"];
    setup.assert_found(0, &setup.run(0, &more));
    let arguments: Vec<String> = setup.arguments(0).into_iter().chain(more.map(str::to_owned)).collect();
    let go_on = |_, place: &str| Run::plain(["resume", place]).go();
    let result = |folder: &Path| std::fs::read(folder.join("result.json")).unwrap();
    kill_and_go_on(&arguments, repetitions("RESCUE_KILLS", 8), go_on, result);
}
