//! Benchmarks whole tournaments: native code, bare wasmtime, bare wasmtime with all metering, and this host.

use wasmtime::{Result, ensure};

use crate::bare::{Bare, Metering};
use crate::contender::{Played, Telling, play};
use crate::figures::{goal, median, micros, spread, time};
use crate::host::Host;
use crate::machine;
use crate::native::{self, Native};

/// The numbers of candidates, and how often a tournament of each is played, if outcomes are told by rounds.
const ROUNDS: [(u32, usize); 3] = [(64, 201), (1024, 41), (16384, 9)];
/// The same if outcomes are told one by one, with a `next` after each.
const CHATTY: [(u32, usize); 3] = [(64, 101), (1024, 21), (16_384, 5)];
/// The same if outcomes are told one by one, with a `next` after each round.
const ONE_BY_ONE: [(u32, usize); 3] = [(64, 201), (1024, 41), (16384, 9)];

const NATIVE: usize = 0;
const PLAIN: usize = 1;
const METERED: usize = 2;
const HOST: usize = 3;

/// All contenders but native code, which needs no preparation, ready to begin sessions.
pub struct Contenders {
    /// Bare wasmtime without metering.
    pub plain: Bare,
    /// Bare wasmtime with the host's metering.
    pub metered: Bare,
    /// This host.
    pub host: Host,
}

impl Contenders {
    /// Compiles the tournament for each contender.
    pub fn new() -> Result<Self> {
        let wasm = machine::pyramid()?;
        Ok(Self {
            plain: Bare::new(&wasm, Metering::Off)?,
            metered: Bare::new(&wasm, Metering::On)?,
            host: Host::new(&wasm)?,
        })
    }

    fn play(&self, contender: usize, n: u32, telling: Telling) -> Result<Played> {
        let brief = self.host.brief(n);
        match contender {
            NATIVE => {
                let brief = native::brief(brief);
                play(|| Native::start(brief), n, telling)
            }
            PLAIN => play(|| self.plain.start(&brief), n, telling),
            METERED => play(|| self.metered.start(&brief), n, telling),
            _ => play(|| self.host.start(&brief), n, telling),
        }
    }

    /// Plays the same tournament `times` times with all contenders in turn, after one repetition that is not counted.
    /// Each repetition begins with another contender, so that none always follows the same one. Fails if the rankings
    /// differ.
    fn runs(&self, n: u32, times: usize, telling: Telling) -> Result<Vec<[Played; 4]>> {
        let mut runs = Vec::with_capacity(times);
        for round in 0..=times {
            let mut run: [Played; 4] = Default::default();
            for turn in 0..run.len() {
                let contender = (round + turn) % run.len();
                if let Some(place) = run.get_mut(contender) {
                    *place = self.play(contender, n, telling)?;
                }
            }
            let [native, rest @ ..] = &run;
            ensure!(native.places.len() == n as usize, "{} of {n} candidates are ranked", native.places.len());
            ensure!(rest.iter().all(|other| other.places == native.places), "the rankings of {n} candidates differ");
            if round > 0 {
                runs.push(run);
            }
        }
        Ok(runs)
    }
}

/// Prints the tables.
pub fn table() -> Result<()> {
    let all = Contenders::new()?;
    println!("\n## Tournaments\n");
    println!(
        "The standard pyramid, its time inside all calls of a session, medians. Every repetition of every contender gave the \
         same ranking. Added: the host's time less bare metered's in the \
         same repetition, median ± the farther quartile."
    );
    let mut by_function = Vec::new();
    println!("\nAll outcomes of a round told at once:\n");
    heading("match");
    for (n, times) in ROUNDS {
        let runs = all.runs(n, times, Telling::Rounds)?;
        row(n, &runs, Per::Match);
        by_function.push((n, runs));
    }
    println!("\nOutcomes told one by one, `next` after each:\n");
    heading("call");
    for (n, times) in CHATTY {
        row(n, &all.runs(n, times, Telling::Chatty)?, Per::Call);
    }
    println!("\nOutcomes told one by one, `next` once a round:\n");
    heading("call");
    for (n, times) in ONE_BY_ONE {
        row(n, &all.runs(n, times, Telling::OneByOne)?, Per::Call);
    }
    println!("\nBy function, all calls of it together, outcomes told by rounds:\n");
    println!("| N | function | calls | native | bare | bare metered | host | host ÷ bare metered | added in all |");
    println!("|---|---|---|---|---|---|---|---|---|");
    for (n, runs) in &by_function {
        functions(*n, runs);
    }
    Ok(())
}

/// The unit by which the time that the host adds is divided.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Per {
    /// A match: calls are few and large. The goal for a whole tournament applies.
    Match,
    /// A call: calls are many. The goal for a call applies.
    Call,
}

fn heading(per: &str) {
    println!(
        "| N | calls | native | bare | bare metered | host | metering's share | host ÷ bare metered | added per {per} |"
    );
    println!("|---|---|---|---|---|---|---|---|---|");
}

fn row(n: u32, runs: &[[Played; 4]], per: Per) {
    let total = |played: &Played| micros(played.total());
    let [native, plain, metered, host] = medians(runs, total);
    let calls = runs.first().map_or(0, |[_, _, metered, _]| metered.tells + metered.nexts + 2);
    let host = match per {
        Per::Match if n == 1024 => goal(host / 1e3, 0.0, 3.0, &time(host), " ms"),
        _ => time(host),
    };
    let share = (metered - plain) / metered * 100.0;
    let ratio = ratio(runs, total);
    let added: Vec<f64> =
        added(runs, total).iter().map(|all| all / f64::from(if per == Per::Call { calls } else { n - 1 })).collect();
    let each = median(added.iter().copied());
    let shown = format!("{} ± {}", time(each), time(spread(&added)));
    let shown = if per == Per::Call { goal(each, spread(&added), 1.0, &shown, " µs") } else { shown };
    println!(
        "| {n} | {calls} | {} | {} | {} | {host} | {share:.0} % | {} | {shown} |",
        time(native),
        time(plain),
        time(metered),
        goal(ratio, 0.0, 1.15, &format!("{ratio:.3}"), ""),
    );
}

fn functions(n: u32, runs: &[[Played; 4]]) {
    type Part = fn(&Played) -> f64;
    let (tells, nexts) = runs.first().map_or((0, 0), |[_, _, metered, _]| (metered.tells, metered.nexts));
    let parts: [(&str, u32, Part); 4] = [
        ("start", 1, |played| micros(played.start)),
        ("tell", tells, |played| micros(played.tell)),
        ("next", nexts, |played| micros(played.next)),
        ("ranking", 1, |played| micros(played.ranking)),
    ];
    for (name, calls, part) in parts {
        let [native, plain, metered, host] = medians(runs, part).map(time);
        let (ratio, added) = (ratio(runs, part), added(runs, part));
        let shown = format!("{} ± {}", time(median(added.iter().copied())), time(spread(&added)));
        println!("| {n} | {name} | {calls} | {native} | {plain} | {metered} | {host} | {ratio:.3} | {shown} |");
    }
}

fn medians(runs: &[[Played; 4]], part: impl Fn(&Played) -> f64) -> [f64; 4] {
    [NATIVE, PLAIN, METERED, HOST].map(|who| median(runs.iter().map(|run| run.get(who).map_or(f64::NAN, &part))))
}

/// The median ratio of host to bare metered within a repetition, in which the machine is equally fast for both.
fn ratio(runs: &[[Played; 4]], part: impl Fn(&Played) -> f64) -> f64 {
    median(runs.iter().map(|[_, _, metered, host]| part(host) / part(metered)))
}

/// The time that the host adds to bare metered in each repetition, in microseconds.
fn added(runs: &[[Played; 4]], part: impl Fn(&Played) -> f64) -> Vec<f64> {
    runs.iter().map(|[_, _, metered, host]| part(host) - part(metered)).collect()
}
