//! What must hold for any text, made of pieces that the readers treat specially.

use proptest::prelude::*;

use super::*;

/// Pieces that the readers treat specially, so that random joins of them reach every branch.
#[rustfmt::skip] // Rows of pieces, not one a line.
const PIECES: [&str; 78] = [
    "{", "}", "[", "]", "(", ")", "\"", "'", "`", "\\", "\\\"", "\\u00e9", "\\ud83d", ":", "=", "=>",
    ",", ";", "&", "&amp;", "&#64;", "?", "%40", "%C3%A9", "%", "+", "|", "^", "~", "*", "<", ">",
    "</a>", "<a b=\"", "<!--", "-->", "<![CDATA[", "]]>", " ", "\n", "\r", "name", "lastName", "dob",
    "phone", "address", "value", "received ", "got ", "field", "path", "Key (", ")=(",
    "insert into t (", ") values (", "PID|", "NM1*", "parameters: ", "Marisol", "Quintanar-Abbott",
    "1987-11-23", "(512) 555-0147", "é", "ß", "山田", "e\u{301}", "[REDACTED:name]", "[REDACTED:",
    "null", "12", "-1.5e3", "true", "\u{feff}", "…", "“", "”", "cookie: ", "Bearer ",
];

fn piece() -> impl Strategy<Value = String> {
    prop_oneof![prop::sample::select(PIECES.to_vec()).prop_map(str::to_owned), "[ -~]{0,6}", "\\PC{0,3}",]
}

fn text() -> impl Strategy<Value = String> {
    prop::collection::vec(piece(), 0..24).prop_map(|pieces| pieces.concat())
}

fn json() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        any::<i64>().prop_map(Into::into),
        text().prop_map(Into::into),
    ];
    leaf.prop_recursive(4, 24, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Into::into),
            prop::collection::vec((piece(), inner), 0..5)
                .prop_map(|members| serde_json::Value::Object(members.into_iter().collect())),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_are_survived(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let engine = engine();
        engine.scrub_line(&bytes, &mut Vec::new());
        let mut echo = Echo::new();
        echo.add_body(None, &bytes, &|_| crate::phi::cues::KeyClass::Free);
        engine.scrub_body(None, &bytes, &echo);
        engine.scrub_body(Some("application/x-www-form-urlencoded"), &bytes, &echo);
    }

    #[test]
    fn any_text_is_survived_and_the_result_is_stable(text in text()) {
        let engine = engine();
        let once = line(&engine, &text);
        prop_assert_eq!(line(&engine, &once), once);
    }

    #[test]
    fn json_stays_json(value in json(), request in json()) {
        let engine = engine();
        let mut echo = Echo::new();
        echo.add_body(None, request.to_string().as_bytes(), &|_| crate::phi::cues::KeyClass::Unknown);
        let out = engine.scrub_body(None, value.to_string().as_bytes(), &echo).body;
        prop_assert!(serde_json::from_slice::<serde_json::Value>(&out).is_ok(), "{}", String::from_utf8_lossy(&out));
    }
}
