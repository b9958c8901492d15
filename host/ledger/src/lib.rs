//! The content-addressed record of questions and answers. It maps keys of 32 bytes to values of 1 byte to 64 MiB.
//!
//! A ledger is a folder that only grows: a stored value is never replaced. Many processes can write to it at once, also on
//! network file systems. A process that is killed does not harm it.
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
//! # Guarantees
//!
//! - **Commit before return.** When [`Ledger::put`] returns, the entry is in the file, and killing the process does not lose it.
//!   The file is synced to disk about once a second, by [`Ledger::flush`], and when a ledger is dropped. A power failure may
//!   therefore lose or damage the entries of about the last second.
//! - **One answer.** `put` never replaces a value. Two processes that put the same key at once may each store a value. Then a
//!   ledger prefers the value in its own pack; among the other packs, the first in the order of their names counts, for everyone
//!   who opens the ledger. An open ledger keeps returning the value it knows, whatever [`Ledger::refresh`] finds.
//! - **No wrong value is read.** A checksum covers every byte of a pack and is checked on each read. Reading a damaged entry is
//!   an error that names pack, position and key; the entry is never reported as missing. [`verify`] finds all damage,
//!   [`Ledger::prune`] sets damaged packs aside.
//! - **A torn tail is not damage.** A process that is killed, or that runs out of disk space, may leave an unfinished frame at the
//!   end of its pack. Readers stop before it, and no other process appends to that pack. If the pack's index file lists entries
//!   beyond that point, the pack was once longer, so it counts as damaged.
//! - Files have mode 0600 and a newly created folder has mode 0700. They contain only what callers store.
//!
//! # The folder
//!
//! | name | content |
//! |---|---|
//! | `w-[RUN-]TIME-RANDOM.pack` | a pack written by one process: RUN is the name of its run, if any; TIME is milliseconds since 1970, 12 hex digits; RANDOM is 16 hex digits |
//! | `z-DIGEST.pack` | a pack copied by [`Ledger::merge`]: DIGEST is the first 32 hex digits of its BLAKE3 digest |
//! | `NAME.idx` | the list of the entries in `NAME.pack`; it is rebuilt if it is removed |
//! | `NAME.pack.damaged` | a pack that [`Ledger::prune`] set aside; it is no longer read |
//! | `.RANDOM.temp` | a file that is being written, or was left by a process that was killed |
//!
//! Each process creates its pack at its first `put` and holds an advisory lock (`flock`) on it while it may write. On a file
//! system without locks, pruning is refused and everything else works.
//!
//! # Pack format
//!
//! Numbers are little-endian; checksums are CRC-32 (as in zlib).
//!
//! | at | bytes | |
//! |---|---|---|
//! | 0 | 8 | `rescpack` |
//! | 8 | 4 | version, 1 |
//! | 12 | 4 | checksum of bytes 0 to 11; up to here every version has the same layout |
//! | 16 | 8 | marker: random bytes, different in each pack |
//! | 24 | 4 | checksum of bytes 0 to 23 |
//! | 28 | | frames, without gaps |
//!
//! A frame:
//!
//! | at | bytes | |
//! |---|---|---|
//! | 0 | 8 | the pack's marker, by which a reader finds the next frame after damage |
//! | 8 | 32 | key |
//! | 40 | 4 | length of the payload, n; at least 1 |
//! | 44 | 4 | length of the value; at least n |
//! | 48 | 4 | checksum of the payload |
//! | 52 | 4 | checksum of bytes 0 to 51 |
//! | 56 | n | payload: one zstd frame of the value if that is shorter, else the value itself |
//!
//! An index file: `rescidx1`, the pack's marker, the position at which the last frame ends (8 bytes), the total length of the
//! values (8), then for each frame its key and the length of its payload (4), then a checksum of all that. It is used if its
//! marker is the pack's and the pack is long enough. Later frames, and every value, are read from the pack. If the marker is the
//! pack's but the pack ends earlier than its index file says, the end of the pack is missing.

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
mod pack_reader;
mod prune;
mod scan;
mod temp;
mod verify;
mod window;
mod writer;

pub use dir::expect_packs;
pub use entries::Entries;
pub use error::{Damage, Fault, LedgerError, TornTail};
pub use format::{MAX_VALUE, VERSION};
pub use info::Info;
pub use key::{InvalidKey, Key};
pub use ledger::{Access, Ledger, Put};
pub use merge::Merged;
pub use prune::Pruned;
pub use verify::{Progress, Verified, verify};
