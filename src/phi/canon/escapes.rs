//! One round of unescaping: percent, `%uXXXX`, HTML entities, `\uXXXX` and `\xXX`.

use super::{Fault, Part, View, named};

/// How a percent sign is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Percent {
    /// Escapes that are no UTF-8 are a fault; a lone percent sign is itself.
    Checked,
    /// Whatever does not decode stays.
    Lenient,
}

/// The first round over a part of a target. Tells too whether `%uXXXX` was met.
pub(super) fn percent_strict(raw: &str, part: Part) -> Result<(String, bool), Fault> {
    let bytes = raw.as_bytes();
    let mut out: Vec<u8> = Vec::with_capacity(bytes.len());
    let mut irregular = false;
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            b'%' => {
                if let Some(byte) = hex_byte(&bytes[at + 1..]) {
                    out.push(byte);
                    at += 3;
                } else {
                    let (unit, width) = percent_u(&bytes[at..]).ok_or(Fault::BadPercent)?;
                    out.extend_from_slice(unit.encode_utf8(&mut [0; 4]).as_bytes());
                    irregular = true;
                    at += width;
                }
                continue;
            }
            b'+' if part == Part::Query => out.push(b' '),
            byte => out.push(byte),
        }
        at += 1;
    }
    String::from_utf8(out).map(|text| (text, irregular)).map_err(|_| Fault::BadUtf8)
}

/// One round over a text; `None` when nothing was escaped.
pub(super) fn once(text: &str, percent: Percent) -> Result<Option<View>, Fault> {
    let bytes = text.as_bytes();
    let Some(first) = bytes.iter().position(|byte| matches!(byte, b'%' | b'&' | b'\\')) else {
        return Ok(None);
    };
    let mut view: Option<View> = None;
    let (mut at, mut copied) = (first, 0);
    while at < bytes.len() {
        let decoded = match bytes[at] {
            b'%' => percent_run(&bytes[at..], percent)?,
            b'&' => entity(&text[at..]).map(|(c, width)| (String::from(c), width)),
            b'\\' => backslash(&bytes[at..]).map(|(c, width)| (String::from(c), width)),
            _ => None,
        };
        match decoded {
            Some((decoded, width)) => {
                let view = view.get_or_insert_with(|| View::with_capacity(bytes.len()));
                copy(view, text, copied, at);
                view.push(&decoded, (at, at + width));
                at += width;
                copied = at;
            }
            None => at += 1,
        }
    }
    if let Some(view) = &mut view {
        copy(view, text, copied, bytes.len());
    }
    Ok(view)
}

fn copy(view: &mut View, text: &str, from: usize, to: usize) {
    view.text.push_str(&text[from..to]);
    view.origin.extend((from..to).map(|at| (at, at + 1)));
}

/// A run of percent escapes, taken together because one character may need four of them.
fn percent_run(bytes: &[u8], percent: Percent) -> Result<Option<(String, usize)>, Fault> {
    if let Some((c, width)) = percent_u(bytes) {
        return Ok(Some((String::from(c), width)));
    }
    let mut run = Vec::new();
    while bytes.get(run.len() * 3) == Some(&b'%')
        && let Some(byte) = hex_byte(&bytes[run.len() * 3 + 1..])
    {
        run.push(byte);
    }
    if run.is_empty() {
        return Ok(None);
    }
    let width = run.len() * 3;
    match String::from_utf8(run) {
        Ok(decoded) => Ok(Some((decoded, width))),
        Err(_) if percent == Percent::Checked => Err(Fault::BadUtf8),
        // Latin-1 is what else such a run may be; better a readable view than none.
        Err(error) => Ok(Some((error.as_bytes().iter().map(|byte| char::from(*byte)).collect(), width))),
    }
}

fn hex_byte(bytes: &[u8]) -> Option<u8> {
    Some(hex(*bytes.first()?)? << 4 | hex(*bytes.get(1)?)?)
}

pub(super) fn hex(byte: u8) -> Option<u8> {
    match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        b'A'..=b'F' => Some(byte - b'A' + 10),
        _ => None,
    }
}

fn hex_units(bytes: &[u8]) -> Option<u32> {
    bytes.iter().try_fold(0u32, |sum, byte| Some(sum << 4 | u32::from(hex(*byte)?)))
}

/// `%uXXXX`, surrogate pairs included.
fn percent_u(bytes: &[u8]) -> Option<(char, usize)> {
    utf16_escape(bytes, b'%')
}

/// `\uXXXX`, `\u{X}` and `\xXX`.
fn backslash(bytes: &[u8]) -> Option<(char, usize)> {
    match bytes.get(1)? {
        b'u' if bytes.get(2) == Some(&b'{') => {
            let digits =
                bytes[3..].iter().take(7).position(|byte| *byte == b'}').filter(|count| *count > 0)?;
            let c = char::from_u32(hex_units(&bytes[3..3 + digits])?)?;
            Some((c, digits + 4))
        }
        b'u' | b'U' => utf16_escape(bytes, b'\\'),
        b'x' => Some((char::from(hex_byte(&bytes[2..])?), 4)),
        _ => None,
    }
}

fn utf16_escape(bytes: &[u8], mark: u8) -> Option<(char, usize)> {
    let unit = |from: usize| {
        let here = bytes.get(from..from + 6)?;
        (here[0] == mark && matches!(here[1], b'u' | b'U')).then(|| hex_units(&here[2..]))?
    };
    let first = unit(0)?;
    if let Some(c) = char::from_u32(first) {
        return Some((c, 6));
    }
    let second = unit(6)?;
    let pair = (0xD800..0xDC00).contains(&first) && (0xDC00..0xE000).contains(&second);
    let c = pair.then(|| char::from_u32(0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00)))??;
    Some((c, 12))
}

/// Longest entity name looked at.
const ENTITY_BYTES_MAX: usize = 10;

/// `&#74;`, `&#x4A;` (the semicolon may be missing, as browsers allow) and the named ones that occur in names.
fn entity(text: &str) -> Option<(char, usize)> {
    let bytes = text.as_bytes();
    if bytes.get(1) == Some(&b'#') {
        let (from, radix) = if matches!(bytes.get(2), Some(b'x' | b'X')) { (3, 16) } else { (2, 10) };
        let count = bytes[from.min(bytes.len())..]
            .iter()
            .take(ENTITY_BYTES_MAX)
            .take_while(|byte| char::from(**byte).is_digit(radix))
            .count();
        let c = char::from_u32(u32::from_str_radix(text.get(from..from + count)?, radix).ok()?)?;
        let end = from + count;
        return Some((c, if bytes.get(end) == Some(&b';') { end + 1 } else { end }));
    }
    let length = bytes.iter().take(ENTITY_BYTES_MAX + 2).position(|byte| *byte == b';')?;
    let name = text.get(1..length)?;
    Some((named(name)?, length + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_and_near_misses() {
        for (text, expected) in [
            ("&amp;", Some('&')),
            ("&#64;", Some('@')),
            ("&#64 ", Some('@')),
            ("&#x40;", Some('@')),
            ("&nosuch;", None),
            ("& b;", None),
            ("&#;", None),
            ("&#xD800;", None),
        ] {
            assert_eq!(entity(text).map(|(c, _)| c), expected, "{text}");
        }
        for (text, expected) in [
            (r"\u004a", Some('J')),
            (r"\u{4a}", Some('J')),
            (r"\x4a", Some('J')),
            (r"\ud83d\ude00", Some('😀')),
            (r"\ud83d", None),
            (r"\n", None),
            (r"\u{}", None),
            (r"\u{110000}", None),
            (r"\", None),
        ] {
            assert_eq!(backslash(text.as_bytes()).map(|(c, _)| c), expected, "{text}");
        }
    }
}
