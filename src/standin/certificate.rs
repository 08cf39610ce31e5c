//! The stand-in's own certificate authority and server certificate, made anew at every start.
//!
//! Keys exist only in memory. Nothing here is fit for anything but loopback.

use std::io;
use std::sync::Arc;

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair,
    KeyUsagePurpose, date_time_ymd,
};
use rustls::ServerConfig;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};

/// Which server certificate is shown. All but `Valid` are for tests that a client refuses them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum ServerCertificate {
    #[default]
    Valid,
    /// Its time is over.
    Expired,
    /// It names another host.
    OtherName,
    /// It is signed by an authority whose certificate is not the one given out.
    OtherAuthority,
}

/// Names the valid certificate is made for.
const NAMES: [&str; 4] = ["localhost", "127.0.0.1", "::1", "api.clinikapi.example"];

pub(crate) struct Identity {
    pub(crate) ca_pem: String,
    pub(crate) tls: Arc<ServerConfig>,
}

/// Makes an authority and a leaf. `protocols` is offered by ALPN, the preferred one first.
pub(crate) fn make(certificate: ServerCertificate, protocols: &[&[u8]]) -> io::Result<Identity> {
    let authority = authority()?;
    let ca_pem = authority.pem();
    let signer =
        if certificate == ServerCertificate::OtherAuthority { self::authority()? } else { authority };

    let names: Vec<String> = match certificate {
        ServerCertificate::OtherName => vec!["elsewhere.example".to_owned()],
        _ => NAMES.iter().map(|name| (*name).to_owned()).collect(),
    };
    let mut leaf = CertificateParams::new(names).map_err(io::Error::other)?;
    leaf.distinguished_name.push(DnType::CommonName, "clinik-guard stand-in");
    leaf.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    leaf.use_authority_key_identifier_extension = true;
    if certificate == ServerCertificate::Expired {
        leaf.not_before = date_time_ymd(2019, 1, 1);
        leaf.not_after = date_time_ymd(2020, 1, 1);
    }
    let key = KeyPair::generate().map_err(io::Error::other)?;
    let signed = leaf.signed_by(&key, &signer).map_err(io::Error::other)?;

    let private = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    // The provider is named because the process may have more than one, and then rustls refuses to guess.
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut tls = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(io::Error::other)?
        .with_no_client_auth()
        .with_single_cert(vec![signed.der().clone()], private)
        .map_err(io::Error::other)?;
    tls.alpn_protocols = protocols.iter().map(|protocol| protocol.to_vec()).collect();
    Ok(Identity { ca_pem, tls: Arc::new(tls) })
}

fn authority() -> io::Result<CertifiedIssuer<'static, KeyPair>> {
    let mut params = CertificateParams::new(Vec::new()).map_err(io::Error::other)?;
    params.distinguished_name.push(DnType::CommonName, "clinik-guard stand-in authority");
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    let key = KeyPair::generate().map_err(io::Error::other)?;
    CertifiedIssuer::self_signed(params, key).map_err(io::Error::other)
}
