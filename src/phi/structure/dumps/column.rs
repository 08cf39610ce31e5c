//! The column of characters behind the groups of a row.
//!
//! Owns whether it says what the groups say: a character for each byte, and a dot or the like for what is not printed. Where only
//! one of the two was replaced, the rest of both is torn.

use std::ops::Range;

use super::Cell;
use crate::phi::{protect, work};

pub(super) struct Column {
    /// Where each byte is shown, up to what is torn.
    pub(super) shown: Vec<Range<usize>>,
    /// Where the column ends, with the sign that closes it.
    pub(super) end: usize,
    /// The first byte that nobody can make out any more, and what is left of the column.
    pub(super) torn: Option<(usize, Range<usize>)>,
}

/// The column that stands somewhere in `rest`, which follows the groups.
pub(super) fn behind(text: &str, cells: &[Cell], rest: Range<usize>) -> Option<Column> {
    let bytes = &text.as_bytes()[..rest.end];
    let blanks = bytes[rest.start..].iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
    let first = rest.start + blanks;
    let close = match bytes.get(first)? {
        b'|' => Some(b'|'),
        b'>' => Some(b'<'),
        _ => None,
    };
    let text = &text[..rest.end];
    let closed = close.and_then(|close| matched(text, cells, first + 1, Some(close)));
    if closed.as_ref().is_some_and(|column| column.torn.is_none()) {
        return closed;
    }
    // The text may begin with blanks itself, or with such a sign.
    let lead = cells.iter().take_while(|cell| cell.byte == Some(b' ')).count();
    let start = first.checked_sub(lead).filter(|start| *start > rest.start);
    let open = start.and_then(|start| matched(text, cells, start, None));
    open.filter(|column| column.torn.is_none() || closed.is_none()).or(closed)
}

fn matched(text: &str, cells: &[Cell], start: usize, close: Option<u8>) -> Option<Column> {
    let bytes = text.as_bytes();
    let mut shown = Vec::with_capacity(cells.len());
    let (mut at, mut printed, mut alike) = (start, 0, 0);
    let mut torn = None;
    for (nth, cell) in cells.iter().enumerate() {
        let end = match (cell.byte, protect::placeholder_at(bytes, at)) {
            (None, Some(end)) => {
                alike += 1;
                end
            }
            (Some(byte), None) => {
                let Some(letter) = text.get(at..).and_then(|rest| rest.chars().next()) else {
                    // Blanks at the end of a line are lost on the way.
                    if cells[nth..].iter().any(|cell| cell.byte != Some(b' ')) {
                        return None;
                    }
                    shown.resize(cells.len(), at..at);
                    break;
                };
                let printable = matches!(byte, b'!'..=b'~');
                let same = letter == char::from(byte);
                let dot = letter == '.' || !printable && byte != b' ' && !letter.is_ascii_alphanumeric();
                if !same && !dot {
                    return None;
                }
                printed += usize::from(printable);
                alike += usize::from(printable && same);
                at + letter.len_utf8()
            }
            // Nothing has shown yet that it is a column.
            (byte, _) if alike == 0 && (nth > 0 || byte.is_none() || close.is_none()) => return None,
            _ => {
                let end = end_of_torn(bytes, at, close);
                torn = Some((nth, at..end));
                at = end;
                break;
            }
        };
        work::add(1);
        shown.push(at..end);
        at = end;
    }
    // Some tools print fewer characters than there are.
    if alike * 2 < printed
        || torn.is_none() && close.is_none() && bytes.get(at).is_some_and(u8::is_ascii_alphanumeric)
    {
        return None;
    }
    if let Some(close) = close {
        let padded = at + bytes[at..].iter().take_while(|byte| **byte == b' ').count();
        at = if bytes.get(padded) == Some(&close) { padded + 1 } else { at };
    }
    Some(Column { shown, end: at, torn })
}

/// Where a column ends whose bytes cannot be counted.
fn end_of_torn(bytes: &[u8], at: usize, close: Option<u8>) -> usize {
    let closed = close.and_then(|close| memchr::memrchr(close, &bytes[at..]));
    closed.map_or(bytes.len() - usize::from(bytes.ends_with(b"\r")), |len| at + len)
}
