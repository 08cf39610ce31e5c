//! Parameters that were bound to a statement: `parameters: $1 = 'X'`, `params: ["X"]`, `binding parameter (2:VARCHAR) <- [X]`.
//! Where the statement stands before them, the column that a parameter is for says what it is.

use std::ops::Range;

use super::rows::{enclosed, parenthesised, row_values};
use crate::phi::{
    cues::KeyClass,
    structure::{
        Edit, Kind, Reader, Tape, field_class, pairs, span_of,
        statement::{Statement, mark_name},
        words,
    },
};

/// Bytes of a list of columns and their values.
const LIST_BYTES_MAX: usize = 16 * 1024;

impl Reader<'_> {
    /// `parameters: $1 = 'X', $2 = 'Y'` and `params: ["X", "Y"]`: user data without names. Returns where it ends.
    pub(super) fn bound(&mut self, text: &str, from: usize, depth: u8, out: &mut Vec<Edit>) -> usize {
        let bytes = text.as_bytes();
        // `variable ARGS:user`: a name goes on there, and no list begins.
        if text[..from].ends_with(':') && bytes.get(from).is_some_and(u8::is_ascii_alphanumeric) {
            return from;
        }
        let end = memchr::memchr(b'\n', &bytes[from..]).map_or(text.len(), |len| from + len);
        // `binding parameter [1] as [VARCHAR] - [X]`
        if text[..from].ends_with("parameter") {
            let mut how = from;
            while let Some(found) = text[how..end].find("- [") {
                let start = how + found + 3;
                // Others may follow: `(3:VARCHAR) <- [X]; (4:VARCHAR) <- [Y]`.
                let next = text[start..end].find("]; (").map(|len| start + len);
                let close = next
                    .or_else(|| memchr::memrchr(b']', &bytes[start..end]).map(|len| start + len))
                    .unwrap_or(end);
                self.bound_to(text, how..how + found, start..close, depth, out);
                how = close;
            }
        }
        // `column index 1, parameter value [X], value class [java.lang.String]`
        if text[..from].ends_with("parameter value [") {
            let close = memchr::memchr(b']', &bytes[from..end]).map_or(end, |len| from + len);
            self.unnamed(text, from..close, out);
            return close;
        }
        if let Some(end) = self.bound_rows(text, from, depth, out) {
            return end;
        }
        if text[..from].ends_with("args=") {
            return from; // Beside no statement anything is called so.
        }
        let statement = statement_of(text, from);
        let (mut at, mut nth) = (from, 0);
        while let Some(found) = memchr::memchr2(b'\'', b'"', &bytes[at..end]) {
            let open = at + found;
            let Some(inner) = pairs::quoted_value(&text[..end], open) else { break };
            at = (inner.end + 1).min(end);
            // `"commit"=>"Save"`: a hash has keys of its own.
            let hashed = bytes[at..].starts_with(b"=>")
                || bytes[at..].starts_with(b" =>")
                || text[..open].trim_end().ends_with("=>");
            let content = &text[inner.clone()];
            let minted = bytes[at..].starts_with(b" (DbType = Int") && is_small_number(content);
            let column = match own_mark(&text[from..open]) {
                Some(name) => statement.named(name),
                None => statement.nth(nth),
            };
            nth += 1;
            if hashed || bytes[at..].starts_with(b":") {
                continue;
            }
            if column.is_some() {
                self.in_column(text, inner, column, depth, out);
            } else if !(inner.is_empty()
                || minted
                || has_harmless_key(&text[from..open])
                || words::is_field_name(content))
            {
                self.unnamed(text, inner, out);
            }
        }
        end
    }

    /// `parameters: ('X', -37.90213)`, `parameters: [('X', 1), ('Y', 2)]`, `params=["X", 37128]`, `args=[X 37128]`: values in the order
    /// of the columns that the statement before them names. Returns where they end; `None` if no statement says what they are for.
    fn bound_rows(&mut self, text: &str, from: usize, depth: u8, out: &mut Vec<Edit>) -> Option<usize> {
        let rest = text[from..].trim_start_matches(' ');
        let begin = text.len() - rest.len();
        let (open, many) = match rest.as_bytes() {
            [b'[', b'(', ..] => (begin + 1, true),
            [b'(', ..] => (begin, false),
            [b'[', ..] => return self.bound_list(text, begin + 1, depth, out),
            _ if text[..from].ends_with('[') => return self.bound_list(text, begin, depth, out),
            _ => return None,
        };
        let statement = Statement::last_of(&text[..from]);
        if statement.says_nothing() {
            return None;
        }
        let mut at = open;
        while text[at..].starts_with('(') {
            let row = parenthesised(text, at + 1)?;
            at = row.end.saturating_add(1).min(text.len());
            for (value, column) in row_values(text, row).into_iter().zip(statement.columns()) {
                self.in_column(text, value, column, depth, out);
            }
            match text[at..].strip_prefix(", ").filter(|_| many) {
                Some(next) => at = text.len() - next.len(),
                None => break,
            }
        }
        Some(at)
    }

    /// The values of a list in brackets from its first byte on; Go parts them by blanks.
    fn bound_list(&mut self, text: &str, from: usize, depth: u8, out: &mut Vec<Edit>) -> Option<usize> {
        let statement = Statement::last_of(&text[..from]);
        if statement.says_nothing() || text[from..].starts_with(['@', '$', ':']) {
            return None;
        }
        let list = enclosed(text, from, [b'[', b']']);
        let end = list.end;
        let mut values = row_values(text, list.clone());
        if !text[list.clone()].contains([',', '"', '\'']) {
            let words = text[list].split(' ').filter(|word| !word.is_empty());
            values = words.map(|word| span_of(text, word)).collect();
        }
        for (value, column) in values.into_iter().zip(statement.columns()) {
            self.in_column(text, value, column, depth, out);
        }
        Some(end)
    }

    /// `[["last_name", "X"], ["dob", "Y"], [nil, "Z"]]` from its first bracket, as ActiveRecord writes what was bound: values
    /// beside their columns, behind the statement. Returns where it ends.
    pub(super) fn bound_beside(&mut self, text: &str, from: usize, depth: u8, out: &mut Vec<Edit>) -> usize {
        let statement = Statement::last_of(&text[..from]);
        if statement.columns().next().is_none() {
            return from;
        }
        let window = &text[from..text.floor_char_boundary((from + LIST_BYTES_MAX).min(text.len()))];
        let tape = Tape::read(window);
        let Some(list) = tape.tokens.first().filter(|list| list.kind == Kind::Array) else { return from };
        let last = list.close.min(tape.tokens.len());
        let (mut at, mut nth) = (1, 0);
        while at < last {
            let [_, name, value, end] = tape.tokens[at..].get(..4).unwrap_or_default() else { break };
            if value.kind == Kind::Str && end.kind == Kind::End {
                let span = from + value.start..from + value.end;
                let column = match name.kind {
                    Kind::Str => Some(&window[name.start..name.end]),
                    _ => statement.nth(nth),
                };
                self.in_column(text, span, column, depth, out);
            }
            nth += 1;
            at = tape.after(at);
        }
        from + tape.tokens.get(last).map_or(window.len(), |end| end.end)
    }

    /// A value of the column that a statement or a list names; one that none names goes if it stands in quotes.
    fn in_column(
        &mut self,
        text: &str,
        span: Range<usize>,
        column: Option<&str>,
        depth: u8,
        out: &mut Vec<Edit>,
    ) {
        let quoted = text[..span.start].ends_with(['\'', '"']);
        match column.map(field_class) {
            Some(KeyClass::Phi(class)) if span.len() > 1 => self.held(text, span, class, depth, out),
            Some(KeyClass::Phi(_) | KeyClass::Safe) => {}
            _ if quoted && !words::is_field_name(&text[span.clone()]) => self.unnamed(text, span, out),
            _ => {}
        }
    }

    /// The value at `span` that is bound as `how` says: `(3:BIGINT) <`, `[1] as [VARCHAR] `.
    fn bound_to(
        &mut self,
        text: &str,
        how: Range<usize>,
        span: Range<usize>,
        depth: u8,
        out: &mut Vec<Edit>,
    ) {
        let number = text[how.clone()].split(|c: char| !c.is_ascii_digit()).find(|digits| !digits.is_empty());
        let nth = number.and_then(|digits| digits.parse::<usize>().ok()?.checked_sub(1));
        match nth.and_then(|nth| Statement::last_of(&text[..how.start]).nth(nth)).map(field_class) {
            Some(KeyClass::Phi(class)) => self.held(text, span, class, depth, out),
            Some(KeyClass::Safe) => {}
            _ if is_integer(&text[how]) && is_small_number(&text[span.clone()]) => {}
            _ => self.unnamed(text, span, out),
        }
    }
}

/// `params: { code: 'G20', cursor: '91…' }`: does what leads up to a value end in a key that says it is nobody's? One that only
/// says nothing (`id`, `records`) may hold anybody's.
fn has_harmless_key(before: &str) -> bool {
    let key = before.strip_suffix(": ").or_else(|| before.strip_suffix('=')).unwrap_or_default();
    let key = key.rsplit(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).next().unwrap_or_default();
    #[rustfmt::skip] // Rows of words, not one a line.
    const HARMLESS: [&str; 27] = [
        "action", "code", "controller", "count", "cursor", "format", "include", "kind", "lang", "limit", "locale", "method", "offset",
        "order", "page", "pagesize", "perpage", "profile", "size", "sort", "sortby", "status", "system", "token", "type", "utf8",
        "version",
    ];
    let key = key.replace('_', "").to_ascii_lowercase();
    HARMLESS.contains(&key.as_str())
}

/// The statement whose values begin at `from`; Entity Framework writes it behind them.
fn statement_of(text: &str, from: usize) -> Statement<'_> {
    let before = Statement::last_of(&text[..from]);
    if !before.says_nothing() {
        return before;
    }
    let behind = &text[from..text.floor_char_boundary((from + LIST_BYTES_MAX).min(text.len()))];
    memchr::memmem::find(behind.as_bytes(), b"CommandType=")
        .map_or(before, |at| Statement::first_of(&text[from + at..]))
}

/// `$2 = `, `@p1=`: the mark that the value behind is bound to.
fn own_mark(before: &str) -> Option<&str> {
    let key = before.trim_end_matches(' ').strip_suffix('=')?.trim_end_matches(' ');
    let name = &key[key.rfind(['$', '@', ':'])?..];
    mark_name(name).filter(|mark| mark.len() == name.len())
}

/// Is it bound as a whole number?
fn is_integer(how: &str) -> bool {
    const TYPES: [&str; 8] = ["BIGINT", "INTEGER", "INT", "SMALLINT", "TINYINT", "INT8", "INT4", "LONG"];
    how.split(|c: char| !c.is_ascii_alphanumeric())
        .any(|word| TYPES.iter().any(|known| word.eq_ignore_ascii_case(known)))
}

/// Too short for the number of anybody's telephone, policy or record.
fn is_small_number(content: &str) -> bool {
    content.len() < 7 && content.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_whole_numbers_are_nobodys() {
        assert!(is_integer(" (3:BIGINT) <") && !is_integer(" [4] as [VARCHAR] "));
        assert!(is_small_number("512555") && !is_small_number("5125550143"));
    }
}
