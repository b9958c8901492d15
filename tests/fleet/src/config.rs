//! The configuration of a fleet.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use crate::error::FleetError;
use crate::fault::FaultPlan;
use crate::latency::Latency;
use crate::scene::Scene;

/// The role of a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// A chat model that proposes boxes.
    Planner,
    /// A chat model that judges matches.
    Verifier,
    /// A SAM server, which makes masks.
    Executor,
    /// A CLIP server, which scores crops.
    Clip,
}

impl Role {
    /// All roles.
    pub const ALL: [Self; 4] = [Self::Planner, Self::Verifier, Self::Executor, Self::Clip];

    /// The role's name, as in flags and configurations.
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
    /// The model does not think.
    #[default]
    Off,
    /// In `reasoning`, as vLLM does now.
    Reasoning,
    /// In `reasoning_content`, as vLLM did and SGLang does.
    ReasoningContent,
    /// In the text, before a lone `</think>`, as when vLLM runs without a reasoning parser. Structured output
    /// suppresses it.
    Inline,
}

/// The units of a model's coordinates.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Coordinates {
    /// Thousandths of the picture's sides, as Qwen2-VL and Qwen3-VL count.
    #[default]
    Thousand,
    /// Pixels of the picture as it was sent.
    Shown,
    /// Pixels of the picture after it was resized to multiples of 28, as Qwen2.5-VL counts.
    Resized28,
}

/// How a simulated vision-language model behaves.
#[derive(Clone, Debug, PartialEq)]
pub struct Chat {
    /// The name under which it is served; a request for another model is answered with 404.
    pub model: String,
    /// The number of pictures that the server keeps and finds again by their `uuid`.
    pub uuid_cache: usize,
    /// Where it puts its thinking.
    pub thinking: Thinking,
    /// The units of its coordinates.
    pub coordinates: Coordinates,
    /// The probability that a planner points at the right object, 0 to 1.
    pub right: f64,
    /// The standard deviation of each edge of a planner's box, as a share of that side of the object, 0 to 10.
    pub jitter: f64,
    /// How well a verifier sees differences of IoU: P(first) = sigmoid(`beta` × (IoU₁ − IoU₂) + `bias`). 0 or more. If
    /// it is infinite, the verifier is always right, and chooses the first of equals.
    pub beta: f64,
    /// The verifier's bias in favour of what is shown first, as a logit. Finite.
    pub bias: f64,
}

impl Default for Chat {
    /// A planner that is right half of the time and a verifier that sees differences well, as real models of this kind
    /// do.
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

/// The file format of SAM's masks in the original contract.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MaskFile {
    /// PNG.
    #[default]
    Png,
    /// JPEG of quality 75, as the original system sends: 0 and 255 blur into each other at edges.
    Jpeg,
}

/// The configuration of one server.
#[derive(Clone, Debug, PartialEq)]
pub struct ServerConfig {
    /// Its port on 127.0.0.1; 0 takes a free one.
    pub port: u16,
    /// The number of requests that are served at once, at least 1; the others wait. A request with `n` > 1 takes one
    /// slot.
    pub slots: usize,
    /// The number of requests that may wait; further ones are answered with 503. `None` if any number may wait.
    pub max_queue: Option<usize>,
    /// How long a request takes.
    pub latency: Latency,
    /// The faults that it makes.
    pub faults: FaultPlan,
    /// How the model behaves. Planner and verifier only.
    pub chat: Chat,
    /// The file format of its masks. Executor only.
    pub mask_file: MaskFile,
}

impl Default for ServerConfig {
    /// A server on a free port, with 64 slots, no latency and no faults.
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
    /// Returns an error that names the setting if a value is out of its range.
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

/// The configuration of a whole fleet.
#[derive(Clone, Debug, Default)]
pub struct FleetConfig {
    /// The scenes that the servers know. No two may have the same query.
    pub scenes: Vec<Scene>,
    /// The planner.
    pub planner: ServerConfig,
    /// The verifier.
    pub verifier: ServerConfig,
    /// The executor.
    pub executor: ServerConfig,
    /// The CLIP server.
    pub clip: ServerConfig,
    /// Whether the servers do not look at pictures, which takes time: they draw boxes, scores and choices from the requests. For
    /// measurements.
    pub blind: bool,
    /// The seed of all draws.
    pub seed: u64,
}

impl FleetConfig {
    /// The configuration of this role's server.
    pub fn server(&self, role: Role) -> &ServerConfig {
        match role {
            Role::Planner => &self.planner,
            Role::Verifier => &self.verifier,
            Role::Executor => &self.executor,
            Role::Clip => &self.clip,
        }
    }

    /// The configuration of this role's server, for changes.
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
    fn values_out_of_range_are_refused() {
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
