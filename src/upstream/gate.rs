//! The gate behind hyper: bytes of the upstream pass once they are answers that can be read in one way only.
//!
//! The same grammar that judges requests (`wire`), less strict where the guard frames an answer anew. An answer passes
//! only to a request whose head was written, and what is written is followed by the same grammar to know its head from
//! the rest of a body whose answer came early. Bytes behind the end of an answer break the connection, so that nothing
//! of one exchange can be taken for the next one's answer.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::wire::{Fault, Limits, Side, Sieve, Walker};

/// Largest head of an answer, in bytes.
const HEAD_BYTES_MAX: usize = 64 * 1024;
/// hyper's own limit.
const FIELDS_MAX: usize = 100;
/// Of requests, whose sizes are judged where they come in.
const UNLIMITED: Limits =
    Limits { head_bytes_max: usize::MAX, target_bytes_max: usize::MAX, fields_max: usize::MAX };

pub(super) struct Gate<T> {
    stream: T,
    sieve: Sieve,
    fault: Option<Fault>,
    requests: Walker,
    /// The beginning of a request's head of which not all could be written at once.
    begun: Vec<u8>,
}

impl<T> Gate<T> {
    pub(super) fn new(stream: T) -> Gate<T> {
        let limits = Limits { head_bytes_max: HEAD_BYTES_MAX, target_bytes_max: 0, fields_max: FIELDS_MAX };
        let sieve = Sieve::new(Side::Answers, limits);
        let requests = Walker::new(Side::Requests, UNLIMITED);
        Gate { stream, sieve, fault: None, requests, begun: Vec::new() }
    }

    /// What was just read behind `start`.
    fn judge(&mut self, buffer: &mut ReadBuf<'_>, start: usize) {
        let fresh = buffer.filled().get(start..).unwrap_or_default();
        let sifted = self.sieve.sift(fresh);
        buffer.set_filled(start + sifted.passed);
        self.fault = sifted.fault.map(|(fault, _)| fault);
    }

    /// Follows what was written, and expects an answer behind each whole head.
    fn note_written(&mut self, fresh: &[u8]) -> Result<(), Fault> {
        let mut begun = std::mem::take(&mut self.begun);
        let whole = if begun.is_empty() {
            fresh
        } else {
            begun.extend_from_slice(fresh);
            begun.as_slice()
        };
        let walked = self.requests.walk(whole);
        self.begun = whole.get(walked.passed..).unwrap_or_default().to_vec();
        if walked.heads > 0 {
            self.sieve.expect(walked.asks_head);
        }
        walked.fault.map_or(Ok(()), Err)
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
        let written = ready!(Pin::new(&mut self.stream).poll_write(cx, bytes))?;
        self.note_written(bytes.get(..written).unwrap_or_default())?;
        Poll::Ready(Ok(written))
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        pieces: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = ready!(Pin::new(&mut self.stream).poll_write_vectored(cx, pieces))?;
        let mut left = written;
        for piece in pieces {
            let fresh = piece.get(..left.min(piece.len())).unwrap_or_default();
            self.note_written(fresh)?;
            left -= fresh.len();
        }
        Poll::Ready(Ok(written))
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

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};

    use super::*;

    const EARLY: &[u8] = b"HTTP/1.1 201 Created\r\ncontent-length: 2\r\n\r\n{}";
    const NO_CONTENT: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n";
    const HEAD: &[u8] = b"HEAD /a HTTP/1.1\r\nhost: example.org\r\n\r\n";
    const GET: &[u8] = b"GET /a HTTP/1.1\r\nhost: example.org\r\n\r\n";

    /// The answer passes whole.
    async fn answer(gate: &mut Gate<DuplexStream>, upstream: &mut DuplexStream, bytes: &[u8]) {
        let mut came = vec![0; bytes.len()];
        let (sent, read) = tokio::join!(upstream.write_all(bytes), gate.read_exact(&mut came));
        assert!(sent.is_ok() && read.is_ok());
        assert_eq!(came, bytes);
    }

    async fn write(gate: &mut Gate<DuplexStream>, upstream: &mut DuplexStream, bytes: &[u8]) {
        let mut came = vec![0; bytes.len()];
        let (written, read) = tokio::join!(gate.write_all(bytes), upstream.read_exact(&mut came));
        assert!(written.is_ok() && read.is_ok());
    }

    #[tokio::test]
    async fn the_rest_of_a_body_answered_early_is_no_request() {
        let length = &b"POST /a HTTP/1.1\r\nhost: example.org\r\ncontent-length: 10\r\n\r\n12345"[..];
        let chunks =
            &b"POST /a HTTP/1.1\r\nhost: example.org\r\ntransfer-encoding: chunked\r\n\r\n5\r\n123"[..];
        for (first, rest) in [(length, &b"HEAD "[..]), (chunks, b"45\r\n0\r\n\r\n")] {
            // So many bytes are written at a time.
            for room in [1, 3, 30, 4096] {
                let (stream, mut upstream) = duplex(room);
                let mut gate = Gate::new(stream);
                write(&mut gate, &mut upstream, first).await;
                answer(&mut gate, &mut upstream, EARLY).await;
                write(&mut gate, &mut upstream, rest).await;
                assert!(!gate.sieve.is_due(), "no answer is due to the rest of a body");
                write(&mut gate, &mut upstream, HEAD).await;
                answer(&mut gate, &mut upstream, NO_CONTENT).await;
                write(&mut gate, &mut upstream, GET).await;
                answer(&mut gate, &mut upstream, EARLY).await;
            }
        }
    }
}
