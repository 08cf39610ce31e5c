//! Clients that are slow, too many, or gone, and a guard that is told to stop meanwhile.

use std::process::{Command, Stdio};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::commands::free_port;
use crate::harness::PATIENCE;
use crate::wiretap::{Reply, Wiretap, until_closed};

const GET: &[u8] = b"GET /v1/patients?count=1 HTTP/1.1\r\nhost: localhost\r\n\r\n";
const POST_HEAD: &str = "POST /v1/patients HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n";

/// `outcome reason` of audit lines.
fn outcomes(lines: &[serde_json::Value]) -> Vec<String> {
    let text = |value: &serde_json::Value| value.as_str().unwrap_or("-").to_owned();
    lines.iter().map(|line| format!("{} {}", text(&line["outcome"]), text(&line["reason"]))).collect()
}

/// Reads one answer of known content.
async fn answered(stream: &mut TcpStream) -> String {
    let mut came = Vec::new();
    let mut piece = [0; 4096];
    while !came.ends_with(b"}") {
        let n = tokio::time::timeout(PATIENCE, stream.read(&mut piece)).await.unwrap().unwrap();
        assert!(n > 0, "closed: {}", String::from_utf8_lossy(&came));
        came.extend_from_slice(&piece[..n]);
    }
    String::from_utf8(came).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_may_go_at_any_point_and_leaves_one_line_and_no_connection() {
    let mut tap = Wiretap::start("", "").await;
    let length = format!("{POST_HEAD}content-length: 100\r\n\r\n{{\"a\":");
    let large = format!("{POST_HEAD}content-length: 900000\r\n\r\n\"{}", "x".repeat(100_000));
    let chunk = format!("{POST_HEAD}transfer-encoding: chunked\r\n\r\n5\r\n{{\"a");
    for (phase, bytes, line) in [
        ("before a byte", &b""[..], None),
        ("inside the request line", b"GET /v1/pat", Some("refused MALFORMED_REQUEST")),
        ("inside the head", b"GET /v1/patients HTTP/1.1\r\nhost: lo", Some("refused MALFORMED_REQUEST")),
        ("inside a body that is held", length.as_bytes(), Some("refused BODY_INCOMPLETE")),
        ("inside a chunk", chunk.as_bytes(), Some("refused BODY_INCOMPLETE")),
        ("inside a body that streams", large.as_bytes(), Some("refused BODY_INCOMPLETE")),
    ] {
        let mut stream = tap.connect().await;
        stream.write_all(bytes).await.unwrap();
        drop(stream);
        let lines = tap.wait_for_audit(usize::from(line.is_some())).await;
        assert_eq!(outcomes(&lines), line.map(str::to_owned).as_slice(), "{phase}");
        tap.wait_for_connections(0).await;
        assert!(tap.take_requests().is_empty(), "{phase}");
    }

    tap.answer_next(Reply::Silence(Vec::new()));
    let mut stream = tap.connect().await;
    stream.write_all(GET).await.unwrap();
    tap.wait_for_requests(1).await;
    drop(stream);
    assert_eq!(outcomes(&tap.wait_for_audit(1).await), ["client_gone -"], "while the upstream works");

    let head =
        b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 900\r\n\r\n[{\"a\":".to_vec();
    tap.answer_next(Reply::Silence(head));
    let mut stream = tap.connect().await;
    stream.write_all(GET).await.unwrap();
    let mut piece = [0; 64];
    assert!(stream.read(&mut piece).await.unwrap() > 0);
    drop(stream);
    assert_eq!(outcomes(&tap.wait_for_audit(1).await), ["answered -"], "inside the answer");
    tap.wait_for_connections(0).await;

    let mut stream = tap.connect().await;
    stream.write_all(GET).await.unwrap();
    assert!(answered(&mut stream).await.starts_with("HTTP/1.1 200"));
    drop(stream);
    tap.wait_for_connections(0).await;
    assert!(tap.take_audit().len() == 1 && tap.app().service().metrics.requests_in_flight.get() == 0);
    tap.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_drain_ends_what_waits_and_finishes_what_was_asked() {
    let mut tap = Wiretap::start("", "").await;
    let (mut silent, mut halfway, mut idle, mut sending) =
        (tap.connect().await, tap.connect().await, tap.connect().await, tap.connect().await);
    halfway.write_all(b"GET /v1/patients HTTP/1.1\r\nhost: lo").await.unwrap();
    idle.write_all(GET).await.unwrap();
    answered(&mut idle).await;
    sending.write_all(format!("{POST_HEAD}content-length: 2\r\n\r\n").as_bytes()).await.unwrap();
    tap.wait_for_connections(4).await;
    while tap.app().service().metrics.requests_in_flight.get() < 1 {
        tokio::task::yield_now().await;
    }
    tap.app().drain().await;
    for (phase, stream) in [("silent", &mut silent), ("halfway", &mut halfway), ("idle", &mut idle)] {
        assert_eq!(until_closed(stream).await, "", "{phase}");
    }
    sending.write_all(b"{}").await.unwrap();
    let answer = until_closed(&mut sending).await;
    assert!(answer.starts_with("HTTP/1.1 201") && answer.contains("connection: close"), "{answer}");
    let lines = tap.wait_for_audit(2).await;
    assert_eq!(outcomes(&lines), ["answered -", "answered -"], "what was never asked leaves no line");
    tap.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_head_that_trickles_is_answered_408_and_an_idle_connection_closed() {
    let mut tap = Wiretap::start("", "header_timeout: 100ms, idle_timeout: 300ms").await;
    let slow = tap.raw(b"GET /v1/patients?count=1 HTTP/1.1\r\nhost: local").await;
    assert!(slow.starts_with("HTTP/1.1 408") && slow.contains("CLIENT_TIMEOUT"), "{slow}");
    let behind = tap.raw(&[GET, b"GET /v1/pat"].concat()).await;
    assert!(behind.starts_with("HTTP/1.1 200") && behind.contains("HTTP/1.1 408"), "{behind}");
    assert_eq!(tap.raw(b"").await, "", "nobody asked for anything");
    let idle = tap.raw(GET).await;
    assert!(idle.starts_with("HTTP/1.1 200") && idle.ends_with('}'), "{idle}");
    let expected = ["refused CLIENT_TIMEOUT", "answered -", "refused CLIENT_TIMEOUT", "answered -"];
    assert_eq!(outcomes(&tap.take_audit()), expected);
    tap.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_trickles_is_answered_408() {
    let mut tap = Wiretap::start("", "body_timeout: 100ms, body_rate_min: 1GiB").await;
    let held = tap.raw(format!("{POST_HEAD}content-length: 9\r\n\r\n{{").as_bytes()).await;
    assert!(held.starts_with("HTTP/1.1 408"), "{held}");
    let large = format!("{POST_HEAD}content-length: 900000\r\n\r\n\"{}", "x".repeat(100_000));
    let streamed = tap.raw(large.as_bytes()).await;
    assert!(streamed.starts_with("HTTP/1.1 408"), "{streamed}");
    assert_eq!(outcomes(&tap.take_audit()), ["refused CLIENT_TIMEOUT", "refused CLIENT_TIMEOUT"]);
    assert!(tap.take_requests().is_empty(), "no whole request ever arrives");
    tap.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_exchange_ends_in_time() {
    let mut tap = Wiretap::start("", "exchange_timeout: 200ms").await;
    for (request, expected) in [
        (String::from_utf8_lossy(GET).into_owned(), "504 Gateway Timeout"),
        (format!("{POST_HEAD}content-length: 2\r\n\r\n{{}}"), "409 Conflict"),
        (format!("{POST_HEAD}content-length: 9\r\n\r\n{{}}"), "408 Request Timeout"),
    ] {
        if !expected.starts_with("408") {
            tap.answer_next(Reply::Silence(Vec::new()));
        }
        let mut stream = tap.connect().await;
        stream.write_all(request.as_bytes()).await.unwrap();
        let answer = answered(&mut stream).await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {expected}")), "{answer}");
    }
    // An answer that never ends is cut; its head went out, and said how long it would be.
    let head =
        b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 900\r\n\r\n[{\"a\":".to_vec();
    tap.answer_next(Reply::Silence(head));
    let cut = tap.raw(GET).await;
    assert!(cut.starts_with("HTTP/1.1 200") && cut.ends_with("\n[{\"a\":"), "{cut}");
    let lines = outcomes(&tap.take_audit());
    assert_eq!(
        lines,
        ["refused UPSTREAM_TIMEOUT", "refused OUTCOME_UNKNOWN", "refused CLIENT_TIMEOUT", "answered -"]
    );
    tap.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_serves_n_requests() {
    let tap = Wiretap::start("", "requests_per_connection_max: 3").await;
    let mut stream = tap.connect().await;
    for _ in 0..2 {
        stream.write_all(GET).await.unwrap();
        assert!(!answered(&mut stream).await.contains("connection: close"));
    }
    stream.write_all(&[GET, GET].concat()).await.unwrap();
    let last = until_closed(&mut stream).await;
    assert!(last.contains("connection: close") && last.matches("HTTP/1.1").count() == 1, "{last}");
    assert_eq!(tap.take_requests().len(), 3);
    tap.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn n_connections_are_served_and_one_more_is_told_so_at_once() {
    for listen in ["connections_max: 2", "connections_per_peer_max: 2"] {
        let mut tap = Wiretap::start("", listen).await;
        let (mut first, mut second) = (tap.connect().await, tap.connect().await);
        for stream in [&mut first, &mut second] {
            stream.write_all(GET).await.unwrap();
            assert!(answered(stream).await.starts_with("HTTP/1.1 200"), "{listen}");
        }
        let refused = tap.raw(GET).await;
        assert!(refused.starts_with("HTTP/1.1 503") && refused.contains("\"OVERLOADED\""), "{refused}");
        drop(first);
        tap.wait_for_connections(1).await;
        let mut third = tap.connect().await;
        third.write_all(GET).await.unwrap();
        assert!(answered(&mut third).await.starts_with("HTTP/1.1 200"), "{listen}");
        assert_eq!(outcomes(&tap.take_audit()), ["answered -"; 3], "what is not read is not recorded");
        drop((second, third));
        tap.finish().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn fields_and_strings_at_n_and_one_more() {
    let tap = Wiretap::start("guards: {headers: {fields_max: 8}, body: {string_bytes_max: 64}}", "").await;
    let fields = |n: usize| {
        format!(
            "GET /v1/patients HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n{}\r\n",
            "x: y\r\n".repeat(n - 2)
        )
    };
    assert!(tap.raw(fields(8).as_bytes()).await.starts_with("HTTP/1.1 200"));
    let refused = tap.raw(fields(9).as_bytes()).await;
    assert!(
        refused.starts_with("HTTP/1.1 431") && refused.contains("guards.headers.fields_max"),
        "{refused}"
    );
    let body = |n: usize| {
        let body = format!("{{\"note\":\"{}\"}}", "a".repeat(n));
        format!("{POST_HEAD}connection: close\r\ncontent-length: {}\r\n\r\n{body}", body.len())
    };
    assert!(tap.raw(body(64).as_bytes()).await.starts_with("HTTP/1.1 201"));
    let refused = tap.raw(body(65).as_bytes()).await;
    assert!(refused.starts_with("HTTP/1.1 400") && refused.contains("INVALID_JSON"), "{refused}");
    tap.finish().await;
}

#[test]
fn without_file_descriptors_the_guard_waits_and_then_serves_on() {
    let dir = tempfile::tempdir().unwrap();
    let policy = dir.path().join("policy.yaml");
    let port = free_port();
    let text = format!(
        "listen: {{addresses: ['127.0.0.1:{port}'], workers: 1}}\nops: {{address: null}}\naudit: {{sink: off}}\n"
    );
    std::fs::write(&policy, text).unwrap();
    let script =
        format!("ulimit -n 40; exec '{}' run -c '{}'", env!("CARGO_BIN_EXE_clinik-guard"), policy.display());
    let mut child = Command::new("sh")
        .args(["-c", &script])
        .env_remove("CLINIKAPI_SECRET_KEY")
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let connect = || TcpStream::connect(("127.0.0.1", port));
        let started = async {
            while connect().await.is_err() {
                tokio::time::sleep(std::time::Duration::from_millis(5)).await;
            }
        };
        tokio::time::timeout(PATIENCE, started).await.unwrap();
        let mut streams = Vec::new();
        for _ in 0..80 {
            streams.push(connect().await.unwrap());
        }
        // Those that found a descriptor are served while the others wait.
        streams[0].write_all(GET).await.unwrap();
        assert!(answered(&mut streams[0]).await.starts_with("HTTP/1.1 403"));
        let mut waiting = streams.pop().unwrap();
        drop(streams);
        waiting.write_all(GET).await.unwrap();
        assert!(answered(&mut waiting).await.starts_with("HTTP/1.1 403"), "its turn came");
    });
    child.kill().unwrap();
    let output = child.wait_with_output().unwrap();
    let logs = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!logs.contains("panic"), "{logs}");
}
