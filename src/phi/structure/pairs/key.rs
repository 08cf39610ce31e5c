//! The key of a pair: where it begins, of which class it is, and which keys stand near it.

use std::ops::Range;

use crate::phi::{
    class::Class,
    cues::KeyClass,
    structure::{class_of, phi, wire, words},
};

/// Longest key looked at.
pub(super) const KEY_BYTES_MAX: usize = 80;
/// How far the attributes of one DICOM data set stand apart.
const DATA_SET_BYTES: usize = 1024;

pub(super) struct Key {
    pub(super) span: Range<usize>,
    /// In quotes, as in JSON.
    pub(super) quoted: bool,
}

/// Does the other key stand near?
pub(super) fn holds_key(text: &str, at: usize, key: &str) -> bool {
    let from = text.ceil_char_boundary(at.saturating_sub(80));
    let to = text.floor_char_boundary((at + 80).min(text.len()));
    text[from..to].match_indices(key).any(|(found, _)| {
        let rest = text[from + found + key.len()..].trim_start_matches(['"', '\'', ' ', '\\']);
        rest.starts_with(['=', ':'])
    })
}

/// `famly=Obiora&birthdate=…`: one capitalised word that no machine says, beside a parameter of a person.
pub(super) fn is_beside_phi(text: &str, key: usize, end: usize, plain: &str) -> bool {
    let word = |word: &str| {
        let letters = word.chars().all(|c| c.is_alphabetic() || matches!(c, '-' | '\''));
        let capitals = word.chars().filter(|c| c.is_uppercase()).count();
        letters
            && word.chars().count() >= 3
            && word.starts_with(char::is_uppercase)
            && capitals <= 1 + word.matches(['-', '\'']).count()
            && !words::is_common(word)
            && !crate::phi::protect::is_vocabulary(word)
    };
    if plain.split(' ').count() > 3 || !plain.split(' ').all(word) {
        return false;
    }
    let floor = text.ceil_char_boundary(key.saturating_sub(96));
    let ceiling = text.floor_char_boundary((end + 96).min(text.len()));
    let of_query =
        |part: &str| part.len() - part.trim_end_matches(|c: char| !c.is_whitespace() && c != '"').len();
    let left = &text[floor..key];
    let left = &left[left.len() - of_query(left)..];
    let right = text[end..ceiling].split([' ', '"', '\n']).next().unwrap_or("");
    left.split(['?', '&']).chain(right.split('&')).any(|pair| {
        pair.split_once('=').is_some_and(|(name, value)| !value.is_empty() && phi(class_of(name)).is_some())
    })
}

/// A listed name, and not the code of a language or a tracker: `hl=en`, `utmac=UA-32013-47`.
pub(super) fn is_name_in_query(plain: &str) -> bool {
    let letters = plain.chars().filter(|c| c.is_alphabetic()).count();
    (letters > 3 || plain.starts_with(char::is_uppercase) && plain.chars().any(char::is_lowercase))
        && crate::phi::names::is_name_like(plain)
        && !matches!(plain.as_bytes(), [l1, l2, b'-' | b'_', ..] if l1.is_ascii_lowercase() && l2.is_ascii_lowercase())
}

/// Does the text that ends at `end` open a URN (RFC 8141) of a namespace that names no things of persons?
pub(super) fn is_in_urn(text: &str, end: usize) -> bool {
    const BYTES_MAX: usize = 96;
    const NAMESPACES: [&str; 8] =
        ["ietf", "oasis", "oid", "uuid", "iso", "hl7-org", "nhs", "schemas-microsoft-com"];
    let floor = text.ceil_char_boundary(end.saturating_sub(BYTES_MAX));
    let head = &text[floor..end];
    let joins = |c: char| c.is_ascii_alphanumeric() || matches!(c, ':' | '.' | '-' | '_');
    let urn = head.rsplit(|c| !joins(c)).next().unwrap_or_default();
    let Some(namespace) = urn.get(..3).filter(|urn| urn.eq_ignore_ascii_case("urn")).map(|_| &urn[3..])
    else {
        return false;
    };
    namespace.is_empty()
        || namespace.strip_prefix(':').is_some_and(|rest| {
            NAMESPACES.iter().any(|known| {
                rest.strip_prefix(known).is_some_and(|rest| rest.is_empty() || rest.starts_with(':'))
            })
        })
}

/// The key that ends before the separator.
pub(super) fn key_before(text: &str, separator: usize) -> Option<Key> {
    let bytes = text.as_bytes();
    let mut end = separator;
    match bytes[separator] {
        b'=' => match bytes.get(end.checked_sub(1)?) {
            Some(b'=') => return None,
            Some(b'!' | b'<' | b'>' | b':' | b'~' | b'+') => end -= 1,
            _ => {}
        },
        _ => {
            let next = bytes.get(separator + 1);
            if next == Some(&b':')
                || bytes[..separator].ends_with(b":")
                || bytes[separator + 1..].starts_with(b"//")
            {
                return None;
            }
        }
    }
    // `04:8F:22:91:AC:00`: pairs of digits of a fingerprint, an address, a serial number.
    let pair = |at: usize| bytes.get(at..at + 2).is_some_and(|two| two.iter().all(u8::is_ascii_hexdigit));
    if bytes[separator] == b':'
        && separator >= 3
        && bytes[separator - 3] == b':'
        && pair(separator - 2)
        && pair(separator + 1)
    {
        return None;
    }
    let floor = separator.saturating_sub(KEY_BYTES_MAX);
    while end > floor && bytes[end - 1] == b' ' && separator - end < 4 {
        end -= 1;
    }
    let mut last = *bytes.get(end.checked_sub(1)?)?;
    // `["firstName"]=>`, as PHP and Ruby index.
    if last == b']' && end >= 3 && matches!(bytes[end - 2], b'"' | b'\'') {
        end -= 1;
        last = bytes[end - 1];
    }
    if matches!(last, b'"' | b'\'' | b'`') {
        end -= 1;
        let escaped = bytes[..end].ends_with(b"\\");
        end -= usize::from(escaped);
        let open = bytes[floor..end].iter().rposition(|byte| *byte == last)? + floor + 1;
        return (open < end && !text[open..end].contains([' ', ',']) || class_spans_words(text, open, end))
            .then_some(Key { span: open..end, quoted: last == b'"' });
    }
    let colon_too = bytes[separator] == b'=';
    let in_key = |byte: u8| {
        byte.is_ascii_alphanumeric()
            || byte >= 0x80
            || matches!(byte, b'_' | b'-' | b'.' | b'[' | b']' | b'$' | b'@' | b'%')
            || colon_too && byte == b':'
    };
    let mut start = end;
    while start > floor && in_key(bytes[start - 1]) {
        start -= 1;
    }
    while start < end && !(bytes[start].is_ascii_alphabetic() || bytes[start] >= 0x80) {
        start += 1;
    }
    // `SMS to [REDACTED:phone]: "…"`: what was replaced is no key.
    if bytes[start..end].contains(&b']')
        && crate::phi::protect::placeholder_around(bytes, start.min(end - 1)).is_some()
    {
        return None;
    }
    (start < end && text.is_char_boundary(start) && text.is_char_boundary(end))
        .then_some(Key { span: start..end, quoted: false })
}

/// A quoted key of several words, as `"Date of Birth": …`.
fn class_spans_words(text: &str, open: usize, end: usize) -> bool {
    open < end && text[open..end].split(' ').count() <= 4 && !text[open..end].contains(',')
}

/// The identifier class of a key; before a colon, of up to four words that end in it (`Date of birth: …`).
pub(super) fn pair_class(text: &str, key: &Key, separator: u8) -> Option<Class> {
    let name = &text[key.span.clone()];
    // `form-data; name="consent"`: the value is the name of a field.
    if name == "name" && text[..key.span.start].ends_with("form-data; ") {
        return None;
    }
    let own = class_of(name);
    // `zip is not valid: 94103`
    if name == "valid"
        && separator == b':'
        && let Some(before) = text[..key.span.start].strip_suffix(" not ")
    {
        let floor = text.ceil_char_boundary(before.len().saturating_sub(40));
        let clause =
            before[floor.min(before.len())..].rsplit(['\n', ';', ':', ',']).next().unwrap_or_default();
        let said = text[key.span.end..].trim_start_matches([':', ' ', '\'', '"']);
        let digits = said.bytes().take_while(|byte| *byte != b' ').filter(u8::is_ascii_digit).count();
        // `zip is not valid: 3 errors`
        return phi(class_of(clause.trim()))
            .filter(|class| matches!(class, Class::Name | Class::Email) || digits >= 4);
    }
    if let Some(class) = wire::field_of_path(name) {
        return Some(class);
    }
    // As DICOM spells its attribute: the number of a hospital.
    if name == "PatientID" {
        let near = &text[text.ceil_char_boundary(key.span.start.saturating_sub(DATA_SET_BYTES))
            ..text.floor_char_boundary((key.span.end + DATA_SET_BYTES).min(text.len()))];
        if near.contains("PatientName") || near.contains("Modality") || near.contains("StudyInstance") {
            return Some(Class::Mrn);
        }
    }
    if key.quoted || !matches!(own, KeyClass::Unknown | KeyClass::Free) {
        return phi(own);
    }
    let bytes = text.as_bytes();
    if separator == b':' && key.span.start >= 3 && bytes[key.span.start - 1] == b' ' {
        let floor = text.ceil_char_boundary(key.span.start.saturating_sub(40));
        let mut start = key.span.start;
        for _ in 0..3 {
            let before = text[floor..start].trim_end_matches(' ');
            let word = before.len()
                - before
                    .trim_end_matches(|c: char| c.is_alphanumeric() || c == '-' || c == '/' || c == '\'')
                    .len();
            if word == 0 || before.len() == start - floor && start != key.span.end {
                break;
            }
            start = floor + before.len() - word;
            if let Some(class) = phi(class_of(&text[start..key.span.end])) {
                return Some(class);
            }
        }
    }
    None
}
