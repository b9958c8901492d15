//! Which source of a value takes precedence, how sources are reported, and what is refused.

#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that panics has failed, as it should"
)]

use std::{ffi::OsString, os::unix::ffi::OsStringExt};

use rescue_config::{
    ConfigError, Coordinates, Detection, Entry, File, Mode, Overlay, Place, Resolved, Source, VARIABLES, json_schema,
    resolve,
};
use serde_json::{Value, json};

/// Resolves a configuration from the text of a file, variables and flags.
fn resolve_layers(text: &str, variables: &[(&str, &str)], flags: &[(&str, Value)]) -> Result<Resolved, ConfigError> {
    let file = File::new("rescue.toml", text.into())?;
    let look_up =
        |name: &str| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| OsString::from(value));
    let overlay =
        |(path, value): &(&str, Value)| Overlay { flag: "--set".into(), path: (*path).into(), value: value.clone() };
    resolve(Some(&file), look_up, &flags.iter().map(overlay).collect::<Vec<_>>())
}

fn entry<'a>(resolved: &'a Resolved, path: &str) -> &'a Entry {
    resolved.entries.iter().find(|entry| entry.path == path).unwrap_or_else(|| panic!("no entry {path}"))
}

fn line(resolved: &Resolved, path: &str) -> String {
    entry(resolved, path).to_string()
}

fn refused(text: &str) -> String {
    resolve_layers(text, &[], &[]).unwrap_err().to_string()
}

#[test]
fn without_any_source_the_embedded_models_are_used() {
    let resolved = resolve(None, |_| None, &[]).unwrap();
    let config = &resolved.config;
    assert_eq!((&config.planner, &config.verifier, &config.clip), (&None, &None, &None));
    assert_eq!(config.executor.url, Place::Embedded);
    assert_eq!(config.detector.source, Detection::Auto);
    assert_eq!((config.run.n, config.run.merge_iou, config.run.mode), (64, 0.95, Mode::Plugins));
    assert_eq!(line(&resolved, "verifier.url"), "verifier.url = none  (default)");
    assert_eq!(line(&resolved, "executor.url"), r#"executor.url = "embedded"  (default)"#);
    assert!(resolved.entries.iter().all(|entry| entry.source == Source::Default && entry.path != "verifier.slots"));
}

#[test]
fn later_sources_override_earlier_ones_value_by_value() {
    let text = "[verifier]\nurl = 'http://file:1/v1'\nmodel = 'file'\nslots = 32\ntimeout = 5\n";
    let variables = [("VERIFIER_API_BASE", "http://a:1/v1/,http://b:1/v1"), ("VERIFIER_MODEL", "variable")];
    let resolved =
        resolve_layers(text, &variables, &[("verifier.model", json!("flag")), ("verifier.model", json!("later"))])
            .unwrap();
    let verifier = resolved.config.verifier.as_ref().unwrap();
    assert_eq!(verifier.url, ["http://a:1/v1", "http://b:1/v1"]);
    assert_eq!((verifier.service.model.as_str(), verifier.service.slots, verifier.service.timeout), ("later", 32, 5.0));
    assert_eq!((verifier.service.attempts, verifier.coordinates), (5, Coordinates::Auto));
    for (path, shown) in [
        ("verifier.url", r#"verifier.url = ["http://a:1/v1","http://b:1/v1"]  (environment VERIFIER_API_BASE)"#),
        ("verifier.model", r#"verifier.model = "later"  (flag --set)"#),
        ("verifier.slots", "verifier.slots = 32  (file rescue.toml, line 4)"),
        ("verifier.attempts", "verifier.attempts = 5  (default)"),
        ("verifier.priority", "verifier.priority = none  (default)"),
    ] {
        assert_eq!(line(&resolved, path), shown);
    }
    let json = serde_json::to_value(entry(&resolved, "verifier.slots")).unwrap();
    let source = json!({"kind": "file", "path": "rescue.toml", "line": 4});
    assert_eq!(json, json!({"path": "verifier.slots", "value": 32, "source": source, "secret": false}));
}

#[test]
fn entries_list_the_values_that_are_used() {
    let text = "[planner]\ntop-p = 0.5\n[settings.tournament]\nseeding = 'seed'\n'a.b' = [1, {c = 2}]\n";
    let resolved =
        resolve_layers(text, &[], &[("settings.tournament.x.y", json!(1.5)), ("executor.slots", json!(3))]).unwrap();
    let config = serde_json::to_value(&resolved.config).unwrap();
    for entry in &resolved.entries {
        let mut keys = entry.path.splitn(if entry.path.starts_with("settings.") { 3 } else { 2 }, '.');
        let (table, key) = (keys.next().unwrap(), keys.next().unwrap());
        let used = keys.next().map_or(&config[table][key], |name| &config[table][key][name]);
        let is_absent = entry.value == json!([]) && config[table].is_null();
        assert!(is_absent || *used == entry.value, "{entry} {used}");
    }
    let settings = json!({"seeding": "seed", "a.b": [1, {"c": 2}], "x.y": 1.5});
    assert_eq!(config["settings"], json!({"tournament": settings}));
    let back: rescue_config::Config = serde_json::from_value(config).unwrap();
    assert_eq!(back, resolved.config);
}

#[test]
fn each_variable_sets_its_key() {
    for (variable, path) in VARIABLES {
        let is_url = path.ends_with("url");
        let resolved = resolve_layers("", &[(variable, "http://x:9")], &[]).unwrap();
        let expected = if is_url { json!(["http://x:9"]) } else { json!("http://x:9") };
        assert_eq!(entry(&resolved, path).value, expected);
        assert_eq!(entry(&resolved, path).source, Source::Environment { variable: variable.into() });
        assert_eq!(
            resolve_layers("", &[(variable, "")], &[]).unwrap(),
            resolve_layers("", &[], &[]).unwrap(),
            "an empty variable counts as not set: {variable}"
        );
        let not_text = |name: &str| (name == variable).then(|| OsString::from_vec(vec![0xff]));
        let error = resolve(None, not_text, &[]).unwrap_err().to_string();
        assert_eq!(error, format!("environment {variable}: {path}: the text is not UTF-8"));
    }
}

#[test]
fn a_service_without_url_gets_the_url_of_the_original_system() {
    for (table, url) in [
        ("planner", "http://localhost:8002/v1"),
        ("verifier", "http://localhost:8000/v1"),
        ("executor", "http://localhost:8001"),
        ("clip", "http://localhost:8003/verify"),
    ] {
        for resolved in [
            resolve_layers(&format!("[{table}]"), &[], &[]),
            resolve_layers("", &[], &[(&format!("{table}.slots"), json!(7))]),
        ] {
            let resolved = resolved.unwrap();
            let expected = format!("{table}.url = [\"{url}\"]  (default of the original system)");
            assert_eq!(line(&resolved, &format!("{table}.url")), expected);
            assert_eq!(serde_json::to_value(&resolved.config).unwrap()[table]["url"], json!([url]));
        }
    }
    assert!(resolve_layers("", &[("PLANNER_MODEL", "qwen")], &[]).unwrap().config.planner.is_some());
}

#[test]
fn a_later_source_can_remove_a_service() {
    let text = "[verifier]\nurl = 'http://a'\nslots = 2\n[executor]\nurl = 'http://b'";
    let resolved =
        resolve_layers(text, &[], &[("verifier.url", json!("")), ("executor.url", json!("embedded"))]).unwrap();
    assert_eq!(resolved.config.verifier, None);
    assert_eq!(line(&resolved, "verifier.url"), "verifier.url = none  (flag --set)");
    assert_eq!(resolved.config.executor.url, Place::Embedded);
    assert!(refused("[executor]\nurl = ''").contains(r#"executor.url: is empty: give a URL, or "embedded""#));
}

#[test]
fn an_unknown_name_is_reported_with_a_suggestion() {
    for (text, message) in [
        ("\n[verifier]\nslot = 1", r#"file rescue.toml, line 3: [verifier] has no key "slot"; did you mean "slots"?"#),
        ("verifier.max_tokens = 1", r#"line 1: [verifier] has no key "max_tokens"; did you mean "max-tokens"?"#),
        ("[run]\nNN = 1", r#"[run] has no key "NN"; did you mean "n"?"#),
        ("[detector]\nkind = 1", r#"[detector] has no key "kind"; there are "source""#),
        ("[verifer]\nslots = 1", "line 1: there is no table [verifer]; did you mean [verifier]?"),
        (
            "[settings.pyramid]",
            "there is no table [settings.pyramid]; there are [settings.planner], [settings.scorer], ",
        ),
        ("[verifier]\napi-key = 'hush'", r#"[verifier] has no key "api-key"; did you mean "api-key-env"?"#),
    ] {
        let error = refused(text);
        assert!(error.contains(message) && !error.contains("hush"), "{error}");
    }
    for (path, message) in [
        ("run.m", r#"flag --set: [run] has no key "m""#),
        ("run", "flag --set: run: is a table: give values for its keys"),
        ("", "flag --set: there is no table []"),
        ("run.n.x", "flag --set: run.n.x: run.n is not a table"),
        ("settings.tournament", "is a table"),
    ] {
        let error = resolve_layers("", &[], &[(path, json!(1))]).unwrap_err().to_string();
        assert!(error.contains(message), "{error}");
    }
}

#[test]
fn a_value_that_is_not_allowed_is_reported_with_what_is_allowed() {
    for (text, message) in [
        (
            "[verifier]\nslots = 5000",
            "file rescue.toml, line 2: verifier.slots: 5000 is not a whole number from 1 up to 4096",
        ),
        ("[verifier]\nslots = 64.0", "verifier.slots: 64.0 is not a whole number from 1 up to 4096"),
        (
            "[verifier]\ntimeout = nan",
            "verifier.timeout: the number is not finite; it is a number from 0.1 up to 86400",
        ),
        ("[verifier]\ntimeout = '9'", r#"verifier.timeout: "9" is not a number from 0.1 up to 86400"#),
        ("[verifier]\ntop-p = 0", "verifier.top-p: 0 is not a number above 0 up to 1"),
        ("[verifier]\nlogprobs = 1", "verifier.logprobs: 1 is not true or false"),
        ("[verifier]\ndialect = 'vlm'", r#""vlm" is not one of "auto", "vllm", "sglang", "openai""#),
        ("[verifier]\nmodel = \"a\\nb\"", r#"verifier.model: "a\nb" is not a text on one line"#),
        (
            "[verifier]\napi-key-env = 'sk-1'",
            "verifier.api-key-env: the value is not the name of an environment variable",
        ),
        ("[verifier]\nurl = 8000", "verifier.url: the value is not a URL, or a list of them"),
        ("[verifier]\nurl = 2020-01-01", "dates are not supported; put it in quotes; it is a URL, or a list of them"),
        ("verifier = 1", "verifier: is a table: give values for its keys"),
        ("[[verifier]]", "verifier: is a table: give values for its keys"),
        ("[run]\nseed = -1", "run.seed: -1 is not a whole number from 0"),
        ("[run]\nseed = 99999999999999999999", "run.seed: the number is too large: 99999999999999999999"),
        ("[detector]\nsource = 'executor'", "line 2: detector.source: the embedded executor cannot find phrases"),
        ("[run]\nn = 1\nn = 2", "rescue.toml: line 3: duplicate key"),
        ("[run]\nn = ", "rescue.toml: line 2: "),
    ] {
        let error = refused(text);
        assert!(error.contains(message), "{error}");
    }
    let seed = resolve_layers("[run]\nseed = 0xffff_ffff_ffff_ffff", &[], &[]).unwrap();
    assert_eq!(seed.config.run.seed, u64::MAX);
    assert!(resolve_layers("executor.url = 'http://a'\ndetector.source = 'executor'", &[], &[]).is_ok());
}

/// Tries every numeric key just inside and just outside the range in the schema.
#[test]
fn the_bounds_of_ranges_are_exact() {
    let schema = json_schema();
    let mut tried = 0;
    for (table, rule) in schema["properties"].as_object().unwrap() {
        for (key, rule) in rule["properties"].as_object().unwrap() {
            let accepts = |value: Value| resolve_layers("", &[], &[(&format!("{table}.{key}"), value)]).is_ok();
            let step = |bound: &Value, by: f64| match bound.as_i64().filter(|_| rule["type"] != "number") {
                Some(whole) => json!(whole + by as i64),
                None => json!(bound.as_f64().unwrap() + by * 0.01),
            };
            for (bound, out, fits) in
                [("minimum", -1.0, true), ("maximum", 1.0, true), ("exclusiveMinimum", -1.0, false)]
            {
                if let Some(bound) = rule.get(bound) {
                    tried += 1;
                    assert_eq!(accepts(bound.clone()), fits, "{table}.{key} {bound}");
                    assert!(!accepts(step(bound, out)), "{table}.{key} {bound}");
                    assert!(accepts(step(bound, -out)), "{table}.{key} {bound}");
                }
            }
            if rule["type"] == "integer" || rule["type"] == json!(["integer", "null"]) {
                assert!(
                    key == "seed" || rule.get("maximum").is_some(),
                    "{table}.{key} needs a maximum, so that a large value gets a clear message"
                );
            }
        }
    }
    assert!(tried > 50, "{tried}");
}

#[test]
fn secrets_are_used_and_never_shown() {
    let text = "[verifier]\napi-key-env = 'OPENAI_API_KEY'\n[clip]\napi-key-env = 'CLIP_KEY'\n";
    let resolved = resolve_layers(text, &[("OPENAI_API_KEY", "sk-hush"), ("CLIP_KEY", "")], &[]).unwrap();
    assert_eq!(resolved.config.verifier.as_ref().unwrap().service.api_key.as_ref().unwrap().reveal(), "sk-hush");
    assert_eq!(resolved.config.clip.as_ref().unwrap().service.api_key, None);
    assert_eq!(line(&resolved, "verifier.api-key"), "verifier.api-key = (set)  (environment OPENAI_API_KEY)");
    assert_eq!(line(&resolved, "clip.api-key"), "clip.api-key = (not set)  (environment CLIP_KEY)");
    assert_eq!(resolved.entries.iter().filter(|entry| entry.secret).count(), 2);
    let shown: Vec<_> = resolved.entries.iter().map(Entry::to_string).collect();
    let outputs = [format!("{resolved:?} {resolved:#?}"), serde_json::to_string(&resolved).unwrap(), shown.join("\n")];
    assert!(outputs.iter().all(|output| !output.contains("hush")));
    // The variable is not used unless api-key-env names it.
    let unnamed = resolve_layers("[verifier]", &[("OPENAI_API_KEY", "sk-hush")], &[]).unwrap();
    assert_eq!(unnamed.config.verifier.unwrap().service.api_key, None);
}

#[test]
fn messages_hold_no_secrets() {
    for (text, key) in [
        ("[verifier]\napi-key-env = 'sk-hush'", ""),
        ("[verifier]\napi-key-env = ['hush']", ""),
        ("[verifier]\napi-key-env = 'KEY'", "hush hush"),
        ("[verifier]\napi-key-env = 'KEY'", "hush\n"),
        ("[verifier]\nurl = 'http://user:hush@a/v1'", ""),
        ("[verifier]\nurl = ['http://a/?key=hush']", ""),
        ("[verifier]\nkey = 'hush'", ""),
        ("[verifier]\napi-key = 'hush", ""),
        ("api-key = hush", ""),
    ] {
        let error = resolve_layers(text, &[("KEY", key)], &[]).unwrap_err();
        assert!(!format!("{error} {error:?}").contains("hush"), "{error}");
    }
}

#[test]
fn hostile_files_are_refused() {
    let file = |bytes: Vec<u8>| File::new("rescue.toml", bytes).map_err(|error| error.to_string());
    assert!(file(vec![b'#'; 1 << 20]).is_ok());
    assert!(file(vec![b'#'; (1 << 20) + 1]).unwrap_err().contains("rescue.toml: is larger than the 1048576 bytes"));
    assert_eq!(file(b"[run]\n\n\xff".into()).unwrap_err(), "rescue.toml: line 3: the text is not UTF-8");
    assert!(File::read("/dev/zero".as_ref()).unwrap_err().to_string().contains("is larger"));
    assert!(File::read("/nowhere/rescue.toml".as_ref()).unwrap_err().to_string().contains("cannot be read"));

    let dotted = |levels| vec!["a"; levels].join(".");
    let nested = |open: &str, close: &str, levels| format!("a = {}1{}", open.repeat(levels), close.repeat(levels));
    let deep = format!("{{{} = ", dotted(79));
    for text in [
        nested("[", "]", 400_000),
        nested("{a = ", "}", 100_000),
        nested(&deep, "}", 79),
        nested(&deep, "}", 1000),
        format!("[{}]", dotted(400_000)),
        format!("{} = 1", dotted(400_000)),
        "[".repeat(1 << 20),
        "a = [".repeat(200_000),
        "k".repeat(1 << 20),
    ] {
        for text in [text.clone(), format!("[settings.planner]\n{text}")] {
            assert!(refused(&text[..text.len().min(1 << 20)]).len() < 1000);
        }
    }
    let levels = |levels| resolve_layers(&format!("[settings.planner]\n{}", nested("[", "]", levels)), &[], &[]);
    assert!(levels(15).is_ok());
    assert!(levels(16).unwrap_err().to_string().contains("settings.planner.a: the value is nested too deeply"));
    // A long key or value is not repeated in full, and no similar key is looked for.
    for text in [format!("[run]\n{} = 1", "k".repeat(1 << 19)), format!("[run]\nn = '{}'", "v".repeat(1 << 19))] {
        assert!(refused(&text).chars().count() < 400);
    }
    // With many keys, the line of each is looked up, not counted from the start.
    let many: String = (0..80_000).map(|i| format!("k{i} = 1\n")).collect();
    let many = resolve_layers(&format!("[settings.planner]\n{many}"), &[], &[]).unwrap();
    assert_eq!(line(&many, "settings.planner.k79999"), "settings.planner.k79999 = 1  (file rescue.toml, line 80001)");
}
