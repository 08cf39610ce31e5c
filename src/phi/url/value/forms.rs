//! The forms a value can have: days, references, codes with systems, field lists, JSON members; and the byte gate.
//!
//! Pure questions about text; what follows from the answers is decided in `value`.

use crate::phi::canon;
use crate::phi::class::Class;
use crate::phi::url::{Of, Whose};
use crate::phi::validate;

/// `"key": value` members of JSON text, however deep they stand. The texts are still escaped.
pub(super) fn json_members(text: &str) -> impl Iterator<Item = (&str, &str)> {
    let mut rest = text;
    std::iter::from_fn(move || {
        loop {
            let open = rest.find('"')?;
            let after = &rest[open + 1..];
            let close = after.find('"')?;
            let key = &after[..close];
            let behind = after[close + 1..].trim_start();
            let Some(value) = behind.strip_prefix(':') else {
                rest = &after[close + 1..];
                continue;
            };
            // A list of texts belongs to the same key; its first entry is enough.
            let value = value.trim_start().trim_start_matches(['[', ' ']);
            rest = value;
            if let Some(quoted) = value.strip_prefix('"') {
                let end = quoted.find('"').unwrap_or(quoted.len());
                rest = quoted.get(end + 1..).unwrap_or("");
                return Some((key, &quoted[..end]));
            }
            if !value.starts_with('{') {
                let end = value.find([',', '}', ']', ' ']).unwrap_or(value.len());
                rest = &value[end..];
                return Some((key, &value[..end]));
            }
        }
    })
}

/// Nothing, a placeholder, or what a program writes for nothing.
pub(super) fn is_harmless(value: &str) -> bool {
    matches!(value, "" | "null" | "undefined" | "*" | "[object Object]" | "None" | "nil" | "NaN")
        || value.starts_with("[REDACTED") && value.ends_with(']')
}

/// Lets most values pass without a look: short words and numbers that can hold neither a shape nor a pair of names.
pub(super) fn passes_gate(value: &str) -> bool {
    let (mut digits, mut letters) = (0, 0);
    for byte in value.bytes() {
        match byte {
            b'0'..=b'9' => digits += 1,
            b'a'..=b'z' | b'A'..=b'Z' => letters += 1,
            b'-' => {}
            _ => return false,
        }
    }
    // Letters before three digits can be a cue: `MRN1234`.
    let few = digits < if letters == 0 { 5 } else { 3 };
    few && value.len() < canon::TOKEN_BYTES_MIN && !has_two_words(value)
        || digits == 0
            && value.len() <= 24
            && !has_two_words(value)
            && value.bytes().all(|b| !b.is_ascii_uppercase())
}

/// `jane-doe` and `JaneDoe` are two words.
pub(super) fn has_two_words(value: &str) -> bool {
    value.contains('-')
}

pub(super) fn may_have_shape(text: &str) -> bool {
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    digits >= 3 || text.bytes().any(|byte| matches!(byte, b'@' | b':' | b'.' | b'=' | b'"') || byte >= 0x80)
}

/// `Gail Model`, `Parkinson disease`: a name that a noun makes the name of a thing.
pub(super) fn is_eponym(text: &str) -> bool {
    const NOUNS: &[&str] = &[
        "model",
        "score",
        "index",
        "scale",
        "test",
        "criteria",
        "criterion",
        "disease",
        "syndrome",
        "classification",
        "equation",
        "formula",
        "method",
        "calculator",
        "questionnaire",
        "inventory",
        "staging",
        "grade",
        "grading",
        "rule",
        "risk",
        "sign",
        "palsy",
        "lymphoma",
        "tumor",
        "tumour",
        "catheter",
        "procedure",
        "technique",
        "assessment",
        "algorithm",
        "protocol",
        "system",
        "survey",
        "stage",
        "study",
        "nomogram",
        "chart",
        "disorder",
        "phenomenon",
        "reflex",
        "fracture",
        "monitor",
        "screen",
        "screening",
        "tool",
        "checklist",
    ];
    // Only where a thing is named: in a sentence the noun may belong to somebody.
    let words = text.split([' ', '-', '_']).filter(|word| !word.is_empty()).count();
    let last = text.rsplit([' ', '-', '_']).next().unwrap_or(text);
    (2..=4).contains(&words) && NOUNS.iter().any(|noun| noun.eq_ignore_ascii_case(last))
}

/// `Type/id`, also at the end of an address and before `/_history/…`.
pub(super) fn split_reference(text: &str) -> Option<(&str, &str)> {
    memchr::memchr(b'/', text.as_bytes())?;
    if text.bytes().any(|byte| matches!(byte, b'?' | b'=' | b' ' | b'@')) {
        return None;
    }
    let text = if text.contains("/_history") { text.split("/_history").next().unwrap_or(text) } else { text };
    let (before, id) = text.rsplit_once('/')?;
    let fhir_type = before.rsplit('/').next().unwrap_or(before);
    (is_type(fhir_type) && !id.is_empty()).then_some((fhir_type, id))
}

/// Written like a type of FHIR.
pub(super) fn is_type(word: &str) -> bool {
    word.starts_with(|c: char| c.is_ascii_uppercase()) && word.bytes().all(|byte| byte.is_ascii_alphabetic())
}

/// Codes of the common terminologies, which no identifier looks like: LOINC (`85354-9`) and ICD-10 (`E11.65`).
pub(super) fn is_code(value: &str) -> bool {
    match value.as_bytes() {
        [number @ .., b'-', check] => {
            (1..=5).contains(&number.len()) && number.iter().all(u8::is_ascii_digit) && check.is_ascii_digit()
        }
        [letter, tens, rest, b'.', detail @ ..] => {
            letter.is_ascii_alphabetic()
                && tens.is_ascii_digit()
                && rest.is_ascii_alphanumeric()
                && (1..=4).contains(&detail.len())
                && detail.iter().all(u8::is_ascii_alphanumeric)
        }
        _ => false,
    }
}

/// Whose ids the ids of a type are.
pub fn reference_of(fhir_type: &str) -> Of {
    match fhir_type {
        "Patient" | "Person" | "RelatedPerson" | "Practitioner" | "PractitionerRole" => Of::Person,
        "Organization"
        | "Location"
        | "HealthcareService"
        | "Medication"
        | "MedicationKnowledge"
        | "Measure"
        | "PlanDefinition"
        | "ActivityDefinition"
        | "Questionnaire"
        | "StructureDefinition"
        | "ValueSet"
        | "CodeSystem"
        | "ConceptMap"
        | "Library"
        | "DeviceDefinition"
        | "Substance"
        | "Endpoint"
        | "OrganizationAffiliation"
        | "InsurancePlan"
        | "ResearchStudy"
        | "SearchParameter"
        | "OperationDefinition"
        | "CapabilityStatement"
        | "ImplementationGuide"
        | "NamingSystem" => Of::Catalogue,
        _ => Of::Thing,
    }
}

pub(super) fn without_prefix(value: &str) -> &str {
    match value.get(..2) {
        Some("eq" | "ne" | "gt" | "lt" | "ge" | "le" | "sa" | "eb" | "ap") => value[2..].trim_start(),
        _ => value,
    }
}

pub(super) fn is_year(value: &str) -> bool {
    value.len() == 4 && value.bytes().all(|byte| byte.is_ascii_digit())
}

/// A day, month, year or instant, with an optional prefix; epoch seconds and milliseconds too.
pub(super) fn is_day_or_time(value: &str) -> bool {
    let bare = without_prefix(value.trim());
    let digits = bare.bytes().filter(u8::is_ascii_digit).count();
    let plain =
        |byte: u8| byte.is_ascii_digit() || matches!(byte, b'-' | b':' | b'.' | b'T' | b'Z' | b'+' | b' ');
    (4..=26).contains(&digits)
        && bare.bytes().all(plain)
        && (is_year(bare)
            || matches!(bare.as_bytes().get(4), Some(b'-'))
                && bare.as_bytes()[..4].iter().all(u8::is_ascii_digit)
            || digits == bare.len() && matches!(digits, 8 | 10 | 13 | 14))
}

/// Names of fields, types, media types: words without digits worth a look.
pub(super) fn is_field_list(value: &str) -> bool {
    let digits = value.bytes().filter(u8::is_ascii_digit).count();
    let plain = |byte: u8| {
        byte.is_ascii_alphanumeric()
            || matches!(byte, b'_' | b'.' | b':' | b',' | b'*' | b'-' | b'+' | b'/' | b';' | b'=')
    };
    digits < 5 && value.bytes().all(plain) && value.len() <= 400 && !value.contains('=')
        || matches!(value, "application/fhir json" | "application/fhir xml" | "application/json patch")
        || digits <= 3 && value.bytes().all(|byte| plain(byte) || byte == b' ') && value.contains("/fhir")
}

/// In the alphabet of ids, and more than one plain word or number.
pub(super) fn is_id_like(text: &str) -> bool {
    let mut mixed = false;
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' => {}
            b'A'..=b'Z' | b'0'..=b'9' | b'.' | b'_' | b'-' => mixed = true,
            _ => return false,
        }
    }
    mixed && text.len() >= 5
}

pub(super) fn is_address(text: &str) -> bool {
    text.starts_with("http://") || text.starts_with("https://") || text.starts_with("urn:")
}

/// Systems whose codes are never a person's. Compared from the start, behind scheme and `www.`.
pub(super) fn is_terminology(system: &str) -> bool {
    const KNOWN: &[&str] = &[
        "loinc.org",
        "snomed.info",
        "terminology.hl7.org",
        "hl7.org/fhir/sid/icd",
        "hl7.org/fhir/sid/ndc",
        "hl7.org/fhir/sid/cvx",
        "hl7.org/fhir/sid/ex-icd",
        "hl7.org/fhir/ndfrt",
        "hl7.org/fhir/ValueSet",
        "hl7.org/fhir/CodeSystem",
        "hl7.org/fhir/StructureDefinition",
        "hl7.org/fhir/us/",
        "hl7.org/fhir/v2/",
        "hl7.org/fhir/v3/",
        "nlm.nih.gov/research/umls/rxnorm",
        "unitsofmeasure.org",
        "ama-assn.org/go/cpt",
        "nucc.org",
        "dicom.nema.org",
        "whocc.no/atc",
        "fdasis.nlm.nih.gov",
        "cms.gov/Medicare/Coding",
        "urn:iso:std:iso:",
        "urn:ietf:bcp:",
        "urn:oid:2.16.840.1.113883.6.",
        "urn:oid:2.16.840.1.113883.5.",
        "urn:oid:2.16.840.1.113883.12.",
    ];
    let bare = system.strip_prefix("http").map_or(system, |rest| {
        let rest = rest.strip_prefix('s').unwrap_or(rest);
        let rest = rest.strip_prefix("://").unwrap_or(rest);
        rest.strip_prefix("www.").unwrap_or(rest)
    });
    !bare.is_empty()
        && KNOWN.iter().any(|known| {
            bare.starts_with(known) && !bare.starts_with("terminology.hl7.org/CodeSystem/v2-0203")
        })
}

/// `http://hl7.org/fhir/sid/us-npi|1234567893`: the number under which a provider is registered, in a system that has no other.
pub(super) fn is_public_number(part: &str) -> bool {
    part.rsplit_once('|').is_some_and(|(system, number)| {
        matches!(system_class(system), Some((_, Whose::Provider))) && validate::npi(number.as_bytes())
    })
}

/// `00844588003288`, `(01)00844588003288`: the number of the product alone, with neither lot nor serial number behind it.
pub(super) fn is_of_product(part: &str) -> bool {
    let number = ["(01)", "]d201", "01"]
        .into_iter()
        .find_map(|head| part.strip_prefix(head).filter(|rest| rest.len() == 14));
    validate::gtin14(number.unwrap_or(part).as_bytes())
}

/// What stands behind the operators before it, as PostgREST has them, and whether it is compared as text:
/// `eq.219-09-1234`, `not.ilike.*doe*`, `in.(a,b)`. A value without any is its own operand.
pub(super) fn operand(value: &str) -> (&str, bool) {
    const OPERATORS: [&str; 14] =
        ["cd", "cs", "eq", "gt", "gte", "in", "is", "isdistinct", "lt", "lte", "neq", "not", "ov", "sl"];
    const OF_TEXT: [&str; 8] = ["fts", "ilike", "imatch", "like", "match", "phfts", "plfts", "wfts"];
    let (mut operand, mut is_text) = (value, false);
    while let Some((operator, rest)) = operand.split_once('.') {
        // `ilike(any).{*doe*}`, `fts(english).doe`
        let operator = operator.split('(').next().unwrap_or(operator);
        if !OPERATORS.contains(&operator) && !OF_TEXT.contains(&operator) {
            break;
        }
        is_text |= OF_TEXT.contains(&operator);
        operand = rest;
    }
    let is_mark = |c: char| "*%(){}\"'".contains(c);
    (if operand.len() < value.len() { operand.trim_matches(is_mark) } else { value }, is_text)
}

/// Systems whose values identify somebody.
pub(super) fn system_class(system: &str) -> Option<(Class, Whose)> {
    if system.is_empty() {
        return None;
    }
    const KNOWN: &[(&str, Class, Whose)] = &[
        ("us-ssn", Class::Ssn, Whose::Person),
        ("2.16.840.1.113883.4.1", Class::Ssn, Whose::Person),
        ("us-mbi", Class::HealthPlan, Whose::Person),
        ("us-medicare", Class::HealthPlan, Whose::Person),
        ("us-npi", Class::OtherId, Whose::Provider),
        ("2.16.840.1.113883.4.6", Class::OtherId, Whose::Provider),
        ("nhs-number", Class::Mrn, Whose::Person),
        ("2.16.840.1.113883.4.3.", Class::License, Whose::Person),
        ("passport", Class::License, Whose::Person),
        ("medicare-number", Class::HealthPlan, Whose::Person),
        ("/ihi", Class::Mrn, Whose::Person),
        ("/mrn", Class::Mrn, Whose::Person),
        ("/ssn", Class::Ssn, Whose::Person),
    ];
    let found = KNOWN.iter().find(|(known, ..)| match system.find(known) {
        // `…4.1` is no prefix of `…4.12`.
        Some(at) => !known.ends_with(|c: char| c.is_ascii_digit()) || system.len() == at + known.len(),
        None => false,
    });
    if let Some((_, class, whose)) = found {
        return Some((*class, *whose));
    }
    // `…/v2-0203|MR`, the type of an identifier.
    let (types, code) = system.rsplit_once('|')?;
    if !types.contains("v2-0203") {
        return None;
    }
    match code {
        "MR" | "PI" | "PT" => Some((Class::Mrn, Whose::Person)),
        "SS" => Some((Class::Ssn, Whose::Person)),
        "MB" | "MC" | "MA" | "SN" => Some((Class::HealthPlan, Whose::Person)),
        "DL" | "PPN" => Some((Class::License, Whose::Person)),
        "AN" => Some((Class::Account, Whose::Person)),
        "NPI" => Some((Class::OtherId, Whose::Provider)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_taken_apart() {
        assert_eq!(split_reference("Patient/abc"), Some(("Patient", "abc")));
        assert_eq!(
            split_reference("https://x.example/fhir/Patient/abc/_history/2"),
            Some(("Patient", "abc"))
        );
        assert_eq!(split_reference("http://loinc.org"), None);
        assert_eq!(split_reference("a/b"), None);
    }

    #[test]
    fn days_and_times() {
        for value in [
            "2024",
            "2024-03",
            "ge2024-03-15",
            "2024-03-15T10:00:00Z",
            "lt2024-03-15T10:00:00.000+02:00",
            "1710498600",
        ] {
            assert!(is_day_or_time(value), "{value}");
        }
        for value in ["", "ge", "512-555-0143", "123-45-6789", "Jane", "2024-03-15 Jane", "12"] {
            assert!(!is_day_or_time(value), "{value}");
        }
    }

    #[test]
    fn json_members_are_found_at_any_depth() {
        let members: Vec<_> = json_members(r#"{"a":{"lastName":"Doe","n":12,"given":["Jane"]}}"#).collect();
        assert_eq!(members, [("lastName", "Doe"), ("n", "12"), ("given", "Jane")]);
    }

    #[test]
    fn the_gate_lets_plain_words_pass() {
        for value in ["active", "final", "male", "4548-4", "20", "E11", "J45", "outpatient", "AMB"] {
            assert!(passes_gate(value) || value.contains('-'), "{value}");
        }
        for value in ["jane doe", "123456789", "a@b.example", "jane_doe"] {
            assert!(!passes_gate(value), "{value}");
        }
    }
}
