//! `clinik-guard check [FILE]`: is this policy good, and what would it do?
//!
//! Uses the compiler and the readers that `run` and every reload use. Opens the files that the policy names unless it is told
//! not to, and contacts nobody: whether the upstream answers is for `run` to find out.

use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;

use crate::config::{NamedFile, Position, Problem, Problems};
use crate::credentials::ReadEnv;
use crate::policy::Policy;

mod files;
mod summary;

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
        Ok((policy, around)) => (true, summary::write(&name, &policy, &around, options.now_unix, out)),
        Err(problems) => (false, report(&problems, out)),
    };
    if good && written.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// The policy, and what is to be said of the files and variables around it.
fn checked(name: &str, options: &CheckOptions<'_>) -> Result<(Policy, Problems), Problems> {
    let text = Policy::text(options.path)?;
    if options.path.is_some() {
        crate::policy::not_empty(name, &text)?;
    }
    let policy = Policy::from_str(name, &text).map_err(|problems| {
        let named = problems.files().to_vec();
        with_files(problems, &named, &text, options)
    })?;
    let named = policy.files().to_vec();
    let policy = policy
        .in_force(name, options.now_unix)
        .map_err(|problems| with_files(problems, &named, &text, options))?;
    let mut around = Problems::new(name);
    files::examine(&policy, &text, options.read_env, &mut around);
    around.finish();
    if around.is_empty() { Ok((policy, around)) } else { Err(around) }
}

/// What is wrong with the policy, and which of its files cannot be opened, so that both are mended at once. What stands in
/// them is judged once there is a policy to judge it by.
fn with_files(
    mut problems: Problems,
    named: &[NamedFile],
    text: &str,
    options: &CheckOptions<'_>,
) -> Problems {
    if options.read_env.is_some() {
        let mut around = Problems::new(problems.file());
        files::open(named, text, &mut around);
        around.finish();
        problems.absorb(around);
    }
    problems
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
    if problem.at == Position::NOWHERE {
        return writeln!(out, " --> {file}\n");
    }
    let number = problem.at.line.to_string();
    let gutter = " ".repeat(number.len());
    writeln!(out, "{gutter}--> {file}:{}:{}", problem.at.line, problem.at.column)?;
    if let Some((line, carets)) = &problem.excerpt {
        writeln!(out, "{gutter} |\n{number} | {line}\n{gutter} | {carets}")?;
    }
    writeln!(out)
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
        let (_, text) = printed("version: 1\n");
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
    fn a_reviewer_sees_each_exception_and_what_is_opened_by_name() {
        let text = "\
guards:
  url:
    exceptions:
      - {name: legacy, route: GET /v1/patients, params: [name, phone], reason: ticket 123, owner: desk, expires: 2027-01-31}
      - {name: old, route: GET /v1/persons, params: [name], reason: ticket 9, expires: 2026-01-31}
  headers: {allow: [x-trace]}
  browser: {hosts: [guard.example]}
  routes: {fhir: {batch: true, history: true}}
  access: {mode: observe, read_only: true, roles: {nurse: {notes: [read]}}, break_glass: {reasons: [cover], roles: [nurse]}}
  body: {json: false, routes: [{route: POST /v1/bulk/import, bytes_max: 16MiB}]}
compliance: {phi_on_test: allow}
audit: {durability: relaxed, require_actor: true}
scrub: {response_headers: [x-served-by]}
";
        let (code, text) = printed(text);
        assert_eq!(code, ExitCode::SUCCESS, "{text}");
        for part in [
            "warning: guards.access.mode: only counts and logs; nothing is refused\n",
            "exceptions 2, of which 1 expired\n",
            "             legacy: name, phone of GET /v1/patients until 2027-01-31 (desk): ticket 123\n",
            "             old: name of GET /v1/persons until 2026-01-31: ticket 9\n",
            "opened     guards.routes.fhir.history, guards.routes.fhir.batch, compliance.phi_on_test: allow, \
             audit.durability: relaxed, guards.headers.allow (x-trace), guards.browser.hosts (guard.example), \
             scrub.response_headers (x-served-by)\n",
            "access     roles nurse; read only; an actor is required; emergency access for nurse (cover)\n",
            "body       up to 1MiB, 16MiB on POST /v1/bulk/import, any text, not only JSON\n",
        ] {
            assert!(text.contains(part), "{part}\n{text}");
        }
        assert!(!printed("version: 1\n").1.contains("opened"));
    }

    /// A pipeline has no key to look at, and still has to learn what a live one will do.
    #[test]
    fn a_missing_agreement_is_told_where_no_key_is_seen() {
        const MISSING: &str =
            "warning: compliance.baa: none is recorded: with a live key the guard does not start";
        for text in ["telemetry: {}\n", "compliance: {plan: pro}\n", "version: 1\n"] {
            let (code, said) = printed(text);
            assert!(code == ExitCode::SUCCESS && said.contains(MISSING), "{said}");
        }
        // Nothing of the file is meant, so nothing of it is shown.
        for text in ["compliance:\n  plan: pro\n", "version: 1\n"] {
            let (_, said) = printed(text);
            let (_, place) = said.split_once("docs/compliance.md\n").unwrap_or_default();
            assert!(place.starts_with(" --> policy.yaml\n\n"), "{said}");
        }
        let baa = "baa: {signed_on: 2026-01-31, reference: A-1, signed_by: J. Roe}";
        for text in [format!("compliance: {{{baa}}}\n"), "credentials: {environment: test}\n".to_owned()] {
            assert!(!printed(&text).1.contains(MISSING), "{text}");
        }
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
