//! A fleet of fake model servers for tests: the HTTP contracts of vLLM, SAM and CLIP on loopback, with slots, latencies
//! and faults. No model runs: each server computes its answer from the ground truth of synthetic photos.
//!
//! The servers share no code with the host's clients and get only what real servers get: pixels and texts. They find
//! out what a picture shows by comparing it with the photos of the [`Scene`]s that they were started with. So a host
//! that crops, resizes, encodes or marks wrongly gets worse answers, and [`Stats::unrecognised`] counts the pictures
//! that show no known photo.
//!
//! ```
//! use rescue_fleet::{Fault, FaultPlan, Fleet, FleetConfig, PHOTO, Role, ServerConfig, draw_scenes};
//!
//! let flaky = ServerConfig { faults: FaultPlan::none().with(Fault::Error, 0.2), ..ServerConfig::default() };
//! let scenes = draw_scenes(7, 2, &[PHOTO])?;
//! let fleet = Fleet::start(FleetConfig { scenes, clip: flaky, seed: 7, ..FleetConfig::default() })?;
//! assert!(fleet.urls().planner.starts_with("http://127.0.0.1:"));
//! fleet.set_faults(Role::Clip, FaultPlan::none())?;
//! assert_eq!(fleet.stats(Role::Clip).requests, 0);
//! fleet.stop();
//! # Ok::<(), rescue_fleet::FleetError>(())
//! ```
//!
//! # What an answer depends on
//!
//! Answers depend on the fleet's seed and on what is asked. Faults and latencies depend on the request's bytes and on
//! how often the same bytes came before. Nothing depends on time or on the order of different requests, except for
//! [`Latency::Load`], queues, and caches that are full.
//!
//! # Faults
//!
//! GET requests (health, metrics, models) meet no fault but a refused connection. [`Fault::class`] says what a host has
//! to do about each fault.

mod chat;
mod clip;
mod config;
mod error;
mod fault;
mod fleet;
mod latency;
mod limits;
mod lock;
mod lru;
mod sam;
mod scene;
mod serve;
mod vision;

pub use config::{Chat, Coordinates, FleetConfig, MaskFile, Role, ServerConfig, Thinking};
pub use error::FleetError;
pub use fault::{Class, Fault, FaultPlan};
pub use fleet::{Fleet, Urls};
pub use latency::Latency;
pub use limits::{HUGE_BODY, MAX_BODY};
pub use scene::{Object, PHOTO, Scene, draw_scenes};
pub use serve::Stats;
