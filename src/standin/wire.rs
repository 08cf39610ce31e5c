//! The byte stream below hyper's server, with a hand on it: lets one connection say what no correct server says.
//!
//! Only HTTP/1 connections are ever tampered with. Untouched connections pass through with one relaxed load a write.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};

use bytes::{Buf, Bytes};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// What to do with the bytes hyper writes next. Shared between the stream and the service of one connection.
#[derive(Default)]
pub(crate) struct Tamper {
    armed: AtomicBool,
    plan: Mutex<Plan>,
}

#[derive(Default)]
enum Plan {
    #[default]
    Pass,
    /// These bytes go out first, then everything passes.
    Before(Bytes),
    /// These bytes go out, and what hyper writes is swallowed.
    Instead(Bytes),
}

impl Tamper {
    /// Sends `bytes` ahead of the next thing hyper writes.
    pub(crate) fn before(&self, bytes: Bytes) {
        self.arm(Plan::Before(bytes));
    }

    /// Sends `bytes` in place of everything hyper writes from now on.
    pub(crate) fn instead(&self, bytes: Bytes) {
        self.arm(Plan::Instead(bytes));
    }

    fn arm(&self, plan: Plan) {
        *self.plan.lock().unwrap_or_else(PoisonError::into_inner) = plan;
        self.armed.store(true, Ordering::Release);
    }
}

pub(crate) struct Wire<S> {
    inner: S,
    tamper: Arc<Tamper>,
}

impl<S: AsyncWrite + Unpin> Wire<S> {
    pub(crate) fn new(inner: S, tamper: Arc<Tamper>) -> Wire<S> {
        Wire { inner, tamper }
    }

    /// Ready with `true` when hyper's bytes are to pass, with `false` when they are to be swallowed.
    fn poll_plan(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<bool>> {
        if !self.tamper.armed.load(Ordering::Acquire) {
            return Poll::Ready(Ok(true));
        }
        let mut plan = self.tamper.plan.lock().unwrap_or_else(PoisonError::into_inner);
        let (bytes, passes) = match &mut *plan {
            Plan::Pass => return Poll::Ready(Ok(true)),
            Plan::Before(bytes) => (bytes, true),
            Plan::Instead(bytes) => (bytes, false),
        };
        while bytes.has_remaining() {
            let written = ready!(Pin::new(&mut self.inner).poll_write(cx, bytes))?;
            if written == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            bytes.advance(written);
        }
        if passes {
            *plan = Plan::Pass;
            self.tamper.armed.store(false, Ordering::Release);
        }
        Poll::Ready(Ok(passes))
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Wire<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_read(cx, buf)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Wire<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        if !ready!(self.poll_plan(cx))? {
            return Poll::Ready(Ok(buf.len()));
        }
        Pin::new(&mut self.inner).poll_write(cx, buf)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        if !ready!(self.poll_plan(cx))? {
            return Poll::Ready(Ok(bufs.iter().map(|buf| buf.len()).sum()));
        }
        Pin::new(&mut self.inner).poll_write_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(cx)
    }
}
