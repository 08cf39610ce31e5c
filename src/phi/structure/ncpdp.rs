//! Fields that the NCPDP telecommunication standard numbers with two characters: `C4=19910711`, `CB:THISTLEWOOD`, and the
//! raw form with a field separator before each, `<FS>C419910711<FS>CAORLA`.
//!
//! Two characters alone say nothing (`CA` is a state): a field counts beside another one of the standard, behind its number
//! (`304-C4`), or where the text names the standard.

use std::ops::Range;

use super::{Edit, PLACEHOLDER_HEAD, Reader};
use crate::phi::class::Class;

/// How far around a field another one is looked for.
const REACH: usize = 256;
const VALUE_BYTES_MAX: usize = 64;
/// Separators of one text that are followed up.
const FIELDS_MAX: usize = 512;
/// How the separators of fields, segments and groups come out of logs.
const SEPARATORS: [&str; 10] =
    ["\u{1c}", "\u{241c}", "<FS>", "<1C>", "<1c>", "<0x1C>", "\\u001c", "\\u001C", "\\x1c", "\\x1C"];

/// Fields of persons.
const FIELDS: [(&[u8; 2], Class); 35] = [
    (b"C2", Class::HealthPlan),
    (b"C4", Class::Date),
    (b"CA", Class::Name),
    (b"CB", Class::Name),
    (b"CC", Class::Name),
    (b"CD", Class::Name),
    (b"CM", Class::Geo),
    (b"CN", Class::Geo),
    (b"CP", Class::Geo),
    (b"CQ", Class::Phone),
    (b"CY", Class::Mrn),
    (b"CZ", Class::OtherId),
    (b"HN", Class::Email),
    (b"2A", Class::HealthPlan),
    (b"N5", Class::HealthPlan),
    (b"NU", Class::HealthPlan),
    (b"D1", Class::Date),
    (b"D2", Class::OtherId),
    (b"DE", Class::Date),
    (b"DY", Class::Date),
    (b"DZ", Class::HealthPlan),
    (b"CG", Class::Geo),
    (b"CH", Class::Geo),
    (b"CJ", Class::Geo),
    (b"CK", Class::Phone),
    (b"CL", Class::Name),
    (b"DB", Class::OtherId),
    (b"DL", Class::OtherId),
    (b"DR", Class::Name),
    (b"2J", Class::Name),
    (b"2K", Class::Geo),
    (b"2M", Class::Geo),
    (b"2P", Class::Geo),
    (b"PM", Class::Phone),
    (b"4E", Class::Name),
];

/// Fields that say nothing of a person, but that the standard is spoken.
#[rustfmt::skip] // Rows of words, not one a line.
const OTHERS: [&[u8; 2]; 36] = [
    b"AM", b"C1", b"C3", b"C5", b"C6", b"C7", b"C9", b"CO", b"CX", b"CF", b"CI", b"CR", b"EM", b"E1", b"E7", b"D3", b"D5", b"D6",
    b"D7", b"D8", b"DJ", b"DK", b"DU", b"D9", b"DQ", b"EZ", b"1C", b"2C", b"2N", b"FO", b"A1", b"A2", b"A3", b"A4", b"B1", b"AN",
];

/// The class of the field that `key` numbers.
pub(super) fn field(key: &str) -> Option<Class> {
    let key: &[u8; 2] = key.as_bytes().try_into().ok()?;
    FIELDS.iter().find(|(field, _)| *field == key).map(|(_, class)| *class)
}

/// Any field of the standard?
pub(super) fn is_field(key: &str) -> bool {
    field(key).is_some() || OTHERS.iter().any(|other| *other == key.as_bytes())
}

/// The class and the value of the field whose key ends before `separator`, if its surroundings speak the standard.
pub(super) fn value(text: &str, key: Range<usize>, separator: usize) -> Option<(Class, Range<usize>)> {
    let class = field(&text[key.clone()])?;
    let start = separator + 1 + usize::from(text[separator + 1..].starts_with(' '));
    let rest = &text[start..text.floor_char_boundary((start + VALUE_BYTES_MAX).min(text.len()))];
    let rest = rest.trim_start_matches(['"', '\'']);
    let start = start + text[start..].len().min(usize::from(text[start..].starts_with(['"', '\''])));
    let len = rest
        .find(|c: char| {
            c.is_control() || matches!(c, '|' | ';' | ',' | '"' | '\'' | '~' | '<' | '\\' | ')' | ']' | '}')
        })
        .unwrap_or(rest.len());
    let len = next_field(&rest[..len]).unwrap_or(len);
    let value = rest[..len].trim_end();
    let fits = match class {
        Class::Date => is_day(value),
        Class::Name => {
            value.starts_with(char::is_uppercase) && !value.bytes().any(|byte| byte.is_ascii_digit())
        }
        Class::Geo => value.len() >= 3 && value.starts_with(|c: char| c.is_uppercase() || c.is_ascii_digit()),
        Class::Email => value.contains('@'),
        _ => value.bytes().filter(u8::is_ascii_digit).count() >= 4,
    };
    // `CN=Schema,CN=Configuration,DC=clinic`: what a directory keeps its entries in.
    let container =
        ["Schema", "Configuration", "Users", "Computers", "Builtin", "System", "Services", "Sites"];
    let fits = fits && !(&text[key.clone()] == "CN" && container.contains(&value));
    (fits && !value.starts_with(PLACEHOLDER_HEAD) && is_spoken(text, &key))
        .then(|| (class, start..start + value.len()))
}

/// Where the next field of the standard begins behind a blank: `ORLA CB=THISTLEWOOD`.
fn next_field(rest: &str) -> Option<usize> {
    rest.match_indices(' ').map(|(at, _)| at).find(|at| {
        let next = rest[at + 1..].split_once(['=', ':']).map_or("", |(key, _)| key);
        is_field(next.rsplit('-').next().unwrap_or(next))
    })
}

fn is_day(value: &str) -> bool {
    value.len() == 8
        && value.bytes().all(|byte| byte.is_ascii_digit())
        && matches!(&value[..2], "18" | "19" | "20")
}

/// Does something around the field say that the standard is spoken?
fn is_spoken(text: &str, key: &Range<usize>) -> bool {
    let bytes = text.as_bytes();
    // `304-C4`
    let numbered = key.start >= 4
        && bytes[key.start - 1] == b'-'
        && bytes[key.start - 4..key.start - 1].iter().all(u8::is_ascii_digit);
    let near = &text[text.ceil_char_boundary(key.start.saturating_sub(REACH))
        ..text.floor_char_boundary((key.end + REACH).min(text.len()))];
    numbered
        || near.contains("NCPDP")
        || near.contains("ncpdp")
        || near
            .match_indices(['=', ':'])
            .filter(|(at, _)| {
                let before = near[..*at].trim_end_matches(['"', '\'']);
                let key = before.len().checked_sub(2).and_then(|from| before.get(from..)).unwrap_or("");
                let open = before[..before.len() - key.len()].chars().next_back();
                is_field(key) && !open.is_some_and(|c| c.is_alphanumeric() || c == ':')
            })
            .nth(1)
            .is_some()
}

impl Reader<'_> {
    /// `<FS>C419910711<FS>C52<FS>CAORLA`: the key is the first two characters of a field.
    pub(super) fn telecom(&self, text: &str, out: &mut Vec<Edit>) {
        let Some(separator) = SEPARATORS.into_iter().find(|separator| text.contains(separator)) else {
            return;
        };
        for (at, _) in text.match_indices(separator).take(FIELDS_MAX) {
            let start = at + separator.len();
            let rest = &text[start..text.floor_char_boundary((start + VALUE_BYTES_MAX + 2).min(text.len()))];
            let len = rest
                .find(|c: char| c.is_control() || matches!(c, '"' | '<' | '\\' | '\u{241c}'..='\u{241e}'))
                .unwrap_or(rest.len());
            let Some((key, value)) = rest[..len].split_at_checked(2) else { continue };
            let Some(class) = field(key).filter(|_| value.len() >= 2 && !value.starts_with(PLACEHOLDER_HEAD))
            else {
                continue;
            };
            out.push(Edit::plain(start + 2..start + 2 + value.trim_end().len(), class, "ncpdp.field"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_counts_where_the_standard_is_spoken() {
        let found = |text: &str, key: &str| {
            let at = text.find(&format!("{key}=")).expect("the key is there");
            value(text, at..at + 2, at + 2).map(|(_, span)| text[span].to_owned())
        };
        for (text, key, held) in [
            ("AM01|C4=19910711|CA=ORLA", "C4", "19910711"),
            ("AM01|C4=19910711|CA=ORLA", "CA", "ORLA"),
            ("CB=DE WAAL CM=14 QUARRY BANK", "CB", "DE WAAL"),
            ("reject 65 302-C2=W88812345", "C2", "W88812345"),
            ("NCPDP reject C4=19910711", "C4", "19910711"),
        ] {
            assert_eq!(found(text, key).as_deref(), Some(held), "{text}");
        }
        for (text, key) in [
            ("ST=MA CA=ORLA", "CA"),
            ("C4=19910711", "C4"),
            ("C4=0.93 C5=0.88", "C4"),
            ("CN=example.org DE=Berlin", "DE"),
            ("CN=api.example.org serial=04:A3:7F:19:C1:C4", "CN"),
        ] {
            assert_eq!(found(text, key), None, "{text}");
        }
    }
}
