//! Draws values of the border's types from a fuzzer's bytes: mostly sensible ones, sometimes arbitrary ones.

use arbitrary::Unstructured;
use rescue_plugin::border::rescue::plugin::chat::{Answer, Failure, Found, Reply, Trouble};
use rescue_plugin::border::rescue::plugin::types::{Brief, Candidate, Cause, Gone, Rect, Size, Standing};

/// Draws values, each from a few bytes.
pub(crate) struct Generator<'a>(Unstructured<'a>);

/// Numbers at which errors are likely.
const NUMBERS: [f64; 16] = [
    0.0,
    0.5,
    1.0,
    -0.0,
    0.25,
    1.0 / 3.0,
    1.000_000_5,
    2.0,
    3.5,
    1e-300,
    -1e-9,
    -2.0,
    1e300,
    f64::NAN,
    f64::INFINITY,
    f64::NEG_INFINITY,
];
/// Lengths near the limits of the sessions here.
const LENGTHS: [usize; 8] = [0, 1, 3, 5, 24, 25, 40, 41];

impl<'a> Generator<'a> {
    pub(crate) fn new(data: &'a [u8]) -> Self {
        Self(Unstructured::new(data))
    }

    /// Whether all bytes are used up.
    pub(crate) fn is_spent(&self) -> bool {
        self.0.is_empty()
    }

    /// Draws a number from 0 to `end` − 1.
    pub(crate) fn below(&mut self, end: u32) -> u32 {
        self.0.int_in_range(0..=end.saturating_sub(1)).unwrap_or_default()
    }

    /// True about once in `times` calls. Always false (unless `times` is 1) if all bytes are used up.
    pub(crate) fn once_in(&mut self, times: u32) -> bool {
        self.below(times) + 1 == times
    }

    /// Draws an id. Most are small, so that they collide; others are the largest ones.
    pub(crate) fn id(&mut self) -> u32 {
        if self.once_in(24) { u32::MAX - self.below(3) } else { self.below(7) }
    }

    pub(crate) fn whole(&mut self) -> u64 {
        self.0.arbitrary().unwrap_or_default()
    }

    pub(crate) fn one_of<T: Copy>(&mut self, all: &[T]) -> T {
        *self.0.choose(all).unwrap_or(&all[0])
    }

    /// Draws any number, also NaN and infinite ones.
    pub(crate) fn number(&mut self) -> f64 {
        if self.once_in(8) { self.0.arbitrary().unwrap_or_default() } else { self.one_of(&NUMBERS) }
    }

    /// Draws a finite number, as a host tells it.
    pub(crate) fn finite(&mut self) -> f64 {
        let number = self.number();
        if number.is_finite() { number } else { -7.25 }
    }

    /// Draws a number, mostly from 0 to 1.
    pub(crate) fn share(&mut self) -> f64 {
        if self.once_in(12) { self.number() } else { self.one_of(&NUMBERS[..6]) }
    }

    pub(crate) fn text(&mut self) -> String {
        let length = if self.once_in(6) { self.one_of(&LENGTHS) } else { self.below(4) as usize };
        "a".repeat(length)
    }

    /// Draws a list of up to `most` values.
    pub(crate) fn list<T>(&mut self, most: u32, mut one: impl FnMut(&mut Self) -> T) -> Vec<T> {
        (0..self.below(most + 1)).map(|_| one(self)).collect()
    }

    pub(crate) fn maybe<T>(&mut self, one: impl FnOnce(&mut Self) -> T) -> Option<T> {
        if self.once_in(2) { Some(one(self)) } else { None }
    }

    pub(crate) fn extras(&mut self) -> Vec<(String, String)> {
        if self.once_in(4) { self.list(2, |generator| (generator.text(), generator.text())) } else { Vec::new() }
    }

    pub(crate) fn rect(&mut self, mut edge: impl FnMut(&mut Self) -> f64) -> Rect {
        Rect { x_min: edge(self), y_min: edge(self), x_max: edge(self), y_max: edge(self) }
    }

    pub(crate) fn size(&mut self) -> Size {
        Size { width: 1 + self.below(9), height: 1 + self.below(9) }
    }

    pub(crate) fn brief(&mut self) -> Brief {
        Brief {
            query: self.text(),
            image: self.size(),
            count: self.below(7),
            room: 1 + self.below(9),
            settings: "{}".into(),
            seed: self.whole(),
            context: self.extras(),
        }
    }

    pub(crate) fn candidate(&mut self, id: u32) -> Candidate {
        Candidate {
            id,
            label: self.text(),
            origin: String::new(),
            confidence: None,
            notes: self.extras(),
            bounds: self.rect(Self::finite),
            area: 1 + self.below(9),
            coverage: self.finite(),
            components: 1,
            predicted_iou: self.maybe(Self::finite),
            similarity: None,
            measures: Vec::new(),
        }
    }

    pub(crate) fn gone(&mut self, id: u32) -> Gone {
        let why = match self.below(3) {
            0 => Cause::Merged(self.id()),
            1 => Cause::NoTarget(self.text()),
            _ => Cause::Lost(self.text()),
        };
        Gone { id, why }
    }

    pub(crate) fn standing(&mut self, id: u32) -> Standing {
        Standing { id, agreement: self.finite(), copies: 1 + self.below(3), measures: Vec::new() }
    }

    pub(crate) fn answer(&mut self, id: u32, repeat: u32) -> Answer {
        let outcome = if self.once_in(3) {
            let trouble =
                self.one_of(&[Trouble::Unreadable, Trouble::Refused, Trouble::Unsupported, Trouble::Unavailable]);
            Err(Failure { trouble, message: self.text(), raw: self.text() })
        } else {
            Ok(Reply {
                text: self.text(),
                reasoning: String::new(),
                complete: self.once_in(2),
                choice: self.maybe(Self::id),
                weights: self.list(2, Self::finite),
                boxes: self.list(2, |generator| Found {
                    rect: generator.rect(Self::finite),
                    label: generator.text(),
                    score: generator.maybe(Self::finite),
                }),
                notes: self.extras(),
            })
        };
        Answer { id, repeat, outcome }
    }
}
