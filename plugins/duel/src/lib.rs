//! A verifier that shows a vision-language model two candidates and asks which fits the description.
//!
//! The [question](prompt) shows the photo, then the photo with each candidate marked. It is asked in the order of the
//! match, or in [both orders](Orders), because models tend to favour the first or the second picture. The [verdict]
//! comes from the letters "A" and "B", or from their probabilities. An answer that cannot be read is ignored. If no
//! readable answer is left, the judgement is an abstention: neither candidate wins by default.
#![cfg_attr(all(target_family = "wasm", not(test)), no_std)]

extern crate alloc;

pub mod prompt;
pub mod verdict;

use rescue_plugin_sdk::chat::{Body, Request};
use rescue_plugin_sdk::prelude::*;
use rescue_plugin_sdk::verifier::{Contest, Fact, Step, Verifier};
use rescue_plugin_sdk::{Brief, Fault, Requests, choices, settings};
use verdict::{Reading, Turn};

choices! {
    /// How two candidates are shown.
    pub enum Layout {
        /// Two pictures, one after the other.
        Pair = "pair",
        /// Side by side in one picture.
        SideBySide = "side-by-side",
    }
}

choices! {
    /// How a candidate is marked.
    pub enum Style {
        /// Tinted in red.
        Overlay = "overlay",
        /// A red line along its edge.
        Outline = "outline",
        /// Everything outside of it is black.
        Cutout = "cutout",
        /// Everything outside of it is dimmed.
        Darkened = "darkened",
        /// A red box around it.
        Box = "box",
    }
}

choices! {
    /// In which orders two candidates are shown.
    pub enum Orders {
        /// In the order of the match.
        One = "one",
        /// In both orders; if the answers differ, a third answer decides.
        Both = "both",
    }
}

settings! {
    /// How the model is asked.
    pub struct Settings {
        /// How the two candidates are shown: as a "pair" of pictures, or "side-by-side" in one picture.
        pub view: Layout = Layout::Pair;
        /// How a candidate is marked: "overlay", "outline", "cutout", "darkened" or "box".
        pub style: Style = Style::Overlay;
        /// Whether the photo without marks is shown first.
        pub photo: bool = true;
        /// Whether the model is shown the planner's reasoning for each candidate.
        pub reasoning: bool = false;
        /// Whether the model is asked in "one" order, that of the match, or in "both" orders. If the answers in both
        /// orders differ, a third answer decides: the first order again, at a temperature of at least 1.
        pub orders: Orders = Orders::One;
        /// Whether the shares are the probabilities of the letters A and B, averaged over the orders as logits. If not,
        /// or if the server gives no probabilities, the winner gets share 1 and the other 0.
        pub preference: bool = false;
        /// Sampling temperature.
        pub temperature: f64 = 0.0, 0.0..=2.0;
        /// The longest reply in tokens, including the model's thinking; 0 means the host's default. A model that thinks
        /// needs more than 64.
        pub max_tokens: u32 = 64, 0..=65_536;
    }
}

/// The least temperature of the third answer. At temperature 0 it would only repeat the first answer.
const THIRD_TEMPERATURE: f64 = 1.0;

/// A session on one match.
#[derive(Debug)]
pub struct Duel {
    query: String,
    settings: Settings,
    pair: [u32; 2],
    requests: Requests<Turn>,
}

impl Duel {
    fn ask(&mut self, turn: Turn) -> Request {
        let [one, other] = self.pair;
        let (shown, repeat, least) = match turn {
            Turn::First => ([one, other], 0, 0.0),
            Turn::Swapped => ([other, one], 0, 0.0),
            Turn::Third => ([one, other], 1, THIRD_TEMPERATURE),
        };
        let question = prompt::which(&self.query, shown, &self.settings)
            .temperature(self.settings.temperature.max(least))
            .max_tokens(self.settings.max_tokens);
        self.requests.draw(turn, Body::Chat(question), repeat..repeat + 1)
    }
}

impl Verifier for Duel {
    type Settings = Settings;
    const NEEDS: &'static [&'static str] = &["chat"];
    const TRAITS: &'static [(&'static str, &'static str)] = &[("contestants", "2..2"), ("delivery", "any")];

    fn start(brief: Brief, contest: Contest, settings: Settings) -> Result<Self, Fault> {
        match contest.contestants.as_slice() {
            [one, other] => {
                Ok(Self { query: brief.query, settings, pair: [one.id, other.id], requests: Requests::default() })
            }
            all => Err(Fault::unsupported(format!("{} contestants were shown; this verifier takes 2", all.len()))),
        }
    }

    fn tell(&mut self, fact: Fact) -> Result<(), Fault> {
        if let Fact::Answered(answer) = fact {
            self.requests.answered(answer);
        }
        Ok(())
    }

    fn next(&mut self) -> Result<Step, Fault> {
        if self.requests.waiting() {
            return Ok(Step::default());
        }
        let readings: Vec<Reading> =
            self.requests.answers().filter_map(|(turn, answer)| Some(Reading::new(*turn, answer?))).collect();
        if readings.is_empty() {
            let both = self.settings.orders == Orders::Both;
            let turns = [Turn::First].into_iter().chain(both.then_some(Turn::Swapped));
            return Ok(Step { ask: turns.map(|turn| self.ask(turn)).collect(), ..Step::default() });
        }
        match verdict::judge(&readings, self.settings.preference) {
            Some(judgement) => Ok(Step { judgement: Some(judgement), ..Step::default() }),
            None => Ok(Step { ask: vec![self.ask(Turn::Third)], ..Step::default() }),
        }
    }
}

rescue_plugin_sdk::export! {
    name: "duel",
    summary: "Shows a vision-language model two candidates and asks which fits the description.",
    verifier: Duel,
}

#[cfg(test)]
mod tests;
