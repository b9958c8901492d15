//! Whether two descriptions are those of one run, so that one may go on with the other.

use serde_json::Value;

use super::folder::RunFile;

/// Keys of the configuration on which no answer depends: where things are, how much is done at once, and how long one waits. Models and plugins with their
/// settings are compared by themselves.
const FREE: [&str; 19] = [
    "deadline",
    "plugins",
    "settings",
    "model",
    "revision",
    "out",
    "ledger",
    "ledger-mode",
    "threads",
    "in-flight",
    "live",
    "extra-requests",
    "url",
    "slots",
    "timeout",
    "attempts",
    "api-key-env",
    "priority",
    "images",
];

/// What differs between two runs, so that neither can go on with the other. `None` if nothing does. `grown`: whether all samples of the earlier
/// run are among those of the one now, and it may have had fewer hypotheses.
pub(super) fn difference(earlier: &RunFile, now: &RunFile, grown: bool) -> Option<String> {
    let differs = |what: &str| Some(format!("its {what} are not the same"));
    if earlier.searched != now.searched && !grown {
        return differs("samples");
    }
    let mut earlier = earlier.clone();
    if grown && earlier.config.run.n < now.config.run.n {
        earlier.config.run.n = now.config.run.n;
    }
    if earlier.plugins.iter().map(|of| &of.plugin).ne(now.plugins.iter().map(|of| &of.plugin)) {
        return differs("plugins or their settings");
    }
    if earlier.models != now.models {
        return differs("models");
    }
    match (serde_json::to_value(&earlier.config), serde_json::to_value(&now.config)) {
        (Ok(earlier), Ok(now)) => differing("", &earlier, &now),
        (Err(error), _) | (_, Err(error)) => Some(format!("its configuration cannot be compared: {error}")),
    }
}

/// The first value that differs, by its key.
fn differing(path: &str, earlier: &Value, now: &Value) -> Option<String> {
    match (earlier, now) {
        (Value::Object(earlier), Value::Object(now)) => {
            let keys = earlier.keys().chain(now.keys().filter(|key| !earlier.contains_key(*key)));
            keys.filter(|key| !FREE.contains(&key.as_str())).find_map(|key| {
                let of = |object: &serde_json::Map<String, Value>| object.get(key).cloned().unwrap_or_default();
                let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                differing(&path, &of(earlier), &of(now))
            })
        }
        (earlier, now) if earlier == now => None,
        (earlier, now) => Some(format!("its {path} is {earlier}, and now it is {now}")),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use rescue_config::{Overlay, resolve};
    use rescue_core::Digest;
    use serde_json::json;

    use super::super::folder::{FORM, Searched};
    use super::*;

    fn run(values: &[(&str, Value)]) -> RunFile {
        let overlay = |(path, value): &(&str, Value)| Overlay {
            flag: "--with".into(),
            path: (*path).to_owned(),
            value: value.clone(),
        };
        let url = [("verifier.url", json!("http://a/v1"))];
        let overlays: Vec<Overlay> = url.iter().chain(values).map(overlay).collect();
        RunFile {
            form: FORM,
            id: "1".into(),
            program: String::new(),
            searched: Searched::Many { samples: Digest::of(b""), count: 1 },
            plugins: Vec::new(),
            models: BTreeMap::new(),
            ledger: "ledger".into(),
            config: resolve(None, |_| None, &overlays).unwrap().config,
        }
    }

    #[test]
    fn a_run_goes_on_unless_a_result_could_change() {
        let now = run(&[]);
        for free in [("run.threads", json!(3)), ("verifier.slots", json!(3)), ("verifier.url", json!("http://b/v1"))] {
            assert_eq!(difference(&run(std::slice::from_ref(&free)), &now, false), None, "{free:?}");
        }
        for (other, words) in [
            (("verifier.logprobs", json!(false)), Some("its verifier.logprobs is false, and now it is true")),
            (("run.seed", json!(1)), Some("its run.seed is 1, and now it is 0")),
            (("run.n", json!(8)), Some("its run.n is 8, and now it is 64")),
            (("verifier.top-p", json!(0.5)), Some("its verifier.top-p is 0.5")),
        ] {
            let difference = difference(&run(std::slice::from_ref(&other)), &now, false);
            let is_right = words.map_or(difference.is_none(), |words| {
                difference.as_deref().is_some_and(|difference| difference.starts_with(words))
            });
            assert!(is_right, "{other:?}: {difference:?}");
        }
        let other = RunFile { searched: Searched::Many { samples: Digest::of(b"x"), count: 1 }, ..run(&[]) };
        assert_eq!(difference(&other, &now, false).unwrap(), "its samples are not the same");
        // A run grows, and does not shrink.
        assert_eq!(difference(&other, &now, true), None);
        let [few, many] = [8, 128].map(|n| run(&[("run.n", json!(n))]));
        assert_eq!(difference(&few, &now, true), None);
        assert_eq!(difference(&many, &now, true).unwrap(), "its run.n is 128, and now it is 64");
    }
}
