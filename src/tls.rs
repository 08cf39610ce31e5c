//! What both TLS legs share: the cryptographic module, versions, key exchange, and the PEM files they are made from.
//!
//! rustls with aws-lc-rs and nothing else; TLS 1.2 and 1.3; the hybrid X25519MLKEM768 (post-quantum) preferred. Built
//! with the feature `fips` the module is aws-lc-fips and everything it has not validated is left out. Verifies nothing
//! itself: that is done by `upstream` (always) and `listener` (where the policy asks for client certificates).

use std::fmt;
use std::io::Read;
use std::path::Path;
use std::sync::Arc;

use aws_lc_rs::digest;
use rustls::SupportedProtocolVersion;
use rustls::crypto::{CryptoProvider, aws_lc_rs as module};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use zeroize::Zeroizing;

mod validity;

pub use validity::not_after;

/// Largest PEM file, in bytes.
const FILE_BYTES_MAX: u64 = 1024 * 1024;

/// Which cryptographic module this build has.
pub const MODULE: &str = if cfg!(feature = "fips") { "aws-lc-fips" } else { "aws-lc" };

/// The versions of both legs; older ones do not exist in rustls.
pub const VERSIONS: &[&SupportedProtocolVersion] = &[&rustls::version::TLS13, &rustls::version::TLS12];

/// The module with its suites and key exchanges, the preferred one first.
pub fn provider() -> Arc<CryptoProvider> {
    let mut provider = module::default_provider();
    provider.kx_groups = vec![
        module::kx_group::X25519MLKEM768,
        module::kx_group::X25519,
        module::kx_group::SECP256R1,
        module::kx_group::SECP384R1,
    ];
    if cfg!(feature = "fips") {
        provider.kx_groups.retain(|group| group.fips());
        provider.cipher_suites.retain(rustls::SupportedCipherSuite::fips);
    }
    Arc::new(provider)
}

/// A build that promises the validated module must have it: linking can go wrong without anybody noticing.
pub fn keeps_promise() -> bool {
    !cfg!(feature = "fips") || provider().fips()
}

/// What is wrong with a PEM file. Quotes nothing of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PemProblem {
    Unreadable(std::io::ErrorKind),
    TooLarge,
    NoCertificate,
    NoKey,
    Malformed,
    /// A certificate that cannot be trusted as an authority.
    NotARoot,
    /// Key and certificate are not a pair, or of a kind that cannot be used.
    NotAPair,
}

impl fmt::Display for PemProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            PemProblem::Unreadable(crate::file::NOT_A_FILE) => {
                "is a pipe, a socket or a device; expected a file"
            }
            PemProblem::Unreadable(kind) => return write!(f, "cannot be read: {kind}"),
            PemProblem::TooLarge => "is larger than 1 MiB",
            PemProblem::NoCertificate => "holds no PEM certificate",
            PemProblem::NoKey => "holds no PEM private key",
            PemProblem::Malformed => "is not well-formed PEM",
            PemProblem::NotARoot => "holds a certificate that cannot be an authority",
            PemProblem::NotAPair => "does not fit the certificate beside it",
        })
    }
}

impl std::error::Error for PemProblem {}

/// Reads a file whole, within bounds.
pub fn read(path: &Path) -> Result<Zeroizing<Vec<u8>>, PemProblem> {
    let unreadable = |error: std::io::Error| PemProblem::Unreadable(error.kind());
    let file = crate::file::open(path).map_err(unreadable)?;
    let mut pem = Zeroizing::new(Vec::new());
    let size = file.take(FILE_BYTES_MAX + 1).read_to_end(&mut pem).map_err(unreadable)?;
    if size as u64 > FILE_BYTES_MAX { Err(PemProblem::TooLarge) } else { Ok(pem) }
}

pub fn certificates(pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, PemProblem> {
    let certificates: Vec<_> =
        CertificateDer::pem_slice_iter(pem).collect::<Result<_, _>>().map_err(|_| PemProblem::Malformed)?;
    if certificates.is_empty() { Err(PemProblem::NoCertificate) } else { Ok(certificates) }
}

pub fn private_key(pem: &[u8]) -> Result<PrivateKeyDer<'static>, PemProblem> {
    use rustls::pki_types::pem::Error;
    PrivateKeyDer::from_pem_slice(pem).map_err(|error| match error {
        Error::NoItemsFound => PemProblem::NoKey,
        _ => PemProblem::Malformed,
    })
}

/// Tells whether files changed, by content: time stamps lie for Kubernetes mounts.
pub fn fingerprint<'a>(files: impl IntoIterator<Item = &'a [u8]>) -> [u8; 32] {
    let mut all = digest::Context::new(&digest::SHA256);
    for file in files {
        all.update(&(file.len() as u64).to_be_bytes());
        all.update(file);
    }
    let mut fingerprint = [0; 32];
    fingerprint.copy_from_slice(all.finish().as_ref());
    fingerprint
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hybrid_key_exchange_comes_first() {
        let provider = provider();
        assert_eq!(
            provider.kx_groups.first().map(|group| group.name()),
            Some(rustls::NamedGroup::X25519MLKEM768)
        );
        assert!(keeps_promise());
        assert_eq!(provider.fips(), cfg!(feature = "fips"));
    }

    #[test]
    fn files_are_bounded_and_their_problems_named() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.pem");
        let missing = read(&path).err().unwrap();
        assert_eq!(missing, PemProblem::Unreadable(std::io::ErrorKind::NotFound));
        assert_eq!(missing.to_string(), "cannot be read: entity not found");
        assert_eq!(read(dir.path()).err(), Some(PemProblem::Unreadable(std::io::ErrorKind::IsADirectory)));
        std::fs::write(&path, vec![b'x'; FILE_BYTES_MAX as usize + 1]).unwrap();
        assert_eq!(read(&path).err(), Some(PemProblem::TooLarge));
        std::fs::write(&path, vec![b'x'; FILE_BYTES_MAX as usize]).unwrap();
        let text = read(&path).unwrap();
        assert_eq!(certificates(&text).err(), Some(PemProblem::NoCertificate));
        assert_eq!(private_key(&text).err(), Some(PemProblem::NoKey));
        let cut = b"-----BEGIN CERTIFICATE-----\n!!!!\n-----END CERTIFICATE-----\n";
        assert_eq!(certificates(cut).err(), Some(PemProblem::Malformed));
    }

    #[test]
    fn a_byte_that_moves_between_files_is_a_change() {
        assert_eq!(fingerprint([&b"ab"[..], b"c"]), fingerprint([&b"ab"[..], b"c"]));
        assert_ne!(fingerprint([&b"ab"[..], b"c"]), fingerprint([&b"a"[..], b"bc"]));
    }
}
