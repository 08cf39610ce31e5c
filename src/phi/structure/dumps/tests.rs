//! Dumps of every width: what they say goes from both columns, the rest stays, and so it stays when it is read again.

use std::fmt::Write;

use proptest::prelude::*;

use super::super::{Context, Reader};
use crate::phi::{Engine, Place, work};

fn scrubbed(text: &str) -> String {
    let engine = Engine::default();
    let read = |text: &str| {
        let mut out = Vec::new();
        engine.scrub_line(text.as_bytes(), &mut out);
        String::from_utf8(out).unwrap()
    };
    let out = read(text);
    assert_eq!(read(&out), out, "{text}");
    out
}

/// How a tool prints a row.
#[derive(Clone, Copy, Debug)]
struct Tool {
    group: usize,
    offset: &'static str,
    gap: &'static str,
    open: &'static str,
    close: &'static str,
    column: bool,
}

const TOOLS: [Tool; 7] = [
    Tool { group: 1, offset: "  ", gap: " ", open: "  |", close: "|", column: true },
    Tool { group: 2, offset: ": ", gap: " ", open: "  ", close: "", column: true },
    Tool { group: 4, offset: ": ", gap: " ", open: "  ", close: "", column: true },
    Tool { group: 1, offset: "| ", gap: " ", open: " |", close: "|", column: true },
    Tool { group: 1, offset: " - ", gap: " ", open: "   ", close: "", column: true },
    Tool { group: 1, offset: "   ", gap: " ", open: "", close: "", column: false },
    Tool { group: 1, offset: " ", gap: " ", open: "  >", close: "<", column: true },
];

fn dump(bytes: &[u8], tool: Tool, prefix: &str) -> String {
    let mut out = String::new();
    for (nth, row) in bytes.chunks(16).enumerate() {
        let groups: Vec<String> = row
            .chunks(tool.group)
            .map(|group| group.iter().fold(String::new(), |digits, byte| digits + &format!("{byte:02x}")))
            .collect();
        let width = 32 + 16 / tool.group - 1;
        write!(out, "{prefix}{:08x}{}{:<width$}", nth * 16, tool.offset, groups.join(tool.gap)).unwrap();
        if tool.column {
            let shown =
                row.iter().map(|byte| if matches!(byte, b' '..=b'~') { char::from(*byte) } else { '.' });
            write!(out, "{}{}{}", tool.open, shown.collect::<String>(), tool.close).unwrap();
        }
        out.push('\n');
    }
    out
}

#[test]
fn what_a_dump_says_goes_from_both_columns() {
    assert_eq!(
        scrubbed(
            "body on /v1/intakes\n\
             00000000  7b 22 70 61 74 69 65 6e  74 22 3a 22 5a 65 62 61  |{\"patient\":\"Zeba|\n\
             00000010  20 48 75 73 73 61 69 6e  69 22 7d                 | Hussaini\"}|\n\
             0000001b"
        ),
        "body on /v1/intakes\n\
         00000000  7b 22 70 61 74 69 65 6e  74 22 3a 22 [REDACTED:name]  |{\"patient\":\"[REDACTED:name]|\n\
         00000010  [REDACTED:name] 22 7d                 |[REDACTED:name]\"}|\n\
         0000001b"
    );
    let body = br#"{"patient":"Zeba Hussaini","dob":"1961-07-04","note":"ad be ef 12 34"}"#;
    for tool in TOOLS {
        for prefix in ["", "\t", "spi0: ", "web-1  | "] {
            let out = scrubbed(&format!("dump\n{}end\n", dump(body, tool, prefix)));
            for gone in [
                "Zeba",
                "Hussaini",
                "1961",
                "5a 65 62 61",
                "5a65 6261",
                "5a656261",
                "31 39 36 31",
                "3139 3631",
            ] {
                assert!(!out.contains(gone), "{gone} {tool:?} {out}");
            }
            for kept in ["note", "6e 6f 74 65", "6e6f", "end\n"] {
                let written = dump(body, tool, prefix);
                assert!(!written.contains(kept) || out.contains(kept), "{kept} {tool:?} {out}");
            }
        }
    }
}

/// A row by itself, and what becomes of it.
const CUT: &[(&str, &str)] = &[
    (
        "00000000  7b 22 70 61 74 69 65 6e  74 22 3a 22 5a 65 62 61  |{\"patient\":\"Zeba|",
        "00000000  7b 22 70 61 74 69 65 6e  74 22 3a 22 [REDACTED:other-unique-id]  |{\"patient\":\"[REDACTED:other-unique-id]|",
    ),
    // A key that is cut stays, and what stands under it goes.
    (
        "00000010: 7469 656e 7422 3a22 5a65 6261 222c 2261  tient\":\"Zeba\",\"a",
        "00000010: 7469 656e 7422 3a22 [REDACTED:other-unique-id] 222c 2261  tient\":\"[REDACTED:other-unique-id]\",\"a",
    ),
    (
        "00000020: 3535 2d30 3133 3422 2c22 6f6b 223a 7472  55-0134\",\"ok\":tr",
        "00000020: [REDACTED:other-unique-id]22 2c22 6f6b 223a [REDACTED:other-unique-id]  [REDACTED:other-unique-id]\",\"ok\":[REDACTED:other-unique-id]",
    ),
    // No part of a body.
    (
        "mem: 00000040: 2f75 7372 2f6c 6962 2f78 3836 5f36 342d  /usr/lib/x86_64-",
        "mem: 00000040: 2f75 7372 2f6c 6962 2f78 3836 5f36 342d  /usr/lib/x86_64-",
    ),
    (
        "mem: 00000040: 0000 0000 6c69 6263 2e73 6f2e 3600 2022  ....libc.so.6. \"",
        "mem: 00000040: 0000 0000 6c69 6263 2e73 6f2e 3600 2022  ....libc.so.6. \"",
    ),
];

#[test]
fn half_a_value_at_a_cut_does_not_stay() {
    for (row, wanted) in CUT {
        assert_eq!(scrubbed(row), *wanted);
    }
}

#[test]
fn what_one_column_hides_the_other_does_not_show() {
    for row in [
        "00000000  7b 22 61 22 3a 22 5a 65  62 61 22 7d  |{\"a\":\"[REDACTED:name]\"}|",
        "00000000: 7b22 6122 3a22 5a65 6261 227d  {\"a\":\"[REDACTED:name]\"}",
        "00000000  5a 65 62 61 22 7d                       |[REDACTED:name]\"}|",
    ] {
        let out = scrubbed(row);
        assert!(!out.contains("5a 65") && !out.contains("5a65"), "{out}");
    }
    let row = "00000000  7b 22 61 22 3a 22 [REDACTED:name] 22 7d  |{\"a\":\"Zeba\"}|";
    assert!(!scrubbed(row).contains("Zeba"));
}

#[test]
fn arrays_of_bytes_stay_json() {
    let bytes = br#"{"patient":"Zeba Hussaini","ok":true}"#;
    let numbers = |gap: &str| bytes.iter().map(u8::to_string).collect::<Vec<_>>().join(gap);
    for gap in [",", ", ", ",\n    "] {
        let data = format!(r#"{{"level":30,"body":{{"type":"Buffer","data":[{}]}}}}"#, numbers(gap));
        let nested = serde_json::json!({ "msg": data, "data": [1, 2, 3] }).to_string();
        for text in [&data, &nested] {
            let out = scrubbed(text);
            assert!(!out.replace(char::is_whitespace, "").replace("\\n", "").contains("90,101"), "{out}");
            assert!(
                out.contains("Buffer") && serde_json::from_str::<serde_json::Value>(&out).is_ok(),
                "{out}"
            );
        }
        let out = scrubbed(&format!("body {data} refused"));
        assert!(out.contains("\"[REDACTED:name]\"") && out.ends_with(" refused"), "{out}");
    }
    for text in [
        r#"{"embedding":[112,97,105,44,110,32,119,101,100,103,98,120],"level":30}"#,
        r#"{"histogram":[32, 41, 57, 88, 101, 116, 99, 87, 64, 52, 47, 38, 35],"p99":12}"#,
        r#"{"ports":[22,80,443,53,110,115,99,100,101,119,32,33]}"#,
    ] {
        assert_eq!(scrubbed(text), text);
    }
}

#[test]
fn a_record_of_a_print_goes_to_its_end() {
    let record = b"FIR\x00010\0\0\0\x01\x2c\0\x01\0\x17\x01\x90\0\xc5\0\xc5\x01\0\0\0\x64\x25\x40\x34\0\x78";
    for tool in TOOLS {
        let out = scrubbed(&format!("template\n{}end\n", dump(record, tool, "")));
        assert!(!out.contains("0190") && !out.contains("01 90") && !out.contains("6425"), "{tool:?} {out}");
        assert!(out.starts_with("template\n00000000") && out.ends_with("end\n"), "{out}");
    }
    for row in ["46 49 52 00 30 31 30 00 refused", "template 5649 5200 3031 3000"] {
        assert!(scrubbed(row).contains("[REDACTED:biometric]"), "{row}");
    }
}

#[test]
fn bytes_of_other_things_stay() {
    let mut state = 7u32;
    let mut random = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    };
    let bytes: Vec<u8> = (0..600).map(|_| random()).collect();
    let libraries =
        b"\x7fELF\x02\x01\0\0libc.so.6\0__libc_start_main\0GLIBC_2.34\0\0/lib64/ld-linux-x86-64.so.2\0";
    for tool in TOOLS {
        for bytes in [bytes.as_slice(), libraries] {
            let text = dump(bytes, tool, "");
            assert_eq!(scrubbed(&text), text);
        }
    }
}

#[test]
fn work_grows_with_the_length_of_a_dump() {
    let engine = Engine::default();
    for piece in [
        "7b 22 70 61 74 69 65 6e  ",
        "11 22 33 44 55 66 77 12 ",
        "7b:22:70:61:",
        "00000000: 7b22 7061 7469 656e  {\"patien\n",
        "0000 7b 22 70 61  {\"pa ",
        "0000  ",
        "7b227061746965",
        "[123 34 112 97 116 105 101 110 116 34 58 34 ",
        "7b 22 [REDACTED:name] ",
        "[REDACTED:name] ",
    ] {
        let work = |bytes: usize| {
            let text = format!("x\n{}", piece.repeat(bytes / piece.len()));
            work::of(|| {
                engine.scrub_line(text.as_bytes(), &mut Vec::new());
            })
        };
        let (one, four) = (work(4000), work(16_000));
        assert!(four < 5 * one + 20_000, "{piece}: {one}, {four}");
    }
}

/// Pieces of what bodies and packets hold.
const PIECES: [&str; 22] = [
    "{\"patient\":\"",
    "Zeba Hussaini",
    "\"}",
    "\",\"dob\":\"",
    "1961-07-04",
    "&phone=",
    "(415) 555-0134",
    "|",
    "  ",
    "\0\0",
    "\u{1}\u{2}",
    "José",
    "ad be",
    "12 34",
    "[REDACTED:name]",
    "[",
    "\r\n",
    "PID|1||",
    "<",
    ">",
    "GET / HTTP/1.1",
    "~~~~~~~~",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_dump_is_stable_and_no_gate_misses_it(
        pieces in prop::collection::vec(prop::sample::select(PIECES.to_vec()), 0..14),
        tool in prop::sample::select(TOOLS.to_vec()),
        from in 0usize..4,
        rows in 1usize..9,
    ) {
        let text = dump(pieces.concat().as_bytes(), tool, "");
        let cut: String = text.split_inclusive('\n').skip(from).take(rows).collect();
        scrubbed(&cut);
        let engine = Engine::default();
        for line in cut.lines() {
            if Reader::new(&engine, Place::Log, None).passes(line, Context::NONE) {
                let mut reader = Reader::new(&engine, Place::Log, None);
                reader.gated = false;
                let mut found = Vec::new();
                reader.document(line, Context::NONE, 0, &mut found);
                prop_assert!(found.is_empty(), "the gate misses {:?} in {:?}", found, line);
            }
        }
    }
}
