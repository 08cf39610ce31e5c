//! Claims, signs and values, and words of names, each with each: what passes the gate is clean.

use super::*;

/// Returns how many pass.
fn none_is_missed(lines: &[String]) -> usize {
    let passed = std::cell::Cell::new(0);
    let missed = |line: &&String| {
        [Place::Log, Place::Error].into_iter().any(|place| {
            let mut found = Vec::new();
            if reader(place, true).passes(line, Context::NONE) {
                passed.set(passed.get() + 1);
                reader(place, false).document(line, Context::NONE, 0, &mut found);
            }
            !found.is_empty()
        })
    };
    let missed: Vec<_> = lines.iter().filter(missed).collect();
    assert!(missed.is_empty(), "the gate misses what is in {} of {}: {missed:#?}", missed.len(), lines.len());
    passed.get() / 2
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
        "child",
        "pid",
        "date of service",
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
        " invalid: ",
        " received ",
        " got ",
        " was ",
        " does not match ",
        " rejected: ",
        " already exists ",
        ", found ",
        " unexpected ",
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
        "83112",
        "#831",
        "101 in",
        "298 items, 0.949s",
        "(83112 items)",
        "5, May 61",
        "38865049064139660",
        "831",
        "3, x",
        "req-9bc36dd9-91c5-4314-898a-47625eb93b09",
        "10.0.3.7:443",
        "D7 and",
        "src@host-1",
    ];
    for claim in claims {
        for sign in between {
            for value in values {
                lines.push(format!("{claim}{sign}{value}"));
                lines.push(format!("4471 [{claim}{sign}{value} done"));
                lines.push(format!("{value}{sign}{claim}"));
                lines.push(format!("invalid{sign}{value}, {claim}"));
            }
        }
    }
    none_is_missed(&lines);
}

/// What was replaced answers what claims it, and nothing else.
#[test]
fn what_was_replaced_hides_nothing_around_it() {
    let mut lines = Vec::new();
    let claims = [
        "mrn",
        "patient",
        "Authorization",
        "billing",
        "date of birth",
        "name",
        "Mr",
        "address",
        "phone",
        "vin",
        "iris code",
        "surname",
        "ssn",
        "patient_mrn",
        "4471 patient_mrn",
        "4471023 is not a valid ssn",
        "4471 for patient",
        "{email",
        "'phone'",
        "age",
        "zip",
        "dob",
        "Lt. Col.",
        "email",
        "record for",
        "lives at",
        "O'",
        "Jane",
        "born",
        "user id",
    ];
    let between = [
        " ", ": ", "=", " (", "(", " is ", ", ", "/", ": '", "=\"", "\": \"", ") = (", " from ", "-", "_",
        "'", ". ", "#", " => \"", "=<", " [", "[", " -> ",
    ];
    let labels = ["name", "mrn", "date", "geo", "other-unique-id", "name:7f3k9q2x"];
    let tails = [
        "",
        " ",
        ", ",
        "; ",
        "' ",
        "\" ",
        "\", \"",
        ") ",
        "/",
        " / ",
        ": ",
        " is ",
        " of ",
        "-",
        "'s ",
        "=",
        " and ",
        "]",
        " (",
        "@",
        " matched ",
        " received ",
        " received: '",
        ", got ",
        " was ",
        " is not a valid ",
        ": invalid value ",
        " expected \"",
        ", value: ",
        " must be ",
        "&x=",
        "|",
        " - ",
        "+",
        " to ",
        ". ",
    ];
    let values = [
        "",
        "Okafor",
        "4471",
        "4471023",
        "0.98",
        "Jane Okafor",
        "1987-11-23",
        "okafor",
        "12 Oak",
        "x",
        "Lindal",
        "TX 78701",
    ];
    for claim in claims {
        for sign in between {
            let label = labels[lines.len() / values.len() % labels.len()];
            for tail in tails {
                for value in values {
                    lines.push(format!("{claim}{sign}[REDACTED:{label}]{tail}{value}"));
                }
            }
            for value in values {
                for tail in tails {
                    lines.push(format!("{value}{tail}[REDACTED:{label}]{sign}{claim}"));
                }
            }
        }
    }
    let passed = none_is_missed(&lines);
    assert!(passed > lines.len() / 8, "only {passed} of {} pass", lines.len());
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

/// Numbers in groups, of all lengths and with all signs between, and no word beside them.
#[test]
fn groups_of_digits_are_read_wherever_they_could_be_a_number() {
    let mut state = 7u64;
    let mut draw = |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % below
    };
    let heads =
        ["", "took ", "at 16:13:", "be/srv1 ", "x-", "v", "(", "2026-02-03 04:05:06.078 ", "$", "Chrome/"];
    let gaps = ["-", " ", ".", "/", ") ", ")", "  ", " - ", " (", ", ", ":"];
    let tails = ["", " ms", "x22", "-1", ".log", "A", ", done", " 17 18 19"];
    let shapes: [&[usize]; 16] = [
        &[3, 2, 4],
        &[3, 3, 4],
        &[1, 3, 3, 4],
        &[4, 3, 3],
        &[4, 4, 4, 4],
        &[3, 3, 3],
        &[2, 2, 2, 2, 2],
        &[4, 5, 1],
        &[3, 7],
        &[2, 2, 2, 3, 2],
        &[6, 4],
        &[4, 2, 3, 4],
        &[3, 4, 4],
        &[2, 8],
        &[5, 5],
        &[1, 2, 2, 2, 3, 3, 2],
    ];
    let mut lines = Vec::new();
    for _ in 0..20000 {
        let mut lens: Vec<usize> = match draw(3) {
            0 => (0..2 + draw(5)).map(|_| 1 + draw(6)).collect(),
            _ => shapes[draw(shapes.len())].to_vec(),
        };
        // Some stand behind others.
        if draw(4) == 0 {
            lens.insert(0, 1 + draw(4));
        }
        let gap = gaps[draw(gaps.len())];
        let mut line = heads[draw(heads.len())].to_owned();
        for (nth, len) in lens.into_iter().enumerate() {
            if nth > 0 {
                line += if draw(8) == 0 { gaps[draw(gaps.len())] } else { gap };
            }
            for at in 0..len {
                let digit = if at == 0 && draw(2) == 0 { draw(2) } else { draw(10) };
                line.push(char::from(b'0' + digit as u8));
            }
        }
        lines.push(line + tails[draw(tails.len())]);
    }
    let passed = none_is_missed(&lines);
    assert!(passed > lines.len() / 4, "only {passed} of {} pass", lines.len());
}
