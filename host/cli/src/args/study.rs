//! The verbs about data sets and evaluations, and their help.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use rescue_dataset::Source;
use rescue_study::assertion::Assertion;
use rescue_study::compare::Unit;
use rescue_study::only::Only;
use rescue_study::strategies::PluginWord;

use super::SearchArgs;

const DATASET: &str = "\
KIND:PATH is one of
  reasonseg:FOLDER   the original, with train/, val/ and test/ of .jpg and .json; or a folder of .parquet files
  refcoco:FOLDER     RefCOCO, RefCOCO+, RefCOCOg, RefCLEF or gRefCOCO: refs(unc).p or grefs(unc).json with instances.json; or .parquet
  muse:FOLDER        muse_val.json
  coco:FILE          instances.json, of which each annotation has a sentence
  own:FILE           lines such as {\"image\": \"a.jpg\", \"query\": \"the red car\", \"mask\": \"a.png\"}

Examples:
  rescue-host dataset info reasonseg:data/ReasonSeg --split val
  rescue-host dataset peek refcoco:data/refcoco --split testA --split-by unc --sheet sheet.png
  rescue-host dataset check own:data/mine.jsonl --json";

pub const EVAL: &str = "\
Examples:
  rescue-host eval own:data/mine.jsonl --n 8 --out out/mine
  rescue-host eval reasonseg:data/ReasonSeg --split val --fraction 0.1 --mode comparative --out out/val
  rescue-host eval own:data/mine.jsonl --n 8 --out out/mine --tournament pyramid,pyramid:seeding=blocks,mine.wasm
  rescue-host eval own:data/mine.jsonl --n 8 --out out/mine --assert \"giou>=0.7\" --junit out/mine.xml
  rescue-host eval own:data/mine.jsonl --n 8 --out out/mine --dry-run
  rescue-host eval own:data/mine.jsonl --n 8 --out out/worst --only \"regret>0.2\" --of out/mine
  rescue-host eval score out/mine --empty zero

The same command goes on where it was stopped, and asks nothing twice; with more entries or a larger --n, it asks what is new. See `rescue-host dataset` for KIND:PATH, and `rescue-host run --help` for
the rest. Exit codes are those of a run over several samples, and 10 if a bound of --assert is not reached.";

pub const COMPARE: &str = "\
Examples:
  rescue-host compare out/pyramid out/mine
  rescue-host compare out/pyramid out/mine out/other --n 16 --json
  rescue-host compare out/both --equal masks

Evaluations of other entries, photos, truths or rules are refused. p is corrected for the number of comparisons.";

/// The evaluations to compare.
#[derive(Debug, Args)]
pub struct CompareArgs {
    /// The folders of the evaluations. Each of their strategies is compared with the first strategy of the first one.
    #[arg(value_name = "RUN", required = true)]
    pub runs: Vec<PathBuf>,
    /// The choices among so many hypotheses. Without it, among all of each evaluation.
    #[arg(long, value_name = "N")]
    pub n: Option<u32>,
    /// Compare at equal cost: each strategy with the most hypotheses with which it costs a sample at most as many questions, masks shown or
    /// tokens as the one that costs least with all.
    #[arg(long, value_name = "UNIT", conflicts_with = "n")]
    pub equal: Option<Unit>,
    /// With --n: the choices whose rankings know the later hypotheses too.
    #[arg(long, requires = "n")]
    pub prefix: bool,
    /// Print JSON, and nothing else.
    #[arg(long)]
    pub json: bool,
}

/// A data set to search, or an evaluation to score.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub struct EvalVerb {
    #[command(subcommand)]
    pub command: Option<EvalCommand>,
    #[command(flatten)]
    pub args: EvalArgs,
}

/// What to do with an evaluation that was made.
#[derive(Debug, Subcommand)]
pub enum EvalCommand {
    /// Compute the metrics and tables of an evaluation anew from its scores, without models, plugins or the data set.
    Score(ScoreArgs),
    /// Print the JSON schema of a file of an evaluation.
    Schema {
        /// The file.
        #[arg(value_name = "FILE", value_parser = rescue_study::schemas::NAMES)]
        file: String,
    },
}

/// The evaluation to score.
#[derive(Debug, Args)]
pub struct ScoreArgs {
    /// The folder of the evaluation.
    #[arg(value_name = "RUN")]
    pub run: PathBuf,
    /// The IoU of an empty prediction where nothing fits: "one" or "zero". Without it, that of the evaluation.
    #[arg(long, value_name = "RULE", value_parser = ["one", "zero"])]
    pub empty: Option<String>,
    #[command(flatten)]
    pub bounds: BoundArgs,
    /// Folder for summary.json and the tables. Without it, no file is written.
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Print JSON, and nothing else.
    #[arg(long)]
    pub json: bool,
}

/// What an evaluation has to reach.
#[derive(Debug, Args)]
pub struct BoundArgs {
    /// A bound of giou, ciou, oracle, efficiency, n-acc or t-acc of the first strategy over all hypotheses, as in "giou>=0.7". If it is not
    /// reached, the exit code is 10. May be repeated.
    #[arg(long = "assert", value_name = "METRIC>=BOUND")]
    pub assertions: Vec<Assertion>,
    /// A file for the bounds in JUnit's form, which build servers show.
    #[arg(long, value_name = "FILE.xml")]
    pub junit: Option<PathBuf>,
}

/// How many entries may fail.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum FailOn {
    Count(usize),
    Share(f64),
}

impl FailOn {
    /// Whether so many of all entries are too many.
    pub fn is_reached(self, failed: usize, all: usize) -> bool {
        match self {
            Self::Count(count) => failed >= count,
            Self::Share(share) => failed > 0 && failed as f64 >= share * all as f64,
        }
    }
}

/// Reads a count, or a share with a point.
fn fail_on(text: &str) -> Result<FailOn, String> {
    let share = || text.parse().ok().filter(|share: &f64| *share > 0.0 && *share <= 1.0).map(FailOn::Share);
    let read = match text.contains('.') {
        true => share(),
        false => text.parse().ok().filter(|count| *count > 0).map(FailOn::Count),
    };
    read.ok_or_else(|| format!("{text:?} is neither a count above 0, as in 5, nor a share up to 1.0, as in 0.05"))
}

/// The data set to search, and how.
#[derive(Debug, Args)]
pub struct EvalArgs {
    /// The kind of the data set and where it is, as in reasonseg:data/ReasonSeg.
    #[arg(value_name = "KIND:PATH", required = true)]
    pub dataset: Option<Source>,
    #[command(flatten)]
    pub part: PartArgs,
    /// The IoU of an empty prediction where nothing fits: "one" as LISA and gRefCOCO have it, "zero" as VisionReasoner and RESCue.
    #[arg(long, value_name = "RULE", value_parser = ["one", "zero"], default_value = "one")]
    pub empty: String,
    /// Leave out entries that cannot be used, and count them. Without it, one is an error.
    #[arg(long)]
    pub skip_bad: bool,
    /// Scorers to compare, as NAME or NAME:KEY=VALUE, separated by commas. Every combination with the verifiers and tournaments is a strategy;
    /// the first is the run's own. All of them choose among the same candidates, and ask equal questions once.
    #[arg(long, value_name = "X,Y", value_delimiter = ',')]
    pub scorer: Vec<PluginWord>,
    /// Verifiers to compare.
    #[arg(long, value_name = "X,Y", value_delimiter = ',')]
    pub verifier: Vec<PluginWord>,
    /// Tournaments to compare, as in pyramid,pyramid:seeding=blocks.
    #[arg(long, value_name = "X,Y", value_delimiter = ',')]
    pub tournament: Vec<PluginWord>,
    /// Search each entry so many times, with the seeds --seed, --seed + 1, … Each time, models answer anew what they draw at a temperature above 0.
    #[arg(long, value_name = "COUNT", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub repeats: u32,
    /// Ask no question for the choices among the first 1, 2, 4, … hypotheses: those that need one are not made, and it says how many they need.
    #[arg(long)]
    pub no_ask: bool,
    /// Ask nothing, write no result, and say how much is known, how much would be asked, and about how long that would take.
    #[arg(long)]
    pub dry_run: bool,
    /// Only those entries of the evaluation --of that have "failed", in which the verifier has "abstained", or whose choice is worse than the best
    /// candidate by more than a bound of IoU, as in "regret>0.2".
    #[arg(long, value_name = "WHAT", requires = "of")]
    pub only: Option<Only>,
    /// The folder of the evaluation that --only chooses from.
    #[arg(long, value_name = "RUN", requires = "only")]
    pub of: Option<PathBuf>,
    /// Ask once more for what the results of earlier calls lack. Such entries are listed as retried.
    #[arg(long)]
    pub retry_failed: bool,
    /// Stop when so many searches of entries have failed: a count, or a share with a point, as in 0.05.
    #[arg(long, value_name = "COUNT|SHARE", value_parser = fail_on)]
    pub fail_on: Option<FailOn>,
    #[command(flatten)]
    pub bounds: BoundArgs,
    /// Write each entry's overlay.png too: the photo with the mask drawn on it. It takes more space than all other files.
    #[arg(long)]
    pub overlays: bool,
    /// Write every strategy's masks into DIR/masks, as PNG files or as COCO's results and truths, which pycocotools reads.
    #[arg(long, value_name = "FORM", value_parser = ["png", "coco"])]
    pub save_masks: Option<String>,
    #[command(flatten)]
    pub search: SearchArgs,
}

/// What to do with a data set.
#[derive(Debug, Subcommand)]
pub enum DatasetCommand {
    /// Count what is in a data set. No photo is read.
    #[command(after_help = DATASET)]
    Info(DatasetArgs),
    /// Show some entries, with --sheet as a picture.
    #[command(after_help = DATASET)]
    Peek {
        #[command(flatten)]
        dataset: DatasetArgs,
        /// A PNG file of the entries: each photo with its true mask.
        #[arg(long, value_name = "FILE.png")]
        sheet: Option<PathBuf>,
    },
    /// Read every photo and every mask, and name what is wrong. The exit code is 4 if an entry cannot be used.
    #[command(after_help = DATASET)]
    Check(DatasetArgs),
}

/// A data set, and which of its entries are meant.
#[derive(Debug, Args)]
pub struct DatasetArgs {
    /// The kind of the data set and where it is, as in reasonseg:data/ReasonSeg.
    #[arg(value_name = "KIND:PATH")]
    pub dataset: Source,
    #[command(flatten)]
    pub part: PartArgs,
    /// Print JSON, and nothing else.
    #[arg(long)]
    pub json: bool,
}

/// Which part of a data set is meant.
#[derive(Clone, Debug, Args)]
pub struct PartArgs {
    /// The split, such as val or testA.
    #[arg(long)]
    pub split: Option<String>,
    /// Who made the split, where there are several: unc, google, umd or berkeley.
    #[arg(long, value_name = "WHO")]
    pub split_by: Option<String>,
    /// The folder of the photos, if they are not where they usually are.
    #[arg(long, value_name = "DIR")]
    pub images: Option<PathBuf>,
    /// The field that holds the sentence, in instances.json.
    #[arg(long, value_name = "NAME")]
    pub field: Option<String>,
    /// A share of the entries, above 0 and at most 1. A larger share contains the smaller ones of the same --draw.
    #[arg(long, value_name = "SHARE")]
    pub fraction: Option<f64>,
    /// The seed by which --fraction and --shard draw entries.
    #[arg(long, value_name = "SEED", default_value_t = 0)]
    pub draw: u64,
    /// The first so many of the entries.
    #[arg(long, value_name = "COUNT")]
    pub limit: Option<usize>,
    /// These entries alone, by id. May be repeated.
    #[arg(long = "id", value_name = "ID")]
    pub ids: Vec<String>,
    /// Part I of N, as in 1/4. All parts together are all entries.
    #[arg(long, value_name = "I/N", value_parser = shard)]
    pub shard: Option<(usize, usize)>,
}

/// Reads I/N.
fn shard(text: &str) -> Result<(usize, usize), String> {
    let numbers = text.split_once('/').and_then(|(part, parts)| Some((part.parse().ok()?, parts.parse().ok()?)));
    numbers.ok_or_else(|| format!("{text:?} is not I/N, as in 1/4"))
}
