//! The gate in front of hyper: bytes of a client pass once they are requests that can be read in one way only.
//!
//! A head is held back until it is whole and [`wire`] found nothing wrong with it; bodies pass as they come, their
//! framing checked on the way. Behind a fault nothing passes any more: a head at fault is replaced by a request of our
//! own, which the service knows by its number and answers with the refusal, so that the client gets its JSON and the
//! audit trail its line as for every other refusal, after the answers to what came before it. A body at fault ends in
//! an error.
//!
//! Also owns the time a head may take, and the end of a connection: one that is closed while its client still sends
//! would lose the answer to a reset, so what comes is read and dropped for a while.
//!
//! [`wire`]: crate::wire

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use http::Method;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep};

use super::line::{Line, Refused};
use crate::reply::Dialect;
use crate::wire::{Fault, Limits, Side, Sieve, Start};

/// What is read and dropped after the last answer, and for how long.
const LINGER_BYTES_MAX: usize = 8 * 1024 * 1024;
const LINGER_TIMEOUT: Duration = Duration::from_secs(2);

/// In place of a refused head. HEAD for HEAD, since an answer to it has no content.
const STAND_IN: &[u8] = b"GET / HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n";
const STAND_IN_HEAD: &[u8] = b"HEAD / HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n";

/// A client connection behind its gate.
pub(super) struct Gate<T> {
    stream: T,
    sieve: Sieve,
    line: Arc<Line>,
    /// To be told once what passed before it has been read.
    error: Option<Fault>,
    /// Heads that passed.
    heads: u64,
    header_timeout: Duration,
    /// Runs while a head is held.
    timer: Option<Pin<Box<Sleep>>>,
    state: State,
}

enum State {
    Open,
    /// A fault was found; nothing more passes.
    Shut,
    /// The client has sent everything it will.
    Ended,
    /// Our side is closed; what still comes is dropped.
    Lingering {
        until: Pin<Box<Sleep>>,
        room: usize,
    },
}

impl<T> Gate<T> {
    pub(super) fn new(stream: T, limits: Limits, header_timeout: Duration, line: Arc<Line>) -> Gate<T> {
        Gate {
            stream,
            sieve: Sieve::new(Side::Requests, limits),
            line,
            error: None,
            heads: 0,
            header_timeout,
            timer: None,
            state: State::Open,
        }
    }

    /// Judges what was just read into `buffer` behind `start`, and leaves there what may pass.
    fn judge(&mut self, buffer: &mut ReadBuf<'_>, start: usize) {
        let fresh = buffer.filled().get(start..).unwrap_or_default();
        let sifted = self.sieve.sift(fresh);
        buffer.set_filled(start + sifted.passed);
        self.heads += sifted.heads;
        if sifted.heads > 0 {
            self.timer = None;
        }
        match sifted.fault {
            Some((fault, head)) => self.shut(fault, &head),
            None if self.sieve.is_holding() => self.line.head_begins(),
            None => {}
        }
    }

    /// Lets nothing more pass. `head` is as much of the head at fault as is there.
    fn shut(&mut self, fault: Fault, head: &[u8]) {
        self.state = State::Shut;
        self.timer = None;
        if is_of_body(fault) {
            self.error = Some(fault);
            return;
        }
        let Start { method, target } = self.sieve.start();
        let method = head.get(method.clone()).and_then(|method| Method::from_bytes(method).ok());
        let target = head.get(target.clone()).and_then(|target| std::str::from_utf8(target).ok());
        let dialect = Dialect::of_path(target.unwrap_or_default());
        let stand_in = if method == Some(Method::HEAD) { STAND_IN_HEAD } else { STAND_IN };
        self.sieve.add(stand_in);
        self.line.refuse(Refused { number: self.heads, fault, method, dialect });
    }
}

/// Faults that the service meets while it reads a body, not before a request.
const fn is_of_body(fault: Fault) -> bool {
    matches!(fault, Fault::ChunkSize | Fault::ChunkExtension | Fault::ChunkEnd | Fault::Trailer)
}

impl<T: AsyncRead + Unpin> Gate<T> {
    /// Waits for more of a head no longer than one may take.
    fn poll_head_timer(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if !self.sieve.is_holding() {
            return Poll::Pending;
        }
        let limit = self.header_timeout;
        self.timer.get_or_insert_with(|| Box::pin(tokio::time::sleep(limit))).as_mut().poll(cx)
    }

    fn poll_checked(&mut self, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        loop {
            if let Some(bytes) = self.sieve.hand_out(buffer.remaining()) {
                buffer.put_slice(&bytes);
                return Poll::Ready(Ok(()));
            }
            if let Some(fault) = self.error.take() {
                return Poll::Ready(Err(fault.into()));
            }
            match self.state {
                State::Open => {}
                State::Ended => return Poll::Ready(Ok(())),
                // The answer is on its way and closes the connection; its end is seen by writing.
                State::Shut | State::Lingering { .. } => return Poll::Pending,
            }
            let start = buffer.filled().len();
            match Pin::new(&mut self.stream).poll_read(cx, buffer) {
                Poll::Ready(Ok(())) => {}
                Poll::Ready(Err(error)) => {
                    self.state = State::Ended;
                    return Poll::Ready(Err(error));
                }
                Poll::Pending => {
                    ready!(self.poll_head_timer(cx));
                    let held = self.sieve.let_go();
                    self.shut(Fault::HeadTimeout, &held);
                    continue;
                }
            }
            if buffer.filled().len() == start {
                if !self.sieve.is_holding() {
                    self.state = State::Ended;
                    return Poll::Ready(Ok(()));
                }
                let held = self.sieve.let_go();
                self.shut(Fault::HeadIncomplete, &held);
                continue;
            }
            self.judge(buffer, start);
            if buffer.filled().len() > start {
                return Poll::Ready(Ok(()));
            }
        }
    }

    /// Reads and drops until the client has closed its side, too.
    fn poll_linger(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let State::Lingering { until, room } = &mut self.state else { return Poll::Ready(()) };
        let mut scratch = [std::mem::MaybeUninit::uninit(); 4096];
        loop {
            let mut dropped = ReadBuf::uninit(&mut scratch);
            match Pin::new(&mut self.stream).poll_read(cx, &mut dropped) {
                Poll::Ready(Ok(())) if !dropped.filled().is_empty() && *room > 0 => {
                    *room = room.saturating_sub(dropped.filled().len());
                }
                Poll::Ready(_) => return Poll::Ready(()),
                Poll::Pending => return until.as_mut().poll(cx),
            }
        }
    }
}

impl<T: AsyncRead + Unpin> AsyncRead for Gate<T> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.poll_checked(cx, buffer)
    }
}

impl<T: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Gate<T> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        pieces: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, pieces)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = &mut *self;
        if !matches!(this.state, State::Lingering { .. }) {
            ready!(Pin::new(&mut this.stream).poll_shutdown(cx))?;
            let unread = matches!(this.state, State::Shut)
                || matches!(this.state, State::Open) && (this.sieve.in_body() || this.sieve.is_holding());
            if !unread {
                return Poll::Ready(Ok(()));
            }
            let until = Box::pin(tokio::time::sleep_until(Instant::now() + LINGER_TIMEOUT));
            this.state = State::Lingering { until, room: LINGER_BYTES_MAX };
        }
        ready!(this.poll_linger(cx));
        Poll::Ready(Ok(()))
    }
}
