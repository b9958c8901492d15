//! `--timeline FILE`: when each sample, request and picture was worked on, as a trace that <https://ui.perfetto.dev> opens.
//!
//! The library tells of its work by `tracing` spans with a field `track`: the sample, the service, or "drawing". Each span becomes a slice on
//! its track, in the lowest lane in which nothing else is under way. Events with a `track` are counters.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use anyhow::{Context as _, Result};
use rescue_pipeline::WriteError;
use serde_json::{Map, Value, json};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::layer::{Context, SubscriberExt as _};
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::{Layer, Registry};

#[cfg(feature = "otlp")]
use crate::otlp;
use crate::print;

/// The trace that is being written. `None` if none is.
static TRACE: Mutex<Option<Arc<Mutex<Trace>>>> = Mutex::new(None);

/// Those who watch the run. Dropping it writes and sends what is left.
pub struct Watchers {
    #[cfg(feature = "otlp")]
    _exporter: Option<otlp::Exporter>,
}

/// Begins to write the trace of this program into `file`; `None` writes none.
///
/// # Errors
///
/// Returns an error if the file cannot be created, or the collector's address cannot be read.
pub fn begin(file: Option<&Path>) -> Result<Watchers> {
    let trace = file.map(Trace::create).transpose()?;
    let own = |metadata: &Metadata<'_>| metadata.target().starts_with("rescue_");
    let slices = trace.clone().map(|trace| Slices(trace).with_filter(filter_fn(own)));
    let subscriber = Registry::default().with(slices);
    let is_watched = trace.is_some();
    #[cfg(feature = "otlp")]
    let (is_watched, subscriber, exporter) = {
        let (layer, exporter) = otlp::begin()?.unzip();
        let spans = filter_fn(move |metadata| metadata.is_span() && own(metadata));
        (is_watched || exporter.is_some(), subscriber.with(layer.map(|layer| layer.with_filter(spans))), exporter)
    };
    if is_watched {
        tracing::subscriber::set_global_default(subscriber).context("spans cannot be collected")?;
    }
    *TRACE.lock().unwrap_or_else(PoisonError::into_inner) = trace;
    Ok(Watchers {
        #[cfg(feature = "otlp")]
        _exporter: exporter,
    })
}

/// Writes the end of the trace, if there is one that has not ended.
pub fn end() {
    let trace = TRACE.lock().unwrap_or_else(PoisonError::into_inner).take();
    trace.iter().for_each(|trace| trace.lock().unwrap_or_else(PoisonError::into_inner).end());
}

impl Drop for Watchers {
    fn drop(&mut self) {
        end();
    }
}

/// A trace, written event by event.
struct Trace {
    file: PathBuf,
    /// `None` once it cannot be written any more, or has ended.
    out: Option<Box<dyn Write + Send>>,
    start: Instant,
    tracks: BTreeMap<String, Track>,
}

struct Track {
    number: usize,
    /// For each lane, whether something is under way in it.
    lanes: Vec<bool>,
}

/// A slice that has begun.
struct Slice {
    track: String,
    lane: usize,
    begun: Instant,
    fields: Map<String, Value>,
}

impl Trace {
    fn create(file: &Path) -> Result<Arc<Mutex<Self>>> {
        let out = File::create(file).map_err(|cause| WriteError { file: file.to_owned(), cause })?;
        Ok(Arc::new(Mutex::new(Self::new(file, Box::new(BufWriter::new(out))))))
    }

    fn new(file: &Path, out: Box<dyn Write + Send>) -> Self {
        let mut trace = Self { file: file.to_owned(), out: Some(out), start: Instant::now(), tracks: BTreeMap::new() };
        trace.attempt(|out| out.write_all(b"[\n"));
        trace
    }

    /// Writes something. A trace that cannot be written ends with a warning, and the run goes on.
    fn attempt(&mut self, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) {
        if let Some(Err(error)) = self.out.as_mut().map(|out| write(out.as_mut())) {
            self.out = None;
            print::note(&format!("warning: the timeline {} is cut off: {error}", self.file.display()));
        }
    }

    /// Writes an event.
    fn write(&mut self, event: &Value) {
        self.attempt(|out| writeln!(out, "{event},"));
    }

    fn end(&mut self) {
        // The last event has no comma behind it.
        let last = json!({"ph": "M", "name": "trace_end", "pid": 0});
        self.attempt(|out| writeln!(out, "{last}\n]").and_then(|()| out.flush()));
        self.out = None;
    }

    /// The number of a track, which is announced at its first event.
    fn number(&mut self, name: &str) -> usize {
        if let Some(track) = self.tracks.get(name) {
            return track.number;
        }
        let number = self.tracks.len() + 1;
        self.tracks.insert(name.to_owned(), Track { number, lanes: Vec::new() });
        self.write(&json!({"ph": "M", "name": "process_name", "pid": number, "args": {"name": name}}));
        number
    }

    fn begin(&mut self, track: String, fields: Map<String, Value>) -> Slice {
        self.number(&track);
        let lanes = self.tracks.get_mut(&track).map(|track| &mut track.lanes);
        let lane = lanes.map_or(0, |lanes| {
            let free = lanes.iter().position(|busy| !busy).unwrap_or(lanes.len());
            lanes.resize(lanes.len().max(free + 1), false);
            lanes.iter_mut().skip(free).take(1).for_each(|busy| *busy = true);
            free
        });
        Slice { track, lane, begun: Instant::now(), fields }
    }

    fn finish(&mut self, name: &str, slice: Slice) {
        let Slice { track, lane, begun, fields } = slice;
        let (number, start, duration) = (self.number(&track), micros(self.start, begun), micros(begun, Instant::now()));
        if let Some(track) = self.tracks.get_mut(&track) {
            track.lanes.iter_mut().skip(lane).take(1).for_each(|busy| *busy = false);
        }
        self.write(&json!({
            "ph": "X", "name": name, "pid": number, "tid": lane, "ts": start, "dur": duration, "args": fields,
        }));
    }

    fn count(&mut self, name: &str, track: &str, fields: &Map<String, Value>) {
        let (number, now) = (self.number(track), micros(self.start, Instant::now()));
        self.write(&json!({"ph": "C", "name": name, "pid": number, "ts": now, "args": fields}));
    }
}

fn micros(from: Instant, to: Instant) -> f64 {
    to.saturating_duration_since(from).as_secs_f64() * 1e6
}

/// The fields of a span or event.
#[derive(Default)]
struct Fields(Map<String, Value>);

impl Fields {
    /// Takes the track out.
    fn take_track(&mut self) -> Option<String> {
        match self.0.remove("track") {
            Some(Value::String(track)) => Some(track),
            _ => None,
        }
    }
}

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        self.0.insert(field.name().to_owned(), format!("{value:?}").into());
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name().to_owned(), value.into());
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.0.insert(field.name().to_owned(), value.into());
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.0.insert(field.name().to_owned(), value.into());
    }
}

/// Turns the spans of this program's libraries into slices.
struct Slices(Arc<Mutex<Trace>>);

impl Slices {
    fn with<T>(&self, work: impl FnOnce(&mut Trace) -> T) -> T {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Slices {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let mut fields = Fields::default();
        attributes.record(&mut fields);
        if let (Some(track), Some(span)) = (fields.take_track(), context.span(id)) {
            let slice = self.with(|trace| trace.begin(track, fields.0));
            span.extensions_mut().insert(slice);
        }
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        let mut fields = Fields::default();
        values.record(&mut fields);
        if let Some(span) = context.span(id)
            && let Some(slice) = span.extensions_mut().get_mut::<Slice>()
        {
            slice.fields.extend(fields.0);
        }
    }

    fn on_close(&self, id: Id, context: Context<'_, S>) {
        let Some(span) = context.span(&id) else { return };
        let slice = span.extensions_mut().remove::<Slice>();
        if let Some(slice) = slice {
            self.with(|trace| trace.finish(span.name(), slice));
        }
    }

    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let mut fields = Fields::default();
        event.record(&mut fields);
        if let Some(track) = fields.take_track() {
            self.with(|trace| trace.count("slots", &track, &fields.0));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slices_of_one_lane_do_not_overlap() {
        let mut trace = Trace::new(Path::new("a"), Box::new(Vec::new()));
        let mut begin = |track: &str| trace.begin(track.to_owned(), Map::new());
        let (first, second, other) = (begin("verifier"), begin("verifier"), begin("clip"));
        assert_eq!((first.lane, second.lane, other.lane), (0, 1, 0));
        trace.finish("request", first);
        let third = trace.begin("verifier".to_owned(), Map::new());
        assert_eq!(third.lane, 0);
    }

    #[test]
    fn a_trace_that_cannot_be_written_ends_and_nothing_fails() {
        struct Full;
        impl Write for Full {
            fn write(&mut self, _: &[u8]) -> io::Result<usize> {
                Err(io::Error::other("full"))
            }
            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        let mut trace = Trace::new(Path::new("a"), Box::new(Full));
        trace.count("slots", "clip", &Map::new());
        trace.end();
        assert!(trace.out.is_none());
    }
}
