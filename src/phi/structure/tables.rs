//! Tables with a header: CSV, tab-separated, Markdown, and what `psql`, pandas and the like print. A column is the key of
//! every cell below it.
//!
//! Owns where a table begins and how its lines part into cells. A line is a header if at least two of its cells name
//! fields of a person, or one behind the word `CSV:`.

use std::ops::Range;

use super::{Edit, Reader, field_class, phi, words};
use crate::phi::class::Class;

const COLUMNS_MAX: usize = 64;
const ROWS_MAX: usize = 512;
/// A longer line is no header.
const HEADER_BYTES_MAX: usize = 1024;
/// A longer cell is no name of a column.
const LABEL_BYTES_MAX: usize = 40;

/// What parts the cells of one table.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sign {
    Byte(u8),
    /// Two blanks or more.
    Blanks,
}

impl Reader<'_> {
    /// Reads the tables of a text of several lines.
    pub(super) fn tables(&mut self, text: &str, depth: u8, out: &mut Vec<Edit>) {
        let mut at = 0;
        let mut table: Option<(Sign, Vec<Option<Class>>)> = None;
        let mut rows = 0;
        while at < text.len() {
            let end = memchr::memchr(b'\n', &text.as_bytes()[at..]).map_or(text.len(), |len| at + len);
            let line = at..end;
            at = end + 1;
            if let Some((sign, columns)) = &table {
                if is_rule(&text[line.clone()]) {
                    continue;
                }
                let cells = cells(text, line.clone(), *sign);
                // pandas numbers its rows.
                let skip = usize::from(*sign == Sign::Blanks && cells.len() == columns.len() + 1);
                if rows < ROWS_MAX && cells.len() >= columns.len() {
                    rows += 1;
                    for (cell, class) in cells.into_iter().skip(skip).zip(columns) {
                        if let Some(class) = class
                            && !words::is_type_word(&text[cell.clone()])
                        {
                            self.held(text, cell, *class, depth, out);
                        }
                    }
                    continue;
                }
            }
            table = header(text, line);
            rows = 0;
        }
    }
}

/// The columns that a line names, if it is a header.
fn header(text: &str, line: Range<usize>) -> Option<(Sign, Vec<Option<Class>>)> {
    let content = &text[line.clone()];
    if content.len() > HEADER_BYTES_MAX || content.len() < 8 {
        return None;
    }
    let sign = [Sign::Byte(b'|'), Sign::Byte(b'\t'), Sign::Byte(b';'), Sign::Byte(b','), Sign::Blanks]
        .into_iter()
        .find(|sign| match sign {
            Sign::Byte(byte) => memchr::memchr(*byte, content.as_bytes()).is_some(),
            Sign::Blanks => content.trim().contains("  "),
        })?;
    let mut columns = Vec::new();
    let mut enough = 2;
    for cell in cells(text, line, sign) {
        let mut label = text[cell].trim();
        // What leads up to the first column: `invalid CSV: first_name,last_name`.
        if columns.is_empty()
            && let Some((lead, last)) = label.rsplit_once([' ', ':'])
        {
            let lead = lead.trim_end_matches([' ', ':']);
            let announced = lead.len() >= 3
                && lead.is_char_boundary(lead.len() - 3)
                && lead[lead.len() - 3..].eq_ignore_ascii_case("csv");
            if announced {
                enough = 1;
            }
            if announced || phi(field_class(last)).is_some() {
                label = last;
            }
        }
        let named = label.len() <= LABEL_BYTES_MAX
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b >= 0x80 || b"_-. #/()".contains(&b))
            && !label.bytes().all(|b| b.is_ascii_digit() || b == b' ');
        if !(named || label.is_empty()) {
            return None;
        }
        columns.push(phi(field_class(label)));
    }
    (columns.iter().flatten().count() >= enough).then_some((sign, columns))
}

/// `|---|:--:|`, `-----+-----`.
fn is_rule(line: &str) -> bool {
    line.contains("--") && line.bytes().all(|b| b"-+|: =\r\t".contains(&b))
}

/// The cells of a line, without blanks and quotes.
fn cells(text: &str, line: Range<usize>, sign: Sign) -> Vec<Range<usize>> {
    let bytes = text.as_bytes();
    let mut line = line;
    if sign == Sign::Byte(b'|') {
        // The bars at the edges part nothing.
        line = trimmed(text, line);
        line.start += usize::from(bytes[line.clone()].starts_with(b"|"));
        line.end -= usize::from(line.end > line.start && bytes[line.clone()].ends_with(b"|"));
    }
    let mut found = Vec::new();
    let mut at = line.start;
    while at <= line.end && found.len() < COLUMNS_MAX {
        let (end, next) = match sign {
            Sign::Byte(byte) => {
                let mut from = at;
                if bytes[at..line.end].trim_ascii_start().starts_with(b"\"") {
                    let open = at + bytes[at..line.end].iter().position(|b| *b == b'"').unwrap_or(0);
                    from = memchr::memchr(b'"', &bytes[open + 1..line.end])
                        .map_or(line.end, |len| open + 2 + len);
                }
                let end = memchr::memchr(byte, &bytes[from..line.end]).map_or(line.end, |len| from + len);
                (end, end + 1)
            }
            Sign::Blanks => {
                at = line.end - bytes[at..line.end].trim_ascii_start().len();
                if at == line.end {
                    break;
                }
                let end = text[at..line.end].find("  ").map_or(line.end, |len| at + len);
                (end, if end == line.end { end + 1 } else { end })
            }
        };
        let mut cell = trimmed(text, at..end);
        if cell.len() >= 2
            && matches!(bytes[cell.start], b'"' | b'\'')
            && bytes[cell.end - 1] == bytes[cell.start]
        {
            cell = cell.start + 1..cell.end - 1;
        }
        found.push(cell);
        at = next;
    }
    found
}

fn trimmed(text: &str, span: Range<usize>) -> Range<usize> {
    let content = &text[span.clone()];
    let start = span.start + content.len() - content.trim_start().len();
    start..start.max(span.start + content.trim_end().len())
}
