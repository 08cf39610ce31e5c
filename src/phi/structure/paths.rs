//! What the segments of a path say of one another: `/mrn/00123456`, `/members/XJH123456789`, `/patients/by-name/Okafor`.
//!
//! Owns pairs of neighbouring segments in running text; the targets of our own requests are judged in `url`. An id that a
//! server made (`/patients/8841`, `/patients/pt_x9`) stays: only a segment that names an identifier claims the next one.

use super::{Edit, PLACEHOLDER_HEAD, Reader, class_of, phi, view, words};
use crate::phi::{class::Class, names, protect};

/// Slashes of one text that are looked at, and how long a segment may be.
const SLASHES_MAX: usize = 256;
const KEY_BYTES_MAX: usize = 32;
const VALUE_BYTES_MAX: usize = 64;

impl Reader<'_> {
    pub(super) fn path_values(&self, text: &str, out: &mut Vec<Edit>) {
        let bytes = text.as_bytes();
        let mut open: Option<usize> = None;
        for slash in memchr::memchr_iter(b'/', bytes).take(SLASHES_MAX) {
            let key = open.replace(slash).map(|before| before + 1..slash);
            let Some(key) = key.filter(|key| (2..=KEY_BYTES_MAX).contains(&key.len())) else { continue };
            if !bytes[key.clone()]
                .iter()
                .all(|byte| byte.is_ascii_alphabetic() || matches!(byte, b'-' | b'_'))
            {
                continue;
            }
            // The longest looked at may end inside a character.
            let end = text.floor_char_boundary(slash + 1 + segment_len(&bytes[slash + 1..]));
            let value = slash + 1..end;
            if value.is_empty() || text[value.clone()].starts_with(PLACEHOLDER_HEAD) {
                continue;
            }
            if let Some(class) = claimed(&text[..key.start - 1], &text[key], &text[value.clone()]) {
                out.push(Edit::likely(value, class, "path.segment"));
            }
        }
    }
}

fn segment_len(rest: &[u8]) -> usize {
    let inside = |byte: &&u8| {
        byte.is_ascii_alphanumeric()
            || **byte >= 0x80
            || matches!(byte, b'-' | b'_' | b'.' | b'+' | b'%' | b'\'')
    };
    let len = rest.iter().take(VALUE_BYTES_MAX).take_while(inside).count();
    len - rest[..len].iter().rev().take_while(|byte| matches!(byte, b'.' | b'\'')).count()
}

/// The class of `value`, if the segment before it names one that it could be of. `above` is the path up to that segment.
fn claimed(above: &str, key: &str, value: &str) -> Option<Class> {
    let field = field_of(key);
    match phi(class_of(field)) {
        Some(Class::Name) => {
            let asked = above
                .rsplit_once('/')
                .filter(|(_, last)| matches!(*last, "search" | "find" | "lookup" | "query"));
            let part = !matches!(field, "name" | "names" | "family" | "given");
            let sure =
                field.len() < key.len() || part || is_of_person(asked.map_or(above, |(above, _)| above));
            (sure && is_name(value)).then_some(Class::Name)
        }
        Some(Class::Phone | Class::Fax) => is_number(value, 7).then(|| phi(class_of(field))).flatten(),
        Some(class @ (Class::Ssn | Class::License | Class::OtherId | Class::Vehicle | Class::Account)) => {
            is_number(value, 6).then_some(class)
        }
        Some(class @ (Class::Mrn | Class::HealthPlan)) => is_number(value, 4).then_some(class),
        Some(_) => None,
        None => match key.to_ascii_lowercase().as_str() {
            "members" | "member" | "subscribers" | "subscriber" | "enrollees" | "enrollee"
            | "beneficiaries" | "beneficiary" | "policies" | "policy" => {
                is_lettered_number(value).then_some(Class::HealthPlan)
            }
            "chart" | "charts" => (value.len() >= 6 && is_number(value, 6)).then_some(Class::Mrn),
            "search" | "find" | "lookup" if value.contains('%') => {
                (is_of_person(above) && is_written_name(value)).then_some(Class::Name)
            }
            _ if value.contains('%') && is_of_person(field) => is_written_name(value).then_some(Class::Name),
            "search" | "find" | "lookup" => {
                let slug = value.contains(['-', '_', '+', '.']) && names::is_unlisted_slug(value);
                (is_of_person(above) && (value.starts_with(char::is_uppercase) || slug) && is_name(value))
                    .then_some(Class::Name)
            }
            _ => None,
        },
    }
}

/// `by-name`, `find_by_phone`, `byMrn`: the field behind `by`.
fn field_of(key: &str) -> &str {
    let tail = |by: &str| key.rfind(by).map(|at| at + by.len());
    let opens = |at: &usize| *at < key.len();
    let cut = tail("by-")
        .or_else(|| tail("by_"))
        .or_else(|| tail("By").or_else(|| key.starts_with("by").then_some(2)));
    cut.filter(opens).map_or(key, |at| &key[at..])
}

/// Does the path before a segment end in a word for persons?
pub(super) fn is_of_person(before: &str) -> bool {
    const PERSONS: [&str; 14] = [
        "patient",
        "patients",
        "person",
        "persons",
        "people",
        "member",
        "members",
        "chart",
        "charts",
        "residents",
        "relatedperson",
        "guardians",
        "guarantors",
        "subscribers",
    ];
    before
        .rsplit(['/', ' ', '"', '\''])
        .next()
        .is_some_and(|segment| PERSONS.iter().any(|person| segment.eq_ignore_ascii_case(person)))
}

/// Digits, with up to four capitals before them and strokes between.
fn is_number(value: &str, digits_min: usize) -> bool {
    let body = value.trim_start_matches(|c: char| c.is_ascii_uppercase());
    let digits = body.bytes().filter(u8::is_ascii_digit).count();
    value.len() - body.len() <= 4
        && (digits_min..=20).contains(&digits)
        && body.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'-' | b'.'))
}

/// `XJH123456789`, `POL-8812774`: as insurers number people, unlike the counters of a database.
fn is_lettered_number(value: &str) -> bool {
    value.starts_with(|c: char| c.is_ascii_uppercase()) && is_number(value, 6)
        || value.len() >= 9 && is_number(value, 9)
}

/// `policy="ES-00418832-02"`: a key that may hold many things, and a number as insurers give it.
pub(super) fn number_of_member(key: &str, value: &str) -> Option<Class> {
    (is_key_of_member(key)
        && value.starts_with(|c: char| c.is_ascii_uppercase())
        && is_lettered_number(value))
    .then_some(Class::HealthPlan)
}

/// `1EG4TE5MK73`, `904417823`: in capitals and digits, six digits or more. Servers make ids of small letters, or longer ones.
pub(super) fn is_number_of_insured(value: &str) -> bool {
    let digits = value.bytes().filter(u8::is_ascii_digit).count();
    // `1EG4TE5MK73` has five.
    (digits >= 6 || digits == 5 && value.len() >= 11)
        && value.len() <= 16
        && value
            .bytes()
            .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b' '))
}

/// Keys of an object that is somebody insured.
pub(super) fn is_key_of_insured(key: &str) -> bool {
    const KEYS: [&str; 9] = [
        "member",
        "subscriber",
        "insured",
        "enrollee",
        "beneficiary",
        "cardholder",
        "policyholder",
        "policyHolder",
        "dependent",
    ];
    KEYS.iter().any(|known| key.eq_ignore_ascii_case(known))
}

/// Keys of people insured and of what they are insured by.
pub(super) fn is_key_of_member(key: &str) -> bool {
    const KEYS: [&str; 10] = [
        "policy",
        "member",
        "subscriber",
        "insured",
        "enrollee",
        "beneficiary",
        "insurance",
        "coverage",
        "certificate",
        "card",
    ];
    KEYS.iter().any(|known| key.eq_ignore_ascii_case(known))
}

/// `%C3%9E%C3%B3rd%C3%ADs%20Hafsteinsd%C3%B3ttir`: words with a capital each, which no server makes an id of.
fn is_written_name(value: &str) -> bool {
    let decoded = view::percent(value, true);
    let plain = decoded.as_ref().map_or("", |view| view.text.as_str());
    let mut words = plain.split([' ', ',']).filter(|word| !word.is_empty());
    !plain.is_empty()
        && (2..=5).contains(&words.clone().count())
        && words.clone().any(|word| word.starts_with(char::is_uppercase))
        && words.all(|word| {
            names::may_be_part(word) && word.chars().all(|c| c.is_alphabetic() || "-'’.".contains(c))
        })
}

/// Words that are somebody's name rather than a word of the interface.
fn is_name(value: &str) -> bool {
    let mut parts = value.split(['-', '_', '+', '.']).flat_map(|part| part.split("%20")).peekable();
    let letters = |part: &str| {
        part.chars().count() >= 2
            && part.chars().all(|c| c.is_alphabetic() || c == '\'')
            && !words::is_common(part)
            && !words::is_field_name(part)
            && !protect::is_vocabulary(part)
    };
    parts.peek().is_some()
        && parts.clone().count() <= 4
        && parts.clone().all(letters)
        && (parts.any(names::is_distinctive) || names::is_name_like(value))
}

#[cfg(test)]
mod tests {
    use super::claimed;

    #[test]
    fn a_segment_claims_the_next_one() {
        for (above, key, value) in [
            ("", "mrn", "00123456"),
            ("/v2", "members", "XJH123456789"),
            ("/patients", "by-name", "Thistlewood"),
            ("/patients", "byName", "orla-thistlewood"),
            ("GET /Patient", "name", "Thistlewood"),
            ("/patients", "search", "Thistlewood"),
            ("/patients", "search", "thistlewood-orla"),
            ("/lookup", "phone", "5125550147"),
            ("/policies", "policy", "POL-8812774"),
            ("/emr", "charts", "88127745"),
        ] {
            assert!(claimed(above, key, value).is_some(), "{key}/{value}");
        }
        for (above, key, value) in [
            ("/v1", "patients", "881277"),
            ("", "members", "4412"),
            ("", "members", "usr_81kd7"),
            ("/patients", "by-name", "search"),
            ("/config", "name", "Thistlewood"),
            ("/patients", "search", "advanced"),
            ("", "mrn", "validate"),
            ("", "charts", "v2"),
            ("", "phone", "verify"),
            ("/patients", "by-name", ""),
        ] {
            assert!(claimed(above, key, value).is_none(), "{key}/{value}");
        }
    }
}
