//! Benchmarks calls in which the guest does next to nothing, so that the border's own cost remains.

use std::time::Instant;

use rescue_plugin::border::exports::rescue::plugin::tournament::Fact;
use wasmtime::Result;

use crate::contender::Contender;
use crate::figures::{goal, median, micros, spread, time};
use crate::native::{self, Native};
use crate::tournaments::Contenders;

/// The number of calls that are timed together.
const BATCH: usize = 1000;
/// The number of batches of each contender, which take turns. One more comes first and is not counted.
const TIMES: usize = 101;

/// Prints the table.
pub fn table() -> Result<()> {
    let all = Contenders::new()?;
    let brief = all.host.brief(64);
    let mut native = Native::start(native::brief(brief.clone()))?;
    let mut plain = all.plain.start(&brief)?;
    let mut metered = all.metered.start(&brief)?;
    let mut host = all.host.start(&brief)?;
    let (mut tells, mut nexts) = (Vec::new(), Vec::new());
    for _ in 0..=TIMES {
        tells.push([tell(&mut native)?, tell(&mut plain)?, tell(&mut metered)?, tell(&mut host)?]);
        nexts.push([next(&mut native)?, next(&mut plain)?, next(&mut metered)?, next(&mut host)?]);
    }
    println!("\n## An empty call\n");
    println!(
        "`tell` of one fact that the pyramid does not know, `next` before all candidates are told: the guest does next to \
         nothing. Medians of {TIMES} batches of {BATCH} calls.\n"
    );
    println!("| call | native | bare | bare metered | host | host ÷ bare metered | added per call |");
    println!("|---|---|---|---|---|---|---|");
    for (name, times) in [("tell", &tells), ("next", &nexts)] {
        let times = times.get(1..).unwrap_or_default();
        let of = |who: usize| median(times.iter().map(|times| times.get(who).copied().unwrap_or(f64::NAN)));
        let ratio = median(times.iter().map(|[_, _, metered, host]| host / metered));
        let added: Vec<f64> = times.iter().map(|[_, _, metered, host]| host - metered).collect();
        let (each, off) = (median(added.iter().copied()), spread(&added));
        let [native, plain, metered, host] = [of(0), of(1), of(2), of(3)].map(time);
        let added = goal(each, off, 1.0, &format!("{} ± {}", time(each), time(off)), " µs");
        println!("| {name} | {native} | {plain} | {metered} | {host} | {ratio:.2} | {added} |");
    }
    Ok(())
}

/// The microseconds that a `tell` takes.
fn tell<C: Contender>(session: &mut C) -> Result<f64> {
    let fact = Fact::Noted(("weather".into(), "fair".into()));
    let facts: Vec<_> = (0..BATCH).map(|_| vec![C::fact(&fact)]).collect();
    let clock = Instant::now();
    for fact in facts {
        session.tell(fact)?;
    }
    Ok(micros(clock.elapsed()) / BATCH as f64)
}

/// The microseconds that a `next` takes.
fn next<C: Contender>(session: &mut C) -> Result<f64> {
    let clock = Instant::now();
    for _ in 0..BATCH {
        session.plan(true)?;
    }
    Ok(micros(clock.elapsed()) / BATCH as f64)
}
