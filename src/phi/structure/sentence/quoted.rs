//! Strings in quotes inside a sentence: what is done to those that are values, and to what stands beside them.
//!
//! Owns how they are found. Which of them are values is `role`'s, what is done to a value of a class the reader's.

mod role;

use std::ops::Range;

use super::content::{compares, is_organisation, is_prose_of_a_person};
use super::entries::{class_of_index, is_key_of_persons};
use crate::phi::{
    class::Class,
    cues::KeyClass,
    structure::{Context, Edit, Reader, pairs, words},
};
use role::role;

/// Longest sentence in quotes whose own quotes are looked into.
const SENTENCE_BYTES_MAX: usize = 256;

impl Reader<'_> {
    /// Every string in quotes whose neighbours say that it is a value.
    pub(super) fn quoted_values(
        &mut self,
        text: &str,
        context: Context,
        depth: u8,
        skip: &[Range<usize>],
        out: &mut Vec<Edit>,
    ) {
        let bytes = text.as_bytes();
        let mut at = 0;
        // The string before, if it was a value.
        let mut last: Option<(usize, Class)> = None;
        // Where the sentence in quotes ends whose own quotes are looked into.
        let mut close = bytes.len();
        while let Some(found) = memchr::memchr3(b'\'', b'"', b'`', &bytes[at..]) {
            let open = at + found;
            at = open + 1;
            if open >= close {
                close = bytes.len();
                continue;
            }
            if let Some(done) = skip.iter().find(|done| done.contains(&open)) {
                at = done.end;
                continue;
            }
            // An apostrophe opens nothing.
            if open > 0 && (bytes[open - 1].is_ascii_alphanumeric() || bytes[open - 1] >= 0x80) {
                continue;
            }
            let begin = if open > 0 && bytes[open - 1] == b'\\' { open - 1 } else { open };
            let Some(inner) = pairs::quoted_value(&text[..close], begin) else { continue };
            if inner.start > inner.end {
                continue;
            }
            at = (inner.end + 1).min(bytes.len());
            if inner.is_empty() {
                continue;
            }
            let content = &text[inner.clone()];
            let compared = last
                .take()
                .filter(|(end, _)| {
                    text.get(*end + 1..begin).is_some_and(compares) && !words::is_type_word(content)
                })
                .map(|(_, class)| KeyClass::Phi(class));
            let Some(class) = compared.or_else(|| role(text, begin, &inner, context)) else {
                // `ClaimRejected("last name mismatch: sent 'Okafor'")`: a sentence with quotes of its own.
                if bytes[open] == b'"' && content.contains('\'') && inner.len() <= SENTENCE_BYTES_MAX {
                    (at, close) = (inner.start, inner.end);
                }
                continue;
            };
            if let KeyClass::Phi(class) = class {
                last = Some((inner.end, class));
            }
            let (first, entry) = (out.len(), text[..begin].ends_with("entry "));
            match class {
                KeyClass::Phi(class) => {
                    self.held(text, inner.clone(), class, depth, out);
                    if class == Class::Geo {
                        self.aside(text, inner.end, class, out);
                    }
                }
                _ if is_prose_of_a_person(content) && !is_organisation(content) => {
                    out.push(Edit::likely(inner.clone(), Class::Clinical, "sentence.quoted"))
                }
                _ if entry && let Some(class) = class_of_index(&text[inner.end..]) => {
                    self.held(text, inner.clone(), class, depth, out);
                }
                _ if entry && is_key_of_persons(&text[inner.end..]) => {
                    self.unnamed(text, inner.clone(), out);
                }
                _ => {}
            }
            if entry && out.len() == first {
                self.composite(text, inner, out);
            }
        }
    }

    /// `(Round Rock 78664)` right after a place: more of the same.
    fn aside(&mut self, text: &str, end: usize, class: Class, out: &mut Vec<Edit>) {
        let rest = text[end..].trim_start_matches(['"', '\'', '`', '\\']);
        let start = text.len() - rest.len();
        if let Some(inner) = rest.strip_prefix(" (")
            && let Some(len) = inner.find(')').filter(|len| *len <= 80)
            && !words::is_message(&inner[..len])
            // `postal_code (6 of 6 columns)`
            && !inner[..len].contains(" of ")
        {
            out.push(Edit::likely(start + 2..start + 2 + len, class, "sentence.aside"));
        }
    }
}
