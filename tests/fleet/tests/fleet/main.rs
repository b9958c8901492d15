//! Tests of the fleet from a client's side, over plain sockets.
#![allow(clippy::indexing_slicing, clippy::unwrap_used, reason = "a test that panics has failed, as it should")]

mod chat;
mod clip;
mod drawing;
mod faults;
mod http;
mod kinds;
mod marks;
mod program;
mod sam;
mod slots;
