//! Fields of HL7 v2 that a sentence names: `PID-3 "8820-17-331^^^RCH^MR"`, `PV1-44 '202611130915'`, `PID-7|19530927`,
//! `@PID.5.1^OTIENO~` of a query.
//!
//! Owns what stands behind such a name. Which fields hold what is the table of `wire`; `PID-7=…` is a pair.

use std::ops::Range;

use super::{Edit, PLACEHOLDER_HEAD, Reader, pairs, wire};
use crate::phi::class::Class;

/// Names of fields in one text that are looked at.
const FIELDS_MAX: usize = 64;
const VALUE_BYTES_MAX: usize = 96;

impl Reader<'_> {
    pub(super) fn named_fields(&self, text: &str, out: &mut Vec<Edit>) {
        let bytes = text.as_bytes();
        for (class, field, gap) in
            memchr::memchr2_iter(b'-', b'.', bytes).filter_map(|sign| named_at(text, sign)).take(FIELDS_MAX)
        {
            let queried = bytes[gap..].starts_with(b"^") && bytes[..field].ends_with(b"@");
            let opens = |b: &&u8| matches!(b, b' ' | b':' | b'|') || queried && **b == b'^';
            let width = bytes[gap..].iter().take(4).take_while(opens).count();
            let value = match bytes.get(gap + width) {
                Some(b'"' | b'\'') if width > 0 => pairs::quoted_value(text, gap + width),
                Some(_) if width > 0 => bare(text, gap + width, class, queried || bytes[gap] == b'|'),
                _ => None,
            };
            if let Some(value) = value.or_else(|| day_before(text, field, class)) {
                wire::hl7_field(text, value, class, out);
            }
        }
    }
}

/// The class of the field whose name has its sign at `sign`, and where the name begins and ends.
fn named_at(text: &str, sign: usize) -> Option<(Class, usize, usize)> {
    let bytes = text.as_bytes();
    let start = sign.checked_sub(3).filter(|start| bytes[*start].is_ascii_uppercase())?;
    if start > 0 && bytes[start - 1].is_ascii_alphanumeric() {
        return None;
    }
    let number = bytes[sign + 1..].iter().take(5).take_while(|b| b.is_ascii_digit() || **b == b'.').count();
    let end = sign + 1 + number;
    let class = text.get(start..end).filter(|_| number > 0).and_then(wire::field_of_path)?;
    Some((class, start, end))
}

/// `Invalid value for DTM: 2019-07-3l in PID-7`: a day, mistyped or not, before the field that begins at `field`.
fn day_before(text: &str, field: usize, class: Class) -> Option<Range<usize>> {
    let head = text[..field].strip_suffix(" in ").filter(|_| class == Class::Date)?;
    let end = head.trim_end_matches(['"', '\'']).len();
    let start = head[..end].rfind([' ', '"', '\'', '=', '(']).map_or(0, |at| at + 1);
    let value = &head.as_bytes()[start..end];
    let digits = value.iter().filter(|byte| byte.is_ascii_digit()).count();
    let signs = value.iter().filter(|byte| matches!(byte, b'-' | b'/' | b'.' | b':' | b'T')).count();
    let fits = (8..=24).contains(&value.len()) && digits >= 6 && value.len() - digits - signs <= 2;
    (fits && value[0].is_ascii_digit()).then_some(start..end)
}

/// A value without quotes, if it looks like one of the class: `PID-3 is missing` has none.
fn bare(text: &str, start: usize, class: Class, barred: bool) -> Option<Range<usize>> {
    let line = text.get(start..text.floor_char_boundary((start + VALUE_BYTES_MAX).min(text.len())))?;
    let ends = |c: char| ",;|~\n\r\"')]}<".contains(c);
    let whole = &line[..line.find(ends).unwrap_or(line.len())];
    // Between bars the components of a name and an address have blanks, and no sentence.
    let goes_on = |at: usize| {
        barred
            && matches!(class, Class::Name | Class::Geo)
            && whole[at..].contains('^')
            && !whole[at + 1..].starts_with(char::is_lowercase)
    };
    let len = whole.match_indices(' ').map(|(at, _)| at).find(|at| !goes_on(*at)).unwrap_or(whole.len());
    let value = &line[..len];
    let first = value.split('^').next().unwrap_or("");
    let digits = first.bytes().filter(u8::is_ascii_digit).count();
    let fits = match class {
        Class::Name | Class::Geo => {
            value.contains('^') || barred && first.starts_with(char::is_uppercase) && first.len() > 2
        }
        Class::Date => matches!(digits, 8 | 12 | 14) && digits == first.len(),
        Class::Phone | Class::Fax => digits >= 7,
        _ => digits >= 4 && digits * 2 >= first.len(),
    };
    (fits && !value.starts_with(PLACEHOLDER_HEAD)).then_some(start..start + len)
}
