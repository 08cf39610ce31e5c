//! Searching without PHI in a URL: a body on this side, a query inside TLS on the other.

use crate::harness::{Harness, code, json, text};

const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");

#[tokio::test(flavor = "multi_thread")]
async fn the_body_becomes_the_query_of_a_get() {
    let harness = Harness::plain().await;
    harness
        .post(
            "/v1/patients",
            r#"{"firstName":"Marisol","lastName":"Quintanar-Abbott","email":"marisol.q@example.org"}"#,
        )
        .await;
    harness.standin.clear();
    let found = harness.post("/v1/patients/_search", r#"{"email":"marisol.q@example.org","count":5}"#).await;
    assert_eq!(found.status, 200, "{}", text(&found));
    assert_eq!(json(&found)["data"]["data"][0]["lastName"], "Quintanar-Abbott");
    let seen = harness.seen();
    assert_eq!(seen[0].method, "GET");
    assert!(
        seen[0].target.starts_with("/v1/patients?") && seen[0].target.contains("count=5"),
        "{}",
        seen[0].target
    );
    assert!(seen[0].body.is_empty() && seen[0].header("content-type").is_none());

    let found = harness.send("POST", "/v1/patients/_search", &[FORM], b"name=Quintanar-Abbott&count=5").await;
    assert_eq!(json(&found)["data"]["data"][0]["firstName"], "Marisol");
    let found = harness.send("POST", "/v1/fhir/Patient/_search", &[FORM], b"family=Quintanar-Abbott").await;
    assert_eq!(json(&found)["resourceType"], "Bundle");
    let last = harness.seen().pop().unwrap();
    assert_eq!(
        (last.method.as_str(), last.target.as_str()),
        ("GET", "/v1/fhir/Patient?family=Quintanar-Abbott")
    );
    // A search, on record as one: not as the POST to the collection, which would be a create.
    let told: Vec<[serde_json::Value; 3]> = harness.audit()[1..]
        .iter()
        .map(|line| ["action", "method", "route"].map(|member| line[member].clone()))
        .collect();
    let search = |route: &str| ["S", "POST", route].map(serde_json::Value::from);
    let simplified = search("/v1/patients/_search");
    assert_eq!(told, [simplified.clone(), simplified, search("/v1/fhir/Patient/_search")]);
    harness.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_searched_for_is_removed_from_errors() {
    let harness = Harness::plain().await;
    harness.script(clinik_guard::standin::Behaviour::EchoRequest);
    let answer = harness.post("/v1/patients/_search", r#"{"name":"Quintanar-Abbott"}"#).await;
    assert_eq!(answer.status, 400);
    assert!(!text(&answer).contains("Quintanar"), "{}", text(&answer));
    harness.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_searches_reach_nobody() {
    let harness = Harness::plain().await;
    let json_type = [("content-type", "application/json")];
    for (target, headers, body, expected) in [
        ("/v1/patients/_search?name=Marisol", &json_type[..], "{}", "PHI_IN_URL"),
        ("/v1/patients/_search", &json_type, "{\"name\":", "INVALID_JSON"),
        ("/v1/patients/_search", &json_type, "{\"name\":\"clk_live_SyntheticKey00\"}", "KEY_IN_REQUEST"),
        ("/v1/patients/_search", &[("content-type", "text/plain")], "name=Marisol", "UNSUPPORTED_MEDIA_TYPE"),
        ("/v1/nothing/_search", &json_type, "{}", "ROUTE_NOT_ALLOWED"),
    ] {
        let answer = harness.send("POST", target, headers, body.as_bytes()).await;
        assert_eq!(code(&answer), expected, "{target}");
        assert!(!text(&answer).contains("Marisol"));
    }
    assert!(harness.seen().is_empty());
    harness.finish().await;
}
