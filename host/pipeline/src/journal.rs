//! The journal of a run: its absences, one JSON a line, written before anyone is told of them.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use rescue_ledger::Key;
use serde::{Deserialize, Serialize};

use crate::exchange::Absence;
use crate::record::AbsenceRecord;

/// One line.
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

/// The absences of earlier runs in the same folder, and those of this one.
#[derive(Debug, Default)]
pub struct Journal {
    known: BTreeMap<(String, Key), Absence>,
    file: Option<(PathBuf, Mutex<File>)>,
}

impl Journal {
    /// What an earlier run left there; nothing where there is no file. A last line that was cut off in writing was told to nobody.
    ///
    /// # Errors
    ///
    /// Where the file cannot be read, or a line in it is none.
    pub fn read(file: &Path) -> Result<Self, JournalError> {
        let fail = |cause| JournalError { file: file.to_owned(), cause };
        let bytes = match std::fs::read(file) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Self::default()),
            other => other.map_err(fail)?,
        };
        let whole = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        let text = String::from_utf8_lossy(bytes.get(..whole).unwrap_or_default());
        let mut known = BTreeMap::new();
        for (number, line) in text.lines().enumerate() {
            let line: Line = serde_json::from_str(line).map_err(|error| {
                fail(io::Error::new(io::ErrorKind::InvalidData, format!("line {}: {error}", number + 1)))
            })?;
            known.insert((line.sample, line.key), line.absence);
        }
        Ok(Self { known, file: None })
    }

    /// Writes what comes to this file, after what this journal knows. What stood there is replaced, a cut-off line with it.
    ///
    /// # Errors
    ///
    /// Where it cannot be written.
    pub fn write_to(mut self, file: &Path) -> Result<Self, JournalError> {
        let fail = |cause| JournalError { file: file.to_owned(), cause };
        let mut text = String::new();
        for ((sample, key), absence) in &self.known {
            text.push_str(&line(sample, *key, absence).map_err(fail)?);
        }
        crate::out::replace(file, text.as_bytes()).map_err(fail)?;
        let opened = OpenOptions::new().append(true).open(file).map_err(fail)?;
        self.file = Some((file.to_owned(), Mutex::new(opened)));
        Ok(self)
    }

    /// Writes what comes to this file, after what stands there, of which nothing counts.
    ///
    /// # Errors
    ///
    /// Where it cannot be written.
    pub fn append_to(mut self, file: &Path) -> Result<Self, JournalError> {
        let fail = |cause| JournalError { file: file.to_owned(), cause };
        let opened = OpenOptions::new().create(true).append(true).open(file).map_err(fail)?;
        self.file = Some((file.to_owned(), Mutex::new(opened)));
        Ok(self)
    }

    /// Leaves in the file what a sample lacks by now, and nothing of what it lacked before.
    ///
    /// # Errors
    ///
    /// Where it cannot be written.
    pub fn rewrite(file: &Path, sample: &str, absences: &[AbsenceRecord]) -> Result<(), JournalError> {
        let absences = absences.iter().map(|record| ((sample.to_owned(), record.key), record.absence.clone()));
        Self { known: absences.collect(), file: None }.write_to(file).map(drop)
    }

    /// How many absences it began with.
    pub fn len(&self) -> usize {
        self.known.len()
    }

    /// Whether it began with none.
    pub fn is_empty(&self) -> bool {
        self.known.is_empty()
    }

    /// What a sample lacked before.
    pub(crate) fn of(&self, sample: &str) -> BTreeMap<Key, Absence> {
        let own = self.known.iter().filter(|((of, _), _)| of == sample);
        own.map(|((_, key), absence)| (*key, absence.clone())).collect()
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
    fn a_line_cut_off_was_told_to_nobody() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("journal.jsonl");
        let absence = |why: &str| Absence { kind: AbsenceKind::Failed, service: "clip".into(), why: why.into() };
        let journal = Journal::read(&file).unwrap().write_to(&file).unwrap();
        journal.add("a", Key::of(b"1"), &absence("x")).unwrap();
        journal.add("b", Key::of(b"2"), &absence("y")).unwrap();
        let whole = std::fs::read(&file).unwrap();
        std::fs::write(&file, &whole[..whole.len() - 3]).unwrap();
        let read = Journal::read(&file).unwrap();
        assert_eq!(read.of("a"), BTreeMap::from([(Key::of(b"1"), absence("x"))]));
        assert!(read.of("b").is_empty());
        read.write_to(&file).unwrap().add("b", Key::of(b"2"), &absence("y")).unwrap();
        assert_eq!(std::fs::read(&file).unwrap(), whole);
        std::fs::write(&file, "{}\n").unwrap();
        assert!(Journal::read(&file).unwrap_err().to_string().contains("line 1"));
    }
}
