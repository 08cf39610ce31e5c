//! HL7 v2 segments, and the patient record of ASTM E1394 that analyzers send.
//!
//! Owns which field of which segment holds what, and where a segment ends in a log.

use std::ops::Range;

use super::{FIELDS_MAX, fields, push, segment_name};
use crate::phi::class::Class::{
    self, Account, Date, Geo, HealthPlan, License, Mrn, Name, OtherId, Phone, Ssn,
};
use crate::phi::structure::{Edit, Reader, words};

/// HL7 v2.5 fields that identify: segment, field, class.
const HL7: &[(&str, usize, Class)] = &[
    ("PID", 2, Mrn),
    ("PID", 3, Mrn),
    ("PID", 4, Mrn),
    ("PID", 5, Name),
    ("PID", 6, Name),
    ("PID", 7, Date),
    ("PID", 9, Name),
    ("PID", 11, Geo),
    ("PID", 12, Geo),
    ("PID", 13, Phone),
    ("PID", 14, Phone),
    ("PID", 18, Account),
    ("PID", 19, Ssn),
    ("PID", 20, License),
    ("PID", 21, Mrn),
    ("PID", 23, Geo),
    ("PID", 29, Date),
    ("PD1", 4, Name),
    ("MRG", 1, Mrn),
    ("MRG", 4, Mrn),
    ("MRG", 7, Name),
    ("NK1", 2, Name),
    ("NK1", 4, Geo),
    ("NK1", 5, Phone),
    ("NK1", 6, Phone),
    ("NK1", 16, Date),
    ("NK1", 30, Name),
    ("NK1", 31, Phone),
    ("NK1", 32, Geo),
    ("NK1", 37, Ssn),
    ("IN1", 2, HealthPlan),
    ("IN1", 8, HealthPlan),
    ("IN1", 9, HealthPlan),
    ("IN1", 10, HealthPlan),
    ("IN1", 16, Name),
    ("IN1", 18, Date),
    ("IN1", 19, Geo),
    ("IN1", 36, HealthPlan),
    ("IN1", 49, HealthPlan),
    ("IN2", 1, HealthPlan),
    ("IN2", 2, Ssn),
    ("IN2", 6, HealthPlan),
    ("IN2", 8, HealthPlan),
    ("GT1", 2, Account),
    ("GT1", 3, Name),
    ("GT1", 4, Name),
    ("GT1", 5, Geo),
    ("GT1", 6, Phone),
    ("GT1", 7, Phone),
    ("GT1", 8, Date),
    ("GT1", 12, Ssn),
    ("PV1", 7, Name),
    ("PV1", 8, Name),
    ("PV1", 9, Name),
    ("PV1", 17, Name),
    ("PV1", 19, Account),
    ("PV1", 44, Date),
    ("PV1", 45, Date),
    ("ORC", 12, Name),
    ("OBR", 7, Date),
    ("OBR", 16, Name),
    ("OBX", 14, Date),
    ("AIP", 3, Name),
    ("ACC", 1, Date),
    ("DG1", 5, Date),
];

/// Fields of a patient record of ASTM E1394, as analyzers send them: `P|1|practice|laboratory|third id|name|…`.
const ASTM: &[(usize, Class)] =
    &[(2, Mrn), (3, Mrn), (4, Mrn), (5, Name), (6, Name), (7, Date), (10, Geo), (12, Phone), (13, Name)];

/// The class of a field by its path, as engines name it: `PID.5.1`, `PID-7`.
pub(in crate::phi::structure) fn field_of_path(key: &str) -> Option<Class> {
    let (segment, rest) = key.split_at_checked(3)?;
    let rest = rest.strip_prefix(['.', '-'])?;
    let number: usize = rest.split(['.', '-']).next()?.parse().ok()?;
    HL7.iter().find(|(name, field, _)| *name == segment && *field == number).map(|(.., class)| *class)
}

impl Reader<'_> {
    /// HL7 v2 segments, at the start of a line or anywhere in one.
    pub(in crate::phi::structure) fn hl7(&mut self, text: &str, out: &mut Vec<Edit>) {
        let bytes = text.as_bytes();
        let mut at = 0;
        while let Some(found) = memchr::memchr(b'|', &bytes[at..]) {
            let bar = at + found;
            at = bar + 1;
            let Some(name) = segment_name(bytes, bar, 3).or_else(|| glued_segment(text, bar)) else {
                astm_patient(text, bar, out);
                continue;
            };
            if !is_segment(name) {
                continue;
            }
            let end = hl7_end(bytes, bar);
            for (index, field) in fields(bar + 1..end, bytes, b'|').take(FIELDS_MAX).enumerate() {
                if let Some((.., class)) =
                    HL7.iter().find(|(segment, number, _)| *segment == name && *number == index + 1)
                {
                    hl7_field(text, field, *class, out);
                }
            }
            if name == "IN1"
                && let Some(last) = fields(bar + 1..end, bytes, b'|').take(FIELDS_MAX).skip(30).last()
                && text[last.clone()].bytes().filter(u8::is_ascii_digit).count() >= 6
            {
                push(text, last, HealthPlan, out);
            }
            at = end.max(at);
        }
    }

    /// Dates between the bars of a segment that no table knows: eight digits that are a day of the past.
    pub(in crate::phi::structure) fn barred_dates(&mut self, text: &str, out: &mut Vec<Edit>) {
        let bytes = text.as_bytes();
        for bar in memchr::memchr_iter(b'|', bytes) {
            let Some(digits) = bytes.get(bar + 1..bar + 9) else { return };
            // A stamp with a time of day is a person's in segments about a stay or a finding.
            let width = bytes[bar + 1..].iter().take(15).take_while(|byte| byte.is_ascii_digit()).count();
            let end = match width {
                8 => bar + 9,
                12 | 14 if is_of_stay(text, bar) => bar + 1 + width,
                _ => continue,
            };
            let ends = bytes
                .get(end)
                .is_none_or(|byte| matches!(byte, b'|' | b'^' | b'\r' | b'\n' | b' ' | b'"' | b'\\'));
            if !ends || !digits.iter().all(u8::is_ascii_digit) {
                continue;
            }
            let number = |span: Range<usize>| {
                digits[span].iter().fold(0u32, |n, byte| n * 10 + u32::from(byte - b'0'))
            };
            let (year, month, day) = (number(0..4), number(4..6), number(6..8));
            if (1880..2100).contains(&year) && (1..=12).contains(&month) && (1..=31).contains(&day) {
                out.push(Edit::likely(bar + 1..end, Date, "hl7.date"));
            }
        }
    }
}

/// Does the table know the segment?
pub(super) fn is_segment(name: &str) -> bool {
    HL7.iter().any(|(segment, ..)| *segment == name)
}

/// `P|1||77120||Kovalenko^Oksana||19610704|…`, perhaps behind the number of its frame.
fn astm_patient(text: &str, bar: usize, out: &mut Vec<Edit>) {
    let bytes = text.as_bytes();
    let head = text[..bar]
        .strip_suffix('P')
        .map(|head| head.strip_suffix(|c: char| c.is_ascii_digit()).unwrap_or(head));
    let opens =
        head.is_some_and(|head| !head.ends_with(|c: char| c.is_alphanumeric() || matches!(c, '|' | '^')));
    if !opens {
        return;
    }
    let record: Vec<_> = fields(bar + 1..hl7_end(bytes, bar), bytes, b'|').take(FIELDS_MAX).collect();
    let field = |number: usize| record.get(number - 1).map_or("", |span| &text[span.clone()]);
    let counted =
        field(1).len() <= 4 && field(1).bytes().all(|byte| byte.is_ascii_digit()) && !field(1).is_empty();
    let born = field(7).len() >= 8 && field(7).bytes().all(|byte| byte.is_ascii_digit());
    if counted && (born || field(5).contains('^')) {
        // Where a log has lost the line break, the letter of the next record ends the last field of this one.
        let letter = |span: &Range<usize>| {
            [" O", " R", " C", " L"].iter().any(|next| text[span.clone()].ends_with(next))
        };
        let last = record.iter().position(letter).unwrap_or(record.len());
        for (number, class) in ASTM {
            if let Some(span) = record[..last].get(number - 1) {
                hl7_field(text, span.clone(), *class, out);
            }
        }
    }
}

/// Does the field behind `bar` belong to a segment about a stay, an order or a finding?
fn is_of_stay(text: &str, bar: usize) -> bool {
    const SEGMENT_BYTES_MAX: usize = 512;
    let from = text.ceil_char_boundary(bar.saturating_sub(SEGMENT_BYTES_MAX));
    let bytes = text.as_bytes();
    memchr::memrchr_iter(b'|', &bytes[from..=bar])
        .find_map(|at| segment_name(bytes, from + at, 3))
        .is_some_and(|name| {
            matches!(
                name,
                "PV1"
                    | "PV2"
                    | "OBR"
                    | "OBX"
                    | "ORC"
                    | "DG1"
                    | "PR1"
                    | "SCH"
                    | "AIS"
                    | "RXA"
                    | "RXE"
                    | "SPM"
                    | "ACC"
                    | "IN1"
                    | "TXA"
            )
        })
}

/// `…|E|||PID|1||7741093`: a segment whose line break a log has lost; its counter follows.
pub(super) fn glued_segment(text: &str, bar: usize) -> Option<&str> {
    let name = text.get(bar.checked_sub(3)?..bar)?;
    let behind = &text.as_bytes()[bar + 1..];
    let counter = behind.iter().take(3).take_while(|byte| byte.is_ascii_digit()).count();
    let counted = counter > 0 && behind.get(counter) == Some(&b'|');
    (counted && is_segment(name)).then_some(name)
}

/// A segment ends with its line, an escaped line break, or the string that holds it.
fn hl7_end(bytes: &[u8], from: usize) -> usize {
    let mut at = from;
    while at < bytes.len() {
        match bytes[at] {
            b'\r' | b'\n' | b'"' => return at,
            b'\\' if matches!(bytes.get(at + 1), Some(b'r' | b'n')) && bytes.get(at + 5) == Some(&b'|') => {
                return at;
            }
            b'|' if at > from && segment_name(bytes, at, 3).is_some_and(is_segment) => {
                return at - 3;
            }
            _ => at += 1,
        }
    }
    at
}

/// Numbers lose their first component in each repetition (the rest says who issued them), all else goes whole.
pub(in crate::phi::structure) fn hl7_field(
    text: &str,
    field: Range<usize>,
    class: Class,
    out: &mut Vec<Edit>,
) {
    if text[field.clone()].trim().is_empty() || text[field.clone()].trim_matches('"').is_empty() {
        return;
    }
    match class {
        Mrn | Account | HealthPlan | OtherId | License | Ssn => {
            for repetition in fields(field, text.as_bytes(), b'~') {
                let first =
                    text[repetition.clone()].find('^').map_or(repetition.end, |len| repetition.start + len);
                push(text, repetition.start..first, class, out);
            }
        }
        _ => {
            let end = field.start + said_of(&text[field.clone()]);
            push(text, field.start..end, class, out);
        }
    }
}

/// Where the field ends, if what a program says of the segment stands behind it on the same line: `^50-010 - missing PV1-3`.
fn said_of(field: &str) -> usize {
    let behind = |sign: &str| {
        field.match_indices(sign).map(|(at, _)| at).find(|at| {
            let rest = field[at + sign.len()..].trim_start();
            let word = rest.split([' ', ',', '=', ':']).next().unwrap_or("");
            let said = words::is_common(word) || words::is_predicate(word);
            said && word.starts_with(char::is_lowercase) && !rest.contains('^')
                || field_of_path(word).is_some()
        })
    };
    [" - ", " ; ", " -- ", " => ", ": "].into_iter().filter_map(behind).min().unwrap_or(field.len())
}
