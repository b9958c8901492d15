//! Reads the replies of models. It checks the shape of a chat completion, separates the answer from the thinking, and extracts
//! choices, JSON, and boxes and points from the answer.
//!
//! All functions are pure, so a better reader also reads old ledgers better. An answer that cannot be read gives [`Unreadable`]
//! with the reason; nothing is guessed. A text is repaired only if it can be read in just one way, and the repair is reported.

mod boxes;
mod choice;
mod contract;
mod json;
mod limits;
mod parser;
mod said;
mod schema;
mod tags;
mod unreadable;

pub use boxes::{BOX_2D_NOTE, Boxes, Convention, Found, Frame, boxes, fitting};
pub use choice::{Chosen, choice};
pub use contract::{Breach, contract};
pub use json::{Json, json};
pub use said::{Instead, Said, Thinking, Token, said};
pub use schema::{Schema, UnsupportedSchema};
pub use unreadable::{Unreadable, answer};
