//! The gate behind hyper: bytes of the upstream pass once they are answers that can be read in one way only.
//!
//! The same grammar that judges requests (`wire`), less strict where the guard frames an answer anew. An answer passes
//! only to a request that was written; bytes behind its end break the connection, so that nothing of one exchange can
//! be taken for the next one's answer.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::wire::{Fault, Limits, Side, Sieve};

/// Largest head of an answer, in bytes.
const HEAD_BYTES_MAX: usize = 64 * 1024;
/// hyper's own limit.
const FIELDS_MAX: usize = 100;

pub(super) struct Gate<T> {
    stream: T,
    sieve: Sieve,
    fault: Option<Fault>,
}

impl<T> Gate<T> {
    pub(super) fn new(stream: T) -> Gate<T> {
        let limits = Limits { head_bytes_max: HEAD_BYTES_MAX, target_bytes_max: 0, fields_max: FIELDS_MAX };
        let sieve = Sieve::new(Side::Answers, limits);
        Gate { stream, sieve, fault: None }
    }

    /// What was just read behind `start`.
    fn judge(&mut self, buffer: &mut ReadBuf<'_>, start: usize) {
        let fresh = buffer.filled().get(start..).unwrap_or_default();
        let sifted = self.sieve.sift(fresh);
        buffer.set_filled(start + sifted.passed);
        self.fault = sifted.fault.map(|(fault, _)| fault);
    }

    /// A request begins with the first bytes that are written after an answer.
    fn note_written(&mut self, bytes: &[u8]) {
        if !self.sieve.is_due() && !bytes.is_empty() {
            self.sieve.expect(bytes.starts_with(b"HEAD "));
        }
    }
}

impl<T: AsyncRead + Unpin> AsyncRead for Gate<T> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = &mut *self;
        loop {
            if let Some(bytes) = this.sieve.hand_out(buffer.remaining()) {
                buffer.put_slice(&bytes);
                return Poll::Ready(Ok(()));
            }
            if let Some(fault) = this.fault {
                return Poll::Ready(Err(fault.into()));
            }
            let start = buffer.filled().len();
            ready!(Pin::new(&mut this.stream).poll_read(cx, buffer))?;
            if buffer.filled().len() == start {
                // The end, inside a head or not: hyper knows what it lacks.
                return Poll::Ready(Ok(()));
            }
            this.judge(buffer, start);
            if buffer.filled().len() > start {
                return Poll::Ready(Ok(()));
            }
        }
    }
}

impl<T: AsyncWrite + Unpin> AsyncWrite for Gate<T> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.note_written(bytes);
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        pieces: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.note_written(pieces.iter().find(|piece| !piece.is_empty()).map_or(&[], |piece| piece));
        Pin::new(&mut self.stream).poll_write_vectored(cx, pieces)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
