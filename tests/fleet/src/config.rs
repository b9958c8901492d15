//! What a fleet is like.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use crate::error::FleetError;
use crate::fault::FaultPlan;
use crate::latency::Latency;
use crate::scene::Scene;

/// What a server is there for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Proposes boxes: chat.
    Planner,
    /// Judges matches: chat.
    Verifier,
    /// Makes masks: SAM.
    Executor,
    /// Scores crops: CLIP.
    Clip,
}

impl Role {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Planner, Self::Verifier, Self::Executor, Self::Clip];

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Planner => "planner",
            Self::Verifier => "verifier",
            Self::Executor => "executor",
            Self::Clip => "clip",
        }
    }

    /// The port that the original system uses.
    pub const fn usual_port(self) -> u16 {
        match self {
            Self::Planner => 8002,
            Self::Verifier => 8000,
            Self::Executor => 8001,
            Self::Clip => 8003,
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Role {
    type Err = FleetError;

    fn from_str(name: &str) -> Result<Self, FleetError> {
        Self::ALL.into_iter().find(|role| role.name() == name).ok_or_else(|| {
            let names = Self::ALL.map(Self::name).join(", ");
            FleetError::Setting(format!("no server is called {name:?}; there are {names}"))
        })
    }
}

/// Where a thinking model puts its thinking.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Thinking {
    /// It does not think.
    #[default]
    Off,
    /// In `reasoning`, as vLLM does now.
    Reasoning,
    /// In `reasoning_content`, as vLLM did and SGLang does.
    ReasoningContent,
    /// Before a lone `</think>` in the text: no parser is set. Structured output then suppresses it.
    Inline,
}

/// What a model's coordinates count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Coordinates {
    /// Thousandths of the picture's sides: Qwen2-VL and Qwen3-VL.
    #[default]
    Thousand,
    /// Pixels of the picture as it was sent.
    Shown,
    /// Pixels of the picture after it was resized to multiples of 28: Qwen2.5-VL.
    Resized28,
}

/// What a vision-language model is like.
#[derive(Clone, Debug, PartialEq)]
pub struct Chat {
    /// The name it is served under; a request for another one is a 404.
    pub model: String,
    /// How many pictures are found again by their `uuid`.
    pub uuid_cache: usize,
    /// Where its thinking goes.
    pub thinking: Thinking,
    /// What its coordinates count.
    pub coordinates: Coordinates,
    /// The probability that a planner points at the right thing, 0 to 1.
    pub right: f64,
    /// The standard deviation of each edge of a planner's box, as a share of that side of the thing.
    pub jitter: f64,
    /// How well a judge sees differences of IoU: P(first) = sigmoid(`beta` × (IoU₁ − IoU₂) + `bias`). 0 or more; infinite: it
    /// is always right, and for the first where there is no difference.
    pub beta: f64,
    /// How much a judge likes what comes first.
    pub bias: f64,
}

impl Default for Chat {
    /// Right about half of the time and good at seeing differences, as models of this kind are.
    fn default() -> Self {
        Self {
            model: "fleet-vlm".to_owned(),
            uuid_cache: 256,
            thinking: Thinking::Off,
            coordinates: Coordinates::Thousand,
            right: 0.5,
            jitter: 0.05,
            beta: 10.0,
            bias: 0.0,
        }
    }
}

/// How SAM's masks travel in the original contract.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MaskFile {
    /// PNG.
    #[default]
    Png,
    /// JPEG of quality 75, as the original sends: 0 and 255 blur into each other.
    Jpeg,
}

/// One server.
#[derive(Clone, Debug, PartialEq)]
pub struct ServerConfig {
    /// Its port on 127.0.0.1; 0: a free one.
    pub port: u16,
    /// How many requests are under way at once; the others wait. A request with `n` > 1 takes one.
    pub slots: usize,
    /// How many may wait; further ones are a 503. None: any number.
    pub max_queue: Option<usize>,
    /// How long a request takes.
    pub latency: Latency,
    /// What goes wrong.
    pub faults: FaultPlan,
    /// Of planner and verifier: what the model is like.
    pub chat: Chat,
    /// Of the executor: how its masks travel.
    pub mask_file: MaskFile,
}

impl Default for ServerConfig {
    /// A free port, 64 slots, no latency, no faults.
    fn default() -> Self {
        Self {
            port: 0,
            slots: 64,
            max_queue: None,
            latency: Latency::Fixed(Duration::ZERO),
            faults: FaultPlan::none(),
            chat: Chat::default(),
            mask_file: MaskFile::Png,
        }
    }
}

impl ServerConfig {
    /// # Errors
    ///
    /// A setting that has no meaning, by its name.
    pub(crate) fn check(&self, role: Role) -> Result<(), FleetError> {
        let wrong = |why: &str| Err(FleetError::Setting(format!("the {role}'s {why}")));
        if self.slots == 0 {
            return wrong("slots are 0; 1 is the least");
        }
        if let Latency::LogNormal { sigma, .. } = self.latency
            && !(0.0..=10.0).contains(&sigma)
        {
            return wrong("sigma is not 0 to 10");
        }
        let Chat { right, jitter, beta, bias, .. } = self.chat;
        if !(0.0..=1.0).contains(&right) {
            return wrong("probability of being right is not 0 to 1");
        }
        if !(0.0..=10.0).contains(&jitter) {
            return wrong("jitter is not 0 to 10");
        }
        if beta.is_nan() || beta < 0.0 || !bias.is_finite() {
            return wrong("beta is below 0, or beta or bias is no number");
        }
        self.faults.check(role)
    }
}

/// A whole fleet.
#[derive(Clone, Debug, Default)]
pub struct FleetConfig {
    /// What the servers know. No two may have the same query.
    pub scenes: Vec<Scene>,
    /// The planner.
    pub planner: ServerConfig,
    /// The verifier.
    pub verifier: ServerConfig,
    /// The executor.
    pub executor: ServerConfig,
    /// The CLIP server.
    pub clip: ServerConfig,
    /// What all draws depend on.
    pub seed: u64,
}

impl FleetConfig {
    /// The server of this role.
    pub fn server(&self, role: Role) -> &ServerConfig {
        match role {
            Role::Planner => &self.planner,
            Role::Verifier => &self.verifier,
            Role::Executor => &self.executor,
            Role::Clip => &self.clip,
        }
    }

    /// The server of this role, to be changed.
    pub fn server_mut(&mut self, role: Role) -> &mut ServerConfig {
        match role {
            Role::Planner => &mut self.planner,
            Role::Verifier => &mut self.verifier,
            Role::Executor => &mut self.executor,
            Role::Clip => &mut self.clip,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_no_meaning_is_refused() {
        let wrong = |change: fn(&mut ServerConfig)| {
            let mut config = ServerConfig::default();
            change(&mut config);
            config.check(Role::Planner).is_err()
        };
        assert!(!wrong(|_| {}));
        assert!(!wrong(|config| config.chat.beta = f64::INFINITY));
        assert!(wrong(|config| config.slots = 0));
        assert!(wrong(|config| config.chat.beta = f64::NAN));
        assert!(wrong(|config| config.chat.right = 1.5));
        assert!(wrong(|config| config.latency = Latency::LogNormal { median: Duration::ZERO, sigma: -1.0 }));
    }
}
