//! Compares the rules of the border with a simple reference implementation of `wit/`, on sessions of a hostile guest
//! and a host that tells it facts. Both have to agree on every step, and the host must be able to work with every step
//! that is accepted.

mod common;
mod compare;
mod generate;
mod judging;
mod planning;
mod requests;
mod scoring;
mod tourney;

pub(crate) use generate::Generator;

/// Plays a session of one of the four kinds, which is drawn from these bytes.
pub fn border(data: &[u8]) {
    let mut generator = Generator::new(data);
    match generator.below(4) {
        0 => planning::session(&mut generator),
        1 => scoring::session(&mut generator),
        2 => judging::session(&mut generator),
        _ => tourney::session(&mut generator),
    }
}
