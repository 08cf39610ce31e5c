//! Where a value ends that a key opens: at its quote, at a delimiter, or where the words stop to look like one.

use std::ops::Range;

use super::judge::is_slot;
use crate::phi::class::Class;
use crate::phi::protect;
use crate::phi::scan::Scan;

/// The inside of a quoted text that opens at `at`. Escaped quotes of nested JSON count as quotes.
pub(super) fn quoted(bytes: &[u8], at: usize) -> Option<Range<usize>> {
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
        if bytes[i] == open[0] && bytes[i..].starts_with(open) {
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

pub(super) fn closer_width(bytes: &[u8], end: usize) -> usize {
    match bytes.get(end) {
        Some(b'\\') => 2,
        Some(0xE2) => 3,
        Some(_) => 1,
        None => 0,
    }
}

/// `key=value`: up to a delimiter; names and places may go on over capitalised words.
pub(super) fn assigned_value(scan: &Scan<'_>, class: Class, at: usize) -> Range<usize> {
    let delimiter = |b: u8| b.is_ascii_whitespace() || b"&;)}]\"'<>|`\\{[(".contains(&b);
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
            if !is_capital(word, class)
                || word.contains(&b'=')
                || word.contains(&b':')
                || scan.byte(stop) == b'='
                || scan.byte(stop) == b' ' && scan.byte(stop + 1) == b'='
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

pub(super) fn first_word(scan: &Scan<'_>, at: usize) -> Range<usize> {
    let rest = &scan.bytes[at..scan.bytes.len().min(at + 64)];
    let width = rest
        .iter()
        .take_while(|b| b.is_ascii_alphanumeric() || **b >= 0x80 || matches!(b, b'\'' | b'-' | b'_'))
        .count();
    at..floor(scan.text, at + width)
}

/// `key: value` in running text: words that look like a value of the class.
pub(super) fn prose_value(scan: &Scan<'_>, class: Class, at: usize) -> Range<usize> {
    match class {
        Class::Name | Class::Geo => words(scan, class, at),
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

/// The words at `at` that are written as those of a name or a place are.
fn words(scan: &Scan<'_>, class: Class, at: usize) -> Range<usize> {
    const WORDS_MAX: usize = 6;
    const WORD_BYTES_MAX: usize = 64;
    // Behind so many bytes a comma ends a name.
    const COMMA_BYTES_MAX: usize = 24;
    let mut end = at;
    let mut next = at;
    for _ in 0..WORDS_MAX {
        let rest = &scan.bytes[next..scan.bytes.len().min(next + WORD_BYTES_MAX)];
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
        let first = next == at;
        let named = is_capital(word, class) || !first && class == Class::Name && is_within_a_name(word);
        let is_key = matches!(rest.get(width), Some(b':' | b'='));
        let said =
            || protect::is_vocabulary(&scan.text[floor(scan.text, next)..floor(scan.text, next + width)]);
        if !named || is_key || !first && said() {
            break;
        }
        end = next + width;
        next = match (rest.get(width), rest.get(width + 1)) {
            (Some(b','), Some(b' ')) if end - at < COMMA_BYTES_MAX => end + 2,
            (Some(b' ' | b','), _) => end + 1,
            _ => break,
        };
        if next >= scan.bytes.len() || !scan.text.is_char_boundary(next) {
            break;
        }
    }
    // A sign at the end belongs to the sentence.
    while end > at && matches!(scan.bytes[end - 1], b'.' | b'\'' | b'-' | b',') {
        end -= 1;
    }
    at..floor(scan.text, end)
}

/// Does the word open like one of a name, or of a place?
fn is_capital(word: &[u8], class: Class) -> bool {
    word.first().is_some_and(|first| {
        first.is_ascii_uppercase() || *first >= 0x80 || class == Class::Geo && first.is_ascii_digit()
    })
}

/// `van`, `de`, `al-Masri`: a small word that may go on with a name, and no word of the sentence.
fn is_within_a_name(word: &[u8]) -> bool {
    const OF_SENTENCES: [&[u8]; 14] = [
        b"is", b"of", b"in", b"on", b"at", b"to", b"and", b"not", b"has", b"was", b"for", b"dob", b"mrn",
        b"ssn",
    ];
    is_joined_by_particle(word)
        || word.len() <= 3 && word.iter().all(u8::is_ascii_lowercase) && !OF_SENTENCES.contains(&word)
}

/// `al-Masri`, `el-Sayed`
fn is_joined_by_particle(word: &[u8]) -> bool {
    const PARTICLES: [&[u8]; 9] = [b"abu", b"ad", b"al", b"an", b"ar", b"as", b"ash", b"el", b"ul"];
    let particle = word.iter().take_while(|byte| byte.is_ascii_lowercase()).count();
    PARTICLES.contains(&&word[..particle]) && matches!(word[particle..], [b'-', b'A'..=b'Z', _, ..])
}

pub(super) fn floor(text: &str, mut at: usize) -> usize {
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

const VALUE_MAX: usize = 512;
