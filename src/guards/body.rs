//! The request body: size, type, well-formedness, and no API key inside.
//!
//! A body up to `held_bytes_max` is read whole and checked before the upstream sees a byte. A longer one is checked
//! while it streams: what fails breaks the upstream request off before its end, so the upstream never has a whole
//! request to act on. A bounded copy is kept until the response status is known, for the removal of echoes. PHI belongs
//! in a body, so it is looked for only where no agreement covers it, and by the names of fields (`fields`).

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::{HeaderMap, HeaderValue, Method, header};
use http_body::Body;
use http_body_util::BodyExt;
use hyper::body::Incoming;
use tokio::time::Instant;

use crate::contract;
use crate::guards::{Mode, Observed};
use crate::outcome::{Code, Refusal};

mod checks;
mod fields;
pub(crate) mod json;
mod pace;
mod place;
pub mod settings;
mod stream;

use checks::{Checks, Phi};
use fields::{Fields, Names};
use pace::Pace;
use settings::BodySettings;
use stream::{CheckedStream, Watch};

pub use pace::Patience;
pub use stream::{BrokenOff, RequestBody};

/// What a request needs of its body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Forwarded as it came.
    Forward,
    /// A search by body: form or JSON, read whole.
    Search,
    /// Requests in a body, read whole however long it may be.
    Batch,
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

    /// The `Content-Type` that travels with it: the media type alone, whose parameters mean nothing to ClinikAPI. None without
    /// content, since then nobody looked at it.
    pub fn content_type_header(&self) -> Option<HeaderValue> {
        let is_empty = self.held().is_some_and(Bytes::is_empty);
        let kind = self.content_type().filter(|kind| !is_empty && is_plain_media_type(kind))?;
        HeaderValue::from_str(kind).ok()
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

    /// Length of the copy of the body.
    pub fn copy_bytes(&self) -> usize {
        self.with_copy(|_, copy, _| copy.len())
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
        settings.mode.refuse(too_large(), observed)?;
    }
    if !is_type_known(settings, &scope, content_type.as_deref()) {
        let may_be_empty = settings.mode == Mode::Enforce
            && (content_type.is_none() || matches!(*scope.method, Method::GET | Method::HEAD | Method::DELETE))
            // Whoever waits for a 100 gets its refusal instead.
            && !scope.headers.contains_key(header::EXPECT);
        if may_be_empty && is_empty_in_chunks(unread, scope.patience.grace).await? {
            return Ok(BoundedBody { payload: Payload::Held(Bytes::new()), content_type });
        }
        settings.mode.refuse(Refusal::new(Code::UnsupportedMediaType).about("content-type"), observed)?;
    }
    // From here on the body is ours to read; before, a refusal leaves it to the caller.
    let Some(body) = unread.take() else { return Err(Code::BodyIncomplete.into()) };

    let json = settings.json && content_type.as_deref().is_none_or(|kind| kind.ends_with("json"));
    let mut checks = Checks::new(settings, limit, json, &scope);
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let held_max = match scope.purpose {
        Purpose::Forward | Purpose::Search => limit.min(settings.held_bytes_max),
        Purpose::Batch => limit,
    };
    match hold(body, held_max, scope.patience.grace).await? {
        Hold::Whole(bytes) => {
            if scope.purpose == Purpose::Search && !bytes.trim_ascii_start().starts_with(b"{") {
                checks.names_of_form(&bytes);
            }
            checks.whole(&bytes, observed).await?;
            Ok(BoundedBody { payload: Payload::Held(bytes), content_type })
        }
        Hold::Longer { .. } if scope.purpose == Purpose::Search && held_max < limit => {
            let said =
                "The body of a search is held whole, and is larger than guards.body.held_bytes_max allows.";
            Err(Refusal::new(Code::BodyTooLarge).about("guards.body.held_bytes_max").saying(said.to_owned()))
        }
        Hold::Longer { .. } if scope.purpose != Purpose::Forward => Err(too_large()),
        Hold::Longer { first, rest } => {
            let body = CheckedStream::new(first, rest, checks, Pace::new(scope.patience));
            let watch = body.watch();
            Ok(BoundedBody { payload: Payload::Streaming { body: Box::new(body), watch }, content_type })
        }
    }
}

fn too_large() -> Refusal {
    Refusal::new(Code::BodyTooLarge).about("guards.body.bytes_max")
}

/// The request a body belongs to.
pub struct Scope<'a> {
    pub method: &'a Method,
    pub headers: &'a HeaderMap,
    /// Index into `contract::routes()`; `None` for a route it does not have.
    pub route: Option<usize>,
    pub purpose: Purpose,
    pub patience: Patience,
    /// What becomes of PHI in the body: looked for only where no agreement covers it.
    pub phi: Mode,
}

impl Scope<'_> {
    fn bytes_max(&self, settings: &BodySettings) -> u64 {
        let own = settings.route_bytes_max.iter().find(|(route, _)| Some(*route) == self.route);
        own.map_or(settings.bytes_max, |(_, limit)| *limit)
    }

    fn documented(&self) -> Option<&'static contract::Route> {
        contract::routes().get(self.route?)
    }

    fn phi(&self) -> Option<Phi> {
        let route = self.documented().filter(|_| self.phi != Mode::Off)?;
        let names = if self.purpose == Purpose::Search { Names::Parameters } else { Names::Fields };
        Some(Phi { mode: self.phi, fields: Fields::new(route, names) })
    }
}

/// The type of a body, without parameters and in lower case.
pub(crate) fn media_type(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(header::CONTENT_TYPE)?.to_str().ok()?;
    Some(value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase())
}

/// What a guard that only observes may let travel although it is in no list.
fn is_plain_media_type(kind: &str) -> bool {
    kind.len() <= 60 && kind.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/+-.".contains(&byte))
}

/// Whether there may be content, and of this type.
fn is_type_known(settings: &BodySettings, scope: &Scope<'_>, content_type: Option<&str>) -> bool {
    // Two media types would be judged by one and read by the other.
    let several = scope.headers.get_all(header::CONTENT_TYPE).iter().count() > 1;
    // Content in a GET has no meaning (RFC 9110 section 9.3.1) and is a known way to smuggle a second request.
    let no_content = matches!(*scope.method, Method::GET | Method::HEAD);
    let coded = scope.headers.get_all(header::CONTENT_ENCODING).iter().any(|coding| coding != "identity");
    let known = content_type.is_some_and(|kind| {
        settings.content_types.iter().any(|allowed| allowed == kind)
            || (scope.purpose == Purpose::Search && kind == "application/x-www-form-urlencoded")
    });
    known && !no_content && !coded && !several
}

/// Whether a body without a length turns out to be none: `0` and nothing before it. Some clients frame every request so.
async fn is_empty_in_chunks(unread: &mut Option<Incoming>, timeout: Duration) -> Result<bool, Refusal> {
    let Some(body) = unread.take_if(|body| body.size_hint().upper().is_none()) else { return Ok(false) };
    match hold(body, 0, timeout).await? {
        Hold::Whole(bytes) => Ok(bytes.is_empty()),
        Hold::Longer { .. } => Ok(false),
    }
}

/// Why a body did not come to its end: it was framed in a way that could be read differently, or it broke off.
fn lost(error: &hyper::Error) -> Refusal {
    match crate::wire::fault_in(error) {
        Some(fault) => fault.refusal(),
        None => Code::BodyIncomplete.into(),
    }
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
            Some(Err(error)) => return Err(lost(&error)),
            Some(Ok(frame)) => {
                // Trailers of a request are dropped: no guard looks at them (RFC 9110 section 6.5.1).
                let Ok(data) = frame.into_data() else { continue };
                // One piece, the usual case, is held as it came, without a copy.
                match first.take() {
                    None if joined.is_empty() => first = Some(data),
                    Some(piece) => {
                        // Room for what is announced, once, instead of doubling up to it.
                        let announced = body.size_hint().upper().and_then(|left| usize::try_from(left).ok());
                        joined.reserve(piece.len() + data.len() + announced.unwrap_or(0).min(held_max));
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
