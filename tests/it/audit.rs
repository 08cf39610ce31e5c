//! One line per exchange, whatever happens to it.

use clinik_guard::standin::Behaviour;
use tokio::io::AsyncWriteExt;

use crate::harness::{Harness, PATIENCE, Setup, code};

#[tokio::test(flavor = "multi_thread")]
async fn a_line_says_who_did_what_to_which_record() {
    let harness = Harness::plain().await;
    let id = "5b0c1f1e-7a57-4d0e-9b5a-0f3f6a5b7c21";
    harness.get(&format!("/v1/patients/{id}")).await;
    let line = &harness.audit()[0];
    for (member, value) in [
        ("caller", "loopback"),
        ("action", "R"),
        ("resource", "patients"),
        ("resource_id", id),
        ("method", "GET"),
        ("route", "/v1/patients/{id}"),
        ("outcome", "answered"),
    ] {
        assert_eq!(line[member], value, "{member}");
    }
    assert_eq!((line["status"].as_u64(), line["seq"].as_u64()), (Some(404), Some(2)));
    assert_eq!(line["key"].as_str().map(str::len), Some(8));
    assert!(
        line["upstream_request_id"].is_string() && line["time"].is_string() && line["duration_us"].is_u64()
    );
    harness.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_hangs_up_leaves_one_line() {
    let harness = Harness::plain().await;
    harness.script(Behaviour::NeverAnswer);
    let mut stream = tokio::net::TcpStream::connect(harness.address()).await.unwrap();
    stream.write_all(b"GET /v1/patients?count=1 HTTP/1.1\r\nhost: localhost\r\n\r\n").await.unwrap();
    harness.standin.wait_for(1).await;
    drop(stream);
    let written = async {
        while harness.audit().is_empty() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, written).await.unwrap();
    let audit = harness.audit();
    assert_eq!((audit.len(), audit[0]["outcome"].as_str()), (1, Some("client_gone")));
    harness.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_record_nothing_is_shown() {
    let harness = Harness::plain().await;
    harness.break_audit();
    let first = harness.get("/v1/patients?count=1").await;
    assert_eq!((first.status.as_u16(), code(&first).as_str()), (503, "AUDIT_UNAVAILABLE"));
    let seen = harness.seen().len();
    assert_eq!(seen, 1, "exactly one well-formed read");
    // From now on the trail is known to fail: nothing goes out any more, writes least of all.
    let second = harness.post("/v1/patients", "{}").await;
    assert_eq!((second.status.as_u16(), code(&second).as_str()), (503, "AUDIT_UNAVAILABLE"));
    assert_eq!(harness.seen().len(), seen);
    assert_eq!(harness.ops("/readyz").await.0, 503);
    assert!(harness.metric("clinik_guard_audit_failures_total").await >= 2.0);
    harness.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_whose_record_fails_is_of_unknown_outcome() {
    let harness = Harness::plain().await;
    harness.break_audit();
    let answer = harness.post("/v1/patients", r#"{"firstName":"A","lastName":"B"}"#).await;
    assert_eq!((answer.status.as_u16(), code(&answer).as_str()), (409, "OUTCOME_UNKNOWN"));
    harness.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disk_that_is_full_from_the_start_lets_nothing_through() {
    let harness =
        Harness::start(Setup { audit: Some("sink: file, file: /dev/full"), ..Setup::default() }).await;
    let answer = harness.get("/v1/patients?count=1").await;
    assert_eq!((answer.status.as_u16(), code(&answer).as_str()), (503, "AUDIT_UNAVAILABLE"));
    assert_eq!(harness.seen().len(), 0);
    harness.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_policy_may_prefer_service_over_records() {
    let setup =
        Setup { audit: Some("sink: file, file: /dev/full, on_failure: continue"), ..Setup::default() };
    let harness = Harness::start(setup).await;
    for _ in 0..3 {
        assert_eq!(harness.get("/v1/patients?count=1").await.status, 200);
    }
    harness.finish().await;
}
