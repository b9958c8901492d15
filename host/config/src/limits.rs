//! Every limit that a configuration meets, besides the ranges of its keys, in one place.

/// Size of a configuration file, in bytes.
pub const FILE_BYTES: u64 = 1 << 20;
/// Levels of lists and tables within one value.
pub const DEPTH: usize = 16;
/// Servers behind one service.
pub const REPLICAS: usize = 64;
/// Characters of a key or a value that a message repeats.
pub const SHOWN: usize = 80;
/// Length of a key for which a likeness is looked for, in bytes.
pub const LIKENESS_BYTES: usize = 64;
