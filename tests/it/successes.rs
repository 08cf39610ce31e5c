//! Successful answers that say something else than a record: errors in disguise, codings nobody asked for, no JSON at all.

use bytes::Bytes;
use clinik_guard::standin::{Behaviour, Coding, STANDIN_KEY};

use crate::harness::{Harness, code, json, text};

const QUOTE: &str =
    "no patient Marisol Quintanar-Abbott, ssn 219-09-1234, born 1987-11-23, marisol.q@example.org";
const GONE: [&str; 5] = ["Marisol", "Quintanar", "219-09-1234", "1987-11-23", "marisol.q"];

fn success(status: u16, body: impl Into<Bytes>, coding: Option<Coding>) -> Behaviour {
    let headers = vec![("content-type".to_owned(), "application/json".to_owned())];
    Behaviour::Answer { status, headers, body: body.into(), coding }
}

fn outcome() -> String {
    format!(
        "{{\"resourceType\":\"OperationOutcome\",\"text\":{{\"status\":\"generated\",\"div\":\"<div>{QUOTE}</div>\"}},\
         \"issue\":[{{\"severity\":\"error\",\"code\":\"invalid\",\"diagnostics\":\"{QUOTE}\",\"expression\":[\"Patient.name\"]}}]}}"
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn an_error_that_calls_itself_a_success_is_scrubbed() {
    let harness = Harness::plain().await;
    let outcome = outcome();
    let bodies = [
        outcome.clone(),
        format!("\u{feff}{outcome}"),
        format!("{{\"data\":{outcome},\"meta\":{{\"requestId\":\"req_1\"}}}}"),
        format!(
            "{{\"id\":\"x\",\"issue\":[{{\"severity\":\"error\",\"diagnostics\":\"{QUOTE}\"}}],\"resourceType\":\"OperationOutcome\"}}"
        ),
        format!("{{\"error\":\"Bad\",\"message\":\"{QUOTE}\",\"code\":\"VALIDATION_ERROR\"}}"),
        format!("{{\"success\":false,\"message\":\"{QUOTE}\"}}"),
        format!(
            "{{\"success\":false,\"code\":\"X\",\"field\":\"name\",\"failures\":[{{\"value\":\"{QUOTE}\"}}]}}"
        ),
        format!("{{\"data\":{{\"success\":false,\"message\":\"{QUOTE}\"}}}}"),
        format!("{{\"data\":{{\"status\":422,\"errors\":[\"{QUOTE}\"]}},\"meta\":{{}}}}"),
        format!("{{\"type\":\"about:blank\",\"title\":\"Invalid\",\"status\":422,\"detail\":\"{QUOTE}\"}}"),
        format!("{{\"data\":null,\"errors\":[{{\"message\":\"{QUOTE}\",\"path\":[\"name\"]}}]}}"),
        format!("{{\"status\":\"error\",\"message\":\"{QUOTE}\"}}"),
        format!("{{\"status\":\"fail\",\"data\":{{\"email\":\"{QUOTE}\"}}}}"),
        format!("{{\"ok\":false,\"error\":\"{QUOTE}\"}}"),
        format!("{{\"success\":false,\"error\":{{\"message\":\"{QUOTE}\"}},\"data\":null}}"),
        format!("{{\"errors\":[{{\"message\":\"{QUOTE}\"}}],\"data\":{{\"patient\":null}}}}"),
        format!("{{\"success\":false,\"message\":\"{QUOTE}\",\"data\":{{\"id\":\"p1\"}}}}"),
        format!(
            "{{\"error\":{{\"firstName\":\"Marisol\",\"lastName\":\"Quintanar\"}},\"pad\":\"{}\"}}",
            "x".repeat(100_000)
        ),
    ];
    for body in bodies {
        for (method, status) in [("GET", 200), ("POST", 201)] {
            harness.script(success(status, body.clone(), None));
            let target = if method == "GET" { "/v1/patients?count=1" } else { "/v1/patients" };
            let headers: &[(&str, &str)] =
                if method == "GET" { &[] } else { &[("content-type", "application/json")] };
            let sent: &[u8] = if method == "GET" { b"" } else { b"{}" };
            let shown = harness.send(method, target, headers, sent).await;
            assert_eq!(shown.status, status);
            let shown = json(&shown).to_string();
            assert!(!GONE.iter().any(|gone| shown.contains(gone)), "{shown}");
        }
    }
    // Whatever members a problem has.
    harness.script(Behaviour::Answer {
        status: 200,
        headers: vec![("content-type".to_owned(), "application/problem+json; charset=utf-8".to_owned())],
        body: format!("{{\"title\":\"Invalid\",\"reason\":\"{QUOTE}\",\"data\":[1]}}").into(),
        coding: None,
    });
    let shown = text(&harness.get("/v1/patients?count=1").await);
    assert!(shown.contains("Invalid") && !GONE.iter().any(|gone| shown.contains(gone)), "{shown}");
    harness.script(success(200, outcome, None));
    let shown = json(&harness.get("/v1/fhir/Patient/p1").await);
    assert_eq!(shown["issue"][0]["severity"], "error");
    assert_eq!(shown["issue"][0]["code"], "invalid");
    assert_eq!(shown["issue"][0]["expression"][0], "Patient.name");
    assert_eq!(harness.audit().last().unwrap()["status"], 200);
    assert!(harness.audit().last().unwrap()["redactions"].as_u64().unwrap() >= 4);
    harness.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_request_carried_is_found_again_in_an_outcome() {
    let harness = Harness::plain().await;
    let body = r#"{"resourceType":"Patient","name":[{"family":"Zzyzx"}]}"#;
    let said = r#"{"resourceType":"OperationOutcome","issue":[{"severity":"warning","diagnostics":"Zzyzx is odd"}]}"#;
    let headers = [("content-type", "application/fhir+json")];
    harness.script(success(200, said, None));
    let shown = harness.send("POST", "/v1/fhir/Patient/$validate", &headers, body.as_bytes()).await;
    assert_eq!(shown.status, 200);
    assert_eq!(json(&shown)["issue"][0]["severity"], "warning");
    assert!(!text(&shown).contains("Zzyzx"), "{}", text(&shown));
    // Of a body too long for its copy nobody can say what it carried.
    let long = format!("{{\"name\":[{{\"family\":\"Zzyzx\"}}],\"pad\":\"{}\"}}", "x".repeat(400_000));
    harness.script(success(200, said, None));
    let shown = harness.send("POST", "/v1/fhir/Patient/$validate", &headers, long.as_bytes()).await;
    assert_eq!(shown.status, 200);
    assert_eq!(json(&shown)["resourceType"], "OperationOutcome");
    assert!(!text(&shown).contains("Zzyzx"), "{}", text(&shown));
    harness.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn records_stay_as_they_are() {
    let harness = Harness::plain().await;
    for body in [
        r#"{ "data" : {"id":"p1","fullName":"Marisol Quintanar","error":"none of ours"} }"#.to_owned(),
        r#"{"resourceType":"Patient","name":[{"family":"Quintanar"}],"issue":[1.50]}"#.to_owned(),
        r#"{"error":null,"data":{"fullName":"Marisol Quintanar"}}"#.to_owned(),
        r#"{"errors":["one row"],"data":{"fullName":"Marisol Quintanar"}}"#.to_owned(),
        r#"{"success":false, "message":"1 row failed", "data":{"fullName":"Marisol Quintanar", "n":1.50}}"#
            .to_owned(),
        r#"{"status":"error","address":"https://example.org/x","name":"Marisol Quintanar"}"#.to_owned(),
        r#"{"id":"e1","status":"error","message":"Marisol Quintanar"}"#.to_owned(),
        r#"[{"fullName":"Marisol Quintanar"}]"#.to_owned(),
        r#"{"id":"d1","statusCode":502,"note":"Marisol Quintanar"}"#.to_owned(),
        format!(
            "{{\"meta\":{{\"note\":\"{}\"}},\"data\":{{\"fullName\":\"Marisol\"}}}}",
            "\\u0061".repeat(30_000)
        ),
    ] {
        harness.script(success(200, body.clone(), None));
        assert_eq!(text(&harness.get("/v1/patients?count=1").await), body);
    }
    harness.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_record_with_a_remark_stays_and_a_long_error_does_not() {
    let harness = Harness::plain().await;
    let pad = "y".repeat(300_000);
    let json: &[(&str, &str)] = &[("content-type", "application/json")];
    for coding in [None, Some(Coding::Gzip)] {
        for record in [
            format!("{{\"errors\":[\"one row skipped\"],\"data\":[{{\"id\":\"p1\",\"x\":\"{pad}\"}}]}}"),
            format!(
                "{{\"data\":{{\"id\":\"wh1\",\"status\":\"failed\",\"error\":\"timeout\",\"x\":\"{pad}\"}}}}"
            ),
        ] {
            harness.script(success(200, record.clone(), coding));
            assert_eq!(text(&harness.get("/v1/patients?count=1").await), record, "{coding:?}");
            harness.script(success(201, record.clone(), coding));
            assert_eq!(text(&harness.send("POST", "/v1/patients", json, b"{}").await), record);
        }
        for length in [60_000, 100_000, 150_000, 200_000] {
            let pad = "z".repeat(length);
            let said = format!("{{\"message\":\"no patient Marisol Quintanar {pad}\",\"error\":\"Bad\"}}");
            harness.script(success(200, said.clone(), coding));
            assert!(!text(&harness.get("/v1/patients?count=1").await).contains("Quintanar"), "{length}");
            harness.script(success(200, said, coding));
            let shown = harness.send("POST", "/v1/patients", json, b"{}").await;
            assert!(!text(&shown).contains("Quintanar"), "{length}");
        }
        harness.script(success(201, "", coding));
        // Another body: the guard holds a write back whose like has an unknown outcome.
        let body = format!("{{\"notes\":\"{coding:?}\"}}");
        assert_eq!(
            code(&harness.send("POST", "/v1/patients", json, body.as_bytes()).await),
            "OUTCOME_UNKNOWN"
        );
    }
    harness.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_error_in_disguise_may_be_as_long_as_any_error() {
    let harness = Harness::with_policy("scrub: {error_bytes_max: 4KiB}").await;
    for coding in [None, Some(Coding::Gzip)] {
        for (bytes, kept) in [(4096, true), (4097, false), (300_000, false)] {
            let (before, after) =
                ("{\"resourceType\":\"OperationOutcome\",\"issue\":[{\"code\":\"invalid\",\"x\":\"", "\"}]}");
            let pad = "y".repeat(bytes - before.len() - after.len());
            harness.script(success(200, format!("{before}{pad}{after}"), coding));
            let shown = harness.get("/v1/fhir/Patient/p1").await;
            assert_eq!(shown.status, 200);
            assert_eq!(json(&shown)["resourceType"], "OperationOutcome");
            assert_eq!(text(&shown).contains("yyyy"), kept, "{bytes} {coding:?}");
        }
        // A record may be longer.
        let record = format!("{{\"resourceType\":\"Patient\",\"x\":\"{}\"}}", "y".repeat(300_000));
        harness.script(success(200, record.clone(), coding));
        assert_eq!(text(&harness.get("/v1/fhir/Patient/p1").await), record);
    }
    harness.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_error_in_disguise_that_breaks_off_is_no_answer() {
    let harness = Harness::plain().await;
    for begun in
        ["{\"resourceType\":\"OperationOutcome\",\"issue\":[{\"diagnostics\":\"Marisol", "{\"da", "{"]
    {
        let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 200\r\n\r\n";
        harness.script(Behaviour::Raw(Bytes::from(format!("{head}{begun}"))));
        assert_eq!(code(&harness.get("/v1/patients?count=1").await), "UPSTREAM_INVALID", "{begun}");
    }
    harness.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_success_in_a_coding_nobody_asked_for_hides_no_key() {
    let harness = Harness::plain().await;
    let body = format!("{{\"data\":{{\"note\":\"key {STANDIN_KEY}\",\"fullName\":\"Marisol Quintanar\"}}}}");
    for coding in [Coding::Gzip, Coding::Deflate, Coding::RawDeflate, Coding::Br, Coding::Zstd] {
        for (method, sent) in [("GET", &b""[..]), ("POST", b"{}")] {
            harness.script(success(200, body.clone(), Some(coding)));
            let headers: &[(&str, &str)] =
                if sent.is_empty() { &[] } else { &[("content-type", "application/json")] };
            let shown = harness.send(method, "/v1/patients", headers, sent).await;
            assert_eq!(shown.status, 200);
            assert!(!shown.headers.contains_key("content-encoding"));
            assert_eq!(json(&shown)["data"]["fullName"], "Marisol Quintanar");
            assert!(!text(&shown).contains(STANDIN_KEY), "{coding:?}");
        }
        harness.script(success(200, outcome(), Some(coding)));
        let shown = text(&harness.get("/v1/patients?count=1").await);
        assert!(
            shown.contains("OperationOutcome") && !GONE.iter().any(|gone| shown.contains(gone)),
            "{shown}"
        );
    }
    harness.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_success_that_cannot_be_read_does_not_pass() {
    let harness = Harness::plain().await;
    let said = format!("{{\"note\":\"{STANDIN_KEY}\"}}");
    let utf16: Vec<u8> = said.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let packed = Coding::Gzip.encode(said.as_bytes()).unwrap();
    let bomb = Coding::Gzip.encode(&vec![b' '; 9 * 1024 * 1024]).unwrap();
    let coded = |coding: &str, body: &[u8]| Behaviour::Answer {
        status: 200,
        headers: vec![
            ("content-type".into(), "application/json".into()),
            ("content-encoding".into(), coding.into()),
        ],
        body: Bytes::copy_from_slice(body),
        coding: None,
    };
    let cases = [
        success(200, utf16, None),
        success(200, packed.clone(), None),
        success(200, "<html>Marisol</html>", None),
        coded("x-own", said.as_bytes()),
        coded("gzip", said.as_bytes()),
        coded("gzip, gzip", &packed),
        coded("gzip", packed.get(..packed.len() - 9).unwrap()),
        coded("gzip", &bomb),
    ];
    for (nth, case) in cases.into_iter().enumerate() {
        harness.script(case.clone());
        assert_eq!(code(&harness.get("/v1/patients?count=1").await), "UPSTREAM_INVALID");
        harness.script(case);
        // Another write each time: the same again would not be sent.
        let written = harness.post("/v1/patients", &format!("{{\"a\":{nth}}}")).await;
        assert_eq!(code(&written), "OUTCOME_UNKNOWN");
    }
    harness.finish().await;
}
