//! The request body: size, type, well-formedness, and no API key inside.
//!
//! A body up to `held_bytes_max` is read whole and checked before the upstream sees a byte. A longer one is checked
//! while it streams: what fails breaks the upstream request off before its end, so the upstream never has a whole
//! request to act on. A bounded copy is kept until the response status is known, for the removal of echoes. Does
//! not look for PHI: a body is where PHI belongs.

use std::pin::Pin;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::{HeaderMap, Method, header};
use http_body::{Body, Frame, SizeHint};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use memchr::memmem;
use regex::bytes::Regex;
use tokio::time::{Instant, Sleep};

use crate::guards::{Mode, Observed};
use crate::outcome::{Code, Refusal};

mod json;
pub mod settings;

use json::JsonCheck;
use settings::BodySettings;

/// How much of a streamed body is kept for the removal of echoes.
const COPY_BYTES_MAX: usize = 256 * 1024;
/// What is read of a refused body before the connection is closed.
const DISCARD_BYTES_MAX: usize = 8 * 1024 * 1024;
const DISCARD_TIMEOUT: Duration = Duration::from_secs(2);
/// Bytes of the end of a piece looked at again with the next, so that no key hides on a boundary.
/// A key whose every character is a six-byte escape is 102 bytes long where the pattern ends.
const OVERLAP_BYTES: usize = 128;

/// What a request needs of its body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Forwarded as it came.
    Forward,
    /// A search by body: form or JSON, read whole.
    Search,
}

/// Proof that a body was or is being checked.
pub struct BoundedBody {
    payload: Payload,
    content_type: Option<String>,
}

enum Payload {
    Held(Bytes),
    Streaming { body: Box<CheckedStream>, watch: Arc<Mutex<Watch>> },
}

/// What the stream tells the exchange afterwards.
#[derive(Default)]
struct Watch {
    refusal: Option<Refusal>,
    observed: Vec<Refusal>,
    copy: BytesMut,
    cut: bool,
    /// Pieces handed to the upstream connection so far.
    pieces: u64,
}

/// The part of a body that stays with the exchange while the body itself is sent.
pub struct BodyWatch {
    held: Bytes,
    streaming: Option<Arc<Mutex<Watch>>>,
    content_type: Option<String>,
}

impl BoundedBody {
    /// The whole body, if it was held.
    pub fn held(&self) -> Option<&Bytes> {
        match &self.payload {
            Payload::Held(bytes) => Some(bytes),
            Payload::Streaming { .. } => None,
        }
    }

    /// The media type, lower case and without parameters.
    pub fn content_type(&self) -> Option<&str> {
        self.content_type.as_deref()
    }

    pub fn watch(&self) -> BodyWatch {
        let (held, streaming) = match &self.payload {
            Payload::Held(bytes) => (bytes.clone(), None),
            Payload::Streaming { watch, .. } => (Bytes::new(), Some(Arc::clone(watch))),
        };
        BodyWatch { held, streaming, content_type: self.content_type.clone() }
    }

    /// The body as the client connection sends it; a streamed one can be sent once.
    pub(crate) fn into_request_body(self) -> RequestBody {
        match self.payload {
            Payload::Held(bytes) => RequestBody::Held(Some(bytes)),
            Payload::Streaming { body, .. } => RequestBody::Streaming(body),
        }
    }
}

impl BodyWatch {
    /// Why the stream was broken off, if it was.
    pub fn refusal(&self) -> Option<Refusal> {
        let watch = self.streaming.as_ref()?;
        watch.lock().unwrap_or_else(PoisonError::into_inner).refusal.clone()
    }

    /// What a streamed body would have been refused for under `observe`.
    pub fn take_observed(&self) -> Vec<Refusal> {
        self.streaming.as_ref().map_or_else(Vec::new, |watch| {
            std::mem::take(&mut watch.lock().unwrap_or_else(PoisonError::into_inner).observed)
        })
    }

    /// How much of a streamed body was taken so far, in pieces; while this grows, the upload is alive.
    pub fn progress(&self) -> u64 {
        self.streaming.as_ref().map_or(0, |watch| watch.lock().unwrap_or_else(PoisonError::into_inner).pieces)
    }

    /// Hands the copy of the body to `read`, with whether it is complete.
    pub fn with_copy<T>(&self, read: impl FnOnce(Option<&str>, &[u8], bool) -> T) -> T {
        match &self.streaming {
            None => read(self.content_type.as_deref(), &self.held, true),
            Some(watch) => {
                let watch = watch.lock().unwrap_or_else(PoisonError::into_inner);
                read(self.content_type.as_deref(), &watch.copy, !watch.cut)
            }
        }
    }
}

/// Reads and drops what a refused request still sends, within bounds: a connection closed under a client that is still
/// sending loses the refusal with it.
pub async fn discard(mut body: Incoming) {
    let deadline = Instant::now() + DISCARD_TIMEOUT;
    let mut room = DISCARD_BYTES_MAX;
    while let Ok(Some(Ok(frame))) = tokio::time::timeout_at(deadline, body.frame()).await {
        room = room.saturating_sub(frame.data_ref().map_or(0, Bytes::len));
        if room == 0 {
            return;
        }
    }
}

/// Checks the head of a body, reads what may be held, and wraps the rest.
pub async fn bound(
    settings: &BodySettings,
    scope: Scope<'_>,
    unread: &mut Option<Incoming>,
    observed: &mut Observed,
) -> Result<BoundedBody, Refusal> {
    let content_type = media_type(scope.headers);
    let Some(body) = unread.as_ref().filter(|body| !body.is_end_stream()) else {
        return Ok(BoundedBody { payload: Payload::Held(Bytes::new()), content_type });
    };
    let limit = scope.bytes_max(settings);
    if body.size_hint().lower() > limit {
        settings.mode.refuse(Code::BodyTooLarge.into(), observed)?;
    }
    check_type(settings, &scope, content_type.as_deref(), observed)?;
    // From here on the body is ours to read; before, a refusal leaves it to the caller.
    let Some(body) = unread.take() else { return Err(Code::BodyIncomplete.into()) };

    let json = settings.json && content_type.as_deref().is_none_or(|kind| kind.ends_with("json"));
    let checks = Checks {
        mode: settings.mode,
        limit,
        seen: 0,
        tail: Vec::new(),
        json: json.then(|| JsonCheck::new(settings.depth_max)),
    };
    let held_max = usize::try_from(limit).unwrap_or(usize::MAX).min(settings.held_bytes_max);
    match hold(body, held_max, scope.timeout).await? {
        Hold::Whole(bytes) => {
            checks.whole(&bytes, observed)?;
            Ok(BoundedBody { payload: Payload::Held(bytes), content_type })
        }
        Hold::Longer { .. } if scope.purpose == Purpose::Search => Err(Code::BodyTooLarge.into()),
        Hold::Longer { first, rest } => {
            let watch = Arc::new(Mutex::new(Watch::default()));
            let body = CheckedStream {
                first: Some(first),
                rest,
                checks: Some(checks),
                watch: Arc::clone(&watch),
                timeout: scope.timeout,
                timer: None,
            };
            Ok(BoundedBody { payload: Payload::Streaming { body: Box::new(body), watch }, content_type })
        }
    }
}

/// The request a body belongs to.
pub struct Scope<'a> {
    pub method: &'a Method,
    pub headers: &'a HeaderMap,
    /// Index into `contract::routes()`; `None` for a route it does not have.
    pub route: Option<usize>,
    pub purpose: Purpose,
    pub timeout: Duration,
}

impl Scope<'_> {
    fn bytes_max(&self, settings: &BodySettings) -> u64 {
        let own = settings.route_bytes_max.iter().find(|(route, _)| Some(*route) == self.route);
        own.map_or(settings.bytes_max, |(_, limit)| *limit)
    }
}

fn media_type(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(header::CONTENT_TYPE)?.to_str().ok()?;
    Some(value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase())
}

fn check_type(
    settings: &BodySettings,
    scope: &Scope<'_>,
    content_type: Option<&str>,
    observed: &mut Observed,
) -> Result<(), Refusal> {
    // Two media types would be judged by one and read by the other.
    let several = scope.headers.get_all(header::CONTENT_TYPE).iter().count() > 1;
    // Content in a GET has no meaning (RFC 9110 section 9.3.1) and is a known way to smuggle a second request.
    let no_content = matches!(*scope.method, Method::GET | Method::HEAD);
    let coded = scope.headers.get(header::CONTENT_ENCODING).is_some_and(|coding| coding != "identity");
    let known = content_type.is_some_and(|kind| {
        settings.content_types.iter().any(|allowed| allowed == kind)
            || (scope.purpose == Purpose::Search && kind == "application/x-www-form-urlencoded")
    });
    if no_content || coded || several || !known {
        settings.mode.refuse(Refusal::new(Code::UnsupportedMediaType).about("content-type"), observed)?;
    }
    Ok(())
}

enum Hold {
    Whole(Bytes),
    Longer { first: Bytes, rest: Incoming },
}

/// Reads until the end or until more than `held_max` bytes are there.
async fn hold(mut body: Incoming, held_max: usize, timeout: Duration) -> Result<Hold, Refusal> {
    let deadline = Instant::now() + timeout;
    let mut first: Option<Bytes> = None;
    let mut joined = BytesMut::new();
    loop {
        let frame = tokio::time::timeout_at(deadline, body.frame())
            .await
            .map_err(|_| Refusal::new(Code::ClientTimeout))?;
        match frame {
            None => break,
            Some(Err(_)) => return Err(Code::BodyIncomplete.into()),
            Some(Ok(frame)) => {
                // Trailers of a request are dropped: no guard looks at them (RFC 9110 section 6.5.1).
                let Ok(data) = frame.into_data() else { continue };
                // One piece, the usual case, is held as it came, without a copy.
                match first.take() {
                    None if joined.is_empty() => first = Some(data),
                    Some(piece) => {
                        joined.extend_from_slice(&piece);
                        joined.extend_from_slice(&data);
                    }
                    None => joined.extend_from_slice(&data),
                }
            }
        }
        if first.as_ref().map_or(joined.len(), Bytes::len) > held_max {
            return Ok(Hold::Longer { first: first.unwrap_or_else(|| joined.freeze()), rest: body });
        }
    }
    Ok(Hold::Whole(first.unwrap_or_else(|| joined.freeze())))
}

/// The checks that run over the bytes of a body, whole or in pieces.
struct Checks {
    mode: Mode,
    limit: u64,
    seen: u64,
    /// The end of the piece before.
    tail: Vec<u8>,
    json: Option<JsonCheck>,
}

impl Checks {
    fn whole(mut self, bytes: &Bytes, observed: &mut Observed) -> Result<(), Refusal> {
        self.piece(bytes, observed)?;
        self.end(observed)
    }

    fn piece(&mut self, piece: &[u8], observed: &mut Observed) -> Result<(), Refusal> {
        if self.mode == Mode::Off {
            return Ok(());
        }
        let before = self.seen;
        self.seen += piece.len() as u64;
        if self.seen > self.limit && before <= self.limit {
            self.mode.refuse(Code::BodyTooLarge.into(), observed)?;
        }
        if self.holds_key(piece) {
            self.mode.refuse(Code::KeyInRequest.into(), observed)?;
        }
        if self.json.as_mut().is_some_and(|json| json.push(piece).is_err()) {
            self.json = None;
            self.mode.refuse(Code::InvalidJson.into(), observed)?;
        }
        Ok(())
    }

    fn end(&mut self, observed: &mut Observed) -> Result<(), Refusal> {
        // An empty streamed body is no JSON, but no body either.
        let malformed = self.json.take().is_some_and(|json| json.finish().is_err());
        if malformed && self.seen > 0 { self.mode.refuse(Code::InvalidJson.into(), observed) } else { Ok(()) }
    }

    fn holds_key(&mut self, piece: &[u8]) -> bool {
        let mut found = holds_key(piece);
        if !self.tail.is_empty() {
            let begin = piece.get(..OVERLAP_BYTES.min(piece.len())).unwrap_or_default();
            found |= holds_key(&[&self.tail, begin].concat());
        }
        let end = piece.get(piece.len().saturating_sub(OVERLAP_BYTES)..).unwrap_or_default();
        self.tail.extend_from_slice(end);
        let excess = self.tail.len().saturating_sub(OVERLAP_BYTES);
        self.tail.drain(..excess);
        found
    }
}

/// Whether an API key stands in these bytes, plain or with JSON escapes.
fn holds_key(bytes: &[u8]) -> bool {
    static KEY: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r"(?-u)(?:clk|sk)_(?:live|test)_[A-Za-z0-9_-]{8}").ok());
    // The pattern is a constant that a test compiles; should it ever not, everything counts as a key.
    let Some(key) = KEY.as_ref() else { return true };
    let plain = (memmem::find(bytes, b"_live_").is_some() || memmem::find(bytes, b"_test_").is_some())
        && key.is_match(bytes);
    let escaped = memmem::find(bytes, b"\\u00").is_some()
        || memmem::find(bytes, b"%5F").is_some()
        || memmem::find(bytes, b"%5f").is_some();
    plain || (escaped && key.is_match(&unescape_ascii(bytes)))
}

/// Replaces `\u00XX` and `%XX` by the byte they stand for; enough to see a key written in escapes.
fn unescape_ascii(bytes: &[u8]) -> Vec<u8> {
    let mut plain = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some((&byte, tail)) = rest.split_first() {
        let escaped = [&b"\\u00"[..], b"%"].into_iter().find_map(|prefix| {
            let hex = std::str::from_utf8(rest.strip_prefix(prefix)?.get(..2)?).ok()?;
            Some((u8::from_str_radix(hex, 16).ok()?, prefix.len() + 2))
        });
        match escaped {
            Some((value, length)) => {
                plain.push(value);
                rest = rest.get(length..).unwrap_or_default();
            }
            None => {
                plain.push(byte);
                rest = tail;
            }
        }
    }
    plain
}

/// A body that is checked piece by piece while it is sent.
pub struct CheckedStream {
    first: Option<Bytes>,
    rest: Incoming,
    /// `None` once the end was checked.
    checks: Option<Checks>,
    watch: Arc<Mutex<Watch>>,
    timeout: Duration,
    timer: Option<Pin<Box<Sleep>>>,
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
    fn poll_piece(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, Refusal>>> {
        if let Some(first) = self.first.take() {
            return Poll::Ready(Some(Ok(first)));
        }
        loop {
            match Pin::new(&mut self.rest).poll_frame(cx) {
                Poll::Ready(None) => return Poll::Ready(None),
                Poll::Ready(Some(Err(_))) => return Poll::Ready(Some(Err(Code::BodyIncomplete.into()))),
                Poll::Ready(Some(Ok(frame))) => {
                    self.timer = None;
                    if let Ok(data) = frame.into_data() {
                        return Poll::Ready(Some(Ok(data)));
                    }
                }
                Poll::Pending => {
                    let timeout = self.timeout;
                    let timer = self.timer.get_or_insert_with(|| Box::pin(tokio::time::sleep(timeout)));
                    ready!(timer.as_mut().poll(cx));
                    return Poll::Ready(Some(Err(Code::ClientTimeout.into())));
                }
            }
        }
    }

    fn check(&mut self, piece: &Bytes, observed: &mut Observed) -> Result<(), Refusal> {
        if let Some(checks) = &mut self.checks {
            checks.piece(piece, observed)?;
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
        let polled = ready!(self.poll_piece(cx));
        let mut observed = Observed::default();
        let checked = match polled {
            Some(Ok(piece)) => self.check(&piece, &mut observed).map(|()| Some(piece)),
            Some(Err(refusal)) => Err(refusal),
            None => self.checks.take().map_or(Ok(()), |mut checks| checks.end(&mut observed)).map(|()| None),
        };
        let watch = Arc::clone(&self.watch);
        let mut watch = watch.lock().unwrap_or_else(PoisonError::into_inner);
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

#[cfg(test)]
mod tests {
    use super::*;

    fn run(text: &[u8], chunk: usize, limit: u64, json: bool) -> Option<Code> {
        let mut checks = Checks {
            mode: Mode::Enforce,
            limit,
            seen: 0,
            tail: Vec::new(),
            json: json.then(|| JsonCheck::new(4)),
        };
        let mut observed = Observed::default();
        for piece in text.chunks(chunk) {
            if let Err(refusal) = checks.piece(piece, &mut observed) {
                return Some(refusal.code);
            }
        }
        checks.end(&mut observed).err().map(|refusal| refusal.code)
    }

    #[test]
    fn n_bytes_pass_and_one_more_is_refused_for_every_chunking() {
        let text = b"{\"a\":\"0123456789\"}";
        for chunk in 1..=text.len() {
            assert_eq!(run(text, chunk, text.len() as u64, true), None);
            assert_eq!(run(text, chunk, text.len() as u64 - 1, true), Some(Code::BodyTooLarge));
        }
    }

    #[test]
    fn a_key_is_seen_on_every_boundary_and_in_escapes() {
        for text in [
            &b"{\"note\":\"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx clk_live_Synthetic00 yyyyyyyyyyyyyyyyyyyyyyyyyy\"}"[..],
            b"{\"k\":\"sk_test_Synthetic00\"}",
            b"{\"k\":\"clk\\u005flive_Synthetic00\"}",
            b"{\"k\":\"clk%5Flive%5FSynthetic00\"}",
            b"{\"k\":\"\\u0063\\u006c\\u006b\\u005f\\u006c\\u0069\\u0076\\u0065\\u005f\\u0041\\u0042\\u0043\\u0044\\u0045\\u0046\\u0047\\u0048\"}",
        ] {
            for chunk in 1..=text.len() {
                assert_eq!(run(text, chunk, 1000, true), Some(Code::KeyInRequest), "{chunk}");
            }
        }
        for text in [
            &b"{\"k\":\"clk_live_*\"}"[..],
            b"{\"k\":\"clk_live_ or clk_test_\"}",
            b"{\"k\":\"my_live_show\"}",
        ] {
            assert_eq!(run(text, 7, 1000, true), None);
        }
    }

    #[test]
    fn malformed_json_is_refused_and_observe_lets_it_pass() {
        assert_eq!(run(b"{\"a\":}", 3, 100, true), Some(Code::InvalidJson));
        assert_eq!(run(b"{\"a\":1", 3, 100, true), Some(Code::InvalidJson));
        assert_eq!(run(b"[[[[[1]]]]]", 3, 100, true), Some(Code::InvalidJson));
        assert_eq!(run(b"not json", 3, 100, false), None);
        let mut checks = Checks {
            mode: Mode::Observe,
            limit: 2,
            seen: 0,
            tail: Vec::new(),
            json: Some(JsonCheck::new(4)),
        };
        let mut observed = Observed::default();
        assert!(checks.piece(b"oops", &mut observed).is_ok());
        assert_eq!(observed.0.len(), 2);
    }
}
