//! Whole values that are words of a format: types, the absence of a value, classes of errors, durations; and those that
//! are no value of their class at all.

use super::{is_bind, is_field_name, is_message};
use crate::phi::{class::Class, list::List, names::is_listed};

/// Names of types and the absence of a value.
pub(crate) fn is_type_word(word: &str) -> bool {
    #[rustfmt::skip] // Rows of words, not one a line.
    static WORDS: List<67> = List::new([
        "string", "number", "integer", "int", "long", "float", "double", "boolean", "bool", "object", "array", "null",
        "undefined", "nan", "none", "nil", "date", "datetime", "true", "false", "unknown", "any", "never", "bigint",
        "map", "set", "record", "list", "dict", "str", "empty", "missing", "n/a", "na", "<nil>", "(null)", "-", "--",
        "invalid_date", "invalid date", "nonetype", "text", "varchar", "timestamp", "required", "invalid", "***",
        "<redacted>", "redacted", "[redacted]", "[filtered]", "<filtered>", "filtered", "(filtered)", "[hidden]",
        "[masked]", "****", "********", "xxxxx", "*", "?", "...", "e.164", "e164", "isemail", "ismobilephone",
        "isphonenumber",
    ]);
    WORDS.has(word.as_bytes())
}

/// A value under a PHI key that is a word of the format: a type, an error class, the name of a field.
pub(crate) fn is_literal(value: &str, class: Class) -> bool {
    // `Long` and `May` are family names, `long` and `LONG` types.
    let titled = class == Class::Name
        && matches!(value, "Long" | "Field" | "Key" | "Date" | "Map" | "Any" | "Set" | "Text" | "Number");
    if is_type_word(value) && !titled || is_bind(value) || is_canonical(value) {
        return true;
    }
    if value.bytes().any(|byte| byte.is_ascii_whitespace()) || value.len() > 64 {
        return false;
    }
    let error_class = ["Error", "Exception", "Fault", "Warning"]
        .iter()
        .any(|end| value.ends_with(end) && value.len() > end.len());
    if error_class && value.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'.' || byte == b'_') {
        return true;
    }
    // `email_invalid:4`: a count.
    if class == Class::Email && value.bytes().all(|byte| byte.is_ascii_digit()) {
        return true;
    }
    // `birthdate: prefix 'ab'`
    let of_format =
        matches!(value, "prefix" | "format" | "field" | "parameter" | "modifier" | "column" | "value");
    if class == Class::Date && (is_duration(value) || of_format) {
        return true;
    }
    // `IRIS: Database`, `UDI-DI`: no print of anybody is one word, and no serial number is two letters.
    let letters = value.bytes().all(|byte| byte.is_ascii_alphabetic());
    if letters
        && (class == Class::Biometric && value.len() < 16 && !is_listed(value)
            || class == Class::Device && value.len() < 4)
    {
        return true;
    }
    // `application name: Hyperspace.exe`
    if class == Class::Name && (is_program(value) || is_host(value)) {
        return true;
    }
    // `minItems`, `Blue Cross`, `keyword=STOP`: no number of anybody is without digits, unless it is in capitals.
    let numeric = matches!(
        class,
        Class::Phone
            | Class::Fax
            | Class::Ssn
            | Class::Mrn
            | Class::HealthPlan
            | Class::Account
            | Class::Vehicle
    );
    if numeric
        && value.len() >= 3
        && value.bytes().all(|byte| byte.is_ascii_alphabetic() || b"_-.=".contains(&byte))
        && value.bytes().skip(1).any(|byte| byte.is_ascii_lowercase())
    {
        return true;
    }
    // A field name under a key that could hold a field name; anywhere else such a word would be a strange value.
    class == Class::Name && is_field_name(value)
}

/// `http://hl7.org/fhir/ValueSet/administrative-gender|4.0.1`: what a specification calls a part of itself.
fn is_canonical(value: &str) -> bool {
    const HOSTS: [&str; 6] = [
        "hl7.org/",
        "terminology.hl7.org/",
        "snomed.info/",
        "loinc.org",
        "unitsofmeasure.org",
        "www.nlm.nih.gov/",
    ];
    let host = value.strip_prefix("http://").or_else(|| value.strip_prefix("https://")).unwrap_or("");
    HOSTS.iter().any(|known| host.starts_with(known)) && !host.contains(['?', ' '])
}

/// A number of at most three digits, or a fraction.
pub(crate) fn is_small(value: &str) -> bool {
    let (whole, part) = value.split_once('.').unwrap_or((value, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let short = whole.len() + part.len() <= 3 || whole == "0" && part.len() <= 4;
    !whole.is_empty() && digits(whole) && digits(part) && short && !value.ends_with('.')
}

/// The file of a program.
fn is_program(value: &str) -> bool {
    const ENDS: [&str; 12] =
        [".exe", ".dll", ".jar", ".so", ".sys", ".msi", ".service", ".war", ".sh", ".ps1", ".bat", ".py"];
    ENDS.iter().any(|end| value.len() > end.len() && value.ends_with(end))
}

/// `not-an-email`, `none of your biz`: no value of this class and no words of a validator, beside a member that says what
/// is wrong with it. What only says that it is wrong (`invalid-email`, `not_unique`, `must be a string`) stays.
pub(crate) fn is_mistyped(value: &str, class: Class) -> bool {
    let checked = matches!(
        class,
        Class::Email | Class::Phone | Class::Fax | Class::Ssn | Class::Mrn | Class::HealthPlan
    );
    let code = |word: &str| {
        matches!(
            word,
            "invalid"
                | "missing"
                | "required"
                | "bad"
                | "unknown"
                | "duplicate"
                | "already"
                | "too"
                | "must"
                | "unique"
        )
    };
    checked
        && value.contains(['-', ' '])
        && !value.contains(['@', '_', '{', '[', '<', '='])
        && value.bytes().any(|byte| byte.is_ascii_lowercase())
        && !value.split(['-', ' ']).any(|word| code(&word.to_ascii_lowercase()))
        && (!value.contains(' ') || !is_message(value))
}

/// `3600s`, `15m`, `250ms`: the age of a cache, not of a person.
fn is_duration(value: &str) -> bool {
    let digits = value.bytes().take_while(u8::is_ascii_digit).count();
    digits > 0 && matches!(&value[digits..], "s" | "ms" | "us" | "ns" | "m" | "min" | "h")
}

/// `api.clinikapi.com`: three labels in small letters, the last of them one that hosts end in.
fn is_host(value: &str) -> bool {
    const LAST: [&str; 12] =
        ["com", "org", "net", "io", "internal", "local", "svc", "cloud", "dev", "app", "gov", "edu"];
    let label = |label: &str| {
        !label.is_empty()
            && label.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
    };
    // `mary.ann.johnson.dev`: somebody's own.
    let labels: Vec<&str> = value.rsplit('.').skip(1).collect();
    labels.len() >= 2
        && value.split('.').all(label)
        && !labels.iter().any(|label| label.split('-').any(is_listed))
        && value.rsplit('.').next().is_some_and(|last| LAST.contains(&last))
}
