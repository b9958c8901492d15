//! The models behind `rescue-host`: the questions put to them and the keys of these questions, clients of model servers, and the
//! embedded networks that run on the CPU.
//!
//! A client sends one request and checks that the answer keeps its server's contract. It has no policy: its caller decides on
//! slots, retries and replicas. This crate knows nothing of plugins.

mod advice;
mod body;
mod canonical;
mod chat;
mod clip;
mod coco;
mod detected;
mod entry;
mod error;
mod feature;
mod http;
mod lru;
mod models;
mod network;
mod proxies;
mod question;
mod range;
mod resize;
mod roboflow;
mod sam;
mod sam_server;
mod survey;
mod through;
mod traits;
mod wire_mask;

pub use advice::way_out;
pub use body::Encoded;
pub use canonical::canonical;
pub use chat::{ChatClient, ChatOptions, Completed, Dialect, Draw, ServerLoad};
pub use clip::ClipClient;
pub use coco::EmbeddedDetector;
pub use detected::{read_detected, write_detected};
pub use entry::{Entry, EntryError, Source};
pub use error::{AskError, Pressure, ServiceError};
pub use feature::{Feature, Features};
pub use http::{Http, Remote, Traffic, limits};
pub use models::{MODELS_DIR, Models};
pub use question::{
    Asked, ChatQuestion, ClipQuestion, DetectQuestion, FORM, Message, Operation, Part, PhotoId, Repeat, Role, Sampling,
    SegmentQuestion, Shape, asked,
};
pub use range::clamped;
pub use roboflow::{CONTRACT as ROBOFLOW, RoboflowExecutor};
pub use sam::EmbeddedExecutor;
pub use sam_server::{CONTRACT as RESCUE, SamExecutor, executor_terms};
pub use survey::{ConnectError, Survey, survey_chat, survey_plain};
pub use through::ThroughExecutor;
pub use traits::{
    BadItem, BoxFuture, Detected, Detector, Executor, Items, ModelId, Segment, Segmented, read_segmented,
    write_segmented,
};
