//! The policy file as the user wrote it: which keys exist, where each one stands, nothing about what they mean.
//!
//! Owns the shape of the file ([`PolicyFile`] and its sections), the position of every value and the collecting of
//! [`Problems`]. It does not know defaults, units that matter or relations between keys: each concern compiles its
//! own section beside the code that uses it, and `policy` composes them.
//!
//! Invariants: reading never stops at the first mistake; every mistake has a line, a column and a key path; no value
//! of the file is ever quoted in a message, since it may be a secret in the wrong place.
//!
//! Why not derive `Deserialize`: serde stops at the first error and yields no positions for the values it accepted, so
//! neither "all problems at once" nor "line 12 contradicts line 40" can be had from it. `saphyr-parser` gives YAML 1.2
//! events with spans and is small and safe. `serde_yaml` reads the same file once more, as other tools will, and both
//! have to agree (`agree`).

use section::{Slot, section};

pub use nearest::nearest;
pub use problem::{NamedFile, Noted, Position, Problem, Problems};
pub use section::{Items, Section, Setting};
pub use tree::{Entry, Node, Value, parse};

mod agree;
mod nearest;
mod problem;
pub mod read;
mod section;
mod skeleton;
mod source;
mod syntax;
mod tree;

/// A policy is read by people; what is larger than this is a mistake or an attack.
pub const FILE_BYTES_MAX: usize = 1024 * 1024;

section! {
    /// The whole file.
    PolicyFile {
        version: Setting,
        compliance: Compliance,
        listen: Listen,
        ops: Ops,
        upstream: Upstream,
        credentials: Credentials,
        guards: Guards,
        scrub: Scrub,
        limits: Limits,
        audit: Audit,
        telemetry: Telemetry,
        process: Process,
    }
}

section! { Compliance { plan: Setting, baa: Option<BaaRecord>, environment: Setting, phi_on_test: Setting } }
section! { BaaRecord { signed_on: Setting, reference: Setting, signed_by: Setting } }

section! {
    Listen {
        addresses: Setting,
        unix: Option<Unix>,
        tls: Option<ListenTls>,
        workers: Setting,
        connections_max: Setting,
        connections_per_peer_max: Setting,
        requests_per_connection_max: Setting,
        requests_in_flight_max: Setting,
        header_timeout: Setting,
        body_timeout: Setting,
        body_rate_min: Setting,
        idle_timeout: Setting,
        exchange_timeout: Setting,
        drain: Drain,
    }
}
section! {
    ListenTls {
        addresses: Setting,
        certificate_file: Setting,
        key_file: Setting,
        client_ca_file: Setting,
        client_certificate: Setting,
    }
}
section! { Unix { path: Setting, mode: Setting } }
section! { Drain { linger: Setting, deadline: Setting } }

section! { Process { user: Setting, root: Setting } }

section! { Ops { address: Setting } }

section! {
    Upstream {
        url: Setting,
        ca_file: Setting,
        public_roots: Setting,
        pins: Setting,
        client_certificate: Option<KeyPair>,
        http2: Setting,
        allow_plaintext_loopback: Setting,
        connect_timeout: Setting,
        response_timeout: Setting,
        body_idle_timeout: Setting,
        pool: Pool,
    }
}
section! { KeyPair { certificate_file: Setting, key_file: Setting } }
section! { Pool { idle_max: Setting, idle_timeout: Setting, age_max: Setting } }

section! {
    Credentials {
        environment: Setting,
        current: Option<Secret>,
        next: Option<Secret>,
        read: Option<ApiKeys>,
        write: Option<ApiKeys>,
        tenants: Items<Tenant>,
        tenant_header: Option<TenantHeader>,
        reload_interval: Setting,
    }
}
section! { ApiKeys { current: Option<Secret>, next: Option<Secret> } }
section! {
    Tenant {
        name: Setting,
        callers: Setting,
        current: Option<Secret>,
        next: Option<Secret>,
        read: Option<ApiKeys>,
        write: Option<ApiKeys>,
    }
}
section! { TenantHeader { header: Setting, callers: Setting } }
section! {
    /// Where a secret is read from; never the secret.
    Secret { env: Setting, file: Setting }
}

section! {
    Guards {
        caller: Caller,
        headers: Headers,
        browser: Browser,
        url: Url,
        routes: Routes,
        access: Access,
        body: Body,
        repeats: Repeats,
    }
}
section! { Caller { mode: Setting, tokens: Items<Token>, certificates: Items<CallerCertificate>, unix_uids: Setting } }
section! { CallerCertificate { name: Setting, spiffe: Setting, dns: Setting } }
section! { Token { name: Setting, env: Setting, file: Setting, sha256: Setting } }
section! { Headers { mode: Setting, header_bytes_max: Setting, fields_max: Setting, allow: Setting } }
section! { Browser { mode: Setting, hosts: Setting } }
section! { Url { mode: Setting, uri_bytes_max: Setting, exceptions: Items<Exception> } }
section! { Exception { name: Setting, route: Setting, params: Setting, reason: Setting, owner: Setting, expires: Setting } }
section! { Routes { mode: Setting, allow: Setting, deny: Setting, search_by_body: Setting, fhir: Fhir } }
section! {
    Fhir {
        types: Setting,
        methods: Setting,
        operations: Setting,
        chains: Setting,
        history: Setting,
        batch: Setting,
        conditional: Setting,
    }
}
section! {
    Access {
        mode: Setting,
        read_only: Setting,
        actor_header: Setting,
        role_header: Setting,
        groups: Setting,
        roles: Setting,
        deny: Setting,
        break_glass: Option<BreakGlass>,
        jwt: Option<Jwt>,
    }
}
section! {
    Jwt {
        jwks_file: Setting,
        issuer: Setting,
        audience: Setting,
        header: Setting,
        actor_claim: Setting,
        role_claim: Setting,
        tenant_claim: Setting,
        clock_skew: Setting,
    }
}
section! { BreakGlass { header: Setting, reasons: Setting, roles: Setting, operations: Setting } }
section! {
    Body {
        mode: Setting,
        bytes_max: Setting,
        routes: Items<BodyRoute>,
        content_types: Setting,
        json: Setting,
        depth_max: Setting,
        string_bytes_max: Setting,
        held_bytes_max: Setting,
    }
}
section! { Repeats { mode: Setting, window: Setting, entries_max: Setting } }
section! { BodyRoute { route: Setting, bytes_max: Setting } }

section! {
    Scrub {
        regions: Setting,
        providers: Setting,
        places: ScrubPlaces,
        rules: Items<ScrubRule>,
        allow: Items<ScrubAllow>,
        style: Setting,
        pseudonym_key_file: Setting,
        error_bytes_max: Setting,
        response_headers: Setting,
        success_pointers: Items<SuccessPointer>,
    }
}
section! { ScrubPlaces { url: ScrubPlace, error: ScrubPlace, log: ScrubPlace } }
section! { ScrubPlace { classes_off: Setting, regions: Setting, confidence_min: Setting } }
section! { ScrubRule { id: Setting, class: Setting, pattern: Setting, must_match: Setting, must_not_match: Setting } }
section! { ScrubAllow { value: Setting, reason: Setting } }
section! { SuccessPointer { route: Setting, pointer: Setting } }

section! { Limits { mode: Setting, plan: Setting, per_minute: Setting, per_caller_per_minute: Setting, operations: Operations } }
section! { Operations { read_per_minute: Setting, write_per_minute: Setting, search_per_minute: Setting, bulk_per_hour: Setting } }

section! {
    Audit {
        sink: Setting,
        file: Setting,
        require_actor: Setting,
        on_failure: Setting,
        durability: Setting,
        rotate: Rotate,
        signing_key_file: Setting,
        resource_ids: Setting,
        pseudonym_key_file: Setting,
        ship: Option<Ship>,
        otlp: Option<Otlp>,
    }
}
section! { Otlp { endpoint: Setting, ca_file: Setting, headers_file: Setting } }
section! {
    Ship {
        url: Setting,
        endpoint: Setting,
        region: Setting,
        ca_file: Setting,
        credentials_file: Setting,
        object_lock: Option<ObjectLock>,
        keep_local: Setting,
        spool_bytes_max: Setting,
    }
}
section! { ObjectLock { mode: Setting, retention_years: Setting } }
section! { Rotate { size: Setting, age: Setting } }
section! { Telemetry { level: Setting } }

impl PolicyFile {
    /// Reads all of `text`. Mistakes go to `problems`; a section that cannot be read counts as not written, which
    /// only matters to a caller that ignores the problems.
    pub fn read(text: &str, problems: &mut Problems) -> PolicyFile {
        let root = tree::parse(text, problems);
        let file = PolicyFile::of_setting(Setting::root(root), problems);
        let supported = |node: &Node, problems: &mut Problems| match node.text() {
            Some("1") => Some(()),
            _ => problems.expected(node, "1, the only version there is"),
        };
        file.version.or((), supported, problems);
        file
    }
}
