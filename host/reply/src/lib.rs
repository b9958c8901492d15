//! Reads what models reply: whether a body keeps the contract of chat services, what was said in it and what was only thought,
//! and choices, JSON and places out of what was said.
//!
//! Everything here is a pure function of a reply, so that a better reader improves old ledgers. What cannot be read is
//! [`Unreadable`], with the reason; nothing is guessed. Repairs are made only where there is one way to read a text, and are
//! reported.

mod boxes;
mod choice;
mod contract;
mod json;
mod limits;
mod parser;
mod said;
mod schema;
mod unreadable;

pub use boxes::{Boxes, Convention, Found, Frame, boxes, fitting};
pub use choice::{Chosen, choice};
pub use contract::{Breach, contract};
pub use json::{Json, json};
pub use said::{Said, Thinking, Token, said};
pub use schema::{Schema, UnsupportedSchema};
pub use unreadable::Unreadable;
