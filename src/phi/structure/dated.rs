//! Names beside a day of birth: in the name of a file, in a key, in a record without a header.
//!
//! Owns what a day packed into eight digits looks like that somebody may be born on; which words may be names is for
//! `names` to say.

use std::ops::Range;

use super::{Edit, span_of, words};
use crate::phi::{class::Class, names, protect};

/// No name is longer.
const NAME_BYTES_MAX: usize = 48;

/// Findings of one text that may stand in the name of a file.
const DAYS_MAX: usize = 16;

/// `/uploads/keahi-makoa-1990-12-05.jpg`: who a file is of, if its name ends in what was found since `first`.
pub(super) fn files(text: &str, first: usize, out: &mut Vec<Edit>) {
    let names: Vec<Range<usize>> =
        out[first..].iter().take(DAYS_MAX).filter_map(|edit| named_in_file(text, &edit.span)).collect();
    out.extend(names.into_iter().map(|name| Edit::likely(name, Class::Name, "name.in-slug")));
}

/// The words before somebody's day in the name of a file, if they may be a name.
fn named_in_file(text: &str, day: &Range<usize>) -> Option<Range<usize>> {
    let before = text.get(..day.start)?.strip_suffix(['-', '_'])?;
    let floor = before.ceil_char_boundary(before.len().saturating_sub(NAME_BYTES_MAX));
    let start = floor + before[floor..].rfind('/')? + 1;
    let digits = text.get(day.clone())?.bytes().filter(u8::is_ascii_digit).count();
    (digits >= 6 && names::is_unlisted_slug(&before[start..])).then_some(start..before.len())
}

/// Keys of one text that are looked at, and how long one may be.
const KEYS_MAX: usize = 128;
const KEY_BYTES_MAX: usize = 64;

/// `patient-hargreaves-19580722`, `villanueva-shreya-20010203`: what a cache, a lock or a queue calls somebody, by name and day
/// of birth.
pub(super) fn keys(text: &str, out: &mut Vec<Edit>) {
    let bytes = text.as_bytes();
    let is_of_day = |at: &usize| bytes.get(at + 1..at + 9).is_some_and(is_packed_day);
    for at in memchr::memchr3_iter(b'-', b'_', b':', bytes).filter(is_of_day).take(KEYS_MAX) {
        let end = at + 9;
        if bytes.get(end).is_some_and(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')) {
            continue;
        }
        let holds = |c: &char| c.is_alphabetic() || matches!(c, '-' | '_' | '\'');
        let len: usize =
            text[..at].chars().rev().take(KEY_BYTES_MAX).take_while(holds).map(char::len_utf8).sum();
        let key = &text[at - len..at];
        let whole = names::in_slug(key).filter(|name| name.end == key.len());
        if let Some(name) = whole.or_else(|| behind_person(key)) {
            out.push(Edit::likely(at - len + name.start..at - len + name.end, Class::Name, "name.in-key"));
            out.push(Edit::likely(at + 1..end, Class::Date, "date.in-key"));
        }
    }
}

/// `patient-hargreaves`: one or two words that may be a name behind a word for persons.
fn behind_person(key: &str) -> Option<Range<usize>> {
    let (first, rest) = key.split_once(['-', '_'])?;
    let name = rest.split(['-', '_']).all(|part| names::is_distinctive(part) && part.chars().count() >= 3)
        && rest.split(['-', '_']).count() <= 2
        && rest.split(['-', '_']).any(names::is_listed);
    (names::is_person_prefix(&first.to_ascii_lowercase()) && name).then(|| key.len() - rest.len()..key.len())
}

/// `19580722`, a day somebody may be born on.
fn is_packed_day(day: &[u8]) -> bool {
    let number =
        |range: Range<usize>| day[range].iter().fold(0, |sum, byte| sum * 10 + u32::from(byte - b'0'));
    (day.starts_with(b"19") || day.starts_with(b"200"))
        && day.len() == 8
        && day.iter().all(u8::is_ascii_digit)
        && (day[0] == b'1' || day[3] <= b'7')
        && (1..=12).contains(&number(4..6))
        && (1..=31).contains(&number(6..8))
}

/// Fields of a record: what has fewer is none, and those beyond are not looked at.
const FIELDS_MIN: usize = 3;
const FIELDS_MAX: usize = 24;

/// `HADDAD T|19381212|E3057340`: a day of birth packed into eight digits between bars or semicolons, and a field of capitals
/// beside it that may be a name.
pub(super) fn records(text: &str, out: &mut Vec<Edit>) {
    for sign in ['|', ';'] {
        // Segments of HL7 name their fields by position.
        if memchr::memchr(sign as u8, text.as_bytes()).is_none() || sign == '|' && text.contains("|^~") {
            continue;
        }
        for line in text.split('\n') {
            let fields = || line.split(sign).take(FIELDS_MAX).map(|field| field.trim_matches([' ', '"']));
            if let Some(day) = fields().find(|field| is_packed_day(field.as_bytes()))
                && let Some(name) = fields().find(|field| is_name_in_capitals(field))
                && fields().count() >= FIELDS_MIN
            {
                out.push(Edit::likely(span_of(text, name), Class::Name, "row.record"));
                out.push(Edit::likely(span_of(text, day), Class::Date, "row.record"));
            }
        }
    }
}

/// `HADDAD T`, `EZE, CILLIAN`, `LE GOUALHER ADERONKE`: up to four words, one of them listed.
fn is_name_in_capitals(field: &str) -> bool {
    let words = || field.split([' ', ',']).filter(|word| !word.is_empty());
    let upper = |word: &str| {
        word.chars().all(|c| c.is_uppercase() || matches!(c, '-' | '\''))
            && (word.len() == 1 || !words::is_common(word) && !protect::is_vocabulary(word))
    };
    let name = |word: &str| names::is_distinctive(word) && names::is_listed(word);
    field.len() <= NAME_BYTES_MAX
        && (2..=4).contains(&words().count())
        && words().all(upper)
        && words().any(name)
}
