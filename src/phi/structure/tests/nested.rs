//! Readings within readings: as much work for a byte of a long text as of a short one, and nothing passes unread.

use super::*;
use crate::phi::work;

/// Marks of every kind, each in several levels, and what makes readers begin again.
#[rustfmt::skip] // Rows of pieces, not one a line.
const MARKS: [&str; 60] = [
    "patient%2520Jane%252520Doe%2525252C ", "\\u0025\\u0032\\u0035 ", "\\\\u0041\\\\\\\\u0042 ", "&amp;#37;", "&amp;amp;lt;b&amp;amp;gt; ",
    "eyJhIjoiZXlKaUlqb2lTbUZ1WlNCRWIyVWlmUT09In0= ", "<p>to <b>Jane</b></p> ", "Ja\u{200b}ne D\u{200b}oe ", "name=\"x\" ",
    "\u{ff05}\u{ff12}\u{ff15} ", "{\"a\":\"{\\\"b\\\":\\\"%2541 &amp;amp;\\\"}\"} ", "<input name=\"q\" value=\"a=%2541&amp;b=\\u0041\">",
    "PID|1||\\T\\12345^^^MRN||DOE^JANE\\S\\||19871123|F\r", "=?utf-8?Q?a=3D=3Futf-8=3FQ=3Fa=3F=3D?= ", "\"a\\\"b\\\\\\\"c\\\\\\\\\\\\\\\"d\" ",
    "<![CDATA[%2541 <b>x</b>]]>", "(", ")", "[", "{", "{\"a\":", "[[", "<", "<a ", "<a>", "</a>", "<!--", "'", "\"", "`", "\"'", "\\\"",
    "\\", "\u{201c}", ",", ";", "1", "12-34-", "1987-11-23 ", "a", "A1B2C3D4E5F6G7H8 ", "INSERT INTO p (a,", "Key (a)=(", "&#64;", "%40",
    "[REDACTED:name]", "name: ", "k=\u{201c}", "?a=b&", "&a=b", "patient Jane Doe ", "email: Invalid email, received ", "NM1*IL*1*DOE*JANE~",
    "/patients/jane-doe", "eyJhbGciOiJ9.", "SmFuZSBEb2U=", "::", " --name ", "\n- a: b\n", "urn:oid:1|",
];

/// So many bytes of them, in an order that does not come again.
fn dirty(bytes: usize) -> String {
    let (mut text, mut next) = (String::new(), 88_172_645_463_325_252_u64);
    while text.len() < bytes {
        next ^= next << 13;
        next ^= next >> 7;
        next ^= next << 17;
        text.push_str(MARKS[(next % MARKS.len() as u64) as usize]);
    }
    text
}

/// The same of marks that people and programs leave, one after another.
fn escaped(bytes: usize) -> String {
    MARKS[..9].concat().repeat(bytes / MARKS[..9].concat().len() + 1)
}

fn work_of(text: &str) -> u64 {
    work::of(|| drop(body(&engine(), text)))
}

fn work_for(text: &str) -> u64 {
    work_of(text) / text.len() as u64
}

#[test]
fn a_byte_costs_the_same_however_long_the_text_and_however_many_marks_stand_in_it() {
    for (made, kib_max) in [(dirty as fn(usize) -> String, 255), (escaped, 64)] {
        for (before, behind) in [("", ""), ("<p>", "</p>")] {
            let short = work_for(&format!("{before}{}{behind}", made(16 << 10)));
            assert!(short < 300, "{before}{short}");
            let kibs =
                [64, 255].into_iter().filter(|kib| *kib <= kib_max && (before.is_empty() || *kib < 255));
            for kib in kibs {
                let long = work_for(&format!("{before}{}{behind}", made(kib << 10)));
                assert!(2 * long <= 3 * short, "{before}{kib}: {short} and {long}");
            }
        }
    }
}

#[test]
fn short_texts_are_bounded_too() {
    let text = dirty(1 << 10);
    assert!(work_for(&text) < 400, "{}", work_for(&text));
}

#[test]
fn what_is_not_read_any_more_is_hidden() {
    let said = "patient%25253A Marisol%252520Quintanar";
    let out = body(&engine(), &format!("{}\n{said}\n{}\n", dirty(8 << 10), dirty(8 << 10)));
    assert!(!out.contains("Quintanar") && out.contains("[REDACTED:"), "{out}");
}

#[test]
fn a_tangled_string_costs_only_itself() {
    let value = serde_json::json!({
        "trace": dirty(8 << 10),
        "message": "the body is no valid \\u004aSON",
        "errors": [{"field": "lastName", "rejected": "Quint%2561nar"}, {"hint": "send it again"}],
    });
    let out = body(&engine(), &value.to_string());
    let out: serde_json::Value = serde_json::from_str(&out).expect("JSON stays JSON");
    assert_eq!(out["message"], value["message"]);
    assert_eq!(out["errors"][1]["hint"], "send it again");
    assert!(!out["errors"][0]["rejected"].to_string().contains("nar"), "{out}");
}

#[test]
fn around_its_marks_a_long_text_is_read_as_a_short_one() {
    let plain = "worker 7 took the next message of the queue and gave it back\n";
    for (said, gone) in [
        ("patient%3A%20Marisol%20Quintanar", "Quintanar"),
        ("the patient is\nMarisol%20Quintanar\n", "Quintanar"),
        ("patient Mari\u{200b}sol Quin\u{200b}tanar", "tanar"),
        ("lastName\\u003dQuintanar", "Quintanar"),
        ("&lt;lastName&gt;Quintanar&lt;/lastName&gt;", "Quintanar"),
        ("{\\\"lastName\\\":\\\"Quintanar\\\"}", "Quintanar"),
        ("subject: =?utf-8?Q?patient_Marisol_Quintanar?=", "Quintanar"),
    ] {
        assert!(!body(&engine(), said).contains(gone), "{said}");
        let text = format!("{0}{said}\n{0}{said}\n{0}", plain.repeat(60));
        for text in [text.clone(), text.replace('\n', " ")] {
            let out = body(&engine(), &text);
            assert!(!out.contains(gone), "{said}");
            assert!(out.contains(plain.trim_end()), "{said}");
        }
    }
}

#[test]
fn what_a_string_is_read_as_depends_on_its_key_though_it_was_read_before() {
    let filler = "nothing is said of anybody. ".repeat(100);
    let said = "Upper Quintanar Hill";
    let text = serde_json::json!({"note": filler, "title": said, "city": said, "label": said, "town": said});
    let out: serde_json::Value = serde_json::from_str(&body(&engine(), &text.to_string())).expect("JSON");
    assert_eq!((&out["title"], &out["label"]), (&text["title"], &text["title"]));
    assert!(out["city"] != text["city"] && out["town"] != text["town"], "{out}");
}

#[test]
fn lines_far_from_every_mark_are_not_read_again() {
    let plain = "worker 7 took the next message of the queue and gave it back\n".repeat(1000);
    let (none, one) = (format!("{plain}100 done\n{plain}"), format!("{plain}100%25 done\n{plain}"));
    let (none, one) = (work_of(&none), work_of(&one));
    assert!(one < none + none / 10, "{one} and {none}");
}
