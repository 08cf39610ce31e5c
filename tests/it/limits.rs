//! Budgets of ours, and the plan's quota once the upstream has said it is spent.

use clinik_guard::standin::Behaviour;

use crate::harness::{Harness, Setup, code};

#[tokio::test(flavor = "multi_thread")]
async fn the_budget_holds_n_requests() {
    let harness = Harness::with_policy("limits: {per_minute: 3}").await;
    for _ in 0..3 {
        assert_eq!(harness.get("/v1/patients?count=1").await.status, 200);
    }
    // Refused requests spend nothing and are not slowed down.
    assert_eq!(code(&harness.get("/v1/patients?name=Marisol").await), "PHI_IN_URL");
    let refused = harness.get("/v1/patients?count=1").await;
    assert_eq!((refused.status.as_u16(), code(&refused).as_str()), (429, "RATE_LIMITED"));
    assert!(crate::harness::text(&refused).contains("At: limits.per_minute."));
    let seconds: u64 = refused.headers["retry-after"].to_str().unwrap().parse().unwrap();
    assert!((1..=60).contains(&seconds));
    assert_eq!(refused.headers["x-ratelimit-limit"], "3");
    assert_eq!(refused.headers["x-ratelimit-remaining"], "0");
    assert_eq!(refused.headers["x-ratelimit-reset"], refused.headers["retry-after"]);
    assert_eq!(harness.seen().len(), 3);
    assert_eq!(harness.metric("clinik_guard_rate_limited_total{budget=\"global\"}").await, 1.0);
    harness.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn bulk_is_five_an_hour_by_default() {
    let harness = Harness::plain().await;
    for n in 0..6 {
        let answer = harness.post("/v1/bulk/export", r#"{"resourceTypes":["Patient"]}"#).await;
        assert_eq!(answer.status.as_u16(), if n < 5 { 202 } else { 429 });
    }
    assert_eq!(harness.seen().len(), 5);
    assert_eq!(harness.get("/v1/patients?count=1").await.status, 200);
    harness.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reload_keeps_what_is_spent_unless_the_quota_changed() {
    let spent = Setup { policy: "limits: {per_minute: 1}", ..Setup::default() };
    let harness = Harness::start(spent).await;
    assert_eq!(harness.get("/v1/patients?count=1").await.status, 200);
    let other = Setup { policy: "limits: {per_minute: 1}\nscrub: {regions: [us]}", ..Setup::default() };
    harness.rewrite_policy(&other).await;
    assert_eq!(harness.get("/v1/patients?count=1").await.status, 429);
    harness.rewrite_policy(&Setup { policy: "limits: {per_minute: 2}", ..Setup::default() }).await;
    assert_eq!(harness.get("/v1/patients?count=1").await.status, 200);
    harness.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_spent_quota_is_answered_here() {
    for (example, expected) in [
        ("err-429-monthly-quota", "MONTHLY_QUOTA_EXCEEDED"),
        ("err-429-sandbox-quota", "SANDBOX_QUOTA_EXCEEDED"),
    ] {
        let harness = Harness::plain().await;
        let example = clinik_guard::standin::examples::find(example).unwrap();
        let mut headers = example.headers.clone();
        // The recorded reset may lie in the past by the time the test runs.
        headers.retain(|(name, _)| !name.eq_ignore_ascii_case("x-quota-reset"));
        headers.push(("x-quota-reset".into(), "2199-01-01T00:00:00.000Z".into()));
        harness.script(Behaviour::Answer { status: 429, headers, body: example.body.clone(), coding: None });
        let first = harness.get("/v1/patients?count=1").await;
        assert_eq!((first.status.as_u16(), code(&first).as_str()), (429, expected));
        for _ in 0..3 {
            let local = harness.get("/v1/patients?count=1").await;
            assert_eq!((local.status.as_u16(), code(&local).as_str()), (429, expected));
            assert!(local.headers["retry-after"].to_str().unwrap().parse::<u64>().is_ok());
        }
        assert_eq!(harness.seen().len(), 1);
        harness.finish().await;
    }
}
