//! Bodies of HTTP answers: whole, slow, cut off or huge.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use hyper::body::{Body, Frame, SizeHint};
use tokio::time::{Sleep, sleep};

/// The pause between two bytes of a body that trickles.
const DRIP: Duration = Duration::from_millis(50);

/// The pause between the first half of a body and the reset. Without it, the half would stay in a buffer here.
const BEFORE_RESET: Duration = Duration::from_millis(20);

/// The size of the pieces of a huge body, in bytes.
const CHUNK: usize = 64 << 10;

/// How a body is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Manner {
    /// All at once.
    Whole,
    /// One byte at a time, with pauses.
    Drip,
    /// The first half, then an error.
    Half,
    /// The given bytes, then `a`s up to this length.
    Padded {
        /// The number of bytes in all.
        length: u64,
        /// Whether the length is sent in `Content-Length`.
        told: bool,
    },
}

/// A body, and a value that is kept until it is written: the guard of the request, with its slot.
pub(super) struct Reply<Kept> {
    bytes: Bytes,
    manner: Manner,
    sent: u64,
    filler: Bytes,
    pause: Option<Pin<Box<Sleep>>>,
    done: Box<dyn FnOnce(&mut Kept) + Send + Sync>,
    kept: Option<Kept>,
}

impl<Kept> Reply<Kept> {
    /// Calls `done` when everything was written. `kept` is dropped then, or with the body.
    pub(super) fn new(
        bytes: Bytes,
        manner: Manner,
        kept: Kept,
        done: impl FnOnce(&mut Kept) + Send + Sync + 'static,
    ) -> Self {
        let (filler, pause, done) = (Bytes::new(), None, Box::new(done));
        let mut reply = Self { bytes, manner, sent: 0, filler, pause, done, kept: Some(kept) };
        if reply.bytes.is_empty() && manner == Manner::Whole {
            // An empty body is never polled.
            reply.finish();
        }
        reply
    }

    fn finish(&mut self) {
        if let Some(mut kept) = self.kept.take() {
            std::mem::replace(&mut self.done, Box::new(|_| ()))(&mut kept);
        }
    }

    /// The next bytes. `None` at the end.
    fn next(&mut self) -> Result<Option<Bytes>, Cut> {
        let whole = self.bytes.len();
        let take = match self.manner {
            Manner::Whole => whole,
            Manner::Drip => whole.min(1),
            Manner::Half if self.sent == 0 && whole > 1 => whole / 2,
            Manner::Half => return Err(Cut),
            Manner::Padded { length, .. } if self.bytes.is_empty() => {
                if self.filler.is_empty() {
                    self.filler = BytesMut::from(vec![b'a'; CHUNK].as_slice()).freeze();
                }
                let left = usize::try_from(length - self.sent.min(length)).unwrap_or(CHUNK).min(CHUNK);
                self.sent += left as u64;
                return Ok((left > 0).then(|| self.filler.slice(..left)));
            }
            Manner::Padded { .. } => whole,
        };
        self.sent += take as u64;
        Ok((take > 0).then(|| self.bytes.split_to(take)))
    }
}

/// The error that cuts a body or a connection off.
#[derive(Debug)]
pub(super) struct Cut;

impl std::fmt::Display for Cut {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the connection is cut on purpose")
    }
}

impl std::error::Error for Cut {}

impl<Kept: Unpin> Body for Reply<Kept> {
    type Data = Bytes;
    type Error = Cut;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Cut>>> {
        let this = self.get_mut();
        if let Some(pause) = &mut this.pause {
            if pause.as_mut().poll(cx).is_pending() {
                return Poll::Pending;
            }
            this.pause = None;
        }
        match this.next() {
            Ok(Some(bytes)) => {
                match this.manner {
                    Manner::Drip => this.pause = Some(Box::pin(sleep(DRIP))),
                    Manner::Half => this.pause = Some(Box::pin(sleep(BEFORE_RESET))),
                    Manner::Whole | Manner::Padded { .. } => {}
                }
                if this.is_end_stream() {
                    this.finish();
                }
                Poll::Ready(Some(Ok(Frame::data(bytes))))
            }
            Ok(None) => {
                this.finish();
                Poll::Ready(None)
            }
            Err(cut) => Poll::Ready(Some(Err(cut))),
        }
    }

    fn is_end_stream(&self) -> bool {
        match self.manner {
            Manner::Whole | Manner::Drip => self.bytes.is_empty(),
            Manner::Half => false,
            Manner::Padded { length, .. } => self.bytes.is_empty() && self.sent >= length,
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self.manner {
            Manner::Padded { length, told: true } => SizeHint::with_exact(length - self.sent.min(length)),
            Manner::Padded { told: false, .. } => SizeHint::default(),
            // This holds for a body that will be cut off too: `Content-Length` promises all of it.
            _ => SizeHint::with_exact(self.bytes.len() as u64),
        }
    }
}
