//! The limits of a configuration, besides the ranges of its keys.

/// Maximum size of a configuration file, in bytes.
pub const FILE_BYTES: u64 = 1 << 20;
/// Maximum number of nested lists and tables within one value.
pub const DEPTH: usize = 16;
/// Maximum number of servers of one service.
pub const REPLICAS: usize = 64;
/// Maximum number of characters of a key or value that a message repeats.
pub const SHOWN: usize = 80;
/// Maximum length of an unknown key for which a similar one is suggested, in bytes.
pub const SIMILARITY_BYTES: usize = 64;
