//! One new connection: address, TCP, TLS, HTTP.
//!
//! Certificate and name are verified always; there is no switch. Pins come on top (`pins`), and a certificate of our own
//! if the upstream asks for one. One TLS configuration serves every worker, so that sessions are resumed across them;
//! early data is never sent, since it can be replayed. Addresses are the matter of `dial`.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use http::HeaderValue;
use http::uri::Authority;
use hyper::client::conn::{http1, http2};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use rustls::client::{Resumption, WebPkiServerVerifier};
use rustls::pki_types::{ServerName, UnixTime};
use rustls::{
    AlertDescription, CertificateError, ClientConfig, ClientConnection, HandshakeKind, RootCertStore,
};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

use super::dial::dial;
use super::gate::Gate;
use super::pins::PinnedVerifier;
use super::settings::{Scheme, UpstreamSettings};
use super::{Cause, SendError, host_value};
use crate::guards::body::RequestBody;
use crate::tls::{self, PemProblem};

/// Sessions kept for resumption; there is one upstream.
const SESSIONS_MAX: usize = 64;

/// How to reach the upstream. Built anew when the policy or a file it names changes, shared by all workers.
pub struct Connector {
    pub settings: UpstreamSettings,
    pub(super) authority: Authority,
    pub(super) host: HeaderValue,
    tls: Option<Tls>,
    files: Files,
}

struct Tls {
    connector: TlsConnector,
    name: ServerName<'static>,
    client_not_after: Option<i64>,
}

/// Why a connector could not be built.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConnectError {
    /// A file of the policy, by its key.
    File(&'static str, PemProblem),
    HostInvalid,
    TlsUnavailable,
}

impl std::fmt::Display for ConnectError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            ConnectError::File(key, problem) => write!(f, "{key} {problem}"),
            ConnectError::HostInvalid => {
                f.write_str("upstream.url has a host that is no DNS name or address")
            }
            ConnectError::TlsUnavailable => {
                f.write_str("TLS 1.2 and 1.3 with the cryptographic module of this build are not available")
            }
        }
    }
}

pub(super) enum Sender {
    Http1(http1::SendRequest<RequestBody>),
    Http2(http2::SendRequest<RequestBody>),
}

/// A new connection, and what its handshake showed.
pub(super) struct Connected {
    pub(super) sender: Sender,
    pub(super) handshake: Option<Handshake>,
}

/// What is told of a handshake: words of ours and a time.
pub struct Handshake {
    pub resumed: bool,
    pub version: &'static str,
    pub key_exchange: &'static str,
    /// End of the leaf certificate's time, in seconds since the Unix epoch.
    pub not_after: Option<i64>,
}

impl Connector {
    /// Reads the files and prepares TLS.
    pub fn new(settings: &UpstreamSettings) -> Result<Connector, ConnectError> {
        Connector::with(settings, Files::read(settings)?)
    }

    /// A connector with the files as they are now, unless they are what they were.
    pub fn renew(&self) -> Option<Result<Connector, ConnectError>> {
        match Files::read(&self.settings) {
            Ok(files) if files.fingerprint == self.files.fingerprint => None,
            Ok(files) => Some(Connector::with(&self.settings, files)),
            Err(problem) => Some(Err(problem)),
        }
    }

    fn with(settings: &UpstreamSettings, files: Files) -> Result<Connector, ConnectError> {
        let host =
            if settings.host.contains(':') { format!("[{}]", settings.host) } else { settings.host.clone() };
        let authority: Authority =
            format!("{host}:{}", settings.port).parse().map_err(|_| ConnectError::HostInvalid)?;
        let default_port = match settings.scheme {
            Scheme::Http => 80,
            Scheme::Https => 443,
        };
        let tls = match settings.scheme {
            Scheme::Http => None,
            Scheme::Https => Some(prepare(settings, &files)?),
        };
        let host = host_value(&authority, settings.port == default_port);
        // Only what tells a change is kept of the files.
        let files = Files { fingerprint: files.fingerprint, ..Files::default() };
        Ok(Connector { settings: settings.clone(), authority, host, tls, files })
    }

    /// End of our own certificate's time, in seconds since the Unix epoch.
    pub fn client_not_after(&self) -> Option<i64> {
        self.tls.as_ref()?.client_not_after
    }

    /// Connects; the connection's own task ends with its last sender.
    pub(super) async fn connect(&self) -> Result<Connected, SendError> {
        let fail = |cause| SendError { cause, maybe_sent: false };
        let limit = self.settings.connect_timeout;
        let tcp = dial(&self.settings.host, self.settings.port, limit).await.map_err(fail)?;
        let Some(tls) = &self.tls else {
            return Ok(Connected { sender: http1_over(tcp).await?, handshake: None });
        };
        let stream = timeout(limit, tls.connector.connect(tls.name.clone(), tcp))
            .await
            .map_err(|_| fail(Cause::Connect))?
            .map_err(|error| fail(handshake_cause(&error)))?;
        let session = stream.get_ref().1;
        let handshake = Handshake::of(session);
        // A resumed session shows no certificate, so its time is looked at here.
        let now = i64::try_from(UnixTime::now().as_secs()).unwrap_or(i64::MAX);
        if handshake.not_after.is_some_and(|end| end < now) {
            return Err(fail(Cause::CertificateExpired));
        }
        let http2 = session.alpn_protocol() == Some(b"h2");
        let sender = if http2 { http2_over(stream).await? } else { http1_over(stream).await? };
        Ok(Connected { sender, handshake: Some(handshake) })
    }
}

impl Handshake {
    fn of(session: &ClientConnection) -> Handshake {
        use rustls::{NamedGroup, ProtocolVersion};
        let key_exchange = match session.negotiated_key_exchange_group().map(|group| group.name()) {
            Some(NamedGroup::X25519MLKEM768) => "x25519mlkem768",
            Some(NamedGroup::X25519) => "x25519",
            Some(NamedGroup::secp256r1) => "secp256r1",
            Some(NamedGroup::secp384r1) => "secp384r1",
            Some(_) => "other",
            // A session of TLS 1.2 is resumed without a new one.
            None => "none",
        };
        Handshake {
            resumed: session.handshake_kind() == Some(HandshakeKind::Resumed),
            version: match session.protocol_version() {
                Some(ProtocolVersion::TLSv1_3) => "1.3",
                _ => "1.2",
            },
            key_exchange,
            not_after: session.peer_certificates().and_then(<[_]>::first).and_then(tls::not_after),
        }
    }
}

/// What the policy's files hold, and what tells whether they changed.
#[derive(Default)]
struct Files {
    roots: Vec<u8>,
    certificate: Vec<u8>,
    key: zeroize::Zeroizing<Vec<u8>>,
    fingerprint: [u8; 32],
}

impl Files {
    fn read(settings: &UpstreamSettings) -> Result<Files, ConnectError> {
        let file = |key, path: Option<&std::path::PathBuf>| match path {
            Some(path) => tls::read(path).map_err(|problem| ConnectError::File(key, problem)),
            None => Ok(zeroize::Zeroizing::default()),
        };
        let client = settings.client_certificate.as_ref();
        let roots = file(CA_FILE, settings.ca_file.as_ref())?;
        let certificate = file(CLIENT_CERTIFICATE, client.map(|client| &client.certificate_file))?;
        let key = file(CLIENT_KEY, client.map(|client| &client.key_file))?;
        let fingerprint = tls::fingerprint([roots.as_slice(), &certificate, &key]);
        Ok(Files { roots: roots.to_vec(), certificate: certificate.to_vec(), key, fingerprint })
    }
}

const CA_FILE: &str = "upstream.ca_file";
const CLIENT_CERTIFICATE: &str = "upstream.client_certificate.certificate_file";
const CLIENT_KEY: &str = "upstream.client_certificate.key_file";

async fn http1_over<T>(io: T) -> Result<Sender, SendError>
where
    T: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let (sender, connection) = http1::Builder::new()
        .handshake(TokioIo::new(Gate::new(io)))
        .await
        .map_err(|_| SendError { cause: Cause::Closed, maybe_sent: false })?;
    tokio::spawn(async move {
        // Its failure reaches whoever waits for the answer; there is nobody else to tell.
        let _ended = connection.await;
    });
    Ok(Sender::Http1(sender))
}

async fn http2_over<T>(io: T) -> Result<Sender, SendError>
where
    T: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let (sender, connection) = http2::Builder::new(TokioExecutor::new())
        .timer(TokioTimer::new())
        .keep_alive_interval(Duration::from_secs(20))
        .max_header_list_size(64 * 1024)
        .handshake(TokioIo::new(io))
        .await
        .map_err(|_| SendError { cause: Cause::Closed, maybe_sent: false })?;
    tokio::spawn(async move {
        let _ended = connection.await;
    });
    Ok(Sender::Http2(sender))
}

fn prepare(settings: &UpstreamSettings, files: &Files) -> Result<Tls, ConnectError> {
    let unavailable = |_| ConnectError::TlsUnavailable;
    let provider = tls::provider();
    let roots = Arc::new(roots(settings, files)?);
    let usual = WebPkiServerVerifier::builder_with_provider(Arc::clone(&roots), Arc::clone(&provider))
        .build()
        .map_err(|_| ConnectError::File(CA_FILE, PemProblem::NotARoot))?;
    let config = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_protocol_versions(tls::VERSIONS)
        .map_err(unavailable)?;
    let config = if settings.pins.is_empty() {
        config.with_webpki_verifier(usual)
    } else {
        let pinned = PinnedVerifier::new(usual, provider, roots, settings.pins.clone());
        // Called dangerous because it can be used to verify less; this one verifies more.
        config.dangerous().with_custom_certificate_verifier(Arc::new(pinned))
    };
    let mut client_not_after = None;
    let mut config = match &settings.client_certificate {
        None => config.with_no_client_auth(),
        Some(_) => {
            let chain = tls::certificates(&files.certificate)
                .map_err(|problem| ConnectError::File(CLIENT_CERTIFICATE, problem))?;
            let key =
                tls::private_key(&files.key).map_err(|problem| ConnectError::File(CLIENT_KEY, problem))?;
            client_not_after = chain.first().and_then(tls::not_after);
            config
                .with_client_auth_cert(chain, key)
                .map_err(|_| ConnectError::File(CLIENT_KEY, PemProblem::NotAPair))?
        }
    };
    config.resumption = Resumption::in_memory_sessions(SESSIONS_MAX);
    config.alpn_protocols =
        if settings.http2 { vec![b"h2".to_vec(), b"http/1.1".to_vec()] } else { vec![b"http/1.1".to_vec()] };
    if cfg!(feature = "fips") && !config.fips() {
        return Err(ConnectError::TlsUnavailable);
    }
    let name = ServerName::try_from(settings.host.clone()).map_err(|_| ConnectError::HostInvalid)?;
    Ok(Tls { connector: TlsConnector::from(Arc::new(config)), name, client_not_after })
}

fn roots(settings: &UpstreamSettings, files: &Files) -> Result<RootCertStore, ConnectError> {
    let mut roots = RootCertStore::empty();
    if settings.public_roots {
        roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    }
    if settings.ca_file.is_some() {
        let bad = |problem| ConnectError::File(CA_FILE, problem);
        for certificate in tls::certificates(&files.roots).map_err(bad)? {
            roots.add(certificate).map_err(|_| bad(PemProblem::NotARoot))?;
        }
    }
    Ok(roots)
}

/// Which step of the handshake failed, from what rustls says.
fn handshake_cause(error: &io::Error) -> Cause {
    match error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()) {
        Some(rustls::Error::InvalidCertificate(problem)) => match problem {
            CertificateError::Expired
            | CertificateError::ExpiredContext { .. }
            | CertificateError::NotValidYet
            | CertificateError::NotValidYetContext { .. } => Cause::CertificateExpired,
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
                Cause::CertificateName
            }
            CertificateError::ApplicationVerificationFailure => Cause::CertificatePin,
            _ => Cause::CertificateUntrusted,
        },
        Some(rustls::Error::AlertReceived(alert)) if refuses_us(*alert) => Cause::ClientCertificate,
        _ => Cause::Tls,
    }
}

/// Whether an error after the handshake says that the upstream never finished it: in TLS 1.3 a client learns that its
/// certificate was refused only when it already sends. The upstream has then read nothing of what was sent.
pub(super) fn refused_late(error: &hyper::Error) -> bool {
    let mut source = std::error::Error::source(error);
    while let Some(error) = source {
        if let Some(error) = error.downcast_ref::<io::Error>()
            && let Some(rustls::Error::AlertReceived(alert)) =
                error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>())
        {
            return refuses_us(*alert);
        }
        source = error.source();
    }
    false
}

/// Alerts that only the verification of our certificate brings.
const fn refuses_us(alert: AlertDescription) -> bool {
    matches!(
        alert,
        AlertDescription::CertificateRequired
            | AlertDescription::BadCertificate
            | AlertDescription::UnsupportedCertificate
            | AlertDescription::CertificateRevoked
            | AlertDescription::CertificateExpired
            | AlertDescription::CertificateUnknown
            | AlertDescription::UnknownCA
            | AlertDescription::AccessDenied
    )
}
