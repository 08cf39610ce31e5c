//! Names that what stands beside them gives away: an age, a day in the name of a file, in a key or in a record, a thing somebody
//! owns, a name they are called by.
//!
//! Owns these signs; which words may be names is for `names` to say.

use std::ops::Range;

use super::Edit;
use crate::phi::{class::Class, names};

/// No name is longer.
const NAME_BYTES_MAX: usize = 48;

/// `68M`, `81 F,`: years and a letter for the sex.
pub(super) fn opens_age(bytes: &[u8]) -> bool {
    let digits = bytes.iter().take(3).take_while(|byte| byte.is_ascii_digit()).count();
    let letter = digits + usize::from(bytes.get(digits) == Some(&b' '));
    digits >= 1
        && matches!(bytes.get(letter), Some(b'M' | b'F'))
        && matches!(bytes.get(letter + 1), None | Some(b',' | b'.' | b';' | b')' | b'"'))
}

/// `transfer for will young, 68M`: two names before an age, also where they are words and in small letters.
pub(super) fn aged(text: &str, out: &mut Vec<Edit>) {
    let bytes = text.as_bytes();
    for comma in memchr::memchr_iter(b',', bytes).filter(|at| bytes.get(at + 1) == Some(&b' ')).take(512) {
        if !opens_age(&bytes[comma + 2..]) {
            continue;
        }
        let floor = text.ceil_char_boundary(comma.saturating_sub(NAME_BYTES_MAX));
        let mut words = text[floor..comma].rsplit(' ');
        let (Some(family), Some(given)) = (words.next(), words.next()) else { continue };
        let name = [family, given].iter().all(|word| {
            word.chars().count() >= 2
                && word.chars().all(|c| c.is_alphabetic() || matches!(c, '-' | '\''))
                && names::is_listed(word)
        });
        // `temp in paris france, 68F`, `memory will grow, 68M`: small letters need one who is moved, called or seen.
        let led = given.starts_with(char::is_uppercase)
            || words.next().is_some_and(|word| {
                matches!(word, "for" | "patient" | "pt" | "with" | "seen" | "called" | "of")
            });
        if name && led {
            out.push(Edit::likely(comma - family.len() - given.len() - 1..comma, Class::Name, "name.aged"));
        }
    }
}

/// `/uploads/keahi-makoa-1990-12-05.jpg`: the words before somebody's day in the name of a file, if they may be a name.
pub(super) fn named_in_file(text: &str, day: &Range<usize>) -> Option<Range<usize>> {
    let before = text[..day.start].strip_suffix(['-', '_'])?;
    let floor = before.ceil_char_boundary(before.len().saturating_sub(NAME_BYTES_MAX));
    let start = floor + before[floor..].rfind('/')? + 1;
    let digits = text.as_bytes()[day.clone()].iter().filter(|byte| byte.is_ascii_digit()).count();
    (digits >= 6 && names::is_unlisted_slug(&before[start..])).then_some(start..before.len())
}

/// Keys of one text that are looked at, and how long one may be.
const KEYS_MAX: usize = 128;
const KEY_BYTES_MAX: usize = 64;

/// `patient-hargreaves-19580722`, `villanueva-shreya-20010203`: what a cache, a lock or a queue calls somebody, by name and day
/// of birth.
pub(super) fn dated_keys(text: &str, out: &mut Vec<Edit>) {
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

/// Fields of a record, and how long one may be.
const FIELDS_MAX: usize = 24;

/// `HADDAD T|19381212|E3057340`: a day of birth packed into eight digits between bars or semicolons, and a field of capitals
/// beside it that may be a name.
pub(super) fn records(text: &str, out: &mut Vec<Edit>) {
    let bytes = text.as_bytes();
    for sign in [b'|', b';'] {
        // Segments of HL7 name their fields by position.
        if memchr::memchr(sign, bytes).is_none() || sign == b'|' && text.contains("|^~") {
            continue;
        }
        for line in text.split('\n') {
            let line_at = line.as_ptr() as usize - text.as_ptr() as usize;
            let fields = || line.split(char::from(sign)).take(FIELDS_MAX);
            let is_day = |field: &str| is_packed_day(field.trim_matches([' ', '"']).as_bytes());
            if fields().count() < 3 || !fields().any(is_day) {
                continue;
            }
            let Some(name) = fields().find(|field| is_name_in_capitals(field.trim_matches([' ', '"'])))
            else {
                continue;
            };
            let day = fields().find(|field| is_day(field)).unwrap_or("");
            for (field, class) in [(name, Class::Name), (day, Class::Date)] {
                let start = line_at + (field.as_ptr() as usize - line.as_ptr() as usize);
                let lead = field.len() - field.trim_start_matches([' ', '"']).len();
                let value = field.trim_matches([' ', '"']);
                out.push(Edit::likely(start + lead..start + lead + value.len(), class, "row.record"));
            }
        }
    }
}

/// `HADDAD T`, `EZE, CILLIAN`, `LE GOUALHER ADERONKE`: up to four words, one of them listed.
fn is_name_in_capitals(field: &str) -> bool {
    let words = || field.split([' ', ',']).filter(|word| !word.is_empty());
    let upper = |word: &str| {
        word.chars().all(|c| c.is_uppercase() || matches!(c, '-' | '\''))
            && (word.len() == 1
                || !super::words::is_common(word) && !crate::phi::protect::is_vocabulary(word))
    };
    let name = |word: &str| names::is_distinctive(word) && names::is_listed(word);
    field.len() <= NAME_BYTES_MAX
        && (2..=4).contains(&words().count())
        && words().all(upper)
        && words().any(name)
}

/// `Kwabena's iPhone`: a name of one's own for a device.
pub(super) fn owners(text: &str, out: &mut Vec<Edit>) {
    const DEVICES: [&str; 9] =
        ["iPhone", "iPad", "iMac", "MacBook", "Mac", "Apple Watch", "Galaxy", "Pixel", "Android"];
    for sign in ["'s ", "\u{2019}s "] {
        for at in memchr::memmem::find_iter(text.as_bytes(), sign.as_bytes()).take(64) {
            let rest = &text[at + sign.len()..];
            let floor = text.ceil_char_boundary(at.saturating_sub(NAME_BYTES_MAX));
            let word =
                text[floor..at].rsplit(|c: char| !(c.is_alphabetic() || c == '-')).next().unwrap_or("");
            let owned = DEVICES.iter().any(|device| {
                rest.strip_prefix(device).is_some_and(|rest| !rest.starts_with(|c: char| c.is_alphabetic()))
            });
            if owned && word.starts_with(char::is_uppercase) && names::is_listed(word) {
                out.push(Edit::likely(at - word.len()..at, Class::Name, "name.owner"));
            }
        }
    }
}

/// `Mrs. Hodgkin (Agnes)`: in brackets behind a name that was found since `first`, what else they are called.
pub(super) fn called(text: &str, first: usize, out: &mut Vec<Edit>) {
    for index in first..out.len() {
        let edit = &out[index];
        let Some(rest) = text.get(edit.span.end..).filter(|_| edit.class == Class::Name) else { continue };
        let Some(inner) = rest.strip_prefix(" (") else { continue };
        let word =
            inner.split(|c: char| !(c.is_alphabetic() || matches!(c, '-' | '\''))).next().unwrap_or("");
        let name = word.starts_with(char::is_uppercase)
            && word.chars().nth(1).is_some_and(char::is_lowercase)
            && inner[word.len()..].starts_with(')')
            && word.len() <= NAME_BYTES_MAX
            && names::is_distinctive(word)
            && names::is_listed(word);
        if name {
            let start = edit.span.end + " (".len();
            out.push(Edit::likely(start..start + word.len(), Class::Name, "name.called"));
        }
    }
}
