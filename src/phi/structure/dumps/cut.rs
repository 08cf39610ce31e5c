//! Where a dump is cut: half a value, of which the other half and the key are in a row that is out of sight.
//!
//! Owns what goes at such an edge, if the row there is all text and part of a body: what stands between the edge and the next sign of
//! a format, as far as it may be a name or a number. A key stays, even if it is cut; the value of a key that is cut does not.

use std::ops::Range;

use super::{Dump, Said};
use crate::phi::protect;

/// What is hidden at the edges of a text.
pub(super) fn edges(dump: &Dump, said: &Said) -> Vec<Range<usize>> {
    let (Some(first), Some(last)) = (said.cells.first(), said.cells.last()) else { return Vec::new() };
    let behind_first = dump.rows.get(1).copied().unwrap_or(dump.cells.len());
    let before_last = dump.rows.last().copied().unwrap_or(0);
    let opens = dump.opens_cut && *first == 0 && last + 1 >= behind_first;
    let ends = dump.ends_cut && last + 1 == dump.cells.len() && *first <= before_last;
    if !opens && !ends || !said.text.contains(is_of_body) {
        return Vec::new();
    }
    let pieces = pieces(&said.text);
    let mut found = Vec::new();
    if opens {
        at_start(&said.text, &pieces, &mut found);
    }
    if ends {
        at_end(&said.text, &pieces, &mut found);
    }
    found
}

fn is_of_body(letter: char) -> bool {
    letter.is_whitespace() || is_sign(letter) && letter != '.'
}

/// What parts keys and values in any format.
fn is_sign(letter: char) -> bool {
    letter.is_control()
        || matches!(
            letter,
            '"' | '{' | '}' | '[' | ']' | '<' | '>' | '=' | '&' | '|' | '^' | '~' | ';' | ':' | ','
        )
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Word,
    Blanks,
    Signs,
    Held,
}

fn pieces(text: &str) -> Vec<(Kind, Range<usize>)> {
    let mut pieces: Vec<(Kind, Range<usize>)> = Vec::new();
    let mut at = 0;
    while let Some(letter) = text[at..].chars().next() {
        let (kind, end) = match protect::placeholder_at(text.as_bytes(), at) {
            Some(end) => (Kind::Held, end),
            None if is_sign(letter) => (Kind::Signs, at + letter.len_utf8()),
            None if letter == ' ' => (Kind::Blanks, at + 1),
            None => (Kind::Word, at + letter.len_utf8()),
        };
        match pieces.last_mut() {
            Some((last, span)) if *last == kind && kind != Kind::Held => span.end = end,
            _ => pieces.push((kind, at..end)),
        }
        at = end;
    }
    pieces
}

/// `eba Hussaini","dob":…`, `tient":"Zeba",…`
fn at_start(text: &str, pieces: &[(Kind, Range<usize>)], found: &mut Vec<Range<usize>>) {
    let mut at = pieces.iter().take_while(|(kind, _)| matches!(kind, Kind::Signs | Kind::Blanks)).count();
    let led = pieces[..at].iter().any(|(kind, _)| *kind == Kind::Signs);
    for value in [false, true] {
        let region = &pieces[at..];
        let len = region.iter().take_while(|(kind, _)| *kind != Kind::Signs).count();
        let signs = region.get(len).map_or("", |(_, span)| &text[span.clone()]);
        let is_key = !value && signs.trim_start_matches('"').starts_with([':', '=']);
        if !(is_key
            && region[..len]
                .iter()
                .all(|(kind, span)| *kind != Kind::Word || is_name_of_field(&text[span.clone()])))
        {
            hide(text, &region[..len], !value && !led, found);
        }
        // A whole key tells the readers what its value is.
        if !is_key || led {
            return;
        }
        at += len
            + 1
            + region[len + 1..]
                .iter()
                .take_while(|(kind, _)| matches!(kind, Kind::Signs | Kind::Blanks))
                .count();
        at = at.min(pieces.len());
    }
}

/// `…,"name":"Ze`, `…&phone=415555`
fn at_end(text: &str, pieces: &[(Kind, Range<usize>)], found: &mut Vec<Range<usize>>) {
    let len = pieces.iter().rev().take_while(|(kind, _)| *kind != Kind::Signs).count();
    let (before, region) = pieces.split_at(pieces.len() - len);
    let signs = before.last().map_or("", |(_, span)| &text[span.clone()]);
    let head = before.last().map_or("", |(_, span)| &text[..span.end]);
    // Behind a key and its value comes another key, unless they are in a list.
    let in_object = || head.rfind(':').is_some_and(|colon| !head[colon..].contains('['));
    let key =
        signs.ends_with(['{', '&', '?']) || signs.ends_with("{\"") || signs.ends_with(",\"") && in_object();
    let word = region.last().map_or("", |(_, span)| &text[span.clone()]);
    if !(key && region.len() == 1 && is_name_of_field(word)) {
        let first = found.len();
        hide(text, region, false, found);
        // The word at the very edge may go on, whatever it begins with.
        if let Some((Kind::Word, span)) = region.last() {
            match found.get_mut(first) {
                Some(hidden) => hidden.end = span.end,
                None => found.push(span.clone()),
            }
        }
    }
}

/// Hides from the first word that may be a name or a number to the last.
fn hide(text: &str, region: &[(Kind, Range<usize>)], cut: bool, found: &mut Vec<Range<usize>>) {
    let is_of_somebody = |(nth, (kind, span)): &(usize, &(Kind, Range<usize>))| {
        let word = &text[span.clone()];
        *kind == Kind::Word
            && (cut && *nth == 0 && word.contains(char::is_alphanumeric)
                || word.contains(|c: char| c.is_uppercase() || c.is_numeric() || !c.is_ascii()))
    };
    let mut words = region.iter().enumerate().filter(is_of_somebody).map(|(_, (_, span))| span);
    if let Some(first) = words.next() {
        found.push(first.start..words.next_back().unwrap_or(first).end);
    }
}

/// Could it be the name of a field, or a part of one?
fn is_name_of_field(word: &str) -> bool {
    word.bytes().all(|byte| byte.is_ascii_alphabetic() || matches!(byte, b'_' | b'-' | b'.'))
}
