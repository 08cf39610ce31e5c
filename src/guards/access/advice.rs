//! What a client is told where nobody acts or a role does not suffice: what to send instead, in the policy's own words.
//!
//! Owns these sentences. They name headers, claims and keys of the policy, and nothing that was sent.

use super::settings::AccessSettings;
use crate::outcome::{Code, Refusal};

/// Why there is no actor, where one was meant or is needed.
#[derive(Clone, Copy)]
pub(super) enum NoActor {
    /// Neither header nor token.
    Nothing,
    /// A token that holds, without the claim.
    Claim,
    /// Sent twice, empty, too long, or with characters that no id has.
    Malformed,
    /// It tells who somebody is.
    NotOpaque,
}

/// Why a role does not suffice.
#[derive(Clone, Copy)]
pub(super) enum NoRight {
    /// No role was sent.
    NoRole,
    /// One that the policy does not have, or more than one.
    UnknownRole,
    NotAllowed,
    Denied,
    ReadOnly,
    BreakGlass,
}

pub(super) fn no_actor(settings: &AccessSettings, why: NoActor) -> Refusal {
    let said = match &settings.jwt {
        Some(jwt) => {
            let (header, claim) = (&jwt.header, &jwt.actor_claim);
            match why {
                NoActor::Nothing => {
                    format!(
                        "The guard has to know who acts: send a token of your identity provider in the header `{header}`."
                    )
                }
                NoActor::Claim => format!(
                    "The token has no claim `{claim}`, which says who acts: point guards.access.jwt.actor_claim at one it has."
                ),
                NoActor::Malformed => format!(
                    "The claim `{claim}` of the token is no id of 1 to 64 letters, digits and . _ - : / |: point guards.access.jwt.actor_claim at one that is."
                ),
                NoActor::NotOpaque => format!(
                    "The claim `{claim}` of the token is not opaque, it could tell who somebody is: point guards.access.jwt.actor_claim at one that is."
                ),
            }
        }
        None => {
            let header = &settings.actor_header;
            match why {
                NoActor::Nothing | NoActor::Claim => {
                    format!(
                        "The guard has to know who acts: send an opaque id of the user in the header `{header}`."
                    )
                }
                NoActor::Malformed => {
                    format!(
                        "The header `{header}` must be there once, with 1 to 64 letters, digits and . _ - : / |."
                    )
                }
                NoActor::NotOpaque => format!(
                    "The id in the header `{header}` is not opaque: it looks like a name, an e-mail address, a date or a number of somebody. Send one that only your system can resolve."
                ),
            }
        }
    };
    let key = match (&settings.jwt, why) {
        (Some(_), NoActor::Nothing) => "guards.access.jwt.header",
        (Some(_), _) => "guards.access.jwt.actor_claim",
        (None, _) => "guards.access.actor_header",
    };
    Refusal::new(Code::ActorRequired).about(key).saying(said)
}

pub(super) fn no_right(settings: &AccessSettings, why: NoRight) -> Refusal {
    let place = match &settings.jwt {
        Some(jwt) => format!("the claim `{}` of the token", jwt.role_claim),
        None => format!("the header `{}`", settings.role_header),
    };
    let (key, said) = match why {
        NoRight::NoRole => (
            "guards.access.roles",
            format!("No role was sent, and only roles may do something here. It belongs into {place}."),
        ),
        NoRight::UnknownRole => {
            ("guards.access.roles", format!("What is sent in {place} is not one role of the policy."))
        }
        NoRight::NotAllowed => (
            "guards.access.roles",
            "The actor's role may not perform this operation on this resource.".to_owned(),
        ),
        NoRight::Denied => (
            "guards.access.deny",
            "The policy denies this operation on this resource, whatever else the role may do.".to_owned(),
        ),
        NoRight::ReadOnly => ("guards.access.read_only", "The guard lets nothing be written.".to_owned()),
        NoRight::BreakGlass => (
            "guards.access.break_glass",
            "Emergency access was asked for with a reason that is none of the policy's, or by a role that may not take it."
                .to_owned(),
        ),
    };
    Refusal::new(Code::AccessDenied).about(key).saying(said)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::Policy;

    fn settings(policy: &str) -> AccessSettings {
        Policy::from_str("test", policy).unwrap_or_else(|problems| panic!("{problems}")).access
    }

    #[test]
    fn a_client_is_told_the_header_or_the_claim_that_is_read() {
        let named = settings("guards: {access: {actor_header: x-who, role_header: x-as}}\n");
        let token = settings(
            "guards: {access: {jwt: {jwks_file: /k, issuer: i, audience: a, header: x-token, actor_claim: uid, \
             role_claim: group}}}\naudit: {require_actor: true}\n",
        );
        for (settings, nothing, wrong, role) in
            [(&named, "`x-who`", "`x-who`", "`x-as`"), (&token, "`x-token`", "`uid`", "`group`")]
        {
            for (why, word) in
                [(NoActor::Nothing, nothing), (NoActor::Malformed, wrong), (NoActor::NotOpaque, wrong)]
            {
                assert!(no_actor(settings, why).advice().contains(word), "{word}");
            }
            for why in [NoRight::NoRole, NoRight::UnknownRole] {
                assert!(no_right(settings, why).advice().contains(role), "{role}");
            }
        }
        assert!(no_actor(&token, NoActor::NotOpaque).advice().contains("guards.access.jwt.actor_claim"));
    }
}
