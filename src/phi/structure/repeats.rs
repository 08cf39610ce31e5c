//! Identifiers that were found, once more where nothing names them.
//!
//! Owns which values are written so oddly that nothing else can be meant, and which others are written like them or set
//! against them.

use std::ops::Range;
use std::sync::LazyLock;

use aho_corasick::AhoCorasick;

use super::{Edit, dumps, is_taken, pairs::is_written_by_a_hospital, words};
use crate::phi::{class::Class, protect::is_vocabulary};

/// Findings of one text that are looked for again, and how long one may be.
const ANCHORS_MAX: usize = 16;
const VALUE_BYTES_MAX: usize = 48;
/// Digits of a number that is found again wherever it stands.
const LONG_DIGITS_MIN: usize = 7;

/// The same identifier once more where nothing names it: `MRN 77120-B` and `/charts/77120-B`. Only values that are no
/// plain word and no short number, so that nothing else can be meant.
pub(crate) fn repeats(text: &str, edits: &mut Vec<Edit>) {
    let mut again = Vec::new();
    for edit in edits.iter().take(ANCHORS_MAX) {
        let Some(value) = text.get(edit.span.clone()) else { continue };
        let number = !matches!(
            edit.class,
            Class::Name | Class::Geo | Class::Clinical | Class::Ip | Class::Url | Class::Photo
        );
        let odd = value.bytes().skip(1).any(|b| {
            b == b'-'
                || b.is_ascii_alphabetic() && !matches!(b, b'e' | b'E')
                || edit.class == Class::Date && matches!(b, b'/' | b'.')
        });
        let digits = value.bytes().filter(u8::is_ascii_digit).count();
        // `Sept 2nd 2026`
        let spelled = value.bytes().filter(u8::is_ascii_alphabetic).count() >= 3;
        if edit.class == Class::Date && digits < 6 - usize::from(spelled) {
            continue;
        }
        let long = digits >= LONG_DIGITS_MIN && digits == value.len();
        if !number || !odd && !long || digits < 3 || !(5..=VALUE_BYTES_MAX).contains(&value.len()) {
            continue;
        }
        // Bytes in a dump mean the same only in the same place.
        if dumps::is_groups(value) {
            continue;
        }
        let bytes = text.as_bytes();
        for at in occurrences(bytes, value.as_bytes()).take(ANCHORS_MAX) {
            let end = at + value.len();
            // A number of JSON would have to become a string.
            let json = long && text[..at].trim_end().ends_with([':', ',', '[']);
            if stands_apart(bytes, at..end) && !json {
                again.push(Edit::plain(at..end, edit.class, "value.repeated"));
            }
        }
    }
    respelled(text, edits, &mut again);
    alike(text, edits, &mut again);
    counterparts(text, edits, &mut again);
    exchanged(text, edits, &mut again);
    // What is covered already keeps its own form.
    again.retain(|edit| !is_taken(edits, &edit.span));
    edits.extend(again);
}

/// `ssn=604-18-2297 alt=604/18/2297`: the digits of a number that was found, parted by other signs.
fn respelled(text: &str, edits: &[Edit], again: &mut Vec<Edit>) {
    const DIGITS_MIN: usize = 8;
    const SIGNS: &[u8] = b" -./";
    let numbered = |edit: &&Edit| {
        !matches!(
            edit.class,
            Class::Date | Class::Name | Class::Geo | Class::Clinical | Class::Ip | Class::Url | Class::Photo
        ) && edit.span.len() <= VALUE_BYTES_MAX
    };
    let is_long = |value: &&str| digits(value).count() >= DIGITS_MIN;
    let known: Vec<(&str, Class)> = (edits.iter().filter(numbered).take(ANCHORS_MAX))
        .filter_map(|edit| Some((text.get(edit.span.clone()).filter(is_long)?, edit.class)))
        .collect();
    if known.is_empty() {
        return;
    }
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(start) = bytes[at..].iter().position(u8::is_ascii_digit).map(|first| at + first) {
        let mut end = start;
        let mut parted = false;
        while end < bytes.len() && (bytes[end].is_ascii_digit() || parts_digits(bytes, end, SIGNS)) {
            parted |= !bytes[end].is_ascii_digit();
            end += 1;
        }
        at = end;
        if parted && end - start <= VALUE_BYTES_MAX && stands_apart(bytes, start..end) {
            let own = &text[start..end];
            if let Some((_, class)) = known.iter().find(|(known, _)| digits(known).eq(digits(own))) {
                again.push(Edit::plain(start..end, *class, "value.repeated"));
            }
        }
    }
}

fn digits(text: &str) -> impl Iterator<Item = u8> + '_ {
    text.bytes().filter(u8::is_ascii_digit)
}

/// Is the byte at `at` one of `signs`, with a digit on either side?
fn parts_digits(bytes: &[u8], at: usize, signs: &[u8]) -> bool {
    signs.contains(&bytes[at])
        && at > 0
        && bytes[at - 1].is_ascii_digit()
        && bytes.get(at + 1).is_some_and(u8::is_ascii_digit)
}

/// `merge LMR-00310477 into LMR-00877120`: what is written like a number of a hospital that was found is another one.
fn alike(text: &str, edits: &[Edit], again: &mut Vec<Edit>) {
    let bytes = text.as_bytes();
    for edit in edits.iter().filter(|edit| edit.class == Class::Mrn).take(ANCHORS_MAX) {
        let Some(value) = text.get(edit.span.clone()).filter(|value| is_written_by_a_hospital(value)) else {
            continue;
        };
        let head = &value[..value.len() - value.bytes().rev().take_while(u8::is_ascii_digit).count()];
        for at in occurrences(bytes, head.as_bytes()).take(ANCHORS_MAX) {
            let digits = bytes[at + head.len()..].iter().take_while(|byte| byte.is_ascii_digit()).count();
            let end = at + head.len() + digits;
            if end - at == value.len() && head.len() >= 2 && stands_apart(bytes, at..end) {
                again.push(Edit::plain(at..end, edit.class, "value.repeated"));
            }
        }
    }
}

/// `serial LTQ553108H is not the one (expected PXR410977S)`, `replaced_by=4018731728`: what is written like a number that was
/// found and stands against it.
fn counterparts(text: &str, edits: &[Edit], again: &mut Vec<Edit>) {
    let numbered = |edit: &&Edit| {
        use Class::{Account, Device, HealthPlan, License, Mrn, OtherId, Ssn, Vehicle};
        matches!(edit.class, Ssn | Mrn | HealthPlan | Account | License | Vehicle | Device | OtherId)
            && edit.span.len() <= VALUE_BYTES_MAX
    };
    let anchors = || edits.iter().filter(numbered).take(ANCHORS_MAX);
    if anchors().next().is_none() {
        return;
    }
    for word in COUNTERPARTS.iter().flat_map(|words| words.find_iter(text)).take(ANCHORS_MAX) {
        let rest = text[word.end()..].trim_start_matches([' ', '=', ':', '"', '\'', '(', '#']);
        let start = text.len() - rest.len();
        let len = rest.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'-').count();
        let value = &rest[..len];
        let written =
            |edit: &&Edit| text.get(edit.span.clone()).is_some_and(|known| is_written_like(value, known));
        if start - word.end() > 3 || len < 7 || !stands_apart(text.as_bytes(), start..start + len) {
            continue;
        }
        if let Some(edit) = anchors().find(written) {
            again.push(Edit::plain(start..start + len, edit.class, "value.counterpart"));
        }
    }
}

/// `city "Sydney" replaced by "Wollongong"`, `changed from "x" to "y"`: the other value of the same field, in quotes as that
/// which was found.
fn exchanged(text: &str, edits: &[Edit], again: &mut Vec<Edit>) {
    #[rustfmt::skip] // Rows of phrases, not one a line.
    const JOINTS: [&str; 11] = [
        " to ", " -> ", " replaced by ", " replaced with ", " changed to ", " updated to ", " overwritten with ",
        " overwritten by ", " corrected to ", " instead of ", " became ",
    ];
    for edit in edits.iter().take(ANCHORS_MAX) {
        let behind = text.get(edit.span.end..).unwrap_or_default();
        let Some(rest) = behind.strip_prefix(['"', '\'', '`']) else { continue };
        let quote = &behind[..1];
        let Some(joint) = JOINTS.iter().find(|joint| rest.starts_with(**joint)) else { continue };
        let Some(value) = rest[joint.len()..].strip_prefix(quote) else { continue };
        let start = text.len() - value.len();
        let near = &value[..value.floor_char_boundary(VALUE_BYTES_MAX.min(value.len()))];
        let Some(len) = near.find(quote).filter(|len| *len > 0) else { continue };
        let other = &near[..len];
        let changed = joint.len() > " -> ".len() || {
            let from = text.ceil_char_boundary(edit.span.start.saturating_sub(VALUE_BYTES_MAX));
            let before = &text[from..edit.span.start];
            ["changed", "updated", "renamed", "corrected", "from "].iter().any(|word| before.contains(word))
        };
        let fits = match edit.class {
            Class::Name | Class::Geo | Class::Clinical => other.chars().any(char::is_alphabetic),
            Class::Email => other.contains('@'),
            _ => other.bytes().any(|byte| byte.is_ascii_digit()),
        };
        let machine = is_vocabulary(other) || words::is_machine_name(other) || words::is_message(other);
        if changed && fits && !machine && !near.starts_with(super::PLACEHOLDER_HEAD) {
            again.push(Edit::plain(start..start + len, edit.class, "value.exchanged"));
        }
    }
}

/// What sets one number against another.
static COUNTERPARTS: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
    let words = [
        "replaced_by",
        "replaced by",
        "replacedBy",
        "superseded_by",
        "superseded by",
        "supersededBy",
        "merged_into",
        "merged into",
        "mergedInto",
        "merged with",
        "duplicate_of",
        "duplicate of",
        "duplicateOf",
        "expected",
        "instead of",
        " vs",
        "conflicts with",
        "linked to",
        "previous",
        "surviving",
    ];
    AhoCorasick::new(words).ok()
});

/// The same digits, letters and signs in the same places, other ones.
fn is_written_like(value: &str, known: &str) -> bool {
    let kind = |byte: u8| match byte {
        b'0'..=b'9' => b'0',
        b'A'..=b'Z' => b'A',
        b'a'..=b'z' => b'a',
        other => other,
    };
    value.len() == known.len()
        && value.bytes().filter(u8::is_ascii_digit).count() >= 5
        && value.bytes().map(kind).eq(known.bytes().map(kind))
}

/// No part of a longer word or name of a field.
fn stands_apart(bytes: &[u8], span: Range<usize>) -> bool {
    let apart = |byte: &u8| !byte.is_ascii_alphanumeric() && *byte != b'_';
    bytes[..span.start].last().is_none_or(apart) && bytes.get(span.end).is_none_or(apart)
}

/// Where a value stands in a text, without overlaps. For a short one, to prepare a better search costs more than this.
pub(super) fn occurrences<'a>(text: &'a [u8], value: &'a [u8]) -> impl Iterator<Item = usize> + 'a {
    const SHORT_BYTES_MAX: usize = 64;
    let short = value.first().filter(|_| value.len() <= SHORT_BYTES_MAX);
    let long: Vec<usize> = match short {
        Some(_) => Vec::new(),
        None => memchr::memmem::find_iter(text, value).collect(),
    };
    let mut free = 0;
    let short = short.into_iter().flat_map(|first| memchr::memchr_iter(*first, text)).filter(move |at| {
        let stands = *at >= free && text[*at..].starts_with(value);
        free = if stands { at + value.len() } else { free };
        stands
    });
    long.into_iter().chain(short)
}
