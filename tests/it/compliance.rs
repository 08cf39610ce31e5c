//! Agreements: which keys they allow, at the start and while running, and PHI where none covers it.

use clinik_guard::app::{App, Options};

use crate::harness::{Harness, Setup, capture, code, json, logs, text};

const LIVE_KEY: &str = "clk_live_synthetic00000000000000";
const BAA: &str = "compliance: {plan: pro, environment: production, baa: {signed_on: 2026-01-31, reference: BAA-2026-017, signed_by: J. Roe}}";
const PATIENT: &str = r#"{"firstName":"Marisol","lastName":"Quintanar","gender":"female","contact":[{"email":"marisol.q@example.org"}]}"#;

/// What the guard says when it does not start.
fn refused_start(compliance: &str, key: &str) -> String {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("policy.yaml");
    std::fs::write(dir.path().join("key"), key).unwrap();
    let text = format!(
        "listen: {{addresses: ['127.0.0.1:0']}}\nops: {{address: '127.0.0.1:0'}}\naudit: {{sink: file, file: {0}/audit.jsonl}}\n\
         credentials: {{current: {{file: {0}/key}}}}\n{compliance}\n",
        dir.path().display()
    );
    std::fs::write(&path, text).unwrap();
    let options = Options { policy: Some(path), read_env: |_| None, write_line: capture };
    let said = App::start(&options).err().expect("no start").to_string();
    assert!(!dir.path().join("audit.jsonl").exists(), "nothing was opened for a guard that does not run");
    said.replace(&dir.path().display().to_string(), "DIR")
}

#[test]
fn a_key_that_no_agreement_covers_ends_the_start() {
    let said = refused_start("", LIVE_KEY);
    for part in [
        "DIR/policy.yaml: credentials.current (file DIR/key)",
        "live key",
        "compliance: {baa: {signed_on: YYYY-MM-DD",
    ] {
        assert!(said.contains(part), "{part} in {said}");
    }
    let said = refused_start("compliance: {environment: production}", "clk_test_synthetic00000000000000");
    assert!(said.contains("test key") && said.contains("compliance.environment: production"), "{said}");
    let said = refused_start(
        "compliance: {baa: {signed_on: 2199-01-31, reference: A-1, signed_by: J. Roe}}",
        LIVE_KEY,
    );
    assert!(said.contains("policy.yaml:5:31: compliance.baa.signed_on: this day is still to come"), "{said}");
    for said in [said, refused_start("compliance: {plan: sandbox}", LIVE_KEY)] {
        assert!(!said.contains("synthetic"), "{said}");
    }
}

#[test]
fn without_a_policy_a_live_key_in_the_environment_ends_the_start_too() {
    let options = Options { policy: None, read_env: |_| Some(LIVE_KEY.to_owned()), write_line: capture };
    // Another test may have the default ports: either way there is no guard.
    let said = App::start(&options).err().expect("no start").to_string();
    let expected = "built-in defaults: credentials.current (variable CLINIKAPI_SECRET_KEY): is a live key";
    assert!(said.starts_with(expected) || said.starts_with("cannot listen"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn while_running_the_old_key_and_the_old_policy_stay() {
    let harness = Harness::plain().await;
    let fingerprint = |harness: &Harness| harness.audit().last().unwrap()["key"].clone();
    harness.get("/v1/patients?count=1").await;
    let first = fingerprint(&harness);

    // A live key arrives before there is an agreement.
    std::fs::write(harness.path("key"), LIVE_KEY).unwrap();
    harness.app().reload().await;
    assert_eq!(harness.metric("clinik_guard_key_reloads_total{result=\"failed\"}").await, 1.0);
    harness.get("/v1/patients?count=1").await;
    assert_eq!(fingerprint(&harness), first);

    // The agreement is written down, and the key that waited is taken in.
    harness.rewrite_policy(&Setup { policy: BAA, ..Setup::default() }).await;
    harness.get("/v1/patients?count=1").await;
    let second = fingerprint(&harness);
    assert_ne!(second, first);

    // Taking the agreement away again would leave the key without it.
    let before = harness.metric("clinik_guard_policy_reload_failures_total").await;
    harness.rewrite_policy(&Setup { policy: "limits: {per_minute: 1}", ..Setup::default() }).await;
    assert_eq!(harness.metric("clinik_guard_policy_reload_failures_total").await, before + 1.0);
    harness.get("/v1/patients?count=1").await;
    harness.get("/v1/patients?count=1").await;
    assert_eq!(fingerprint(&harness), second);
    assert!(logs().contains("records no business associate agreement"));

    // Until the test key is back: then the policy that waited comes into force.
    std::fs::write(harness.path("key"), clinik_guard::standin::STANDIN_KEY).unwrap();
    harness.app().reload().await;
    assert_eq!(harness.get("/v1/patients?count=1").await.status, 200);
    assert_eq!(fingerprint(&harness), first);
    assert_eq!(code(&harness.get("/v1/patients?count=1").await), "RATE_LIMITED");
    harness.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn phi_with_a_test_key_is_named_by_its_field_and_passes() {
    let harness = Harness::plain().await;
    assert_eq!(harness.post("/v1/patients", PATIENT).await.status, 201);
    for field in ["firstName", "lastName", "contact[].email"] {
        let series = format!("clinik_guard_phi_on_test_total{{field=\"{field}\",resource=\"patients\"}}");
        assert_eq!(harness.metric(&series).await, 1.0, "{field}");
    }
    assert_eq!(harness.audit()[0]["observed"], serde_json::json!(["PHI_ON_TEST"]));
    assert!(logs().contains("\"fields\":\"firstName lastName contact[].email\""));
    harness.post("/v1/patients/_search", r#"{"name":"Quintanar"}"#).await;
    let series = "clinik_guard_phi_on_test_total{field=\"name\",resource=\"patients\"}";
    assert_eq!(harness.metric(series).await, 1.0);
    harness.post("/v1/appointments", r#"{"patientId":"pt_1","start":"2026-11-23T09:00:00Z"}"#).await;
    assert!(harness.audit().last().unwrap()["observed"].is_null());
    harness.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn refused_phi_does_not_leave_the_guard() {
    let policy = "compliance: {phi_on_test: refuse}\nguards: {body: {held_bytes_max: 512}}";
    let harness = Harness::with_policy(policy).await;
    let answer = harness.post("/v1/patients", PATIENT).await;
    assert_eq!((answer.status.as_u16(), code(&answer).as_str()), (403, "PHI_ON_TEST"));
    let said = json(&answer)["message"].as_str().unwrap().to_owned();
    assert!(said.ends_with("At: firstName.") && !text(&answer).contains("Marisol"), "{said}");
    for (target, body) in [
        ("/v1/fhir/Patient", r#"{"resourceType":"Patient","birthDate":"1987-11-23"}"#),
        ("/v1/patients/_search", r#"{"name":"Quintanar"}"#),
    ] {
        assert_eq!(code(&harness.post(target, body).await), "PHI_ON_TEST", "{target}");
    }
    let form = [("content-type", "application/x-www-form-urlencoded")];
    let answer = harness.send("POST", "/v1/patients/_search", &form, b"count=1&name=Quintanar").await;
    assert_eq!(code(&answer), "PHI_ON_TEST");
    assert!(harness.seen().is_empty());

    // A body too long to be held is broken off before its end.
    let long = format!(r#"{{"gender":"female","x":"{}","lastName":"Quintanar"}}"#, "a".repeat(100_000));
    assert_eq!(code(&harness.post("/v1/patients", &long).await), "PHI_ON_TEST");
    assert!(harness.seen().iter().all(|seen| !seen.complete));
    assert_eq!(harness.get("/v1/patients?count=1").await.status, 200);
    harness.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn with_an_agreement_nobody_looks_into_bodies() {
    let harness =
        Harness::start(Setup { policy: BAA, files: vec![("key", LIVE_KEY.to_owned())], ..Setup::default() })
            .await;
    harness.post("/v1/patients", PATIENT).await;
    assert!(harness.audit()[0]["observed"].is_null() && harness.audit()[0]["upstream_status"] == 401);
    harness.finish().await;
}
