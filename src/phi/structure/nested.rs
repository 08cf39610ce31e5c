//! Readings within a reading: the strings of a document, the values of a line, the same text decoded or folded.
//!
//! Owns how much of them there is. A long text is decoded and folded only around its marks. A string that was read before is not read
//! again, by whichever way it is met. And all readings within one text go through no more than a multiple of its length: what
//! is left then is not read but hidden, whole. Each part has a share by its own length, so that a tangled one costs itself.
//! Does not say what is read, nor how deep formats nest.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::ops::Range;

use super::{Context, Edit, Reader, view};
use crate::phi::{class::Class, work};

/// How often the bytes of a text may be read again in the readings within it.
const AGAIN_MAX: usize = 24;
/// What the share of a part is reckoned with beside its length, in bytes: short texts nest too.
const SHARE_BYTES_MIN: usize = 256;
/// What finding a reading again costs beside making it.
const FOUND_AGAIN: usize = 16;
/// Shortest outermost text of which readings are remembered, and shortest part that is.
const OUTERMOST_BYTES_MIN: usize = 2048;
const KNOWN_BYTES_MIN: usize = 16;
/// Readings remembered, and edits in all of them.
const KNOWN_MAX: usize = 8192;
const KNOWN_EDITS_MAX: usize = 16 * 1024;
/// How far around a mark a text is decoded or folded, to the ends of the lines there. Farther away stand no words that say what a value
/// is, but the columns of tables and statements, which are read before anything is decoded.
const AROUND_BYTES: usize = 1024;

/// The rule of what was not read.
pub(super) const UNREAD: &str = "nested.unread";

/// Which reader read a string.
#[derive(Clone, Copy, Hash)]
pub(super) enum Way {
    Document,
    Text,
    Json,
    Markup,
}

/// What readings within the text at hand may still take, and which were made.
pub(super) struct Nested {
    /// Bytes.
    left: usize,
    remembers: bool,
    known: HashMap<Key, Known>,
    edits: usize,
    /// Keyed at random, so that nobody can write two strings that are taken for one.
    state: RandomState,
}

type Key = (u64, usize);

struct Known {
    depth: u8,
    edits: Box<[Edit]>,
}

impl Nested {
    pub(super) fn new() -> Nested {
        Nested {
            left: share(0),
            remembers: false,
            known: HashMap::new(),
            edits: 0,
            state: RandomState::new(),
        }
    }

    fn keep(&mut self, key: Key, known: Known) {
        if self.known.len() >= KNOWN_MAX || self.edits + known.edits.len() > KNOWN_EDITS_MAX {
            self.known.clear();
            self.edits = 0;
        }
        if known.edits.len() <= KNOWN_EDITS_MAX {
            self.edits += known.edits.len();
            self.known.insert(key, known);
        }
    }
}

/// What the readings within so many bytes may go through.
fn share(bytes: usize) -> usize {
    AGAIN_MAX * (bytes + SHARE_BYTES_MIN)
}

impl Reader<'_> {
    /// Before an outermost text of so many bytes is read.
    pub(crate) fn begins(&mut self, bytes: usize) {
        self.nested.left = share(bytes);
        self.nested.remembers = bytes >= OUTERMOST_BYTES_MIN;
    }

    /// Reads so many bytes within the text at hand. False if nothing is left to read them with: what holds them is to be hidden.
    #[must_use]
    pub(super) fn within(&mut self, bytes: usize, read: impl FnOnce(&mut Self)) -> bool {
        let Some(left) = self.nested.left.checked_sub(bytes) else { return false };
        let own = left.min(share(bytes));
        self.nested.left = own;
        read(self);
        self.nested.left += left - own;
        true
    }

    /// Reads a decoded view of `raw_at..` of the text at hand and maps what is found back.
    pub(super) fn through(
        &mut self,
        view: &view::View,
        raw_at: usize,
        out: &mut Vec<Edit>,
        read: impl FnOnce(&mut Self, &str, &mut Vec<Edit>),
    ) {
        let bytes = view.text.len();
        let read = self.within(bytes, |reader| {
            let mut inner = Vec::new();
            read(reader, &view.text, &mut inner);
            out.extend(inner.into_iter().map(|edit| {
                let span = view.raw_span(edit.span);
                Edit { span: span.start + raw_at..span.end + raw_at, ..edit }
            }));
        });
        if !read {
            let raw = view.raw_span(0..bytes);
            out.push(unread(raw.start + raw_at..raw.end + raw_at));
        }
    }

    /// Reads a part of the text at hand and moves what is found to where the part stands.
    pub(super) fn part(
        &mut self,
        text: &str,
        span: Range<usize>,
        out: &mut Vec<Edit>,
        read: impl FnOnce(&mut Self, &str, &mut Vec<Edit>),
    ) {
        let read = self.within(span.len(), |reader| {
            let first = out.len();
            read(reader, &text[span.clone()], out);
            for edit in &mut out[first..] {
                edit.span = edit.span.start + span.start..edit.span.end + span.start;
            }
        });
        if !read {
            out.push(unread(span));
        }
    }

    /// Reads a string, unless it was read the same way before, with as many levels to go as now or more.
    pub(super) fn once(
        &mut self,
        (way, text): (Way, &str),
        context: Context,
        depth: u8,
        out: &mut Vec<Edit>,
        read: impl FnOnce(&mut Self, &mut Vec<Edit>),
    ) {
        if depth == 0 || !self.nested.remembers || text.len() < KNOWN_BYTES_MIN {
            return read(self, out);
        }
        let key = (self.nested.state.hash_one((way, context, text)), text.len());
        if let Some(known) = self.nested.known.get(&key).filter(|known| known.depth <= depth) {
            work::add(text.len() / FOUND_AGAIN);
            out.extend_from_slice(&known.edits);
            // It was reckoned with as one that is read.
            self.nested.left += text.len() - text.len() / FOUND_AGAIN;
            return;
        }
        let first = out.len();
        read(self, out);
        let edits = out.get(first..).unwrap_or_default().into();
        self.nested.keep(key, Known { depth, edits });
    }
}

fn unread(span: Range<usize>) -> Edit {
    Edit::plain(span, Class::OtherId, UNREAD)
}

/// Hides the lines at `window` of a text with marks, at `marks` of the window, that nobody could resolve any more. The others
/// are in the text as they were read.
pub(super) fn hide_lines(
    text: &str,
    window: Range<usize>,
    marks: impl Iterator<Item = usize>,
    out: &mut Vec<Edit>,
) {
    let bytes = &text.as_bytes()[window.clone()];
    let (first, mut done) = (out.len(), 0);
    for at in marks {
        if at < done {
            continue;
        }
        let start = memchr::memrchr2(b'\n', b'\r', &bytes[done..at]).map_or(done, |line| done + line + 1);
        let end = memchr::memchr2(b'\n', b'\r', &bytes[at..]).map_or(bytes.len(), |len| at + len);
        match out[first..].last_mut() {
            Some(last) if last.span.end + 1 >= window.start + start => last.span.end = window.start + end,
            _ => out.push(unread(window.start + start..window.start + end)),
        }
        done = end;
    }
}

/// The lines of a text that stand around the places of its marks, which come in order.
pub(super) fn around(text: &str, marks: impl Iterator<Item = usize>) -> Vec<Range<usize>> {
    let bytes = text.as_bytes();
    let mut windows: Vec<Range<usize>> = Vec::new();
    let mut done = 0;
    for at in marks {
        if at < done {
            continue;
        }
        let near = at.saturating_sub(AROUND_BYTES).max(done);
        let line = memchr::memrchr2(b'\n', b'\r', &bytes[done..near]).map(|end| done + end + 1);
        let far = (at + AROUND_BYTES).min(bytes.len());
        done = memchr::memchr2(b'\n', b'\r', &bytes[far..]).map_or(bytes.len(), |len| far + len);
        match (line, windows.last_mut()) {
            (Some(start), _) => windows.push(start..done),
            (None, Some(last)) => last.end = done,
            (None, None) => windows.push(0..done),
        }
    }
    windows
}
