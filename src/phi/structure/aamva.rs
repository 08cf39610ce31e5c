//! Elements of a driver's licence as AAMVA names them with three letters: `DCS=GREENLEAF`, `"DAQ":"G472…"`, and the barcode itself,
//! `ANSI 636014…DLDAQG472…\nDCSGREENLEAF`.
//!
//! Three letters alone say nothing: an element counts beside another one, or where the text names the standard.

use std::{ops::Range, sync::LazyLock};

use memchr::memmem::Finder;

use super::{Edit, PLACEHOLDER_HEAD, Reader, pairs};
use crate::phi::class::Class;

/// How far around an element another one is looked for.
const REACH: usize = 192;
const VALUE_BYTES_MAX: usize = 64;
/// Elements of one barcode.
const ELEMENTS_MAX: usize = 64;
/// What a barcode opens with: the file type, and how every issuer in America begins.
static FILE_TYPE: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(b"ANSI 636"));

/// Elements of persons.
const ELEMENTS: [(&str, Class); 22] = [
    ("DAA", Class::Name),
    ("DAB", Class::Name),
    ("DAC", Class::Name),
    ("DAD", Class::Name),
    ("DAG", Class::Geo),
    ("DAH", Class::Geo),
    ("DAI", Class::Geo),
    ("DAK", Class::Geo),
    ("DAQ", Class::License),
    ("DBA", Class::Date),
    ("DBB", Class::Date),
    ("DBD", Class::Date),
    ("DBG", Class::Name),
    ("DBK", Class::Ssn),
    ("DBN", Class::Name),
    ("DCF", Class::License),
    ("DCI", Class::Geo),
    ("DCK", Class::License),
    ("DCS", Class::Name),
    ("DCT", Class::Name),
    ("DBH", Class::Name),
    ("DBO", Class::Name),
];

/// Elements that say nothing of a person.
const OTHERS: [&str; 14] =
    ["DAJ", "DAU", "DAY", "DAZ", "DBC", "DCA", "DCB", "DCD", "DCG", "DCU", "DDA", "DDE", "DDF", "DDG"];

/// The class of the element that `key` names.
pub(super) fn element(key: &str) -> Option<Class> {
    ELEMENTS.iter().find(|(element, _)| *element == key).map(|(_, class)| *class)
}

/// The class and the value of the element whose key ends before `separator`, if its surroundings speak the standard.
pub(super) fn value(text: &str, key: Range<usize>, separator: usize) -> Option<(Class, Range<usize>)> {
    let class = element(&text[key.clone()])?;
    let start = separator + 1 + usize::from(text[separator + 1..].starts_with(' '));
    let value = pairs::quoted_value(text, start).unwrap_or_else(|| {
        let rest = &text[start..text.floor_char_boundary((start + VALUE_BYTES_MAX).min(text.len()))];
        start..start + bare_len(rest)
    });
    let held = &text[value.clone()];
    let opens = |c: char| c.is_uppercase() || c.is_ascii_digit();
    let spoken = || text_names_standard(text, &key) || fits(class, held) && is_spoken(text, &key);
    (held.len() >= 2 && held.starts_with(opens) && spoken()).then_some((class, value))
}

/// Up to a sign that parts elements, or the key of the next one: `118 OLD FERRY RD DAI=WACO`.
fn bare_len(rest: &str) -> usize {
    let len = rest
        .find(|c: char| c.is_control() || matches!(c, '|' | ';' | ',' | '"' | '\'' | '\\' | ')' | ']' | '}'))
        .unwrap_or(rest.len());
    let is_key = |word: &str| {
        word.split_once(['=', ':'])
            .is_some_and(|(key, _)| key.bytes().all(|byte| byte.is_ascii_alphanumeric()))
    };
    let capitals = |word: &str| !word.contains(|c: char| c.is_lowercase());
    let mut blanks = rest[..len].match_indices(' ').map(|(at, _)| at);
    let end = blanks.find(|at| {
        let next = rest[at + 1..].split(' ').next().unwrap_or_default();
        is_key(next) || !capitals(next)
    });
    end.unwrap_or(len)
}

/// What stands near an element.
fn near<'t>(text: &'t str, key: &Range<usize>) -> &'t str {
    &text[text.ceil_char_boundary(key.start.saturating_sub(REACH))
        ..text.floor_char_boundary((key.end + REACH).min(text.len()))]
}

fn text_names_standard(text: &str, key: &Range<usize>) -> bool {
    near(text, key).contains("AAMVA")
}

/// Could an element of `class` hold it? `DAC=4095` is set on a converter.
fn fits(class: Class, held: &str) -> bool {
    let digits = held.bytes().filter(u8::is_ascii_digit).count();
    match class {
        Class::Name => digits == 0 && held.starts_with(char::is_uppercase),
        Class::Date => digits == 8 || digits == 6,
        Class::Geo => !held.starts_with("0x") && (digits < held.len() || digits >= 5),
        _ => digits >= 4 && !held.starts_with("0x"),
    }
}

/// Do two elements near this one, itself among them, hold what they are for?
fn is_spoken(text: &str, key: &Range<usize>) -> bool {
    let near = near(text, key);
    let keys = near.match_indices(['=', ':']).filter(|(at, _)| {
        let before = near[..*at].trim_end_matches(['"', '\'', '\\']);
        let key = before.rsplit(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default();
        let held = near[at + 1..].trim_start_matches([' ', '"', '\'', '\\']);
        let held = &held[..bare_len(held)];
        element(key).is_some_and(|class| held.starts_with(PLACEHOLDER_HEAD) || fits(class, held))
    });
    keys.take(2).count() == 2
}

/// Where the next element of a barcode begins behind a blank: `ZORAIDA DBB08171962`.
fn next_element(rest: &str) -> Option<usize> {
    rest.match_indices(' ').map(|(at, _)| at).find(|at| {
        let word = rest[at + 1..].split(' ').next().unwrap_or_default();
        word.len() > 3 && word.get(..3).is_some_and(|key| element(key).is_some() || OTHERS.contains(&key))
    })
}

impl Reader<'_> {
    /// `DAQG472…\nDCSGREENLEAF\nDACROSALIND`: elements of a barcode, each with its key before it.
    pub(super) fn licence_barcode(&self, text: &str, out: &mut Vec<Edit>) {
        let Some(from) = FILE_TYPE.find(text.as_bytes()) else { return };
        let mut done = from;
        for (at, _) in text[from..].match_indices('D').take(8 * ELEMENTS_MAX) {
            let at = from + at;
            let Some(class) = text.get(at..at + 3).and_then(element).filter(|_| at >= done) else { continue };
            // Behind a sign that ends the one before, as it is or escaped, or the designator of the part of the file.
            let before = &text[..at];
            let opens = before.ends_with(|c: char| c.is_control() || matches!(c, '|' | '~' | ' '))
                || ["\\n", "\\r", "DL", "ID"].iter().any(|end| before.ends_with(end));
            if !opens {
                continue;
            }
            let rest = &text[at + 3..text.floor_char_boundary((at + 3 + VALUE_BYTES_MAX).min(text.len()))];
            let len = rest
                .find(|c: char| c.is_control() || matches!(c, '\\' | '"' | '|' | '~' | '<'))
                .unwrap_or(rest.len());
            let len = next_element(&rest[..len]).unwrap_or(len);
            let held = rest[..len].trim_end();
            if held.len() >= 2 && !held.starts_with(PLACEHOLDER_HEAD) && held != "NONE" {
                out.push(Edit::plain(at + 3..at + 3 + held.len(), class, "aamva.element"));
            }
            done = at + 3 + len;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_element_counts_where_the_standard_is_spoken() {
        let found = |text: &str, key: &str| {
            let at = text.find(key).expect("the key is there");
            value(text, at..at + 3, at + 3).map(|(_, span)| text[span].to_owned())
        };
        for (text, key, held) in [
            ("AAMVA DCS=GREENLEAF ok", "DCS", "GREENLEAF"),
            ("DCS=DE WAAL DAC=ROSALIND", "DCS", "DE WAAL"),
            ("DAG:118 OLD FERRY RD,DAI:WACO", "DAG", "118 OLD FERRY RD"),
            ("DBB=06141990 DAQ=G472-1180-5523 ok", "DAQ", "G472-1180-5523"),
        ] {
            assert_eq!(found(text, key).as_deref(), Some(held), "{text}");
        }
        for (text, key) in
            [("DAC=enabled ADC=on", "DAC"), ("DBA=oncall host=db1", "DBA"), ("AAMVA DCS= ok", "DCS")]
        {
            assert_eq!(found(text, key), None, "{text}");
        }
    }
}
