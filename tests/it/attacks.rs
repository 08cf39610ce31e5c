//! Ways around the guards that were tried once and must stay closed.

use bytes::Bytes;
use clinik_guard::app::{App, Options, StartError};
use clinik_guard::standin::{Behaviour, STANDIN_KEY};

use crate::harness::{Harness, code, json, text};

fn answer(status: u16, headers: &[(&str, &str)], body: impl Into<Bytes>) -> Behaviour {
    let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Behaviour::Answer { status, headers, body: body.into(), coding: None }
}

const JSON: (&str, &str) = ("content-type", "application/json");

#[tokio::test(flavor = "multi_thread")]
async fn text_in_another_encoding_is_withheld() {
    let harness = Harness::plain().await;
    let sentence = "Marisol Quintanar-Abbott 912-84-6713";
    let utf16: Vec<u8> = sentence.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let utf32: Vec<u8> = sentence.chars().flat_map(|c| u32::from(c).to_be_bytes()).collect();
    let spaced: String = sentence.chars().flat_map(|c| [c, '\u{200b}']).collect();
    let in_json = format!("{{\"message\":\"{spaced}\",\"code\":\"CONFLICT\"}}");
    let nul = sentence.chars().map(|c| format!("{c}\\u0000")).collect::<String>();
    for (kind, body) in [
        ("text/plain; charset=utf-16le", utf16),
        ("text/plain", utf32),
        ("application/json", in_json.into_bytes()),
        ("application/json", format!("{{\"error\":\"{nul}\"}}").into_bytes()),
    ] {
        harness.script(answer(500, &[("content-type", kind)], body));
        let shown: String = text(&harness.get("/v1/patients?count=1").await);
        let letters: String = shown.replace("\\u0000", "").chars().filter(char::is_ascii_graphic).collect();
        for gone in ["Marisol", "Quintanar", "912-84-6713"] {
            assert!(!letters.contains(gone), "{kind}: {shown}");
        }
    }
    harness.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transfer_coding_nobody_undoes_does_not_pass() {
    let harness = Harness::plain().await;
    for (status, expected) in [(500, 502), (200, 502)] {
        let head = format!(
            "HTTP/1.1 {status} X\r\ncontent-type: application/json\r\ntransfer-encoding: gzip, chunked\r\nconnection: close\r\n\r\n\
             19\r\n{{\"message\":\"for Marisol\"}}\r\n0\r\n\r\n"
        );
        harness.script(Behaviour::Raw(Bytes::from(head)));
        let answer = harness.get("/v1/patients?count=1").await;
        assert_eq!(answer.status, expected);
        assert!(!text(&answer).contains("Marisol"));
    }
    harness.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_whose_name_was_rebound_to_loopback_is_a_browser() {
    let harness = Harness::plain().await;
    for (host, status) in
        [("evil.example:8080", 403), ("localhost", 200), ("127.0.0.1:8080", 200), ("[::1]", 200)]
    {
        let head = format!("GET /v1/patients?count=1 HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n");
        let answer = harness.raw(head.as_bytes()).await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status}")), "{host}: {answer}");
    }
    harness.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn codes_ids_and_numbers_of_the_upstream_carry_no_person() {
    let harness = Harness::plain().await;
    let headers = [
        JSON,
        ("x-request-id", "marisol.quintanar.1987-11-23"),
        ("x-timestamp", "1987-11-23"),
        ("x-ratelimit-limit", "5125550147"),
    ];
    let body = r#"{"error":"Bad","code":"MARISOL_QUINTANAR","requestId":"marisol.quintanar"}"#;
    harness.script(answer(422, &headers, body));
    let shown = harness.get("/v1/patients?count=1").await;
    assert_eq!(code(&shown), "UPSTREAM_ERROR");
    assert!(json(&shown)["requestId"].as_str().unwrap().starts_with("req_"));
    assert!(shown.headers["x-request-id"].to_str().unwrap().starts_with("req_"));
    assert!(!shown.headers.contains_key("x-timestamp") && !shown.headers.contains_key("x-ratelimit-limit"));
    assert!(harness.audit()[0]["upstream_request_id"].is_null());
    harness.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn headers_of_a_success_carry_neither_key_nor_person() {
    let harness = Harness::with_policy("scrub: {response_headers: [x-debug]}").await;
    let tag = format!("\"{STANDIN_KEY}\"");
    let headers = [
        JSON,
        ("etag", &tag),
        ("content-language", "Marisol Quintanar 912-84-6713"),
        ("x-debug", STANDIN_KEY),
        ("x-request-id", STANDIN_KEY),
    ];
    harness.script(answer(200, &headers, "{}"));
    let passed = harness.get("/v1/patients?count=1").await;
    assert_eq!(passed.status, 200);
    for name in ["etag", "content-language", "x-debug"] {
        assert!(!passed.headers.contains_key(name), "{name}");
    }
    assert_ne!(passed.headers["x-request-id"], STANDIN_KEY);
    for tag in ["\"marisol.quintanar\"", "W/\"jane_doe\"", "\"bWFyaXNvbC5xQGV4YW1wbGUub3Jn\""] {
        let id = tag.trim_start_matches("W/").trim_matches('"');
        harness.script(answer(200, &[JSON, ("etag", tag), ("x-request-id", id)], "{}"));
        let passed = harness.get("/v1/patients?count=1").await;
        assert!(!passed.headers.contains_key("etag") && passed.headers["x-request-id"] != id, "{tag}");
    }
    harness.script(answer(200, &[JSON, ("etag", "W/\"3\""), ("x-request-id", "req_70cae0d21f9db42f")], "{}"));
    let passed = harness.get("/v1/patients?count=1").await;
    assert!(passed.headers["etag"] == "W/\"3\"" && passed.headers["x-request-id"] == "req_70cae0d21f9db42f");
    harness.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_header_and_no_record_carries_what_stands_behind_the_prefix_of_a_key() {
    let mut harness = Harness::with_policy("scrub: {response_headers: [x-debug]}").await;
    let body = STANDIN_KEY.strip_prefix("clk_test_").unwrap();
    let tag = format!("\"v-{body}\"");
    let escaped = format!("v={}", body.replace('s', "%73"));
    let headers = [JSON, ("etag", &*tag), ("x-request-id", body), ("x-debug", &escaped)];
    for status in [200, 422] {
        harness.script(answer(status, &headers, "{}"));
        let passed = harness.get("/v1/patients?count=1").await;
        assert_eq!(passed.status, status);
        assert!(!passed.headers.contains_key("etag") && !passed.headers.contains_key("x-debug"), "{status}");
        assert!(passed.headers["x-request-id"].to_str().unwrap().starts_with("req_"), "{status}");
    }
    harness.audited(2).await;
    let trail = std::fs::read_to_string(harness.path("audit.jsonl")).unwrap();
    assert!(!trail.contains(body));
    harness.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn forwarded_headers_have_no_room_for_text() {
    let harness = Harness::plain().await;
    let headers = [
        ("accept", "text/marisol, application/json; name=\"Marisol\""),
        ("content-type", "application/json; name=\"Marisol Quintanar\""),
        ("prefer", "wait=10; n=Quintanar"),
    ];
    harness.send("POST", "/v1/patients", &headers, b"{}").await;
    let seen = harness.seen();
    assert_eq!(seen[0].header("accept"), Some("*/*"));
    assert_eq!(seen[0].header("content-type"), Some("application/json"));
    assert!(seen[0].header("prefer").is_none());
    harness.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_never_loses_its_precondition() {
    let harness = Harness::plain().await;
    let target = "/v1/patients/5b0c1f1e-7a57-4d0e-9b5a-0f3f6a5b7c21";
    for header in [
        ("if-match", "\"1987-11-23\""),
        ("if-match", "not a tag"),
        ("if-unmodified-since", "Wed, 21 Oct 2026 07:28:00 GMT"),
        ("if-none-exist", "identifier=MRN-00482917"),
    ] {
        let refused = harness.send("PATCH", target, &[JSON, header], b"{}").await;
        assert_eq!(code(&refused), "HEADER_NOT_ALLOWED", "{}", header.0);
    }
    assert!(harness.seen().is_empty());
    harness.send("PATCH", target, &[JSON, ("if-match", "W/\"3\"")], b"{}").await;
    assert_eq!(harness.seen()[0].header("if-match"), Some("W/\"3\""));
    let doubled = [JSON, ("content-type", "application/fhir+json")];
    assert_eq!(code(&harness.send("PATCH", target, &doubled, b"{}").await), "UNSUPPORTED_MEDIA_TYPE");
    harness.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_parameter_names_no_other_method() {
    let policy = "guards: {url: {mode: off}, headers: {mode: observe}, routes: {mode: observe}}";
    for harness in [Harness::plain().await, Harness::with_policy(policy).await] {
        for (method, target) in [
            ("POST", "/v1/patients?_method=DELETE"),
            ("GET", "/v1/fhir/Patient/p1?count=1&%5FMethod=PUT"),
            ("POST", "/v1/patients?X-HTTP-Method-Override=DELETE"),
        ] {
            let refused = harness.send(method, target, &[], b"").await;
            assert_eq!(code(&refused), "METHOD_OVERRIDE_REJECTED", "{target}");
        }
        assert!(harness.seen().is_empty());
        harness.finish().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_success_is_no_success() {
    let harness = Harness::plain().await;
    harness.script(answer(201, &[JSON], ""));
    assert_eq!(code(&harness.post("/v1/patients", "{}").await), "OUTCOME_UNKNOWN");
    let chunked = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n0\r\n\r\n";
    harness.script(Behaviour::Raw(Bytes::from_static(chunked.as_bytes())));
    assert_eq!(code(&harness.get("/v1/patients?count=1").await), "UPSTREAM_INVALID");
    harness.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_guard_on_the_same_address_does_not_start() {
    let harness = Harness::plain().await;
    let dir = tempfile::tempdir().unwrap();
    let policy = dir.path().join("policy.yaml");
    std::fs::write(
        &policy,
        format!("listen: {{addresses: ['{}']}}\nops: {{address: null}}\n", harness.address()),
    )
    .unwrap();
    let second = App::start(&Options { policy: Some(policy), read_env: |_| None, write_line: |_| () });
    assert!(matches!(second, Err(StartError::Bind(_))));
    harness.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_large_body_that_is_refused_early_still_gets_its_refusal() {
    let harness = Harness::plain().await;
    let body = vec![b' '; 6 * 1024 * 1024];
    for _ in 0..3 {
        let refused = harness.send("POST", "/v1/patients", &[JSON], &body).await;
        assert_eq!(code(&refused), "BODY_TOO_LARGE");
    }
    harness.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn actors_that_could_be_people_are_refused() {
    let harness = Harness::with_policy("guards: {access: {mode: enforce}}").await;
    for actor in [
        "JaneDoe",
        "marisol.quintanar",
        "912846713",
        "5125550147",
        "marisol.q@example.org",
        "jane/doe",
        "jane:doe",
        "staff|jane-doe",
        "patient/marisol-quintanar",
        "p123-45-6789",
        "x1987-03-04",
        "staff:mgonzalez1987-03-04",
        "u:2025550143",
        "2025-550143",
        "87-11-23",
        "dob:871123",
        "dr_smith",
        "smith.j",
        "bWFyaXNvbC5xQGV4YW1wbGUub3Jn",
        "oidc|TWFyaXNvbCBRdWludGFuYXI",
    ] {
        let refused = harness.send("GET", "/v1/patients?count=1", &[("x-clinik-actor", actor)], b"").await;
        assert_eq!(code(&refused), "ACTOR_REQUIRED", "{actor}");
    }
    assert_eq!(
        harness.send("GET", "/v1/patients?count=1", &[("x-clinik-actor", "u-48f1")], b"").await.status,
        200
    );
    harness.finish().await;
}

/// What a finished bulk job says of rows it could not take is judged as an error is: by keys, by members that name a field,
/// in numbers and in member names.
#[tokio::test(flavor = "multi_thread")]
async fn errors_of_a_bulk_job_are_scrubbed_as_errors_are() {
    let harness = Harness::with_policy("limits: {operations: {bulk_per_hour: 500}}").await;
    let gone = ["Oluwaseun", "Adebayo", "412345678", "5125550147", "00812345", "19610203", "Jane", "219"];
    for errors in [
        r#"[{"index":3,"resource":{"firstName":"Oluwaseun","lastName":"Adebayo","ssn":"412345678","phone":"5125550147"}}]"#,
        r#"[{"field":"lastName","value":"Adebayo"},{"field":"mrn","received":"00812345"}]"#,
        r#"[{"path":"birthDate","value":"19610203"},{"ssn":219091234,"phone":5125550147,"birthDate":19610203}]"#,
        r#"{"Jane Doe":["bad"],"219-09-1234":"x"}"#,
        r#""row 3: patient Jane Doe, ssn 219-09-1234""#,
    ] {
        for (before, after) in [
            (r#"{ "data" : {"id":"job_1","done":1.50,"errors":"#, r#","note":"\u0061"} }"#),
            (r#"{"data":[{"id":"job_1"},{"errors":"#, r#"}]}"#),
            (r#"[{"data":{"errors":"#, r#"}}]"#),
            (r#"{"err\u006frs":"#, r#"}"#),
            (r#"{"data":{"Errors":"#, r#"}}"#),
        ] {
            harness.script(answer(200, &[JSON], format!("{before}{errors}{after}")));
            let shown = text(&harness.get("/v1/bulk/jobs/job_1").await);
            assert!(shown.starts_with(before) && shown.ends_with(after), "{shown}");
            assert!(!gone.iter().any(|gone| shown.contains(gone)), "{shown}");
        }
    }
    let clean = r#"{"data":{"errors":[ {"index":3,"field":"status","message":"must be one of: active, inactive"} ]}}"#;
    harness.script(answer(200, &[JSON], clean));
    assert_eq!(text(&harness.get("/v1/bulk/jobs/job_1").await), clean);
    harness.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_answer_carries_a_key_in_escapes_or_without_its_prefix() {
    let harness = Harness::plain().await;
    let secret = &STANDIN_KEY["clk_test_".len()..];
    let escaped = |at: usize| {
        let (before, rest) = STANDIN_KEY.split_at(at);
        format!("{before}\\u{:04x}{}", rest.as_bytes()[0], &rest[1..])
    };
    for disguise in [secret.to_owned(), STANDIN_KEY.replace('_', "%5F"), escaped(3), escaped(10), escaped(20)]
    {
        for status in [200, 422] {
            let body = format!("{{\"message\":\"key {disguise} is unknown\"}}");
            harness.script(answer(status, &[JSON], body));
            let shown = json(&harness.get("/v1/patients?count=1").await).to_string();
            assert!(!shown.contains(&secret[2..20]) && !shown.contains("u00"), "{status}: {shown}");
        }
    }
    harness.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_field_for_phi_is_seen_in_patches_searches_references_and_extensions() {
    let harness = Harness::with_policy("compliance: {phi_on_test: refuse}").await;
    let harmless: String = (0..16).map(|at| format!("\"k{at}\":1,")).collect();
    let behind = format!(
        "[{{\"op\":\"replace\",\"path\":\"\",\"value\":{{{harmless}\"birthDate\":\"1987-11-23\"}}}}]"
    );
    for (method, target, body) in [
        ("PATCH", "/v1/fhir/Patient/p1", behind.as_str()),
        ("PATCH", "/v1/fhir/Patient/p1", r#"[{"path":"/birthDate","path":"/active","value":"1987-11-23"}]"#),
        ("PATCH", "/v1/fhir/Patient/p1", r#"{"op":"replace","path":"/birthDate","value":"1987-11-23"}"#),
        ("POST", "/v1/fhir/Organization/_search", r#"{"_has:Patient:organization:name":"Quintanar"}"#),
        ("POST", "/v1/fhir/Patient/_search", r#"{"_content":"Quintanar"}"#),
        ("POST", "/v1/fhir/Patient/_search", r#"{"_filter":"name eq Quintanar"}"#),
        ("POST", "/v1/fhir/Observation", r#"{"subject":{"reference":"Patient/1","display":"Marisol"}}"#),
        (
            "POST",
            "/v1/fhir/Patient",
            r#"{"_birthDate":{"extension":[{"url":"x","valueDateTime":"1987-11-23"}]}}"#,
        ),
        ("POST", "/v1/patients", r#"{"firstName":{"x":"Marisol"}}"#),
    ] {
        let refused = harness.send(method, target, &[JSON], body.as_bytes()).await;
        assert_eq!(code(&refused), "PHI_ON_TEST", "{target} {body}");
    }
    assert!(harness.seen().is_empty());
    let coded = r#"{"resourceType":"Observation","status":"final","code":{"coding":[{"code":"8867-4","display":"Heart rate"}]},"subject":{"reference":"Patient/1"}}"#;
    assert_eq!(harness.send("POST", "/v1/fhir/Observation", &[JSON], coded.as_bytes()).await.status, 201);
    harness.finish().await;
}
