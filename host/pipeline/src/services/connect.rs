//! Makes services from a configuration. Every server is asked for its models first, so that a server that is down or has another
//! model is reported before any work begins.

use std::collections::BTreeMap;
use std::sync::Arc;

use rescue_config::{Chat, Config, Contract, Dialect as Named, Images, Place, Service as Common, Thinking as Thought};
use rescue_service::{
    ChatClient, ChatOptions, ClipClient, ConnectError, Detector, Dialect, EmbeddedDetector, EmbeddedExecutor, Executor,
    Http, ModelId, Models, Remote, RoboflowExecutor, SamExecutor, ServiceError, Survey, ThroughExecutor, survey_chat,
    survey_plain,
};

use super::coordinates::coordinates;
use super::planned::{EXECUTOR, chat_service, embedded_detector, needs_files, plan, timeout};
use super::{ChatService, ServiceName, Services};

/// Services whose servers have answered, and what is worth knowing about them.
pub struct Connected {
    /// The services.
    pub services: Services,
    /// Warnings about combinations of model and settings that are known to go wrong.
    pub warnings: Vec<String>,
    /// Program and version of each chat server that tells them.
    pub servers: Vec<String>,
}

/// Asks all servers for their models and makes the services. `models` locates the files of embedded networks; it is called only if one
/// is needed.
///
/// # Errors
///
/// Returns the error of the first service that does not work; the error names it.
pub async fn connect(
    config: &Config,
    models: impl FnOnce() -> Result<Models, ServiceError>,
) -> Result<Connected, ServiceError> {
    let http = Http::new()?;
    check_keys(config)?;
    let (mut warnings, mut servers) = (Vec::new(), Vec::new());
    let mut found = (&mut warnings, &mut servers);
    let planner = chat(&http, ServiceName::Planner, config.planner.as_ref(), &mut found).await?;
    let verifier = chat(&http, ServiceName::Verifier, config.verifier.as_ref(), &mut found).await?;
    let files = if needs_files(config) { Some(models()?) } else { None };
    let own = http.counted_apart();
    let (executor, down) = executor(&own, config, files.as_ref(), &mut warnings).await?;
    let mut services = plan(config, &BTreeMap::new(), true)?;
    services.executor.traffic = own.traffic().clone();
    services.detector.replicas = match &files {
        Some(files) if embedded_detector(config) => vec![Arc::new(EmbeddedDetector::new(files))],
        _ => {
            services.detector.down.clone_from(&down);
            services.detector.traffic = own.traffic().clone();
            executor.iter().map(|one| Arc::new(ThroughExecutor::new(one.clone())) as Arc<dyn Detector>).collect()
        }
    };
    (services.executor.replicas, services.executor.down) = (executor, down);
    if let (Some(clip), Some(service)) = (&config.clip, &mut services.clip) {
        let http = http.counted_apart();
        service.traffic = http.traffic().clone();
        let (remotes, down) = plain_replicas(&http, ServiceName::Clip, &clip.url, &clip.service, &mut warnings).await?;
        service.replicas = remotes.into_iter().map(|remote| Arc::new(ClipClient::new(http.clone(), remote))).collect();
        service.down = down;
    }
    services.planner = planner;
    services.verifier = verifier;
    Ok(Connected { services, warnings, servers })
}

/// Checks that every variable named as `api-key-env` is set: a server would only say that it wants a key.
fn check_keys(config: &Config) -> Result<(), ServiceError> {
    let chats = [("planner", &config.planner), ("verifier", &config.verifier)];
    let chats = chats.into_iter().filter_map(|(name, chat)| Some((name, &chat.as_ref()?.service)));
    let others =
        [("executor", Some(&config.executor.service)), ("clip", config.clip.as_ref().map(|clip| &clip.service))];
    let all = chats.chain(others.into_iter().filter_map(|(name, service)| Some((name, service?))));
    for (name, service) in all {
        if !service.api_key_env.is_empty() && service.api_key.is_none() {
            let cause = format!("{name}.api-key-env names {}, which is not set", service.api_key_env);
            return Err(ServiceError::failed(name, cause, "Set that variable to the key, or leave it out."));
        }
    }
    Ok(())
}

/// The executor's first server, without the other services.
pub(super) async fn one_executor(
    config: &Config,
    models: impl Fn() -> Result<Models, ServiceError>,
) -> Result<Arc<dyn Executor>, ServiceError> {
    let files = if config.executor.url == Place::Embedded { Some(models()?) } else { None };
    let (executors, _) = executor(&Http::new()?, config, files.as_ref(), &mut Vec::new()).await?;
    executors.into_iter().next().ok_or_else(|| ServiceError::failed("executor", "there is none", "Set executor.url."))
}

async fn executor(
    http: &Http,
    config: &Config,
    files: Option<&Models>,
    warnings: &mut Vec<String>,
) -> Result<(Vec<Arc<dyn Executor>>, Vec<usize>), ServiceError> {
    let set = &config.executor;
    let Place::Servers(urls) = &set.url else {
        let embedded = files.iter().map(|files| Arc::new(EmbeddedExecutor::new(files)) as Arc<dyn Executor>);
        return Ok((embedded.collect(), Vec::new()));
    };
    let name = if set.service.model.is_empty() { EXECUTOR } else { &set.service.model };
    let model = ModelId { name: name.to_owned(), revision: set.service.revision.clone() };
    let (remotes, down) = plain_replicas(http, ServiceName::Executor, urls, &set.service, warnings).await?;
    let executors = remotes.into_iter().map(|remote| -> Arc<dyn Executor> {
        match set.contract {
            Contract::Rescue => Arc::new(SamExecutor::new(http.clone(), remote, model.clone(), set.confidence)),
            Contract::Roboflow => Arc::new(RoboflowExecutor::new(http.clone(), remote, model.clone(), set.confidence)),
        }
    });
    Ok((executors.collect(), down))
}

async fn chat(
    http: &Http,
    name: ServiceName,
    chat: Option<&Chat>,
    (warnings, servers): &mut (&mut Vec<String>, &mut Vec<String>),
) -> Result<Option<ChatService>, ServiceError> {
    let Some(chat) = chat.filter(|chat| !chat.url.is_empty()) else { return Ok(None) };
    let http = http.counted_apart();
    let (mut clients, mut fan_out, mut down) = (Vec::new(), true, Vec::new());
    let mut model = chat.service.model.clone();
    let mut found: Option<Survey> = None;
    let mut surveys = Vec::new();
    for url in &chat.url {
        let remote = remote(url, &chat.service);
        let survey = survey_chat(&http, name.as_str(), &remote, &model).await;
        if let Ok(survey) = &survey {
            model.clone_from(&survey.model);
            warnings.extend(warning(name, chat, survey));
            servers.push(format!("{} {}", survey.dialect, survey.version).trim().to_owned());
            found.get_or_insert_with(|| survey.clone());
        }
        surveys.push((remote, survey));
    }
    for (index, (remote, survey)) in surveys.into_iter().enumerate() {
        let survey = match (survey, &found) {
            (Ok(survey), _) => survey,
            // It is tried again later, as what the others are.
            (Err(ConnectError::Unreachable(error)), Some(other)) => {
                warnings.push(left_out(name, &remote.url, &error));
                down.push(index);
                other.clone()
            }
            (Err(error), _) => return Err(error.into()),
        };
        let options = options(chat, survey.dialect);
        fan_out &= options.dialect != Dialect::Openai;
        sendable(name, chat, options.dialect)?;
        clients.push(Arc::new(ChatClient::new(http.clone(), remote, model.clone(), options)));
    }
    warnings.dedup();
    let model = ModelId { name: model, revision: chat.service.revision.clone() };
    let mut made = chat_service(name, chat, model, clients);
    (made.fan_out, made.service.down) = (fan_out, down);
    made.service.traffic = http.traffic().clone();
    Ok(Some(made))
}

/// The warning about a replica that does not answer while another one does.
fn left_out(service: ServiceName, url: &str, error: &ServiceError) -> String {
    format!("{service}: {url} is left out, and tried again later: {}", error.cause)
}

/// The replicas of a service without a list of models: those that answer, and the indices of those that do not, for which `warnings` has
/// a line each.
async fn plain_replicas(
    http: &Http,
    service: ServiceName,
    urls: &[String],
    common: &Common,
    warnings: &mut Vec<String>,
) -> Result<(Vec<Remote>, Vec<usize>), ServiceError> {
    let (mut remotes, mut down) = (Vec::new(), Vec::new());
    for url in urls {
        let remote = remote(url, common);
        match survey_plain(http, service.as_str(), &remote).await {
            Ok(()) => {}
            Err(ConnectError::Unreachable(error)) => down.push((remotes.len(), error)),
            Err(error) => return Err(error.into()),
        }
        remotes.push(remote);
    }
    if let [.., (_, error)] = down.as_slice()
        && down.len() == remotes.len()
    {
        return Err(error.clone());
    }
    warnings.extend(down.iter().filter_map(|(at, error)| Some(left_out(service, &remotes.get(*at)?.url, error))));
    Ok((remotes, down.into_iter().map(|(at, _)| at).collect()))
}

/// A warning about settings that are known to go wrong with a model of this name; `None` if none are known.
fn warning(service: ServiceName, chat: &Chat, survey: &Survey) -> Option<String> {
    let name = survey.model.to_lowercase();
    let thinks = ["thinking", "-r1", "qwq"].iter().any(|word| name.contains(word));
    if thinks && chat.max_tokens < 4096 {
        return Some(format!(
            "{service}: {} thinks before it answers, and {service}.max-tokens is {}: it may be cut off before its answer. Set it \
             to 4096 or more, or {service}.thinking to \"off\"",
            survey.model, chat.max_tokens
        ));
    }
    coordinates(service, chat, &survey.model).1
}

/// Checks that every setting can be sent to the server: a question's key claims that the model got it.
fn sendable(service: ServiceName, chat: &Chat, dialect: Dialect) -> Result<(), ServiceError> {
    let set = [
        ("top-k", chat.top_k != -1),
        ("min-p", chat.min_p != 0.0),
        ("repetition-penalty", chat.repetition_penalty != 1.0),
        ("thinking", chat.thinking == Thought::Off),
    ];
    match set.iter().find(|(_, set)| *set && dialect == Dialect::Openai) {
        Some((key, _)) => Err(ServiceError::failed(
            service.as_str(),
            format!("{service}.{key} is set, and a server of the dialect \"openai\" takes no such field"),
            format!("Leave it out, or say in {service}.dialect whose server it is."),
        )),
        None => Ok(()),
    }
}

fn options(chat: &Chat, found: Dialect) -> ChatOptions {
    let dialect = match chat.dialect {
        Named::Auto => found,
        Named::Vllm => Dialect::Vllm,
        Named::Sglang => Dialect::Sglang,
        Named::Openai => Dialect::Openai,
    };
    let by_uuid = match chat.images {
        Images::Auto => dialect == Dialect::Vllm,
        Images::Uuid => true,
        Images::Inline => false,
    };
    ChatOptions { dialect, by_uuid, priority: chat.priority.map(i64::from), other_model: chat.other_model }
}

fn remote(url: &str, common: &Common) -> Remote {
    Remote {
        url: url.to_owned(),
        timeout: timeout(common),
        api_key: common.api_key.as_ref().map(|key| key.reveal().to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::planned::tests::config;
    use super::*;

    #[test]
    fn a_key_that_is_named_has_to_be_set() {
        let set = config(&[
            ("verifier.url", json!("http://localhost:1/v1")),
            ("verifier.api-key-env", json!("A_VARIABLE_THAT_IS_NOT_SET")),
        ]);
        let error = check_keys(&set).unwrap_err().to_string();
        assert!(error.contains("verifier.api-key-env names A_VARIABLE_THAT_IS_NOT_SET"), "{error}");
        assert!(check_keys(&config(&[])).is_ok());
    }

    #[test]
    fn a_setting_that_cannot_be_sent_is_refused() {
        let set = config(&[("verifier.url", json!("http://localhost:1/v1")), ("verifier.top-k", json!(5))]);
        let chat = set.verifier.as_ref().unwrap();
        let error = sendable(ServiceName::Verifier, chat, Dialect::Openai).unwrap_err().to_string();
        assert!(error.contains("verifier.top-k is set"), "{error}");
        assert!(sendable(ServiceName::Verifier, chat, Dialect::Vllm).is_ok());
    }
}
