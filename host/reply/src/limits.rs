//! Every limit that a reply meets, in one place.

/// Length of what was said, in bytes.
pub(crate) const MAX_TEXT: usize = 1 << 20;
/// How deep JSON may nest, in a reply and in a schema.
pub(crate) const MAX_DEPTH: usize = 64;
/// Different boxes in one reply.
pub(crate) const MAX_BOXES: usize = 1024;
/// Length of a schema, in bytes: what the border lets a plugin's string have.
pub(crate) const MAX_SCHEMA: usize = 64 * 1024;
/// Values in one `enum` of a schema: each value of a reply may be compared with all of them.
pub(crate) const MAX_ENUM: usize = 256;
/// Options of a choice: a reply is searched for each of them.
pub(crate) const MAX_OPTIONS: usize = 256;
