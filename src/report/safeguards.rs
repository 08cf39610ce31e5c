//! The technical safeguards of 45 CFR 164.312 one by one.
//!
//! "Required" and "addressable" are the rule's words (164.306(d)). How each state is judged is `judge`'s, shared with the
//! checklist where both ask the same.

use super::activity::{Activity, counted, times};
use super::checklist::{audited, authenticated, authorised, transported, validated, worst};
use super::{Entry, Facts, State, is_on};
use crate::audit::settings::AuditSink;
use crate::guards::Mode;

pub(super) const ENTRIES: &[Entry] = &[
    Entry {
        reference: "164.312(a)(1)",
        title: "Access control",
        kind: "required",
        settings: &[
            "guards.caller.mode",
            "guards.caller.tokens",
            "guards.caller.certificates",
            "guards.access.mode",
            "guards.access.roles",
            "guards.access.deny",
            "guards.access.read_only",
            "guards.routes",
        ],
        judge: |facts| worst([authenticated(facts), authorised(facts)]),
        evidence: |activity| {
            activity.refused(&[
                "CALLER_NOT_ALLOWED",
                "ACCESS_DENIED",
                "BROWSER_NOT_ALLOWED",
                "ROUTE_NOT_ALLOWED",
            ])
        },
        yours: "Decide which role may see what, review it, and take access away when somebody leaves.",
    },
    Entry {
        reference: "164.312(a)(2)(i)",
        title: "Unique user identification",
        kind: "required",
        settings: &["audit.require_actor", "guards.access.jwt", "guards.access.actor_header"],
        judge: |facts| match facts.policy.audit.require_actor {
            true => {
                let how = match facts.policy.access.jwt {
                    Some(_) => "a request without a signed token that names its user is refused",
                    None => "a request without an opaque user id, as your backend sends it, is refused",
                };
                (State::Enforced, how.to_owned())
            }
            false => {
                (State::Off, "a request may come without a user id: set `audit.require_actor`".to_owned())
            }
        },
        evidence: |activity| {
            let mut said = activity.refused(&["ACTOR_REQUIRED", "ACTOR_TOKEN_INVALID"]);
            said.push(format!(
                "{} of {} requests without a user id",
                activity.without_actor(),
                activity.exchanges
            ));
            said
        },
        yours: "Give each person an id of their own, and have your backend send it.",
    },
    Entry {
        reference: "164.312(a)(2)(ii)",
        title: "Emergency access procedure",
        kind: "required",
        settings: &["guards.access.break_glass", "guards.access.roles"],
        judge: emergency,
        evidence: |activity| vec![format!("emergency access taken {}", times(activity.emergencies()))],
        yours: "Write down how PHI is reached in an emergency, ClinikAPI being away included, and try it.",
    },
    Entry {
        reference: "164.312(a)(2)(iii)",
        title: "Automatic logoff",
        kind: "addressable",
        settings: &["listen.idle_timeout", "listen.exchange_timeout"],
        judge: |_| (State::NotApplicable, "the guard has no sessions; it closes idle connections".to_owned()),
        evidence: |_| Vec::new(),
        yours: "End idle sessions of people in your application.",
    },
    Entry {
        reference: "164.312(a)(2)(iv)",
        title: "Encryption and decryption",
        kind: "addressable",
        settings: &["credentials.current", "audit.resource_ids"],
        judge: |_| {
            (
                State::NotApplicable,
                "the guard stores no PHI; keys are in locked memory and are wiped".to_owned(),
            )
        },
        evidence: |_| Vec::new(),
        yours: "ClinikAPI encrypts what it stores. Encrypt what your application keeps, and the disk with the audit trail: it holds ids of records.",
    },
    Entry {
        reference: "164.312(b)",
        title: "Audit controls",
        kind: "required",
        settings: &[
            "audit.sink",
            "audit.file",
            "audit.on_failure",
            "audit.durability",
            "audit.ship",
            "audit.otlp",
        ],
        judge: audited,
        evidence: |activity| {
            let mut said = vec![format!("{} on record", counted(activity.exchanges, "exchange"))];
            said.extend(activity.refused(&["AUDIT_UNAVAILABLE"]));
            said
        },
        yours: "Have somebody look at the records regularly, and keep them.",
    },
    Entry {
        reference: "164.312(c)(1)",
        title: "Integrity",
        kind: "required",
        settings: &["guards.body.mode", "guards.body.json", "guards.repeats.mode", "guards.routes.mode"],
        judge: |facts| {
            let policy = facts.policy;
            let weakest = [policy.body.mode, policy.repeats.mode, policy.routes.mode];
            let how = "only whole, well-formed requests on documented routes reach the records; a write of unknown outcome is not sent twice";
            by_modes(&weakest, how, "`guards.body`, `guards.repeats` or `guards.routes` does not enforce")
        },
        evidence: |activity| {
            activity.refused(&["INVALID_JSON", "BODY_INCOMPLETE", "MALFORMED_REQUEST", "OUTCOME_UNKNOWN"])
        },
        yours: "Decide who may change or delete records, and have backups you can restore.",
    },
    Entry {
        reference: "164.312(c)(2)",
        title: "Mechanism to authenticate electronic PHI",
        kind: "addressable",
        settings: &["audit.signing_key_file", "audit.ship.object_lock"],
        judge: |facts| {
            match (is_on(&facts.policy.audit), &facts.policy.audit.signing_key, facts.trail.is_intact()) {
            (false, ..) => (State::Off, "there is no audit trail".to_owned()),
            (true, _, Some(false)) => (State::Off, "the trail is broken: see there".to_owned()),
            (true, Some(_), _) => (State::Enforced, "every change is on record in a hash chain with signed checkpoints".to_owned()),
            (true, None, _) => (
                State::Partial,
                "the hash chain shows accidents; without `audit.signing_key_file` who can write the file can build it anew".to_owned(),
            ),
        }
        },
        evidence: |_| Vec::new(),
        yours: "Keep the public half of the signing key elsewhere, and run `clinik-guard audit verify` with it.",
    },
    Entry {
        reference: "164.312(d)",
        title: "Person or entity authentication",
        kind: "required",
        settings: &[
            "guards.caller.mode",
            "guards.caller.tokens",
            "guards.caller.certificates",
            "guards.caller.unix_uids",
            "listen.tls",
        ],
        judge: authenticated,
        evidence: |activity| activity.refused(&["CALLER_NOT_ALLOWED"]),
        yours: "Authenticate people in your application: the guard knows callers, not people.",
    },
    Entry {
        reference: "164.312(e)(1)",
        title: "Transmission security",
        kind: "required",
        settings: &["upstream.url", "listen.addresses", "listen.tls"],
        judge: transported,
        evidence: |activity| activity.refused(&["UPSTREAM_UNREACHABLE"]),
        yours: "Keep the way between people's browsers and your application encrypted too.",
    },
    Entry {
        reference: "164.312(e)(2)(i)",
        title: "Integrity controls",
        kind: "addressable",
        settings: &["upstream.url", "upstream.pins", "guards.headers.mode"],
        judge: |facts| worst([transported(facts), validated(facts)]),
        evidence: |activity| activity.refused(&["MALFORMED_REQUEST", "UPSTREAM_INVALID"]),
        yours: "Nothing beyond the certificate files, if you name any.",
    },
    Entry {
        reference: "164.312(e)(2)(ii)",
        title: "Encryption",
        kind: "addressable",
        settings: &["upstream.url", "upstream.public_roots", "upstream.ca_file", "upstream.pins"],
        judge: transported,
        evidence: |_| Vec::new(),
        yours: "Where callers are on other machines, let them come over `listen.tls`.",
    },
];

fn emergency(facts: &Facts<'_>) -> (State, String) {
    let access = &facts.policy.access;
    match (&access.break_glass, access.mode == Mode::Enforce && !access.roles.is_empty()) {
        (_, false) => {
            (State::NotApplicable, "the guard keeps no role out, so there is nothing to break".to_owned())
        }
        (Some(glass), true) => {
            let roles = glass.roles.join(", ");
            (
                State::Enforced,
                format!("these roles may pass their limits with a reason, and the record says so: {roles}"),
            )
        }
        (None, true) => (
            State::Off,
            "roles are enforced and there is no way past them: write `guards.access.break_glass`".to_owned(),
        ),
    }
}

/// By the weakest of some modes.
pub(super) fn by_modes(modes: &[Mode], enforced: &str, weaker: &str) -> (State, String) {
    if modes.contains(&Mode::Off) {
        (State::Off, weaker.to_owned())
    } else if modes.contains(&Mode::Observe) {
        (State::Observed, weaker.to_owned())
    } else {
        (State::Enforced, enforced.to_owned())
    }
}

/// What the trail and its policy say of audit controls, for both lists.
pub(super) fn sink_words(facts: &Facts<'_>) -> &'static str {
    match &facts.policy.audit.sink {
        AuditSink::File(_) => "one line for each exchange, to a file",
        AuditSink::Stdout => {
            "one line for each exchange, to standard output: whatever collects it has to keep it"
        }
        AuditSink::Off => "no record is kept",
    }
}

/// `12 values taken out of answers`.
pub(super) fn taken_out(activity: &Activity) -> Vec<String> {
    match activity.redactions() {
        0 => vec!["nothing had to be taken out of an answer".to_owned()],
        1 => vec!["one value taken out of answers".to_owned()],
        n => vec![format!("{n} values taken out of answers")],
    }
}
