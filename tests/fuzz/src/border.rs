//! The rules of the border, against the same rules written again from `wit/` in the plainest way: a hostile guest's steps, and a
//! host that tells it facts. Both have to agree on every step, and what is accepted has to be good for what the host does with it.

mod agree;
mod judging;
mod make;
mod naive;
mod planning;
mod requests;
mod scoring;
mod tourney;

pub(crate) use make::Maker;

/// A session of one of the four kinds, drawn from these bytes.
pub fn border(data: &[u8]) {
    let mut maker = Maker::new(data);
    match maker.below(4) {
        0 => planning::session(&mut maker),
        1 => scoring::session(&mut maker),
        2 => judging::session(&mut maker),
        _ => tourney::session(&mut maker),
    }
}
