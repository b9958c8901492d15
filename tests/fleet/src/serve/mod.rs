//! What every server does, whatever it answers: connections, slots, latencies, faults, accounts.

mod answer;
mod body;
mod metronome;
mod record;
mod server;
mod slots;
mod wire;

pub(crate) use answer::{Answer, Call, Model, object_of, picture_bytes, refusal, text_of};
pub(crate) use metronome::Metronome;
pub(crate) use record::Note;
pub use record::Stats;
pub(crate) use server::{Command, Server};
