//! Keys with as little power as can be: for reads and writes apart, and of each tenant its own. No request is ever sent with
//! a key of somebody else.

use clinik_guard::outcome::Code;
use clinik_guard::standin::{Behaviour, STANDIN_KEY, StandinConfig};

use crate::harness::{Harness, NEXT_KEY, Setup, code, json, text};
use crate::refusals::refused;

const READER: &str = "clk_test_reader000000000000000000";
const NORTH: &str = "clk_test_north0000000000000000000";
const NORTH_NEXT: &str = "clk_test_northNext000000000000000";
const SOUTH: &str = "clk_test_south0000000000000000000";
const SOUTH_READ: &str = "clk_test_southRead000000000000000";
const PATIENT: &str = r#"{"firstName":"A","lastName":"B"}"#;
const JSON: (&str, &str) = ("content-type", "application/json");
const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");

fn accepting(keys: &[&str]) -> Option<StandinConfig> {
    let keys = keys.iter().map(|key| (*key).to_owned()).collect();
    Some(StandinConfig { keys, ..StandinConfig::default() })
}

fn files(files: &[(&'static str, &str)]) -> Vec<(&'static str, String)> {
    files.iter().map(|(name, text)| (*name, (*text).to_owned())).collect()
}

/// The keys that arrived since the last look.
fn sent(harness: &Harness) -> Vec<String> {
    let keys =
        harness.seen().iter().map(|seen| seen.header("x-api-key").unwrap_or("none").to_owned()).collect();
    harness.standin.clear();
    keys
}

#[tokio::test(flavor = "multi_thread")]
async fn reads_and_writes_have_keys_of_their_own() {
    let harness = Harness::start(Setup {
        credentials: "read: {current: {file: DIR/reader}, next: {file: DIR/next}}",
        files: files(&[("reader", READER)]),
        standin: accepting(&[STANDIN_KEY, READER]),
        ..Setup::default()
    })
    .await;
    harness.get("/v1/patients?count=1").await;
    harness.send("HEAD", "/v1/patients", &[], b"").await;
    harness.send("POST", "/v1/patients/_search", &[FORM], b"count=1").await;
    harness.send("POST", "/v1/fhir/Patient/_search", &[FORM], b"gender=female").await;
    assert_eq!(sent(&harness), [READER; 4]);
    harness.post("/v1/patients", PATIENT).await;
    harness.post("/v1/bulk/export", "{}").await;
    harness.send("DELETE", "/v1/patients/a1", &[], b"").await;
    assert_eq!(sent(&harness), [STANDIN_KEY; 3]);

    // A rotation of one pair leaves the other alone, and neither helps the other out.
    std::fs::write(harness.path("next"), NEXT_KEY).unwrap();
    harness.app().reload().await;
    harness.standin.set_keys(vec![STANDIN_KEY.to_owned(), NEXT_KEY.to_owned()]);
    assert_eq!(harness.get("/v1/patients?count=1").await.status, 200);
    assert_eq!(harness.get("/v1/patients?count=1").await.status, 200);
    assert_eq!(sent(&harness), [READER, NEXT_KEY, NEXT_KEY]);
    harness.standin.set_keys(vec![STANDIN_KEY.to_owned()]);
    assert_eq!(code(&harness.get("/v1/patients?count=1").await), "UPSTREAM_KEY_REJECTED");
    assert!(!sent(&harness).contains(&STANDIN_KEY.to_owned()));
    assert_eq!(harness.post("/v1/patients", PATIENT).await.status, 201);
    assert_eq!(sent(&harness), [STANDIN_KEY]);
    harness.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_key_for_writes_is_not_made_up_for() {
    let harness =
        Harness::start(Setup { credentials: "write: {current: {file: DIR/writer}}", ..Setup::default() })
            .await;
    let (status, reason) = harness.ops("/readyz").await;
    assert!(status == 503 && reason.contains("no API key"), "{reason}");
    assert_eq!(harness.get("/v1/patients?count=1").await.status, 200);
    assert_eq!(sent(&harness), [STANDIN_KEY]);
    let answer = harness.post("/v1/patients", PATIENT).await;
    assert_eq!((answer.status.as_u16(), code(&answer).as_str()), (403, "UPSTREAM_KEY_REJECTED"));
    assert!(json(&answer)["message"].as_str().unwrap().contains("credentials.write"));
    assert!(sent(&harness).is_empty());
    harness.finish().await;
}

const TENANTS: &str = "tenants: [\
    {name: north, callers: [north-app], current: {file: DIR/north}, next: {file: DIR/north-next}}, \
    {name: south, callers: [south-app], read: {current: {file: DIR/south-read}}, write: {current: {file: DIR/south}}}], \
    tenant_header: {callers: [backend]}";

const NORTH_APP: (&str, &str) = ("x-api-key", "north-token-synthetic");
const SOUTH_APP: (&str, &str) = ("x-api-key", "south-token-synthetic");
const BACKEND: (&str, &str) = ("x-api-key", "backend-token-synthetic");
const NOBODY: (&str, &str) = ("x-api-key", "nobody-token-synthetic");

fn tenant(name: &'static str) -> (&'static str, &'static str) {
    ("x-clinik-tenant", name)
}

async fn tenants() -> Harness {
    let hash = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, SOUTH_APP.1.as_bytes());
    let hash = data_encoding::HEXUPPER.encode(hash.as_ref());
    let policy = format!(
        "guards: {{caller: {{tokens: [{{name: north-app, file: DIR/north-token}}, {{name: south-app, sha256: {hash}}}, \
         {{name: backend, file: DIR/backend-token}}, {{name: nobody, file: DIR/nobody-token}}]}}}}"
    );
    Harness::start(Setup {
        policy: Box::leak(policy.into_boxed_str()),
        credentials: TENANTS,
        no_current_key: true,
        files: files(&[
            ("north", NORTH),
            ("south", SOUTH),
            ("south-read", SOUTH_READ),
            ("north-token", NORTH_APP.1),
            ("backend-token", BACKEND.1),
            ("nobody-token", NOBODY.1),
        ]),
        standin: accepting(&[NORTH, SOUTH, SOUTH_READ]),
        ..Setup::default()
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn each_tenant_is_served_with_its_own_key_alone() {
    let harness = tenants().await;
    for (headers, key, name) in [
        (&[NORTH_APP][..], NORTH, "north"),
        (&[SOUTH_APP], SOUTH_READ, "south"),
        (&[BACKEND, tenant("north")], NORTH, "north"),
        (&[BACKEND, tenant("south")], SOUTH_READ, "south"),
    ] {
        assert_eq!(harness.send("GET", "/v1/patients", headers, b"").await.status, 200);
        assert_eq!(sent(&harness), [key]);
        let line = harness.audit().pop().unwrap();
        assert_eq!(line["tenant"], name);
        let hash = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, key.as_bytes());
        assert_eq!(line["key"], data_encoding::HEXLOWER.encode(&hash.as_ref()[..4]));
    }
    let write = [SOUTH_APP, JSON];
    assert_eq!(harness.send("POST", "/v1/patients", &write, PATIENT.as_bytes()).await.status, 201);
    assert_eq!(sent(&harness), [SOUTH]);
    for headers in [
        &[NOBODY][..],
        &[BACKEND],
        &[BACKEND, tenant("west")],
        &[BACKEND, tenant("North")],
        &[BACKEND, tenant("")],
        &[BACKEND, tenant("north,south")],
        &[BACKEND, tenant("north"), tenant("south")],
        &[BACKEND, tenant("north"), tenant("north")],
        // Whose word does not count, even where it would be right.
        &[NOBODY, tenant("north")],
        &[NORTH_APP, tenant("south")],
        &[NORTH_APP, tenant("north")],
    ] {
        refused(&harness, Code::TenantUnknown, "GET", "/v1/patients", headers, b"").await;
        assert!(harness.audit().pop().unwrap()["tenant"].is_null());
    }
    harness.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_of_no_tenant_is_told_why() {
    let header = "At: credentials.tenant_header.";
    let harness = tenants().await;
    for (headers, said, at) in [
        (&[BACKEND][..], "send its name in the header `x-clinik-tenant`", header),
        (&[BACKEND, tenant("west")], "names none of the tenants", "At: credentials.tenants."),
        (&[BACKEND, tenant("north"), tenant("north")], "more than once", header),
        (&[NORTH_APP, tenant("north")], "This caller may not name a tenant", header),
        (&[NOBODY, tenant("north")], "This caller may not name a tenant", header),
        // It may not, so it is not told to.
        (&[NOBODY], "This caller is no tenant's", "At: credentials.tenants."),
    ] {
        let answer = text(&harness.send("GET", "/v1/patients", headers, b"").await);
        assert!(answer.contains(said) && answer.contains(at), "{answer}");
    }
    harness.finish().await;
}

/// Many requests at once over one pool of few connections: each arrives with the key of its own tenant.
#[tokio::test(flavor = "multi_thread")]
async fn keys_never_mix_on_shared_connections() {
    let harness = tenants().await;
    let ask = async |number: usize| {
        let (caller, name) =
            if number.is_multiple_of(2) { (NORTH_APP, "north") } else { (SOUTH_APP, "south") };
        // An id tells which request was which upstream.
        let target = format!("/v1/patients/{name}-{number}");
        harness.send("GET", &target, &[caller], b"").await.status.as_u16()
    };
    for round in 0..8 {
        let [a, b, c, d, e, f] = [0, 1, 2, 3, 4, 5].map(|number| ask(round * 6 + number));
        tokio::join!(a, b, c, d, e, f);
    }
    let seen = harness.seen();
    assert_eq!(seen.len(), 48);
    for request in &seen {
        let expected = if request.target.contains("/north-") { NORTH } else { SOUTH_READ };
        assert_eq!(request.header("x-api-key"), Some(expected), "{}", request.target);
    }
    let mut by_connection: std::collections::BTreeMap<u64, std::collections::BTreeSet<&str>> =
        Default::default();
    for request in &seen {
        by_connection.entry(request.connection).or_default().insert(request.header("x-api-key").unwrap());
    }
    assert!(
        by_connection.values().any(|keys| keys.len() == 2),
        "connections were shared, so the test tests something"
    );
    harness.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rotation_of_one_tenant_touches_no_other() {
    let harness = tenants().await;
    std::fs::write(harness.path("north-next"), NORTH_NEXT).unwrap();
    harness.app().reload().await;
    harness.standin.set_keys([NORTH_NEXT, SOUTH, SOUTH_READ].map(str::to_owned).to_vec());
    for _ in 0..2 {
        assert_eq!(harness.send("GET", "/v1/patients", &[NORTH_APP], b"").await.status, 200);
        assert_eq!(harness.send("GET", "/v1/patients", &[SOUTH_APP], b"").await.status, 200);
    }
    assert_eq!(sent(&harness), [NORTH, NORTH_NEXT, SOUTH_READ, NORTH_NEXT, SOUTH_READ]);
    // With all of its keys revoked a tenant gets nothing, and least of all another's.
    harness.standin.set_keys([SOUTH, SOUTH_READ].map(str::to_owned).to_vec());
    let answer = harness.send("GET", "/v1/patients", &[NORTH_APP], b"").await;
    assert_eq!(code(&answer), "UPSTREAM_KEY_REJECTED");
    assert!(sent(&harness).iter().all(|key| key.starts_with(NORTH) || key == NORTH_NEXT));

    // A key file that turns into another tenant's key is not used.
    std::fs::write(harness.path("south-read"), NORTH).unwrap();
    harness.app().reload().await;
    assert_eq!(harness.send("GET", "/v1/patients", &[SOUTH_APP], b"").await.status, 200);
    assert_eq!(sent(&harness), [SOUTH_READ]);
    harness.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_answer_carries_anybodys_key() {
    let harness = tenants().await;
    let keys = [NORTH, SOUTH, SOUTH_READ];
    let body = format!(r#"{{"data":[{{"note":"{}"}}],"more":"clk_test_"}}"#, keys.join(" and "));
    for (status, body) in [(200, body.clone()), (422, body.replace("data", "message"))] {
        harness.script(Behaviour::Answer {
            status,
            headers: vec![("content-type".to_owned(), "application/json".to_owned())],
            body: body.into(),
            coding: None,
        });
        let answer = harness.send("GET", "/v1/patients", &[NORTH_APP], b"").await;
        assert_eq!(answer.status.as_u16(), status);
        for key in keys {
            assert!(!text(&answer).contains(key), "{}", text(&answer));
        }
    }
    harness.finish().await;
}
