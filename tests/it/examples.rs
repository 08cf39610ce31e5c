//! All recorded answers of the upstream, replayed through the guard, satisfy what their files expect.

use clinik_guard::standin::{Behaviour, Coding, examples};

use crate::harness::{Harness, text};

/// JSON text with its escapes undone and in lower case, as a person would read it.
fn decoded(body: &str) -> String {
    fn strings(value: &serde_json::Value, out: &mut String) {
        match value {
            serde_json::Value::String(text) => {
                out.push_str(text);
                out.push('\n');
            }
            serde_json::Value::Array(items) => items.iter().for_each(|item| strings(item, out)),
            serde_json::Value::Object(members) => members.iter().for_each(|(name, item)| {
                out.push_str(name);
                out.push('\n');
                strings(item, out);
            }),
            other => out.push_str(&other.to_string()),
        }
    }
    let mut out = String::new();
    match serde_json::from_str(body) {
        Ok(value) => strings(&value, &mut out),
        Err(_) => out.push_str(body),
    }
    out.to_lowercase()
}

async fn replay(harness: &Harness, example: &examples::Example, coding: Option<Coding>) {
    let headers = example.headers.clone();
    let behaviour = match coding {
        None => Behaviour::Example(example.id.clone()),
        Some(_) => Behaviour::Answer { status: example.status, headers, body: example.body.clone(), coding },
    };
    harness.script(behaviour);
    // The API refuses an overridden method on any path; this one is in the contract.
    let target = if example.id == "err-400-method-override" { "/v1/patients" } else { &example.target };
    let json = [("content-type", "application/json")];
    let (headers, body): (&[_], &[u8]) =
        if matches!(example.method.as_str(), "GET" | "DELETE") { (&[], b"") } else { (&json, b"{}") };
    let answer = harness.send(&example.method, target, headers, body).await;
    let id = &example.id;
    let body = text(&answer);
    let mut everything = body.clone();
    for (name, value) in &answer.headers {
        everything.push_str(&format!("\n{name}: {}", value.to_str().unwrap_or_default()));
    }
    for gone in &example.gone {
        assert!(!everything.contains(gone), "{id}: {gone} survived in {everything}");
    }
    for gone in &example.gone_decoded {
        assert!(!decoded(&body).contains(&gone.to_lowercase()), "{id}: {gone} survived, decoded");
    }
    for kept in &example.kept {
        assert!(body.contains(kept), "{id}: {kept} is lost from {body}");
    }
    assert!(!answer.status.is_redirection(), "{id}");
    assert!(answer.headers.contains_key("x-request-id"), "{id}");
    assert_eq!(answer.headers["cache-control"], "no-store", "{id}");
    if answer.status != 204 {
        assert!(serde_json::from_str::<serde_json::Value>(&body).is_ok(), "{id}: not JSON: {body}");
    }
    let status_kept = !matches!(example.status, 300..=399 | 401) && id != "gw-200-html";
    if status_kept {
        assert_eq!(answer.status.as_u16(), example.status, "{id}");
    }
    if !answer.status.is_success() && !body.contains("OperationOutcome") {
        for name in ["error", "message", "code", "requestId"] {
            assert!(crate::harness::json(&answer)[name].is_string(), "{id}: {name}");
        }
    }
}

/// Some of the recorded requests carry PHI in their URL; observed, they reach the upstream, and their values still have
/// to be removed from what it answers.
const UNLIMITED: &str = "limits: {operations: {bulk_per_hour: null}}\nguards: {url: {mode: observe}}";

#[tokio::test(flavor = "multi_thread")]
async fn every_example_satisfies_its_expectations() {
    let harness = Harness::with_policy(UNLIMITED).await;
    assert_eq!(examples::all().len(), 60);
    for example in examples::all() {
        // The quota examples make the guard answer locally from then on; they have a test of their own.
        if !example.id.contains("quota") || example.status == 200 {
            replay(&harness, example, None).await;
        }
    }
    harness.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_error_comes_out_of_every_coding() {
    let harness = Harness::with_policy(UNLIMITED).await;
    for coding in [Coding::Gzip, Coding::Deflate, Coding::RawDeflate, Coding::Br, Coding::Zstd] {
        let errors =
            examples::all().iter().filter(|example| example.status >= 400 && !example.id.contains("quota"));
        for example in errors {
            replay(&harness, example, Some(coding)).await;
        }
    }
    harness.finish().await;
}
