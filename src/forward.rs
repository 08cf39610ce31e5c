//! The request as the upstream gets it.
//!
//! An [`UpstreamRequest`] can only be made from what the guards gave out, so a skipped guard does not compile. Adds
//! `Via` (RFC 9110 section 7.6.3) and, when it is sent, the key; nothing else is of our making.

use std::sync::Arc;

use bytes::Bytes;
use http::uri::PathAndQuery;
use http::{HeaderMap, HeaderValue, Method, header};

use crate::credentials::KeyPair;
use crate::guards::access::Authorized;
use crate::guards::body::{BodyWatch, BoundedBody, RequestBody};
use crate::guards::caller::Admitted;
use crate::guards::headers::CleanHeaders;
use crate::guards::rate::Budgeted;
use crate::guards::repeats::Attempt;
use crate::guards::target::CleanTarget;
use crate::guards::tenant::Keyed;
use crate::outcome::{Code, Refusal};

/// What the guards that look at who asks, and how often, gave out.
pub struct Passes<'a> {
    pub admitted: &'a Admitted,
    pub authorized: &'a Authorized,
    pub keyed: &'a Keyed,
    pub budgeted: &'a Budgeted,
}

/// A request that passed every guard.
pub struct UpstreamRequest {
    method: Method,
    target: PathAndQuery,
    headers: HeaderMap,
    body: Outgoing,
    watch: BodyWatch,
    attempt: Option<Attempt>,
    keys: Arc<KeyPair>,
}

impl UpstreamRequest {
    /// Takes the proofs. A search by body becomes a GET without a body; its values travel in the query, inside TLS.
    /// Fails only if a clean target cannot be written as a request target.
    pub fn new(
        passes: &Passes<'_>,
        method: Method,
        target: &CleanTarget,
        base_path: &str,
        headers: CleanHeaders,
        body: BoundedBody,
    ) -> Result<UpstreamRequest, Refusal> {
        let text = if base_path.is_empty() {
            PathAndQuery::try_from(target.path_and_query())
        } else {
            PathAndQuery::try_from(format!("{base_path}{}", target.path_and_query()))
        };
        let text = text.map_err(|_| Refusal::new(Code::InvalidTarget))?;
        let mut headers = headers.into_forwarded();
        headers.insert(header::VIA, HeaderValue::from_static("1.1 clinik-guard"));
        let watch = body.watch();
        let keys = Arc::clone(passes.keyed.pair());
        if target.is_search_by_body() {
            let (method, body) = (Method::GET, Outgoing::Held(Bytes::new()));
            return Ok(UpstreamRequest { method, target: text, headers, body, watch, attempt: None, keys });
        }
        if let Some(kind) = body.content_type_header() {
            headers.insert(header::CONTENT_TYPE, kind);
        }
        let body = match body.held() {
            Some(held) => Outgoing::Held(held.clone()),
            None => Outgoing::Streaming(body),
        };
        Ok(UpstreamRequest { method, target: text, headers, body, watch, attempt: None, keys })
    }

    pub fn method(&self) -> &Method {
        &self.method
    }

    pub fn target(&self) -> &PathAndQuery {
        &self.target
    }

    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// The only keys it may be sent with.
    pub fn keys(&self) -> &Arc<KeyPair> {
        &self.keys
    }

    /// What is left to know of the body once it was sent.
    pub fn watch(&self) -> &BodyWatch {
        &self.watch
    }

    pub fn into_watch(self) -> BodyWatch {
        self.watch
    }

    /// Safe methods change nothing (RFC 9110 section 9.2.1), so repeating them is harmless.
    pub fn is_safe(&self) -> bool {
        matches!(self.method, Method::GET | Method::HEAD)
    }

    /// The body, where it is known before it is sent.
    pub fn held(&self) -> Option<&Bytes> {
        match &self.body {
            Outgoing::Held(held) => Some(held),
            _ => None,
        }
    }

    /// A condition makes a repeat harmless: the record has changed by then.
    pub fn is_conditional(&self) -> bool {
        self.headers.contains_key(header::IF_MATCH)
    }

    /// By which the request is remembered if its outcome stays unknown.
    pub fn set_attempt(&mut self, attempt: Option<Attempt>) {
        self.attempt = attempt;
    }

    pub fn attempt(&self) -> Option<&Attempt> {
        self.attempt.as_ref()
    }

    /// The body to send: a held one as often as needed, a streamed one once.
    pub fn take_body(&mut self) -> Option<RequestBody> {
        match std::mem::replace(&mut self.body, Outgoing::Spent) {
            Outgoing::Held(held) => {
                self.body = Outgoing::Held(held.clone());
                Some(RequestBody::Held(Some(held)))
            }
            Outgoing::Streaming(body) => Some(body.into_request_body()),
            Outgoing::Unsent(body) => Some(body),
            Outgoing::Spent => None,
        }
    }

    /// Gives back a body of which nothing was sent.
    pub fn return_body(&mut self, body: RequestBody) {
        if let (Outgoing::Spent, RequestBody::Streaming(_)) = (&self.body, &body) {
            self.body = Outgoing::Unsent(body);
        }
    }
}

enum Outgoing {
    Held(Bytes),
    Streaming(BoundedBody),
    /// Streamed, handed out, and given back untouched.
    Unsent(RequestBody),
    Spent,
}
