//! The journal of a run: its absences, one JSON object a line, each written before anyone is told of it.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use rescue_ledger::Key;
use serde::{Deserialize, Serialize};

use crate::exchange::{Absence, AbsenceRecord};
use crate::whole_file::replace;

/// One line of the file.
#[derive(Debug, Serialize, Deserialize)]
struct Line {
    sample: String,
    key: Key,
    #[serde(flatten)]
    absence: Absence,
}

/// A journal that cannot be read or written.
#[derive(Debug, thiserror::Error)]
#[error("journal {}: {cause}", file.display())]
pub struct JournalError {
    /// The file.
    pub file: PathBuf,
    /// Why.
    pub cause: io::Error,
}

/// The absences that a journal holds, by sample and key.
#[derive(Clone, Debug, Default)]
pub struct EarlierAbsences(BTreeMap<(String, Key), Absence>);

impl EarlierAbsences {
    /// Reads a journal; an absent file holds no absences. A last line without its line end was cut off while it was written, so nobody
    /// was told of it, and it does not count.
    ///
    /// # Errors
    ///
    /// Returns an error if the file cannot be read, or if a line is not an absence.
    pub fn read(file: &Path) -> Result<Self, JournalError> {
        let fail = |cause| JournalError { file: file.to_owned(), cause };
        let bytes = match std::fs::read(file) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Self::default()),
            other => other.map_err(fail)?,
        };
        let whole = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        let text = String::from_utf8_lossy(bytes.get(..whole).unwrap_or_default());
        let mut absences = BTreeMap::new();
        for (number, line) in text.lines().enumerate() {
            let line: Line = serde_json::from_str(line).map_err(|error| {
                fail(io::Error::new(io::ErrorKind::InvalidData, format!("line {}: {error}", number + 1)))
            })?;
            absences.insert((line.sample, line.key), line.absence);
        }
        Ok(Self(absences))
    }

    /// The number of absences.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are no absences.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The absences of one sample.
    pub(crate) fn of(&self, sample: &str) -> BTreeMap<Key, Absence> {
        let own = self.0.iter().filter(|((of, _), _)| of == sample);
        own.map(|((_, key), absence)| (*key, absence.clone())).collect()
    }
}

/// Writes the absences of a run.
#[derive(Debug, Default)]
pub(crate) struct Journal {
    /// `None` if the run writes no files.
    file: Option<(PathBuf, Mutex<File>)>,
}

impl Journal {
    /// Replaces the file by one that holds the earlier absences, and appends to it from then on.
    pub(crate) fn replace(file: &Path, earlier: &EarlierAbsences) -> Result<Self, JournalError> {
        let fail = |cause| JournalError { file: file.to_owned(), cause };
        let mut text = String::new();
        for ((sample, key), absence) in &earlier.0 {
            text.push_str(&line(sample, *key, absence).map_err(fail)?);
        }
        replace(file, text.as_bytes()).map_err(fail)?;
        Self::append_to(file)
    }

    /// Appends to the file.
    pub(crate) fn append_to(file: &Path) -> Result<Self, JournalError> {
        let fail = |cause| JournalError { file: file.to_owned(), cause };
        let opened = OpenOptions::new().create(true).append(true).open(file).map_err(fail)?;
        Ok(Self { file: Some((file.to_owned(), Mutex::new(opened))) })
    }

    /// Replaces the file by one that holds these absences of one sample and nothing else.
    pub(crate) fn rewrite(file: &Path, sample: &str, absences: &[AbsenceRecord]) -> Result<(), JournalError> {
        let absences = absences.iter().map(|record| ((sample.to_owned(), record.key), record.absence.clone()));
        Self::replace(file, &EarlierAbsences(absences.collect())).map(drop)
    }

    /// Adds an absence.
    pub(crate) fn add(&self, sample: &str, key: Key, absence: &Absence) -> Result<(), JournalError> {
        let Some((path, file)) = &self.file else { return Ok(()) };
        let fail = |cause| JournalError { file: path.clone(), cause };
        let text = line(sample, key, absence).map_err(fail)?;
        let mut file = file.lock().unwrap_or_else(PoisonError::into_inner);
        file.write_all(text.as_bytes()).map_err(fail)
    }
}

fn line(sample: &str, key: Key, absence: &Absence) -> io::Result<String> {
    let mut text = serde_json::to_string(&Line { sample: sample.to_owned(), key, absence: absence.clone() })?;
    text.push('\n');
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exchange::AbsenceKind;

    #[test]
    fn a_last_line_that_was_cut_off_does_not_count() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("journal.jsonl");
        let absence = |why: &str| Absence { kind: AbsenceKind::Failed, service: "clip".into(), why: why.into() };
        assert!(EarlierAbsences::read(&file).unwrap().is_empty());
        let journal = Journal::replace(&file, &EarlierAbsences::default()).unwrap();
        journal.add("a", Key::of(b"1"), &absence("x")).unwrap();
        journal.add("b", Key::of(b"2"), &absence("y")).unwrap();
        let whole = std::fs::read(&file).unwrap();
        std::fs::write(&file, &whole[..whole.len() - 3]).unwrap();
        let read = EarlierAbsences::read(&file).unwrap();
        assert_eq!(read.of("a"), BTreeMap::from([(Key::of(b"1"), absence("x"))]));
        assert!(read.of("b").is_empty());
        Journal::replace(&file, &read).unwrap().add("b", Key::of(b"2"), &absence("y")).unwrap();
        assert_eq!(std::fs::read(&file).unwrap(), whole);
        std::fs::write(&file, "{}\n").unwrap();
        assert!(EarlierAbsences::read(&file).unwrap_err().to_string().contains("line 1"));
    }
}
