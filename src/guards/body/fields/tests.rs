//! Fields are found whatever they are wrapped in, and whatever pieces they come in.

use http::Method;

use super::*;
use crate::contract::{index_of, routes};

fn found(template: &str, text: &str, chunk: usize) -> Vec<&'static str> {
    let index = index_of(&Method::POST, template).expect("a route");
    let mut fields = Fields::new(&routes()[index], Names::Fields);
    for piece in text.as_bytes().chunks(chunk) {
        fields.push(piece);
    }
    fields.found().to_vec()
}

#[test]
fn fields_are_found_by_path_in_whatever_pieces_they_come() {
    let fhir = "/v1/fhir/{path}";
    for (template, text, expected) in [
        ("/v1/patients", r#"{"firstName":"A","gender":"female","active":true}"#, &["firstName"][..]),
        ("/v1/patients", r#"{"firstName":"","lastName":null,"photo":{},"contact":[]}"#, &[]),
        ("/v1/patients", r#"{"firstName":"  ","birthDate":" 1"}"#, &["birthDate"]),
        ("/v1/patients", r#"{"phone":5550147}"#, &["phone"]),
        (
            "/v1/patients",
            r#"{"contact":[{"x":[1,{"y":"z"}]},{"email":"a\"b\\","firstName":"B"}],"address":{"line":["1"],"state":"OH"}}"#,
            &["contact[].email", "contact[].firstName", "address.line[]"],
        ),
        ("/v1/patients", r#"{"\u0066irstName":"A","meta":{"x":"firstName"}}"#, &["firstName"]),
        ("/v1/patients", r#"{"a":"firstName","gender":"{\"firstName\":\"A\"}"}"#, &[]),
        ("/v1/appointments", r#"{"start":"2026-11-22T09:00:00Z","patientId":"pt_1"}"#, &[]),
        ("/v1/patients", r#"[1,[2],{"x":[1,1]},{"phone":[1,1]},{"x":1},1]"#, &["phone"]),
        (
            fhir,
            r#"{"resourceType":"Patient","name":[{"family":"A","given":["B","C"]}]}"#,
            &["name.family", "name.given"],
        ),
        (fhir, r#"[{"op":"replace","path":"/birthDate","value":"1987-11-23"}]"#, &["birthDate"]),
        (fhir, r#"[{"op":"add","value":{"family":"A"},"path":"/name/-"}]"#, &["name.family"]),
        (fhir, r#"[{"op":"replace","path":"","value":{"birthDate":"1987-11-23"}}]"#, &["birthDate"]),
        (
            fhir,
            r#"[{"op":"remove","path":"/name/0"},{"op":"replace","path":"/status","value":"final"}]"#,
            &[],
        ),
    ] {
        for chunk in 1..=text.len() {
            assert_eq!(found(template, text, chunk), expected, "{text} in pieces of {chunk}");
        }
    }
}

#[test]
fn a_patch_hides_no_field() {
    let harmless = |count: usize| (0..count).map(|at| format!("\"k{at}\":1,")).collect::<String>();
    let fhir = "/v1/fhir/{path}";
    for count in [0, 15, 16, 64, 65, 1000] {
        let value = format!("{{{}\"birthDate\":\"1987-11-23\"}}", harmless(count));
        for operation in [
            format!("[{{\"op\":\"replace\",\"path\":\"\",\"value\":{value}}}]"),
            format!("[{{\"op\":\"replace\",\"PATH\":\"\",\"Value\":{value}}}]"),
            format!("{{\"op\":\"replace\",\"path\":\"\",\"value\":{value}}}"),
            format!("[{{\"op\":\"add\"}},{{\"path\":\"\",\"path\":\"/active\",\"value\":{value}}}]"),
        ] {
            assert_eq!(found(fhir, &operation, 7), ["birthDate"], "{count}");
        }
        let later = format!("[{{\"value\":{value},\"path\":\"\"}}]");
        assert_eq!(found(fhir, &later, 7), [if count < INSIDE_MAX { "birthDate" } else { UNKNOWN_PATCH }]);
        let nowhere = format!("[{{\"value\":{value}}}]");
        assert_eq!(found(fhir, &nowhere, 7), [if count < INSIDE_MAX { "birthDate" } else { UNKNOWN_PATCH }]);
    }
    for text in [
        r#"[{"path":"/birthDate","path":"/active","value":"1987-11-23"}]"#,
        r#"[{"path":"/active","path":"/birthDate","value":"1987-11-23"}]"#,
        r#"[{"path":"/active","value":"1987-11-23","path":"/birthDate"}]"#,
        r#"{"path":"/birthDate","value":"1987-11-23"}"#,
        r#"{"value":"1987-11-23","path":"/birthDate"}"#,
        r#"[{"path":"birthDate","value":"1987-11-23"}]"#,
    ] {
        for chunk in 1..=text.len() {
            assert_eq!(found(fhir, text, chunk), ["birthDate"], "{text}");
        }
    }
    let five = r#""path":"/active","#.repeat(POINTERS_MAX + 1);
    assert_eq!(found(fhir, &format!("[{{{five}\"value\":true}}]"), 7), [] as [&str; 0]);
    assert_eq!(found(fhir, &format!("[{{{five}\"value\":1}}]"), 7), [UNKNOWN_PATCH]);
    let long = "a".repeat(PATH_BYTES_MAX);
    assert_eq!(found(fhir, &format!("[{{\"path\":\"/{long}\",\"value\":1}}]"), 7), [UNKNOWN_PATCH]);
    for text in [
        format!("[{{\"op\":\"remove\",\"path\":\"/{long}\"}}]"),
        r#"[{"path":"/active","value":true},{"path":"/birthDate"}]"#.to_owned(),
        format!("[{{\"path\":\"/extension/0\",\"value\":{{{}\"x\":1}}}}]", harmless(1000)),
        format!("{{\"value\":{{{}\"x\":1}}}}", harmless(1000)),
    ] {
        assert_eq!(found(fhir, &text, 7), [] as [&str; 0], "{text}");
    }
}

#[test]
fn depth_length_and_nonsense_are_bounded() {
    let deep = format!("{}\"firstName\":\"A\"{}", "{\"a\":{".repeat(200), "}}".repeat(200));
    assert!(found("/v1/patients", &deep, 7).is_empty());
    let after = format!("{{\"a\":{}{},\"firstName\":\"A\"}}", "[".repeat(500), "]".repeat(500));
    assert_eq!(found("/v1/patients", &after, 7), ["firstName"]);
    let long = format!("{{\"{}\":\"A\",\"lastName\":\"B\"}}", "k".repeat(10_000));
    assert_eq!(found("/v1/patients", &long, 7), ["lastName"]);
    let key = "k".repeat(KEY_BYTES_MAX);
    let far = format!("{}\"firstName\":\"A\"{}", format!("{{\"{key}\":{{").repeat(5), "}}".repeat(5));
    assert_eq!(found("/v1/patients", &far.replacen("}}", "},\"active\":true}", 1), 7), ["name"]);
    for nonsense in ["}}}]]]", "{{{{", "\"", "{\"firstName\"", ",,::", "{\"a\\", "[[[\"\\u"] {
        assert!(found("/v1/patients", nonsense, 1).is_empty());
    }
}

#[test]
fn a_form_is_read_by_its_names() {
    let index = index_of(&Method::GET, "/v1/patients").expect("a route");
    let mut fields = Fields::new(&routes()[index], Names::Parameters);
    fields.form(b"%6eame=A&gender=female&email=&birth%44ate=1987-11-23&x&%zz=1");
    assert_eq!(fields.found(), ["name", "birthDate"]);
}
