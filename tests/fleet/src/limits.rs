//! All limits of the fleet.

/// The largest request body that a server takes, in bytes. More is a 413.
pub const MAX_BODY: usize = 64 << 20;
/// The most pixels that a picture may have. More is a 400.
pub const MAX_PIXELS: u64 = 50_000_000;
/// The most pictures in one chat request. More is a 400.
pub const MAX_IMAGES: usize = 64;
/// The most prompts or crops in one request. More is a 400.
pub const MAX_PROMPTS: usize = 256;
/// The most answers (`n`) to one chat request. More is a 400.
pub const MAX_CHOICES: u64 = 64;
/// The most options of a choice. More is a 400.
pub const MAX_OPTIONS: usize = 256;
/// The most alternatives for each token (`top_logprobs`). More is a 400, as with vLLM's own default.
pub const MAX_LOGPROBS: u64 = 20;
/// The most values in one answer to a JSON Schema. Further ones are `null`.
pub const MAX_VALUES: usize = 1000;
/// How deep a JSON Schema is followed. Values below that are `null`.
pub const MAX_DEPTH: usize = 16;
/// The most connections of one server at once; further ones are closed.
pub const MAX_CONNECTIONS: usize = 4096;
/// How many different names of unknown fields a server remembers.
pub const MAX_NAMES: usize = 256;
/// How many characters of an unknown field's name a server remembers.
pub const MAX_NAME: usize = 64;
/// How many different request bodies a server remembers, to count them and how often each came.
pub const MAX_BODIES: usize = 1 << 20;
/// How many analyses of pictures the fleet caches.
pub const MAX_ANALYSES: usize = 8192;
/// How many resized photos the fleet caches, one for each scene and size in which it was shown.
pub const MAX_SHOWN: usize = 64;
/// How many blocks of prompts a server remembers as its prefix cache.
pub const MAX_BLOCKS: usize = 1 << 16;
/// The size of the body of [`crate::Fault::Huge`], in bytes.
pub const HUGE_BODY: u64 = 1 << 30;
/// The most scenes of a fleet.
pub const MAX_SCENES: usize = 1000;
/// The shortest and the longest side of a scene's photo, in pixels.
pub const SCENE_SIDES: std::ops::RangeInclusive<u32> = 128..=4096;
