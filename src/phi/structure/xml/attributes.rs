//! Attributes of a start tag: where they stand, and what their values are.

use std::ops::Range;

use super::days::class_of_element;
use super::tags::is_html;
use crate::phi::{
    class::Class,
    cues::KeyClass,
    structure::{dicom, field_class, paths, phi, words},
};

/// The next attribute with a value from `at` on: its name, and where its value stands.
pub(super) fn attribute(text: &str, tag: Range<usize>, at: usize) -> Option<(&str, Range<usize>)> {
    let bytes = text.as_bytes();
    let equals = at + memchr::memchr(b'=', &bytes[at..tag.end])?;
    let before = text[tag.start..equals].trim_end();
    let key = before.rsplit(char::is_whitespace).next().unwrap_or_default();
    let blanks = bytes[equals + 1..tag.end].iter().take_while(|byte| **byte == b' ').count();
    let open = equals + 1 + blanks;
    let value = &text[open..tag.end];
    let (start, len) = match value.bytes().next() {
        Some(quote @ (b'"' | b'\'')) => (open + 1, memchr::memchr(quote, &value.as_bytes()[1..])),
        _ => (open, value.find(|c: char| c.is_whitespace() || c == '/')),
    };
    Some((key, start..len.map_or(tag.end, |len| start + len)))
}

/// What the value of an attribute is, in an element `local` of `class` whose attributes are `tag`.
pub(super) fn class_of_attribute(
    text: &str,
    tag: &Range<usize>,
    local: &str,
    class: KeyClass,
    key: &str,
    value: &str,
) -> KeyClass {
    let field = matches!(local, "input" | "option" | "select" | "textarea" | "param");
    match key {
        "value" if field => form_field(&text[tag.clone()]),
        "name" | "for" | "placeholder" if is_html(local) || field => KeyClass::Unknown,
        // `<Data Name="ParentImage">`, as Windows names what an event holds.
        "Name" if words::names_a_datum(local, value) => KeyClass::Unknown,
        // `<field name="born" …>` names a field, in whatever words.
        "name" if matches!(local, "field" | "property" | "column" | "attribute" | "parameter") => {
            KeyClass::Unknown
        }
        "value" => class,
        "class" | "id" | "style" | "href" | "src" | "xmlns" | "rel" | "type" | "charset" | "lang" | "url" => {
            KeyClass::Unknown
        }
        // `<id extension="998-02-17" root="…"/>` under a patient, in CDA.
        "extension" if local == "id" && is_of_patient(text, tag.start) => KeyClass::Phi(Class::Mrn),
        key if key.starts_with("xmlns") || key.starts_with("xsi:") => KeyClass::Safe,
        key => match paths::number_of_member(key, value) {
            Some(class) => KeyClass::Phi(class),
            None => class_of_element(key.rsplit([':', '-']).next().unwrap_or(key), value),
        },
    }
}

/// Did an element of a patient open shortly before?
fn is_of_patient(text: &str, at: usize) -> bool {
    let before = &text[text.ceil_char_boundary(at.saturating_sub(200))..at];
    before.rfind("<patientRole").is_some_and(|open| !before[open..].contains("</patientRole"))
}

/// The class of the field that an attribute of a generic element names: `<field name="lastName">`.
pub(super) fn names_field(attributes: &str, element: &str) -> Option<KeyClass> {
    if is_html(element) {
        return None;
    }
    ["name=", "key=", "field=", "property=", "column=", "id=", "label=", "path=", "tag="].iter().find_map(
        |attribute| {
            let at = attributes.find(attribute)?;
            let bounded = attributes[..at].ends_with(|c: char| c.is_whitespace()) || at == 0;
            let value = attributes[at + attribute.len()..].strip_prefix(['"', '\''])?;
            let value = &value[..value.find(['"', '\''])?];
            let class = dicom::attribute(value).map_or_else(|| field_class(value), KeyClass::Phi);
            (bounded && words::is_field_path(value) && !value.contains(' ') && phi(class).is_some())
                .then_some(class)
        },
    )
}

/// What the `name` or `id` of a form field says about its `value`.
fn form_field(attributes: &str) -> KeyClass {
    for key in [" name=", " id="] {
        if let Some(at) = attributes.find(key)
            && let Some(name) = attributes[at + key.len()..]
                .trim_start_matches(['"', '\''])
                .split(['"', '\'', ' ', '/'])
                .next()
            && let class @ KeyClass::Phi(_) = field_class(name)
        {
            return class;
        }
    }
    KeyClass::Unknown
}
