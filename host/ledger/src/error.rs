//! What can be wrong with a ledger.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::Key;
use crate::format::{MAX_VALUE, VERSION};

/// Why a ledger did not do what it was asked for.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LedgerError {
    /// There is no folder of that name; only opening for writing makes one.
    #[error("there is no ledger at {}: name the folder of one, or record into it first", path.display())]
    Missing {
        /// The folder.
        path: PathBuf,
    },
    /// The folder is there and holds no pack.
    #[error("{} holds no pack of a ledger: {}", path.display(), instead(below.as_deref()))]
    NoPacks {
        /// The folder.
        path: PathBuf,
        /// A folder in it that holds some.
        below: Option<PathBuf>,
    },
    /// The ledger was opened for reading.
    #[error("the ledger {} was opened for reading only: open it for writing too", path.display())]
    ReadOnly {
        /// The folder.
        path: PathBuf,
    },
    /// A pack was written by another version of this program.
    #[error(
        "{} is a pack of version {found}, and this program reads version {VERSION}: use a program that reads it, or move it away",
        path.display()
    )]
    Version {
        /// The pack.
        path: PathBuf,
        /// Its version.
        found: u32,
    },
    /// An entry is there and cannot be read.
    #[error("{0}; pruning the ledger sets damaged packs aside and keeps all that can be read")]
    Damaged(Damage),
    /// A value is empty or too long.
    #[error("the value of {key} has {bytes} bytes; a ledger holds values of 1 to {MAX_VALUE} bytes")]
    ValueSize {
        /// Its key.
        key: Key,
        /// Its length.
        bytes: usize,
    },
    /// There was no room for all that was to be written. What was committed before is not touched.
    #[error("there is no room for {}: {cause}; free some and go on, what was committed before is safe", path.display())]
    Full {
        /// The file that was written.
        path: PathBuf,
        /// What the system says. The message holds it, so it is no `source`: a chain of errors would say it twice.
        cause: io::Error,
    },
    /// A pack cannot be removed, because another program may be writing it.
    #[error("{} is being written, or its lock cannot be read: prune when nothing records into this ledger", path.display())]
    LiveWriter {
        /// The pack.
        path: PathBuf,
    },
    /// A ledger was to be merged into itself.
    #[error("{} is the ledger that others were to be merged into: leave it out", path.display())]
    MergedIntoItself {
        /// The folder.
        path: PathBuf,
    },
    /// A pack changed while it was copied, in a place where packs do not change.
    #[error("{} changed while it was copied: find out what wrote to it, and merge it again", path.display())]
    Changed {
        /// The pack.
        path: PathBuf,
    },
    /// The system refused something.
    #[error("cannot {doing} {}: {cause}", path.display())]
    Io {
        /// What was to be done.
        doing: &'static str,
        /// To which file or folder.
        path: PathBuf,
        /// What the system says. The message holds it, so it is no `source`: a chain of errors would say it twice.
        cause: io::Error,
    },
}

impl LedgerError {
    pub(crate) fn io(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |cause| match cause.kind() {
            // A limit on a file's size is another way of having no room; a short write that goes no further is a third.
            io::ErrorKind::StorageFull
            | io::ErrorKind::QuotaExceeded
            | io::ErrorKind::FileTooLarge
            | io::ErrorKind::WriteZero => Self::Full { path, cause },
            _ => Self::Io { doing, path, cause },
        }
    }

    /// Whether a file was removed since it was listed, as pruning does.
    pub(crate) fn is_gone(&self) -> bool {
        let gone = [io::ErrorKind::NotFound, io::ErrorKind::StaleNetworkFileHandle];
        matches!(self, Self::Io { cause, .. } if gone.contains(&cause.kind()))
    }
}

/// What to do where a folder holds no pack.
fn instead(below: Option<&Path>) -> String {
    below.map_or_else(
        || "name the folder of one, or record into it first".to_owned(),
        |below| format!("did you mean {}?", below.display()),
    )
}

/// Bytes of a pack that are not what was written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Damage {
    /// The pack.
    pub pack: PathBuf,
    /// Where the damaged part begins, in bytes.
    pub offset: u64,
    /// Its length, in bytes.
    pub bytes: u64,
    /// The entry, where it is known whose bytes they are.
    pub key: Option<Key>,
    /// What is wrong with it.
    pub fault: Fault,
}

impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { pack, offset, bytes, key, fault } = self;
        if let Fault::Shortened { entries } = fault {
            return write!(
                f,
                "{} is damaged: it is shorter than its index says: {offset} bytes of whole entries, its index knew {}; about \
                 {entries} entries are gone",
                pack.display(),
                offset.saturating_add(*bytes)
            );
        }
        write!(f, "{} is damaged: of the {bytes} bytes at {offset}, {fault}", pack.display())?;
        key.map_or(Ok(()), |key| write!(f, " (entry {key})"))
    }
}

/// What is wrong with a part of a pack.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Fault {
    /// The header of the pack has another checksum, or it is no pack.
    PackHeader,
    /// Where a frame should begin, there is none with the right checksum.
    Header,
    /// The payload has another checksum.
    Payload,
    /// The payload has the right checksum and is not the compressed form of a value of its length.
    Undecodable,
    /// Another entry is there.
    OtherKey,
    /// The pack ends before the entry does.
    Ended,
    /// The index file of the pack knew more entries than are there: its end was cut off, or overwritten with zeros.
    Shortened {
        /// How many more.
        entries: u64,
    },
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::PackHeader => "the pack's header has the wrong checksum, or the file is no pack",
            Self::Header => "no frame's header has the right checksum",
            Self::Payload => "the payload has the wrong checksum",
            Self::Undecodable => "the payload cannot be decompressed to the length of its value",
            Self::OtherKey => "the frame belongs to another entry",
            Self::Ended => "the last are missing",
            Self::Shortened { entries } => return write!(f, "about {entries} entries are gone that the index knew"),
        })
    }
}

/// The end of a pack whose writer was stopped while it wrote, or that is being written now. No committed entry is in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TornTail {
    /// The pack.
    pub pack: PathBuf,
    /// Where the unfinished frame begins, in bytes.
    pub offset: u64,
    /// How much of it is there, in bytes.
    pub bytes: u64,
}
