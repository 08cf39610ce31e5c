//! The values of a request in XML: what stands in its elements and, as FHIR and CDA write it, in their attributes. Names of
//! elements and attributes, namespaces and declarations are no values.

use super::{json, learn, plain};
use crate::phi::{
    class::Class,
    cues::KeyClass,
    echo::{Echo, request_class},
    names,
    structure::{field_class, looks_like_json, phi, view, words, xml},
    systems,
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

pub(super) fn add(echo: &mut Echo, text: &str, by_path: &dyn Fn(&str) -> KeyClass, depth: u8) {
    let bytes = text.as_bytes();
    let mut open: Vec<Element<'_>> = Vec::new();
    let mut at = 0;
    while at < text.len() {
        let end = memchr::memchr(b'<', &bytes[at..]).map_or(text.len(), |len| at + len);
        content(echo, &mut open, &text[at..end], by_path, depth);
        let rest = &text[end..];
        at = end + 1;
        if rest.starts_with("<!--") {
            let (comment, next) = xml::inside_of(text, end + 4, "-->");
            echo.add_value(KeyClass::Free, &text[comment]);
            at = next;
        } else if rest.starts_with("<![CDATA[") {
            let (inner, next) = xml::inside_of(text, end + 9, "]]>");
            content(echo, &mut open, &text[inner], by_path, depth);
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
    let given = || Attributes { rest: tag };
    // `<Param Name="LastName">`, `<field name="mrn" value=…/>`: which field the element is.
    let names_field = |key: &str, value: &str| {
        matches!(local(key).to_ascii_lowercase().as_str(), "name" | "key" | "field" | "id" | "code" | "type")
            && words::is_field_path(value)
            && !matches!(field_class(value), KeyClass::Unknown)
            && !names::is_name_like(value)
    };
    if phi(element.class).is_none()
        && let Some(class) = given()
            .filter(|(key, value)| names_field(key, value))
            .find_map(|(_, value)| phi(field_class(value)))
    {
        element.class = KeyClass::Phi(class);
    }
    for (key, raw) in given() {
        if is_of_format(key) || names_field(key, raw) || key == "root" && is_oid(raw) {
            continue;
        }
        let value = view::entities(raw).map_or_else(|| raw.to_owned(), |view| view.text);
        // FHIR has what an element holds in `value`, CDA the number of an `id` in `extension`.
        let class = match key {
            "extension" | "root" if element.name == "id" => KeyClass::Phi(Class::OtherId),
            "value" | "extension" => element.class,
            key => class_in(open, local(key), by_path),
        };
        let class = doubted(local(key), class, &value);
        learn(echo, local(key), class, &value);
        named(&mut element.names, class, &value);
    }
}

/// The attributes of a tag: names and raw values, quoted or not.
struct Attributes<'a> {
    rest: &'a str,
}

impl<'a> Iterator for Attributes<'a> {
    type Item = (&'a str, &'a str);

    fn next(&mut self) -> Option<(&'a str, &'a str)> {
        let equals = self.rest.find('=')?;
        let key = self.rest[..equals].trim_end().rsplit(|c: char| c.is_whitespace() || c == '/').next()?;
        let value = self.rest[equals + 1..].trim_start();
        if let Some(quote) = value.chars().next().filter(|c| matches!(c, '"' | '\'')) {
            let inner = &value[1..];
            let len = inner.find(quote).unwrap_or(inner.len());
            self.rest = inner.get(len + 1..).unwrap_or("");
            return Some((key, &inner[..len]));
        }
        let len = value.find(char::is_whitespace).unwrap_or(value.len());
        self.rest = &value[len..];
        Some((key, value[..len].trim_end_matches('/')))
    }
}

/// Attributes that say which format an element is of.
fn is_of_format(key: &str) -> bool {
    key.starts_with("xmlns")
        || key.ends_with("schemaLocation")
        || matches!(
            key,
            "encoding" | "version" | "standalone" | "xml:lang" | "xml:space" | "xsi:type" | "xsi:nil"
        )
}

/// `2.16.840.1.113883.19.5`: who assigned a number, and no number itself.
fn is_oid(value: &str) -> bool {
    value.starts_with(['0', '1', '2']) && systems::is_system(&format!("urn:oid:{value}"))
}

/// What a key holds that is mostly a word of machines: a text with a capital and small letters, or a long number, may be
/// anything in a format that anybody can make up.
fn doubted(key: &str, class: KeyClass, value: &str) -> KeyClass {
    const DIGITS_MIN: usize = 6;
    let any = |is: fn(&u8) -> bool| value.as_bytes().iter().any(is);
    let speaks = any(u8::is_ascii_uppercase) && any(u8::is_ascii_lowercase)
        || value.bytes().filter(u8::is_ascii_digit).count() >= DIGITS_MIN;
    let free = matches!(class, KeyClass::Safe) && speaks && !is_oid(value);
    if free && key != "code" { KeyClass::Unknown } else { class }
}

/// Documents in elements in documents that are followed.
const NESTED_MAX: u8 = 3;

/// What stands between tags.
fn content(
    echo: &mut Echo,
    open: &mut [Element<'_>],
    raw: &str,
    by_path: &dyn Fn(&str) -> KeyClass,
    depth: u8,
) {
    if raw.trim().is_empty() {
        return;
    }
    let value = view::entities(raw).map_or_else(|| raw.to_owned(), |view| view.text);
    let value = value.trim();
    if looks_like_json(value) {
        return json::add(echo, value, by_path, 1);
    }
    if depth < NESTED_MAX && xml::looks_like_markup(value) {
        return add(echo, value, by_path, depth + 1);
    }
    match open.last_mut() {
        Some(element) if !plain::is_of_fields(value) => {
            let class = doubted(element.name, element.class, value);
            learn(echo, element.name, class, value);
            named(&mut element.names, class, value);
        }
        _ => plain::add(echo, value, by_path),
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
