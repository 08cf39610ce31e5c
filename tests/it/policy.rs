//! The policy while the guard runs.

use crate::harness::{Harness, Setup, code};

#[tokio::test(flavor = "multi_thread")]
async fn a_good_reload_is_applied_and_a_bad_one_keeps_the_old_policy() {
    let harness = Harness::plain().await;
    assert_eq!(harness.get("/v1/patients?count=1").await.status, 200);
    harness
        .rewrite_policy(&Setup {
            policy: "guards: {routes: {deny: ['GET /v1/patients']}}",
            ..Setup::default()
        })
        .await;
    assert_eq!(code(&harness.get("/v1/patients?count=1").await), "ROUTE_NOT_ALLOWED");
    let before = harness.metric("clinik_guard_policy_reload_failures_total").await;
    harness.rewrite_policy(&Setup { policy: "gaurds: {}", ..Setup::default() }).await;
    assert_eq!(code(&harness.get("/v1/patients?count=1").await), "ROUTE_NOT_ALLOWED");
    assert_eq!(harness.metric("clinik_guard_policy_reload_failures_total").await, before + 1.0);
    harness.rewrite_policy(&Setup::default()).await;
    assert_eq!(harness.get("/v1/patients?count=1").await.status, 200);
    harness.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_exception_lets_named_parameters_pass_until_it_expires() {
    let exception = "guards: {url: {exceptions: [{name: legacy-search, route: GET /v1/patients, params: [name], reason: migration, expires: 2199-01-31}]}}";
    let harness = Harness::with_policy(exception).await;
    assert_eq!(harness.get("/v1/patients?name=Marisol").await.status, 200);
    assert_eq!(code(&harness.get("/v1/patients?email=marisol.q%40example.org").await), "PHI_IN_URL");
    assert_eq!(code(&harness.get("/v1/persons?name=Marisol").await), "PHI_IN_URL");
    assert_eq!(
        harness.metric("clinik_guard_policy_exceptions_used_total{exception=\"legacy-search\"}").await,
        1.0
    );
    let expired = "guards: {url: {exceptions: [{name: legacy-search, route: GET /v1/patients, params: [name], reason: migration, expires: 2020-01-31}]}}";
    harness.rewrite_policy(&Setup { policy: expired, ..Setup::default() }).await;
    assert_eq!(code(&harness.get("/v1/patients?name=Marisol").await), "PHI_IN_URL");
    harness.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn guards_that_are_off_do_not_look() {
    let off =
        "guards: {url: {mode: 'off'}, browser: {mode: 'off'}, body: {mode: 'off'}, headers: {mode: 'off'}}";
    let harness = Harness::with_policy(off).await;
    assert_eq!(harness.send("GET", "/v1/patients?name=A", &[("origin", "null")], b"").await.status, 200);
    harness.post("/v1/patients", "{\"not\":").await;
    assert_eq!(harness.seen().len(), 2);
    harness.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn own_rules_and_allowed_values_come_and_go_with_a_reload() {
    let harness = Harness::plain().await;
    let (badge, hotline) = ("/v1/patients/zq-17", "/v1/patients?email=desk%40example.org");
    assert_eq!(harness.get(badge).await.status, 404);
    assert_eq!(code(&harness.get(hotline).await), "PHI_IN_URL");
    let policy = "scrub: {rules: [{id: acme.badge, class: other-unique-id, pattern: '\\bzq-\\d+', must_match: [zq-1]}], \
                  allow: [{value: Desk@example.org, reason: the hotline}], places: {error: {classes_off: [email]}}}";
    harness.rewrite_policy(&Setup { policy, ..Setup::default() }).await;
    assert_eq!(code(&harness.get(badge).await), "PHI_IN_URL");
    assert_eq!(harness.get(hotline).await.status, 200);
    assert_eq!(code(&harness.get("/v1/patients?email=marisol.q%40example.org").await), "PHI_IN_URL");
    harness.rewrite_policy(&Setup::default()).await;
    assert_eq!(harness.get(badge).await.status, 404);
    harness.finish().await;
}
