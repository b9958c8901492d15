//! Runs the heavy, random tests for long: what `cargo xtask test` and CI try a few times each.

use std::time::{Duration, Instant};

use crate::shell::{self, Outcome, cargo_env, root};
use crate::{build_for_tests, fuzz};

/// How long a soak takes unless `--minutes` says otherwise.
const MINUTES: u32 = 30;
/// How often each round kills a run.
const KILLS: &str = "40";
/// How many samples each round searches under each kind of fault.
const SAMPLES: &str = "4";
/// How long each fuzzer runs in each round, in seconds.
const FUZZ_SECONDS: u32 = 60;

/// Repeats rounds of kills, faults and fuzzing, each with a seed of its own, until the time is over or something fails.
pub fn soak(words: &[&str]) -> Outcome {
    let (mut minutes, mut first_seed, mut rest) = (MINUTES, None, words);
    while let [word, number, after @ ..] = rest {
        let value = || number.parse::<u32>().map_err(|_| format!("{word} takes a number, not {number:?}"));
        match *word {
            "--minutes" => minutes = value()?,
            // libFuzzer takes 0 for "choose one yourself".
            "--seed" => first_seed = Some(value()?.max(1)),
            _ => return Err(format!("soak takes --minutes and --seed, not {word:?}")),
        }
        rest = after;
    }
    if let [word, ..] = rest {
        return Err(format!("soak takes --minutes N and --seed N, not {word:?}"));
    }
    build_for_tests()?;
    let end = Instant::now() + Duration::from_secs(u64::from(minutes) * 60);
    let mut seed = first_seed.unwrap_or_else(shell::new_seed);
    loop {
        shell::say(&format!("a round with seed {seed}; repeat it with `cargo xtask soak --minutes 0 --seed {seed}`"));
        let text = seed.to_string();
        let variables = [
            ("RESCUE_SEED", text.as_str()),
            ("RESCUE_KILLS", KILLS),
            ("RESCUE_SAMPLES", SAMPLES),
            ("RESCUE_GUIDES", "1"),
        ];
        let tests =
            ["test", "--package", "rescue-tests", "--test", "host", "--", "services::", "docs::", "--nocapture"];
        cargo_env(&root(), &tests, &variables)?;
        fuzz::fuzz(&["--seconds", &FUZZ_SECONDS.to_string(), "--seed", &text])?;
        if Instant::now() >= end {
            return Ok(());
        }
        seed = seed.wrapping_add(1).max(1);
    }
}
