//! Connects the generated bindings with the traits of the kinds: it keeps the sessions, reads their settings and splits
//! steps that are longer than the host's `room`. Not for direct use.
#![allow(missing_docs, reason = "not for direct use")]

use crate::bindings::{
    planner::exports::rescue::plugin::planner as p, scorer::exports::rescue::plugin::scorer as s,
    tournament::exports::rescue::plugin::tournament as t, verifier::exports::rescue::plugin::verifier as v,
};
use crate::kinds::{Planner, Scorer, Tournament, Verifier};
use crate::{Brief, Fault, Settings};
use alloc::collections::VecDeque;
use alloc::vec::Vec;
use core::cell::RefCell;
use core::marker::PhantomData;

/// The type that a component exports for a kind; `T` implements the kind's trait.
#[derive(Debug)]
pub struct Exported<T>(PhantomData<T>);

/// One session of a plugin.
#[derive(Debug)]
pub struct Session<T, Step>(RefCell<State<T, Step>>);

#[derive(Debug)]
struct State<T, Step> {
    plugin: T,
    splitter: Splitter<Step>,
}

impl<T, Step: Split> Session<T, Step> {
    fn new(plugin: T, room: u32) -> Self {
        Self(RefCell::new(State { plugin, splitter: Splitter::new(room) }))
    }

    fn tell<F>(&self, facts: Vec<F>, tell: impl Fn(&mut T, F) -> Result<(), Fault>) -> Result<(), Fault> {
        let plugin = &mut self.0.borrow_mut().plugin;
        facts.into_iter().try_for_each(|fact| tell(plugin, fact))
    }

    fn next(&self, next: impl FnOnce(&mut T) -> Result<Step, Fault>) -> Result<Step, Fault> {
        let state = &mut *self.0.borrow_mut();
        state.splitter.next(|| next(&mut state.plugin))
    }
}

/// Splits the steps of a plugin into pieces of at most `room` entries, and holds the pieces until the host calls
/// `next`.
#[derive(Debug)]
struct Splitter<Step> {
    room: usize,
    pieces: VecDeque<Step>,
    ended: bool,
}

impl<Step: Split> Splitter<Step> {
    fn new(room: u32) -> Self {
        Self { room: usize::try_from(room).unwrap_or(usize::MAX).max(1), pieces: VecDeque::new(), ended: false }
    }

    fn next(&mut self, plan: impl FnOnce() -> Result<Step, Fault>) -> Result<Step, Fault> {
        if self.pieces.is_empty() && !self.ended {
            let step = plan()?;
            self.ended = step.ends();
            step.split(self.room, &mut self.pieces);
        }
        Ok(self.pieces.pop_front().unwrap_or_default())
    }
}

/// A step that can be split into pieces.
pub trait Split: Default {
    /// Whether this step ends the session.
    fn ends(&self) -> bool;
    /// Appends the pieces of this step to `out`: at least one, each of at most `room` entries. What ends the session is
    /// in the last piece.
    fn split(self, room: usize, out: &mut VecDeque<Self>);
}

/// Implements [`Split`]: fills each piece from the lists in this order. The `whole` list goes into the last piece and
/// is cut to what fits there.
macro_rules! split {
    ($step:ty: $($list:ident),+; end $end:ident if |$value:ident| $ends:expr $(; whole $whole:ident)?) => {
        impl Split for $step {
            fn ends(&self) -> bool {
                let $value = &self.$end;
                $ends
            }

            fn split(mut self, room: usize, out: &mut VecDeque<Self>) {
                loop {
                    let mut piece = Self::default();
                    let mut free = room;
                    $(
                        let rest = self.$list.split_off(self.$list.len().min(free));
                        piece.$list = core::mem::replace(&mut self.$list, rest);
                        free -= piece.$list.len();
                    )+
                    let _ = free;
                    if $(self.$list.is_empty())&&+ {
                        $(
                            self.$whole.truncate(free);
                            piece.$whole = self.$whole;
                        )?
                        piece.$end = self.$end;
                        out.push_back(piece);
                        return;
                    }
                    out.push_back(piece);
                }
            }
        }
    };
}

split!(p::Step: cancel, propose, ask; end done if |done| *done);
split!(s::Step: cancel, ask; end scores if |scores| scores.is_some());
split!(v::Step: cancel, ask; end judgement if |judgement| judgement.is_some());
split!(t::Step: cancel, play; end done if |done| *done; whole prefetch);

/// Reads the settings of a session that begins.
fn settings<S: Settings>(brief: &Brief) -> Result<S, Fault> {
    crate::export::hook();
    S::read(&brief.settings).map_err(Fault::settings)
}

impl<T: Planner> p::Guest for Exported<T> {
    type Planning = Session<T, p::Step>;
}

impl<T: Planner> p::GuestPlanning for Session<T, p::Step> {
    fn start(brief: Brief) -> Result<p::Planning, Fault> {
        let (room, settings) = (brief.room, settings(&brief)?);
        Ok(p::Planning::new(Self::new(T::start(brief, settings)?, room)))
    }

    fn tell(&self, facts: Vec<p::Fact>) -> Result<(), Fault> {
        Session::tell(self, facts, T::tell)
    }

    fn next(&self) -> Result<p::Step, Fault> {
        Session::next(self, T::next)
    }
}

impl<T: Scorer> s::Guest for Exported<T> {
    type Scoring = Session<T, s::Step>;
}

impl<T: Scorer> s::GuestScoring for Session<T, s::Step> {
    fn start(brief: Brief) -> Result<s::Scoring, Fault> {
        let (room, settings) = (brief.room, settings(&brief)?);
        Ok(s::Scoring::new(Self::new(T::start(brief, settings)?, room)))
    }

    fn tell(&self, facts: Vec<s::Fact>) -> Result<(), Fault> {
        Session::tell(self, facts, T::tell)
    }

    fn next(&self) -> Result<s::Step, Fault> {
        Session::next(self, T::next)
    }
}

impl<T: Verifier> v::Guest for Exported<T> {
    type Judging = Session<T, v::Step>;
}

impl<T: Verifier> v::GuestJudging for Session<T, v::Step> {
    fn start(brief: Brief, contest: v::Contest) -> Result<v::Judging, Fault> {
        let (room, settings) = (brief.room, settings(&brief)?);
        Ok(v::Judging::new(Self::new(T::start(brief, contest, settings)?, room)))
    }

    fn tell(&self, facts: Vec<v::Fact>) -> Result<(), Fault> {
        Session::tell(self, facts, T::tell)
    }

    fn next(&self) -> Result<v::Step, Fault> {
        Session::next(self, T::next)
    }
}

impl<T: Tournament> t::Guest for Exported<T> {
    type Tourney = Session<T, t::Step>;
}

impl<T: Tournament> t::GuestTourney for Session<T, t::Step> {
    fn start(brief: Brief, terms: t::Terms) -> Result<t::Tourney, Fault> {
        let (room, settings) = (brief.room, settings(&brief)?);
        Ok(t::Tourney::new(Self::new(T::start(brief, terms, settings)?, room)))
    }

    fn tell(&self, facts: Vec<t::Fact>) -> Result<(), Fault> {
        Session::tell(self, facts, T::tell)
    }

    fn next(&self) -> Result<t::Step, Fault> {
        Session::next(self, T::next)
    }

    fn ranking(&self) -> Result<t::Ranking, Fault> {
        self.0.borrow().plugin.ranking()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;

    fn step(matches: u32, prefetch: u32, done: bool) -> t::Step {
        let lineup = |id| t::Lineup { contestants: vec![id, id + 1], repeat: 0 };
        t::Step {
            play: (0..matches).map(|id| t::Match { id, lineup: lineup(id) }).collect(),
            cancel: vec![],
            prefetch: (0..prefetch).map(lineup).collect(),
            done,
        }
    }

    #[test]
    fn steps_are_split_by_the_room_and_nothing_is_lost() {
        for (matches, prefetch, room) in [(0, 0, 4), (3, 0, 4), (4, 9, 4), (9, 2, 4), (5, 5, 0), (8, 0, 4)] {
            let mut splitter = Splitter::new(room);
            let mut told = vec![];
            let mut pieces = 0;
            loop {
                let piece: t::Step = splitter.next(|| Ok(step(matches, prefetch, true))).unwrap();
                assert!(piece.play.len() + piece.prefetch.len() <= usize::try_from(room.max(1)).unwrap());
                told.extend(piece.play.iter().map(|m| m.id));
                pieces += 1;
                if piece.done {
                    break;
                }
                assert!(pieces < 100 && piece.prefetch.is_empty());
            }
            assert_eq!(told, (0..matches).collect::<Vec<_>>());
            assert_eq!(splitter.next(|| panic!("asked after the end")).unwrap(), t::Step::default());
        }
    }

    #[test]
    fn an_empty_step_stays_one_piece() {
        let mut splitter = Splitter::new(4);
        for _ in 0..3 {
            assert_eq!(splitter.next(|| Ok(step(0, 0, false))).unwrap(), t::Step::default());
        }
    }
}
