//! The way back: echoes of the request, headers, redirects, codings, sizes, the key.

use bytes::Bytes;
use clinik_guard::standin::{Behaviour, Coding, STANDIN_KEY};

use crate::harness::{Harness, code, json, text};

const PATIENT: &str = r#"{"firstName":"Marisol","lastName":"Quintanar-Abbott","birthDate":"1987-11-23","email":"marisol.q@example.org",
    "phone":"(512) 555-0147","address":{"line":["4417 Larkspur Bend"],"city":"Round Rock","postalCode":"78664"},
    "notes":"Zorblax syndrome, quite rare"}"#;

fn answer(status: u16, content_type: &str, body: &str) -> Behaviour {
    Behaviour::Answer {
        status,
        headers: vec![("content-type".into(), content_type.into())],
        body: Bytes::from(body.to_owned()),
        coding: None,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_the_request_carried_is_removed_from_the_error() {
    let harness = Harness::plain().await;
    for body in [
        r#"{"error":"Bad","message":"cannot save QUINTANAR-ABBOTT, marisol","code":"CONFLICT"}"#,
        r#"{"error":"Bad","message":"Abbott Quintanar? no: Marisol Quintanar-Abbott","code":"CONFLICT"}"#,
        r#"{"error":"Bad","message":"5125550147 at 4417 Larkspur Bend","code":"CONFLICT"}"#,
        r#"{"error":"Bad","message":"got Zorblax syndrome, quite rare for note","code":"CONFLICT"}"#,
    ] {
        harness.script(answer(422, "application/json", body));
        let scrubbed = text(&harness.post("/v1/patients", PATIENT).await).to_lowercase();
        for gone in ["quintanar", "marisol", "5125550147", "larkspur", "zorblax"] {
            assert!(!scrubbed.contains(gone), "{gone} in {scrubbed}");
        }
        assert!(scrubbed.contains("\"code\":\"conflict\""));
    }
    harness.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upstream_that_echoes_everything_gives_nothing_away() {
    let harness = Harness::plain().await;
    harness.script(Behaviour::EchoRequest);
    let echoed = harness.post("/v1/patients", PATIENT).await;
    assert_eq!(echoed.status, 400);
    let shown = text(&echoed);
    for gone in ["Marisol", "Quintanar", STANDIN_KEY, "1987-11-23", "Larkspur", "Zorblax"] {
        assert!(!shown.contains(gone), "{gone} in {shown}");
    }
    harness.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_key_is_removed_from_successes_too() {
    let harness = Harness::plain().await;
    let body = format!("{{\"data\":{{\"echo\":\"{STANDIN_KEY}\"}}}}");
    harness.script(answer(200, "application/json", &body));
    let passed = harness.get("/v1/patients").await;
    assert_eq!(passed.body.len(), body.len());
    assert!(!text(&passed).contains(STANDIN_KEY) && json(&passed)["data"]["echo"].is_string());
    harness.script(Behaviour::Answer {
        status: 200,
        headers: vec![
            ("content-type".into(), "application/json".into()),
            ("x-timestamp".into(), STANDIN_KEY.into()),
        ],
        body: Bytes::from_static(b"{}"),
        coding: None,
    });
    assert!(!harness.get("/v1/patients").await.headers.contains_key("x-timestamp"));
    harness.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn redirects_never_pass() {
    let harness = Harness::plain().await;
    harness.script(Behaviour::Redirect);
    let read = harness.get("/v1/patients").await;
    assert_eq!((read.status.as_u16(), code(&read).as_str()), (502, "UPSTREAM_INVALID"));
    assert!(!read.headers.contains_key("location"));
    harness.script(Behaviour::Redirect);
    let written = harness.post("/v1/patients", "{}").await;
    assert_eq!((written.status.as_u16(), code(&written).as_str()), (409, "OUTCOME_UNKNOWN"));
    harness.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_success_that_is_not_json_does_not_pass() {
    let harness = Harness::plain().await;
    harness.script(answer(200, "text/html", "<p>Please sign in, Marisol</p>"));
    assert_eq!(code(&harness.get("/v1/patients").await), "UPSTREAM_INVALID");
    harness.script(answer(200, "text/html", "<p>Please sign in, Marisol</p>"));
    assert_eq!(code(&harness.post("/v1/patients", "{}").await), "OUTCOME_UNKNOWN");
    harness.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn headers_pass_by_allowlist_and_shape() {
    let harness = Harness::with_policy("scrub: {response_headers: [x-debug-query]}").await;
    let headers = [
        ("content-type", "application/json"),
        ("x-ratelimit-remaining", "7"),
        ("x-quota-used", "Marisol"),
        ("x-debug-query", "birthDate=1987-11-23"),
        ("set-cookie", "AWSALB=abc"),
        ("server", "nginx"),
        ("retry-after", "Wed, 21 Oct 2026 07:28:00 GMT"),
    ];
    harness.script(Behaviour::Answer {
        status: 404,
        headers: headers.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect(),
        body: Bytes::from_static(b"{\"error\":\"Not Found\"}"),
        coding: None,
    });
    let answer = harness.get("/v1/patients").await;
    assert_eq!(answer.headers["x-ratelimit-remaining"], "7");
    for gone in ["set-cookie", "server", "x-quota-used", "retry-after"] {
        assert!(!answer.headers.contains_key(gone), "{gone}");
    }
    assert!(!answer.headers["x-debug-query"].to_str().unwrap().contains("1987"));
    assert_eq!(harness.metric("clinik_guard_upstream_ratelimit_remaining").await, 7.0);
    harness.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn errors_that_cannot_be_read_are_replaced() {
    let harness = Harness::with_policy("scrub: {error_bytes_max: 1KiB}").await;
    let long = format!("{{\"message\":\"Marisol {}\"}}", "x".repeat(2000));
    let broken = Behaviour::Answer {
        status: 500,
        headers: vec![
            ("content-type".into(), "application/json".into()),
            ("content-encoding".into(), "gzip".into()),
        ],
        body: Bytes::from_static(b"not gzip, Marisol"),
        coding: None,
    };
    let unknown = Behaviour::Answer {
        status: 500,
        headers: vec![
            ("content-type".into(), "application/json".into()),
            ("content-encoding".into(), "x-own".into()),
        ],
        body: Bytes::from_static(b"Marisol"),
        coding: None,
    };
    let bomb = Behaviour::Answer {
        status: 500,
        headers: vec![("content-type".into(), "application/json".into())],
        body: Bytes::from(vec![b' '; 400_000]),
        coding: Some(Coding::Gzip),
    };
    for behaviour in [
        answer(500, "application/json", &long),
        broken,
        unknown,
        bomb,
        Behaviour::TruncatedBody { status: 500 },
    ] {
        harness.script(behaviour);
        let answer = harness.get("/v1/patients").await;
        assert_eq!(answer.status, 500);
        assert!(json(&answer)["message"].as_str().unwrap().contains("500"), "{}", text(&answer));
        assert!(!text(&answer).contains("Marisol"));
    }
    harness.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn while_a_long_error_is_read_others_are_answered() {
    // One worker.
    let harness = Harness::plain().await;
    let line =
        "WARN intake: patient Marisol Quintanar-Abbott (DOB 1987-11-23, ssn 912-84-6713) not matched\n";
    let long = line.repeat(400);
    harness.script(answer(500, "text/plain", &long));
    let mut reading = Box::pin(harness.get("/v1/patients"));
    let another = async {
        while harness.seen().is_empty() {
            tokio::task::yield_now().await;
        }
        harness.get("/v1/patients?count=1").await
    };
    tokio::select! {
        biased;
        read = &mut reading => panic!("the other waited: {}", read.status),
        answered = another => assert_eq!(answered.status, 200),
    }
    let read = reading.await;
    assert_eq!(read.status, 500);
    for gone in ["Marisol", "Quintanar", "1987", "912-84"] {
        assert!(!text(&read).contains(gone), "{gone}");
    }
    assert!(harness.audit().iter().any(|line| line["redactions"].as_u64() > Some(1000)));
    harness.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_coded_error_may_be_no_longer_than_another() {
    let harness = Harness::with_policy("scrub: {error_bytes_max: 1KiB}").await;
    for (bytes, passes) in [(1024, true), (1025, false)] {
        let said = format!("{{\"message\":\"too {}\"}}", "x".repeat(bytes - 18));
        assert_eq!(said.len(), bytes);
        let mut coded = answer(500, "application/json", &said);
        if let Behaviour::Answer { coding, .. } = &mut coded {
            *coding = Some(Coding::Gzip);
        }
        harness.script(coded);
        assert_eq!(text(&harness.get("/v1/patients").await).contains("too xxx"), passes, "{bytes}");
    }
    harness.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn trailers_and_early_hints_do_not_pass() {
    let harness = Harness::plain().await;
    harness.script(Behaviour::Trailers);
    let raw = harness
        .raw(b"GET /v1/patients HTTP/1.1\r\nhost: localhost\r\nte: trailers\r\nconnection: close\r\n\r\n")
        .await;
    assert!(raw.starts_with("HTTP/1.1 200") && raw.ends_with("\r\n0\r\n\r\n"), "{raw}");
    harness.script(Behaviour::EarlyHints);
    let raw = harness.raw(b"GET /v1/patients HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n").await;
    assert!(raw.starts_with("HTTP/1.1 200"), "{raw}");
    harness.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn errors_inside_bulk_jobs_are_scrubbed() {
    let harness = Harness::plain().await;
    harness.script(Behaviour::Example("ok-bulk-job-errors-200".into()));
    let answer = harness.get("/v1/bulk/jobs/job_i90c").await;
    assert_eq!(answer.status, 200);
    let shown = text(&answer);
    assert!(
        shown.contains("line 2") && shown.contains("[REDACTED:") && !shown.contains("Marisol"),
        "{shown}"
    );
    assert!(harness.audit()[0]["redactions"].as_u64() > Some(3));
    harness.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_content_stays_empty_and_head_has_no_body() {
    let harness = Harness::plain().await;
    let created = json(&harness.post("/v1/patients", r#"{"firstName":"A","lastName":"B"}"#).await);
    let id = created["data"]["id"].as_str().unwrap().to_owned();
    let deleted = harness.send("DELETE", &format!("/v1/patients/{id}"), &[], b"").await;
    assert_eq!((deleted.status.as_u16(), deleted.body.len()), (204, 0));
    assert!(!deleted.headers.contains_key("content-length"));
    let head = harness.send("HEAD", "/v1/patients", &[], b"").await;
    assert!(head.status.is_success() && head.body.is_empty(), "{}", head.status);
    assert_eq!(harness.seen().last().unwrap().method, "HEAD");
    harness.finish().await;
}
