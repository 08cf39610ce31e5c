//! JSON lines: a strict reading of one object. Keys are asked for what they say of their values, values go through the gate.
//!
//! Whatever is not plain, complete JSON is left to the readers.

use std::cell::RefCell;

use super::{Context, KeyClass, Reader};
use crate::phi::memo::Memo;
use crate::phi::names;
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
    let expected = Expected { hint, names_field: false, open: false };
    let mut document = Document { reader, text, at: 0, objects: 0, named: 0, levels: 0, expected };
    loop {
        if document.opens()? {
            continue;
        }
        while document.closes()? {
            if document.levels == 0 {
                return Some(document.at);
            }
        }
    }
}

/// What the key of a value says of it.
#[derive(Clone, Copy)]
struct Expected {
    hint: KeyClass,
    names_field: bool,
    /// It may be a number that another member speaks of.
    open: bool,
}

/// A document that has been clean so far.
struct Document<'a, 'r> {
    reader: &'a mut Reader<'r>,
    text: &'a str,
    at: usize,
    /// A bit for each level, set for an object; and one for whether its key names a field.
    objects: u32,
    named: u32,
    levels: u32,
    expected: Expected,
}

impl Document<'_, '_> {
    /// Reads a value, or the head of a container. True if a value is to come next: the first of the container.
    fn opens(&mut self) -> Option<bool> {
        self.at = skip(self.text.as_bytes(), self.at);
        match self.text.as_bytes().get(self.at)? {
            b'{' => self.container(true),
            b'[' if dumps::opens_list(self.text.as_bytes(), self.at) => None,
            b'[' => self.container(false),
            b'"' => self.string().map(|()| false),
            b'-' | b'0'..=b'9' => self.number().map(|()| false),
            _ => self.word().map(|()| false),
        }
    }

    fn container(&mut self, object: bool) -> Option<bool> {
        self.levels += 1;
        if self.levels > LEVELS_MAX - 1 {
            return None;
        }
        self.objects = self.objects << 1 | u32::from(object);
        self.named = self.named << 1 | u32::from(self.expected.names_field);
        self.at = skip(self.text.as_bytes(), self.at + 1);
        if self.text.as_bytes().get(self.at) == Some(if object { &b'}' } else { &b']' }) {
            return Some(false);
        }
        if object {
            self.key()?;
        }
        Some(true)
    }

    fn string(&mut self) -> Option<()> {
        let (inner, next) = string(self.text, self.at)?;
        let Expected { hint, names_field, open } = self.expected;
        // A day of long ago makes the rest of its list that person's.
        let listed = !self.in_object() && inner.len() == 10 && inner.as_bytes()[4] == b'-';
        // A field of a person: what stands beside it is a value of that field.
        let field =
            (names_field || !self.in_object()) && (phi(field_class(inner)).is_some() || suggests(inner));
        if listed || field || open && is_open_number(inner) {
            return None;
        }
        if !self.reader.clean_document(inner, Context::of(hint)) {
            self.reader.unclean = Some((inner.to_owned(), hint));
            return None;
        }
        self.at = next;
        Some(())
    }

    fn number(&mut self) -> Option<()> {
        let Expected { hint, open, .. } = self.expected;
        let len = self.text.as_bytes()[self.at..]
            .iter()
            .take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'+' | b'.' | b'_'))
            .count();
        let number = &self.text[self.at..self.at + len];
        if open && is_open_number(number) || len > 4 && !self.reader.clean_text(number, Context::of(hint)) {
            return None;
        }
        self.at += len;
        Some(())
    }

    /// `true`, `false` or `null`.
    fn word(&mut self) -> Option<()> {
        let rest = &self.text.as_bytes()[self.at..];
        let word = [&b"true"[..], b"false", b"null"].into_iter().find(|word| rest.starts_with(word))?;
        if rest.get(word.len()).is_some_and(u8::is_ascii_alphanumeric) {
            return None;
        }
        self.at += word.len();
        Some(())
    }

    /// Reads what stands behind a value: true for the end of its container, false for a comma and the key of the next.
    fn closes(&mut self) -> Option<bool> {
        self.at = skip(self.text.as_bytes(), self.at);
        match self.text.as_bytes().get(self.at)? {
            b',' if self.in_object() => {
                self.at = skip(self.text.as_bytes(), self.at + 1);
                self.key()?;
                Some(false)
            }
            b',' => {
                self.at += 1;
                Some(false)
            }
            byte @ (b'}' | b']') if (*byte == b'}') == self.in_object() => {
                self.expected.names_field = self.named & 1 == 1;
                // What the key of an array says of what is left of it is forgotten: nothing is hidden by that.
                self.expected.hint = KeyClass::Unknown;
                (self.objects, self.named) = (self.objects >> 1, self.named >> 1);
                self.levels -= 1;
                self.at += 1;
                Some(true)
            }
            _ => None,
        }
    }

    fn key(&mut self) -> Option<()> {
        (self.expected, self.at) = key(self.reader, self.text, self.at)?;
        Some(())
    }

    fn in_object(&self) -> bool {
        self.objects & 1 == 1
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
    expected: Expected,
    /// What was sent, of a field that a message beside it may speak of.
    value: bool,
    /// What who is signed in is called.
    login: bool,
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
    let expected = Expected { hint: class, names_field: traits.field.is_some(), open };
    Known { expected, value: traits.value, login: words::is_login_key(key), more }
}

/// A key that says nothing of persons, with its colon: what it says of its value, and where that stands.
fn key(reader: &mut Reader<'_>, text: &str, at: usize) -> Option<(Expected, usize)> {
    let bytes = text.as_bytes();
    if bytes.get(at) != Some(&b'"') {
        return None;
    }
    let (key, next) = string(text, at)?;
    let Known { expected, value: sent, login, more } = KEYS.with_borrow_mut(|known| known.get(key, known_of));
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
        Some(b'"') => {
            sent && bytes.get(value + 1) != Some(&b'"')
                || login && string(text, value).is_none_or(|(name, _)| names::is_login(name))
        }
        _ => false,
    };
    (!says_more).then_some((expected, value))
}
