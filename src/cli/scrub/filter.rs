//! Bytes in, scrubbed bytes out: lines, and the lines that continue them.
//!
//! A stack trace or a pretty-printed JSON document is one record of many lines, scrubbed as a whole: the label of a
//! value may stand on the line before it. A record ends where the next begins, so the last one is held back until its
//! end is known, or until whoever drives the filter runs out of patience ([`Filter::release`]). Memory is bounded: a
//! record or line that grows too long is written in parts, and each part is read with the end of the one before.
//! Does not read, write or wait.

use crate::phi::Engine;
use crate::phi::scrub::Redactions;
use crate::phi::structure::dumps::is_row;

/// What is held back and looked back at, at most.
#[derive(Clone, Copy, Debug)]
struct Limits {
    /// A record that grows beyond either is written in parts.
    record_lines: usize,
    record_bytes: usize,
    /// A longer line is written in parts.
    line_bytes: usize,
    /// How much of what was written is read again with what continues it.
    context_bytes: usize,
    /// How far before the end of a part of a line a place to cut is looked for.
    cut_bytes: usize,
}

const LIMITS: Limits = Limits {
    record_lines: 500,
    record_bytes: 128 * 1024,
    line_bytes: 1024 * 1024,
    context_bytes: 4 * 1024,
    cut_bytes: 1024,
};

pub struct Filter<'e> {
    engine: &'e Engine,
    limits: Limits,
    /// Context that is written already, the record that is held back, and the line that has no end yet.
    buffer: Vec<u8>,
    /// Where each of them begins in the buffer.
    context: usize,
    record: usize,
    line: usize,
    /// Where the last whole line begins.
    previous: usize,
    /// Whole lines in the record.
    lines: usize,
    /// The beginning of the line without an end is written already, since it grew too long.
    parted: bool,
    /// Records written so far.
    written: u64,
    counts: Counts,
}

/// What a filter has done. Holds no text.
#[derive(Debug, Default)]
pub struct Counts {
    pub lines: u64,
    pub redactions: Redactions,
}

impl Filter<'_> {
    pub fn new(engine: &Engine) -> Filter<'_> {
        Filter {
            engine,
            limits: LIMITS,
            buffer: Vec::new(),
            context: 0,
            record: 0,
            line: 0,
            previous: 0,
            lines: 0,
            parted: false,
            written: 0,
            counts: Counts::default(),
        }
    }

    /// Takes a piece of input and appends to `out` every record that ends in it.
    pub fn push(&mut self, piece: &[u8], out: &mut Vec<u8>) {
        let mut at = self.buffer.len();
        self.buffer.extend_from_slice(piece);
        while let Some(len) = memchr::memchr(b'\n', &self.buffer[at..]) {
            at += len + 1;
            self.end_line(at, out);
        }
        while self.buffer.len() - self.line > self.limits.line_bytes {
            self.part_line(out);
        }
        self.forget();
    }

    /// Are there whole lines that may be continued?
    pub fn holds(&self) -> bool {
        self.record < self.line
    }

    /// Is there a line without an end?
    pub fn holds_part(&self) -> bool {
        self.line < self.buffer.len() || self.parted
    }

    /// A number that changes whenever a record is written.
    pub fn written(&self) -> u64 {
        self.written
    }

    pub fn counts(&self) -> &Counts {
        &self.counts
    }

    /// Writes the whole lines that are held back. What continues them later is still read with their end.
    pub fn release(&mut self, out: &mut Vec<u8>) {
        self.write_lines(out);
        self.forget();
    }

    /// Writes everything: the input has ended.
    pub fn finish(&mut self, out: &mut Vec<u8>) {
        let end = self.buffer.len();
        if self.line < end {
            self.join_or_part(end, out);
            self.counts.lines += 1;
        }
        self.write(end, out);
        self.buffer.clear();
        (self.context, self.record, self.line, self.previous, self.lines) = (0, 0, 0, 0, 0);
        self.parted = false;
    }

    /// A line ends before `end`.
    fn end_line(&mut self, end: usize, out: &mut Vec<u8>) {
        self.join_or_part(end, out);
        (self.previous, self.line) = (self.line, end);
        self.lines += 1;
        self.counts.lines += 1;
    }

    /// Writes what stands before the line up to `end`, unless that line continues it.
    fn join_or_part(&mut self, end: usize, out: &mut Vec<u8>) {
        if std::mem::take(&mut self.parted) || self.context == self.line {
            return;
        }
        let previous = &self.buffer[self.previous.max(self.context)..self.line];
        if !continues(previous, &self.buffer[self.line..end]) {
            self.write(self.line, out);
            self.context = self.record;
        } else if self.lines >= self.limits.record_lines || end - self.record > self.limits.record_bytes {
            self.write_lines(out);
        }
    }

    /// Writes a first part of a line that is too long, and what stands before it.
    fn part_line(&mut self, out: &mut Vec<u8>) {
        self.write_lines(out);
        let limit = self.line + self.limits.line_bytes;
        let part = &self.buffer[limit - self.limits.cut_bytes..limit];
        let apart = part.iter().rposition(|byte| matches!(byte, b' ' | b'\t' | b',' | b';' | b'&' | b'}'));
        let cut = apart
            .map_or_else(|| char_start(&self.buffer, limit), |at| limit - self.limits.cut_bytes + at + 1);
        self.write(cut, out);
        self.remember();
        (self.previous, self.line) = (cut, cut);
        self.parted = true;
    }

    /// Writes the whole lines of the record and keeps its end as context.
    fn write_lines(&mut self, out: &mut Vec<u8>) {
        if self.holds() {
            self.write(self.line, out);
            self.remember();
        }
    }

    /// Writes the record up to `end`.
    fn write(&mut self, end: usize, out: &mut Vec<u8>) {
        if self.record == end {
            return;
        }
        let (text, line_end) = split_end(&self.buffer[self.context..end]);
        let from = self.record - self.context;
        let redactions = match from == 0 && self.lines <= 1 {
            true => self.engine.scrub_line(text, out),
            // The context may end in the line end of an empty line.
            false => self.engine.scrub_lines(text, from.min(text.len()), out),
        };
        let unwritten = line_end.len().min(end - self.record);
        out.extend_from_slice(&line_end[line_end.len() - unwritten..]);
        self.counts.redactions.add_all(&redactions);
        self.record = end;
        self.lines = 0;
        self.written += 1;
    }

    /// Keeps the end of what was written as context.
    fn remember(&mut self) {
        let from = self.record.saturating_sub(self.limits.context_bytes).max(self.context);
        self.context = char_start(&self.buffer, from).min(self.record);
    }

    /// Takes out of memory what is not needed any more.
    fn forget(&mut self) {
        let gone = self.context;
        self.buffer.drain(..gone);
        self.context = 0;
        self.record -= gone;
        self.line -= gone;
        self.previous = self.previous.saturating_sub(gone);
    }
}

/// The first place from `at` on where no character of UTF-8 is cut in two.
fn char_start(bytes: &[u8], at: usize) -> usize {
    at + bytes[at..].iter().take(3).take_while(|byte| **byte & 0xc0 == 0x80).count()
}

/// A text and its last line end.
fn split_end(line: &[u8]) -> (&[u8], &[u8]) {
    let text = line.strip_suffix(b"\n").unwrap_or(line);
    let text = text.strip_suffix(b"\r").unwrap_or(text);
    line.split_at(text.len())
}

/// Is `line` more of what the line before it says?
fn continues(previous: &[u8], line: &[u8]) -> bool {
    match line.first() {
        Some(b' ' | b'\t' | b'}' | b']' | b')') => true,
        Some(b'C') if line.starts_with(b"Caused by:") => true,
        Some(b'S') if line.starts_with(b"Suppressed:") => true,
        Some(b'a') if line.starts_with(b"at ") => true,
        Some(b'.') if line.starts_with(b"... ") => true,
        // A dump of bytes: a value may stand across its rows.
        Some(b'+') if line.starts_with(b"+--------+") => true,
        Some(b'0'..=b'9' | b'a'..=b'f' | b'A'..=b'F' | b'|') if is_row(line, previous) => true,
        _ => {
            // What is left open goes on, unless a new event begins.
            let open =
                matches!(previous.trim_ascii_end().last(), Some(b':' | b'=' | b'{' | b'[' | b'(' | b'\\'));
            open && !begins_event(line)
        }
    }
}

/// `2026-11-21T22:04:11`, `[21/Nov/2026:22:04:11`, `{"level"`, `<34>Nov 21`: the head of a line of its own.
fn begins_event(line: &[u8]) -> bool {
    let dated = line.len() > 16
        && line[4] == b'-'
        && line[7] == b'-'
        && matches!(line[10], b'T' | b' ')
        && line[13] == b':'
        && line[..4].iter().all(u8::is_ascii_digit);
    dated || line.starts_with(b"{\"") || matches!(line, [b'[' | b'<', b'0'..=b'9', ..])
}

#[cfg(test)]
mod tests;
