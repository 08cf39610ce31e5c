//! Formats of the wire that turn up in errors and logs: HL7 v2 segments, X12 segments, access logs.
//!
//! Tables say which field of which segment holds what. Separators stay, so a line remains a line of its format.

use std::net::IpAddr;
use std::ops::Range;

use super::{Edit, PLACEHOLDER_HEAD, Reader, words};
use crate::phi::{Engine, class::Class};

use Class::{Account, Date, Fax, Geo, HealthPlan, License, Mrn, Name, OtherId, Phone, Ssn};

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

/// Fields read of one segment.
const FIELDS_MAX: usize = 64;

/// X12 elements that identify: segment, element, class.
const X12: &[(&str, usize, Class)] = &[
    ("NM1", 3, Name),
    ("NM1", 4, Name),
    ("NM1", 5, Name),
    ("NM1", 9, HealthPlan),
    ("N1", 2, Name),
    ("N2", 1, Name),
    ("N3", 1, Geo),
    ("N3", 2, Geo),
    ("N4", 1, Geo),
    ("N4", 3, Geo),
    ("DMG", 2, Date),
    ("REF", 2, OtherId),
    ("SBR", 3, HealthPlan),
    ("SBR", 4, HealthPlan),
    ("PER", 2, Name),
    ("PER", 4, Phone),
    ("PER", 6, Phone),
    ("PER", 8, Phone),
    ("DTP", 3, Date),
    ("DTM", 2, Date),
    ("CLM", 1, Account),
    ("TRN", 2, OtherId),
    ("INS", 12, Date),
    ("PAT", 6, Date),
    ("CLP", 1, Account),
    ("CLP", 7, OtherId),
    // The copy of an element that was refused.
    ("IK4", 4, OtherId),
    ("AK4", 4, OtherId),
];

/// The class of a field by its path, as engines name it: `PID.5.1`, `PID-7`.
pub(super) fn field_of_path(key: &str) -> Option<Class> {
    let (segment, rest) = key.split_at_checked(3)?;
    let rest = rest.strip_prefix(['.', '-'])?;
    let number: usize = rest.split(['.', '-']).next()?.parse().ok()?;
    HL7.iter().find(|(name, field, _)| *name == segment && *field == number).map(|(.., class)| *class)
}

/// Does a segment of HL7 or X12 that holds somebody begin before the separator at `at`?
pub(super) fn opens_segment(text: &str, at: usize) -> bool {
    let bytes = text.as_bytes();
    let name = |len| segment_name(bytes, at, len);
    match bytes[at] {
        b'|' => {
            let name = name(3).or_else(|| glued_segment(text, at));
            name.is_some_and(|name| HL7.iter().any(|(segment, ..)| *segment == name))
        }
        _ => [name(3), name(2)]
            .into_iter()
            .flatten()
            .any(|name| X12.iter().any(|(segment, ..)| *segment == name)),
    }
}

impl Reader<'_> {
    /// HL7 v2 segments, at the start of a line or anywhere in one.
    pub(super) fn hl7(&mut self, text: &str, out: &mut Vec<Edit>) {
        let bytes = text.as_bytes();
        let mut at = 0;
        while let Some(found) = memchr::memchr(b'|', &bytes[at..]) {
            let bar = at + found;
            at = bar + 1;
            let Some(name) = segment_name(bytes, bar, 3).or_else(|| glued_segment(text, bar)) else {
                astm_patient(text, bar, out);
                continue;
            };
            if !HL7.iter().any(|(segment, ..)| *segment == name) {
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
    pub(super) fn barred_dates(&mut self, text: &str, out: &mut Vec<Edit>) {
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

    /// X12 segments, between `~` or on lines of their own.
    pub(super) fn x12(&mut self, text: &str, out: &mut Vec<Edit>) {
        let bytes = text.as_bytes();
        let mut at = 0;
        while let Some(found) = memchr::memchr(b'*', &bytes[at..]) {
            let star = at + found;
            at = star + 1;
            let Some(name) = segment_name(bytes, star, 3).or_else(|| segment_name(bytes, star, 2)) else {
                continue;
            };
            if !X12.iter().any(|(segment, ..)| *segment == name) {
                continue;
            }
            let end = x12_end(text, star);
            let mut elements: Vec<Range<usize>> =
                fields(star + 1..end, bytes, b'*').take(FIELDS_MAX).collect();
            // Spaces are part of names and addresses; behind a segment without its `~` a sentence may go on.
            if bytes.get(end) != Some(&b'~')
                && let Some(last) = elements.last_mut()
            {
                last.end = last.start + shouted_len(&text[last.clone()]);
            }
            let first = elements.first().map_or("", |span| &text[span.clone()]);
            // The name of a payer is no person's, nor is the number it is known by (PI, 46, XV).
            let organisation =
                name == "NM1" && elements.get(1).is_some_and(|kind| &text[kind.clone()] == "2");
            let of_payer = organisation
                && matches!(first, "PR" | "41" | "40" | "36" | "1P" | "85" | "87")
                && elements.get(7).is_some_and(|kind| matches!(&text[kind.clone()], "PI" | "46" | "XV"));
            // An id of a member one element off its place, as hand-written segments have it.
            if name == "NM1"
                && !of_payer
                && let Some(last) = elements.last().filter(|_| elements.len() >= 9)
                && text[last.clone()].bytes().filter(u8::is_ascii_digit).count() >= 4
            {
                push(text, last.clone(), HealthPlan, out);
            }
            for (index, element) in elements.iter().enumerate() {
                let Some((.., class)) =
                    X12.iter().find(|(segment, number, _)| *segment == name && *number == index + 1)
                else {
                    continue;
                };
                let class = match (name, first) {
                    ("REF", "SY") => Ssn,
                    ("REF", "EA") => Mrn,
                    ("REF", "0F" | "1L" | "1W" | "IG" | "6P") => HealthPlan,
                    // When the payer made the file.
                    ("DTM", "405" | "009" | "036") => continue,
                    ("PER", _) if index > 2 => per_class(text, elements.get(index - 1)),
                    _ => *class,
                };
                // One character is a code, or an element cut short.
                let qualifier = element.len() <= 2 && name == "NM1" && class == HealthPlan;
                if !(organisation && class == Name || of_payer && index == 8)
                    && element.len() > 1
                    && !qualifier
                {
                    push(text, element.clone(), class, out);
                }
            }
            at = end.max(at);
        }
    }

    /// Common and combined access logs: the client and the user at the head of the line.
    pub(super) fn access_log(&mut self, text: &str, out: &mut Vec<Edit>) {
        let mut words = text.splitn(4, ' ');
        let (Some(client), Some(ident), Some(user), Some(rest)) =
            (words.next(), words.next(), words.next(), words.next())
        else {
            return;
        };
        let stamped = rest.starts_with('[') && rest.as_bytes().get(3) == Some(&b'/') && rest.contains("] \"");
        if !stamped {
            return;
        }
        let addressed = client.len() >= 3
            && client.bytes().all(|byte| byte.is_ascii_hexdigit() || matches!(byte, b'.' | b':'));
        if addressed && client.contains(['.', ':']) && is_client(client, self.engine) {
            out.push(Edit::plain(0..client.len(), Class::Ip, "access-log.client"));
        }
        let at = client.len() + 1;
        if ident != "-" {
            push(text, at..at + ident.len(), Name, out);
        }
        let at = at + ident.len() + 1;
        let service = matches!(
            user,
            "app" | "api" | "root" | "admin" | "www-data" | "nginx" | "deploy" | "nobody" | "guest"
        );
        if user != "-" && user != "\"\"" && !service {
            push(text, at..at + user.len(), Name, out);
        }
    }
}

/// Does an address at the head of an access log say where a person is? Not this host, nor a load balancer in the same network.
pub(super) fn is_client(address: &str, engine: &Engine) -> bool {
    let address = address.strip_prefix("::ffff:").unwrap_or(address);
    match address.parse() {
        Ok(IpAddr::V4(v4)) => !v4.is_loopback() && (!v4.is_private() || engine.settings().hide_private_ips),
        Ok(IpAddr::V6(v6)) => !v6.is_loopback(),
        Err(_) => true,
    }
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

/// The name of the segment whose first separator is at `at`.
fn segment_name(bytes: &[u8], at: usize, len: usize) -> Option<&str> {
    let start = at.checked_sub(len)?;
    let name = std::str::from_utf8(&bytes[start..at]).ok()?;
    let bounded = start == 0 || !(bytes[start - 1].is_ascii_alphanumeric() || matches!(bytes[start - 1], b'|' | b'*' | b'^'))
        // An escaped line break stands before it: `\rPID|`, `\nPID|`.
        || start >= 2 && bytes[start - 2] == b'\\' && matches!(bytes[start - 1], b'r' | b'n');
    (bounded && name.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())).then_some(name)
}

/// `…|E|||PID|1||7741093`: a segment whose line break a log has lost; its counter follows.
fn glued_segment(text: &str, bar: usize) -> Option<&str> {
    let name = text.get(bar.checked_sub(3)?..bar)?;
    let behind = &text.as_bytes()[bar + 1..];
    let counter = behind.iter().take(3).take_while(|byte| byte.is_ascii_digit()).count();
    let counted = counter > 0 && behind.get(counter) == Some(&b'|');
    (counted && HL7.iter().any(|(segment, ..)| *segment == name)).then_some(name)
}

/// A segment ends with `~`, its line, a real or an escaped one, the string that holds it, or where the next one begins.
fn x12_end(text: &str, star: usize) -> usize {
    let bytes = text.as_bytes();
    let ends = |at: usize| match bytes[at] {
        b'~' | b'\n' | b'\r' | b'"' | b';' | b'|' => true,
        b'\\' => matches!(bytes.get(at + 1), Some(b'n' | b'r')),
        _ => false,
    };
    let end = (star..bytes.len()).find(|at| ends(*at)).unwrap_or(bytes.len());
    memchr::memchr_iter(b'*', &bytes[star + 1..end])
        .map(|len| star + 1 + len)
        .find_map(|at| {
            let name = segment_name(bytes, at, 3).or_else(|| segment_name(bytes, at, 2))?;
            X12.iter().any(|(segment, ..)| *segment == name).then(|| at - name.len())
        })
        .map_or(end, |next| text[..next].trim_end().len().max(star))
}

/// The words in capitals or digits that open a text.
fn shouted_len(text: &str) -> usize {
    let quiet =
        |word: &str| word.bytes().any(|byte| byte.is_ascii_lowercase() || matches!(byte, b'=' | b':'));
    let mut len = 0;
    for word in text.split_inclusive(' ') {
        if len > 0 && quiet(word) {
            break;
        }
        len += word.len();
    }
    text[..len].trim_end().len()
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
            b'|' if at > from
                && segment_name(bytes, at, 3)
                    .is_some_and(|name| HL7.iter().any(|(segment, ..)| *segment == name)) =>
            {
                return at - 3;
            }
            _ => at += 1,
        }
    }
    at
}

fn fields<'a>(span: Range<usize>, bytes: &'a [u8], separator: u8) -> impl Iterator<Item = Range<usize>> + 'a {
    let mut at = Some(span.start);
    std::iter::from_fn(move || {
        let start = at?;
        let end = memchr::memchr(separator, &bytes[start..span.end]).map_or(span.end, |len| start + len);
        at = (end < span.end).then_some(end + 1);
        Some(start..end)
    })
}

/// Numbers lose their first component in each repetition (the rest says who issued them), all else goes whole.
pub(super) fn hl7_field(text: &str, field: Range<usize>, class: Class, out: &mut Vec<Edit>) {
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

fn push(text: &str, span: Range<usize>, class: Class, out: &mut Vec<Edit>) {
    let content = &text[span.clone()];
    let trimmed = content.trim_end().len();
    if trimmed > 0 && !content.starts_with(PLACEHOLDER_HEAD) && content != "\"\"" {
        out.push(Edit::plain(span.start..span.start + trimmed, class, "message.field"));
    }
}

/// What the qualifier before a communication number says.
fn per_class(text: &str, qualifier: Option<&Range<usize>>) -> Class {
    match qualifier.map_or("", |span| &text[span.clone()]) {
        "EM" => Class::Email,
        "FX" => Fax,
        _ => Phone,
    }
}
