//! What a reader wants replaced, and the text with it replaced.
//!
//! Owns how a placeholder is written, and that edits do not overlap when they are applied.

use std::{ops::Range, sync::LazyLock};

use memchr::memmem::Finder;

use super::DEPTH_MAX;
use crate::phi::{
    class::{Class, Confidence, Finding, Layer, Reason},
    protect,
    pseudonym::{self, KeyedDigest},
};

/// One piece of text to replace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Edit {
    pub(crate) span: Range<usize>,
    pub(crate) class: Class,
    pub(crate) reason: Reason,
    pub(crate) form: Form,
}

/// How the placeholder is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    Plain,
    /// A JSON number becomes a string: in quotes, escaped once for each JSON string around the document.
    Quoted(u8),
    /// The nth key of one object that is replaced: numbered, so that keys stay unique.
    Numbered(u32),
}

impl Edit {
    /// The key, element or column that holds the value says so.
    pub(crate) fn plain(span: Range<usize>, class: Class, rule: &'static str) -> Edit {
        Edit::of(span, class, rule, Layer::Structure, Confidence::High)
    }

    /// What stands around the value says so.
    pub(crate) fn likely(span: Range<usize>, class: Class, rule: &'static str) -> Edit {
        Edit::of(span, class, rule, Layer::Context, Confidence::Medium)
    }

    /// The request held the same value.
    pub(crate) fn echoed(span: Range<usize>, class: Class, rule: &'static str) -> Edit {
        Edit::of(span, class, rule, Layer::Echo, Confidence::High)
    }

    fn of(
        span: Range<usize>,
        class: Class,
        rule: &'static str,
        layer: Layer,
        confidence: Confidence,
    ) -> Edit {
        let reason = Reason { rule, layer, confidence, cue: None };
        Edit { span, class, reason, form: Form::Plain }
    }

    /// The edit as a finding at `span`.
    pub(crate) fn finding(&self, span: Range<usize>) -> Finding {
        let Reason { rule, layer, confidence, cue } = self.reason;
        Finding { class: self.class, rule, layer, confidence, cue, span }
    }

    /// A JSON number: its placeholder is a string.
    pub(crate) fn quoted(self) -> Edit {
        Edit { form: Form::Quoted(0), ..self }
    }

    /// Writes the placeholder for `value`, the text of the span.
    fn write(&self, value: &[u8], pseudonyms: Option<&dyn KeyedDigest>, out: &mut Vec<u8>) {
        if let Form::Quoted(level) = self.form {
            quote(level, out);
        }
        out.extend_from_slice(PLACEHOLDER_HEAD.as_bytes());
        out.extend_from_slice(self.class.label().as_bytes());
        if let Some(digest) = pseudonyms {
            out.push(b':');
            out.extend_from_slice(&pseudonym::code(digest, self.class, value));
        }
        out.push(b']');
        match self.form {
            Form::Quoted(level) => quote(level, out),
            Form::Numbered(nth) if nth > 1 => out.extend_from_slice(format!("#{nth}").as_bytes()),
            Form::Plain | Form::Numbered(_) => {}
        }
    }
}

impl From<&Finding> for Edit {
    fn from(finding: &Finding) -> Edit {
        Edit { span: finding.span.clone(), class: finding.class, reason: finding.reason(), form: Form::Plain }
    }
}

/// How every placeholder begins.
pub(crate) const PLACEHOLDER_HEAD: &str = "[REDACTED:";
static HEAD: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(PLACEHOLDER_HEAD));

/// A quote inside `level` JSON strings: each level doubles the backslashes and adds one.
fn quote(level: u8, out: &mut Vec<u8>) {
    let backslashes = (1usize << level.min(DEPTH_MAX)) - 1;
    out.extend(std::iter::repeat_n(b'\\', backslashes));
    out.push(b'"');
}

/// Does one of the edits lie over a part of `span`?
pub(crate) fn is_taken(edits: &[Edit], span: &Range<usize>) -> bool {
    edits.iter().any(|edit| edit.span.start < span.end && span.start < edit.span.end)
}

/// Sorts edits and joins those that overlap. The first, or the longer of two that begin together, gives the class.
pub(crate) fn settle(edits: &mut Vec<Edit>) {
    edits.retain(|edit| !edit.span.is_empty());
    edits.sort_by(|a, b| a.span.start.cmp(&b.span.start).then(b.span.end.cmp(&a.span.end)));
    edits.dedup_by(|next, kept| {
        let overlaps = next.span.start < kept.span.end;
        if overlaps {
            kept.span.end = kept.span.end.max(next.span.end);
        }
        overlaps
    });
}

/// Takes what lies in a placeholder out of every edit: nothing in one is anybody's value.
pub(crate) fn spare_placeholders(raw: &[u8], edits: &mut Vec<Edit>) {
    if HEAD.find(raw).is_none() {
        return;
    }
    for edit in edits.iter_mut() {
        let span = &mut edit.span;
        while let Some(held) = protect::placeholder_around(raw, span.start)
            && !(span.start == held.start && span.end > held.end)
        {
            span.start = held.end;
        }
        if let Some(held) = protect::placeholder_around(raw, span.end)
            && span.end > held.start
        {
            span.end = held.start.max(span.start);
        }
    }
    edits.retain(|edit| edit.span.start < edit.span.end);
}

/// Writes `raw` with settled edits applied, and says where the placeholders stand.
pub(crate) fn apply(
    raw: &[u8],
    edits: &[Edit],
    pseudonyms: Option<&dyn KeyedDigest>,
    out: &mut Vec<u8>,
) -> Vec<Range<usize>> {
    out.reserve(raw.len() + edits.len() * 16);
    let mut done = 0;
    let mut written = Vec::with_capacity(edits.len());
    for edit in edits {
        out.extend_from_slice(&raw[done..edit.span.start]);
        let start = out.len();
        edit.write(&raw[edit.span.clone()], pseudonyms, out);
        written.push(start..out.len());
        done = edit.span.end;
    }
    out.extend_from_slice(&raw[done..]);
    written
}
