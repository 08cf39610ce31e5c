//! Decoded views of a text, with spans mapped back to the bytes they came from.
//!
//! A view is what a reader of the format sees: JSON escapes, percent escapes or entities resolved. Findings are
//! made on the view and written to the raw text, so whatever is not replaced keeps its bytes. Decoding is lenient
//! and total: what is not a valid escape stands for itself.

use crate::phi::{canon, work};
use std::ops::Range;

/// A decoded text and where its escapes stand in the raw one.
pub(crate) struct View {
    pub(crate) text: String,
    steps: Vec<Step>,
}

/// One escape: `text_len` decoded bytes at `text` stand for `raw_len` raw bytes at `raw`.
struct Step {
    text: usize,
    text_len: usize,
    raw: usize,
    raw_len: usize,
}

impl View {
    fn with_capacity(len: usize) -> View {
        View { text: String::with_capacity(len), steps: Vec::new() }
    }

    fn escape(&mut self, decoded: char, raw: usize, raw_len: usize) {
        self.steps.push(Step { text: self.text.len(), text_len: decoded.len_utf8(), raw, raw_len });
        self.text.push(decoded);
    }

    /// The raw bytes that a span of the decoded text stands for.
    pub(crate) fn raw_span(&self, span: Range<usize>) -> Range<usize> {
        let start = self.raw_start(span.start);
        start..self.raw_end(span.end).max(start)
    }

    fn raw_start(&self, at: usize) -> usize {
        match self.steps.partition_point(|step| step.text <= at).checked_sub(1).map(|i| &self.steps[i]) {
            None => at,
            Some(step) if at < step.text + step.text_len => step.raw,
            Some(step) => step.raw + step.raw_len + (at - step.text - step.text_len),
        }
    }

    fn raw_end(&self, at: usize) -> usize {
        match self.steps.partition_point(|step| step.text < at).checked_sub(1).map(|i| &self.steps[i]) {
            None => at,
            Some(step) if at <= step.text + step.text_len => step.raw + step.raw_len,
            Some(step) => step.raw + step.raw_len + (at - step.text - step.text_len),
        }
    }
}

/// A text with tabs in the place of `delimiter` within `span`.
pub(super) fn with_tabs(raw: &str, delimiter: char, span: Range<usize>) -> View {
    work::add(raw.len());
    let mut view = View::with_capacity(raw.len());
    for (at, letter) in raw.char_indices() {
        match letter == delimiter && span.contains(&at) {
            true => view.escape('\t', at, letter.len_utf8()),
            false => view.text.push(letter),
        }
    }
    view
}

/// A text without the control sequences of terminals (ECMA-48: `ESC [`, parameters, a letter), as loggers colour their
/// levels and values. `None` if it holds none. Other control sequences stand for themselves.
pub(crate) fn without_colours(raw: &str) -> Option<View> {
    const PARAMETERS_MAX: usize = 32;
    let bytes = raw.as_bytes();
    let mut view: Option<View> = None;
    let mut done = 0;
    for open in memchr::memchr_iter(0x1b, bytes) {
        if bytes.get(open + 1) != Some(&b'[') {
            continue;
        }
        let parameters = &bytes[open + 2..];
        let len =
            parameters.iter().take(PARAMETERS_MAX).take_while(|byte| matches!(byte, b' '..=b'?')).count();
        if !parameters.get(len).is_some_and(|end| matches!(end, b'@'..=b'~')) {
            continue;
        }
        let view = view.get_or_insert_with(|| View::with_capacity(raw.len()));
        view.text.push_str(&raw[done..open]);
        let raw_len = 2 + len + 1;
        view.steps.push(Step { text: view.text.len(), text_len: 0, raw: open, raw_len });
        done = open + raw_len;
    }
    let mut view = view?;
    view.text.push_str(&raw[done..]);
    Some(view)
}

/// The part `span` of a text without the `gaps` in it, which stand in order.
pub(crate) fn without(raw: &str, span: Range<usize>, gaps: &[Range<usize>]) -> View {
    let mut view = View::with_capacity(span.len());
    let mut done = span.start;
    for gap in gaps {
        view.text.push_str(&raw[done..gap.start]);
        let raw = gap.start - span.start;
        view.steps.push(Step { text: view.text.len(), text_len: 0, raw, raw_len: gap.len() });
        done = gap.end;
    }
    view.text.push_str(&raw[done..span.end]);
    view
}

/// The inside of a JSON (or C-like) string literal. `None` if it holds no backslash.
pub(crate) fn backslash(raw: &str) -> Option<View> {
    work::add(raw.len());
    let mut next = memchr::memchr(b'\\', raw.as_bytes())?;
    let bytes = raw.as_bytes();
    let mut view = View::with_capacity(raw.len());
    let mut done = 0;
    loop {
        view.text.push_str(&raw[done..next]);
        let (decoded, len) = match bytes.get(next + 1) {
            Some(b'u') => unicode_escape(bytes, next),
            Some(b'x') => match hex(bytes, next + 2, 2) {
                Some(code) => (char::from_u32(code).unwrap_or('\u{fffd}'), 4),
                None => ('x', 2),
            },
            Some(b'n') => ('\n', 2),
            Some(b'r') => ('\r', 2),
            Some(b't') => ('\t', 2),
            Some(b'b') => ('\u{8}', 2),
            Some(b'f') => ('\u{c}', 2),
            Some(byte) if byte.is_ascii() => (char::from(*byte), 2),
            // A backslash before a wide character, or at the very end, stands for itself.
            _ => ('\\', 1),
        };
        view.escape(decoded, next, len);
        done = next + len;
        match memchr::memchr(b'\\', &bytes[done.min(bytes.len())..]) {
            Some(found) => next = done + found,
            None => break,
        }
    }
    view.text.push_str(&raw[done.min(raw.len())..]);
    Some(view)
}

/// Every backslash taken away, for text that is nested too deep to be read level by level.
pub(crate) fn no_backslash(raw: &str) -> Option<View> {
    work::add(raw.len());
    memchr::memchr(b'\\', raw.as_bytes())?;
    let mut view = View::with_capacity(raw.len());
    let mut at = 0;
    while at < raw.len() {
        let run = raw.as_bytes()[at..].iter().take_while(|byte| **byte == b'\\').count();
        let Some(letter) = raw[at + run..].chars().next() else { break };
        if run > 0 {
            view.escape(letter, at, run + letter.len_utf8());
            at += run + letter.len_utf8();
        } else {
            let len = memchr::memchr(b'\\', &raw.as_bytes()[at..]).unwrap_or(raw.len() - at);
            view.text.push_str(&raw[at..at + len]);
            at += len;
        }
    }
    Some(view)
}

/// `\uXXXX` at `at`, surrogate pairs joined. Returns the character and the raw length.
fn unicode_escape(bytes: &[u8], at: usize) -> (char, usize) {
    let Some(code) = hex(bytes, at + 2, 4) else { return ('u', 2) };
    if (0xd800..0xdc00).contains(&code)
        && bytes.get(at + 6) == Some(&b'\\')
        && bytes.get(at + 7) == Some(&b'u')
        && let Some(low) = hex(bytes, at + 8, 4)
        && (0xdc00..0xe000).contains(&low)
    {
        let joined = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
        return (char::from_u32(joined).unwrap_or('\u{fffd}'), 12);
    }
    (char::from_u32(code).unwrap_or('\u{fffd}'), 6)
}

fn hex(bytes: &[u8], at: usize, len: usize) -> Option<u32> {
    bytes
        .get(at..at + len)?
        .iter()
        .try_fold(0, |value, byte| Some(value * 16 + char::from(*byte).to_digit(16)?))
}

/// Percent escapes, `%uXXXX`, and `+` for a space where the text is a form or query. `None` if nothing is escaped.
pub(crate) fn percent(raw: &str, plus_is_space: bool) -> Option<View> {
    work::add(raw.len());
    let bytes = raw.as_bytes();
    let escaped = |at: usize| bytes[at] == b'%' || (plus_is_space && bytes[at] == b'+');
    (0..bytes.len()).find(|&at| escaped(at))?;
    let mut view = View::with_capacity(raw.len());
    let mut at = 0;
    let mut run: Vec<u8> = Vec::new();
    while at < bytes.len() {
        if plus_is_space && bytes[at] == b'+' {
            view.escape(' ', at, 1);
            at += 1;
        } else if bytes[at] == b'%' && hex(bytes, at + 1, 2).is_some() {
            run.clear();
            let start = at;
            while at < bytes.len()
                && bytes[at] == b'%'
                && let Some(byte) = hex(bytes, at + 1, 2)
            {
                run.push(byte as u8);
                at += 3;
            }
            decoded_run(&mut view, &run, start);
        } else if bytes[at] == b'%'
            && matches!(bytes.get(at + 1), Some(b'u' | b'U'))
            && let Some(code) = hex(bytes, at + 2, 4)
        {
            view.escape(char::from_u32(code).unwrap_or('\u{fffd}'), at, 6);
            at += 6;
        } else {
            let start = at;
            at += 1;
            while at < bytes.len() && !escaped(at) {
                at += 1;
            }
            view.text.push_str(&raw[start..at]);
        }
    }
    if view.steps.is_empty() { None } else { Some(view) }
}

/// Pushes percent-decoded bytes: UTF-8 where it is, Latin-1 where it is not, each character with its own step.
fn decoded_run(view: &mut View, run: &[u8], raw: usize) {
    let mut at = 0;
    for chunk in run.utf8_chunks() {
        for letter in chunk.valid().chars() {
            view.escape(letter, raw + at * 3, letter.len_utf8() * 3);
            at += letter.len_utf8();
        }
        for byte in chunk.invalid() {
            view.escape(char::from(*byte), raw + at * 3, 3);
            at += 1;
        }
    }
}

/// HTML and XML character references. `None` if there is none.
pub(crate) fn entities(raw: &str) -> Option<View> {
    work::add(raw.len());
    let mut next = memchr::memchr(b'&', raw.as_bytes())?;
    let mut view = View::with_capacity(raw.len());
    let mut done = 0;
    loop {
        view.text.push_str(&raw[done..next]);
        done = next;
        if let Some((decoded, len)) = entity(&raw[next..]) {
            view.escape(decoded, next, len);
            done += len;
        } else {
            view.text.push('&');
            done += 1;
        }
        match memchr::memchr(b'&', &raw.as_bytes()[done..]) {
            Some(found) => next = done + found,
            None => break,
        }
    }
    view.text.push_str(&raw[done..]);
    if view.steps.is_empty() { None } else { Some(view) }
}

/// Words of a mail header, as `=?utf-8?Q?Ang=C3=A9lique_Thi=C3=A9baut?=`: each goes as a whole. `None` if there is none.
pub(crate) fn encoded_words(raw: &str) -> Option<View> {
    work::add(raw.len());
    let mut view = View::with_capacity(raw.len());
    let (mut done, mut from) = (0, 0);
    while let Some(open) = raw[from..].find("=?").map(|at| at + from) {
        from = open + 2;
        if let Some((text, len)) = encoded_word(&raw[open..]) {
            view.text.push_str(&raw[done..open]);
            view.steps.push(Step { text: view.text.len(), text_len: text.len(), raw: open, raw_len: len });
            view.text.push_str(&text);
            done = open + len;
            from = done;
        }
    }
    view.text.push_str(&raw[done..]);
    (!view.steps.is_empty()).then_some(view)
}

/// The text of the encoded word (RFC 2047) that opens `raw`, and its length.
fn encoded_word(raw: &str) -> Option<(String, usize)> {
    const BYTES_MAX: usize = 256;
    let window = &raw[..raw.floor_char_boundary(BYTES_MAX)];
    let mut parts = window[2..].splitn(3, '?');
    let (charset, encoding, rest) = (parts.next()?, parts.next()?, parts.next()?);
    let text = &rest[..rest.find("?=")?];
    let bytes = match encoding {
        "Q" | "q" => {
            let (source, mut bytes, mut at) = (text.as_bytes(), Vec::new(), 0);
            while at < source.len() {
                match (source[at], hex(source, at + 1, 2)) {
                    (b'=', Some(byte)) => {
                        bytes.push(byte as u8);
                        at += 2;
                    }
                    (b'_', _) => bytes.push(b' '),
                    (byte, _) => bytes.push(byte),
                }
                at += 1;
            }
            bytes
        }
        "B" | "b" => data_encoding::BASE64.decode(text.as_bytes()).ok()?,
        _ => return None,
    };
    let plain =
        charset.len() <= 20 && charset.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    let len = 2 + charset.len() + 1 + encoding.len() + 1 + text.len() + 2;
    plain.then(|| (latin1(&bytes).text, len))
}

/// Words of plain letters that are written in numeric references throughout, as `&#84;&#101;&#104;`: where each stands, and
/// what it spells.
pub(crate) fn spelled_out(raw: &str) -> Vec<(Range<usize>, String)> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(open) = raw[at..].find("&#").map(|open| open + at) {
        let (mut end, mut word) = (open, String::new());
        while let Some((letter, len)) = entity(&raw[end..]).filter(|(letter, _)| letter.is_alphabetic())
            && raw[end..].starts_with("&#")
        {
            word.push(letter);
            end += len;
        }
        at = end.max(open + 2);
        if word.len() >= 3 {
            found.push((open..end, word));
        }
    }
    found
}

/// Longest named reference we know, with its `&` and `;`.
const ENTITY_BYTES_MAX: usize = 12;

fn entity(raw: &str) -> Option<(char, usize)> {
    let window = &raw.as_bytes()[..raw.len().min(ENTITY_BYTES_MAX)];
    if window.first() != Some(&b'&') {
        return None;
    }
    let end = memchr::memchr(b';', window)?;
    let name = &raw[1..end];
    let decoded = if let Some(number) = name.strip_prefix('#') {
        let code = match number.strip_prefix(['x', 'X']) {
            Some(digits) => u32::from_str_radix(digits, 16).ok()?,
            None => number.parse().ok()?,
        };
        char::from_u32(code)?
    } else {
        canon::named(name)?
    };
    Some((decoded, end + 1))
}

/// Bytes that are not UTF-8 read as Latin-1, the rest as it is.
pub(crate) fn latin1(raw: &[u8]) -> View {
    let mut view = View::with_capacity(raw.len() + 16);
    let mut at = 0;
    for chunk in raw.utf8_chunks() {
        view.text.push_str(chunk.valid());
        at += chunk.valid().len();
        for byte in chunk.invalid() {
            view.escape(char::from(*byte), at, 1);
            at += 1;
        }
    }
    view
}

/// UTF-16 with a byte order mark, as some gateways on Windows answer.
pub(crate) fn utf16(raw: &[u8]) -> Option<View> {
    let big = match raw.get(..2)? {
        [0xfe, 0xff] => true,
        [0xff, 0xfe] => false,
        _ => return None,
    };
    let units = raw[2..].chunks_exact(2).map(|pair| {
        if big { u16::from_be_bytes([pair[0], pair[1]]) } else { u16::from_le_bytes([pair[0], pair[1]]) }
    });
    let mut view = View::with_capacity(raw.len() / 2);
    let mut at = 2;
    for decoded in char::decode_utf16(units) {
        let letter = decoded.unwrap_or('\u{fffd}');
        let len = letter.len_utf16() * 2;
        view.escape(letter, at, len);
        at += len;
    }
    Some(view)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Raw text, decoded text, a needle of the decoded text and the raw bytes it must map to.
    type Case = (&'static str, &'static str, &'static str, &'static str);

    fn check(decode: impl Fn(&str) -> Option<View>, cases: &[Case]) {
        for (raw, decoded, needle, raw_needle) in cases {
            let view = decode(raw).expect("holds an escape");
            assert_eq!(view.text, *decoded);
            let at = decoded.find(needle).expect("needle is in the decoded text");
            assert_eq!(&raw[view.raw_span(at..at + needle.len())], *raw_needle, "{raw}");
        }
    }

    #[test]
    fn spans_of_decoded_text_map_to_raw_bytes() {
        check(
            backslash,
            &[
                (r"\u0051uintanar", "Quintanar", "Quintanar", r"\u0051uintanar"),
                (r"a\u0040b.c d", "a@b.c d", "a@b.c", r"a\u0040b.c"),
                (r#"say \"Ana\" now"#, "say \"Ana\" now", "Ana", "Ana"),
                (r"\ud83d\ude00 x", "😀 x", "😀", r"\ud83d\ude00"),
                (r"tail\", "tail\\", "tail", "tail"),
                (r"\uD83D lone", "\u{fffd} lone", "lone", "lone"),
                (r"\u12", "u12", "u12", r"\u12"),
            ],
        );
        check(
            |raw| percent(raw, true),
            &[
                ("Jos%C3%A9+Garc%C3%ADa", "José García", "José", "Jos%C3%A9"),
                ("a%40b", "a@b", "@", "%40"),
                ("%E9t", "ét", "ét", "%E9t"),
                ("%u00e9a", "éa", "é", "%u00e9"),
                ("100%+", "100% ", "100%", "100%"),
            ],
        );
        check(
            entities,
            &[
                ("a&#64;b &amp; c", "a@b & c", "a@b", "a&#64;b"),
                ("Jos&eacute;", "José", "José", "Jos&eacute;"),
                ("x&#x40;y &bogus; z", "x@y &bogus; z", "z", "z"),
            ],
        );
    }

    #[test]
    fn bytes_that_are_not_utf8_map_back() {
        let raw = b"Jos\xe9 Garc\xeda, caf\xc3\xa9";
        let view = latin1(raw);
        assert_eq!(view.text, "José García, café");
        let at = view.text.find("García").expect("is there");
        assert_eq!(&raw[view.raw_span(at..at + "García".len())], b"Garc\xeda");
    }

    #[test]
    fn colours_are_no_part_of_a_word() {
        let raw = "patient \u{1b}[1;36mJane\u{1b}[0m \u{1b}[1mDoe\u{1b}[0m, \u{1b}] and \u{1b}[";
        let view = without_colours(raw).expect("has colours");
        assert_eq!(view.text, "patient Jane Doe, \u{1b}] and \u{1b}[");
        let span = view.raw_span(8..16);
        assert_eq!(&raw[span], "Jane\u{1b}[0m \u{1b}[1mDoe");
        assert!(without_colours("no colours").is_none());
    }
}
