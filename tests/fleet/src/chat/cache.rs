//! A chat server's caches: pictures by `uuid`, and prompts by their prefixes. Counts queries and hits of both.

use std::fmt::Write as _;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use super::request::{ChatRequest, Piece};
use crate::limits::MAX_BLOCKS;
use crate::lru::Lru;
use crate::serve::Stats;
use crate::vision::Analysis;

/// The number of bytes of text that count as a token.
const BYTES_A_TOKEN: usize = 4;
/// The number of tokens in a block of the prefix cache.
const BLOCK: u64 = 16;
/// The side, in pixels, of the square that counts as a token.
const PIXELS_A_TOKEN: u64 = 28;

/// A chat server's caches.
#[derive(Debug)]
pub(super) struct Caches {
    pictures: Lru<String, Arc<Analysis>>,
    blocks: Lru<u64, ()>,
    prefix_queries: u64,
    prefix_hits: u64,
    picture_queries: u64,
    picture_hits: u64,
}

impl Caches {
    pub(super) fn new(pictures: usize) -> Self {
        Self {
            pictures: Lru::new(pictures),
            blocks: Lru::new(MAX_BLOCKS),
            prefix_queries: 0,
            prefix_hits: 0,
            picture_queries: 0,
            picture_hits: 0,
        }
    }

    /// Stores a picture that came with its bytes, and returns the one to use: if a picture is known by this `uuid`,
    /// that one, whatever the bytes are, as in vLLM. Without a `uuid`, the digest of the bytes takes its place.
    pub(super) fn keep(&mut self, uuid: Option<&str>, analysis: Arc<Analysis>) -> Arc<Analysis> {
        let key = uuid.map_or_else(|| format!("sha256:{}", analysis.digest), str::to_owned);
        if let Some(found) = self.find(&key) {
            return found;
        }
        self.pictures.insert(key, analysis.clone());
        analysis
    }

    /// The picture that came before under this `uuid`. `None` if there is none or it was evicted.
    pub(super) fn find(&mut self, uuid: &str) -> Option<Arc<Analysis>> {
        self.picture_queries += 1;
        let found = self.pictures.get(&uuid.to_owned()).cloned();
        self.picture_hits += u64::from(found.is_some());
        found
    }

    /// Returns the number of a prompt's tokens. Counts them, and those of them that an earlier prompt began with.
    pub(super) fn prompt(&mut self, request: &ChatRequest, analyses: &[Arc<Analysis>]) -> u64 {
        let mut analyses = analyses.iter();
        let (mut hash, mut tokens, mut hits, mut known) = (DefaultHasher::new(), 0, 0, true);
        let mut block = |hash: &mut DefaultHasher, size: u64| {
            let key = hash.finish();
            known = known && self.blocks.get(&key).is_some();
            self.blocks.insert(key, ());
            tokens += size;
            hits += if known { size } else { 0 };
        };
        for piece in &request.pieces {
            match piece {
                Piece::Text(text) => {
                    for part in text.as_bytes().chunks(BYTES_A_TOKEN * BLOCK as usize) {
                        part.hash(&mut hash);
                        block(&mut hash, part.len().div_ceil(BYTES_A_TOKEN) as u64);
                    }
                }
                Piece::Image(_) => {
                    if let Some(analysis) = analyses.next() {
                        analysis.digest.hash(&mut hash);
                        block(&mut hash, analysis.size.pixels().div_ceil(PIXELS_A_TOKEN * PIXELS_A_TOKEN));
                    }
                }
            }
        }
        self.prefix_queries += tokens;
        self.prefix_hits += hits;
        tokens
    }

    /// The server's metrics in Prometheus' text format.
    pub(super) fn metrics(&self, model: &str, stats: &Stats) -> String {
        let mut text = String::new();
        let mut line = |kind: &str, name: &str, value: f64| {
            let base = name.strip_suffix("_total").unwrap_or(name);
            let _ = writeln!(
                text,
                "# TYPE vllm:{base} {kind}\nvllm:{name}{{engine=\"0\",model_name=\"{model}\"}} {value:?}"
            );
        };
        line("gauge", "num_requests_running", stats.running as f64);
        line("gauge", "num_requests_waiting", stats.waiting as f64);
        line("gauge", "kv_cache_usage_perc", stats.running as f64 / stats.slots.max(1) as f64);
        line("counter", "prefix_cache_queries_total", self.prefix_queries as f64);
        line("counter", "prefix_cache_hits_total", self.prefix_hits as f64);
        line("counter", "mm_cache_queries_total", self.picture_queries as f64);
        line("counter", "mm_cache_hits_total", self.picture_hits as f64);
        line("counter", "num_preemptions_total", 0.0);
        line("counter", "request_success_total", stats.served.get(&200).map_or(0.0, |count| *count as f64));
        // A histogram with the one bucket that is always there.
        let name = "vllm:request_queue_time_seconds";
        let labels = format!("engine=\"0\",model_name=\"{model}\"");
        let (sum, count) = (stats.queue_seconds, stats.admitted);
        let _ = writeln!(text, "# TYPE {name} histogram\n{name}_bucket{{{labels},le=\"+Inf\"}} {count}");
        let _ = writeln!(text, "{name}_sum{{{labels}}} {sum:?}\n{name}_count{{{labels}}} {count}");
        text
    }
}
