//! The interface of contenders, and the benchmark of a whole tournament.

use std::time::{Duration, Instant};

use rescue_plugin::border::exports::rescue::plugin::tournament::Fact;
use wasmtime::{Result, ensure};

use crate::facts;

/// A session of the tournament. Facts are converted before the clock runs, and handed over by value.
pub trait Contender {
    /// The contender's type of facts.
    type Fact;
    /// The contender's type of matches.
    type Match;
    /// The contender's type of rankings.
    type Ranking;

    /// Converts a fact.
    fn fact(fact: &Fact) -> Self::Fact;
    /// Tells facts.
    fn tell(&mut self, facts: Vec<Self::Fact>) -> Result<()>;
    /// Asks for steps until one is empty or the last. `owed` says whether facts are still to come that are no outcomes.
    fn plan(&mut self, owed: bool) -> Result<Plan<Self::Match>>;
    /// Asks for the current ranking.
    fn ranking(&mut self) -> Result<Self::Ranking>;
    /// The match's id and contestants.
    fn lineup(wanted: &Self::Match) -> (u32, &[u32]);
    /// Ids and scores, best first.
    fn places(ranking: &Self::Ranking) -> Vec<(u32, f64)>;
}

/// What a tournament asks for.
pub struct Plan<M> {
    /// The matches, in the order in which they were asked for.
    pub play: Vec<M>,
    /// Whether the tournament is done.
    pub done: bool,
    /// How often `next` was called for the plan; 0 if the contender does not count.
    pub nexts: u32,
}

/// How outcomes are told.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Telling {
    /// All outcomes of a round at once.
    Rounds,
    /// One by one, with a `next` after each.
    Chatty,
    /// One by one, with a `next` after each round.
    OneByOne,
}

/// The time that the calls of one tournament took, and its result.
#[derive(Default)]
pub struct Played {
    /// The time in `start`.
    pub start: Duration,
    /// The time in all `tell`s together.
    pub tell: Duration,
    /// The time in all `next`s together.
    pub next: Duration,
    /// The time in `ranking`.
    pub ranking: Duration,
    /// The number of `tell`s.
    pub tells: u32,
    /// The number of `next`s; 0 if the contender does not count.
    pub nexts: u32,
    /// Ids and scores, best first.
    pub places: Vec<(u32, f64)>,
}

impl Played {
    /// The time in all calls together.
    pub fn total(&self) -> Duration {
        self.start + self.tell + self.next + self.ranking
    }
}

/// Plays a whole tournament of `n` candidates. All of them are told at once with `closed` and `scored`, then come the
/// outcomes.
pub fn play<C: Contender>(start: impl FnOnce() -> Result<C>, n: u32, telling: Telling) -> Result<Played> {
    let field: Vec<C::Fact> = facts::field(n).iter().map(C::fact).collect();
    let mut played = Played::default();
    let clock = Instant::now();
    let mut session = start()?;
    played.start = clock.elapsed();
    tell(&mut session, field, &mut played)?;
    let mut plan = ask(&mut session, &mut played)?;
    let mut wanted = plan.play;
    while !plan.done {
        ensure!(!wanted.is_empty(), "the tournament of {n} stalled");
        let at_once = if telling == Telling::Rounds { wanted.len() } else { 1 };
        let mut batch: Vec<C::Match> = wanted.drain(..at_once).collect();
        loop {
            let outcomes = batch.iter().map(|one| {
                let (id, contestants) = C::lineup(one);
                C::fact(&Fact::Played(facts::outcome(id, contestants)))
            });
            tell(&mut session, outcomes.collect(), &mut played)?;
            if telling != Telling::OneByOne || wanted.is_empty() {
                break;
            }
            batch = wanted.drain(..1).collect();
        }
        plan = ask(&mut session, &mut played)?;
        wanted.append(&mut plan.play);
    }
    let clock = Instant::now();
    let ranking = session.ranking()?;
    played.ranking = clock.elapsed();
    played.places = C::places(&ranking);
    Ok(played)
}

fn tell<C: Contender>(session: &mut C, facts: Vec<C::Fact>, played: &mut Played) -> Result<()> {
    let clock = Instant::now();
    session.tell(facts)?;
    played.tell += clock.elapsed();
    played.tells += 1;
    Ok(())
}

fn ask<C: Contender>(session: &mut C, played: &mut Played) -> Result<Plan<C::Match>> {
    let clock = Instant::now();
    let plan = session.plan(false)?;
    played.next += clock.elapsed();
    played.nexts += plan.nexts;
    Ok(plan)
}
