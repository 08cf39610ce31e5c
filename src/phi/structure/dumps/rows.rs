//! Rows of a dump: an offset, groups of hexadecimal digits, and mostly a column of the characters they stand for.
//!
//! Owns the shape of rows, which of them follow one another, and the quick look ([`stands_among`]) that tells whether a text may hold
//! one: some bytes of printable characters side by side. A row is sure of itself if its column says what its groups say, however
//! the tool writes what it cannot print. Groups without such a column count if there are enough of them or an offset stands
//! before them. Linear: each run of groups is looked at once, and the column behind it a few times at most.

use std::ops::Range;

use super::{BYTES_MAX, Cell, Dump, column, records};
use crate::phi::{protect, work};

/// Fewest bytes of a row without a column, and of one without an offset or with one.
const BARE_BYTES_MIN: usize = 8;
const BYTES_MIN: usize = 4;
/// No offset has fewer digits or more.
const OFFSET_DIGITS_MIN: usize = 4;
const OFFSET_DIGITS_MAX: usize = 16;
/// What a full row is a multiple of, and the most bytes one holds.
const FULL_MULTIPLE: usize = 8;
const ROW_BYTES_MAX: u64 = 256;
/// Blanks between the groups of a row, where a group is one byte: more stand in its middle.
const GAP_MAX: usize = 3;
/// Where a row may end, if the characters behind its groups look like groups as well.
const ENDS_MAX: usize = 4;

/// Does a group of digits and letters stand among groups of printable characters?
#[inline]
pub(in crate::phi::structure) fn stands_among(bytes: &[u8], group: Range<usize>) -> bool {
    let width = group.len();
    let before = match width {
        2 => 8,
        4 => 3,
        8 => 2,
        16.. => 1,
        _ => return false,
    };
    (0..before)
        .map_while(|nth| group.start.checked_sub(nth * (width + 1)))
        .take_while(|at| matches!(bytes[*at], b'2'..=b'7'))
        .any(|at| opens(bytes, at))
}

/// Do groups of printable characters open at `at`? A letter among their digits tells them from columns of numbers.
fn opens(bytes: &[u8], at: usize) -> bool {
    let is_printable =
        |at: usize| matches!(bytes.get(at..at + 2), Some([b'2'..=b'7', low]) if low.is_ascii_hexdigit());
    let sign = |width: usize| bytes.get(at + width).copied().unwrap_or(0);
    let (width, count) = match sign(2) {
        b' ' => (2, 4),
        b':' | b'-' => (2, 8),
        _ if sign(4) == b' ' => (4, 3),
        _ if sign(8) == b' ' => (8, 2),
        _ => (16, 1),
    };
    let mut letter = false;
    let groups = (0..count).all(|nth| {
        let start = at + nth * (width + 1);
        let printable = (start..start + width).step_by(2).all(|at| {
            letter |= bytes.get(at + 1).is_some_and(u8::is_ascii_alphabetic);
            is_printable(at)
        });
        printable && (nth + 1 == count || bytes.get(start + width) == Some(&sign(width)))
    });
    groups && letter
}

/// Digits of groups, and what parts groups.
static OF_GROUPS: [bool; 256] = {
    let mut bytes = [false; 256];
    let mut byte = 0u8;
    while byte < 0x80 {
        bytes[byte as usize] = byte.is_ascii_hexdigit() || matches!(byte, b' ' | b':' | b'-');
        byte += 1;
    }
    bytes
};

/// Do such groups open anywhere, or in a text of several lines those of any bytes? The gate lets no such text pass.
pub(super) fn holds(text: &str) -> bool {
    // No groups are shorter.
    const GROUPS_BYTES_MIN: usize = 8;
    let bytes = text.as_bytes();
    let lines = memchr::memchr(b'\n', bytes).is_some();
    let is_start = |at: usize| at == 0 || !bytes[at - 1].is_ascii_alphanumeric();
    let mut at = 0;
    // From the end backwards, so that words are skipped.
    while let Some(window) = bytes.get(at..at + GROUPS_BYTES_MIN) {
        if let Some(stop) = window.iter().rposition(|byte| !OF_GROUPS[usize::from(*byte)]) {
            at += stop + 1;
            continue;
        }
        if is_start(at)
            && (opens(bytes, at) || records::opens_record(bytes, at) || lines && opens_row(bytes, at))
        {
            return true;
        }
        at += 1;
    }
    false
}

/// Eight bytes in groups, parted by one blank, or by two in the middle of a row.
fn opens_row(bytes: &[u8], at: usize) -> bool {
    let width = match (bytes.get(at + 2), bytes.get(at + 4)) {
        (Some(b' '), _) => 2,
        (_, Some(b' ')) => 4,
        _ => return false,
    };
    (0..FULL_MULTIPLE * 2 / width).all(|nth| {
        let start = at + nth * (width + 1);
        let group = bytes.get(start..start + width);
        group.is_some_and(|group| group.iter().all(u8::is_ascii_hexdigit))
            && bytes.get(start + width).is_none_or(|sign| matches!(sign, b' ' | b'-'))
    })
}

/// Is `value` nothing but groups of hexadecimal digits?
pub(crate) fn is_groups(value: &str) -> bool {
    let mut groups = value.split([' ', ':', '-']).filter(|group| !group.is_empty());
    let width = groups.next().map_or(0, str::len);
    let mut others = groups.peekable();
    matches!(width, 2 | 4 | 8)
        && others.peek().is_some()
        && value.bytes().all(|byte| byte.is_ascii_hexdigit() || matches!(byte, b' ' | b':' | b'-'))
        && others.all(|group| group.len() <= width)
}

/// Is a line a row behind its offset, or what closes a dump if the line before it is one? Says nothing of rows behind anything else.
pub(crate) fn is_row(line: &[u8], previous: &[u8]) -> bool {
    // Most lines open with a day.
    if matches!(line, [_, _, _, _, b'-', ..]) {
        return false;
    }
    let Some(end) = offset_end(line) else { return false };
    match line.get(end) {
        Some(b':' | b' ' | b'|' | b'\t') => {}
        None | Some(b'\r' | b'\n') => return row_of(previous).is_some(),
        _ => return false,
    }
    row_of(line).is_some_and(|row| {
        let lettered = || line[..row.span.end].iter().any(|byte| byte.is_ascii_alphabetic());
        row.sure || row.count >= BARE_BYTES_MIN && lettered() || row_of(previous).is_some()
    })
}

/// Where the digits end that a line opens with, if they may be an offset.
fn offset_end(line: &[u8]) -> Option<usize> {
    let start = usize::from(line.starts_with(b"|")) + 2 * usize::from(line.starts_with(b"0x"));
    let digits = line[start..].iter().take(OFFSET_DIGITS_MAX + 1).take_while(|byte| byte.is_ascii_hexdigit());
    let digits = digits.count();
    (OFFSET_DIGITS_MIN..=OFFSET_DIGITS_MAX).contains(&digits).then_some(start + digits)
}

fn row_of(line: &[u8]) -> Option<Row> {
    const LINE_BYTES_MAX: usize = 1024;
    let end = offset_end(line)?;
    let line = std::str::from_utf8(&line[..line.len().min(LINE_BYTES_MAX)]).ok()?.trim_ascii_end();
    let signs = line.as_bytes().get(end..)?.iter();
    let at = end + signs.take_while(|byte| matches!(byte, b':' | b' ' | b'|' | b'-' | b'\t')).count();
    let read = (at < line.len()).then(|| Read::at(line, 0..line.len(), at)).flatten()?;
    read.row.filter(|row| row.offset.is_some())
}

/// What stands in a text.
#[derive(Default)]
pub(super) struct Found {
    pub(super) dumps: Vec<Dump>,
    /// Rows that are no text of their lines.
    pub(super) gaps: Vec<Range<usize>>,
    /// What of a row nobody can make out, as only one of its columns was replaced.
    pub(super) torn: Vec<Range<usize>>,
}

struct Row {
    line: usize,
    offset: Option<u64>,
    span: Range<usize>,
    /// Bytes, none of them hidden if that is their number.
    count: usize,
    hides: bool,
    /// Bytes of a group, and what parts groups; nothing if there is one.
    shape: (usize, u8),
    sure: bool,
    torn: bool,
}

/// Everything in a text that is shown as rows.
pub(super) fn rows(text: &str) -> Found {
    let bytes = text.as_bytes();
    let mut found = Found::default();
    let mut last: Option<Row> = None;
    let (mut start, mut line) = (0, 0);
    while start < bytes.len() {
        let end = memchr::memchr(b'\n', &bytes[start..]).map_or(bytes.len(), |len| start + len);
        let mut at = start;
        while at < end {
            let token = bytes[at..end].iter().take_while(|byte| is_joined(**byte)).count().max(1);
            let opens = matches!(bytes[at], b'0'..=b'9' | b'a'..=b'f' | b'A'..=b'F' | b'[');
            let read = opens.then(|| Read::at(text, start..end, at)).flatten();
            at = match read {
                Some(Read { row: Some(row), cells, torn, end }) => {
                    found.torn.extend(torn.into_iter().filter(|span| !span.is_empty()));
                    found.add(text, Row { line, ..row }, cells, &mut last);
                    end.max(at + token)
                }
                Some(Read { row: None, end, .. }) => end.max(at + token),
                None => at + token,
            };
        }
        start = end + 1;
        line += 1;
    }
    if let (Some(row), Some(dump)) = (&last, found.dumps.last_mut()) {
        dump.ends_cut = row.is_cut(text);
    }
    found
}

/// A letter, a digit or what joins them to one word.
fn is_joined(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'%' | b'+') || byte >= 0x80
}

impl Found {
    fn add(&mut self, text: &str, row: Row, mut cells: Vec<Cell>, last: &mut Option<Row>) {
        if row.sure {
            self.gaps.push(row.span.clone());
        }
        let full = self.dumps.last().is_some_and(|dump| dump.cells.len() + cells.len() > BYTES_MAX);
        let follows = !full && last.as_ref().is_some_and(|last| row.follows(last));
        if !follows {
            if let (Some(last), Some(dump)) = (&*last, self.dumps.last_mut()) {
                dump.ends_cut = full || last.is_cut(text);
            }
            let opens_cut = full || row.offset.map_or(row.sure, |offset| offset != 0);
            self.dumps.push(Dump { opens_cut, ..Dump::default() });
        }
        if let Some(dump) = self.dumps.last_mut() {
            dump.rows.push(dump.cells.len());
            dump.cells.append(&mut cells);
        }
        *last = Some(row);
    }
}

impl Row {
    /// Does it go on where `last` ends?
    fn follows(&self, last: &Row) -> bool {
        let lines = self.line - last.line;
        if last.torn || lines > 2 {
            return false;
        }
        match (last.offset, self.offset) {
            (Some(before), Some(offset)) if last.hides => offset > before && offset - before <= ROW_BYTES_MAX,
            (Some(before), Some(offset)) => before.checked_add(last.count as u64) == Some(offset),
            (None, None) => {
                let ((width, sign), (wide, parted)) = (self.shape, last.shape);
                let alike = sign == parted && (width == wide || sign == 0 && width < wide);
                lines <= 1 && self.sure == last.sure && alike
            }
            _ => false,
        }
    }

    /// Is it full, and nothing behind it that tells whether it is the last?
    fn is_cut(&self, text: &str) -> bool {
        let behind = &text[self.span.end..];
        let full = self.count.is_multiple_of(FULL_MULTIPLE) && (self.sure || self.offset.is_some());
        full && behind.trim().is_empty()
            || ["...", " ...", "\u{2026}", " \u{2026}"].iter().any(|more| behind.starts_with(more))
    }
}

/// A run of groups.
struct Run {
    cells: Vec<Cell>,
    /// How many cells stand before a wider gap or the end, and where that begins.
    ends: Vec<(usize, usize)>,
    shape: (usize, u8),
    groups: usize,
}

/// What is made of the groups that open somewhere.
struct Read {
    /// None if they are too few.
    row: Option<Row>,
    cells: Vec<Cell>,
    torn: Vec<Range<usize>>,
    end: usize,
}

impl Read {
    fn at(text: &str, line: Range<usize>, at: usize) -> Option<Read> {
        let bytes = text.as_bytes();
        let offset = offset(&bytes[line.clone()], at - line.start);
        // What was replaced opens a row only behind an offset.
        if bytes[at] == b'[' && offset.is_none() {
            return None;
        }
        let mut run = run(&bytes[..line.end], at)?;
        let start = offset.as_ref().map_or(at, |(_, before)| line.start + before);
        let offset = offset.map(|(offset, _)| offset);
        let (mut sure, mut end, mut torn) = (false, run.ends.last()?.1, Vec::new());
        for (count, behind) in run.ends.iter().rev().take(ENDS_MAX) {
            if *count < BYTES_MIN && offset.is_none() {
                break;
            }
            let column = column::behind(text, &run.cells[..*count], *behind..line.end)
                .filter(|column| offset.is_some() || !matches!(column.torn, Some((0, _))));
            if let Some(column) = column {
                run.cells.truncate(*count);
                for (cell, shown) in run.cells.iter_mut().zip(column.shown) {
                    cell.shown = shown;
                }
                if let Some((first, shown)) = column.torn {
                    let close = run.cells.last().map_or(at, |cell| cell.group.end);
                    torn = vec![run.cells[first].group.start..close, shown];
                    run.cells.truncate(first);
                }
                (sure, end) = (true, column.end);
                break;
            }
        }
        let count = run.cells.len();
        let lettered = || bytes[at..end].iter().any(|byte| byte.is_ascii_alphabetic());
        let alone = run.groups > 1 || text[line.clone()].trim().len() == end - at;
        let bare = match offset {
            Some(_) => count >= BYTES_MIN || count > 0 && text[end..line.end].trim().is_empty(),
            None => {
                alone && (count >= BARE_BYTES_MIN && lettered() || records::opening(&run.cells) == Some(0))
            }
        };
        if !sure && !bare {
            // A few groups may be an offset and what stands before it; many are looked at once.
            let end = if count < BARE_BYTES_MIN { at } else { end };
            return Some(Read { row: None, cells: Vec::new(), torn, end });
        }
        let hides = run.cells.iter().any(|cell| cell.byte.is_none());
        let (span, is_torn) = (start..end, !torn.is_empty());
        let row = Row { line: 0, offset, span, count, hides, shape: run.shape, sure, torn: is_torn };
        Some(Read { row: Some(row), cells: run.cells, torn, end })
    }
}

/// The groups from `start` on: as wide as the first, but for the last, and parted alike.
fn run(bytes: &[u8], start: usize) -> Option<Run> {
    let mut run = Run { cells: Vec::new(), ends: Vec::new(), shape: (0, 0), groups: 0 };
    let mut at = start;
    loop {
        let first = run.cells.len();
        let mut hides = false;
        while let Some(cell) = cell(bytes, at) {
            at = cell.group.end;
            hides |= cell.byte.is_none();
            run.cells.push(cell);
        }
        let count = run.cells.len() - first;
        let whole = count > 0
            && !bytes.get(at).is_some_and(|byte| is_joined(*byte) && !bytes[at..].starts_with(b"..."));
        let (width, sign) = run.shape;
        let short = !hides
            && count < width
            && matches!(
                bytes.get(at..).unwrap_or_default(),
                [] | [b' ', b' ' | b'|', ..] | [b'|' | b'\r', ..]
            );
        if !whole || width > 0 && count != width && !hides && !short {
            run.cells.truncate(first);
            break;
        }
        run.groups += 1;
        if width == 0 && !hides {
            run.shape.0 = count;
        }
        let gap = match bytes.get(at) {
            Some(b' ') => bytes[at..].iter().take(GAP_MAX + 1).take_while(|byte| **byte == b' ').count(),
            Some(b':' | b'-') => 1,
            _ => 0,
        };
        let next = bytes.get(at).copied().unwrap_or(0);
        let wide = run.shape.0 <= 1;
        // OpenSSL has a hyphen in the middle of a row.
        let middle = sign == b' ' && next == b'-' && run.cells.len() == FULL_MULTIPLE;
        let parted = gap > 0
            && gap <= if wide { GAP_MAX } else { 1 }
            && (next == b' ' || wide)
            && (sign == 0 || sign == next || middle);
        if short || !parted || cell(bytes, at + gap).is_none() || run.cells.len() >= BYTES_MAX {
            run.ends.push((run.cells.len(), at));
            break;
        }
        if gap > 1 {
            run.ends.push((run.cells.len(), at));
        }
        if !middle {
            run.shape.1 = next;
        }
        at += gap;
    }
    // The last group may have been none: what is before it counts.
    if let Some(last) = run.cells.last().map(|cell| cell.group.end)
        && run.ends.last().is_none_or(|(count, _)| *count != run.cells.len())
    {
        run.ends.push((run.cells.len(), last));
    }
    work::add(run.cells.len());
    (!run.cells.is_empty()).then_some(run)
}

/// One byte, or what was replaced.
pub(super) fn cell(bytes: &[u8], at: usize) -> Option<Cell> {
    let digit = |at: usize| bytes.get(at).and_then(|byte| char::from(*byte).to_digit(16));
    let (byte, end) = match (digit(at), digit(at + 1)) {
        (Some(high), Some(low)) => (Some((high * 16 + low) as u8), at + 2),
        _ => (None, protect::placeholder_at(bytes, at)?),
    };
    Some(Cell { byte, group: at..end, shown: 0..0 })
}

/// `00000010  `, `0x0010:  `, `|00000010| `, `0010 - `: what a row before `at` says of its place, and where that begins.
fn offset(line: &[u8], at: usize) -> Option<(u64, usize)> {
    const SIGNS_MAX: usize = 8;
    let signs = line[..at]
        .iter()
        .rev()
        .take(SIGNS_MAX)
        .take_while(|byte| matches!(byte, b' ' | b'\t' | b'|' | b'-' | b':'));
    let end = at - signs.count();
    let digits = line[..end]
        .iter()
        .rev()
        .take(OFFSET_DIGITS_MAX + 1)
        .take_while(|byte| byte.is_ascii_hexdigit())
        .count();
    let mut start = end - digits;
    if end == at || !(OFFSET_DIGITS_MIN..=OFFSET_DIGITS_MAX).contains(&digits) {
        return None;
    }
    let value = line[start..end]
        .iter()
        .fold(0, |value, digit| value << 4 | u64::from(char::from(*digit).to_digit(16).unwrap_or(0)));
    if line[..start].ends_with(b"0x") {
        start -= 2;
    }
    if start > 0 && is_joined(line[start - 1]) {
        return None;
    }
    start -= usize::from(line[..start].ends_with(b"|"));
    Some((value, start))
}
