//! The journal of a run: the absences on which results rest, one JSON object a line. Those of a sample are written before its result.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use rescue_ledger::Key;
use serde::{Deserialize, Serialize};

use crate::exchange::Absence;
use crate::whole_file::replace;

/// One line of the file.
#[derive(Debug, Serialize, Deserialize)]
#[serde(untagged)]
enum Line {
    /// A question of a sample has no answer.
    Absent {
        sample: String,
        key: Key,
        #[serde(flatten)]
        absence: Absence,
    },
    /// The sample is searched anew: what stands of it before this line does not count.
    Anew { sample: String, anew: bool },
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

/// The absences that a journal holds, by sample and key. No sample is there without one.
#[derive(Clone, Debug, Default)]
pub struct EarlierAbsences(BTreeMap<String, BTreeMap<Key, Absence>>);

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
        let mut absences = Self::default();
        for (number, line) in text.lines().enumerate() {
            let line: Line = serde_json::from_str(line).map_err(|error| {
                fail(io::Error::new(io::ErrorKind::InvalidData, format!("line {}: {error}", number + 1)))
            })?;
            match line {
                Line::Absent { sample, key, absence } => absences.add(&sample, key, absence),
                Line::Anew { sample, .. } => drop(absences.0.remove(&sample)),
            }
        }
        Ok(absences)
    }

    /// The number of absences.
    pub fn len(&self) -> usize {
        self.0.values().map(BTreeMap::len).sum()
    }

    /// Whether there are no absences.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The absences of one sample.
    pub(crate) fn of(&self, sample: &str) -> BTreeMap<Key, Absence> {
        self.0.get(sample).cloned().unwrap_or_default()
    }

    fn add(&mut self, sample: &str, key: Key, absence: Absence) {
        self.0.entry(sample.to_owned()).or_default().insert(key, absence);
    }

    fn write(&self, file: &Path) -> io::Result<()> {
        let mut text = String::new();
        for (sample, absences) in &self.0 {
            for (key, absence) in absences {
                text.push_str(&line(sample, *key, absence)?);
            }
        }
        replace(file, text.as_bytes())
    }
}

/// Writes the absences of a run.
#[derive(Debug, Default)]
pub(crate) struct Journal {
    /// `None` if the run writes no files.
    open: Option<(PathBuf, Mutex<Open>)>,
}

/// A file under way, and what it holds.
#[derive(Debug)]
struct Open {
    file: File,
    absences: EarlierAbsences,
}

impl Journal {
    /// Replaces the file by one that holds the earlier absences, and appends to it from then on.
    pub(crate) fn open(file: &Path, earlier: EarlierAbsences) -> Result<Self, JournalError> {
        let fail = |cause| JournalError { file: file.to_owned(), cause };
        earlier.write(file).map_err(fail)?;
        let open = Open { file: append_to(file).map_err(fail)?, absences: earlier };
        Ok(Self { open: Some((file.to_owned(), Mutex::new(open))) })
    }

    /// Puts these absences in place of all that the sample has.
    pub(crate) fn set(&self, sample: &str, absences: BTreeMap<Key, Absence>) -> Result<(), JournalError> {
        self.change(|open| {
            let earlier = open.absences.of(sample);
            if earlier == absences {
                return Ok(());
            }
            let mut text = String::new();
            if !earlier.is_empty() {
                text.push_str(&serde_json::to_string(&Line::Anew { sample: sample.to_owned(), anew: true })?);
                text.push('\n');
            }
            for (key, absence) in &absences {
                text.push_str(&line(sample, *key, absence)?);
            }
            open.append(&text)?;
            open.absences.0.remove(sample);
            if !absences.is_empty() {
                open.absences.0.insert(sample.to_owned(), absences);
            }
            Ok(())
        })
    }

    fn change(&self, change: impl FnOnce(&mut Open) -> io::Result<()>) -> Result<(), JournalError> {
        let Some((path, open)) = &self.open else { return Ok(()) };
        let mut open = open.lock().unwrap_or_else(PoisonError::into_inner);
        change(&mut open).map_err(|cause| JournalError { file: path.clone(), cause })
    }
}

impl Open {
    /// Appends these lines, all or none: half a line would spoil those behind it.
    fn append(&mut self, lines: &str) -> io::Result<()> {
        let length = self.file.metadata()?.len();
        self.file.write_all(lines.as_bytes()).inspect_err(|_| drop(self.file.set_len(length)))
    }
}

fn append_to(file: &Path) -> io::Result<File> {
    OpenOptions::new().create(true).append(true).open(file)
}

fn line(sample: &str, key: Key, absence: &Absence) -> io::Result<String> {
    let mut text = serde_json::to_string(&Line::Absent { sample: sample.to_owned(), key, absence: absence.clone() })?;
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
        let journal = Journal::open(&file, EarlierAbsences::default()).unwrap();
        let one = |number: &[u8], why| BTreeMap::from([(Key::of(number), absence(why))]);
        journal.set("a", one(b"1", "x")).unwrap();
        journal.set("b", one(b"2", "y")).unwrap();
        let whole = std::fs::read(&file).unwrap();
        std::fs::write(&file, &whole[..whole.len() - 3]).unwrap();
        let read = EarlierAbsences::read(&file).unwrap();
        assert_eq!(read.of("a"), one(b"1", "x"));
        assert!(read.of("b").is_empty());
        let journal = Journal::open(&file, read).unwrap();
        journal.set("b", one(b"2", "y")).unwrap();
        assert_eq!(std::fs::read(&file).unwrap(), whole);
        // A sample that is searched anew has other absences; those of the others stay.
        journal.set("b", BTreeMap::new()).unwrap();
        journal.set("c", one(b"3", "z")).unwrap();
        let read = EarlierAbsences::read(&file).unwrap();
        assert_eq!((read.len(), read.of("a").len(), read.of("b").len(), read.of("c").len()), (2, 1, 0, 1));
        std::fs::write(&file, "{}\n").unwrap();
        assert!(EarlierAbsences::read(&file).unwrap_err().to_string().contains("line 1"));
    }
}
