//! One new connection: address, TCP, TLS, HTTP.
//!
//! Addresses are looked up for every new connection and tried in parallel with a head start (RFC 8305), by
//! hyper-util. TLS is rustls with aws-lc-rs, versions 1.2 and 1.3 only; verification cannot be switched off.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use http::uri::Authority;
use http::{HeaderValue, Uri};
use hyper::client::conn::{http1, http2};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tower_service::Service;

use super::settings::{Scheme, UpstreamSettings};
use super::{Cause, SendError, host_value};
use crate::guards::body::RequestBody;

/// Largest file of trusted roots, in bytes.
const CA_FILE_BYTES_MAX: u64 = 1024 * 1024;
/// Largest head of an answer, in bytes.
const ANSWER_HEAD_BYTES_MAX: usize = 64 * 1024;

/// How to reach the upstream. Built once per policy, shared by all workers.
pub struct Connector {
    pub settings: UpstreamSettings,
    pub(super) authority: Authority,
    pub(super) host: HeaderValue,
    uri: Uri,
    tls: Option<Tls>,
}

struct Tls {
    connector: TlsConnector,
    name: ServerName<'static>,
}

/// Why a connector could not be built.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConnectError {
    CaUnreadable,
    CaTooLarge,
    CaHoldsNoCertificate,
    CaCertificateInvalid,
    HostInvalid,
    TlsUnavailable,
}

impl std::fmt::Display for ConnectError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            ConnectError::CaUnreadable => "upstream.ca_file cannot be read",
            ConnectError::CaTooLarge => "upstream.ca_file is larger than 1 MiB",
            ConnectError::CaHoldsNoCertificate => "upstream.ca_file holds no PEM certificate",
            ConnectError::CaCertificateInvalid => {
                "upstream.ca_file holds a certificate that cannot be a root"
            }
            ConnectError::HostInvalid => "upstream.url has a host that is no DNS name or address",
            ConnectError::TlsUnavailable => "TLS 1.2 and 1.3 are not available in this build",
        })
    }
}

pub(super) enum Sender {
    Http1(http1::SendRequest<RequestBody>),
    Http2(http2::SendRequest<RequestBody>),
}

impl Connector {
    /// Reads the trusted roots and prepares TLS.
    pub fn new(settings: &UpstreamSettings) -> Result<Connector, ConnectError> {
        let host =
            if settings.host.contains(':') { format!("[{}]", settings.host) } else { settings.host.clone() };
        let authority: Authority =
            format!("{host}:{}", settings.port).parse().map_err(|_| ConnectError::HostInvalid)?;
        let default_port = match settings.scheme {
            Scheme::Http => 80,
            Scheme::Https => 443,
        };
        let uri = Uri::builder()
            .scheme("http")
            .authority(authority.clone())
            .path_and_query("/")
            .build()
            .map_err(|_| ConnectError::HostInvalid)?;
        let tls = match settings.scheme {
            Scheme::Http => None,
            Scheme::Https => Some(tls(settings)?),
        };
        let host = host_value(&authority, settings.port == default_port);
        Ok(Connector { settings: settings.clone(), authority, host, uri, tls })
    }

    /// Connects; the connection's own task ends with its last sender.
    pub(super) async fn connect(&self) -> Result<Sender, SendError> {
        let fail = |cause| SendError { cause, maybe_sent: false };
        let mut http = HttpConnector::new();
        http.set_nodelay(true);
        http.set_connect_timeout(Some(self.settings.connect_timeout));
        let tcp = http.call(self.uri.clone()).await.map_err(|error| {
            // hyper-util says which step failed only in words.
            fail(if error.to_string().contains("dns") { Cause::Resolve } else { Cause::Connect })
        })?;
        let Some(tls) = &self.tls else { return http1_over(tcp).await };
        let handshake = tls.connector.connect(tls.name.clone(), tcp.into_inner());
        let stream = timeout(self.settings.connect_timeout, handshake)
            .await
            .map_err(|_| fail(Cause::Connect))?
            .map_err(|_| fail(Cause::Tls))?;
        let http2 = stream.get_ref().1.alpn_protocol() == Some(b"h2");
        if http2 { http2_over(TokioIo::new(stream)).await } else { http1_over(TokioIo::new(stream)).await }
    }
}

async fn http1_over<T>(io: T) -> Result<Sender, SendError>
where
    T: hyper::rt::Read + hyper::rt::Write + Send + Unpin + 'static,
{
    let (sender, connection) = http1::Builder::new()
        .max_header_size(ANSWER_HEAD_BYTES_MAX)
        .handshake(io)
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
    T: hyper::rt::Read + hyper::rt::Write + Send + Unpin + 'static,
{
    let (sender, connection) = http2::Builder::new(TokioExecutor::new())
        .timer(TokioTimer::new())
        .keep_alive_interval(Duration::from_secs(20))
        .max_header_list_size(64 * 1024)
        .handshake(io)
        .await
        .map_err(|_| SendError { cause: Cause::Closed, maybe_sent: false })?;
    tokio::spawn(async move {
        let _ended = connection.await;
    });
    Ok(Sender::Http2(sender))
}

fn tls(settings: &UpstreamSettings) -> Result<Tls, ConnectError> {
    let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    if let Some(path) = &settings.ca_file {
        for certificate in read_roots(path)? {
            roots.add(certificate).map_err(|_| ConnectError::CaCertificateInvalid)?;
        }
    }
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])
        .map_err(|_| ConnectError::TlsUnavailable)?
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols =
        if settings.http2 { vec![b"h2".to_vec(), b"http/1.1".to_vec()] } else { vec![b"http/1.1".to_vec()] };
    let name = ServerName::try_from(settings.host.clone()).map_err(|_| ConnectError::HostInvalid)?;
    Ok(Tls { connector: TlsConnector::from(Arc::new(config)), name })
}

fn read_roots(path: &Path) -> Result<Vec<CertificateDer<'static>>, ConnectError> {
    let size = std::fs::metadata(path).map_err(|_| ConnectError::CaUnreadable)?.len();
    if size > CA_FILE_BYTES_MAX {
        return Err(ConnectError::CaTooLarge);
    }
    let pem = std::fs::read(path).map_err(|_| ConnectError::CaUnreadable)?;
    let certificates: Vec<_> = CertificateDer::pem_slice_iter(&pem)
        .collect::<Result<_, _>>()
        .map_err(|_| ConnectError::CaCertificateInvalid)?;
    if certificates.is_empty() { Err(ConnectError::CaHoldsNoCertificate) } else { Ok(certificates) }
}
