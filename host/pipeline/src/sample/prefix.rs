//! The first hypotheses of a search, apart from the later ones.

use rescue_plugin::Measured;
use rescue_plugin::border::rescue::plugin::types::{Gone, Standing};

/// What became of the first hypotheses of a search. It holds all that a choice among them may know: no later hypothesis, and nothing that
/// was computed from one, can be reached from it.
#[derive(Clone, Debug)]
pub(crate) struct Prefix {
    /// Those that have a mask, near duplicates too, in the order of ids.
    pub(super) candidates: Vec<Measured>,
    /// Those of them that take part.
    pub(super) entered: Vec<Measured>,
    /// Those that do not, in the order of ids.
    pub(super) gone: Vec<Gone>,
    /// What only all candidates that take part tell of each of them.
    pub(super) standings: Vec<Standing>,
}
