//! Credentials and images: API keys by prefix, JWTs, authorization schemes, base64 pictures.

use super::{API_KEY, BEARER, IMAGE, JWT};
use crate::phi::scan::{Context, Scan};

/// Prefixes that open a key, and how many key characters must follow.
const PREFIXES: &[(&str, usize)] = &[
    ("clk_live_", 4),
    ("clk_test_", 4),
    ("sk_live_", 4),
    ("sk_test_", 4),
    ("pk_live_", 8),
    ("pk_test_", 8),
    ("rk_live_", 8),
    ("whsec_", 8),
    ("sk-", 20),
    ("AKIA", 12),
    ("ASIA", 12),
    ("ghp_", 20),
    ("gho_", 20),
    ("ghs_", 20),
    ("github_pat_", 20),
    ("glpat-", 16),
    ("xoxb-", 10),
    ("xoxp-", 10),
    ("xoxa-", 10),
    ("AIza", 30),
    ("hvs.", 20),
    ("npm_", 30),
    ("SG.", 20),
    ("dop_v1_", 30),
];

/// Tries what opens with token `i`. True if it is consumed.
pub(in crate::phi) fn token(scan: &mut Scan<'_>, i: usize) -> bool {
    let token = scan.tok(i);
    let at = token.start();
    match scan.bytes[at] {
        b'c' | b's' | b'p' | b'r' | b'w' | b'A' | b'g' | b'x' | b'h' | b'n' | b'S' | b'd' | b'C' => {
            prefixed(scan, i) || image_uri(scan, i) || scheme(scan, i)
        }
        b'e' => jwt(scan, at),
        b'B' | b'b' | b'D' | b'T' | b't' => scheme(scan, i),
        b'i' | b'9' | b'R' | b'U' => image(scan, i),
        _ => false,
    }
}

/// Schemes of authorization, and how long the credential behind each is at least.
const SCHEMES: [(&str, usize); 4] = [("bearer", 8), ("basic", 8), ("token", 16), ("apikey", 8)];

/// Does a credential stand behind this word?
pub(in crate::phi) fn is_scheme(word: &[u8]) -> bool {
    SCHEMES.iter().any(|(scheme, _)| word.eq_ignore_ascii_case(scheme.as_bytes()))
}

/// What no prefix announces.
const OPENINGS: [&[u8]; 3] = [b"eyJ", b"iVBORw", b"UklGR"];

/// By the first letter of a prefix or opening, a bit for the second.
static FIRST_TWO: [u32; 32] = {
    let mut table = [0; 32];
    let mut at = 0;
    while at < PREFIXES.len() + OPENINGS.len() {
        let opening =
            if at < PREFIXES.len() { PREFIXES[at].0.as_bytes() } else { OPENINGS[at - PREFIXES.len()] };
        table[(opening[0] & 31) as usize] |= 1 << (opening[1] & 31);
        at += 1;
    }
    table
};

/// May a credential or an image open with this run of letters?
pub(in crate::phi) fn is_opening(word: &[u8]) -> bool {
    let first_two = |[first, second]: &[u8; 2]| FIRST_TWO[usize::from(first & 31)] >> (second & 31) & 1 == 1;
    if !word.first_chunk().is_some_and(first_two) {
        return false;
    }
    let prefix = |(prefix, _): &(&str, usize)| {
        // Most words leave here.
        if !word.first().is_some_and(|first| first.eq_ignore_ascii_case(&prefix.as_bytes()[0])) {
            return false;
        }
        let letters = prefix.bytes().take_while(u8::is_ascii_alphabetic).count();
        let (letters, rest) = prefix.as_bytes().split_at(letters);
        let head = word.get(..letters.len()).is_some_and(|head| head.eq_ignore_ascii_case(letters));
        head && (rest.is_empty() || word.len() == letters.len())
    };
    PREFIXES.iter().any(prefix) || OPENINGS.iter().any(|opening| word.starts_with(opening))
}

fn key_char(b: u8) -> bool {
    b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-')
}

fn prefixed(scan: &mut Scan<'_>, i: usize) -> bool {
    let token = scan.tok(i);
    // Every prefix is followed by a sign, or opens a long token.
    if token.len() < 16 && !matches!(scan.byte(token.end()), b'_' | b'-' | b'.') {
        return false;
    }
    let at = token.start();
    let rest = &scan.bytes[at..];
    for (prefix, least) in PREFIXES {
        if !prefix.as_bytes()[0].eq_ignore_ascii_case(&rest[0]) {
            continue;
        }
        let case = rest.len() > prefix.len()
            && (rest.starts_with(prefix.as_bytes())
                || (prefix.ends_with("e_") || prefix.ends_with("t_"))
                    && rest[..prefix.len()].eq_ignore_ascii_case(prefix.as_bytes()));
        if !case {
            continue;
        }
        let body = &rest[prefix.len()..];
        let width =
            body.iter().take(256).take_while(|b| key_char(**b) || **b == b'.' && *prefix == "SG.").count();
        // `clk_live_xxxx` and `clk_live_YOUR_KEY` are documentation, as is `clk_live_ or clk_test_`.
        let sample = body[..width].iter().all(|b| matches!(b, b'x' | b'X' | b'*'))
            || body[..width].iter().all(|b| b.is_ascii_uppercase() || *b == b'_')
                && body[..width].contains(&b'_');
        let marked = prefix.starts_with("AK") || prefix.starts_with("AS");
        if width >= *least
            && !sample
            && (!marked || body[..width].iter().all(|b| b.is_ascii_digit() || b.is_ascii_uppercase()))
        {
            scan.add(&API_KEY, Context::NONE, at..at + prefix.len() + width);
            return true;
        }
    }
    if let Some(width) = of_no_mode(rest) {
        scan.add(&API_KEY, Context::NONE, at..at + width);
        return true;
    }
    false
}

/// `clk_prod_7hQ2vLx9Rz4TnB8w`: a key of ClinikAPI for a mode it does not have. Clocks of a kernel have no capitals.
fn of_no_mode(rest: &[u8]) -> Option<usize> {
    const BODY_MIN: usize = 12;
    // `clk-live_…`: mistyped.
    let sign = |byte: &u8| matches!(byte, b'_' | b'-' | b'.');
    let mode = rest.strip_prefix(b"clk")?.split_first().filter(|(first, _)| sign(first))?.1;
    let letters = mode.iter().take(9).take_while(|byte| byte.is_ascii_lowercase()).count();
    let body = mode[letters..].split_first().filter(|(first, _)| sign(first))?.1;
    let len = body.iter().take(256).take_while(|byte| byte.is_ascii_alphanumeric()).count();
    let body = &body[..len];
    let mixed = body.iter().any(u8::is_ascii_uppercase)
        && body.iter().any(u8::is_ascii_lowercase)
        && body.iter().any(u8::is_ascii_digit);
    (letters >= 2 && len >= BODY_MIN && mixed).then_some(4 + letters + 1 + len)
}

/// `eyJ....eyJ....signature`, also with the signature or the payload cut off.
fn jwt(scan: &mut Scan<'_>, at: usize) -> bool {
    let rest = &scan.bytes[at..];
    if !rest.starts_with(b"eyJ") {
        return false;
    }
    let width = rest.iter().take(8192).take_while(|b| key_char(**b) || **b == b'.').count();
    let text = &rest[..width];
    let segments = text.split(|b| *b == b'.').count();
    if segments >= 2 && width >= 20 || width >= 40 && !is_object(text) {
        let end = at + text.iter().rposition(|b| *b != b'.').map_or(width, |p| p + 1);
        scan.add(&JWT, Context::NONE, at..end);
        return true;
    }
    false
}

/// `eyJhZnRlciI6MTg0MjIsInNvcnQiOiItbGFzdFVwZGF0ZWQifQ`: a whole object that is neither a part of a token nor holds what may be a
/// key: the cursor of a page, a schema. Whom it tells of is asked of what it says.
fn is_object(text: &[u8]) -> bool {
    const CHARS_MAX: usize = 512;
    /// Longest string in it that cannot be a key.
    const STRING_MAX: usize = 20;
    #[rustfmt::skip] // Rows of words, not one a line.
    const OF_TOKENS: [&str; 24] = [
        "alg", "aud", "auth", "azp", "enc", "exp", "iat", "iss", "iv", "jti", "kid", "mac", "nonce", "password", "pwd", "secret", "sid",
        "sig", "signature", "sub", "tag", "token", "typ", "value",
    ];
    if text.len() > CHARS_MAX {
        return false;
    }
    let Ok(json) =
        data_encoding::BASE64URL_NOPAD.decode(text).or_else(|_| data_encoding::BASE64_NOPAD.decode(text))
    else {
        return false;
    };
    let Ok(json) = std::str::from_utf8(&json) else { return false };
    json.starts_with('{')
        && json.trim_end().ends_with('}')
        && json.split('"').skip(1).step_by(2).all(|said| {
            let mixed = said.bytes().any(|byte| byte.is_ascii_digit())
                || !said.bytes().all(|b| b.is_ascii_alphabetic());
            !OF_TOKENS.contains(&said) && (said.len() < STRING_MAX || !mixed)
        })
}

/// `Bearer x`, `Basic x`, `Digest username=`: the credential after the scheme.
fn scheme(scan: &mut Scan<'_>, i: usize) -> bool {
    let token = scan.tok(i);
    if !matches!(token.len(), 5 | 6) || !matches!(scan.byte(token.end()), b' ' | b'+' | b'%') {
        return false;
    }
    let word = scan.slice(token);
    let known = |(name, _): &&(&str, usize)| word.eq_ignore_ascii_case(name.as_bytes());
    let Some((name, least)) = SCHEMES.iter().find(known) else { return false };
    let mut from = token.end();
    if scan.bytes.get(from..from + 3) == Some(b"%20") {
        from += 3;
    } else if matches!(scan.byte(from), b' ' | b'+') {
        from += 1;
    } else {
        return false;
    }
    let body = &scan.bytes[from..];
    let width = body
        .iter()
        .take(4096)
        .take_while(|b| {
            b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.' | b'~' | b'+' | b'/' | b'=')
        })
        .count();
    let text = &body[..width];
    let trimmed = text.iter().rposition(|b| *b != b'.').map_or(0, |p| p + 1);
    let text = &text[..trimmed];
    let digits = text.iter().any(u8::is_ascii_digit);
    let mixed = text.iter().any(u8::is_ascii_uppercase) && text.iter().any(u8::is_ascii_lowercase);
    let padded = text.ends_with(b"=");
    if text.len() >= *least
        && (digits || padded || mixed && !text[1..].iter().all(u8::is_ascii_lowercase) && *name != "token")
    {
        scan.add(&BEARER, Context::NONE, from..from + trimmed);
        return true;
    }
    false
}

/// `data:image/png;base64,....`
fn image_uri(scan: &mut Scan<'_>, i: usize) -> bool {
    let token = scan.tok(i);
    if scan.byte(token.end()) != b':' {
        return false;
    }
    let rest = &scan.bytes[token.start()..];
    if !rest.starts_with(b"data:image/") {
        return false;
    }
    let head = rest.iter().take(80).position(|b| *b == b',').map_or(11, |p| p + 1);
    // A drawing as text shows nobody.
    if rest.starts_with(b"data:image/svg+xml") && !rest[..head].ends_with(b"base64,") {
        return false;
    }
    let body = rest[head..].iter().take_while(|b| base64_char(**b)).count();
    scan.add(&IMAGE, Context::NONE, token.start()..token.start() + head + body);
    true
}

/// Base64 that opens like a PNG, JPEG, GIF or WebP file.
fn image(scan: &mut Scan<'_>, i: usize) -> bool {
    let token = scan.tok(i);
    let mut at = token.start();
    if scan.before(at) == b'/' {
        at -= 1;
    }
    let rest = &scan.bytes[at..];
    let opens = rest.starts_with(b"iVBORw0KGgo")
        || rest.starts_with(b"/9j/")
        || rest.starts_with(b"R0lGOD")
        || rest.starts_with(b"UklGR");
    let width = if opens { rest.iter().take_while(|b| base64_char(**b)).count() } else { 0 };
    if width < 12 {
        return false;
    }
    scan.add(&IMAGE, Context::NONE, at..at + width);
    true
}

fn base64_char(b: u8) -> bool {
    b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'=' | b'-' | b'_')
}
