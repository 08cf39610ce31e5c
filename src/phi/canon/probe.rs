//! Probes for text packed into one token: base64, base64url, JWT segments, base32, hexadecimal.

use data_encoding::{BASE32_NOPAD, BASE64_NOPAD, BASE64URL_NOPAD, HEXLOWER_PERMISSIVE};

use crate::phi::protect::is_uuid;

/// Shortest token worth unpacking: ten characters hold the shortest full name.
pub const TOKEN_BYTES_MIN: usize = 10;
/// Longest token unpacked.
const TOKEN_BYTES_MAX: usize = 64 * 1024;
/// Shortest hexadecimal token.
const HEX_BYTES_MIN: usize = 12;

/// Shortest base32 token.
const BASE32_BYTES_MIN: usize = 13;

/// Calls `found` with every printable text packed into a token of `text`. Stops when `found` returns true, and
/// returns whether it did.
pub fn probe(text: &str, found: &mut dyn FnMut(&str) -> bool) -> bool {
    if text.len() < TOKEN_BYTES_MIN {
        return false;
    }
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        let length = bytes[at..].iter().take_while(|byte| is_token(**byte)).count();
        if (TOKEN_BYTES_MIN..=TOKEN_BYTES_MAX).contains(&length) && token(&text[at..at + length], found) {
            return true;
        }
        at += length + 1;
    }
    false
}

fn is_token(byte: u8) -> bool {
    VALUES[usize::from(byte)] != NO_VALUE
}

fn token(token: &str, found: &mut dyn FnMut(&str) -> bool) -> bool {
    // It packs nothing, though a group of it may happen to unpack to letters.
    if is_uuid(token.as_bytes()) {
        return false;
    }
    if unpack(token).is_some_and(|text| found(&text)) {
        return true;
    }
    // `pt_SmFuZSBEb2U`: the packed text may follow a prefix.
    let mut start = 0;
    token.as_bytes().split(|byte| matches!(byte, b'_' | b'-' | b'/')).any(|part| {
        let span = start..start + part.len();
        start = span.end + 1;
        let shorter = (TOKEN_BYTES_MIN..token.len()).contains(&part.len());
        shorter && unpack(&token[span]).is_some_and(|text| found(&text))
    })
}

fn unpack(token: &str) -> Option<String> {
    let bytes = token.as_bytes();
    if bytes.len() >= HEX_BYTES_MIN
        && bytes.len().is_multiple_of(2)
        && bytes.iter().all(u8::is_ascii_hexdigit)
    {
        let begins = hex_begins_printable(bytes);
        let text = begins.then(|| HEXLOWER_PERMISSIVE.decode(bytes).ok().and_then(printable)).flatten();
        if text.is_some() {
            return text;
        }
    }
    if bytes.len() >= BASE32_BYTES_MIN && bytes.iter().all(|byte| matches!(byte, b'A'..=b'Z' | b'2'..=b'7')) {
        let whole = &bytes[..bytes.len() / 8 * 8];
        let text =
            BASE32_NOPAD.decode(bytes).or_else(|_| BASE32_NOPAD.decode(whole)).ok().and_then(printable);
        if text.is_some() {
            return text;
        }
    }
    if !opens_readable(bytes) {
        return None;
    }
    // A cut token still tells most of what it holds.
    let whole = if bytes.len() % 4 == 1 { &bytes[..bytes.len() - 1] } else { bytes };
    if !begins_printable(whole) {
        return None;
    }
    let url = whole.iter().any(|byte| matches!(byte, b'-' | b'_'));
    let alphabet = if url { BASE64URL_NOPAD } else { BASE64_NOPAD };
    let decoded = alphabet.decode(whole).or_else(|_| alphabet.decode(&whole[..whole.len() / 4 * 4]));
    decoded.ok().and_then(printable)
}

/// What each byte stands for in base64 and base64url.
static VALUES: [u8; 256] = {
    let mut values = [NO_VALUE; 256];
    let mut byte = 0u8;
    while byte < 0x80 {
        values[byte as usize] = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            _ => NO_VALUE,
        };
        byte += 1;
    }
    values
};
const NO_VALUE: u8 = 0xff;

/// The value of a byte of a token.
fn base64_value(byte: u8) -> u8 {
    VALUES[usize::from(byte)] & 63
}

/// Do the first four characters unpack to something readable? Spares most opaque ids the full work.
fn opens_readable(bytes: &[u8]) -> bool {
    let Some([a, b, c, _]) = bytes.first_chunk::<4>() else { return false };
    let readable = |byte: u8| (0x20..0x7F).contains(&byte) || byte >= 0xC2;
    let first = base64_value(*a) << 2 | base64_value(*b) >> 4;
    let second = base64_value(*b) << 4 | base64_value(*c) >> 2;
    readable(first) && ((0x20..0x7F).contains(&second) || second >= 0x80)
}

/// Do the first sixteen characters of base64 unpack to the beginning of a printable text? Without an allocation.
fn begins_printable(bytes: &[u8]) -> bool {
    let mut head = [0u8; 12];
    let mut len = 0;
    for four in bytes.as_chunks::<4>().0.iter().take(4) {
        let bits = four.iter().fold(0u32, |bits, byte| bits << 6 | u32::from(base64_value(*byte)));
        let [_, three @ ..] = bits.to_be_bytes();
        // Most leave after the first.
        if three.into_iter().any(is_never_printable) {
            return false;
        }
        head[len..len + 3].copy_from_slice(&three);
        len += 3;
    }
    may_begin_printable(&head[..len])
}

/// The same for the first 32 hexadecimal digits.
fn hex_begins_printable(bytes: &[u8]) -> bool {
    let mut head = [0u8; 16];
    let mut len = 0;
    let value = |byte: u8| if byte.is_ascii_digit() { byte - b'0' } else { (byte | 0x20) - b'a' + 10 };
    for [high, low] in bytes.as_chunks::<2>().0.iter().take(head.len()) {
        head[len] = value(*high) << 4 | value(*low);
        if is_never_printable(head[len]) {
            return false;
        }
        len += 1;
    }
    may_begin_printable(&head[..len])
}

/// Could these bytes begin what [`printable`] takes? A character may be cut at the end.
fn may_begin_printable(head: &[u8]) -> bool {
    let text = match std::str::from_utf8(head) {
        Ok(text) => text,
        Err(error) if error.error_len().is_some() => return false,
        Err(error) => std::str::from_utf8(&head[..error.valid_up_to()]).unwrap_or_default(),
    };
    text.chars().all(is_readable)
}

/// Control characters, and bytes that UTF-8 never has.
fn is_never_printable(byte: u8) -> bool {
    matches!(byte, 0..=8 | 11 | 12 | 14..=0x1f | 0x7f | 0xc0 | 0xc1 | 0xf5..)
}

fn is_readable(c: char) -> bool {
    !c.is_control() || matches!(c, '\n' | '\r' | '\t')
}

/// Random bytes are hardly ever all printable, so this alone tells text from opaque ids.
fn printable(bytes: Vec<u8>) -> Option<String> {
    let text = String::from_utf8(bytes).ok()?;
    (text.len() >= 6 && text.chars().all(is_readable)).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unpacked(text: &str) -> Vec<String> {
        let mut all = Vec::new();
        probe(text, &mut |text| {
            all.push(text.to_string());
            false
        });
        all
    }

    #[test]
    fn packed_text_is_found() {
        for (text, expected) in [
            ("SmFuZSBEb2U=", "Jane Doe"),
            ("SmFuZSBEb2U", "Jane Doe"),
            ("pt_SmFuZSBEb2U", "Jane Doe"),
            ("JJQW4ZJAIRXWK", "Jane Doe"),
            ("4a616e6520446f65", "Jane Doe"),
            ("4A616E6520446F65", "Jane Doe"),
            ("eyJuYW1lIjoiSmFuZSBEb2UifQ", "{\"name\":\"Jane Doe\"}"),
            ("x.eyJuYW1lIjoiSmFuZSBEb2UifQ.sig", "{\"name\":\"Jane Doe\"}"),
            ("Sm9zw6kgR2FyY8OtYQ==", "José García"),
        ] {
            assert_eq!(unpacked(text), [expected], "{text}");
        }
    }

    #[test]
    fn opaque_tokens_are_not_text() {
        for text in [
            "550e8400-e29b-41d4-a716-446655440000",
            "550e8400-e29b-41d4-a716-4a616e65446f",
            "01ARZ3NDEKTSV4RRFFQ69G5FAV",
            "pt_abc123",
            "da39a3ee5e6b4b0d3255bfef95601890afd80709",
            "1234567890",
            "short",
        ] {
            assert!(unpacked(text).is_empty(), "{text}: {:?}", unpacked(text));
        }
    }
}
