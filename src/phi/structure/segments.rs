//! Keys of caches and queues: `patient:quintanar:marisol`, `app:members:by-name:okafor`, `pt#marisol-quintanar`.
//!
//! Owns what the parts of such a key say of one another. Only a word for persons, or for a name, claims the parts behind it,
//! and they must be names rather than words of the machine: `patient:summary:latest` stays.

use std::ops::Range;

use super::{Edit, PLACEHOLDER_HEAD, Reader, class_of, phi, words};
use crate::phi::{class::Class, list::List, names, protect};

/// Separators of one text that are looked at, and how long a key may be.
const SEPARATORS_MAX: usize = 128;
const KEY_BYTES_MAX: usize = 128;
const PARTS_MAX: usize = 4;

impl Reader<'_> {
    pub(super) fn segments(&self, text: &str, out: &mut Vec<Edit>) {
        let bytes = text.as_bytes();
        let mut done = 0;
        for at in memchr::memchr2_iter(b':', b'#', bytes).take(SEPARATORS_MAX) {
            if at < done || !opens_segment(bytes, at) {
                continue;
            }
            let word = word_before(text, at);
            if !claims(&text[word.clone()]) {
                continue;
            }
            if let Some(found) = claimed(text, at) {
                let found = found.start..with_given(text, found.end);
                done = found.end;
                if let Some(day) = day_behind(text, done) {
                    out.push(Edit::likely(day, Class::Date, "key.segment"));
                }
                out.push(Edit::likely(found, Class::Name, "key.segment"));
            }
        }
    }
}

/// Does a word for persons end at `end`, with a segment of small letters behind its separator? For the gate.
pub(super) fn opens_segment(bytes: &[u8], at: usize) -> bool {
    matches!(bytes.get(at), Some(b':' | b'#'))
        && bytes.get(at + 1).is_some_and(|byte| byte.is_ascii_alphabetic() || *byte >= 0x80)
}

fn word_before(text: &str, at: usize) -> Range<usize> {
    let start = at
        - text.as_bytes()[..at]
            .iter()
            .rev()
            .take(32)
            .take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
            .count();
    start..at
}

/// A word for persons, or for the name of one.
fn claims(word: &str) -> bool {
    #[rustfmt::skip] // Rows of words, not one a line.
    static PERSONS: List<16> = List::new([
        "patient", "patients", "pt", "pts", "person", "persons", "people", "member", "members", "subscriber",
        "subscribers", "resident", "residents", "client", "guarantor", "enrollee",
    ]);
    let last = word.rsplit(['-', '_']).next().unwrap_or(word);
    PERSONS.has(last.as_bytes())
        || word.len() > last.len() && last.eq_ignore_ascii_case("name")
        || phi(class_of(word)) == Some(Class::Name) && !last.eq_ignore_ascii_case("name")
}

/// The names behind the separator at `at`.
fn claimed(text: &str, at: usize) -> Option<Range<usize>> {
    let sign = char::from(text.as_bytes()[at]);
    let rest = &text[at + 1..text.floor_char_boundary((at + 1 + KEY_BYTES_MAX).min(text.len()))];
    let end = rest
        .find(|c: char| {
            !(c.is_alphanumeric() || matches!(c, ':' | '#' | '-' | '_' | '.' | '\'' | '{' | '}' | '*' | '@'))
        })
        .unwrap_or(rest.len());
    if rest.starts_with(PLACEHOLDER_HEAD) {
        return None;
    }
    let (mut len, mut named, mut count) = (0, false, 0);
    for part in rest[..end].split(sign).take(PARTS_MAX) {
        // `patient:dob:…` and `member:by-name:…` have claims of their own.
        let two_names = names::in_slug(part).is_some_and(|name| name.len() == part.len());
        if !two_names && !is_plain(part) {
            break;
        }
        len += part.len() + 1;
        count += 1;
        let whole = part.contains(['-', '_', '.']) && names::is_unlisted_slug(part);
        named |= two_names
            || names::is_name_like(part)
            || whole && part.split(['-', '_', '.']).any(names::is_name_like);
    }
    (named && count > 0).then(|| at + 1..at + len)
}

/// `PT:SUTHERLAND-MBEKI/THANDIWE/R`: where the given names end that a stroke parts from the family name.
fn with_given(text: &str, end: usize) -> usize {
    let Some(rest) = text[end..].strip_prefix('/') else { return end };
    let len = rest.find(|c: char| !(c.is_alphabetic() || matches!(c, '-' | '\''))).unwrap_or(rest.len());
    let given = &rest[..len];
    if given.starts_with(char::is_uppercase) && names::is_listed(given) && !words::is_common(given) {
        end + 1 + len
    } else {
        end
    }
}

/// `patient:Anna-Miller:2018-02-21`: the day that stands behind somebody is theirs.
fn day_behind(text: &str, end: usize) -> Option<Range<usize>> {
    let rest = text.get(end..)?.strip_prefix([':', '/', '#', '-', '_'])?;
    let len = rest.bytes().take_while(|byte| byte.is_ascii_digit() || *byte == b'-').count();
    let day = match rest.as_bytes()[..len] {
        [_, _, _, _, b'-', _, _, b'-', _, _] => true,
        [b'1' | b'2', b'0' | b'9', _, _, _, _, _, _] => !rest[..len].contains('-'),
        _ => false,
    };
    day.then_some(end + 1..end + 1 + len)
}

/// Letters that no machine says.
fn is_plain(part: &str) -> bool {
    let word = |word: &str| {
        word.chars().count() >= 2
            && word.chars().all(|c| c.is_alphabetic() || c == '\'')
            && !words::is_common(word)
            && !words::is_field_name(word)
            && !protect::is_vocabulary(word)
            && (names::is_distinctive(word) || names::is_name_like(word))
    };
    !part.is_empty() && part.split(['-', '_', '.']).all(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_for_persons_claim_names_behind_them() {
        let found = |text: &str| {
            let at = text.match_indices([':', '#']).map(|(at, _)| at);
            let mut hits =
                at.filter(|at| opens_segment(text.as_bytes(), *at) && claims(&text[word_before(text, *at)]));
            hits.find_map(|at| claimed(text, at)).map(|span| text[span].to_owned())
        };
        for (text, held) in [
            ("GET patient:quintanar:marisol", "quintanar:marisol"),
            ("app:v1:patients:okafor", "okafor"),
            ("pt#marisol-quintanar", "marisol-quintanar"),
            ("patient:Christopher-Jackson:1984", "Christopher-Jackson"),
            ("member:by-name:okafor:ttl", "okafor"),
        ] {
            assert_eq!(found(text).as_deref(), Some(held), "{text}");
        }
        for text in [
            "patient:summary:latest",
            "patient:index:rebuild",
            "patients:page:2",
            "queue:client:redis",
            "client:kafka:consumer",
            "patient:{id}:lock",
            "member:pt_8841:cache",
        ] {
            assert_eq!(found(text), None, "{text}");
        }
    }
}
