//! Values that a key claims: `lastName=Doe`, `"mrn": "A-17"`, `firstName: received 'Jane'`, and the whole value of a
//! key that the caller knows. A validator's own words after a key (`firstName: Required`) are no value.

use std::ops::Range;

use super::{KEYED, RECEIVED, Rule, WHOLE_VALUE, codes, contact, places};
use crate::phi::class::{Class, Finding, Place};
use crate::phi::cues::{self, Cue, Says};
use crate::phi::names;
use crate::phi::protect;
use crate::phi::scan::{Context, Scan};
use crate::phi::settings::EngineSettings;

const VALUE_MAX: usize = 512;

/// A token without digits: may it be a key, or open an identifier of letters first?
pub(in crate::phi) fn word(scan: &mut Scan<'_>, i: usize) {
    let token = scan.tok(i);
    match scan.byte(token.end()) {
        b' ' | b'-' => {
            if codes::lettered(scan, i) {
                return;
            }
            if token.len() == 2 && contact::spelled(scan, i) {
                return;
            }
            if scan.place == Place::Error && (token.len() == 8 || token.len() == 3) && received_prose(scan, i)
            {
                return;
            }
            if !matches!(scan.byte(token.end() + 1), b'=' | b':') {
                return;
            }
        }
        b':' | b'=' | b'"' | b'\'' | b']' | b'`' | b'\\' | b'%' => {}
        b')' if token.len() == 2 => {
            contact::spelled(scan, i);
            return;
        }
        _ => return,
    }
    if !cues::may_end_cue(scan.slice(token), true) {
        return;
    }
    let Some(gap) = key_end(scan.bytes, token.end()) else { return };
    let Some(cue) = scan.cue_ending(i) else { return };
    claim(scan, i, cue, gap);
}

/// A separator found after a key.
struct Gap {
    /// First byte of the value.
    value: usize,
    assigned: bool,
}

/// Reads closing quotes and brackets, the separator and spaces after a key that ends at `end`.
fn key_end(bytes: &[u8], end: usize) -> Option<Gap> {
    let at = |i: usize| bytes.get(i).copied().unwrap_or(0);
    let mut i = end;
    while i < end + 4 && matches!(at(i), b'"' | b'\'' | b'\\' | b']' | b'`') {
        i += 1;
    }
    while i < end + 6 && at(i) == b' ' {
        i += 1;
    }
    let assigned = match at(i) {
        b'=' => true,
        b':' => false,
        b'%' if bytes.get(i..i + 3).is_some_and(|t| t.eq_ignore_ascii_case(b"%3d")) => {
            return Some(Gap { value: i + 3, assigned: true });
        }
        _ => return None,
    };
    i += 1;
    if !assigned && matches!(at(i), b':' | b'/') && at(i + 1) != b' ' && !(at(i) == b':' && at(i + 1) == b'"')
    {
        return None;
    }
    while matches!(at(i), b'=' | b'>' | b'~') {
        i += 1;
    }
    let mut spaces = 0;
    while at(i) == b' ' && spaces < 3 {
        i += 1;
        spaces += 1;
    }
    Some(Gap { value: i, assigned })
}

/// Hides the value after a key of an identifier.
fn claim(scan: &mut Scan<'_>, i: usize, cue: Cue, gap: Gap) {
    let class = match cue.says {
        Says::Phi(class) => class,
        Says::Provider(class) if scan.engine.settings().hide_providers => class,
        _ => return,
    };
    let weak_ok = matches!(class, Class::Name | Class::Geo) || class == Class::Ip;
    if !cue.strong && !weak_ok
        || class == Class::Device && super::network::is_of_certificate(scan.text, gap.value)
    {
        return;
    }
    let mut at = gap.value;
    let mut items = 0;
    let listed = scan.byte(at) == b'[' && scan.byte(at + 1) != b'R';
    if listed {
        at += 1;
        while scan.byte(at) == b' ' {
            at += 1;
        }
    }
    let context = Context { says: cue.says, word: cue.word, strong: cue.strong, adjacent: true };
    while let Some(value) = quoted(scan.bytes, at) {
        let after = value.end + closer_width(scan.bytes, value.end);
        if !value.is_empty() && takes(scan, class, cue.strong, value.clone(), Form::Quoted) {
            emit(scan, class, context, value);
        } else if value.is_empty() {
            scan.done = scan.done.max(after);
        }
        items += 1;
        at = after;
        if !listed || items > 16 || scan.byte(at) != b',' {
            return;
        }
        at += 1;
        while scan.byte(at) == b' ' {
            at += 1;
        }
    }
    if items > 0 || at >= scan.bytes.len() || protect::placeholder_at(scan.bytes, at).is_some() {
        return;
    }
    if gap.assigned {
        let value = assigned_value(scan, class, at);
        // `family=family`: an argument handed on.
        let handed = scan.bytes[value.clone()] == *scan.slice(scan.tok(i));
        if !value.is_empty() && !handed && takes(scan, class, cue.strong, value.clone(), Form::Assigned) {
            emit(scan, class, context, value);
        }
        return;
    }
    let first = first_word(scan, at);
    if first.is_empty() {
        return;
    }
    if protect::is_vocabulary(&scan.text[first.clone()]) {
        received_after(scan, i, class, context, at);
        return;
    }
    let value = prose_value(scan, class, at);
    if !value.is_empty() && takes(scan, class, cue.strong, value.clone(), Form::Prose) {
        emit(scan, class, context, value);
    } else {
        received_after(scan, i, class, context, at);
    }
}

fn emit(scan: &mut Scan<'_>, class: Class, context: Context, value: Range<usize>) {
    let end = value.end;
    scan.add_cued(&KEYED, class, context, value);
    if class == Class::Geo {
        places::locality(scan, end);
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    Quoted,
    Assigned,
    Prose,
}

/// Is this text a value of the class, and not a word of the machinery?
fn takes(scan: &Scan<'_>, class: Class, strong: bool, span: Range<usize>, form: Form) -> bool {
    let Some(value) = scan.text.get(span) else { return false };
    let value = value.trim();
    if value.is_empty()
        || is_message(value)
        || value.starts_with("[REDACTED:")
        || value.bytes().all(|b| !b.is_ascii_alphanumeric() && b < 0x80)
        || is_slot(value)
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
                    || form == Form::Assigned && looks_named(value)
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
        Class::Email => form != Form::Prose || value.contains('@'),
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
            !value.bytes().all(|b| matches!(b, b'*' | b'x' | b'X' | b'.'))
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
fn is_message(value: &str) -> bool {
    let first = value.split([' ', ',', '.', ';', ':']).next().unwrap_or_default();
    protect::is_vocabulary(first) && (value.len() <= 14 || value.contains(' '))
}

/// An age below 90, or a cache's: `3600s`, `86400`.
fn is_age(value: &str) -> bool {
    let number = value.trim_end_matches(['s', 'm', 'h', 'd']);
    let unit = number.len() < value.len();
    number.len() <= 5
        && number.parse::<u32>().is_ok_and(|n| {
            n < 90 || unit || number.len() == 3 && n > 129 || number.len() == 4 && !(1850..2150).contains(&n)
        })
}

/// What stands for a value in a statement, a template or a filtered log: `$1`, `?`, `:name`, `{id}`, `[FILTERED]`.
fn is_slot(value: &str) -> bool {
    let bytes = value.as_bytes();
    let word = |text: &[u8]| !text.is_empty() && text.iter().all(|b| b.is_ascii_alphanumeric() || *b == b'_');
    match bytes {
        [b'$', digits @ ..] => (1..=2).contains(&digits.len()) && digits.iter().all(u8::is_ascii_digit),
        [b'%', b's' | b'd' | b'v'] => true,
        [b'[', label @ .., b']'] => {
            label.iter().all(|b| b.is_ascii_uppercase() || *b == b'_') && label.len() >= 5
        }
        [b'{', inner @ .., b'}'] => {
            word(inner.strip_prefix(b"{").and_then(|t| t.strip_suffix(b"}")).unwrap_or(inner))
        }
        _ => false,
    }
}

/// `org_5`: minted, but shorter than what shape alone may clear.
fn is_short_id(value: &str) -> bool {
    const KINDS: [&str; 8] = ["org", "pt", "enc", "obs", "prac", "cov", "req", "dev"];
    value.split_once('_').is_some_and(|(kind, body)| {
        KINDS.contains(&kind)
            && (1..=4).contains(&body.len())
            && body.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
            && body.bytes().any(|b| b.is_ascii_digit())
    })
}

/// Values that keys of an identifier have in machine text: a listen address, a directory, the name of a licence,
/// the serial number of a certificate.
fn is_of_machine(class: Class, value: &str) -> bool {
    let bytes = value.as_bytes();
    let digits = bytes.iter().filter(|b| b.is_ascii_digit()).count();
    match class {
        Class::Geo => {
            let port = value.rsplit_once(':').is_some_and(|(host, port)| {
                (2..=5).contains(&port.len())
                    && port.bytes().all(|b| b.is_ascii_digit())
                    && host.bytes().all(|b| {
                        b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_' | b'[' | b']' | b':')
                    })
            });
            // The first three digits of a ZIP may stay.
            let area = value.len() == 3 && digits == 3;
            // `Lagos:100271` is a town with its code.
            let named = value.contains('.') || !bytes.iter().any(u8::is_ascii_uppercase);
            port && named || area || value.starts_with("0x") || value.parse::<std::net::IpAddr>().is_ok()
        }
        Class::ApiKey => {
            bytes.first() == Some(&b'/')
                && (bytes[1..].contains(&b'/')
                    || matches!(
                        value,
                        "/" | "/srv" | "/root" | "/home" | "/tmp" | "/app" | "/opt" | "/var" | "/etc"
                    ))
                && digits == 0
                && bytes.iter().all(|b| b.is_ascii_lowercase() || matches!(b, b'/' | b'.' | b'_' | b'-'))
        }
        // Licences of software. `A7` is one of a person, mistyped.
        Class::License => digits < 3 && value.len() <= 12 && is_software_licence(value),
        // A reference number on a card, an id of a test tenant.
        Class::HealthPlan => value.len() <= 1 || is_short_id(value),
        Class::Mrn | Class::Account => {
            value.len() <= 2 && !value.bytes().all(|b| b.is_ascii_digit()) || is_short_id(value)
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

/// `MIT`, `Apache-2.0`, `trial`: the terms of a program or a plan.
pub(super) fn is_software_licence(value: &str) -> bool {
    const TERMS: [&str; 12] =
        ["MIT", "ISC", "BSD", "GPL", "LGPL", "AGPL", "MPL", "EPL", "CC0", "CC-BY", "Zlib", "0BSD"];
    TERMS.iter().any(|term| value.starts_with(term))
        || value.bytes().filter(u8::is_ascii_lowercase).count() >= 3
}

fn is_local_ip(value: &str) -> bool {
    value.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback() || ip.is_unspecified())
}

/// The inside of a quoted text that opens at `at`. Escaped quotes of nested JSON count as quotes.
fn quoted(bytes: &[u8], at: usize) -> Option<Range<usize>> {
    let (open, width): (&[u8], usize) = match (bytes.get(at)?, bytes.get(at + 1)) {
        (b'"', _) => (b"\"", 1),
        (b'\'', _) => (b"'", 1),
        (b'`', _) => (b"`", 1),
        (b'\\', Some(b'"')) => (b"\\\"", 2),
        (0xE2, Some(0x80)) if matches!(bytes.get(at + 2), Some(0x98 | 0x9C)) => {
            let close: &[u8] = if bytes[at + 2] == 0x98 { b"\xE2\x80\x99" } else { b"\xE2\x80\x9D" };
            (close, 3)
        }
        (b'u' | b'b', Some(b'\'')) => (b"'", 2),
        _ => return None,
    };
    let start = at + width;
    let limit = bytes.len().min(start + VALUE_MAX);
    let mut i = start;
    while i < limit {
        if bytes[i..].starts_with(open) {
            // O'Brien: an apostrophe between letters closes nothing.
            let inner = open == b"'"
                && i > start
                && bytes[i - 1].is_ascii_alphabetic()
                && bytes.get(i + 1).is_some_and(u8::is_ascii_uppercase);
            if !inner {
                return Some(start..i);
            }
        }
        if bytes[i] == b'\n' {
            break;
        }
        i += if bytes[i] == b'\\' && open.len() == 1 { 2 } else { 1 };
    }
    // Cut off: what is there is the value.
    let mut end = i.min(bytes.len());
    while end < bytes.len() && end > start && bytes[end] & 0xC0 == 0x80 {
        end -= 1;
    }
    Some(start..end)
}

fn closer_width(bytes: &[u8], end: usize) -> usize {
    match bytes.get(end) {
        Some(b'\\') => 2,
        Some(0xE2) => 3,
        Some(_) => 1,
        None => 0,
    }
}

/// `key=value`: up to a delimiter; names and places may go on over capitalised words.
fn assigned_value(scan: &Scan<'_>, class: Class, at: usize) -> Range<usize> {
    let delimiter = |b: u8| {
        b.is_ascii_whitespace()
            || matches!(
                b,
                b'&' | b';'
                    | b')'
                    | b'}'
                    | b']'
                    | b'"'
                    | b'\''
                    | b'<'
                    | b'>'
                    | b'|'
                    | b'`'
                    | b'\\'
                    | b'{'
                    | b'['
                    | b'('
            )
    };
    let comma_ends = !matches!(class, Class::Photo);
    let take = |from: usize| {
        let rest = &scan.bytes[from..scan.bytes.len().min(from + VALUE_MAX)];
        from + rest.iter().take_while(|b| !(delimiter(**b) || comma_ends && **b == b',')).count()
    };
    let mut end = take(at);
    let slot = is_slot(&scan.text[at..floor(scan.text, end)]);
    if matches!(class, Class::Name | Class::Geo) && end > at && !slot {
        for _ in 0..5 {
            let gap = if scan.byte(end) == b',' && scan.byte(end + 1) == b' ' { 2 } else { 1 };
            let next = end + gap;
            if !matches!(scan.byte(end), b' ' | b',')
                || !scan.byte(next).is_ascii_alphanumeric() && scan.byte(next) < 0x80
            {
                break;
            }
            let stop = take(next);
            let word = &scan.bytes[next..stop];
            let capital = word.first().is_some_and(|b| {
                b.is_ascii_uppercase() || *b >= 0x80 || class == Class::Geo && b.is_ascii_digit()
            });
            if !capital
                || word.contains(&b'=')
                || word.contains(&b':')
                || scan.byte(stop) == b'='
                || protect::is_vocabulary(&scan.text[floor(scan.text, next)..floor(scan.text, stop)])
            {
                break;
            }
            end = stop;
        }
    }
    while end > at && matches!(scan.bytes[end - 1], b'.' | b',' | b':' | b'?' | b'!') {
        end -= 1;
    }
    at..floor(scan.text, end)
}

fn floor(text: &str, mut at: usize) -> usize {
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

fn first_word(scan: &Scan<'_>, at: usize) -> Range<usize> {
    let rest = &scan.bytes[at..scan.bytes.len().min(at + 64)];
    let width = rest
        .iter()
        .take_while(|b| b.is_ascii_alphanumeric() || **b >= 0x80 || matches!(b, b'\'' | b'-' | b'_'))
        .count();
    at..floor(scan.text, at + width)
}

/// `key: value` in running text: words that look like a value of the class.
fn prose_value(scan: &Scan<'_>, class: Class, at: usize) -> Range<usize> {
    match class {
        Class::Name | Class::Geo => {
            let mut end = at;
            let mut next = at;
            for _ in 0..6 {
                let rest = &scan.bytes[next..scan.bytes.len().min(next + 64)];
                let width = rest
                    .iter()
                    .take_while(|b| {
                        b.is_ascii_alphanumeric() || **b >= 0x80 || matches!(b, b'\'' | b'-' | b'.' | b'^')
                    })
                    .count();
                if width == 0 {
                    break;
                }
                let word = &rest[..width];
                let named = word[0].is_ascii_uppercase()
                    || word[0] >= 0x80
                    || class == Class::Geo && (word[0].is_ascii_digit())
                    || width <= 3
                        && next > at
                        && word.iter().all(u8::is_ascii_lowercase)
                        && class == Class::Name
                        && !matches!(
                            word,
                            b"is"
                                | b"of"
                                | b"in"
                                | b"on"
                                | b"at"
                                | b"to"
                                | b"and"
                                | b"not"
                                | b"has"
                                | b"was"
                                | b"for"
                                | b"dob"
                                | b"mrn"
                                | b"ssn"
                        );
                let ended = matches!(rest.get(width), Some(b':' | b'='));
                if !named
                    || ended
                    || end > at
                        && protect::is_vocabulary(
                            &scan.text[floor(scan.text, next)..floor(scan.text, next + width)],
                        )
                {
                    break;
                }
                end = next + width;
                let gap = if rest.get(width) == Some(&b',')
                    && rest.get(width + 1) == Some(&b' ')
                    && (end - at < 24)
                {
                    2
                } else {
                    1
                };
                if !matches!(rest.get(width), Some(b' ' | b',')) {
                    break;
                }
                next = end + gap;
                if next >= scan.bytes.len() || !scan.text.is_char_boundary(next) {
                    break;
                }
            }
            // A particle at the end belongs to the sentence.
            while end > at && matches!(scan.bytes[end - 1], b'.' | b'\'' | b'-' | b',') {
                end -= 1;
            }
            at..floor(scan.text, end)
        }
        Class::ApiKey => {
            let rest = &scan.bytes[at..scan.bytes.len().min(at + VALUE_MAX)];
            let width = rest
                .iter()
                .take_while(|b| {
                    !b.is_ascii_whitespace() && !matches!(b, b',' | b';' | b'"' | b'\'' | b'}' | b')' | b'<')
                })
                .count();
            at..floor(scan.text, at + width)
        }
        _ => at..at,
    }
}

/// `email: Invalid email, received 'x'`: the quoted text after the verb is the value of the key.
fn received_after(scan: &mut Scan<'_>, i: usize, class: Class, context: Context, at: usize) -> bool {
    let limit = at + 240;
    let mut j = i + 1;
    while let Some(token) = scan.get(j).filter(|token| token.start() < limit) {
        if scan.bytes[scan.tok(j - 1).end()..token.start()].contains(&b'\n') {
            return false;
        }
        if token.start() >= at && is_verb(scan.slice(token)) {
            let mut from = token.end();
            while matches!(scan.byte(from), b' ' | b':') && from < token.end() + 4 {
                from += 1;
            }
            if let Some(value) = quoted(scan.bytes, from).filter(|value| !value.is_empty()) {
                let text = scan.text.get(value.clone()).unwrap_or_default();
                let digits = text.bytes().any(|b| b.is_ascii_digit());
                let harmless = protect::is_vocabulary(text)
                    || text.starts_with("[REDACTED:")
                    || class == Class::Phone && !digits;
                if !harmless {
                    emit(scan, class, context, value);
                    return true;
                }
            }
        }
        j += 1;
    }
    false
}

fn is_verb(word: &[u8]) -> bool {
    const VERBS: [&[u8]; 12] = [
        b"received",
        b"got",
        b"found",
        b"was",
        b"input",
        b"value",
        b"actual",
        b"Received",
        b"Got",
        b"provided",
        b"given",
        b"saw",
    ];
    VERBS.contains(&word)
}

/// `received 'HIV stage 3'` in an error: what a client sent, in free text.
fn received_prose(scan: &mut Scan<'_>, i: usize) -> bool {
    let token = scan.tok(i);
    if !matches!(scan.slice(token), b"received" | b"got" | b"Received") {
        return false;
    }
    let Some(value) = quoted(scan.bytes, token.end() + 1) else { return false };
    let Some(text) = scan.text.get(value.clone()) else { return false };
    let words = text.split(' ').filter(|word| word.len() > 1).count();
    let machine = text.contains(['/', '<', '{', '=', '[']) || text.split(' ').all(protect::is_vocabulary);
    if words >= 2 && !machine {
        let rule: &'static Rule = &RECEIVED;
        scan.add(rule, Context::NONE, value);
        return true;
    }
    false
}

/// The caller knows the key: the whole value is the finding, unless it is harmless by itself. True if decided.
pub(in crate::phi) fn whole_value(
    text: &str,
    class: Class,
    settings: &EngineSettings,
    out: &mut Vec<Finding>,
) -> bool {
    let _ = settings;
    let value = text.trim();
    if value.is_empty() {
        return true;
    }
    if class != Class::ApiKey && protect::is_vocabulary(value)
        || !matches!(class, Class::ApiKey | Class::Biometric) && protect::is_minted(value)
        || is_slot(value)
        || is_of_machine(class, value)
    {
        return true;
    }
    if is_message(value) && (value.contains(' ') || class == Class::ApiKey) {
        // A validator's sentence under a field's name: judged as prose.
        return false;
    }
    let digits = value.bytes().filter(u8::is_ascii_digit).count();
    let harmless = match class {
        Class::Date => is_age(value) || value.len() == 4 && digits == 4,
        Class::Ip => is_local_ip(value),
        Class::Phone | Class::Fax => {
            digits == 0 && value.len() <= 12 && value.bytes().all(|b| b.is_ascii_lowercase())
        }
        Class::ApiKey => {
            value.bytes().all(|b| b == b'*')
                || matches!(value, "clk_live_*" | "clk_live_***" | "clk_test_*" | "clk_test_***")
        }
        Class::Clinical => true,
        _ => false,
    };
    if harmless {
        return true;
    }
    let lead = text.len() - text.trim_start().len();
    let mut from = lead;
    let end = lead + value.len();
    // Placeholders inside stay; what stands around them is still the value.
    let mut at = from;
    let mut push = |span: Range<usize>| {
        let said = text[span.clone()].bytes().any(|b| b.is_ascii_alphanumeric() || b >= 0x80);
        if said {
            out.push(Finding {
                class,
                rule: WHOLE_VALUE.id,
                layer: WHOLE_VALUE.layer,
                confidence: WHOLE_VALUE.confidence,
                cue: None,
                span,
            });
        }
    };
    while let Some(open) = text[at..end].find("[REDACTED:") {
        let open = at + open;
        match protect::placeholder_at(text.as_bytes(), open) {
            Some(close) => {
                push(from..open);
                from = close;
                at = close;
            }
            None => at = open + 1,
        }
    }
    push(from..end);
    true
}
