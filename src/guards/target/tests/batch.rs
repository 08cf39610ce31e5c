//! The requests in a batch.

use std::pin::pin;
use std::task::{Context, Poll, Waker};

use super::*;

/// What comes of a future that waits for nobody.
fn at_last<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    loop {
        if let Poll::Ready(done) = future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            return done;
        }
    }
}

#[test]
fn each_request_in_a_batch_is_judged_by_itself() {
    let mut policy = Policy::strict();
    policy.routes.fhir.types = vec!["Patient".to_string(), "Observation".to_string()];
    policy.routes.fhir.batch = true;
    let code = |policy: &Policy, body: &str| {
        let judged = at_last(policy.guard().batch(body.as_bytes(), &mut Observed::default()));
        judged.err().map(|refusal| refusal.code.as_str())
    };
    let entry = |policy: &Policy, method: &str, url: &str| {
        let request = serde_json::json!({"method": method, "url": url});
        let good = r#"{"fullUrl":"urn:uuid:1","request":{"method":"GET","url":"Patient/p1"}}"#;
        code(policy, &format!("{{\"resourceType\":\"Bundle\",\"entry\":[{good},{{\"request\":{request}}}]}}"))
    };
    for (method, url) in [
        ("GET", "Patient/p1"),
        ("HEAD", "/Patient/p1"),
        ("POST", "Observation"),
        ("DELETE", "Observation/5b0c1f1e-7a57-4d0e-9b5a-0f3f6a5b7c21"),
        ("GET", "Observation?subject=Patient%2Fpt_abc123&_count=2"),
        ("POST", "Patient/$validate"),
        ("GET", "metadata"),
    ] {
        assert_eq!(entry(&policy, method, url), None, "{method} {url}");
    }
    for (method, url, expected) in [
        ("GET", "Patient?family=Quintanar", "PHI_IN_URL"),
        ("GET", "Patient?family=Qu%2569ntanar", "PHI_IN_URL"),
        ("PUT", "Patient?identifier=219-09-1234", "PHI_IN_URL"),
        ("GET", "Patient/marisol.quintanar", "PHI_IN_URL"),
        ("GET", "Patient?_id=clk_live_abcdefgh12345678", "KEY_IN_REQUEST"),
        ("PUT", "Patient?active=true", "ROUTE_NOT_ALLOWED"),
        ("GET", "Account/1", "ROUTE_NOT_ALLOWED"),
        ("GET", "Patient/p1/_history", "ROUTE_NOT_ALLOWED"),
        ("POST", "Patient/$export", "ROUTE_NOT_ALLOWED"),
        ("POST", "Patient/_search", "ROUTE_NOT_ALLOWED"),
        ("POST", "/", "INVALID_TARGET"),
        ("POST", "", "INVALID_TARGET"),
        ("TRACE", "Patient/p1", "ROUTE_NOT_ALLOWED"),
        ("GET", "../patients", "INVALID_TARGET"),
        ("GET", "http://example.org/fhir/Patient/p1", "INVALID_TARGET"),
        ("GET", "Patient/p1#x", "INVALID_TARGET"),
        ("GET", "Patient/p1\n", "INVALID_TARGET"),
    ] {
        assert_eq!(entry(&policy, method, url), Some(expected), "{method} {url}");
    }
    let request = r#""request":{"method":"GET","url":"Patient/p1"}"#;
    let phi = r#""method":"GET","url":"Patient?family=Quintanar""#;
    for (body, expected) in [
        ("{\"resourceType\":\"Bundle\"}".to_owned(), None),
        ("{\"entry\":null}".to_owned(), None),
        (r#"{"entry":[{"resource":{"entry":[{"request":{"url":"?name=x"}}]}}]}"#.to_owned(), None),
        (format!("{{\"entry\":[{{{request},\"Request\":{{{phi}}}}}]}}"), Some("INVALID_JSON")),
        (r#"{"entry":[{"request":{"method":"GET","url":"a","url":"b"}}]}"#.to_owned(), Some("INVALID_JSON")),
        (r#"{"entry":[{"request":{"method":"GET","url":["Patient/p1"]}}]}"#.to_owned(), Some("INVALID_JSON")),
        (r#"{"entry":[{"request":{"url":"Patient/p1"}}]}"#.to_owned(), Some("INVALID_JSON")),
        (r#"{"entry":[{"request":"GET Patient/p1"}]}"#.to_owned(), Some("INVALID_JSON")),
        (r#"{"entry":["x"]}"#.to_owned(), Some("INVALID_JSON")),
        ("[]".to_owned(), Some("INVALID_JSON")),
        ("".to_owned(), Some("INVALID_JSON")),
        (format!("{{\"ENTRY\":{{\"request\":{{{phi}}}}}}}"), Some("PHI_IN_URL")),
        (format!("{{\"entry\":[],\"entry\":[{{\"request\":{{{phi}}}}}]}}"), Some("PHI_IN_URL")),
        (format!("{{\"entry\":[{}]}}", vec!["{}"; 1000].join(",")), None),
        (format!("{{\"entry\":[{}]}}", vec!["{}"; 1001].join(",")), Some("BODY_TOO_LARGE")),
    ] {
        assert_eq!(code(&policy, &body), expected, "{body}");
    }
    let if_none_exist = |query: &str| {
        format!(
            "{{\"entry\":[{{\"request\":{{\"method\":\"POST\",\"url\":\"Patient\",\"ifNoneExist\":\"{query}\"}}}}]}}"
        )
    };
    assert_eq!(code(&policy, &if_none_exist("active=true")), Some("ROUTE_NOT_ALLOWED"));
    policy.routes.fhir.conditional = true;
    assert_eq!(code(&policy, &if_none_exist("active=true")), None);
    assert_eq!(code(&policy, &if_none_exist("identifier=MRN-00482917")), Some("PHI_IN_URL"));
    policy.url.mode = Mode::Observe;
    let mut observed = Observed::default();
    let many = vec![format!("{{\"request\":{{{phi}}}}}"); 500].join(",");
    let body = format!("{{\"entry\":[{many}]}}");
    assert!(at_last(policy.guard().batch(body.as_bytes(), &mut observed)).is_ok());
    assert_eq!(observed.0.len(), 1);
}
