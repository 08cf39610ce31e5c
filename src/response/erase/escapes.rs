//! Escapes of JSON and of URLs, undone once, with the way back to the bytes as written.
//!
//! Escapes of ASCII characters only: what is looked for has no others.

use std::ops::Range;

/// The longest escape: `\u0041`.
pub(super) const ESCAPE_BYTES_MAX: usize = 6;

/// Whether there is an escape of a byte that is `wanted`.
pub(super) fn any(data: &[u8], wanted: impl Fn(u8) -> bool) -> bool {
    let mut from = 0;
    while let Some(rest) = data.get(from..)
        && let Some(found) = memchr::memchr2(b'\\', b'%', rest)
    {
        match read(rest.get(found..).unwrap_or_default()) {
            Step::Byte(byte, _) if wanted(byte) => return true,
            Step::Byte(_, length) | Step::Plain(length) => from += found + length,
            Step::Open => return false,
        }
    }
    false
}

/// Whether there is a character that escapes begin with.
pub(super) fn may_have_any(data: &[u8]) -> bool {
    memchr::memchr2(b'\\', b'%', data).is_some()
}

/// A text without its escapes.
pub(super) struct Unescaped {
    /// Less an escape that the end of the text cuts short.
    pub(super) bytes: Vec<u8>,
    /// Where plain stretches begin: here, and in the text as written.
    stretches: Vec<(usize, usize)>,
}

impl Unescaped {
    pub(super) fn of(data: &[u8]) -> Unescaped {
        let mut plain = Unescaped { bytes: Vec::with_capacity(data.len()), stretches: vec![(0, 0)] };
        let mut at = 0;
        while let Some(rest) = data.get(at..).filter(|rest| !rest.is_empty()) {
            let next = memchr::memchr2(b'\\', b'%', rest).unwrap_or(rest.len());
            plain.bytes.extend_from_slice(rest.get(..next).unwrap_or_default());
            at += next;
            let rest = rest.get(next..).unwrap_or_default();
            match read(rest) {
                Step::Byte(byte, length) => {
                    plain.bytes.push(byte);
                    at += length;
                    plain.stretches.push((plain.bytes.len(), at));
                }
                Step::Plain(length) => {
                    plain.bytes.extend_from_slice(rest.get(..length).unwrap_or_default());
                    at += length;
                }
                Step::Open => break,
            }
        }
        plain
    }

    /// Where the byte at `at` stands in the text as written.
    pub(super) fn raw(&self, at: usize) -> usize {
        let next = self.stretches.partition_point(|(here, _)| *here <= at);
        let begin = next.checked_sub(1).and_then(|last| self.stretches.get(last));
        begin.map_or(at, |(here, there)| there + (at - here))
    }

    pub(super) fn raw_span(&self, span: Range<usize>) -> Range<usize> {
        self.raw(span.start)..self.raw(span.end)
    }
}

enum Step {
    /// An escape of this byte, and its length.
    Byte(u8, usize),
    /// So many bytes that mean themselves, or another character than an ASCII one.
    Plain(usize),
    /// The text ends before it is clear.
    Open,
}

/// What begins `rest`.
fn read(rest: &[u8]) -> Step {
    match rest {
        [b'\\', b'u', digits @ ..] => hex(digits, 4, 2),
        [b'\\', byte @ (b'"' | b'\\' | b'/'), ..] => Step::Byte(*byte, 2),
        [b'\\', _, ..] => Step::Plain(2),
        [b'\\'] => Step::Open,
        [b'%', digits @ ..] => hex(digits, 2, 1),
        [] => Step::Open,
        _ => Step::Plain(1),
    }
}

/// `count` hexadecimal digits behind `before` bytes.
fn hex(digits: &[u8], count: usize, before: usize) -> Step {
    let digits = digits.get(..count).unwrap_or(digits);
    let value =
        digits.iter().try_fold(0u32, |value, digit| Some(value * 16 + char::from(*digit).to_digit(16)?));
    match value {
        None => Step::Plain(before),
        Some(_) if digits.len() < count => Step::Open,
        Some(value) => match u8::try_from(value) {
            Ok(byte) if byte.is_ascii() => Step::Byte(byte, before + count),
            _ => Step::Plain(before + count),
        },
    }
}
