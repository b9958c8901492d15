//! The content-addressed record of questions and answers: keys of 32 bytes to values of 1 byte to 64 MiB.
//!
//! A ledger is a folder that only grows: what is stored under a key stays. It can be written by many programs at once, also on
//! network file systems, and survives their being killed.
//!
//! ```
//! use rescue_ledger::{Access, Key, Ledger, Put};
//!
//! # let folder = std::env::temp_dir().join(format!("rescue-ledger-doc-{}", std::process::id()));
//! let ledger = Ledger::open(&folder, Access::Write)?;
//! let key = Key::of(br#"{"question":"what is it?"}"#);
//! assert_eq!(ledger.put(&key, b"a dog")?, Put::New);
//! assert_eq!(ledger.put(&key, b"a cat")?, Put::Known(b"a dog".to_vec()));
//! assert_eq!(ledger.get(&key)?, Some(b"a dog".to_vec()));
//! # drop(ledger);
//! # std::fs::remove_dir_all(&folder)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What is promised
//!
//! - **Commit before tell.** When [`Ledger::put`] returns, the entry is in the file. Killing the program loses nothing that was
//!   returned. The disk is synced about once a second, by [`Ledger::flush`], and when a ledger is dropped: a loss of power may lose
//!   the last second, or leave entries of it damaged.
//! - **One answer.** `put` never replaces a value. Two programs that put the same key at once may each store one; then the value
//!   in a program's own pack goes before those in others, and these go in the order of the names of their packs, for everyone who
//!   opens the ledger. An opened ledger keeps the value that it knows, whatever [`Ledger::refresh`] finds.
//! - **Nothing wrong is read.** Every byte of a pack stands under a checksum, and is checked each time. A damaged entry is an
//!   error that names pack, position and key, never a missing entry. [`verify`] finds all damage, [`Ledger::prune`] sets it aside.
//! - **A torn tail is no damage.** A program that is killed, or has no more room, may leave an unfinished frame at the end of its
//!   pack. Reading ends before it; nobody appends to a pack of another. Where the pack's index file knew entries there, it is no
//!   torn tail: it is damage, as the pack was longer.
//! - Files have mode 0600, a folder that is made has 0700, and nothing is in them but what callers give.
//!
//! # The folder
//!
//! | name | what it is |
//! |---|---|
//! | `w-[RUN-]TIME-RANDOM.pack` | a pack written by a program: RUN, for which run, if for one; TIME in milliseconds since 1970, 12 hex digits; RANDOM, 16 hex digits |
//! | `z-DIGEST.pack` | a pack copied by [`Ledger::merge`]: the first 32 hex digits of its BLAKE3 digest |
//! | `NAME.idx` | which entries are in `NAME.pack`; may be removed |
//! | `NAME.pack.damaged` | a pack that [`Ledger::prune`] set aside; no longer read |
//! | `.RANDOM.temp` | a file that has no name yet, or was left by a program that was killed |
//!
//! Each program makes its pack when it first puts something, and holds an advisory lock (`flock`) on it as long as it writes.
//! Where the file system has no locks, pruning is refused, and all else works.
//!
//! # A pack, byte by byte
//!
//! Numbers are little-endian; checksums are CRC-32 (as in zlib).
//!
//! | at | bytes | |
//! |---|---|---|
//! | 0 | 8 | `rescpack` |
//! | 8 | 4 | version, 1 |
//! | 12 | 4 | checksum of bytes 0 to 11; up to here every version is the same |
//! | 16 | 8 | marker: random, another in each pack |
//! | 24 | 4 | checksum of bytes 0 to 23 |
//! | 28 | | frames, without gaps |
//!
//! A frame:
//!
//! | at | bytes | |
//! |---|---|---|
//! | 0 | 8 | the pack's marker; by it reading finds the next frame behind damage |
//! | 8 | 32 | key |
//! | 40 | 4 | length of the payload, n; at least 1 |
//! | 44 | 4 | length of the value; at least n |
//! | 48 | 4 | checksum of the payload |
//! | 52 | 4 | checksum of bytes 0 to 51 |
//! | 56 | n | payload: the value, or, where that is shorter, one zstd frame of it |
//!
//! An index file: `rescidx1`, the marker, where the last frame ends (8 bytes), length of all values (8), then for each frame its
//! key and the length of its payload (4), then a checksum of all that. It is used where marker and length fit the pack; frames
//! behind it are read from the pack, and so is every value. One that fits the marker of a pack that ends earlier says that its end
//! is gone.

mod codec;
mod dir;
mod entries;
mod error;
mod flusher;
mod format;
mod index;
mod index_file;
mod info;
mod key;
mod ledger;
mod merge;
mod new_pack;
mod pack;
mod prune;
mod scan;
mod source;
mod temp;
mod verify;
mod window;
mod writer;

pub use dir::expect_packs;
pub use entries::Entries;
pub use error::{Damage, Fault, LedgerError, TornTail};
pub use format::{MAX_VALUE, VERSION};
pub use info::Info;
pub use key::{Key, NotAKey};
pub use ledger::{Access, Ledger, Put};
pub use merge::Merged;
pub use prune::Pruned;
pub use verify::{Progress, Verified, verify};
