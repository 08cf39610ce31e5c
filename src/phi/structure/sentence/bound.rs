//! Parameters that were bound to a statement: `parameters: $1 = 'X'`, `params: ["X"]`, `binding parameter (2:VARCHAR) <- [X]`.
//! Where the statement stands before them, the column that a parameter is for says what it is.

use std::ops::Range;

use super::rows::{column_name, parenthesised};
use crate::phi::{
    cues::KeyClass,
    structure::{Edit, Reader, field_class, pairs, words},
    validate,
};

/// How far before a parameter its statement may begin.
const STATEMENT_BYTES_MAX: usize = 4096;

impl Reader<'_> {
    /// `parameters: $1 = 'X', $2 = 'Y'` and `params: ["X", "Y"]`: user data without names. Returns where it ends.
    pub(super) fn bound(&mut self, text: &str, from: usize, depth: u8, out: &mut Vec<Edit>) -> usize {
        let bytes = text.as_bytes();
        let end = memchr::memchr(b'\n', &bytes[from..]).map_or(text.len(), |len| from + len);
        // `binding parameter [1] as [VARCHAR] - [X]`
        if let Some(found) = text[from..end].rfind("- [").filter(|_| text[..from].ends_with("parameter")) {
            let start = from + found + 3;
            let close = memchr::memrchr(b']', &bytes[start..end]).map_or(end, |len| start + len);
            self.bound_to(text, from..from + found, start..close, depth, out);
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
            let minted = bytes[at..].starts_with(b" (DbType = Int") && is_minted_number(content);
            if inner.start < inner.end
                && !(hashed || minted || bytes[at..].starts_with(b":"))
                && !words::is_field_name(content)
            {
                self.unnamed(text, inner, out);
            }
        }
        end
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
            _ if is_integer(&text[how]) && is_minted_number(&text[span.clone()]) => {}
            _ => self.unnamed(text, span, out),
        }
    }
}

/// The column that the parameter is for, in the last statement of `before`: `set status=?, version=?`, `(a, b) values (?, ?)`.
fn column_of<'t>(before: &'t str, how: &str) -> Option<&'t str> {
    let nth: usize =
        how.split(|c: char| !c.is_ascii_digit()).find(|digits| !digits.is_empty())?.parse().ok()?;
    let from = before.ceil_char_boundary(before.len().saturating_sub(STATEMENT_BYTES_MAX));
    let window = &before[from..];
    let lower = window.to_ascii_lowercase();
    let verbs = ["insert into ", "update ", "select ", "delete from "];
    let start = verbs.iter().filter_map(|verb| lower.rfind(verb)).max()?;
    let statement = &window[start..];
    let mark = statement.match_indices('?').nth(nth.checked_sub(1)?)?.0;
    if lower[start..].starts_with("insert") {
        let open = statement.find('(').filter(|open| *open < mark)?;
        let columns = parenthesised(statement, open + 1)?;
        return statement[columns].split(',').nth(nth - 1).map(column_name);
    }
    // `id=?`, `lower(t.family) like ?`, `born between ? and ?`
    let words = statement[..mark].rsplit(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '.')));
    let mut words = words.filter(|word| !word.is_empty());
    words.find(|word| {
        !matches!(
            word.to_ascii_lowercase().as_str(),
            "like" | "ilike" | "in" | "between" | "and" | "not" | "lower" | "upper"
        )
    })
}

/// Is it bound as a whole number?
fn is_integer(how: &str) -> bool {
    const TYPES: [&str; 8] = ["BIGINT", "INTEGER", "INT", "SMALLINT", "TINYINT", "INT8", "INT4", "LONG"];
    how.split(|c: char| !c.is_ascii_alphanumeric())
        .any(|word| TYPES.iter().any(|known| word.eq_ignore_ascii_case(known)))
}

/// A number such as databases count rows with, and none that a register checks.
fn is_minted_number(content: &str) -> bool {
    let digits = content.as_bytes();
    digits.iter().all(u8::is_ascii_digit) && !validate::nhs(digits)
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
        ] {
            assert_eq!(column_of(statement, how), column, "{how}");
        }
        assert!(is_integer(" (3:BIGINT) <") && !is_integer(" [4] as [VARCHAR] "));
        assert!(is_minted_number("5125550143") && !is_minted_number("4505577104"));
    }
}
