//! A streaming answer with every key taken out, the injected one and all others, should the upstream ever echo one.
//!
//! The key is overwritten by as many asterisks, so lengths and JSON stay right. Holds back at most the length of a
//! key at the end of a piece, and only when that end could be the beginning of one.

use std::ops::Range;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::{Bytes, BytesMut};
use http_body::{Body, Frame, SizeHint};
use memchr::memmem;

use crate::credentials::{ApiKey, Keys, SECRET_BYTES_MAX, Secret};
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
    secrets: Arc<[Secret]>,
    held: Bytes,
}

impl Eraser {
    fn new(keys: &Keys) -> Eraser {
        Eraser { secrets: Arc::clone(keys.secrets()), held: Bytes::new() }
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
        let found = self.find(&data);
        if !found.is_empty() {
            data = overwrite(&data, &found);
        }
        let keep = self.open_end(&data);
        self.held = data.split_off(data.len() - keep);
        data
    }

    /// Where keys stand. One pass, however many there are: they begin alike.
    fn find(&self, data: &[u8]) -> Vec<Range<usize>> {
        let longest_at = |at: usize| {
            let rest = data.get(at..)?;
            let here = self.secrets.iter().map(|secret| secret.expose().as_bytes());
            let length = here.filter(|secret| rest.starts_with(secret)).map(<[u8]>::len).max()?;
            Some(at..at + length)
        };
        memmem::find_iter(data, ApiKey::PREFIX).filter_map(longest_at).collect()
    }

    /// Length of the longest end of `data` that begins a key without being all of it.
    fn open_end(&self, data: &[u8]) -> usize {
        let from = data.len().saturating_sub(SECRET_BYTES_MAX);
        let end = data.get(from..).unwrap_or_default();
        let begins = |tail: &[u8]| {
            self.secrets
                .iter()
                .map(|secret| secret.expose().as_bytes())
                .any(|secret| secret.len() > tail.len() && secret.starts_with(tail))
        };
        let first = ApiKey::PREFIX.as_bytes().first().copied().unwrap_or_default();
        memchr::memchr_iter(first, end)
            .filter_map(|at| end.get(at..))
            .find(|tail| begins(tail))
            .map_or(0, <[u8]>::len)
    }
}

fn overwrite(data: &[u8], found: &[Range<usize>]) -> Bytes {
    let mut clean = BytesMut::from(data);
    for span in found {
        if let Some(place) = clean.get_mut(span.clone()) {
            place.fill(b'*');
        }
    }
    clean.freeze()
}
