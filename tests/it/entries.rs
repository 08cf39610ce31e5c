//! Outcomes among the entries of a Bundle: their text is scrubbed, and what stands beside them comes as it was.

use bytes::Bytes;
use clinik_guard::standin::{Behaviour, Coding, STANDIN_KEY};
use serde_json::Value;

use crate::harness::{Harness, json, text};

const QUOTE: &str =
    "no patient Marisol Quintanar-Abbott, ssn 219-09-1234, born 1987-11-23, marisol.q@example.org";
const GONE: [&str; 5] = ["Marisol", "Quintanar", "219-09-1234", "1987-11-23", "marisol.q"];
const BATCH: &str = "guards: {routes: {fhir: {batch: true}}}";
const FHIR: &[(&str, &str)] = &[("content-type", "application/fhir+json")];

/// A record that says the same as the outcomes beside it, which is its business.
fn patient(id: usize) -> String {
    format!(
        "{{ \"fullUrl\":\"urn:uuid:{id}\",\"resource\" : {{\"resourceType\":\"Patient\",\"id\":\"p{id}\",\"text\":{{\"div\":\"<a href=\\\"x\\\">{QUOTE}</a>\"}},\
         \"multipleBirthInteger\":1.50,\"name\":[{{\"text\":\"Marisol\",\"family\":\"Quintanar\"}}]}},\"search\":{{\"mode\":\"match\"}} }}"
    )
}

fn outcome() -> String {
    format!(
        "{{\"resourceType\":\"OperationOutcome\",\"issue\":[{{\"severity\":\"error\",\"code\":\"invalid\",\"details\":{{\"text\":\"{QUOTE}\"}},\
         \"diagnostics\":\"{QUOTE}\",\"expression\":[\"Patient.name\"]}}]}}"
    )
}

/// Every way in which an entry can say what went wrong: before, the outcome, behind it.
fn entries() -> Vec<(&'static str, String, &'static str)> {
    let issue = format!("\"issue\":[{{\"severity\":\"error\",\"diagnostics\":\"{QUOTE}\"}}]");
    vec![
        ("{\"response\":{\"status\":\"422\",\"outcome\":", outcome(), "}}"),
        ("{\"response\":{\"outcome\" : ", outcome(), ",\"status\":\"422\"}}"),
        ("{\"resource\":", outcome(), ",\"search\":{\"mode\":\"outcome\"}}"),
        ("{\"resource\":", outcome(), ",\"response\":{\"status\":\"400\"}}"),
        // As a store that sorts members by length writes it.
        (
            "{\"resource\":",
            format!(
                "{{\"id\":\"x\",\"text\":{{\"div\":\"<div>{QUOTE}</div>\"}},{issue},\"resourceType\":\"OperationOutcome\"}}"
            ),
            "}",
        ),
        (
            "{\"resource\":",
            format!(
                "{{\"resourceT\\u0079pe\":\"Operation\\u004futcome\",\"is\\u0073ue\":[{{\"diagnostics\":\"{QUOTE}\"}}]}}"
            ),
            "}",
        ),
        (
            "{\"resource\":",
            format!(
                "{{\"$schema\":\"x\",\"fhir_comments\":[],\"resourceType\":\"OperationOutcome\",{issue}}}"
            ),
            "}",
        ),
        ("{\"resource\":", format!("{{{issue},\"status\":400,\"resourceType\":\"OperationOutcome\"}}"), "}"),
        ("{\"response\":{\"status\":\"400\",\"outcome\":", format!("{{{issue}}}"), "}}"),
        ("{\"response\":{\"status\":\"400\",\"outcome\":", format!("{{\"message\":\"{QUOTE}\"}}"), "}}"),
        ("{\"response\":{\"status\":\"400\",\"outcome\":", format!("\"{QUOTE}\""), "}}"),
        ("{\"response\":{\"status\":\"400\",\"outcome\":", format!("[{}]", outcome()), "}}"),
        ("{\"resource\":{\"resourceType\":\"Patient\",\"contained\":[", outcome(), "]}}"),
        ("{\"resource\":{\"contained\":[", outcome(), "],\"resourceType\":\"Patient\"}}"),
        (
            "{\"resource\":{\"resourceType\":\"Bundle\",\"entry\":[{\"response\":{\"outcome\":",
            outcome(),
            "}}]}}",
        ),
        ("{\"resource\":{\"resourceType\":\"Parameters\",\"parameter\":[{\"resource\":", outcome(), "}]}}"),
    ]
}

/// What stands before and behind an outcome, and the outcome itself.
fn bundles() -> Vec<(String, String, String)> {
    let mut bundles = Vec::new();
    for (before, outcome, behind) in entries() {
        for (open, close) in [
            ("{\"resourceType\":\"Bundle\",\"type\":\"batch-response\",\"entry\":[", "]}\n"),
            (" {\"data\": {\"resourceType\":\"Bundle\",\"total\":2,\"entry\" : [", " ] } }"),
            ("{\"type\":\"searchset\",\"entry\":[", "],\"total\":3,\"resourceType\":\"Bundle\"}"),
            ("{\"$schema\":\"x\",\"page\":1,\"entry\":[", "]}"),
        ] {
            bundles.push((
                format!("{open}{},{before}", patient(1)),
                outcome.clone(),
                format!("{behind} , {}{close}", patient(2)),
            ));
        }
    }
    bundles
}

fn success(body: impl Into<Bytes>, coding: Option<Coding>) -> Behaviour {
    let headers = vec![("content-type".to_owned(), "application/fhir+json".to_owned())];
    Behaviour::Answer { status: 200, headers, body: body.into(), coding }
}

/// The same in chunks of so many bytes, each of which the guard gets by itself.
fn in_chunks(body: &str, bytes: usize) -> Behaviour {
    let mut answer =
        b"HTTP/1.1 200 OK\r\ncontent-type: application/fhir+json\r\ntransfer-encoding: chunked\r\n\r\n"
            .to_vec();
    for piece in body.as_bytes().chunks(bytes) {
        answer.extend_from_slice(format!("{:x}\r\n", piece.len()).as_bytes());
        answer.extend_from_slice(piece);
        answer.extend_from_slice(b"\r\n");
    }
    answer.extend_from_slice(b"0\r\n\r\n");
    Behaviour::Raw(answer.into())
}

fn assert_only_outcome_changed(shown: &str, (before, outcome, behind): &(String, String, String)) {
    assert!(shown.starts_with(before.as_str()) && shown.ends_with(behind.as_str()), "{shown}");
    let said = &shown[before.len()..shown.len() - behind.len()];
    assert!(!GONE.iter().any(|gone| said.contains(gone)), "{said}");
    let said: Value = serde_json::from_str(said).unwrap_or_else(|_| panic!("JSON, not {said}"));
    if outcome.contains("expression") {
        let said = if said.is_array() { &said[0] } else { &said };
        assert_eq!(said["issue"][0]["severity"], "error");
        assert_eq!(said["issue"][0]["code"], "invalid");
        assert_eq!(said["issue"][0]["expression"][0], "Patient.name");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_text_of_an_outcome_goes_and_all_else_stays() {
    let harness = Harness::with_policy(BATCH).await;
    for (nth, bundle) in bundles().into_iter().enumerate() {
        let body = format!("{}{}{}", bundle.0, bundle.1, bundle.2);
        for coding in [None, Some(Coding::Gzip)] {
            harness.script(success(body.clone(), coding));
            let shown = harness.get("/v1/fhir/Patient?_count=2").await;
            assert_eq!(shown.status, 200);
            assert_only_outcome_changed(&text(&shown), &bundle);
            harness.script(success(body.clone(), coding));
            let shown = harness.send("POST", "/v1/fhir/", FHIR, b"{\"entry\":[]}").await;
            assert_only_outcome_changed(&text(&shown), &bundle);
        }
        for bytes in [1 + nth % 40, 64, 1000] {
            harness.script(in_chunks(&body, bytes));
            let shown = harness.get("/v1/fhir/Patient?_count=2").await;
            assert_only_outcome_changed(&text(&shown), &bundle);
        }
    }
    let first = &harness.audit()[0];
    assert_eq!(first["status"], 200);
    assert!(first["redactions"].as_u64().unwrap() >= 4, "{first}");
    assert!(harness.metric("clinik_guard_redactions_total{class=\"name\"}").await >= 1.0);
    harness.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_comes_behind_the_head_is_scrubbed_and_counted_too() {
    let harness = Harness::with_policy(BATCH).await;
    let many = (0..1000).map(patient).collect::<Vec<_>>().join(",");
    let open = format!("{{\"resourceType\":\"Bundle\",\"type\":\"batch-response\",\"entry\":[{many},");
    let before = format!("{open}{{\"response\":{{\"outcome\":");
    let bundle = (before, outcome(), format!("}}}},{many}]}}"));
    let body = format!("{}{}{}", bundle.0, bundle.1, bundle.2);
    assert!(body.len() > 500_000);
    for behaviour in
        [success(body.clone(), None), in_chunks(&body, 5000), success(body.clone(), Some(Coding::Gzip))]
    {
        let counted = harness.metric("clinik_guard_redactions_total{class=\"ssn\"}").await;
        harness.script(behaviour);
        let shown = harness.get("/v1/fhir/Patient?_count=2").await;
        if let Some(length) = shown.headers.get("content-length") {
            assert_eq!(length.to_str().unwrap(), shown.body.len().to_string());
        }
        assert_only_outcome_changed(&text(&shown), &bundle);
        assert!(harness.metric("clinik_guard_redactions_total{class=\"ssn\"}").await > counted);
    }
    // Keys are still looked for, and found across the place where something was taken out.
    let body = body.replace("\"p999\"", &format!("\"{STANDIN_KEY}\""));
    harness.script(success(body, None));
    let shown = text(&harness.get("/v1/fhir/Patient?_count=2").await);
    assert!(!shown.contains(STANDIN_KEY) && shown.contains("\"p998\""));
    harness.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_outcome_is_scrubbed_wherever_it_stands() {
    let harness = Harness::plain().await;
    let issue = format!("{{\"severity\":\"error\",\"code\":\"invalid\",\"diagnostics\":\"{QUOTE}\"}}");
    let outcome =
        format!("{{\"resourceType\":\"OperationOutcome\",\"issue\":[{}]}}", vec![issue; 80].join(","));
    assert!(outcome.len() > 10_000);
    let many = (0..100).map(patient).collect::<Vec<_>>().join(",");
    for records in [patient(1), many] {
        let before =
            format!("{{\"resourceType\":\"Bundle\",\"entry\":[{records},{{\"response\":{{\"outcome\":");
        let bundle = (before, outcome.clone(), format!("}}}},{records}]}}"));
        let body = format!("{}{}{}", bundle.0, bundle.1, bundle.2);
        for behaviour in
            [success(body.clone(), None), in_chunks(&body, 3000), success(body.clone(), Some(Coding::Gzip))]
        {
            harness.script(behaviour);
            assert_only_outcome_changed(&text(&harness.get("/v1/fhir/Patient?_count=2").await), &bundle);
        }
    }
    harness.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bundle_of_records_comes_as_it_was() {
    let harness = Harness::plain().await;
    let many = (0..5000).map(patient).collect::<Vec<_>>().join(",");
    let small = format!(
        "{{\"resourceType\":\"Bundle\",\"entry\":[{},\
         {{\"resource\":{{\"id\":\"p3\",\"meta\":{{\"versionId\":\"1\"}},\"text\":{{\"div\":\"Marisol\"}},\"active\":true,\"resourceType\":\"Patient\"}}}},\
         {{\"resource\":{{\"resourceType\":\"AdverseEvent\",\"outcome\":{{\"text\":\"Marisol Quintanar\"}}}}}},\
         {{\"resource\":{{\"resourceType\":\"Observation\",\"note\":[{{\"text\":\"\\\"resourceType\\\":\\\"OperationOutcome\\\" of Marisol\"}}]}}}},\
         {{\"resource\":{{\"resourceType\":\"Basic\",\"code\":{{\"text\":\"OperationOutcome Marisol\"}},\"subject\":{{}}}}}},\
         {{\"resource\":{},\"search\":{{\"mode\":\"outcome\"}}}},\
         {{\"response\":{{\"status\":\"201\",\"location\":\"Patient/p3\",\"outcome\":null}}}}]}}",
        patient(7),
        "{\"resourceType\" : \"OperationOutcome\", \"issue\":[ {\"severity\":\"information\",\"code\":\"informational\",\"diagnostics\":\"2 rows\"} ]}"
    );
    let long = format!("{{\"resourceType\":\"Bundle\",\"entry\":[{many}]}}");
    assert!(long.len() > 1_500_000);
    for body in [small, long, "{\"resourceType\":\"Bundle\"}".to_owned(), "{\"entry\":[]}".to_owned()] {
        for coding in [None, Some(Coding::Gzip)] {
            harness.script(success(body.clone(), coding));
            assert!(text(&harness.get("/v1/fhir/Patient?_count=2").await) == body, "{coding:?}");
            harness.script(success(body.clone(), coding));
            assert!(text(&harness.post("/v1/patients", "{}").await) == body, "{coding:?}");
        }
        for bytes in [body.len().min(20_000) / 1000 + 1, 16_384] {
            harness.script(in_chunks(&body, bytes));
            assert!(text(&harness.get("/v1/fhir/Patient?_count=2").await) == body, "{bytes}");
        }
    }
    assert_eq!(harness.metric("clinik_guard_redactions_total{class=\"name\"}").await, 0.0);
    harness.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn records_are_not_held_back_and_outcomes_never_half_shown() {
    let harness = Harness::plain().await;
    let head = "HTTP/1.1 200 OK\r\ncontent-type: application/fhir+json\r\ncontent-length: 900000\r\n\r\n";
    let many = (0..300).map(patient).collect::<Vec<_>>().join(",");
    let records = format!("{{\"resourceType\":\"Bundle\",\"entry\":[{many},{{\"response\":{{\"outcome\":");
    for begun in [outcome().trim_end_matches('}'), "{\"text\":{\"div\":\"SECRET-TEXT", "\"SECRET-TEXT"] {
        harness.script(Behaviour::Raw(Bytes::from(format!("{head}{records}{begun}"))));
        let shown = harness
            .raw(b"GET /v1/fhir/Patient?_count=2 HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n")
            .await;
        // All the records had gone out when the upstream broke off, and the client can tell that this is not the end.
        assert!(shown.contains("\"p299\"") && shown.contains("Marisol"));
        assert!(!shown.contains("SECRET-TEXT") && !shown.contains("diagnostics"));
        assert!(!shown.ends_with("0\r\n\r\n"));
    }
    harness.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_batch_carried_is_found_again_in_its_outcomes() {
    let harness =
        Harness::with_policy("guards: {routes: {fhir: {batch: true}}}\nscrub: {error_bytes_max: 4KiB}").await;
    let sent = |pad: usize| {
        format!(
            "{{\"resourceType\":\"Bundle\",\"type\":\"batch\",\"entry\":[{{\"resource\":{{\"resourceType\":\"Patient\",\"name\":[{{\"family\":\"Zzyzx\"}}],\"pad\":\"{}\"}},\
             \"request\":{{\"method\":\"POST\",\"url\":\"Patient\"}}}}]}}",
            "y".repeat(pad)
        )
    };
    let said = |before: usize, text: &str| {
        format!(
            "{{\"resourceType\":\"Bundle\",\"entry\":[{{\"pad\":\"{}\"}},{{\"response\":{{\"status\":\"201\",\"outcome\":{{\"resourceType\":\"OperationOutcome\",\
             \"issue\":[{{\"severity\":\"warning\",\"code\":\"business-rule\",\"diagnostics\":\"{text}\"}}]}}}}}}]}}",
            "z".repeat(before)
        )
    };
    for before in [0, 300_000] {
        harness.script(success(said(before, "Zzyzx is odd"), None));
        let shown = harness.send("POST", "/v1/fhir/", FHIR, sent(0).as_bytes()).await;
        assert_eq!(
            json(&shown)["entry"][1]["response"]["outcome"]["issue"][0]["diagnostics"],
            "[REDACTED:name] is odd"
        );
        // Longer than an error may be: nothing of its text stays.
        harness.script(success(said(before, &"Zzyzx is odd".repeat(1000)), None));
        let shown = json(&harness.send("POST", "/v1/fhir/", FHIR, sent(1).as_bytes()).await);
        let outcome = &shown["entry"][1]["response"]["outcome"];
        assert_eq!(outcome["resourceType"], "OperationOutcome");
        assert_eq!(outcome["issue"][0]["severity"], "warning");
        assert_eq!(outcome["issue"][0]["code"], "business-rule");
        assert!(!outcome.to_string().contains("odd"), "{outcome}");
    }
    harness.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_request_too_long_to_remember_no_text_of_an_outcome_stays() {
    let harness = Harness::plain().await;
    let sent = format!("{{\"name\":[{{\"family\":\"Zzyzx\"}}],\"pad\":\"{}\"}}", "x".repeat(400_000));
    let said = "{\"resourceType\":\"Parameters\",\"parameter\":[{\"name\":\"Zzyzx\",\"resource\":{\"resourceType\":\"OperationOutcome\",\
         \"issue\":[{\"severity\":\"information\",\"code\":\"informational\",\"diagnostics\":\"Zzyzx is odd\"}]}}]}";
    harness.script(success(said, None));
    let shown = json(&harness.send("POST", "/v1/fhir/Patient/$validate", FHIR, sent.as_bytes()).await);
    assert_eq!(shown["parameter"][0]["name"], "Zzyzx");
    let issue = &shown["parameter"][0]["resource"]["issue"][0];
    assert_eq!(issue["severity"], "information");
    assert!(!issue.to_string().contains("Zzyzx"), "{issue}");
    harness.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_with_pointers_is_looked_through_as_well() {
    let policy = "scrub: {success_pointers: [{route: 'GET /v1/fhir/{path}', pointer: /note}]}";
    let harness = Harness::with_policy(policy).await;
    let body = format!(
        "{{\"resourceType\":\"Bundle\",\"note\":\"{QUOTE}\",\"entry\":[{},{{\"resource\":{}}}]}}",
        patient(1),
        outcome()
    );
    harness.script(success(body, None));
    let shown = json(&harness.get("/v1/fhir/Patient?_count=2").await);
    assert_eq!(shown["entry"][0]["resource"]["name"][0]["family"], "Quintanar");
    for said in [&shown["note"], &shown["entry"][1]] {
        assert!(!GONE.iter().any(|gone| said.to_string().contains(gone)), "{said}");
    }
    harness.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_entry_without_end_is_not_held_for_ever() {
    let harness = Harness::plain().await;
    let endless = "x".repeat(9 * 1024 * 1024);
    let body = format!(
        "{{\"resourceType\":\"Bundle\",\"entry\":[{{\"resource\":{{\"text\":{{\"div\":\"{endless}\"}},\"resourceType\":\"OperationOutcome\"}}}}]}}"
    );
    harness.script(success(body.clone(), None));
    let shown = harness
        .raw(b"GET /v1/fhir/Patient?_count=2 HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n")
        .await;
    assert!(!shown.contains("xxx") && !shown.ends_with("0\r\n\r\n"), "{}", shown.len());
    // A record of that length streams on.
    let body = body.replace("\"text\":", "\"resourceType\":\"Basic\",\"text\":");
    let body = body.replace(",\"resourceType\":\"OperationOutcome\"", "");
    harness.script(success(body, None));
    let shown = harness
        .raw(b"GET /v1/fhir/Patient?_count=2 HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n")
        .await;
    assert!(shown.len() > 9 * 1024 * 1024 && shown.ends_with("}]}\r\n0\r\n\r\n"));
    harness.finish().await;
}
