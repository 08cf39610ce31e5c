//! Sentences about fields: what validators, databases and parsers say, and the values they quote.
//!
//! `severity: Expected 'mild' | 'severe', received 'HIV stage 3'` · `value 'X' is not a valid birthDate` ·
//! `Duplicate entry 'X' for key 'patients.email'` · `Key (email)=(X) already exists` · `INSERT … VALUES ('X')`.
//! A quoted value takes the class of the field the sentence names; one that names none is free text if it has more
//! than one word. Values that only list what is allowed stay.

use std::ops::Range;

mod bound;
mod content;
mod edges;
mod entries;
mod phrases;
mod quoted;
mod rows;
mod subject;
mod terms;

pub(super) use content::is_organisation;
use phrases::Cue;
pub(super) use phrases::{announces, phrases_at};
pub(super) use rows::{column_name, parenthesised};
use subject::{before_pairs, clause_after, clause_before, has_own_key, subject};
use terms::is_counter;

use super::{Context, Edit, Reader, pairs, words};
use crate::phi::class::Class;

/// Cues followed up in one text.
const CUES_MAX: usize = 256;
/// How far from a value its field is looked for.
const REACH: usize = 128;

impl Reader<'_> {
    pub(super) fn sentences(
        &mut self,
        text: &str,
        context: Context,
        depth: u8,
        skip: &[Range<usize>],
        out: &mut Vec<Edit>,
    ) {
        let (mut speaks, mut column) = (false, false);
        let mut last_detail = 0;
        let mut last_bound = 0;
        let (mut vcard, mut vevent, mut multipart, mut dicom) = (false, false, false, false);
        for (found, cue) in phrases::phrases(text).take(CUES_MAX) {
            if skip.iter().any(|done| done.contains(&found.start))
                || super::is_inside_placeholder(text, &found)
            {
                continue;
            }
            let end = found.end;
            match cue {
                Cue::Value => {
                    speaks = true;
                    self.bare_value(text, found, context, depth, out);
                }
                Cue::Complaint => speaks = true,
                Cue::KeyDetail => {
                    if end >= last_detail {
                        last_detail = self.key_detail(text, end, depth, out).unwrap_or(end);
                    }
                }
                // Each of these readers goes through the whole text.
                Cue::Vcard => vcard = true,
                Cue::Vevent => vevent = true,
                Cue::Multipart => multipart = true,
                Cue::Dicom => dicom = true,
                Cue::Column => column = true,
                Cue::Row => self.row(text, end, out),
                Cue::Insert => self.insert(text, end, depth, out),
                Cue::Bound => {
                    if end >= last_bound {
                        last_bound = self.bound(text, end, depth, out);
                    }
                }
                Cue::Beside => {
                    let open = found.start + text[found].find('[').unwrap_or(0);
                    if open >= last_bound {
                        last_bound = self.bound_beside(text, open, depth, out);
                    }
                }
            }
        }
        if vcard {
            self.vcard(text, out);
        }
        if vevent {
            self.calendar(text, out);
        }
        if multipart {
            self.multipart(text, depth, out);
        }
        if dicom {
            self.dicom(text, out);
        }
        if speaks || context.subject.is_some() || column {
            self.last_value(text, context, out);
        }
        if let Some(class) = context.subject {
            self.leading_value(text, class, depth, out);
        }
        if speaks || context.subject.is_some() {
            self.quoted_values(text, context, depth, skip, out);
        }
    }

    /// `received X` without quotes, where the sentence names a field of an identifier class.
    fn bare_value(
        &mut self,
        text: &str,
        cue: Range<usize>,
        context: Context,
        depth: u8,
        out: &mut Vec<Edit>,
    ) {
        let bytes = text.as_bytes();
        let Some((word_end, at)) = behind_cue(text, &cue) else { return };
        let said = &text[cue.start..word_end];
        let floor = text.ceil_char_boundary(cue.start.saturating_sub(REACH));
        let mut left = clause_before(&text[floor..cue.start]);
        // `with value [X]`
        if bytes[at] == b'[' {
            let inner = &text[at + 1..text.floor_char_boundary((at + 1 + REACH).min(text.len()))];
            let valued = said.trim_start().eq_ignore_ascii_case("value")
                || said.trim() == "was" && text[..cue.start].ends_with("alue");
            if valued
                && let Some(len) = inner.find(']')
                && let Some(class) = subject(left, "", context)
            {
                self.held(text, at + 1..at + 1 + len, class, depth, out);
            }
            return;
        }
        let line = &text[at..text.floor_char_boundary((at + pairs::BARE_BYTES_MAX).min(text.len()))];
        let line = &line[..line.find(['\n', '\r']).unwrap_or(line.len())];
        let first = line.split([' ', ',', ';']).next().unwrap_or("");
        let plain = first.trim_matches(|c: char| !c.is_alphanumeric());
        if is_counter(&text[cue], line) || is_of_the_sentence(first, plain) {
            return;
        }
        let strong =
            ["received", " got", "value", "input"].iter().any(|strong| said.eq_ignore_ascii_case(strong));
        if bytes[word_end] == b'=' {
            // `mpi matched=1842`: how many an index has.
            let count = plain.len() <= 5 && plain.bytes().all(|byte| byte.is_ascii_digit());
            let index = left.trim_end().trim_end_matches(']').ends_with("mpi");
            if !strong && count && index {
                return;
            }
            left = before_pairs(left);
        }
        let Some(class) = subject(left, clause_after(line), context) else { return };
        if looks_like(class, line, strong) {
            let len = pairs::grow(line, class);
            self.held(text, at..at + len, class, depth, out);
        }
    }
}

/// Where the word ends in which a cue for a value stands, and where a value without quotes opens behind it.
fn behind_cue(text: &str, cue: &Range<usize>) -> Option<(usize, usize)> {
    const SEPARATOR_BYTES_MAX: usize = 4;
    let bytes = text.as_bytes();
    // A cue is a word, not the end of one: `birthDate=` is a pair.
    if cue.start > 0 && bytes[cue.start - 1].is_ascii_alphanumeric() && bytes[cue.start] != b' ' {
        return None;
    }
    // `match=0.98` is a score.
    let behind = &bytes[cue.end..];
    if text[cue.clone()].eq_ignore_ascii_case("match")
        && (behind.starts_with(b"=0.") || behind.starts_with(b"=1.0"))
    {
        return None;
    }
    // The cue may end inside a word: `parse` in `parsed`.
    let rest = behind.iter().take_while(|byte| byte.is_ascii_alphabetic()).count();
    let word_end = cue.end + rest;
    let separator = bytes[word_end..]
        .iter()
        .take(SEPARATOR_BYTES_MAX)
        .take_while(|byte| matches!(byte, b' ' | b':' | b'=' | b'-' | b'>'))
        .count();
    let at = word_end + separator;
    let bare = bytes.get(at).is_some_and(|byte| !matches!(byte, b'\'' | b'"' | b'`' | b'{' | b'\\'));
    (separator > 0 && bare).then_some((word_end, at))
}

/// Does the sentence go on with this word, or another pair open? `plain` is the word without signs around it.
fn is_of_the_sentence(first: &str, plain: &str) -> bool {
    // `NO_MATCH code=930`: a pair has a key of its own.
    let pair = first.split_once('=').is_some_and(|(key, value)| {
        !key.is_empty()
            && !value.is_empty()
            && key.bytes().all(|byte| byte.is_ascii_lowercase() || matches!(byte, b'_' | b'.' | b'-'))
    });
    plain.is_empty()
        || pair
        || words::is_common(plain)
        || words::is_type_word(first)
        || words::is_field_name(plain)
        || words::is_bind(first.trim_matches(['(', ')', ',']))
        || has_own_key(first)
}

/// Does the line open like a value of the class? `strong`: what stands before it says that it is a value.
fn looks_like(class: Class, line: &str, strong: bool) -> bool {
    let first = line.split([' ', ',', ';']).next().unwrap_or("");
    let digits = first.bytes().filter(u8::is_ascii_digit).count();
    match class {
        Class::Name | Class::Geo => {
            let opens = |c: char| c.is_uppercase() || !c.is_ascii() || c.is_ascii_digit();
            // `received van de Pavert1`
            let led = matches!(first, "van" | "von" | "de" | "da" | "di" | "del" | "al" | "el" | "bin")
                && line.split(' ').take(4).any(|word| word.starts_with(opens));
            strong && (led || first.starts_with(opens))
        }
        Class::Email => first.contains('@') || strong,
        // `expected 3 segments, got 2`
        Class::ApiKey => first.trim_matches(|c: char| !c.is_alphanumeric()).len() >= 8 && digits > 0,
        // `minimum required = 1, but only found 0`
        _ => digits >= 3,
    }
}
