//! Faults that servers make on purpose, and when they make them.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use rescue_core::{Digest, Seed};
use serde::Serialize;

use crate::config::Role;
use crate::error::FleetError;

/// A fault of a server. Its [`Class`] says what a host has to do about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Fault {
    /// The connection is reset as soon as it was accepted. Drawn for each connection, not for each request: a client
    /// that keeps its connections open meets it seldom. For a port on which nobody listens, see [`crate::Fleet::down`].
    Refused,
    /// The connection is reset, half of the time before anything was answered, and else in the middle of the body.
    Reset,
    /// No answer comes, however long the client waits; the request keeps its slot until the client gives up.
    Hang,
    /// The right answer comes, one byte every 50 ms.
    Trickle,
    /// Chat: a picture sent by `uuid` alone is not in the cache, though it was sent before. The answer is a 400.
    UuidMiss,
    /// The answer is a 429 with `Retry-After: 1`.
    Busy,
    /// The answer is a 500.
    Error,
    /// The answer is a 503.
    Unavailable,
    /// The answer is a 200 whose JSON ends half way; `Content-Length` is that of the half.
    Truncated,
    /// The answer is a 200 with JSON in which fields are missing or have other types, or (chat with `n` > 1) two
    /// choices have the same index.
    WrongSchema,
    /// The answer is a 200 in another order. SAM: each mask, box and score belong together, but to another prompt.
    /// CLIP: the scores come last to first. Chat: the choices come last to first, each with its right index, which is
    /// no fault.
    WrongOrder,
    /// The answer is a 200 with a page of HTML.
    Html,
    /// Chat: the text is empty, and finished by `stop`.
    Empty,
    /// Chat: half of the text comes, finished by `length`.
    Length,
    /// SAM: all masks are empty, as the original system answers when it fails.
    ZeroMask,
    /// SAM: the masks have half the photo's width and height.
    WrongSize,
    /// SAM and CLIP: the first score is `NaN`, written as Python does.
    Nan,
    /// The body has 1 GiB and begins like an answer. Half of the time it comes with its `Content-Length`, else in
    /// chunks.
    Huge,
}

/// What a host has to do about a fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// It is no answer. The host tries again, perhaps at another replica; after its last retry it counts an absence. It
    /// never stores it.
    Retry,
    /// It is not the server's fault. The host sends the picture once more, with its bytes.
    Resend,
    /// It is an answer. The host stores it and reads it as an abstention; asking again would be another question.
    Answer,
    /// It is the right answer in another form, which the host reads. For SAM and CLIP the host can only notice it by
    /// comparing each mask with its prompt, and then it tries again.
    Order,
}

impl Fault {
    /// All faults.
    pub const ALL: [Self; 18] = [
        Self::Refused,
        Self::Reset,
        Self::Hang,
        Self::Trickle,
        Self::UuidMiss,
        Self::Busy,
        Self::Error,
        Self::Unavailable,
        Self::Truncated,
        Self::WrongSchema,
        Self::WrongOrder,
        Self::Html,
        Self::Empty,
        Self::Length,
        Self::ZeroMask,
        Self::WrongSize,
        Self::Nan,
        Self::Huge,
    ];

    /// The fault's name on the command line and in statistics.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Refused => "refused",
            Self::Reset => "reset",
            Self::Hang => "hang",
            Self::Trickle => "trickle",
            Self::UuidMiss => "uuid-miss",
            Self::Busy => "busy",
            Self::Error => "error",
            Self::Unavailable => "unavailable",
            Self::Truncated => "truncated",
            Self::WrongSchema => "wrong-schema",
            Self::WrongOrder => "wrong-order",
            Self::Html => "html",
            Self::Empty => "empty",
            Self::Length => "length",
            Self::ZeroMask => "zero-mask",
            Self::WrongSize => "wrong-size",
            Self::Nan => "nan",
            Self::Huge => "huge",
        }
    }

    /// What a host has to do about it.
    pub const fn class(self) -> Class {
        match self {
            Self::UuidMiss => Class::Resend,
            Self::Empty | Self::Length => Class::Answer,
            Self::WrongOrder => Class::Order,
            _ => Class::Retry,
        }
    }

    /// Whether a server of this role can have it.
    pub const fn applies(self, role: Role) -> bool {
        match self {
            Self::UuidMiss | Self::Empty | Self::Length => matches!(role, Role::Planner | Role::Verifier),
            Self::ZeroMask | Self::WrongSize => matches!(role, Role::Executor),
            Self::Nan => matches!(role, Role::Executor | Role::Clip),
            _ => true,
        }
    }

    /// Whether it is drawn once for each request. `Refused` is drawn for each connection, `UuidMiss` for each picture.
    const fn by_request(self) -> bool {
        !matches!(self, Self::Refused | Self::UuidMiss)
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Fault {
    type Err = FleetError;

    fn from_str(name: &str) -> Result<Self, FleetError> {
        Self::ALL.into_iter().find(|fault| fault.name() == name).ok_or_else(|| {
            let names = Self::ALL.map(Self::name).join(", ");
            FleetError::Setting(format!("no fault is called {name:?}; there are {names}"))
        })
    }
}

/// Which faults a server has, and how often.
///
/// Which fault a request meets depends on the fleet's seed, on the bytes of the request and on how often the same bytes
/// came before, but neither on time nor on other requests. A retry is drawn anew.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FaultPlan {
    rates: BTreeMap<Fault, f64>,
    at_most: Option<u32>,
}

impl FaultPlan {
    /// No faults.
    pub fn none() -> Self {
        Self::default()
    }

    /// Adds this fault at a rate of 0 to 1. The rates of all faults that are drawn for a request (all but
    /// [`Fault::Refused`] and [`Fault::UuidMiss`]) may add up to at most 1.
    #[must_use]
    pub fn with(mut self, fault: Fault, rate: f64) -> Self {
        self.rates.insert(fault, rate);
        self
    }

    /// Bounds how many faults the same request meets; after that it is answered. With rates of 1 and `at_most(1)` every
    /// request fails once and every retry succeeds.
    #[must_use]
    pub fn at_most(mut self, faults: u32) -> Self {
        self.at_most = Some(faults);
        self
    }

    /// # Errors
    ///
    /// Returns an error if a rate is not 0 to 1, if their sum is above 1, or if the role cannot have the fault.
    pub(crate) fn check(&self, role: Role) -> Result<(), FleetError> {
        for (fault, rate) in &self.rates {
            if !fault.applies(role) {
                return Err(FleetError::NoSuchFault { role, fault: *fault });
            }
            if !(0.0..=1.0).contains(rate) {
                return Err(FleetError::Setting(format!("the rate of {fault} is {rate}; rates are 0 to 1")));
            }
        }
        let sum: f64 = self.by_request().map(|(_, rate)| rate).sum();
        // Rounding may bring a sum of rates such as .1 a little above 1.
        if sum > 1.0 + 1e-9 {
            return Err(FleetError::Setting(format!(
                "the rates of the {role}'s faults add up to {sum}; 1 is the most"
            )));
        }
        Ok(())
    }

    /// The fault that a request meets which came `attempts` times before and met `faults` faults. `None` if it meets
    /// none.
    pub(crate) fn draw(&self, seed: Seed, body: &Digest, attempts: u32, faults: u32) -> Option<Fault> {
        if self.at_most.is_some_and(|most| faults >= most) {
            return None;
        }
        let mut left = uniform(seed.derive([&b"fault"[..], body.bytes(), &attempts.to_le_bytes()]));
        self.by_request().find_map(|(fault, rate)| {
            left -= rate;
            (left < 0.0).then_some(fault)
        })
    }

    /// Whether a fault that is not drawn for requests happens on this occasion, which is named by bytes.
    pub(crate) fn happens(&self, seed: Seed, fault: Fault, occasion: &[u8]) -> bool {
        self.rates
            .get(&fault)
            .is_some_and(|rate| uniform(seed.derive([&b"happens"[..], fault.name().as_bytes(), occasion])) < *rate)
    }

    fn by_request(&self) -> impl Iterator<Item = (Fault, f64)> {
        self.rates.iter().filter(|(fault, _)| fault.by_request()).map(|(fault, rate)| (*fault, *rate))
    }
}

/// A number from 0 to below 1, made from 64 random bits.
pub(crate) fn uniform(bits: u64) -> f64 {
    // The significand has 53 bits.
    (bits >> 11) as f64 / (1_u64 << 53) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fault_is_parsed_from_its_name() {
        for fault in Fault::ALL {
            assert_eq!(fault.name().parse::<Fault>().unwrap(), fault);
            assert_eq!(serde_json::to_value(fault).unwrap(), fault.name());
        }
        assert!("none".parse::<Fault>().is_err());
    }

    #[test]
    fn rates_are_kept_and_retries_are_drawn_anew() {
        let plan = FaultPlan::none().with(Fault::Error, 0.2).with(Fault::Html, 0.3);
        let mut seen = BTreeMap::new();
        for index in 0..4000_u32 {
            let body = Digest::of(&index.to_le_bytes());
            let first = plan.draw(Seed(7), &body, 0, 0);
            assert_eq!(first, plan.draw(Seed(7), &body, 0, 0));
            *seen.entry(first).or_insert(0_u32) += 1;
            assert!((0..40).any(|attempt| plan.draw(Seed(7), &body, attempt, 0).is_none()));
        }
        assert!((700..900).contains(&seen[&Some(Fault::Error)]), "{seen:?}");
        assert!((1100..1300).contains(&seen[&Some(Fault::Html)]), "{seen:?}");
    }

    #[test]
    fn a_request_meets_no_more_faults_than_the_bound() {
        let plan = FaultPlan::none().with(Fault::Reset, 1.0).at_most(2);
        let body = Digest::of(b"x");
        let faults: Vec<_> = [(0, 0), (1, 1), (2, 2)].map(|(a, f)| plan.draw(Seed(0), &body, a, f)).into();
        assert_eq!(faults, [Some(Fault::Reset), Some(Fault::Reset), None]);
    }

    #[test]
    fn rates_out_of_range_are_refused() {
        let with = |fault, rate| FaultPlan::none().with(fault, rate);
        assert!(with(Fault::Error, 1.0).check(Role::Clip).is_ok());
        assert!(with(Fault::Error, 1.1).check(Role::Clip).is_err());
        assert!(with(Fault::Error, f64::NAN).check(Role::Clip).is_err());
        assert!(with(Fault::Error, 0.6).with(Fault::Html, 0.6).check(Role::Clip).is_err());
        let error = with(Fault::ZeroMask, 0.1).check(Role::Clip).unwrap_err().to_string();
        assert!(error.starts_with("the clip has no fault zero-mask; it has refused, reset"), "{error}");
    }
}
