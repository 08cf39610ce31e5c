//! Reads the structure of a text and says which of its bytes to replace.
//!
//! Every reader here (JSON, XML and HTML, forms, and the many shapes of lines) works the same way: it finds leaf
//! values, decodes them into a [`view`], judges them by the key that holds them, and answers with [`Edit`]s on the
//! raw text. Nothing is printed from a parsed tree, so bytes outside the edits come out as they came in.
//!
//! Invariants: total on arbitrary text, linear in its length, nesting bounded by [`DEPTH_MAX`]. A placeholder holds
//! no character that JSON, XML, SQL or a quoted string would have to escape, so it can stand in any of them.

use std::{cell::RefCell, ops::Range};

use crate::phi::{
    class::{Class, Confidence, Finding, Place},
    cues::{self, KeyClass, key_class},
    echo::Echo,
    engine::Engine,
    memo::Memo,
    names, protect,
    pseudonym::KeyedDigest,
    rules::keyed,
    settings::RegionSet,
    systems, work,
};

mod aamva;
mod access_log;
mod beside;
mod carets;
mod company;
mod compared;
mod dated;
mod dicom;
pub(crate) mod dumps;
mod edifact;
mod edit;
mod gate;
mod hidden;
mod json;
mod judged;
mod leef;
mod lines;
mod named_fields;
mod ncpdp;
mod nested;
mod own;
mod pairs;
mod paths;
mod persons;
mod phrases;
pub(in crate::phi) mod query;
mod records;
mod repeats;
mod rows;
mod segments;
mod sentence;
mod short;
pub(crate) mod statement;
mod tables;
mod text;
pub(crate) mod view;
mod wire;
pub(crate) mod words;
pub(crate) mod xml;
mod zpl;

pub(crate) use beside::{mailboxes_again, names_again};
pub(crate) use edit::{Edit, Form, PLACEHOLDER_HEAD, apply, is_taken, settle, spare_placeholders};
pub(crate) use json::{Kind, Tape, looks_like_json};
use json::{cued, is_care_key, is_line_key, is_open_key, is_open_number, said_before};
pub(crate) use lines::joined;
use nested::Way;
pub(in crate::phi) use pairs::opens_a_pair;
use repeats::occurrences;
pub(crate) use repeats::repeats;
use rows::columns_of;
pub(crate) use short::short_keys;

/// Formats inside strings inside formats: how deep we follow before a string is read as plain text.
pub(crate) const DEPTH_MAX: u8 = 6;

/// What is known about a value before it is read.
#[derive(Clone, Copy, Hash)]
pub(crate) struct Context {
    /// The class of the key that holds the value.
    pub(crate) hint: KeyClass,
    /// The class of the field that the text speaks about, as in `{"field":"email","message":…}`.
    pub(crate) subject: Option<Class>,
    /// What a number in quotes is, as the key only suggests: `{"account":["\"88120447\" is no valid value"]}`.
    pub(crate) suggested: Option<Class>,
}

impl Context {
    pub(crate) const NONE: Context = Context { hint: KeyClass::Unknown, subject: None, suggested: None };

    pub(crate) fn of(hint: KeyClass) -> Context {
        Context { hint, ..Context::NONE }
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
    /// The string, and the class of its key, at which the gate for a whole document ended: no need to ask again for the string itself.
    unclean: Option<(String, KeyClass)>,
    nested: nested::Nested,
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
            unclean: None,
            nested: nested::Nested::new(),
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
            // Nobody knows of what class it is.
            edit.reason.rule == nested::UNREAD
                || settings.counts(edit.class, edit.reason.confidence)
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
    pub(crate) fn counts(&self, class: Class) -> bool {
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
            Class::Geo => {
                words::is_host(trimmed) || words::is_product(trimmed) || words::is_endpoint(trimmed)
            }
            Class::Name => {
                words::is_machine_name(trimmed)
                    && trimmed.bytes().any(|byte| byte.is_ascii_digit() || byte == b'/')
                    || names::is_edition(trimmed)
                    || keyed::is_time_zone(trimmed)
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
            self.text(text, Context { subject: Some(class), ..Context::NONE }, depth, out);
        } else if depth < DEPTH_MAX && (looks_like_json(trimmed) || trimmed.starts_with('<')) {
            self.document(
                text,
                Context { subject: Some(class), ..Context::of(KeyClass::Phi(class)) },
                depth,
                out,
            );
        } else {
            self.flat(text, KeyClass::Phi(class), out);
        }
    }

    /// A string of any content: JSON, markup or text, whichever it turns out to be.
    pub(crate) fn document(&mut self, text: &str, context: Context, depth: u8, out: &mut Vec<Edit>) {
        self.once((Way::Document, text), context, depth, out, |r, out| r.read(text, context, depth, out));
    }

    fn read(&mut self, text: &str, context: Context, depth: u8, out: &mut Vec<Edit>) {
        work::add(text.len());
        // Only in the keys of an object does the gate not see the colours of a terminal.
        let object = text.starts_with('{');
        if !object && self.passes(text, context) {
            return;
        }
        if let Some(plain) = view::without_colours(text) {
            return self.through(&plain, 0, out, |r, text, out| r.document(text, context, depth, out));
        }
        // When it is read again most of its leaves are known, and only the reader of JSON passes over them.
        let known = depth == 0 && self.again.is_some();
        if object && !known && self.passes(text, context) {
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
}

thread_local! {
    static KEYS: RefCell<Memo<KeyClass>> = RefCell::new(Memo::new());
}

/// [`key_class`], remembered.
pub(crate) fn class_of(key: &str) -> KeyClass {
    KEYS.with_borrow_mut(|known| known.get(key, class_afresh))
}

fn class_afresh(key: &str) -> KeyClass {
    // A key that was replaced says nothing of its value, though its label spells a class.
    if key.is_empty() || protect::holds_placeholder(key) { KeyClass::Unknown } else { key_class(key) }
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
