//! Reads the structure of a text and says which of its bytes to replace.
//!
//! Every reader here (JSON, XML and HTML, forms, and the many shapes of lines) works the same way: it finds leaf
//! values, decodes them into a [`view`], judges them by the key that holds them, and answers with [`Edit`]s on the
//! raw text. Nothing is printed from a parsed tree, so bytes outside the edits come out as they came in.
//!
//! Invariants: total on arbitrary text, linear in its length, nesting bounded by [`DEPTH_MAX`]. A placeholder holds
//! no character that JSON, XML, SQL or a quoted string would have to escape, so it can stand in any of them.

use std::{cell::RefCell, ops::Range, sync::LazyLock};

use memchr::memmem::Finder;

use crate::phi::{
    class::{Class, Confidence, Finding, Layer, Place, Reason},
    cues::{self, KeyClass, key_class},
    echo::Echo,
    engine::Engine,
    memo::Memo,
    names, protect,
    pseudonym::{self, KeyedDigest},
    settings::RegionSet,
    systems, work,
};

mod aamva;
mod beside;
mod carets;
mod compared;
mod dated;
mod dicom;
mod edifact;
mod gate;
mod hidden;
mod json;
mod judged;
mod lines;
mod named_fields;
mod ncpdp;
mod own;
mod pairs;
mod paths;
mod persons;
mod phrases;
mod query;
mod records;
mod repeats;
mod rows;
mod segments;
mod sentence;
mod short;
mod tables;
mod text;
pub(crate) mod view;
mod wire;
pub(crate) mod words;
pub(crate) mod xml;
mod zpl;

pub(crate) use beside::names_again;
pub(crate) use json::{Kind, Tape, looks_like_json};
use json::{cued, is_care_key, is_line_key, is_open_key, is_open_number};
pub(crate) use lines::joined;
pub(in crate::phi) use pairs::opens_a_pair;
use repeats::occurrences;
pub(crate) use repeats::repeats;
use rows::columns_of;
pub(crate) use short::short_keys;

/// Formats inside strings inside formats: how deep we follow before a string is read as plain text.
pub(crate) const DEPTH_MAX: u8 = 6;

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

/// What is known about a value before it is read.
#[derive(Clone, Copy)]
pub(crate) struct Context {
    /// The class of the key that holds the value.
    pub(crate) hint: KeyClass,
    /// The class of the field that the text speaks about, as in `{"field":"email","message":…}`.
    pub(crate) subject: Option<Class>,
}

impl Context {
    pub(crate) const NONE: Context = Context { hint: KeyClass::Unknown, subject: None };

    pub(crate) fn of(hint: KeyClass) -> Context {
        Context { hint, subject: None }
    }
}

/// The class of a context, if the key names one.
pub(crate) fn phi(class: KeyClass) -> Option<Class> {
    match class {
        KeyClass::Phi(class) => Some(class),
        _ => None,
    }
}

/// Reads texts of one exchange or one log line for what has to go.
pub(crate) struct Reader<'a> {
    engine: &'a Engine,
    place: Place,
    echo: Option<&'a Echo>,
    findings: Vec<Finding>,
    /// On a second reading: where the first one wrote placeholders. Leaves without one are known.
    again: Option<Vec<Range<usize>>>,
    /// Tests read without the gate too.
    #[cfg(test)]
    gated: bool,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(engine: &'a Engine, place: Place, echo: Option<&'a Echo>) -> Reader<'a> {
        Reader {
            engine,
            place,
            echo: echo.filter(|echo| !echo.is_empty()),
            findings: Vec::new(),
            again: None,
            #[cfg(test)]
            gated: true,
        }
    }

    /// Reads only what was changed, in a text with placeholders at `written`; everything if that is not known.
    pub(crate) fn again(&mut self, written: Option<Vec<Range<usize>>>) {
        self.again = written;
    }

    /// What makes the codes in placeholders, if they carry any.
    pub(crate) fn pseudonyms(&self) -> Option<&'a dyn KeyedDigest> {
        self.engine.pseudonyms(self.place)
    }

    /// The leaf at `span` of the outermost document was read before and has not changed.
    fn is_known(&self, span: &Range<usize>) -> bool {
        let Some(written) = &self.again else { return false };
        let next = written.partition_point(|edit| edit.end <= span.start);
        // A leaf that is nothing but a placeholder holds nothing either.
        written
            .get(next)
            .is_none_or(|edit| edit.start >= span.end || edit.start <= span.start && edit.end >= span.end)
    }

    /// The policy's own rules, over the whole of an outermost text.
    pub(crate) fn own_rules(&self, text: &str, out: &mut Vec<Edit>) {
        if !self.engine.custom.is_empty() {
            own::own_rules(self.engine, text, out);
        }
    }

    /// Takes out what the policy lets pass in this place.
    pub(crate) fn let_pass(&self, raw: &[u8], edits: &mut Vec<Edit>) {
        if self.engine.is_strict(self.place) {
            return;
        }
        let settings = self.engine.settings().at(self.place);
        edits.retain(|edit| {
            let text = raw.get(edit.span.clone()).and_then(|raw| std::str::from_utf8(raw).ok());
            settings.counts(edit.class, edit.reason.confidence)
                && !text.is_some_and(|text| self.engine.allows(text))
        });
    }

    /// Is this key one of a region that is off, or of a clinician's number that the policy keeps?
    fn is_silent(&self, key: &str) -> bool {
        let settings = self.engine.settings();
        let regions = settings.at(self.place).regions;
        regions != RegionSet::ALL && cues::is_of_another_region(key, regions)
            || !settings.hide_providers && cues::is_of_provider(key)
    }

    pub(crate) fn hides_private_ips(&self) -> bool {
        self.engine.settings().hide_private_ips
    }

    /// Is the policy after this class here?
    fn counts(&self, class: Class) -> bool {
        self.engine.settings().at(self.place).counts(class, Confidence::High)
    }

    /// Flat text: rules, names and echo, no structure.
    fn flat(&mut self, text: &str, hint: KeyClass, out: &mut Vec<Edit>) {
        self.findings.clear();
        self.engine.scan(text, self.place, hint, &mut self.findings);
        for finding in &self.findings {
            columns_of(text, finding, out);
        }
        if let Some(echo) = self.echo {
            echo.find(text, out);
        }
    }

    /// A value under a key that says what it is. Literals of the format and names of fields stay; a message about
    /// the field is read as a sentence.
    fn value(&mut self, text: &str, class: Class, depth: u8, out: &mut Vec<Edit>) {
        work::add(text.len());
        let trimmed = text.trim();
        // A reader may have taken the bracket of a placeholder for the end of its value.
        let placeholder =
            trimmed.starts_with(PLACEHOLDER_HEAD) && (trimmed.ends_with(']') || !trimmed.contains(']'));
        if trimmed.is_empty() || placeholder {
            return;
        }
        if !self.counts(class) {
            return self.document(text, Context::NONE, depth, out);
        }
        if !matches!(class, Class::Photo | Class::Url) && systems::is_canonical(trimmed) {
            return;
        }
        let mut behind = trimmed;
        loop {
            match systems::width(behind) {
                0 => break,
                width => behind = &behind[width..],
            }
        }
        if behind.len() < trimmed.len() {
            let from = text.trim_end().len() - behind.len();
            return self.part(text, from..text.len(), out, |r, value, out| r.value(value, class, depth, out));
        }
        // A diff of two values: one on each line, behind its sign.
        if trimmed.contains('\n') && trimmed.lines().all(|line| line.starts_with(['+', '-'])) {
            for line in trimmed.lines() {
                let side = line[1..].trim();
                if !side.is_empty() && !side.contains(PLACEHOLDER_HEAD) && !words::is_literal(side, class) {
                    out.push(Edit::plain(span_of(text, side), class, "value.compared"));
                }
            }
            return;
        }
        let machine = match class {
            Class::Geo => words::is_endpoint(trimmed),
            Class::Name => {
                words::is_machine_name(trimmed)
                    && trimmed.bytes().any(|byte| byte.is_ascii_digit() || byte == b'/')
                    || names::is_edition(trimmed)
            }
            _ => false,
        };
        if machine {
            self.text(text, Context::NONE, depth, out);
        } else if words::is_literal(trimmed, class) {
            if let Some(echo) = self.echo {
                echo.find(text, out);
            }
        } else if words::is_message(trimmed)
            || trimmed.split_once(": ").is_some_and(|(head, _)| head.contains(' ') && words::is_message(head))
        {
            self.text(text, Context { hint: KeyClass::Unknown, subject: Some(class) }, depth, out);
        } else if depth < DEPTH_MAX && (looks_like_json(trimmed) || trimmed.starts_with('<')) {
            self.document(text, Context { hint: KeyClass::Phi(class), subject: Some(class) }, depth, out);
        } else {
            self.flat(text, KeyClass::Phi(class), out);
        }
    }

    /// A string of any content: JSON, markup or text, whichever it turns out to be.
    pub(crate) fn document(&mut self, text: &str, context: Context, depth: u8, out: &mut Vec<Edit>) {
        work::add(text.len());
        if let Some(plain) = view::without_colours(text) {
            return self.through(&plain, 0, out, |r, text, out| r.document(text, context, depth, out));
        }
        if self.passes(text, context) {
            return;
        }
        if depth >= DEPTH_MAX {
            return self.text(text, context, depth, out);
        }
        if (depth == 0 && json::is_number(text) || looks_like_json(text))
            && self.json(text, context, depth, out)
        {
            return;
        }
        if xml::looks_like_markup(text) {
            self.phrases(text, out);
            return self.markup(text, context, depth, out);
        }
        self.text(text, context, depth, out);
    }

    /// Reads a decoded view of `raw_at..` of the text at hand and maps what is found back.
    fn through(
        &mut self,
        view: &view::View,
        raw_at: usize,
        out: &mut Vec<Edit>,
        read: impl FnOnce(&mut Self, &str, &mut Vec<Edit>),
    ) {
        let mut inner = Vec::new();
        read(self, &view.text, &mut inner);
        out.extend(inner.into_iter().map(|edit| {
            let span = view.raw_span(edit.span);
            Edit { span: span.start + raw_at..span.end + raw_at, ..edit }
        }));
    }

    /// Reads a part of the text at hand and moves what is found to where the part stands.
    fn part(
        &mut self,
        text: &str,
        span: Range<usize>,
        out: &mut Vec<Edit>,
        read: impl FnOnce(&mut Self, &str, &mut Vec<Edit>),
    ) {
        let first = out.len();
        read(self, &text[span.clone()], out);
        for edit in &mut out[first..] {
            edit.span = edit.span.start + span.start..edit.span.end + span.start;
        }
    }
}

thread_local! {
    static KEYS: RefCell<Memo<KeyClass>> = RefCell::new(Memo::new());
}

/// [`key_class`], remembered.
pub(crate) fn class_of(key: &str) -> KeyClass {
    // A key that was replaced says nothing of its value, though its label spells a class.
    if key.is_empty() || protect::holds_placeholder(key) {
        KeyClass::Unknown
    } else {
        KEYS.with_borrow_mut(|known| known.get(key, key_class))
    }
}

/// The class of a field named by a path: `address.line.0`, `Patient.name[0].family`, `#/contact/phone`.
pub(crate) fn field_class(path: &str) -> KeyClass {
    match class_of(path) {
        // Nor is a name that was replaced a path.
        KeyClass::Unknown if path.contains(PLACEHOLDER_HEAD) => KeyClass::Unknown,
        KeyClass::Unknown => {
            let elements = || {
                path.rsplit(['.', '/', '[', ']', ':', '#', '$', ' ', ',']).filter(|element| {
                    !element.is_empty() && !element.bytes().all(|byte| byte.is_ascii_digit())
                })
            };
            // `service.name` is the name of a service.
            let of_thing = elements().nth(1).is_some_and(words::is_thing_key);
            let own = elements().take(3).map(class_of).find(|class| !matches!(class, KeyClass::Unknown));
            own.filter(|class| !(of_thing && *class == KeyClass::Phi(Class::Name)))
                .unwrap_or(KeyClass::Unknown)
        }
        known => known,
    }
}

/// Where `part`, which was cut out of `text`, stands in it.
pub(crate) fn span_of(text: &str, part: &str) -> Range<usize> {
    let start = part.as_ptr() as usize - text.as_ptr() as usize;
    start..start + part.len()
}

/// A span that lies in one of our own placeholders is nobody's value.
pub(crate) fn is_inside_placeholder(text: &str, span: &Range<usize>) -> bool {
    let bytes = text.as_bytes();
    let from = text.floor_char_boundary(span.start.saturating_sub(32));
    let Some(before) = bytes.get(from..bytes.len().min(span.start + 1)) else { return false };
    memchr::memrchr_iter(b'[', before)
        .map(|at| at + from)
        .find(|at| bytes[*at..].starts_with(PLACEHOLDER_HEAD.as_bytes()))
        .and_then(|head| protect::placeholder_at(bytes, head))
        .is_some_and(|close| close > span.end)
}

#[cfg(test)]
mod tests;
