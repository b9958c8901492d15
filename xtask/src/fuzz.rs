//! Searches for bytes that break our readers: the targets of tests/fuzz, under libFuzzer, on the stable toolchain.
//!
//! Only the workspace's own crates are instrumented, so that the builds of all others are shared with every other task: cargo calls this
//! program in place of the compiler for members of the workspace (`RUSTC_WORKSPACE_WRAPPER`), and keeps what it builds apart.

use std::env;
use std::ffi::OsString;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::shell::{self, Outcome, cargo_env, root};

/// How long each target runs, unless `--seconds` says otherwise.
const SECONDS: u32 = 12;

/// The flags that cargo-fuzz 0.13 adds for libFuzzer, except those of sanitizers, which stable Rust does not have. Cargo does not know
/// of these flags: after a change, run `cargo clean -p` for the members of the workspace.
const INSTRUMENTED: [&str; 10] = [
    // A fuzzer that runs for a minute has to be fast; the development profile is not.
    "-Copt-level=1",
    "-Cpasses=sancov-module",
    "-Cllvm-args=-sanitizer-coverage-level=4",
    "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
    "-Cllvm-args=-sanitizer-coverage-pc-table",
    "-Cllvm-args=-sanitizer-coverage-trace-compares",
    "-Cllvm-args=-simplifycfg-branch-fold-threshold=0",
    "-Ccodegen-units=1",
    "-Cdebug-assertions",
    "--cfg=fuzzing",
];

/// Compiles, if cargo called this program in place of the compiler. `None` if it was called as `cargo xtask`.
pub fn compile() -> Option<Outcome> {
    let words: Vec<OsString> = env::args_os().skip(1).collect();
    let (compiler, words) = words.split_first()?;
    if Path::new(compiler).file_stem()? != "rustc" {
        return None;
    }
    // A build script runs without libFuzzer.
    let is_build_script = words.iter().any(|word| word == "build_script_build");
    let flags = if is_build_script { &[][..] } else { &INSTRUMENTED[..] };
    let status = Command::new(compiler).args(words).args(flags).status();
    Some(match status {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("the compiler ended with {status}")),
        Err(error) => Err(format!("{} could not be started: {error}", compiler.display())),
    })
}

/// Runs the named targets, or all if none is named; or one target on one file.
pub fn fuzz(words: &[&str]) -> Outcome {
    let known = targets()?;
    let is_known = |name: &str| known.iter().any(|target| target == name);
    match words {
        [target, file] if is_known(target) && Path::new(file).is_file() => {
            build(&[target])?;
            return shell::run(&root(), &program(target)?.display().to_string(), &[&absolute(file)?]);
        }
        _ => {}
    }
    let (mut named, mut seconds, mut seed, mut rest) = (Vec::new(), SECONDS, None, words);
    while let [word, after @ ..] = rest {
        rest = after;
        if let "--seconds" | "--seed" = *word {
            let [number, after @ ..] = after else { return Err(format!("{word} takes a number")) };
            let number = number.parse().map_err(|_| format!("{word} takes a number, not {number:?}"))?;
            if *word == "--seconds" {
                seconds = number
            } else {
                seed = Some(number)
            }
            rest = after;
        } else if is_known(word) {
            named.push(*word);
        } else {
            return Err(format!("there is no target and no file {word:?}; there are {}", known.join(", ")));
        }
    }
    if named.is_empty() {
        named = known.iter().map(String::as_str).collect();
    }
    build(&named)?;
    // libFuzzer takes 0 for "choose one yourself".
    let seed = seed.map_or_else(shell::new_seed, |seed: u32| seed.max(1));
    shell::say(&format!("fuzzing {}, {seconds} s each, seed {seed}", named.join(", ")));
    println!("{:10} {:>10} {:>8} {:>8} {:>8}", "target", "executions", "a second", "coverage", "corpus");
    let found: Vec<String> = named.iter().filter_map(|target| run(target, seconds, seed).err()).collect();
    if found.is_empty() { Ok(()) } else { Err(found.join("\n")) }
}

fn home() -> PathBuf {
    root().join("tests").join("fuzz")
}

fn targets() -> Outcome<Vec<String>> {
    let folder = home().join("fuzz_targets");
    let fail = |error: std::io::Error| format!("{} cannot be read: {error}", folder.display());
    let mut targets = Vec::new();
    for entry in fs::read_dir(&folder).map_err(fail)? {
        targets.extend(entry.map_err(fail)?.path().file_stem().map(|name| name.to_string_lossy().into_owned()));
    }
    targets.sort();
    Ok(targets)
}

fn build(targets: &[&str]) -> Outcome {
    let compiler = env::var("CXX").unwrap_or_else(|_| "c++".into());
    if cfg!(unix) && shell::quiet(&compiler, &["--version"]).is_err() {
        return Err(format!(
            "there is no C++ compiler (`{compiler}`), and libFuzzer is C++: get it with `apt install g++`, `dnf install gcc-c++` \
             or `xcode-select --install`, or name another in CXX"
        ));
    }
    shell::say("building the fuzzers");
    let wrapper = env::current_exe().map_err(|error| format!("where xtask lies is not known: {error}"))?;
    let mut words = vec!["build", "--quiet", "--workspace", "--features", "rescue-fuzz/libfuzzer"];
    words.extend(targets.iter().flat_map(|target| ["--bin", target]));
    cargo_env(&root(), &words, &[("RUSTC_WORKSPACE_WRAPPER", &wrapper.display().to_string())])
}

/// The executable of a target. Cargo puts it beside this program.
fn program(target: &str) -> Outcome<PathBuf> {
    let here = env::current_exe().map_err(|error| format!("where xtask lies is not known: {error}"))?;
    Ok(here.with_file_name(target).with_extension(env::consts::EXE_EXTENSION))
}

fn absolute(file: &str) -> Outcome<String> {
    let file = fs::canonicalize(file).map_err(|error| format!("{file} cannot be read: {error}"))?;
    Ok(file.display().to_string())
}

/// Runs one target and prints a row of figures. The error names the input that broke it.
fn run(target: &str, seconds: u32, seed: u32) -> Outcome {
    let grown = root().join("target").join("fuzz").join(target);
    let findings = home().join("findings").join(target);
    for folder in [&grown, &findings] {
        fs::create_dir_all(folder).map_err(|error| format!("{} cannot be made: {error}", folder.display()))?;
    }
    let output = Command::new(program(target)?)
        .args([&grown, &home().join("corpus").join(target)])
        .arg(format!("-max_total_time={seconds}"))
        .arg(format!("-seed={seed}"))
        .arg(format!("-artifact_prefix=tests/fuzz/findings/{target}/"))
        // In bytes, MB and seconds. An input that is only slow is no finding.
        .args(["-max_len=8192", "-rss_limit_mb=2048", "-timeout=20", "-report_slow_units=1000", "-print_final_stats=1"])
        .current_dir(root())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .output()
        .map_err(|error| format!("the fuzzer {target} could not be started: {error}"))?;
    let _ = fs::remove_dir(&findings); // It stays if it is not empty.
    let log = String::from_utf8_lossy(&output.stderr);
    if !output.status.success() {
        eprintln!("{}", tail(&log));
        return Err(match log.lines().find_map(|line| line.split_once("Test unit written to ")) {
            Some((_, file)) => format!(
                "{target} broke on {file}: see it again with `cargo xtask fuzz {target} {file}`; the file stays, for the tests"
            ),
            None => format!("the fuzzer {target} ended with {}", output.status),
        });
    }
    if !log.contains("inline 8-bit counters") {
        return Err(format!(
            "the fuzzer {target} was not instrumented: `cargo clean --package rescue-fuzz` and try again"
        ));
    }
    // `#123 DONE cov: 12 ft: 34 corp: 5/67b …`
    let last = log.lines().rev().find(|line| line.contains(" cov: ")).unwrap_or_default();
    let of = |key: &str, text: &str| {
        let found = text.split_once(key).and_then(|(_, after)| after.split_whitespace().next());
        found.unwrap_or("?").to_owned()
    };
    let corpus = of("corp: ", last);
    println!(
        "{target:10} {:>10} {:>8} {:>8} {:>8}",
        of("number_of_executed_units: ", &log),
        of("average_exec_per_sec: ", &log),
        of("cov: ", last),
        corpus.split('/').next().unwrap_or_default(),
    );
    Ok(())
}

/// The last lines of a fuzzer's log.
fn tail(log: &str) -> String {
    let lines: Vec<_> = log.lines().collect();
    let mut tail = String::new();
    for line in lines.iter().skip(lines.len().saturating_sub(40)) {
        let _ = writeln!(tail, "  {line}");
    }
    tail
}
