//! Data sets of referring and reasoning segmentation: photos, sentences, and the true masks.
//!
//! This crate knows nothing of searches, and nothing of searches knows this crate: a true mask cannot reach one.

mod bytes;
mod choice;
mod coco;
mod dataset;
mod error;
mod folder;
mod images;
mod item;
mod labelme;
mod muse;
mod names;
mod npy;
mod pickle;
mod polygon;
mod reasonseg;
mod refcoco;
mod rows;
mod shape;
mod text;
mod truth;

pub use self::choice::Choice;
pub use self::dataset::{Dataset, Kind, Source};
pub use self::error::DatasetError;
pub use self::item::{ImageSource, Item};
pub use self::rows::Row;
pub use self::truth::Truth;
