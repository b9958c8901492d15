//! A choice.

use crate::{Said, Unreadable};

/// An option that was chosen.
#[derive(Clone, Debug, PartialEq)]
pub struct Chosen {
    /// Which.
    pub index: usize,
    /// Probabilities of the options, in their order; empty where the server gives none.
    pub weights: Vec<f64>,
}

/// Which one of the options was chosen.
pub fn choice(said: &Said, options: &[String]) -> Result<Chosen, Unreadable> {
    let text = crate::unreadable::whole_answer(said)?;
    match options.iter().position(|option| option == text) {
        Some(index) => Ok(Chosen { index, weights: Vec::new() }),
        None => Err(Unreadable::new("not read yet")),
    }
}
