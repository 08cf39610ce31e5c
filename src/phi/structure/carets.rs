//! Parts of HL7 v2 fields outside their segments: names, `LAST^FIRST`, and numbers with who assigned them, `8812334^^^HOSP^MR`.
//! And the first track of a card, whose fields carets part too.

use super::{Edit, Reader};
use crate::phi::class::Class;

use Class::{Account, HealthPlan, License, Mrn, Name, OtherId, Ssn};

/// Of a number outside a segment: its length, the signs behind it, and how far its assigner is looked at.
const ID_BYTES_MAX: usize = 24;
const ID_CARETS_MAX: usize = 8;
const ID_BEHIND_BYTES: usize = 96;

impl Reader<'_> {
    /// `LAST^FIRST` outside a segment.
    pub(super) fn caret_names(&mut self, text: &str, out: &mut Vec<Edit>) {
        let bytes = text.as_bytes();
        let mut at = 0;
        while let Some(found) = memchr::memchr(b'^', &bytes[at..]) {
            let caret = at + found;
            let in_name =
                |byte: &u8| byte.is_ascii_alphabetic() || *byte >= 0x80 || matches!(byte, b'\'' | b'-');
            let before = bytes[..caret].iter().rev().take(40).take_while(|byte| in_name(byte)).count();
            let after =
                bytes[caret + 1..].iter().take(80).take_while(|byte| in_name(byte) || **byte == b'^').count();
            at = caret + 1 + after;
            let (start, end) = (caret - before, caret + 1 + after);
            let capital = |at: usize| bytes[at].is_ascii_uppercase() || bytes[at] >= 0x80;
            let bounded = start == 0
                || !bytes[start - 1].is_ascii_alphanumeric()
                    && !matches!(bytes[start - 1], b'^' | b'/' | b'\\' | b'[');
            if before >= 2
                && after >= 1
                && bounded
                && capital(start)
                && capital(caret + 1)
                // `ACK^A01` is a type of message.
                && !bytes.get(end).is_some_and(u8::is_ascii_digit)
                && text.is_char_boundary(start)
                && text.is_char_boundary(end)
            {
                let len = text[start..end].trim_end_matches(['^', '\'', '-']).len();
                out.push(Edit::likely(start..start + len, Name, "hl7.name"));
            }
        }
    }

    /// `%B4539578763621486^ABERNATHY/CORDELIA MISS^2812`: the first track of a card (ISO/IEC 7813), its number and whose it is.
    pub(super) fn tracks(&mut self, text: &str, out: &mut Vec<Edit>) {
        const DIGITS_MIN: usize = 12;
        const HOLDER_BYTES_MAX: usize = 26;
        let bytes = text.as_bytes();
        for caret in memchr::memchr_iter(b'^', bytes) {
            let digits =
                bytes[..caret].iter().rev().take(19).take_while(|byte| byte.is_ascii_digit()).count();
            let holder = &bytes[caret + 1..];
            let len = holder.iter().take(HOLDER_BYTES_MAX + 1).position(|byte| *byte == b'^').unwrap_or(0);
            let of_name = |byte: &u8| byte.is_ascii_uppercase() || b" /.'-".contains(byte);
            // Before it stands the format of the track, or behind it when the card expires.
            let formatted = bytes[..caret - digits].ends_with(b"B");
            let expires =
                holder.get(len + 1..len + 5).is_some_and(|expiry| expiry.iter().all(u8::is_ascii_digit));
            if (formatted || expires)
                && digits >= DIGITS_MIN
                && holder[..len].contains(&b'/')
                && holder[..len].iter().all(of_name)
            {
                out.push(Edit::likely(caret - digits..caret, Account, "card.track"));
                out.push(Edit::likely(caret + 1..caret + 1 + len, Name, "card.track"));
            }
        }
    }

    /// `8812334^^^HOSP^MR`, `576089308^^^&2.16.840.1.113883.2.4.6.3&ISO`, `0081423^WELBY^MARCUS`: a number with who assigned it, or
    /// with whose it is, outside a segment. The assigner stays.
    pub(super) fn caret_ids(&mut self, text: &str, out: &mut Vec<Edit>) {
        let bytes = text.as_bytes();
        let mut at = 0;
        while let Some(found) = memchr::memchr(b'^', &bytes[at..]) {
            let caret = at + found;
            let run = bytes[caret..].iter().take(ID_CARETS_MAX).take_while(|byte| **byte == b'^').count();
            at = caret + run;
            let inside = |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.');
            let len = bytes[..caret].iter().rev().take(ID_BYTES_MAX).take_while(inside).count();
            let id = &text[caret - len..caret];
            let numbered = id.bytes().filter(u8::is_ascii_digit).count() >= 5
                && id.bytes().filter(u8::is_ascii_alphabetic).count() <= 4;
            let bounded =
                caret == len || !matches!(bytes[caret - len - 1], b'^' | b'/' | b'\\' | b'[' | b'&');
            // `^FDMRN 5520-118^FS` is a label.
            if !numbered || !bounded || text[at..].starts_with("FS") {
                continue;
            }
            let behind = &text[at..text.floor_char_boundary((at + ID_BEHIND_BYTES).min(text.len()))];
            let whose = match run {
                // `2345-7^Glucose^LN` is a code and its system.
                1 if !id.contains(['-', '.']) && named_behind(behind) => Some(OtherId),
                1 => class_of_type(behind.split('^').next().unwrap_or("")).filter(|_| behind.contains('^')),
                3 if is_assigner(behind) => {
                    let kind = behind.split('^').nth(1).unwrap_or("");
                    let code = kind.bytes().take_while(u8::is_ascii_uppercase).count();
                    Some(class_of_type(&kind[..code]).unwrap_or(Mrn))
                }
                _ => None,
            };
            if let Some(class) = whose {
                out.push(Edit::likely(caret - len..caret, class, "hl7.id"));
            }
            if let (1, Some(OtherId), Some(names)) = (run, whose, names_len(behind)) {
                out.push(Edit::likely(at..at + names, Name, "hl7.name"));
            }
        }
    }
}

/// What stands behind `number^^^`: the name of a namespace, or the root and kind of one.
fn is_assigner(behind: &str) -> bool {
    let root = behind.strip_prefix("&amp;").or_else(|| behind.strip_prefix('&'));
    if let Some(root) = root {
        return root.starts_with(|c: char| c.is_ascii_digit()) && root.contains('.');
    }
    let len = behind
        .bytes()
        .take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.' | b' '))
        .count();
    let ends = behind.as_bytes().get(len).is_none_or(|byte| !byte.is_ascii_alphanumeric());
    len >= 2 && ends && behind.starts_with(|c: char| c.is_ascii_uppercase())
}

/// Do a family name and a given name stand behind `number^`?
fn named_behind(behind: &str) -> bool {
    names_len(behind).is_some()
}

/// The bytes of `FAMILY^GIVEN` that open a text.
fn names_len(behind: &str) -> Option<usize> {
    #[rustfmt::skip] // Rows of words, not one a line.
    const SYSTEMS: [&str; 14] = [
        "LN", "LOINC", "SCT", "SNM", "SNOMED", "CPT", "RXN", "RXNORM", "NDC", "HL", "UCUM", "CVX", "MVX", "ICD",
    ];
    let mut parts = behind.split('^');
    let (family, given) = (parts.next()?, parts.next()?);
    let letters = |c: char| c.is_alphabetic() || matches!(c, '-' | '\'' | ' ');
    let given = &given[..given.find(|c: char| !letters(c)).unwrap_or(given.len())];
    // `Joost failed`: what is said of them behind a name.
    let said = given.match_indices(' ').find(|(at, _)| !given[at + 1..].starts_with(char::is_uppercase));
    let given = &given[..said.map_or(given.len(), |(at, _)| at)];
    let name = |part: &str| {
        part.chars().count() >= 2 && part.starts_with(char::is_uppercase) && part.chars().all(letters)
    };
    (name(family) && name(given) && !SYSTEMS.contains(&given) && class_of_type(family).is_none())
        .then(|| family.len() + 1 + given.len())
}

/// A kind of identifier in HL7 table 0203 that is a person's.
fn class_of_type(code: &str) -> Option<Class> {
    Some(match code {
        "MR" | "PI" | "PT" | "PE" | "EPI" | "NI" | "NH" => Mrn,
        "SS" => Ssn,
        "DL" | "PPN" => License,
        "MB" | "MC" | "SN" | "MA" | "HC" => HealthPlan,
        "AN" | "VN" => Account,
        "NPI" | "DN" | "EN" | "LN" => OtherId,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_behind_a_number_says_whose_it_is() {
        for behind in
            ["HOSP^MR", "&2.16.840.1.113883.2.4.6.3&ISO", "&amp;2.16.840.1&amp;ISO", "St. Mary", "HOSP"]
        {
            assert!(is_assigner(behind), "{behind}");
        }
        for behind in ["", "a]", "hosp", "^", "& more", "[a-z]"] {
            assert!(!is_assigner(behind), "{behind}");
        }
        assert_eq!(names_len("WELBY^MARCUS^A^^DR"), Some("WELBY^MARCUS".len()));
        assert_eq!(names_len("Achterberg^Joost failed"), Some("Achterberg^Joost".len()));
        for behind in ["Glucose^LN", "NI^200M", "cells^per", "WELBY", "150000^X"] {
            assert_eq!(names_len(behind), None, "{behind}");
        }
    }
}
