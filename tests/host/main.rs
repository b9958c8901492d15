//! End-to-end tests of the host, with good input, bad input and hostile plugins.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that panics has failed, as it should"
)]

mod alone;
mod arrows;
mod bad_image;
mod bad_models;
mod bad_output;
mod bad_plugin;
mod bad_words;
mod bombs;
mod border;
mod check;
mod datasets;
mod docs;
mod formats;
mod lists;
mod polygons;
mod python;
mod rehearsal;
mod repeats;
mod results;
mod retrace;
mod services;
mod swap;
mod voc;
mod zoo;
