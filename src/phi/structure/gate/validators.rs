//! Sentences of validators, as ClinikAPI answers them: `firstName: Required`, `birthDate: Invalid date, received '[REDACTED:date]'`.
//!
//! Owns a closed list of words. A text of these, the key of a field, lengths and placeholders in quotes holds nothing of anybody,
//! whatever its words claim elsewhere, so no reader has to look.

use crate::phi::{cues::KeyClass, list::List, protect, structure::class_of};

/// Longest text that is looked at.
const BYTES_MAX: usize = 160;
/// Digits of a length.
const LENGTH_DIGITS_MAX: usize = 3;

/// In small letters, none of them a name.
#[rustfmt::skip] // Rows of words, not one a line.
static WORDS: List<68> = List::new([
    "a", "address", "allowed", "already", "an", "and", "array", "at", "be", "blank", "boolean", "calendar", "can", "cannot", "character",
    "characters", "code", "contain", "date", "datetime", "digit", "digits", "element", "elements", "email", "empty", "equal", "exactly",
    "exists", "expected", "field", "format", "future", "in", "integer", "invalid", "is", "item", "items", "least", "letters", "long", "missing",
    "most", "must", "not", "null", "number", "object", "of", "one", "only", "or", "phone", "received", "required", "short", "string", "than",
    "the", "too", "undefined", "unknown", "url", "uuid", "valid", "value", "with",
]);

/// What a sentence may open with.
static OPENINGS: List<11> = List::new([
    "Array", "Expected", "Invalid", "Missing", "Must", "Number", "Required", "String", "Too", "Unknown",
    "Value",
]);

/// What lengths count.
const UNITS: [&[u8]; 5] = [b" character", b" digit", b" element", b" item", b" letter"];

/// Is the text nothing but such sentences?
pub(super) fn is_sentence(text: &str) -> bool {
    text.len() <= BYTES_MAX && text.starts_with(|c: char| c.is_ascii_alphabetic()) && {
        let key =
            text.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || b".[]".contains(byte)).count();
        match text[key..].strip_prefix(": ") {
            Some(said) => is_path(&text[..key]) && is_said(said.as_bytes()),
            None => is_said(text.as_bytes()),
        }
    }
}

/// `address.line.0`: elements that are keys of ours. One that is no word of theirs might be somebody's name.
fn is_path(path: &str) -> bool {
    path.split(['.', '[', ']']).filter(|element| !element.is_empty()).all(|element| {
        element.bytes().all(|byte| byte.is_ascii_digit()) && element.len() <= 2
            || element.starts_with(|c: char| c.is_ascii_lowercase())
                && element.bytes().all(|byte| byte.is_ascii_alphabetic())
                && class_of(element) != KeyClass::Unknown
    })
}

fn is_said(said: &[u8]) -> bool {
    let mut at = 0;
    let mut opens = true;
    while let Some(byte) = said.get(at) {
        let rest = &said[at..];
        at += match byte {
            b' ' | b',' | b'(' | b')' => 1,
            b'.' if matches!(rest.get(1), None | Some(b' ')) => {
                opens = true;
                1
            }
            b'\'' | b'"' => match protect::placeholder_at(said, at + 1) {
                Some(end) if said.get(end) == Some(byte) => end + 1 - at,
                _ => return false,
            },
            b'0'..=b'9' => {
                let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
                if digits > LENGTH_DIGITS_MAX || !UNITS.iter().any(|unit| rest[digits..].starts_with(unit)) {
                    return false;
                }
                digits
            }
            byte if byte.is_ascii_alphabetic() => {
                let word = &rest[..rest.iter().take_while(|byte| byte.is_ascii_alphabetic()).count()];
                if !(WORDS.has_exactly(word) || opens && OPENINGS.has_exactly(word)) {
                    return false;
                }
                opens = false;
                // `character(s)`
                word.len() + if rest[word.len()..].starts_with(b"(s)") { "(s)".len() } else { 0 }
            }
            _ => return false,
        };
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_of_validators_are_known() {
        for text in [
            "Required",
            "firstName: Required",
            "contact[0].email: Invalid email",
            "birthDate: Invalid date, received '[REDACTED:date]'",
            "phone: String must contain at most 20 character(s), received '[REDACTED:phone]'",
            "birthDate: '[REDACTED:date]' is not a valid calendar date. Expected string, received null",
        ] {
            assert!(is_sentence(text), "{text}");
        }
    }

    #[test]
    fn nothing_else_is_among_them() {
        for text in [
            "",
            "amara: Required",
            "amara.okafor: Required",
            "pt_amara: Required",
            "Amara: Required",
            "birthDate: Invalid date, received '1987-11-23'",
            "birthDate: Invalid date, received 'amara'",
            "email: Invalid email, received [REDACTED:email]",
            "email: Invalid email, received '[REDACTED:email]x'",
            "lastName: must not be Long",
            "phone: Invalid phone number 555",
            "identifier: must be 4471",
            "value=required",
        ] {
            assert!(!is_sentence(text), "{text}");
        }
    }
}
