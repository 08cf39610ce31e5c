//! Mistakes below `guards`.

use super::Mistake;

pub(super) const GUARDS: &[Mistake] = &[
    (
        "guards: {url: {mode: enforced}}",
        "1:22: guards.url.mode:",
        &["one of enforce, observe, off", "did you mean `enforce`?"],
    ),
    ("guards: {url: {mode: false}}", "1:22: guards.url.mode:", &["did you mean `off`?"]),
    ("guards: {caller: {tokens: [{env: A}]}}", "1:28: guards.caller.tokens[0]:", &["`name` is missing"]),
    (
        "guards: {caller: {tokens: [{name: a, env: A}, {name: a, env: B}]}}",
        "1:54: guards.caller.tokens[1].name:",
        &["second token of this name"],
    ),
    (
        "guards: {caller: {tokens: [{name: a b, env: A}]}}",
        "1:35: guards.caller.tokens[0].name:",
        &["letters, digits"],
    ),
    ("guards: {caller: {unix_uids: [root]}}", "1:31: guards.caller.unix_uids[0]:", &["a whole number"]),
    (
        "guards: {headers: {header_bytes_max: 32KB}}",
        "1:38: guards.headers.header_bytes_max:",
        &["64KiB", "did you mean `KiB`?"],
    ),
    ("guards: {headers: {allow: [x y]}}", "1:28: guards.headers.allow[0]:", &["the name of a header"]),
    ("guards: {headers: {allow: [Cookie]}}", "1:28: guards.headers.allow[0]:", &["never is"]),
    (
        "guards: {headers: {allow: [X-Clinik-Role]}}",
        "1:27: guards.headers.allow:",
        &["guards.access.role_header"],
    ),
    ("guards: {url: {uri_bytes_max: 1MiB}}", "1:31: guards.url.uri_bytes_max:", &["from 256 to 64KiB"]),
    (
        "guards: {url: {exceptions: [{name: a, route: GET /v1/patients, params: [name], expires: 2027-01-31}]}}",
        "1:29: guards.url.exceptions[0]:",
        &["`reason` is missing"],
    ),
    (
        "guards: {url: {exceptions: [{name: a, route: GET /v1/patients, reason: r, expires: 2027-01-31}]}}",
        "1:29: guards.url.exceptions[0]:",
        &["needs `params`"],
    ),
    (
        "guards: {url: {exceptions: [{name: a, route: GET /v1/patients, params: [name], reason: r, expires: 2027-02-30}]}}",
        "1:100: guards.url.exceptions[0].expires:",
        &["a date that exists"],
    ),
    (
        "guards: {url: {exceptions: [{name: a, route: GET /v1/patient, params: [name], reason: r, expires: 2027-01-31}]}}",
        "1:46: guards.url.exceptions[0].route:",
        &["did you mean `GET /v1/patients`?"],
    ),
    ("guards: {routes: {allow: [/v1/patients]}}", "1:27: guards.routes.allow[0]:", &["documented route"]),
    (
        "guards: {routes: {deny: [DELETE /v1/patients]}}",
        "1:26: guards.routes.deny[0]:",
        &["documented route"],
    ),
    (
        "guards: {routes: {fhir: {types: [Pateint]}}}",
        "1:34: guards.routes.fhir.types[0]:",
        &["did you mean `Patient`?"],
    ),
    (
        "guards: {routes: {fhir: {methods: [get]}}}",
        "1:36: guards.routes.fhir.methods[0]:",
        &["did you mean `GET`?"],
    ),
    (
        "guards: {routes: {fhir: {operations: [everything]}}}",
        "1:39: guards.routes.fhir.operations[0]:",
        &["dollar sign"],
    ),
    (
        "guards: {access: {roles: {a: {appointment: [read]}}}}",
        "1:31: guards.access.roles.a.appointment:",
        &["did you mean `appointments`?"],
    ),
    (
        "guards: {access: {roles: {a: {appointments: read}}}}",
        "1:45: guards.access.roles.a.appointments:",
        &["a list of operations", "found text"],
    ),
    (
        "guards: {access: {roles: {a: {appointments: [write]}}}}",
        "1:46: guards.access.roles.a.appointments[0]:",
        &["create, read, update"],
    ),
    (
        "guards: {access: {groups: {charts: [nots]}}}",
        "1:37: guards.access.groups.charts[0]:",
        &["did you mean `notes`?"],
    ),
    (
        "guards: {access: {groups: {notes: [labs]}}}",
        "1:28: guards.access.groups.notes:",
        &["a name of its own"],
    ),
    (
        "guards: {access: {groups: {charts: [notes]}, roles: {a: {chart: [read]}}}}",
        "1:58: guards.access.roles.a.chart:",
        &["a group or `*`", "did you mean `charts`?"],
    ),
    (
        "guards: {access: {roles: {nurse: {notes: [read]}}, deny: {nurze: {notes: [read]}}}}",
        "1:59: guards.access.deny.nurze:",
        &["did you mean `nurse`?"],
    ),
    ("guards: {access: {roles: {'*': {notes: [read]}}}}", "1:27: guards.access.roles.*:", &["not `*`"]),
    (
        "guards: {access: {roles: {nurse: {notes: [read]}}, break_glass: {reasons: [emergency], roles: [nurs]}}}",
        "1:96: guards.access.break_glass.roles[0]:",
        &["did you mean `nurse`?"],
    ),
    (
        "guards: {access: {roles: {nurse: {notes: [read]}}, break_glass: {roles: [nurse]}}}",
        "1:65: guards.access.break_glass.reasons:",
        &["the reasons there are"],
    ),
    (
        "guards: {headers: {allow: [x-clinik-break-glass]}, access: {roles: {a: {notes: [read]}}, break_glass: {reasons: [b], roles: [a]}}}",
        "1:27: guards.headers.allow:",
        &["guards.access.break_glass.header"],
    ),
    ("guards: {access: {roles: }}", "1:19: guards.access.roles:", &["nothing is here", "or {} for none"]),
    ("guards: {access: {deny: }}", "1:19: guards.access.deny:", &["nothing is here"]),
    ("guards: {caller: {tokens: }}", "1:19: guards.caller.tokens:", &["nothing is here", "or [] for none"]),
    ("guards: {caller: {certificates: null}}", "1:33: guards.caller.certificates:", &["nothing is here"]),
    (
        "guards: {caller: {unix_uids: ~}}",
        "1:30: guards.caller.unix_uids:",
        &["nothing is here", "or [] for all"],
    ),
    ("guards: {routes: {allow: }}", "1:19: guards.routes.allow:", &["nothing is here", "or [] for all"]),
    ("guards: {routes: {deny: }}", "1:19: guards.routes.deny:", &["nothing is here"]),
    (
        "guards: {access: {groups: {charts: []}}}",
        "1:36: guards.access.groups.charts:",
        &["a list of resources", "an empty list"],
    ),
    ("guards: {access: {deny: {'*': }}}", "1:26: guards.access.deny.*:", &["what is denied"]),
    (
        "guards: {access: {roles: {a: {notes: [read]}}, deny: {a: {notes: []}}}}",
        "1:66: guards.access.deny.a.notes:",
        &["a list of operations"],
    ),
    ("guards: {access: {actor_header: if-match}}", "1:33: guards.access.actor_header:", &["another meaning"]),
    (
        "guards: {access: {jwt: {jwks_file: /j, audience: a, issuer: i}}}",
        "1:24: guards.access.jwt:",
        &["nothing needs a token", "audit.require_actor"],
    ),
    (
        "guards: {access: {jwt: {jwks_file: /j, audience: a}, roles: {a: {notes: [read]}}}}",
        "1:24: guards.access.jwt:",
        &["`issuer` is missing"],
    ),
    (
        "guards: {access: {jwt: {jwks_file: /j, audience: a, issuer: i, clock_skew: 1h}, roles: {a: {notes: [read]}}}}",
        "1:76: guards.access.jwt.clock_skew:",
        &["at most 5m"],
    ),
    (
        "guards: {access: {jwt: {jwks_file: /j, audience: a, issuer: i, header: x-api-key}, roles: {a: {notes: [read]}}}}",
        "1:72: guards.access.jwt.header:",
        &["another meaning"],
    ),
    (
        "guards: {access: {jwt: {jwks_file: /j, audience: a, issuer: i, header: x-clinik-role}, roles: {a: {notes: [read]}}}}",
        "1:72: guards.access.jwt.header:",
        &["something else already"],
    ),
    ("guards: {access: {roles: [a]}}", "1:26: guards.access.roles:", &["a mapping of roles"]),
    (
        "guards: {access: {role_header: x-clinik-actor}}",
        "1:32: guards.access.role_header:",
        &["the same header"],
    ),
    (
        "guards: {access: {actor_header: x-api-key}}",
        "1:33: guards.access.actor_header:",
        &["another meaning"],
    ),
    (
        "guards: {body: {routes: [{route: POST /v1/bulk/import}]}}",
        "1:26: guards.body.routes[0]:",
        &["`bytes_max` is missing"],
    ),
    ("guards: {body: {content_types: [json]}}", "1:33: guards.body.content_types[0]:", &["media type"]),
    ("guards: {body: {depth_max: 4000}}", "1:28: guards.body.depth_max:", &["from 1 to 128"]),
    ("guards: {body: {bytes_max: 1.5MiB}}", "1:28: guards.body.bytes_max:", &["a size such as"]),
    ("guards: {body: {bytes_max: 0}}", "1:28: guards.body.bytes_max:", &["from 1 to 1GiB"]),
];
