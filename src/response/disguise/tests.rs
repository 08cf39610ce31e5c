//! What begins like an error, what is one, and what is a record that looks like one.

use super::*;

#[test]
fn an_answer_shows_what_it_is_in_its_first_members() {
    for (text, expected) in [
        (r#"{"resourceType":"OperationOutcome","issue":[]}"#, Opening::Error),
        ("\u{feff} { \"id\" : \"1\" , \"resourceType\" : \"Operation\\u004futcome\" }", Opening::Error),
        (r#"{"issue":[{"severity":"error"}],"resourceType":"Op"#, Opening::Error),
        (r#"{"text":{"div":"<a href=\"{\">"},"resourceType":"OperationOutcome""#, Opening::Error),
        (r#"{"data":{"resourceType":"OperationOutcome"}}"#, Opening::Error),
        (r#"{"data":null,"error":"x"}"#, Opening::Error),
        (r#"{"code":"X","message":"m","error":{"a"#, Opening::Error),
        (r#"{"success":false,"mess"#, Opening::Error),
        (r#"{"title":"Invalid","status":422}"#, Opening::Error),
        (r#"{"status":"error","mess"#, Opening::Error),
        (r#"{"status":"\u0066ail","data"#, Opening::Error),
        (r#"{"status":"fail"#, Opening::Undecided),
        (r#"{"status":"failed","name":"x"}"#, Opening::Record),
        (r#"{"data":{"status":"error","name":"x"}}"#, Opening::Record),
        (r#"{"name":"x","status":"error"}"#, Opening::Record),
        (r#"{"success":true,"id":"1","firstName":"#, Opening::Undecided),
        (r#"{"success":true,"id":"1","firstName":"x"}"#, Opening::Record),
        (r#"{"page":1,"entry":["#, Opening::Carrier),
        (r#"{"id":"1","lastUpdated":"x","tags":[{}],"entry":["#, Opening::Carrier),
        (r#"{"data":{"$schema":"x","resourceType":"Bundle""#, Opening::Carrier),
        (r#"{"$schema":"x","resourceType":"OperationOutcome""#, Opening::Error),
        (r#"{"$schema":"x","issue":[{"#, Opening::Carrier),
        (r#"{"$schema":"x","resourceType":"Patient""#, Opening::Record),
        (r#"{"field":"x","success":false"#, Opening::Undecided),
        (r#"{"field":"x","success":false,"#, Opening::Error),
        (r#"{"field":"x","error":"y"}"#, Opening::Record),
        (r#"{"status":42"#, Opening::Undecided),
        (r#"{"error":null,"data":{"id":"1","firstName":"#, Opening::Undecided),
        (
            r#"{"resourceType":"Bundle","entry":[{"resource":{"resourceType":"OperationOutcome"}}]}"#,
            Opening::Carrier,
        ),
        (r#"{"data":{"data":[{"resourceType":"OperationOutcome"}]}}"#, Opening::Record),
        (r#"{"data":[{"#, Opening::Record),
        (r#"{"data":"JVBERi"#, Opening::Record),
        (r#"{"data":"","error":"x"}"#, Opening::Error),
        (r#"{"status":"ok"}"#, Opening::Record),
        (r#"{"entry":["#, Opening::Carrier),
        (r#"{"data":{"id":"1","type":"searchset","link":[],"total":2,"entry":"#, Opening::Carrier),
        (r#"{"total":2,"data":[{"#, Opening::Record),
        (r#"{"resourceType":"Parameters","#, Opening::Carrier),
        (r#"{"identifier":[],"active":true}"#, Opening::Record),
        ("[1]", Opening::Record),
        ("7", Opening::Record),
        ("", Opening::Undecided),
        (" {", Opening::Undecided),
        (r#"{"resourceType""#, Opening::Undecided),
        (r#"{"resourceType":"OperationOut"#, Opening::Undecided),
        (r#"{"data":{"id":"#, Opening::Undecided),
        (r#"{"err"#, Opening::Undecided),
        (r#"{"error":n"#, Opening::Undecided),
        ("<html>", Opening::Unreadable),
        ("\u{1f}\u{8b}", Opening::Unreadable),
        ("{\0\"\0", Opening::Unreadable),
    ] {
        assert_eq!(opening(text.as_bytes()), expected, "{text}");
    }
    let utf16: Vec<u8> = "{}".encode_utf16().flat_map(u16::to_be_bytes).collect();
    assert_eq!(opening(&utf16), Opening::Unreadable);
}

#[test]
fn a_beginning_never_says_otherwise_than_the_whole() {
    for text in [
        r#"{"id":"1","meta":{"a":[1,"}"]},"resourceType":"OperationOutcome","issue":[{"x":1}]}"#,
        r#"{"meta":{"a":1},"data":{"id":"x","resourceType":"OperationOutcome"}}"#,
        r#"{"error":"bad","message":"m"}"#,
        r#"{"error":null,"data":{"id":"1","lastName":"x"}}"#,
        r#"{"resourceType":"Patient","issue":[1]}"#,
    ] {
        let whole = opening(text.as_bytes());
        for end in 0..text.len() {
            let begun = opening(&text.as_bytes()[..end]);
            assert!(begun == Opening::Undecided || begun == whole, "{}", &text[..end]);
        }
        assert_eq!(whole == Opening::Error, is_error(text.as_bytes()), "{text}");
    }
}

#[test]
fn behind_a_strange_member_the_first_bytes_decide() {
    let answer = |pad: usize| format!(r#"{{"a":"{}","entry":[]}}"#, "x".repeat(pad));
    for (pad, expected) in [(LEAD_BYTES_MAX - 20, Opening::Carrier), (LEAD_BYTES_MAX, Opening::Record)] {
        let text = answer(pad);
        for end in 0..=text.len() {
            let begun = opening(&text.as_bytes()[..end]);
            assert!(begun == Opening::Undecided || begun == expected, "{pad} {end}");
        }
        assert_eq!(opening(text.as_bytes()), expected);
    }
    assert_eq!(
        opening(answer(LEAD_BYTES_MAX).get(..LEAD_BYTES_MAX + 1).unwrap_or_default().as_bytes()),
        Opening::Record
    );
}

#[test]
fn a_record_with_a_remark_is_no_error() {
    for (text, expected) in [
        (r#"{"error":"partial","data":{"id":"1"}}"#, Errors::None),
        (r#"{"error":"x","resourceType":"Patient"}"#, Errors::None),
        (r#"{"errors":[],"id":"1"}"#, Errors::None),
        (r#"{"data":{"resourceType":"OperationOutcome"},"meta":{}}"#, Errors::Enveloped),
        (r#"{"errors":["x"]}"#, Errors::Whole),
        (r#"{"success":false,"message":"x"}"#, Errors::Whole),
        (r#"{"reason":"x","success":false}"#, Errors::Whole),
        (r#"{"success":true,"message":"x"}"#, Errors::None),
        (r#"{"id":"d1","type":"fax","success":false,"recipient":"x"}"#, Errors::None),
        (r#"{"recipient":"x","success":false,"type":"fax","id":"d1"}"#, Errors::None),
        (r#"{"recipient":"x","success":false,"message":"y","id":"d1"}"#, Errors::None),
        (r#"{"success":false,"recipient":"x"}"#, Errors::None),
        (r#"{"data":{"id":"d1","success":false,"patientName":"x","birthDate":"y"}}"#, Errors::None),
        (r#"{"data":{"patientName":"x","success":false,"id":"d1"}}"#, Errors::None),
        (r#"{"value":"x","success":false,"message":"y"}"#, Errors::Whole),
        (r#"{"data":{"value":"x","message":"y","ok":false}}"#, Errors::Enveloped),
        (r#"{"$schema":"x","resourceType":"OperationOutcome"}"#, Errors::Whole),
        (r#"{"success":false,"field":"name","value":"x"}"#, Errors::Whole),
        (r#"{"success":false,"data":{"id":"1","lastName":"x"}}"#, Errors::None),
        (r#"{"data":{"ok":false,"failures":[{"value":"x"}]}}"#, Errors::Enveloped),
        (r#"{"data":{"status":422,"errors":["x"]}}"#, Errors::Enveloped),
        (r#"{"data":{"status":422,"errors":["x"],"lastName":"x"}}"#, Errors::None),
        (r#"{"type":"about:blank","title":"x","status":404,"detail":"x"}"#, Errors::Whole),
        (r#"{"id":"1","statusCode":502,"attempts":3}"#, Errors::None),
        (r#"{"status":"500","message":"x"}"#, Errors::None),
        (r#"{"status":"error","message":"x"}"#, Errors::Whole),
        (r#"{"status":"error","code":7,"message":"x","data":{"name":"y"}}"#, Errors::Whole),
        (r#"{"status":"fail","data":{"email":"x"}}"#, Errors::Whole),
        (r#"{"status":"fail","data":null,"message":"x"}"#, Errors::Whole),
        (r#"{"status":"success","data":{"email":"x"}}"#, Errors::None),
        (r#"{"status":"failed","data":{"email":"x"}}"#, Errors::None),
        (r#"{"status":"error","id":"e1","message":"x"}"#, Errors::None),
        (r#"{"status":"error","address":"x","name":"y"}"#, Errors::None),
        (r#"{"status":"error","resourceType":"Endpoint"}"#, Errors::None),
        (r#"{"ok":false,"error":"x"}"#, Errors::Whole),
        (r#"{"errors":[{"message":"x"}],"data":null}"#, Errors::Whole),
        (r#"{"errors":[{"message":"x"}],"data":{"patient":null}}"#, Errors::Remarks),
        (r#"{"success":false,"message":"x","data":{"id":"1"}}"#, Errors::Remarks),
        (r#"{"success":true,"message":"x","data":{"id":"1"}}"#, Errors::None),
        ("[]", Errors::None),
    ] {
        assert_eq!(errors(text), expected, "{text}");
    }
}
