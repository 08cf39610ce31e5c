//! Values in the order of columns, as databases print them: `Key (a, b)=(x, y)`, `INSERT … VALUES (…)`, rows that
//! failed. A value that no column names goes, unless it is a word or number of machines.

use std::ops::Range;

use super::content::{is_operational, is_scale};
use crate::phi::{
    class::Class,
    cues::KeyClass,
    rules::places::street::is_street_word,
    structure::{Edit, Reader, field_class, pairs, words},
};

/// How far before a row its table and index are named.
const CLAUSE_BYTES_MAX: usize = 160;

impl Reader<'_> {
    /// `Key (email, born)=(X, Y) already exists.`: columns and values in the same order. Returns where the values end.
    pub(super) fn key_detail(
        &mut self,
        text: &str,
        open: usize,
        depth: u8,
        out: &mut Vec<Edit>,
    ) -> Option<usize> {
        let columns = parenthesised(text, open)?;
        let sign = text.as_bytes()[columns.end..].iter().take(5).position(|byte| *byte == b'=')?;
        let values = columns.end + sign + 1;
        let values = parenthesised(text, values + usize::from(text[values..].starts_with('(')))
            .filter(|inner| inner.start > values)?;
        let names: Vec<&str> = text[columns].split(',').map(column_name).collect();
        let end = values.end;
        self.row_of(text, values, &names, depth, out);
        Some(end)
    }

    /// Values in the order of columns; the last column takes what is left, since values may hold commas.
    fn row_of(&mut self, text: &str, row: Range<usize>, names: &[&str], depth: u8, out: &mut Vec<Edit>) {
        let mut values = row_values(text, row.clone());
        if let (Some(first), true) =
            (values.get(names.len().saturating_sub(1)).cloned(), names.len() < values.len())
        {
            values.truncate(names.len());
            if let Some(last) = values.last_mut() {
                *last = first.start..row.end;
            }
        }
        // What has releases is no person: `(name, version)=(AdaScreen, 2.14.0)`.
        let of_artifact = names.iter().position(|name| *name == "version").is_some_and(|at| {
            values.get(at).is_some_and(|version| text[version.clone()].contains('.'))
                && names.iter().all(|name| *name == "name" || !matches!(field_class(name), KeyClass::Phi(_)))
        });
        for (value, name) in values.into_iter().zip(names) {
            match field_class(name) {
                _ if of_artifact && *name == "name" => {}
                KeyClass::Phi(class) => self.held(text, value, class, depth, out),
                KeyClass::Safe => {}
                _ if is_of_vocabulary(name) || is_year(name, &text[value.clone()]) => {}
                _ if is_stamp(name, &text[value.clone()]) => {}
                _ if of_artifact && is_day(&text[value.clone()]) => {}
                _ => self.unnamed(text, value, out),
            }
        }
    }

    /// A row whose columns are not named: whatever is no plain word of a machine goes.
    pub(super) fn row(&mut self, text: &str, open: usize, out: &mut Vec<Edit>) {
        let Some(row) = parenthesised(text, open) else { return };
        // `in object 'dbo.DeviceModel'. The duplicate key value is (W1DR01).`
        let floor = text.ceil_char_boundary(open.saturating_sub(CLAUSE_BYTES_MAX));
        if ["Code'", "Codes'", "Model'", "_code'", "_codes'"]
            .iter()
            .any(|end| text[floor..open].contains(end))
        {
            return;
        }
        let (mut before, first) = ("", out.len());
        // How many values ago there was a street.
        let mut street = usize::MAX;
        for value in row_values(text, row) {
            let content = &text[value.clone()];
            street = if is_house(content) { 0 } else { street.saturating_add(1) };
            // `'3 Quarry Bank','AR','7263'`: behind a place its state, and a code that lost its leading zero.
            if (out.len() > first && is_state(before) || (1..=4).contains(&street))
                && is_short_number(content)
            {
                out.push(Edit::likely(value, Class::Geo, "value.postcode"));
            } else {
                self.unnamed(text, value, out);
            }
            before = content;
        }
    }

    /// A value that nothing names: gone, unless it is a word or number of machines.
    pub(in crate::phi::structure) fn unnamed(
        &mut self,
        text: &str,
        value: Range<usize>,
        out: &mut Vec<Edit>,
    ) {
        let content = &text[value.clone()];
        if is_operational(content)
            || is_scale(content)
            || words::is_type_of_resource(content)
            || crate::phi::names::is_edition(content)
        {
            return;
        }
        let class = if content.contains('@') {
            Class::Email
        } else if is_day(content) {
            Class::Date
        } else if content.bytes().filter(u8::is_ascii_digit).count() >= 6 {
            Class::OtherId
        } else if crate::phi::names::is_name_like(content) {
            Class::Name
        } else {
            Class::Clinical
        };
        out.push(Edit::likely(value, class, "value.unnamed"));
    }

    /// `INSERT INTO t (columns) VALUES (values), (values)`.
    pub(super) fn insert(&mut self, text: &str, from: usize, depth: u8, out: &mut Vec<Edit>) {
        // `INSERT INTO addr VALUES('…')`: no column says what a value is.
        let head =
            text[from..].get(..text[from..].floor_char_boundary(80)).unwrap_or_default().to_ascii_lowercase();
        if let Some(values) = head.find("values").filter(|values| !head[..*values].contains('(')) {
            let rest = &text[from + values + "values".len()..];
            if let Some(open) = rest.trim_start().strip_prefix('(') {
                self.row(text, text.len() - open.len(), out);
            }
            return;
        }
        let Some(open) = text[from..].find('(').filter(|offset| *offset <= 120) else { return };
        let Some(columns) = parenthesised(text, from + open + 1) else { return };
        let names: Vec<&str> = text[columns.clone()].split(',').map(column_name).collect();
        let rest = &text[columns.end..];
        let Some(values) = rest
            .get(..rest.floor_char_boundary(16))
            .and_then(|head| head.to_ascii_lowercase().find("values"))
        else {
            return;
        };
        let mut at = columns.end + values + "values".len();
        for _ in 0..64 {
            let rest = text[at..].trim_start_matches([' ', ',', '\n', '\r', '\t']);
            if !rest.starts_with('(') {
                return;
            }
            let Some(row) = parenthesised(text, text.len() - rest.len() + 1) else { return };
            at = (row.end + 1).min(text.len());
            let marked = words::is_bind(text[row.clone()].split(',').next().unwrap_or_default().trim());
            self.row_of(text, row, &names, depth, out);
            // `… VALUES (%s,%s)', ('C-20931', 'Jane Doe'))`: what was bound to them, as Python prints it.
            let behind =
                text[at..].trim_start_matches(['\'', '"', ';']).strip_prefix(", (").filter(|_| marked);
            if let Some(bound) = behind.and_then(|rest| parenthesised(text, text.len() - rest.len())) {
                for (value, column) in row_values(text, bound).into_iter().zip(&names) {
                    match field_class(column) {
                        KeyClass::Phi(class) if !text[value.clone()].contains(['(', ')']) => {
                            self.held(text, value, class, depth, out);
                        }
                        _ => {}
                    }
                }
                return;
            }
        }
    }
}

pub(in crate::phi::structure) fn column_name(column: &str) -> &str {
    column
        .trim()
        .trim_start_matches("lower(")
        .trim_matches(['"', '`', '\'', '[', ']', '(', ')', '\\'])
        .split("::")
        .next()
        .unwrap_or("")
}

/// The inside of the parentheses whose first inner byte is at `from`. Strings in quotes may hold parentheses.
pub(in crate::phi::structure) fn parenthesised(text: &str, from: usize) -> Option<Range<usize>> {
    (from <= text.len()).then(|| enclosed(text, from, *b"()"))
}

/// The inside of what `open` and `close` enclose, from its first byte on.
pub(super) fn enclosed(text: &str, from: usize, [open, close]: [u8; 2]) -> Range<usize> {
    let bytes = text.as_bytes();
    let mut level = 1;
    let mut quote = None;
    for (at, byte) in bytes.iter().enumerate().skip(from).take(16 * 1024) {
        match (quote, byte) {
            (None, b'\'' | b'"') if at == from || !bytes[at - 1].is_ascii_alphanumeric() => {
                quote = Some(*byte)
            }
            (Some(open), byte) if *byte == open => quote = None,
            (None, byte) if *byte == open => level += 1,
            (None, byte) if *byte == close => {
                level -= 1;
                if level == 0 {
                    return from..at;
                }
            }
            _ => {}
        }
    }
    // Cut short, or an apostrophe taken for a quote: up to the last closing one of the line, else to its end.
    let line_end = memchr::memchr(b'\n', &bytes[from..]).map_or(text.len(), |len| from + len);
    let end = memchr::memrchr(close, &bytes[from..line_end]).map_or(line_end, |len| from + len);
    from..end
}

/// The values of a row, quotes taken off, split at commas outside quotes and brackets.
pub(super) fn row_values(text: &str, row: Range<usize>) -> Vec<Range<usize>> {
    let bytes = text.as_bytes();
    let mut values = Vec::new();
    let mut at = row.start;
    while at < row.end && values.len() < 256 {
        while at < row.end && bytes[at] == b' ' {
            at += 1;
        }
        if let Some(inner) = pairs::quoted_value(&text[..row.end], at) {
            let next = (inner.end + 1).min(row.end);
            values.push(inner);
            at = memchr::memchr(b',', &bytes[next..row.end]).map_or(row.end, |len| next + len) + 1;
            continue;
        }
        let mut level = 0;
        let end = (at..row.end)
            .find(|&i| {
                match bytes[i] {
                    b'(' | b'[' | b'{' => level += 1,
                    b')' | b']' | b'}' => level -= 1,
                    _ => {}
                }
                bytes[i] == b',' && level <= 0
            })
            .unwrap_or(row.end);
        let trimmed = text[at..end].trim_end().len();
        values.push(at..at + trimmed);
        at = end + 1;
    }
    values
}

/// `1964-08-11`
fn is_day(content: &str) -> bool {
    content.len() == 10
        && content
            .bytes()
            .enumerate()
            .all(|(at, byte)| if matches!(at, 4 | 7) { byte == b'-' } else { byte.is_ascii_digit() })
}

/// `updated` = `1763712000123`: when a row was written, in seconds or milliseconds of the epoch up to 2033. No number of a
/// telephone begins with 1.
fn is_stamp(column: &str, content: &str) -> bool {
    let column = column.to_ascii_lowercase();
    let last = column.rsplit('_').next().unwrap_or("");
    let of_time = matches!(
        last,
        "ts" | "timestamp"
            | "at"
            | "time"
            | "updated"
            | "created"
            | "modified"
            | "inserted"
            | "deleted"
            | "expires"
            | "writetime"
    );
    of_time
        && matches!(content.len(), 10 | 13)
        && content.starts_with('1')
        && content.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_state(content: &str) -> bool {
    matches!(content.len(), 2 | 3) && content.bytes().all(|byte| byte.is_ascii_uppercase())
}

fn is_short_number(content: &str) -> bool {
    matches!(content.len(), 4 | 5) && content.bytes().all(|byte| byte.is_ascii_digit())
}

/// `2906 Tamarack Hollow Rd`, `Lindenstr. 14`: a number, and words of which one is a kind of street.
fn is_house(content: &str) -> bool {
    let mut words = content.split(' ');
    let (Some(first), Some(last)) = (words.next(), words.next_back()) else { return false };
    let is_number =
        |word: &str| (1..=6).contains(&word.len()) && word.starts_with(|c: char| c.is_ascii_digit());
    let is_street = |word: &str| {
        let word = word.trim_end_matches(['.', ',']);
        word.ends_with("str") || is_street_word(word.as_bytes())
    };
    (is_number(first) || is_number(last)) && content.split(' ').any(is_street)
}

/// A column of codes.
fn is_of_vocabulary(column: &str) -> bool {
    const COLUMNS: [&str; 8] = [
        "code",
        "concept_code",
        "plan_code",
        "product_code",
        "procedure_code",
        "diagnosis_code",
        "sku",
        "model",
    ];
    COLUMNS.iter().any(|known| column.eq_ignore_ascii_case(known))
}

/// `effective_year` 2027
fn is_year(column: &str, value: &str) -> bool {
    column.to_ascii_lowercase().ends_with("year")
        && value.len() == 4
        && value.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_of_times_is_told_from_one_that_only_ends_alike() {
        for (column, content) in
            [("ts", "1763712000123"), ("updated_at", "1763712000"), ("LAST_UPDATED", "1763712000")]
        {
            assert!(is_stamp(column, content), "{column}");
        }
        for (column, content) in [
            ("recipients", "1125550143"),
            ("contacts", "1763712000123"),
            ("patients", "1763712000"),
            ("ts", "2125550143"),
        ] {
            assert!(!is_stamp(column, content), "{column}");
        }
    }
}
