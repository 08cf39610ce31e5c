//! Records without a header: `Mbeki;Sipho;12.09.1969;0825551234`. One field that is surely a person's makes its
//! neighbours between the same signs that person's too.
//!
//! Owns where such a record begins and ends. Only looks around what other readers found, so a text without a finding
//! costs nothing.

use std::ops::Range;

use super::{Edit, PLACEHOLDER_HEAD, Reader, is_taken, words};
use crate::phi::{
    class::{Class, Finding},
    names, protect,
};

/// Findings of one text that are looked around, fields on either side, and how long a field may be.
const ANCHORS_MAX: usize = 16;
const FIELDS_MAX: usize = 8;
const FIELD_BYTES_MAX: usize = 48;
/// How far beyond the longest field its end is looked for: a sign and a character may lie across it.
const LOOK_BYTES: usize = 8;
/// The signs between fields, longest first.
const SIGNS: [&str; 8] = [" / ", " | ", " - ", ", ", ",", ";", "|", "\t"];

impl Reader<'_> {
    /// Looks at the fields beside what was found since `first`.
    pub(super) fn rows(&self, text: &str, first: usize, out: &mut Vec<Edit>) {
        if out.len() == first || is_event(text) {
            return;
        }
        let anchors: Vec<Range<usize>> = out[first..]
            .iter()
            .filter(|edit| {
                matches!(
                    edit.class,
                    Class::Name | Class::Date | Class::Email | Class::Phone | Class::Ssn | Class::Mrn
                ) && edit.span.end <= text.len()
            })
            .take(ANCHORS_MAX)
            .map(|edit| edit.span.clone())
            .collect();
        for anchor in &anchors {
            let Some((fields, tight)) = fields_around(text, anchor) else { continue };
            let within = |other: &Range<usize>| {
                other == anchor
                    || fields.iter().any(|field| field.start <= other.start && other.end <= field.end)
            };
            let named = out[first..].iter().any(|edit| edit.class == Class::Name && within(&edit.span));
            let sure = anchors.iter().any(|other| {
                let number = text.as_bytes()[other.clone()].iter().any(u8::is_ascii_digit);
                number && within(other)
            });
            for field in fields {
                let content = &text[field.clone()];
                if is_taken(&out[first..], &field) {
                    continue;
                }
                // `2026-11-19 10:02:17`
                let stamp = matches!(text.as_bytes()[field.end..], [b':', b'0'..=b'9', ..]);
                if is_number(content) && !stamp {
                    out.push(Edit::likely(field, Class::Phone, "row.number"));
                } else if sure && named && is_code(content) {
                    out.push(Edit::likely(field, Class::Mrn, "row.code"));
                } else if sure && named && tight && is_zip(content) {
                    out.push(Edit::likely(field, Class::Geo, "row.postcode"));
                } else if sure && is_name(content, tight) {
                    out.push(Edit::likely(field, Class::Name, "row.name"));
                }
            }
        }
    }
}

/// The other fields of the record that holds `anchor`, at least two; and whether no blanks stand between them.
fn fields_around(text: &str, anchor: &Range<usize>) -> Option<(Vec<Range<usize>>, bool)> {
    let quote = |c: char| matches!(c, '"' | '\'' | '\\');
    let after = text[anchor.end..].trim_start_matches(quote);
    let before = text[..anchor.start].trim_end_matches(quote);
    let opens = |byte: &u8| matches!(byte, b' ' | b',' | b';' | b'|' | b'\t');
    if !after.as_bytes().first().is_some_and(opens) && !before.as_bytes().last().is_some_and(opens) {
        return None;
    }
    let sign = SIGNS.into_iter().find(|sign| after.starts_with(sign) || before.ends_with(sign))?;
    // Segments of HL7 name their fields by position.
    if sign == "|" && text.contains('^') {
        return None;
    }
    let mut fields = Vec::new();
    let mut rest = after;
    while let Some(next) = rest.strip_prefix(sign).filter(|_| fields.len() < FIELDS_MAX) {
        let len = field_end(next, sign);
        if len > FIELD_BYTES_MAX {
            break;
        }
        let from = text.len() - next.len();
        // The last field of a row in quotes ends with its quote, whatever is said after it.
        let len = match next.strip_prefix('"').and_then(|inner| inner.find('"')) {
            Some(inner) if inner + 2 < len => {
                fields.push(from + 1..from + 1 + inner);
                break;
            }
            _ => len,
        };
        fields.push(trimmed(text, from..from + len));
        rest = &next[len..];
    }
    let mut rest = before;
    while let Some(next) = rest.strip_suffix(sign).filter(|_| fields.len() < 2 * FIELDS_MAX) {
        let start = field_start(next, sign);
        if next.len() - start > FIELD_BYTES_MAX {
            break;
        }
        fields.push(trimmed(text, start..next.len()));
        rest = &next[..start];
    }
    // Without blanks even small letters are values, not a sentence. `Kumar / 98765 43210` needs no third field.
    let called = sign == " / " && fields.iter().any(|field| is_number(&text[field.clone()]));
    (fields.len() >= 2 || called).then_some((fields, sign.len() == 1 || sign == " | "))
}

/// An event in CEF, after what a syslog writes: its head is no record of a person, and its other fields have keys.
fn is_event(text: &str) -> bool {
    const BEFORE_BYTES: usize = 64;
    const HEAD: &[u8] = b"CEF:0|";
    let head = &text.as_bytes()[..text.len().min(BEFORE_BYTES + HEAD.len())];
    memchr::memchr_iter(b'C', head)
        .find(|at| head[*at..].starts_with(HEAD))
        .is_some_and(|at| !head[..at].iter().any(|byte| matches!(byte, b';' | b'|' | b'"')))
}

/// What no field goes beyond.
fn is_end(byte: u8) -> bool {
    matches!(byte, b'\n' | b'\r' | b']' | b'}' | b')' | b'[' | b'{' | b'(' | b'=' | b':' | b'<' | b'>')
}

fn field_end(text: &str, sign: &str) -> usize {
    // A field that goes on beyond this is none.
    let text = &text.as_bytes()[..text.floor_char_boundary(FIELD_BYTES_MAX + LOOK_BYTES)];
    let (sign, opens) = (sign.as_bytes(), sign.as_bytes()[0]);
    let ends = |at: &usize| is_end(text[*at]) || text[*at] == opens && text[*at..].starts_with(sign);
    (0..text.len()).find(ends).unwrap_or(text.len())
}

fn field_start(text: &str, sign: &str) -> usize {
    let floor = text.ceil_char_boundary(text.len().saturating_sub(FIELD_BYTES_MAX + LOOK_BYTES));
    let (text, sign) = (text.as_bytes(), sign.as_bytes());
    let closes = sign[sign.len() - 1];
    let begins =
        |at: &usize| is_end(text[at - 1]) || text[at - 1] == closes && text[floor..*at].ends_with(sign);
    (floor + 1..=text.len()).rev().find(begins).unwrap_or(floor)
}

/// The field without blanks and quotes; of a sentence that leads up to the record, what is capitalised at its end.
fn trimmed(text: &str, span: Range<usize>) -> Range<usize> {
    let content = &text[span.clone()];
    let layout = |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '\\');
    let start = span.start + content.len() - content.trim_start_matches(layout).len();
    let end = start + text[start..span.end].trim_end_matches(layout).len();
    start..end
}

/// Nine to fifteen digits, perhaps in groups: a telephone number or an id of the person.
fn is_number(content: &str) -> bool {
    let digits = content.bytes().filter(u8::is_ascii_digit).count();
    (8..=15).contains(&digits)
        && content.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b' ' | b'+' | b'-' | b'('))
        && !content.starts_with("00000")
        // Milliseconds of the epoch.
        && !(content.len() == 13 && matches!(content.as_bytes(), [b'1', b'4'..=b'9', ..]) && digits == 13)
}

/// `HN213938`, `346500/75`, `RX064K622`: a number as a hospital or an insurer gives it, with five digits or more.
fn is_code(content: &str) -> bool {
    let digits = content.bytes().filter(u8::is_ascii_digit).count();
    let capitals = content.bytes().filter(u8::is_ascii_uppercase).count();
    // `59408-5` is of LOINC, `0093-7180-01` a package of a drug.
    let strokes = content.len() - digits - capitals;
    (5..=12).contains(&digits)
        && (1..=5).contains(&capitals)
        && strokes <= 2
        && content
            .bytes()
            .all(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase() || matches!(byte, b'-' | b'/'))
        && content.ends_with(|c: char| c.is_ascii_digit())
        || capitals == 0 && (strokes == 0 && digits == 7 || strokes == 2 && is_in_groups(content))
        || capitals == 0
            && strokes == 1
            && (8..=9).contains(&digits)
            && content.as_bytes()[6..].starts_with(b"/")
}

/// `83-11-46`, `92-82-2722`
fn is_in_groups(content: &str) -> bool {
    let mut groups = content.split('-').map(str::len);
    matches!(
        (groups.next(), groups.next(), groups.next(), groups.next()),
        (Some(2), Some(2), Some(2 | 4), None)
    )
}

/// `97035`, `97035-1234`: a ZIP Code.
fn is_zip(content: &str) -> bool {
    let (area, rest) = content.split_at_checked(5).unwrap_or(("", content));
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    area.len() == 5
        && digits(area)
        && (rest.is_empty() || rest.len() == 5 && rest.starts_with('-') && digits(&rest[1..]))
}

/// One to three words of letters that no machine says.
pub(super) fn is_name(content: &str, tight: bool) -> bool {
    let mut count = 0;
    let listed = names::is_name_like(content);
    let all = content.split(' ').all(|word| {
        count += 1;
        word.chars().count() >= 2
            && word.chars().all(|c| c.is_alphabetic() || matches!(c, '-' | '\'' | '.'))
            && !words::is_common(word)
            && !words::is_type_word(word)
            && (word.len() > 2 || word.chars().any(char::is_lowercase))
            && !protect::is_vocabulary(word)
    });
    all && (1..=3).contains(&count)
        && !content.contains(PLACEHOLDER_HEAD)
        && (content.starts_with(|c: char| c.is_uppercase() || !c.is_ascii())
            || listed
            || tight && content.len() >= 4)
}

/// A finding as edits: `Okafor,Jane` are two columns of a row, and a row keeps its columns.
pub(super) fn columns_of(text: &str, finding: &Finding, out: &mut Vec<Edit>) {
    let held = &text[finding.span.clone()];
    let rowed = matches!(finding.class, Class::Name | Class::Geo)
        && held.contains(',')
        && !held.contains(", ")
        && (text[..finding.span.start].ends_with(',') || text[finding.span.end..].starts_with(','));
    if !rowed {
        return out.push(Edit::from(finding));
    }
    let mut at = finding.span.start;
    for column in held.split(',') {
        out.push(Edit { span: at..at + column.len(), ..Edit::from(finding) });
        at += column.len() + 1;
    }
}
