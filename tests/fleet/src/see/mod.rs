//! How the servers see: from the pixels that they are sent, as real ones do.

mod eye;
mod layout;
mod mark;
mod picture;
mod probe;
mod thumb;

pub(crate) use eye::{Eye, Sight, View};
#[cfg(test)]
pub(crate) use layout::Region;
pub(crate) use picture::{Picture, decode, resize_mask};
