//! An answer as data, and the response body that plays it: pieces, pauses, trailers, and endings no server intends.

use std::collections::VecDeque;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode};
use http_body::{Body, Frame, SizeHint};
use serde_json::Value;
use tokio::time::Sleep;

pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Script,
}

impl Answer {
    pub(crate) fn new(status: u16) -> Answer {
        Answer { status, headers: Vec::new(), body: Script::empty() }
    }

    pub(crate) fn json(status: u16, body: &Value) -> Answer {
        Answer::new(status).header("content-type", "application/json").body(body.to_string())
    }

    pub(crate) fn fhir(status: u16, body: &Value) -> Answer {
        Answer::new(status).header("content-type", "application/fhir+json").body(body.to_string())
    }

    pub(crate) fn header(mut self, name: &str, value: impl Into<String>) -> Answer {
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    pub(crate) fn body(mut self, bytes: impl Into<Bytes>) -> Answer {
        self.body = Script::bytes(bytes.into());
        self
    }

    pub(crate) fn script(mut self, script: Script) -> Answer {
        self.body = script;
        self
    }

    /// Headers that no HTTP message can carry are left out.
    pub(crate) fn into_response(self) -> Response<Script> {
        let Answer { status, headers, mut body } = self;
        // A length of its own choosing is sent as it is: hyper only believes it if the body claims none.
        body.exact &= !headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-length"));
        let mut response = Response::new(body);
        *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        for (name, value) in headers {
            let name = HeaderName::from_bytes(name.as_bytes());
            let value = HeaderValue::from_bytes(value.as_bytes());
            if let (Ok(name), Ok(value)) = (name, value) {
                response.headers_mut().append(name, value);
            }
        }
        response
    }
}

pub(crate) enum Step {
    Data(Bytes),
    Trailers(HeaderMap),
    Pause(Duration),
    /// The connection dies here.
    Break,
    /// Nothing more comes, and no end either.
    Hang,
}

/// A body that plays its steps.
pub(crate) struct Script {
    steps: VecDeque<Step>,
    /// The steps are one piece of data whose length may be announced.
    exact: bool,
    pausing: Option<Pin<Box<Sleep>>>,
}

impl Script {
    pub(crate) fn empty() -> Script {
        Script { steps: VecDeque::new(), exact: true, pausing: None }
    }

    pub(crate) fn bytes(bytes: Bytes) -> Script {
        if bytes.is_empty() {
            return Script::empty();
        }
        Script { steps: VecDeque::from([Step::Data(bytes)]), exact: true, pausing: None }
    }

    pub(crate) fn steps(steps: impl IntoIterator<Item = Step>) -> Script {
        Script { steps: steps.into_iter().collect(), exact: false, pausing: None }
    }
}

impl Body for Script {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        loop {
            if let Some(pausing) = self.pausing.as_mut() {
                ready!(pausing.as_mut().poll(cx));
                self.pausing = None;
            }
            match self.steps.pop_front() {
                None => return Poll::Ready(None),
                Some(Step::Data(bytes)) => return Poll::Ready(Some(Ok(Frame::data(bytes)))),
                Some(Step::Trailers(trailers)) => return Poll::Ready(Some(Ok(Frame::trailers(trailers)))),
                Some(Step::Pause(time)) => self.pausing = Some(Box::pin(tokio::time::sleep(time))),
                Some(Step::Break) => {
                    return Poll::Ready(Some(Err(io::ErrorKind::ConnectionAborted.into())));
                }
                Some(Step::Hang) => {
                    self.steps.push_front(Step::Hang);
                    return Poll::Pending;
                }
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.exact && self.steps.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        if !self.exact {
            return SizeHint::default();
        }
        SizeHint::with_exact(match self.steps.front() {
            Some(Step::Data(bytes)) => bytes.len() as u64,
            _ => 0,
        })
    }
}
