//! Spans no rule may touch: placeholders, UUIDs, hashes, prefixed ids and other server-minted text.
//!
//! Owns shapes that are opaque whatever stands around them. Pure functions on bytes at a token start; the scan asks
//! them before any rule. What needs context to be harmless (versions, ports, codes) is decided by the rules.

use std::ops::Range;

use super::list::List;
use super::pseudonym::{CODE_CHARS, is_code_char};

/// No placeholder is longer.
pub(super) const PLACEHOLDER_BYTES_MAX: usize = 64;

/// If `bytes` opens with `REDACTED:<label>]` or `REDACTED:<label>:<code>]` (the bracket before it is the caller's), the
/// width up to and with `]`.
pub(super) fn placeholder(bytes: &[u8]) -> Option<usize> {
    let rest = bytes.strip_prefix(b"REDACTED:")?;
    let label = rest
        .iter()
        .take(40)
        .take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'#'))
        .count();
    let code = match rest.get(label) {
        Some(b':') => {
            1 + rest[label + 1..].iter().take(CODE_CHARS + 1).take_while(|b| is_code_char(**b)).count()
        }
        _ => 0,
    };
    let end = label + code;
    let coded = code == 0 || code == 1 + CODE_CHARS;
    (label > 0 && coded && rest.get(end) == Some(&b']')).then_some(9 + end + 1)
}

/// Does a placeholder open somewhere in this text?
pub(super) fn holds_placeholder(text: &str) -> bool {
    const HEAD: &[u8] = b"[REDACTED:";
    let bytes = text.as_bytes();
    // Most keys and words are shorter.
    bytes.len() >= HEAD.len() && memchr::memchr_iter(b'[', bytes).any(|at| bytes[at..].starts_with(HEAD))
}

/// The placeholder that holds the byte at `at`.
pub(super) fn placeholder_around(bytes: &[u8], at: usize) -> Option<Range<usize>> {
    let floor = at.saturating_sub(PLACEHOLDER_BYTES_MAX);
    memchr::memrchr_iter(b'[', bytes.get(floor..bytes.len().min(at + 1))?)
        .map(|open| floor + open)
        .find_map(|open| placeholder_at(bytes, open).map(|close| open..close))
        .filter(|placeholder| placeholder.contains(&at))
}

/// End of the placeholder that opens at `text[at]`, which must be `[`.
pub(super) fn placeholder_at(bytes: &[u8], at: usize) -> Option<usize> {
    (bytes.get(at) == Some(&b'['))
        .then(|| placeholder(&bytes[at + 1..]).map(|width| at + 1 + width))
        .flatten()
}

/// If a UUID or a long hexadecimal run opens at `at` (a token start), its end.
pub(super) fn opaque(bytes: &[u8], at: usize) -> Option<usize> {
    let (mut run, mut lower, mut upper) = (0, 0, 0);
    for byte in bytes[at..].iter().take(130) {
        match byte {
            b'0'..=b'9' => {}
            b'a'..=b'f' => lower += 1,
            b'A'..=b'F' => upper += 1,
            _ => break,
        }
        run += 1;
    }
    if run == 8
        && let Some(end) = uuid(bytes, at)
    {
        return Some(end);
    }
    let whole = bytes.get(at + run).is_none_or(|b| !b.is_ascii_alphanumeric() && *b < 0x80);
    let hex = &bytes[at..at + run];
    let letters = lower + upper;
    // A hash has letters of one case throughout. Two are asked of short ones, so that `1234567890E` is none.
    let one_case = lower == 0 || upper == 0;
    if whole && one_case && (run >= 32 && letters > 0 || run >= 12 && letters >= 2) {
        // `DE`, `BE` and `AE` may open a hash, and before nothing but digits the number of an account.
        let account =
            matches!(hex, [b'A'..=b'F', b'A'..=b'F', rest @ ..] if rest.iter().all(u8::is_ascii_digit));
        return (!account).then_some(at + run);
    }
    // 0x1f3a
    if hex == b"0" && bytes.get(at + 1) == Some(&b'x') {
        let digits = bytes[at + 2..].iter().take(64).take_while(|b| b.is_ascii_hexdigit()).count();
        if digits > 0 {
            return Some(at + 2 + digits);
        }
    }
    None
}

fn uuid(bytes: &[u8], at: usize) -> Option<usize> {
    let ends = bytes.get(at + 36).is_none_or(|b| !b.is_ascii_alphanumeric());
    (ends && is_uuid(bytes.get(at..at + 36)?)).then_some(at + 36)
}

/// 8-4-4-4-12 (RFC 9562), any version, all-digit groups included.
pub(crate) fn is_uuid(bytes: &[u8]) -> bool {
    if bytes.len() != 36 || [8, 13, 18, 23].into_iter().any(|at| bytes[at] != b'-') {
        return false;
    }
    // Without a branch by byte, as this is asked of most ids.
    let (mut hyphens, mut digits) = (0u8, 0u8);
    for byte in bytes {
        hyphens += u8::from(*byte == b'-');
        digits += u8::from(byte.is_ascii_hexdigit());
    }
    hyphens == 4 && digits == 32
}

/// Is the whole of `value` a server-minted id: UUID, ULID, ObjectId, snowflake or a prefixed random id?
pub(super) fn is_minted(value: &str) -> bool {
    let bytes = value.as_bytes();
    if opaque(bytes, 0) == Some(bytes.len()) && bytes.len() >= 24 {
        return true;
    }
    if is_ulid(bytes) {
        return true;
    }
    if is_sid(bytes) {
        return true;
    }
    let Some(underscore) = value.find('_') else { return false };
    let (prefix, body) = (&value[..underscore], &value[underscore + 1..]);
    (2..=8).contains(&prefix.len())
        && prefix.bytes().all(|b| b.is_ascii_lowercase())
        && body.len() >= 4
        && body.bytes().all(|b| b.is_ascii_alphanumeric())
        && body.bytes().any(|b| b.is_ascii_digit())
        && body.bytes().any(|b| b.is_ascii_alphabetic())
        && !matches!(prefix, "clk" | "sk" | "mrn" | "ssn" | "dob")
}

/// `SM` and 32 hexadecimal digits: a message, call or account of Twilio. `SK` opens a key.
pub(super) fn is_sid(bytes: &[u8]) -> bool {
    matches!(bytes, [first, second, hex @ ..]
        if hex.len() == 32
            && first.is_ascii_uppercase()
            && second.is_ascii_uppercase()
            && (*first, *second) != (b'S', b'K')
            && hex.iter().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')))
}

/// 26 Crockford characters.
pub(super) fn is_ulid(bytes: &[u8]) -> bool {
    bytes.len() == 26
        && matches!(bytes[0], b'0'..=b'7')
        && bytes.iter().all(|b| b.is_ascii_digit() || b.is_ascii_alphabetic() && !b"ILOUilou".contains(b))
        && bytes.iter().any(u8::is_ascii_alphabetic)
}

/// Words of validators, types and states: as a value they say nothing of anybody.
pub(super) fn is_vocabulary(word: &str) -> bool {
    #[rustfmt::skip] // Rows of words, not one a line.
    static WORDS: List<153> = List::new([
        "true", "false", "null", "none", "nil", "nan", "undefined", "unknown", "string", "number", "integer", "int",
        "boolean", "bool", "object", "array", "date", "datetime", "float", "double", "text", "optional", "required",
        "missing", "invalid", "valid", "empty", "blank", "redacted", "masked", "hidden", "removed", "home", "work",
        "mobile", "phone", "email", "fax", "sms", "pager", "url", "other", "official", "usual", "temp", "nickname",
        "anonymous", "old", "maiden", "male", "female", "yes", "no", "on", "off", "default", "active", "inactive",
        "n/a", "na", "tbd", "must", "should", "expected", "too", "is", "was", "not", "cannot", "field", "value", "has",
        "have", "and", "or", "unrecognized", "unrecognised", "unexpected", "duplicate", "already", "malformed",
        "format", "error", "failed", "mismatch", "does", "may", "exceeds", "exact", "asc", "desc", "length",
        "contains", "patient", "ok", "lookup", "index", "column", "parameter", "search", "property", "unsupported",
        "bad", "can", "in", "at", "of", "for", "received", "please", "minimum", "maximum", "least", "most", "only",
        "all", "any", "some", "this", "that", "validation", "verification", "connection", "permission", "operation",
        "constraint", "violates", "unique", "key", "changed", "updated", "created", "deleted", "set", "unset",
        "present", "absent", "checked", "verified", "unverified", "pending", "sent", "delivered", "queued", "scanned",
        "expired", "revoked", "renewed", "reject", "redact", "mask", "deny", "allow",
    ]);
    let word = word.trim_matches(|c: char| !c.is_alphanumeric());
    word.is_empty() || WORDS.has(word.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_known() {
        assert_eq!(placeholder_at(b"[REDACTED:health-plan] x", 0), Some(22));
        assert_eq!(placeholder_at(b"[REDACTED:name#a1b2]", 0), Some(20));
        assert_eq!(placeholder_at(b"[REDACTED:name:7f3k9q2x]", 0), Some(24));
        assert_eq!(placeholder_at(b"[REDACTED:name:7f3k9q2]", 0), None);
        assert_eq!(placeholder_at(b"[REDACTED:name:JaneDoes]", 0), None);
        assert_eq!(placeholder_at(b"[REDACTED:]", 0), None);
        assert_eq!(placeholder_at(b"[REDACTED:Jane Doe]", 0), None);
        assert_eq!(placeholder_at(b"", 0), None);
    }

    #[test]
    fn minted_ids_are_opaque_and_identifiers_are_not() {
        for id in [
            "5b0c1f1e-7a57-4d0e-9b5a-0f3f6a5b7c21",
            "01ARZ3NDEKTSV4RRFFQ69G5FAV",
            "507f1f77bcf86cd799439011",
            "pt_abc123",
        ] {
            assert!(is_minted(id), "{id}");
        }
        for id in ["pt_jane_doe", "MRN-00482917", "123-45-6789", "1EG4TE5MK73", "mrn_1234567", "jane"] {
            assert!(!is_minted(id), "{id}");
        }
        assert_eq!(opaque(b"11111111-2222-3333-4444-555555555555", 0), Some(36));
        assert_eq!(opaque(b"1234567890", 0), None);
        assert_eq!(opaque(b"deadbeefcafe1", 0), Some(13));
        assert_eq!(opaque(b"DE89370400440532013000", 0), None, "an IBAN is no hash");
        assert_eq!(opaque(b"DE89370400440532013001", 0), None, "nor is one that is mistyped");
        assert_eq!(opaque(b"DE8937040A440532013001", 0), Some(22));
    }
}
