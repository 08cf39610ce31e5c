//! What bad input gets: every row of the table of refusals, with an upstream that saw nothing and a reply that
//! quotes nothing.

use clinik_guard::cli::client::Answer;
use clinik_guard::outcome::Code;

use crate::harness::{Harness, SEEDS, Setup, code, json, text};

fn assert_refused(answer: &Answer, expected: Code) {
    assert_eq!(
        (answer.status, code(answer)),
        (expected.status(), expected.as_str().to_owned()),
        "{}",
        text(answer)
    );
    let value = json(answer);
    let id = answer.headers["x-request-id"].to_str().unwrap();
    assert!(!id.is_empty());
    assert_eq!(answer.headers["cache-control"], "no-store");
    assert!(value["message"].as_str().is_some_and(|text| !text.is_empty()));
    assert!(value["issue"][0]["diagnostics"].as_str().is_some());
    if value["resourceType"].is_null() {
        assert_eq!(value["requestId"], id);
        assert_eq!(value["issue"], value["issues"]);
    }
    for seed in SEEDS {
        assert!(!text(answer).contains(seed), "the reply quotes {seed}");
    }
}

/// One refused request: the upstream saw nothing and the record has one line with the reason.
pub async fn refused(
    harness: &Harness,
    expected: Code,
    method: &str,
    target: &str,
    headers: &[(&str, &str)],
    body: &[u8],
) {
    let records = harness.audit().len();
    let answer = harness.send(method, target, headers, body).await;
    assert_refused(&answer, expected);
    // What is left of a refused body must not be taken for the next request.
    let tunnel = expected == Code::MethodNotAllowed;
    assert_eq!(answer.headers.contains_key("connection"), !body.is_empty() || tunnel);
    assert!(harness.seen().is_empty(), "the upstream saw {method} of a refused request");
    let audit = harness.audit();
    assert_eq!(audit.len(), records + 1);
    assert_eq!(audit[records]["reason"], expected.as_str());
    assert_eq!(audit[records]["outcome"], "refused");
}

const JSON: (&str, &str) = ("content-type", "application/json");

#[tokio::test(flavor = "multi_thread")]
async fn phi_in_urls() {
    let harness = Harness::plain().await;
    for target in [
        "/v1/patients?email=marisol.q%40example.org",
        "/v1/patients?name=Marisol%20Quintanar-Abbott",
        "/v1/patients?birthDate=1987-11-23",
        "/v1/patients?phone=%28512%29+555-0147",
        "/v1/observations?ssn=912-84-6713",
        "/v1/observations?note=mrn%3A%20MRN-00482917",
        "/v1/patients/pt_marisol_quintanar",
        "/v1/fhir/Patient?family=Quintanar-Abbott",
        "/v1/fhir/Observation?subject:Patient.name=Quintanar",
        "/v1/patients?email=marisol.q%2540example.org",
    ] {
        refused(&harness, Code::PhiInUrl, "GET", target, &[], b"").await;
    }
    assert!(
        harness.metric("clinik_guard_refusals_total{code=\"PHI_IN_URL\",mode=\"enforce\"}").await >= 10.0
    );
    harness.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn targets_that_cannot_be_trusted() {
    let harness = Harness::plain().await;
    for target in [
        "/v1/patients/../observations",
        "/v1//patients",
        "/v1/patients/",
        "/v1/patients/%2e%2e",
        "/v1/patients/a%2Fb",
        "/v1/patients/%zz",
        "/v1/patients/%c0%af",
        "/v1/patients/a%00b",
    ] {
        refused(&harness, Code::InvalidTarget, "GET", target, &[], b"").await;
    }
    harness.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn routes_outside_the_contract_or_the_policy() {
    let harness = Harness::with_policy("guards: {routes: {deny: ['DELETE /v1/patients/{id}']}}").await;
    for (method, target) in [
        ("GET", "/v1/internal-users"),
        ("PUT", "/v1/patients/5b0c1f1e-7a57-4d0e-9b5a-0f3f6a5b7c21"),
        ("DELETE", "/v1/patients/5b0c1f1e-7a57-4d0e-9b5a-0f3f6a5b7c21"),
        ("OPTIONS", "/v1/patients"),
        ("GET", "/v2/patients"),
        ("GET", "/admin"),
        ("POST", "/v1/fhir"),
        ("DELETE", "/v1/fhir/Observation?status=final"),
    ] {
        refused(&harness, Code::RouteNotAllowed, method, target, &[], b"").await;
    }
    harness.finish().await;
}

/// One code for all, and a message that says which it is and what to do instead.
#[tokio::test(flavor = "multi_thread")]
async fn a_refused_route_says_why() {
    let policy = "guards: {routes: {allow: ['* /v1/patients/**', '* /v1/notes', '* /v1/fhir/**', '* /v1/bulk/**'], \
                  deny: ['DELETE /v1/patients/{id}'], fhir: {types: [Patient, Observation], methods: [GET, POST], \
                  chains: false}}}";
    let harness = Harness::with_policy(policy).await;
    let form = [("content-type", "application/x-www-form-urlencoded")];
    for (method, target, body, parts) in [
        ("GET", "/v1/patient", "", &["no such path", "/v1/patients/{id}"][..]),
        ("POST", "/v1/patient/_search", "name=x", &["no such path"]),
        ("GET", "/v1/fhir/Pateint", "", &["no such path", "/v1/fhir"]),
        ("PUT", "/v1/patients/a1", "", &["not with this method", "PATCH", "GET, PATCH or DELETE here"]),
        ("DELETE", "/v1/patients", "", &["not with this method", "GET or POST here"]),
        ("GET", "/v1/bulk/export", "", &["not with this method", "POST here"]),
        ("GET", "/v1/fhir", "", &["not with this method"]),
        ("DELETE", "/v1/patients/a1", "", &["ClinikAPI documents this route", "guards.routes.deny"]),
        ("GET", "/v1/labs", "", &["ClinikAPI documents this route", "guards.routes.allow"]),
        ("GET", "/v1/fhir/Account/a1", "", &["guards.routes.fhir.types"]),
        ("PUT", "/v1/fhir/Patient/a1", "", &["guards.routes.fhir.methods"]),
        ("GET", "/v1/fhir/Patient/a1/$match", "", &["guards.routes.fhir.operations"]),
        ("GET", "/v1/fhir/Patient/a1/_history", "", &["guards.routes.fhir.history"]),
        ("POST", "/v1/fhir", "{}", &["guards.routes.fhir.batch"]),
        ("GET", "/v1/fhir/Observation?subject:Patient.gender=male", "", &["guards.routes.fhir.chains"]),
        ("POST", "/v1/fhir/Patient?gender=male", "{}", &["guards.routes.fhir.conditional"]),
        ("POST", "/v1/patients/_search", "nmae=x", &["only the parameters", "application/json"]),
        ("POST", "/v1/patients/_search", "count=2&nmae=x", &["Name 2 is none of them; did you mean name?"]),
        (
            "POST",
            "/v1/fhir/Observation/_search",
            "subject:Patient.gender=male",
            &["guards.routes.fhir.chains"],
        ),
    ] {
        let headers: &[(&str, &str)] = if body.is_empty() {
            &[]
        } else if body == "{}" {
            &[JSON]
        } else {
            &form
        };
        let answer = harness.send(method, target, headers, body.as_bytes()).await;
        assert_eq!(code(&answer), "ROUTE_NOT_ALLOWED", "{method} {target}");
        let message = json(&answer)["message"].as_str().unwrap().to_owned();
        for part in parts {
            assert!(message.contains(part), "{method} {target}: {part} in {message}");
        }
        for quoted in ["patient/", "Pateint", "nmae", "a1", "match", "male"] {
            assert!(!message.contains(quoted), "{method} {target}: {quoted} in {message}");
        }
    }
    assert!(harness.seen().is_empty());
    harness.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn browsers() {
    let harness = Harness::plain().await;
    for header in [
        ("origin", "https://app.example.org"),
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-mode", "navigate"),
    ] {
        refused(&harness, Code::BrowserNotAllowed, "GET", "/v1/patients", &[header], b"").await;
    }
    harness.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn callers_without_a_token() {
    let setup =
        Setup { policy: "guards: {caller: {tokens: [{name: portal, file: TOKEN}]}}", ..Setup::default() };
    let dir = tempfile::tempdir().unwrap();
    let token = dir.path().join("token");
    std::fs::write(&token, "portal-token-synthetic\n").unwrap();
    let policy = setup.policy.replace("TOKEN", &token.display().to_string());
    let harness = Harness::with_policy(Box::leak(policy.into_boxed_str())).await;
    refused(&harness, Code::CallerNotAllowed, "GET", "/v1/patients", &[], b"").await;
    refused(&harness, Code::CallerNotAllowed, "GET", "/v1/patients", &[("x-api-key", "guess")], b"").await;
    let known = harness.send("GET", "/v1/patients", &[("x-api-key", "portal-token-synthetic")], b"").await;
    assert_eq!(known.status, 200);
    assert_eq!(harness.audit()[2]["caller"], "portal");
    harness.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_in_urls_and_bodies() {
    let harness = Harness::plain().await;
    let key = "clk_live_SyntheticKey00";
    refused(&harness, Code::KeyInRequest, "GET", &format!("/v1/patients?status={key}"), &[], b"").await;
    for body in [format!("{{\"note\":\"{key}\"}}"), "{\"note\":\"sk\\u005flive_SyntheticKey00\"}".to_owned()]
    {
        refused(&harness, Code::KeyInRequest, "POST", "/v1/notes", &[JSON], body.as_bytes()).await;
    }
    harness.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn method_overrides_and_tunnels() {
    let harness = Harness::plain().await;
    for name in ["x-http-method-override", "x-http-method", "x-method-override"] {
        refused(
            &harness,
            Code::MethodOverrideRejected,
            "POST",
            "/v1/patients",
            &[JSON, (name, "DELETE")],
            b"{}",
        )
        .await;
    }
    refused(&harness, Code::MethodNotAllowed, "TRACE", "/v1/patients", &[], b"").await;
    let upgrade = [("connection", "upgrade"), ("upgrade", "websocket")];
    refused(&harness, Code::MethodNotAllowed, "GET", "/v1/patients", &upgrade, b"").await;
    harness.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sizes_at_n_and_one_more() {
    let policy = "guards: {url: {uri_bytes_max: 300}, headers: {header_bytes_max: 1KiB}, body: {bytes_max: 1KiB, routes: [{route: POST /v1/notes, bytes_max: 2KiB}]}}";
    let harness = Harness::with_policy(policy).await;
    let target =
        |length: usize| format!("/v1/patients?status={}", "a".repeat(length - "/v1/patients?status=".len()));
    refused(&harness, Code::UriTooLong, "GET", &target(301), &[], b"").await;
    let long = "a".repeat(1024);
    refused(&harness, Code::HeadersTooLarge, "GET", "/v1/patients", &[("x-any", &long)], b"").await;
    let body = |length: usize| format!("\"{}\"", "a".repeat(length - 2));
    refused(&harness, Code::BodyTooLarge, "POST", "/v1/patients", &[JSON], body(1025).as_bytes()).await;
    refused(&harness, Code::BodyTooLarge, "POST", "/v1/notes", &[JSON], body(2049).as_bytes()).await;
    assert_eq!(harness.get(&target(300)).await.status, 200);
    assert_ne!(harness.post("/v1/patients", &body(1024)).await.status, 413);
    assert_ne!(harness.post("/v1/notes", &body(2048)).await.status, 413);
    harness.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_head_beyond_all_bounds_is_answered_431() {
    let harness = Harness::plain().await;
    let head = format!(
        "GET /v1/patients HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\nx-any: {}\r\n\r\n",
        "a".repeat(300 * 1024)
    );
    assert!(harness.raw(head.as_bytes()).await.starts_with("HTTP/1.1 431"));
    assert!(harness.seen().is_empty());
    harness.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn bodies_of_the_wrong_kind() {
    let harness = Harness::plain().await;
    let body = br#"{"firstName":"Marisol"}"#;
    for headers in [
        &[("content-type", "text/plain")][..],
        &[("content-type", "application/x-www-form-urlencoded")],
        &[],
        &[JSON, ("content-encoding", "gzip")],
    ] {
        refused(&harness, Code::UnsupportedMediaType, "POST", "/v1/patients", headers, body).await;
    }
    refused(&harness, Code::UnsupportedMediaType, "GET", "/v1/patients", &[JSON], body).await;
    for body in ["{\"firstName\":\"Marisol\",}", "{", "", "nul"].into_iter().filter(|body| !body.is_empty()) {
        refused(&harness, Code::InvalidJson, "POST", "/v1/patients", &[JSON], body.as_bytes()).await;
    }
    let deep = "[".repeat(65) + &"]".repeat(65);
    refused(&harness, Code::InvalidJson, "POST", "/v1/patients", &[JSON], deep.as_bytes()).await;
    harness.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn observe_counts_and_lets_pass() {
    let harness = Harness::with_policy(
        "guards: {url: {mode: observe}, browser: {mode: observe}, headers: {mode: observe}}",
    )
    .await;
    let answer = harness.send("GET", "/v1/patients?name=Marisol", &[("origin", "null")], b"").await;
    assert_eq!(answer.status, 200);
    assert_eq!(
        harness.metric("clinik_guard_refusals_total{code=\"PHI_IN_URL\",mode=\"observe\"}").await,
        1.0
    );
    assert_eq!(
        harness.metric("clinik_guard_refusals_total{code=\"BROWSER_NOT_ALLOWED\",mode=\"observe\"}").await,
        1.0
    );
    harness.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_passthrough_is_refused_in_fhir() {
    let harness = Harness::plain().await;
    let answer = harness.get("/v1/fhir/Patient?family=Quintanar").await;
    let value = json(&answer);
    assert_eq!(value["resourceType"], "OperationOutcome");
    assert_eq!(value["issue"][0]["severity"], "error");
    assert_eq!(answer.headers["content-type"], "application/fhir+json");
    harness.finish().await;
}

/// What is refused is told with the key of the policy, or the cause, in the answer and in the log.
#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_names_what_it_is_about() {
    let huge = "x".repeat(600);
    let closed = format!("https://127.0.0.1:{}", crate::commands::free_port());
    let body = format!("{{\"a\":\"{huge}\"}}");
    let named = r#"{"firstName":"A"}"#;
    for (policy, method, headers, body, code, at, said) in [
        (
            "guards: {caller: {tokens: [{name: a, file: DIR/token}]}}",
            "GET",
            vec![],
            "",
            "CALLER_NOT_ALLOWED",
            "guards.caller.tokens",
            "refused",
        ),
        (
            "guards: {caller: {tokens: [{name: a, file: DIR/token}]}}",
            "GET",
            vec![("x-api-key", "set-by-clinik-guard")],
            "",
            "CALLER_NOT_ALLOWED",
            "guards.caller.tokens",
            "refused",
        ),
        (
            "audit: {require_actor: true}",
            "GET",
            vec![],
            "",
            "ACTOR_REQUIRED",
            "guards.access.actor_header",
            "refused",
        ),
        (
            "guards: {body: {bytes_max: 500}}",
            "POST",
            vec![JSON],
            &body,
            "BODY_TOO_LARGE",
            "guards.body.bytes_max",
            "refused",
        ),
        (
            "compliance: {phi_on_test: refuse}",
            "POST",
            vec![JSON],
            named,
            "PHI_ON_TEST",
            "firstName",
            "refused",
        ),
        ("", "GET", vec![], "", "UPSTREAM_UNREACHABLE", "connect", "ClinikAPI gave no answer to pass on"),
    ] {
        let unreachable = code == "UPSTREAM_UNREACHABLE";
        let standin = clinik_guard::standin::Standin::start(Default::default()).await.unwrap();
        let instead = unreachable.then(|| (closed.clone(), standin.ca_pem().to_owned()));
        let (policy, audit) = match policy.strip_prefix("audit: {require_actor: true}") {
            Some(rest) => (rest, Some("sink: file, file: DIR/audit.jsonl, require_actor: true")),
            None => (policy, None),
        };
        let files = vec![("token", "a-synthetic-token-of-a-caller".to_owned())];
        let setup = Setup { policy, audit, instead, files, ..Setup::default() };
        let harness = Harness::in_front_of(standin, &setup);
        let answer = harness.send(method, "/v1/patients", &headers, body.as_bytes()).await;
        assert_eq!(crate::harness::code(&answer), code);
        assert!(text(&answer).contains(&format!("At: {at}")), "{}", text(&answer));
        let id = answer.headers["x-request-id"].to_str().unwrap().to_owned();
        let log = crate::harness::logs();
        let line = log.lines().rfind(|line| line.contains(&id) && line.contains(code)).unwrap();
        let line: serde_json::Value = serde_json::from_str(line).unwrap();
        assert_eq!(
            (&line["at"], &line["message"], &line["request_id"]),
            (&at.into(), &said.into(), &id.into()),
            "{line}"
        );
        harness.finish().await;
    }
}
