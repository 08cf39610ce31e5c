//! JSON read token by token, so that only leaf values (and keys that are values themselves) are replaced.
//!
//! The tokenizer is lenient: it takes whatever it can of a truncated or broken document and says where it stopped;
//! the rest is read as text. Several documents after one another (NDJSON) are one tape. The context of a key goes
//! down: `name: [{family, given}]`, `telecom: [{system, value}]`; and sideways: `{"field": "email", "value": …}`.
//! Never changes whether a document parses.

use std::rc::Rc;

mod days;
mod fields;
mod filling;
mod frame;
mod machines;
mod members;
mod spoken;
mod tape;

use days::is_day_of_somebody;
pub(super) use days::{is_care_key, is_visit_key};
use fields::{is_second_line, named_first};
use frame::{Frame, Role};
pub(super) use members::{cued, inherits};
use members::{is_record, member};
pub(super) use spoken::{is_line_key, is_open_key, is_open_number, said_before};
pub(crate) use tape::{Kind, Tape, Token, looks_like_json};

use super::{
    Context, DEPTH_MAX, Edit, Form, PLACEHOLDER_HEAD, Reader, phi, rows::is_name, sentence::is_organisation,
    words,
};
use crate::phi::{
    class::Class,
    cues::KeyClass,
    names::{is_compound_word, is_heading, is_login, is_name_like, is_no_name},
    rules::homonyms::is_of_model,
    rules::keyed,
    rules::numbers::{is_mobile, is_of_range},
};

/// Under `name`: words of a machine, and nobody's.
fn is_name_of_a_thing(value: &str, frame: &Frame) -> bool {
    frame.explained && words::is_identifier(value)
        || (words::is_machine_name(value) || words::is_acronyms(value)) && !is_name_like(value)
        || is_compound_word(value)
        || is_no_name(value)
        || is_heading(value)
        || is_organisation(value)
        || keyed::is_name_of_machine(Class::Name, "name", value)
        || words::is_measured(value)
}

/// `0312`, `150`: a date cut short or mistyped. A year may stay.
fn is_cut_short(value: &str) -> bool {
    (3..=6).contains(&value.len())
        && value.bytes().all(|b| b.is_ascii_digit())
        && !(value.len() == 4 && matches!(&value[..2], "18" | "19" | "20" | "21"))
}

/// `kwabena osei-tutu`: two words or three, a listed given and family name among them.
fn is_sought(value: &str) -> bool {
    value.split(' ').count() >= 2
        && value.chars().all(|c| c.is_alphabetic() || matches!(c, ' ' | '-' | '\'' | ','))
        && is_name_like(value)
}

impl Reader<'_> {
    /// Reads `text` as JSON. False if it turns out to be something else, and then nothing was found.
    pub(super) fn json(&mut self, text: &str, context: Context, depth: u8, out: &mut Vec<Edit>) -> bool {
        let tape = Tape::read(text);
        let outermost = depth == 0;
        let again = if outermost { None } else { self.again.take() };
        let read = self.tokens(text, &tape, context, depth, out);
        if !outermost {
            self.again = again;
        }
        read
    }

    fn tokens(&mut self, text: &str, tape: &Tape, context: Context, depth: u8, out: &mut Vec<Edit>) -> bool {
        let has_key = tape.tokens.iter().any(|token| token.kind == Kind::Key);
        if !tape.complete && !has_key && tape.end < text.len() {
            return false;
        }
        let root = Frame { announced: context.suggested, ..Frame::new(false, context.hint, context.subject) };
        let mut stack = vec![root];
        for (index, token) in tape.tokens.iter().enumerate() {
            let Some(frame) = stack.last_mut() else { break };
            if !frame.object
                && !frame.columns.is_empty()
                && matches!(token.kind, Kind::Str | Kind::Number | Kind::Word | Kind::Object)
            {
                frame.member = frame.columns.get(frame.column).copied().unwrap_or(KeyClass::Unknown);
                frame.column += 1;
            }
            match token.kind {
                Kind::Key => self.key(text, tape, index, frame, depth, out),
                Kind::Object | Kind::Array => {
                    if token.kind == Kind::Array {
                        self.byte_array(text, token.start, depth, out);
                    }
                    let child = self.enter(text, tape, index, frame);
                    stack.push(child);
                }
                Kind::End => {
                    if stack.len() > 1 {
                        stack.pop();
                    }
                }
                Kind::Str => self.string(text, token, frame, depth, out),
                Kind::Number => self.number(text, token, frame, out),
                Kind::Word => {}
            }
        }
        if tape.end < text.len() {
            self.again = None;
            // `{"lastName"=>"…"`: what looked like a key of JSON is one of another language.
            let from = match tape.tokens.last() {
                Some(last) if last.kind == Kind::Key => last.start - 1,
                _ => tape.end,
            };
            self.part(text, from..text.len(), out, |reader, tail, out| {
                reader.text(tail, Context { hint: KeyClass::Unknown, ..context }, depth + 1, out)
            });
        }
        true
    }

    fn key(
        &mut self,
        text: &str,
        tape: &Tape,
        index: usize,
        frame: &mut Frame,
        depth: u8,
        out: &mut Vec<Edit>,
    ) {
        let token = &tape.tokens[index];
        let raw = &text[token.start..token.end];
        let decoded = token.decoded(text);
        let key = decoded.as_ref().map_or(raw, |view| view.text.as_str());
        (frame.member, frame.role) = member(key, frame);
        if phi(frame.member).is_none()
            && let Some(value) = tape.tokens.get(index + 1)
            && match value.kind {
                Kind::Str => is_day_of_somebody(key, &text[value.start..value.end], frame),
                Kind::Number | Kind::Array => frame.visit && is_visit_key(key),
                _ => false,
            }
        {
            (frame.member, frame.role) = (KeyClass::Phi(Class::Date), Role::Plain);
        }
        if phi(frame.member).is_some() && self.is_silent(key) {
            frame.member = KeyClass::Unknown;
        }
        if let Some(value) = tape.tokens.get(index + 1) {
            let held = &text[value.start..value.end];
            if frame.member == KeyClass::Phi(Class::Device) && is_of_model(&key.to_ascii_lowercase(), held) {
                frame.member = KeyClass::Safe;
            }
            // `"secondary":"Apt 11B"`: a measure has a unit too, but none with a number.
            if frame.housed && is_second_line(key) && held.bytes().any(|byte| byte.is_ascii_digit()) {
                (frame.member, frame.role) = (KeyClass::Phi(Class::Geo), Role::Plain);
            }
        }
        if let KeyClass::Phi(Class::Date) = frame.class {
            frame.of_day = matches!(key, "month" | "day" | "dayOfMonth" | "monthValue");
            if frame.of_day {
                frame.member = frame.class;
            }
        } else {
            frame.of_day = frame.member == KeyClass::Phi(Class::Date) && words::is_day_part_key(key);
        }
        let traits = words::traits(key);
        frame.member_thing = traits.thing;
        frame.member_site = frame.member_thing && words::is_site_key(key);
        frame.member_insured = super::paths::is_key_of_insured(key);
        frame.member_filling = filling::is_key(key);
        frame.member_visit = frame.patient && days::is_key_of_visit(key);
        frame.member_born = frame.member == KeyClass::Phi(Class::Date) && traits.birth;
        if frame.names_field == Some(index) {
            frame.role = Role::FieldName;
        }
        if key.starts_with(PLACEHOLDER_HEAD) {
            frame.renamed += 1;
            return;
        }
        if !self.key_may_be_value(key)
            || self.is_known(&(token.start..token.end))
            || self.passes_as_text(key, Context::NONE)
        {
            return;
        }
        let first = out.len();
        match &decoded {
            Some(view) => {
                self.through(view, token.start, out, |r, t, out| r.text(t, Context::NONE, depth + 1, out))
            }
            None => self.part(text, token.start..token.end, out, |r, t, out| {
                r.text(t, Context::NONE, depth + 1, out)
            }),
        }
        // One placeholder for the whole key: two keys that differ only outside a finding must stay two keys.
        if let Some(found) = out.get(first) {
            frame.renamed += 1;
            let key =
                Edit { span: token.start..token.end, form: Form::Numbered(frame.renamed), ..found.clone() };
            out.truncate(first);
            out.push(key);
        }
    }

    /// Keys are names of fields unless their shape says otherwise; only an echo can tell a plain word.
    fn key_may_be_value(&self, key: &str) -> bool {
        self.echo.is_some()
            || key
                .bytes()
                .any(|byte| matches!(byte, b'@' | b' ' | b'%' | b'=' | b'^' | b',') || !byte.is_ascii())
            || key.bytes().filter(u8::is_ascii_digit).count() >= 6
    }

    fn enter(&mut self, text: &str, tape: &Tape, index: usize, parent: &Frame) -> Frame {
        let (class, role) = (parent.member, parent.role);
        let object = tape.tokens[index].kind == Kind::Object;
        let mut frame = Frame::new(object, class, parent.subject);
        frame.thing = parent.member_thing || parent.thing && !object;
        frame.site = parent.member_site || parent.site && !object;
        frame.insured = object && parent.member_insured;
        frame.filling = parent.member_filling || parent.filling && !parent.object;
        (frame.visit, frame.patient) = (parent.member_visit, parent.member_visit);
        if object {
            frame.survey(text, tape, index);
            // What was said before the document, as zap and zerolog print it.
            frame.announced = frame.announced.or(parent.announced.filter(|_| !parent.object));
            return frame;
        }
        frame.member_visit = parent.member_visit;
        frame.role = if frame.filling { Role::Filled } else { role };
        frame.announced = parent.announced.filter(|_| role == Role::Announced);
        frame.member_thing = parent.member_thing;
        frame.member_site = parent.member_site;
        // Rows in the order of the columns, one row or many.
        if role == Role::Row || !parent.object {
            frame.columns = Rc::clone(&parent.columns);
        }
        if role == Role::Bound && parent.object {
            frame.columns = Rc::clone(&parent.bound);
        }
        frame.record = is_record(text, tape, index);
        if let Some(class) = named_first(text, tape, index) {
            frame.pair_name = tape.tokens.get(index + 1).map(|name| name.start);
            frame.member = KeyClass::Phi(class);
        }
        frame
    }

    fn string(&mut self, text: &str, token: &Token, frame: &Frame, depth: u8, out: &mut Vec<Edit>) {
        if token.start == token.end || self.is_known(&(token.start..token.end)) {
            return;
        }
        // Positions inside the leaf are its own.
        let again = self.again.take();
        if frame.pair_name == Some(token.start) {
            self.again = again;
            return;
        }
        self.leaf(text, token, frame, depth, out);
        self.again = again;
    }

    fn leaf(&mut self, text: &str, token: &Token, frame: &Frame, depth: u8, out: &mut Vec<Edit>) {
        let span = token.start..token.end;
        let read = |reader: &mut Self, value: &str, out: &mut Vec<Edit>| match (frame.role, frame.member) {
            (Role::FieldName, _) => {
                let context = Context::of(KeyClass::Safe);
                if !reader.passes_as_text(value, context) {
                    reader.text(value, context, depth + 1, out);
                }
            }
            (_, KeyClass::Phi(class)) => reader.claimed(value, class, frame, depth, out),
            (Role::Line, _)
                if is_mobile(value.as_bytes()) && !is_of_range(text, &(token.start..token.end)) =>
            {
                out.push(Edit::likely(0..value.len(), Class::Phone, "json.line"));
            }
            _ => reader.unclaimed(value, frame, depth, out),
        };
        let first = out.len();
        match token.decoded(text) {
            None => self.part(text, span, out, read),
            Some(view) => self.through(&view, token.start, out, read),
        }
        // What a document inside this string puts in quotes of its own: `"[123-45-6789"`.
        for edit in &mut out[first..] {
            if let Form::Quoted(level) = edit.form {
                edit.form = Form::Quoted((level + 1).min(DEPTH_MAX));
            }
        }
    }

    /// A string under a key of `class`.
    fn claimed(&mut self, value: &str, class: Class, frame: &Frame, depth: u8, out: &mut Vec<Edit>) {
        let whole = 0..value.len();
        match (class, frame.role) {
            (_, Role::Plain) if frame.thing && words::is_type_word(value) => {}
            (Class::Name, Role::AnyName) if is_name_of_a_thing(value, frame) => {
                self.text(value, Context::NONE, depth + 1, out);
            }
            (Class::Name, Role::Ruled) if keyed::is_name_of_machine(Class::Name, "signature", value) => {
                self.text(value, Context::NONE, depth + 1, out);
            }
            (Class::Date, _)
                if frame.member_born && is_cut_short(value) || frame.of_day && words::is_day_part(value) =>
            {
                out.push(Edit::plain(whole, class, "json.birth"));
            }
            (_, Role::Plain) if frame.explained && self.counts(class) && words::is_mistyped(value, class) => {
                out.push(Edit::plain(whole, class, "json.mistyped"));
            }
            _ => self.value(value, class, depth + 1, out),
        }
    }

    /// A string under a key of no class: what its role makes somebody's, or a text like any other.
    fn unclaimed(&mut self, value: &str, frame: &Frame, depth: u8, out: &mut Vec<Edit>) {
        let (hint, subject) = (frame.member, frame.subject);
        if let Some(edit) = self.by_role(value, frame) {
            out.push(edit);
            return;
        }
        match frame.role {
            Role::Search if let Some((who, day)) = super::query::person_and_day(value) => {
                out.push(Edit::likely(who, Class::Name, "json.search"));
                out.push(Edit::likely(day, Class::Date, "json.search"));
            }
            _ if frame.member_filling && looks_like_json(value) => {
                filling::document(value, out);
                self.document(value, Context { subject, ..Context::of(hint) }, depth + 1, out);
            }
            Role::Bound if hint == KeyClass::Unknown => self.unnamed(value, 0..value.len(), out),
            Role::Prose if words::is_prose(value) && self.counts(Class::Clinical) => {
                out.push(Edit::plain(0..value.len(), Class::Clinical, "json.clinical"));
            }
            Role::Value => match subject.filter(|class| !words::is_literal(value, *class)) {
                Some(class) => self.value(value, class, depth + 1, out),
                // Of what the sentence beside it speaks it is no value.
                None => self.document(value, Context::of(hint), depth + 1, out),
            },
            role => {
                let suggested = if let Role::Cued(class) = role { Some(class) } else { frame.announced };
                self.document(value, Context { hint, subject, suggested }, depth + 1, out);
            }
        }
    }

    /// The whole of a string, where its key and the members beside it make it a value of somebody.
    fn by_role(&mut self, value: &str, frame: &Frame) -> Option<Edit> {
        let likely = |class, rule| Some(Edit::likely(0..value.len(), class, rule));
        match frame.role {
            Role::GivenOrFamily if is_name(value, false) => {
                Some(Edit::plain(0..value.len(), Class::Name, "name.first-last"))
            }
            Role::Actor if is_name(value, false) && is_name_like(value) => {
                likely(Class::Name, "name.first-last")
            }
            Role::Person | Role::Member
                if value.contains(' ') && is_name(value, false) && self.is_called(value) =>
            {
                likely(Class::Name, "json.person")
            }
            Role::Login | Role::Actor if is_login(value) => likely(Class::Name, "json.person"),
            Role::Search if is_sought(value) => likely(Class::Name, "json.search"),
            Role::Member
                if super::paths::number_of_member("member", value).is_some() || is_open_number(value) =>
            {
                likely(Class::HealthPlan, "json.member")
            }
            // An account of AWS has twelve digits.
            Role::Cued(class) if is_open_number(value) && value.len() != 12 => likely(class, "json.cued"),
            Role::InsuredId if super::paths::is_number_of_insured(value) => {
                likely(Class::HealthPlan, "json.member")
            }
            Role::Filled if let Some(class) = filling::class_of(value) => likely(class, "json.filled"),
            Role::Announced if is_open_number(value) => likely(frame.announced?, "json.announced"),
            _ if frame.record && is_name(value, false) => likely(Class::Name, "name.record"),
            _ => None,
        }
    }

    /// Does a value read as the name of a patient, as it would behind the word?
    fn is_called(&mut self, value: &str) -> bool {
        let (said, mut found) = (format!("patient {value}"), Vec::new());
        self.flat(&said, KeyClass::Unknown, &mut found);
        let whole = said.len() - value.len()..said.len();
        found.iter().any(|edit| edit.class == Class::Name && edit.span == whole)
    }

    fn number(&mut self, text: &str, token: &Token, frame: &Frame, out: &mut Vec<Edit>) {
        if self.is_known(&(token.start..token.end)) {
            return;
        }
        let raw = &text[token.start..token.end];
        let digits = raw.bytes().filter(u8::is_ascii_digit).count();
        let class = match (frame.member, frame.role, frame.subject) {
            (KeyClass::Phi(class), ..) => Some(class),
            (_, Role::Value, Some(class)) => Some(class),
            (_, Role::Announced, _) if is_open_number(raw) => frame.announced,
            // Fewer digits count the rows of a table.
            (_, Role::InsuredId, _) if digits == raw.len() && (8..=16).contains(&digits) => {
                Some(Class::HealthPlan)
            }
            _ => None,
        };
        let held = match class {
            Some(class) if !self.counts(class) => false,
            // A year may stay; an age only below ninety.
            Some(Class::Date) => {
                digits > 4 || frame.of_day || raw.parse::<f64>().is_ok_and(|age| (90.0..150.0).contains(&age))
            }
            // Counts and codes under a key that names a field are not values of it.
            Some(_) => digits >= 4,
            None => false,
        };
        if let (true, Some(class)) = (held, class) {
            out.push(Edit::plain(token.start..token.end, class, "json.key").quoted());
            return;
        }
        if digits < 5 {
            return;
        }
        let mut found = Vec::new();
        let hint = if class.is_some() { KeyClass::Unknown } else { frame.member };
        self.flat(raw, hint, &mut found);
        if let Some(edit) = found.first() {
            out.push(Edit { span: token.start..token.end, ..edit.clone() }.quoted());
        }
    }
}

/// A whole body that is one number is JSON too, and must stay so.
pub(in crate::phi::structure) fn is_number(text: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let text = text.trim_ascii();
    if !text.starts_with(|c: char| c == '-' || c.is_ascii_digit()) {
        return false;
    }
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent.strip_prefix(['+', '-']).unwrap_or(exponent))),
        None => (text, None),
    };
    let mantissa = mantissa.strip_prefix('-').unwrap_or(mantissa);
    let (whole, fraction) = match mantissa.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (mantissa, None),
    };
    digits(whole) && fraction.is_none_or(digits) && exponent.is_none_or(digits)
}
