//! The values of a request in GraphQL: the literals of its document, by the argument they are given to. Names of fields,
//! types and variables are no values; the values of variables stand beside the document.

use super::learn;
use crate::phi::{
    cues::KeyClass,
    echo::{Echo, request_class},
    structure::{phi, view},
};

/// Is this a document of GraphQL rather than a text about something, or an object as other languages write it?
pub(super) fn is_document(text: &str) -> bool {
    let text = text.trim();
    let operation = ["query", "mutation", "subscription", "fragment"]
        .iter()
        .find_map(|word| text.strip_prefix(word))
        .is_some_and(opens_operation);
    (operation || text.strip_prefix('{').is_some_and(opens_selection)) && text.ends_with('}')
}

/// ` FindPatient($id: ID!) {`, ` on Patient {`, ` {`: what follows the word for an operation.
fn opens_operation(rest: &str) -> bool {
    const WORDS_MAX: usize = 3;
    let mut rest = rest;
    if !rest.starts_with([' ', '(', '{', '\n', '\r', '\t', '@']) {
        return false;
    }
    for _ in 0..=WORDS_MAX {
        rest = rest.trim_start();
        if rest.starts_with(['(', '{', '@']) {
            return rest.contains('{');
        }
        rest = &rest[word_len(rest.as_bytes())..];
    }
    false
}

/// ` patient(id: 1) {`, ` me { name`, ` id who: patient {`: fields, one of which has fields or arguments of its own.
fn opens_selection(rest: &str) -> bool {
    const FIELDS_MAX: usize = 64;
    let word = |text: &str| text[..word_len(text.as_bytes())].len();
    let mut rest = rest;
    for _ in 0..FIELDS_MAX {
        rest = rest.trim_start_matches(|c: char| c.is_whitespace() || c == ',');
        if let Some(comment) = rest.strip_prefix('#') {
            rest = &comment[comment.find('\n').unwrap_or(comment.len())..];
            continue;
        }
        let mut len = word(rest);
        if len == 0 || rest.starts_with(|c: char| c.is_ascii_uppercase() || c.is_ascii_digit()) {
            return false;
        }
        rest = rest[len..].trim_start();
        if let Some(field) = rest.strip_prefix(':') {
            let field = field.trim_start();
            len = word(field);
            rest = field[len..].trim_start();
            if len == 0 || !rest.starts_with(['(', '{']) {
                return false;
            }
        }
        if let Some(selection) = rest.strip_prefix('{') {
            let first = selection.trim_start();
            let first = first[word(first)..].trim_start();
            return !first.starts_with('=');
        }
        if let Some(arguments) = rest.strip_prefix('(') {
            let name = arguments.trim_start();
            len = word(name);
            return len > 0 && name[len..].trim_start().starts_with(':');
        }
    }
    false
}

pub(super) fn add(echo: &mut Echo, text: &str, by_path: &dyn Fn(&str) -> KeyClass) {
    let bytes = text.as_bytes();
    // The argument whose value comes next, and the one that holds the object or list we are in.
    let mut argument = "";
    // What follows the name of a variable is its type, and what follows a sign for one is its name.
    let (mut typed, mut given) = (false, false);
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'#' => at += memchr::memchr(b'\n', &bytes[at..]).unwrap_or(bytes.len() - at),
            b'"' => {
                let block = text[at..].starts_with("\"\"\"");
                let from = at + if block { 3 } else { 1 };
                let len = if block { text[from..].find("\"\"\"") } else { string_len(&bytes[from..]) };
                let end = len.map_or(text.len(), |len| from + len);
                let raw = &text[from.min(end)..end];
                let value = view::backslash(raw).map_or_else(|| raw.to_owned(), |view| view.text);
                learn(echo, argument, request_class(argument, argument, by_path), &value);
                at = end + if block { 3 } else { 1 };
            }
            b'a'..=b'z' | b'A'..=b'Z' | b'_' => {
                let len = word_len(&bytes[at..]);
                let variable = at > 0 && bytes[at - 1] == b'$';
                if bytes[at + len..].trim_ascii_start().starts_with(b":") {
                    argument = &text[at..at + len];
                    (typed, given) = (variable, !variable);
                } else if given && !variable && !typed {
                    bare(echo, argument, &text[at..at + len], by_path);
                }
                at += len;
            }
            b'0'..=b'9' => {
                let len = word_len(&bytes[at..]);
                let class = request_class(argument, argument, by_path);
                if let KeyClass::Phi(_) = class {
                    echo.add_value(class, &text[at..at + len]);
                }
                at += len;
            }
            // Fields follow, not values.
            b')' | b'}' => {
                given = false;
                at += 1;
            }
            _ => at += 1,
        }
    }
}

/// A word without quotes: a value of an enumeration, `true`, or what somebody forgot to quote. Under an argument of a
/// person any is learnt, elsewhere one with a capital and other signs, as no enumeration has them.
fn bare(echo: &mut Echo, argument: &str, value: &str, by_path: &dyn Fn(&str) -> KeyClass) {
    let class = request_class(argument, argument, by_path);
    let capital = value.bytes().any(|byte| byte.is_ascii_uppercase());
    let other = value.bytes().any(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
    if phi(class).is_some() || capital && other {
        learn(echo, argument, class, value);
    }
}

fn string_len(bytes: &[u8]) -> Option<usize> {
    let mut at = 0;
    while let Some(found) = memchr::memchr2(b'"', b'\\', bytes.get(at..)?) {
        if bytes[at + found] == b'"' {
            return Some(at + found);
        }
        at += found + 2;
    }
    None
}

fn word_len(bytes: &[u8]) -> usize {
    bytes.iter().take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_').count()
}
