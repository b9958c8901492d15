//! Writes and reads event logs as files.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use base64_simd::STANDARD;
use rescue_core::Digest;
use serde::{Deserialize, Serialize};

use super::{Call, Event, FORM, Header, Look, Looked, Returned, Shown, Trace};
use crate::border::rescue::plugin::types::Size;

/// An event log that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {problem}")]
pub struct TraceError {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong with it.
    pub problem: String,
}

/// A line with pixels that later events were shown.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Pixels {
    shown: Digest,
    base64: String,
}

/// A line with an event. Pixels stand in it by their digest.
#[derive(Serialize, Deserialize)]
struct EventLine {
    #[serde(flatten)]
    call: Call,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    looked: Vec<LookedLine>,
    #[serde(flatten)]
    returned: Returned,
    fuel: u64,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct LookedLine {
    look: Look,
    shown: ShownLine,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum ShownLine {
    Raster(Size, Digest),
    Number(f64),
    Text(String),
    Nothing(String),
}

/// The beginning of a line with pixels.
const PIXELS: &str = "{\"shown\":";

impl Trace {
    /// The text of the file.
    pub fn write(&self) -> String {
        let mut text = String::new();
        line(&mut text, &self.header);
        let mut written = HashSet::new();
        for event in &self.events {
            let looked = event.looked.iter().map(|looked| {
                let shown = match &looked.shown {
                    Shown::Raster(size, data) => {
                        let digest = Digest::of(data);
                        if written.insert(digest) {
                            line(
                                &mut text,
                                &Pixels { shown: digest, base64: STANDARD.encode_to_string(data.as_slice()) },
                            );
                        }
                        ShownLine::Raster(*size, digest)
                    }
                    Shown::Number(number) => ShownLine::Number(*number),
                    Shown::Text(told) => ShownLine::Text(told.clone()),
                    Shown::Nothing(why) => ShownLine::Nothing(why.clone()),
                };
                LookedLine { look: looked.look.clone(), shown }
            });
            let looked = looked.collect();
            let Event { call, returned, fuel, .. } = event.clone();
            line(&mut text, &EventLine { call, looked, returned, fuel });
        }
        text
    }

    /// Reads what [`Trace::write`] wrote.
    ///
    /// # Errors
    ///
    /// Fails if a line does not have form 1, or refers to pixels that no line before it holds. The error names the line.
    pub fn parse(text: &str) -> Result<Self, TraceError> {
        let mut lines = text.lines().zip(1..);
        let (first, _) = lines.next().ok_or_else(|| wrong(1, "the file is empty"))?;
        let header: Header = serde_json::from_str(first)
            .map_err(|error| wrong(1, &format!("not the header of an event log: {error}")))?;
        if header.trace != FORM {
            return Err(wrong(1, &format!("the event log is of form {}; this host reads form {FORM}", header.trace)));
        }
        let mut pixels: HashMap<Digest, Arc<Vec<u8>>> = HashMap::new();
        let mut events = Vec::new();
        for (text, number) in lines {
            if text.starts_with(PIXELS) {
                let (digest, data) = read_pixels(text).map_err(|problem| wrong(number, &problem))?;
                pixels.insert(digest, Arc::new(data));
                continue;
            }
            let EventLine { call, looked, returned, fuel } = serde_json::from_str(text)
                .map_err(|error| wrong(number, &format!("not an event of form {FORM}: {error}")))?;
            let looked =
                looked.into_iter().map(|LookedLine { look, shown }| Ok(Looked { look, shown: find(shown, &pixels)? }));
            let looked = looked.collect::<Result<_, String>>().map_err(|problem| wrong(number, &problem))?;
            events.push(Event { call, looked, returned, fuel });
        }
        Ok(Self { header, events })
    }
}

fn read_pixels(text: &str) -> Result<(Digest, Vec<u8>), String> {
    let Pixels { shown, base64 } =
        serde_json::from_str(text).map_err(|error| format!("not the pixels of an event: {error}"))?;
    let data = STANDARD.decode_to_vec(base64.as_bytes()).map_err(|_| "its pixels are not base64")?;
    if Digest::of(&data) == shown { Ok((shown, data)) } else { Err("its pixels are not those of its digest".into()) }
}

/// Puts the pixels back in place of their digest.
fn find(line: ShownLine, pixels: &HashMap<Digest, Arc<Vec<u8>>>) -> Result<Shown, String> {
    Ok(match line {
        ShownLine::Raster(size, digest) => {
            let data =
                pixels.get(&digest).ok_or_else(|| format!("the pixels {} stand nowhere before it", digest.short()))?;
            Shown::Raster(size, data.clone())
        }
        ShownLine::Number(number) => Shown::Number(number),
        ShownLine::Text(text) => Shown::Text(text),
        ShownLine::Nothing(why) => Shown::Nothing(why),
    })
}

fn wrong(line: usize, problem: &str) -> TraceError {
    TraceError { line, problem: problem.into() }
}

/// Appends a line of JSON. Writing cannot fail: the keys of all these types are texts.
fn line(text: &mut String, value: &impl Serialize) {
    text.push_str(&serde_json::to_string(value).unwrap_or_default());
    text.push('\n');
}
