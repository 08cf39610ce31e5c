//! The columns that the parameters of an SQL statement are for: `set status = ?, version = ?`, `(a, b) values ($1, @p2)`.
//!
//! Owns where a statement begins, its marks of parameters and the column of each. Reads no values.

use super::sentence::{column_name, parenthesised};

/// Parameters of one statement that are looked at.
const PARAMETERS_MAX: usize = 256;
/// How much of a statement is read.
const STATEMENT_BYTES_MAX: usize = 4096;

/// A mark of a parameter, and the column whose value it stands for.
#[derive(Debug, PartialEq, Eq)]
struct Mark<'t> {
    /// `?`, `%s`, `$1`, `@p0`, `:family`
    name: &'t str,
    column: Option<&'t str>,
}

/// A statement's marks of parameters, in their order.
#[derive(Default)]
pub(super) struct Statement<'t>(Vec<Mark<'t>>);

impl<'t> Statement<'t> {
    /// The last statement of a text that leads up to the values.
    pub(super) fn last_of(before: &'t str) -> Statement<'t> {
        let window = &before[before.ceil_char_boundary(before.len().saturating_sub(STATEMENT_BYTES_MAX))..];
        Statement::read(window, |lower, verb| lower.rfind(verb), |at, other| at > other)
    }

    /// The first statement of a text that follows the values, as Entity Framework writes them.
    pub(super) fn first_of(after: &'t str) -> Statement<'t> {
        let window = &after[..after.floor_char_boundary(STATEMENT_BYTES_MAX)];
        Statement::read(window, |lower, verb| lower.find(verb), |at, other| at < other)
    }

    fn read(
        window: &'t str,
        find: impl Fn(&str, &str) -> Option<usize>,
        is_nearer: impl Fn(usize, usize) -> bool,
    ) -> Statement<'t> {
        crate::phi::work::add(window.len());
        let lower = window.to_ascii_lowercase();
        let verbs = ["insert into ", "update ", "select ", "delete from "];
        let begins = verbs.iter().filter_map(|verb| find(&lower, verb));
        let Some(start) = begins.reduce(|near, at| if is_nearer(at, near) { at } else { near }) else {
            return Statement::default();
        };
        // `values (?, (select …))`, `on conflict do update`: a part of a statement, whose parameters begin elsewhere.
        let leading = lower[..start].trim_end();
        // `Patient Load (1.1ms)  SELECT …`, `DEBUG (0.002) SELECT …`
        let timed = leading.ends_with(')')
            && leading.rsplit('(').next().is_some_and(|last| last.starts_with(|c: char| c.is_ascii_digit()));
        if leading.ends_with(['(', ')']) && !timed
            || ["do", "key", "union", "all"].iter().any(|word| leading.ends_with(word))
        {
            return Statement::default();
        }
        let (statement, lower) = (&window[start..], &lower[start..]);
        if lower.starts_with("insert") {
            return Statement(inserted(statement, lower).unwrap_or_default());
        }
        let marks =
            marks(statement).map(|(at, name, _)| Mark { name, column: compared(statement, lower, at) });
        Statement(marks.take(PARAMETERS_MAX).collect())
    }

    /// No mark has a column that the statement names.
    pub(super) fn says_nothing(&self) -> bool {
        self.0.iter().all(|mark| mark.column.is_none())
    }

    /// The columns of values that are bound in their order.
    pub(super) fn columns(&self) -> impl Iterator<Item = Option<&'t str>> {
        (0..self.0.len()).map(|at| self.nth(at))
    }

    /// The column of value `at` of those that are bound.
    pub(super) fn nth(&self, at: usize) -> Option<&'t str> {
        // `where b = $2 and a = $1`
        let numbered = self.0.first().is_some_and(|mark| mark.name.starts_with('$'));
        if numbered { self.named(&format!("${}", at + 1)) } else { self.0.get(at)?.column }
    }

    /// The column of the value that is bound to the mark `name`.
    pub(super) fn named(&self, name: &str) -> Option<&'t str> {
        self.0.iter().find(|mark| mark.name.eq_ignore_ascii_case(name))?.column
    }
}

/// `insert into p (family, id) values (?, nextval('s'))`
fn inserted<'t>(statement: &'t str, lower: &str) -> Option<Vec<Mark<'t>>> {
    let open = statement.find('(')?;
    let columns = parenthesised(statement, open + 1)?;
    let values = columns.end + lower[columns.end..].find("values")?;
    let list = values + statement[values..].find('(')?;
    let list = parenthesised(statement, list + 1)?;
    let columns: Vec<&str> = statement[columns].split(',').map(column_name).collect();
    let marks = marks(&statement[list]);
    let marks = marks.map(|(_, name, place)| Mark { name, column: columns.get(place).copied() });
    Some(marks.take(PARAMETERS_MAX).collect())
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

/// The marks of parameters outside of quotes, each with where it stands and how many commas of the outermost list are before it.
fn marks(text: &str) -> impl Iterator<Item = (usize, &str, usize)> {
    let (mut quote, mut level, mut place) = (None, 0i32, 0);
    text.bytes().enumerate().filter_map(move |(at, byte)| {
        match (quote, byte) {
            (Some(open), byte) if byte == open => quote = None,
            (Some(_), _) => {}
            (None, b'\'' | b'"' | b'`') => quote = Some(byte),
            (None, b'(') => level += 1,
            (None, b')') => level -= 1,
            (None, b',') if level == 0 => place += 1,
            // `'12:30'::time` casts a value.
            (None, b':') if text[..at].ends_with(':') => {}
            (None, b'?' | b'$' | b'%' | b'@' | b':') => {
                return mark_name(&text[at..]).map(|name| (at, name, place));
            }
            _ => {}
        }
        None
    })
}

/// The mark of a parameter that `text` begins with.
pub(super) fn mark_name(text: &str) -> Option<&str> {
    let named = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
    let len = 1 + text.bytes().skip(1).take_while(named).count();
    let [_, first, ..] = text.as_bytes() else { return text.starts_with('?').then_some(text) };
    let stands = match text.as_bytes().first()? {
        b'?' => return Some(&text[..1]),
        b'$' => first.is_ascii_digit(),
        b'@' | b':' => named(first),
        b'%' => return (*first == b's').then(|| &text[..2]),
        _ => false,
    };
    stands.then(|| &text[..len])
}

/// The length of a mark that `text` begins with and that is no amount and no account: `$1`, `@p0`, `@__family_0` of Entity
/// Framework. 0 for none.
pub(crate) fn mark_len(text: &str) -> usize {
    mark_name(text)
        .filter(|mark| ["$", "@p", "@__"].iter().any(|head| mark.starts_with(head)))
        .filter(|mark| mark.ends_with(|c: char| c.is_ascii_digit()))
        .filter(|mark| !matches!(text.as_bytes()[mark.len()..], [b',' | b'.', b'0'..=b'9', ..]))
        .map_or(0, str::len)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parameter_is_for_the_column_at_its_place() {
        let update = "Hibernate: update appointment set status=?, version=? where id=? and family like ?\n";
        let insert = "Hibernate: insert into contact (patient_id, contact_name, tel) values (?, ?, ?)\n";
        for (statement, at, column) in [
            (update, 2, Some("id")),
            (update, 3, Some("family")),
            (update, 8, None),
            (insert, 1, Some("contact_name")),
            ("no statement", 1, None),
            ("insert into p (id, family) values (nextval('s', 1), ?)", 0, Some("family")),
            ("insert into p (id, family) values ('a?, b', ?)", 0, Some("family")),
            ("insert into p (family, o) values (?, (select id from o where code=?))", 0, None),
            ("insert into p (family) values (?) on conflict do update set id=?", 0, None),
            ("select a from p where id=? and ?=family", 1, None),
            ("select a from p where (family, id) = (?, ?)", 0, None),
            ("select a from p where family = $2 and mrn = $1", 0, Some("mrn")),
            ("select '12:30'::time from p where family = :family", 0, Some("family")),
        ] {
            assert_eq!(Statement::last_of(statement).nth(at), column, "{statement} {at}");
        }
    }

    #[test]
    fn a_statement_may_stand_behind_its_values_and_name_their_marks() {
        let behind =
            Statement::first_of("] UPDATE [Home] SET [Suburb] = @p1, [Line1] = @p0 WHERE [Id] = @p2;");
        assert_eq!(behind.named("@p0"), Some("Line1"));
        assert_eq!(behind.named("@p1"), Some("Suburb"));
        assert_eq!(behind.named("@p3"), None);
        assert!(!behind.says_nothing());
        assert!(Statement::first_of("an update of nothing").says_nothing());
    }
}
