//! What a good policy does, for who reviews it: one row for each concern, and each thing it lets pass by name.
//!
//! Shows no value that the policy lets pass, only the reasons; where secrets come from, never a secret.

use std::io::{self, Write};

use http::HeaderName;

use super::entry;
use crate::audit::settings::{AuditSink, Durability, OnAuditFailure};
use crate::config::Problems;
use crate::config::read::show_size;
use crate::contract;
use crate::credentials::Usage;
use crate::guards::Mode;
use crate::guards::opaque::PolicyName;
use crate::guards::target::settings::UrlException;
use crate::phi::settings::Region;
use crate::phi::{Class, Confidence, Place, RegionSet};
use crate::policy::Policy;
use crate::upstream::settings::Scheme;

/// Writes the warnings and the rows.
pub fn write(
    name: &str,
    policy: &Policy,
    around: &Problems,
    now_unix: u64,
    out: &mut dyn Write,
) -> io::Result<()> {
    for warning in policy.warnings(now_unix).chain(around.warnings()) {
        entry("warning", name, warning, out)?;
    }
    writeln!(out, "ok: {name}")?;
    let mut row = |label: &str, value: String| writeln!(out, "  {label:<11}{value}");
    row("listen", listen(policy))?;
    row("ops", policy.ops.address.map_or("off".to_owned(), |address| address.to_string()))?;
    row("upstream", upstream(policy))?;
    row("key", key(policy))?;
    row("agreement", agreement(policy))?;
    row("guards", guards(policy))?;
    row("routes", routes(policy))?;
    row("access", access(policy))?;
    row("exceptions", exceptions(policy, now_unix))?;
    for exception in &policy.url.exceptions {
        row("", passing(exception))?;
    }
    if let Some(opened) = opened(policy) {
        row("opened", opened)?;
    }
    row("body", body(policy))?;
    row("scrub", scrub(policy))?;
    for place in Place::ALL {
        if let Some(text) = lenient(policy, place) {
            row(&format!("  in {}", place.label()), text)?;
        }
    }
    for entry in &policy.engine.settings().allowed {
        row("  allowed", format!("one value: {}", entry.reason))?;
    }
    row("limits", limits(policy))?;
    row("audit", audit(policy))?;
    row("sha-256", policy.hash.clone())
}

fn listen(policy: &Policy) -> String {
    let listen = &policy.listen;
    let mut places: Vec<String> = listen.addresses.iter().map(ToString::to_string).collect();
    places.extend(listen.unix.as_ref().map(|unix| unix.path.display().to_string()));
    places.extend(listen.tls.iter().flat_map(|tls| &tls.addresses).map(|address| format!("{address} TLS")));
    let beyond = listen.beyond_loopback().chain(listen.tls_beyond_loopback()).next().is_some();
    let mut reach = vec![if beyond { "beyond loopback" } else { "this machine only" }.to_owned()];
    let known = [("token", policy.caller.tokens.len()), ("certificate", policy.caller.certificates.len())];
    let known = known.into_iter().filter(|(_, count)| *count > 0);
    let known: Vec<String> =
        known.map(|(what, count)| format!("{count} {what}{}", if count == 1 { "" } else { "s" })).collect();
    if !known.is_empty() {
        reach.push(format!("callers known by {}", known.join(" and ")));
    }
    if let Some(tls) = listen.tls.as_ref().filter(|tls| tls.client_ca_file.is_some()) {
        let word = if tls.certificate_required { "required" } else { "optional" };
        reach.push(format!("client certificate {word}"));
    }
    format!("{} ({})", places.join(", "), reach.join(", "))
}

fn upstream(policy: &Policy) -> String {
    let upstream = &policy.upstream;
    let scheme = match upstream.scheme {
        Scheme::Http => "http",
        Scheme::Https => "https",
    };
    let host =
        if upstream.host.contains(':') { format!("[{}]", upstream.host) } else { upstream.host.clone() };
    format!("{scheme}://{host}:{}{}", upstream.port, upstream.base_path)
}

fn key(policy: &Policy) -> String {
    let pairs = policy.credentials.pairs.iter().map(|pair| {
        let what = match pair.slot.usage {
            Usage::Any => "",
            Usage::Read => "for reads ",
            Usage::Write => "for writes ",
        };
        let tenant = pair.slot.tenant.as_ref().map_or_else(String::new, |tenant| format!("{tenant}: "));
        let next = pair.next.as_ref().map_or_else(String::new, |next| format!(", next: {}", next.show()));
        format!("{tenant}{what}{}{next}", pair.current.show())
    });
    pairs.collect::<Vec<_>>().join("; ")
}

fn agreement(policy: &Policy) -> String {
    let compliance = &policy.compliance;
    let baa = compliance.baa.as_ref();
    let baa = baa.map(|baa| format!("BAA {} of {}", baa.reference, baa.signed_on));
    let mut parts = vec![baa.unwrap_or_else(|| "no BAA recorded, live keys are refused".to_owned())];
    parts.extend(compliance.plan.map(|plan| format!("plan {}", plan.as_str())));
    parts.extend(compliance.environment.map(|environment| environment.as_str().to_owned()));
    parts.join(", ")
}

fn guards(policy: &Policy) -> String {
    let modes = [
        ("caller", policy.caller.mode),
        ("headers", policy.headers.mode),
        ("browser", policy.headers.browser_mode),
        ("url", policy.url.mode),
        ("routes", policy.routes.mode),
        ("access", policy.access.mode),
        ("body", policy.body.mode),
        ("repeats", policy.repeats.mode),
        ("limits", policy.limits.mode),
    ];
    modes.map(|(name, mode)| format!("{name} {}", mode.as_str())).join(", ")
}

fn routes(policy: &Policy) -> String {
    let documented = contract::routes().len();
    let allowed = (0..documented).filter(|index| policy.routes.route_closed_by(*index).is_none()).count();
    format!("{allowed} of {documented} documented routes")
}

fn access(policy: &Policy) -> String {
    let access = &policy.access;
    let mut parts = vec![match access.roles.is_empty() {
        true => "no roles: everybody may do what nobody is denied".to_owned(),
        false => format!("roles {}", names(access.roles.keys())),
    }];
    if access.read_only {
        parts.push("read only".to_owned());
    }
    if policy.audit.require_actor {
        parts.push("an actor is required".to_owned());
    }
    if access.jwt.is_some() {
        parts.push("by signed tokens".to_owned());
    }
    if let Some(glass) = &access.break_glass {
        let reasons = names(glass.reasons.iter().map(PolicyName::as_str));
        parts.push(format!("emergency access for {} ({reasons})", names(&glass.roles)));
    }
    parts.join("; ")
}

fn exceptions(policy: &Policy, now_unix: u64) -> String {
    let all = &policy.url.exceptions;
    match all.iter().filter(|exception| exception.expires_at <= now_unix).count() {
        0 => all.len().to_string(),
        expired => format!("{}, of which {expired} expired", all.len()),
    }
}

fn passing(exception: &UrlException) -> String {
    let UrlException { name, params, reason, .. } = exception;
    let owner = exception.owner.as_ref().map_or_else(String::new, |owner| format!(" ({owner})"));
    let (params, route, day) = (names(params), exception.route_label(), exception.last_day());
    format!("{name}: {params} of {route} until {day}{owner}: {reason}")
}

/// What the defaults keep shut.
fn opened(policy: &Policy) -> Option<String> {
    let fhir = &policy.routes.fhir;
    let (headers, scrub) = (&policy.headers, &policy.scrub);
    let switches = [
        ("guards.routes.fhir.history", fhir.history),
        ("guards.routes.fhir.batch", fhir.batch),
        ("guards.routes.fhir.conditional", fhir.conditional),
        ("compliance.phi_on_test: allow", policy.compliance.phi_on_test == Mode::Off),
        ("audit.durability: relaxed", policy.audit.durability == Durability::Relaxed),
    ];
    let lists = [
        ("guards.headers.allow", names(headers.allow.iter().map(HeaderName::as_str))),
        ("guards.browser.hosts", names(&headers.browser_hosts)),
        ("scrub.response_headers", names(scrub.response_headers.iter().map(HeaderName::as_str))),
    ];
    let mut parts: Vec<String> =
        switches.iter().filter(|(_, on)| *on).map(|(key, _)| (*key).to_owned()).collect();
    parts.extend(lists.iter().filter(|(_, of)| !of.is_empty()).map(|(key, of)| format!("{key} ({of})")));
    (!parts.is_empty()).then(|| parts.join(", "))
}

fn body(policy: &Policy) -> String {
    let body = &policy.body;
    let mut parts = vec![format!("up to {}", show_size(body.bytes_max))];
    for (index, bytes_max) in &body.route_bytes_max {
        parts.push(format!("{} on {}", show_size(*bytes_max), contract::route_label(*index)));
    }
    if !body.json {
        parts.push("any text, not only JSON".to_owned());
    }
    parts.join(", ")
}

fn names<T: AsRef<str>>(all: impl IntoIterator<Item = T>) -> String {
    all.into_iter().map(|one| one.as_ref().to_owned()).collect::<Vec<_>>().join(", ")
}

fn scrub(policy: &Policy) -> String {
    let settings = policy.engine.settings();
    let mut parts = vec![match settings.hide_providers {
        true => "providers hidden".to_owned(),
        false => "names, NPI and DEA of providers pass".to_owned(),
    }];
    if !settings.custom.is_empty() {
        let rules: Vec<String> =
            settings.custom.iter().map(|rule| format!("{} ({})", rule.id, rule.class.label())).collect();
        parts.push(format!("own rules {}", rules.join(", ")));
    }
    if Place::ALL.iter().all(|place| lenient(policy, *place).is_none()) {
        parts.push("every class, region and confidence in urls, errors and logs".to_owned());
    }
    parts.join("; ")
}

/// What the policy lets pass in a place.
fn lenient(policy: &Policy, place: Place) -> Option<String> {
    let at = policy.engine.settings().at(place);
    let mut parts = Vec::new();
    if !at.off.is_empty() {
        let classes: Vec<_> = at.off.iter().map(Class::label).collect();
        parts.push(format!("off: {}", classes.join(", ")));
    }
    if at.regions != RegionSet::ALL {
        let regions: Vec<_> = at.regions.iter().map(Region::label).collect();
        let regions = if regions.is_empty() { "none".to_owned() } else { regions.join(", ") };
        parts.push(format!("regions: {regions}"));
    }
    if at.confidence_min > Confidence::Low {
        parts.push(format!("passes below {} confidence", at.confidence_min.label()));
    }
    (!parts.is_empty()).then(|| parts.join("; "))
}

fn limits(policy: &Policy) -> String {
    let limits = &policy.limits;
    let rows = [
        ("", limits.per_minute, "minute"),
        ("per caller ", limits.per_caller_per_minute, "minute"),
        ("read ", limits.read_per_minute, "minute"),
        ("write ", limits.write_per_minute, "minute"),
        ("search ", limits.search_per_minute, "minute"),
        ("bulk ", limits.bulk_per_hour, "hour"),
    ];
    let shown: Vec<String> = rows
        .iter()
        .filter_map(|(what, limit, unit)| limit.map(|n| format!("{what}{n} per {unit}")))
        .collect();
    let of = if policy.credentials.tenants.is_empty() { "" } else { ", over all tenants" };
    if shown.is_empty() { "none".to_owned() } else { format!("{}{of}", shown.join(", ")) }
}

fn audit(policy: &Policy) -> String {
    let sink = match &policy.audit.sink {
        AuditSink::Stdout => "stdout".to_owned(),
        AuditSink::File(path) => path.display().to_string(),
        AuditSink::Off => return "off".to_owned(),
    };
    let sink = match &policy.audit.ship {
        Some(ship) => format!("{sink}, shipped to {ship}"),
        None => sink,
    };
    let sink = match &policy.audit.otlp {
        Some(otlp) => format!("{sink}, exported to {}", otlp.endpoint),
        None => sink,
    };
    match policy.audit.on_failure {
        OnAuditFailure::Refuse => format!("{sink}, requests are refused while it fails"),
        OnAuditFailure::Continue => format!("{sink}, requests go on without records"),
    }
}
