//! Compares the JSON Schema and the example file with the types. `UPDATE=1 cargo test -p rescue-config` rewrites both.

#![allow(clippy::indexing_slicing, clippy::unwrap_used, reason = "a test that panics has failed, as it should")]

use std::{collections::BTreeSet, fmt::Write, path::Path};

use rescue_config::{Config, File, Resolved, Source, json_schema, resolve};
use serde_json::Value;

const ALL: &str = "[planner]\n[verifier]\n[executor]\n[clip]\n";

fn read(file: &File) -> Resolved {
    resolve(Some(file), |_| None, &[]).unwrap()
}

fn all() -> Config {
    read(&File::new("all", ALL.into()).unwrap()).config
}

/// Compares `text` with a file of the repository, given by its path from this crate. Writes the file first if UPDATE is set.
fn golden(path: &str, text: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, text).unwrap();
    }
    let stored = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(stored == text, "{} does not match the types; run this test with UPDATE=1 to rewrite it", path.display());
}

#[test]
fn the_schema_matches_the_types() {
    let mut schema = json_schema();
    schema.sort_all_objects();
    golden("rescue.schema.json", &(serde_json::to_string_pretty(&schema).unwrap() + "\n"));
}

#[test]
fn the_example_matches_the_types() {
    golden("../../examples/rescue.toml", &example());
}

#[test]
fn the_example_states_the_defaults() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/rescue.toml");
    let Resolved { config, entries } = read(&File::read(&path).unwrap());
    assert_eq!(config, all());
    for entry in entries {
        let default =
            entry.path.split('.').fold(&json_schema(), |schema, key| &schema["properties"][key])["default"].clone();
        assert_eq!(entry.value, default, "{}", entry.path);
        let stated = matches!(entry.source, Source::File { .. });
        assert_eq!(stated, !entry.value.is_null(), "only keys without a default may be left out: {}", entry.path);
    }
}

#[test]
fn every_key_is_described_and_has_a_default() {
    let schema = json_schema();
    for (table, rule) in schema["properties"].as_object().unwrap() {
        assert!(rule["description"].is_string(), "[{table}]");
        assert_eq!(rule["additionalProperties"], false, "[{table}]");
        for (key, rule) in rule["properties"].as_object().unwrap() {
            assert!(rule["description"].is_string(), "{table}.{key}");
            assert!(table == "settings" || rule.get("default").is_some(), "{table}.{key}");
            for choice in rule["oneOf"].as_array().into_iter().flatten() {
                assert!(choice["const"].is_string() && choice["description"].is_string(), "{table}.{key}");
            }
        }
    }
}

/// A file with every key at its default, in the order of the types, each with its description from the schema.
fn example() -> String {
    let schema = json_schema();
    let mut text = String::new();
    let mut written = BTreeSet::new();
    let mut describe = |text: &mut String, line: String| {
        // A description that several tables share is written once.
        if written.insert(line.clone()) {
            wrap(text, &line);
        }
    };
    wrap(&mut text, schema["description"].as_str().unwrap());
    wrap(
        &mut text,
        "In this example every service has its URL in the original system, and every other key has its default. Keep only the tables \
         and keys that you need.",
    );
    let mut rules = &Value::Null;
    for line in toml::to_string(&all()).unwrap().lines().filter(|line| !line.is_empty()) {
        if let Some(table) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
            let rule = &schema["properties"][table];
            rules = &rule["properties"];
            text.push('\n');
            describe(&mut text, rule["description"].as_str().unwrap().into());
            if table == "settings" {
                // The keys of these tables depend on the plugins.
                for kind in rules.as_object().unwrap().keys() {
                    writeln!(text, "[settings.{kind}]").unwrap();
                }
                continue;
            }
        } else if let Some((key, _)) = line.split_once(" = ") {
            let rule = &rules[key];
            describe(&mut text, format!("{key}: {}{}", rule["description"].as_str().unwrap(), range(rule)));
            for choice in rule["oneOf"].as_array().into_iter().flatten() {
                describe(&mut text, format!("  {}: {}", choice["const"], choice["description"].as_str().unwrap()));
            }
        }
        // A single URL is written without a list.
        let line = line.replace("[\"http", "\"http").replace("\"]", "\"");
        writeln!(text, "{line}").unwrap();
    }
    text
}

fn range(rule: &Value) -> String {
    match (rule.get("minimum").or(rule.get("exclusiveMinimum")), rule.get("maximum")) {
        (Some(least), Some(most)) if rule.get("minimum").is_some() => format!(" ({least} to {most})"),
        (Some(least), Some(most)) => format!(" (above {least}, to {most})"),
        _ => String::new(),
    }
}

/// Appends a comment, in lines of at most 120 characters.
fn wrap(text: &mut String, comment: &str) {
    let mut width = usize::MAX;
    for word in comment.split(' ') {
        width = width.saturating_add(word.chars().count() + 1);
        if width > 120 {
            let start = if text.is_empty() || text.ends_with('\n') { "#" } else { "\n#" };
            text.push_str(start);
            width = 1 + word.chars().count() + 1;
        }
        text.push(' ');
        text.push_str(word);
    }
    text.push('\n');
}
