//! An upstream that fails: what was sent, what may have happened, what the client is told.

use clinik_guard::standin::{Behaviour, ServerCertificate, StandinConfig};

use crate::harness::{Harness, Setup, code};

async fn expect(harness: &Harness, behaviour: Behaviour, read: (u16, &str), write: (u16, &str)) {
    harness.script(behaviour.clone());
    let answer = harness.get("/v1/patients?count=1").await;
    assert_eq!((answer.status.as_u16(), code(&answer).as_str()), read);
    harness.script(behaviour);
    let answer = harness.post("/v1/patients", r#"{"firstName":"Marisol"}"#).await;
    assert_eq!((answer.status.as_u16(), code(&answer).as_str()), write);
}

#[tokio::test(flavor = "multi_thread")]
async fn garbage_and_silence() {
    let harness = Harness::start(Setup { upstream: "response_timeout: 300ms", ..Setup::default() }).await;
    expect(&harness, Behaviour::GarbageAnswer, (502, "UPSTREAM_INVALID"), (409, "OUTCOME_UNKNOWN")).await;
    expect(&harness, Behaviour::NeverAnswer, (504, "UPSTREAM_TIMEOUT"), (409, "OUTCOME_UNKNOWN")).await;
    harness.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_that_was_sent_is_sent_once() {
    let harness = Harness::plain().await;
    assert_eq!(harness.get("/v1/patients?count=1").await.status, 200);
    harness.standin.clear();
    harness.script(Behaviour::CloseBeforeAnswer);
    let answer = harness.post("/v1/patients", "{}").await;
    assert_eq!((answer.status.as_u16(), code(&answer).as_str()), (409, "OUTCOME_UNKNOWN"));
    assert_eq!(harness.seen().len(), 1);
    harness.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_read_on_a_dead_pooled_connection_is_tried_once_more() {
    let harness = Harness::plain().await;
    assert_eq!(harness.get("/v1/patients?count=1").await.status, 200);
    harness.standin.clear();
    harness.script(Behaviour::CloseBeforeAnswer);
    assert_eq!(harness.get("/v1/patients?count=1").await.status, 200);
    assert_eq!(harness.seen().len(), 2);
    harness.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_read_on_a_fresh_connection_is_not_tried_again() {
    let harness = Harness::plain().await;
    harness.script(Behaviour::CloseBeforeAnswer);
    let answer = harness.get("/v1/patients?count=1").await;
    assert_eq!((answer.status.as_u16(), code(&answer).as_str()), (502, "UPSTREAM_UNREACHABLE"));
    assert_eq!(harness.seen().len(), 1);
    harness.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_sent_is_unreachable_for_reads_and_writes() {
    let harness = Harness::start(Setup { upstream: "connect_timeout: 300ms", ..Setup::default() }).await;
    for behaviour in [Behaviour::ResetOnConnect, Behaviour::StallOnConnect] {
        expect(&harness, behaviour, (502, "UPSTREAM_UNREACHABLE"), (502, "UPSTREAM_UNREACHABLE")).await;
    }
    harness.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn certificates_are_verified() {
    for (certificate, cause) in [
        (ServerCertificate::Expired, "certificate_expired"),
        (ServerCertificate::OtherName, "certificate_name"),
        (ServerCertificate::OtherAuthority, "certificate_untrusted"),
    ] {
        let standin = StandinConfig { certificate, ..StandinConfig::default() };
        let harness = Harness::start(Setup { standin: Some(standin), ..Setup::default() }).await;
        let answer = harness.get("/v1/patients?count=1").await;
        assert_eq!((answer.status.as_u16(), code(&answer).as_str()), (502, "UPSTREAM_UNREACHABLE"));
        assert!(harness.seen().is_empty());
        let series = format!("clinik_guard_upstream_failures_total{{cause=\"{cause}\"}}");
        assert_eq!(harness.metric(&series).await, 1.0);
        harness.finish().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_breaks_off_breaks_the_client_off() {
    let harness = Harness::plain().await;
    harness.script(Behaviour::CloseMidBody { status: 200 });
    let raw = harness.raw(b"GET /v1/patients HTTP/1.1\r\nhost: localhost\r\n\r\n").await;
    // If it breaks off before the head has left, the client gets nothing at all.
    let (head, body) = raw.split_once("\r\n\r\n").unwrap_or_default();
    let announced = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "))
        .map(|n| n.parse::<usize>().unwrap());
    assert!(
        raw.is_empty() || announced.is_none_or(|announced| body.len() < announced),
        "a cut answer must not look whole"
    );
    harness.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_falls_silent_is_ended() {
    let harness = Harness::start(Setup { upstream: "body_idle_timeout: 200ms", ..Setup::default() }).await;
    harness.script(Behaviour::HangMidBody { status: 200 });
    let raw = harness.raw(b"GET /v1/patients HTTP/1.1\r\nhost: localhost\r\n\r\n").await;
    assert!(raw.starts_with("HTTP/1.1 200"));
    harness.script(Behaviour::HangMidBody { status: 500 });
    let answer = harness.get("/v1/patients?count=1").await;
    assert_eq!(answer.status, 500);
    harness.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn too_many_in_flight_are_turned_away() {
    let harness = Harness::start(Setup { listen: "requests_in_flight_max: 1", ..Setup::default() }).await;
    harness.script(Behaviour::NeverAnswer);
    let request = b"GET /v1/patients?count=1 HTTP/1.1\r\nhost: localhost\r\n\r\n";
    let mut first = tokio::net::TcpStream::connect(harness.address()).await.unwrap();
    tokio::io::AsyncWriteExt::write_all(&mut first, request).await.unwrap();
    harness.standin.wait_for(1).await;
    let second = harness.get("/v1/patients?count=1").await;
    assert_eq!((second.status.as_u16(), code(&second).as_str()), (503, "OVERLOADED"));
    assert_eq!(second.headers["retry-after"], "1");
    assert_eq!(harness.seen().len(), 1);
    drop(first);
    harness.finish().await;
}
