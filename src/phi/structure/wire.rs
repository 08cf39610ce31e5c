//! Segments of messages that turn up in errors and logs: HL7 v2 and X12.
//!
//! Owns what both have in common: how a segment is named and parted into fields. Separators stay, so a line remains a line of its
//! format.

use std::ops::Range;

use super::{Edit, PLACEHOLDER_HEAD};
use crate::phi::class::Class;

mod hl7;
mod x12;

pub(super) use hl7::{field_of_path, hl7_field};

/// Fields read of one segment.
const FIELDS_MAX: usize = 64;

/// Does a segment of HL7 or X12 that holds somebody begin before the separator at `at`?
pub(super) fn opens_segment(text: &str, at: usize) -> bool {
    let bytes = text.as_bytes();
    let name = |len| segment_name(bytes, at, len);
    match bytes[at] {
        b'|' => {
            let name = name(3).or_else(|| hl7::glued_segment(text, at));
            name.is_some_and(hl7::is_segment)
        }
        _ => [name(3), name(2)].into_iter().flatten().any(x12::is_segment),
    }
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

/// The fields of `span`, parted by `separator`.
fn fields<'a>(span: Range<usize>, bytes: &'a [u8], separator: u8) -> impl Iterator<Item = Range<usize>> + 'a {
    let mut at = Some(span.start);
    std::iter::from_fn(move || {
        let start = at?;
        let end = memchr::memchr(separator, &bytes[start..span.end]).map_or(span.end, |len| start + len);
        at = (end < span.end).then_some(end + 1);
        Some(start..end)
    })
}

/// Hides a field without the blanks at its end; nothing of one that was replaced or says that it is empty.
pub(super) fn push(text: &str, span: Range<usize>, class: Class, out: &mut Vec<Edit>) {
    let content = &text[span.clone()];
    let trimmed = content.trim_end().len();
    if trimmed > 0 && !content.starts_with(PLACEHOLDER_HEAD) && content != "\"\"" {
        out.push(Edit::plain(span.start..span.start + trimmed, class, "message.field"));
    }
}
