//! The values of a text in no format of its own: `{lastName: Oyelaran}`, `lastName=Oyelaran`, `{'lastName': 'Oyelaran'}` by the
//! names in front of them, the fields of HL7 v2 and X12 one by one, and all of it as free text.

use super::learn;
use crate::phi::{
    cues::KeyClass,
    echo::{Echo, request_class},
    structure::{view, words},
};

/// Longest name of a value.
const KEY_BYTES_MAX: usize = 64;
/// Signs between fields from which on a text is a message of HL7 v2 or X12.
const SIGNS_MIN: usize = 4;

pub(super) fn add(echo: &mut Echo, text: &str, by_path: &dyn Fn(&str) -> KeyClass) {
    if text.trim().is_empty() {
        return;
    }
    for piece in text.split(['<', '>', '\n', '"']).filter(|piece| piece.len() >= 4) {
        if !words::is_field_name(piece.trim_matches(|c: char| !c.is_alphanumeric())) {
            echo.add_value(KeyClass::Free, piece);
        }
    }
    if is_of_fields(text) {
        fields(echo, text);
    } else {
        pairs(echo, text, by_path);
    }
}

/// A message in fields, as HL7 v2 and X12 have them.
pub(super) fn is_of_fields(text: &str) -> bool {
    ['|', '*'].iter().any(|sign| text.matches(*sign).count() >= SIGNS_MIN)
}

/// `PID|1||A44718290^^^HOSP^MR||THISTLEWOOD^ANN`: each part of each field.
fn fields(echo: &mut Echo, text: &str) {
    text.split(|c: char| "|^~&*\\:<>".contains(c) || c.is_control())
        .map(str::trim)
        .filter(|part| !is_guide(part))
        .for_each(|part| learn(echo, "", KeyClass::Unknown, part));
}

/// `005010X222A1`: the version and the guide that a transaction of X12 follows.
fn is_guide(part: &str) -> bool {
    part.split_once('X').is_some_and(|(version, guide)| {
        let (guide, addenda) = guide.split_once('A').unwrap_or((guide, ""));
        let digits =
            |text: &str, len: usize| text.len() == len && text.bytes().all(|byte| byte.is_ascii_digit());
        version.starts_with("00")
            && digits(version, 6)
            && digits(guide, 3)
            && (addenda.is_empty() || digits(addenda, 1))
    })
}

/// What stands behind each name and its sign, up to the next name, a comma, a bracket or the end of the line.
fn pairs(echo: &mut Echo, text: &str, by_path: &dyn Fn(&str) -> KeyClass) {
    let bytes = text.as_bytes();
    let mut emit = |key: &str, value: &str| {
        let value = value.trim().trim_matches(['"', '\'', '`']);
        let value = view::backslash(value).map_or_else(|| value.to_owned(), |view| view.text);
        learn(echo, key, request_class(key, key, by_path), &value);
    };
    let (mut key, mut from, mut at) = ("", 0, 0);
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' | b'\'' | b'`' => at = quote_end(bytes, at),
            b',' | b';' | b'\n' | b'\r' | b'{' | b'}' | b'[' | b']' | b'(' | b')' | b'&' | b'<' | b'>' => {
                emit(key, &text[from..at]);
                // What a bracket opens belongs to the name before it, what follows on a line of its own to none.
                key = if matches!(byte, b'\n' | b'\r' | b'}' | b';' | b'&') { "" } else { key };
                at += 1;
                from = at;
            }
            b'=' | b':'
                if let Some(name) = name_before(&text[from..at])
                    && !opens_uri(&text[from..], at - from) =>
            {
                let start = at - (text[from..at].len() - name.start);
                emit(key, &text[from..start]);
                key = &text[start..from + name.end];
                // `=>`, `==`
                at += 1 + usize::from(bytes.get(at + 1).is_some_and(|next| matches!(next, b'>' | b'=')));
                from = at.min(text.len());
            }
            _ => at += 1,
        }
    }
    emit(key, &text[from..]);
}

/// The name that a text ends with, quotes taken off.
fn name_before(text: &str) -> Option<std::ops::Range<usize>> {
    let end = text.trim_end().trim_end_matches(['"', '\'', '`']).len();
    let named = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '$');
    let len: usize =
        text[..end].chars().rev().take(KEY_BYTES_MAX).take_while(|c| named(*c)).map(char::len_utf8).sum();
    let name = end - len..end;
    text[name.clone()].starts_with(|c: char| c.is_alphabetic() || matches!(c, '_' | '$')).then_some(name)
}

/// `https://`, `urn:oid:`: a sign inside of a name that has some of its own.
fn opens_uri(text: &str, sign: usize) -> bool {
    const URN_BYTES_MAX: usize = 128;
    let before = &text[text.ceil_char_boundary(sign.saturating_sub(URN_BYTES_MAX))..sign];
    let word = before.rsplit(|c: char| c.is_whitespace() || matches!(c, '"' | '\'')).next().unwrap_or("");
    let urn = word.get(..3).is_some_and(|head| head.eq_ignore_ascii_case("urn"));
    text[sign..].starts_with("://") || urn && text[sign..].starts_with(':')
}

/// Behind the quote that closes the one at `open`, if a text stands in quotes there at all.
fn quote_end(bytes: &[u8], open: usize) -> usize {
    const QUOTED_BYTES_MAX: usize = 512;
    let word = |at: Option<usize>| at.and_then(|at| bytes.get(at)).is_some_and(u8::is_ascii_alphanumeric);
    if word(open.checked_sub(1)) {
        return open + 1;
    }
    let quote = bytes[open];
    let window = &bytes[open + 1..bytes.len().min(open + 1 + QUOTED_BYTES_MAX)];
    let mut escaped = false;
    for (len, byte) in window.iter().enumerate() {
        if *byte == quote && !escaped && !word(Some(open + len + 2)) {
            return open + len + 2;
        }
        escaped = *byte == b'\\' && !escaped;
    }
    open + 1
}
