//! `clinik-guard check [FILE]`: is this policy good, and what would it do?
//!
//! Uses the compiler and the readers that `run` and every reload use. Opens the files that the policy names unless it is told
//! not to, and contacts nobody: whether the upstream answers is for `run` to find out.

use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;

use crate::audit::settings::{AuditSink, OnAuditFailure};
use crate::config::read::show_size;
use crate::config::{Problem, Problems};
use crate::credentials::{ReadEnv, Usage};
use crate::phi::settings::Region;
use crate::phi::{Class, Confidence, Place, RegionSet};
use crate::policy::Policy;
use crate::upstream::settings::Scheme;

mod files;

/// What to check.
pub struct CheckOptions<'a> {
    /// `None` is the built-in defaults.
    pub path: Option<&'a Path>,
    /// How to read variables, and whether to look at them and at the files the policy names.
    pub read_env: Option<ReadEnv>,
    pub now_unix: u64,
}

/// Fails if the policy, or what it names, has problems, or `out` is closed.
pub fn run(options: &CheckOptions<'_>, out: &mut dyn Write) -> ExitCode {
    let name = Policy::name(options.path);
    let (good, written) = match checked(&name, options) {
        Ok((policy, around)) => (true, summary(&name, &policy, &around, options.now_unix, out)),
        Err(problems) => (false, report(&problems, out)),
    };
    if good && written.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// The policy, and what is to be said of the files and variables around it.
fn checked(name: &str, options: &CheckOptions<'_>) -> Result<(Policy, Problems), Problems> {
    let text = Policy::text(options.path)?;
    let policy = Policy::from_str(name, &text)?.in_force(name, options.now_unix)?;
    let mut around = Problems::new(name);
    if let Some(read_env) = options.read_env {
        files::examine(&policy, &text, read_env, &mut around);
    }
    around.finish();
    if around.is_empty() { Ok((policy, around)) } else { Err(around) }
}

/// All problems as a compiler prints them.
pub fn report(problems: &Problems, out: &mut dyn Write) -> io::Result<()> {
    for problem in problems.iter() {
        entry("error", problems.file(), problem, out)?;
    }
    let count = problems.len();
    if problems.left_out() > 0 {
        writeln!(out, "error: and {} more", problems.left_out())?;
    }
    writeln!(out, "{}: {count} {}", problems.file(), if count == 1 { "problem" } else { "problems" })
}

fn entry(severity: &str, file: &str, problem: &Problem, out: &mut dyn Write) -> io::Result<()> {
    match problem.path.as_str() {
        "" => writeln!(out, "{severity}: {}", problem.message)?,
        path => writeln!(out, "{severity}: {path}: {}", problem.message)?,
    }
    let number = problem.at.line.to_string();
    let gutter = " ".repeat(number.len());
    writeln!(out, "{gutter}--> {file}:{}:{}", problem.at.line, problem.at.column)?;
    if let Some((line, carets)) = &problem.excerpt {
        writeln!(out, "{gutter} |\n{number} | {line}\n{gutter} | {carets}")?;
    }
    writeln!(out)
}

fn summary(
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
    let allowed = policy.routes.allowed.iter().filter(|allowed| **allowed).count();
    row("routes", format!("{allowed} of {} documented routes", policy.routes.allowed.len()))?;
    row("exceptions", exceptions(policy, now_unix))?;
    row("body", format!("up to {}", show_size(policy.body.bytes_max)))?;
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

fn exceptions(policy: &Policy, now_unix: u64) -> String {
    let all = &policy.url.exceptions;
    match all.iter().filter(|exception| exception.expires_at <= now_unix).count() {
        0 => all.len().to_string(),
        expired => format!("{}, of which {expired} expired", all.len()),
    }
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
    if shown.is_empty() { "none".to_owned() } else { shown.join(", ") }
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

#[cfg(test)]
mod tests {
    use super::*;

    fn printed(text: &str) -> (ExitCode, String) {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), text).unwrap();
        let mut out = Vec::new();
        let options = CheckOptions { path: Some(file.path()), read_env: None, now_unix: 1_795_000_000 };
        let code = run(&options, &mut out);
        let text = String::from_utf8(out).unwrap();
        (code, text.replace(&file.path().display().to_string(), "policy.yaml"))
    }

    #[test]
    fn problems_look_like_a_compiler_s() {
        let (code, text) = printed("guards:\n  body:\n    byte_max: 5MiB\n    depth_max: deep\n");
        assert_eq!(code, ExitCode::FAILURE);
        let expected = "\
error: guards.body.byte_max: unknown key `byte_max`; did you mean `bytes_max`?
 --> policy.yaml:3:5
  |
3 |     byte_max: …
  |     ^^^^^^^^

error: guards.body.depth_max: expected a whole number; found text
 --> policy.yaml:4:16
  |
4 |     depth_max: deep
  |                ^^^^

policy.yaml: 2 problems
";
        assert_eq!(text, expected);
    }

    #[test]
    fn a_good_policy_is_summed_up_with_its_warnings() {
        let (code, text) = printed("guards: {url: {mode: observe}}\nlimits: {plan: pro}\n");
        assert_eq!(code, ExitCode::SUCCESS);
        for part in [
            "warning: guards.url.mode: only counts and logs",
            "ok: policy.yaml",
            "listen     127.0.0.1:8080, [::1]:8080 (this machine only)",
            "upstream   https://api.clinikapi.com:443",
            "key        variable CLINIKAPI_SECRET_KEY",
            "agreement  no BAA recorded, live keys are refused\n",
            "url observe",
            "routes     318 of 318 documented routes",
            "limits     1000 per minute, bulk 5 per hour",
        ] {
            assert!(text.contains(part), "{part}\n{text}");
        }
    }

    #[test]
    fn tls_shows_its_addresses_its_reach_and_how_callers_are_known() {
        let caller = "guards: {caller: {tokens: [{name: a, env: A}, {name: b, env: B}], certificates: \
                      [{name: c, dns: c.example.org}]}}\n";
        let files = "certificate_file: /run/tls.crt, key_file: /run/tls.key, client_ca_file: /run/ca.crt";
        for (tls, expected) in [
            (
                format!("listen: {{tls: {{addresses: ['0.0.0.0:8443'], {files}}}}}\n"),
                "127.0.0.1:8080, [::1]:8080, 0.0.0.0:8443 TLS (beyond loopback, callers known by 2 tokens \
                 and 1 certificate, client certificate required)\n",
            ),
            (
                format!(
                    "listen: {{addresses: [], tls: {{addresses: ['127.0.0.1:8443'], {files}, \
                     client_certificate: optional}}}}\n"
                ),
                "listen     127.0.0.1:8443 TLS (this machine only, callers known by 2 tokens and 1 \
                 certificate, client certificate optional)\n",
            ),
        ] {
            let (code, text) = printed(&format!("{tls}{caller}"));
            assert_eq!(code, ExitCode::SUCCESS, "{text}");
            assert!(text.contains(expected), "{text}");
        }
    }

    #[test]
    fn a_reviewer_sees_what_is_let_pass() {
        let (_, text) = printed("");
        assert!(text.contains("scrub      providers hidden; every class, region and confidence"), "{text}");
        let (code, text) = printed(
            "scrub:\n  providers: keep\n  regions: [us, uk]\n  places:\n    url: {classes_off: [ip, date]}\n    \
             log: {regions: [us, uk, eu, ca, au, ng], confidence_min: medium}\n  rules: [{id: acme.badge, \
             class: other-unique-id, pattern: 'BADGE-\\d+', must_match: [BADGE-7]}]\n  \
             allow: [{value: desk@example.org, reason: the hotline}]\n",
        );
        assert_eq!(code, ExitCode::SUCCESS, "{text}");
        for part in [
            "scrub      names, NPI and DEA of providers pass; own rules acme.badge (other-unique-id)\n",
            "in url   off: date, ip; regions: us, uk\n",
            "in error regions: us, uk\n",
            "in log   passes below medium confidence\n",
            "allowed  one value: the hotline\n",
        ] {
            assert!(text.contains(part), "{part}\n{text}");
        }
        assert!(!text.contains("desk@"));
    }

    #[test]
    fn no_value_that_may_be_a_secret_is_printed() {
        let secret = "clk_live_0123456789abcdef";
        for text in [
            format!("credentials: {{current: {secret}}}\n"),
            format!("credentials: {{current: {{env: {secret}}}}}\n"),
            format!("credentials: {{current: {{key: {secret}}}}}\n"),
            format!("credentials:\n  current: {{env: A, file: {secret}}}\n"),
            format!("guards: {{caller: {{tokens: [{{name: {secret}, value: {secret}}}]}}}}\n"),
            format!("{secret}: 1\n"),
            format!("listen: {{workers: {secret}}} # {secret}\n"),
            format!("upstream: {{url: 'https://user:{secret}@api.example.com'}}\n"),
            format!("upstream: {{url: 'https://{secret}:99999'}}\n"),
            format!("a: [{secret}\nb: {{"),
            format!("{secret}: &{secret} x\n{secret}: *{secret}\n"),
            format!("a: *{secret}\n"),
            format!("a: !{secret} b\n"),
            format!("\"\\q{secret}\"\n"),
            format!("telemetry: {{level: {secret}}}\n"),
            format!("%{secret}\n---\na: 1\n"),
        ] {
            let (code, printed) = printed(&text);
            assert_eq!(code, ExitCode::FAILURE, "{text}");
            assert!(!printed.contains("0123456789"), "{printed}");
        }
    }
}
