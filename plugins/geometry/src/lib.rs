//! A scorer that scores a candidate by its size: the share of the image that its mask covers.
#![cfg_attr(all(target_family = "wasm", not(test)), no_std)]

use rescue_plugin_sdk::prelude::*;
use rescue_plugin_sdk::scorer::{Fact, Scorer, Step};
use rescue_plugin_sdk::{Brief, Fault, Roster, Score, settings};

settings! {
    /// The sizes that score well.
    pub struct Settings {
        /// Candidates that cover a smaller share of the image than this score 0.
        pub smallest: f64 = 0.01, 0.0..=1.0;
        /// Candidates that cover a larger share of the image than this score 0.
        pub largest: f64 = 0.8, 0.0..=1.0;
        /// The share of the image that scores best.
        pub ideal: f64 = 0.3, 0.0..=1.0;
    }
}

/// The score of a candidate that covers this share of the image (0 to 1).
///
/// This is the heuristic mode of the RESCue system: 0 outside of the limits, else `50 + (ideal − |coverage − ideal|) ·
/// 100`. With `ideal` 0.3 that is 80 at 30 % of the image, and one less for each percent away from it.
#[must_use]
pub fn score(coverage: f64, settings: &Settings) -> f64 {
    if coverage < settings.smallest || coverage > settings.largest {
        0.0
    } else {
        50.0 + (settings.ideal - (coverage - settings.ideal).abs()) * 100.0
    }
}

/// A session on one sample.
#[derive(Debug)]
pub struct Geometry {
    settings: Settings,
    roster: Roster,
}

impl Scorer for Geometry {
    type Settings = Settings;

    fn start(_: Brief, settings: Settings) -> Result<Self, Fault> {
        if settings.smallest > settings.largest {
            let Settings { smallest, largest, .. } = settings;
            return Err(Fault::settings(format!("smallest ({smallest}) is above largest ({largest}); swap them")));
        }
        Ok(Self { settings, roster: Roster::default() })
    }

    fn tell(&mut self, fact: Fact) -> Result<(), Fault> {
        match fact {
            Fact::Entered(candidate) => self.roster.enter(candidate),
            Fact::Closed(standings) => self.roster.close(standings),
            Fact::Gone(_) | Fact::Answered(_) | Fact::Noted(_) => {}
        }
        Ok(())
    }

    fn next(&mut self) -> Result<Step, Fault> {
        let scores = self.roster.is_closed().then(|| {
            let candidates = self.roster.candidates();
            candidates.map(|c| Score { id: c.id, value: score(c.coverage, &self.settings) }).collect::<Vec<_>>()
        });
        Ok(Step { scores, ..Step::default() })
    }
}

rescue_plugin_sdk::export! {
    name: "geometry",
    summary: "Scores a candidate by the share of the image that it covers.",
    scorer: Geometry,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_original_formula() {
        let settings = Settings::default();
        for (coverage, expected) in
            [(0.0, 0.0), (0.009, 0.0), (0.01, 51.0), (0.1, 60.0), (0.3, 80.0), (0.5, 60.0), (0.8, 30.0), (0.81, 0.0)]
        {
            assert!((score(coverage, &settings) - expected).abs() < 1e-9, "{coverage}");
        }
    }

    #[test]
    fn the_manifest_lists_its_settings() {
        assert_eq!(describe().offers.len(), 1);
        assert!(describe().offers[0].settings.contains("ideal"));
    }
}
