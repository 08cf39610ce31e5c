//! The person by a signed token, through the running guard.

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use clinik_guard::outcome::Code;
use clinik_guard::standin::StandinConfig;
use data_encoding::BASE64URL_NOPAD;
use serde_json::{Value, json};

use crate::harness::{Harness, SEEDS, Setup, json as body, logs, text};
use crate::refusals::refused;

const POLICY: &str = "guards: {access: {roles: {nurse: {patients: [read, search]}, admin: {'*': ['*']}}, jwt: {jwks_file: DIR/jwks.json, issuer: 'https://idp.example.org/', audience: clinic}}}";

struct Provider(Ed25519KeyPair);

impl Provider {
    fn new() -> Provider {
        Provider(Ed25519KeyPair::generate().unwrap())
    }

    fn jwks(&self, kid: &str) -> String {
        let x = BASE64URL_NOPAD.encode(self.0.public_key().as_ref());
        json!({"keys": [{"kty": "OKP", "crv": "Ed25519", "kid": kid, "use": "sig", "x": x}]}).to_string()
    }

    fn token(&self, kid: &str, claims: &Value) -> String {
        let part = |value: &Value| BASE64URL_NOPAD.encode(value.to_string().as_bytes());
        let signed = format!("{}.{}", part(&json!({"alg": "EdDSA", "kid": kid})), part(claims));
        let signature = BASE64URL_NOPAD.encode(self.0.sign(signed.as_bytes()).as_ref());
        format!("Bearer {signed}.{signature}")
    }
}

fn claims(actor: &Value, role: &Value) -> Value {
    let now = jiff::Timestamp::now().as_second();
    json!({"iss": "https://idp.example.org/", "aud": ["clinic"], "exp": now + 600, "sub": actor, "role": role})
}

async fn start(provider: &Provider, policy: &'static str) -> Harness {
    let files = vec![("jwks.json", provider.jwks("k1"))];
    let audit = "sink: file, file: DIR/audit.jsonl, require_actor: true";
    Harness::start(Setup { policy, files, audit: Some(audit), ..Setup::default() }).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_says_who_acts_and_goes_no_further() {
    let provider = Provider::new();
    let harness = start(&provider, POLICY).await;
    let token = provider.token("k1", &claims(&json!("auth0|5f7c8ec7c33c6c004bbafe82"), &json!("nurse")));
    let answer = harness.send("GET", "/v1/patients", &[("authorization", &token)], b"").await;
    assert_eq!(answer.status, 200, "{}", body(&answer));
    assert!(harness.seen()[0].header("authorization").is_none());
    let line = harness.audit().pop().unwrap();
    let told = ["actor", "actor_by", "role"].map(|name| line[name].as_str().unwrap().to_owned());
    assert_eq!(told, ["auth0|5f7c8ec7c33c6c004bbafe82", "token", "nurse"]);
    let audit = std::fs::read_to_string(harness.path("audit.jsonl")).unwrap();
    let (_, metrics) = harness.ops("/metrics").await;
    let secret = &token[token.len() - 40..];
    assert!(!audit.contains(secret) && !metrics.contains(secret) && !logs().contains(secret));
    harness.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_but_the_token_says_who_acts() {
    let provider = Provider::new();
    let harness = start(&provider, POLICY).await;
    let headers = [("x-clinik-actor", "u-48f1"), ("x-clinik-role", "admin")];
    refused(&harness, Code::ActorRequired, "GET", "/v1/patients", &headers, b"").await;
    let nurse = provider.token("k1", &claims(&json!("u-48f1"), &json!("nurse")));
    let [actor, admin] = headers;
    let escalated = [("authorization", nurse.as_str()), actor, admin];
    refused(&harness, Code::AccessDenied, "GET", "/v1/notes", &escalated, b"").await;
    let roles = [
        json!("Admin"),
        json!("root"),
        json!(["nurse", "admin"]),
        json!({"admin": true}),
        json!("nurse admin"),
    ];
    for role in roles.into_iter().chain([json!(null), json!(1), json!([])]) {
        let token = provider.token("k1", &claims(&json!("u-48f1"), &role));
        refused(&harness, Code::AccessDenied, "GET", "/v1/notes", &[("authorization", &token)], b"").await;
    }
    let one = provider.token("k1", &claims(&json!("u-48f1"), &json!(["offline_access", "admin"])));
    assert_eq!(harness.send("GET", "/v1/notes", &[("authorization", &one)], b"").await.status, 200);
    harness.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_actor_claim_is_as_opaque_as_the_header() {
    let provider = Provider::new();
    let harness = start(&provider, POLICY).await;
    let long = "a1".repeat(33);
    let people =
        ["Marisol.Quintanar", "marisol.q@example.org", "912-84-6713", "MRN-00482917", "00482917", &long];
    for actor in
        people.map(|text| json!(text)).into_iter().chain([json!(48), json!(["u-1"]), json!(null), json!("")])
    {
        let token = provider.token("k1", &claims(&actor, &json!("nurse")));
        refused(&harness, Code::ActorRequired, "GET", "/v1/patients", &[("authorization", &token)], b"")
            .await;
    }
    assert!(SEEDS.iter().all(|seed| !logs().contains(seed)));
    harness.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_proves_nothing_is_refused_by_the_part_at_fault() {
    let (provider, stranger) = (Provider::new(), Provider::new());
    let harness = start(&provider, POLICY).await;
    let good = claims(&json!("u-48f1"), &json!("admin"));
    let mut old = good.clone();
    old["exp"] = json!(1_700_000_000);
    for (token, part) in [
        (stranger.token("k1", &good), "the signature"),
        (provider.token("k2", &good), "kid"),
        (provider.token("k1", &old), "exp"),
        ("Basic dTpw".to_owned(), "the form of the token"),
        (format!("Bearer {}", "a".repeat(9000)), "the form of the token"),
    ] {
        let sent = [("authorization", token.as_str())];
        refused(&harness, Code::ActorTokenInvalid, "GET", "/v1/patients", &sent, b"").await;
        let answer = harness.send("GET", "/v1/patients", &sent, b"").await;
        assert!(body(&answer)["message"].as_str().unwrap().contains(part), "{part}");
    }
    let token = provider.token("k1", &good);
    let twice = [("authorization", token.as_str()), ("Authorization", token.as_str())];
    refused(&harness, Code::ActorTokenInvalid, "GET", "/v1/patients", &twice, b"").await;
    // The state of the service needs nobody.
    assert_eq!(harness.get("/health").await.status, 200);
    harness.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_claim_names_the_tenant_and_nothing_else_can() {
    const NORTH: &str = "clk_test_north0000000000000000000";
    const SOUTH: &str = "clk_test_south0000000000000000000";
    let provider = Provider::new();
    let policy = "guards: {access: {jwt: {jwks_file: DIR/jwks.json, issuer: 'https://idp.example.org/', audience: clinic, tenant_claim: org}}}";
    let credentials = "tenants: [{name: north, current: {file: DIR/north}}, {name: south, current: {file: DIR/south}}], tenant_header: {callers: [loopback]}";
    let standin =
        StandinConfig { keys: vec![NORTH.to_owned(), SOUTH.to_owned()], ..StandinConfig::default() };
    let files =
        [("jwks.json", provider.jwks("k1")), ("north", NORTH.to_owned()), ("south", SOUTH.to_owned())];
    let (files, standin) = (files.to_vec(), Some(standin));
    let setup = Setup { policy, credentials, no_current_key: true, files, standin, ..Setup::default() };
    let harness = Harness::start(setup).await;
    let token = |org: Value| {
        let mut claims = claims(&json!("u-48f1"), &json!("nurse"));
        claims["org"] = org;
        provider.token("k1", &claims)
    };
    for (org, key) in [("north", NORTH), ("south", SOUTH)] {
        let token = token(json!(org));
        assert_eq!(harness.send("GET", "/v1/patients", &[("authorization", &token)], b"").await.status, 200);
        assert_eq!(harness.seen().pop().unwrap().header("x-api-key"), Some(key));
        assert_eq!(harness.audit().pop().unwrap()["tenant"], org);
    }
    harness.standin.clear();
    for org in [json!("west"), json!("North"), json!(["north"]), json!(""), json!(null), json!(7)] {
        let token = token(org);
        let sent = [("authorization", token.as_str())];
        refused(&harness, Code::TenantUnknown, "GET", "/v1/patients", &sent, b"").await;
    }
    // Two that may speak, and do not agree; then a token that proves nothing, and none.
    let north = token(json!("north"));
    let both = [("authorization", north.as_str()), ("x-clinik-tenant", "south")];
    refused(&harness, Code::TenantUnknown, "GET", "/v1/patients", &both, b"").await;
    let told = text(&harness.send("GET", "/v1/patients", &both, b"").await);
    assert!(told.contains("do not name the same tenant") && told.contains("At: credentials.tenant_header."));
    let forged = Provider::new().token("k1", &json!({"org": "north"}));
    refused(&harness, Code::ActorTokenInvalid, "GET", "/v1/patients", &[("authorization", &forged)], b"")
        .await;
    refused(&harness, Code::TenantUnknown, "GET", "/v1/patients", &[], b"").await;
    harness.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_key_set_is_read_again_and_a_bad_one_is_not() {
    let (old, new) = (Provider::new(), Provider::new());
    let harness = start(&old, POLICY).await;
    let claims = claims(&json!("u-48f1"), &json!("nurse"));
    let status = async |provider: &Provider, kid: &str| {
        let token = provider.token(kid, &claims);
        harness.send("GET", "/v1/patients", &[("authorization", &token)], b"").await.status.as_u16()
    };
    let failed = "clinik_guard_key_reloads_total{result=\"failed\"}";
    for bad in ["", "{", "{\"keys\":[]}", &old.jwks("k1").replace("\"x\"", "\"d\":\"AA\",\"x\"")] {
        std::fs::write(harness.path("jwks.json"), bad).unwrap();
        harness.app().reload().await;
        assert_eq!(status(&old, "k1").await, 200, "{bad}");
    }
    assert!(harness.metric(failed).await >= 3.0);
    std::fs::write(harness.path("jwks.json"), new.jwks("k2")).unwrap();
    harness.app().reload().await;
    assert_eq!((status(&old, "k1").await, status(&new, "k2").await), (403, 200));
    harness.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_key_set_the_guard_is_not_ready_and_lets_nobody_in() {
    let provider = Provider::new();
    let harness = Harness::start(Setup { policy: POLICY, ..Setup::default() }).await;
    let (status, reason) = harness.ops("/readyz").await;
    assert!(status == 503 && reason.contains("jwks_file"), "{reason}");
    let token = provider.token("k1", &claims(&json!("u-48f1"), &json!("admin")));
    let sent = [("authorization", token.as_str())];
    refused(&harness, Code::ActorTokenInvalid, "GET", "/v1/patients", &sent, b"").await;
    std::fs::write(harness.path("jwks.json"), provider.jwks("k1")).unwrap();
    harness.app().reload().await;
    assert_eq!(harness.ops("/readyz").await.0, 200);
    assert_eq!(harness.send("GET", "/v1/patients", &sent, b"").await.status, 200);
    harness.finish().await;
}

/// Keys of a file that the policy names no more prove nothing; a policy whose file is not there yet waits for it.
#[tokio::test(flavor = "multi_thread")]
async fn a_policy_with_another_key_set_waits_for_its_file() {
    let (old, new) = (Provider::new(), Provider::new());
    let harness = start(&old, POLICY).await;
    let tokens =
        [&old, &new].map(|provider| provider.token("k1", &claims(&json!("u-48f1"), &json!("nurse"))));
    let statuses = async || {
        let mut statuses = Vec::new();
        for token in &tokens {
            let headers = [("authorization", token.as_str())];
            statuses.push(harness.send("GET", "/v1/patients", &headers, b"").await.status.as_u16());
        }
        statuses
    };
    assert_eq!(statuses().await, [200, 403]);
    let policy = std::fs::read_to_string(harness.path("policy.yaml")).unwrap();
    std::fs::write(harness.path("policy.yaml"), policy.replace("/jwks.json", "/other.json")).unwrap();
    harness.app().reload().await;
    assert_eq!(statuses().await, [200, 403], "the old policy, whole");
    assert!(logs().contains("guards.access.jwt.jwks_file is not there"));
    std::fs::write(harness.path("other.json"), new.jwks("k1")).unwrap();
    harness.app().reload().await;
    assert_eq!(statuses().await, [403, 200]);
    harness.finish().await;
}
