//! Whose key a request is sent with.
//!
//! The tenant follows from the caller, from a claim of a signed token, or from a header of a caller whose word the policy
//! takes. All that speak must agree; when none does, or there is no key for what is asked, the request ends here: there is no
//! key to fall back to. Does not know what keys are (`credentials`).

use std::sync::Arc;

use http::HeaderMap;

use crate::credentials::settings::{CredentialsSettings, TenantHeader};
use crate::credentials::{KeyPair, Keys};
use crate::guards::access::Actor;
use crate::guards::caller::Admitted;
use crate::guards::opaque::PolicyName;
use crate::guards::target::CleanTarget;
use crate::outcome::{Code, Refusal};

/// Whose a request is.
pub enum Tenancy {
    /// The policy has no tenants.
    None,
    Of(PolicyName),
    /// Nobody's, or not the same by all that speak: the refusal says which.
    Unknown(Box<Refusal>),
}

/// Why a request is no tenant's.
#[derive(Clone, Copy)]
enum NoTenant {
    /// Nobody says whose it is, and who asks may not say it either.
    Nobody,
    /// Nobody says whose it is; the header could.
    NotSaid,
    /// The header, from somebody whose word does not count.
    NotHeard,
    SaidTwice,
    /// What is said is no tenant of the policy.
    NoSuch,
    Disagree,
}

/// Proof that the keys are the tenant's and for this use.
pub struct Keyed {
    pair: Arc<KeyPair>,
}

impl Keyed {
    pub fn pair(&self) -> &Arc<KeyPair> {
        &self.pair
    }
}

/// Finds out whose a request is; refuses nothing yet.
pub fn identify(
    settings: &CredentialsSettings,
    admitted: &Admitted,
    actor: &Actor,
    headers: &HeaderMap,
) -> Tenancy {
    if settings.tenants.is_empty() {
        return Tenancy::None;
    }
    let caller = &**admitted.caller();
    let of_caller = settings
        .tenants
        .iter()
        .find(|tenant| tenant.callers.iter().any(|known| known == caller))
        .map(|tenant| tenant.name.as_str());
    let header = settings.tenant_header.as_ref();
    let heard = header.is_some_and(|told| told.callers.iter().any(|known| known == caller));
    let mut values = header.map(|told| headers.get_all(&told.header).iter()).into_iter().flatten();
    let unknown = |why| Tenancy::Unknown(Box::new(no_tenant(header, why)));
    let told = match (values.next(), values.next()) {
        (None, _) => None,
        (Some(_), _) if !heard => return unknown(NoTenant::NotHeard),
        (Some(_), Some(_)) => return unknown(NoTenant::SaidTwice),
        (Some(value), None) => Some(value.to_str().unwrap_or_default()),
    };
    let mut spoken = [of_caller, actor.tenant(), told].into_iter().flatten();
    let Some(first) = spoken.next() else {
        return unknown(if heard { NoTenant::NotSaid } else { NoTenant::Nobody });
    };
    if !spoken.all(|other| other == first) {
        return unknown(NoTenant::Disagree);
    }
    let known = settings.tenants.iter().find(|tenant| tenant.name.as_str() == first);
    known
        .and_then(|tenant| PolicyName::of(tenant.name.as_str()))
        .map_or_else(|| unknown(NoTenant::NoSuch), Tenancy::Of)
}

/// What to do, with the header and the keys of the policy, and nothing that was sent.
fn no_tenant(header: Option<&TenantHeader>, why: NoTenant) -> Refusal {
    let name = header.map_or("", |told| told.header.as_str());
    let (of_header, of_tenants) = ("credentials.tenant_header", "credentials.tenants");
    let (key, said) = match why {
        NoTenant::Nobody => (
            of_tenants,
            "This caller is no tenant's, and no claim of a token says whose the request is: see callers in credentials.tenants and guards.access.jwt.tenant_claim.".to_owned(),
        ),
        NoTenant::NotSaid => (
            of_header,
            format!("Nothing says which tenant the request is for: send its name in the header `{name}`."),
        ),
        NoTenant::NotHeard => (
            of_header,
            format!(
                "This caller may not name a tenant: leave the header `{name}` out, or have the caller listed in credentials.tenant_header.callers."
            ),
        ),
        NoTenant::SaidTwice => (of_header, format!("The header `{name}` is there more than once.")),
        NoTenant::NoSuch => (
            of_tenants,
            "What is said of the request names none of the tenants in credentials.tenants, by their exact names.".to_owned(),
        ),
        NoTenant::Disagree => (
            header.map_or(of_tenants, |_| of_header),
            "The caller, the token and the header, as far as they speak, do not name the same tenant.".to_owned(),
        ),
    };
    Refusal::new(Code::TenantUnknown).about(key).saying(said)
}

impl Tenancy {
    pub fn name(&self) -> Option<&PolicyName> {
        match self {
            Tenancy::Of(name) => Some(name),
            Tenancy::None | Tenancy::Unknown(_) => None,
        }
    }

    /// The keys that a request may be sent with.
    pub fn keys(&self, keys: &Keys, target: &CleanTarget) -> Result<Keyed, Refusal> {
        if let Tenancy::Unknown(refusal) = self {
            return Err((**refusal).clone());
        }
        let tenant = self.name().map(PolicyName::as_str);
        match keys.pair(tenant, target.writes()) {
            Some(pair) if pair.preferred().is_some() => Ok(Keyed { pair: Arc::clone(pair) }),
            Some(pair) => Err(Refusal::new(Code::NoKey).about(pair.slot.subject())),
            None => {
                let subject = if tenant.is_some() { "credentials.tenants" } else { "credentials.current" };
                Err(Refusal::new(Code::NoKey).about(subject))
            }
        }
    }
}
