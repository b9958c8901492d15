//! A fleet of model servers that know the truth, for tests: the contracts of vLLM, SAM and CLIP on loopback, with slots,
//! latencies and faults.
//!
//! The servers share no code with the host's clients and see only what real servers see: pixels and texts. What is on a picture
//! they find out by comparing it with the photos of their [`Scene`]s, which they know. So a host that crops, resizes, encodes or
//! marks wrongly is found out by worse answers, and [`Stats::unrecognised`] counts pictures on which nothing known was found.
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
//! # What comes of a request
//!
//! Answers depend on the fleet's seed and on what is asked; faults and latencies on the request's bytes and on how often just
//! these came before. Nothing depends on time or on the order of different requests, but for [`Latency::Load`], queues, and
//! caches that are full.
//!
//! # Faults
//!
//! GET requests (health, metrics, models) meet none but a reset connection. [`Fault::class`] says what a host has to do about
//! each.

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
mod see;
mod serve;

pub use config::{Chat, Coordinates, FleetConfig, MaskFile, Role, ServerConfig, Thinking};
pub use error::FleetError;
pub use fault::{Class, Fault, FaultPlan};
pub use fleet::{Fleet, Urls};
pub use latency::Latency;
pub use limits::{HUGE_BODY, MAX_BODY};
pub use scene::{Object, PHOTO, Scene, draw_scenes};
pub use serve::Stats;
