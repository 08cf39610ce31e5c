//! The body of an upstream answer while it streams.
//!
//! Bounds the wait between two pieces, drops trailers, and gives the connection back when the answer has ended. A
//! body dropped before its end closes its connection.

use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;
use tokio::time::Sleep;

use super::GiveBack;

/// An answer that streams from the upstream.
pub struct UpstreamBody {
    incoming: Incoming,
    give_back: Option<GiveBack>,
    idle_timeout: Duration,
    timer: Option<Pin<Box<Sleep>>>,
}

/// The upstream broke its answer off or fell silent.
#[derive(Clone, Copy, Debug)]
pub struct BodyLost;

impl std::fmt::Display for BodyLost {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("upstream answer lost")
    }
}

impl std::error::Error for BodyLost {}

impl UpstreamBody {
    pub(super) fn new(
        incoming: Incoming,
        give_back: Option<GiveBack>,
        idle_timeout: Duration,
    ) -> UpstreamBody {
        let mut body = UpstreamBody { incoming, give_back, idle_timeout, timer: None };
        if body.incoming.is_end_stream() {
            body.ended();
        }
        body
    }

    /// The connection ends with this answer, and what it took to read it with it.
    pub fn part_with_connection(&mut self) {
        self.give_back = None;
    }

    fn ended(&mut self) {
        self.timer = None;
        if let Some(give_back) = self.give_back.take() {
            give_back.give_back();
        }
    }
}

impl Body for UpstreamBody {
    type Data = Bytes;
    type Error = BodyLost;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyLost>>> {
        loop {
            match Pin::new(&mut self.incoming).poll_frame(cx) {
                Poll::Ready(Some(Ok(frame))) => {
                    self.timer = None;
                    if !frame.is_data() {
                        continue;
                    }
                    if self.incoming.is_end_stream() {
                        self.ended();
                    }
                    return Poll::Ready(Some(Ok(frame)));
                }
                Poll::Ready(Some(Err(_))) => {
                    self.give_back = None;
                    return Poll::Ready(Some(Err(BodyLost)));
                }
                Poll::Ready(None) => {
                    self.ended();
                    return Poll::Ready(None);
                }
                Poll::Pending => {
                    let idle_timeout = self.idle_timeout;
                    let timer = self.timer.get_or_insert_with(|| Box::pin(tokio::time::sleep(idle_timeout)));
                    ready!(timer.as_mut().poll(cx));
                    self.give_back = None;
                    return Poll::Ready(Some(Err(BodyLost)));
                }
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.incoming.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.incoming.size_hint()
    }
}
