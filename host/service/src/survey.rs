//! Checks servers before a run: whether they are healthy, which software they run and which models they serve.

use serde_json::Value;

use crate::chat::Dialect;
use crate::error::{AskError, ServiceError};
use crate::http::{Http, Remote, limits};

/// Why a server cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConnectError {
    /// It does not answer: it may be up later.
    #[error(transparent)]
    Unreachable(ServiceError),
    /// It answers, and is not what was asked for.
    #[error(transparent)]
    Unusable(#[from] ServiceError),
}

impl From<ConnectError> for ServiceError {
    fn from(error: ConnectError) -> Self {
        match error {
            ConnectError::Unreachable(error) | ConnectError::Unusable(error) => error,
        }
    }
}

/// What a chat server says about itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Survey {
    /// The server's dialect.
    pub dialect: Dialect,
    /// The version of the server's software; empty if it is unknown.
    pub version: String,
    /// The models that the server has.
    pub models: Vec<String>,
    /// The model to use.
    pub model: String,
}

/// Asks a chat server for its health, software and models. `service` is its name in errors. `wanted` is the model to use; empty for
/// the server's only model.
///
/// # Errors
///
/// Fails if the server cannot be reached, reports that it is unhealthy, or does not have the model, or if `wanted` is empty and the
/// server does not have exactly one.
pub async fn survey_chat(http: &Http, service: &str, remote: &Remote, wanted: &str) -> Result<Survey, ConnectError> {
    let failed = |cause: String, way_out: &str| ServiceError::failed(service, cause, way_out);
    let listed = http.get(remote, "/models", limits::OTHER_BYTES).await.map_err(|refusal| match refusal.status {
        0 => ConnectError::Unreachable(failed(
            refusal.error.to_string(),
            &unreachable_advice(service, remote, &refusal.error),
        )),
        500.. => ConnectError::Unreachable(failed(refusal.error.to_string(), "Look at the server's log.")),
        401 | 403 => {
            let way_out =
                format!("Set {service}.api-key-env to the environment variable that holds the server's API key.");
            failed(refusal.error.to_string(), &way_out).into()
        }
        404 => failed(
            refusal.error.to_string(),
            "The address of a chat server ends in /v1. If this one does, another kind of server listens on this port.",
        )
        .into(),
        _ => failed(refusal.error.to_string(), "Look at the server's log.").into(),
    })?;
    let names = listed.body.get("data").and_then(Value::as_array).into_iter().flatten();
    let models: Vec<String> = names.filter_map(|model| Some(model.get("id")?.as_str()?.to_owned())).collect();
    let model = match (wanted, models.as_slice()) {
        ("", [only]) => only.clone(),
        ("", []) => {
            let way_out = format!("Load a model, or name one with {service}.model.");
            return Err(failed(format!("{} lists no model", remote.url), &way_out).into());
        }
        ("", several) => {
            let cause = format!("{} has {} models: {}", remote.url, several.len(), several.join(", "));
            return Err(failed(cause, &format!("Choose one with {service}.model.")).into());
        }
        (wanted, _) if models.iter().any(|model| model == wanted) => wanted.to_owned(),
        (wanted, _) => {
            let cause = format!("{} does not have {wanted:?}; it has {}", remote.url, models.join(", "));
            return Err(failed(cause, &format!("Change {service}.model, or load that model on the server.")).into());
        }
    };
    let root = Remote { url: root(&remote.url).to_owned(), ..remote.clone() };
    if let Err(refusal) = http.get(&root, "/health", limits::OTHER_BYTES).await
        && refusal.status >= 500
    {
        let cause = format!("{} reports that it is unhealthy: {}", root.url, refusal.error);
        return Err(ConnectError::Unreachable(failed(cause, "Look at the server's log.")));
    }
    let (dialect, version) = dialect(http, &root).await;
    Ok(Survey { dialect, version, models, model })
}

/// Finds out the dialect and version of a server by endpoints that only vLLM or SGLang have.
async fn dialect(http: &Http, root: &Remote) -> (Dialect, String) {
    let version = |body: &Value| body.get("version").and_then(Value::as_str).map(str::to_owned);
    if let Ok(reply) = http.get(root, "/version", limits::OTHER_BYTES).await
        && let Some(version) = version(&reply.body)
    {
        return (Dialect::Vllm, version);
    }
    if let Ok(reply) = http.get(root, "/get_server_info", limits::OTHER_BYTES).await {
        return (Dialect::Sglang, version(&reply.body).unwrap_or_default());
    }
    (Dialect::Openai, String::new())
}

/// Checks that a server of the original system is healthy. Such a server has no list of models.
///
/// # Errors
///
/// Fails if the server cannot be reached or reports that it is unhealthy.
pub async fn survey_plain(http: &Http, service: &str, remote: &Remote) -> Result<(), ConnectError> {
    let root = Remote { url: root(&remote.url).to_owned(), ..remote.clone() };
    match http.get(&root, "/health", limits::OTHER_BYTES).await {
        Ok(_) => Ok(()),
        // The server is up: it answered with something other than JSON, or has no such endpoint.
        Err(refusal) if refusal.status == 404 || refusal.status == 200 => Ok(()),
        Err(refusal) => {
            let way_out = unreachable_advice(service, remote, &refusal.error);
            let error = ServiceError::failed(service, refusal.error.to_string(), way_out);
            Err(if refusal.status == 0 || refusal.status >= 500 {
                ConnectError::Unreachable(error)
            } else {
                error.into()
            })
        }
    }
}

/// What the user can do about a server that cannot be reached.
fn unreachable_advice(service: &str, remote: &Remote, error: &AskError) -> String {
    // rustls reports a response that is not TLS as a corrupt message.
    if remote.url.starts_with("https:") && error.to_string().contains("corrupt message") {
        return format!("The server answers, but not with TLS: begin {service}.url with http://.");
    }
    format!("Start the server, or give its address with --with {service}.url=URL.")
}

/// Scheme, host and port of an address.
pub(crate) fn root(url: &str) -> &str {
    let start = url.find("://").map_or(0, |at| at + 3);
    let end = url.get(start..).and_then(|rest| rest.find('/')).map_or(url.len(), |at| start + at);
    url.get(..end).unwrap_or(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_root_of_an_address() {
        for (url, expected) in [
            ("http://localhost:8000/v1", "http://localhost:8000"),
            ("https://a.example/x/y/v1", "https://a.example"),
            ("http://localhost:8003", "http://localhost:8003"),
        ] {
            assert_eq!(root(url), expected);
        }
    }
}
