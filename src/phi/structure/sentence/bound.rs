//! Parameters that were bound to a statement: `parameters: $1 = 'X'`, `params: ["X"]`, `binding parameter (2:VARCHAR) <- [X]`.
//! Where the statement stands before them, the column that a parameter is for says what it is.

use std::ops::Range;

use super::rows::{column_name, parenthesised, row_values};
use crate::phi::{
    cues::KeyClass,
    structure::{Edit, Kind, Reader, Tape, field_class, pairs, words},
};

/// Parameters of one statement that are looked at.
const PARAMETERS_MAX: usize = 256;
/// Bytes of a list of columns and their values.
const LIST_BYTES_MAX: usize = 16 * 1024;
/// How far before a parameter its statement may begin.
const STATEMENT_BYTES_MAX: usize = 4096;

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
        if let Some(end) = self.bound_rows(text, from, depth, out) {
            return end;
        }
        let mut at = from;
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
            if inner.start < inner.end
                && !(hashed || minted || bytes[at..].starts_with(b":") || has_harmless_key(&text[from..open]))
                && !words::is_field_name(content)
            {
                self.unnamed(text, inner, out);
            }
        }
        end
    }

    /// `parameters: ('X', -37.90213)`, `parameters: [('X', 1), ('Y', 2)]`: rows of values in the order of the columns that the
    /// statement before them names. Returns where they end; `None` if no statement says what they are for.
    fn bound_rows(&mut self, text: &str, from: usize, depth: u8, out: &mut Vec<Edit>) -> Option<usize> {
        let rest = text[from..].trim_start_matches(' ');
        let (open, many) = match rest.as_bytes() {
            [b'[', b'(', ..] => (text.len() - rest.len() + 1, true),
            [b'(', ..] => (text.len() - rest.len(), false),
            _ => return None,
        };
        let columns = columns_of(&text[..from]);
        if columns.iter().all(Option::is_none) {
            return None;
        }
        let mut at = open;
        while text[at..].starts_with('(') {
            let row = parenthesised(text, at + 1)?;
            at = row.end.saturating_add(1).min(text.len());
            for (value, column) in row_values(text, row).into_iter().zip(&columns) {
                self.in_column(text, value, *column, depth, out);
            }
            match text[at..].strip_prefix(", ").filter(|_| many) {
                Some(next) => at = text.len() - next.len(),
                None => break,
            }
        }
        Some(at)
    }

    /// `[["last_name", "X"], ["dob", "Y"], [nil, "Z"]]` from its first bracket, as ActiveRecord writes what was bound: values
    /// beside their columns, behind the statement. Returns where it ends.
    pub(super) fn bound_beside(&mut self, text: &str, from: usize, depth: u8, out: &mut Vec<Edit>) -> usize {
        let columns = columns_of(&text[..from]);
        if columns.is_empty() {
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
                    _ => columns.get(nth).copied().flatten(),
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
        match column_of(&text[..how.start], &text[how.clone()]).map(field_class) {
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

/// The column that the parameter `how` speaks of is for, in the last statement of `before`.
fn column_of<'t>(before: &'t str, how: &str) -> Option<&'t str> {
    let nth: usize =
        how.split(|c: char| !c.is_ascii_digit()).find(|digits| !digits.is_empty())?.parse().ok()?;
    columns_of(before).get(nth.checked_sub(1)?).copied().flatten()
}

/// The columns that the parameters of the last statement of `before` are for, in their order:
/// `set status=?, version=?`, `(a, b) values ($1, $2)`.
fn columns_of(before: &str) -> Vec<Option<&str>> {
    let from = before.ceil_char_boundary(before.len().saturating_sub(STATEMENT_BYTES_MAX));
    let window = &before[from..];
    crate::phi::work::add(window.len());
    let lower = window.to_ascii_lowercase();
    let verbs = ["insert into ", "update ", "select ", "delete from "];
    let Some(start) = verbs.iter().filter_map(|verb| lower.rfind(verb)).max() else { return Vec::new() };
    // `values (?, (select …))`, `on conflict do update`: a part of a statement, whose parameters begin elsewhere.
    let leading = lower[..start].trim_end();
    // `Patient Load (1.1ms)  SELECT …`
    let timed = leading.ends_with("s)");
    if leading.ends_with(['(', ')']) && !timed
        || ["do", "key", "union", "all"].iter().any(|word| leading.ends_with(word))
    {
        return Vec::new();
    }
    let statement = &window[start..];
    if lower[start..].starts_with("insert") {
        return inserted(statement, &lower[start..]).unwrap_or_default();
    }
    marks(statement)
        .map(|(mark, _)| compared(statement, &lower[start..], mark))
        .take(PARAMETERS_MAX)
        .collect()
}

/// `insert into p (family, id) values (?, nextval('s'))`
fn inserted<'t>(statement: &'t str, lower: &str) -> Option<Vec<Option<&'t str>>> {
    let open = statement.find('(')?;
    let columns = parenthesised(statement, open + 1)?;
    let values = columns.end + lower[columns.end..].find("values")?;
    let list = values + statement[values..].find('(')?;
    let list = parenthesised(statement, list + 1)?;
    let names: Vec<&str> = statement[columns].split(',').map(column_name).collect();
    Some(marks(&statement[list]).map(|(_, place)| names.get(place).copied()).take(PARAMETERS_MAX).collect())
}

/// `id=?`, `lower(t.family) like ?`, `born between ? and ?`: the column before the mark of a parameter.
fn compared<'t>(statement: &'t str, lower: &str, mark: usize) -> Option<&'t str> {
    let words = statement[..mark].rsplit(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '.')));
    let mut words = words.filter(|word| !word.is_empty()).map(str::to_ascii_lowercase).peekable();
    // `id=? and ?=family`: what stands before is for another.
    if words.peek().is_some_and(|word| word == "and") && words.clone().nth(1).as_deref() != Some("between") {
        return None;
    }
    let skipped = ["like", "ilike", "in", "between", "and", "not", "lower", "upper"];
    let column = words.find(|word| !skipped.contains(&word.as_str()))?;
    let at = lower[..mark].rfind(&column)?;
    // `(family, id) = (?, ?)`: which of them it is for is not known.
    let gap = &statement[at + column.len()..mark];
    let of_several = gap.contains(')') && gap.contains('(');
    (!of_several).then(|| &statement[at..at + column.len()])
}

/// The marks of parameters (`?`, `$1`, `%s`) outside of quotes, each with how many commas of the outermost list stand before it.
fn marks(text: &str) -> impl Iterator<Item = (usize, usize)> + '_ {
    let (mut quote, mut level, mut place) = (None, 0i32, 0);
    text.bytes().enumerate().filter_map(move |(at, byte)| {
        let next = text.as_bytes().get(at + 1);
        match (quote, byte) {
            (Some(open), byte) if byte == open => quote = None,
            (Some(_), _) => {}
            (None, b'\'' | b'"' | b'`') => quote = Some(byte),
            (None, b'(') => level += 1,
            (None, b')') => level -= 1,
            (None, b',') if level == 0 => place += 1,
            (None, b'?') => return Some((at, place)),
            (None, b'$') if next.is_some_and(u8::is_ascii_digit) => return Some((at, place)),
            (None, b'%') if next == Some(&b's') => return Some((at, place)),
            _ => {}
        }
        None
    })
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
    fn a_parameter_is_for_the_column_at_its_place() {
        let update = "Hibernate: update appointment set status=?, version=? where id=? and family like ?\n";
        let insert = "Hibernate: insert into contact (patient_id, contact_name, tel) values (?, ?, ?)\n";
        for (statement, how, column) in [
            (update, " (3:BIGINT) <", Some("id")),
            (update, " [4] as [VARCHAR] ", Some("family")),
            (update, " (9:VARCHAR) <", None),
            (insert, " (2:VARCHAR) <", Some("contact_name")),
            ("no statement", " (2:VARCHAR) <", None),
            ("insert into p (id, family) values (nextval('s', 1), ?)", " [1] as ", Some("family")),
            ("insert into p (id, family) values ('a?, b', ?)", " [1] as ", Some("family")),
            ("insert into p (family, o) values (?, (select id from o where code=?))", " [1] as ", None),
            ("insert into p (family) values (?) on conflict do update set id=?", " [1] as ", None),
            ("select a from p where id=? and ?=family", " [2] as ", None),
            ("select a from p where (family, id) = (?, ?)", " [1] as ", None),
        ] {
            assert_eq!(column_of(statement, how), column, "{how}");
        }
        assert!(is_integer(" (3:BIGINT) <") && !is_integer(" [4] as [VARCHAR] "));
        assert!(is_small_number("512555") && !is_small_number("5125550143"));
    }
}
