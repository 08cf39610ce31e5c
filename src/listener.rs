//! The data port: sockets, connections, and how they end.
//!
//! Every worker accepts on sockets of its own (`SO_REUSEPORT`), so that a connection lives on one thread. Owns the
//! bounds of a connection: how many, how long a head may take, how large it may be. Hands each request to `exchange`
//! and knows nothing of what is in it.

use std::io;
use std::net::SocketAddr;
use std::os::unix::fs::{FileTypeExt, PermissionsExt};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use socket2::{Domain, Protocol, Socket, Type};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, UnixListener};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;

use crate::exchange::{self, Worker};
use crate::guards::caller::Peer;

mod patient;
pub mod settings;

use patient::Patient;
use settings::{ListenSettings, UnixSettings};

/// Pending connections the kernel keeps per socket.
const BACKLOG: i32 = 1024;
/// Room for a request head beyond the guards' limits, so that the guards get to say what is wrong with it.
const HEAD_ROOM_BYTES: usize = 16 * 1024;
/// Most header fields in a request.
const HEADERS_MAX: usize = 256;
/// Wait after a failed `accept`, which is mostly a lack of file descriptors.
const ACCEPT_RETRY: Duration = Duration::from_millis(50);

/// The sockets of one worker, bound but not yet part of a runtime.
pub struct Sockets {
    tcp: Vec<std::net::TcpListener>,
    unix: Option<std::os::unix::net::UnixListener>,
}

/// A socket that could not be bound.
#[derive(Debug)]
pub struct BindError {
    pub what: String,
    pub error: io::Error,
}

/// What was bound.
pub struct Bound {
    pub addresses: Vec<SocketAddr>,
    pub workers: Vec<Sockets>,
    /// Addresses left out because this machine has no IPv6 loopback.
    pub skipped: Vec<SocketAddr>,
}

/// Binds every address for every worker.
pub fn bind(settings: &ListenSettings) -> Result<Bound, BindError> {
    let mut bound = Bound { addresses: Vec::new(), workers: Vec::new(), skipped: Vec::new() };
    bound.workers.resize_with(settings.workers.get(), || Sockets { tcp: Vec::new(), unix: None });
    for wanted in &settings.addresses {
        let mut address = *wanted;
        if is_absent_ipv6_loopback(address) {
            bound.skipped.push(address);
            continue;
        }
        // The second loopback address follows the port the first was given.
        if let (0, Some(first)) = (address.port(), bound.addresses.first()) {
            address.set_port(first.port());
        }
        // Without the shared port option first: a second guard on the same address must fail, not take half the
        // connections. A port that the kernel picks is nobody else's, and giving it back would only lose it.
        if address.port() != 0 {
            let probe = bind_tcp(address, Share::Alone);
            drop(probe.map_err(|error| BindError { what: address.to_string(), error })?);
        }
        for worker in &mut bound.workers {
            let socket = bind_tcp(address, Share::WithWorkers)
                .map_err(|error| BindError { what: address.to_string(), error })?;
            address = socket.local_addr().unwrap_or(address);
            worker.tcp.push(socket);
        }
        bound.addresses.push(address);
    }
    if let Some(unix) = &settings.unix {
        let socket =
            bind_unix(unix).map_err(|error| BindError { what: unix.path.display().to_string(), error })?;
        for worker in &mut bound.workers {
            let own = socket
                .try_clone()
                .map_err(|error| BindError { what: unix.path.display().to_string(), error })?;
            worker.unix = Some(own);
        }
    }
    Ok(bound)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Share {
    Alone,
    WithWorkers,
}

fn bind_tcp(address: SocketAddr, share: Share) -> io::Result<std::net::TcpListener> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    if address.is_ipv6() {
        socket.set_only_v6(true)?;
    }
    socket.set_reuse_address(true)?;
    socket.set_reuse_port(share == Share::WithWorkers)?;
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    Ok(socket.into())
}

/// Containers often have no `::1`; that must not keep the guard from serving 127.0.0.1.
fn is_absent_ipv6_loopback(address: SocketAddr) -> bool {
    address.is_ipv6() && address.ip().is_loopback() && std::net::UdpSocket::bind((address.ip(), 0)).is_err()
}

fn bind_unix(settings: &UnixSettings) -> io::Result<std::os::unix::net::UnixListener> {
    remove_stale(&settings.path)?;
    let socket = std::os::unix::net::UnixListener::bind(&settings.path)?;
    std::fs::set_permissions(&settings.path, std::fs::Permissions::from_mode(settings.mode))?;
    socket.set_nonblocking(true)?;
    Ok(socket)
}

/// Removes a socket left by a killed process; anything that is not a socket is somebody's file and stays.
fn remove_stale(path: &Path) -> io::Result<()> {
    match std::fs::symlink_metadata(path) {
        Ok(found) if found.file_type().is_socket() => std::fs::remove_file(path),
        Ok(_) => Err(io::Error::new(io::ErrorKind::AlreadyExists, "a file that is no socket is in the way")),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
    }
}

/// Serves one worker's sockets until `drain` turns true, then finishes what is in flight within the deadline.
pub async fn serve(
    sockets: Sockets,
    settings: &ListenSettings,
    worker: Arc<Worker>,
    connections: Arc<Semaphore>,
    drain: watch::Receiver<bool>,
) {
    let limits = Arc::new(Limits { header_timeout: settings.header_timeout, connections });
    let mut loops = JoinSet::new();
    let (done, mut finished) = tokio::sync::mpsc::channel::<()>(1);
    for socket in sockets.tcp {
        let acceptor = TcpListener::from_std(socket).map(Acceptor::Tcp);
        loops.spawn(accept(acceptor, Arc::clone(&worker), Arc::clone(&limits), drain.clone(), done.clone()));
    }
    if let Some(socket) = sockets.unix {
        let acceptor = UnixListener::from_std(socket).map(Acceptor::Unix);
        loops.spawn(accept(acceptor, worker, limits, drain.clone(), done.clone()));
    }
    drop(done);
    while loops.join_next().await.is_some() {}
    // Every connection holds a sender; when the last one is gone, `recv` ends.
    let _in_time = tokio::time::timeout(settings.drain_deadline, finished.recv()).await;
    if let Some(unix) = &settings.unix {
        // Every worker tries; the first one removes it.
        let _removed = remove_stale(&unix.path);
    }
}

struct Limits {
    header_timeout: Duration,
    connections: Arc<Semaphore>,
}

enum Acceptor {
    Tcp(TcpListener),
    Unix(UnixListener),
}

async fn accept(
    acceptor: io::Result<Acceptor>,
    worker: Arc<Worker>,
    limits: Arc<Limits>,
    mut drain: watch::Receiver<bool>,
    done: tokio::sync::mpsc::Sender<()>,
) {
    let Ok(acceptor) = acceptor else {
        tracing::error!("a bound socket could not join the runtime");
        return;
    };
    loop {
        let accepted = tokio::select! {
            accepted = acceptor.accept() => accepted,
            () = told(&mut drain) => return,
        };
        let Ok(accepted) = accepted else {
            tokio::time::sleep(ACCEPT_RETRY).await;
            continue;
        };
        // One accepted connection may wait for a place; the rest waits in the kernel's queue, not in our memory.
        let place = tokio::select! {
            place = Arc::clone(&limits.connections).acquire_owned() => place,
            () = told(&mut drain) => return,
        };
        let Ok(place) = place else { return };
        let connection = Connection {
            worker: Arc::clone(&worker),
            header_timeout: limits.header_timeout,
            drain: drain.clone(),
            _place: place,
            _done: done.clone(),
        };
        match accepted {
            Accepted::Tcp(stream, peer) => tokio::spawn(connection.run(Patient::new(stream), peer)),
            Accepted::Unix(stream, peer) => tokio::spawn(connection.run(Patient::new(stream), peer)),
        };
    }
}

/// Waits for the drain to begin; the application being gone counts as that.
async fn told(drain: &mut watch::Receiver<bool>) {
    let _told = drain.wait_for(|drain| *drain).await;
}

enum Accepted {
    Tcp(tokio::net::TcpStream, Peer),
    Unix(tokio::net::UnixStream, Peer),
}

impl Acceptor {
    async fn accept(&self) -> io::Result<Accepted> {
        match self {
            Acceptor::Tcp(listener) => {
                let (stream, from) = listener.accept().await?;
                stream.set_nodelay(true)?;
                Ok(Accepted::Tcp(stream, Peer::Tcp(from.ip())))
            }
            Acceptor::Unix(listener) => {
                let (stream, _) = listener.accept().await?;
                let uid = stream.peer_cred()?.uid();
                Ok(Accepted::Unix(stream, Peer::Unix { uid }))
            }
        }
    }
}

struct Connection {
    worker: Arc<Worker>,
    header_timeout: Duration,
    drain: watch::Receiver<bool>,
    _place: tokio::sync::OwnedSemaphorePermit,
    _done: tokio::sync::mpsc::Sender<()>,
}

impl Connection {
    async fn run<T>(mut self, io: Patient<T>, peer: Peer)
    where
        T: AsyncRead + AsyncWrite + Unpin,
    {
        let _counted = Counted::new(&self.worker);
        let policy = Arc::clone(&self.worker.service.snapshot().policy);
        let head_bytes_max = policy.headers.header_bytes_max + policy.url.uri_bytes_max + HEAD_ROOM_BYTES;
        let worker = Arc::clone(&self.worker);
        let service = service_fn(move |request| {
            let worker = Arc::clone(&worker);
            async move { Ok::<_, std::convert::Infallible>(exchange::serve(&worker, peer, request).await) }
        });
        let connection = http1::Builder::new()
            // Without a timer hyper's header timeout does nothing.
            .timer(TokioTimer::new())
            .header_read_timeout(self.header_timeout)
            .max_buf_size(head_bytes_max)
            .max_headers(HEADERS_MAX)
            .serve_connection(TokioIo::new(io), service);
        let mut connection = std::pin::pin!(connection);
        let ended = tokio::select! {
            ended = connection.as_mut() => ended,
            () = told(&mut self.drain) => {
                connection.as_mut().graceful_shutdown();
                connection.await
            }
        };
        if let Err(error) = ended {
            tracing::debug!(cause = cause(&error), "client connection ended early");
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stale_socket_is_replaced_and_a_file_is_not() {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let path = dir.path().join("guard.sock");
        let settings = UnixSettings { path: path.clone(), mode: 0o660 };
        drop(bind_unix(&settings).expect("a new socket"));
        assert!(path.exists(), "a killed process leaves its socket behind");
        drop(bind_unix(&settings).expect("the stale socket is replaced"));
        assert_eq!(std::fs::metadata(&path).map(|m| m.permissions().mode() & 0o777).ok(), Some(0o660));

        std::fs::remove_file(&path).expect("removed");
        std::fs::write(&path, "mine").expect("written");
        assert!(bind_unix(&settings).is_err());
        assert_eq!(std::fs::read_to_string(&path).ok().as_deref(), Some("mine"));
    }
}
