//! Credentials in a target: ClinikAPI keys, look-alikes of other vendors, bearer tokens, JSON web tokens.

/// Shortest secret part of a key.
const SECRET_BYTES_MIN: usize = 8;

/// Does the text hold a key? Documentation forms such as `clk_live_***` are none.
pub fn holds_key(text: &str) -> bool {
    let bytes = text.as_bytes();
    // Vectorised searches for the one byte that every form has, because this looks at every target.
    memchr::memchr_iter(b'_', bytes).any(|at| is_vendor_key(bytes, at))
        || memchr::memchr2_iter(b'B', b'b', bytes).any(|at| is_bearer(bytes, at))
        || memchr::memchr_iter(b'J', bytes).any(|at| at >= 2 && is_jwt(&bytes[at - 2..]))
}

/// `clk_live_…`, `sk_test_…` around the first underscore at `at`.
fn is_vendor_key(bytes: &[u8], at: usize) -> bool {
    let before = &bytes[..at];
    let ends = |word: &[u8]| {
        before.len() >= word.len()
            && before[before.len() - word.len()..].eq_ignore_ascii_case(word)
            && before.len().checked_sub(word.len() + 1).is_none_or(|at| !before[at].is_ascii_alphanumeric())
    };
    if !(ends(b"clk") || ends(b"sk") || ends(b"pk") || ends(b"rk")) {
        return false;
    }
    let Some(kind) = bytes.get(at + 1..at + 6) else { return false };
    (kind.eq_ignore_ascii_case(b"live_") || kind.eq_ignore_ascii_case(b"test_"))
        && bytes[at + 6..].iter().take_while(|byte| byte.is_ascii_alphanumeric()).count() >= SECRET_BYTES_MIN
}

/// `Bearer …` at `start`.
fn is_bearer(bytes: &[u8], start: usize) -> bool {
    let Some(word) = bytes.get(start..start + 7) else { return false };
    let separated = matches!(word[6], b' ' | b'+' | b':' | b'=');
    if !word[..6].eq_ignore_ascii_case(b"bearer") || !separated {
        return false;
    }
    let token =
        |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~' | b'/' | b'=');
    let secret = bytes[start + 7..].iter().take_while(token);
    let (length, digits) = secret
        .fold((0, 0), |(length, digits), byte| (length + 1, digits + usize::from(byte.is_ascii_digit())));
    length >= 16 || length >= SECRET_BYTES_MIN && digits > 0
}

/// `eyJ….eyJ…[.…]`: base64 of `{"` opens header and claims.
fn is_jwt(token: &[u8]) -> bool {
    let run = |bytes: &[u8]| bytes.iter().take_while(|byte| is_base64url(**byte)).count();
    let header = run(token);
    token.starts_with(b"eyJ")
        && header >= SECRET_BYTES_MIN
        && token[header..]
            .strip_prefix(b".")
            .is_some_and(|rest| rest.starts_with(b"eyJ") && run(rest) >= SECRET_BYTES_MIN)
}

fn is_base64url(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_and_near_misses() {
        for (text, expected) in [
            ("/v1/patients?key=clk_live_abcdefgh1234", true),
            ("clk_test_0123456789abcdef", true),
            ("sk_live_abcdefgh", true),
            ("CLK_LIVE_ABCDEFGH", true),
            ("Bearer abcdefgh12345678", true),
            ("authorization=Bearer+abcdefgh12345678", true),
            ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.c2lnbmF0dXJl", true),
            ("clk_live_***", false),
            ("clk_live_ or clk_test_", false),
            ("task_test_abcdefgh1", false),
            ("sk_liver_biopsy", false),
            ("bearer of news", false),
            ("eyJjdXJzb3IiOjEyMzR9", false),
            ("_count=20&_sort=-date", false),
        ] {
            assert_eq!(holds_key(text), expected, "{text}");
        }
    }
}
