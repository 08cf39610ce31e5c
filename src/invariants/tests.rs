//! The invariants over inputs made for them: what the fuzzers found once, their corpora, and generated text.

use proptest::collection::vec;
use proptest::prelude::*;

use super::*;

type Invariant = fn(&[u8]);

const ALL: [(&str, Invariant); 10] = [
    ("answer", answer),
    ("body", body),
    ("canon", canon),
    ("echo", echo),
    ("json_check", json_check),
    ("wire", wire),
    ("line", line),
    ("policy", policy),
    ("scan", scan),
    ("target", target),
];

/// What each input once did is said beside it.
#[test]
fn what_the_fuzzers_found_stays_mended() {
    // A value that a first round had replaced was taken for a value once more: `[[REDACTED:mrn]]`.
    body(b"\x01{\"message\":\"identifier [system=http://hospital.example/mrn, value=ZK-44218] is in use\"}");
    body(b"\x01{\"message\": [\"telecom.0.value: 0712-555-0-199 must be a phone number\"]}");
    line(b"Authorization: Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJwdF8rization: Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiEF1234567");
    // A key that was replaced was read as the name of a class, from the label in its placeholder.
    line(b"{\"[REDACTED:name]\":\"Anneketionship\":\"mother\"}}");
    // So was the replaced name of a field, for the value beside it.
    body(b"\x01{\"message\":{\"name\":\"name=Ngozi\",\"value\":1000}}");
    // And for a number beside it.
    body(b"\x01{\"mrn\":588846972,\"value\":209065198}");
    // Sentences were read as the elements of a path, until a value in them was gone.
    body(b"\x01{\"value\":\"NgoziVALUES (status=200\",\"id\":[\"dob23/11/1987\",\" born on Ngozi^Marisol O'Brien\"]}");
    // A column that opens as a timestamp does and goes on in characters of two bytes: a slice inside one.
    line(b"INSERT INTO p VALUES ($1), $1 = 'Oluwaseun', $2 = 'Balogun', $3 = '1979-\xff\xff\xff\xff\xff\xff\xff\xff\xffm06i-02n'");
    // An outcome without issues came out as one.
    answer(b"\0{\"resourceType\":\"OperationOutcome\",\"issu)e\":[]}");
}

/// Every committed corpus, so that `cargo test` alone replays them.
#[test]
fn the_corpora_hold() {
    for (name, invariant) in ALL {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/fuzz/corpus/").to_owned() + name;
        let mut inputs = 0;
        for entry in std::fs::read_dir(&folder).expect("each target has a corpus") {
            let input = std::fs::read(entry.expect("readable").path()).expect("readable");
            invariant(&input);
            inputs += 1;
        }
        assert!(inputs > 0, "{name} has no corpus");
    }
}

/// Pieces that rules, readers and decoders react to; generated text is made of them.
const PIECES: &[&str] = &[
    "Marisol Quintanar",
    "Ngozi",
    "O'Brien",
    "Müller",
    "张伟",
    "patient",
    "Mr. ",
    "name: ",
    "name=",
    "\"name\":",
    "dob",
    " born on ",
    "1987-11-23",
    "23/11/1987",
    "Nov 23, 1987",
    "ssn ",
    "912-84-6713",
    "219099999",
    "mrn:",
    "MRN-00482917",
    "phone",
    "+1 212 555 0147",
    "(212) 555-0147",
    "marisol.q@example.org",
    "a@",
    "@",
    "12 Larkspur Lane",
    "zip 02139",
    "1EG4-TE5-MK73",
    "943 476 5919",
    "198.51.100.7",
    "2001:db8::1",
    "aa:bb:cc:dd:ee:ff",
    "http://example.org/p?name=Ngozi",
    "Bearer eyJhbGciOiJIUzI1NiJ9.e30.x",
    "clk_live_0123456789abcdef0123",
    "[REDACTED:name]",
    "[REDACTED:",
    "]",
    "[",
    "{",
    "}",
    "(",
    ")",
    "\"",
    "'",
    "`",
    "\\",
    "\\\"",
    "\\u004a",
    "%4a",
    "%",
    "&#74;",
    "&amp;",
    "<name value=\"",
    "\"/>",
    "</name>",
    "<p>",
    "PID|1||",
    "NM1*IL*1*",
    "^",
    "|",
    "~",
    "*",
    ",",
    ", ",
    ";",
    ": ",
    ":",
    "=",
    "=>",
    "->",
    "\n",
    "\r\n",
    "\t",
    " ",
    " ",
    " ",
    "  ",
    "0",
    "7",
    "true",
    "null",
    "is not valid",
    "received '",
    "not found",
    "Key (email)=(",
    ") already exists",
    "VALUES (",
    "$1 = '",
    "status=200",
    "took 1532 ms",
    "550e8400-e29b-41d4-a716-446655440000",
    "\u{200b}",
    "\u{e9}",
    "\u{ff11}",
    "\u{a0}",
    "\u{0}",
];

fn text() -> impl Strategy<Value = String> {
    vec(prop_oneof![9 => proptest::sample::select(PIECES).prop_map(str::to_owned), 1 => any::<char>().prop_map(String::from)], 0..24)
        .prop_map(|pieces| pieces.concat())
}

/// JSON with keys of all kinds and text like the above in its leaves.
fn json() -> impl Strategy<Value = Value> {
    let key = proptest::sample::select(
        &["name", "mrn", "message", "value", "id", "dob", "items", "address.line", "x", "code"][..],
    );
    let leaf = prop_oneof![
        4 => text().prop_map(Value::from),
        1 => any::<i64>().prop_map(Value::from),
        1 => (0u64..1_000_000_000).prop_map(Value::from),
        1 => any::<bool>().prop_map(Value::from),
        1 => Just(Value::Null),
    ];
    leaf.prop_recursive(4, 24, 5, move |inner| {
        prop_oneof![
            vec(inner.clone(), 0..5).prop_map(Value::from),
            vec((key.clone().prop_map(str::to_owned), inner), 0..5)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

/// The same tree, but for scalars and keys that became placeholders.
fn same_shape(before: &Value, after: &Value) -> bool {
    match (before, after) {
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same_shape(a, b))
        }
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len() && a.values().zip(b.values()).all(|(a, b)| same_shape(a, b))
        }
        (Value::Array(_) | Value::Object(_), Value::String(text)) => text.contains("[REDACTED:"),
        (Value::Array(_) | Value::Object(_), _) => false,
        (a, b) => a == b || b.as_str().is_some_and(|text| text.contains("[REDACTED:")),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(200) })]

    #[test]
    fn any_bytes_anywhere(bytes in vec(any::<u8>(), 0..300)) {
        for (_, invariant) in ALL {
            invariant(&bytes);
        }
    }

    #[test]
    fn text_that_looks_like_something(choice in any::<u8>(), text in text()) {
        let chosen = [&[choice], text.as_bytes()].concat();
        line(text.as_bytes());
        body(&chosen);
        scan(&chosen);
        canon(text.as_bytes());
        target(&[&[choice][..], b"/v1/patients?name=", text.as_bytes()].concat());
        target(&[&[choice][..], b"/v1/fhir/", text.as_bytes()].concat());
    }

    #[test]
    fn json_of_any_shape(request in json(), response in json()) {
        let (request, response) = (request.to_string(), response.to_string());
        line(response.as_bytes());
        body(&[b"\x01", response.as_bytes()].concat());
        echo(format!("{request}\0{response}").as_bytes());
        json_check(response.as_bytes());
        answer(&[b"\0", response.as_bytes()].concat());
    }

    #[test]
    fn json_keeps_its_shape(value in json()) {
        let scrubbed = ENGINE.scrub_body(None, value.to_string().as_bytes(), &Echo::new()).body;
        let after: Value = serde_json::from_slice(&scrubbed).expect("still JSON");
        prop_assert!(same_shape(&value, &after), "{value}\n{after}");
    }
}
