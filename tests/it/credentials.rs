//! The key: injected, rotated, tried in turn, and never let go.

use clinik_guard::standin::STANDIN_KEY;

use crate::harness::{Harness, NEXT_KEY, Setup, code, json, text};

#[tokio::test(flavor = "multi_thread")]
async fn a_rotated_key_file_is_used_without_a_restart() {
    let harness = Harness::plain().await;
    harness.standin.set_keys(vec![NEXT_KEY.to_owned()]);
    assert_eq!(code(&harness.get("/v1/patients?count=1").await), "UPSTREAM_KEY_REJECTED");
    std::fs::write(harness.path("key"), format!("{NEXT_KEY}\n")).unwrap();
    harness.app().reload().await;
    assert_eq!(harness.get("/v1/patients?count=1").await.status, 200);
    assert_eq!(harness.metric("clinik_guard_key_reloads_total{result=\"changed\"}").await, 2.0);
    harness.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_key_is_the_guards_fault_and_says_why() {
    let harness = Harness::plain().await;
    harness.standin.set_keys(vec![NEXT_KEY.to_owned()]);
    let answer = harness.get("/v1/patients?count=1").await;
    assert_eq!((answer.status.as_u16(), code(&answer).as_str()), (403, "UPSTREAM_KEY_REJECTED"));
    assert!(text(&answer).contains("KEY_REVOKED") && !text(&answer).contains(STANDIN_KEY));
    assert_eq!(harness.audit()[0]["upstream_status"], 401);
    harness.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn with_two_keys_mounted_a_rotation_is_not_noticed() {
    let setup = Setup { credentials: "next: {file: DIR/next}", ..Setup::default() };
    let harness = Harness::start(setup).await;
    std::fs::write(harness.path("next"), NEXT_KEY).unwrap();
    harness.app().reload().await;
    harness.standin.set_keys(vec![NEXT_KEY.to_owned()]);
    harness.standin.clear();
    assert_eq!(harness.get("/v1/patients?count=1").await.status, 200);
    let keys: Vec<_> =
        harness.seen().iter().map(|seen| seen.header("x-api-key").map(str::to_owned)).collect();
    assert_eq!(keys, [Some(STANDIN_KEY.to_owned()), Some(NEXT_KEY.to_owned())]);
    // The key that worked is the first one from then on, so writes work as well.
    harness.standin.clear();
    assert_eq!(harness.post("/v1/patients", r#"{"firstName":"A","lastName":"B"}"#).await.status, 201);
    assert_eq!(harness.seen().len(), 1);
    harness.standin.set_keys(vec!["clk_test_another".to_owned()]);
    assert_eq!(code(&harness.get("/v1/patients?count=1").await), "UPSTREAM_KEY_REJECTED");
    harness.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_is_not_tried_with_a_second_key() {
    let setup = Setup { credentials: "next: {file: DIR/next}", ..Setup::default() };
    let harness = Harness::start(setup).await;
    std::fs::write(harness.path("next"), NEXT_KEY).unwrap();
    harness.app().reload().await;
    harness.standin.set_keys(vec![NEXT_KEY.to_owned()]);
    assert_eq!(code(&harness.post("/v1/patients", "{}").await), "UPSTREAM_KEY_REJECTED");
    assert_eq!(harness.seen().len(), 1);
    harness.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_key_the_guard_lives_but_is_not_ready() {
    let policy = "compliance: {baa: {signed_on: 2026-01-31, reference: A-1, signed_by: J. Roe}}";
    let credentials = "environment: live, current: {file: DIR/still-to-come}";
    let setup = Setup { policy, credentials, no_current_key: true, ..Setup::default() };
    let harness = Harness::start(setup).await;
    assert_eq!(harness.ops("/livez").await.0, 200);
    let (status, reason) = harness.ops("/readyz").await;
    assert!(status == 503 && reason.contains("credentials.current"), "{reason}");
    let answer = harness.get("/v1/patients?count=1").await;
    assert_eq!((answer.status.as_u16(), code(&answer).as_str()), (403, "UPSTREAM_KEY_REJECTED"));
    assert!(json(&answer)["message"].as_str().unwrap().contains("credentials.current"));
    assert!(harness.seen().is_empty());

    std::fs::write(harness.path("still-to-come"), "clk_live_synthetic00000000000000").unwrap();
    harness.app().reload().await;
    assert_eq!(harness.ops("/readyz").await.0, 200);
    harness.finish().await;
}
