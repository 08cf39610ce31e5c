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

use super::entries::{Entries, Read};
use super::{Aside, Cleaner};
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
    carried: Option<Carried>,
    eraser: Eraser,
    ended: bool,
}

/// The outcomes of an answer that may carry some.
struct Carried {
    /// Away while it scrubs.
    entries: Option<Box<Entries>>,
    scrub: Option<Pin<Box<dyn Future<Output = Option<Scrubbed>> + Send>>>,
    /// Of the request's body, until its values were gathered.
    request_bytes: usize,
    /// Counts what is taken out.
    metrics: Arc<Metrics>,
    aside: Aside,
}

type Scrubbed = (Result<Bytes, BodyLost>, Box<Entries>);

impl Carried {
    /// What may be sent of a piece as it came; nothing while outcomes in it are scrubbed.
    fn read(&mut self, piece: Bytes) -> Result<Option<[Bytes; 2]>, BodyLost> {
        let outcomes = match self.entries.as_mut().ok_or(BodyLost)?.read(piece)? {
            Read::Clear(pieces) => return Ok(Some(pieces)),
            Read::Outcomes(outcomes) => outcomes,
        };
        let mut entries = self.entries.take().ok_or(BodyLost)?;
        let length = outcomes.length() + std::mem::take(&mut self.request_bytes);
        let scrub = move || (entries.scrub(outcomes), entries);
        self.scrub = Some(Box::pin(self.aside.clone().run(length, scrub)));
        Ok(None)
    }

    /// What may be sent of a piece with outcomes; nothing if none is being scrubbed.
    fn poll_scrubbed(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, BodyLost>>> {
        let Some(scrub) = &mut self.scrub else { return Poll::Ready(None) };
        let scrubbed = ready!(scrub.as_mut().poll(cx));
        self.scrub = None;
        let Some((text, mut entries)) = scrubbed else { return Poll::Ready(Some(Err(BodyLost))) };
        self.metrics.redacted_in(Where::ResponseBody, &entries.take_redactions());
        self.entries = Some(entries);
        Poll::Ready(Some(text))
    }

    fn is_settled(&self) -> bool {
        self.entries.as_ref().is_some_and(|entries| entries.is_settled())
    }
}

impl ErasedBody {
    pub fn new(first: Bytes, body: UpstreamBody, keys: &Keys) -> ErasedBody {
        let eraser = Eraser::new(keys.traces());
        ErasedBody { read: Some(first), body, carried: None, eraser, ended: false }
    }

    /// The same of an answer that may carry outcomes; `entries` have let the first piece pass already.
    pub fn with_entries(self, entries: Entries, cleaner: &Cleaner<'_>) -> ErasedBody {
        let carried = Carried {
            entries: Some(Box::new(entries)),
            scrub: None,
            request_bytes: cleaner.request_bytes,
            metrics: Arc::clone(cleaner.metrics),
            aside: cleaner.aside.clone(),
        };
        ErasedBody { carried: Some(carried), ..self }
    }

    /// The next piece without what outcomes quote.
    fn poll_piece(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, BodyLost>>> {
        loop {
            if let Some(read) = self.read.take() {
                return Poll::Ready(Some(Ok(read)));
            }
            if let Some(carried) = &mut self.carried
                && let Some(scrubbed) = ready!(carried.poll_scrubbed(cx))
            {
                return Poll::Ready(Some(scrubbed));
            }
            let Some(frame) = ready!(Pin::new(&mut self.body).poll_frame(cx)) else {
                // What waits for more is no whole JSON text, and may be half an outcome.
                let end = if self.is_settled() { None } else { Some(Err(BodyLost)) };
                return Poll::Ready(end);
            };
            let Ok(piece) = frame?.into_data() else { continue };
            let Some(carried) = &mut self.carried else { return Poll::Ready(Some(Ok(piece))) };
            if let Some([held, rest]) = carried.read(piece)? {
                self.read = Some(rest);
                return Poll::Ready(Some(Ok(held)));
            }
        }
    }

    fn is_settled(&self) -> bool {
        self.carried.as_ref().is_none_or(Carried::is_settled)
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
            let piece = ready!(self.poll_piece(cx));
            self.ended = !matches!(piece, Some(Ok(_)));
            let Some(piece) = piece.transpose()? else { break };
            let clean = self.eraser.push(piece);
            if !clean.is_empty() {
                return Poll::Ready(Some(Ok(Frame::data(clean))));
            }
        }
        let rest = std::mem::take(&mut self.eraser.held);
        Poll::Ready((!rest.is_empty()).then(|| Ok(Frame::data(rest))))
    }

    fn is_end_stream(&self) -> bool {
        self.read.is_none() && self.eraser.held.is_empty() && self.is_settled() && self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        if self.carried.is_some() {
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
