//! The fleet as its clients see it, over plain sockets.
#![allow(clippy::indexing_slicing, clippy::unwrap_used, reason = "a test that panics has failed, as it should")]

mod chat;
mod clip;
mod drawing;
mod faults;
mod kinds;
mod program;
mod sam;
mod seeing;
mod slots;
mod wire;
