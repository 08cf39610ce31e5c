//! Query strings and form bodies: parameters by their name, values percent-decoded before they are judged.

use std::ops::Range;

use super::{Context, DEPTH_MAX, Edit, Reader, class_of, view, words};
use crate::phi::cues::KeyClass;

/// `esperanza montes 4/17/52`, as people look somebody up: words that no machine says, a listed name among them, and a day.
pub(super) fn person_and_day(value: &str) -> Option<(Range<usize>, Range<usize>)> {
    let end = value.trim_end().len();
    let space = value[..end].rfind(' ')?;
    let day = &value[space + 1..end];
    let parts = day.split(['/', '-', '.']);
    let dated = parts.clone().count() == 3
        && (5..=10).contains(&day.len())
        && parts
            .clone()
            .all(|part| (1..=4).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit()));
    let name = value[..space].trim_end_matches([',', ' ']);
    let letters = |word: &str| {
        word.chars().count() >= 2
            && word.chars().all(|c| c.is_alphabetic() || matches!(c, '-' | '\'' | '’'))
            && !words::is_common(word)
            && !crate::phi::protect::is_vocabulary(word)
    };
    let said = name.split([' ', ',']).filter(|word| !word.is_empty());
    (dated
        && (1..=5).contains(&said.clone().count())
        && said.clone().all(letters)
        && said.into_iter().any(crate::phi::names::is_name_like))
    .then_some((0..name.len(), space + 1..end))
}

impl Reader<'_> {
    /// A whole form body or query string.
    pub(crate) fn form_body(&mut self, text: &str, out: &mut Vec<Edit>) {
        if super::looks_like_json(text) || !text.contains('=') {
            return self.document(text, Context::NONE, 0, out); // Mislabelled.
        }
        let depth = 0;
        let mut at = 0;
        for pair in text.split('&') {
            let start = at;
            at += pair.len() + 1;
            let Some((key, value)) = pair.split_once('=') else {
                self.parameter(text, start..start + pair.len(), KeyClass::Unknown, depth, out);
                continue;
            };
            let decoded = view::percent(key, true);
            let class = class_of(decoded.as_ref().map_or(key, |view| view.text.as_str()));
            let from = start + key.len() + 1;
            self.parameter(text, from..from + value.len(), class, depth, out);
        }
    }

    /// One encoded value.
    pub(super) fn parameter(
        &mut self,
        text: &str,
        span: Range<usize>,
        class: KeyClass,
        depth: u8,
        out: &mut Vec<Edit>,
    ) {
        if span.is_empty() {
            return;
        }
        let depth = (depth + 1).min(DEPTH_MAX);
        // `system|value`: the system is a public name.
        let span = match text[span.clone()].rfind('|') {
            Some(bar)
                if matches!(class, KeyClass::Phi(_))
                    && text[span.start..span.start + bar].contains([':', '/']) =>
            {
                span.start + bar + 1..span.end
            }
            _ => span,
        };
        if span.is_empty() {
            return;
        }
        let read = |reader: &mut Self, value: &str, out: &mut Vec<Edit>| match class {
            KeyClass::Phi(class) => reader.value(value, class, depth, out),
            hint => reader.document(value, Context::of(hint), depth, out),
        };
        match view::percent(&text[span.clone()], true) {
            Some(view) => self.through(&view, span.start, out, read),
            None => self.part(text, span, out, read),
        }
    }
}

/// Does the sign of equality at `equals` stand behind the name of a parameter: `?mrn=`, `&patient.identifier:exact=`?
pub(in crate::phi) fn is_behind_parameter(bytes: &[u8], equals: usize) -> bool {
    const NAME_BYTES_MAX: usize = 64;
    let name = |byte: &&u8| byte.is_ascii_alphanumeric() || b"_-.[]:".contains(byte);
    let len = bytes[..equals].iter().rev().take(NAME_BYTES_MAX).take_while(name).count();
    bytes[..equals - len].ends_with(b"?") || bytes[..equals - len].ends_with(b"&")
}

/// `GET /v1/patients?mrn=00417732 404`: is the parameter whose name ends at `equals` over before `at`?
pub(in crate::phi) fn is_past_parameter(bytes: &[u8], equals: usize, at: usize) -> bool {
    /// A shorter value may be the first group of a number: `?nhs=943 476 5919`.
    const WHOLE_BYTES_MIN: usize = 6;
    let behind = || {
        bytes[equals..at]
            .iter()
            .position(|byte| *byte == b' ')
            .is_some_and(|blank| blank >= WHOLE_BYTES_MIN && is_status(&bytes[equals + blank + 1..]))
    };
    bytes[equals] == b'=' && behind() && is_behind_parameter(bytes, equals)
}

/// Does a status of HTTP open here? Behind a blank that nobody escaped may stand the rest of the value as well.
pub(in crate::phi) fn is_status(bytes: &[u8]) -> bool {
    matches!(bytes, [b'1'..=b'5', b'0'..=b'9', b'0'..=b'9', rest @ ..] if rest.first().is_none_or(|byte| b" \n\r\",)]".contains(byte)))
}

/// Is the key at `key` a parameter: does `?`, `&` or its entity stand before it?
pub(super) fn is_parameter(text: &str, key: usize) -> bool {
    const KEY_BYTES_MAX: usize = 40;
    const VALUE_BYTES_MAX: usize = 96;
    let before = &text.as_bytes()[..key];
    let follows = match before.last() {
        Some(b'?' | b'&') => true,
        Some(b';') => before.ends_with(b"&amp;"),
        Some(b'6') => before.ends_with(b"\\u0026"),
        _ => false,
    };
    if follows {
        return true;
    }
    // The first of several: `famly=X&birthdate=Y`.
    let rest = &text.as_bytes()[key..];
    // Cheaper than what follows, and mostly false.
    if memchr::memchr(b'&', &rest[..rest.len().min(KEY_BYTES_MAX + 1 + VALUE_BYTES_MAX + 1)]).is_none() {
        return false;
    }
    let Some(equals) = memchr::memchr(b'=', &rest[..rest.len().min(KEY_BYTES_MAX + 1)]) else { return false };
    let rest = &rest[equals + 1..];
    let len = rest.iter().take(VALUE_BYTES_MAX).take_while(|byte| !b" &\"'<>\n,;".contains(byte)).count();
    len > 0 && rest.get(len) == Some(&b'&') && rest[len + 1..].iter().take(40).any(|byte| *byte == b'=')
}

/// The end of a parameter value inside running text.
pub(super) fn value_end(text: &str, value: usize) -> usize {
    let rest = &text.as_bytes()[value..];
    let mut level = 0;
    let mut len = rest.len();
    for (at, byte) in rest.iter().enumerate() {
        let ends = match byte {
            // D'Agostino
            b'\''
                if at > 0
                    && rest[at - 1].is_ascii_alphabetic()
                    && rest.get(at + 1).is_some_and(u8::is_ascii_uppercase) =>
            {
                false
            }
            b'&' | b' ' | b'\t' | b'\n' | b'\r' | b'"' | b'\'' | b'<' | b'>' | b'#' | b']' | b'}' | b'\\'
            | b'`' | b';' => true,
            b'(' => {
                level += 1;
                false
            }
            b')' => {
                level -= 1;
                level < 0
            }
            b',' => rest.get(at + 1).is_none_or(|next| *next == b' '),
            _ => false,
        };
        if ends {
            len = at;
            break;
        }
    }
    crate::phi::work::add(len);
    let value_text = &text[value..value + len];
    value + value_text.trim_end_matches(['.', ',', ':', '!', '?']).len()
}
