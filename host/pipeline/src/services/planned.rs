//! The services of a configuration without their servers: what is known of each before one is asked.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use rescue_config::{Chat, Config, Contract, Detection, Place, Service as Common, Thinking as Thought};
use rescue_reply::Thinking;
use rescue_service::{
    ChatClient, Detector, EmbeddedDetector, EmbeddedExecutor, Feature, Features, ModelId, RESCUE, ROBOFLOW, Sampling,
    ServiceError, executor_terms,
};
use serde_json::Value;

use super::coordinates::{convention, coordinates};
use super::{ChatService, Policy, Service, ServiceName, Services};

/// Prompts in one request to an embedded executor: few, so that the progress bar moves.
const EMBEDDED_BATCH: usize = 8;
/// The name of the executor's model if the configuration has none: its servers do not tell it.
pub(super) const EXECUTOR: &str = "sam3";
/// The name of the image-text model if the configuration has none: its servers do not tell it.
const CLIP: &str = "siglip";

/// The services of a configuration without their servers, for a replay. `models` has the models of the recorded run by service.
///
/// # Errors
///
/// Returns an error if neither the configuration nor `models` names the model of a service.
pub fn recorded(config: &Config, models: &BTreeMap<String, ModelId>) -> Result<Services, ServiceError> {
    plan(config, models, false)
}

pub(super) fn plan(
    config: &Config,
    models: &BTreeMap<String, ModelId>,
    connecting: bool,
) -> Result<Services, ServiceError> {
    let named = |service: ServiceName, common: &Common, usual: &str| {
        let name = if common.model.is_empty() { usual.to_owned() } else { common.model.clone() };
        models.get(service.as_str()).cloned().unwrap_or(ModelId { name, revision: common.revision.clone() })
    };
    let chat = |service: ServiceName, chat: Option<&Chat>| -> Result<Option<ChatService>, ServiceError> {
        let Some(chat) = chat.filter(|chat| !chat.url.is_empty()) else { return Ok(None) };
        let model = named(service, &chat.service, "");
        if model.name.is_empty() && !connecting {
            let way_out = format!("Name it, as in --with {service}.model=NAME: a replay asks no server.");
            return Err(ServiceError::failed(service.as_str(), "which model answered is not known", way_out));
        }
        Ok(Some(chat_service(service, chat, model, Vec::new())))
    };
    let embedded = config.executor.url == Place::Embedded;
    let executor = Service {
        name: ServiceName::Executor,
        model: if embedded {
            EmbeddedExecutor::identity()
        } else {
            named(ServiceName::Executor, &config.executor.service, EXECUTOR)
        },
        replicas: Vec::new(),
        down: Vec::new(),
        policy: if embedded {
            Policy { slots: 1, attempts: 1, batch: EMBEDDED_BATCH, local: true, longest_wait: Duration::ZERO }
        } else {
            // Roboflow's server takes one prompt a request.
            let batch = if config.executor.contract == Contract::Roboflow { 1 } else { config.executor.batch };
            policy(&config.executor.service, batch)
        },
        traffic: Arc::default(),
    };
    let contract = match config.executor.contract {
        Contract::Rescue => RESCUE,
        Contract::Roboflow => ROBOFLOW,
    };
    let executor_terms = if embedded { Value::Null } else { executor_terms(contract, config.executor.confidence) };
    let detector: Service<dyn Detector> = if embedded_detector(config) {
        let policy = Policy { slots: 1, attempts: 1, batch: 1, local: true, longest_wait: Duration::ZERO };
        Service {
            name: ServiceName::Detector,
            model: EmbeddedDetector::identity(),
            replicas: Vec::new(),
            down: Vec::new(),
            policy,
            traffic: Arc::default(),
        }
    } else {
        Service {
            name: ServiceName::Executor,
            model: executor.model.clone(),
            replicas: Vec::new(),
            down: Vec::new(),
            policy: executor.policy,
            traffic: executor.traffic.clone(),
        }
    };
    let clip = config.clip.as_ref().filter(|clip| !clip.url.is_empty());
    Ok(Services {
        planner: chat(ServiceName::Planner, config.planner.as_ref())?,
        verifier: chat(ServiceName::Verifier, config.verifier.as_ref())?,
        detector_terms: if embedded_detector(config) { Value::Null } else { executor_terms.clone() },
        executor,
        executor_terms,
        detector,
        clip: clip.map(|clip| Service {
            name: ServiceName::Clip,
            model: named(ServiceName::Clip, &clip.service, CLIP),
            replicas: Vec::new(),
            down: Vec::new(),
            policy: policy(&clip.service, clip.batch),
            traffic: Arc::default(),
        }),
    })
}

pub(super) fn embedded_detector(config: &Config) -> bool {
    match config.detector.source {
        Detection::Embedded => true,
        Detection::Executor => false,
        Detection::Auto => config.executor.url == Place::Embedded,
    }
}

pub(super) fn needs_files(config: &Config) -> bool {
    config.executor.url == Place::Embedded || embedded_detector(config)
}

pub(super) fn chat_service(
    name: ServiceName,
    chat: &Chat,
    model: ModelId,
    replicas: Vec<Arc<ChatClient>>,
) -> ChatService {
    let (coordinates, _) = coordinates(name, chat, &model.name);
    ChatService {
        service: Service {
            name,
            model,
            replicas,
            down: Vec::new(),
            policy: policy(&chat.service, 1),
            traffic: Arc::default(),
        },
        coordinates,
        convention: convention(coordinates),
        features: Arc::new(Features::new(|feature| is_on(chat, feature))),
        fan_out: true,
        other_model: chat.other_model,
        thinking: match chat.thinking {
            Thought::Auto => Thinking::Auto,
            Thought::Off => Thinking::Off,
        },
        sampling: Sampling {
            temperature: 0.0,
            top_p: chat.top_p,
            top_k: chat.top_k.into(),
            min_p: chat.min_p,
            repetition_penalty: chat.repetition_penalty,
            presence_penalty: chat.presence_penalty,
            frequency_penalty: chat.frequency_penalty,
            max_tokens: chat.max_tokens,
            logprobs: chat.logprobs,
        },
        max_side: chat.max_side,
    }
}

/// Whether a configuration has this part in requests.
fn is_on(chat: &Chat, feature: Feature) -> bool {
    match feature {
        Feature::Logprobs => chat.logprobs,
        Feature::StructuredOutput => chat.structured_output,
        Feature::SystemMessage => chat.system_message,
        Feature::Seed => chat.seed,
    }
}

/// A configuration with what was found out of the services written out, so that a replay poses the same questions: the convention of
/// coordinates, and the optional parts that servers refused.
pub(crate) fn found_out(config: &Config, services: &Services) -> Config {
    let mut config = config.clone();
    for (chat, service) in [(&mut config.planner, &services.planner), (&mut config.verifier, &services.verifier)] {
        let (Some(chat), Some(service)) = (chat, service) else { continue };
        chat.coordinates = service.coordinates;
    }
    config
}

/// The configuration with the optional parts that requests have now: without those that a server refused.
pub(crate) fn without_refused(mut config: Config, services: &Services) -> Config {
    for (chat, service) in [(&mut config.planner, &services.planner), (&mut config.verifier, &services.verifier)] {
        let (Some(chat), Some(service)) = (chat, service) else { continue };
        chat.logprobs = service.features.has(Feature::Logprobs);
        chat.structured_output = service.features.has(Feature::StructuredOutput);
        chat.system_message = service.features.has(Feature::SystemMessage);
        chat.seed = service.features.has(Feature::Seed);
    }
    config
}

fn policy(common: &Common, batch: u32) -> Policy {
    let batch = batch as usize;
    Policy { slots: common.slots.max(1), attempts: common.attempts, batch, local: false, longest_wait: timeout(common) }
}

pub(super) fn timeout(common: &Common) -> Duration {
    Duration::try_from_secs_f64(common.timeout).unwrap_or(Duration::from_secs(120))
}

#[cfg(test)]
pub(super) mod tests {
    use rescue_config::{Overlay, resolve};
    use serde_json::json;

    use super::*;

    /// A configuration with these values.
    pub(in super::super) fn config(values: &[(&str, Value)]) -> Config {
        let overlay = |(path, value): &(&str, Value)| Overlay {
            flag: "--with".into(),
            path: (*path).to_owned(),
            value: value.clone(),
        };
        resolve(None, |_| None, &values.iter().map(overlay).collect::<Vec<_>>()).unwrap().config
    }

    #[test]
    fn without_servers_the_embedded_networks_are_all() {
        let services = recorded(&config(&[]), &BTreeMap::new()).unwrap();
        assert!(services.planner.is_none() && services.verifier.is_none() && services.clip.is_none());
        assert_eq!((services.detector.name, services.executor.name), (ServiceName::Detector, ServiceName::Executor));
        assert!(services.executor.policy.local && services.detector.policy.local);
        assert!(needs_files(&config(&[])));
    }

    #[test]
    fn an_executor_on_a_server_is_the_detector_too() {
        let set = config(&[("executor.url", json!("http://localhost:1"))]);
        let services = recorded(&set, &BTreeMap::new()).unwrap();
        assert_eq!((services.detector.name, services.executor.name), (ServiceName::Executor, ServiceName::Executor));
        assert_eq!(services.detector_terms, services.executor_terms);
        assert!(!needs_files(&set));
    }

    #[test]
    fn a_replay_needs_the_names_of_the_models() {
        let set = config(&[("verifier.url", json!("http://localhost:1/v1"))]);
        let error = recorded(&set, &BTreeMap::new()).err().unwrap().to_string();
        assert!(error.starts_with("verifier: which model answered is not known"), "{error}");
        let model = ModelId { name: "a-model".into(), revision: "r".into() };
        let services = recorded(&set, &BTreeMap::from([("verifier".to_owned(), model.clone())])).unwrap();
        assert_eq!(services.verifier.unwrap().service.model, model);
    }
}
