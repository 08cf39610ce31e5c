//! Ports, archives and degrees that are no place.

use super::{Cue, digits};

pub(super) fn geo(cue: &Cue<'_>) -> bool {
    // Who may stand somewhere.
    const PERSONS: [&str; 9] =
        ["patient", "patients", "pt", "member", "client", "caller", "home", "user", "gps"];
    is_port(cue)
        || match cue.word {
            "lat" | "lon" | "lng" | "long" => {
                !has_fraction(cue.value()) || cue.speaks_of(&["anycast"]) && !cue.speaks_of(&PERSONS)
            }
            "address" | "addresses" if is_of_network(cue) => true,
            word => (word == "zip" || word.ends_with(".zip")) && is_of_archive(cue),
        }
}

/// `adresse=192.0.2.20:5432`: does the port of an address stand here?
fn is_port(cue: &Cue<'_>) -> bool {
    const IPV4_BYTES_MAX: usize = 15;
    let near = &cue.text.as_bytes()[cue.at.saturating_sub(IPV4_BYTES_MAX + 1)..cue.at];
    let Some(near) = near.strip_suffix(b":").filter(|_| (2..=5).contains(&digits(cue.value()))) else {
        return false;
    };
    let host = near.rsplit(|byte| !(byte.is_ascii_digit() || *byte == b'.')).next().unwrap_or_default();
    std::str::from_utf8(host).is_ok_and(|host| host.parse::<std::net::Ipv4Addr>().is_ok())
}

/// `malformed IP address: `, `bind address=`: of a machine.
fn is_of_network(cue: &Cue<'_>) -> bool {
    #[rustfmt::skip] // Rows of words, not one a line.
    const NETWORKS: [&str; 12] = [
        "bind", "broker", "endpoint", "ip", "ipv4", "ipv6", "listen", "mac", "memory", "peer", "remote", "socket",
    ];
    const REACH: usize = 32;
    let before = cue.near(REACH).trim_end_matches([' ', ':', '=', '"', '\'']);
    let mut words = before.rsplit(' ');
    words.next().is_some_and(|last| last.len() <= "addresses".len())
        && words.next().is_some_and(|word| NETWORKS.iter().any(|known| word.eq_ignore_ascii_case(known)))
}

/// Does a degree stand here, with a part of one? `lat=12 lon=4 ms`, `lng=en-US` are none.
fn has_fraction(text: &str) -> bool {
    const VALUE_BYTES_MAX: usize = 16;
    text.bytes()
        .take(VALUE_BYTES_MAX)
        .take_while(|byte| !byte.is_ascii_lowercase() && !matches!(byte, b'=' | b','))
        .filter(u8::is_ascii_digit)
        .count()
        > 2
}

/// `zip entry 94103 is corrupt`: does a word for what is packed stand between the cue and its number?
fn is_of_archive(cue: &Cue<'_>) -> bool {
    #[rustfmt::skip] // Rows of words, not one a line.
    const PACKED: [&str; 12] = [
        "entry", "file", "archive", "member", "stream", "header", "offset", "local", "central", "directory", "bomb", "bytes",
    ];
    const REACH: usize = 48;
    const ZIP_DIGITS: usize = 5;
    let (before, value) = (cue.near(REACH), cue.value());
    // `zip: 2139 skipped`
    let number = digits(value);
    let counts = [" skipped", " extracted", " entries", " files"];
    if number < ZIP_DIGITS && counts.iter().any(|done| value[number..].starts_with(done)) {
        return true;
    }
    // `v0.31.0.zip: proxyconnect`: a file, and what is wrong with it.
    let file = before.strip_suffix(".zip: ").is_some_and(|stem| !stem.is_empty());
    if file && value.starts_with(|c: char| c.is_ascii_lowercase()) {
        return true;
    }
    let zip = before.rfind("zip").or_else(|| before.rfind("Zip")).or_else(|| before.rfind("ZIP"));
    let between = zip.map_or("", |zip| &before[zip + 3..]);
    // `ZIP on file` is what a bank knows of an address.
    between.trim_start().split(|c: char| !c.is_alphabetic()).next().is_some_and(|word| PACKED.contains(&word))
}
