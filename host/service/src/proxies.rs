//! The proxies through which servers are reached: those of the usual environment variables, as for curl.

use hyper_util::client::proxy::matcher::Matcher;
use reqwest::{ClientBuilder, NoProxy, Proxy, Url};

use crate::error::ServiceError;

/// Addresses that are always reached directly.
const LOCAL: &str = "localhost,127.0.0.0/8,::1,0.0.0.0";

/// The proxies of an environment.
#[derive(Clone, Debug, Default)]
pub(crate) struct Proxies {
    http: Option<String>,
    https: Option<String>,
    /// Addresses that are reached directly, separated by commas.
    direct: String,
}

impl Proxies {
    /// Reads `http_proxy`, `https_proxy`, `all_proxy` and `no_proxy`. All but the first also count in upper case: servers set
    /// `HTTP_PROXY` from a request's header.
    pub(crate) fn new(variable: impl Fn(&str) -> Option<String>) -> Self {
        let set = |name: &str| variable(name).filter(|value| !value.trim().is_empty());
        let either = |name: &str| set(name).or_else(|| set(&name.to_uppercase()));
        let all = either("all_proxy");
        let none = either("no_proxy").unwrap_or_default();
        Self {
            http: set("http_proxy").or_else(|| all.clone()),
            https: either("https_proxy").or(all),
            direct: format!("{LOCAL},{none}"),
        }
    }

    /// A client that uses these proxies and no other.
    pub(crate) fn apply(&self, client: ClientBuilder) -> Result<ClientBuilder, ServiceError> {
        let mut client = client.no_proxy();
        for (name, url) in [("http_proxy", &self.http), ("https_proxy", &self.https)] {
            let Some(url) = url else { continue };
            let refused = |cause: String| {
                let cause =
                    format!("the environment variable {name} (or all_proxy) names the proxy {:?}: {cause}", shown(url));
                ServiceError::failed("HTTP", cause, "Set it to http://HOST:PORT, or list the servers in no_proxy.")
            };
            if url.to_lowercase().starts_with("socks") {
                return Err(refused("SOCKS proxies are not supported".into()));
            }
            let proxy = if name == "http_proxy" { Proxy::http(url) } else { Proxy::https(url) };
            let proxy = proxy.map_err(|error| refused(error.to_string()))?;
            client = client.proxy(proxy.no_proxy(NoProxy::from_string(&self.direct)));
        }
        Ok(client)
    }

    /// How a server is reached, for people.
    pub(crate) fn way(&self, url: &str) -> String {
        let (http, https) = (self.http.clone().unwrap_or_default(), self.https.clone().unwrap_or_default());
        let matcher = Matcher::builder().http(http).https(https).no(self.direct.clone()).build();
        let proxy = url.parse().ok().and_then(|uri| matcher.intercept(&uri));
        match proxy {
            Some(proxy) => format!("through the proxy {}", shown(&proxy.uri().to_string())),
            None => "directly".into(),
        }
    }
}

/// The address of a proxy without its user and password.
fn shown(url: &str) -> String {
    let with_scheme = if url.contains("://") { url.to_owned() } else { format!("http://{url}") };
    match Url::parse(&with_scheme) {
        Ok(url) => format!(
            "{}://{}:{}",
            url.scheme(),
            url.host_str().unwrap_or_default(),
            url.port_or_known_default().unwrap_or(0)
        ),
        Err(_) => "(an address that cannot be read)".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proxies(variables: &[(&str, &str)]) -> Proxies {
        Proxies::new(|name| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned()))
    }

    #[test]
    fn servers_that_are_not_local_are_reached_as_the_environment_says() {
        let set = proxies(&[
            ("http_proxy", "http://user:secret@proxy.example:3128"),
            ("HTTPS_PROXY", "proxy.example:3129"),
            ("no_proxy", "gpu.example, .cluster.example,10.0.0.0/8"),
        ]);
        for (url, way) in [
            ("http://vlm.example/v1", "through the proxy http://proxy.example:3128"),
            ("https://vlm.example/v1", "through the proxy http://proxy.example:3129"),
            ("http://localhost:8000/v1", "directly"),
            ("http://127.0.0.1:8000/v1", "directly"),
            ("http://127.9.9.9:8000/v1", "directly"),
            ("http://[::1]:8000/v1", "directly"),
            ("http://gpu.example:8000/v1", "directly"),
            ("http://node7.cluster.example:8000/v1", "directly"),
            ("http://10.1.2.3:8000/v1", "directly"),
        ] {
            assert_eq!(set.way(url), way, "{url}");
        }
        assert!(set.apply(reqwest::Client::builder()).is_ok());
    }

    #[test]
    fn variables_count_as_for_curl() {
        let way = |variables: &[(&str, &str)]| proxies(variables).way("http://vlm.example/v1");
        assert_eq!(way(&[]), "directly");
        assert_eq!(way(&[("HTTP_PROXY", "http://p:1")]), "directly");
        assert_eq!(way(&[("ALL_PROXY", "http://p:1")]), "through the proxy http://p:1");
        assert_eq!(way(&[("all_proxy", "http://p:1"), ("http_proxy", "http://q:2")]), "through the proxy http://q:2");
        assert_eq!(way(&[("http_proxy", "http://p:1"), ("NO_PROXY", "*")]), "directly");
        assert_eq!(way(&[("http_proxy", " ")]), "directly");
        let socks = proxies(&[("all_proxy", "socks5://u:secret@p:1")]).apply(reqwest::Client::builder()).unwrap_err();
        assert!(socks.cause.contains("SOCKS") && !socks.cause.contains("secret"), "{socks}");
    }
}
