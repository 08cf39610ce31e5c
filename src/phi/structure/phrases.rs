//! Phrases that markup parts: `Patient <b>Ravi</b> <b>Iyer</b>`, `<dt>Patient</dt><dd>…</dd>`.
//!
//! Reads the text as it is shown, looks for names in it, and maps them back to the pieces between the tags.

use std::ops::Range;

use super::{Edit, Reader};
use crate::phi::{class::Class, cues::KeyClass};

/// Longer documents are pages, not messages.
const PAGE_BYTES_MAX: usize = 64 * 1024;

impl Reader<'_> {
    pub(super) fn phrases(&mut self, text: &str, out: &mut Vec<Edit>) {
        if text.len() > PAGE_BYTES_MAX {
            return;
        }
        let bytes = text.as_bytes();
        let mut shown = String::new();
        let mut pieces: Vec<(usize, Range<usize>)> = Vec::new();
        let (mut parted, mut at) = (false, 0);
        while at < bytes.len() {
            let tag = memchr::memchr(b'<', &bytes[at..]).map_or(bytes.len(), |len| at + len);
            if tag > at {
                pieces.push((shown.len(), at..tag));
                shown.push_str(&text[at..tag]);
            }
            let Some(len) = memchr::memchr(b'>', &bytes[tag..]) else { break };
            let name = text[tag + 1..tag + len].split([' ', '>']).next().unwrap_or("");
            at = tag + len + 1;
            match name.trim_start_matches('/') {
                "b" | "i" | "em" | "strong" | "span" | "u" | "font" | "mark" | "a" | "small" | "code" => {
                    parted = true
                }
                "dt" | "th" | "label" if name.starts_with('/') => shown.push_str(": "),
                "dd" | "td" if !name.starts_with('/') => {}
                "script" | "style" if !name.starts_with('/') => {
                    at = text[at..].find("</").map_or(bytes.len(), |len| at + len);
                    shown.push('\n');
                }
                _ => shown.push('\n'),
            }
        }
        if !parted {
            return;
        }
        let mut found = Vec::new();
        self.flat(&shown, KeyClass::Unknown, &mut found);
        for edit in found.into_iter().filter(|edit| edit.class == Class::Name) {
            for (start, raw) in &pieces {
                let from = edit.span.start.max(*start);
                let to = edit.span.end.min(start + raw.len());
                if from < to && !shown[from..to].trim().is_empty() {
                    let span = raw.start + from - start..raw.start + to - start;
                    out.push(Edit { span, ..edit.clone() });
                }
            }
        }
    }
}
