//! JSON lines: a strict reading of one object. Keys are asked for what they say of their values, values go through the gate.
//!
//! Whatever is not plain, complete JSON is left to the readers.

use super::{KeyClass, Reader};
use crate::phi::structure::{class_of, words};

/// Levels of objects and arrays followed here.
const LEVELS_MAX: u32 = 32;

/// Is the object that is all of `text` clean?
pub(super) fn is_clean(reader: &mut Reader<'_>, text: &str, hint: KeyClass) -> bool {
    let bytes = text.as_bytes();
    // A bit for each level, set for an object.
    let (mut objects, mut levels) = (0u32, 0u32);
    let mut at = 0;
    let mut hint = hint;
    let mut expects_value = true;
    loop {
        at = skip(bytes, at);
        let Some(byte) = bytes.get(at) else { return false };
        if expects_value {
            match byte {
                b'{' | b'[' => {
                    levels += 1;
                    if levels > LEVELS_MAX - 1 {
                        return false;
                    }
                    objects = objects << 1 | u32::from(*byte == b'{');
                    at = skip(bytes, at + 1);
                    let closes = bytes.get(at) == Some(if *byte == b'{' { &b'}' } else { &b']' });
                    if closes {
                        expects_value = false;
                    } else if *byte == b'{' {
                        match key(text, at) {
                            Some((class, value)) => (hint, at) = (class, value),
                            None => return false,
                        }
                    }
                    continue;
                }
                b'"' => {
                    let Some((inner, next)) = string(text, at) else { return false };
                    // A day of long ago makes the rest of its list that person's.
                    let listed = objects & 1 == 0 && inner.len() == 10 && inner.as_bytes()[4] == b'-';
                    if listed || !reader.clean_document(inner, hint) {
                        return false;
                    }
                    at = next;
                }
                b'-' | b'0'..=b'9' => {
                    let len = bytes[at..]
                        .iter()
                        .take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'+' | b'.' | b'_'))
                        .count();
                    let number = &text[at..at + len];
                    if len > 4 && !reader.clean_text(number, hint) {
                        return false;
                    }
                    at += len;
                }
                _ => {
                    let word = [&b"true"[..], b"false", b"null"]
                        .into_iter()
                        .find(|word| bytes[at..].starts_with(word));
                    let Some(word) = word else { return false };
                    at += word.len();
                    if bytes.get(at).is_some_and(u8::is_ascii_alphanumeric) {
                        return false;
                    }
                }
            }
            expects_value = false;
            continue;
        }
        match byte {
            b',' => {
                if objects & 1 == 1 {
                    match key(text, skip(bytes, at + 1)) {
                        Some((class, value)) => (hint, at) = (class, value),
                        None => return false,
                    }
                } else {
                    at += 1;
                }
                expects_value = true;
            }
            b'}' | b']' => {
                if (*byte == b'}') != (objects & 1 == 1) {
                    return false;
                }
                objects >>= 1;
                levels -= 1;
                at += 1;
                // What the key of an array says of what is left of it is forgotten: nothing is hidden by that.
                hint = KeyClass::Unknown;
                if levels == 0 {
                    return skip(bytes, at) == bytes.len();
                }
            }
            _ => return false,
        }
    }
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

/// A key that says nothing of persons, with its colon: the class of its value, and where that stands.
fn key(text: &str, at: usize) -> Option<(KeyClass, usize)> {
    let bytes = text.as_bytes();
    if bytes.get(at) != Some(&b'"') {
        return None;
    }
    let (key, next) = string(text, at)?;
    let class = class_of(key);
    if matches!(class, KeyClass::Phi(_)) || words::traits(key).more {
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
        _ => false,
    };
    (!says_more).then_some((class, value))
}
