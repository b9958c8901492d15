//! What is compared: the same tournament, played in different ways.

use std::time::{Duration, Instant};

use rescue_plugin::border::exports::rescue::plugin::tournament::Fact;
use wasmtime::{Result, ensure};

use crate::facts;

/// A session of the tournament. Facts are converted before the clock runs, and handed over for good.
pub trait Contender {
    /// A fact in its own words.
    type Fact;
    /// A match in its own words.
    type Match;
    /// A ranking in its own words.
    type Ranking;

    /// The fact in its own words.
    fn fact(fact: &Fact) -> Self::Fact;
    /// Tells facts.
    fn tell(&mut self, facts: Vec<Self::Fact>) -> Result<()>;
    /// Asks for steps until one is empty or the last. `owed`: whether facts are still to come that answer no match.
    fn plan(&mut self, owed: bool) -> Result<Plan<Self::Match>>;
    /// The ranking as things stand.
    fn ranking(&mut self) -> Result<Self::Ranking>;
    /// The match's id and contestants.
    fn lineup(wanted: &Self::Match) -> (u32, &[u32]);
    /// Ids and scores, best first.
    fn places(ranking: &Self::Ranking) -> Vec<(u32, f64)>;
}

/// What a tournament wants.
pub struct Plan<M> {
    /// Matches, in the order asked for.
    pub play: Vec<M>,
    /// Nothing follows.
    pub done: bool,
    /// How often `next` was called for it; 0 where the contender does not say.
    pub nexts: u32,
}

/// How outcomes are told.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Telling {
    /// All of a round at once.
    Rounds,
    /// One by one, and the tournament is asked what is next after each.
    Chatty,
    /// One by one, and it is asked once a round.
    OneByOne,
}

/// The time inside the calls of one tournament, and its result.
#[derive(Default)]
pub struct Played {
    /// In `start`.
    pub start: Duration,
    /// In all `tell`s together.
    pub tell: Duration,
    /// In all `next`s together.
    pub next: Duration,
    /// In `ranking`.
    pub ranking: Duration,
    /// How often it was told something.
    pub tells: u32,
    /// How often it was asked what is next; 0 where the contender does not say.
    pub nexts: u32,
    /// Ids and scores, best first.
    pub places: Vec<(u32, f64)>,
}

impl Played {
    /// In all calls together.
    pub fn total(&self) -> Duration {
        self.start + self.tell + self.next + self.ranking
    }
}

/// Plays a whole tournament of so many candidates: all of them told at once with `closed` and `scored`, then the outcomes.
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
