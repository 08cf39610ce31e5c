//! What the upstream gets: the key, the allowlisted headers, the target and the body; and nothing else.

use std::time::Duration;

use clinik_guard::standin::{STANDIN_KEY, StandinConfig};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::harness::{Harness, PATIENCE, Setup, code, json, logs};

#[tokio::test(flavor = "multi_thread")]
async fn only_what_is_allowed_travels_on() {
    let harness = Harness::plain().await;
    let headers = [
        ("x-api-key", "placeholder"),
        ("accept", "application/fhir+json"),
        ("content-type", "application/fhir+json"),
        ("authorization", "Bearer secret-synthetic"),
        ("cookie", "patient=Marisol"),
        ("x-patient-name", "Marisol Quintanar"),
        ("connection", "keep-alive, x-hop"),
        ("x-hop", "1"),
        ("te", "trailers"),
        ("prefer", "name=Marisol Quintanar-Abbott"),
        ("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"),
        ("x-forwarded-for", "198.51.100.7"),
        ("accept-encoding", "gzip"),
        ("sec-fetch-mode", "cors"),
        ("user-agent", "Marisol"),
    ];
    let answer = harness.send("POST", "/v1/patients", &headers, br#"{"firstName":"A","lastName":"B"}"#).await;
    assert_eq!(answer.status, 201);
    let seen = harness.seen();
    let mut names: Vec<&str> = seen[0].headers.keys().map(|name| name.as_str()).collect();
    names.sort_unstable();
    assert_eq!(
        names,
        [
            "accept",
            "accept-encoding",
            "content-length",
            "content-type",
            "host",
            "traceparent",
            "user-agent",
            "via",
            "x-api-key"
        ]
    );
    assert_eq!(seen[0].header("x-api-key"), Some(STANDIN_KEY));
    assert_eq!(seen[0].header("accept-encoding"), Some("identity"));
    assert_eq!(seen[0].header("via"), Some("1.1 clinik-guard"));
    assert_eq!(seen[0].body.as_ref(), br#"{"firstName":"A","lastName":"B"}"#);
    harness.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn targets_arrive_as_they_were_meant() {
    let harness = Harness::plain().await;
    for (sent, arrived) in [
        ("/v1/patients?count=2&cursor=3", "/v1/patients?count=2&cursor=3"),
        ("/v1/patients?_sort=a%2Cb&status=x+y", "/v1/patients?_sort=a%2Cb&status=x+y"),
        ("/v1/%70atients?count=1", "/v1/patients?count=1"),
        (
            "/v1/fhir/Observation?code=http://loinc.org|85354-9",
            "/v1/fhir/Observation?code=http://loinc.org|85354-9",
        ),
    ] {
        harness.standin.clear();
        harness.get(sent).await;
        assert_eq!(harness.seen()[0].target, arrived);
    }
    harness.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_to_the_upstream_are_reused() {
    let harness = Harness::plain().await;
    for _ in 0..10 {
        assert_eq!(harness.get("/v1/patients?count=1").await.status, 200);
    }
    assert_eq!(harness.standin.connections(), 1);
    harness.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn http2_when_the_policy_asks() {
    let harness = Harness::start(Setup { upstream: "http2: true", ..Setup::default() }).await;
    for _ in 0..3 {
        assert_eq!(harness.get("/v1/patients?count=1").await.status, 200);
    }
    let seen = harness.seen();
    assert_eq!(seen[0].version, http::Version::HTTP_2);
    assert_eq!(harness.standin.connections(), 1);
    harness.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn http1_is_the_default_although_the_upstream_offers_more() {
    let harness = Harness::plain().await;
    harness.get("/v1/patients?count=1").await;
    assert_eq!(harness.seen()[0].version, http::Version::HTTP_11);
    harness.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn plain_http_to_loopback_when_allowed() {
    let setup = Setup {
        upstream: "allow_plaintext_loopback: true",
        standin: Some(StandinConfig { tls: false, http2: false, ..StandinConfig::default() }),
        ..Setup::default()
    };
    let harness = Harness::start(setup).await;
    assert_eq!(harness.get("/v1/patients?count=1").await.status, 200);
    harness.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn long_bodies_stream_and_are_checked_on_the_way() {
    let harness = Harness::plain().await;
    let large = format!("{{\"content\":\"{}\"}}", "x".repeat(500_000));
    let answer = harness.post("/v1/notes", &large).await;
    assert!(answer.status.as_u16() != 413 && answer.status.as_u16() < 500, "{}", answer.status);
    assert_eq!(harness.seen()[0].body.len(), large.len());

    harness.standin.clear();
    let keyed = format!("{{\"content\":\"{} clk_live_SyntheticKey00\"}}", "x".repeat(500_000));
    assert_eq!(code(&harness.post("/v1/notes", &keyed).await), "KEY_IN_REQUEST");
    assert!(harness.seen().iter().all(|seen| !seen.complete), "the upstream never had a whole request");

    harness.standin.clear();
    let broken = format!("{{\"content\":\"{}\"", "x".repeat(500_000));
    assert_eq!(code(&harness.post("/v1/notes", &broken).await), "INVALID_JSON");
    assert!(harness.seen().iter().all(|seen| !seen.complete));
    harness.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chunked_body_over_the_limit_is_broken_off() {
    let harness = Harness::with_policy("guards: {body: {bytes_max: 200KiB}}").await;
    let mut stream = tokio::net::TcpStream::connect(harness.address()).await.unwrap();
    stream
        .write_all(b"POST /v1/notes HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n")
        .await
        .unwrap();
    let (mut read, mut write) = stream.into_split();
    let writer = tokio::spawn(async move {
        let chunk = format!("10000\r\n{}\r\n", "\"".to_owned() + &"a".repeat(0xffff));
        for _ in 0..8 {
            if write.write_all(chunk.as_bytes()).await.is_err() {
                break;
            }
        }
        write
    });
    let mut answer = Vec::new();
    let mut piece = [0; 4096];
    while !String::from_utf8_lossy(&answer).contains("BODY_TOO_LARGE")
        && !String::from_utf8_lossy(&answer).contains("INVALID_JSON")
    {
        let n = tokio::time::timeout(PATIENCE, read.read(&mut piece)).await.unwrap().unwrap();
        assert!(n > 0, "closed without a reply: {}", String::from_utf8_lossy(&answer));
        answer.extend_from_slice(&piece[..n]);
    }
    let _writer = writer.await.unwrap();
    assert!(harness.seen().iter().all(|seen| !seen.complete));
    harness.finish().await;
}

/// What the client sent is at fault: nobody is to be woken for an outage.
#[tokio::test(flavor = "multi_thread")]
async fn an_upload_that_the_guard_breaks_off_is_no_failure_of_the_upstream() {
    let harness = Harness::with_policy("guards: {body: {bytes_max: 400KiB}}").await;
    let broken = format!("{{\"content\":\"{}\"", "x".repeat(300_000));
    assert_eq!(code(&harness.post("/v1/immunizations", &broken).await), "INVALID_JSON");
    let large = format!("{{\"content\":\"{}\"}}", "x".repeat(500_000));
    let chunked = format!(
        "POST /v1/immunizations HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n\
         transfer-encoding: chunked\r\n\r\n{:x}\r\n{large}\r\n0\r\n\r\n",
        large.len()
    );
    let answer = harness.raw(chunked.as_bytes()).await;
    assert!(answer.starts_with("HTTP/1.1 413"), "{answer}");
    let (_, metrics) = harness.ops("/metrics").await;
    let failures = metrics.lines().filter(|line| line.starts_with("clinik_guard_upstream_failures_total"));
    let failures: Vec<_> = failures.filter(|line| !line.ends_with(" 0")).collect();
    assert!(failures.is_empty(), "{failures:?}");
    let warned = |line: &&str| line.contains("no answer from") && line.contains("/v1/immunizations");
    assert_eq!(logs().lines().find(warned), None);
    harness.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_comes_before_100_continue() {
    let harness = Harness::plain().await;
    let head = b"POST /v1/patients?name=Marisol HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 2\r\nexpect: 100-continue\r\n\r\n";
    let answer = harness.raw(head).await;
    assert!(answer.starts_with("HTTP/1.1 400") && !answer.contains("100 Continue"), "{answer}");
    harness.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn expect_100_continue_is_answered_and_not_forwarded() {
    let harness = Harness::plain().await;
    let mut stream = tokio::net::TcpStream::connect(harness.address()).await.unwrap();
    let head = b"POST /v1/patients HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: 2\r\nexpect: 100-continue\r\n\r\n";
    stream.write_all(head).await.unwrap();
    let mut interim = [0; 25];
    tokio::time::timeout(PATIENCE, stream.read_exact(&mut interim)).await.unwrap().unwrap();
    assert_eq!(&interim, b"HTTP/1.1 100 Continue\r\n\r\n");
    stream.write_all(b"{}").await.unwrap();
    let mut rest = String::new();
    tokio::time::timeout(PATIENCE, stream.read_to_string(&mut rest)).await.unwrap().unwrap();
    assert!(rest.starts_with("HTTP/1.1 4"), "{rest}");
    assert!(harness.seen()[0].header("expect").is_none());
    harness.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_large_answer_streams() {
    let harness = Harness::plain().await;
    harness.script(clinik_guard::standin::Behaviour::Large { status: 200, bytes: 3_000_000 });
    let answer = harness.get("/v1/patients").await;
    assert!(answer.body.len() >= 3_000_000);
    assert!(json(&answer).is_object() || json(&answer).is_array());
    harness.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_never_comes_ends_the_request() {
    let harness = Harness::start(Setup { listen: "body_timeout: 200ms", ..Setup::default() }).await;
    let started = std::time::Instant::now();
    let answer = harness
        .raw(b"POST /v1/patients HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 10\r\n\r\n{")
        .await;
    assert!(answer.starts_with("HTTP/1.1 408") && started.elapsed() < PATIENCE, "{answer}");
    assert!(harness.seen().is_empty());
    assert!(started.elapsed() >= Duration::from_millis(200));
    harness.finish().await;
}
