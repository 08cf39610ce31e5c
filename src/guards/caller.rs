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

const TOKEN_HEADER: HeaderName = HeaderName::from_static("x-api-key");

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
    let Caller { peer, names } = caller;
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
        let token_sent = headers.contains_key(TOKEN_HEADER);
        settings.mode.refuse(unknown(settings, peer, names.is_some(), token_sent), observed)?;
    }
    Ok(Admitted { caller, proven: known && matches!(peer, Peer::Unix { .. }) })
}

/// What a stranger can do about it, by what was sent.
fn unknown(settings: &CallerSettings, peer: Peer, certificate_sent: bool, token_sent: bool) -> Refusal {
    let refusal = Refusal::new(Code::CallerNotAllowed);
    if let Peer::Unix { .. } = peer {
        let said =
            "The guard does not know this user of the machine. Connect as one whose id stands in the policy.";
        return refusal.about("guards.caller.unix_uids").saying(said.to_owned());
    }
    let (key, said) = match (
        certificate_sent && !settings.certificates.is_empty(),
        settings.tokens.is_empty(),
    ) {
        (true, true) => {
            ("guards.caller.certificates", "The client certificate has none of the names in the policy.")
        }
        (true, false) => (
            "guards.caller.certificates",
            "The client certificate has none of the names in the policy, and x-api-key holds no caller token of it.",
        ),
        (false, false) if token_sent => (
            "guards.caller.tokens",
            "What x-api-key holds is no caller token of the policy. The SDK puts its API key there: give it the token.",
        ),
        (false, false) => ("guards.caller.tokens", "Send a caller token of the policy as x-api-key."),
        (false, true) => return refusal.about("guards.caller"),
    };
    refusal.about(key).saying(said.to_owned())
}

/// Compares with every token, so that the time taken does not tell which one came close.
fn sent_token<'a>(tokens: &'a [CallerToken], headers: &HeaderMap) -> Option<&'a CallerToken> {
    let sent = headers.get(TOKEN_HEADER)?.as_bytes();
    tokens.iter().fold(None, |found, token| if token.is(sent) { Some(token) } else { found })
}
