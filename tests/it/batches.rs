//! Batches, where the policy lets them pass: each of their requests is judged as one of its own.

use crate::harness::{Harness, code};

const FHIR: &[(&str, &str)] = &[("content-type", "application/fhir+json")];

fn bundle(method: &str, url: &str, pad: usize) -> String {
    format!(
        "{{\"resourceType\":\"Bundle\",\"type\":\"batch\",\"entry\":[{{\"resource\":{{\"note\":\"{}\"}},\
         \"request\":{{\"method\":\"{method}\",\"url\":\"{url}\"}}}}]}}",
        "x".repeat(pad)
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_batch_asks_for_is_judged_as_a_url_is() {
    let policy =
        "guards: {routes: {fhir: {batch: true, types: [Patient]}, deny: ['DELETE /v1/fhir/{path}']}}";
    let harness = Harness::with_policy(policy).await;
    for pad in [0, 100_000] {
        for (method, url, expected) in [
            ("GET", "Patient?family=Quintanar", "PHI_IN_URL"),
            ("GET", "Patient/219-09-1234", "PHI_IN_URL"),
            ("DELETE", "Patient/p1", "ROUTE_NOT_ALLOWED"),
            ("GET", "Observation/o1", "ROUTE_NOT_ALLOWED"),
            ("GET", "../patients", "INVALID_TARGET"),
        ] {
            let body = bundle(method, url, pad);
            let refused = harness.send("POST", "/v1/fhir/", FHIR, body.as_bytes()).await;
            assert_eq!(code(&refused), expected, "{method} {url}");
        }
    }
    assert!(harness.seen().is_empty());
    let body = bundle("GET", "Patient/p1", 100_000);
    harness.send("POST", "/v1/fhir/", FHIR, body.as_bytes()).await;
    assert_eq!(harness.seen().len(), 1);
    assert_eq!(harness.seen()[0].body_length, body.len() as u64);
    let body = bundle("GET", "Patient/p1", 1_100_000);
    assert_eq!(code(&harness.send("POST", "/v1/fhir/", FHIR, body.as_bytes()).await), "BODY_TOO_LARGE");
    assert_eq!(harness.audit()[0]["route"], "/v1/fhir");
    harness.finish().await;
}
