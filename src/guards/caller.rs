//! Who may talk to the guard.
//!
//! Loopback peers and the unix socket are known by where they connect. Once the policy names callers, every TCP caller
//! must be one of them, by a token in `x-api-key` or by a name in its certificate; the record has the policy's name for it. Does not decide what a caller may do (`access`).

use std::net::IpAddr;
use std::sync::Arc;

use http::{HeaderMap, HeaderName};

use crate::credentials::CallerToken;
use crate::guards::Observed;
use crate::guards::opaque::PolicyName;
use crate::outcome::{Code, Refusal};

pub mod container;
pub mod settings;

use container::ContainerId;
use settings::CallerSettings;

/// The other end of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Peer {
    Tcp(IpAddr),
    /// With the user id the kernel vouches for, and the container that its process was found in.
    Unix {
        uid: u32,
        container: Option<ContainerId>,
    },
}

impl Peer {
    /// Where it runs, as far as that can be seen from here.
    pub fn container(self) -> Option<ContainerId> {
        match self {
            Peer::Unix { container, .. } => container,
            Peer::Tcp(_) => None,
        }
    }
}

/// The names of a certificate whose chain was verified.
pub struct CertificateNames {
    pub spiffe: Option<String>,
    /// Lower case.
    pub dns: Vec<String>,
}

/// Names are text from the wire until the policy knows them.
impl std::fmt::Debug for CertificateNames {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "CertificateNames({})", self.dns.len() + usize::from(self.spiffe.is_some()))
    }
}

/// Where a request comes from, and what was proved on the way.
#[derive(Clone, Copy)]
pub struct Caller<'a> {
    pub peer: Peer,
    pub names: Option<&'a CertificateNames>,
}

/// Proof that the caller may talk to us.
pub struct Admitted {
    caller: Arc<str>,
    proven: bool,
}

impl Admitted {
    /// A name from the policy, `loopback`, or `uid:N`: safe in audit lines and bounded in number.
    pub fn caller(&self) -> &Arc<str> {
        &self.caller
    }

    /// The same for the audit line.
    pub fn on_record(&self) -> Option<PolicyName> {
        PolicyName::of(Arc::clone(&self.caller))
    }

    /// By a token, a certificate or the unix socket, neither of which a web page can use.
    pub fn is_proven(&self) -> bool {
        self.proven
    }
}

/// Admits a caller by token, by certificate, by loopback address, or by unix user id.
pub fn admit(
    settings: &CallerSettings,
    tokens: &[CallerToken],
    caller: Caller<'_>,
    headers: &HeaderMap,
    observed: &mut Observed,
) -> Result<Admitted, Refusal> {
    if let Some(token) = sent_token(tokens, headers) {
        return Ok(Admitted { caller: Arc::clone(&token.name), proven: true });
    }
    if let Some(certificate) = settings.certificates.iter().find(|known| known.is_of(caller.names)) {
        return Ok(Admitted { caller: Arc::clone(&certificate.name), proven: true });
    }
    let peer = caller.peer;
    let (known, caller): (bool, Arc<str>) = match peer {
        Peer::Unix { uid, .. } => {
            let known = settings.unix_uids.is_empty() || settings.unix_uids.contains(&uid);
            (known, if known { format!("uid:{uid}").into() } else { Arc::from("unknown") })
        }
        Peer::Tcp(address) => {
            let anonymous = settings.tokens.is_empty() && settings.certificates.is_empty();
            let known = anonymous && address.to_canonical().is_loopback();
            (known, Arc::from(if known { "loopback" } else { "unknown" }))
        }
    };
    if !known {
        settings.mode.refuse(Code::CallerNotAllowed.into(), observed)?;
    }
    Ok(Admitted { caller, proven: known && matches!(peer, Peer::Unix { .. }) })
}

/// Compares with every token, so that the time taken does not tell which one came close.
fn sent_token<'a>(tokens: &'a [CallerToken], headers: &HeaderMap) -> Option<&'a CallerToken> {
    let sent = headers.get(HeaderName::from_static("x-api-key"))?.as_bytes();
    tokens.iter().fold(None, |found, token| if token.is(sent) { Some(token) } else { found })
}
