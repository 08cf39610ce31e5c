//! What the value of a pair looks like by itself: a name in one of its forms, or what a thing is called.

use std::ops::Range;

use crate::phi::{
    names, protect,
    structure::{paths, sentence::is_organisation, words},
};

/// `O'Cathain`, `N\'Diaye`: a capital, an apostrophe, escaped or not, and a capitalised word.
pub(super) fn is_apostrophised(value: &str) -> bool {
    let mut letters = value.chars().filter(|c| *c != '\\');
    let opens = letters.next().is_some_and(char::is_uppercase)
        && letters.next().is_some_and(|c| matches!(c, '\'' | '\u{2019}'))
        && letters.next().is_some_and(char::is_uppercase);
    opens && letters.clone().count() >= 2 && letters.all(|c| c.is_alphabetic() || c == '-')
}

/// `farouk, omar`: family name, given name, and nothing else.
pub(super) fn is_turned_name(text: &str) -> bool {
    text.split_once(", ").is_some_and(|(family, given)| {
        [family, given].iter().all(|name| {
            name.chars().count() >= 3
                && name.chars().all(|c| c.is_alphabetic() || matches!(c, '-' | '\''))
                && !words::is_common(name)
                && !protect::is_vocabulary(name)
        })
    })
}

/// `name=clinik-guard`: a key that may name anything, and a value that reads like no person.
pub(super) fn names_a_thing(key: &str, value: &str) -> bool {
    // `attention : données de déroulement corrompues`
    if key.eq_ignore_ascii_case("attention")
        && value.starts_with(char::is_lowercase)
        && !names::is_of_somebody(value)
    {
        return true;
    }
    let generic = key.eq_ignore_ascii_case("name") || key.ends_with(" name");
    let machine = words::is_machine_name(value) && !names::is_name_like(value)
        || value.starts_with("Microsoft-Windows-") && !value.contains(' ');
    // `name=policyRenewalImport`, `name:"clinic/default.deny-egress"`
    let path = words::is_machine_name(value) && value.contains('/');
    words::is_name_of_a_job(key, value)
        || generic
            && (machine
                || path
                || words::is_identifier(value) && !holds_a_name(value)
                || names::is_compound_word(value)
                || names::is_heading(value)
                || is_organisation(value))
}

/// `mariaOkonjo`: is a word of those that capitals part a listed name?
fn holds_a_name(value: &str) -> bool {
    let mut from = 0;
    let ends = value.char_indices().skip(1).filter(|(_, c)| c.is_uppercase()).map(|(at, _)| at);
    ends.chain([value.len()]).any(|end| {
        let word = &value[std::mem::replace(&mut from, end)..end];
        names::is_listed(word) && names::is_distinctive(word)
    })
}

/// `name=grafana replicas=2`: one word in small letters behind `name` alone, in a text that speaks of nobody.
pub(super) fn names_a_service(text: &str, key: Range<usize>, value: Range<usize>) -> bool {
    const REACH: usize = 160;
    #[rustfmt::skip] // Rows of words, not one a line.
    const PERSONS: [&str; 23] = [
        "patient", "member", "guardian", "admit", "discharg", "subscriber", "insured", "caregiver", "contact", "referr", "birth",
        "dob", "phone", "mail", "mrn", "ssn", "resident", "client", "consent", "appointment", "nurse", "doctor", "person",
    ];
    let near = text.ceil_char_boundary(key.start.saturating_sub(REACH))
        ..text.floor_char_boundary((value.end + REACH).min(text.len()));
    let said = || {
        let near = text[near].to_ascii_lowercase();
        !PERSONS.iter().any(|word| near.contains(word))
    };
    text[key.clone()].eq_ignore_ascii_case("name")
        && !text[key.end..].starts_with(": ")
        && is_lower_word(&text[value])
        && said()
}

/// `grafana`, `azvd9f99abc12b`: one word in small letters, in no list of names.
fn is_lower_word(value: &str) -> bool {
    value.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit()) && !names::is_listed(value)
}

/// `GET /v1/patients/{id}`: spans and routes have names too.
pub(super) fn is_span_name(value: &str) -> bool {
    value
        .split_once(" /")
        .is_some_and(|(method, _)| !method.is_empty() && method.bytes().all(|byte| byte.is_ascii_uppercase()))
}

/// `/patients?search=Ruthven`: a word that no machine says, sought among persons.
pub(super) fn is_search_of_persons(text: &str, key: usize, value: &str) -> bool {
    let path = text[..key].strip_suffix('?').unwrap_or("");
    paths::is_of_person(path)
        && value.chars().count() >= 4
        && value.starts_with(char::is_uppercase)
        && value.chars().all(|c| c.is_alphabetic() || matches!(c, '-' | '\''))
        && names::is_distinctive(value)
        && !words::is_common(value)
        && !protect::is_vocabulary(value)
}
