//! A streaming answer with the injected key taken out, should the upstream ever echo it.
//!
//! The key is overwritten by as many asterisks, so lengths and JSON stay right. Holds back at most the length of a
//! key at the end of a piece, and only when that end could be the beginning of one.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Bytes, BytesMut};
use http_body::{Body, Frame, SizeHint};
use memchr::memmem;

use crate::credentials::{Keys, Secret};
use crate::upstream::{BodyLost, UpstreamBody};

/// An upstream answer on its way to the client.
pub struct ErasedBody {
    /// Read already, to see that there is one.
    first: Option<Bytes>,
    body: UpstreamBody,
    eraser: Eraser,
    ended: bool,
}

impl ErasedBody {
    pub fn new(first: Bytes, body: UpstreamBody, keys: &Keys) -> ErasedBody {
        ErasedBody { first: Some(first), body, eraser: Eraser::new(keys), ended: false }
    }
}

/// A whole text with the keys taken out.
pub fn erase(text: Bytes, keys: &Keys) -> Bytes {
    let mut eraser = Eraser::new(keys);
    let clean = eraser.push(text);
    if eraser.held.is_empty() {
        return clean;
    }
    let mut joined = BytesMut::from(clean.as_ref());
    joined.extend_from_slice(&eraser.held);
    joined.freeze()
}

impl Body for ErasedBody {
    type Data = Bytes;
    type Error = BodyLost;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyLost>>> {
        if let Some(first) = self.first.take() {
            let clean = self.eraser.push(first);
            if !clean.is_empty() {
                return Poll::Ready(Some(Ok(Frame::data(clean))));
            }
        }
        while !self.ended {
            match ready!(Pin::new(&mut self.body).poll_frame(cx)) {
                Some(Ok(frame)) => {
                    let Ok(piece) = frame.into_data() else { continue };
                    let clean = self.eraser.push(piece);
                    if !clean.is_empty() {
                        return Poll::Ready(Some(Ok(Frame::data(clean))));
                    }
                }
                Some(Err(lost)) => return Poll::Ready(Some(Err(lost))),
                None => self.ended = true,
            }
        }
        let rest = std::mem::take(&mut self.eraser.held);
        Poll::Ready((!rest.is_empty()).then(|| Ok(Frame::data(rest))))
    }

    fn is_end_stream(&self) -> bool {
        self.first.is_none() && self.eraser.held.is_empty() && self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        let held = (self.eraser.held.len() + self.first.as_ref().map_or(0, Bytes::len)) as u64;
        let rest = self.body.size_hint();
        let mut hint = SizeHint::new();
        hint.set_lower(rest.lower() + held);
        if let Some(upper) = rest.upper() {
            hint.set_upper(upper + held);
        }
        hint
    }
}

struct Eraser {
    secrets: Vec<Secret>,
    held: Bytes,
}

impl Eraser {
    fn new(keys: &Keys) -> Eraser {
        let secrets =
            [&keys.current, &keys.next].into_iter().flatten().map(|key| key.secret().clone()).collect();
        Eraser { secrets, held: Bytes::new() }
    }

    /// What may be sent of everything seen so far.
    fn push(&mut self, piece: Bytes) -> Bytes {
        let held = std::mem::take(&mut self.held);
        let mut data = if held.is_empty() {
            piece
        } else {
            let mut joined = BytesMut::with_capacity(held.len() + piece.len());
            joined.extend_from_slice(&held);
            joined.extend_from_slice(&piece);
            joined.freeze()
        };
        for secret in &self.secrets {
            let secret = secret.expose().as_bytes();
            if memmem::find(&data, secret).is_some() {
                data = overwrite(&data, secret);
            }
        }
        let keep =
            self.secrets.iter().map(|secret| open_end(&data, secret.expose().as_bytes())).max().unwrap_or(0);
        self.held = data.split_off(data.len() - keep);
        data
    }
}

fn overwrite(data: &[u8], secret: &[u8]) -> Bytes {
    let mut clean = BytesMut::from(data);
    for at in memmem::find_iter(data, secret) {
        if let Some(place) = clean.get_mut(at..at + secret.len()) {
            place.fill(b'*');
        }
    }
    clean.freeze()
}

/// Length of the longest end of `data` that begins `secret` without being all of it.
fn open_end(data: &[u8], secret: &[u8]) -> usize {
    (1..secret.len().min(data.len() + 1))
        .rev()
        .find(|n| data.ends_with(secret.get(..*n).unwrap_or_default()))
        .unwrap_or(0)
}
