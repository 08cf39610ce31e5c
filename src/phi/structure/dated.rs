//! Names beside a day of birth: in the name of a file, in a key, in a record without a header. Any day in the name of a file that
//! names somebody.
//!
//! Owns what a day packed into eight digits looks like that somebody may be born on; which words may be names is for
//! `names` to say.

use std::ops::Range;

use super::{Edit, hidden, span_of, words};
use crate::phi::rules::dates::is_month;
use crate::phi::validate::opens_with_old_year;
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

/// No name of a file is looked at further from what was found in it.
const FILE_BYTES_MAX: usize = 96;

/// `okafor_chidi_2026-11-04.pdf`, `ida-lund/20261104-letter.pdf`: the days in the name of a file that holds, or lies under, a name
/// or number found since `first`. Logs and backups are called after services and days too.
pub(super) fn days(text: &str, first: usize, out: &mut Vec<Edit>) {
    use Class::{Account, HealthPlan, Mrn, Name, OtherId, Phone, Ssn};
    let bytes = text.as_bytes();
    let is_whose = |class| matches!(class, Name | Mrn | HealthPlan | Ssn | OtherId | Account | Phone);
    let in_name = |byte: &&u8| byte.is_ascii_alphanumeric() || **byte >= 0x80 || b"_-.+".contains(*byte);
    let run = |from: usize| from + bytes[from..].iter().take(FILE_BYTES_MAX).take_while(in_name).count();
    let mut found = Vec::new();
    let whose = out[first..].iter().filter(|edit| is_whose(edit.class) && edit.span.end <= bytes.len());
    for edit in whose.take(DAYS_MAX) {
        let before = &bytes[..edit.span.start];
        let start = edit.span.start - before.iter().rev().take(FILE_BYTES_MAX).take_while(in_name).count();
        let mut parts = [start..edit.span.start, edit.span.end..run(edit.span.end)];
        if bytes.get(parts[1].end) == Some(&b'/') && edit.class == Name {
            let below = parts[1].end + 1;
            parts = [below..below, below..run(below)];
        }
        let end = parts[1].end;
        let ending = bytes[..end].iter().rposition(|byte| *byte == b'.').filter(|dot| *dot >= edit.span.end);
        if ending.is_some_and(|dot| hidden::opens_ending(bytes, dot)) {
            let days = parts.into_iter().filter_map(|part| day_in(bytes, part));
            found.extend(days.map(|day| Edit::likely(day, Class::Date, "date.in-file")));
        }
    }
    out.extend(found);
}

/// The first day that stands by itself in a part of the name of a file.
fn day_in(bytes: &[u8], part: Range<usize>) -> Option<Range<usize>> {
    let apart = |at: usize| at == 0 || !bytes[at - 1].is_ascii_alphanumeric();
    part.clone().filter(|at| bytes[*at].is_ascii_digit() && apart(*at)).find_map(|at| {
        let len = day_len(&bytes[at..part.end])?;
        // `20261104T101500Z`
        let time = bytes[at + len..part.end].iter().take_while(|byte| byte.is_ascii_alphanumeric()).count();
        let stamped = bytes.get(at + len) == Some(&b'T')
            && bytes[at + len + 1..part.end].iter().take_while(|byte| byte.is_ascii_digit()).count() >= 4;
        (time == 0 || stamped).then_some(at..at + len + time)
    })
}

/// `2026-11-04`, `20261104`, `04-11-2026`, `04112026`, `4Nov2026`, `04-Nov-2026`: how long the day is that `bytes` begin with.
fn day_len(bytes: &[u8]) -> Option<usize> {
    let digits = |at: usize| bytes[at..].iter().take(9).take_while(|byte| byte.is_ascii_digit()).count();
    let is_sign = |at: usize| matches!(bytes.get(at), Some(b'-' | b'_' | b'.'));
    let is_year = |at: usize| bytes.get(at..at + 2).is_some_and(|century| matches!(century, b"19" | b"20"));
    let is_small = |at: usize, len: usize, max: u8| {
        let number = bytes[at..at + len].iter().fold(0u8, |sum, byte| sum * 10 + (byte - b'0'));
        (1..=max).contains(&number)
    };
    let first = digits(0);
    if first == 8 {
        let year_first = is_year(0) && is_small(4, 2, 12) && is_small(6, 2, 31);
        return (year_first || is_year(4) && is_small(0, 2, 31) && is_small(2, 2, 31)).then_some(8);
    }
    if first == 4 && is_year(0) && is_sign(4) && digits(5) == 2 && is_sign(7) && digits(8) == 2 {
        return (is_small(5, 2, 12) && is_small(8, 2, 31)).then_some(10);
    }
    if !(1..=2).contains(&first) || !is_small(0, first, 31) {
        return None;
    }
    let second = first + usize::from(is_sign(first));
    let number = if second > first { digits(second) } else { 0 };
    let letters = bytes[second..].iter().take(9).take_while(|byte| byte.is_ascii_alphabetic()).count();
    let month = second + if (1..=2).contains(&number) { number } else { letters };
    let is_month = (1..=2).contains(&number) && is_small(second, number, 31) && is_sign(month)
        || letters >= 3 && is_month(&bytes[second..month]);
    let year = month + usize::from(is_sign(month));
    (is_month && is_year(year) && digits(year) == 4).then_some(year + 4)
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
    opens_with_old_year(day)
        && day.len() == 8
        && day.iter().all(u8::is_ascii_digit)
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
