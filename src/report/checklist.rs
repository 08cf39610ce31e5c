//! The checklist of the application layer, and the judgements it shares with the safeguards of the rule.

use super::activity::counted;
use super::safeguards::{by_modes, sink_words, taken_out};
use super::{Entry, Facts, State, is_on};
use crate::audit::settings::{Durability, OnAuditFailure};
use crate::compliance::Environment;
use crate::guards::Mode;
use crate::phi::Place;
use crate::upstream::settings::Scheme;

pub(super) const ENTRIES: &[Entry] = &[
    Entry {
        reference: "",
        title: "Authentication",
        kind: "",
        settings: &[
            "guards.caller.mode",
            "guards.caller.tokens",
            "guards.caller.certificates",
            "guards.caller.unix_uids",
        ],
        judge: authenticated,
        evidence: |activity| activity.refused(&["CALLER_NOT_ALLOWED"]),
        yours: "Rotate caller tokens; one token, one application.",
    },
    Entry {
        reference: "",
        title: "Authorisation",
        kind: "",
        settings: &[
            "guards.access.mode",
            "guards.access.roles",
            "guards.access.deny",
            "guards.access.read_only",
            "guards.routes.allow",
            "guards.routes.deny",
        ],
        judge: authorised,
        evidence: |activity| activity.refused(&["ACCESS_DENIED", "ROUTE_NOT_ALLOWED"]),
        yours: "Set role and user id in your backend from the session, never from what a browser sends.",
    },
    Entry {
        reference: "",
        title: "No PHI in URLs",
        kind: "",
        settings: &["guards.url.mode", "guards.url.exceptions", "scrub.places.url"],
        judge: |facts| {
            let url = &facts.policy.url;
            let how = match (lenient(facts, Place::Url), url.exceptions.len()) {
                (true, _) => {
                    "path and query are searched; the policy lets some classes, regions or findings pass"
                }
                (false, 0) => "path and query are searched before anything leaves",
                (false, _) => {
                    "path and query are searched before anything leaves, but for the exceptions below"
                }
            };
            by_modes(&[url.mode], how, "PHI in a URL is not refused")
        },
        evidence: |activity| activity.refused(&["PHI_IN_URL"]),
        yours: "Search by `POST …/_search`; keep PHI out of the URLs of your own pages.",
    },
    Entry {
        reference: "",
        title: "No PHI in errors",
        kind: "",
        settings: &["scrub.places.error", "scrub.allow", "scrub.providers"],
        judge: |facts| {
            let how = match lenient(facts, Place::Error) {
                true => {
                    "errors are scrubbed and rebuilt; the policy lets some classes, regions or findings pass"
                }
                false => "errors are scrubbed and rebuilt; what cannot be read is replaced",
            };
            (State::Enforced, how.to_owned())
        },
        evidence: taken_out,
        yours: "Do not put values of your own into messages people see. Detection is not proof: see README, What it does not do.",
    },
    Entry {
        reference: "",
        title: "No PHI in logs",
        kind: "",
        settings: &["telemetry.level", "scrub.places.log"],
        judge: |_| {
            let how = "the guard logs routes, codes and counts, through a scrubber that no setting relaxes";
            (State::Enforced, how.to_owned())
        },
        evidence: |_| Vec::new(),
        yours: "Pipe your application's log through `clinik-guard scrub`.",
    },
    Entry {
        reference: "",
        title: "Sessions and caching headers",
        kind: "",
        settings: &["guards.browser.mode", "scrub.response_headers"],
        judge: |facts| {
            let how = "cookies pass in neither direction, every answer says no-store, and pages of browsers are turned away";
            by_modes(&[facts.policy.headers.browser_mode], how, "requests of web pages are not refused")
        },
        evidence: |activity| activity.refused(&["BROWSER_NOT_ALLOWED"]),
        yours: "Set `Cache-Control: no-store` on your own pages with PHI, and secure cookies.",
    },
    Entry {
        reference: "",
        title: "HTTPS",
        kind: "",
        settings: &["upstream.url", "upstream.pins", "listen.tls"],
        judge: transported,
        evidence: |activity| activity.refused(&["UPSTREAM_UNREACHABLE"]),
        yours: "HTTPS, and HSTS, in front of your own application.",
    },
    Entry {
        reference: "",
        title: "Key handling",
        kind: "",
        settings: &[
            "credentials.current",
            "credentials.next",
            "credentials.environment",
            "compliance.environment",
            "guards.browser.mode",
        ],
        judge: key_handling,
        evidence: |activity| activity.refused(&["KEY_IN_REQUEST", "UPSTREAM_KEY_REJECTED", "PHI_ON_TEST"]),
        yours: "Rotate the key, and give it no more scope than it needs: ClinikAPI's default is all.",
    },
    Entry {
        reference: "",
        title: "Input validation",
        kind: "",
        settings: &[
            "guards.routes.mode",
            "guards.headers.mode",
            "guards.body.mode",
            "guards.body.json",
            "guards.body.bytes_max",
        ],
        judge: validated,
        evidence: |activity| {
            activity.refused(&[
                "INVALID_TARGET",
                "INVALID_JSON",
                "BODY_TOO_LARGE",
                "UNSUPPORTED_MEDIA_TYPE",
                "MALFORMED_REQUEST",
            ])
        },
        yours: "Check what a value means: the guard checks its form.",
    },
    Entry {
        reference: "",
        title: "Rate limits",
        kind: "",
        settings: &[
            "limits.mode",
            "compliance.plan",
            "limits.plan",
            "limits.per_minute",
            "limits.per_caller_per_minute",
        ],
        judge: |facts| {
            let limits = &facts.policy.limits;
            let any = [
                limits.per_minute,
                limits.per_caller_per_minute,
                limits.read_per_minute,
                limits.search_per_minute,
            ];
            match any.iter().any(Option::is_some) {
                true => by_modes(
                    &[limits.mode],
                    "budgets for requests, per process",
                    "over a budget nothing is refused",
                ),
                false => (
                    State::Off,
                    "no budget but that of bulk jobs: set `compliance.plan` or `limits.per_minute`"
                        .to_owned(),
                ),
            }
        },
        evidence: |activity| {
            activity.refused(&[
                "RATE_LIMITED",
                "MONTHLY_QUOTA_EXCEEDED",
                "SANDBOX_QUOTA_EXCEEDED",
                "OVERLOADED",
            ])
        },
        yours: "Limit what one person can ask for in your application.",
    },
    Entry {
        reference: "",
        title: "Audit",
        kind: "",
        settings: &[
            "audit.sink",
            "audit.on_failure",
            "audit.durability",
            "audit.signing_key_file",
            "audit.ship",
            "audit.otlp",
        ],
        judge: audited,
        evidence: |activity| vec![format!("{} on record", counted(activity.exchanges, "exchange"))],
        yours: "Have the trail leave the pod (`audit.ship`, `audit.otlp`, or your own collector), and read it.",
    },
];

/// The first of the weakest.
pub(super) fn worst<const N: usize>(judged: [(State, String); N]) -> (State, String) {
    judged.into_iter().min_by_key(|(state, _)| *state).unwrap_or((State::NotApplicable, String::new()))
}

pub(super) fn authenticated(facts: &Facts<'_>) -> (State, String) {
    let (policy, caller) = (facts.policy, &facts.policy.caller);
    let proven = !caller.tokens.is_empty() || !caller.certificates.is_empty();
    let socket_only = policy.listen.addresses.is_empty() && !caller.unix_uids.is_empty();
    match (proven || socket_only, caller.mode) {
        (_, Mode::Off) => (State::Off, "nobody is asked who they are".to_owned()),
        (_, Mode::Observe) => (State::Observed, "unknown callers are counted and served".to_owned()),
        (true, Mode::Enforce) => {
            (State::Enforced, "callers show a token or a certificate, or connect as a known user".to_owned())
        }
        (false, Mode::Enforce) => (
            State::Partial,
            "who reaches the loopback address is served: name callers under `guards.caller.tokens`"
                .to_owned(),
        ),
    }
}

pub(super) fn authorised(facts: &Facts<'_>) -> (State, String) {
    let access = &facts.policy.access;
    match (access.mode, access.roles.is_empty()) {
        (Mode::Enforce, false) => {
            (State::Enforced, "each role does what the policy lists, on the resources it lists".to_owned())
        }
        (Mode::Observe, false) => (State::Observed, "what a role may not do is counted and done".to_owned()),
        (Mode::Enforce, true) if access.read_only || !access.nobody.deny.is_empty() => (
            State::Partial,
            "something is denied to everybody, and nothing else to anybody: write `guards.access.roles`"
                .to_owned(),
        ),
        _ => (State::Off, "every caller may do everything: write `guards.access.roles`".to_owned()),
    }
}

pub(super) fn transported(facts: &Facts<'_>) -> (State, String) {
    let listen = &facts.policy.listen;
    match (facts.policy.upstream.scheme, listen.beyond_loopback().next()) {
        (Scheme::Http, _) => (State::Off, "plain HTTP to the upstream: for tests only".to_owned()),
        (Scheme::Https, Some(_)) => (
            State::Partial,
            "TLS 1.2 or 1.3 to ClinikAPI; callers on other machines reach plain HTTP on `listen.addresses`"
                .to_owned(),
        ),
        (Scheme::Https, None) => (
            State::Enforced,
            "TLS 1.2 or 1.3 to ClinikAPI, its certificate verified always; beyond loopback TLS only"
                .to_owned(),
        ),
    }
}

pub(super) fn validated(facts: &Facts<'_>) -> (State, String) {
    let policy = facts.policy;
    let modes = [policy.routes.mode, policy.headers.mode, policy.body.mode];
    let how = "strict HTTP, documented routes, bounded well-formed JSON";
    let (state, how) =
        by_modes(&modes, how, "`guards.routes`, `guards.headers` or `guards.body` does not enforce");
    if state == State::Enforced && !policy.body.json {
        return (State::Partial, "bodies need not be JSON: `guards.body.json` is false".to_owned());
    }
    (state, how)
}

pub(super) fn audited(facts: &Facts<'_>) -> (State, String) {
    let audit = &facts.policy.audit;
    let sink = sink_words(facts);
    if !is_on(audit) {
        (State::Off, sink.to_owned())
    } else if audit.on_failure == OnAuditFailure::Continue {
        (State::Partial, format!("{sink}; requests go on without a record while it fails"))
    } else {
        let durability = match audit.durability {
            Durability::Strict => "before the answer leaves",
            Durability::Relaxed => "within a second",
        };
        let ship = match audit.ship.as_ref().map(|ship| ship.object_lock.is_some()) {
            Some(true) => "; sealed segments go to an object store that locks them",
            Some(false) => "; sealed segments go to an object store",
            None => "",
        };
        let otlp = if audit.otlp.is_some() { "; each line goes to a collector" } else { "" };
        (State::Enforced, format!("{sink}, {durability}; without a record no answer{ship}{otlp}"))
    }
}

fn key_handling(facts: &Facts<'_>) -> (State, String) {
    let policy = facts.policy;
    let source = match policy.credentials.all_from_files() {
        true => "the application never has the key; the guard reads it from a file",
        false => {
            "the application never has the key; the guard reads it from its environment, where a file would be safer"
        }
    };
    let state = by_modes(
        &[policy.headers.browser_mode, policy.body.mode],
        source,
        "keys in bodies, or requests of web pages, are not refused",
    );
    match policy.compliance.environment {
        Some(Environment::Production) if !policy.compliance.key_rule().live => {
            (State::Off, "production, and no live key may be used for want of an agreement".to_owned())
        }
        _ => state,
    }
}

fn lenient(facts: &Facts<'_>, place: Place) -> bool {
    let settings = facts.policy.engine.settings();
    let at = settings.at(place);
    !at.off.is_empty()
        || at.regions != crate::phi::RegionSet::ALL
        || at.confidence_min > crate::phi::Confidence::Low
        || !settings.allowed.is_empty()
        || !settings.hide_providers
}
