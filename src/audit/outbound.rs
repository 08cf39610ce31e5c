//! One request out to where the trail is sent: an object store, a collector, the credentials service of a cloud.
//!
//! HTTPS with the certificates verified, by the cryptographic module of the whole guard; a connection for each request, since
//! there are few. No redirects, no proxies. Plain HTTP goes to this machine only: loopback, and the link-local addresses where
//! clouds hand out credentials. Knows nothing of what is sent.

use std::fmt;
use std::net::IpAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::uri::Scheme;
use http::{HeaderValue, Request, Response, Uri, header};
use http_body::Body;
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

use crate::tls::{self, PemProblem};

/// Look-up and TCP, and again TLS.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// From the first byte of a request to the head of its answer.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(60);
/// Where clouds hand out credentials to a machine: 169.254.0.0/16, and of AWS over IPv6.
const METADATA_V6: &str = "fd00:ec2::254";

/// Why there was no answer. Of a closed set; quotes nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoAnswer {
    /// No address, or nobody there.
    Connect,
    /// The certificate is wrong, or TLS is not spoken.
    Tls,
    /// The connection broke.
    Broken,
    Timeout,
    /// Not an address that may be asked: no host, or plain HTTP beyond this machine.
    Address,
}

impl fmt::Display for NoAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            NoAnswer::Connect => "no connection",
            NoAnswer::Tls => "no verified TLS connection",
            NoAnswer::Broken => "the connection broke",
            NoAnswer::Timeout => "no answer in time",
            NoAnswer::Address => "not an address to send to: https, or http to this machine",
        })
    }
}

impl std::error::Error for NoAnswer {}

/// Sends requests.
#[derive(Clone)]
pub struct Outbound {
    tls: TlsConnector,
}

impl fmt::Debug for Outbound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Outbound")
    }
}

impl Outbound {
    /// Trusts Mozilla's roots, and those of the file.
    pub fn new(ca_file: Option<&Path>) -> Result<Outbound, PemProblem> {
        let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
        if let Some(path) = ca_file {
            for certificate in tls::certificates(&tls::read(path)?)? {
                roots.add(certificate).map_err(|_| PemProblem::NotARoot)?;
            }
        }
        let config = ClientConfig::builder_with_provider(tls::provider())
            .with_protocol_versions(tls::VERSIONS)
            .map_err(|_| PemProblem::Malformed)?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(Outbound { tls: TlsConnector::from(Arc::new(config)) })
    }

    /// Sends one request; its URI is absolute.
    pub async fn send<B>(&self, request: Request<B>) -> Result<Response<Incoming>, NoAnswer>
    where
        B: Body<Data = Bytes> + Send + 'static,
        B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let (host, port, secure) = place(request.uri()).ok_or(NoAnswer::Address)?;
        let tcp = timeout(CONNECT_TIMEOUT, TcpStream::connect((host.as_str(), port)))
            .await
            .map_err(|_| NoAnswer::Timeout)?
            .map_err(|_| NoAnswer::Connect)?;
        let _best_effort = tcp.set_nodelay(true);
        if !secure {
            return exchange(tcp, request).await;
        }
        let name = ServerName::try_from(host).map_err(|_| NoAnswer::Address)?;
        let tls = timeout(CONNECT_TIMEOUT, self.tls.connect(name, tcp))
            .await
            .map_err(|_| NoAnswer::Timeout)?
            .map_err(|_| NoAnswer::Tls)?;
        exchange(tls, request).await
    }
}

async fn exchange<S, B>(stream: S, mut request: Request<B>) -> Result<Response<Incoming>, NoAnswer>
where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    if !request.headers().contains_key(header::HOST) {
        let authority = request.uri().authority().map(http::uri::Authority::as_str).unwrap_or_default();
        let host = HeaderValue::from_str(authority).map_err(|_| NoAnswer::Address)?;
        request.headers_mut().insert(header::HOST, host);
    }
    *request.uri_mut() = request.uri().path_and_query().cloned().map_or_else(Uri::default, Uri::from);
    let answered = async {
        let (mut sender, connection) =
            http1::handshake(TokioIo::new(stream)).await.map_err(|_| NoAnswer::Broken)?;
        // Ends with the answer's body, whose reader has a time limit, or when that is dropped.
        tokio::spawn(connection);
        sender.send_request(request).await.map_err(|_| NoAnswer::Broken)
    };
    timeout(ANSWER_TIMEOUT, answered).await.map_err(|_| NoAnswer::Timeout)?
}

/// Host, port, and whether TLS is spoken.
fn place(uri: &Uri) -> Option<(String, u16, bool)> {
    let host = uri.host()?.trim_start_matches('[').trim_end_matches(']').to_owned();
    let secure = uri.scheme() == Some(&Scheme::HTTPS);
    let port = uri.port_u16().unwrap_or(if secure { 443 } else { 80 });
    (secure || uri.scheme() == Some(&Scheme::HTTP) && is_this_machine(&host)).then_some((host, port, secure))
}

/// Whether a host can be reached without leaving the machine, as far as its name tells.
pub fn is_this_machine(host: &str) -> bool {
    match host.parse::<IpAddr>() {
        Ok(IpAddr::V4(address)) => address.is_loopback() || address.is_link_local(),
        Ok(address @ IpAddr::V6(_)) => address.is_loopback() || Ok(address) == METADATA_V6.parse::<IpAddr>(),
        Err(_) => matches!(host, "localhost" | "metadata.google.internal"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_http_stays_on_this_machine() {
        let placed = |text: &'static str| place(&Uri::from_static(text));
        assert_eq!(placed("https://s3.example.org/b"), Some(("s3.example.org".into(), 443, true)));
        assert_eq!(placed("http://127.0.0.1:5000/b"), Some(("127.0.0.1".into(), 5000, false)));
        assert_eq!(placed("http://[::1]:5000/b"), Some(("::1".into(), 5000, false)));
        assert_eq!(placed("http://169.254.169.254/latest"), Some(("169.254.169.254".into(), 80, false)));
        for refused in ["http://s3.example.org/b", "http://10.0.0.1/b", "http://[2001:db8::1]/", "/b"] {
            assert_eq!(placed(refused), None, "{refused}");
        }
    }
}
