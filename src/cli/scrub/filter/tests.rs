//! Every cut of the input gives the same lines, no label is lost, no byte of a clean text either.

use proptest::prelude::*;

use super::*;

const SMALL: Limits =
    Limits { record_lines: 10, record_bytes: 2048, line_bytes: 4096, context_bytes: 512, cut_bytes: 256 };

/// What comes out when the input comes in pieces that end at `cuts`.
fn filtered(text: &[u8], cuts: &[usize]) -> Vec<u8> {
    let engine = Engine::default();
    let mut filter = Filter { limits: SMALL, ..Filter::new(&engine) };
    let (mut out, mut at) = (Vec::new(), 0);
    for cut in cuts.iter().map(|cut| cut % (text.len() + 1)) {
        if cut > at {
            filter.push(&text[at..cut], &mut out);
            at = cut;
        }
    }
    filter.push(&text[at..], &mut out);
    filter.finish(&mut out);
    out
}

fn scrubbed(text: &str) -> String {
    String::from_utf8(filtered(text.as_bytes(), &[])).unwrap()
}

/// As [`scrubbed`], where the driver loses patience after each line.
fn released(text: &str) -> String {
    let engine = Engine::default();
    let mut filter = Filter::new(&engine);
    let mut out = Vec::new();
    for line in text.split_inclusive('\n') {
        filter.push(line.as_bytes(), &mut out);
        filter.release(&mut out);
        assert!(!filter.holds());
    }
    filter.finish(&mut out);
    String::from_utf8(out).unwrap()
}

#[test]
fn line_ends_and_clean_lines_stay_byte_for_byte() {
    assert_eq!(scrubbed("ready\r\n\nssn 219-09-1234\nno end"), "ready\r\n\nssn [REDACTED:ssn]\nno end");
    for text in ["", "\n", "\r\n\r\n", "a", "  \n\n  \n", "a:\n\n\n", "{\n}\n", "x\r", "\u{feff}a\n"] {
        assert_eq!(scrubbed(text), text);
        assert_eq!(released(text), text);
    }
}

/// Labels above their values, and what must not come out.
const LABELLED: &[(&str, &str)] = &[
    ("Patient name:\n  Zylbeth Quorl\nnext\n", "Zylbeth"),
    ("Patient name:\nZylbeth Quorl\nnext\n", "Zylbeth"),
    ("mrn=\r\n\t4711223\r\nnext\r\n", "4711223"),
    ("patient:\n  name:\n    Zylbeth Quorl\n  city:\n    Grumbletown\n", "Zylbeth"),
    ("patient:\n  name:\n    Zylbeth Quorl\n  city:\n    Grumbletown\n", "Grumbletown"),
    ("java.lang.Exception: invalid MRN\n    4711223\n    at com.acme.Foo(Foo.java:12)\n", "4711223"),
    ("x\nCaused by: org.acme.E: Key (email)=\n  (zylbeth@example.org)\n", "zylbeth@"),
    (
        "{\n  \"patient\": {\n    \"lastName\":\n      \"Zylbeth\",\n    \"mrn\":\n 4711223\n  }\n}\n",
        "Zylbeth",
    ),
    ("INFO created {\n  \"patient\": {\n    \"lastName\":\n      \"Zylbeth\"\n  }\n}\n", "Zylbeth"),
    ("INFO {\n \"birthDate\":\n\"1987-11-23\"\n}\n", "1987-11-23"),
    ("INFO {\n  \"lastName\":\n    \"Zylbeth\n", "Zylbeth"),
];

#[test]
fn a_value_below_its_label_does_not_come_out() {
    for (text, secret) in LABELLED {
        for out in [scrubbed(text), released(text)] {
            assert!(!out.contains(secret), "{text}\n{out}");
            assert_eq!(out.matches('\n').count(), text.matches('\n').count(), "{out}");
            assert_eq!(scrubbed(&out), out);
        }
    }
    let json = scrubbed(LABELLED[7].0);
    assert!(serde_json::from_str::<serde_json::Value>(&json).is_ok(), "{json}");
}

#[test]
fn rows_of_a_dump_are_one_record() {
    let head = "unexpected body\n";
    let rows = [
        "00000000: 7b22 7061 7469 656e 7422 3a22 5a79 6c62  {\"patient\":\"Zylb\n00000010: 6574 6820 5175 6f72 6c22 7d              eth Quorl\"}\n",
        "00000000  7b 22 70 61 74 69 65 6e  74 22 3a 22 5a 79 6c 62  |{\"patient\":\"Zylb|\n\
         00000010  65 74 68 20 51 75 6f 72  6c 22 7d                 |eth Quorl\"}|\n0000001b\n",
        "+--------+-------------------------------------------------+----------------+\n\
         |00000000| 7b 22 70 61 74 69 65 6e 74 22 3a 22 5a 79 6c 62 |{\"patient\":\"Zylb|\n\
         |00000010| 65 74 68 20 51 75 6f 72 6c 22 7d                |eth Quorl\"}     |\n\
         +--------+-------------------------------------------------+----------------+\n",
    ];
    for rows in rows {
        for out in [scrubbed(&format!("{head}{rows}next\n")), released(&format!("{head}{rows}next\n"))] {
            for gone in ["Zylb", "eth Q", "5a79", "5a 79", "6574 68", "65 74 68"] {
                assert!(!out.contains(gone), "{gone} in {out}");
            }
            assert!(out.starts_with(head) && out.ends_with("next\n") && out.contains("patient"), "{out}");
            assert_eq!(out.matches('\n').count(), rows.matches('\n').count() + 2);
        }
    }
    // What only begins like a row.
    let lines = ["2026-11-21T22:04:11Z ready", "4471: accepted", "cafe 12 cups", "deadbeef", "face: 7b ok"];
    for line in lines {
        assert!(!continues(b"queue drained", line.as_bytes()), "{line}");
    }
}

#[test]
fn a_new_event_is_no_continuation() {
    let text = "DOB:\n2026-11-21T22:04:11Z INFO ready\nname=\n{\"level\":\"info\"}\n";
    assert_eq!(scrubbed(text), text);
}

#[test]
fn records_without_end_are_written_in_parts_that_know_their_labels() {
    let mut text = String::from("Trace\n");
    for n in 0..3 * SMALL.record_lines {
        text += if n % 7 == 0 { "  name:\n" } else { "    Zylbeth Quorl\n" };
    }
    let out = scrubbed(&text);
    assert_eq!(out.lines().count(), text.lines().count());
    // Below a name stand five more, of which only the first has a label.
    let lines: Vec<&str> = out.lines().collect();
    for pair in lines.windows(2).filter(|pair| pair[0].ends_with("name:")) {
        assert!(!pair[1].contains("Zylbeth"), "{pair:?}");
    }
}

#[test]
fn held_memory_is_bounded() {
    let engine = Engine::default();
    let mut filter = Filter { limits: SMALL, ..Filter::new(&engine) };
    let mut out = Vec::new();
    for _ in 0..100 {
        filter.push(&[b'x'; 512], &mut out);
        assert!(filter.buffer.len() <= SMALL.line_bytes + SMALL.context_bytes + 512);
    }
    for _ in 0..1000 {
        filter.push(b"\n and more of it, and more of it, and more of it", &mut out);
        assert!(filter.buffer.len() <= SMALL.record_bytes + SMALL.context_bytes + SMALL.line_bytes);
    }
    filter.finish(&mut out);
    assert_eq!(out.len(), 100 * 512 + 1000 * 48);
}

#[test]
fn a_line_that_is_too_long_is_cut_between_values_and_keeps_its_labels() {
    // The number falls on every place around the cut.
    for before in 0..24 {
        let mut text = "x ".repeat(SMALL.line_bytes / 2);
        text.truncate(SMALL.line_bytes - 24 + before);
        text += " mrn=4711223 and ssn 219-09-1234 end\n";
        let out = scrubbed(&text);
        let tail = &out[out.len() - 60..];
        assert!(
            !tail.contains("4711223") && !tail.contains("219-09") && tail.ends_with(" end\n"),
            "{before} {tail}"
        );
    }
}

#[test]
fn bytes_that_are_not_utf8_pass_and_what_stands_among_them_does_not() {
    let out = filtered(b"caf\xe9 \xff\xfe ssn 219-09-1234\nname:\n  \xe9 Zylbeth\n\xc3", &[]);
    assert!(out.starts_with(b"caf\xe9 \xff\xfe ssn [REDACTED:ssn]\n") && out.ends_with(b"\n\xc3"));
    assert!(!String::from_utf8_lossy(&out).contains("Zylbeth"));
}

#[test]
fn counts_say_how_much_and_never_what() {
    let engine = Engine::default();
    let mut filter = Filter::new(&engine);
    let mut out = Vec::new();
    filter.push(b"ssn 219-09-1234\nname:\n", &mut out);
    filter.release(&mut out);
    filter.push(b"  Zylbeth Quorl\nssn 219-09-1235", &mut out);
    filter.finish(&mut out);
    let counts: Vec<_> = filter.counts().redactions.iter().map(|(class, n)| (class.label(), n)).collect();
    assert_eq!((filter.counts().lines, counts), (4, vec![("name", 1), ("ssn", 2)]));
}

proptest! {
    #[test]
    fn how_the_input_is_cut_makes_no_difference(
        parts in proptest::collection::vec(
            prop_oneof![
                Just("\n".to_owned()), Just("\r\n".to_owned()), Just("  ".to_owned()), Just("name:".to_owned()),
                Just("{\"mrn\":".to_owned()), Just("}".to_owned()), Just("219-09-1234".to_owned()), "\\PC{0,8}",
            ],
            0..40,
        ),
        mut cuts in proptest::collection::vec(any::<usize>(), 0..12),
    ) {
        let text = parts.concat();
        cuts.iter_mut().for_each(|cut| *cut %= text.len() + 1);
        cuts.sort_unstable();
        let whole = filtered(text.as_bytes(), &[]);
        prop_assert_eq!(&filtered(text.as_bytes(), &cuts), &whole);
        // Bytes in pieces of one.
        let every: Vec<usize> = (1..=text.len()).collect();
        prop_assert_eq!(&filtered(text.as_bytes(), &every), &whole);
    }

    #[test]
    fn any_bytes_come_through(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let out = filtered(&bytes, &[]);
        prop_assert_eq!(out.is_empty(), bytes.is_empty());
    }
}
