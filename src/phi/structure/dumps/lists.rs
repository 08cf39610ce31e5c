//! Bytes as decimal numbers in brackets: Go's `[123 34 112]`, Java's `[123, 34, -61]`, `"data":[123,34,112]` of Node.
//!
//! Owns which of such lists may be text: every number is a byte, and most are letters, digits or blanks.

use super::{Cell, Dump};
use crate::phi::{
    protect,
    structure::{DEPTH_MAX, Form},
    work,
};

/// Shortest list that is read, and the numbers looked at before it is.
const NUMBERS_MIN: usize = 12;
const OPENING: usize = 6;
/// Most that stands between two numbers: the indentation of a line.
const GAP_BYTES_MAX: usize = 64;

/// Does a list that may be text open at `open`, which is a bracket? Looks at its first numbers only.
pub(in crate::phi::structure) fn opens_list(bytes: &[u8], open: usize) -> bool {
    let mut at = open + 1 + blanks(bytes, open + 1);
    (0..OPENING).all(|nth| {
        let read = number(bytes, at).filter(|(byte, _)| nth > 2 || is_plain(*byte));
        read.is_some_and(|(_, end)| {
            at = end + gap(bytes, end);
            at > end
        })
    })
}

/// The lists of a text that may be text themselves.
pub(super) fn lists(text: &str) -> Vec<Dump> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    let mut done = 0;
    for open in memchr::memchr_iter(b'[', bytes) {
        if open >= done && opens_list(bytes, open) {
            let list = Dump { form: form(bytes, open), ..list(bytes, open) };
            done = list.cells.last().map_or(open, |cell| cell.group.end);
            if may_be_text(&list) {
                found.push(list);
            }
        }
    }
    found
}

/// The array of JSON that opens at `open`, if it may be text.
pub(super) fn array(text: &str, open: usize) -> Option<Dump> {
    let list = opens_list(text.as_bytes(), open).then(|| list(text.as_bytes(), open))?;
    may_be_text(&list).then_some(Dump { form: Form::Quoted(0), ..list })
}

/// Behind a key of JSON what replaces numbers is a string, escaped as the key is.
fn form(bytes: &[u8], open: usize) -> Form {
    let before = bytes[..open].trim_ascii_end();
    match before.strip_suffix(b":").map(<[u8]>::trim_ascii_end).and_then(|key| key.strip_suffix(b"\"")) {
        Some(key) => {
            let escapes = key.iter().rev().take(1 << DEPTH_MAX).take_while(|byte| **byte == b'\\').count();
            Form::Quoted((escapes + 1).ilog2() as u8)
        }
        None => Form::Plain,
    }
}

fn list(bytes: &[u8], open: usize) -> Dump {
    let mut dump = Dump { rows: vec![0], ..Dump::default() };
    let mut at = open + 1 + blanks(bytes, open + 1);
    loop {
        let (byte, end) = match number(bytes, at) {
            Some((byte, end)) => (Some(byte), end),
            None => match protect::placeholder_at(bytes, at) {
                Some(end) => (None, end),
                None => break,
            },
        };
        dump.cells.push(Cell { byte, group: at..end, shown: 0..0 });
        let gap = gap(bytes, end);
        if gap == 0 || dump.cells.len() >= super::BYTES_MAX {
            break;
        }
        at = end + gap;
    }
    work::add(dump.cells.len());
    // `[123, 34, 112, ...]`
    dump.ends_cut = bytes[at.min(bytes.len())..].starts_with(b"...");
    dump
}

/// A byte from -128 to 255, without zeros before it, and where it ends.
fn number(bytes: &[u8], at: usize) -> Option<(u8, usize)> {
    let negative = bytes.get(at) == Some(&b'-');
    let start = at + usize::from(negative);
    let digits = bytes.get(start..)?;
    let len = digits.iter().take(4).take_while(|byte| byte.is_ascii_digit()).count();
    if !(1..=3).contains(&len) || len > 1 && digits[0] == b'0' {
        return None;
    }
    let value = digits[..len].iter().fold(0u16, |value, digit| value * 10 + u16::from(digit - b'0'));
    let byte = match negative {
        true if (1..=128).contains(&value) => 256 - value,
        false if value < 256 => value,
        _ => return None,
    };
    Some((byte as u8, start + len))
}

/// What stands between two numbers: blanks or the end of a line, a comma before them, or a comma alone.
fn gap(bytes: &[u8], at: usize) -> usize {
    let comma = usize::from(bytes.get(at) == Some(&b','));
    comma + blanks(bytes, at + comma)
}

fn blanks(bytes: &[u8], at: usize) -> usize {
    bytes
        .get(at..)
        .unwrap_or_default()
        .iter()
        .take(GAP_BYTES_MAX)
        .take_while(|byte| byte.is_ascii_whitespace())
        .count()
}

fn is_plain(byte: u8) -> bool {
    matches!(byte, b' '..=b'~' | b'\t' | b'\r' | b'\n')
}

/// Numbers of something else are rarely all of letters: three in four are letters, digits or blanks, and none is out of a text.
fn may_be_text(list: &Dump) -> bool {
    let bytes = || list.cells.iter().filter_map(|cell| cell.byte);
    let word = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b' ' || *byte >= 0x80;
    let letter = |byte: &u8| byte.is_ascii_lowercase();
    let count = bytes().count();
    count >= NUMBERS_MIN
        && bytes().all(|byte| is_plain(byte) || byte >= 0x80)
        && bytes().filter(word).count() * 2 >= count
        && bytes().filter(letter).count() * 4 >= count
}
