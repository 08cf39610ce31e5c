//! Work grows with the length of a text and not with its square, whatever it is made of.

use super::*;
use crate::phi::{cues::KeyClass, work};

/// Each makes some reader begin again and again.
#[rustfmt::skip] // Rows of pieces, not one a line.
const SEEDS: [&str; 72] = [
    "(", ")", "[", "{", "{\"a\":", "[[", "<", "<a ", "<a>", "</a>", "<!--", "<![CDATA[", "'", "\"", "`", "\"'", "\\\"", "\\",
    "\u{201c}", ",", ";", "1", "1 ", "12-34-", "1987-11-23 ", "(512) 555-0147 ", "a", "aA1", "A1B2C3D4E5F6G7H8 ", "INSERT INTO p (a,",
    "insert into p (a) values ('x'),", "Key (a)=(", "\u{4e2d}", "\u{e9}", "\u{200b}", "&amp;amp;", "&#64;", "%2525", "%40", "=?utf-8?Q?a?=",
    "[REDACTED:name]", "[REDACTED:", "name: ", "name='", "k=\u{201c}", "?a=b&", "&a=b", "a=b", "patient Jane Doe ", "Doe, Jane; ",
    "received 'x' ", "email: Invalid email, received ", "PID|", "NM1*IL*1*DOE*JANE~", "DOE^JANE^", "/patients/jane-doe", "a.pdf ",
    "eyJhbGciOiJ9.", "SmFuZSBEb2U=", "jane@example.org ", "@", "::", " --name ", "\n- a: b\n", "mrn=urn:oid:1|",
    "identifier=http://hl7.org/|", "urn:oid:1|", "1987-11-23|", "PID|1||||||19871123|F\r", "NM1*IL*1 ",
    "member 71204 ", "Modify birth: 1976-03-02 ",
];
/// What stands before and behind: texts, a string of JSON, an element, a sentence about a field.
const AROUND: [(&str, &str); 4] = [
    ("", ""),
    ("{\"status\":400,\"message\":\"", "\"}"),
    ("<p>", "</p>"),
    ("lastName: received ", " is invalid"),
];

fn echo() -> Echo {
    let mut echo = Echo::new();
    for value in
        ["Jane Doe", "\u{4e2d}\u{4e2d}", "1987-11-23", "jane@example.org", "aA1aA1", "[REDACTED:name]"]
    {
        echo.add_value(KeyClass::Unknown, value);
    }
    echo
}

#[test]
fn work_grows_with_the_length_whatever_a_text_is_made_of() {
    const BYTES: usize = 1500;
    let (engine, echo) = (engine(), echo());
    let mut worse = Vec::new();
    for seed in SEEDS {
        for (before, behind) in AROUND {
            let work = |bytes: usize| {
                let text = format!("{before}{}{behind}", seed.repeat(bytes / seed.len()));
                work::of(|| {
                    engine.scrub_body(None, text.as_bytes(), &echo);
                    engine.scrub_line(text.as_bytes(), &mut Vec::new());
                })
            };
            // To double a text once more costs about as much more as to double it before.
            let (one, two, four) = (work(BYTES), work(2 * BYTES), work(4 * BYTES));
            if four > 5 * one + 20_000 || 2 * four > 5 * two + 40_000 {
                worse.push(format!("{before}{seed:?}: {one} for {BYTES} bytes, {two}, {four}"));
            }
        }
    }
    assert!(worse.is_empty(), "{worse:#?}");
}
