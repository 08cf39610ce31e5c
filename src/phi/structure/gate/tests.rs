//! What the gate calls clean, the readers find nothing in: over all cases of the corpus, over pieces of them put together
//! anew, and over lines from a grammar of logs. And it lets the lines pass that it is there for.

use std::sync::LazyLock;

use super::super::{Context, Reader};
use crate::phi::{
    class::{Class, Place},
    cues::KeyClass,
    echo::Echo,
    engine::Engine,
};

mod grammar;
mod grid;

use grammar::WORDS;

static ENGINE: LazyLock<Engine> = LazyLock::new(Engine::default);

fn reader(place: Place, gated: bool) -> Reader<'static> {
    let mut reader = Reader::new(&ENGINE, place, None);
    reader.gated = gated;
    reader
}

/// How often the text passed.
fn agrees(text: &str) -> usize {
    [Place::Log, Place::Error].into_iter().filter(|place| agrees_in(text, *place)).count()
}

fn agrees_in(text: &str, place: Place) -> bool {
    let passes = reader(place, true).passes(text, Context::NONE);
    if passes {
        let mut found = Vec::new();
        reader(place, false).document(text, Context::NONE, 0, &mut found);
        assert!(found.is_empty(), "the gate misses {found:?} in {text:?}");
    }
    passes
}

/// Where only the address of a client is said to go, that is what the readers find, and nothing once it is gone.
fn agrees_on_client(line: &str) -> bool {
    let Some(client) = reader(Place::Log, true).only_client(line.as_bytes()) else { return false };
    let found = |line: &str| {
        let mut found = Vec::new();
        reader(Place::Log, false).document(line, Context::NONE, 0, &mut found);
        super::super::settle(&mut found);
        found.into_iter().map(|edit| (edit.span, edit.class)).collect::<Vec<_>>()
    };
    assert_eq!(found(line), [(0..client, Class::Ip)], "{line:?}");
    assert_eq!(found(&format!("[REDACTED:ip]{}", &line[client..])), [], "{line:?}");
    true
}

/// What passes where the text speaks about a field, or the request said something, is clean there too.
fn agrees_in_an_error(text: &str) {
    static ECHO: LazyLock<Echo> = LazyLock::new(|| {
        let mut echo = Echo::new();
        for value in ["Marisol Quintanar", "1987-11-23", "jane.doe@example.org", "5550147", "segment"] {
            echo.add_value(KeyClass::Unknown, value);
        }
        echo.add_value(KeyClass::Free, "the worker flushed a segment box for the client");
        echo.add_secret("deadbeef");
        echo
    });
    let read = |echo: Option<&Echo>, context: Context| {
        let mut gated = Reader::new(&ENGINE, Place::Error, echo);
        if gated.passes(text, context) {
            let mut all = Reader::new(&ENGINE, Place::Error, echo);
            all.gated = false;
            let mut found = Vec::new();
            all.document(text, context, 0, &mut found);
            assert!(found.is_empty(), "the gate misses {found:?} in {text:?}");
        }
    };
    read(Some(&ECHO), Context::NONE);
    for subject in [Class::Name, Class::Date, Class::Email, Class::Mrn] {
        read(None, Context { subject: Some(subject), ..Context::NONE });
    }
}

/// The same result with the gate at every leaf and without it.
fn reads_alike(text: &str) {
    for place in [Place::Log, Place::Error] {
        let [with, without] = [true, false].map(|gated| {
            let mut found = Vec::new();
            reader(place, gated).document(text, Context::NONE, 0, &mut found);
            super::super::settle(&mut found);
            found
        });
        assert_eq!(with, without, "{text:?}");
    }
}

/// Every string of every case.
static CORPUS: LazyLock<Vec<String>> = LazyLock::new(|| {
    fn strings(value: &serde_json::Value, out: &mut Vec<String>) {
        match value {
            serde_json::Value::String(text) => out.push(text.clone()),
            serde_json::Value::Array(values) => values.iter().for_each(|value| strings(value, out)),
            serde_json::Value::Object(members) => {
                members.values().for_each(|value| strings(value, out));
                out.push(value.to_string());
            }
            _ => {}
        }
    }
    let mut out = Vec::new();
    for place in ["log", "error", "url"] {
        let folder = format!("{}/tests/data/phi/{place}", env!("CARGO_MANIFEST_DIR"));
        for entry in std::fs::read_dir(folder).expect("the corpus is there") {
            let text = std::fs::read_to_string(entry.expect("an entry").path()).expect("a corpus is text");
            for line in text.lines().filter(|line| !line.trim().is_empty()) {
                let case: serde_json::Value = serde_json::from_str(line).expect("a case is JSON");
                for key in ["line", "body", "target", "value", "kept"] {
                    strings(&case[key], &mut out);
                }
            }
        }
    }
    out
});

#[test]
fn what_passes_is_clean_all_over_the_corpus() {
    assert!(CORPUS.len() > 2000);
    let passed: usize = CORPUS.iter().map(|text| agrees(text)).sum();
    CORPUS.iter().for_each(|text| agrees_in_an_error(text));
    assert!(passed > 500, "only {passed} pass");
}

/// What is left of the corpus where everything was replaced.
static REPLACED: LazyLock<Vec<String>> = LazyLock::new(|| {
    let replaced = |text: &String| {
        let mut found = Vec::new();
        reader(Place::Log, true).document(text, Context::NONE, 0, &mut found);
        super::super::settle(&mut found);
        let mut out = Vec::new();
        super::super::apply(text.as_bytes(), &found, None, &mut out);
        String::from_utf8(out).ok().filter(|_| !found.is_empty())
    };
    CORPUS.iter().filter_map(replaced).collect()
});

#[test]
fn what_passes_is_clean_once_the_rest_is_replaced() {
    let passed: usize = REPLACED.iter().map(|text| agrees(text)).sum();
    REPLACED.iter().for_each(|text| agrees_in_an_error(text));
    assert!(passed > REPLACED.len() / 2, "only {passed} of {} pass twice", REPLACED.len());
}

#[test]
fn leaves_read_alike_with_the_gate_and_without() {
    for text in CORPUS.iter().filter(|text| text.starts_with(['{', '['])) {
        reads_alike(text);
    }
}

#[test]
fn ordinary_lines_pass() {
    for line in [
        r#"127.0.0.1 - - [21/Nov/2026:22:04:11 +0000] "GET /v1/observations?count=20 HTTP/1.1" 200 4310 "-" "node" rt=0.012 uct=0.001 urt=0.012 request_id=req_m4z8t1q6 upstream=api:443 cache=HIT bytes=4310 status=ok"#,
        r#"{"level":"info","time":"2026-11-21T22:04:11.402Z","pid":17,"hostname":"api-7d9f6c5b44-x2x8p","msg":"request completed","route":"/v1/observations/{id}","status":200,"durationMs":12,"requestId":"req_m4z8t1q6"}"#,
        "2026-11-21 22:04:11.402 INFO  [worker-3] scheduler: flushed 128 entries to the segment store in 14 ms; next flush due when the buffer is full",
        "time=2026-11-21T22:04:11.402Z level=info component=queue msg=\"batch done\" size=12 took=7ms trace=5b0c1f1e-7a57-4d0e-9b5a-0f3f6a5b7c21 retries=0",
        "2026-11-21 22:04:11.402  INFO 7 --- [nio-8080-exec-8] c.c.api.gateway.RequestFilter : released 12 entries",
        "I1121 16:41:13.492079       1 reflector.go:674] \"container opened\" pod=\"prod/api-wl8tszvgvw-vi85z\" node=\"ip-10-0-209-229\" took=\"16ms\"",
        "2026-11-21T17:52:32.328Z INFO fhir: searched Encounter/02b88ecb-c90b-a2d7-3a92-45b3ed83f38d version=7 tenant=org_6stsz17b status=201 in 504ms",
        "2026-11-21 22:04:11,402 - ingest.gateway - INFO - transaction encoded, scheduler done (132 items, 0.541s)",
        "2026-11-21T22:04:11.402Z  INFO request{method=GET uri=/v1/patients version=HTTP/1.1}: tower_http::trace::on_response: latency=1 ms status=200",
        r#"127.0.0.1 - - [21/Nov/2026:22:04:11 +0000] "GET /v1/tasks HTTP/2.0" 200 92814 "https://app.example.org/" "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36""#,
        "",
    ] {
        assert!(agrees_in(line, Place::Log), "{line}");
    }
}

#[test]
fn a_place_in_a_path_is_no_value() {
    for line in [
        r#"{"msg":"request completed","route":"/v1/patients/{id}","status":200}"#,
        "GET /v1/patients/{id}/documents took 14 ms",
    ] {
        assert!(agrees_in(line, Place::Log), "{line}");
    }
    for word in WORDS {
        for place in ["{id}", "{}", "{quintanar}", "{Marisol}", "{\"id\":\"quintanar\"}", "{id", "{id}}"] {
            for tail in [
                "",
                "/",
                "/jane.doe",
                " 4471023",
                "=4471023",
                ": Okafor",
                "/5550147",
                "\" is Okafor",
                "?q=doe",
            ] {
                let line = format!("/v1/{word}/{place}{tail}");
                agrees(&line);
                agrees(&format!("route=\"{line}\" ok"));
                agrees_in_an_error(&line);
            }
        }
    }
}

#[test]
fn only_the_client_goes_from_a_line_of_an_access_log() {
    let line = r#"203.0.113.7 - - [21/Nov/2026:22:04:11 +0000] "GET /v1/patients/5b0c1f1e-7a57-4d0e-9b5a-0f3f6a5b7c21 HTTP/1.1" 200 4310 "-" "node""#;
    assert!(agrees_on_client(line));
    for other in [
        line.replace("203.0.113.7", "127.0.0.1"),
        line.replace("203.0.113.7", "10.0.3.7"),
        line.replace("203.0.113.7", "203.0.113.700"),
        line.replace("- - [", "- jdoe ["),
        line.replace("node", "Jane Okafor"),
        line.replace("/patients/", "/patients?email=jo@example.org&x="),
    ] {
        assert!(!agrees_on_client(&other), "{other}");
    }
}

#[test]
fn what_was_missed_once_stays_open() {
    for line in [
        "/v1/labs?status=jane.doe%u0040example.org",
        "113\" 12\": \"80ac:42(warn ",
        "/v1/fhir/Observation?based-on:Servi",
        "203=478c7d19-cf16-48ed-9875-c090cce169eb|78664=-",
        "123-45-6789A",
        "2026/11/02/345/6789",
        "PID.5=OYELOWO",
        "key (foo)=(Quintanar) exists",
        "ello-Osagie, your infusion is confirmed",
        "GET /client_khumalo, mbali",
        "escheduled Hyun-woo Park to next week",
        " 113 46 Stockholm",
        "tientId=mrn_00482917",
        "patientId=MRN-00482917",
        "  Rendered patients/_form.htmcallback=1",
        "[REDACTED:name]7=\"'req_92yo4b7c",
        "=[REDACTED:other-unique-id]: =AB",
        "[REDACTED:name]$1 = f",
        "PatientName=[REDACTED:name] PatientID=[RE",
        "/v1/measures?name=[REDACTED:name]&title=Compr",
        "name=[REDACTED:name]&title=Compr",
        "mrn [REDACTED:a-b-c-d-e-f-g-h-i-j-k-l-m-n-o-p-q] 4471023",
        "Nachname=[REDACTED:name] Gmanufacturer=Medtronic&serialNumber=[REDACTED:device]",
        "INFO(KHTML, like \"Rinne\"}]}}",
        "record 4665541585 has wrong check digits",
        "record 4665541585: isLuhn fails, checkmod11 too",
    ] {
        agrees(line);
    }
}
