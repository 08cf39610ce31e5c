//! Pinned public keys: on top of the usual verification, one key of the verified chain must be known.
//!
//! A pin is the SHA-256 of a SubjectPublicKeyInfo. It may be that of the leaf, of an intermediate or of the root, but of
//! the chain that was verified: a certificate that the peer merely sends along proves nothing. Never replaces the
//! verification of chain, time and name, and there is no way to turn that off.

use std::fmt;
use std::sync::Arc;

use aws_lc_rs::digest;
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::{CertificateDer, ServerName, TrustAnchor, UnixTime};
use rustls::{CertificateError, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};
use webpki::{EndEntityCert, KeyUsage, VerifiedPath};

/// SHA-256 of a SubjectPublicKeyInfo.
pub type Pin = [u8; 32];

/// Verifies as usual, then asks for a pinned key.
pub(super) struct PinnedVerifier {
    usual: Arc<WebPkiServerVerifier>,
    provider: Arc<CryptoProvider>,
    roots: Arc<RootCertStore>,
    pins: Vec<Pin>,
}

impl PinnedVerifier {
    pub(super) fn new(
        usual: Arc<WebPkiServerVerifier>,
        provider: Arc<CryptoProvider>,
        roots: Arc<RootCertStore>,
        pins: Vec<Pin>,
    ) -> PinnedVerifier {
        PinnedVerifier { usual, provider, roots, pins }
    }

    fn has_pin(&self, spki: &[u8]) -> bool {
        let hash = digest::digest(&digest::SHA256, spki);
        self.pins.iter().any(|pin| pin == hash.as_ref())
    }

    fn check_path(&self, path: &VerifiedPath<'_>) -> Result<(), webpki::Error> {
        let pinned = self.has_pin(&path.end_entity().subject_public_key_info())
            || path
                .intermediate_certificates()
                .any(|authority| self.has_pin(&authority.subject_public_key_info()))
            || self.has_pin(&root_key(path.anchor()));
        // Another path may do; which error this is, nobody sees.
        if pinned { Ok(()) } else { Err(webpki::Error::UnknownIssuer) }
    }
}

/// The SubjectPublicKeyInfo of a root, of which the trust anchor keeps the contents only.
fn root_key(anchor: &TrustAnchor<'_>) -> Vec<u8> {
    const SEQUENCE: u8 = 0x30;
    let contents = anchor.subject_public_key_info.as_ref();
    let length = contents.len().to_be_bytes();
    let length = length.get(length.iter().take_while(|byte| **byte == 0).count()..).unwrap_or_default();
    let mut spki = vec![SEQUENCE];
    match (contents.len(), u8::try_from(length.len())) {
        (0..0x80, _) => spki.push(contents.len() as u8),
        (_, Ok(count)) => {
            spki.push(0x80 | count);
            spki.extend_from_slice(length);
        }
        (_, Err(_)) => {}
    }
    spki.extend_from_slice(contents);
    spki
}

impl ServerCertVerifier for PinnedVerifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let verified =
            self.usual.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now)?;
        let no_pin = || Error::InvalidCertificate(CertificateError::ApplicationVerificationFailure);
        let leaf = EndEntityCert::try_from(end_entity).map_err(|_| no_pin())?;
        leaf.verify_for_usage(
            self.provider.signature_verification_algorithms.all,
            &self.roots.roots,
            intermediates,
            now,
            KeyUsage::server_auth(),
            None,
            Some(&|path: &VerifiedPath<'_>| self.check_path(path)),
        )
        .map_err(|_| no_pin())?;
        Ok(verified)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.usual.verify_tls12_signature(message, cert, dss)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.usual.verify_tls13_signature(message, cert, dss)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.usual.supported_verify_schemes()
    }
}

impl fmt::Debug for PinnedVerifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PinnedVerifier({} pins)", self.pins.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rcgen::{
        BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, PublicKeyData,
        SigningKey,
    };

    fn authority(name: &str) -> CertificateParams {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params
    }

    fn pin(key: &impl PublicKeyData) -> Pin {
        let hash = digest::digest(&digest::SHA256, &key.subject_public_key_info());
        <[u8; 32]>::try_from(hash.as_ref()).unwrap()
    }

    /// A root, an intermediate and a leaf, as one finds them in the wild.
    struct Chain {
        root: CertifiedIssuer<'static, KeyPair>,
        middle: CertifiedIssuer<'static, KeyPair>,
        leaf: CertificateDer<'static>,
        leaf_key: KeyPair,
    }

    fn chain() -> Chain {
        let root = CertifiedIssuer::self_signed(authority("root"), KeyPair::generate().unwrap()).unwrap();
        let middle = signed(authority("middle"), &root);
        let leaf_key = KeyPair::generate().unwrap();
        let leaf = CertificateParams::new(vec!["api.example.org".to_owned()]).unwrap();
        let leaf = leaf.signed_by(&leaf_key, &middle).unwrap().der().clone();
        Chain { root, middle, leaf, leaf_key }
    }

    fn signed<S: SigningKey>(
        params: CertificateParams,
        by: &CertifiedIssuer<'static, S>,
    ) -> CertifiedIssuer<'static, KeyPair> {
        CertifiedIssuer::signed_by(params, KeyPair::generate().unwrap(), by).unwrap()
    }

    fn verify(
        chain: &Chain,
        sent: &[CertificateDer<'static>],
        pins: &[Pin],
        host: &str,
    ) -> Result<(), Error> {
        let provider = crate::tls::provider();
        let mut roots = RootCertStore::empty();
        roots.add(chain.root.der().clone()).unwrap();
        let roots = Arc::new(roots);
        let usual =
            WebPkiServerVerifier::builder_with_provider(Arc::clone(&roots), Arc::clone(&provider)).build();
        let verifier = PinnedVerifier::new(usual.unwrap(), provider, roots, pins.to_vec());
        let host = ServerName::try_from(host.to_owned()).unwrap();
        verifier.verify_server_cert(&chain.leaf, sent, &host, &[], UnixTime::now()).map(drop)
    }

    #[test]
    fn a_key_of_the_verified_chain_is_enough() {
        let chain = chain();
        let sent = [chain.middle.der().clone()];
        let other = pin(&KeyPair::generate().unwrap());
        for key in [
            chain.leaf_key.subject_public_key_info(),
            chain.middle.key().subject_public_key_info(),
            chain.root.key().subject_public_key_info(),
        ] {
            let hash = digest::digest(&digest::SHA256, &key);
            let pin = <[u8; 32]>::try_from(hash.as_ref()).unwrap();
            assert_eq!(verify(&chain, &sent, &[other, pin], "api.example.org"), Ok(()));
        }
        let refused = Err(Error::InvalidCertificate(CertificateError::ApplicationVerificationFailure));
        assert_eq!(verify(&chain, &sent, &[other], "api.example.org"), refused);
    }

    #[test]
    fn a_key_that_is_only_sent_along_is_not() {
        let (chain, pinned) = (chain(), self::chain());
        let refused = Err(Error::InvalidCertificate(CertificateError::ApplicationVerificationFailure));
        for (certificate, key) in [
            (pinned.middle.der().clone(), pin(pinned.middle.key())),
            (pinned.root.der().clone(), pin(pinned.root.key())),
            (pinned.leaf.clone(), pin(&pinned.leaf_key)),
        ] {
            let sent = [chain.middle.der().clone(), certificate];
            assert_eq!(verify(&chain, &sent, &[key], "api.example.org"), refused);
        }
    }

    #[test]
    fn a_pin_replaces_no_other_check() {
        let chain = chain();
        let pins = [pin(&chain.leaf_key), pin(chain.root.key())];
        let sent = [chain.middle.der().clone()];
        assert!(verify(&chain, &sent, &pins, "elsewhere.example.org").is_err(), "another name");
        assert!(verify(&chain, &[], &pins, "api.example.org").is_err(), "no chain to the root");
    }
}
