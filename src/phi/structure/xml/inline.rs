//! Sentences of HTML that go on through their inline elements: `<p>No patient <b>Okafor</b>, born <i>…</i></p>`.
//!
//! Owns which elements are no break of a sentence, and reading what stands around them as one. Elements themselves are
//! the parent's.

use super::{element_name, opens_tag, tag_end};
use crate::phi::structure::{Context, Edit, Reader, view};

/// Longest text whose sentences are read across its elements, in bytes.
pub(super) const BYTES_MAX: usize = 64 * 1024;
/// Longest sentence that is read across its elements, in bytes.
const SENTENCE_BYTES_MAX: usize = 4096;

impl Reader<'_> {
    /// Reads each sentence that inline elements part as if they were not there.
    pub(super) fn inline(&mut self, text: &str, depth: u8, out: &mut Vec<Edit>) {
        let bytes = text.as_bytes();
        // Where the sentence began, and the inline tags in it.
        let (mut start, mut tags) = (0, Vec::new());
        let mut at = 0;
        loop {
            let tag = memchr::memchr(b'<', &bytes[at..]).map_or(bytes.len(), |len| at + len);
            let end = if tag == bytes.len() { tag } else { (tag_end(bytes, tag) + 1).min(bytes.len()) };
            if tag < bytes.len() && is_inline(text, tag) {
                tags.push(tag..end);
            } else {
                let sentence = start..tag;
                if !tags.is_empty() && sentence.len() <= SENTENCE_BYTES_MAX {
                    self.across(text, sentence, &tags, depth, out);
                }
                tags.clear();
                start = end;
            }
            if tag == bytes.len() {
                return;
            }
            at = end;
        }
    }

    fn across(
        &mut self,
        text: &str,
        sentence: std::ops::Range<usize>,
        tags: &[std::ops::Range<usize>],
        depth: u8,
        out: &mut Vec<Edit>,
    ) {
        let view = view::without(text, sentence.clone(), tags);
        let mut found = Vec::new();
        self.through(&view, sentence.start, &mut found, |reader, text, out| {
            reader.text(text, Context::NONE, depth + 1, out)
        });
        for edit in found {
            let mut from = edit.span.start;
            let within = tags.iter().filter(|tag| tag.start < edit.span.end && tag.end > edit.span.start);
            let ends = within.map(|tag| (tag.start, tag.end)).chain([(edit.span.end, edit.span.end)]);
            for (end, next) in ends {
                if from < end && !text[from..end].trim().is_empty() {
                    out.push(Edit { span: from..end, ..edit.clone() });
                }
                from = next;
            }
        }
    }
}

/// An element that is part of the sentence it stands in (HTML, text-level semantics).
fn is_inline(text: &str, tag: usize) -> bool {
    const ELEMENTS: [&str; 16] = [
        "a", "abbr", "b", "code", "em", "font", "i", "kbd", "mark", "q", "samp", "small", "span", "strong",
        "tt", "u",
    ];
    let name = text[tag + 1..].strip_prefix('/').unwrap_or(&text[tag + 1..]);
    let name = element_name(name, 0);
    (text[tag + 1..].starts_with('/') || opens_tag(text, tag))
        && ELEMENTS.iter().any(|element| name.eq_ignore_ascii_case(element))
}
