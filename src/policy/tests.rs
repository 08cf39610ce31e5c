//! The policy as users meet it: the documented example, the defaults, and what takes effect.

use proptest::prelude::*;

use super::*;
use crate::config::{Node, PolicyFile, Section};
use crate::phi::settings::Region;
use crate::phi::{Class, Confidence};

mod mistakes;

const EXAMPLE: &str = include_str!("../../config.example.yaml");
const NOW: u64 = 1_795_000_000; // In November 2026.

fn good(text: &str) -> Policy {
    Policy::from_str("p.yaml", text).unwrap_or_else(|problems| panic!("{text}\n{problems}"))
}

fn problems(text: &str) -> String {
    Policy::from_str("p.yaml", text).err().map(|problems| problems.to_string()).unwrap_or_default()
}

fn warnings(text: &str) -> Vec<String> {
    good(text).warnings(NOW).map(ToString::to_string).collect()
}

/// Everything of a policy but its hash, to compare.
fn shown(policy: &Policy) -> String {
    format!(
        "{:#?}",
        (
            (
                &policy.listen,
                &policy.ops,
                &policy.upstream,
                &policy.credentials,
                &policy.caller,
                &policy.headers
            ),
            (&policy.url, &policy.routes, &policy.access, &policy.body, &policy.limits, &policy.scrub),
            (
                &policy.compliance,
                &policy.audit,
                &policy.telemetry,
                policy.engine.settings(),
                &policy.noted.warnings
            ),
        )
    )
}

/// Who has written the plan once is kept inside of it.
#[test]
fn the_agreed_plan_presets_the_budget() {
    let per_minute = |text: &str| good(text).limits.per_minute.map(u32::from);
    for (text, expected) in [
        ("", None),
        ("compliance: {plan: pro}", Some(1000)),
        ("compliance: {plan: pro}\nlimits: {plan: null, per_minute: null}", Some(1000)),
        ("compliance: {plan: pro}\nlimits: {per_minute: 300}", Some(300)),
        ("compliance: {plan: pro}\nlimits: {plan: pro}", Some(1000)),
        ("limits: {plan: team}", Some(5000)),
    ] {
        assert_eq!(per_minute(text), expected, "{text}");
    }
}

#[test]
fn the_example_is_the_default() {
    let default = good("");
    assert_eq!(shown(&good(EXAMPLE)), shown(&default));
    assert_eq!(default.warnings(u64::MAX).count(), 0);
    assert_eq!(default.hash, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

#[test]
fn saying_nothing_means_the_default() {
    let default = shown(&good(""));
    let nothing = [
        "# only a comment\n",
        "---\n",
        "null",
        "~",
        "{}",
        "listen:\nguards:\n  url:\n  routes:\n    fhir: null\nscrub: ~\n",
        "\u{feff}",
    ];
    for text in nothing {
        assert_eq!(shown(&good(text)), default, "{text:?}");
    }
    // Every key without its value, but for those whose default opens everything: there it is likelier a mistake.
    let closed = [
        "credentials.tenants",
        "guards.access.deny",
        "guards.access.roles",
        "guards.caller.certificates",
        "guards.caller.tokens",
        "guards.caller.unix_uids",
        "guards.routes.allow",
        "guards.routes.deny",
    ];
    let mut keys = Vec::new();
    PolicyFile::leaves("", &mut keys);
    for key in keys.iter().filter(|key| {
        let inside_optional = [
            "unix.",
            "client_certificate.",
            "tls.",
            "baa.",
            "break_glass.",
            "ship.",
            "otlp.",
            "jwt.",
            "credentials.read.",
            "credentials.write.",
            "tenant_header.",
        ]
        .iter()
        .any(|part| key.contains(part));
        !key.contains("[]")
            && !inside_optional
            && !closed.contains(&key.as_str())
            && !key.ends_with(".env")
            && !key.ends_with(".file")
    }) {
        let depth = key.split('.').count();
        let text: String =
            key.split('.').enumerate().map(|(i, word)| format!("{}{word}:\n", "  ".repeat(i))).collect();
        assert!(Policy::from_str("p.yaml", &text).is_ok(), "{depth} {text}\n{}", problems(&text));
    }
}

#[test]
fn the_example_documents_every_key() {
    let mut keys = Vec::new();
    PolicyFile::leaves("", &mut keys);
    assert!(keys.len() > 70);
    for key in keys {
        let word = key.rsplit('.').next().unwrap();
        assert!(EXAMPLE.contains(&format!("{word}:")), "{key}");
    }
}

#[test]
fn a_mistyped_key_of_the_example_is_found_and_corrected() {
    fn keys(node: &Node, found: &mut Vec<(usize, usize, String)>) {
        match &node.value {
            Value::Map(entries) => {
                for entry in entries {
                    found.push((entry.key_at.line, entry.key_at.column, entry.key.clone()));
                    keys(&entry.value, found);
                }
            }
            Value::List(items) => items.iter().for_each(|item| keys(item, found)),
            Value::Scalar { .. } => {}
        }
    }
    let root = crate::config::parse(EXAMPLE, &mut Problems::new("p.yaml")).unwrap();
    let mut found = Vec::new();
    keys(&root, &mut found);
    assert!(found.len() > 80);
    for (line, column, key) in found {
        let mut lines: Vec<String> = EXAMPLE.lines().map(str::to_owned).collect();
        let mistyped = &key[..key.len() - 1];
        lines[line - 1].replace_range(column - 1..column - 1 + key.len(), mistyped);
        let problems = problems(&lines.join("\n"));
        let expected =
            [format!("p.yaml:{line}:{column}: "), format!("unknown key `{mistyped}`; did you mean `{key}`?")];
        assert!(expected.iter().all(|part| problems.contains(part)), "{expected:?}\n{problems}");
    }
}

#[test]
fn what_is_written_takes_effect() {
    let policy = good(
        "\
listen: {addresses: ['0.0.0.0:8080'], unix: {path: /run/g.sock, mode: 0600}}
ops: {address: null}
upstream: {url: 'http://[::1]:81/base/', allow_plaintext_loopback: true}
credentials: {current: {file: /run/key}, next: {env: NEXT}}
guards:
  caller: {tokens: [{name: billing, env: BILLING}], unix_uids: [1000]}
  headers: {allow: [X-Trace]}
  url: {exceptions: [{name: old, route: GET /v1/patients, params: [name], reason: ticket 1, expires: 2027-01-31}]}
  routes: {allow: ['* /v1/patients/**'], deny: ['DELETE /v1/patients/{id}']}
  access: {groups: {charts: [notes]}, roles: {desk: {appointments: [read], '*': ['*'], charts: [read]}}, deny: {desk: {charts: [delete]}}}
  body: {routes: [{route: POST /v1/bulk/import, bytes_max: 16MiB}]}
scrub: {regions: [uk], providers: keep, success_pointers: [], places: {log: {classes_off: [date, ip], regions: [eu], confidence_min: high}}}
limits: {plan: team, operations: {bulk_per_hour: null}}
audit: {sink: file, file: /var/log/audit.jsonl, on_failure: continue}
telemetry: {level: debug}
",
    );
    assert_eq!(policy.listen.unix.as_ref().map(|unix| unix.mode), Some(0o600));
    assert_eq!(policy.ops.address, None);
    let upstream = &policy.upstream;
    assert_eq!((upstream.host.as_str(), upstream.port, upstream.base_path.as_str()), ("::1", 81, "/base"));
    assert_eq!(policy.url.exceptions[0].expires_at, 1_801_440_000);
    let routes = crate::contract::routes();
    let allowed: Vec<_> =
        policy.routes.closed_by.iter().zip(routes).filter(|(key, _)| key.is_none()).map(|(_, r)| r).collect();
    assert!(allowed.len() >= 4 && allowed.iter().all(|route| route.template.starts_with("/v1/patients")));
    assert!(
        !allowed
            .iter()
            .any(|route| route.method == http::Method::DELETE && route.template == "/v1/patients/{id}")
    );
    assert_eq!(policy.access.mode, Mode::Enforce);
    let desk = &policy.access.roles["desk"];
    assert_eq!((desk.allow.len(), desk.deny.len()), (3, 1));
    assert_eq!((policy.limits.per_minute.map(u32::from), policy.limits.bulk_per_hour), (Some(5000), None));
    assert!(policy.scrub.success_pointers.is_empty());
    let engine = policy.engine.settings();
    assert!(
        !engine.hide_providers && engine.url.regions.has(Region::Uk) && !engine.url.regions.has(Region::Eu)
    );
    assert_eq!(engine.log.regions.iter().collect::<Vec<_>>(), [Region::Eu]);
    assert_eq!(engine.log.off.iter().collect::<Vec<_>>(), [Class::Date, Class::Ip]);
    assert_eq!((engine.log.confidence_min, engine.error.confidence_min), (Confidence::High, Confidence::Low));
    assert_eq!(policy.telemetry.level, tracing::Level::DEBUG);
}

#[test]
fn what_is_allowed_and_odd_is_a_warning() {
    let cases = [
        (
            "upstream: {pins: [sha256/47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=]}",
            "1:18: upstream.pins: a single pin",
        ),
        ("upstream: {response_timeout: 30s}", "1:30: upstream.response_timeout: the SDK gives up after 30s"),
        ("guards: {url: {mode: off}}", "1:22: guards.url.mode: this guard does not look"),
        ("limits: {mode: observe}", "1:16: limits.mode: only counts"),
        ("listen: {unix: {path: /x, mode: '0666'}}", "1:33: listen.unix.mode: every user"),
        ("scrub: {regions: []}", "1:18: scrub.regions: no region"),
        ("scrub: {places: {url: {classes_off: [ssn]}}}", "1:37: scrub.places.url.classes_off: `ssn` passes"),
        ("audit: {sink: off}", "1:15: audit.sink: no record"),
        (
            "credentials: {environment: live}",
            "1:28: credentials.environment: no key can be used: a live one needs",
        ),
        (
            "compliance: {environment: production, baa: {signed_on: 2026-01-31, reference: A-1, signed_by: A}}\n\
             credentials: {environment: test}",
            "2:28: credentials.environment: no key can be used: `compliance.environment: production` refuses",
        ),
        (
            "compliance: {environment: production}",
            "1:27: compliance.environment: no key can be used: production needs",
        ),
        ("audit: {file: /x}", "1:15: audit.file: not used"),
        ("guards: {access: {mode: off, read_only: true}}", "1:25: guards.access.mode: `roles`, `deny` and"),
        (
            "guards: {access: {mode: observe, deny: {'*': {notes: [read]}}}}",
            "1:25: guards.access.mode: only counts",
        ),
        (
            "guards: {url: {exceptions: [{name: a, route: GET /v1/patients, params: [name], reason: r, expires: 2025-01-31}]}}",
            "1:100: guards.url.exceptions[0].expires: has expired",
        ),
        (
            "guards: {url: {exceptions: [{name: a, route: GET /v1/patients, params: [nme], reason: r, expires: 2027-01-31}]}}",
            "1:72: guards.url.exceptions[0].params.nme: this route documents no such",
        ),
    ];
    for (text, expected) in cases {
        let said = warnings(text);
        assert!(said.len() == 1 && said[0].starts_with(expected), "{text}\n{said:?}");
    }
    let expiring = good(
        "guards: {url: {exceptions: [{name: a, route: GET /v1/patients, params: [name], reason: r, expires: 2027-01-31}]}}",
    );
    assert_eq!((expiring.warnings(1_801_439_999).count(), expiring.warnings(1_801_440_000).count()), (0, 1));
}

#[test]
fn a_file_that_is_not_text_says_where() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("p.yaml");
    std::fs::write(&path, b"version: 1\n# \xff\n").unwrap();
    let said = Policy::load(&path).err().map(|problems| problems.to_string()).unwrap_or_default();
    assert!(said.ends_with("p.yaml:2:3: not UTF-8 from here on: save the file as UTF-8"), "{said}");
    std::fs::write(&path, vec![b'#'; crate::config::FILE_BYTES_MAX + 1]).unwrap();
    let said = Policy::load(&path).err().map(|problems| problems.to_string()).unwrap_or_default();
    assert!(said.contains("larger than 1024 KiB"), "{said}");
    let said = Policy::load(dir.path()).err().map(|problems| problems.to_string()).unwrap_or_default();
    assert!(said.contains("this is a directory"), "{said}");
}

proptest! {
    #[test]
    fn any_text_gives_a_policy_or_problems(text in "\\PC{0,200}") {
        let _ = problems(&text);
    }

    #[test]
    fn any_yaml_like_text_gives_a_policy_or_problems(text in "[\\[\\]{}:,&*!|>?%@`'\"#~ \n\t\\-a-c0.]{0,120}") {
        let _ = problems(&text);
    }

    #[test]
    fn a_damaged_example_gives_a_policy_or_problems(at in 0..EXAMPLE.len(), cut in 0usize..8, put in "[\\[\\]{}:,&*!|>?'\"#~ \n\t\\-a0é]{0,3}") {
        let mut text = EXAMPLE.as_bytes().to_vec();
        let end = (at + cut).min(text.len());
        text.splice(at..end, put.bytes());
        let _ = problems(&String::from_utf8_lossy(&text));
    }
}
