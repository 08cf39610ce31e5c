//! Is what stands behind a key a value of its class, or a word of the machinery: a validator's sentence, a type, a slot?

use std::ops::Range;

use named::{is_account_of_a_system, is_package, is_thing_with_a_name};

use crate::phi::class::Class;
use crate::phi::names;
use crate::phi::protect;
use crate::phi::rules::codes::is_mac_algorithm;
use crate::phi::scan::Scan;
use crate::phi::structure::words;
use crate::phi::systems;

mod named;

pub(in crate::phi) use named::{is_name_of_machine, is_time_zone};

/// More digits are rather a telephone number in the wrong field.
const COUNT_DIGITS_MAX: usize = 5;

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Quoted,
    Assigned,
    Prose,
}

/// `6 of 6 columns`
pub(super) fn is_share(value: &str) -> bool {
    let number = |word: &str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_digit());
    value
        .split_once(" of ")
        .is_some_and(|(part, whole)| number(part) && number(whole.split(' ').next().unwrap_or_default()))
}

/// Is this text a value of the class, and not a word of the machinery?
pub(super) fn takes(scan: &Scan<'_>, class: Class, strong: bool, span: Range<usize>, form: Form) -> bool {
    let Some(value) = scan.text.get(span) else { return false };
    let value = value.trim();
    if value.is_empty()
        || is_message(value)
        || value.starts_with("[REDACTED:")
        || value.bytes().all(|b| !b.is_ascii_alphanumeric() && b < 0x80)
        || is_slot(value)
        || is_share(value)
        || is_of_machine(class, value)
    {
        return false;
    }
    let digits = value.bytes().filter(u8::is_ascii_digit).count();
    if !matches!(class, Class::ApiKey | Class::Biometric) && protect::is_minted(value) {
        return false;
    }
    if !strong {
        return match class {
            Class::Name => {
                names::is_name_like(value)
                    // `fn=UpdatePatient`
                    || form == Form::Assigned && looks_named(value) && !names::is_compound_word(value)
                    || form == Form::Quoted && value.contains(' ') && looks_named(value)
            }
            Class::Geo => digits > 0 && value.contains(' ') && value.bytes().any(|b| b.is_ascii_alphabetic()),
            _ => false,
        };
    }
    match class {
        Class::Name => form != Form::Prose || names::is_name_like(value) || looks_named(value),
        Class::Geo => form != Form::Prose || digits > 0 || value.starts_with(|c: char| c.is_uppercase()),
        Class::Phone | Class::Fax => digits >= 4,
        Class::Date => digits >= 3 && !is_age(value),
        Class::Ip => digits > 0 && !is_local_ip(value),
        // `email=2440`: how many.
        Class::Email => {
            let counted = digits == value.len() && digits <= COUNT_DIGITS_MAX && form != Form::Quoted;
            (form != Form::Prose || value.contains('@')) && !value.contains('|') && !counted
        }
        Class::Ssn
        | Class::Mrn
        | Class::HealthPlan
        | Class::Account
        | Class::License
        | Class::Vehicle
        | Class::Device => {
            digits >= 2
                || form == Form::Quoted
                    && value.bytes().any(|b| b.is_ascii_uppercase())
                    && value.len() >= 4
                    && !value.contains(' ')
        }
        Class::OtherId => digits > 0 || form != Form::Prose && value.len() >= 3,
        Class::ApiKey => {
            let odd = digits > 0
                || value.len() >= 16
                || value.bytes().any(|b| {
                    b.is_ascii_punctuation()
                        && !matches!(b, b'.' | b',' | b'-' | b'_' | b'{' | b'}' | b'<' | b'>' | b')' | b'(')
                });
            // `session=`: a cookie without a value.
            let empty = value.strip_suffix('=').is_some_and(|name| {
                name.len() < 16 && name.bytes().all(|b| b.is_ascii_lowercase() || matches!(b, b'_' | b'-'))
            });
            let counted = digits == value.len() && digits <= 3;
            let masked = value.bytes().all(|b| matches!(b, b'*' | b'x' | b'X' | b'.'));
            !(empty || counted || masked)
                && (form != Form::Prose && value.len() >= 3 || odd && value.len() >= 4)
                && !value.starts_with("clk_live_*")
                && !value.starts_with('<')
                && !value.starts_with('$')
        }
        Class::Photo | Class::Biometric | Class::Url => {
            value.len() >= 8 && (form != Form::Prose || digits > 0)
        }
        Class::Clinical => false,
    }
}

/// One or more capitalised words of letters, none of them CamelCase like a type.
fn looks_named(value: &str) -> bool {
    let decoded = value.replace(['+', '\u{a0}'], " ");
    let mut words = 0;
    for word in decoded.split([' ', ',', '^']).filter(|word| !word.is_empty()) {
        words += 1;
        let mut chars = word.chars();
        let first = chars.next().is_some_and(|c| c.is_uppercase() || !c.is_ascii() && c.is_alphabetic());
        let letters = word.chars().all(|c| c.is_alphabetic() || matches!(c, '-' | '\'' | '.' | '\u{2019}'));
        let particle = word.len() <= 3 && word.chars().all(char::is_lowercase);
        let camel = word.len() > 3
            && word
                .bytes()
                .zip(word.bytes().skip(1))
                .filter(|(a, b)| a.is_ascii_lowercase() && b.is_ascii_uppercase())
                .count()
                > 1
            || ["Error", "Exception", "Service", "Controller", "Handler", "Warning"]
                .iter()
                .any(|end| word.ends_with(end));
        if !(letters && !camel && (first || particle)) || protect::is_vocabulary(word) {
            return false;
        }
    }
    (1..=6).contains(&words)
}

/// Words of a validator, a type, or nothing: `Required`, `String must contain ...`, `null`.
pub(super) fn is_message(value: &str) -> bool {
    let first = value.split([' ', ',', '.', ';', ':']).next().unwrap_or_default();
    protect::is_vocabulary(first) && (value.len() <= 14 || value.contains(' ')) || words::is_limit(value)
}

/// An age below 90, or a cache's: `3600s`, `86400`.
pub(super) fn is_age(value: &str) -> bool {
    let number = value.trim_end_matches(['s', 'm', 'h', 'd']);
    let unit = number.len() < value.len();
    number.len() <= 5
        && number.parse::<u32>().is_ok_and(|n| {
            n < 90 || unit || number.len() == 3 && n > 129 || number.len() == 4 && !(1850..2150).contains(&n)
        })
}

/// What stands for a value in a statement, a template or a filtered log: `$1`, `?`, `:name`, `{id}`, `[FILTERED]`.
pub(super) fn is_slot(value: &str) -> bool {
    let bytes = value.as_bytes();
    let word = |text: &[u8]| !text.is_empty() && text.iter().all(|b| b.is_ascii_alphanumeric() || *b == b'_');
    match bytes {
        [b'$', digits @ ..] => (1..=2).contains(&digits.len()) && digits.iter().all(u8::is_ascii_digit),
        [b'%', b's' | b'd' | b'v'] | [b'%', b'(', ..] => true,
        [b'[', label @ .., b']'] => {
            label.iter().all(|b| b.is_ascii_uppercase() || *b == b'_') && label.len() >= 5
        }
        [b'{', inner @ .., b'}'] => {
            word(inner.strip_prefix(b"{").and_then(|t| t.strip_suffix(b"}")).unwrap_or(inner))
        }
        _ => false,
    }
}

/// `org_5`, `clm_801`, `u_204`: minted, but shorter than what shape alone may clear.
pub(in crate::phi::rules) fn is_short_id(value: &str) -> bool {
    const IDENTIFIERS: [&str; 8] = ["mrn", "ssn", "dob", "nhs", "npi", "dea", "acct", "dl"];
    value.split_once('_').is_some_and(|(kind, body)| {
        (1..=5).contains(&kind.len())
            && kind.bytes().all(|b| b.is_ascii_lowercase())
            && !IDENTIFIERS.contains(&kind)
            && (1..=4).contains(&body.len())
            && body.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
            && body.bytes().any(|b| b.is_ascii_digit())
    })
}

/// Values that keys of an identifier have in machine text: a listen address, a directory, the name of a licence,
/// the serial number of a certificate.
pub(super) fn is_of_machine(class: Class, value: &str) -> bool {
    let bytes = value.as_bytes();
    let digits = bytes.iter().filter(|b| b.is_ascii_digit()).count();
    let is_address = matches!(class, Class::Photo | Class::Url);
    if is_selector(value) || is_object(value) || !is_address && systems::is_canonical(value) {
        return true;
    }
    if words::is_mandatory(value) {
        return true;
    }
    match class {
        Class::Name => is_thing_with_a_name(value),
        Class::OtherId => is_account_of_a_system(value) || is_package(value),
        // `Sec-CH-UA-Mobile: ?0`: a boolean of structured fields (RFC 9651 section 3.3.6).
        Class::Phone => matches!(value, "?0" | "?1"),
        // A mask of bits, an address in memory.
        Class::Date => bytes.len() >= 8 && digits > 0 && digits < bytes.len() && is_hex(bytes),
        // The first three digits of a ZIP may stay.
        // `addr=localhost/127.0.0.1`: as Java prints it.
        Class::Geo => {
            value.rsplit_once('/').is_some_and(|(_, ip)| ip.parse::<std::net::IpAddr>().is_ok())
                || words::is_host(value)
                || value.len() == 3 && digits == 3
        }
        Class::ApiKey => is_no_secret(value),
        // Licences of software. `A7` is one of a person, mistyped.
        Class::License => digits < 3 && value.len() <= 12 && is_software_licence(value),
        // A reference number on a card, an id of a test tenant.
        Class::HealthPlan => {
            value.len() <= 1
                || is_short_id(value)
                || is_dotted(value)
                || digits == value.len() && digits <= 3
                || words::is_literal_id(value, class)
        }
        // `SHA256:…`: of a key. Forty in capitals: of a certificate, as .NET prints it. So short: of an event or a key.
        Class::Biometric => {
            let capitals = || !bytes.iter().any(u8::is_ascii_lowercase);
            ["SHA256:", "MD5:", "sha256:", "md5:"].iter().any(|head| value.starts_with(head))
                || is_hex(bytes) && (bytes.len() == 40 && capitals() || bytes.len() <= 12 && digits > 0)
        }
        Class::Mrn | Class::Account => {
            is_score(value)
                || words::is_release(value)
                || value.len() <= 2 && digits < value.len()
                || is_short_id(value)
                || is_package(value)
                || value.starts_with("0x") && is_hex(&bytes[2..])
        }
        Class::Device if is_mac_algorithm(bytes) => true,
        // `GTIN 00844588003281`: a model.
        Class::Device
            if value.strip_prefix("GTIN").is_some_and(|rest| {
                rest.is_empty()
                    || rest.strip_prefix(' ').is_some_and(|rest| rest.bytes().all(|b| b.is_ascii_digit()))
            }) =>
        {
            true
        }
        Class::Device => {
            // Six pairs are the address of a network card.
            bytes.len() > 17
                && bytes
                    .iter()
                    .enumerate()
                    .all(|(k, b)| if k % 3 == 2 { *b == b':' } else { b.is_ascii_hexdigit() })
        }
        _ => false,
    }
}

/// A number, the id of a session or a thing, a directory: what a key for a secret holds besides secrets.
fn is_no_secret(value: &str) -> bool {
    const DIRECTORIES: [&str; 10] =
        ["/", "/srv", "/root", "/home", "/tmp", "/app", "/opt", "/var", "/etc", "/exports"];
    let bytes = value.as_bytes();
    let digits = bytes.iter().filter(|b| b.is_ascii_digit()).count();
    // So short is none: `sid:2`. `6383b33a.258`, `0x14ede63a5a70002`: sessions of a database, addresses in memory.
    if bytes.len() <= 2 && digits == bytes.len() || is_session_of_a_system(value) || is_well_known_sid(value)
    {
        return true;
    }
    // The `sid` of a thing at Twilio: `SM` and 32 digits.
    if bytes.len() == 34 && !value.starts_with("SK") {
        return bytes[..2].iter().all(u8::is_ascii_uppercase) && is_hex(&bytes[2..]);
    }
    bytes.first() == Some(&b'/')
        && (bytes[1..].contains(&b'/') || DIRECTORIES.contains(&value))
        && (digits == 0 || value.starts_with("/home/") || value.starts_with("/var/"))
        && bytes
            .iter()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'/' | b'.' | b'_' | b'-'))
}

/// `S-1-5-18`: an account that every Windows has. Those of persons have four numbers more.
pub(in crate::phi) fn is_well_known_sid(value: &str) -> bool {
    let number = |part: &str| (1..=3).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
    value.strip_prefix("S-1-").is_some_and(|rest| rest.split('-').count() <= 2 && rest.split('-').all(number))
}

/// When a process began and its number, as Postgres numbers sessions, or an address in memory.
fn is_session_of_a_system(value: &str) -> bool {
    let pointer = value
        .strip_prefix("0x")
        .is_some_and(|rest| (8..=16).contains(&rest.len()) && is_hex(rest.as_bytes()));
    let started = value.split_once('.').is_some_and(|(start, process)| {
        start.len() == 8
            && (1..=8).contains(&process.len())
            && is_hex(start.as_bytes())
            && is_hex(process.as_bytes())
    });
    pointer || started
}

/// `adt.v2`, `clinic.adt.retry`: a topic, or who reads it.
fn is_dotted(value: &str) -> bool {
    value.split('.').count() >= 2
        && value.split('.').all(|part| part.starts_with(|c: char| c.is_ascii_lowercase()))
        && value.bytes().filter(u8::is_ascii_digit).count() <= 2
}

/// `0.91`, `1.00`: how well two records match.
fn is_score(value: &str) -> bool {
    let fraction = value.strip_prefix("0.").or_else(|| value.strip_prefix("1.0"));
    fraction.is_some_and(|rest| rest.len() <= 6 && rest.bytes().all(|byte| byte.is_ascii_digit()))
}

/// `activityType:deviceIdentifier:when`: keywords of a method, each before a colon.
fn is_selector(value: &str) -> bool {
    value.matches(':').count() >= 2 && value.bytes().all(|b| b.is_ascii_alphabetic() || b == b':')
}

/// `com.example.Binder@2bd79ce`: what Java prints of an object.
fn is_object(value: &str) -> bool {
    value.split_once('@').is_some_and(|(class, hash)| {
        class.contains('.')
            && class.split('.').all(|part| part.bytes().next().is_some_and(|b| b.is_ascii_alphabetic()))
            && class.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'$'))
            && (4..=8).contains(&hash.len())
            && is_hex(hash.as_bytes())
    })
}

fn is_hex(bytes: &[u8]) -> bool {
    bytes.iter().all(u8::is_ascii_hexdigit)
}

/// `MIT`, `Apache-2.0`, `trial`: the terms of a program or a plan.
pub(in crate::phi::rules) fn is_software_licence(value: &str) -> bool {
    const TERMS: [&str; 12] =
        ["MIT", "ISC", "BSD", "GPL", "LGPL", "AGPL", "MPL", "EPL", "CC0", "CC-BY", "Zlib", "0BSD"];
    TERMS.iter().any(|term| value.starts_with(term))
        || value.bytes().filter(u8::is_ascii_lowercase).count() >= 3
}

pub(super) fn is_local_ip(value: &str) -> bool {
    value.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback() || ip.is_unspecified())
}
