//! The services of a host: which models there are, where, and what they may be asked at once.

use std::sync::Arc;

use rescue_reply::{Convention, Thinking};
use rescue_service::{ChatClient, ClipClient, Detector, Executor, ModelId, Sampling};
use serde_json::Value;

/// What may be asked of a service, and how often.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Policy {
    /// Requests under way at once at each replica.
    pub slots: u32,
    /// How often one question is tried in all.
    pub attempts: u32,
    /// Questions in one request, where its contract takes several.
    pub batch: usize,
    /// Whether it computes on this machine's processor, inside its future.
    pub local: bool,
}

/// One service: a model, and the servers that have it.
pub struct Service<T: ?Sized> {
    /// What people call it.
    pub name: &'static str,
    /// Which model answers.
    pub model: ModelId,
    /// Servers with this model, each as good as the others. None where all answers come from a ledger.
    pub replicas: Vec<Arc<T>>,
    /// What may be asked of it.
    pub policy: Policy,
}

impl<T: ?Sized> Clone for Service<T> {
    fn clone(&self) -> Self {
        Self { name: self.name, model: self.model.clone(), replicas: self.replicas.clone(), policy: self.policy }
    }
}

/// A service that takes questions in words.
#[derive(Clone)]
pub struct ChatService {
    /// Model and servers.
    pub service: Service<ChatClient>,
    /// Where this model's coordinates lie.
    pub convention: Convention,
    /// Whether it is kept from thinking.
    pub thinking: Thinking,
    /// Whether one request may ask for several draws. OpenAI's own field for it is passed over, or refused, by some.
    pub fan_out: bool,
    /// How answers are drawn; a question says its own temperature, and its own longest reply where it wants to.
    pub sampling: Sampling,
    /// The longer side of a picture where a question names none, in pixels.
    pub max_side: u32,
}

/// The services of a host.
#[derive(Clone)]
pub struct Services {
    /// Answers planners.
    pub planner: Option<ChatService>,
    /// Answers verifiers and scorers.
    pub verifier: Option<ChatService>,
    /// Turns prompts into masks.
    pub executor: Service<dyn Executor>,
    /// What of the executor's settings an answer depends on.
    pub executor_terms: Value,
    /// Finds what a phrase names.
    pub detector: Service<dyn Detector>,
    /// What of the detector's settings an answer depends on.
    pub detector_terms: Value,
    /// Says how well a cut-out fits the query.
    pub clip: Option<Service<ClipClient>>,
}

impl Services {
    /// Each service with its model, in the order in which they work.
    pub fn models(&self) -> Vec<(&'static str, &ModelId)> {
        let mut models = Vec::new();
        models.extend(self.planner.iter().map(|chat| (chat.service.name, &chat.service.model)));
        models.push((self.detector.name, &self.detector.model));
        models.push((self.executor.name, &self.executor.model));
        models.extend(self.clip.iter().map(|clip| (clip.name, &clip.model)));
        models.extend(self.verifier.iter().map(|chat| (chat.service.name, &chat.service.model)));
        models
    }
}
