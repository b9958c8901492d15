//! HTTP requests that send and receive JSON, with limits on size and time. Errors distinguish failures that a retry may cure.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Once};
use std::time::{Duration, Instant, SystemTime};

use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, DATE, HeaderMap, HeaderValue, RETRY_AFTER};
use reqwest::{Client, Response, StatusCode};
use serde_json::Value;

use crate::body::Body;
use crate::error::{AskError, Pressure, ServiceError};
use crate::proxies::Proxies;

/// Limits on the size and time of responses.
pub mod limits {
    use rescue_core::Size;

    /// The longest response of a chat server, in bytes. Most of it are token probabilities.
    pub const CHAT_BYTES: usize = 32 << 20;
    /// The longest response of an executor, in bytes.
    pub const EXECUTOR_BYTES: usize = 256 << 20;
    /// The longest list of a server's metrics, in bytes.
    pub const METRICS_BYTES: usize = 4 << 20;
    /// The longest response of any other kind, in bytes.
    pub const OTHER_BYTES: usize = 1 << 20;
    /// The longest response with `count` masks of this size, in bytes, at most [`EXECUTOR_BYTES`]. Even a JPEG of noise has fewer
    /// than two bytes per pixel.
    pub(crate) fn masks(size: Size, count: usize) -> usize {
        let one = usize::try_from(size.pixels()).unwrap_or(usize::MAX).saturating_mul(2).saturating_add(64 << 10);
        one.saturating_mul(count).saturating_add(1 << 20).min(EXECUTOR_BYTES)
    }

    /// How much of a server's error message is shown, in characters.
    pub const MESSAGE_CHARS: usize = 300;
    /// The longest `Retry-After` that is told, in seconds: a year. A longer one counts as this.
    pub const RETRY_AFTER_SECONDS: u64 = 365 * 24 * 3600;
    /// The timeout for opening a connection, in seconds.
    pub const CONNECT_SECONDS: u64 = 10;
}

/// The address of a server and how to send requests to it.
#[derive(Clone)]
pub struct Remote {
    /// The URL, without a slash at its end.
    pub url: String,
    /// The timeout of one request, from its start to the end of the response.
    pub timeout: Duration,
    /// The API key, sent as a bearer token; `None` sends none.
    pub api_key: Option<String>,
}

impl std::fmt::Debug for Remote {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Remote").field("url", &self.url).field("timeout", &self.timeout).finish_non_exhaustive()
    }
}

/// The bytes of bodies that went to servers and came from them, without headers.
#[derive(Debug, Default)]
pub struct Traffic {
    sent: AtomicU64,
    received: AtomicU64,
}

impl Traffic {
    /// Bytes sent so far.
    pub fn sent(&self) -> u64 {
        self.sent.load(Ordering::Relaxed)
    }

    /// Bytes received so far.
    pub fn received(&self) -> u64 {
        self.received.load(Ordering::Relaxed)
    }

    pub(crate) fn add_sent(&self, bytes: usize) {
        self.sent.fetch_add(bytes as u64, Ordering::Relaxed);
    }

    fn add_received(&self, bytes: usize) {
        self.received.fetch_add(bytes as u64, Ordering::Relaxed);
    }
}

/// An HTTP client with a pool of connections. Its clones share the pool, and the count of bytes.
#[derive(Clone, Debug)]
pub struct Http {
    client: Client,
    proxies: Proxies,
    traffic: Arc<Traffic>,
}

/// A successful response.
#[derive(Debug)]
pub(crate) struct Reply {
    /// The body as JSON.
    pub(crate) body: Value,
    /// Seconds from sending the request to the end of the response.
    pub(crate) seconds: f64,
    /// The `Server` header; empty if there is none.
    pub(crate) server: String,
}

/// A failed request.
#[derive(Debug)]
pub(crate) struct Refusal {
    /// The HTTP status; 0 if the response never came or broke off.
    pub(crate) status: u16,
    /// The error message in the response's body; empty if there is none.
    pub(crate) message: String,
    /// The error to report.
    pub(crate) error: AskError,
}

impl Http {
    /// An HTTP client that follows no redirects. Servers that are not local are reached through the proxies that the environment
    /// names; see [`Http::way`].
    ///
    /// # Errors
    ///
    /// Fails if the client cannot be set up, for example if the machine has no root certificates.
    pub fn new() -> Result<Self, ServiceError> {
        static PROVIDER: Once = Once::new();
        PROVIDER.call_once(|| drop(rustls::crypto::ring::default_provider().install_default()));
        let proxies = Proxies::new(|name| std::env::var(name).ok());
        let client = proxies
            .apply(Client::builder())?
            .connect_timeout(Duration::from_secs(limits::CONNECT_SECONDS))
            .tcp_nodelay(true)
            .redirect(reqwest::redirect::Policy::none())
            .user_agent(concat!("rescue-host/", env!("CARGO_PKG_VERSION")))
            .build();
        let client = client.map_err(|error| {
            ServiceError::failed(
                "HTTP",
                format!("the HTTP client cannot be set up: {}", innermost_cause(&error)),
                "Check the root certificates of this machine.",
            )
        })?;
        Ok(Self { client, proxies, traffic: Arc::default() })
    }

    /// A client with the same pool of connections and a count of its own.
    #[must_use]
    pub fn counted_apart(&self) -> Self {
        Self { traffic: Arc::default(), ..self.clone() }
    }

    /// What it and its clones have sent and received.
    pub fn traffic(&self) -> &Arc<Traffic> {
        &self.traffic
    }

    /// How a server is reached: "directly", or through which proxy.
    pub fn way(&self, url: &str) -> String {
        self.proxies.way(url)
    }

    /// Sends a POST request with a JSON body to `path` below the server's URL and reads at most `limit` bytes of JSON.
    pub(crate) async fn post(&self, remote: &Remote, path: &str, body: Body, limit: usize) -> Result<Reply, Refusal> {
        let start = Instant::now();
        let url = format!("{}{path}", remote.url);
        let mut request = self.client.post(&url).timeout(remote.timeout).header(CONTENT_TYPE, "application/json");
        if let Some(value) = remote.api_key.as_deref().and_then(bearer) {
            request = request.header(AUTHORIZATION, value);
        }
        let response = request
            .body(reqwest::Body::wrap(body.send(self.traffic.clone())))
            .send()
            .await
            .map_err(|error| no_response(&url, remote, &error))?;
        self.read_response(response, &url, remote, limit, start).await
    }

    /// Sends a GET request to a path on the server and reads at most `limit` bytes of text. `None` if there is no such text.
    pub(crate) async fn get_text(&self, remote: &Remote, url: &str, limit: usize) -> Option<String> {
        let mut request = self.client.get(url).timeout(remote.timeout);
        if let Some(value) = remote.api_key.as_deref().and_then(bearer) {
            request = request.header(AUTHORIZATION, value);
        }
        let mut response = request.send().await.ok().filter(|response| response.status().is_success())?;
        let mut bytes = Vec::new();
        while let Some(chunk) = response.chunk().await.ok()? {
            self.traffic.add_received(chunk.len());
            if bytes.len() + chunk.len() > limit {
                return None;
            }
            bytes.extend_from_slice(&chunk);
        }
        String::from_utf8(bytes).ok()
    }

    /// Sends a GET request to `path` below the server's URL and reads at most `limit` bytes of JSON.
    pub(crate) async fn get(&self, remote: &Remote, path: &str, limit: usize) -> Result<Reply, Refusal> {
        let start = Instant::now();
        let url = format!("{}{path}", remote.url);
        let mut request = self.client.get(&url).timeout(remote.timeout);
        if let Some(value) = remote.api_key.as_deref().and_then(bearer) {
            request = request.header(AUTHORIZATION, value);
        }
        let response = request.send().await.map_err(|error| no_response(&url, remote, &error))?;
        self.read_response(response, &url, remote, limit, start).await
    }

    async fn read_response(
        &self,
        mut response: Response,
        url: &str,
        remote: &Remote,
        limit: usize,
        start: Instant,
    ) -> Result<Reply, Refusal> {
        let (status, after) = (response.status(), retry_after(response.headers()));
        let server =
            response.headers().get("server").and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
        let mut bytes = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| no_response(url, remote, &error))? {
            self.traffic.add_received(chunk.len());
            if bytes.len() + chunk.len() > limit {
                let cause = format!("the response of {url} is longer than {limit} bytes");
                return Err(Refusal {
                    status: status.as_u16(),
                    message: String::new(),
                    error: AskError::Breach { cause },
                });
            }
            bytes.extend_from_slice(&chunk);
        }
        if !status.is_success() {
            let message = error_message(&bytes);
            let cause = format!(
                "{url} answers {}{}",
                status_text(status),
                if message.is_empty() { String::new() } else { format!(": {message}") }
            );
            let cause = if status.as_u16() == 404 { format!("{cause} (is this the right address?)") } else { cause };
            let error = if is_transient(status) {
                AskError::Transient { cause, after, pressure: pressure(status) }
            } else {
                AskError::Rejected { cause }
            };
            return Err(Refusal { status: status.as_u16(), message, error });
        }
        match json(&bytes) {
            Ok(body) => Ok(Reply { body, seconds: start.elapsed().as_secs_f64(), server }),
            Err(error) => {
                let cause = if looks_like_html(&bytes) {
                    format!("{url} answers with a web page instead of JSON: is this the right address?")
                } else {
                    format!("{url} answers with something other than JSON: {error}")
                };
                Err(Refusal { status: status.as_u16(), message: String::new(), error: AskError::Breach { cause } })
            }
        }
    }
}

/// The `Authorization` header of an API key; `None` if the key has characters that no header can hold.
fn bearer(key: &str) -> Option<HeaderValue> {
    let mut value = HeaderValue::try_from(format!("Bearer {key}")).ok()?;
    value.set_sensitive(true);
    Some(value)
}

/// Whether the status (408, 425, 429 or 5xx) means that the server is busy or broken, and the request itself may be valid.
fn is_transient(status: StatusCode) -> bool {
    status.is_server_error() || [408, 425, 429].contains(&status.as_u16())
}

fn pressure(status: StatusCode) -> Pressure {
    match status {
        StatusCode::TOO_MANY_REQUESTS => Pressure::TooMany,
        StatusCode::SERVICE_UNAVAILABLE => Pressure::Unavailable,
        _ => Pressure::None,
    }
}

fn status_text(status: StatusCode) -> String {
    match status.canonical_reason() {
        Some(reason) => format!("{} {reason}", status.as_u16()),
        None => status.as_u16().to_string(),
    }
}

/// The wait that `Retry-After` asks for: a number of seconds, or a date, which counts from the server's own `Date` if it sends one.
/// `None` if the header is missing or neither.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let longest = Duration::from_secs(limits::RETRY_AFTER_SECONDS);
    let asked = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = asked.parse::<f64>() {
        return (seconds.is_finite() && seconds >= 0.0)
            .then(|| Duration::from_secs_f64(seconds.min(longest.as_secs_f64())));
    }
    let date = |text: &str| httpdate::parse_http_date(text).ok();
    let now = headers.get(DATE).and_then(|value| date(value.to_str().ok()?)).unwrap_or_else(SystemTime::now);
    Some(date(asked)?.duration_since(now).unwrap_or_default().min(longest))
}

/// The message in the body of an error response: one of the usual JSON fields, or the whole text if it is neither JSON nor HTML;
/// else empty.
fn error_message(bytes: &[u8]) -> String {
    let text = match serde_json::from_slice::<Value>(bytes) {
        Ok(body) => ["/error/message", "/message", "/detail", "/error"]
            .iter()
            .find_map(|pointer| body.pointer(pointer))
            .map(|found| found.as_str().map_or_else(|| found.to_string(), str::to_owned))
            .unwrap_or_default(),
        Err(_) if looks_like_html(bytes) => String::new(),
        Err(_) => String::from_utf8_lossy(bytes).into_owned(),
    };
    text.chars().filter(|c| !c.is_control()).take(limits::MESSAGE_CHARS).collect()
}

/// Reads JSON, also with the numbers that Python writes and JSON does not have: each becomes the text that names it, such as "NaN".
fn json(bytes: &[u8]) -> Result<Value, serde_json::Error> {
    serde_json::from_slice(bytes).or_else(|error| serde_json::from_slice(&named_numbers(bytes)).map_err(|_| error))
}

/// JSON with `NaN`, `Infinity` and `-Infinity` outside of texts in quotes.
fn named_numbers(bytes: &[u8]) -> Vec<u8> {
    const NAMES: [&[u8]; 3] = [b"NaN", b"Infinity", b"-Infinity"];
    let mut named = Vec::with_capacity(bytes.len() + 64);
    let (mut rest, mut in_text) = (bytes, false);
    while let Some((first, behind)) = rest.split_first() {
        let name = NAMES.iter().find(|name| !in_text && rest.starts_with(name));
        let length = match (name, first) {
            (Some(name), _) => {
                named.push(b'"');
                named.extend_from_slice(name);
                named.push(b'"');
                name.len()
            }
            // What a backslash escapes does not end the text.
            (None, b'\\') if in_text && !behind.is_empty() => {
                named.extend(rest.iter().take(2));
                2
            }
            (None, _) => {
                in_text ^= *first == b'"';
                named.push(*first);
                1
            }
        };
        rest = rest.get(length..).unwrap_or_default();
    }
    named
}

fn looks_like_html(bytes: &[u8]) -> bool {
    bytes.trim_ascii_start().first() == Some(&b'<')
}

/// The failure of a request without a complete response.
fn no_response(url: &str, remote: &Remote, error: &reqwest::Error) -> Refusal {
    let error = if error.is_timeout() {
        AskError::transient(format!("{url} does not answer within {} s", remote.timeout.as_secs_f64()))
    } else if error.is_connect() {
        AskError::Unreachable { cause: format!("{url} cannot be reached: {}", innermost_cause(error)) }
    } else {
        AskError::transient(format!("the connection to {url} broke off: {}", innermost_cause(error)))
    };
    Refusal { status: 0, message: String::new(), error }
}

/// The message of the innermost error. The outer ones say only that something failed, and repeat the URL.
fn innermost_cause(error: &dyn std::error::Error) -> String {
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
    fn error_messages_are_found_in_the_usual_places() {
        let texts = [
            (r#"{"error":{"message":"no\nway","code":400}}"#, "noway"),
            (r#"{"object":"error","message":"m"}"#, "m"),
            (r#"{"detail":[{"loc":["body"]}]}"#, r#"[{"loc":["body"]}]"#),
            (r#"{"error":"e"}"#, "e"),
            ("<html>", ""),
            ("plain", "plain"),
        ];
        for (body, message) in texts {
            assert_eq!(error_message(body.as_bytes()), message);
        }
        assert_eq!(error_message("é".repeat(1000).as_bytes()).chars().count(), limits::MESSAGE_CHARS);
    }

    #[test]
    fn numbers_that_only_python_writes_are_named() {
        let read = |text: &str| json(text.as_bytes()).ok();
        let body = r#"{"scores": [NaN, 1, -Infinity,Infinity], "why": "NaN \" NaN"}"#;
        let named = serde_json::json!({"scores": ["NaN", 1, "-Infinity", "Infinity"], "why": "NaN \" NaN"});
        assert_eq!(read(body), Some(named));
        assert_eq!(read(r#"{"a": "NaN"}"#), Some(serde_json::json!({"a": "NaN"})));
        for broken in ["{\"a\": NaNa}", "[NaN", "nan", "\"\\"] {
            assert_eq!(read(broken), None, "{broken}");
        }
    }

    #[test]
    fn retry_after_is_in_seconds_or_a_date_and_limited() {
        let of = |text: &str| retry_after(&HeaderMap::from_iter([(RETRY_AFTER, HeaderValue::from_str(text).unwrap())]));
        assert_eq!(of("2"), Some(Duration::from_secs(2)));
        assert_eq!(of("1e30"), Some(Duration::from_secs(limits::RETRY_AFTER_SECONDS)));
        assert_eq!([of("-1"), of("NaN"), of("soon")], [None; 3]);
        assert_eq!(of("Wed, 21 Oct 2015 07:28:00 GMT"), Some(Duration::ZERO));
        let texts = [(RETRY_AFTER, "Wed, 21 Oct 2015 07:28:00 GMT"), (DATE, "Wed, 21 Oct 2015 07:27:53 GMT")];
        let both = texts.map(|(name, text)| (name, HeaderValue::from_static(text)));
        assert_eq!(retry_after(&HeaderMap::from_iter(both)), Some(Duration::from_secs(7)));
    }

    #[test]
    fn debug_output_hides_the_api_key() {
        let remote = Remote { url: "u".into(), timeout: Duration::from_secs(1), api_key: Some("secret".into()) };
        assert!(!format!("{remote:?}{:?}", bearer("secret")).contains("secret"));
    }
}
