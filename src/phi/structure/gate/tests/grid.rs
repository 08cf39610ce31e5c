//! Claims, signs and values, and words of names, each with each: what passes the gate is clean.

use super::*;

fn none_is_missed(lines: &[String]) {
    let missed = |line: &&String| {
        [Place::Log, Place::Error].into_iter().any(|place| {
            let mut found = Vec::new();
            if reader(place, true).passes(line, Context::NONE) {
                reader(place, false).document(line, Context::NONE, 0, &mut found);
            }
            !found.is_empty()
        })
    };
    let missed: Vec<_> = lines.iter().filter(missed).collect();
    assert!(missed.is_empty(), "the gate misses what is in {} of {}: {missed:#?}", missed.len(), lines.len());
}

/// What is claimed, what may stand between, what may answer: each with each.
#[test]
fn claims_are_inert_only_where_nothing_answers_them() {
    let mut lines = Vec::new();
    let claims = [
        "mrn",
        "patient",
        "token",
        "billing",
        "plan id",
        "date of birth",
        "name",
        "address",
        "phone",
        "vin",
        "Encounter",
        "consumer",
        "api key",
        "c.c",
        "ip",
        "user id",
        "surname",
        "ssn",
    ];
    let between = [
        " ",
        ": ",
        " : ",
        "=",
        " = ",
        " (",
        "(",
        ") ",
        "] ",
        "\t",
        " +",
        " is ",
        " in ",
        " eq ",
        ", ",
        " was sent in ",
        " to the ",
        " 12 March ",
        "/",
        " changed ",
        ") = ",
    ];
    let values = [
        "12",
        "504ms",
        "4471",
        "4471023",
        "12 34 56",
        "'Okafor'",
        "Okafor",
        "enabled the entry",
        "(x) 77120",
        "{id}",
        "9 Oak",
        "[1]",
        "3/4/61",
        "12 Mar 61",
        "93",
        "AB 12",
        "org_6stsz17b",
        "1x2y3z",
        "\"q\"",
        "~",
        "@a",
        "ip-10-0-1-2",
    ];
    for claim in claims {
        for sign in between {
            for value in values {
                lines.push(format!("{claim}{sign}{value}"));
                lines.push(format!("4471 [{claim}{sign}{value} done"));
            }
        }
    }
    none_is_missed(&lines);
}

/// Words that names are made of or told by, two and three in a row.
#[test]
fn names_are_looked_for_wherever_two_words_could_make_one() {
    let mut lines = Vec::new();
    let words = [
        "Jane",
        "DOE",
        "Quintanar",
        "LI",
        "WANG",
        "J",
        "patient",
        "Dr",
        "born",
        "ORDER",
        "nee",
        "smith",
        "reports",
        "BY",
        "Xqz",
        "Winthrop-Fields",
        "O'Brien",
        "via",
    ];
    for one in words {
        for gap in [" ", ", ", "-", ". ", "' '", " (", "=", ": ", "  "] {
            for two in words {
                lines.push(format!("{one}{gap}{two}"));
                for three in ["Okafor", "LI", "not found", "de Wit", "amara"] {
                    lines.push(format!("done: {one}{gap}{two} {three}"));
                }
            }
        }
    }
    none_is_missed(&lines);
}
