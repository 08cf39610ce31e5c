//! One client connection: hyper behind its gate, and the clock that ends it.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderValue, Request, Response, header};
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::watch;
use tokio::time::Instant;

use super::gate::Gate;
use super::line::{Due, Ends, Line};
use super::patient::Patient;
use super::places::Place;
use super::settings::ListenSettings;
use super::told;
use crate::exchange::{self, Worker};
use crate::guards::caller::{Caller, CertificateNames, Peer};
use crate::policy::Policy;
use crate::response::ResponseBody;
use crate::wire::Limits;

/// Room for a request head beyond the guards' limits, so that the guards get to say what is wrong with it.
const HEAD_ROOM_BYTES: usize = 16 * 1024;
/// Longest target, whatever the policy says: the URI type counts in 16 bits.
const TARGET_BYTES_MAX: usize = 65_534;
/// An exchange over its time answers for itself; the clock ends what is left of it.
const GRACE: Duration = Duration::from_secs(1);
/// As many fields hyper takes by itself. For more it asks for memory with each request.
const FIELDS_OF_HYPER: usize = 100;

/// How long and how often a connection may be used.
#[derive(Clone, Copy)]
pub(super) struct Times {
    header_timeout: Duration,
    idle_timeout: Duration,
    exchange_timeout: Duration,
    requests_max: u64,
}

impl Times {
    pub(super) fn of(settings: &ListenSettings) -> Times {
        Times {
            header_timeout: settings.header_timeout,
            idle_timeout: settings.idle_timeout,
            exchange_timeout: settings.exchange_timeout,
            requests_max: settings.requests_per_connection_max.get() as u64,
        }
    }
}

pub(super) struct Connection {
    pub(super) worker: Arc<Worker>,
    pub(super) times: Times,
    pub(super) drain: watch::Receiver<bool>,
    pub(super) _place: Place,
    pub(super) _done: tokio::sync::mpsc::Sender<()>,
}

impl Connection {
    pub(super) async fn run<T>(mut self, stream: Patient<T>, peer: Peer, names: Option<Arc<CertificateNames>>)
    where
        T: AsyncRead + AsyncWrite + Unpin,
    {
        let _counted = Counted::new(&self.worker);
        let policy = Arc::clone(&self.worker.service.snapshot().policy);
        let limits = limits(&policy);
        let line = Arc::new(Line::new());
        let gate = Gate::new(stream, limits, self.times.header_timeout, Arc::clone(&line));
        let (worker, requests_max) = (Arc::clone(&self.worker), self.times.requests_max);
        let served = Arc::clone(&line);
        let service = service_fn(move |request| {
            let (worker, line, names) = (Arc::clone(&worker), Arc::clone(&served), names.clone());
            // hyper keeps room for this future while a connection idles, so it is a small one: the exchange itself, of
            // many kilobytes, has memory only while it runs.
            async move {
                let caller = Caller { peer, names: names.as_deref() };
                let answer = Box::pin(answer(&worker, caller, line, requests_max, request));
                Ok::<_, Infallible>(answer.await)
            }
        });
        let mut builder = http1::Builder::new();
        // The gate and the clock below do what hyper's timer would, and tell what ended.
        builder.header_read_timeout(None).max_buf_size(limits.head_bytes_max);
        // The gate counts fields, so that hyper's own bound is never reached.
        if limits.fields_max > FIELDS_OF_HYPER {
            builder.max_headers(limits.fields_max);
        }
        let connection = builder.serve_connection(TokioIo::new(gate), service);
        let mut connection = std::pin::pin!(connection);
        let first_look = self.times.idle_timeout.min(self.times.exchange_timeout);
        let mut clock = std::pin::pin!(tokio::time::sleep(first_look));
        let mut draining = false;
        let ended = loop {
            tokio::select! {
                // A drain is heard of before anything is answered, so that the answer can say it is the last.
                biased;
                () = told(&mut self.drain), if !draining => {
                    draining = true;
                    connection.as_mut().graceful_shutdown();
                }
                ended = connection.as_mut() => break ended,
                () = clock.as_mut() => match line.due(self.times.idle_timeout, self.times.exchange_timeout + GRACE) {
                    Due::Later(at) => clock.as_mut().reset(at),
                    Due::Idle => {
                        connection.as_mut().graceful_shutdown();
                        clock.as_mut().reset(Instant::now() + self.times.idle_timeout);
                    }
                    Due::Overdue => {
                        tracing::info!("a request took longer than listen.exchange_timeout; connection closed");
                        return;
                    }
                },
            }
        };
        if let Err(error) = ended {
            tracing::debug!(cause = cause(&error), "client connection ended early");
        }
    }
}

/// What the gate lets pass under a policy.
fn limits(policy: &Policy) -> Limits {
    let (headers, url) = (policy.headers.header_bytes_max, policy.url.uri_bytes_max);
    Limits {
        head_bytes_max: headers + url + HEAD_ROOM_BYTES,
        target_bytes_max: (url + HEAD_ROOM_BYTES).min(TARGET_BYTES_MAX),
        fields_max: policy.headers.fields_max,
    }
}

/// Answers one request of a connection, or says why what came was none.
async fn answer(
    worker: &Worker,
    caller: Caller<'_>,
    line: Arc<Line>,
    requests_max: u64,
    request: Request<Incoming>,
) -> Response<Answer> {
    let ends = Ends(Arc::clone(&line));
    let (number, refused) = line.request_begins();
    let mut response = match refused {
        Some(refused) => {
            let method = refused.method.as_ref();
            exchange::refuse(worker, caller, method, refused.dialect, refused.fault.refusal()).await
        }
        None => exchange::serve(worker, caller, request).await,
    };
    if number + 1 >= requests_max {
        response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    response.map(|body| Answer { body, _ends: ends })
}

/// The body of an answer, whose end is the end of the request.
struct Answer {
    body: ResponseBody,
    _ends: Ends,
}

impl Body for Answer {
    type Data = Bytes;
    type Error = <ResponseBody as Body>::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// One open connection in the metrics, however it ends.
struct Counted(Arc<Worker>);

impl Counted {
    fn new(worker: &Arc<Worker>) -> Counted {
        worker.service.metrics.connections.inc();
        Counted(Arc::clone(worker))
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.service.metrics.connections.dec();
    }
}

/// Why a client connection ended, in words of ours.
fn cause(error: &hyper::Error) -> &'static str {
    if error.is_parse() {
        "malformed request"
    } else if error.is_timeout() {
        "head timeout"
    } else if error.is_incomplete_message() {
        "client gone"
    } else {
        "broken"
    }
}
