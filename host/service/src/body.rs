//! The bodies of requests: JSON with files in base64. A body holds its files as they are, shared with whoever else sends them, and turns them
//! into base64 piece by piece while it is sent: no request has a copy of its own.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::io::Read;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use hyper::body::{Body as HttpBody, Bytes, Frame, SizeHint};
use rescue_mask::jpeg::{File, FileReader};
use serde::Serialize;

use crate::http::Traffic;

/// How much of a file is turned into base64 at a time, in bytes: a multiple of three, so that the pieces can be joined.
const PIECE: usize = 48 << 10;

/// A picture file, shared by all requests that contain it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Encoded {
    uuid: [u8; 32],
    file: Arc<File>,
}

impl Encoded {
    /// A JPEG file.
    pub fn jpeg(file: File) -> Self {
        let (mut hasher, mut reader) = (blake3::Hasher::new(), FileReader::new(&file));
        // The pieces of the file are short, and a hash of many bytes at a time is faster.
        let mut buffer = vec![0; PIECE];
        while let Ok(read @ 1..) = reader.read(&mut buffer) {
            hasher.update(buffer.get(..read).unwrap_or_default());
        }
        Self { uuid: *hasher.finalize().as_bytes(), file: Arc::new(file) }
    }

    /// BLAKE3 of the file. A hash of the content cannot make a server mistake one picture for another, as a name could.
    pub fn uuid(&self) -> &[u8; 32] {
        &self.uuid
    }

    /// About how much memory the picture takes for itself, in bytes.
    pub fn own_bytes(&self) -> usize {
        self.file.own_bytes()
    }

    /// The length of the file in base64.
    fn base64_length(&self) -> u64 {
        self.file.length().div_ceil(3) as u64 * 4
    }
}

/// A body of JSON, from its first byte on.
#[derive(Clone, Debug, Default)]
pub(crate) struct Body {
    /// All but the last text.
    parts: VecDeque<Part>,
    text: Vec<u8>,
}

#[derive(Clone, Debug)]
enum Part {
    Json(Vec<u8>),
    Base64(Encoded),
}

impl Body {
    /// Adds JSON as it is.
    pub(crate) fn raw(mut self, json: &str) -> Self {
        self.text.extend_from_slice(json.as_bytes());
        self
    }

    /// Adds a value as JSON.
    pub(crate) fn json(mut self, value: &impl Serialize) -> Result<Self, serde_json::Error> {
        serde_json::to_writer(&mut self.text, value)?;
        Ok(self)
    }

    /// Adds the fields of an object, without its braces.
    pub(crate) fn fields(
        mut self,
        object: &serde_json::Map<String, serde_json::Value>,
    ) -> Result<Self, serde_json::Error> {
        for (number, (name, value)) in object.iter().enumerate() {
            self = self.raw(if number == 0 { "" } else { "," }).json(name)?.raw(":").json(value)?;
        }
        Ok(self)
    }

    /// Adds a file in base64, to stand inside a string.
    pub(crate) fn base64(mut self, file: &Encoded) -> Self {
        self.parts.push_back(Part::Json(std::mem::take(&mut self.text)));
        self.parts.push_back(Part::Base64(file.clone()));
        self
    }

    /// BLAKE3 of the body in hexadecimal digits, in which the [`Encoded::uuid`] of each file stands in its place.
    pub(crate) fn digest(&self) -> String {
        let mut hasher = blake3::Hasher::new();
        for part in &self.parts {
            match part {
                Part::Json(text) => hasher.update(text),
                Part::Base64(file) => hasher.update(file.uuid()),
            };
        }
        hasher.update(&self.text).finalize().to_hex().to_string()
    }

    /// The body to send. What has left it is counted in `traffic`.
    pub(crate) fn send(mut self, traffic: Arc<Traffic>) -> Sent {
        self.parts.push_back(Part::Json(self.text));
        let lengths = self.parts.iter().map(|part| match part {
            Part::Json(text) => text.len() as u64,
            Part::Base64(file) => file.base64_length(),
        });
        Sent { left: lengths.sum(), parts: self.parts, reader: None, traffic }
    }
}

/// A body on its way.
pub(crate) struct Sent {
    /// The bytes to come.
    left: u64,
    parts: VecDeque<Part>,
    /// The file that is being sent.
    reader: Option<FileReader<Arc<File>>>,
    traffic: Arc<Traffic>,
}

impl Sent {
    /// The next bytes; empty at the end.
    fn next(&mut self) -> Bytes {
        loop {
            if let Some(reader) = &mut self.reader {
                let mut piece = Vec::with_capacity(PIECE);
                // Reading from memory does not fail.
                let read = reader.take(PIECE as u64).read_to_end(&mut piece).unwrap_or_default();
                if read > 0 {
                    return base64_simd::STANDARD.encode_type::<Vec<u8>>(&piece).into();
                }
                self.reader = None;
            }
            match self.parts.pop_front() {
                Some(Part::Json(text)) if text.is_empty() => {}
                Some(Part::Json(text)) => return text.into(),
                Some(Part::Base64(file)) => self.reader = Some(FileReader::new(file.file)),
                None => return Bytes::new(),
            }
        }
    }
}

impl HttpBody for Sent {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let sent = self.get_mut();
        let bytes = sent.next();
        sent.left = sent.left.saturating_sub(bytes.len() as u64);
        sent.traffic.add_sent(bytes.len());
        Poll::Ready((!bytes.is_empty()).then(|| Ok(Frame::data(bytes))))
    }

    fn is_end_stream(&self) -> bool {
        self.left == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left)
    }
}

#[cfg(test)]
impl Body {
    /// The whole body as JSON.
    pub(crate) fn to_json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.to_bytes()).unwrap()
    }

    fn to_bytes(&self) -> Vec<u8> {
        let mut sent = self.clone().send(Arc::default());
        let mut bytes = Vec::new();
        loop {
            match sent.next() {
                next if next.is_empty() => return bytes,
                next => bytes.extend_from_slice(&next),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use rescue_core::Size;
    use serde_json::json;

    use super::*;

    fn picture(size: Size) -> Encoded {
        let pixels: Vec<u8> = (0..size.pixels() * 3).map(|at| (at * at % 251) as u8).collect();
        Encoded::jpeg(rescue_mask::jpeg::Base::new(size, pixels, 90).unwrap().file().clone())
    }

    #[test]
    fn files_stand_in_base64_in_their_places() {
        // Longer than one piece, and shorter.
        for size in [Size::new(600, 400), Size::new(9, 9)] {
            let picture = picture(size);
            let bytes = picture.file.to_vec();
            assert_eq!(picture.uuid(), blake3::hash(&bytes).as_bytes());
            let body = Body::default().raw("{\"a\":\"").base64(&picture).raw("\",\"b\":").json(&"\"").unwrap().raw("}");
            let base64 = base64_simd::STANDARD.encode_to_string(&bytes);
            assert_eq!(body.to_json(), json!({"a": base64, "b": "\""}));
            let sent = body.clone().send(Arc::default());
            assert_eq!(sent.size_hint().exact(), Some(body.to_bytes().len() as u64));
            assert!(!sent.is_end_stream());
        }
    }

    #[test]
    fn the_digest_is_of_the_text_and_the_files() {
        let body = |text: &str, side| Body::default().raw(text).base64(&picture(Size::new(side, 9))).digest();
        assert_eq!(body("a", 9), body("a", 9));
        assert!(body("a", 9) != body("b", 9) && body("a", 9) != body("a", 10));
    }
}
