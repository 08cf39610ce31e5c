//! Connections to ClinikAPI: TLS, the pool, one request out and one answer back.
//!
//! One pool per worker, last in first out, never shared between threads. Sends [`UpstreamRequest`]s and nothing
//! else. Repeats a request once when a reused connection died before the first byte of an answer and either the
//! method is safe or hyper vouches that nothing was written; every other failure is reported with whether the
//! upstream may have acted. Does not look into answers (`response`).

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use http::{HeaderName, HeaderValue, Request, Response, Uri, header};
use hyper::client::conn::{TrySendError, http1, http2};
use tokio::time::timeout;

use crate::credentials::ApiKey;
use crate::forward::UpstreamRequest;
use crate::guards::body::{BodyWatch, RequestBody};
use crate::metrics::Metrics;
use crate::wire;

mod body;
mod connect;
mod dial;
mod gate;
mod pins;
pub mod settings;

pub use body::{BodyLost, UpstreamBody};
pub use connect::{ConnectError, Connector, Handshake};
pub use pins::Pin;

/// What went wrong, by cause. Never quotes an error text: those can hold anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SendError {
    pub cause: Cause,
    /// Whether the upstream may have received the request.
    pub maybe_sent: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// No address of the host could be found.
    Resolve,
    /// No address accepted a connection in time.
    Connect,
    /// The TLS handshake failed for another reason than a certificate.
    Tls,
    /// The upstream's certificate is out of its time.
    CertificateExpired,
    /// The upstream's certificate is for other names.
    CertificateName,
    /// No trusted root stands behind the upstream's certificate, or it is broken.
    CertificateUntrusted,
    /// No key of the upstream's chain is among `upstream.pins`.
    CertificatePin,
    /// The upstream refused our certificate, or the lack of one.
    ClientCertificate,
    /// The connection ended before an answer.
    Closed,
    /// What came back is not HTTP.
    Malformed,
    /// No answer in time.
    Timeout,
    /// The guard broke the request body off; the reason is in its watch.
    BrokenOff,
}

impl Cause {
    pub const ALL: [Cause; 12] = [
        Cause::Resolve,
        Cause::Connect,
        Cause::Tls,
        Cause::CertificateExpired,
        Cause::CertificateName,
        Cause::CertificateUntrusted,
        Cause::CertificatePin,
        Cause::ClientCertificate,
        Cause::Closed,
        Cause::Malformed,
        Cause::Timeout,
        Cause::BrokenOff,
    ];

    pub const fn as_str(self) -> &'static str {
        match self {
            Cause::Resolve => "resolve",
            Cause::Connect => "connect",
            Cause::Tls => "tls",
            Cause::CertificateExpired => "certificate_expired",
            Cause::CertificateName => "certificate_name",
            Cause::CertificateUntrusted => "certificate_untrusted",
            Cause::CertificatePin => "certificate_pin",
            Cause::ClientCertificate => "client_certificate",
            Cause::Closed => "closed",
            Cause::Malformed => "malformed",
            Cause::Timeout => "timeout",
            Cause::BrokenOff => "broken_off",
        }
    }

    /// What to do about it; for the causes that do not pass by themselves.
    pub const fn advice(self) -> Option<&'static str> {
        Some(match self {
            Cause::CertificateExpired => {
                "the upstream's certificate is out of its time; see also this machine's clock"
            }
            Cause::CertificateName => "the upstream's certificate is not for the host of upstream.url",
            Cause::CertificateUntrusted => {
                "no trusted root signed the upstream's certificate; see upstream.ca_file"
            }
            Cause::CertificatePin => "no key of the upstream's certificate chain is among upstream.pins",
            Cause::ClientCertificate => {
                "the upstream refused the guard's certificate; see upstream.client_certificate"
            }
            _ => return None,
        })
    }
}

/// One worker's connections to the upstream.
pub struct Upstream {
    pool: Mutex<Pool>,
    metrics: Arc<Metrics>,
}

struct Pool {
    connector: Arc<Connector>,
    /// The most recently used connection is last.
    idle: Vec<Idle>,
    /// One HTTP/2 connection carries every request at once.
    shared: Option<Shared>,
}

struct Idle {
    sender: http1::SendRequest<RequestBody>,
    made: Instant,
    since: Instant,
}

#[derive(Clone)]
struct Shared {
    sender: http2::SendRequest<RequestBody>,
    made: Instant,
}

/// A connection taken for one exchange.
enum Taken {
    Http1 { sender: http1::SendRequest<RequestBody>, made: Instant, reused: bool },
    Http2 { sender: http2::SendRequest<RequestBody>, reused: bool },
}

impl Upstream {
    pub fn new(connector: Arc<Connector>, metrics: Arc<Metrics>) -> Upstream {
        Upstream { pool: Mutex::new(Pool { connector, idle: Vec::new(), shared: None }), metrics }
    }

    /// Sends the request with this key and waits for the head of the answer.
    pub async fn send(
        self: &Arc<Self>,
        connector: &Arc<Connector>,
        request: &mut UpstreamRequest,
        key: &ApiKey,
    ) -> Result<Response<UpstreamBody>, SendError> {
        self.adopt(connector);
        let mut fresh = false;
        loop {
            let taken = self.take(connector, fresh).await?;
            let reused = taken.reused();
            let Some(body) = request.take_body() else {
                return Err(SendError { cause: Cause::Closed, maybe_sent: true });
            };
            let wire = wire_request(connector, request, key, body, &taken);
            request.attempt().inspect(|attempt| attempt.leaves());
            let exchange = self.exchange(connector, taken, wire);
            match while_alive(exchange, connector.settings.response_timeout, request.watch()).await {
                None => return Err(SendError { cause: Cause::Timeout, maybe_sent: true }),
                Some(Ok(response)) => return Ok(response),
                Some(Err(mut failed)) => {
                    let unsent = failed.take_message();
                    let refused_late = !reused && connect::refused_late(failed.error());
                    let cause =
                        if refused_late { Cause::ClientCertificate } else { classify(failed.error()) };
                    let maybe_sent = unsent.is_none() && !refused_late;
                    if !maybe_sent {
                        request.attempt().inspect(|attempt| attempt.stayed());
                    }
                    // A second try goes out on a fresh connection, so it can happen once at most.
                    if reused && !fresh && cause == Cause::Closed && (!maybe_sent || request.is_safe()) {
                        if let Some(unsent) = unsent {
                            request.return_body(unsent.into_body());
                        }
                        fresh = true;
                        continue;
                    }
                    return Err(SendError { cause, maybe_sent });
                }
            }
        }
    }

    async fn exchange(
        self: &Arc<Self>,
        connector: &Arc<Connector>,
        taken: Taken,
        wire: Request<RequestBody>,
    ) -> Result<Response<UpstreamBody>, TrySendError<Request<RequestBody>>> {
        let idle_timeout = connector.settings.body_idle_timeout;
        match taken {
            Taken::Http1 { mut sender, made, .. } => {
                let response = sender.try_send_request(wire).await?;
                let give_back =
                    GiveBack { upstream: Arc::clone(self), connector: Arc::clone(connector), sender, made };
                Ok(response.map(|body| UpstreamBody::new(body, Some(give_back), idle_timeout)))
            }
            Taken::Http2 { mut sender, .. } => {
                let response = sender.try_send_request(wire).await?;
                Ok(response.map(|body| UpstreamBody::new(body, None, idle_timeout)))
            }
        }
    }

    /// Drops every connection made for another connector: a reload changed the upstream.
    fn adopt(&self, connector: &Arc<Connector>) {
        let mut pool = self.lock();
        if !Arc::ptr_eq(&pool.connector, connector) {
            *pool = Pool { connector: Arc::clone(connector), idle: Vec::new(), shared: None };
        }
    }

    async fn take(&self, connector: &Arc<Connector>, fresh: bool) -> Result<Taken, SendError> {
        if !fresh {
            while let Some(candidate) = self.candidate(connector) {
                match candidate {
                    Taken::Http1 { mut sender, made, reused } => {
                        // Its last answer may have ended a moment ago; give the connection task the turn it needs.
                        if sender.is_ready()
                            || matches!(timeout(READY_WAIT, sender.ready()).await, Ok(Ok(())))
                        {
                            return Ok(Taken::Http1 { sender, made, reused });
                        }
                    }
                    shared @ Taken::Http2 { .. } => return Ok(shared),
                }
            }
        }
        let made = Instant::now();
        // Boxed: handshakes are rare, and every exchange would carry room for one.
        let connected = Box::pin(connector.connect()).await?;
        if let Some(handshake) = &connected.handshake {
            self.metrics.handshaken(handshake);
        }
        match connected.sender {
            connect::Sender::Http1(sender) => Ok(Taken::Http1 { sender, made, reused: false }),
            connect::Sender::Http2(sender) => {
                self.lock().shared = Some(Shared { sender: sender.clone(), made });
                Ok(Taken::Http2 { sender, reused: false })
            }
        }
    }

    fn candidate(&self, connector: &Connector) -> Option<Taken> {
        let settings = &connector.settings;
        let now = Instant::now();
        let mut pool = self.lock();
        if let Some(shared) = &pool.shared {
            if !shared.sender.is_closed() && now.duration_since(shared.made) < settings.pool_age_max {
                return Some(Taken::Http2 { sender: shared.sender.clone(), reused: true });
            }
            pool.shared = None;
        }
        while let Some(idle) = pool.idle.pop() {
            let young = now.duration_since(idle.made) < settings.pool_age_max;
            if now.duration_since(idle.since) >= settings.pool_idle_timeout {
                // Everything below is older still.
                pool.idle.clear();
                return None;
            }
            if young && !idle.sender.is_closed() {
                return Some(Taken::Http1 { sender: idle.sender, made: idle.made, reused: true });
            }
        }
        None
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Pool> {
        self.pool.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Closes connections that idled too long. Called now and then, so that an idle guard holds none.
    pub fn sweep(&self) {
        let now = Instant::now();
        let mut pool = self.lock();
        let (idle_max, age_max) =
            (pool.connector.settings.pool_idle_timeout, pool.connector.settings.pool_age_max);
        pool.idle.retain(|idle| {
            now.duration_since(idle.since) < idle_max
                && now.duration_since(idle.made) < age_max
                && !idle.sender.is_closed()
        });
    }
}

/// Waits for the head of an answer; the time limit starts anew while a streamed body is still being taken.
async fn while_alive<T>(exchange: impl Future<Output = T>, limit: Duration, watch: &BodyWatch) -> Option<T> {
    let mut exchange = std::pin::pin!(exchange);
    let mut progress = watch.progress();
    loop {
        if let Ok(done) = timeout(limit, exchange.as_mut()).await {
            return Some(done);
        }
        let now = watch.progress();
        if now == progress {
            return None;
        }
        progress = now;
    }
}

/// How long a connection that just ended an answer may take to be ready for the next.
const READY_WAIT: Duration = Duration::from_millis(20);

impl Taken {
    const fn reused(&self) -> bool {
        match self {
            Taken::Http1 { reused, .. } | Taken::Http2 { reused, .. } => *reused,
        }
    }
}

/// A connection that goes back to the pool when its answer has ended.
struct GiveBack {
    upstream: Arc<Upstream>,
    connector: Arc<Connector>,
    sender: http1::SendRequest<RequestBody>,
    made: Instant,
}

impl GiveBack {
    fn give_back(self) {
        let now = Instant::now();
        let mut pool = self.upstream.lock();
        let wanted = Arc::ptr_eq(&pool.connector, &self.connector)
            && pool.idle.len() < self.connector.settings.pool_idle_max
            && !self.sender.is_closed();
        if wanted {
            pool.idle.push(Idle { sender: self.sender, made: self.made, since: now });
        }
    }
}

fn wire_request(
    connector: &Connector,
    request: &UpstreamRequest,
    key: &ApiKey,
    body: RequestBody,
    taken: &Taken,
) -> Request<RequestBody> {
    let mut wire = Request::new(body);
    *wire.method_mut() = request.method().clone();
    *wire.headers_mut() = request.headers().clone();
    wire.headers_mut().insert(HeaderName::from_static("x-api-key"), key.header_value());
    let mut uri = http::uri::Parts::default();
    uri.path_and_query = Some(request.target().clone());
    match taken {
        Taken::Http1 { .. } => {
            wire.headers_mut().insert(header::HOST, connector.host.clone());
        }
        Taken::Http2 { .. } => {
            uri.scheme = Some(http::uri::Scheme::HTTPS);
            uri.authority = Some(connector.authority.clone());
            *wire.version_mut() = http::Version::HTTP_2;
        }
    }
    // Scheme and authority come together or not at all, so these parts always make a URI.
    *wire.uri_mut() = Uri::from_parts(uri).unwrap_or_default();
    wire
}

fn classify(error: &hyper::Error) -> Cause {
    match wire::fault_in(error) {
        // What an upstream says of its own accord is mostly a farewell: nobody read the request.
        Some(wire::Fault::Unasked) => return Cause::Closed,
        Some(_) => return Cause::Malformed,
        None => {}
    }
    if error.is_user() || error.is_body_write_aborted() {
        Cause::BrokenOff
    } else if error.is_parse() {
        Cause::Malformed
    } else if error.is_timeout() {
        Cause::Timeout
    } else {
        Cause::Closed
    }
}

/// For `Host`: the value hyper would derive from an absolute URI.
fn host_value(authority: &http::uri::Authority, default_port: bool) -> HeaderValue {
    let text = if default_port { authority.host() } else { authority.as_str() };
    // An authority holds visible ASCII only.
    HeaderValue::from_str(text).unwrap_or_else(|_| HeaderValue::from_static("invalid"))
}
