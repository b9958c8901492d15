//! A run that was made earlier: how it is replayed and resumed.

use std::path::{Path, PathBuf};
use std::{env, fs, io};

use rescue_config::LedgerMode;
use rescue_core::Digest;

use super::folder::{RunFile, RunFileError, SAMPLES, Searched};
use super::sample_list::{SampleList, SampleListError};
use super::spec::RunSpec;
use crate::photo::PhotoError;
use crate::plugins::PluginChoice;
use crate::sample::Sample;

/// A run that was made earlier.
#[derive(Clone, Debug)]
pub struct EarlierRun {
    folder: PathBuf,
    file: RunFile,
}

/// Why an earlier run's sample cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum EarlierSampleError {
    /// The photo cannot be read.
    #[error(transparent)]
    Photo(#[from] PhotoError),
    /// The run searched several samples, not one.
    #[error("{} is a run over several samples, whose photos stand in its samples.jsonl: leave --image out", .0.display())]
    Several(PathBuf),
    /// The photo is another one.
    #[error(
        "{file} is not the photo of that run, which had the SHA-256 {digest}: put that file there, or give it with --image"
    )]
    OtherPhoto {
        /// The photo's file, or "the bundled photo".
        file: String,
        /// The SHA-256 of the run's photo.
        digest: Digest,
    },
}

impl EarlierRun {
    /// Reads the run in this folder.
    ///
    /// # Errors
    ///
    /// Returns an error if the folder holds no run.
    pub fn read(folder: &Path) -> Result<Self, RunFileError> {
        Ok(Self { folder: folder.to_owned(), file: RunFile::read(folder)? })
    }

    /// The sample of the run. `image` is its photo's file if that has moved.
    ///
    /// # Errors
    ///
    /// Returns an error if the photo cannot be read or is another one.
    pub fn sample(&self, image: Option<&Path>) -> Result<Sample, EarlierSampleError> {
        let Searched::One { image: first, sha256, query } = &self.file.searched else {
            return Err(EarlierSampleError::Several(self.folder.clone()));
        };
        let sample = match image.or(first.as_deref()) {
            Some(file) => Sample::read(file, query)?,
            None => Sample { query: query.clone(), ..Sample::example()? },
        };
        if sample.photo.digest() == *sha256 {
            Ok(sample)
        } else {
            let file = sample.file.map_or("the bundled photo".into(), |file| file.display().to_string());
            Err(EarlierSampleError::OtherPhoto { file, digest: *sha256 })
        }
    }

    /// The samples of the run. `None` if it searched one.
    ///
    /// # Errors
    ///
    /// Returns an error if the run's file of samples cannot be read, or is another one.
    pub fn samples(&self) -> Result<Option<SampleList>, SampleListError> {
        let Searched::Many { samples, .. } = &self.file.searched else { return Ok(None) };
        let file = self.folder.join(SAMPLES);
        let read = fs::read(&file).and_then(|bytes| match Digest::of(&bytes) == *samples {
            true => SampleList::read_kept(&bytes).map(Some),
            false => Err(io::Error::new(io::ErrorKind::InvalidData, "it is not the file that the run began with")),
        });
        read.map_err(|cause| SampleListError { file, cause })
    }

    /// The specification of a replay: the run is computed again, from its ledger alone. It has no folder, so it writes no files.
    pub fn replay(&self) -> RunSpec {
        let mut spec = self.spec();
        spec.config.run.ledger_mode = LedgerMode::Replay;
        spec
    }

    /// The specification that goes on with the run in its folder: it asks the questions that have neither an answer nor an absence. With
    /// `fill`, it asks absent ones again, without a deadline. API keys, which `run.json` does not hold, are taken from the environment.
    pub fn resume(&self, fill: bool) -> RunSpec {
        let mut spec = self.spec();
        spec.out = Some(self.folder.clone());
        let config = &mut spec.config;
        config.find_keys(|name| env::var_os(name));
        // The models of that run and no others: a server may have another model by now.
        for (name, chat) in [("planner", &mut config.planner), ("verifier", &mut config.verifier)] {
            if let (Some(chat), Some(model)) = (chat, self.file.models.get(name)) {
                chat.service.model.clone_from(&model.name);
            }
        }
        config.run.ledger_mode = if fill { LedgerMode::Fill } else { LedgerMode::Record };
        if fill {
            config.run.deadline = 0.0;
        }
        spec
    }

    fn spec(&self) -> RunSpec {
        let mut config = self.file.config.clone();
        config.run.ledger = self.folder.join(&self.file.ledger);
        RunSpec {
            id: self.file.id.clone(),
            plugins: PluginChoice::Recorded(self.file.plugins.clone()),
            models: self.file.models.clone(),
            earlier: Some(self.folder.clone()),
            ..RunSpec::new(config)
        }
    }
}
