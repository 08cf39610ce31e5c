//! The tokens of a JSON text, read leniently and without copies: broken and truncated texts give what there is.
//!
//! Owns where tokens stand and how they nest. What they mean is decided by the reader.

use std::ops::Range;

use crate::phi::structure::view::{self, View};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Object,
    Array,
    /// The end of an object or array.
    End,
    Key,
    Str,
    Number,
    /// `true`, `null`, and words that only lenient writers use, such as `NaN`.
    Word,
}

#[derive(Clone, Debug)]
pub(crate) struct Token {
    pub(crate) kind: Kind,
    /// Inside the quotes of a key or string, else the whole token.
    pub(crate) start: usize,
    pub(crate) end: usize,
    /// Of a container: the index of its end token, or the length of the tape if it never ends.
    pub(crate) close: usize,
    /// Of a key or string: a backslash stands in it.
    escaped: bool,
}

impl Token {
    fn new(kind: Kind, span: Range<usize>) -> Token {
        Token { kind, start: span.start, end: span.end, close: usize::MAX, escaped: false }
    }

    /// A key or string with its escapes resolved, if it has any.
    pub(super) fn decoded(&self, text: &str) -> Option<View> {
        if self.escaped { view::backslash(&text[self.start..self.end]) } else { None }
    }
}

/// The tokens of a text in order.
pub(crate) struct Tape {
    pub(crate) tokens: Vec<Token>,
    /// Where reading stopped: the length of the text, or the first byte that fits no JSON.
    pub(crate) end: usize,
    /// Objects and arrays are all closed and nothing is left over.
    pub(crate) complete: bool,
}

/// Cheap test that reading `text` as JSON is worth it.
pub(crate) fn looks_like_json(text: &str) -> bool {
    let text = text.trim_start_matches('\u{feff}').trim_ascii_start();
    let Some(first) = text.as_bytes().first() else { return false };
    let second = text.as_bytes()[1..].trim_ascii_start().first();
    match first {
        b'{' => matches!(second, Some(b'"' | b'}')),
        b'[' => {
            let inner = text.as_bytes()[1..].trim_ascii_start();
            matches!(second, Some(b'{' | b'[' | b'"' | b']' | b'-' | b'0'..=b'9'))
                || [&b"null"[..], b"true", b"false"].iter().any(|word| inner.starts_with(word))
        }
        b'"' => text.len() > 1 && text.trim_ascii_end().ends_with('"'),
        _ => false,
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Expect {
    Value,
    KeyOrEnd,
    Colon,
    CommaOrEnd,
}

impl Tape {
    pub(crate) fn read(text: &str) -> Tape {
        let bytes = text.as_bytes();
        crate::phi::work::add(bytes.len());
        let mut tape =
            Tape { tokens: Vec::with_capacity(bytes.len() / 12 + 4), end: bytes.len(), complete: false };
        let mut open: Vec<usize> = Vec::new();
        let mut expect = Expect::Value;
        let mut at = if text.starts_with('\u{feff}') { 3 } else { 0 };
        loop {
            while at < bytes.len() && matches!(bytes[at], b' ' | b'\t' | b'\r' | b'\n' | 0x1e) {
                at += 1;
            }
            let Some(&byte) = bytes.get(at) else {
                tape.complete = open.is_empty() && !tape.tokens.is_empty();
                return tape;
            };
            let in_object = open.last().is_some_and(|&i| tape.tokens[i].kind == Kind::Object);
            match (expect, byte) {
                (Expect::Value, b'{' | b'[') => {
                    let kind = if byte == b'{' { Kind::Object } else { Kind::Array };
                    open.push(tape.tokens.len());
                    tape.push(kind, at..at + 1);
                    expect = if byte == b'{' { Expect::KeyOrEnd } else { Expect::Value };
                    at += 1;
                }
                (Expect::Value, b'"') | (Expect::KeyOrEnd, b'"') => {
                    let kind = if expect == Expect::KeyOrEnd { Kind::Key } else { Kind::Str };
                    let (end, next, escaped) = string_end(bytes, at + 1);
                    tape.tokens.push(Token { escaped, ..Token::new(kind, at + 1..end) });
                    expect = if kind == Kind::Key { Expect::Colon } else { Expect::CommaOrEnd };
                    at = next;
                }
                (Expect::Value, b'-' | b'+' | b'.' | b'0'..=b'9') => {
                    let end = token_end(bytes, at);
                    tape.push(Kind::Number, at..end);
                    expect = Expect::CommaOrEnd;
                    at = end;
                }
                (Expect::Value, b'a'..=b'z' | b'A'..=b'Z') => {
                    let end = token_end(bytes, at);
                    if !is_word(&text[at..end]) {
                        return tape.stop(at);
                    }
                    tape.push(Kind::Word, at..end);
                    expect = Expect::CommaOrEnd;
                    at = end;
                }
                (Expect::Colon, b':') => {
                    expect = Expect::Value;
                    at += 1;
                }
                (Expect::CommaOrEnd, b',') if !open.is_empty() => {
                    expect = if in_object { Expect::KeyOrEnd } else { Expect::Value };
                    at += 1;
                }
                (Expect::CommaOrEnd | Expect::KeyOrEnd, b'}') if in_object => {
                    at += 1;
                    expect = tape.close(&mut open, at);
                }
                (Expect::CommaOrEnd | Expect::Value, b']') if !in_object && !open.is_empty() => {
                    at += 1;
                    expect = tape.close(&mut open, at);
                }
                // The next document of an NDJSON stream.
                (Expect::CommaOrEnd, b'{' | b'[') if open.is_empty() => expect = Expect::Value,
                _ => return tape.stop(at),
            }
        }
    }

    fn push(&mut self, kind: Kind, span: Range<usize>) {
        self.tokens.push(Token::new(kind, span));
    }

    fn close(&mut self, open: &mut Vec<usize>, at: usize) -> Expect {
        if let Some(opened) = open.pop() {
            self.tokens[opened].close = self.tokens.len();
            self.push(Kind::End, at - 1..at);
        }
        Expect::CommaOrEnd
    }

    fn stop(mut self, at: usize) -> Tape {
        self.end = at;
        self
    }

    /// The direct members of the object at `open`: indices of a key and of the value after it.
    pub(super) fn members(&self, open: usize) -> impl Iterator<Item = (usize, usize)> + '_ {
        let last = self.tokens[open].close.min(self.tokens.len());
        let mut at = open + 1;
        std::iter::from_fn(move || {
            while at + 1 < last && self.tokens[at].kind != Kind::Key {
                at += 1;
            }
            if at + 1 >= last {
                return None;
            }
            let key = at;
            at = self.after(key + 1);
            Some((key, key + 1))
        })
    }

    /// The index after a value.
    pub(crate) fn after(&self, value: usize) -> usize {
        match self.tokens[value].kind {
            Kind::Object | Kind::Array => self.tokens[value].close.saturating_add(1).min(self.tokens.len()),
            _ => value + 1,
        }
    }
}

/// The end of the string that begins at `at` (after its quote), where reading goes on, and whether a backslash stands in it.
fn string_end(bytes: &[u8], at: usize) -> (usize, usize, bool) {
    let mut from = at;
    let mut escaped = false;
    while let Some(found) = memchr::memchr2(b'"', b'\\', &bytes[from.min(bytes.len())..]) {
        let found = from + found;
        if bytes[found] == b'"' {
            return (found, found + 1, escaped);
        }
        from = found + 2;
        escaped = true;
    }
    (bytes.len(), bytes.len(), escaped)
}

fn token_end(bytes: &[u8], at: usize) -> usize {
    let tail = bytes[at..]
        .iter()
        .position(|b| !(b.is_ascii_alphanumeric() || matches!(b, b'-' | b'+' | b'.' | b'_')));
    tail.map_or(bytes.len(), |len| at + len)
}

fn is_word(word: &str) -> bool {
    matches!(
        word,
        "true" | "false" | "null" | "NaN" | "Infinity" | "undefined" | "None" | "True" | "False" | "nil"
    )
}
