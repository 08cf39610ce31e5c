//! A body on its way to the upstream: held, or checked while it streams.

use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};

use bytes::{Bytes, BytesMut};
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;
use tokio::time::{Instant, Sleep};

use super::checks::Checks;
use super::pace::Pace;
use crate::guards::Observed;
use crate::outcome::{Code, Refusal};

/// How much of a streamed body is kept for the removal of echoes.
const COPY_BYTES_MAX: usize = 256 * 1024;

/// How much is checked before other exchanges have their turn.
pub(super) const TURN_BYTES: usize = 32 * 1024;

/// What the stream tells the exchange afterwards.
#[derive(Default)]
pub(super) struct Watch {
    pub(super) refusal: Option<Refusal>,
    pub(super) observed: Vec<Refusal>,
    pub(super) copy: BytesMut,
    pub(super) cut: bool,
    /// Pieces handed to the upstream connection so far.
    pub(super) pieces: u64,
}

/// A body that is checked piece by piece while it is sent.
pub struct CheckedStream {
    first: Option<Bytes>,
    rest: Incoming,
    /// `None` once the end was checked.
    checks: Option<Checks>,
    watch: Arc<Mutex<Watch>>,
    pace: Pace,
    timer: Option<Pin<Box<Sleep>>>,
    /// Bytes checked since others had their turn.
    turn: usize,
}

/// The stream was broken off; the reason is in the watch.
#[derive(Clone, Copy, Debug)]
pub struct BrokenOff;

impl std::fmt::Display for BrokenOff {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("request body broken off by the guard")
    }
}

impl std::error::Error for BrokenOff {}

impl CheckedStream {
    /// `first` was read already; `rest` is still to come.
    pub(super) fn new(first: Bytes, rest: Incoming, checks: Checks, pace: Pace) -> CheckedStream {
        let watch = Arc::default();
        CheckedStream { first: Some(first), rest, checks: Some(checks), watch, pace, timer: None, turn: 0 }
    }

    pub(super) fn watch(&self) -> Arc<Mutex<Watch>> {
        Arc::clone(&self.watch)
    }

    fn poll_piece(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, Refusal>>> {
        if let Some(first) = self.first.take() {
            return Poll::Ready(Some(Ok(first)));
        }
        loop {
            match Pin::new(&mut self.rest).poll_frame(cx) {
                Poll::Ready(None) => return Poll::Ready(None),
                Poll::Ready(Some(Err(error))) => return Poll::Ready(Some(Err(super::lost(&error)))),
                Poll::Ready(Some(Ok(frame))) => {
                    self.timer = None;
                    if let Ok(data) = frame.into_data() {
                        self.pace.got(data.len(), Instant::now());
                        return Poll::Ready(Some(Ok(data)));
                    }
                }
                Poll::Pending => {
                    let until = self.pace.until(Instant::now());
                    let timer = self.timer.get_or_insert_with(|| Box::pin(tokio::time::sleep_until(until)));
                    ready!(timer.as_mut().poll(cx));
                    return Poll::Ready(Some(Err(Code::ClientTimeout.into())));
                }
            }
        }
    }

    /// `before` is the copy of what came before.
    fn check(&mut self, before: &[u8], piece: &Bytes, observed: &mut Observed) -> Result<(), Refusal> {
        if let Some(checks) = &mut self.checks {
            checks.piece(before, piece, observed)?;
        }
        // The last piece of a body of known length is judged before it is sent, not after: behind it there is no
        // end marker left to hold back.
        if self.rest.is_end_stream()
            && let Some(mut checks) = self.checks.take()
        {
            checks.end(observed)?;
        }
        Ok(())
    }
}

impl Body for CheckedStream {
    type Data = Bytes;
    type Error = BrokenOff;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BrokenOff>>> {
        if self.turn >= TURN_BYTES {
            self.turn = 0;
            // Not a bare wake: the runtime would look at its sockets only after many more of them.
            if pin!(tokio::task::yield_now()).poll(cx).is_pending() {
                return Poll::Pending;
            }
        }
        let polled = ready!(self.poll_piece(cx));
        self.turn += polled.as_ref().map_or(0, |piece| piece.as_ref().map_or(0, Bytes::len));
        let mut observed = Observed::default();
        let watch = Arc::clone(&self.watch);
        let mut watch = watch.lock().unwrap_or_else(PoisonError::into_inner);
        let checked = match polled {
            Some(Ok(piece)) => self.check(&watch.copy, &piece, &mut observed).map(|()| Some(piece)),
            Some(Err(refusal)) => Err(refusal),
            None => self.checks.take().map_or(Ok(()), |mut checks| checks.end(&mut observed)).map(|()| None),
        };
        watch.observed.append(&mut observed.0);
        match checked {
            Ok(Some(piece)) => {
                let room = COPY_BYTES_MAX.saturating_sub(watch.copy.len()).min(piece.len());
                watch.copy.extend_from_slice(piece.get(..room).unwrap_or_default());
                watch.cut |= room < piece.len();
                watch.pieces += 1;
                Poll::Ready(Some(Ok(Frame::data(piece))))
            }
            Ok(None) => Poll::Ready(None),
            Err(refusal) => {
                watch.refusal = Some(refusal);
                Poll::Ready(Some(Err(BrokenOff)))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.first.is_none() && self.checks.is_none() && self.rest.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        let first = self.first.as_ref().map_or(0, |first| first.len() as u64);
        let rest = self.rest.size_hint();
        let mut hint = SizeHint::new();
        hint.set_lower(rest.lower() + first);
        if let Some(upper) = rest.upper() {
            hint.set_upper(upper + first);
        }
        hint
    }
}

/// The body of an upstream request.
pub enum RequestBody {
    Held(Option<Bytes>),
    Streaming(Box<CheckedStream>),
}

impl Body for RequestBody {
    type Data = Bytes;
    type Error = BrokenOff;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BrokenOff>>> {
        match &mut *self {
            RequestBody::Held(bytes) => Poll::Ready(
                bytes.take().filter(|bytes| !bytes.is_empty()).map(|bytes| Ok(Frame::data(bytes))),
            ),
            RequestBody::Streaming(stream) => Pin::new(stream.as_mut()).poll_frame(cx),
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            RequestBody::Held(bytes) => bytes.as_ref().is_none_or(Bytes::is_empty),
            RequestBody::Streaming(stream) => stream.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            RequestBody::Held(bytes) => {
                SizeHint::with_exact(bytes.as_ref().map_or(0, |bytes| bytes.len() as u64))
            }
            RequestBody::Streaming(stream) => stream.size_hint(),
        }
    }
}
