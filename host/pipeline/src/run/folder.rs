//! The folder of a run: what the run is (`run.json`, written first), its answers (the ledger) and its
//! result. Everything that a result depends on is in there or is named there by its digest, so the result can be computed again.

use std::collections::BTreeMap;
use std::fs::{File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use rescue_config::Config;
use rescue_core::Digest;
use rescue_service::ModelId;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::plugins::PluginFile;
use crate::whole_file::{WriteError, json, replace};

/// The version of `run.json`'s format.
pub const FORM: u32 = 1;
/// The version of this program.
pub const PROGRAM: &str = env!("CARGO_PKG_VERSION");
/// The file that says what a run is.
pub const RUN: &str = "run.json";
/// The samples of a run over several, one JSON object a line.
pub const SAMPLES: &str = "samples.jsonl";
/// The folder of the results of a run over several, each in a folder named by its sample's id.
pub const RESULTS: &str = "samples";
/// The result lines of a run over several, in the order of its samples.
pub const INDEX: &str = "index.jsonl";
/// The folder of its ledger, unless the configuration names another.
pub const LEDGER: &str = "ledger";

/// What a run is: `run.json`.
#[derive(Clone, Debug, PartialEq, JsonSchema, Serialize, Deserialize)]
pub struct RunFile {
    /// The version of this format.
    pub form: u32,
    /// The run's identifier; it stands in the names of the packs that the run writes.
    pub id: String,
    /// The version of the program that ran.
    pub program: String,
    /// What was searched.
    #[serde(flatten)]
    pub searched: Searched,
    /// The plugins.
    pub plugins: Vec<PluginFile>,
    /// The model of each service.
    #[schemars(with = "BTreeMap<String, BTreeMap<String, String>>")]
    pub models: BTreeMap<String, ModelId>,
    /// The ledger's folder; relative to the run's folder if it is inside.
    pub ledger: PathBuf,
    /// The configuration, with all values written out.
    pub config: Config,
}

/// What a run searched.
#[derive(Clone, Debug, PartialEq, JsonSchema, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Searched {
    /// One sample.
    One {
        /// The photo's file. `None` for the bundled example, or if the photo came from memory.
        image: Option<PathBuf>,
        /// SHA-256 of the photo's file.
        #[schemars(with = "String")]
        sha256: Digest,
        /// What was searched for.
        query: String,
    },
    /// The samples that stand in [`SAMPLES`].
    Many {
        /// SHA-256 of that file.
        #[schemars(with = "String")]
        samples: Digest,
        /// How many there are, bad lines included.
        count: u64,
    },
}

/// A folder that holds no run that this program reads.
#[derive(Debug, thiserror::Error)]
#[error("{}: {cause}", file.display())]
pub struct RunFileError {
    /// The file.
    pub file: PathBuf,
    /// Why.
    pub cause: io::Error,
}

impl RunFile {
    /// A new identifier.
    pub fn new_id() -> String {
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        let words = format!("{} {}", now.as_nanos(), std::process::id());
        Digest::of(words.as_bytes()).short()
    }

    /// Reads `run.json` in this folder.
    ///
    /// # Errors
    ///
    /// Returns an error if the file is missing or has another format.
    pub fn read(folder: &Path) -> Result<Self, RunFileError> {
        let file = folder.join(RUN);
        let fail = |cause| RunFileError { file: file.clone(), cause };
        let invalid = |why: String| fail(io::Error::new(io::ErrorKind::InvalidData, why));
        let bytes = std::fs::read(&file).map_err(|cause| match cause.kind() {
            io::ErrorKind::NotFound => {
                let why = "there is no such file: give the folder that was a run's --out";
                fail(io::Error::new(io::ErrorKind::NotFound, why))
            }
            _ => fail(cause),
        })?;
        let read: Self = serde_json::from_slice(&bytes).map_err(|error| invalid(format!("it is no run: {error}")))?;
        if read.form == FORM {
            Ok(read)
        } else {
            Err(invalid(format!("it is of form {}, and this program reads form {FORM}", read.form)))
        }
    }

    /// Writes `run.json` into this folder.
    ///
    /// # Errors
    ///
    /// Returns an error if the file cannot be written.
    pub fn write(&self, folder: &Path) -> Result<(), WriteError> {
        let file = folder.join(RUN);
        json(self).and_then(|bytes| replace(&file, &bytes)).map_err(|cause| WriteError { file, cause })
    }
}

/// A lock on a run's folder, so that no two programs work in it at once. It ends when it is dropped or the program ends.
#[derive(Debug)]
pub(super) struct FolderLock {
    _folder: File,
}

/// Locks an existing folder; fails if another program has locked it.
pub(super) fn lock(folder: &Path) -> Result<FolderLock, WriteError> {
    let fail = |cause| WriteError { file: folder.to_owned(), cause };
    let file = File::open(folder).map_err(fail)?;
    match file.try_lock() {
        Ok(()) => Ok(FolderLock { _folder: file }),
        Err(TryLockError::WouldBlock) => {
            let why = "another rescue-host is at work in it: wait for that, or choose another --out";
            Err(fail(io::Error::new(io::ErrorKind::WouldBlock, why)))
        }
        // The file system has no locks, so there is nothing to check.
        Err(TryLockError::Error(_)) => Ok(FolderLock { _folder: file }),
    }
}
