//! What is said about mistakes, and where.

mod guards;
mod yaml;

use super::problems;

/// A bad file, where the problem is, and parts of what is said. One problem each.
type Mistake = (&'static str, &'static str, &'static [&'static str]);

const ELSEWHERE: &[Mistake] = &[
    // The file
    ("a: [", "1:5:", &["not valid YAML"]),
    ("a: b: c", "1:5:", &["not valid YAML"]),
    ("listen:\n\tworkers: 2\n", "2:", &["not valid YAML"]),
    ("[]", "1:1:", &["expected a mapping", "`version`", "found a list"]),
    ("hello", "1:1:", &["expected a mapping", "found text"]),
    ("version: 2", "1:10: version:", &["expected 1", "found a number"]),
    ("version: 1\n---\nversion: 1\n", "2:1:", &["second document"]),
    ("version: &v 1", "1:10: version:", &["anchors"]),
    ("version: !!int 1", "1:10: version:", &["tags"]),
    ("? [a]\n: 1", "1:3:", &["cannot be a key"]),
    (
        "ops:\n  address: null\n  address: null\n",
        "3:3: ops.address:",
        &["`address` is already written on line 2"],
    ),
    // Keys
    ("listne: {}", "1:1: listne:", &["unknown key `listne`", "did you mean `listen`?"]),
    ("bytes_maximum: 1", "1:1:", &["unknown key", "known here: version, compliance"]),
    ("depth_max: 3", "1:1:", &["did you mean `guards.body.depth_max`?"]),
    (
        "guards: {caller: {tokens: [{name: a, env: A, valeu: x}]}}",
        "1:46: guards.caller.tokens[0].valeu:",
        &["known here: name, env, file, sha256"],
    ),
    ("guards: []", "1:9: guards:", &["expected a mapping", "found a list"]),
    (
        "guards: {url: off}",
        "1:15: guards.url:",
        &["expected a mapping with keys such as `mode`", "found text"],
    ),
    // Agreements
    ("compliance: {plan: gold}", "1:20: compliance.plan:", &["sandbox, starter, pro, team, enterprise"]),
    ("compliance: {enviroment: production}", "1:14:", &["did you mean `environment`?"]),
    ("compliance: {environment: prod}", "1:27: compliance.environment:", &["production, staging"]),
    ("compliance: {phi_on_test: block}", "1:27: compliance.phi_on_test:", &["refuse, warn, allow"]),
    (
        "compliance: {baa: {signed_on: 2026-01-31, reference: '', signed_by: A}}",
        "1:54: compliance.baa.reference:",
        &["text that is not empty"],
    ),
    (
        "compliance: {baa: {signed_on: 2026-02-30, reference: A-1, signed_by: A}}",
        "1:31: compliance.baa.signed_on:",
        &["a date that exists"],
    ),
    (
        "compliance: {baa: {signed_on: 2026-01-31, reference: T.B.D., signed_by: A}}",
        "1:54: compliance.baa.reference:",
        &["no placeholder"],
    ),
    (
        "compliance: {baa: {signed_on: 2026-01-31, reference: A-1}}",
        "1:19: compliance.baa:",
        &["`signed_by` is missing"],
    ),
    (
        "compliance: {plan: sandbox, baa: {signed_on: 2026-01-31, reference: A-1, signed_by: A}}",
        "1:34: compliance.baa:",
        &["no BAA for the Sandbox plan"],
    ),
    (
        "compliance: {plan: sandbox, environment: production}",
        "1:42: compliance.environment:",
        &["no key can be used"],
    ),
    (
        "compliance: {plan: pro}\nlimits: {plan: team}",
        "2:16: limits.plan:",
        &["`compliance.plan` says pro", "limits.per_minute"],
    ),
    // TLS for callers
    (
        "listen: {tls: {addresses: ['127.0.0.1:1'], key_file: /k}}",
        "1:15: listen.tls:",
        &["`certificate_file` is missing"],
    ),
    ("listen: {tls: {certificate_file: /c, key_file: /k}}", "1:15: listen.tls:", &["TLS without an address"]),
    (
        "listen: {tls: {addresses: ['127.0.0.1:1'], certificate_file: /c, key_file: /k, client_certificate: optional}}",
        "1:100: listen.tls.client_certificate:",
        &["needs `listen.tls.client_ca_file`"],
    ),
    (
        "listen: {tls: {addresses: ['0.0.0.0:1'], certificate_file: /c, key_file: /k}}",
        "1:27: listen.tls.addresses:",
        &["beyond loopback", "guards.caller.certificates"],
    ),
    (
        "guards: {caller: {certificates: [{name: a, dns: a.example.org}]}}",
        "1:34: guards.caller.certificates:",
        &["needs `listen.tls.client_ca_file`"],
    ),
    (
        "listen: {tls: {addresses: ['0.0.0.0:1'], certificate_file: /c, key_file: /k, client_ca_file: /a}}\n\
         guards: {caller: {certificates: [{name: a, spiffe: 'spiffe://example.org/a/'}]}}",
        "2:52: guards.caller.certificates[0].spiffe:",
        &["expected a SPIFFE id"],
    ),
    (
        "listen: {tls: {addresses: ['0.0.0.0:1'], certificate_file: /c, key_file: /k, client_ca_file: /a}}\n\
         guards: {caller: {certificates: [{name: a, dns: '*.example.org'}]}}",
        "2:49: guards.caller.certificates[0].dns:",
        &["without wildcards"],
    ),
    // The process
    ("process: {user: root}", "1:17: process.user:", &["other than root"]),
    ("process: {user: '0:0'}", "1:17: process.user:", &["other than root"]),
    ("process: {user: 65532}", "1:17: process.user:", &["the group is missing"]),
    ("process: {root: allow}", "1:17: process.root:", &["one of warn, refuse"]),
    // Listen and ops
    ("listen: {addresses: 127.0.0.1:80}", "1:21: listen.addresses:", &["expected a list", "found text"]),
    (
        "listen: {addresses: [localhost:8080]}",
        "1:22: listen.addresses[0]:",
        &["address and port", "127.0.0.1 and [::1]"],
    ),
    ("listen: {addresses: [127.0.0.1]}", "1:22: listen.addresses[0]:", &["the port is missing"]),
    ("listen: {addresses: [':8080']}", "1:22: listen.addresses[0]:", &["the address is missing"]),
    ("listen: {addresses: ['127.0.0.1:99999']}", "1:22: listen.addresses[0]:", &["address and port"]),
    ("listen: {addresses: ['127.0.0.1:80', '127.0.0.1:80']}", "1:21: listen.addresses:", &["twice"]),
    ("listen: {addresses: []}", "1:21: listen.addresses:", &["nothing to listen on"]),
    (
        "listen:\n  addresses:\n    - 127.0.0.1:80\n    - 0.0.0.0:80\n",
        "4:7: listen.addresses:",
        &["beyond loopback", "guards.caller.tokens"],
    ),
    (
        "listen: {addresses: ['[::]:80']}\nguards: {caller: {mode: off}}",
        "1:22: listen.addresses:",
        &["guards.caller.mode: enforce", "guards.caller.tokens"],
    ),
    (
        "listen: {addresses: ['[::]:80']}\nguards: {caller: {mode: observe, tokens: [{name: a, env: A}]}}",
        "1:22: listen.addresses:",
        &["mode: enforce"],
    ),
    ("listen: {unix: /run/x.sock}", "1:16: listen.unix:", &["expected a mapping with keys such as `path`"]),
    ("listen: {unix: {mode: '0660'}}", "1:16: listen.unix:", &["`path` is missing"]),
    ("listen: {unix: {path: x.sock}}", "1:23: listen.unix.path:", &["absolute path"]),
    ("listen: {unix: {path: /x, mode: 0999}}", "1:33: listen.unix.mode:", &["octal", "found a number"]),
    ("listen: {workers: 0}", "1:19: listen.workers:", &["from 1 to 256", "found a number"]),
    ("listen: {workers: two}", "1:19: listen.workers:", &["a whole number", "found text"]),
    ("listen: {workers: -1}", "1:19: listen.workers:", &["a whole number"]),
    ("listen: {header_timeout: 10}", "1:26: listen.header_timeout:", &["500ms, 10s", "the unit is missing"]),
    ("listen: {header_timeout: 0s}", "1:26: listen.header_timeout:", &["above zero"]),
    ("listen: {drain: {deadline: 48h}}", "1:28: listen.drain.deadline:", &["at most 24h"]),
    ("ops: {address: off}", "1:16: ops.address:", &["or null to turn it off"]),
    ("ops: {address: 127.0.0.1:8080}", "1:16: ops.address:", &["the same address and port"]),
    // Upstream and credentials
    ("upstream: {url: http://api.example.com}", "1:17: upstream.url:", &["in the clear"]),
    ("upstream: {url: http://127.0.0.1:1}", "1:17: upstream.url:", &["upstream.allow_plaintext_loopback"]),
    (
        "upstream: {url: http://localhost.example:1, allow_plaintext_loopback: true}",
        "1:17: upstream.url:",
        &["expected https://"],
    ),
    ("upstream: {public_roots: false}", "1:26: upstream.public_roots:", &["needs `upstream.ca_file`"]),
    ("upstream: {pins: sha256}", "1:18: upstream.pins:", &["expected a list"]),
    ("upstream: {pins: [sha256/AAAA]}", "1:19: upstream.pins[0]:", &["44 characters of base64"]),
    (
        "upstream: {pins: [47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=]}",
        "1:19: upstream.pins[0]:",
        &["expected sha256/"],
    ),
    (
        "upstream: {client_certificate: {certificate_file: /a}}",
        "1:32: upstream.client_certificate:",
        &["`key_file` is missing"],
    ),
    ("upstream: {url: api.example.com}", "1:17: upstream.url:", &["the scheme is missing"]),
    ("upstream: {url: https://u:p@api.example.com}", "1:17: upstream.url:", &["without user info"]),
    ("upstream: {url: 'https://api.example.com?x=1'}", "1:17: upstream.url:", &["without a query"]),
    (
        "upstream: {url: 'https://api.example.com/#x'}",
        "1:17: upstream.url:",
        &["without a query or fragment"],
    ),
    ("upstream: {url: https://api.example.com/v1}", "1:17: upstream.url:", &["without `/v1`"]),
    ("upstream: {url: https://api.example.com/a/../b}", "1:17: upstream.url:", &["plain path prefix"]),
    ("upstream: {url: 'https://api.example.com:99999'}", "1:17: upstream.url:", &["expected a URL"]),
    ("upstream: {url: 'https://api.example.com:'}", "1:17: upstream.url:", &["expected a URL"]),
    ("upstream: {url: 'https://'}", "1:17: upstream.url:", &["expected a URL"]),
    ("upstream: {url: 'https://a_b.example.com'}", "1:17: upstream.url:", &["not a host name"]),
    ("upstream: {http2: yes}", "1:19: upstream.http2:", &["true or false", "did you mean `true`?"]),
    ("upstream: {http2: 'false'}", "1:19: upstream.http2:", &["true or false", "found text"]),
    ("upstream: {ca_file: ca.pem}", "1:21: upstream.ca_file:", &["absolute path"]),
    ("credentials: {environment: prod}", "1:28: credentials.environment:", &["one of live, test, any"]),
    ("credentials: {environment: Live}", "1:28: credentials.environment:", &["did you mean `live`?"]),
    ("credentials: {read: {next: {env: A}}}", "1:21: credentials.read:", &["needs `current`"]),
    (
        "credentials: {tenants: [{name: a, callers: [loopback]}]}",
        "1:25: credentials.tenants[0]:",
        &["needs a key"],
    ),
    (
        "credentials: {current: {env: A}, tenants: [{name: a, callers: [loopback], current: {env: B}}]}",
        "1:24: credentials.current:",
        &["not used beside `credentials.tenants`"],
    ),
    (
        "credentials: {tenants: [{name: a, callers: ['uid:1'], current: {env: A}}, {name: b, callers: ['uid:2'], current: {env: A}}]}",
        "1:75: credentials.tenants[1]:",
        &["a key of another tenant"],
    ),
    (
        "credentials: {tenants: [{name: a, callers: ['uid:1'], current: {env: A}}, {name: b, callers: ['uid:1'], current: {env: B}}]}",
        "1:94: credentials.tenants[1].callers:",
        &["a caller of another tenant"],
    ),
    (
        "credentials: {tenants: [{name: a, callers: [billng], current: {env: A}}]}\nguards: {caller: {tokens: [{name: billing, env: B}]}}",
        "1:45: credentials.tenants[0].callers[0]:",
        &["did you mean `billing`?"],
    ),
    (
        "credentials: {tenant_header: {callers: [loopback]}}",
        "1:30: credentials.tenant_header:",
        &["without `credentials.tenants`"],
    ),
    (
        "guards: {caller: {tokens: [{name: a, sha256: abcd}]}}",
        "1:46: guards.caller.tokens[0].sha256:",
        &["64 hexadecimal digits"],
    ),
    ("credentials: {current: clk_test_x}", "1:24: credentials.current:", &["`env`", "found text"]),
    (
        "credentials: {current: {env: clk_test_x}}",
        "1:30: credentials.current.env:",
        &["never the secret itself"],
    ),
    ("credentials: {current: {}}", "1:24: credentials.current:", &["needs `env`", "or `file`"]),
    ("credentials: {next: {env: A, file: /a}}", "1:36: credentials.next:", &["both `env` and `file`"]),
    ("credentials: {next: {env: CLINIKAPI_SECRET_KEY}}", "1:21: credentials.next:", &["the same source"]),
    ("credentials: {tenants: }", "1:15: credentials.tenants:", &["nothing is here", "or [] for none"]),
    // The rest
    ("scrub: {regions: [us, no]}", "1:23: scrub.regions[1]:", &["one of us, uk, eu, ca, au, ng"]),
    ("scrub: {providers: show}", "1:20: scrub.providers:", &["one of hide, keep"]),
    ("scrub: {style: pseudonyms}", "1:16: scrub.style:", &["label, pseudonym", "did you mean `pseudonym`?"]),
    ("scrub: {pseudonym_key_file: key}", "1:29: scrub.pseudonym_key_file:", &["absolute path"]),
    ("scrub: {places: {logs: {}}}", "1:18: scrub.places.logs:", &["did you mean `log`?"]),
    ("scrub: {classes_off: [ip]}", "1:9: scrub.classes_off:", &["unknown key `classes_off`"]),
    (
        "scrub: {places: {url: {classes_off: [ip, emial]}}}",
        "1:42: scrub.places.url.classes_off[1]:",
        &["one of name, geo", "did you mean `email`?"],
    ),
    ("scrub: {places: {url: {regions: [us, fr]}}}", "1:38: scrub.places.url.regions[1]:", &["one of us, uk"]),
    (
        "scrub: {places: {log: {confidence_min: hihg}}}",
        "1:40: scrub.places.log.confidence_min:",
        &["one of low, medium, high", "did you mean `high`?"],
    ),
    (
        "scrub: {rules: [{id: a b, class: mrn, pattern: x, must_match: [x]}]}",
        "1:22: scrub.rules[0].id:",
        &["letters, digits"],
    ),
    (
        "scrub: {rules: [{id: a, class: nmae, pattern: x, must_match: [x]}]}",
        "1:32: scrub.rules[0].class:",
        &["did you mean `name`?"],
    ),
    (
        "scrub: {rules: [{id: a, class: mrn, pattern: 'x(', must_match: [x]}]}",
        "1:46: scrub.rules[0].pattern:",
        &["regular expression", "unclosed group"],
    ),
    (
        "scrub: {rules: [{id: a, class: mrn, pattern: 'x*', must_match: [x]}]}",
        "1:46: scrub.rules[0].pattern:",
        &["matches the empty text"],
    ),
    (
        "scrub: {rules: [{id: a, class: mrn, pattern: '(\\w{500}){500}', must_match: []}]}",
        "1:46: scrub.rules[0].pattern:",
        &["too large"],
    ),
    (
        "scrub: {rules: [{id: a, class: mrn, pattern: 'B\\d', must_match: [B1, C1]}]}",
        "1:70: scrub.rules[0].must_match[1]:",
        &["does not match this example"],
    ),
    (
        "scrub: {rules: [{id: a, class: mrn, pattern: 'B\\d', must_match: [B1], must_not_match: [B2]}]}",
        "1:88: scrub.rules[0].must_not_match[0]:",
        &["matches this example"],
    ),
    ("scrub: {rules: [{id: a, class: mrn, pattern: x}]}", "1:17: scrub.rules[0]:", &["needs `must_match`"]),
    (
        "scrub: {rules: [{id: a, class: mrn, must_match: [x]}]}",
        "1:17: scrub.rules[0]:",
        &["`pattern` is missing"],
    ),
    (
        "scrub: {rules: [{id: a, class: mrn, pattern: x, must_match: [x]}, {id: a, class: mrn, pattern: y, must_match: [y]}]}",
        "1:72: scrub.rules[1].id:",
        &["a second rule of this id"],
    ),
    ("scrub: {allow: [{value: desk@example.org}]}", "1:17: scrub.allow[0]:", &["`reason` is missing"]),
    ("scrub: {allow: [{value: x, reason: ''}]}", "1:36: scrub.allow[0].reason:", &["not empty"]),
    ("scrub: {allow: [desk@example.org]}", "1:17: scrub.allow[0]:", &["`value`", "found text"]),
    ("scrub: {response_headers: [set-cookie]}", "1:28: scrub.response_headers[0]:", &["never does"]),
    (
        "scrub: {success_pointers: [{route: 'GET /v1/bulk/jobs/{jobId}', pointer: data}]}",
        "1:74: scrub.success_pointers[0].pointer:",
        &["JSON pointer"],
    ),
    ("limits: {plan: free}", "1:16: limits.plan:", &["sandbox, starter, pro, team, enterprise"]),
    ("limits: {per_minute: -5}", "1:22: limits.per_minute:", &["from 1 to 100000000; found a negative one"]),
    ("limits: {plan: pro, per_minute: 5}", "1:33: limits.per_minute:", &["limits.plan"]),
    (
        "limits: {operations: {bulk_per_hour: 0}}",
        "1:38: limits.operations.bulk_per_hour:",
        &["a whole number from 1"],
    ),
    ("audit: {sink: file}", "1:15: audit.sink:", &["needs `audit.file`"]),
    ("audit: {on_failure: ignore}", "1:21: audit.on_failure:", &["one of refuse, continue"]),
    ("audit: {durability: fsync}", "1:21: audit.durability:", &["one of strict, relaxed"]),
    ("audit: {rotate: {size: 1}}", "1:24: audit.rotate.size:", &["4KiB"]),
    ("audit: {signing_key: x}", "1:9: audit.signing_key:", &["signing_key_file"]),
    ("telemetry: {level: verbose}", "1:20: telemetry.level:", &["error, warn, info, debug, trace"]),
];

#[test]
fn every_mistake_is_reported_where_it_stands() {
    let mut wrong = String::new();
    for (text, place, parts) in ELSEWHERE.iter().chain(guards::GUARDS).chain(yaml::YAML) {
        let said = problems(text);
        let placed = said.starts_with(&format!("p.yaml:{place}")) && said.lines().count() == 1;
        if !placed || !parts.iter().all(|part| said.contains(part)) {
            wrong += &format!("{text}\n  expected {place} {parts:?}\n  {said}\n");
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn all_mistakes_are_reported_at_once_in_the_order_of_the_file() {
    let text = "\
listen:
  workers: none
  addresses: [localhost:80, 10.0.0.1:80]
guards:
  url: {mode: on, exceptions: [{nme: x}]}
  bodies: {}
limits: {plan: pro, per_minute: 3}
scrub: 7
";
    let said = problems(text);
    let places: Vec<&str> = said.lines().map(|line| line.split(": ").next().unwrap_or(line)).collect();
    let expected = [
        "p.yaml:2:12",
        "p.yaml:3:15",
        "p.yaml:3:29",
        "p.yaml:5:15",
        "p.yaml:5:32",
        "p.yaml:5:32",
        "p.yaml:5:32",
        "p.yaml:5:32",
        "p.yaml:5:32",
        "p.yaml:5:33",
        "p.yaml:6:3",
        "p.yaml:7:33",
        "p.yaml:8:8",
    ];
    assert_eq!(places, expected, "{said}");
}
