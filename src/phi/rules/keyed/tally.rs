//! Pairs of names of fields and how many there are of each: `email=244 sms=902`, `{name: 12, dob: 3, mrn: 118}`.
//!
//! A number of one field may be anybody's; beside fields that never hold numbers as small, it counts.

use std::ops::Range;

use crate::phi::class::Class;
use crate::phi::cues::{KeyClass, key_class};
use crate::phi::structure::words::is_small;

/// Pairs that are looked at on each side, and the longest key of one.
const PAIRS_MAX: usize = 8;
const KEY_BYTES_MAX: usize = 40;
const NUMBER_BYTES_MAX: usize = 8;

/// Populations of a measure: `IPP=1842 DENEX=113 NUMER=402`.
const POPULATIONS: [&str; 6] = ["DENOM", "DENEX", "DENEXCEP", "NUMER", "NUMEX", "MSRPOPL"];
const POPULATION_DIGITS_MAX: usize = 6;

/// Where the number that opens at `value`, without quotes, ends if it says how many values of `class` there are, or what part.
pub(in crate::phi) fn counted(text: &str, value: usize, class: Class) -> Option<usize> {
    match class {
        // No number of anybody is as short.
        Class::Phone | Class::Fax | Class::Ssn | Class::Email => {
            number(text, value).filter(|number| is_small(&text[number.clone()])).map(|number| number.end)
        }
        // `cache=HIT age=90417`: seconds.
        Class::Date if is_age_in_seconds(text, value) => number(text, value).map(|number| number.end),
        Class::Date => {
            let part = number(text, value).filter(|number| text[number.clone()].contains('.'))?;
            let fraction = text[part.clone()].starts_with("0.") && is_small(&text[part.clone()]);
            if fraction { Some(part.end) } else { tallied(text, value) }
        }
        Class::Mrn | Class::Account | Class::HealthPlan | Class::License | Class::OtherId | Class::Geo => {
            tallied(text, value)
        }
        _ => None,
    }
}

/// Is this more than anybody's age, under a key that is no more than `age`?
fn is_age_in_seconds(text: &str, value: usize) -> bool {
    let key = before_key(text, value).and_then(|key| text.get(key..value)).unwrap_or_default();
    let key = key.trim_end_matches([' ', '=', ':']);
    key.eq_ignore_ascii_case("age")
        && number(text, value).is_some_and(|number| {
            let seconds = &text[number];
            !seconds.contains('.') && seconds.parse::<u32>().is_ok_and(|seconds| seconds > 129)
        })
}

/// What is counted with its number before it.
const COUNTED: [&str; 6] = ["candidates ", "duplicates ", "entries ", "patients ", "records ", "rows "];
/// And what is said of it then; a number of somebody is `released` and `purged`.
const WITH: [&str; 6] = ["with ", "without ", "missing ", "in ", "per ", "left"];

/// Is the small number that opens at `value` one of a tally? Returns where it ends.
fn tallied(text: &str, value: usize) -> Option<usize> {
    let own = number(text, value)?;
    let small = is_small(&text[own.clone()]);
    // `mpi: 3 records without dob`
    let counted = |rest: &str| {
        COUNTED.iter().any(|word| {
            rest.strip_prefix(*word).is_some_and(|rest| WITH.iter().any(|said| rest.starts_with(said)))
        })
    };
    if small && text[..value].ends_with(": ") && text[own.end..].strip_prefix(' ').is_some_and(counted) {
        return Some(own.end);
    }
    if !small && own.len() > POPULATION_DIGITS_MAX {
        return None;
    }
    let mut at = own.end;
    let (mut measured, mut sure, mut claimed) = (false, false, 0);
    let mut weigh = |(key, number): (&str, &str)| {
        measured |= POPULATIONS.contains(&key);
        let KeyClass::Phi(class) = key_class(key) else { return };
        let counts = match class {
            Class::Email | Class::Name => true,
            Class::Phone | Class::Fax | Class::Ssn => is_small(number),
            Class::Date => is_small(number) && !key.contains("age"),
            _ => false,
        };
        sure |= counts;
        claimed += usize::from(counts || class == Class::Geo && is_small(number));
    };
    for _ in 0..PAIRS_MAX {
        let Some((key, number)) = next(text, at) else { break };
        at = number.end;
        weigh((&text[key], &text[number]));
    }
    let mut at = before_key(text, value);
    for _ in 0..PAIRS_MAX {
        let Some((key, number)) = at.and_then(|at| previous(text, at)) else { break };
        at = Some(key.start);
        weigh((&text[key], &text[number]));
    }
    measured &= own_key(text, value).is_some_and(|key| key == "IPP" || POPULATIONS.contains(&key));
    (measured || small && (sure || claimed >= 2)).then_some(own.end)
}

/// The number that opens at `from` and ends as a word does.
fn number(text: &str, from: usize) -> Option<Range<usize>> {
    let bytes = text.as_bytes().get(from..)?;
    let len = bytes
        .iter()
        .take(NUMBER_BYTES_MAX + 1)
        .take_while(|byte| byte.is_ascii_digit() || **byte == b'.')
        .count();
    let trimmed = text[from..from + len].trim_end_matches('.').len();
    let ends = bytes
        .get(trimmed)
        .is_none_or(|byte| matches!(byte, b' ' | b',' | b';' | b'}' | b')' | b']' | b'.' | b'\n' | b'"'));
    ((1..=NUMBER_BYTES_MAX).contains(&trimmed) && ends).then(|| from..from + trimmed)
}

fn is_key(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-' | b'"' | b'\'')
}

/// The pair that begins behind `at`.
fn next(text: &str, at: usize) -> Option<(Range<usize>, Range<usize>)> {
    let bytes = text.as_bytes();
    let gap = bytes[at..].iter().take(3).take_while(|byte| matches!(byte, b' ' | b',' | b';')).count();
    let key = at + gap;
    let len = bytes[key..].iter().take(KEY_BYTES_MAX).take_while(|byte| is_key(**byte)).count();
    let sign = key + len;
    let value = sign + 1 + usize::from(bytes.get(sign + 1) == Some(&b' '));
    let parted = gap > 0 && len > 0 && matches!(bytes.get(sign), Some(b'=' | b':'));
    let value = parted.then(|| number(text, value)).flatten()?;
    Some((trimmed(text, key..sign), value))
}

/// Where the key begins whose value opens at `value`.
fn before_key(text: &str, value: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let spaces = usize::from(bytes[..value].ends_with(b" "));
    let sign = value.checked_sub(1 + spaces)?;
    let len = bytes[..sign].iter().rev().take(KEY_BYTES_MAX).take_while(|byte| is_key(**byte)).count();
    matches!(bytes[sign], b'=' | b':').then_some(sign - len)
}

/// The key whose value opens at `value`.
fn own_key(text: &str, value: usize) -> Option<&str> {
    let key = before_key(text, value)?;
    Some(text[key..value].trim_end_matches([' ', '=', ':']).trim_matches(['"', '\'']))
}

/// The pair that ends before the key at `key`.
fn previous(text: &str, key: usize) -> Option<(Range<usize>, Range<usize>)> {
    let bytes = text.as_bytes();
    let gap = bytes[..key].iter().rev().take(3).take_while(|byte| matches!(byte, b' ' | b',' | b';')).count();
    let end = key - gap;
    let len = bytes[..end]
        .iter()
        .rev()
        .take(NUMBER_BYTES_MAX)
        .take_while(|byte| byte.is_ascii_digit() || **byte == b'.')
        .count();
    let value = number(text, end - len).filter(|value| gap > 0 && value.end == end)?;
    let start = before_key(text, value.start)?;
    let sign = text[start..value.start].trim_end_matches([' ', '=', ':']).len();
    Some((trimmed(text, start..start + sign), value))
}

fn trimmed(text: &str, key: Range<usize>) -> Range<usize> {
    let inner = &text[key.clone()];
    let start = key.start + inner.len() - inner.trim_start_matches(['"', '\'']).len();
    start..start.max(key.end - (inner.len() - inner.trim_end_matches(['"', '\'']).len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_counts_beside_fields_that_hold_none() {
        let says = |text: &str, key: &str| {
            let value = text.find(key).expect("the key is there") + key.len();
            tallied(text, value).is_some()
        };
        for (text, key) in [
            ("{name: 12, dob: 3, mrn: 118}", "mrn: "),
            ("name=118 dob=44 mrn=12 phone=9", "mrn="),
            ("ssn:3, mrn:118, phone:44}", "mrn:"),
            ("form stats: address=12 city=4 zip=118 state=0 errors", "address="),
            ("address=7 email=3 in 44712 lines", "address="),
        ] {
            assert!(says(text, key), "{text}");
        }
        for (text, key) in [
            ("mrn=447 bed=12 age=33", "mrn="),
            ("mrn=4471820 email=3", "mrn="),
            ("ssn: 1234 zip: 606 mrn: 447", "mrn: "),
            ("mrn=118", "mrn="),
            ("name=Okafor mrn=118 phone=5125550143", "mrn="),
        ] {
            assert!(!says(text, key), "{text}");
        }
    }
}
