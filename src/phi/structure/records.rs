//! Records that name their fields in their own way: vCards, multipart forms, the arguments of a command.

use super::{Edit, Reader, field_class, pairs, phi, rows};
use crate::phi::class::Class;
use crate::phi::validate::OLD_YEARS;

/// Fields of one text that are looked at.
const FIELDS_MAX: usize = 256;

impl Reader<'_> {
    /// `N:Family;Given;;;` and `ADR:;;Street;City;…` between `BEGIN:VCARD` and its end.
    pub(super) fn vcard(&mut self, text: &str, out: &mut Vec<Edit>) {
        let Some(begin) = text.find("BEGIN:VCARD") else { return };
        for (key, class) in [("N", Class::Name), ("ADR", Class::Geo), ("NICKNAME", Class::Name)] {
            for (at, _) in text[begin..].match_indices(key).take(FIELDS_MAX) {
                let start = begin + at;
                let bounded = text.as_bytes()[start - 1].is_ascii_whitespace();
                let rest = &text[start + key.len()..];
                let Some(colon) = rest.find(':').filter(|len| *len == 0 || rest.starts_with(';')) else {
                    continue;
                };
                let value = start + key.len() + colon + 1;
                if !bounded || colon > 80 {
                    continue;
                }
                let line = &text[value..];
                let line = &line[..line.floor_char_boundary(512)];
                let line = &line[..line.find(['\n', '\r', '\\']).unwrap_or(line.len())];
                let len = property_start(line).unwrap_or(line.len());
                let end = value + line[..len].trim_end_matches([';', ' ']).len();
                if value < end && !text[value..end].contains(super::PLACEHOLDER_HEAD) {
                    out.push(Edit::plain(value..end, class, "record.property"));
                }
            }
        }
    }

    /// The parts of a multipart form: `name="lastName"`, an empty line, the value, the boundary.
    pub(super) fn multipart(&mut self, text: &str, depth: u8, out: &mut Vec<Edit>) {
        for (at, head) in text.match_indices("form-data; name=\"").take(FIELDS_MAX) {
            let key = at + head.len();
            let Some(len) = text[key..].find('"').filter(|len| *len <= 80) else { continue };
            let Some(class) = phi(field_class(&text[key..key + len])) else { continue };
            let rest = &text[key + len..];
            let rest = &rest[..rest.floor_char_boundary(400)];
            let Some((blank, width)) =
                ["\r\n\r\n", "\n\n"].iter().filter_map(|blank| Some((rest.find(blank)?, blank.len()))).min()
            else {
                continue;
            };
            let value = key + len + blank + width;
            let body = &text[value..];
            let body = &body[..body.floor_char_boundary(4096)];
            let end = body.find("\n--").unwrap_or(body.len());
            let end = value + body[..end].trim_end().len();
            if value < end {
                self.held(text, value..end, class, depth, out);
            }
        }
    }

    /// `year: 1991 month: 11 day: 30`, from the key of the year: a day of long ago, or one under a key of a birth.
    pub(super) fn parted_day(&self, text: &str, at: usize, out: &mut Vec<Edit>) -> Option<usize> {
        const REACH: usize = 48;
        let mut values = Vec::new();
        let mut from = at;
        for key in ["year", "month", "day"] {
            let rest = text.get(from..text.floor_char_boundary((from + REACH).min(text.len())))?;
            let open = rest.to_ascii_lowercase().find(key)? + key.len();
            let digits = open + rest[open..].find(|c: char| c.is_ascii_digit())?;
            if digits - open > 12 || rest[open..digits].contains(['\n', ';']) && key == "year" {
                return None;
            }
            let len = rest[digits..].bytes().take_while(u8::is_ascii_digit).count();
            values.push(from + digits..from + digits + len);
            from += digits + len;
        }
        let [year, month, day] = values.as_slice() else { return None };
        let number = |span: &std::ops::Range<usize>| text[span.clone()].parse::<u32>().unwrap_or(0);
        let plausible = (1880..2100).contains(&number(year))
            && (1..=12).contains(&number(month))
            && (1..=31).contains(&number(day));
        let before = text[text.ceil_char_boundary(at.saturating_sub(REACH))..at].to_ascii_lowercase();
        let born = ["birth", "dob", "born", "death", "deceased"].iter().any(|word| before.contains(word));
        if !plausible || !(born || OLD_YEARS.contains(&number(year))) {
            return None;
        }
        // A year may stay; the day and the month of it may not.
        for span in [month, day] {
            out.push(Edit::likely(span.clone(), Class::Date, "date.parted"));
        }
        Some(from)
    }

    /// `DTSTART;TZID=Europe/Paris:20261204T143000`: when somebody's appointment is.
    pub(super) fn calendar(&mut self, text: &str, out: &mut Vec<Edit>) {
        let Some(begin) = text.find("BEGIN:VEVENT") else { return };
        for key in ["DTSTART", "DTEND", "DUE", "RECURRENCE-ID"] {
            for (at, _) in text[begin..].match_indices(key).take(FIELDS_MAX) {
                let rest = &text[begin + at + key.len()..];
                let rest = &rest[..rest.floor_char_boundary(96)];
                let Some(colon) = rest.find(':').filter(|len| *len == 0 || rest.starts_with(';')) else {
                    continue;
                };
                let value = begin + at + key.len() + colon + 1;
                let len = text[value..]
                    .bytes()
                    .take_while(|byte| byte.is_ascii_digit() || matches!(byte, b'T' | b'Z'))
                    .count();
                if len >= 8 {
                    out.push(Edit::plain(value..value + len, Class::Date, "record.calendar"));
                }
            }
        }
    }

    /// `PatientRow(77,Some(Haile),Some(Gebremariam))`: names in the wrappers of optional values, in a record of a person.
    pub(super) fn wrapped(&self, text: &str, out: &mut Vec<Edit>) {
        const REACH: usize = 160;
        for (at, head) in text.match_indices("Some(").take(FIELDS_MAX) {
            let start = at + head.len();
            let Some(len) = text[start..].find(')').filter(|len| *len <= 48) else { continue };
            let inner = text[start..start + len].trim_matches('"');
            let start = start + text[start..start + len].find(inner).unwrap_or(0);
            let before = &text[text.ceil_char_boundary(at.saturating_sub(REACH))..at];
            let person = ["Patient", "Person", "Member", "Subscriber", "Guarantor", "HumanName", "Encounter"]
                .iter()
                .any(|kind| before.rfind(kind).is_some_and(|open| before[open..].contains(['(', '{'])));
            if person && rows::is_name(inner, false) {
                out.push(Edit::likely(start..start + inner.len(), Class::Name, "record.wrapped"));
            }
        }
    }

    /// `--given Caroline`: the word after a flag that names a field.
    pub(super) fn arguments(&mut self, text: &str, depth: u8, out: &mut Vec<Edit>) {
        for (at, _) in text.match_indices(" --").take(FIELDS_MAX) {
            let key = at + 3;
            let len = text.as_bytes()[key..]
                .iter()
                .take(40)
                .take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
                .count();
            let value = key + len + 1;
            if len == 0 || text.as_bytes().get(value - 1) != Some(&b' ') {
                continue;
            }
            let Some(class) = phi(field_class(&text[key..key + len])) else { continue };
            if let Some(inner) = pairs::quoted_value(text, value.min(text.len() - 1)) {
                self.held(text, inner, class, depth, out);
                continue;
            }
            let word = text[value..].split([' ', '\n', '\t', ']', ',']).next().unwrap_or("");
            if !word.is_empty() && !word.starts_with('-') {
                self.held(text, value..value + word.len(), class, depth, out);
            }
        }
    }
}

/// Where the next property begins on the same line: ` TEL:`, ` BDAY;…`.
fn property_start(line: &str) -> Option<usize> {
    line.match_indices(' ').map(|(at, _)| at).find(|at| {
        let rest = &line[at + 1..];
        let len = rest.bytes().take_while(|byte| byte.is_ascii_uppercase() || *byte == b'-').count();
        len > 0 && rest[len..].starts_with([':', ';'])
    })
}
