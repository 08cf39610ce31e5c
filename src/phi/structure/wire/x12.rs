//! X12 segments: `NM1*IL*1*DOE*JANE~`.
//!
//! Owns which element of which segment holds what, and where a segment ends in a log.

use std::{ops::Range, sync::LazyLock};

use memchr::memmem::Finder;

use super::{FIELDS_MAX, fields, push, segment_name};
use crate::phi::class::Class::{self, Account, Date, Fax, Geo, HealthPlan, Mrn, Name, OtherId, Phone, Ssn};
use crate::phi::structure::{Edit, Reader};
use crate::phi::work;

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
    ("INS", 12, Date),
    ("PAT", 6, Date),
    ("CLP", 1, Account),
    ("TRN", 2, OtherId),
    ("CLP", 7, OtherId),
    // The copy of an element that was refused.
    ("IK4", 4, OtherId),
    ("AK4", 4, OtherId),
];

/// What says that eight digits are a day.
static DAY_QUALIFIER: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(b"*D8*"));

impl Reader<'_> {
    /// X12 segments, between `~` or on lines of their own.
    pub(in crate::phi::structure) fn x12(&mut self, text: &str, out: &mut Vec<Edit>) {
        let bytes = text.as_bytes();
        let mut at = 0;
        while let Some(found) = memchr::memchr(b'*', &bytes[at..]) {
            let star = at + found;
            at = star + 1;
            let Some(name) = segment_name(bytes, star, 3).or_else(|| segment_name(bytes, star, 2)) else {
                continue;
            };
            if !is_segment(name) {
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
                    // The trace number of the message itself; `2` is that of a claim.
                    ("TRN", "1") => continue,
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
        // Days in segments that are not in the table, mistyped ones among them.
        for at in DAY_QUALIFIER.find_iter(bytes) {
            let day = at + "*D8*".len();
            let len = bytes[day..].iter().take(9).take_while(|byte| byte.is_ascii_digit()).count();
            if len == 8 {
                push(text, day..day + len, Date, out);
            }
        }
    }
}

/// Does the table know the segment?
pub(super) fn is_segment(name: &str) -> bool {
    X12.iter().any(|(segment, ..)| *segment == name)
}

/// A segment ends with `~`, its line, a real or an escaped one, the string that holds it, or where the next one begins.
fn x12_end(text: &str, star: usize) -> usize {
    let bytes = text.as_bytes();
    let end = (star + 1..bytes.len()).find_map(|at| match bytes[at] {
        b'~' | b'\n' | b'\r' | b'"' | b';' | b'|' => Some(at),
        b'\\' => matches!(bytes.get(at + 1), Some(b'n' | b'r')).then_some(at),
        b'*' => {
            let name = segment_name(bytes, at, 3).or_else(|| segment_name(bytes, at, 2))?;
            is_segment(name).then(|| text[..at - name.len()].trim_end().len().max(star))
        }
        _ => None,
    });
    let end = end.unwrap_or(bytes.len());
    work::add(end - star);
    end
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

/// What the qualifier before a communication number says.
fn per_class(text: &str, qualifier: Option<&Range<usize>>) -> Class {
    match qualifier.map_or("", |span| &text[span.clone()]) {
        "EM" => Class::Email,
        "FX" => Fax,
        _ => Phone,
    }
}
