//! Writes whose outcome nobody knows, their blind repeats, and a bug in the middle of a request.

use std::sync::Once;

use serde_json::json;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use crate::harness::{Harness, PANIC_ROUTE, Setup, code, logs};
use crate::rogue::{Authority, Rogue, Step, server_tls};

const LOST: [Step; 3] = [Step::Handshake, Step::ReadRequest, Step::Close];
const NOTE: &str = r#"{"firstName":"Marisol","lastName":"Quintanar"}"#;

async fn start(setup: Setup) -> (Rogue, Harness) {
    let authority = Authority::new("synthetic root");
    let rogue = Rogue::start(server_tls(&authority.server(), None)).await;
    let instead = Some((rogue.url(), authority.pem()));
    // A connection for each request, so that each follows its own script.
    let upstream = if setup.upstream.is_empty() { "pool: {idle_max: 0}" } else { setup.upstream };
    let harness = Harness::start(Setup { instead, upstream, ..setup }).await;
    (rogue, harness)
}

async fn write(
    harness: &Harness,
    method: &str,
    target: &str,
    body: &str,
    more: &[(&str, &str)],
) -> (u16, String) {
    let headers = [&[("content-type", "application/json")], more].concat();
    let answer = harness.send(method, target, &headers, body.as_bytes()).await;
    let code = if answer.status.is_success() { String::new() } else { code(&answer) };
    (answer.status.as_u16(), code)
}

fn unknown() -> (u16, String) {
    (409, "OUTCOME_UNKNOWN".to_owned())
}

fn done() -> (u16, String) {
    (200, String::new())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_blind_repeat_of_a_lost_write_is_not_sent() {
    let (rogue, harness) = start(Setup::default()).await;
    rogue.script(LOST);
    assert_eq!(write(&harness, "POST", "/v1/patients", NOTE, &[]).await, unknown());
    for _ in 0..3 {
        assert_eq!(write(&harness, "POST", "/v1/patients", NOTE, &[]).await, unknown());
    }
    assert_eq!(rogue.requests(), 1);
    assert_eq!(write(&harness, "POST", "/v1/patients", r#"{"firstName":"Marisol"}"#, &[]).await, done());
    assert_eq!(write(&harness, "POST", "/v1/persons", NOTE, &[]).await, done());
    assert_eq!(harness.get("/v1/patients?count=1").await.status, 200);
    let reasons: Vec<_> = harness.audit().iter().map(|line| line["reason"].clone()).collect();
    assert_eq!(
        reasons[..5],
        [
            json!("OUTCOME_UNKNOWN"),
            json!("OUTCOME_UNKNOWN"),
            json!("OUTCOME_UNKNOWN"),
            json!("OUTCOME_UNKNOWN"),
            json!(null)
        ]
    );
    harness.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn writes_that_are_safe_to_repeat_are_repeated() {
    let (rogue, harness) = start(Setup::default()).await;
    for (method, target, more) in [
        ("DELETE", "/v1/patients/pt_1", &[][..]),
        ("PATCH", "/v1/patients/pt_1", &[("if-match", "\"3\"")][..]),
    ] {
        let body = if method == "PATCH" { NOTE } else { "" };
        rogue.script(LOST);
        assert_eq!(write(&harness, method, target, body, more).await, unknown(), "{method}");
        assert_eq!(write(&harness, method, target, body, more).await, done(), "{method}");
    }
    harness.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_memory_can_be_switched_off() {
    for policy in ["guards: {repeats: {mode: off}}", "guards: {repeats: {mode: observe}}"] {
        let (rogue, harness) = start(Setup { policy, ..Setup::default() }).await;
        rogue.script(LOST);
        assert_eq!(write(&harness, "POST", "/v1/patients", NOTE, &[]).await, unknown(), "{policy}");
        assert_eq!(write(&harness, "POST", "/v1/patients", NOTE, &[]).await, done(), "{policy}");
        harness.finish().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_that_never_left_may_be_sent_again() {
    let (rogue, harness) = start(Setup::default()).await;
    rogue.script([Step::Reset]);
    let refused = (502, "UPSTREAM_UNREACHABLE".to_owned());
    assert_eq!(write(&harness, "POST", "/v1/patients", NOTE, &[]).await, refused);
    assert_eq!(write(&harness, "POST", "/v1/patients", NOTE, &[]).await, done());
    harness.finish().await;
}

/// A client that gives up early does not know the outcome either, and is the likeliest to send the write again.
#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_hangs_up_leaves_an_unknown_outcome() {
    let (rogue, harness) = start(Setup::default()).await;
    rogue.script([Step::Handshake, Step::ReadRequest, Step::Hang]);
    let mut client = TcpStream::connect(harness.address()).await.unwrap();
    let head = "POST /v1/patients HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n";
    let request = format!("{head}content-length: {}\r\n\r\n{NOTE}", NOTE.len());
    client.write_all(request.as_bytes()).await.unwrap();
    rogue.asked(1).await;
    drop(client);
    harness.audited(1).await;
    assert_eq!(harness.audit()[0]["outcome"], "client_gone");
    assert_eq!(write(&harness, "POST", "/v1/patients", NOTE, &[]).await, unknown());
    assert_eq!(rogue.requests(), 1);
    harness.finish().await;
}

/// Panics of the guard's own threads go through its hook, those of tests through the usual one.
fn guard_hook() {
    static INSTALLED: Once = Once::new();
    INSTALLED.call_once(|| {
        let usual = std::panic::take_hook();
        clinik_guard::telemetry::install_panic_hook();
        let guards = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            let worker = std::thread::current().name().is_some_and(|name| name.starts_with("worker-"));
            if worker { guards(panic) } else { usual(panic) }
        }));
    });
}

#[tokio::test(flavor = "multi_thread")]
async fn a_panic_ends_one_request_and_says_nothing_of_it() {
    guard_hook();
    let (rogue, harness) = start(Setup::default()).await;
    let target = PANIC_ROUTE.replace("{id}", "apt_1");
    rogue.script([Step::Reset]);
    let read = harness.get(&target).await;
    assert_eq!((read.status.as_u16(), code(&read).as_str()), (500, "INTERNAL_ERROR"));
    rogue.script(LOST);
    assert_eq!(write(&harness, "PATCH", &target, "{}", &[]).await, unknown(), "it may have been carried out");
    assert_eq!(write(&harness, "PATCH", &target, "{}", &[]).await, unknown(), "and is remembered");
    assert_eq!(harness.get("/v1/patients?count=1").await.status, 200);

    assert_eq!(harness.metric("clinik_guard_panics_total").await, 2.0);
    let reasons: Vec<_> = harness.audit().iter().map(|line| line["reason"].clone()).collect();
    assert_eq!(
        reasons,
        [json!("INTERNAL_ERROR"), json!("OUTCOME_UNKNOWN"), json!("OUTCOME_UNKNOWN"), json!(null)]
    );
    assert!(logs().contains("a task panicked"), "where it happened is logged");
    harness.finish().await;
}
