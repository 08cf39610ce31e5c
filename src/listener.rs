//! The data port: sockets, connections, and how they end.
//!
//! Every worker accepts on sockets of its own (`SO_REUSEPORT`), so that a connection lives on one thread. Owns the
//! bounds of a connection: how many there are (`places`), which bytes pass (`gate`), how long it may idle and work
//! (`connection`, `line`), how long it may leave an answer unread (`patient`). Hands each request to `exchange` and
//! knows nothing of what is in it.

use std::io;
use std::net::SocketAddr;
use std::os::unix::fs::{FileTypeExt, PermissionsExt};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use socket2::{Domain, Protocol, Socket, Type};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, UnixListener};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;

use crate::exchange::Worker;
use crate::guards::caller::Peer;

mod connection;
mod gate;
mod line;
mod patient;
mod peer;
mod places;
pub mod settings;
mod tls;

use connection::{Connection, Times};
use patient::Patient;
use settings::{ListenSettings, UnixSettings};

pub use places::{Full, Places};
pub use tls::{ServerTls, TlsError};

/// Pending connections the kernel keeps per socket.
const BACKLOG: i32 = 1024;
/// Wait after an `accept` that failed for want of file descriptors or memory.
const ACCEPT_RETRY: Duration = Duration::from_millis(50);

/// The sockets of one worker, bound but not yet part of a runtime.
pub struct Sockets {
    tcp: Vec<std::net::TcpListener>,
    tls: Vec<std::net::TcpListener>,
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
    pub tls_addresses: Vec<SocketAddr>,
    pub workers: Vec<Sockets>,
    /// Addresses left out because this machine has no IPv6 loopback.
    pub skipped: Vec<SocketAddr>,
}

/// Binds every address for every worker.
pub fn bind(settings: &ListenSettings) -> Result<Bound, BindError> {
    let (addresses, tls_addresses) = (Vec::new(), Vec::new());
    let mut bound = Bound { addresses, tls_addresses, workers: Vec::new(), skipped: Vec::new() };
    let none = || Sockets { tcp: Vec::new(), tls: Vec::new(), unix: None };
    bound.workers.resize_with(settings.workers.get(), none);
    for wanted in &settings.addresses {
        // The second loopback address follows the port the first was given.
        let port = bound.addresses.first().map(SocketAddr::port);
        let named = |mut problem: BindError| {
            problem.what.push_str(" (listen.addresses)");
            problem
        };
        let bound_to = bind_for_all(&mut bound, *wanted, port, |sockets| &mut sockets.tcp);
        if let Some(address) = bound_to.map_err(named)? {
            bound.addresses.push(address);
        }
    }
    for wanted in settings.tls.iter().flat_map(|tls| &tls.addresses) {
        let port = bound.tls_addresses.first().map(SocketAddr::port);
        let named = |mut problem: BindError| {
            problem.what.push_str(" (listen.tls.addresses)");
            problem
        };
        let bound_to = bind_for_all(&mut bound, *wanted, port, |sockets| &mut sockets.tls);
        if let Some(address) = bound_to.map_err(named)? {
            bound.tls_addresses.push(address);
        }
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

/// Binds one address for every worker; `None` if this machine does not have it.
fn bind_for_all(
    bound: &mut Bound,
    wanted: SocketAddr,
    port_if_any: Option<u16>,
    sockets: impl Fn(&mut Sockets) -> &mut Vec<std::net::TcpListener>,
) -> Result<Option<SocketAddr>, BindError> {
    let mut address = wanted;
    if is_absent_ipv6_loopback(address) {
        bound.skipped.push(address);
        return Ok(None);
    }
    if let (0, Some(port)) = (address.port(), port_if_any) {
        address.set_port(port);
    }
    // Without the shared port option first: a second guard on the same address must fail, not take half the
    // connections. Not listening yet, or a client that comes early would be taken in and dropped with the probe. A
    // port that the kernel picks is nobody else's, and giving it back would only lose it.
    if address.port() != 0 {
        let probe = bind_tcp(address, Share::Alone);
        drop(probe.map_err(|error| BindError { what: address.to_string(), error })?);
    }
    for worker in &mut bound.workers {
        let socket = bind_tcp(address, Share::WithWorkers)
            .and_then(|socket| socket.listen(BACKLOG).map(|()| std::net::TcpListener::from(socket)))
            .map_err(|error| BindError { what: address.to_string(), error })?;
        address = socket.local_addr().unwrap_or(address);
        sockets(worker).push(socket);
    }
    Ok(Some(address))
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Share {
    Alone,
    WithWorkers,
}

fn bind_tcp(address: SocketAddr, share: Share) -> io::Result<Socket> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    if address.is_ipv6() {
        socket.set_only_v6(true)?;
    }
    socket.set_reuse_address(true)?;
    socket.set_reuse_port(share == Share::WithWorkers)?;
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    Ok(socket)
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
    places: Arc<Places>,
    tls: Option<Arc<ServerTls>>,
    drain: watch::Receiver<bool>,
) {
    let mut loops = JoinSet::new();
    let (done, mut finished) = tokio::sync::mpsc::channel::<()>(1);
    let accepting = Arc::new(Accepting {
        worker,
        times: Times::of(settings),
        places,
        farewells: Arc::new(Semaphore::new(places::FAREWELLS_MAX)),
        no_place: places::no_place_answer().await,
        done,
    });
    for socket in sockets.tcp {
        let acceptor = TcpListener::from_std(socket).map(Acceptor::Tcp);
        loops.spawn(accept(acceptor, Arc::clone(&accepting), drain.clone()));
    }
    for socket in sockets.tls {
        // Bound only where the policy has TLS, and then it was made.
        let Some(tls) = tls.clone() else { continue };
        let acceptor = TcpListener::from_std(socket).map(|socket| Acceptor::Tls(socket, tls));
        loops.spawn(accept(acceptor, Arc::clone(&accepting), drain.clone()));
    }
    if let Some(socket) = sockets.unix {
        let acceptor = UnixListener::from_std(socket).map(Acceptor::Unix);
        loops.spawn(accept(acceptor, Arc::clone(&accepting), drain.clone()));
    }
    drop(accepting);
    while loops.join_next().await.is_some() {}
    // Every connection holds a sender; when the last one is gone, `recv` ends.
    let _in_time = tokio::time::timeout(settings.drain_deadline, finished.recv()).await;
    if let Some(unix) = &settings.unix {
        // Every worker tries; the first one removes it.
        let _removed = remove_stale(&unix.path);
    }
}

/// What the loops of a worker need for a new connection.
struct Accepting {
    worker: Arc<Worker>,
    times: Times,
    places: Arc<Places>,
    farewells: Arc<Semaphore>,
    no_place: Arc<[u8]>,
    done: tokio::sync::mpsc::Sender<()>,
}

enum Acceptor {
    Tcp(TcpListener),
    Tls(TcpListener, Arc<ServerTls>),
    Unix(UnixListener),
}

async fn accept(acceptor: io::Result<Acceptor>, accepting: Arc<Accepting>, mut drain: watch::Receiver<bool>) {
    let Ok(acceptor) = acceptor else {
        tracing::error!("a bound socket could not join the runtime");
        return;
    };
    loop {
        let accepted = tokio::select! {
            accepted = acceptor.accept() => accepted,
            () = told(&mut drain) => return,
        };
        match accepted {
            Ok(Accepted::Tcp(stream, peer)) => accepting.take_in(stream, peer, None, &drain),
            Ok(Accepted::Tls(stream, peer, tls)) => accepting.take_in(stream, peer, Some(tls), &drain),
            Ok(Accepted::Unix(stream, peer)) => accepting.take_in(stream, peer, None, &drain),
            Err(error) if is_exhausted(&error) => {
                accepting.worker.service.metrics.accept_failures.inc();
                tracing::warn!(
                    again_in_ms = ACCEPT_RETRY.as_millis(),
                    "no connection can be accepted: out of file descriptors or memory"
                );
                tokio::time::sleep(ACCEPT_RETRY).await;
            }
            // A client that left while it waited; the next one need not wait for that.
            Err(_) => {}
        }
    }
}

/// Whether `accept` failed for want of something of ours, which a pause may give back.
fn is_exhausted(error: &io::Error) -> bool {
    use rustix::io::Errno;
    let ours = [Errno::MFILE, Errno::NFILE, Errno::NOBUFS, Errno::NOMEM];
    ours.iter().any(|errno| error.raw_os_error() == Some(errno.raw_os_error()))
}

impl Accepting {
    /// Gives a new connection its place and its task, or says that there is none.
    fn take_in<T>(&self, stream: T, peer: Peer, tls: Option<Arc<ServerTls>>, drain: &watch::Receiver<bool>)
    where
        T: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        match self.places.take(peer) {
            Ok(place) => {
                let connection = Connection {
                    worker: Arc::clone(&self.worker),
                    times: self.times,
                    drain: drain.clone(),
                    _place: place,
                    _done: self.done.clone(),
                };
                match tls {
                    None => tokio::spawn(connection.run(Patient::new(stream), peer, None)),
                    Some(tls) => tokio::spawn(async move {
                        let mut drain = connection.drain.clone();
                        let accepted = tokio::select! {
                            accepted = tls.accept(stream) => accepted,
                            () = told(&mut drain) => None,
                        };
                        let result = if accepted.is_some() { "done" } else { "failed" };
                        connection
                            .worker
                            .service
                            .metrics
                            .client_handshakes
                            .with_label_values(&[result])
                            .inc();
                        if let Some((stream, names)) = accepted {
                            connection.run(Patient::new(stream), peer, names).await;
                        }
                    }),
                };
            }
            Err(full) => {
                self.worker.service.metrics.connections_refused.with_label_values(&[full.as_str()]).inc();
                // In plain text, so not to a client that waits for a handshake.
                if let (None, Ok(permit)) = (tls, Arc::clone(&self.farewells).try_acquire_owned()) {
                    let answer = Arc::clone(&self.no_place);
                    tokio::spawn(async move {
                        places::turn_away(stream, answer).await;
                        drop(permit);
                    });
                }
            }
        }
    }
}

/// Waits for the drain to begin; the application being gone counts as that.
async fn told(drain: &mut watch::Receiver<bool>) {
    let _told = drain.wait_for(|drain| *drain).await;
}

enum Accepted {
    Tcp(tokio::net::TcpStream, Peer),
    Tls(tokio::net::TcpStream, Peer, Arc<ServerTls>),
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
            Acceptor::Tls(listener, tls) => {
                let (stream, from) = listener.accept().await?;
                stream.set_nodelay(true)?;
                Ok(Accepted::Tls(stream, Peer::Tcp(from.ip()), Arc::clone(tls)))
            }
            Acceptor::Unix(listener) => {
                let (stream, _) = listener.accept().await?;
                let peer = peer::of_socket(&stream)?;
                Ok(Accepted::Unix(stream, peer))
            }
        }
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
