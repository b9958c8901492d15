//! Target `trace`: event logs, of any text, and any log that a host could have written.

use std::sync::Arc;

use rescue_core::Digest;
use rescue_plugin::Kind;
use rescue_plugin::border::exports::rescue::plugin::{planner, scorer, tournament, verifier};
use rescue_plugin::border::rescue::plugin::types::Score;
use rescue_plugin::trace::{Call, Event, FORM, Header, Look, Looked, Returned, Shown, Trace};
use serde_json::Value;

use crate::border::Generator;
use crate::memory;

/// Reads the bytes as a log, and draws another log from them.
pub fn trace(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let (read, peak) = memory::peak(|| Trace::parse(&text));
    assert!(peak <= 1024 * text.len() + 8192, "{peak} bytes for a log of {}", text.len());
    match read {
        Ok(trace) => comes_back(&trace),
        Err(error) => assert!((1..=text.lines().count().max(1)).contains(&error.line) && !error.problem.is_empty()),
    }
    comes_back(&Generator::new(data).trace());
}

fn comes_back(trace: &Trace) {
    let written = trace.write();
    match Trace::parse(&written) {
        Ok(read) => assert_eq!(read, *trace, "{written}"),
        Err(error) => panic!("{error}\n{written}"),
    }
}

impl Generator<'_> {
    fn trace(&mut self) -> Trace {
        let kind = self.one_of(&[Kind::Planner, Kind::Scorer, Kind::Verifier, Kind::Tournament]);
        let digest = Digest::of(&self.whole().to_le_bytes());
        let header = Header { trace: FORM, border: self.text(), kind, plugin: self.odd_text(), digest };
        let mut events = Vec::new();
        while !self.is_spent() && events.len() < 12 {
            let returned =
                if self.once_in(6) { Returned::Error(self.odd_text()) } else { Returned::Answer(self.value(3)) };
            events.push(Event { call: self.call(), looked: self.list(2, Self::looked), returned, fuel: self.whole() });
        }
        Trace { header, events }
    }

    /// A text that needs escaping or looks like another line of a log.
    fn odd_text(&mut self) -> String {
        let odd = ["", "\n", "\r\n", "\"shown\":", "\\", "\u{2028}\u{0}", "ä😀", "{\"shown\":"];
        self.list(2, |generator| generator.one_of(&odd)).concat()
    }

    fn call(&mut self) -> Call {
        let number = self.id();
        match self.below(15) {
            0 => Call::Instantiation,
            1 => Call::PlanningStart(self.brief()),
            2 => Call::PlanningTell(self.list(2, |generator| match generator.below(4) {
                0 => planner::Fact::Answered(generator.answer(number, 1)),
                1 => planner::Fact::Entered(generator.candidate(number)),
                2 => planner::Fact::Gone(generator.gone(number)),
                _ => planner::Fact::Noted((generator.odd_text(), generator.text())),
            })),
            3 => Call::PlanningNext,
            4 => Call::ScoringStart(self.brief()),
            5 => Call::ScoringTell(self.list(2, |generator| match generator.below(4) {
                0 => scorer::Fact::Answered(generator.answer(number, 1)),
                1 => scorer::Fact::Entered(generator.candidate(number)),
                2 => scorer::Fact::Gone(generator.gone(number)),
                _ => scorer::Fact::Closed(generator.list(2, |generator| generator.standing(number))),
            })),
            6 => Call::ScoringNext,
            7 => {
                let contest = verifier::Contest { contestants: vec![self.candidate(number)], repeat: self.id() };
                Call::JudgingStart(number, self.brief(), contest)
            }
            8 => Call::JudgingTell(
                number,
                self.list(2, |generator| verifier::Fact::Answered(generator.answer(number, 1))),
            ),
            9 => Call::JudgingNext(number),
            10 => Call::JudgingDrop(number),
            11 => {
                let (scored, spare, context) = (self.once_in(2), self.id(), self.extras());
                Call::TourneyStart(self.brief(), tournament::Terms { smallest: 1, largest: 2, scored, spare, context })
            }
            12 => Call::TourneyTell(self.list(2, |generator| match generator.below(4) {
                0 => tournament::Fact::Entered(generator.candidate(number)),
                1 => tournament::Fact::Gone(generator.gone(number)),
                2 => tournament::Fact::Scored(vec![Score { id: number, value: generator.finite() }]),
                _ => tournament::Fact::Played(tournament::Outcome {
                    id: number,
                    calls: 1,
                    ending: tournament::Ending::Failed(generator.odd_text()),
                }),
            })),
            13 => Call::TourneyNext,
            _ => Call::TourneyRanking,
        }
    }

    fn looked(&mut self) -> Looked {
        let look = match self.below(4) {
            0 => Look::Pixels(self.rect(Self::finite), self.id()),
            1 => Look::Mask(self.id(), self.rect(Self::finite), self.id()),
            2 => Look::Iou(self.id(), self.id()),
            _ => Look::Reasoning(self.id()),
        };
        let shown = match self.below(4) {
            0 => Shown::Raster(self.size(), Arc::new(self.list(9, |generator| generator.below(3) as u8))),
            1 => Shown::Number(self.finite()),
            2 => Shown::Text(self.odd_text()),
            _ => Shown::Nothing(self.odd_text()),
        };
        Looked { look, shown }
    }

    fn value(&mut self, depth: u32) -> Value {
        match self.below(if depth == 0 { 5 } else { 7 }) {
            0 => Value::Null,
            1 => self.once_in(2).into(),
            2 => self.finite().into(),
            3 => self.whole().into(),
            4 => self.odd_text().into(),
            5 => self.list(2, |generator| generator.value(depth - 1)).into(),
            _ => Value::Object(
                self.list(2, |generator| (generator.odd_text(), generator.value(depth - 1))).into_iter().collect(),
            ),
        }
    }
}
