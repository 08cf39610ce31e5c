//! TLS towards callers: the handshake, the files behind it, and what a caller's certificate proves.
//!
//! The configuration is taken anew for each handshake, so a renewed certificate is shown from the next connection on and
//! no open one is touched. Whether a certificate is one of a known caller is decided by `guards/caller`, for each request.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use rustls::pki_types::CertificateDer;
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;
use webpki::EndEntityCert;

use super::settings::TlsSettings;
use crate::guards::caller::CertificateNames;
use crate::tls::{self, PemProblem};

/// For a whole handshake.
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(10);
/// Most names of a certificate that are looked at.
const NAMES_MAX: usize = 32;

const CERTIFICATE: &str = "listen.tls.certificate_file";
const KEY: &str = "listen.tls.key_file";
const CLIENT_CA: &str = "listen.tls.client_ca_file";

/// Why TLS cannot be served.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TlsError {
    /// A file of the policy, by its key.
    File(&'static str, PemProblem),
    Unavailable,
}

impl std::fmt::Display for TlsError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            TlsError::File(key, problem) => write!(f, "{key} {problem}"),
            TlsError::Unavailable => {
                f.write_str("TLS with the cryptographic module of this build is not available")
            }
        }
    }
}

/// What handshakes are made with, shared by all workers.
pub struct ServerTls {
    settings: TlsSettings,
    current: RwLock<Arc<Current>>,
}

struct Current {
    config: Arc<ServerConfig>,
    fingerprint: [u8; 32],
    not_after: Option<i64>,
}

impl ServerTls {
    /// Reads the files.
    pub fn new(settings: &TlsSettings) -> Result<ServerTls, TlsError> {
        let files = Files::read(settings)?;
        let current = RwLock::new(Arc::new(prepare(settings, &files)?));
        Ok(ServerTls { settings: settings.clone(), current })
    }

    /// Reads the files again; `None` while they are what they were. Bad ones leave the old configuration in use.
    pub fn renew(&self) -> Option<Result<(), TlsError>> {
        let renewed = Files::read(&self.settings).and_then(|files| {
            if files.fingerprint() == self.current().fingerprint {
                return Ok(None);
            }
            prepare(&self.settings, &files).map(Some)
        });
        match renewed {
            Ok(None) => None,
            Ok(Some(fresh)) => {
                *self.current.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(fresh);
                Some(Ok(()))
            }
            Err(problem) => Some(Err(problem)),
        }
    }

    /// End of our certificate's time, in seconds since the Unix epoch.
    pub fn not_after(&self) -> Option<i64> {
        self.current().not_after
    }

    fn current(&self) -> Arc<Current> {
        Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// The handshake; `None` if it fails or takes too long.
    pub(super) async fn accept<T>(&self, stream: T) -> Option<(TlsStream<T>, Option<Arc<CertificateNames>>)>
    where
        T: AsyncRead + AsyncWrite + Unpin,
    {
        let acceptor = TlsAcceptor::from(Arc::clone(&self.current().config));
        let stream = tokio::time::timeout(HANDSHAKE_TIMEOUT, acceptor.accept(stream)).await.ok()?.ok()?;
        let names = stream.get_ref().1.peer_certificates().and_then(<[_]>::first).and_then(names);
        Some((stream, names.map(Arc::new)))
    }
}

/// The names of a verified certificate. A SPIFFE id counts only if it is the certificate's one URI (X509-SVID section 2).
fn names(certificate: &CertificateDer<'_>) -> Option<CertificateNames> {
    let certificate = EndEntityCert::try_from(certificate).ok()?;
    let mut uris = certificate.valid_uri_names();
    let spiffe = match (uris.next(), uris.next()) {
        (Some(uri), None) => Some(uri.to_owned()),
        _ => None,
    };
    let dns = certificate.valid_dns_names().take(NAMES_MAX).map(str::to_ascii_lowercase).collect();
    Some(CertificateNames { spiffe, dns })
}

struct Files {
    certificate: zeroize::Zeroizing<Vec<u8>>,
    key: zeroize::Zeroizing<Vec<u8>>,
    client_ca: Option<zeroize::Zeroizing<Vec<u8>>>,
}

impl Files {
    fn read(settings: &TlsSettings) -> Result<Files, TlsError> {
        let file = |key, path| tls::read(path).map_err(|problem| TlsError::File(key, problem));
        Ok(Files {
            certificate: file(CERTIFICATE, &settings.certificate_file)?,
            key: file(KEY, &settings.key_file)?,
            client_ca: settings.client_ca_file.as_ref().map(|path| file(CLIENT_CA, path)).transpose()?,
        })
    }

    fn fingerprint(&self) -> [u8; 32] {
        let client_ca = self.client_ca.as_ref().map_or(&[][..], |pem| pem.as_slice());
        tls::fingerprint([self.certificate.as_slice(), &self.key, client_ca])
    }
}

fn prepare(settings: &TlsSettings, files: &Files) -> Result<Current, TlsError> {
    let bad = |key| move |problem| TlsError::File(key, problem);
    let chain = tls::certificates(&files.certificate).map_err(bad(CERTIFICATE))?;
    let key = tls::private_key(&files.key).map_err(bad(KEY))?;
    let provider = tls::provider();
    let config = ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_protocol_versions(tls::VERSIONS)
        .map_err(|_| TlsError::Unavailable)?;
    let config = match &files.client_ca {
        None => config.with_no_client_auth(),
        Some(pem) => {
            let not_a_root = |_| TlsError::File(CLIENT_CA, PemProblem::NotARoot);
            let mut roots = RootCertStore::empty();
            for root in tls::certificates(pem).map_err(bad(CLIENT_CA))? {
                roots.add(root).map_err(not_a_root)?;
            }
            let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider);
            let verifier =
                if settings.certificate_required { verifier } else { verifier.allow_unauthenticated() };
            let verifier = verifier.build().map_err(|_| TlsError::File(CLIENT_CA, PemProblem::NotARoot))?;
            config.with_client_cert_verifier(verifier)
        }
    };
    let not_after = chain.first().and_then(tls::not_after);
    let mut config =
        config.with_single_cert(chain, key).map_err(|_| TlsError::File(KEY, PemProblem::NotAPair))?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    if cfg!(feature = "fips") && !config.fips() {
        return Err(TlsError::Unavailable);
    }
    Ok(Current { config: Arc::new(config), fingerprint: files.fingerprint(), not_after })
}
