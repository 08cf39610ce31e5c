//! Whose key a request is sent with.
//!
//! The tenant follows from the caller, from a claim of a signed token, or from a header of a caller whose word the policy
//! takes. All that speak must agree; when none does, or there is no key for what is asked, the request ends here: there is no
//! key to fall back to. Does not know what keys are (`credentials`).

use std::sync::Arc;

use http::HeaderMap;

use crate::credentials::settings::CredentialsSettings;
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
    /// Nobody's, or not the same by all that speak.
    Unknown,
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
    let told = match &settings.tenant_header {
        None => None,
        Some(told) => {
            let mut values = headers.get_all(&told.header).iter();
            match (values.next(), values.next()) {
                (None, _) => None,
                (Some(value), None) if told.callers.iter().any(|known| known == caller) => {
                    Some(value.to_str().unwrap_or_default())
                }
                // From somebody whose word does not count, or said twice.
                (Some(_), _) => return Tenancy::Unknown,
            }
        }
    };
    let mut spoken = [of_caller, actor.tenant(), told].into_iter().flatten();
    let Some(first) = spoken.next() else { return Tenancy::Unknown };
    let known = settings.tenants.iter().find(|tenant| tenant.name.as_str() == first);
    match known {
        Some(tenant) if spoken.all(|other| other == first) => {
            PolicyName::of(tenant.name.as_str()).map_or(Tenancy::Unknown, Tenancy::Of)
        }
        _ => Tenancy::Unknown,
    }
}

impl Tenancy {
    pub fn name(&self) -> Option<&PolicyName> {
        match self {
            Tenancy::Of(name) => Some(name),
            Tenancy::None | Tenancy::Unknown => None,
        }
    }

    /// The keys that a request may be sent with.
    pub fn keys(&self, keys: &Keys, target: &CleanTarget) -> Result<Keyed, Refusal> {
        if matches!(self, Tenancy::Unknown) {
            return Err(Code::TenantUnknown.into());
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
