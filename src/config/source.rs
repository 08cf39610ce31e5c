//! Showing a line of the file without showing what may be secret in it.
//!
//! An excerpt keeps indentation, keys and punctuation. A value becomes `…`, except names and words that everybody may see
//! (of callers and headers, of routes, modes), and the very value a problem is about where the policy never takes secrets;
//! neither when it looks like one. Comments are left out. Of a file that could not be parsed, only what must be a key is kept.

use super::problem::Position;

const LINE_CHARS_MAX: usize = 160;
const KEY_CHARS_MAX: usize = 48;
pub(super) const HIDDEN: char = '…';
/// Below these paths a wrong value is likely to be a key or a token itself.
const SECRET_PATHS: [&str; 3] = ["credentials", "guards.caller.tokens", "upstream.url"];
/// What stands under these keys is a word of the policy or ends in metrics and audit lines: no secret, and no person.
const OPEN_KEYS: [&str; 18] = [
    "name",
    "callers",
    "header",
    "actor_header",
    "role_header",
    "response_headers",
    "environment",
    "plan",
    "mode",
    "class",
    "id",
    "route",
    "params",
    "roles",
    "operations",
    "types",
    "methods",
    "regions",
];
/// Lists of which the same holds, and whose key has another meaning elsewhere.
const OPEN_PATHS: [&str; 3] = ["guards.headers.allow", "guards.routes.allow", "guards.routes.deny"];

/// Where one key or value stands. Columns from 0, the end not included.
#[derive(Clone, Copy, Debug)]
pub struct Scalar {
    start: (usize, usize),
    end: (usize, usize),
    kind: Kind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Key,
    /// A value that everybody may see.
    Open,
    Value,
}

impl Kind {
    /// Of the value at this key path.
    pub fn of_value(path: &str) -> Kind {
        let list = path.split('[').next().unwrap_or_default();
        let key = path.rsplit('.').next().and_then(|key| key.split('[').next()).unwrap_or_default();
        match OPEN_KEYS.contains(&key) || OPEN_PATHS.contains(&list) {
            true => Kind::Open,
            false => Kind::Value,
        }
    }
}

impl Scalar {
    pub fn new(line: usize, column: usize, end_line: usize, end_column: usize, kind: Kind) -> Scalar {
        Scalar { start: (line, column), end: (end_line, end_column), kind }
    }
}

/// The line of `at` and the carets under it. `scalars` in the order of the text; none of a file that could not be parsed.
pub fn excerpt(text: &str, scalars: Option<&[Scalar]>, at: Position, path: &str) -> Option<(String, String)> {
    let line: Vec<char> = text.lines().nth(at.line.checked_sub(1)?)?.chars().take(LINE_CHARS_MAX).collect();
    if at.column.saturating_sub(1) > line.len() {
        return None; // Beyond what is shown.
    }
    match scalars {
        Some(scalars) => of_scalars(&line, scalars, at, path),
        None => super::skeleton::excerpt(&line, at.column.saturating_sub(1)),
    }
}

fn of_scalars(line: &[char], scalars: &[Scalar], at: Position, path: &str) -> Option<(String, String)> {
    let at_column = at.column.saturating_sub(1);
    let from = scalars.partition_point(|scalar| scalar.end.0 < at.line);
    let mut shown = String::new();
    let mut carets = None;
    let mut column = 0;
    for scalar in scalars[from..].iter().take_while(|scalar| scalar.start.0 <= at.line) {
        if scalar.start.0 < at.line {
            return None; // Inside a value of several lines.
        }
        let (start, end) = (scalar.start.1.min(line.len()), scalar.end.1.min(line.len()));
        let end = if scalar.end.0 > at.line { line.len() } else { end };
        if start < column || end < start {
            return None;
        }
        if (column..start).contains(&at_column) {
            carets = Some((shown.chars().count() + at_column - column, 1));
        }
        copy_punctuation(&line[column..start], &mut shown);
        let word: String = line[start..end].iter().collect();
        let one_line = scalar.start.0 == scalar.end.0;
        let meant = scalar.start.1 + 1 == at.column;
        let before = shown.chars().count();
        let seen = scalar.kind == Kind::Open || meant && !is_secret_path(path);
        match scalar.kind {
            Kind::Key => shown.push_str(&show_key(&word)),
            _ if seen && one_line && !looks_secret(&word) => shown.push_str(&word),
            _ if word.is_empty() => {}
            _ => shown.push(HIDDEN),
        }
        if meant {
            carets = Some((before, shown.chars().count() - before));
        }
        column = end;
    }
    let rest = shown.chars().count();
    copy_punctuation(&line[column..], &mut shown);
    let (before, length) = carets.unwrap_or((rest + at_column.saturating_sub(column), 1));
    let shown = shown.trim_end().to_owned();
    (!shown.is_empty()).then(|| (shown, " ".repeat(before) + &"^".repeat(length.max(1))))
}

/// What is between keys and values, up to a comment or anything else that is not punctuation.
fn copy_punctuation(between: &[char], shown: &mut String) {
    shown.extend(
        between.iter().take_while(|c| matches!(c, ' ' | '[' | ']' | '{' | '}' | ':' | ',' | '-' | '?')),
    );
}

fn is_secret_path(path: &str) -> bool {
    SECRET_PATHS.iter().any(|secret| path.starts_with(secret))
}

/// The prefixes of API keys, and long runs that no word of a policy has.
pub fn looks_secret(word: &str) -> bool {
    let run = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '=' | '_' | '-');
    let long = |part: &str| part.len() >= 24 && part.bytes().any(|b| b.is_ascii_digit());
    word.contains("clk_") || word.contains("sk_") || word.split(|c| !run(c)).any(long)
}

/// A key as it may be printed: the user's own spelling, unless it looks like a secret or like a whole line.
pub fn show_key(key: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '*' | '$' | '"' | '\'');
    match !key.is_empty() && key.len() <= KEY_CHARS_MAX && key.chars().all(plain) && !looks_secret(key) {
        true => key.to_owned(),
        false => HIDDEN.to_string(),
    }
}

pub fn quote_key(key: &str) -> String {
    match show_key(key) {
        shown if shown == key => format!("`{key}`"),
        _ => "this key".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Problems, tree};
    use super::*;

    fn shown(text: &str, line: usize, column: usize, path: &str) -> String {
        let mut problems = Problems::new("p.yaml");
        tree::parse(text, &mut problems);
        problems.add(Position::new(line, column, 1), path, "m");
        problems.finish();
        let problem = problems.iter().next().unwrap();
        problem.excerpt.as_ref().map(|(line, carets)| format!("{line}\n{carets}")).unwrap_or_default()
    }

    #[test]
    fn values_are_hidden_but_the_one_that_is_meant() {
        let text = "a: {b: 10 sec, c: hunter2} # hunter3\n";
        assert_eq!(shown(text, 1, 8, "a.b"), "a: {b: 10 sec, c: …}\n       ^^^^^^");
        assert_eq!(shown(text, 1, 16, "a.c"), "a: {b: …, c: …}\n          ^");
        assert_eq!(shown(text, 1, 8, "credentials.b"), "a: {b: …, c: …}\n       ^");
        assert_eq!(shown("a: {b: hunter2, c: [1]}\n", 1, 20, "a.c"), "a: {b: …, c: […]}\n             ^");
        assert_eq!(shown("a: clk_live_abc\n", 1, 4, "a"), "a: …\n   ^");
        assert_eq!(shown("clk_live_abc: 1\n", 1, 1, ""), "…: …\n^");
        assert_eq!(shown("a: |\n  hunter2\n  x\n", 2, 3, "a"), "  …\n  ^");
        assert_eq!(shown("a: |\n  hunter2\n  x\n", 3, 3, "a"), "");
    }

    #[test]
    fn names_of_callers_and_headers_are_seen_and_what_may_be_a_secret_is_not() {
        let tokens =
            "guards: {caller: {tokens: [{name: billing, env: hunter2, sha256: hunter3, x: hunter4}]}}\n";
        let seen = "guards: {caller: {tokens: [{name: billing, env: …, sha256: …, x: …}]}}\n                                  ^^^^^^^";
        assert_eq!(shown(tokens, 1, 35, "guards.caller.tokens[0].name"), seen);
        let tenants =
            "credentials: {tenants: [{name: north, callers: [billing, portal], current: {file: hunter2}}]}\n";
        let seen = "credentials: {tenants: [{name: north, callers: [billing, portal], current: {file: …}}]}\n                                                         ^^^^^^";
        assert_eq!(shown(tenants, 1, 58, "credentials.tenants[0].callers[1]"), seen);
        let allow = "guards: {headers: {allow: [x-trace, x-y]}}\nscrub: {allow: [{value: hunter2, reason: hunter3}]}\n";
        assert!(shown(allow, 1, 37, "guards.headers.allow[1]").contains("allow: [x-trace, x-y]}}"));
        assert!(shown(allow, 2, 1, "scrub").contains("allow: [{value: …, reason: …}]}"));
        let pasted = "guards: {caller: {tokens: [{name: clk_live_abc}]}}\n";
        assert!(shown(pasted, 1, 35, "guards.caller.tokens[0].name").contains("{name: …}"));
    }

    #[test]
    fn of_a_line_that_cannot_be_parsed_only_keys_and_signs_are_seen() {
        for (line, seen) in [
            ("a:\n\tb: hunter2", "→b: …\n^"),
            ("a: \"hunter2", "a: \"…\n   ^"),
            ("a: 'hun'ter2'", "a: '…'…\n      ^"),
            (
                "a: {b: hunter2, hunter3: [hunter4, clk_live_abc: hunter5}",
                "a: {b: …, hunter3: […, …: …}\n                            ^",
            ),
            ("a: hunter2: hunter3 # hunter4", "a: …: …\n    ^"),
            ("  - hunter2 hunter3: x\n  b", "  …\n   ^"),
            ("a: hunter2, b: hunter3: 1", "a: …, …: …: …\n       ^"),
        ] {
            let mut problems = Problems::new("p.yaml");
            tree::parse(line, &mut problems);
            problems.finish();
            let problem = problems.iter().next().unwrap();
            let (line, carets) = problem.excerpt.clone().unwrap_or_default();
            assert_eq!(format!("{line}\n{carets}"), seen, "{problem}");
        }
    }
}
