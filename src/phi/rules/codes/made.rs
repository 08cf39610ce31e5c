//! Codes that machines make: hosts, hexadecimal ids, names that end in a UUID.

use crate::phi::protect;

/// Sixteen or more digits and small letters up to `f`, at least four of them letters.
pub(super) fn is_hexadecimal(text: &[u8]) -> bool {
    text.len() >= 16
        && text.iter().all(|byte| byte.is_ascii_digit() || matches!(byte, b'a'..=b'f'))
        && text.iter().filter(|byte| byte.is_ascii_lowercase()).count() >= 4
}

/// `MAC:hmac-sha2-256`: how a message is authenticated (RFC 4251 section 6), and no card of a network.
pub(in crate::phi::rules) fn is_mac_algorithm(text: &[u8]) -> bool {
    text.starts_with(b"hmac-") || text.starts_with(b"umac-")
}

/// `sn-i3b7kn7d.example.com`: ends as the names of hosts do.
pub(super) fn is_host(text: &[u8]) -> bool {
    const TOP: [&[u8]; 10] =
        [b".com", b".org", b".net", b".io", b".edu", b".gov", b".local", b".internal", b".cloud", b".svc"];
    TOP.iter().any(|domain| text.ends_with(domain))
}

/// `consumer-billing-3-9c0e5a77-0f0e-4f86-9c51-64d8de0b2e21`: made by a machine.
pub(super) fn ends_in_uuid(text: &[u8]) -> bool {
    text.len()
        .checked_sub(36)
        .is_some_and(|at| protect::opaque(text, at) == Some(text.len()) && text[at + 8] == b'-')
}
