//! Takes what identifies out of an answer, a log line or a short text, and leaves every other byte as it is.
//!
//! Owns the choice of a reader by content (the declared type is only a hint: gateways lie about it), the encodings
//! that are not UTF-8, and the repetition that makes the result stable: scrubbing what was scrubbed changes nothing.
//! Does not decide which bodies are scrubbed or how large they may be.

use std::ops::Range;

use super::{
    class::{Class, Place},
    echo::Echo,
    engine::Engine,
    structure::{self, Context, Edit, Reader, view},
};

mod explain;
pub(super) mod private;

/// A body with nothing left to find, and what was taken out of it.
pub struct Scrubbed {
    pub body: Vec<u8>,
    pub redactions: Redactions,
}

/// How often each class was replaced.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Redactions {
    counts: [u64; Class::ALL.len()],
}

impl Redactions {
    pub fn add(&mut self, class: Class) {
        // `ALL` lists every class, so the position is always found.
        if let Some(count) =
            Class::ALL.iter().position(|known| *known == class).and_then(|at| self.counts.get_mut(at))
        {
            *count += 1;
        }
    }

    /// Counts in what another text had replaced.
    pub fn add_all(&mut self, other: &Redactions) {
        for (count, more) in self.counts.iter_mut().zip(other.counts) {
            *count += more;
        }
    }

    pub fn total(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// The classes that occurred, with their counts.
    pub fn iter(&self) -> impl Iterator<Item = (Class, u64)> {
        Class::ALL.into_iter().zip(self.counts).filter(|(_, count)| *count > 0)
    }
}

/// Reading again what was replaced: the first round finds what there is, the rest only settle.
const ROUNDS_MAX: usize = 4;

/// How a text is read.
#[derive(Clone, Copy)]
enum Format {
    /// By what it looks like.
    Sniffed,
    Form,
    /// As `Sniffed`, of several lines, where a label may stand above its value.
    Lines,
}

impl Format {
    fn of(content_type: Option<&str>) -> Format {
        match content_type {
            Some(kind) if kind.to_ascii_lowercase().contains("form-urlencoded") => Format::Form,
            _ => Format::Sniffed,
        }
    }
}

impl Engine {
    /// Same format out as in: JSON stays the same JSON with leaf values replaced, HTML stays HTML, text stays text.
    pub fn scrub_body(&self, content_type: Option<&str>, body: &[u8], echo: &Echo) -> Scrubbed {
        let mut reader = Reader::new(self, Place::Error, Some(echo));
        let mut redactions = Redactions::default();
        if let Some(view) = view::utf16(body) {
            let body = scrub_utf16(&mut reader, body, &view.text, &mut redactions);
            return Scrubbed { body, redactions };
        }
        let format = Format::of(content_type);
        let body = settle(&mut reader, body, format, &mut redactions).unwrap_or_else(|| body.to_vec());
        Scrubbed { body, redactions }
    }

    /// The value of one member of a JSON text, judged under its key and with everything in it as in a whole body. Both
    /// are raw JSON, the key without its quotes.
    pub fn scrub_member(&self, key: &str, value: &str, echo: &Echo) -> (Vec<u8>, Redactions) {
        let mut redactions = Redactions::default();
        let mut reader = Reader::new(self, Place::Error, Some(echo));
        let text = format!("{{\"{key}\":{value}}}");
        let mut from = key.len() + "{\"\":".len();
        let scrubbed = settle_from(&mut reader, text.as_bytes(), Format::Sniffed, &mut from, &mut redactions);
        let text = scrubbed.unwrap_or_else(|| text.into_bytes());
        let value = text.get(from..text.len().saturating_sub(1)).unwrap_or_default();
        (value.to_vec(), redactions)
    }

    /// One log line of any format, without its line end. Appends to `out`.
    pub fn scrub_line(&self, line: &[u8], out: &mut Vec<u8>) -> Redactions {
        let mut redactions = Redactions::default();
        let mut reader = Reader::new(self, Place::Log, None);
        if let Some(client) = reader.only_client(line) {
            let edit = Edit::plain(0..client, Class::Ip, "access-log.client");
            structure::apply(line, &[edit], reader.pseudonyms(), out);
            redactions.add(Class::Ip);
            return redactions;
        }
        match settle(&mut reader, line, Format::Sniffed, &mut redactions) {
            Some(scrubbed) => out.extend_from_slice(&scrubbed),
            None => out.extend_from_slice(line),
        }
        redactions
    }

    /// A log line with the lines that continue it, line ends and all. Appends what becomes of `text[from..]`; what
    /// stands before has been written already and only says what the rest means.
    pub fn scrub_lines(&self, text: &[u8], from: usize, out: &mut Vec<u8>) -> Redactions {
        let mut redactions = Redactions::default();
        let mut reader = Reader::new(self, Place::Log, None);
        let mut from = from;
        match settle_from(&mut reader, text, Format::Lines, &mut from, &mut redactions) {
            Some(scrubbed) => out.extend_from_slice(&scrubbed[from..]),
            None => out.extend_from_slice(&text[from..]),
        }
        redactions
    }

    /// A header value or other short text.
    pub fn scrub_text(&self, text: &str, echo: &Echo) -> (String, Redactions) {
        let mut redactions = Redactions::default();
        let mut reader = Reader::new(self, Place::Error, Some(echo));
        let scrubbed = settle(&mut reader, text.as_bytes(), Format::Sniffed, &mut redactions);
        let text =
            scrubbed.map_or_else(|| text.to_owned(), |bytes| String::from_utf8_lossy(&bytes).into_owned());
        (text, redactions)
    }
}

/// Scrubs until nothing changes. `None` if there was nothing to change.
fn settle(
    reader: &mut Reader<'_>,
    raw: &[u8],
    format: Format,
    redactions: &mut Redactions,
) -> Option<Vec<u8>> {
    settle_from(reader, raw, format, &mut 0, redactions)
}

/// As [`settle`], following a place in the text, before which nothing is counted.
fn settle_from(
    reader: &mut Reader<'_>,
    raw: &[u8],
    format: Format,
    from: &mut usize,
    redactions: &mut Redactions,
) -> Option<Vec<u8>> {
    let mut current: Option<Vec<u8>> = None;
    for _ in 0..ROUNDS_MAX {
        let edits = edits(reader, current.as_deref().unwrap_or(raw), format);
        if edits.is_empty() {
            break;
        }
        for edit in edits.iter().filter(|edit| edit.span.end > *from) {
            redactions.add(edit.class);
        }
        let mut next = Vec::new();
        let written =
            structure::apply(current.as_deref().unwrap_or(raw), &edits, reader.pseudonyms(), &mut next);
        *from = moved(*from, &edits, &written);
        reader.again(Some(written));
        current = Some(next);
    }
    current
}

/// Where a place in the text is once edits are applied; a place inside one is where its placeholder begins.
fn moved(at: usize, edits: &[Edit], written: &[Range<usize>]) -> usize {
    let before = edits.partition_point(|edit| edit.span.start < at);
    match before.checked_sub(1).and_then(|last| edits.get(last).zip(written.get(last))) {
        None => at,
        Some((edit, placeholder)) if edit.span.end > at => placeholder.start,
        Some((edit, placeholder)) => placeholder.end + (at - edit.span.end),
    }
}

fn edits(reader: &mut Reader<'_>, raw: &[u8], format: Format) -> Vec<Edit> {
    let mut edits = Vec::new();
    reader.begins(raw.len());
    match std::str::from_utf8(raw) {
        Ok(text) => {
            read(reader, text, format, &mut edits);
            reader.let_pass(raw, &mut edits);
            if !reader.hides_private_ips() {
                private::spare(text, &mut edits);
            }
            if edits.is_empty() {
                return edits;
            }
            structure::repeats(text, &mut edits);
            structure::short_keys(text, &mut edits);
            structure::names_again(text, &mut edits);
            if reader.counts(Class::Name) {
                structure::mailboxes_again(text, &mut edits);
            }
        }
        Err(_) => {
            // Positions are those of the text only if the bytes are UTF-8; else everything is read again.
            reader.again(None);
            let view = view::latin1(raw);
            read(reader, &view.text, format, &mut edits);
            for edit in &mut edits {
                edit.span = view.raw_span(edit.span.clone());
            }
            reader.let_pass(raw, &mut edits);
        }
    }
    structure::spare_placeholders(raw, &mut edits);
    structure::settle(&mut edits);
    edits
}

fn read(reader: &mut Reader<'_>, text: &str, format: Format, edits: &mut Vec<Edit>) {
    match format {
        Format::Form => reader.form_body(text, edits),
        Format::Sniffed => reader.document(text, Context::NONE, 0, edits),
        Format::Lines => {
            reader.document(text, Context::NONE, 0, edits);
            if let Some(joined) = structure::joined(text) {
                reader.document(&joined, Context::NONE, 0, edits);
            }
        }
    }
    reader.own_rules(text, edits);
}

/// UTF-16 is scrubbed as text and written back in the byte order it came in.
fn scrub_utf16(reader: &mut Reader<'_>, raw: &[u8], text: &str, redactions: &mut Redactions) -> Vec<u8> {
    let Some(scrubbed) = settle(reader, text.as_bytes(), Format::Sniffed, redactions) else {
        return raw.to_vec();
    };
    let big = raw.starts_with(&[0xfe, 0xff]);
    let mut body = raw[..2].to_vec();
    for unit in String::from_utf8_lossy(&scrubbed).encode_utf16() {
        body.extend_from_slice(&if big { unit.to_be_bytes() } else { unit.to_le_bytes() });
    }
    body
}
