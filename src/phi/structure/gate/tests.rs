//! What the gate calls clean, the readers find nothing in: over all cases of the corpus, over pieces of them put together
//! anew, and over lines from a grammar of logs. And it lets the lines pass that it is there for.

use std::sync::LazyLock;

use proptest::prelude::*;

use super::super::{Context, Reader};
use crate::phi::{
    class::{Class, Place},
    cues::KeyClass,
    echo::Echo,
    engine::Engine,
};

mod grid;

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
    let Some(client) = reader(Place::Log, true).only_client(line) else { return false };
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
        read(None, Context { hint: KeyClass::Unknown, subject: Some(subject) });
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
    let line = r#"10.0.3.7 - - [21/Nov/2026:22:04:11 +0000] "GET /v1/patients/5b0c1f1e-7a57-4d0e-9b5a-0f3f6a5b7c21 HTTP/1.1" 200 4310 "-" "node""#;
    assert!(agrees_on_client(line));
    for other in [
        line.replace("10.0.3.7", "127.0.0.1"),
        line.replace("10.0.3.7", "10.0.3.700"),
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
        "INFO(KHTML, like \"Rinne\"}]}}",
    ] {
        agrees(line);
    }
}

const NUMBERS: [&str; 52] = [
    "req_92yo4b7c",
    "id_12mar1984x1",
    "task_58mutknxtu4o",
    "U21hbGwgamFuZSBkb2U",
    "7",
    "42",
    "90",
    "93",
    "128",
    "404",
    "1984",
    "2026",
    "07",
    "12",
    "0147",
    "5550147",
    "512",
    "555",
    "78664",
    "123456",
    "12345678",
    "219",
    "09",
    "9",
    "123456789",
    "4111111111111111",
    "203",
    "0",
    "113",
    "10",
    "192",
    "168",
    "31",
    "02",
    "345",
    "6789",
    "2026-11-21T22:04:11.402Z",
    "2026-11-21 22:04:11",
    "1987-11-23",
    "550e8400-e29b-41d4-a716-446655440000",
    "478c7d19-cf16-48ed-9875-c090cce169eb",
    "bade8400-face-41d4-a716-446655440000",
    "4b326418d814",
    "4a616e6520446f65",
    "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b",
    "pt_74if6yg6be",
    "req_12ab",
    "10.0.3.7",
    "203.0.113.9",
    "31ms",
    "v1",
    "A1B2C3",
];
const SIGNS: [&str; 49] = [
    "/{id}",
    " ",
    " ",
    " ",
    " ",
    "-",
    ".",
    "/",
    ":",
    "=",
    ", ",
    "; ",
    "_",
    "\"",
    "'",
    "(",
    ")",
    "[",
    "]",
    "?",
    "&",
    "#",
    "|",
    "*",
    "+",
    " - ",
    "\": \"",
    "\",\"",
    "::",
    "=\"",
    "'s ",
    " ",
    " ",
    "=",
    ": ",
    "\" ",
    " (",
    ") ",
    "] ",
    " -> ",
    "=>",
    "{\"",
    "\"}",
    "/v1/patients/",
    "://",
    ". ",
    "  ",
    " --",
    ",",
];
/// Words that open rules, and words that open none.
const WORDS: [&str; 96] = [
    "DOE",
    "LI",
    "ORDER",
    "nee",
    "reports",
    "Winthrop-Fields",
    "khumalo, mbali",
    "~",
    "@",
    "<b",
    "(KHTML, like ",
    "ip-10-0-1-2",
    "c.c.api",
    "12 Mar",
    "504ms",
    "$1 = ",
    "INFO",
    "GET",
    "flushed",
    "segment",
    "worker",
    "level",
    "info",
    "status",
    "count",
    "ms",
    "patient",
    "name",
    "Marisol",
    "Quintanar",
    "jane",
    "doe",
    "received",
    "value",
    "invalid",
    "Street",
    "via",
    "age",
    "years",
    "yo",
    "token",
    "Bearer",
    "mrn",
    "date",
    "of",
    "birth",
    "key",
    "record",
    "for",
    "Mrs",
    "M. ",
    "note",
    "query",
    "box",
    "from",
    "TX",
    "AB",
    "C",
    "deadbeef",
    "eyJhbGciOi",
    "differ",
    "serial",
    "at",
    "column",
    "subscriber",
    "client",
    "pt",
    "number",
    "is",
    "eq",
    "not",
    "a",
    "valid",
    "billing",
    "call",
    "member",
    "fingerprint",
    "zip",
    "phone",
    "ssn",
    "id",
    "dob",
    "address",
    "line",
    "account",
    "photo",
    "born",
    "took",
    "size",
    "request_id",
    "trace",
    "msg",
    "reference",
    "insurance",
    "medical",
    "plan",
];

fn line() -> impl Strategy<Value = String> {
    let corpus = any::<prop::sample::Index>().prop_map(|index| {
        let text = index.get(&CORPUS);
        text.split(' ').next_back().unwrap_or_default().to_owned()
    });
    let piece = prop_oneof![
        3 => prop::sample::select(&WORDS[..]).prop_map(str::to_owned),
        3 => prop::sample::select(&NUMBERS[..]).prop_map(str::to_owned),
        6 => prop::sample::select(&SIGNS[..]).prop_map(str::to_owned),
        2 => corpus,
        1 => "[a-z]{1,6}",
        1 => "[A-Za-z0-9]{1,12}",
        1 => "\\PC{1,3}",
    ];
    prop::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_passes_is_clean_in_lines_from_a_grammar(line in line()) {
        agrees(&line);
        agrees_in_an_error(&line);
        agrees_on_client(&format!("203.0.113.9 - - [21/Nov/2026:22:04:11 +0000] \"GET /{line}"));
    }

    #[test]
    fn what_passes_is_clean_in_pieces_of_the_corpus(
        one in any::<prop::sample::Index>(), other in any::<prop::sample::Index>(), cut in 0usize..200, from in 0usize..200,
    ) {
        let (one, other) = (one.get(&CORPUS), other.get(&CORPUS));
        let head = &one[..one.floor_char_boundary(cut)];
        let tail = &other[other.floor_char_boundary(from)..];
        agrees(&format!("{head}{tail}"));
        agrees(tail);
    }
}
