//! The values of a request in GraphQL: the literals of its document, by the argument they are given to. Names of fields,
//! types and variables are no values; the values of variables stand beside the document.

use super::learn;
use crate::phi::{
    cues::KeyClass,
    echo::{Echo, request_class},
    structure::view,
};

/// Is this a document of GraphQL rather than a text about something?
pub(super) fn is_document(text: &str) -> bool {
    let text = text.trim();
    let keyword = ["query", "mutation", "subscription", "fragment"].iter().any(|word| {
        text.strip_prefix(word).is_some_and(|rest| rest.starts_with([' ', '(', '{', '\n', '\r', '\t']))
    });
    (keyword || text.starts_with('{')) && text.contains('{') && text.ends_with('}')
}

pub(super) fn add(echo: &mut Echo, text: &str, by_path: &dyn Fn(&str) -> KeyClass) {
    let bytes = text.as_bytes();
    // The argument whose value comes next, and the one that holds the object or list we are in.
    let mut argument = "";
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
                if bytes[at + len..].trim_ascii_start().starts_with(b":") {
                    argument = &text[at..at + len];
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
            _ => at += 1,
        }
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
