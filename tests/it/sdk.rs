//! Every request shape of the ClinikAPI SDK passes with harmless values.

use serde_json::Value;

use crate::harness::{Harness, text};

/// A harmless value for a parameter of the SDK.
fn value_of(name: &str) -> &'static str {
    match name {
        "count" => "20",
        "cursor" => "2",
        "active" => "true",
        "dateFrom" => "2026-01-01",
        "dateTo" => "2026-12-31",
        "_include" | "_revinclude" => "Observation%3Asubject",
        _ if name.ends_with("Id") => "5b0c1f1e-7a57-4d0e-9b5a-0f3f6a5b7c21",
        _ => "active",
    }
}

/// Parameters that are PHI whatever they hold; the SDK can only search for them in a URL.
const PHI: [&str; 11] = [
    "name",
    "email",
    "phone",
    "birthDate",
    "npi",
    "agent",
    "address",
    "date",
    "family",
    "birthdate",
    "identifier",
];

#[tokio::test(flavor = "multi_thread")]
async fn the_unmodified_sdk_is_served() {
    let text_of_file = include_str!("../data/clinikapi/sdk-requests.json");
    let file: Value = serde_json::from_str(text_of_file).unwrap();
    let harness = Harness::with_policy("limits: {operations: {bulk_per_hour: null}}").await;
    let mut served = 0;
    for shape in file["requests"].as_array().unwrap() {
        let (method, target) = (shape["method"].as_str().unwrap(), shape["target"].as_str().unwrap());
        // Search of the passthrough by POST, batches and encoded paths are experiments of the recording, not calls of the SDK.
        if target.contains("fhir")
            && (target.contains("_search") || target.ends_with("/fhir/") || target.contains("%50"))
        {
            continue;
        }
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let path = path.replace("{id}", "5b0c1f1e-7a57-4d0e-9b5a-0f3f6a5b7c21");
        let names =
            query.split('&').filter(|name| !name.is_empty()).map(|name| name.trim_end_matches(['=', '…']));
        let query: Vec<String> = names
            .filter(|name| !PHI.contains(name))
            .map(|name| format!("{name}={}", value_of(name)))
            .collect();
        let target = if query.is_empty() { path } else { format!("{path}?{}", query.join("&")) };
        let mut headers = vec![
            ("x-api-key", "placeholder"),
            ("accept", "application/fhir+json"),
            ("accept-language", "*"),
            ("sec-fetch-mode", "cors"),
            ("user-agent", "node"),
            ("accept-encoding", "gzip, deflate"),
        ];
        let body: &[u8] = match shape["contentType"].as_str() {
            Some(kind) => {
                headers.push(("content-type", kind));
                if kind.contains("json-patch") && target.contains("/fhir/") {
                    b"[]"
                } else {
                    b"{\"status\":\"active\"}"
                }
            }
            None => b"",
        };
        let answer = harness.send(method, &target, &headers, body).await;
        assert_eq!(harness.seen().len(), 1, "{method} {target}: {}", text(&answer));
        harness.standin.clear();
        served += 1;
    }
    assert!(served > 300, "{served}");
    harness.finish().await;
}
