//! The compiled `listen` section.

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::num::{NonZeroU64, NonZeroUsize};
use std::path::PathBuf;
use std::time::Duration;

use crate::config::{self, Node, Problems, read};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListenSettings {
    pub addresses: Vec<SocketAddr>,
    pub unix: Option<UnixSettings>,
    pub tls: Option<TlsSettings>,
    pub workers: NonZeroUsize,
    pub connections_max: NonZeroUsize,
    pub connections_per_peer_max: NonZeroUsize,
    pub requests_per_connection_max: NonZeroUsize,
    pub requests_in_flight_max: NonZeroUsize,
    /// From the first byte of a request head to its last.
    pub header_timeout: Duration,
    /// For a whole held request body, and the wait a streamed one may cause beyond its size at `body_rate_min`.
    pub body_timeout: Duration,
    /// Bytes a second.
    pub body_rate_min: NonZeroU64,
    /// Between two requests of a connection.
    pub idle_timeout: Duration,
    /// From the end of a request head to the end of the answer.
    pub exchange_timeout: Duration,
    pub drain_linger: Duration,
    pub drain_deadline: Duration,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlsSettings {
    pub addresses: Vec<SocketAddr>,
    pub certificate_file: PathBuf,
    pub key_file: PathBuf,
    /// Authorities of callers' certificates; without it callers are not asked for one.
    pub client_ca_file: Option<PathBuf>,
    /// Whether the handshake fails without a certificate.
    pub certificate_required: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnixSettings {
    pub path: PathBuf,
    /// File mode bits of the socket.
    pub mode: u32,
}

/// `sun_path` of Linux, less its terminating zero.
const UNIX_PATH_BYTES_MAX: usize = 107;

impl ListenSettings {
    pub fn compile(section: &config::Listen, problems: &mut Problems) -> ListenSettings {
        let loopback =
            [SocketAddr::from((Ipv4Addr::LOCALHOST, 8080)), SocketAddr::from((Ipv6Addr::LOCALHOST, 8080))];
        let addresses = section.addresses.list(loopback.to_vec(), read::socket_address, problems);
        for (i, address) in addresses.iter().enumerate() {
            if address.port() != 0 && addresses[..i].contains(address) {
                problems.add(section.addresses.at, "listen.addresses", "the same address twice");
            }
        }
        let unix = section.unix.as_ref().and_then(|unix| UnixSettings::compile(unix, problems));
        let tls = section.tls.as_ref().and_then(|tls| TlsSettings::compile(tls, problems));
        let none_written = section
            .addresses
            .written()
            .is_some_and(|node| matches!(&node.value, config::Value::List(items) if items.is_empty()));
        if none_written && section.unix.is_none() && section.tls.is_none() {
            problems.add(
                section.addresses.at,
                "listen.addresses",
                "nothing to listen on: no address, no `listen.unix` and no `listen.tls`",
            );
        }
        let count = |n: usize| NonZeroUsize::new(n).unwrap_or(NonZeroUsize::MIN);
        let seconds = Duration::from_secs;
        ListenSettings {
            addresses,
            unix,
            tls,
            workers: section.workers.or(count(2), read::count(256), problems),
            connections_max: section.connections_max.or(count(1024), read::count(1_000_000), problems),
            connections_per_peer_max: section.connections_per_peer_max.or(
                count(1024),
                read::count(1_000_000),
                problems,
            ),
            requests_per_connection_max: section.requests_per_connection_max.or(
                count(10_000),
                read::count(1_000_000_000),
                problems,
            ),
            requests_in_flight_max: section.requests_in_flight_max.or(
                count(256),
                read::count(1_000_000),
                problems,
            ),
            header_timeout: section.header_timeout.or(seconds(10), read::duration, problems),
            body_timeout: section.body_timeout.or(seconds(30), read::duration, problems),
            body_rate_min: NonZeroU64::new(section.body_rate_min.or(
                8 << 10,
                read::size(1..=1 << 30),
                problems,
            ))
            .unwrap_or(NonZeroU64::MIN),
            idle_timeout: section.idle_timeout.or(seconds(120), read::duration, problems),
            exchange_timeout: section.exchange_timeout.or(seconds(600), read::duration, problems),
            drain_linger: section.drain.linger.or(seconds(0), read::duration_or_zero, problems),
            drain_deadline: section.drain.deadline.or(seconds(25), read::duration, problems),
        }
    }

    /// The plain addresses that other machines may reach.
    pub fn beyond_loopback(&self) -> impl Iterator<Item = &SocketAddr> {
        self.addresses.iter().filter(|address| !address.ip().to_canonical().is_loopback())
    }

    /// The TLS addresses that other machines may reach.
    pub fn tls_beyond_loopback(&self) -> impl Iterator<Item = &SocketAddr> {
        let addresses = self.tls.iter().flat_map(|tls| &tls.addresses);
        addresses.filter(|address| !address.ip().to_canonical().is_loopback())
    }
}

impl TlsSettings {
    fn compile(section: &config::ListenTls, problems: &mut Problems) -> Option<TlsSettings> {
        let addresses = section.addresses.list(Vec::new(), read::socket_address, problems);
        if addresses.is_empty() {
            let message = "TLS without an address: write one such as \"0.0.0.0:8443\" under `addresses`";
            problems.add(section.at, "listen.tls", message);
        }
        let certificate_file = section.certificate_file.required(read::path, problems);
        let key_file = section.key_file.required(read::path, problems);
        let client_ca_file = section.client_ca_file.or_none(None, read::path, problems);
        let words = [("required", true), ("optional", false)];
        let certificate_required = section.client_certificate.word(true, &words, problems);
        if client_ca_file.is_none() && section.client_certificate.written().is_some() {
            let message = "needs `listen.tls.client_ca_file`, by which callers' certificates are verified";
            problems.add(section.client_certificate.at, "listen.tls.client_certificate", message);
        }
        let (certificate_file, key_file) = (certificate_file?, key_file?);
        Some(TlsSettings { addresses, certificate_file, key_file, client_ca_file, certificate_required })
    }
}

impl UnixSettings {
    fn compile(section: &config::Unix, problems: &mut Problems) -> Option<UnixSettings> {
        let path = section.path.required(read::path, problems);
        if path.as_ref().is_some_and(|path| path.as_os_str().len() > UNIX_PATH_BYTES_MAX) {
            let message =
                format!("longer than the {UNIX_PATH_BYTES_MAX} bytes the path of a socket may have");
            problems.add(section.path.at, "listen.unix.path", message);
        }
        let mode = section.mode.or(0o660, file_mode, problems);
        if mode & 0o007 != 0 {
            problems.warn(section.mode.at, "listen.unix.mode", "every user of this machine may connect");
        }
        Some(UnixSettings { path: path?, mode })
    }
}

/// Octal permission bits, such as "0660".
fn file_mode(node: &Node, problems: &mut Problems) -> Option<u32> {
    let octal =
        |text: &&str| (3..=4).contains(&text.len()) && text.bytes().all(|b| (b'0'..=b'7').contains(&b));
    match node
        .text()
        .filter(octal)
        .and_then(|text| u32::from_str_radix(text, 8).ok())
        .filter(|mode| *mode <= 0o777)
    {
        Some(mode) => Some(mode),
        None => problems.expected(node, "permission bits in octal such as \"0660\""),
    }
}
