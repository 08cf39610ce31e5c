//! What a policy demands of whoever asks, as headers that a command of the tour can carry: which caller asks, for which
//! tenant, who acts and in which role. Words of the policy and of the trial only.

use std::sync::Arc;

use http::Method;

use super::issuer::{Issuer, Person};
use super::keys;
use crate::credentials::settings::Tenant;
use crate::guards::Observed;
use crate::guards::access::jwt::settings::JwtSettings;
use crate::guards::access::roles::{Role, Verdict};
use crate::guards::target::TargetGuard;
use crate::policy::Policy;

/// An opaque id, of nobody.
const ACTOR: &str = "u-1842";

/// A policy and who vouches for persons in it.
pub struct Demands {
    policy: Arc<Policy>,
    issuer: Issuer,
    asker: Asker,
}

/// On whose behalf the commands ask.
struct Asker {
    /// `None` where everybody on loopback is let in.
    caller: Option<String>,
    tenant: Option<String>,
    /// The tenant has to be named in a header.
    says_tenant: bool,
}

impl Demands {
    pub(super) fn new(policy: Arc<Policy>, issuer: Issuer) -> Demands {
        let asker = Asker::of(&policy);
        Demands { policy, issuer, asker }
    }

    /// The headers that this request needs, besides what it is about.
    pub fn headers(&self, method: &str, target: &str) -> Vec<(String, String)> {
        let mut headers = self.asker.headers(&self.policy);
        let access = &self.policy.access;
        let role = self.role(method, target);
        match &access.jwt {
            Some(jwt) => {
                headers.push(self.bearer(jwt, role, &self.asker));
            }
            None => {
                if self.policy.audit.require_actor || role.is_some() {
                    headers.push((access.actor_header.to_string(), ACTOR.to_owned()));
                }
                headers.extend(role.map(|role| (access.role_header.to_string(), role.to_owned())));
            }
        }
        headers
    }

    fn bearer(&self, jwt: &JwtSettings, role: Option<&str>, asker: &Asker) -> (String, String) {
        let person = Person { actor: ACTOR, role, tenant: asker.tenant.as_deref() };
        (jwt.header.to_string(), format!("Bearer {}", self.issuer.token(jwt, &person)))
    }

    /// The first role that may do this, or the first of all: then the answer is that it may not.
    fn role(&self, method: &str, target: &str) -> Option<&str> {
        let Policy { engine, url, routes, access, .. } = &*self.policy;
        let guard = TargetGuard { engine, url, routes, now_unix: 0 };
        let method = method.parse().unwrap_or(Method::GET);
        let target = guard.check(&method, target, &mut Observed::default()).ok();
        let may = |role: &Role| target.as_ref().is_some_and(|target| role.judge(target) == Verdict::Allowed);
        let able = access.roles.iter().find(|(_, role)| may(role)).or(access.roles.iter().next());
        able.map(|(name, _)| name.as_str())
    }

    /// The tenants of the policy, each with the headers by which somebody asks for it, if anybody can.
    pub fn tenants(&self) -> Vec<(&str, Vec<(String, String)>)> {
        let claim = self.policy.access.jwt.as_ref().filter(|jwt| jwt.tenant_claim.is_some());
        let headers = |tenant: &Tenant| {
            let asker = Asker::all(&self.policy, Some(tenant)).find(|asker| asker.tenant.is_some())?;
            let mut headers = asker.headers(&self.policy);
            headers.extend(claim.map(|jwt| self.bearer(jwt, self.role("GET", "/v1/patients"), &asker)));
            Some(headers)
        };
        let tenants = self.policy.credentials.tenants.iter();
        tenants.map(|tenant| (tenant.name.as_str(), headers(tenant).unwrap_or_default())).collect()
    }

    pub fn is_signed(&self) -> bool {
        self.policy.audit.signing_key.is_some()
    }
}

impl Asker {
    /// The first caller for whom it is clear whose the request is, or else the first.
    fn of(policy: &Policy) -> Asker {
        let clear = Asker::all(policy, None).find(|asker| asker.tenant.is_some());
        clear.or_else(|| Asker::all(policy, None).next()).unwrap_or(Asker {
            caller: None,
            tenant: None,
            says_tenant: false,
        })
    }

    /// Everybody who may ask, for this tenant or the first that can be.
    fn all<'a>(policy: &'a Policy, wanted: Option<&'a Tenant>) -> impl Iterator<Item = Asker> + 'a {
        let names: Vec<Option<String>> = policy.caller.names().map(|name| Some(name.to_owned())).collect();
        let callers = if names.is_empty() { vec![None] } else { names };
        callers.into_iter().map(move |caller| Asker::by(policy, caller, wanted))
    }

    fn by(policy: &Policy, caller: Option<String>, wanted: Option<&Tenant>) -> Asker {
        let credentials = &policy.credentials;
        let known_as = caller.as_deref().unwrap_or("loopback");
        let is_it = |known: &String| known == known_as;
        let own = credentials.tenants.iter().find(|tenant| tenant.callers.iter().any(is_it));
        let heard = credentials.tenant_header.as_ref().is_some_and(|told| told.callers.iter().any(is_it));
        let claimed = policy.access.jwt.as_ref().is_some_and(|jwt| jwt.tenant_claim.is_some());
        let any = wanted.or(credentials.tenants.first()).filter(|_| heard || claimed);
        // Whose caller it is cannot be talked over.
        let tenant = own.or(any).filter(|tenant| wanted.is_none_or(|wanted| wanted.name == tenant.name));
        Asker {
            caller,
            tenant: tenant.map(|tenant| tenant.name.clone()),
            says_tenant: own.is_none() && heard,
        }
    }

    fn headers(&self, policy: &Policy) -> Vec<(String, String)> {
        let token = self.caller.as_ref().map(|caller| ("x-api-key".to_owned(), keys::token_of(caller)));
        let told = policy.credentials.tenant_header.as_ref().filter(|_| self.says_tenant);
        let tenant =
            told.zip(self.tenant.as_ref()).map(|(told, tenant)| (told.header.to_string(), tenant.clone()));
        token.into_iter().chain(tenant).collect()
    }
}
