//! The folder of a run: what it was (`run.json`, written first), what it lacked (`journal.jsonl`), what it was told (the ledger), and
//! what came of it. All that a result depends on stands there or is named there by its digest, so it can be computed again.

use std::collections::BTreeMap;
use std::fs::{File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use rescue_config::Config;
use rescue_core::Digest;
use rescue_service::ModelId;
use serde::{Deserialize, Serialize};

use crate::crew::MemberRecord;
use crate::out::{WriteError, replace};

/// The version of this form.
pub const FORM: u32 = 1;
/// The version of this program.
pub const PROGRAM: &str = env!("CARGO_PKG_VERSION");
/// What a run was.
pub const RUN: &str = "run.json";
/// What it lacked.
pub const JOURNAL: &str = "journal.jsonl";
/// The ledger, where none is named.
pub const LEDGER: &str = "ledger";

/// What a run was.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunFile {
    /// The version of this form.
    pub form: u32,
    /// What tells it from all other runs: it stands in the names of the packs that it writes.
    pub id: String,
    /// The version of the program.
    pub program: String,
    /// The photo's file; none for the bundled example.
    pub image: Option<PathBuf>,
    /// SHA-256 of the photo's file.
    pub sha256: Digest,
    /// What was sought.
    pub query: String,
    /// The plugins, and where their files lay.
    pub plugins: Vec<PluginFile>,
    /// Which model stood behind each service.
    pub models: BTreeMap<String, ModelId>,
    /// Where the ledger lies.
    pub ledger: PathBuf,
    /// The configuration, all values written out.
    pub config: Config,
}

/// A plugin of a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PluginFile {
    /// Its file.
    pub file: PathBuf,
    /// What it was, with its settings.
    #[serde(flatten)]
    pub member: MemberRecord,
}

/// A folder that holds no run.
#[derive(Debug, thiserror::Error)]
#[error("{}: {cause}", file.display())]
pub struct RunFileError {
    /// The file.
    pub file: PathBuf,
    /// Why.
    pub cause: io::Error,
}

impl RunFile {
    /// A name for a new run.
    pub fn new_id() -> String {
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        let words = format!("{} {}", now.as_nanos(), std::process::id());
        Digest::of(words.as_bytes()).short()
    }

    /// Reads `run.json` in this folder.
    ///
    /// # Errors
    ///
    /// Where it is not there, or is of another form.
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
    /// Where it cannot be written.
    pub fn write(&self, folder: &Path) -> Result<(), WriteError> {
        let file = folder.join(RUN);
        let written = serde_json::to_vec_pretty(self).map_err(io::Error::from).and_then(|mut bytes| {
            bytes.push(b'\n');
            replace(&file, &bytes)
        });
        written.map_err(|cause| WriteError { file, cause })
    }
}

/// Holds a run's folder, so that no two programs work in it at once. It is free when this is dropped, or the program ends.
#[derive(Debug)]
pub struct Held {
    _folder: File,
}

/// Takes hold of a folder that is there.
///
/// # Errors
///
/// Where another program holds it.
pub fn hold(folder: &Path) -> Result<Held, WriteError> {
    let fail = |cause| WriteError { file: folder.to_owned(), cause };
    let file = File::open(folder).map_err(fail)?;
    match file.try_lock() {
        Ok(()) => Ok(Held { _folder: file }),
        Err(TryLockError::WouldBlock) => {
            let why = "another rescue-host is at work in it: wait for that, or choose another --out";
            Err(fail(io::Error::new(io::ErrorKind::WouldBlock, why)))
        }
        // A file system without locks: then nobody can tell.
        Err(TryLockError::Error(_)) => Ok(Held { _folder: file }),
    }
}
