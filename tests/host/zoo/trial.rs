//! Runs a hostile plugin as every kind that it offers, with every choice of its setting `how`.

use rescue_plugin::rehearsal::Rehearsal;
use rescue_plugin::{Cause, Kind, LogLine, Plugin, PluginError, Runtime};
use serde_json::{Map, Value};

use super::plugins::HostilePlugin;

/// One run of a plugin.
#[derive(Clone, Debug, PartialEq)]
pub struct Trial {
    /// The choice of the setting `how`. Empty if the plugin has no such setting or could not be loaded.
    pub how: String,
    /// The kind as which it ran. `None` if it could not be loaded.
    pub kind: Option<Kind>,
    /// All that the plugin did, or how it failed.
    pub ending: Result<String, Failed>,
}

/// How a plugin failed.
#[derive(Clone, Debug, PartialEq)]
pub struct Failed {
    /// The function that was called.
    pub function: &'static str,
    /// The kind of error, as in "Fuel" or "Violation: Stalled".
    pub cause: String,
    /// The whole message, without digests.
    pub text: String,
}

/// Loads a plugin and runs all its trials.
pub fn of(runtime: &Runtime, hostile: &HostilePlugin) -> Vec<Trial> {
    let plugin = match runtime.load_bytes(&format!("{}.wasm", hostile.name), &hostile.wasm) {
        Ok(plugin) => plugin,
        Err(error) => return vec![Trial { how: String::new(), kind: None, ending: Err(failed(&error)) }],
    };
    assert!(plugin.summary().lines().all(harmless), "{:?}", plugin.summary());
    let mut trials = Vec::new();
    for how in ways(&plugin) {
        for kind in plugin.kinds() {
            let ending = play(&plugin, kind, &how).map_err(|error| failed(&error));
            trials.push(Trial { how: how.clone(), kind: Some(kind), ending });
        }
    }
    trials
}

/// The choices of the setting `how`, or one empty choice if there is no such setting.
fn ways(plugin: &Plugin) -> Vec<String> {
    let schema = &plugin.offer(plugin.kinds()[0]).unwrap().settings;
    match schema.settings().iter().find(|setting| setting.name == "how") {
        Some(how) => how.choices.iter().map(|choice| choice.as_str().unwrap().to_owned()).collect(),
        None => vec![String::new()],
    }
}

/// Runs a plugin in a rehearsal. Returns all that it did, as text.
pub fn play(plugin: &Plugin, kind: Kind, how: &str) -> Result<String, PluginError> {
    let mut settings = Map::new();
    if !how.is_empty() {
        settings.insert("how".into(), Value::from(how));
    }
    // The limits of the runtime end a plugin that asks without end.
    let rehearsal = Rehearsal { rounds: usize::MAX, ..Rehearsal::default() };
    let (log, text) = match kind {
        Kind::Planner => rehearsal.planner(plugin, &settings).map(|play| (play.usage.log.clone(), format!("{play:?}"))),
        Kind::Scorer => rehearsal.scorer(plugin, &settings).map(|play| (play.usage.log.clone(), format!("{play:?}"))),
        Kind::Verifier => {
            rehearsal.verifier(plugin, &settings).map(|play| (play.usage.log.clone(), format!("{play:?}")))
        }
        Kind::Tournament => {
            rehearsal.tournament(plugin, &settings).map(|play| (play.usage.log.clone(), format!("{play:?}")))
        }
    }?;
    let bytes: usize = log.iter().map(|LogLine { message, .. }| message.len()).sum();
    assert!(bytes <= 1 << 20, "{} bytes were kept of a log", bytes);
    assert!(log.iter().all(|line| line.message.lines().all(harmless)), "{log:?}");
    Ok(text)
}

fn failed(error: &PluginError) -> Failed {
    assert!(!matches!(error.cause, Cause::Time(_)), "the clock ended it: {error}");
    let text = error.to_string();
    assert!(text.lines().all(harmless), "{text:?}");
    assert!(text.len() < 80_000, "{} bytes of message", text.len());
    let digest = error.digest.map(|digest| digest.short().to_string()).unwrap_or_default();
    let variant = |debug: String| debug.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default().to_owned();
    let cause = match &error.cause {
        Cause::Violation(violation) => format!("Violation: {}", variant(format!("{violation:?}"))),
        cause => variant(format!("{cause:?}")),
    };
    Failed { function: error.function.unwrap_or_default(), cause, text: steady(&text.replace(&digest, "…")) }
}

/// The text without offsets in a file, which change with every build.
fn steady(text: &str) -> String {
    let mut parts = text.split("offset ");
    let start = parts.next().unwrap_or_default().to_owned();
    parts.fold(start, |text, part| {
        text + "offset …" + part.trim_start_matches(|c: char| c.is_ascii_hexdigit() || c == 'x')
    })
}

/// Whether a terminal only shows the text: it has no control characters, and none that change the direction of writing.
fn harmless(text: &str) -> bool {
    let turns =
        |c| matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    !text.chars().any(|c| c.is_control() || turns(c))
}
