//! The errors of a ledger.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::Key;
use crate::format::{MAX_VALUE, VERSION};

/// An operation on a ledger failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LedgerError {
    /// The folder does not exist. Only opening for writing creates it.
    #[error("there is no ledger at {}: give the folder of a ledger, or record into this one first", path.display())]
    Missing {
        /// The folder.
        path: PathBuf,
    },
    /// The folder exists but holds no pack.
    #[error("{} holds no pack of a ledger: {}", path.display(), suggestion(below.as_deref()))]
    NoPacks {
        /// The folder.
        path: PathBuf,
        /// A subfolder that holds packs; `None` if there is none.
        below: Option<PathBuf>,
    },
    /// A change was requested of a ledger that was opened for reading only.
    #[error("the ledger {} was opened for reading only: open it for writing", path.display())]
    ReadOnly {
        /// The folder.
        path: PathBuf,
    },
    /// A pack has a format version that this program does not read.
    #[error(
        "{} is a pack of format version {found}, but this program reads version {VERSION}: use a program that reads it, or move it away",
        path.display()
    )]
    Version {
        /// The pack.
        path: PathBuf,
        /// The version of the pack.
        found: u32,
    },
    /// An entry exists but cannot be read.
    #[error("{0}; pruning the ledger sets damaged packs aside and keeps all entries that can be read")]
    Damaged(Damage),
    /// A value is empty or too long.
    #[error("the value of {key} has {bytes} bytes; a value must have 1 to {MAX_VALUE} bytes")]
    ValueSize {
        /// The key of the value.
        key: Key,
        /// The length of the value, in bytes.
        bytes: usize,
    },
    /// There was not enough disk space. Entries that were committed before are intact.
    #[error("there is no room on the disk for {}: {cause}; free some space and try again, all entries that were committed before are safe", path.display())]
    Full {
        /// The file that was being written.
        path: PathBuf,
        /// The error of the operating system. It is part of the message, so it is not a `source`: an error chain would repeat it.
        cause: io::Error,
    },
    /// A pack cannot be removed, because another process may be writing it.
    #[error("{} is being written, or its lock cannot be read: prune when no other process records into this ledger", path.display())]
    LiveWriter {
        /// The pack.
        path: PathBuf,
    },
    /// A ledger was to be merged into itself.
    #[error("{} is the ledger that the others are to be merged into: leave it out of the sources", path.display())]
    MergedIntoItself {
        /// The folder.
        path: PathBuf,
    },
    /// Bytes of a pack that must not change did change while it was copied.
    #[error("{} changed while it was copied: find out which program wrote to it, then merge again", path.display())]
    Changed {
        /// The pack.
        path: PathBuf,
    },
    /// The operating system reported an error.
    #[error("cannot {doing} {}: {cause}", path.display())]
    Io {
        /// What was being done, such as "open".
        doing: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// The error of the operating system. It is part of the message, so it is not a `source`: an error chain would repeat it.
        cause: io::Error,
    },
}

impl LedgerError {
    pub(crate) fn io(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |cause| match cause.kind() {
            // A limit on the file size and a write that makes no progress also mean that there is no room.
            io::ErrorKind::StorageFull
            | io::ErrorKind::QuotaExceeded
            | io::ErrorKind::FileTooLarge
            | io::ErrorKind::WriteZero => Self::Full { path, cause },
            _ => Self::Io { doing, path, cause },
        }
    }

    /// Whether the error is that a file does not exist any more, as happens when another process prunes the ledger.
    pub(crate) fn is_missing_file(&self) -> bool {
        let gone = [io::ErrorKind::NotFound, io::ErrorKind::StaleNetworkFileHandle];
        matches!(self, Self::Io { cause, .. } if gone.contains(&cause.kind()))
    }
}

/// What to do about a folder that holds no pack.
fn suggestion(below: Option<&Path>) -> String {
    below.map_or_else(
        || "give the folder of a ledger, or record into this one first".to_owned(),
        |below| format!("did you mean {}?", below.display()),
    )
}

/// A part of a pack that is damaged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Damage {
    /// The pack.
    pub pack: PathBuf,
    /// Where the damaged part begins, in bytes.
    pub offset: u64,
    /// Its length, in bytes.
    pub bytes: u64,
    /// The key of the damaged entry; `None` if it is not known.
    pub key: Option<Key>,
    /// What is wrong with the part.
    pub fault: Fault,
}

impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { pack, offset, bytes, key, fault } = self;
        if let Fault::Shortened { entries } = fault {
            return write!(
                f,
                "{} is damaged: it is shorter than its index says: it has {offset} bytes of complete entries, its index lists {}; \
                 about {entries} entries are missing",
                pack.display(),
                offset.saturating_add(*bytes)
            );
        }
        write!(f, "{} is damaged in the {bytes} bytes at {offset}: {fault}", pack.display())?;
        key.map_or(Ok(()), |key| write!(f, " (entry {key})"))
    }
}

/// What is wrong with a part of a pack.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Fault {
    /// The header of the pack has the wrong checksum, or the file is not a pack.
    PackHeader,
    /// There is no frame header with the right checksum where a frame should begin.
    Header,
    /// The payload has the wrong checksum.
    Payload,
    /// The payload has the right checksum but cannot be decompressed to a value of the stated length.
    Undecodable,
    /// The frame has another key than expected.
    OtherKey,
    /// The pack ends before the end of the entry.
    Ended,
    /// The index file lists more entries than the pack holds: the end of the pack was cut off or overwritten with zeros.
    Shortened {
        /// The number of missing entries.
        entries: u64,
    },
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::PackHeader => "the header of the pack has the wrong checksum, or the file is not a pack",
            Self::Header => "there is no frame header with the right checksum",
            Self::Payload => "the payload has the wrong checksum",
            Self::Undecodable => "the payload cannot be decompressed to the length of its value",
            Self::OtherKey => "the frame belongs to another entry",
            Self::Ended => "the pack ends before the entry does",
            Self::Shortened { entries } => {
                return write!(f, "about {entries} entries that the index lists are missing");
            }
        })
    }
}

/// An unfinished frame at the end of a pack. Its writer was stopped while writing, or is writing now. It holds no committed
/// entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TornTail {
    /// The pack.
    pub pack: PathBuf,
    /// Where the unfinished frame begins, in bytes.
    pub offset: u64,
    /// The length of the unfinished frame, in bytes.
    pub bytes: u64,
}
