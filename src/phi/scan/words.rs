//! The words that may stand between a number and what says whose it is.

use crate::phi::{list::List, structure::words};

/// Words that may stand between a value and the cue after it: `4471 is not a valid SSN`.
#[rustfmt::skip] // Rows of words, not one a line.
static LINKS: List<34> = List::new([
    "is", "not", "a", "an", "the", "valid", "invalid", "as", "was", "isn", "t", "correct", "known", "unknown", "no",
    "failed", "fails", "does", "pass", "match", "matches", "look", "like", "looks", "for", "wrong", "malformed",
    "duplicate", "existing", "of", "patient", "patients", "s", "medical",
]);

/// A word that may stand between a value and the cue after it.
pub(in crate::phi) fn links(word: &[u8]) -> bool {
    LINKS.has(word)
}

/// A link after which the words of a cue follow at once: `a valid member id`.
pub(super) fn qualifies(word: &[u8]) -> bool {
    #[rustfmt::skip] // Rows of words, not one a line.
    static QUALIFIERS: List<11> = List::new([
        "a", "an", "the", "valid", "invalid", "known", "unknown", "correct", "wrong", "malformed", "duplicate",
    ]);
    QUALIFIERS.has(word)
}

/// The key of what somebody sent.
pub(super) fn is_sent(word: &[u8]) -> bool {
    static KEYS: List<8> = List::new(["arg", "q", "query", "entered", "sent", "candidate", "text", "row"]);
    KEYS.has(word) || words::is_sent(word)
}

/// The key of where something is, begins or ends: `provider=nimc window_start=1794814200`.
pub(super) fn bounds(word: &[u8]) -> bool {
    static BOUNDS: List<5> = List::new(["start", "end", "location", "offset", "path"]);
    BOUNDS.has(word)
}

/// Which part of a file or a list a number counts.
pub(super) fn is_place(word: &[u8]) -> bool {
    static PLACES: List<8> =
        List::new(["row", "line", "record", "entry", "item", "column", "zeile", "ligne"]);
    PLACES.has(word)
}

/// What is done with an identifier, or is wrong with it, between its word and a colon.
pub(super) fn is_process(word: &[u8]) -> bool {
    #[rustfmt::skip] // Rows of words, not one a line.
    static PROCESSES: List<60> = List::new([
        "long", "short", "exists", "taken", "length", "checksum", "luhn", "malformed", "unknown", "unverified",
        "validation", "verification", "check", "checks", "lookup", "search", "mismatch", "match", "query", "scan",
        "failed", "failure", "error", "invalid", "rejected", "duplicate", "conflict", "collision", "capture", "entry",
        "update", "updated", "change", "changed", "merge", "merged", "missing", "found", "resolved", "resolve",
        "trace", "hit", "miss", "mismatched", "overlap", "confirmation", "walidacja", "validering", "verificatie",
        "validate", "validator", "verify", "verifier", "validatie", "suche", "recherche", "validacion", "verificacion", "verifica", "kontroll",
    ]);
    PROCESSES.has(word)
}

/// What numbers are counts and measures of.
pub(super) fn is_counted(word: &[u8]) -> bool {
    #[rustfmt::skip] // Rows of words, not one a line.
    static COUNTED: List<56> = List::new([
        "ns", "us", "ms", "msec", "millis", "s", "sec", "secs", "seconds", "minutes", "hours", "days", "weeks", "months", "bytes",
        "kb", "mb", "gb", "rows", "records", "items", "entries", "pages", "results", "requests", "retries", "attempts",
        "tries", "hits", "misses", "tests", "steps", "threads", "connections", "users", "tasks", "errors", "warnings",
        "failures", "percent", "rader", "rijen", "zeilen", "lignes", "filas", "righe", "linhas", "rækker", "wierszy",
        "poster", "registros", "datensätze", "shards", "packets", "baud", "seats",
    ]);
    COUNTED.has(word)
}

/// The same in small letters: `774120 S` is no measure.
pub(super) fn is_counted_exactly(word: &[u8]) -> bool {
    word.iter().all(u8::is_ascii_lowercase) && is_counted(word)
}

/// `3200/6400 USD`, `120 EUR`: is what ends before `rest` money, perhaps the first of two sums?
pub(super) fn is_amount(rest: &[u8]) -> bool {
    const CURRENCIES: [&[u8]; 10] =
        [b"USD", b"EUR", b"GBP", b"CAD", b"AUD", b"NGN", b"CHF", b"NZD", b"ZAR", b"INR"];
    // A number before a currency by itself may be that of the account.
    let Some(second) = rest.strip_prefix(b"/") else { return false };
    let digits = second.iter().take(9).take_while(|byte| byte.is_ascii_digit()).count();
    second[digits..].strip_prefix(b" ").is_some_and(|word| {
        CURRENCIES.iter().any(|code| word.starts_with(code))
            && !word.get(3).is_some_and(u8::is_ascii_alphanumeric)
    })
}
