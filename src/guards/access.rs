//! Which role may do which operation on which resource, and who acts.
//!
//! The role and the opaque actor id come from headers that the trusted backend sets; both stay here. Does not know
//! users or sessions: that is the backend's work.

use http::{HeaderMap, HeaderName};

use crate::contract::Operation;
use crate::guards::Observed;
use crate::guards::opaque::{OpaqueId, PolicyName};
use crate::guards::target::CleanTarget;
use crate::outcome::{Code, Refusal};
use crate::phi::{Engine, KeyClass, Place};

pub mod settings;

use settings::{AccessSettings, Permission};

/// Longest actor id or role name, in bytes.
const ACTOR_BYTES_MAX: usize = 64;

/// Who acts, in words that are safe in an audit line.
pub struct Actor {
    id: Option<OpaqueId>,
    /// A role name of the policy.
    role: Option<PolicyName>,
    /// An actor is there where one is required, and none is PHI.
    usable: bool,
}

impl Actor {
    pub fn id(&self) -> Option<&OpaqueId> {
        self.id.as_ref()
    }

    pub fn role(&self) -> Option<&PolicyName> {
        self.role.as_ref()
    }
}

/// Proof that the actor's role may do this.
pub struct Authorized(());

/// Reads actor and role from the headers the backend sets; judges nothing yet.
pub fn identify(settings: &AccessSettings, engine: &Engine, headers: &HeaderMap) -> Actor {
    let (id, usable) = match sent(headers, &settings.actor_header) {
        Sent::Missing => (None, !settings.actor_required),
        // An id that is itself PHI is refused even where none is required: it would end up in the audit trail.
        Sent::Value(value) => {
            let id = OpaqueId::of(value).filter(|id| is_opaque(engine, id.as_str()));
            let usable = id.is_some();
            (id, usable)
        }
        Sent::Malformed => (None, false),
    };
    let role = match sent(headers, &settings.role_header) {
        Sent::Value(value) => {
            settings.roles.get_key_value(value).and_then(|(name, _)| PolicyName::of(name.as_str()))
        }
        Sent::Missing | Sent::Malformed => None,
    };
    Actor { id, role, usable }
}

/// Checks the actor and the role's permissions.
pub fn authorize(
    settings: &AccessSettings,
    actor: &Actor,
    target: &CleanTarget,
    observed: &mut Observed,
) -> Result<Authorized, Refusal> {
    if !actor.usable {
        settings.mode.refuse(Code::ActorRequired.into(), observed)?;
    }
    let permissions = actor.role.as_ref().and_then(|role| settings.roles.get(role.as_str()));
    let allowed = permissions.is_some_and(|permissions| {
        permissions.iter().any(|permission| permits(permission, target.resource(), target.operation()))
    });
    if !allowed && !settings.roles.is_empty() {
        settings.mode.refuse(Code::AccessDenied.into(), observed)?;
    }
    Ok(Authorized(()))
}

fn permits(permission: &Permission, resource: &str, operation: Operation) -> bool {
    permission.resource.as_deref().is_none_or(|allowed| allowed == resource)
        && permission.operations.as_ref().is_none_or(|allowed| allowed.contains(&operation))
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

/// Whether neither the engine nor the lexicon sees a person in an id.
fn is_opaque(engine: &Engine, id: &str) -> bool {
    // Nine and ten bare digits are what SSNs, phone and NHS numbers look like; an opaque id has no need to.
    if matches!(id.len(), 9 | 10) && id.bytes().all(|byte| byte.is_ascii_digit()) {
        return false;
    }
    let mut findings = Vec::new();
    engine.scan(id, Place::Url, KeyClass::Unknown, &mut findings);
    findings.is_empty()
        && !crate::phi::names::is_name_like(id)
        && !crate::phi::names::is_name_like(&apart(id))
}

/// `JaneDoe` as `Jane Doe`.
fn apart(id: &str) -> String {
    let mut words = String::with_capacity(id.len() + 4);
    for (at, letter) in id.char_indices() {
        if at > 0 && letter.is_ascii_uppercase() {
            words.push(' ');
        }
        words.push(letter);
    }
    words
}
