//! The values of a request in JSON, by path. Its keys are no values; nor is a query of GraphQL, but for its literals.

use super::{graphql, learn, plain};
use crate::phi::{
    class::Class,
    cues::KeyClass,
    echo::{Echo, request_class},
    structure::{Kind, Tape, looks_like_json, phi, view},
};

/// Containers of one document remembered by path; deeper ones share the path of the last.
const PATH_DEPTH_MAX: usize = 64;

pub(super) fn add(echo: &mut Echo, text: &str, by_path: &dyn Fn(&str) -> KeyClass, depth: u8) {
    let tape = Tape::read(text);
    let mut path = String::new();
    // For each open container: the length of its path, and the class its key gives to what is inside.
    let mut open: Vec<(usize, KeyClass, bool)> = Vec::new();
    let mut names: Vec<Option<String>> = Vec::new();
    let mut member = KeyClass::Unknown;
    let mut key = String::new();
    for token in &tape.tokens {
        let base = open.last().map_or(0, |(len, ..)| *len);
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
                key = member_key;
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
                let base = open.last().map_or(0, |(len, ..)| *len);
                path.truncate(base);
                member = open.last().map_or(KeyClass::Unknown, |(_, class, _)| *class);
            }
            Kind::Str | Kind::Number => {
                let raw = &text[token.start..token.end];
                let value = view::backslash(raw).map_or_else(|| raw.to_owned(), |view| view.text);
                let class = match member {
                    _ if token.kind == Kind::Number && phi(member).is_none() => KeyClass::Safe,
                    _ => member,
                };
                if token.kind == Kind::Str && depth < 2 && looks_like_json(&value) {
                    add(echo, &value, by_path, depth + 1);
                } else if key == "query" && graphql::is_document(&value) {
                    graphql::add(echo, &value, by_path);
                } else {
                    learn(echo, &key, class, &value);
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
        plain::add(echo, rest, by_path);
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
