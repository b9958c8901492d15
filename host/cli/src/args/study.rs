//! The verbs about data sets and evaluations, and their help.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use rescue_dataset::Source;
use rescue_study::assertion::Assertion;

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
  rescue-host eval own:data/mine.jsonl --n 8 --out out/mine --assert \"giou>=0.7\"

The same command goes on where it was stopped, and asks nothing twice. See `rescue-host dataset` for KIND:PATH, and `rescue-host run --help` for
the rest. Exit codes are those of a run over several samples, and 10 if a bound of --assert is not reached.";

pub const COMPARE: &str = "\
Examples:
  rescue-host compare out/pyramid out/mine
  rescue-host compare out/pyramid out/mine out/other --n 16 --json

Evaluations of other entries, photos, truths or rules are refused. p is corrected for the number of comparisons.";

/// The evaluations to compare.
#[derive(Debug, Args)]
pub struct CompareArgs {
    /// The folders of the evaluations. Each is compared with the first.
    #[arg(value_name = "RUN", required = true, num_args = 2..)]
    pub runs: Vec<PathBuf>,
    /// The choices among so many hypotheses. Without it, among all of each evaluation.
    #[arg(long, value_name = "N")]
    pub n: Option<u32>,
    /// Print JSON, and nothing else.
    #[arg(long)]
    pub json: bool,
}

/// The data set to search, and how.
#[derive(Debug, Args)]
pub struct EvalArgs {
    /// The kind of the data set and where it is, as in reasonseg:data/ReasonSeg.
    #[arg(value_name = "KIND:PATH")]
    pub dataset: Source,
    #[command(flatten)]
    pub part: PartArgs,
    /// The IoU of an empty prediction where nothing fits: "one" as LISA and gRefCOCO have it, "zero" as VisionReasoner and RESCue.
    #[arg(long, value_name = "RULE", value_parser = ["one", "zero"], default_value = "one")]
    pub empty: String,
    /// Leave out entries that cannot be used, and count them. Without it, one is an error.
    #[arg(long)]
    pub skip_bad: bool,
    /// A bound of giou, ciou, oracle, efficiency, n-acc or t-acc over all hypotheses, as in "giou>=0.7". If it is not reached, the exit code
    /// is 10. May be repeated.
    #[arg(long = "assert", value_name = "METRIC>=BOUND")]
    pub assertions: Vec<Assertion>,
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
#[derive(Debug, Args)]
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
