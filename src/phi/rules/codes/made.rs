//! Codes that machines make: hexadecimal ids, measures, versions, names that end in a UUID.

use crate::phi::list::List;
use crate::phi::protect;

/// Sixteen or more digits and small letters up to `f`, at least four of them letters.
pub(super) fn is_hexadecimal(text: &[u8]) -> bool {
    text.len() >= 16
        && text.iter().all(|byte| byte.is_ascii_digit() || matches!(byte, b'a'..=b'f'))
        && text.iter().filter(|byte| byte.is_ascii_lowercase()).count() >= 4
}

/// `799ea37d5913`: seven or more digits and small letters up to `f` in turns, as a digest is cut short to.
pub(in crate::phi) fn is_short_digest(text: &[u8]) -> bool {
    let turns = text.windows(2).filter(|pair| pair[0].is_ascii_digit() != pair[1].is_ascii_digit()).count();
    (7..=40).contains(&text.len())
        && turns >= 4
        && text.iter().filter(|byte| byte.is_ascii_lowercase()).count() >= 3
        && text.iter().all(|byte| byte.is_ascii_digit() || matches!(byte, b'a'..=b'f'))
}

/// `sha256`, `x509`, `arm64`: an algorithm, a format or an architecture.
pub(super) fn is_format(text: &[u8]) -> bool {
    #[rustfmt::skip] // Rows of words, not one a line.
    static FORMATS: List<40> = List::new([
        "sha1", "sha224", "sha256", "sha384", "sha512", "md5", "crc32", "aes128", "aes192", "aes256", "rsa1024", "rsa2048", "rsa3072",
        "rsa4096", "ed25519", "x25519", "p256", "p384", "p521", "secp256r1", "secp256k1", "x509", "pkcs1", "pkcs7", "pkcs8", "pkcs10",
        "pkcs11", "pkcs12", "base32", "base64", "utf16", "utf32", "h264", "h265", "iso8601", "rfc3339", "amd64", "arm64", "win32", "win64",
    ]);
    FORMATS.has(text)
}

/// `MAC:hmac-sha2-256`: how a message is authenticated (RFC 4251 section 6), and no card of a network.
pub(in crate::phi::rules) fn is_mac_algorithm(text: &[u8]) -> bool {
    text.starts_with(b"hmac-") || text.starts_with(b"umac-")
}

/// `consumer-billing-3-9c0e5a77-0f0e-4f86-9c51-64d8de0b2e21`: made by a machine.
pub(super) fn ends_in_uuid(text: &[u8]) -> bool {
    text.len()
        .checked_sub(36)
        .is_some_and(|at| protect::opaque(text, at) == Some(text.len()) && text[at + 8] == b'-')
}

/// `412ms`, `128kb`, `20mg`: a number and its unit.
pub(in crate::phi) fn is_measure(text: &[u8]) -> bool {
    #[rustfmt::skip] // Rows of words, not one a line.
    const UNITS: [&[u8]; 28] = [
        b"ms", b"us", b"ns", b"s", b"m", b"h", b"d", b"min", b"sec", b"kb", b"mb", b"gb", b"kib", b"mib", b"gib", b"px",
        b"rpm", b"bpm", b"mg", b"ml", b"mcg", b"kg", b"cm", b"mm", b"hz", b"k", b"x", b"g",
    ];
    let digits = text.iter().take_while(|b| b.is_ascii_digit()).count();
    let unit = &text[digits..];
    (1..=6).contains(&digits)
        && UNITS.iter().any(|known| unit.eq_ignore_ascii_case(known))
        && !unit.iter().any(u8::is_ascii_uppercase)
}

/// `HL70357`: a table of codes.
pub(super) fn is_table(text: &[u8]) -> bool {
    text.strip_prefix(b"HL7").is_some_and(|number| number.len() == 4 && number.iter().all(u8::is_ascii_digit))
}

/// `guard-1.4.2`, `2.17.1`, `v2026.2`: ends in a version of three parts, or is one behind a `v`.
pub(super) fn is_release(text: &[u8]) -> bool {
    if let [b'v', b'0'..=b'9', rest @ ..] = text
        && rest.iter().all(|b| b.is_ascii_digit() || *b == b'.')
        && rest.contains(&b'.')
    {
        return true;
    }
    let tail = text.rsplit(|b| *b == b'-').next().unwrap_or_default();
    let mut parts = 0;
    tail.strip_prefix(b"v").unwrap_or(tail).split(|b| *b == b'.').all(|part| {
        parts += 1;
        (1..=4).contains(&part.len()) && part.iter().all(u8::is_ascii_digit)
    }) && parts == 3
}
