//! The values of a request body: JSON by path, forms by name, anything else as free text.

use super::{Echo, request_class};
use crate::phi::{
    class::Class,
    cues::KeyClass,
    structure::{Kind, Tape, looks_like_json, phi, view, words},
};

/// Bytes of a body that are read. What is longer marks the echo incomplete.
const READ_BYTES_MAX: usize = 512 * 1024;

pub(super) fn add(
    echo: &mut Echo,
    content_type: Option<&str>,
    body: &[u8],
    by_path: &dyn Fn(&str) -> KeyClass,
) {
    let cut = body.len() > READ_BYTES_MAX;
    let body = &body[..body.len().min(READ_BYTES_MAX)];
    if cut {
        echo.mark_incomplete();
    }
    let owned;
    let text = match std::str::from_utf8(body) {
        Ok(text) => text,
        Err(_) => {
            owned = view::latin1(body).text;
            owned.as_str()
        }
    };
    if looks_like_json(text) {
        json(echo, text, "", by_path, 0);
    } else if content_type.is_some_and(|kind| kind.contains("form-urlencoded")) {
        form(echo, text, by_path);
    } else if !text.trim().is_empty() {
        for piece in text.split(['<', '>', '\n', '"']).filter(|piece| piece.len() >= 4) {
            echo.add_value(KeyClass::Free, piece);
        }
    }
}

/// A value of as many words is prose.
const PROSE_WORDS_MIN: usize = 4;

fn form(echo: &mut Echo, text: &str, by_path: &dyn Fn(&str) -> KeyClass) {
    for pair in text.split('&').take(1024) {
        let Some((key, value)) = pair.split_once('=') else { continue };
        let key = view::percent(key, true).map_or_else(|| key.to_owned(), |view| view.text);
        let value = view::percent(value, true).map_or_else(|| value.to_owned(), |view| view.text);
        echo.add_value(request_class(&key, &key, by_path), &value);
    }
}

/// Containers of one document remembered by path; deeper ones share the path of the last.
const PATH_DEPTH_MAX: usize = 64;

fn json(echo: &mut Echo, text: &str, prefix: &str, by_path: &dyn Fn(&str) -> KeyClass, depth: u8) {
    let tape = Tape::read(text);
    let mut path = prefix.to_owned();
    // For each open container: the length of its path, and the class its key gives to what is inside.
    let mut open: Vec<(usize, KeyClass, bool)> = Vec::new();
    let mut names: Vec<Option<String>> = Vec::new();
    let mut member = KeyClass::Unknown;
    for token in &tape.tokens {
        let base = open.last().map_or(prefix.len(), |(len, ..)| *len);
        let inherited = open.last().map_or(KeyClass::Unknown, |(_, class, _)| *class);
        match token.kind {
            Kind::Key => {
                let raw = &text[token.start..token.end];
                let member_key = view::backslash(raw).map_or_else(|| raw.to_owned(), |view| view.text);
                path.truncate(base);
                if open.len() <= PATH_DEPTH_MAX {
                    if !path.is_empty() {
                        path.push('.');
                    }
                    path.push_str(&member_key);
                }
                member = match (request_class(&path, &member_key, by_path), inherited) {
                    (KeyClass::Unknown | KeyClass::Free, KeyClass::Phi(class)) => KeyClass::Phi(class),
                    (own, _) => own,
                };
            }
            Kind::Object | Kind::Array => {
                if token.kind == Kind::Array && open.len() <= PATH_DEPTH_MAX {
                    path.push_str("[]");
                    if matches!(member, KeyClass::Unknown) {
                        member = by_path(&path);
                    }
                }
                open.push((path.len(), member, token.kind == Kind::Array));
                names.push(None);
            }
            Kind::End => {
                open.pop();
                if let Some(Some(name)) = names.pop()
                    && name.contains(' ')
                {
                    echo.add_value(KeyClass::Phi(Class::Name), &name);
                }
                let base = open.last().map_or(prefix.len(), |(len, ..)| *len);
                path.truncate(base);
                member = open.last().map_or(KeyClass::Unknown, |(_, class, _)| *class);
            }
            Kind::Str | Kind::Number => {
                let raw = &text[token.start..token.end];
                let value = view::backslash(raw).map_or_else(|| raw.to_owned(), |view| view.text);
                let class = match member {
                    _ if token.kind == Kind::Number && phi(member).is_none() => KeyClass::Safe,
                    // No word of a vocabulary, whatever the key says.
                    KeyClass::Safe if value.split(' ').count() >= PROSE_WORDS_MIN => KeyClass::Free,
                    _ => member,
                };
                if token.kind == Kind::Str && depth < 2 && looks_like_json(&value) {
                    json(echo, &value, "", by_path, depth + 1);
                } else if phi(class).is_none() && is_pointer(&value) {
                    // The name of a field is no value.
                } else if matches!(class, KeyClass::Unknown) {
                    unknown(echo, &value);
                } else {
                    echo.add_value(class, &value);
                }
                if phi(class) == Some(Class::Name) {
                    join_names(&mut names, &open, &value);
                }
            }
            Kind::Word => {}
        }
    }
    let rest = text[tape.end..].trim();
    if !rest.is_empty() {
        echo.mark_incomplete();
        echo.add_value(KeyClass::Free, rest);
    }
}

/// A JSON pointer, as the operations of a patch name their target.
fn is_pointer(value: &str) -> bool {
    value.strip_prefix('/').is_some_and(|path| {
        path.split('/').all(|part| {
            part == "-" || part.bytes().all(|byte| byte.is_ascii_digit()) || words::is_field_name(part)
        })
    })
}

/// Values of unknown keys of a body are mostly words of the API; those that are not are worth keeping.
fn unknown(echo: &mut Echo, value: &str) {
    let speaks = value
        .bytes()
        .any(|byte| byte == b' ' || byte == b'@' || byte.is_ascii_digit() || byte.is_ascii_uppercase());
    if speaks && value.len() >= 5 {
        echo.add_value(KeyClass::Unknown, value);
    }
}

/// Names of one object, in order, so that they are also known as one: `given` and `family` beside each other.
fn join_names(names: &mut [Option<String>], open: &[(usize, KeyClass, bool)], value: &str) {
    let Some(object) = open.iter().rposition(|(_, _, array)| !array) else { return };
    let name = names[object].get_or_insert_default();
    if name.len() + value.len() < 128 {
        if !name.is_empty() {
            name.push(' ');
        }
        name.push_str(value);
    }
}
