//! A ClinikAPI stand-in: an upstream over real TLS, in memory, for `clinik-guard dev` and for the integration tests.
//!
//! Owns a listener on loopback, a certificate authority made at start, a bounded store, a bounded record of what it
//! was sent, and a queue of misbehaviours. It answers as the public documents of the API describe, and on demand with
//! any answer of `tests/data/clinikapi/examples`: by the header `x-standin-example: <id>`, by an id
//! `standin-<id>` anywhere in the path or a field `standinExample` in a JSON body (the guard forwards those, the header
//! it may not), or for every request by `StandinConfig::example`.
//!
//! Deliberately not: a FHIR server, a model of tenants beyond records that are kept apart by key, or anything to run other than on loopback. It writes no log;
//! what it holds of requests is given only to the test that asks. It shares no table and no code with the guards, so
//! that an error there cannot hide here.

use std::collections::{BTreeMap, VecDeque};
use std::convert::Infallible;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

use hyper::server::conn::{http1, http2};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::{JoinHandle, JoinSet};
use tokio_rustls::TlsAcceptor;

use self::bulk::Jobs;
use self::limits::Limits;
use self::recorder::Recorder;
use self::service::Connection;
use self::store::Store;
use self::wire::{Tamper, Wire};

mod answer;
mod api;
mod behaviour;
mod bulk;
mod call;
mod certificate;
mod clock;
pub mod examples;
mod fhir;
mod ids;
mod limits;
mod patch;
mod recorder;
mod resources;
mod search;
mod service;
mod shape;
mod store;
#[cfg(test)]
mod tests;
mod wire;

pub use self::behaviour::{Behaviour, Coding};
pub use self::certificate::ServerCertificate;
pub use self::recorder::Seen;
pub use self::service::{EXAMPLE_FIELD, EXAMPLE_HEADER, EXAMPLE_ID_PREFIX};

/// The key a stand-in of the default configuration accepts. A test key of no one.
pub const STANDIN_KEY: &str = "clk_test_standin0000000000000000";

#[derive(Clone)]
pub struct StandinConfig {
    /// Where to listen; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Accepted values of `x-api-key`.
    pub keys: Vec<String>,
    /// Of these, the ones without the write scope.
    pub read_only_keys: Vec<String>,
    /// Whose records a key opens; others are not seen with it.
    pub organisation: fn(&str) -> usize,
    /// Requests in a rolling minute. Above 100,000 nothing is counted.
    pub plan_per_minute: u32,
    pub monthly_quota: u64,
    pub sandbox_quota: u64,
    /// Beyond the monthly quota requests pass and are counted as overage.
    pub overage: bool,
    pub tls: bool,
    /// Offer HTTP/2 by ALPN, ahead of HTTP/1.1. Needs `tls`.
    pub http2: bool,
    pub certificate: ServerCertificate,
    /// Errors quote what they were given, as careless servers' do.
    pub careless: bool,
    /// Every request is answered by this example.
    pub example: Option<String>,
    /// Wait before each answer.
    pub latency: Duration,
    /// A longer request body is answered 413.
    pub body_bytes_max: usize,
}

impl Default for StandinConfig {
    fn default() -> StandinConfig {
        StandinConfig {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            keys: vec![STANDIN_KEY.to_owned()],
            read_only_keys: Vec::new(),
            organisation: |_| 0,
            plan_per_minute: 1000,
            monthly_quota: 600_000,
            sandbox_quota: 600_000,
            overage: false,
            tls: true,
            http2: true,
            certificate: ServerCertificate::Valid,
            careless: false,
            example: None,
            latency: Duration::ZERO,
            body_bytes_max: 16 * 1024 * 1024,
        }
    }
}

/// A running stand-in. Dropping it ends it; `shutdown` also waits until it has ended.
pub struct Standin {
    address: SocketAddr,
    ca_pem: String,
    shared: Arc<Shared>,
    stop: Option<oneshot::Sender<Infallible>>,
    accepting: JoinHandle<()>,
}

impl Standin {
    /// Binds, makes the certificates, and serves from tasks of the current runtime.
    pub async fn start(config: StandinConfig) -> io::Result<Standin> {
        let listener = TcpListener::bind(config.listen).await?;
        let address = listener.local_addr()?;
        let protocols: &[&[u8]] = if config.http2 { &[b"h2", b"http/1.1"] } else { &[b"http/1.1"] };
        let identity = certificate::make(config.certificate, protocols)?;
        let acceptor = config.tls.then(|| TlsAcceptor::from(identity.tls));
        let shared = Arc::new(Shared::new(config));
        let (stop, stopped) = oneshot::channel();
        let accepting = tokio::spawn(accept(listener, acceptor, Arc::clone(&shared), stopped));
        Ok(Standin { address, ca_pem: identity.ca_pem, shared, stop: Some(stop), accepting })
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The certificate to trust, PEM.
    pub fn ca_pem(&self) -> &str {
        &self.ca_pem
    }

    /// `https://localhost:PORT`, without a slash at the end.
    pub fn url(&self) -> String {
        let scheme = if self.shared.config.tls { "https" } else { "http" };
        format!("{scheme}://localhost:{}", self.address.port())
    }

    /// What arrived, the oldest first. The last 4096 requests are kept.
    pub fn requests(&self) -> Vec<Seen> {
        self.shared.recorder.requests()
    }

    pub fn request_count(&self) -> usize {
        self.shared.recorder.count()
    }

    /// Waits until `count` requests are on record with their bodies read. Put a time limit around it.
    pub async fn wait_for(&self, count: usize) -> Vec<Seen> {
        self.wait_until(|seen| seen.len() >= count && seen.iter().take(count).all(|seen| seen.complete)).await
    }

    /// Waits until what is on record passes `enough`. Put a time limit around it.
    pub async fn wait_until(&self, enough: impl Fn(&[Seen]) -> bool) -> Vec<Seen> {
        self.shared.recorder.wait_until(enough).await
    }

    /// Connections accepted since the start, including those no request came over.
    pub fn connections(&self) -> u64 {
        self.shared.connections.load(Ordering::Acquire)
    }

    /// Records in all stores.
    pub fn record_count(&self) -> usize {
        let held = self.shared.held.lock().unwrap_or_else(PoisonError::into_inner);
        held.values().map(|held| held.store.len()).sum()
    }

    /// Forgets the requests seen and the behaviours not used yet.
    pub fn clear(&self) {
        self.shared.recorder.clear();
        let mut script = self.shared.script.lock().unwrap_or_else(PoisonError::into_inner);
        script.clear();
        self.shared.queued.store(0, Ordering::Release);
    }

    /// Queues what happens to the next request, or connection. More than 10,000 are not kept.
    pub fn script(&self, behaviour: Behaviour) {
        const QUEUED_MAX: usize = 10_000;
        let mut script = self.shared.script.lock().unwrap_or_else(PoisonError::into_inner);
        if script.len() < QUEUED_MAX {
            script.push_back(behaviour);
        }
        self.shared.queued.store(script.len(), Ordering::Release);
    }

    /// Behaviours queued and not used yet.
    pub fn scripted(&self) -> usize {
        self.shared.queued.load(Ordering::Acquire)
    }

    /// From now on these keys are accepted; those accepted before and not named are revoked.
    pub fn set_keys(&self, accepted: Vec<String>) {
        const RETIRED_MAX: usize = 100;
        let mut keys = self.shared.keys.write().unwrap_or_else(PoisonError::into_inner);
        let before = std::mem::replace(&mut keys.accepted, accepted);
        keys.retired.extend(before);
        let excess = keys.retired.len().saturating_sub(RETIRED_MAX);
        keys.retired.drain(..excess);
    }

    /// Closes the listener and every connection, and waits for their tasks.
    pub async fn shutdown(mut self) {
        self.stop = None;
        // The task ends by itself; if it panicked there is nothing left to wait for.
        let _ = (&mut self.accepting).await;
    }
}

impl Drop for Standin {
    fn drop(&mut self) {
        // Aborting drops the set of connection tasks, which aborts them too.
        self.accepting.abort();
    }
}

/// What all connections share.
struct Shared {
    config: StandinConfig,
    keys: RwLock<Keys>,
    recorder: Recorder,
    script: Mutex<VecDeque<Behaviour>>,
    /// Length of `script`.
    queued: AtomicUsize,
    connections: AtomicU64,
    /// By organisation. Locked before the limits.
    held: Mutex<BTreeMap<usize, Held>>,
    limits: Mutex<Limits>,
}

/// What is kept for one organisation.
#[derive(Default)]
struct Held {
    store: Store,
    jobs: Jobs,
}

struct Keys {
    accepted: Vec<String>,
    retired: Vec<String>,
}

impl Shared {
    fn new(config: StandinConfig) -> Shared {
        Shared {
            keys: RwLock::new(Keys { accepted: config.keys.clone(), retired: Vec::new() }),
            recorder: Recorder::default(),
            script: Mutex::default(),
            queued: AtomicUsize::new(0),
            connections: AtomicU64::new(0),
            held: Mutex::default(),
            limits: Mutex::new(Limits::new(&config)),
            config,
        }
    }

    /// Takes the first queued behaviour that `concerns` says yes to.
    fn take_behaviour(&self, concerns: impl Fn(&Behaviour) -> bool) -> Option<Behaviour> {
        let mut script = self.script.lock().unwrap_or_else(PoisonError::into_inner);
        let index = script.iter().position(concerns)?;
        let behaviour = script.remove(index);
        self.queued.store(script.len(), Ordering::Release);
        behaviour
    }
}

async fn accept(
    listener: TcpListener,
    acceptor: Option<TlsAcceptor>,
    shared: Arc<Shared>,
    mut stopped: oneshot::Receiver<Infallible>,
) {
    const CONNECTIONS_MAX: usize = 4096;
    let mut tasks = JoinSet::new();
    loop {
        tokio::select! {
            // Ready when the sender is dropped.
            _ = &mut stopped => break,
            _ = tasks.join_next(), if !tasks.is_empty() => {}
            accepted = listener.accept(), if tasks.len() < CONNECTIONS_MAX => match accepted {
                Ok((stream, _)) => {
                    tasks.spawn(connect(stream, acceptor.clone(), Arc::clone(&shared)));
                }
                // Out of file descriptors, mostly: some connection will end.
                Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
            },
        }
    }
    drop(listener);
    tasks.shutdown().await;
}

/// One connection from accept to end. Nobody is told why it ended: the client knows, and the record has the request.
async fn connect(stream: TcpStream, acceptor: Option<TlsAcceptor>, shared: Arc<Shared>) {
    const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(10);
    let number = shared.connections.fetch_add(1, Ordering::AcqRel) + 1;
    match shared.take_behaviour(Behaviour::concerns_connection) {
        Some(Behaviour::StallOnConnect) => return std::future::pending().await,
        Some(_) => {
            // A linger of zero makes the close a reset.
            let _ = socket2::SockRef::from(&stream).set_linger(Some(Duration::ZERO));
            return;
        }
        None => {}
    }
    let _ = stream.set_nodelay(true);
    let Some(acceptor) = acceptor else { return serve_http1(stream, number, shared).await };
    let Ok(Ok(stream)) = tokio::time::timeout(HANDSHAKE_TIMEOUT, acceptor.accept(stream)).await else {
        return;
    };
    match stream.get_ref().1.alpn_protocol() {
        Some(b"h2") => serve_http2(stream, number, shared).await,
        _ => serve_http1(stream, number, shared).await,
    }
}

async fn serve_http1(stream: impl AsyncRead + AsyncWrite + Unpin, number: u64, shared: Arc<Shared>) {
    let tamper = Arc::new(Tamper::default());
    let connection = Arc::new(Connection { number, tamper: Arc::clone(&tamper) });
    let service = service_fn(|req| service::handle(Arc::clone(&shared), Arc::clone(&connection), req));
    let _ = http1::Builder::new()
        .timer(TokioTimer::new())
        .max_headers(256)
        .serve_connection(TokioIo::new(Wire::new(stream, tamper)), service)
        .await;
}

async fn serve_http2(stream: impl AsyncRead + AsyncWrite + Unpin, number: u64, shared: Arc<Shared>) {
    let connection = Arc::new(Connection { number, tamper: Arc::default() });
    let service = service_fn(|req| service::handle(Arc::clone(&shared), Arc::clone(&connection), req));
    let _ = http2::Builder::new(TokioExecutor::new())
        .timer(TokioTimer::new())
        .max_concurrent_streams(128)
        .serve_connection(TokioIo::new(stream), service)
        .await;
}
