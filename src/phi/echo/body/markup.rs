//! The values of a request in XML: what stands in its elements and, as FHIR and CDA write it, in their attributes. Names of
//! elements and attributes, namespaces and declarations are no values.

use super::learn;
use crate::phi::{
    class::Class,
    cues::KeyClass,
    echo::{Echo, request_class},
    structure::{phi, view, xml},
};

/// An element that is open: its name without prefix, what its name says of its values, and the names found in it.
struct Element<'a> {
    name: &'a str,
    class: KeyClass,
    names: String,
}

/// Elements remembered; what is deeper belongs to the last of them.
const DEPTH_MAX: usize = 64;
/// Bytes of the names of one element that are also known as one.
const NAMES_BYTES_MAX: usize = 128;

pub(super) fn add(echo: &mut Echo, text: &str, by_path: &dyn Fn(&str) -> KeyClass) {
    let bytes = text.as_bytes();
    let mut open: Vec<Element<'_>> = Vec::new();
    let mut at = 0;
    while at < text.len() {
        let end = memchr::memchr(b'<', &bytes[at..]).map_or(text.len(), |len| at + len);
        content(echo, &mut open, &text[at..end]);
        let rest = &text[end..];
        at = end + 1;
        if rest.starts_with("<!--") {
            let (comment, next) = xml::inside_of(text, end + 4, "-->");
            echo.add_value(KeyClass::Free, &text[comment]);
            at = next;
        } else if rest.starts_with("<![CDATA[") {
            let (inner, next) = xml::inside_of(text, end + 9, "]]>");
            content(echo, &mut open, &text[inner]);
            at = next;
        } else if rest.starts_with("<?") || rest.starts_with("<!") {
            at = xml::tag_end(bytes, end) + 1;
        } else if rest.starts_with("</") {
            let name = local(xml::element_name(text, end + 2));
            if let Some(depth) = open.iter().rposition(|element| element.name == name) {
                open.drain(depth..).rev().for_each(|element| close(echo, &element));
            }
            at = xml::tag_end(bytes, end) + 1;
        } else if let name = xml::element_name(text, (end + 1).min(text.len()))
            && !name.is_empty()
            && xml::opens_tag(text, end)
        {
            let name = local(name);
            let close_at = xml::tag_end(bytes, end).min(text.len());
            let tag = &text[end + 1..close_at];
            let mut element = Element { name, class: class_in(&open, name, by_path), names: String::new() };
            attributes(echo, &open, &mut element, tag, by_path);
            if tag.ends_with('/') || open.len() >= DEPTH_MAX {
                join(&mut open, &element.names);
            } else {
                open.push(element);
            }
            at = close_at + 1;
        } else if let Some(word) = rest.get(1..) {
            // `< 5 mg`: no tag at all.
            let len = word.find('<').unwrap_or(word.len());
            echo.add_value(KeyClass::Free, &word[..len]);
            at += len;
        }
    }
    open.iter().rev().for_each(|element| close(echo, element));
}

/// The class of an element or attribute by its name, by its own and that of what holds it, or handed down.
fn class_in(open: &[Element<'_>], name: &str, by_path: &dyn Fn(&str) -> KeyClass) -> KeyClass {
    let parent = open.last();
    let path = parent.map_or_else(|| name.to_owned(), |parent| format!("{}.{name}", parent.name));
    match (request_class(&path, name, by_path), parent.map(|parent| parent.class)) {
        (KeyClass::Unknown | KeyClass::Free, Some(KeyClass::Phi(class))) => KeyClass::Phi(class),
        (own, _) => own,
    }
}

fn attributes(
    echo: &mut Echo,
    open: &[Element<'_>],
    element: &mut Element<'_>,
    tag: &str,
    by_path: &dyn Fn(&str) -> KeyClass,
) {
    let mut rest = tag;
    while let Some(equals) = rest.find('=') {
        let key =
            rest[..equals].trim_end().rsplit(|c: char| c.is_whitespace() || c == '/').next().unwrap_or("");
        let value = rest[equals + 1..].trim_start();
        let Some(quote) = value.chars().next().filter(|c| matches!(c, '"' | '\'')) else {
            rest = &rest[equals + 1..];
            continue;
        };
        let inner = &value[1..];
        let len = inner.find(quote).unwrap_or(inner.len());
        rest = inner.get(len + 1..).unwrap_or("");
        if is_of_format(key, element.name) {
            continue;
        }
        let raw = &inner[..len];
        let value = view::entities(raw).map_or_else(|| raw.to_owned(), |view| view.text);
        // FHIR has what an element holds in `value`, CDA the number of an `id` in `extension`.
        let class = match key {
            "extension" if element.name == "id" => KeyClass::Phi(Class::OtherId),
            "value" | "extension" => element.class,
            key => class_in(open, local(key), by_path),
        };
        learn(echo, local(key), class, &value);
        named(&mut element.names, class, &value);
    }
}

/// Attributes that say which format, system or type an element is of.
fn is_of_format(key: &str, element: &str) -> bool {
    key.starts_with("xmlns")
        || key.starts_with("xsi:")
        || key.starts_with("xml:")
        || key.ends_with(":schemaLocation")
        || matches!(key, "root" | "codeSystem" | "codeSystemName" | "typeCode" | "classCode" | "moodCode")
        || key == "url" && matches!(element, "extension" | "modifierExtension")
}

/// What stands between tags.
fn content(echo: &mut Echo, open: &mut [Element<'_>], raw: &str) {
    if raw.trim().is_empty() {
        return;
    }
    let value = view::entities(raw).map_or_else(|| raw.to_owned(), |view| view.text);
    match open.last_mut() {
        Some(element) => {
            learn(echo, element.name, element.class, value.trim());
            named(&mut element.names, element.class, value.trim());
        }
        None => echo.add_value(KeyClass::Free, &value),
    }
}

/// Names of one element, in order, so that they are also known as one.
fn named(names: &mut String, class: KeyClass, value: &str) {
    if phi(class) == Some(Class::Name) && names.len() + value.len() < NAMES_BYTES_MAX {
        if !names.is_empty() {
            names.push(' ');
        }
        names.push_str(value);
    }
}

fn join(open: &mut [Element<'_>], names: &str) {
    if let Some(parent) = open.last_mut().filter(|_| !names.is_empty()) {
        named(&mut parent.names, KeyClass::Phi(Class::Name), names);
    }
}

fn close(echo: &mut Echo, element: &Element<'_>) {
    if element.names.contains(' ') {
        echo.add_value(KeyClass::Phi(Class::Name), &element.names);
    }
}

/// A name without the prefix of its namespace.
fn local(name: &str) -> &str {
    name.rsplit(':').next().unwrap_or(name)
}
