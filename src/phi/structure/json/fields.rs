//! Fields and kinds of identifiers that values name: a path, a list of its elements, a code of HL7, a system of FHIR.
//!
//! Owns how such a name is read; what follows for the value beside it is for `members`.

use std::rc::Rc;

use super::days::is_care_key;
use super::{Kind, Tape, Token};
use crate::phi::{
    class::Class,
    cues::KeyClass,
    structure::{PLACEHOLDER_HEAD, field_class, phi, statement::Statement, wire, words},
};

/// No path to a field has more elements.
const PATH_TOKENS_MAX: usize = 64;

/// `["lastName", "Okafor"]`, `["name[0].family", "Hewitt", "Osagie"]`: the class of the field that an array of texts names
/// first, before its value or the old one and the new.
pub(super) fn named_first(text: &str, tape: &Tape, array: usize) -> Option<Class> {
    let last = tape.tokens[array].close.min(tape.tokens.len());
    let [name, values @ ..] = tape.tokens.get(array + 1..last)? else { return None };
    let plain = |token: &Token| matches!(token.kind, Kind::Str | Kind::Word);
    let named = name.kind == Kind::Str && words::is_field_name(&text[name.start..name.end]);
    if !named
        || !(1..=2).contains(&values.len())
        || !values.iter().all(plain)
        || values[0].kind == Kind::Word && values.len() == 1
    {
        return None;
    }
    let class = phi(field_class(&text[name.start..name.end]))?;
    // `["city", "state"]` lists columns, `["email", "push"]` channels.
    let valued = |token: &Token| {
        let value = &text[token.start..token.end];
        let shaped = value.bytes().any(|byte| !(byte.is_ascii_lowercase() || matches!(byte, b'_' | b'-')));
        shaped && !words::is_field_name(value) && (class != Class::Email || value.contains('@'))
    };
    values.iter().any(valued).then_some(class)
}

/// What an address has beside its street and town: `{"street":"2847 Quail Hollow Ct","secondary":"Apt 11B"}`.
pub(super) fn is_second_line(key: &str) -> bool {
    #[rustfmt::skip] // Rows of words, not one a line.
    const KEYS: [&str; 24] = [
        "secondary", "line1", "line2", "line3", "unit", "unitNumber", "unit_number", "secondaryUnit", "secondary_unit", "secondaryNumber",
        "secondary_number", "subpremise", "premise", "flat", "flatNumber", "suite", "floor", "building", "door", "entrance",
        "primary_number", "primaryNumber", "plus4_code", "locality",
    ];
    KEYS.contains(&key)
}

/// The last element of the path that a text or an array of texts is.
pub(super) fn named_last<'a>(text: &'a str, tape: &Tape, value: usize) -> Option<&'a str> {
    let token = match tape.tokens[value].kind {
        Kind::Array => tape.tokens[value + 1..tape.tokens[value].close.min(tape.tokens.len())].last(),
        _ => Some(&tape.tokens[value]),
    };
    let path = token.filter(|token| token.kind == Kind::Str).map(|token| &text[token.start..token.end])?;
    path.rsplit(['.', '/', '#']).next()
}

/// The class of the field that a value names: a path, a list of path elements, or `{"pointer": …}`.
pub(super) fn field_of(text: &str, tape: &Tape, value: usize) -> Option<Class> {
    let of_care = || named_last(text, tape, value).filter(|last| is_care_key(last)).map(|_| Class::Date);
    field_path(text, tape, value).or_else(of_care)
}

fn field_path(text: &str, tape: &Tape, value: usize) -> Option<Class> {
    let token = &tape.tokens[value];
    match token.kind {
        Kind::Str => {
            let name = &text[token.start..token.end];
            let plain;
            let name = if name.contains('\\') {
                plain = name.replace("\\/", "/");
                plain.as_str()
            } else {
                name
            };
            match words::is_field_path(name) {
                true => phi(field_class(name)).or_else(|| wire::field_of_path(name)),
                false => None,
            }
        }
        Kind::Array => tape.tokens[value + 1..token.close.min(tape.tokens.len())]
            .iter()
            .take(PATH_TOKENS_MAX)
            .rev()
            .filter(|token| token.kind == Kind::Str)
            .take(3)
            .map(|token| &text[token.start..token.end])
            // A sentence is no element of a path, whatever was replaced in it.
            .map(|element| match words::is_field_path(element) && !element.contains(PLACEHOLDER_HEAD) {
                true => field_class(element),
                false => KeyClass::Safe,
            })
            .find(|class| !matches!(class, KeyClass::Unknown))
            .and_then(phi),
        Kind::Object => tape
            .members(value)
            .find(|(key, _)| {
                matches!(
                    &text[tape.tokens[*key].start..tape.tokens[*key].end],
                    "pointer" | "parameter" | "field" | "name"
                )
            })
            .and_then(|(_, value)| {
                let token = &tape.tokens[value];
                (token.kind == Kind::Str).then(|| phi(field_class(&text[token.start..token.end]))).flatten()
            }),
        _ => None,
    }
}

/// The code of a kind of identifier in HL7 table 0203, somewhere in the `type` of an identifier.
pub(super) fn identifier_class(text: &str, tape: &Tape, object: usize) -> Option<Class> {
    let last = tape.tokens[object].close.min(tape.tokens.len());
    tape.tokens[object + 1..last].iter().take(64).filter(|token| token.kind == Kind::Str).find_map(|token| {
        match &text[token.start..token.end] {
            "MR" | "PI" | "PT" => Some(Class::Mrn),
            "SS" => Some(Class::Ssn),
            "DL" | "PPN" => Some(Class::License),
            "MB" | "MC" | "SN" => Some(Class::HealthPlan),
            "AN" => Some(Class::Account),
            _ => None,
        }
    })
}

/// A code of <http://terminology.hl7.org/CodeSystem/coverage-class> whose value is a number of the plan's.
pub(super) fn is_class_of_coverage(code: &str) -> bool {
    matches!(code, "group" | "subgroup" | "plan" | "subplan" | "subclass" | "rxid" | "rxgroup")
}

/// `Patient/pt_x9`, absolute or relative.
pub(super) fn refers_to_person(reference: &str) -> bool {
    let mut elements = reference.rsplit('/');
    elements.next();
    matches!(elements.next(), Some("Patient" | "Practitioner" | "RelatedPerson" | "Person"))
}

/// What the names of columns say of the values below them.
pub(super) fn column_classes(text: &str, tape: &Tape, array: usize) -> Rc<[KeyClass]> {
    let last = tape.tokens[array].close.min(tape.tokens.len());
    let names = tape.tokens[array + 1..last].iter().take(256);
    names
        .map(|token| match token.kind {
            Kind::Str => field_class(&text[token.start..token.end]),
            _ => KeyClass::Unknown,
        })
        .collect()
}

/// What a statement says of the values that are bound to it in their order.
pub(super) fn bound_classes(statement: &str) -> Rc<[KeyClass]> {
    let statement = Statement::last_of(statement);
    let class = |column: Option<&str>| column.map_or(KeyClass::Unknown, field_class);
    if statement.says_nothing() { Rc::default() } else { statement.columns().map(class).collect() }
}

/// What `system` says about the `value` beside it.
pub(super) fn system_class(system: &str) -> Option<Class> {
    match system {
        "phone" | "sms" | "pager" => return Some(Class::Phone),
        "fax" => return Some(Class::Fax),
        "email" => return Some(Class::Email),
        _ => {}
    }
    // The label of a placeholder says nothing of what stands beside it.
    let lower = spared(system).to_ascii_lowercase();
    [
        ("ssn", Class::Ssn),
        ("mbi", Class::HealthPlan),
        ("medicare", Class::HealthPlan),
        ("mrn", Class::Mrn),
        ("nhs-number", Class::Mrn),
        ("passport", Class::License),
        ("driver", Class::License),
        ("us-npi", Class::OtherId),
    ]
    .into_iter()
    .find(|(part, _)| lower.contains(part))
    .map(|(_, class)| class)
}

/// A text without the placeholders in it.
fn spared(text: &str) -> String {
    let mut pieces = text.split(PLACEHOLDER_HEAD);
    let first = pieces.next().unwrap_or("");
    pieces.fold(first.to_owned(), |spared, piece| spared + piece.split_once(']').map_or("", |(_, rest)| rest))
}
