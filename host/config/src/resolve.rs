//! Merges defaults, file, environment variables and flags into one configuration.

use std::{
    collections::{BTreeMap, BTreeSet},
    ffi::OsString,
};

use serde::Serialize;
use serde_json::{Value, json};
use toml::de::{DeTable, DeValue};

use crate::{
    Config, ConfigError, Detection, Entry, File, Overlay, Place, Secret, Source, file, json_schema, rule::Rule,
};

/// The environment variables of the original system, each with the key that it sets. An empty variable counts as not set.
pub const VARIABLES: [(&str, &str); 6] = [
    ("PLANNER_API_BASE", "planner.url"),
    ("PLANNER_MODEL", "planner.model"),
    ("VERIFIER_API_BASE", "verifier.url"),
    ("VERIFIER_MODEL", "verifier.model"),
    ("EXECUTOR_URL", "executor.url"),
    ("CLIP_SERVER_URL", "clip.url"),
];

/// A resolved configuration with the sources of its values.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Resolved {
    /// The configuration that is used.
    pub config: Config,
    /// All values, sorted by path, with their sources. Of a service that is not configured, only its URL and the values that were
    /// given are listed.
    pub entries: Vec<Entry>,
}

/// Resolves a configuration. Values of `file` override the defaults, environment variables override the file, and `overlays`
/// override all of these; a later overlay overrides an earlier one. `environment` looks up a variable, also those that
/// `api-key-env` names.
///
/// # Errors
///
/// Returns an error for the first table or key that does not exist, or value that is not allowed.
pub fn resolve(
    file: Option<&File>,
    environment: impl Fn(&str) -> Option<OsString>,
    overlays: &[Overlay],
) -> Result<Resolved, ConfigError> {
    let schema = json_schema();
    let root = Rule(&schema);
    let mut layers = Layers::default();
    if let Some(file) = file {
        file.visit(|table, source| layers.table(root, &[], table, source))?;
    }
    for (variable, path) in VARIABLES {
        let source = Source::Environment { variable: variable.into() };
        match environment(variable).map(OsString::into_string) {
            Some(Ok(text)) if text.is_empty() => {}
            Some(Ok(text)) => layers.set(root, path, text.into(), source)?,
            Some(Err(_)) => return Err(bad_value(source, path, "the text is not UTF-8")),
            None => {}
        }
    }
    for Overlay { flag, path, value } in overlays {
        layers.set(root, path, value.clone(), Source::Flag { flag: flag.clone() })?;
    }
    layers.fill(root);
    layers.finish(root, environment)
}

/// The values that were given, by table and key, and later the defaults.
#[derive(Default)]
struct Layers {
    values: BTreeMap<Vec<String>, (Value, Source)>,
    /// The tables in which a value was given, or that the file has.
    named: BTreeSet<String>,
}

impl Layers {
    /// Adds a table of the file; `path` is the path of the table.
    fn table(
        &mut self,
        rule: Rule<'_>,
        path: &[String],
        table: &DeTable<'_>,
        source: &dyn Fn(usize) -> Source,
    ) -> Result<(), ConfigError> {
        for (key, value) in table {
            let source_here = source(key.span().start);
            let unknown = |message| ConfigError::Unknown { origin: source_here.clone(), message };
            let rule = rule.child(path, key.get_ref()).map_err(unknown)?;
            let path = [path, &[key.get_ref().to_string()]].concat();
            match value.get_ref() {
                DeValue::Table(inside) if rule.is_table() => {
                    self.named.extend(path.first().cloned());
                    self.table(rule, &path, inside, source)?;
                }
                value => {
                    let value = file::json(value).map_err(|problem| {
                        bad_value(source_here.clone(), &path.join("."), format!("{problem}; it is {}", rule.allowed()))
                    })?;
                    self.put(rule, path, value, source_here)?;
                }
            }
        }
        Ok(())
    }

    /// Sets the key at `path`, which may contain dots.
    fn set(&mut self, root: Rule<'_>, path: &str, value: Value, source: Source) -> Result<(), ConfigError> {
        let (mut rule, mut rest, mut at) = (root, path, Vec::new());
        loop {
            // The settings of plugins may have dots in their names.
            let is_open = rule.is_table() && rule.children().next().is_none();
            let (key, after) =
                if is_open { (rest, None) } else { rest.split_once('.').map_or((rest, None), |(a, b)| (a, Some(b))) };
            let unknown = |message| ConfigError::Unknown { origin: source.clone(), message };
            rule = rule.child(&at, key).map_err(unknown)?;
            at.push(key.to_owned());
            match after {
                Some(after) if rule.is_table() => rest = after,
                None => return self.put(rule, at, value, source),
                Some(_) => return Err(bad_value(source, path, format!("{} is not a table", at.join(".")))),
            }
        }
    }

    /// Checks a value and sets the key at `path` to it.
    fn put(&mut self, rule: Rule<'_>, path: Vec<String>, value: Value, source: Source) -> Result<(), ConfigError> {
        let shown = path.join(".");
        if rule.is_table() {
            return Err(bad_value(source, &shown, "is a table: give values for its keys"));
        }
        let value = rule.check(value).map_err(|problem| bad_value(source.clone(), &shown, problem))?;
        self.named.extend(path.first().cloned());
        self.values.insert(path, (value, source));
        Ok(())
    }

    /// Adds the defaults of all keys that were not given. Services that nobody named get no server.
    fn fill(&mut self, root: Rule<'_>) {
        for (table, rule) in root.children() {
            let url = vec![table.to_owned(), "url".to_owned()];
            let is_service = rule.children().any(|(key, _)| key == "url");
            if is_service && !self.named.contains(table) {
                let no_server = if table == "executor" { json!("embedded") } else { json!([]) };
                self.values.insert(url.clone(), (no_server, Source::Default));
            }
            if self.is_absent(&url) {
                continue;
            }
            for (key, rule) in rule.children() {
                let source = if key == "url" { Source::Original } else { Source::Default };
                if let Some(default) = rule.default() {
                    self.values.entry(vec![table.into(), key.into()]).or_insert_with(|| (default.clone(), source));
                }
            }
        }
    }

    /// Whether the list at this URL key is empty, so that there is no such service.
    fn is_absent(&self, url: &[String]) -> bool {
        self.values.get(url).is_some_and(|(value, _)| *value == json!([]))
    }

    /// Builds the configuration from the values, and looks up API keys.
    fn finish(self, root: Rule<'_>, environment: impl Fn(&str) -> Option<OsString>) -> Result<Resolved, ConfigError> {
        let mut tree = json!({});
        for (table, _) in root.children() {
            if !self.is_absent(&[table.to_owned(), "url".to_owned()]) {
                *child_mut(&mut tree, table) = json!({});
            }
        }
        for (path, (value, _)) in &self.values {
            if let Some((first, _)) = path.split_first()
                && tree.get(first).is_some()
            {
                *path.iter().fold(&mut tree, |tree, key| child_mut(tree, key)) = value.clone();
            }
        }
        let mut config: Config = serde_json::from_value(tree).map_err(|error| ConfigError::Bug(error.to_string()))?;
        let entry =
            |(path, (value, source)): (Vec<String>, _)| Entry { path: path.join("."), value, source, secret: false };
        let mut entries: Vec<_> = self.values.into_iter().map(entry).collect();
        if config.detector.source == Detection::Executor && config.executor.url == Place::Embedded {
            let path = "detector.source";
            let source = entries.iter().find(|entry| entry.path == path).map_or(Source::Default, |e| e.source.clone());
            let problem = "the embedded executor cannot find phrases; set executor.url, or use \"auto\"";
            return Err(bad_value(source, path, problem));
        }
        for (table, service) in config.services_mut().filter(|(_, service)| !service.api_key_env.is_empty()) {
            let (path, variable) = (format!("{table}.api-key"), service.api_key_env.clone());
            let source = Source::Environment { variable };
            if let Some(key) = environment(&service.api_key_env).filter(|key| !key.is_empty()) {
                // A key that is not UTF-8 is refused too, because of its replacement characters.
                let key = Secret::new(key.to_string_lossy().into_owned());
                service.api_key = Some(key.map_err(|problem| bad_value(source.clone(), &path, problem))?);
            }
            let value = if service.api_key.is_some() { "(set)" } else { "(not set)" };
            entries.push(Entry { path, value: value.into(), source, secret: true });
        }
        entries.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(Resolved { config, entries })
    }
}

/// The value of this key in `tree`. `tree` becomes a table if it is not one.
fn child_mut<'a>(tree: &'a mut Value, key: &str) -> &'a mut Value {
    if !tree.is_object() {
        *tree = json!({});
    }
    match tree {
        Value::Object(table) => table.entry(key).or_insert(Value::Null),
        other => other,
    }
}

fn bad_value(origin: Source, path: &str, problem: impl Into<String>) -> ConfigError {
    ConfigError::Value { origin, path: crate::error::cut(path), problem: problem.into() }
}
