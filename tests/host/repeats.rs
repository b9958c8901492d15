//! Repeated runs with the same inputs write the same bytes.

use rescue_tests::{Finished, Run, pictures};

const QUERY: &str = "the horse on the right";

fn run(seed: &str) -> Finished {
    let ran = Run::new(["--n", "8", "--seed", seed, "--query", QUERY]).go();
    ran.answered(0);
    ran
}

#[test]
fn two_runs_are_equal_byte_by_byte() {
    let (one, other) = (run("5"), run("5"));
    for name in ["result.json", "mask.png", "overlay.png"] {
        assert!(one.read(name) == other.read(name), "{name} differs");
    }
}

#[test]
fn another_seed_is_another_result() {
    assert_eq!(run("6").answered(0)["seed"], 6);
}

#[test]
fn json_prints_only_the_result() {
    let ran = Run::new(["--n", "2", "--json"]).go();
    ran.answered(0);
    assert_eq!(ran.stdout.as_bytes(), ran.read("result.json"));
}

#[test]
fn pictures_of_an_earlier_run_are_removed() {
    let found = Run::new(["--n", "1"]).go();
    found.answered(0);
    let (pictures, rest) = (["mask.png", "overlay.png"], ["ledger", "result.json", "run.json", "timings.json"]);
    let mut all = [&pictures[..], &rest[..]].concat();
    all.sort_unstable();
    assert_eq!(found.files(), all);
    let image = pictures::horses().display().to_string();
    let ran = Run::in_folder(found.into_folder(), ["--image", &image, "--query", "the bus", "--n", "1"]).go();
    ran.answered(3);
    assert_eq!(ran.files(), rest);
}
