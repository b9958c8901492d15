//! What all servers have in common: connections, slots, latencies, faults and statistics.

mod answer;
mod body;
mod connection;
mod record;
mod server;
mod slots;
mod timer;

pub(crate) use answer::{Answer, Call, Model, object_of, picture_bytes, refusal, text_of};
pub(crate) use record::Note;
pub use record::Stats;
pub(crate) use server::{Command, Server};
pub(crate) use timer::PreciseTimer;
