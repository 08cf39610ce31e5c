//! An upstream over real TLS that does exactly what it is told, and the certificates to go with it.
//!
//! The stand-in is a good server with some bad habits; this one has no habits at all. Each connection follows a list of
//! steps; without one it serves an empty search to every request.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

use aws_lc_rs::digest;
use data_encoding::BASE64;
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair,
    SanType, date_time_ymd,
};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{HandshakeKind, NamedGroup, RootCertStore, ServerConfig};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use crate::harness::PATIENCE;

/// An authority of a test's own.
pub struct Authority(CertifiedIssuer<'static, KeyPair>);

/// A leaf certificate and its key, PEM.
#[derive(Clone)]
pub struct Leaf {
    pub chain: String,
    pub key: String,
    /// As `upstream.pins` takes it.
    pub pin: String,
}

impl Authority {
    pub fn new(name: &str) -> Authority {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Authority(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    pub fn pem(&self) -> String {
        self.0.pem()
    }

    pub fn pin(&self) -> String {
        pin(self.0.key())
    }

    /// For `localhost` and 127.0.0.1, ending with 2040.
    pub fn server(&self) -> Leaf {
        self.server_until(2040)
    }

    pub fn server_until(&self, year: i32) -> Leaf {
        let mut params =
            CertificateParams::new(vec!["localhost".to_owned(), "127.0.0.1".to_owned()]).unwrap();
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.not_before = date_time_ymd(2019, 1, 1);
        params.not_after = date_time_ymd(year, 1, 1);
        self.sign(params)
    }

    /// With these alternative names; URIs have a scheme.
    pub fn client(&self, names: &[&str]) -> Leaf {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        params.subject_alt_names = names
            .iter()
            .map(|name| {
                let text = (*name).try_into().unwrap();
                if name.contains("://") { SanType::URI(text) } else { SanType::DnsName(text) }
            })
            .collect();
        self.sign(params)
    }

    fn sign(&self, params: CertificateParams) -> Leaf {
        let key = KeyPair::generate().unwrap();
        let leaf = params.signed_by(&key, &self.0).unwrap();
        Leaf { chain: leaf.pem(), key: key.serialize_pem(), pin: pin(&key) }
    }
}

fn pin(key: &impl rcgen::PublicKeyData) -> String {
    let hash = digest::digest(&digest::SHA256, &key.subject_public_key_info());
    format!("sha256/{}", BASE64.encode(hash.as_ref()))
}

/// The certificates of a PEM text.
pub fn chain_of(pem: &str) -> Vec<CertificateDer<'static>> {
    CertificateDer::pem_slice_iter(pem.as_bytes()).map(Result::unwrap).collect()
}

pub fn roots(pem: &str) -> Arc<RootCertStore> {
    let mut roots = RootCertStore::empty();
    chain_of(pem).into_iter().for_each(|root| roots.add(root).unwrap());
    Arc::new(roots)
}

/// A server's TLS; with `callers` it demands a client certificate of that authority.
pub fn server_tls(leaf: &Leaf, callers: Option<&Authority>) -> ServerConfig {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder =
        ServerConfig::builder_with_provider(Arc::clone(&provider)).with_safe_default_protocol_versions();
    let builder = match callers {
        None => builder.unwrap().with_no_client_auth(),
        Some(callers) => {
            let verifier =
                WebPkiClientVerifier::builder_with_provider(roots(&callers.pem()), provider).build().unwrap();
            builder.unwrap().with_client_cert_verifier(verifier)
        }
    };
    let key = PrivateKeyDer::from_pem_slice(leaf.key.as_bytes()).unwrap();
    builder.with_single_cert(chain_of(&leaf.chain), key).unwrap()
}

/// One thing a connection does.
#[derive(Clone)]
pub enum Step {
    /// The TLS handshake; ends the script if it fails.
    Handshake,
    /// Reads what the client says first, without an answer.
    ReadHello,
    /// Reads to the end of a request head.
    ReadHead,
    /// Reads a whole request.
    ReadRequest,
    /// Answers a request when half of its body is there, then reads the rest.
    AnswerHalfway(Vec<u8>),
    Send(Vec<u8>),
    /// Sends piece by piece with a pause before each.
    Drip(Vec<u8>, Duration),
    /// Sends this again and again until the other side ends the connection.
    Flood(Vec<u8>),
    /// Ends the connection with a reset.
    Reset,
    /// Ends the connection in order.
    Close,
    /// Says nothing more, for ever.
    Hang,
    /// Answers every request from here on.
    Serve,
}

/// What a handshake came to, seen from here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shaken {
    pub resumed: bool,
    pub group: Option<NamedGroup>,
    pub client_certificates: usize,
}

#[derive(Default)]
struct Seen {
    connections: usize,
    handshakes: Vec<Shaken>,
    requests: usize,
    whole: usize,
    ended: usize,
}

struct Shared {
    tls: RwLock<Arc<ServerConfig>>,
    scripts: Mutex<VecDeque<Vec<Step>>>,
    seen: Mutex<Seen>,
    changed: Notify,
}

/// The server. Lives as long as the runtime of its test.
pub struct Rogue {
    pub address: SocketAddr,
    shared: Arc<Shared>,
}

/// An answer to a search.
pub const EMPTY_SEARCH: &[u8] =
    b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 11\r\n\r\n{\"data\":[]}";

impl Rogue {
    pub async fn start(tls: ServerConfig) -> Rogue {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Shared {
            tls: RwLock::new(Arc::new(tls)),
            scripts: Mutex::default(),
            seen: Mutex::default(),
            changed: Notify::new(),
        });
        let serving = Arc::clone(&shared);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let shared = Arc::clone(&serving);
                tokio::spawn(async move {
                    follow(stream, &shared).await;
                    lock(&shared.seen).ended += 1;
                    shared.changed.notify_waiters();
                });
            }
        });
        Rogue { address, shared }
    }

    pub fn url(&self) -> String {
        format!("https://localhost:{}", self.address.port())
    }

    /// What the next connection does.
    pub fn script(&self, steps: impl IntoIterator<Item = Step>) {
        lock(&self.shared.scripts).push_back(steps.into_iter().collect());
    }

    /// From now on connections get this.
    pub fn set_tls(&self, tls: ServerConfig) {
        *self.shared.tls.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(tls);
    }

    pub fn connections(&self) -> usize {
        lock(&self.shared.seen).connections
    }

    /// Requests whose head arrived.
    pub fn requests(&self) -> usize {
        lock(&self.shared.seen).requests
    }

    /// Waits until this many connections have ended on this side.
    pub async fn ended(&self, count: usize) {
        self.wait_until(|seen| seen.ended >= count).await;
    }

    /// Waits until this many request heads have arrived.
    pub async fn asked(&self, count: usize) {
        self.wait_until(|seen| seen.requests >= count).await;
    }

    /// Waits until this many requests have been read to their end.
    pub async fn took(&self, count: usize) {
        self.wait_until(|seen| seen.whole >= count).await;
    }

    async fn wait_until(&self, enough: impl Fn(&Seen) -> bool) {
        let wait = async {
            loop {
                let changed = self.shared.changed.notified();
                tokio::pin!(changed);
                changed.as_mut().enable();
                if enough(&lock(&self.shared.seen)) {
                    return;
                }
                changed.await;
            }
        };
        tokio::time::timeout(PATIENCE, wait).await.expect("in time");
    }

    pub fn handshakes(&self) -> Vec<Shaken> {
        lock(&self.shared.seen).handshakes.clone()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn follow(mut tcp: TcpStream, shared: &Shared) {
    lock(&shared.seen).connections += 1;
    // What was sent must be on its way before a reset, which drops what is not.
    let _set = tcp.set_nodelay(true);
    let script = lock(&shared.scripts).pop_front().unwrap_or_else(|| vec![Step::Handshake, Step::Serve]);
    let mut steps = script.into_iter();
    for step in steps.by_ref() {
        match step {
            Step::Handshake => break,
            Step::ReadHello => {
                let _read = tcp.read(&mut [0; 64]).await;
            }
            Step::Send(bytes) => {
                let _sent = tcp.write_all(&bytes).await;
            }
            Step::Hang => return std::future::pending().await,
            Step::Reset => return reset(&tcp),
            _ => return,
        }
    }
    let tls = Arc::clone(&shared.tls.read().unwrap_or_else(PoisonError::into_inner));
    let Ok(mut stream) = TlsAcceptor::from(tls).accept(tcp).await else { return };
    let session = stream.get_ref().1;
    let shaken = Shaken {
        resumed: session.handshake_kind() == Some(HandshakeKind::Resumed),
        group: session.negotiated_key_exchange_group().map(|group| group.name()),
        client_certificates: session.peer_certificates().map_or(0, <[_]>::len),
    };
    lock(&shared.seen).handshakes.push(shaken);
    for step in steps {
        let done = match step {
            Step::ReadHead => read_head(&mut stream, shared).await.is_some(),
            Step::ReadRequest => read_request(&mut stream, shared, None).await.is_some(),
            Step::AnswerHalfway(answer) => read_request(&mut stream, shared, Some(&answer)).await.is_some(),
            Step::Send(bytes) => send(&mut stream, &bytes).await,
            Step::Drip(bytes, pause) => {
                for byte in bytes {
                    tokio::time::sleep(pause).await;
                    if !send(&mut stream, &[byte]).await {
                        return;
                    }
                }
                true
            }
            Step::Flood(bytes) => {
                while send(&mut stream, &bytes).await {}
                false
            }
            Step::Serve => {
                while read_request(&mut stream, shared, None).await.is_some() {
                    if !send(&mut stream, EMPTY_SEARCH).await {
                        return;
                    }
                }
                false
            }
            Step::Hang => return std::future::pending().await,
            Step::Reset => return reset(stream.get_ref().0),
            Step::Close => {
                let _closed = stream.shutdown().await;
                return;
            }
            Step::Handshake | Step::ReadHello => true,
        };
        if !done {
            return;
        }
    }
}

async fn send(stream: &mut TlsStream<TcpStream>, bytes: &[u8]) -> bool {
    stream.write_all(bytes).await.is_ok() && stream.flush().await.is_ok()
}

/// A linger of zero makes the close a reset.
fn reset(tcp: &TcpStream) {
    let _set = socket2::SockRef::from(tcp).set_linger(Some(Duration::ZERO));
}

/// A request head and what came with it of the body.
async fn read_head(stream: &mut TlsStream<TcpStream>, shared: &Shared) -> Option<(String, usize)> {
    let mut read = Vec::new();
    let mut piece = [0; 4096];
    let end = loop {
        if let Some(at) = read.windows(4).position(|window| window == b"\r\n\r\n") {
            break at + 4;
        }
        match stream.read(&mut piece).await {
            Ok(count) if count > 0 => read.extend_from_slice(&piece[..count]),
            _ => return None,
        }
    };
    lock(&shared.seen).requests += 1;
    shared.changed.notify_waiters();
    Some((String::from_utf8_lossy(&read[..end]).to_ascii_lowercase(), read.len() - end))
}

/// Reads a whole request; `early` is its answer, sent halfway.
async fn read_request(
    stream: &mut TlsStream<TcpStream>,
    shared: &Shared,
    mut early: Option<&[u8]>,
) -> Option<()> {
    let (head, mut have) = read_head(stream, shared).await?;
    let length =
        head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok()).unwrap_or(0);
    let mut piece = [0; 4096];
    while have < length {
        if let Some(answer) = early.take_if(|_| have >= length / 2)
            && !send(stream, answer).await
        {
            return None;
        }
        match stream.read(&mut piece).await {
            Ok(count) if count > 0 => have += count,
            _ => return None,
        }
    }
    lock(&shared.seen).whole += 1;
    shared.changed.notify_waiters();
    Some(())
}
