//! Checks and normalises URLs.

use std::net::Ipv6Addr;

use serde_json::Value;

use crate::{error::cut, limits};

/// Reads one URL, several separated by commas, or a list of URLs. Returns them normalised: scheme and host in lower case, no
/// slash at the end. The list is empty if the text is empty. The error does not repeat text that may hold a secret.
pub(crate) fn read_all(given: &Value) -> Result<Vec<String>, String> {
    const ALLOWED: &str = "a URL, or a list of them";
    let texts = match given {
        Value::String(text) if text.trim().is_empty() => Vec::new(),
        Value::String(text) => text.split(',').collect(),
        Value::Array(list) => match list.iter().map(Value::as_str).collect::<Option<Vec<_>>>() {
            Some(texts) => texts,
            None => return Err(format!("not every item of the list is {ALLOWED}")),
        },
        _ => return Err(format!("the value is not {ALLOWED}")),
    };
    if texts.len() > limits::REPLICAS {
        return Err(format!("{} URLs are more than the {} that one service may have", texts.len(), limits::REPLICAS));
    }
    let mut urls = Vec::new();
    for text in texts {
        let text = text.trim();
        let url = read(text).map_err(|problem| {
            let shown = if text.contains(['@', '?', '#']) { "the URL".into() } else { format!("{:?}", cut(text)) };
            format!("{shown} {problem}")
        })?;
        if urls.contains(&url) {
            return Err(format!("{:?} is listed twice; set `slots` to send more requests to one server", cut(&url)));
        }
        urls.push(url);
    }
    Ok(urls)
}

/// Checks one URL and normalises it. The error says what is wrong with it.
fn read(text: &str) -> Result<String, &'static str> {
    if text.contains('@') {
        return Err("holds a user name or a password; name the variable that holds the key with api-key-env instead");
    }
    if text.contains(['?', '#']) {
        return Err(
            "holds a query or a fragment; leave out the ? or # and what follows, and name the variable that holds a key with api-key-env",
        );
    }
    if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err("holds a space or another character that no URL has");
    }
    let (scheme, rest) = text.split_once("://").ok_or("has no scheme; write http:// or https:// before it")?;
    let scheme = scheme.to_ascii_lowercase();
    if scheme != "http" && scheme != "https" {
        return Err("has a scheme that is neither http nor https");
    }
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    // The colons of an IPv6 address are inside brackets; the colon of a port follows the closing bracket.
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
        _ => (authority, None),
    };
    if host.is_empty() {
        return Err("has no host");
    }
    let is_host = match host.strip_prefix('[').and_then(|host| host.strip_suffix(']')) {
        Some(address) => address.parse::<Ipv6Addr>().is_ok(),
        None => host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._".contains(&byte)),
    };
    if !is_host {
        return Err("has a host that is neither a name nor an address");
    }
    let is_port =
        |port: &str| port.bytes().all(|byte| byte.is_ascii_digit()) && port.parse().is_ok_and(|port: u16| port > 0);
    if port.is_some_and(|port| !is_port(port)) {
        return Err("has a port that is not a whole number from 1 to 65535");
    }
    Ok(format!("{scheme}://{}{}", authority.to_ascii_lowercase(), path.trim_end_matches('/')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_are_normalised() {
        for (given, url) in [
            ("http://localhost:8000/v1", "http://localhost:8000/v1"),
            ("HTTPS://GPU-3.example.org/V1//", "https://gpu-3.example.org/V1"),
            ("http://[::1]:8000/", "http://[::1]:8000"),
            ("http://[::1]", "http://[::1]"),
            ("http://vllm_1:65535", "http://vllm_1:65535"),
        ] {
            assert_eq!(read(given).as_deref(), Ok(url));
        }
        let two = Value::from("http://a:1/v1/, http://b:1/v1");
        assert_eq!(read_all(&two).unwrap(), ["http://a:1/v1", "http://b:1/v1"]);
        assert_eq!(read_all(&Value::from(vec!["http://a", "http://b"])).unwrap(), ["http://a", "http://b"]);
        assert!(read_all(&Value::from(" ")).unwrap().is_empty());
    }

    #[test]
    fn text_that_is_not_a_url_is_refused() {
        for (given, message) in [
            ("localhost:8000", r#""localhost:8000" has no scheme"#),
            ("ftp://a", "neither http nor https"),
            ("http://", "no host"),
            ("http://:80", "no host"),
            ("http://a:0", "a port that"),
            ("http://a:65536", "a port that"),
            ("http://a:+80", "a port that"),
            ("http://a:", "a port that"),
            ("http://[::g]:80", "neither a name nor an address"),
            ("http://::1", "neither a name nor an address"),
            ("http://a b", "a space"),
            ("http://a,", r#""" has no scheme"#),
            ("http://a,http://A/", r#""http://a" is listed twice"#),
        ] {
            let error = read_all(&Value::from(given)).unwrap_err();
            assert!(error.contains(message), "{given}: {error}");
        }
        let many: Vec<_> = (0..=limits::REPLICAS).map(|i| format!("http://a:{}", i + 1)).collect();
        assert!(read_all(&Value::from(many.clone())).unwrap_err().starts_with("65 URLs"));
        assert_eq!(read_all(&Value::from(&many[1..])).unwrap().len(), limits::REPLICAS);
        assert!(read_all(&Value::from(1)).is_err());
        assert!(read_all(&serde_json::json!(["http://a", 1])).is_err());
    }

    #[test]
    fn text_that_may_be_secret_is_not_repeated() {
        for given in ["http://user:hush@a", "http://a/?key=hush", "http://a/#hush", "user:hush@a", "http://hush @a"] {
            let error = read_all(&Value::from(given)).unwrap_err();
            assert!(!error.contains("hush") && error.starts_with("the URL holds"), "{error}");
        }
    }
}
