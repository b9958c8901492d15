//! What a server says of itself: asked before a run, so that a mistake is found before the work.

use serde_json::Value;

use crate::chat::Dialect;
use crate::error::{AskError, ServiceError};
use crate::http::{Http, Remote, limits};

/// What was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Survey {
    /// Whose server it is.
    pub dialect: Dialect,
    /// Its version; empty where it says nothing.
    pub version: String,
    /// The models that it has.
    pub models: Vec<String>,
    /// The model that questions are to be put to.
    pub model: String,
}

/// Asks a server of chats what it is and has. `wanted`: the model that is to be used; empty where it is the only one.
///
/// # Errors
///
/// Where it cannot be reached, says that it is not well, or does not have the model.
pub async fn survey_chat(http: &Http, service: &str, remote: &Remote, wanted: &str) -> Result<Survey, ServiceError> {
    let failed = |cause: String, way_out: &str| ServiceError::failed(service, cause, way_out);
    let listed = http.get(remote, "/models", limits::OTHER_BYTES).await.map_err(|refusal| match refusal.status {
        0 => failed(refusal.error.to_string(), &unreached(service, remote, &refusal.error)),
        401 | 403 => {
            failed(refusal.error.to_string(), &format!("Name the variable with its key in {service}.api-key-env."))
        }
        404 => failed(
            refusal.error.to_string(),
            "Such an address ends in /v1 and nothing behind it; else another kind of server has this port.",
        ),
        _ => failed(refusal.error.to_string(), "Look at the server's own log."),
    })?;
    let names = listed.body.get("data").and_then(Value::as_array).into_iter().flatten();
    let models: Vec<String> = names.filter_map(|model| Some(model.get("id")?.as_str()?.to_owned())).collect();
    let model = match (wanted, models.as_slice()) {
        ("", [only]) => only.clone(),
        ("", []) => return Err(failed(format!("{} has no model", remote.url), "Load one, or name it.")),
        ("", several) => {
            let cause = format!("{} has {} models: {}", remote.url, several.len(), several.join(", "));
            return Err(failed(cause, &format!("Say which with {service}.model.")));
        }
        (wanted, _) if models.iter().any(|model| model == wanted) => wanted.to_owned(),
        (wanted, _) => {
            let cause = format!("{} does not have {wanted:?}; it has {}", remote.url, models.join(", "));
            return Err(failed(cause, &format!("Change {service}.model, or load that model.")));
        }
    };
    let root = Remote { url: root(&remote.url).to_owned(), ..remote.clone() };
    if let Err(refusal) = http.get(&root, "/health", limits::OTHER_BYTES).await
        && refusal.status >= 500
    {
        return Err(failed(
            format!("{} says that it is not well: {}", root.url, refusal.error),
            "Look at the server's own log.",
        ));
    }
    let (dialect, version) = dialect(http, &root).await;
    Ok(Survey { dialect, version, models, model })
}

/// Whose server it is, by what only that one has.
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

/// Whether a server of the original system is well. It has no list of models.
///
/// # Errors
///
/// Where it cannot be reached or says that it is not well.
pub async fn survey_plain(http: &Http, service: &str, remote: &Remote) -> Result<(), ServiceError> {
    let root = Remote { url: root(&remote.url).to_owned(), ..remote.clone() };
    match http.get(&root, "/health", limits::OTHER_BYTES).await {
        Ok(_) => Ok(()),
        // It answers, if not with JSON, or knows no such question.
        Err(refusal) if refusal.status == 404 || refusal.status == 200 => Ok(()),
        Err(refusal) => {
            let way_out = unreached(service, remote, &refusal.error);
            Err(ServiceError::failed(service, refusal.error.to_string(), way_out))
        }
    }
}

/// What to do about a server that does not answer.
fn unreached(service: &str, remote: &Remote, error: &AskError) -> String {
    // What TLS says of an answer that is none.
    if remote.url.starts_with("https:") && error.to_string().contains("corrupt message") {
        return format!("The server is there and does not speak TLS: begin {service}.url with http://.");
    }
    format!("Start the server, or give its address with --with {service}.url=URL.")
}

/// Scheme, host and port of an address.
fn root(url: &str) -> &str {
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
