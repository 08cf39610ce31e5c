//! A streaming answer: its outcomes scrubbed where it carries any, and every key taken out, the injected one and all others, should the upstream ever echo one.
//!
//! Also without its public prefix, and with any of its characters as an escape of JSON or of a URL. The key is overwritten
//! by as many asterisks, so lengths and JSON stay right. Holds back at most the length of a key in escapes at the end of a
//! piece, and only when that end could be the beginning of one. Escapes are undone once, and only in a piece that has one
//! of a character that keys have. Not undone: escapes of escapes, base64.

use std::ops::Range;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::{Bytes, BytesMut};
use http_body::{Body, Frame, SizeHint};

use super::entries::Entries;
use crate::credentials::{Keys, Traces};
use crate::metrics::{Metrics, Where};
use crate::upstream::{BodyLost, UpstreamBody};

mod escapes;

use escapes::{ESCAPE_BYTES_MAX, Unescaped};

/// An upstream answer on its way to the client.
pub struct ErasedBody {
    /// Read already, and not sent.
    read: Option<Bytes>,
    body: UpstreamBody,
    /// Of an answer that may carry outcomes, with where to count what is taken out of them.
    entries: Option<(Box<Entries>, Arc<Metrics>)>,
    eraser: Eraser,
    ended: bool,
}

impl ErasedBody {
    pub fn new(first: Bytes, body: UpstreamBody, keys: &Keys) -> ErasedBody {
        let eraser = Eraser::new(keys.traces());
        ErasedBody { read: Some(first), body, entries: None, eraser, ended: false }
    }

    /// The same of an answer that may carry outcomes; `entries` have let the first piece pass already.
    pub fn with_entries(self, entries: Entries, metrics: &Arc<Metrics>) -> ErasedBody {
        ErasedBody { entries: Some((Box::new(entries), Arc::clone(metrics))), ..self }
    }

    /// What may be sent of a piece as it came; what is left of it is sent next.
    fn cleaned(&mut self, mut piece: Bytes) -> Result<Bytes, BodyLost> {
        if let Some((entries, metrics)) = &mut self.entries {
            let [held, rest] = entries.push(piece)?;
            metrics.redacted_in(Where::ResponseBody, &entries.take_redactions());
            piece = held;
            self.read = Some(rest);
        }
        Ok(self.eraser.push(piece))
    }

    fn is_settled(&self) -> bool {
        self.entries.as_ref().is_none_or(|(entries, _)| entries.is_settled())
    }
}

/// A whole text with the keys taken out.
pub fn erase(text: Bytes, keys: &Keys) -> Bytes {
    let mut eraser = Eraser::new(keys.traces());
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
        while !self.ended {
            if let Some(read) = self.read.take() {
                let clean = self.eraser.push(read);
                if !clean.is_empty() {
                    return Poll::Ready(Some(Ok(Frame::data(clean))));
                }
            }
            match ready!(Pin::new(&mut self.body).poll_frame(cx)) {
                Some(Ok(frame)) => {
                    let Ok(piece) = frame.into_data() else { continue };
                    match self.cleaned(piece) {
                        Ok(clean) if clean.is_empty() => {}
                        cleaned => return Poll::Ready(Some(cleaned.map(Frame::data))),
                    }
                }
                Some(Err(lost)) => return Poll::Ready(Some(Err(lost))),
                // What waits for more is no whole JSON text, and may be half an outcome.
                None if !self.is_settled() => return Poll::Ready(Some(Err(BodyLost))),
                None => self.ended = true,
            }
        }
        let rest = std::mem::take(&mut self.eraser.held);
        Poll::Ready((!rest.is_empty()).then(|| Ok(Frame::data(rest))))
    }

    fn is_end_stream(&self) -> bool {
        self.read.is_none() && self.eraser.held.is_empty() && self.is_settled() && self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        if self.entries.is_some() {
            return SizeHint::default();
        }
        let held = (self.eraser.held.len() + self.read.as_ref().map_or(0, Bytes::len)) as u64;
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
    traces: Arc<Traces>,
    held: Bytes,
}

impl Eraser {
    fn new(traces: &Arc<Traces>) -> Eraser {
        Eraser { traces: Arc::clone(traces), held: Bytes::new() }
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
        let mut found = self.traces.find(&data);
        if escapes::any(&data, |byte| self.traces.hold(byte)) {
            let plain = Unescaped::of(&data);
            found.extend(self.traces.find(&plain.bytes).into_iter().map(|span| plain.raw_span(span)));
        }
        if !found.is_empty() {
            data = overwrite(&data, &found);
        }
        let keep = self.open_end(&data);
        self.held = data.split_off(data.len() - keep);
        data
    }

    /// Length of the longest end of `data` that begins a key without being all of it, or that is half an escape.
    fn open_end(&self, data: &[u8]) -> usize {
        let longest = self.traces.longest();
        let mut from = data.len().saturating_sub((longest + 1) * ESCAPE_BYTES_MAX);
        // Two backslashes are one escape: only the beginning of a run says which belong together.
        while from > 0 && data.get(from - 1) == Some(&b'\\') {
            from -= 1;
        }
        let end = data.get(from..).unwrap_or_default();
        if !escapes::may_have_any(end) {
            // As a rule the end is written plainly, and stands there as it is.
            let first = data.len().saturating_sub(longest);
            let begins = |at: &usize| data.get(*at..).is_some_and(|tail| self.traces.begin_with(tail));
            return data.len() - (first..data.len()).find(begins).unwrap_or(data.len());
        }
        let end = Unescaped::of(end);
        let first = end.bytes.len().saturating_sub(longest);
        let begins = |at: &usize| end.bytes.get(*at..).is_some_and(|tail| self.traces.begin_with(tail));
        let at = (first..end.bytes.len()).find(begins).unwrap_or(end.bytes.len());
        data.len() - from - end.raw(at)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::credentials::Secret;

    const SECRET: &str = "Zq8vT3nWZq8vT3nWZq8vT3nW";

    fn erased(text: &str, chunk: usize) -> String {
        let key = Secret::parse(format!("clk_test_{SECRET}").as_bytes()).expect("a secret");
        let mut eraser = Eraser::new(&Arc::new(Traces::of(std::iter::once(key))));
        let mut out = Vec::new();
        for piece in text.as_bytes().chunks(chunk) {
            out.extend_from_slice(&eraser.push(Bytes::copy_from_slice(piece)));
            assert!(eraser.held.len() <= 40 * ESCAPE_BYTES_MAX);
        }
        out.extend_from_slice(&eraser.held);
        String::from_utf8(out).expect("text")
    }

    #[test]
    fn a_key_in_plain_disguise_is_erased_on_every_boundary() {
        let key = format!("clk_test_{SECRET}");
        let all = |escape: fn(char) -> String| key.chars().map(escape).collect::<String>();
        let mut disguises = vec![
            key.clone(),
            SECRET.to_owned(),
            key.replace('_', "%5F"),
            key.replace('_', "%5f"),
            all(|c| format!("\\u{:04x}", u32::from(c))),
            all(|c| format!("\\u{:04X}", u32::from(c))),
            all(|c| format!("%{:02x}", u32::from(c))),
        ];
        for (at, c) in key.char_indices() {
            let rest = &key[at + 1..];
            disguises.push(format!("{}\\u{:04x}{rest}", &key[..at], u32::from(c)));
            disguises.push(format!("{}%{:02X}{rest}", &key[..at], u32::from(c)));
        }
        for disguise in disguises {
            for (before, after) in [("{\"m\":\"", "\"}"), ("\\\\", "\\n"), ("%25", "%"), ("\\u0020", "\\u00")]
            {
                let text = format!("{before}{disguise}{after}");
                for chunk in 1..=text.len() {
                    let clean = erased(&text, chunk);
                    assert_eq!(clean.len(), text.len());
                    assert!(clean.starts_with(before) && clean.ends_with(after), "{clean}");
                    let middle = &clean[before.len()..clean.len() - after.len()];
                    assert!(middle.bytes().all(|byte| byte == b'*'), "{clean}");
                }
            }
        }
    }

    #[test]
    fn everything_else_stays_as_it_is() {
        for text in [
            "clk_test_Zq8vT3nWZq8vT3nWZq8vT3n",
            "\\\\\\u00e9 \\n \\\\ 100% %zz %5 \\u00",
            "\\\\\\\\u005a %41%42 \\u0041\\/\\\"",
            "clk_clk_clk_",
            "",
        ] {
            for chunk in 1..=text.len() {
                assert_eq!(erased(text, chunk), text);
            }
        }
        // A backslash that is escaped itself escapes nothing.
        let twice = format!("\\\\u005a{}", &SECRET[1..]);
        assert_eq!(erased(&twice, 7), twice);
    }
}
