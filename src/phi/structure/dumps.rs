//! Dumps of bytes: what a body, a message or a packet says that a log shows in hexadecimal or as a list of numbers.
//!
//! Owns what becomes of the rows that [`rows`] finds: the bytes of rows that follow one another are put together, what is text in
//! them is read as a document of its own, and what is found is hidden in the groups and in the column of characters alike.
//! A row whose characters say what its bytes say is no text of the line it stands in: the other readers do not see it. Where
//! a dump is cut, and the rows beyond are out of sight, [`cut`] hides what may be half a value. Bytes that are no text stay.
//!
//! Shown by `hexdump -C`, `xxd`, `tcpdump -X`, `od -A x -t x1z`, Wireshark, curl, Netty, OpenSSL, the JDK, Go's `hex.Dump`
//! and `[]byte`, Node's `Buffer`, Python's `bytes.hex`, Java's `Arrays.toString` and what is written like one of them. Words
//! in the order of a little-endian machine (`hexdump` without options) and octal are not read.

use std::ops::Range;

use super::{Context, DEPTH_MAX, Edit, Form, Reader, nested, view};
use crate::phi::{class::Class, scrub::private, work};

mod column;
mod cut;
mod lists;
mod records;
mod rows;

pub(super) use lists::opens_list;
pub(super) use records::opens_record;
pub(super) use rows::stands_among;
pub(crate) use rows::{is_groups, is_row};

/// Shortest text in a dump that is read.
const TEXT_BYTES_MIN: usize = 8;
/// Bytes that are put together at most.
const BYTES_MAX: usize = 64 * 1024;

/// A byte that a dump shows, or what was replaced there, and where it stands in the text.
struct Cell {
    byte: Option<u8>,
    group: Range<usize>,
    /// In the column of characters; empty without one.
    shown: Range<usize>,
}

/// The bytes of rows that follow one another, or of a list.
struct Dump {
    cells: Vec<Cell>,
    /// The first cell of each row.
    rows: Vec<usize>,
    /// What stood before or behind is out of sight.
    opens_cut: bool,
    ends_cut: bool,
    /// How what is hidden is written.
    form: Form,
}

/// What is text among the bytes of a dump, and the cell that each byte of it comes from.
struct Said {
    text: String,
    cells: Vec<usize>,
}

impl Reader<'_> {
    /// Reads the dumps in a text. What is left for the other readers, if there is one whose column says what it holds.
    pub(super) fn dumps(&mut self, text: &str, depth: u8, out: &mut Vec<Edit>) -> Option<view::View> {
        work::add(text.len());
        for list in lists::lists(text) {
            self.dump(text, &list, depth, out);
        }
        if !rows::holds(text) {
            return None;
        }
        let found = rows::rows(text);
        out.extend(found.torn.into_iter().map(|span| Edit::plain(span, Class::OtherId, "dump.torn")));
        for dump in &found.dumps {
            self.dump(text, dump, depth, out);
        }
        (!found.gaps.is_empty()).then(|| view::without(text, 0..text.len(), &found.gaps))
    }

    /// Reads the array of JSON that opens at `open`, if it is one of bytes.
    pub(super) fn byte_array(&mut self, text: &str, open: usize, depth: u8, out: &mut Vec<Edit>) {
        if let Some(list) = lists::array(text, open).filter(|_| depth < DEPTH_MAX) {
            self.dump(text, &list, depth, out);
        }
    }

    fn dump(&mut self, text: &str, dump: &Dump, depth: u8, out: &mut Vec<Edit>) {
        if let Some(first) = records::opening(&dump.cells) {
            dump.hide(first..dump.cells.len(), &Edit::plain(0..0, Class::Biometric, "dump.record"), out);
        }
        for said in dump.said(text) {
            let mut inner = Vec::new();
            let read = self.within(said.text.len(), |reader| {
                reader.document(&said.text, Context::NONE, depth + 1, &mut inner);
                reader.own_rules(&said.text, &mut inner);
            });
            if !read {
                inner = vec![Edit::plain(0..said.text.len(), Class::OtherId, nested::UNREAD)];
            }
            inner.extend(
                cut::edges(dump, &said)
                    .into_iter()
                    .map(|span| Edit::likely(span, Class::OtherId, "dump.cut")),
            );
            self.let_pass(said.text.as_bytes(), &mut inner);
            if !self.hides_private_ips() {
                private::spare(&said.text, &mut inner);
            }
            for edit in &inner {
                if let Some([first, .., last] | [first @ last]) = said.cells.get(edit.span.clone()) {
                    dump.hide(*first..last + 1, edit, out);
                }
            }
        }
    }
}

impl Default for Dump {
    fn default() -> Dump {
        Dump { cells: Vec::new(), rows: Vec::new(), opens_cut: false, ends_cut: false, form: Form::Plain }
    }
}

impl Dump {
    /// The texts in it.
    fn said(&self, raw: &str) -> Vec<Said> {
        let (mut bytes, mut cells) = (Vec::new(), Vec::new());
        for (at, cell) in self.cells.iter().enumerate() {
            match cell.byte {
                Some(byte) => bytes.push(byte),
                None => bytes.extend_from_slice(&raw.as_bytes()[cell.group.clone()]),
            }
            cells.resize(bytes.len(), at);
        }
        let mut said = Vec::new();
        let mut now = Said { text: String::new(), cells: Vec::new() };
        let mut at = 0;
        for chunk in bytes.utf8_chunks() {
            for letter in chunk.valid().chars() {
                let from = at;
                at += letter.len_utf8();
                match is_text(letter) {
                    true => now.push(letter, cells[from]),
                    false => now.end(&mut said),
                }
            }
            for byte in chunk.invalid() {
                let letter = char::from(*byte);
                let small =
                    |at: Option<usize>| at.and_then(|at| bytes.get(at)).is_some_and(u8::is_ascii_lowercase);
                // Latin-1 in a word.
                let behind = letter.is_lowercase() && small(at.checked_sub(1));
                match letter.is_alphabetic() && (behind || small(Some(at + 1))) {
                    true => now.push(letter, cells[at]),
                    false => now.end(&mut said),
                }
                at += 1;
            }
        }
        now.end(&mut said);
        said
    }

    /// Hides what an edit covers of it, row by row, in both columns.
    fn hide(&self, cells: Range<usize>, edit: &Edit, out: &mut Vec<Edit>) {
        let mut first = cells.start;
        while first < cells.end {
            let next = self.rows.partition_point(|row| *row <= first);
            let end = self.rows.get(next).map_or(cells.end, |row| (*row).min(cells.end));
            let row = &self.cells[first..end];
            for column in [|cell: &Cell| cell.group.clone(), |cell: &Cell| cell.shown.clone()] {
                let spans = || row.iter().map(column).filter(|span| !span.is_empty());
                if let (Some(open), Some(close)) = (spans().next(), spans().next_back()) {
                    out.push(Edit { span: open.start..close.end, form: self.form, ..edit.clone() });
                }
            }
            first = end;
        }
    }
}

impl Said {
    fn push(&mut self, letter: char, cell: usize) {
        self.text.push(letter);
        self.cells.resize(self.text.len(), cell);
    }

    fn end(&mut self, said: &mut Vec<Said>) {
        let ended = std::mem::replace(self, Said { text: String::new(), cells: Vec::new() });
        if ended.cells.last() >= ended.cells.first().map(|first| first + TEXT_BYTES_MIN - 1).as_ref()
            && ended.text.contains(char::is_alphanumeric)
        {
            said.push(ended);
        }
    }
}

/// Line ends and the separators of HL7, NCPDP and licences are text too.
fn is_text(letter: char) -> bool {
    !letter.is_control() || matches!(letter, '\t' | '\n' | '\r' | '\u{1c}'..='\u{1f}')
}

#[cfg(test)]
mod tests;
