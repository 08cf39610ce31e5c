//! The way back: what of the upstream's answer the client may see.
//!
//! A success streams through behind a header allowlist, unless it is an error in disguise or coded, and the outcomes that a Bundle
//! carries are scrubbed as they pass; a redirect never passes; an error is read whole (bounded), decoded, scrubbed and rebuilt in the
//! shape the SDK reads. What cannot be read safely is replaced. Only this
//! module makes a [`CleanResponse`], and `exchange` sends nothing else of the upstream's.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::{HeaderMap, Response, StatusCode, header};
use http_body::{Body, Frame, SizeHint};

use crate::credentials::Keys;
use crate::guards::body::media_type;
use crate::metrics::Metrics;
use crate::outcome::{Code, Refusal};
use crate::phi::Engine;
use crate::phi::echo::Echo;
use crate::phi::scrub::Redactions;
use crate::reply::Dialect;
use crate::upstream::UpstreamBody;

mod aside;
pub(crate) mod decode;
mod disguise;
mod entries;
pub(crate) mod envelope;
mod erase;
mod headers;
mod pointer;
mod reading;
mod room;
pub mod settings;

use decode::{Coding, codings};
use disguise::Opening;
use entries::{Entries, Read};
use erase::ErasedBody;
use reading::{first_piece, opened, read_bounded, settled};
use room::Share;
use settings::ScrubSettings;

pub use aside::Aside;
pub use headers::{Quota, UpstreamRequestId, quota, quota_reset, upstream_request_id};
pub use room::Room;

/// Largest successful answer that is read whole, in bytes as they came and without their coding: because the policy has
/// parts of it scrubbed, or because nobody asked for its coding. An error in it may be as long as any error.
const WHOLE_BYTES_MAX: usize = 8 * 1024 * 1024;

/// What a client is sent.
pub enum ResponseBody {
    Full(Option<Bytes>),
    Streaming(Box<ErasedBody>),
}

impl ResponseBody {
    pub fn full(bytes: Bytes) -> ResponseBody {
        ResponseBody::Full(Some(bytes).filter(|bytes| !bytes.is_empty()))
    }
}

impl Body for ResponseBody {
    type Data = Bytes;
    type Error = crate::upstream::BodyLost;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        match &mut *self {
            ResponseBody::Full(bytes) => Poll::Ready(bytes.take().map(|bytes| Ok(Frame::data(bytes)))),
            ResponseBody::Streaming(body) => Pin::new(body.as_mut()).poll_frame(cx),
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            ResponseBody::Full(bytes) => bytes.is_none(),
            ResponseBody::Streaming(body) => body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            ResponseBody::Full(bytes) => {
                SizeHint::with_exact(bytes.as_ref().map_or(0, |bytes| bytes.len() as u64))
            }
            ResponseBody::Streaming(body) => body.size_hint(),
        }
    }
}

/// A text that is sent whole, with its share of the room.
struct Held {
    text: Vec<u8>,
    _share: Share,
}

impl AsRef<[u8]> for Held {
    fn as_ref(&self) -> &[u8] {
        &self.text
    }
}

/// What of a success is scrubbed by its place.
struct Marked {
    pointers: Vec<String>,
    /// It is the details of a problem, which are an error.
    is_problem: bool,
}

/// Proof that an answer may go to the client.
pub struct CleanResponse {
    response: Response<ResponseBody>,
    redactions: Redactions,
    header_redactions: Redactions,
    error_code: Option<String>,
}

impl CleanResponse {
    pub fn redactions(&self) -> &Redactions {
        &self.redactions
    }

    pub fn header_redactions(&self) -> &Redactions {
        &self.header_redactions
    }

    pub fn status(&self) -> StatusCode {
        self.response.status()
    }

    pub fn headers(&self) -> &HeaderMap {
        self.response.headers()
    }

    /// The documented code of an error, where it has one that decides what the guard does next.
    pub fn error_code(&self) -> Option<&str> {
        self.error_code.as_deref()
    }

    pub fn into_response(self) -> Response<ResponseBody> {
        self.response
    }
}

/// What the cleaner needs to know of the exchange.
pub struct Cleaner<'a> {
    pub settings: &'a ScrubSettings,
    pub engine: &'a Arc<Engine>,
    pub keys: &'a Keys,
    /// Counts what is taken out behind the head of an answer; the exchange counts all before it.
    pub metrics: &'a Arc<Metrics>,
    pub aside: &'a Aside,
    pub room: &'a Room,
    /// Length of the copy of the request's body, whose values `echo` gathers.
    pub request_bytes: usize,
    pub dialect: Dialect,
    pub request_id: &'a str,
    /// The upstream's own id of the exchange, judged by [`upstream_request_id`] already: no other passes.
    pub upstream_request_id: Option<&'a str>,
    pub route: Option<usize>,
    /// GET and HEAD: nothing was changed, whatever went wrong.
    pub safe: bool,
    pub head: bool,
    /// The request carried `If-None-Match` or the like, so that 304 is an answer to it.
    pub conditional: bool,
}

impl Cleaner<'_> {
    /// Judges and cleans one answer. `echo` gathers the request's values; it is called for errors and outcomes only.
    pub async fn clean(
        &self,
        answer: Response<UpstreamBody>,
        echo: impl FnOnce() -> Echo + Send + 'static,
    ) -> Result<CleanResponse, Refusal> {
        let (head, body) = answer.into_parts();
        if head.status.is_success() {
            return self.success(head, body, echo).await;
        }
        if head.status == StatusCode::NOT_MODIFIED && self.conditional {
            return Ok(self.pass(head.status, &head.headers, ResponseBody::Full(None)));
        }
        if head.status.is_client_error() || head.status.is_server_error() {
            return Ok(self.error(head, body, echo).await);
        }
        // The SDK would follow a redirect to any host with its headers; and nothing else is an answer.
        Err(self.invalid())
    }

    fn headers(&self) -> headers::Scope<'_> {
        headers::Scope {
            settings: self.settings,
            engine: self.engine,
            keys: self.keys,
            request_id: self.request_id,
            upstream_request_id: self.upstream_request_id,
        }
    }

    /// An answer that cannot be passed on: harmless after a read, an unknown outcome after a write.
    fn invalid(&self) -> Refusal {
        if self.safe { Code::UpstreamInvalid.into() } else { Code::OutcomeUnknown.into() }
    }

    async fn success(
        &self,
        head: http::response::Parts,
        mut body: UpstreamBody,
        echo: impl FnOnce() -> Echo + Send + 'static,
    ) -> Result<CleanResponse, Refusal> {
        if head.status == StatusCode::NO_CONTENT || self.head {
            return Ok(self.pass(head.status, &head.headers, ResponseBody::Full(None)));
        }
        // A success that is not JSON, or empty, comes from something in front of ClinikAPI; the SDK would send a write
        // again.
        let kind = media_type(&head.headers).filter(|kind| is_json(kind)).ok_or_else(|| self.invalid())?;
        if !is_framed_plainly(&head.headers) {
            return Err(self.invalid());
        }
        let marked = self.marked(&kind);
        let plain = codings(&head.headers).is_some_and(|codings| codings.is_empty());
        let (first, opening) = if plain {
            let first = if self.safe { first_piece(&mut body).await } else { settled(&mut body).await };
            let mut first = first.ok_or_else(|| self.invalid())?;
            let opening = opened(&mut first, &mut body).await.ok_or_else(|| self.invalid())?;
            (first, Some(opening))
        } else {
            // What nobody asked to be coded is decoded first: keys are not found in it otherwise.
            (Bytes::new(), None)
        };
        match opening {
            Some(Opening::Unreadable) => Err(self.invalid()),
            Some(Opening::Record) if marked.pointers.is_empty() => {
                let body = ErasedBody::new(first, body, self.keys);
                Ok(self.pass(head.status, &head.headers, ResponseBody::Streaming(Box::new(body))))
            }
            Some(Opening::Carrier) if marked.pointers.is_empty() => {
                self.carrier(&head, first, body, Box::new(echo)).await
            }
            // What begins like an error may be a record with a remark: only all of it can tell.
            _ => self.whole(&head, (first, body), marked, echo).await,
        }
    }

    /// What of a success of that type is scrubbed by its place.
    fn marked(&self, kind: &str) -> Marked {
        // The details of a problem (RFC 9457), whatever the status line says.
        let is_problem = kind == "application/problem+json";
        let of_route = self.settings.success_pointers.iter().filter(|(route, _)| Some(*route) == self.route);
        let pointers = of_route
            .map(|(_, pointer)| pointer.clone())
            // The whole of a problem.
            .chain(is_problem.then(String::new))
            .collect();
        Marked { pointers, is_problem }
    }

    /// A success that is read whole and scrubbed, as far as it is marked or shows itself as an error.
    async fn whole(
        &self,
        head: &http::response::Parts,
        unread: (Bytes, UpstreamBody),
        marked: Marked,
        echo: impl FnOnce() -> Echo + Send + 'static,
    ) -> Result<CleanResponse, Refusal> {
        let mut share = self.room.of_answer();
        let raw = self.read(&head.headers, unread, WHOLE_BYTES_MAX, &mut share).await;
        let raw = raw.filter(|raw| !raw.trim_ascii().is_empty()).ok_or_else(|| self.invalid())?;
        let generic = envelope::generic(head.status, self.dialect, self.request_id);
        let (engine, outcome_bytes_max) = (Arc::clone(self.engine), self.settings.error_bytes_max);
        let length = raw.len() + self.request_bytes;
        let scrub = move || {
            let Marked { pointers, is_problem } = marked;
            let echo = echo();
            let unfit =
                echo.is_incomplete() || (is_problem || pointers.is_empty()) && raw.len() > outcome_bytes_max;
            if unfit && (is_problem || disguise::is_error(&raw)) {
                return Some((generic, Redactions::default()));
            }
            let scope =
                pointer::Scope { pointers: &pointers, engine: &engine, echo: &echo, outcome_bytes_max };
            pointer::scrub(&raw, &scope)
        };
        let scrubbed = self.aside.clone().run(length, scrub).await.flatten();
        let (text, redactions) = scrubbed.ok_or_else(|| self.invalid())?;
        let text = erase::erase(Bytes::from_owner(Held { text, _share: share }), self.keys);
        let mut clean = self.pass(head.status, &head.headers, ResponseBody::full(text));
        clean.response.headers_mut().remove(header::CONTENT_ENCODING);
        clean.response.headers_mut().remove(header::ETAG);
        clean.redactions = redactions;
        Ok(clean)
    }

    /// An answer that carries resources, of which some may be outcomes: streams unless all of it is there.
    async fn carrier(
        &self,
        head: &http::response::Parts,
        first: Bytes,
        body: UpstreamBody,
        recall: entries::Recall,
    ) -> Result<CleanResponse, Refusal> {
        let share = self.room.of_answer();
        let mut entries = Entries::new(Arc::clone(self.engine), recall, self.settings.error_bytes_max, share);
        // Nothing waited before it.
        let first = match entries.read(first).map_err(|_| self.invalid())? {
            Read::Clear([_, first]) => first,
            Read::Outcomes(outcomes) => {
                let length = outcomes.length() + self.request_bytes;
                let scrub = move || (entries.scrub(outcomes), entries);
                let (scrubbed, entries_again) =
                    self.aside.clone().run(length, scrub).await.ok_or_else(|| self.invalid())?;
                entries = entries_again;
                scrubbed.map_err(|_| self.invalid())?
            }
        };
        let redactions = entries.take_redactions();
        let body = match body.is_end_stream() {
            true if !entries.is_settled() => return Err(self.invalid()),
            true => ResponseBody::full(erase::erase(first, self.keys)),
            false => {
                let body = ErasedBody::new(first, body, self.keys).with_entries(entries, self);
                ResponseBody::Streaming(Box::new(body))
            }
        };
        let mut clean = self.pass(head.status, &head.headers, body);
        clean.redactions = redactions;
        Ok(clean)
    }

    fn pass(&self, status: StatusCode, from: &HeaderMap, body: ResponseBody) -> CleanResponse {
        let mut response = Response::new(body);
        *response.status_mut() = status;
        *response.headers_mut() = headers::success(from, self.headers());
        CleanResponse {
            response,
            redactions: Redactions::default(),
            header_redactions: Redactions::default(),
            error_code: None,
        }
    }

    async fn error(
        &self,
        head: http::response::Parts,
        body: UpstreamBody,
        echo: impl FnOnce() -> Echo + Send + 'static,
    ) -> CleanResponse {
        let mut share = self.room.of_error();
        let unread = (Bytes::new(), body);
        let raw = self.read(&head.headers, unread, self.settings.error_bytes_max, &mut share).await;
        // Text in another encoding, or no text at all, would pass every pattern unseen.
        let raw = raw.filter(|raw| is_framed_plainly(&head.headers) && envelope::is_plain_text(raw));
        let content_type = head.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let (engine, kind) = (Arc::clone(self.engine), content_type.map(str::to_owned));
        let length = raw.as_ref().map_or(0, Vec::len) + self.request_bytes;
        let scrub = move || {
            let echo = echo();
            let known = raw.as_ref().filter(|_| !echo.is_incomplete());
            let scrubbed = known.map(|raw| engine.scrub_body(kind.as_deref(), raw, &echo));
            (raw.filter(|_| scrubbed.is_none()), echo, scrubbed)
        };
        let (raw, echo, scrubbed) = match self.aside.clone().run(length, scrub).await {
            Some((raw, echo, scrubbed)) => (raw, Some(echo), scrubbed),
            None => (None, None, None),
        };
        let (headers, header_redactions) =
            headers::error(&head.headers, self.headers(), echo.as_ref(), self.dialect);
        let upstream_id =
            headers.get("x-request-id").and_then(|value| value.to_str().ok()).unwrap_or(self.request_id);
        let (text, redactions) = match (raw, scrubbed) {
            (_, Some(scrubbed)) => {
                let text =
                    envelope::rebuild(&scrubbed.body, content_type, head.status, self.dialect, upstream_id);
                (text, scrubbed.redactions)
            }
            (Some(raw), None) => {
                let text = envelope::withheld(&raw, head.status, self.dialect, upstream_id);
                (text, Redactions::default())
            }
            (None, None) => {
                (envelope::generic(head.status, self.dialect, upstream_id), Redactions::default())
            }
        };
        let error_code =
            (head.status == StatusCode::TOO_MANY_REQUESTS).then(|| envelope::code(&text)).flatten();
        // The echo knows the keys of this request; none of the others may stand here either. It may wait for its client: no longer than it is.
        let text = erase::erase(Bytes::from(text.into_boxed_slice()), self.keys);
        let body = if self.head { ResponseBody::Full(None) } else { ResponseBody::full(text) };
        let mut response = Response::new(body);
        *response.status_mut() = head.status;
        *response.headers_mut() = headers;
        CleanResponse { response, redactions, header_redactions, error_code }
    }

    /// The decoded body, or nothing if it is too long, coded or decoded, broken, or in a coding that cannot be undone.
    async fn read(
        &self,
        headers: &HeaderMap,
        (first, body): (Bytes, UpstreamBody),
        limit: usize,
        share: &mut Share,
    ) -> Option<Vec<u8>> {
        let codings: Vec<Coding> = codings(headers)?;
        let raw = read_bounded(first, body, limit, share).await?;
        decode::undo(raw, &codings, limit).filter(|raw| share.hold(raw.len()))
    }
}

/// A transfer coding other than chunked is not undone by anybody on the way (RFC 9112 section 7).
fn is_framed_plainly(headers: &HeaderMap) -> bool {
    headers
        .get_all(header::TRANSFER_ENCODING)
        .iter()
        .all(|value| value.as_bytes().eq_ignore_ascii_case(b"chunked"))
}

/// Whether ClinikAPI says that it did what it was asked: not something in front of it.
pub fn is_success(answer: &Response<UpstreamBody>) -> bool {
    answer.status().is_success() && media_type(answer.headers()).is_some_and(|kind| is_json(&kind))
}

fn is_json(kind: &str) -> bool {
    kind == "application/json" || (kind.starts_with("application/") && kind.ends_with("+json"))
}

/// The documented code of a 401 answer, from our own list.
pub async fn key_refusal_code(
    answer: Response<UpstreamBody>,
    settings: &ScrubSettings,
    room: &Room,
) -> Option<&'static str> {
    const CODES: [&str; 5] =
        ["INVALID_KEY_FORMAT", "INVALID_KEY", "KEY_REVOKED", "KEY_EXPIRED", "UNAUTHORIZED"];
    let (head, body) = answer.into_parts();
    let raw = read_bounded(Bytes::new(), body, settings.error_bytes_max, &mut room.of_error()).await?;
    let text = decode::undo(raw, &codings(&head.headers)?, settings.error_bytes_max)?;
    let json: serde_json::Value = serde_json::from_slice(&text).ok()?;
    let code = json.get("code")?.as_str()?;
    CODES.into_iter().find(|known| *known == code)
}
