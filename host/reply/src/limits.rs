//! The limits for replies and schemas.

/// Maximum length of an answer, in bytes.
pub(crate) const MAX_TEXT: usize = 1 << 20;
/// Maximum depth of nested JSON and brackets, in a reply and in a schema.
pub(crate) const MAX_DEPTH: usize = 64;
/// Maximum number of different boxes in one reply.
pub(crate) const MAX_BOXES: usize = 1024;
/// Maximum length of a schema, in bytes. A string from a plugin may not be longer either.
pub(crate) const MAX_SCHEMA: usize = 64 * 1024;
/// Maximum number of values in one `enum` of a schema, because each value of a reply may be compared with all of them.
pub(crate) const MAX_ENUM: usize = 256;
/// Maximum number of options of a choice, because a reply is searched for each of them.
pub(crate) const MAX_OPTIONS: usize = 256;
