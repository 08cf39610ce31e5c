//! JSON lines: a strict reading of one object. Keys are asked for what they say of their values, values go through the gate.
//!
//! Whatever is not plain, complete JSON is left to the readers.

use std::cell::RefCell;

use super::{Context, KeyClass, Reader};
use crate::phi::memo::Memo;
use crate::phi::structure::{
    aamva, class_of, cued, dicom, dumps, field_class, is_care_key, is_line_key, is_open_key, is_open_number,
    ncpdp, paths, phi, words,
};

/// Levels of objects and arrays followed here.
const LEVELS_MAX: u32 = 32;

/// Is the object that is all of `text` clean?
pub(super) fn is_clean(reader: &mut Reader<'_>, text: &str, hint: KeyClass) -> bool {
    clean_end(reader, text, hint).is_some_and(|end| skip(text.as_bytes(), end) == text.len())
}

/// Is the object that opens `text` clean?
pub(super) fn opens_clean(reader: &mut Reader<'_>, text: &str) -> bool {
    clean_end(reader, text, KeyClass::Unknown).is_some()
}

/// The end of the object that opens `text`, if it is clean.
fn clean_end(reader: &mut Reader<'_>, text: &str, hint: KeyClass) -> Option<usize> {
    let bytes = text.as_bytes();
    // A bit for each level, set for an object; and one for what its key says.
    let (mut objects, mut named, mut levels) = (0u32, 0u32, 0u32);
    let mut at = 0;
    let mut hint = hint;
    // The value may name a field.
    let mut names_field = false;
    // It may be a number that another member speaks of.
    let mut open = false;
    let mut expects_value = true;
    loop {
        at = skip(bytes, at);
        let byte = bytes.get(at)?;
        if expects_value {
            match byte {
                b'{' | b'[' => {
                    if *byte == b'[' && dumps::opens_list(bytes, at) {
                        return None;
                    }
                    levels += 1;
                    if levels > LEVELS_MAX - 1 {
                        return None;
                    }
                    objects = objects << 1 | u32::from(*byte == b'{');
                    named = named << 1 | u32::from(names_field);
                    at = skip(bytes, at + 1);
                    let closes = bytes.get(at) == Some(if *byte == b'{' { &b'}' } else { &b']' });
                    if closes {
                        expects_value = false;
                    } else if *byte == b'{' {
                        (hint, names_field, open, at) = key(reader, text, at)?;
                    }
                    continue;
                }
                b'"' => {
                    let (inner, next) = string(text, at)?;
                    // A day of long ago makes the rest of its list that person's.
                    let listed = objects & 1 == 0 && inner.len() == 10 && inner.as_bytes()[4] == b'-';
                    // A field of a person: what stands beside it is a value of that field.
                    let field = (names_field || objects & 1 == 0)
                        && (phi(field_class(inner)).is_some() || suggests(inner));
                    if listed || field || open && is_open_number(inner) {
                        return None;
                    }
                    if !reader.clean_document(inner, Context::of(hint)) {
                        reader.unclean = Some((inner.to_owned(), hint));
                        return None;
                    }
                    at = next;
                }
                b'-' | b'0'..=b'9' => {
                    let len = bytes[at..]
                        .iter()
                        .take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'+' | b'.' | b'_'))
                        .count();
                    let number = &text[at..at + len];
                    if open && is_open_number(number)
                        || len > 4 && !reader.clean_text(number, Context::of(hint))
                    {
                        return None;
                    }
                    at += len;
                }
                _ => {
                    let word = [&b"true"[..], b"false", b"null"]
                        .into_iter()
                        .find(|word| bytes[at..].starts_with(word));
                    at += word?.len();
                    if bytes.get(at).is_some_and(u8::is_ascii_alphanumeric) {
                        return None;
                    }
                }
            }
            expects_value = false;
            continue;
        }
        match byte {
            b',' => {
                if objects & 1 == 1 {
                    (hint, names_field, open, at) = key(reader, text, skip(bytes, at + 1))?;
                } else {
                    at += 1;
                }
                expects_value = true;
            }
            b'}' | b']' => {
                if (*byte == b'}') != (objects & 1 == 1) {
                    return None;
                }
                names_field = named & 1 == 1;
                (objects, named) = (objects >> 1, named >> 1);
                levels -= 1;
                at += 1;
                // What the key of an array says of what is left of it is forgotten: nothing is hidden by that.
                hint = KeyClass::Unknown;
                if levels == 0 {
                    return Some(at);
                }
            }
            _ => return None,
        }
    }
}

/// May the name of a field, or a path to it, suggest what a number beside it is?
fn suggests(path: &str) -> bool {
    path.rsplit(['.', '/', '#']).next().is_some_and(|last| cued(last).is_some() || is_care_key(last))
}

fn skip(bytes: &[u8], mut at: usize) -> usize {
    while matches!(bytes.get(at), Some(b' ' | b'\t' | b'\r')) {
        at += 1;
    }
    at
}

/// The string at `at` without escapes: its inside, and where reading goes on.
fn string(text: &str, at: usize) -> Option<(&str, usize)> {
    let inside = text.get(at + 1..)?;
    let len = memchr::memchr2(b'"', b'\\', inside.as_bytes())?;
    (inside.as_bytes()[len] == b'"').then(|| (&inside[..len], at + len + 2))
}

/// What is known of a key.
#[derive(Clone, Copy)]
struct Known {
    class: KeyClass,
    names_field: bool,
    /// It may hold a number that another member speaks of.
    open: bool,
    /// What was sent, of a field that a message beside it may speak of.
    value: bool,
    /// The gate does not judge what stands under it.
    more: bool,
}

thread_local! {
    static KEYS: RefCell<Memo<Known>> = RefCell::new(Memo::new());
}

fn known_of(key: &str) -> Known {
    let (class, traits) = (class_of(key), words::traits(key));
    let more = matches!(class, KeyClass::Phi(_))
        || traits.more
        || ncpdp::field(key).is_some()
        || aamva::element(key).is_some()
        || dicom::attribute(key).is_some()
        || paths::is_key_of_member(key);
    let open = is_open_key(key) || is_line_key(key) || cued(key).is_some();
    Known { class, names_field: traits.field.is_some(), open, value: traits.value, more }
}

/// A key that says nothing of persons, with its colon: the class of its value, whether that names a field or may be a number spoken
/// of beside it, and where it stands.
fn key(reader: &mut Reader<'_>, text: &str, at: usize) -> Option<(KeyClass, bool, bool, usize)> {
    let bytes = text.as_bytes();
    if bytes.get(at) != Some(&b'"') {
        return None;
    }
    let (key, next) = string(text, at)?;
    let Known { class, names_field, open, value: sent, more } =
        KEYS.with_borrow_mut(|known| known.get(key, known_of));
    // With an echo, keys are read as values are.
    if more || reader.echo.is_some() && !reader.clean_text(key, Context::NONE) {
        return None;
    }
    let colon = skip(bytes, next);
    if bytes.get(colon) != Some(&b':') {
        return None;
    }
    let value = skip(bytes, colon + 1);
    // The columns of rows, the kind of an identifier.
    let says_more = match bytes.get(value) {
        Some(b'[') => matches!(key, "columns" | "headers" | "header" | "cols"),
        Some(b'{') => key == "type",
        Some(b'"') => sent && bytes.get(value + 1) != Some(&b'"'),
        _ => false,
    };
    (!says_more).then_some((class, names_field, open, value))
}
