//! Which role may do which operation on which resource, and who acts.
//!
//! The role and the opaque actor id come from headers that the trusted backend sets, or from a token (`jwt`); both stay
//! here. Does not know users or sessions: that is the backend's work.

use http::{HeaderMap, HeaderName};
use serde_json::Value;

use crate::contract::Operation;
use crate::guards::opaque::{OpaqueId, PolicyName};
use crate::guards::target::{CleanTarget, Reach};
use crate::guards::{Mode, Observed};
use crate::outcome::{Code, Refusal};
use crate::phi::Engine;

mod advice;
pub mod jwt;
mod opacity;
pub mod roles;
pub mod settings;

use advice::{NoActor, NoRight, no_actor, no_right};
use jwt::KeySet;
use jwt::settings::JwtSettings;
use opacity::is_opaque;
use roles::{Role, Verdict};
use settings::{AccessSettings, BreakGlass};

/// What stands on record for a reason that is none of the policy's, or for a role that may not give one.
pub const MISUSED: &str = "misused";
/// Longest actor id or role name, in bytes.
const ACTOR_BYTES_MAX: usize = 64;

/// Who acts, in words that are safe in an audit line.
pub struct Actor {
    id: Option<OpaqueId>,
    by: ActorBy,
    /// A role name of the policy.
    role: Option<PolicyName>,
    /// Something was sent as a role, of the policy or not.
    role_sent: bool,
    /// A token that holds was sent.
    token_sent: bool,
    glass: Glass,
    /// What the token says of the tenant, judged by nobody yet.
    tenant: Option<String>,
    /// What was sent cannot be used: an id that is a person's or none at all, a token that proves nothing.
    fault: Option<Refusal>,
}

/// Who vouches for the actor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ActorBy {
    /// The backend, in its headers.
    Header,
    /// The identity provider, in a signed token.
    Token,
}

impl ActorBy {
    pub const fn as_str(self) -> &'static str {
        match self {
            ActorBy::Header => "header",
            ActorBy::Token => "token",
        }
    }
}

/// Whether emergency access is asked for.
enum Glass {
    Whole,
    /// With a reason of the policy, by a role that may.
    Broken(PolicyName),
    /// With another reason, or by another role.
    Misused,
}

impl Actor {
    pub fn id(&self) -> Option<&OpaqueId> {
        self.id.as_ref()
    }

    pub fn by(&self) -> Option<ActorBy> {
        self.id.as_ref().map(|_| self.by)
    }

    pub fn tenant(&self) -> Option<&str> {
        self.tenant.as_deref()
    }

    pub fn role(&self) -> Option<&PolicyName> {
        self.role.as_ref()
    }

    /// The policy's reason, or [`MISUSED`], where emergency access is asked for. Whether it is given is another matter.
    pub fn glass(&self) -> Option<PolicyName> {
        match &self.glass {
            Glass::Whole => None,
            Glass::Broken(reason) => Some(reason.clone()),
            Glass::Misused => PolicyName::of(MISUSED),
        }
    }
}

/// Proof that the actor's role may do this.
pub struct Authorized {
    /// May reach records of resources that the path does not name.
    reaches_any: bool,
}

/// What is judged, and by what.
#[derive(Clone, Copy)]
pub struct Scope<'a> {
    pub settings: &'a AccessSettings,
    pub actor: &'a Actor,
    /// `audit.require_actor`
    pub require_actor: bool,
}

/// Where the word of who acts comes from.
#[derive(Clone, Copy)]
pub struct Told<'a> {
    pub headers: &'a HeaderMap,
    /// What tokens are checked with, where the policy has them.
    pub key_set: Option<&'a KeySet>,
    pub now_unix: u64,
}

/// Reads actor and role from a token, or else from the headers the backend sets; refuses nothing yet.
pub fn identify(settings: &AccessSettings, engine: &Engine, told: Told<'_>) -> Actor {
    let mut actor = match &settings.jwt {
        Some(jwt) => by_token(settings, jwt, engine, told),
        None => by_headers(settings, engine, told.headers),
    };
    if let Some(glass) = &settings.break_glass {
        actor.glass = glass.asked(told.headers, actor.role.as_ref());
    }
    actor
}

fn by_token(settings: &AccessSettings, jwt: &JwtSettings, engine: &Engine, told: Told<'_>) -> Actor {
    let nobody = Actor {
        id: None,
        by: ActorBy::Token,
        role: None,
        role_sent: false,
        token_sent: false,
        glass: Glass::Whole,
        tenant: None,
        fault: None,
    };
    let Some(sent) = jwt::sent(jwt, told.headers) else { return nobody };
    let claims = match sent.and_then(|token| jwt::verify(jwt, told.key_set, token, told.now_unix)) {
        Ok(claims) => claims,
        Err(fault) => {
            let fault = Some(Refusal::new(Code::ActorTokenInvalid).about(fault.subject()));
            return Actor { fault, ..nobody };
        }
    };
    let (id, fault) = match claims.get(&jwt.actor_claim) {
        None | Some(Value::Null) => (None, None),
        Some(claim) => usable(settings, engine, claim.as_str().filter(|id| id.len() <= ACTOR_BYTES_MAX)),
    };
    let known = |claim: &Value| settings.roles.get_key_value(claim.as_str()?).map(|(name, _)| name.as_str());
    let role_claim = claims.get(&jwt.role_claim);
    let role_sent = role_claim.is_some_and(|claim| !claim.is_null());
    let role = match role_claim {
        // Of several roles none is more meant than the others.
        Some(Value::Array(all)) => {
            let mut roles = all.iter().filter_map(known);
            roles.next().filter(|_| roles.next().is_none())
        }
        Some(one) => known(one),
        None => None,
    };
    // No tenant has an empty name, so a claim that is no text is none of the policy's.
    let tenant = jwt.tenant_claim.as_ref().and_then(|name| claims.get(name));
    let tenant = tenant.map(|claim| claim.as_str().unwrap_or_default().to_owned());
    Actor { id, role: role.and_then(PolicyName::of), role_sent, token_sent: true, tenant, fault, ..nobody }
}

/// The id, or why it is none. It would end up in the audit trail.
fn usable(
    settings: &AccessSettings,
    engine: &Engine,
    id: Option<&str>,
) -> (Option<OpaqueId>, Option<Refusal>) {
    match id.and_then(OpaqueId::of) {
        Some(id) if is_opaque(engine, id.as_str()) => (Some(id), None),
        Some(_) => (None, Some(no_actor(settings, NoActor::NotOpaque))),
        None => (None, Some(no_actor(settings, NoActor::Malformed))),
    }
}

fn by_headers(settings: &AccessSettings, engine: &Engine, headers: &HeaderMap) -> Actor {
    let (id, fault) = match sent(headers, &settings.actor_header) {
        Sent::Missing => (None, None),
        Sent::Value(value) => usable(settings, engine, Some(value)),
        Sent::Malformed => usable(settings, engine, None),
    };
    let role_sent = headers.contains_key(&settings.role_header);
    let role = match sent(headers, &settings.role_header) {
        Sent::Value(value) => {
            settings.roles.get_key_value(value).and_then(|(name, _)| PolicyName::of(name.as_str()))
        }
        Sent::Missing | Sent::Malformed => None,
    };
    let by = ActorBy::Header;
    Actor { id, by, role, role_sent, token_sent: false, glass: Glass::Whole, tenant: None, fault }
}

impl BreakGlass {
    fn asked(&self, headers: &HeaderMap, role: Option<&PolicyName>) -> Glass {
        let may = role.is_some_and(|role| self.roles.iter().any(|known| known == role.as_str()));
        match sent(headers, &self.header) {
            Sent::Missing => Glass::Whole,
            Sent::Value(value) if may => {
                let reason = self.reasons.iter().find(|reason| reason.as_str() == value);
                reason.map_or(Glass::Misused, |reason| Glass::Broken(reason.clone()))
            }
            Sent::Value(_) | Sent::Malformed => Glass::Misused,
        }
    }
}

impl Scope<'_> {
    /// Checks the actor, whether anything may be written, and the role's permissions.
    pub fn authorize(self, target: &CleanTarget, observed: &mut Observed) -> Result<Authorized, Refusal> {
        let Scope { settings, actor, .. } = self;
        self.check_actor(target, observed)?;
        if settings.mode == Mode::Off || is_open(target) {
            return Ok(Authorized { reaches_any: true });
        }
        let refuse = |why, observed: &mut Observed| settings.mode.refuse(no_right(settings, why), observed);
        // First, so that neither a role nor an emergency opens it.
        if settings.read_only && target.writes() {
            refuse(NoRight::ReadOnly, observed)?;
        }
        let broken = match &actor.glass {
            Glass::Whole => false,
            Glass::Broken(_) if actor.id.is_none() => {
                settings.mode.refuse(self.nobody_acts(), observed)?;
                false
            }
            Glass::Broken(_) => true,
            Glass::Misused => {
                refuse(NoRight::BreakGlass, observed)?;
                false
            }
        };
        match (self.role().map_or(Verdict::NotAllowed, |role| role.judge(target)), broken) {
            (Verdict::Allowed, _) => {}
            (Verdict::NotAllowed, true) if self.glass_opens(target) => {}
            (Verdict::NotAllowed, _) => {
                let why = match (&actor.role, actor.role_sent) {
                    (Some(_), _) => NoRight::NotAllowed,
                    (None, true) => NoRight::UnknownRole,
                    (None, false) => NoRight::NoRole,
                };
                refuse(why, observed)?;
            }
            (Verdict::Denied, _) => refuse(NoRight::Denied, observed)?,
        }
        Ok(Authorized { reaches_any: target.reach() == Reach::Any })
    }

    /// Judges again what a search by body turned out to ask for: its parameters were not known before.
    pub fn authorize_search(
        self,
        authorized: Authorized,
        search: &CleanTarget,
        observed: &mut Observed,
    ) -> Result<Authorized, Refusal> {
        if authorized.reaches_any || search.reach() == Reach::Named {
            return Ok(authorized);
        }
        self.authorize(search, observed)
    }

    fn check_actor(&self, target: &CleanTarget, observed: &mut Observed) -> Result<(), Refusal> {
        let fault = self.actor.fault.clone();
        if self.require_actor && self.actor.id.is_none() && !is_open(target) {
            return Err(fault.unwrap_or_else(|| self.nobody_acts()));
        }
        fault.map_or(Ok(()), |fault| self.settings.mode.refuse(fault, observed))
    }

    /// Nothing was sent that could say who acts.
    fn nobody_acts(&self) -> Refusal {
        let why = if self.actor.token_sent { NoActor::Claim } else { NoActor::Nothing };
        no_actor(self.settings, why)
    }

    /// Whose permissions count: without any roles in the policy, those everybody has.
    fn role(&self) -> Option<&Role> {
        match self.settings.roles.is_empty() {
            true => Some(&self.settings.nobody),
            false => self.actor.role.as_ref().and_then(|role| self.settings.roles.get(role.as_str())),
        }
    }

    fn glass_opens(&self, target: &CleanTarget) -> bool {
        self.settings.break_glass.as_ref().is_some_and(|glass| glass.operations.contains(&target.operation()))
    }
}

/// The state of the service and the contract's metadata are nobody's records.
fn is_open(target: &CleanTarget) -> bool {
    matches!(target.operation(), Operation::Health | Operation::Metadata)
}

enum Sent<'a> {
    Missing,
    Value(&'a str),
    /// Sent twice, empty, too long or not visible ASCII.
    Malformed,
}

fn sent<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Sent<'a> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (None, _) => Sent::Missing,
        (Some(value), None) => match value.to_str() {
            Ok(text) if !text.is_empty() && text.len() <= ACTOR_BYTES_MAX => Sent::Value(text),
            _ => Sent::Malformed,
        },
        (Some(_), Some(_)) => Sent::Malformed,
    }
}
