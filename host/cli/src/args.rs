//! What can be said on the command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use rescue_plugin::Kind;
use serde_json::Value;

/// Finds, in a photo, the thing that a sentence describes, and returns its mask.
#[derive(Debug, Parser)]
#[command(version, args_conflicts_with_subcommands = true, after_help = AFTER)]
pub struct Cli {
    #[command(subcommand)]
    pub command: Option<Command>,
    #[command(flatten)]
    pub run: RunArgs,
}

const AFTER: &str = "\
Examples:
  rescue-host --image street.jpg --query \"the second car from the left\"
  rescue-host --plugin my-pyramid.wasm --set tournament.seeding=seed --n 16
  rescue-host plugin inspect pyramid

Exit codes:
  0 found     3 not found       1 a fault of the host    2 wrong usage
  4 bad image, query or number  5 a plugin               6 a model or service
  7 the output cannot be written";

const RETRACE: &str = "\
Examples:
  rescue-host --n 16 --trace traces
  rescue-host plugin retrace traces/tournament.jsonl
  rescue-host plugin retrace traces/tournament.jsonl --plugin my-changed-pyramid.wasm";

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Finds what a query describes; the same as no subcommand.
    #[command(after_help = AFTER)]
    Run(RunArgs),
    /// Shows plugins.
    #[command(subcommand)]
    Plugin(PluginCommand),
}

#[derive(Debug, Subcommand)]
pub enum PluginCommand {
    /// Lists the plugins in plugins/dist and in the data directory.
    List {
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Plays an event log back into a plugin: the same calls, told and shown the same, without photo or models. Says where it goes
    /// another way, if it does: then the exit code is 5.
    #[command(after_help = RETRACE)]
    Retrace(RetraceArgs),
    /// Shows what a plugin is: kinds, version, imports, settings, size, digest.
    #[command(after_help = "Example:\n  rescue-host plugin inspect plugins/dist/pyramid.wasm")]
    Inspect {
        /// A path, or the name of a plugin in plugins/dist or in the data directory.
        plugin: String,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Tries a plugin in a made-up world, without models: what it asks and answers, what that costs, whether it repeats itself,
    /// and whether the order in which facts come matters to it.
    #[command(after_help = CHECK)]
    Check {
        /// A path, or the name of a plugin in plugins/dist or in the data directory.
        plugin: String,
        /// A setting, as in tournament.seeding=seed. May be repeated.
        #[arg(long = "set", value_name = "KIND.KEY=VALUE", value_parser = setting)]
        settings: Vec<(Kind, String, Value)>,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
}

/// What to play back.
#[derive(Debug, Args)]
pub struct RetraceArgs {
    /// An event log, as `run --trace DIR` writes it.
    pub trace: PathBuf,
    /// The plugin: a path, or a name in plugins/dist or in the data directory. Without it, the one there that left the log.
    #[arg(long, value_name = "X.wasm")]
    pub plugin: Option<String>,
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
}

const CHECK: &str = "\
Example:
  rescue-host plugin check plugins/dist/pyramid.wasm --set tournament.seeding=seed

Findings are ok, note (it works; you may want to know) or problem (to be mended).
Exit codes: 0 no problem, 5 a problem, or a plugin that cannot be loaded.";

#[derive(Debug, Args)]
pub struct RunArgs {
    /// A plugin: a path, or a name in plugins/dist or in the data directory. It replaces the standard plugin of each of its kinds
    /// (grounder, geometry, attributes, pyramid). May be repeated.
    #[arg(long = "plugin", value_name = "X.wasm")]
    pub plugins: Vec<String>,
    /// The photo: JPEG, PNG or WebP. Without one, the bundled example is searched.
    #[arg(long, value_name = "FILE", requires = "query")]
    pub image: Option<PathBuf>,
    /// What to find, in a sentence.
    #[arg(long, value_name = "TEXT")]
    pub query: Option<String>,
    /// How many hypotheses the planner may propose, 1 to 1024.
    #[arg(long, value_name = "N", default_value_t = 64)]
    pub n: u32,
    /// Where all randomness comes from.
    #[arg(long, default_value_t = 0)]
    pub seed: u64,
    /// A setting of a plugin, as in tournament.seeding=seed; `plugin inspect` shows what there is. May be repeated.
    #[arg(long = "set", value_name = "KIND.KEY=VALUE", value_parser = setting)]
    pub settings: Vec<(Kind, String, Value)>,
    /// Where mask.png, overlay.png, result.json and timings.json are written.
    #[arg(long, value_name = "DIR", default_value = "out")]
    pub out: PathBuf,
    /// Where the model files lie. Without it: $RESCUE_MODELS_DIR, else the user's cache, which is filled at first use.
    #[arg(long, value_name = "DIR")]
    pub models_dir: Option<PathBuf>,
    /// Where the plugins' event logs are written, one KIND.jsonl each, also when a plugin fails; see `plugin retrace`.
    #[arg(long, value_name = "DIR")]
    pub trace: Option<PathBuf>,
    /// Print result.json to standard output, and nothing else.
    #[arg(long)]
    pub json: bool,
}

/// Reads KIND.KEY=VALUE; a value that is not JSON is a string.
fn setting(text: &str) -> Result<(Kind, String, Value), String> {
    let wrong = || format!("{text:?} is not KIND.KEY=VALUE, as in tournament.seeding=seed");
    let (place, value) = text.split_once('=').ok_or_else(wrong)?;
    let (kind, key) = place.split_once('.').ok_or_else(wrong)?;
    let value = serde_json::from_str(value).unwrap_or_else(|_| Value::String(value.into()));
    Ok((kind.parse()?, key.into(), value))
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_well_formed() {
        Cli::command().debug_assert();
    }

    #[test]
    fn settings_are_json_or_strings() {
        assert_eq!(setting("scorer.ideal=.3").unwrap().2, Value::String(".3".into()));
        assert_eq!(setting("scorer.ideal=0.3").unwrap(), (Kind::Scorer, "ideal".into(), Value::from(0.3)));
        assert_eq!(setting("tournament.a=b=c").unwrap().2, Value::String("b=c".into()));
        assert!(setting("pyramid.a=b").unwrap_err().contains("planner, scorer, verifier, tournament"));
        assert!(setting("a").is_err());
    }
}
