//! The services of a host: which models there are, where they run, and how many requests each may have under way.

mod connect;
mod coordinates;
mod one_server;
mod planned;
mod probe;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use rescue_config::Coordinates;
use rescue_reply::{Convention, Thinking};
use rescue_service::{ChatClient, ClipClient, Detector, Executor, Feature, Features, ModelId, Sampling, Traffic};
use serde::Serialize;
use serde_json::Value;

pub use self::connect::{Connected, connect};
pub use self::planned::recorded;
pub(crate) use self::planned::{found_out, without_refused};
pub use self::probe::{ServerCheck, probe};

/// The name of a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ServiceName {
    /// The model that answers planners in words.
    Planner,
    /// The model that finds the things a phrase names.
    Detector,
    /// The model that turns prompts into masks.
    Executor,
    /// The image-text model that says how well a cut-out fits the query.
    Clip,
    /// The model that answers scorers and verifiers in words.
    Verifier,
}

impl ServiceName {
    /// The name in configuration, results and messages.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Planner => "planner",
            Self::Detector => "detector",
            Self::Executor => "executor",
            Self::Clip => "clip",
            Self::Verifier => "verifier",
        }
    }
}

impl ServiceName {
    /// The service of this name. `None` if there is no such service.
    pub fn of(name: &str) -> Option<Self> {
        let all = [Self::Planner, Self::Detector, Self::Executor, Self::Clip, Self::Verifier];
        all.into_iter().find(|service| service.as_str() == name)
    }
}

impl fmt::Display for ServiceName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// How a service may be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Policy {
    /// Requests that may be under way at once at each replica. A request of several draws takes a slot for each, at most all of a replica.
    pub slots: u32,
    /// How often a request is sent before its questions stay without an answer; 1 is no retry.
    pub attempts: u32,
    /// The most questions in one request; 1 if the service's contract takes one at a time.
    pub batch: usize,
    /// Whether the model computes on this machine's processor: then a request occupies a thread.
    pub local: bool,
    /// The longest wait before a retry that a server may ask for. If it asks for a longer one, the question stays without an answer.
    pub longest_wait: Duration,
}

/// One service: a model, and the servers that have it.
pub struct Service<T: ?Sized> {
    /// The service's name. A detector that is the executor bears the executor's name.
    pub name: ServiceName,
    /// The model that answers.
    pub model: ModelId,
    /// Interchangeable servers with this model. Empty if all answers come from a ledger.
    pub replicas: Vec<Arc<T>>,
    /// The indices of those that did not answer when the run began. They are tried again later.
    pub down: Vec<usize>,
    /// How it may be asked.
    pub policy: Policy,
    /// What its clients have sent and received.
    pub traffic: Arc<Traffic>,
}

impl<T: ?Sized> Clone for Service<T> {
    fn clone(&self) -> Self {
        Self {
            name: self.name,
            model: self.model.clone(),
            replicas: self.replicas.clone(),
            down: self.down.clone(),
            policy: self.policy,
            traffic: self.traffic.clone(),
        }
    }
}

#[cfg(test)]
impl Service<()> {
    /// A service without clients.
    pub(crate) fn of_test(name: ServiceName, replicas: usize, policy: Policy) -> Self {
        let model = ModelId { name: "m".into(), revision: String::new() };
        let (replicas, down, traffic) = ((0..replicas).map(|_| Arc::new(())).collect(), Vec::new(), Arc::default());
        Self { name, model, replicas, down, policy, traffic }
    }
}

/// A service that answers questions in words: a vision-language model.
#[derive(Clone)]
pub struct ChatService {
    /// Model and servers.
    pub service: Service<ChatClient>,
    /// How this model states coordinates: the setting that is used, never "auto".
    pub coordinates: Coordinates,
    /// The convention of that setting.
    pub convention: Convention,
    /// Which optional parts its requests have.
    pub features: Arc<Features>,
    /// Whether the model may think before it answers.
    pub thinking: Thinking,
    /// Whether its answers may come from other models or software than earlier ones.
    pub other_model: bool,
    /// Whether one request may ask for several draws. Some servers ignore or refuse OpenAI's field for that.
    pub fan_out: bool,
    /// How answers are sampled. A question sets its own temperature, and may set its own longest reply.
    pub sampling: Sampling,
    /// The longer side of a picture in pixels, if a question does not set it.
    pub max_side: u32,
}

/// The services of a host.
#[derive(Clone)]
pub struct Services {
    /// Answers planners in words. `None` if there is no such model.
    pub planner: Option<ChatService>,
    /// Answers scorers and verifiers in words. `None` if there is no such model.
    pub verifier: Option<ChatService>,
    /// Turns prompts into masks.
    pub executor: Service<dyn Executor>,
    /// The executor's settings that an answer depends on; part of the key.
    pub executor_terms: Value,
    /// Finds the things that a phrase names.
    pub detector: Service<dyn Detector>,
    /// The detector's settings that an answer depends on; part of the key.
    pub detector_terms: Value,
    /// Says how well a cut-out fits the query. `None` if there is no such model.
    pub clip: Option<Service<ClipClient>>,
}

impl Services {
    /// The service that answers in words under this name. `None` if there is no model, or the name is of another kind of service.
    pub(crate) fn chat(&self, name: ServiceName) -> Option<&ChatService> {
        match name {
            ServiceName::Planner => self.planner.as_ref(),
            ServiceName::Verifier => self.verifier.as_ref(),
            ServiceName::Detector | ServiceName::Executor | ServiceName::Clip => None,
        }
    }

    /// These services, with the parts that their requests have now. A pass over a sample poses all its questions with the same parts,
    /// whatever another sample finds out meanwhile.
    pub(crate) fn snapshot(&self) -> Self {
        let mut services = self.clone();
        for chat in [&mut services.planner, &mut services.verifier].into_iter().flatten() {
            chat.features = Arc::new(chat.features.snapshot());
        }
        services
    }

    /// The optional parts that the requests to each service do not have; no service is there without one.
    pub(crate) fn without(&self) -> BTreeMap<&'static str, Vec<&'static str>> {
        let mut without = BTreeMap::new();
        for chat in [&self.planner, &self.verifier].into_iter().flatten() {
            let off = Feature::ALL.into_iter().filter(|feature| !chat.features.has(*feature));
            let off: Vec<&str> = off.map(Feature::key).collect();
            if !off.is_empty() {
                without.insert(chat.service.name.as_str(), off);
            }
        }
        without
    }

    /// Leaves these parts out, as [`Services::without`] names them.
    pub(crate) fn leave_out(&self, without: &BTreeMap<String, Vec<String>>) {
        for chat in [&self.planner, &self.verifier].into_iter().flatten() {
            let named = without.get(chat.service.name.as_str()).map(Vec::as_slice).unwrap_or_default();
            for feature in Feature::ALL.into_iter().filter(|feature| named.iter().any(|name| name == feature.key())) {
                chat.features.switch_off(feature);
            }
        }
    }

    /// Each service with its model, in the order in which they work.
    pub fn models(&self) -> Vec<(ServiceName, &ModelId)> {
        let mut models = Vec::new();
        models.extend(self.planner.iter().map(|chat| (chat.service.name, &chat.service.model)));
        models.push((self.detector.name, &self.detector.model));
        models.push((self.executor.name, &self.executor.model));
        models.extend(self.clip.iter().map(|clip| (clip.name, &clip.model)));
        models.extend(self.verifier.iter().map(|chat| (chat.service.name, &chat.service.model)));
        models
    }
}
