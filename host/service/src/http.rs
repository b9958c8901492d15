//! One HTTP exchange: JSON out, JSON in, within limits. Whatever goes wrong is told apart by whether sending again may help.

use std::sync::Once;
use std::time::{Duration, Instant};

use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue, RETRY_AFTER};
use reqwest::{Client, Response, StatusCode};
use serde_json::Value;

use crate::error::{AskError, ServiceError};

/// What a server may take of this host.
pub mod limits {
    use rescue_core::Size;

    /// The longest answer of a chat, in bytes. Token probabilities make the most of it.
    pub const CHAT_BYTES: usize = 32 << 20;
    /// The longest answer of an executor, in bytes.
    pub const EXECUTOR_BYTES: usize = 256 << 20;
    /// The longest answer of any other kind, in bytes.
    pub const OTHER_BYTES: usize = 1 << 20;
    /// The longest answer that so many masks of this size can be, in bytes: a JPEG of noise is shorter than two bytes a pixel.
    pub(crate) fn masks(size: Size, count: usize) -> usize {
        let one = usize::try_from(size.pixels()).unwrap_or(usize::MAX).saturating_mul(2).saturating_add(64 << 10);
        one.saturating_mul(count).saturating_add(1 << 20).min(EXECUTOR_BYTES)
    }

    /// How much of a server's own message is shown, in characters.
    pub const MESSAGE_CHARS: usize = 300;
    /// The longest wait that a server's Retry-After is believed for, in seconds.
    pub const RETRY_AFTER_SECONDS: u64 = 600;
    /// How long a connection may take to be made, in seconds.
    pub const CONNECT_SECONDS: u64 = 10;
}

/// How to reach a server.
#[derive(Clone)]
pub struct Remote {
    /// Where it is, without a slash at its end.
    pub url: String,
    /// How long one request may take in all.
    pub timeout: Duration,
    /// Sent as a bearer token.
    pub api_key: Option<String>,
}

impl std::fmt::Debug for Remote {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Remote").field("url", &self.url).field("timeout", &self.timeout).finish_non_exhaustive()
    }
}

/// Connections to servers, shared by all clients of a process.
#[derive(Clone, Debug)]
pub struct Http {
    client: Client,
}

/// What came back of a request that was answered with success.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) body: Value,
    pub(crate) seconds: f64,
    pub(crate) server: String,
}

/// What came back of a request that was not.
#[derive(Debug)]
pub(crate) struct Refusal {
    pub(crate) status: u16,
    pub(crate) message: String,
    pub(crate) error: AskError,
}

impl Http {
    /// Connections that are kept open between requests.
    ///
    /// # Errors
    ///
    /// Where the machine has no certificates to check servers by, or no sockets.
    pub fn new() -> Result<Self, ServiceError> {
        static PROVIDER: Once = Once::new();
        PROVIDER.call_once(|| drop(rustls::crypto::ring::default_provider().install_default()));
        let client = Client::builder()
            .connect_timeout(Duration::from_secs(limits::CONNECT_SECONDS))
            .tcp_nodelay(true)
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .user_agent(concat!("rescue-host/", env!("CARGO_PKG_VERSION")))
            .build();
        let client = client.map_err(|error| {
            ServiceError::failed(
                "HTTP",
                format!("no client could be made: {}", chain(&error)),
                "Check the machine's certificates.",
            )
        })?;
        Ok(Self { client })
    }

    /// Sends JSON and reads JSON. A refusal keeps the status and the server's message, for those who know what they mean.
    pub(crate) async fn post(
        &self,
        remote: &Remote,
        path: &str,
        body: Vec<u8>,
        limit: usize,
    ) -> Result<Reply, Refusal> {
        let start = Instant::now();
        let url = format!("{}{path}", remote.url);
        let mut request = self.client.post(&url).timeout(remote.timeout).header(CONTENT_TYPE, "application/json");
        if let Some(value) = remote.api_key.as_deref().and_then(bearer) {
            request = request.header(AUTHORIZATION, value);
        }
        let response = request.body(body).send().await.map_err(|error| broken(&url, remote, &error))?;
        finish(response, &url, remote, limit, start).await
    }

    /// Asks for a path and reads JSON.
    pub(crate) async fn get(&self, remote: &Remote, path: &str, limit: usize) -> Result<Reply, Refusal> {
        let start = Instant::now();
        let url = format!("{}{path}", remote.url);
        let mut request = self.client.get(&url).timeout(remote.timeout);
        if let Some(value) = remote.api_key.as_deref().and_then(bearer) {
            request = request.header(AUTHORIZATION, value);
        }
        let response = request.send().await.map_err(|error| broken(&url, remote, &error))?;
        finish(response, &url, remote, limit, start).await
    }
}

fn bearer(key: &str) -> Option<HeaderValue> {
    let mut value = HeaderValue::try_from(format!("Bearer {key}")).ok()?;
    value.set_sensitive(true);
    Some(value)
}

async fn finish(
    mut response: Response,
    url: &str,
    remote: &Remote,
    limit: usize,
    start: Instant,
) -> Result<Reply, Refusal> {
    let (status, after) = (response.status(), retry_after(response.headers()));
    let server = response.headers().get("server").and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
    let mut bytes = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| broken(url, remote, &error))? {
        if bytes.len() + chunk.len() > limit {
            let cause = format!("{url} sends more than {limit} bytes, which is no answer");
            return Err(Refusal { status: status.as_u16(), message: String::new(), error: AskError::Breach { cause } });
        }
        bytes.extend_from_slice(&chunk);
    }
    if !status.is_success() {
        let message = said(&bytes);
        let cause = format!(
            "{url} answers {}{}",
            shown(status),
            if message.is_empty() { String::new() } else { format!(": {message}") }
        );
        let cause = if status.as_u16() == 404 { format!("{cause} (is this the right address?)") } else { cause };
        let error = if may_pass(status) { AskError::Transient { cause, after } } else { AskError::Rejected { cause } };
        return Err(Refusal { status: status.as_u16(), message, error });
    }
    match serde_json::from_slice(&bytes) {
        Ok(body) => Ok(Reply { body, seconds: start.elapsed().as_secs_f64(), server }),
        Err(error) => {
            let cause = if looks_like_html(&bytes) {
                format!("{url} answers with a web page instead of JSON: is this the right address?")
            } else {
                format!("{url} answers with something that is no JSON: {error}")
            };
            Err(Refusal { status: status.as_u16(), message: String::new(), error: AskError::Breach { cause } })
        }
    }
}

/// 408, 425, 429 and 5xx: the server is busy or broken; the request itself may be fine.
fn may_pass(status: StatusCode) -> bool {
    status.is_server_error() || [408, 425, 429].contains(&status.as_u16())
}

fn shown(status: StatusCode) -> String {
    match status.canonical_reason() {
        Some(reason) => format!("{} {reason}", status.as_u16()),
        None => status.as_u16().to_string(),
    }
}

/// Seconds only: servers of models send no dates.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let seconds: f64 = headers.get(RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()?;
    let most = limits::RETRY_AFTER_SECONDS as f64;
    (seconds.is_finite() && seconds >= 0.0).then(|| Duration::from_secs_f64(seconds.min(most)))
}

/// What a server says of an error, in whichever of the usual places.
fn said(bytes: &[u8]) -> String {
    let text = match serde_json::from_slice::<Value>(bytes) {
        Ok(body) => ["/error/message", "/message", "/detail", "/error"]
            .iter()
            .find_map(|place| body.pointer(place))
            .map(|found| found.as_str().map_or_else(|| found.to_string(), str::to_owned))
            .unwrap_or_default(),
        Err(_) if looks_like_html(bytes) => String::new(),
        Err(_) => String::from_utf8_lossy(bytes).into_owned(),
    };
    text.chars().filter(|c| !c.is_control()).take(limits::MESSAGE_CHARS).collect()
}

fn looks_like_html(bytes: &[u8]) -> bool {
    bytes.trim_ascii_start().first() == Some(&b'<')
}

fn broken(url: &str, remote: &Remote, error: &reqwest::Error) -> Refusal {
    let cause = if error.is_timeout() {
        format!("{url} does not answer within {} s", remote.timeout.as_secs_f64())
    } else if error.is_connect() {
        format!("{url} cannot be reached: {}", chain(error))
    } else {
        format!("{url} breaks off: {}", chain(error))
    };
    Refusal { status: 0, message: String::new(), error: AskError::transient(cause) }
}

/// The innermost cause: the outer ones say only that something failed, and name the address again.
fn chain(error: &dyn std::error::Error) -> String {
    let mut inner = error;
    while let Some(next) = inner.source() {
        inner = next;
    }
    inner.to_string().chars().take(limits::MESSAGE_CHARS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_server_says_is_found_in_the_usual_places() {
        let texts = [
            (r#"{"error":{"message":"no\nway","code":400}}"#, "noway"),
            (r#"{"object":"error","message":"m"}"#, "m"),
            (r#"{"detail":[{"loc":["body"]}]}"#, r#"[{"loc":["body"]}]"#),
            (r#"{"error":"e"}"#, "e"),
            ("<html>", ""),
            ("plain", "plain"),
        ];
        for (body, message) in texts {
            assert_eq!(said(body.as_bytes()), message);
        }
        assert_eq!(said("é".repeat(1000).as_bytes()).chars().count(), limits::MESSAGE_CHARS);
    }

    #[test]
    fn retry_after_is_seconds_and_bounded() {
        let of = |text: &str| retry_after(&HeaderMap::from_iter([(RETRY_AFTER, HeaderValue::from_str(text).unwrap())]));
        assert_eq!(of("2"), Some(Duration::from_secs(2)));
        assert_eq!(of("1e30"), Some(Duration::from_secs(limits::RETRY_AFTER_SECONDS)));
        assert_eq!([of("-1"), of("NaN"), of("Wed, 21 Oct 2015 07:28:00 GMT")], [None; 3]);
    }

    #[test]
    fn a_key_is_never_shown() {
        let remote = Remote { url: "u".into(), timeout: Duration::from_secs(1), api_key: Some("secret".into()) };
        assert!(!format!("{remote:?}{:?}", bearer("secret")).contains("secret"));
    }
}
