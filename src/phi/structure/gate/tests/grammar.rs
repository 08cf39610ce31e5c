//! Lines from a grammar of logs, and pieces of the corpus put together anew: what passes the gate is clean.

use proptest::prelude::*;

use super::*;

const NUMBERS: [&str; 52] = [
    "req_92yo4b7c",
    "id_12mar1984x1",
    "task_58mutknxtu4o",
    "U21hbGwgamFuZSBkb2U",
    "7",
    "42",
    "90",
    "93",
    "128",
    "404",
    "1984",
    "2026",
    "07",
    "12",
    "0147",
    "5550147",
    "512",
    "555",
    "78664",
    "123456",
    "12345678",
    "219",
    "09",
    "9",
    "123456789",
    "4111111111111111",
    "203",
    "0",
    "113",
    "10",
    "192",
    "168",
    "31",
    "02",
    "345",
    "6789",
    "2026-11-21T22:04:11.402Z",
    "2026-11-21 22:04:11",
    "1987-11-23",
    "550e8400-e29b-41d4-a716-446655440000",
    "478c7d19-cf16-48ed-9875-c090cce169eb",
    "bade8400-face-41d4-a716-446655440000",
    "4b326418d814",
    "4a616e6520446f65",
    "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b",
    "pt_74if6yg6be",
    "req_12ab",
    "10.0.3.7",
    "203.0.113.9",
    "31ms",
    "v1",
    "A1B2C3",
];
const SIGNS: [&str; 53] = [
    "[REDACTED:name]",
    "[REDACTED:mrn]",
    " [REDACTED:date] ",
    "=[REDACTED:other-unique-id]",
    "/{id}",
    " ",
    " ",
    " ",
    " ",
    "-",
    ".",
    "/",
    ":",
    "=",
    ", ",
    "; ",
    "_",
    "\"",
    "'",
    "(",
    ")",
    "[",
    "]",
    "?",
    "&",
    "#",
    "|",
    "*",
    "+",
    " - ",
    "\": \"",
    "\",\"",
    "::",
    "=\"",
    "'s ",
    " ",
    " ",
    "=",
    ": ",
    "\" ",
    " (",
    ") ",
    "] ",
    " -> ",
    "=>",
    "{\"",
    "\"}",
    "/v1/patients/",
    "://",
    ". ",
    "  ",
    " --",
    ",",
];
/// Words that open rules, and words that open none.
pub(super) const WORDS: [&str; 96] = [
    "DOE",
    "LI",
    "ORDER",
    "nee",
    "reports",
    "Winthrop-Fields",
    "khumalo, mbali",
    "~",
    "@",
    "<b",
    "(KHTML, like ",
    "ip-10-0-1-2",
    "c.c.api",
    "12 Mar",
    "504ms",
    "$1 = ",
    "INFO",
    "GET",
    "flushed",
    "segment",
    "worker",
    "level",
    "info",
    "status",
    "count",
    "ms",
    "patient",
    "name",
    "Marisol",
    "Quintanar",
    "jane",
    "doe",
    "received",
    "value",
    "invalid",
    "Street",
    "via",
    "age",
    "years",
    "yo",
    "token",
    "Bearer",
    "mrn",
    "date",
    "of",
    "birth",
    "key",
    "record",
    "for",
    "Mrs",
    "M. ",
    "note",
    "query",
    "box",
    "from",
    "TX",
    "AB",
    "C",
    "deadbeef",
    "eyJhbGciOi",
    "differ",
    "serial",
    "at",
    "column",
    "subscriber",
    "client",
    "pt",
    "number",
    "is",
    "eq",
    "not",
    "a",
    "valid",
    "billing",
    "call",
    "member",
    "fingerprint",
    "zip",
    "phone",
    "ssn",
    "id",
    "dob",
    "address",
    "line",
    "account",
    "photo",
    "born",
    "took",
    "size",
    "request_id",
    "trace",
    "msg",
    "reference",
    "insurance",
    "medical",
    "plan",
];

fn line() -> impl Strategy<Value = String> {
    let corpus = any::<prop::sample::Index>().prop_map(|index| {
        let text = index.get(&CORPUS);
        text.split(' ').next_back().unwrap_or_default().to_owned()
    });
    let piece = prop_oneof![
        3 => prop::sample::select(&WORDS[..]).prop_map(str::to_owned),
        3 => prop::sample::select(&NUMBERS[..]).prop_map(str::to_owned),
        6 => prop::sample::select(&SIGNS[..]).prop_map(str::to_owned),
        2 => corpus,
        1 => "[a-z]{1,6}",
        1 => "[A-Za-z0-9]{1,12}",
        1 => "\\PC{1,3}",
    ];
    prop::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_passes_is_clean_in_lines_from_a_grammar(line in line()) {
        agrees(&line);
        agrees_in_an_error(&line);
        agrees_on_client(&format!("203.0.113.9 - - [21/Nov/2026:22:04:11 +0000] \"GET /{line}"));
    }

    #[test]
    fn what_passes_is_clean_in_pieces_of_the_corpus(
        one in any::<prop::sample::Index>(), other in any::<prop::sample::Index>(), cut in 0usize..200, from in 0usize..200,
    ) {
        let (one, other) = (one.get(&CORPUS), other.get(&CORPUS));
        let head = &one[..one.floor_char_boundary(cut)];
        let tail = &other[other.floor_char_boundary(from)..];
        agrees(&format!("{head}{tail}"));
        agrees(tail);
    }

    #[test]
    fn what_passes_is_clean_in_pieces_of_what_was_replaced(
        one in any::<prop::sample::Index>(), other in any::<prop::sample::Index>(), cut in 0usize..200, from in 0usize..200,
    ) {
        let (one, other) = (one.get(&REPLACED), other.get(&REPLACED));
        let head = &one[..one.floor_char_boundary(cut)];
        let tail = &other[other.floor_char_boundary(from)..];
        agrees(&format!("{head}{tail}"));
        agrees(tail);
        agrees(head);
        agrees_in_an_error(&format!("{head} {tail}"));
    }
}
