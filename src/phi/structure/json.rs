//! JSON read token by token, so that only leaf values (and keys that are values themselves) are replaced.
//!
//! The tokenizer is lenient: it takes whatever it can of a truncated or broken document and says where it stopped;
//! the rest is read as text. Several documents after one another (NDJSON) are one tape. The context of a key goes
//! down: `name: [{family, given}]`, `telecom: [{system, value}]`; and sideways: `{"field": "email", "value": …}`.
//! Never changes whether a document parses.

use std::rc::Rc;

mod tape;

pub(crate) use tape::{Kind, Tape, Token, looks_like_json};

use super::{
    Context, DEPTH_MAX, Edit, Form, PLACEHOLDER_HEAD, Reader, class_of, field_class, phi, view, words,
};
use crate::phi::{class::Class, cues::KeyClass};

/// What holds for the values directly inside one container.
struct Frame {
    object: bool,
    /// The class of the key that holds this container.
    class: KeyClass,
    /// The class of the field that this object speaks about.
    subject: Option<Class>,
    /// The key that names the field, if any: its value is a field name, not a value.
    names_field: Option<usize>,
    /// `name` and `title` here belong to something that is no person.
    thing: bool,
    /// How many keys of this object are placeholders.
    renamed: u32,
    /// The class of the member whose value comes next, and what its key says.
    member: KeyClass,
    role: Role,
    /// The key of the next member is a word for something that is no person: `organization`, `logger`.
    member_thing: bool,
    /// The key of the next member names a birth or a death, so a number under it is no age of a cache.
    member_born: bool,
    /// `display` here is the name of a person: `reference` beside it points to one.
    person: bool,
    /// A statement of SQL stands in this object, so `params` are its values.
    statement: bool,
    /// The classes of columns that an array beside the rows names; and how many values of the row were read.
    columns: Rc<[KeyClass]>,
    column: usize,
    /// Where the name of a field stands, in an array of a name and its value.
    pair_name: Option<usize>,
    /// An array that holds a birth date or an address of mail: its other elements are the same person's.
    record: bool,
    /// A person is named in this object, so `start` and `end` are of a visit.
    visit: bool,
}

impl Frame {
    fn new(object: bool, class: KeyClass, subject: Option<Class>) -> Frame {
        Frame {
            object,
            class,
            subject,
            names_field: None,
            thing: false,
            renamed: 0,
            member: class,
            role: Role::Plain,
            member_thing: false,
            member_born: false,
            person: false,
            statement: false,
            columns: Rc::new([]),
            column: 0,
            pair_name: None,
            record: false,
            visit: false,
        }
    }
}

/// What the key of a member says about its value, besides a class.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    Plain,
    /// The value that was sent, as validators quote it.
    Value,
    /// A sentence about the field.
    Message,
    /// The name of a field.
    FieldName,
    /// What a clinician or patient wrote.
    Prose,
    /// Under `name`: a person, or any thing.
    AnyName,
    /// The values bound to a statement.
    Bound,
    /// Values in the order of columns.
    Row,
    /// Under `first` or `last`: a name, or the first of anything.
    GivenOrFamily,
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
        let mut stack = vec![Frame::new(false, context.hint, context.subject)];
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
                Kind::Key => self.key(text, token, index, frame, depth, out),
                Kind::Object | Kind::Array => {
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
        token: &Token,
        index: usize,
        frame: &mut Frame,
        depth: u8,
        out: &mut Vec<Edit>,
    ) {
        let raw = &text[token.start..token.end];
        let decoded = view::backslash(raw);
        let key = decoded.as_ref().map_or(raw, |view| view.text.as_str());
        (frame.member, frame.role) = member(key, frame);
        frame.member_thing = words::traits(key).thing;
        frame.member_born = frame.member == KeyClass::Phi(Class::Date) && is_birth_key(key);
        if frame.names_field == Some(index) {
            frame.role = Role::FieldName;
        }
        if key.starts_with(PLACEHOLDER_HEAD) {
            frame.renamed += 1;
            return;
        }
        if !self.key_may_be_value(key) || self.is_known(&(token.start..token.end)) {
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
        if object {
            self.survey(text, tape, index, &mut frame);
            return frame;
        }
        frame.role = role;
        frame.member_thing = parent.member_thing;
        // Rows in the order of the columns, one row or many.
        if role == Role::Row || !parent.object {
            frame.columns = Rc::clone(&parent.columns);
        }
        frame.record = is_record(text, tape, index);
        if let [name, value, end, ..] = &tape.tokens[(index + 1).min(tape.tokens.len())..]
            && (name.kind, value.kind, end.kind) == (Kind::Str, Kind::Str, Kind::End)
            && words::is_field_name(&text[name.start..name.end])
            && let KeyClass::Phi(class) = field_class(&text[name.start..name.end])
        {
            frame.pair_name = Some(name.start);
            frame.member = KeyClass::Phi(class);
        }
        frame
    }

    /// Looks over the members of an object before reading it, for what they say about one another.
    fn survey(&mut self, text: &str, tape: &Tape, index: usize, frame: &mut Frame) {
        let string = |value: usize| {
            let token = &tape.tokens[value];
            (token.kind == Kind::Str).then(|| &text[token.start..token.end])
        };
        let mut field: Option<(usize, Class)> = None;
        let mut has_value = false;
        for (key, value) in tape.members(index) {
            let name = &text[tape.tokens[key].start..tape.tokens[key].end];
            let traits = words::traits(name);
            has_value |= traits.value;
            if name == "type"
                && tape.tokens[value].kind == Kind::Object
                && let Some(class) = identifier_class(text, tape, value)
            {
                frame.subject = Some(class);
            }
            frame.visit |=
                matches!(name, "patient" | "patientName" | "patient_name" | "client" | "subject" | "name")
                    && string(value).is_some_and(|who| who.contains(' ') && super::rows::is_name(who, false));
            if matches!(name, "resourceType" | "resource") {
                frame.thing |= string(value).is_some_and(words::is_thing);
            } else if name == "pid" || name == "hostname" {
                // Lines of loggers and reports on processes.
                frame.thing = true;
            } else if name == "reference" {
                frame.person = string(value).is_some_and(refers_to_person);
            } else if matches!(name, "sql" | "query" | "statement") {
                frame.statement = true;
            } else if matches!(name, "columns" | "headers" | "header" | "cols")
                && tape.tokens[value].kind == Kind::Array
            {
                frame.columns = column_classes(text, tape, value);
            } else if name == "system" {
                // A telecom or identifier says in `system` what its `value` is.
                if let Some(class) = string(value).and_then(system_class) {
                    frame.subject = Some(class);
                }
            } else if let Some(strength) = traits.field
                && let Some(class) = field_of(text, tape, value)
                && (strength == words::Strength::Strong || field.is_none())
            {
                field = Some((key, class));
                if strength == words::Strength::Strong {
                    has_value = true;
                }
            }
        }
        if let Some((key, class)) = field
            && has_value
        {
            frame.subject = Some(class);
            frame.names_field = Some(key);
        }
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
        let (hint, subject, role) = (frame.member, frame.subject, frame.role);
        let read = |reader: &mut Self, value: &str, out: &mut Vec<Edit>| match (hint, role) {
            (_, Role::FieldName) => reader.text(value, Context::of(KeyClass::Safe), depth + 1, out),
            (KeyClass::Phi(_), Role::Plain) if frame.thing && words::is_type_word(value) => {}
            (KeyClass::Phi(Class::Name), Role::AnyName)
                if (words::is_machine_name(value) || words::is_acronyms(value))
                    && !crate::phi::names::is_name_like(value) =>
            {
                reader.text(value, Context::NONE, depth + 1, out);
            }
            // `0312`, `150`: a date cut short or mistyped. A year may stay.
            (KeyClass::Phi(Class::Date), _)
                if frame.member_born
                    && (3..=6).contains(&value.len())
                    && value.bytes().all(|b| b.is_ascii_digit())
                    && !(value.len() == 4 && matches!(&value[..2], "18" | "19" | "20" | "21")) =>
            {
                out.push(Edit::plain(0..value.len(), Class::Date, "json.birth"));
            }
            (KeyClass::Phi(class), _) => reader.value(value, class, depth + 1, out),
            (_, Role::GivenOrFamily) if super::rows::is_name(value, false) => {
                out.push(Edit::plain(0..value.len(), Class::Name, "name.first-last"));
            }
            _ if frame.record && super::rows::is_name(value, false) => {
                out.push(Edit::likely(0..value.len(), Class::Name, "name.record"));
            }
            (_, Role::Bound) => reader.unnamed(value, 0..value.len(), out),
            (_, Role::Prose) if words::is_prose(value) && reader.counts(Class::Clinical) => {
                out.push(Edit::plain(0..value.len(), Class::Clinical, "json.clinical"));
            }
            (_, Role::Value) if subject.is_some_and(|class| !words::is_literal(value, class)) => {
                if let Some(class) = subject {
                    reader.value(value, class, depth + 1, out);
                }
            }
            _ => reader.document(value, Context { hint, subject }, depth + 1, out),
        };
        let raw = &text[token.start..token.end];
        match view::backslash(raw) {
            None => self.part(text, token.start..token.end, out, read),
            Some(view) => {
                let first = out.len();
                self.through(&view, token.start, out, read);
                for edit in &mut out[first..] {
                    if let Form::Quoted(level) = edit.form {
                        edit.form = Form::Quoted((level + 1).min(DEPTH_MAX));
                    }
                }
            }
        }
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
            _ => None,
        };
        let held = match class {
            Some(class) if !self.counts(class) => false,
            // A year may stay; an age only below ninety.
            Some(Class::Date) => {
                digits > 4 || raw.parse::<f64>().is_ok_and(|age| (90.0..150.0).contains(&age))
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

/// Keys of the day somebody was born or died.
fn is_birth_key(key: &str) -> bool {
    let lower = key.to_ascii_lowercase();
    ["birth", "dob", "bday", "death", "deceased", "born"].iter().any(|part| lower.contains(part))
}

/// The class and role of a member's value: its key first, then what the object inherits.
fn member(key: &str, frame: &Frame) -> (KeyClass, Role) {
    let own = class_of(key);
    if frame.thing && matches!(key, "name" | "title" | "alias" | "display") {
        return (KeyClass::Safe, Role::Plain);
    }
    if frame.person && key == "display" {
        return (KeyClass::Phi(Class::Name), Role::Plain);
    }
    if !frame.columns.is_empty() && matches!(key, "row" | "rows" | "values" | "data" | "records") {
        return (KeyClass::Unknown, Role::Row);
    }
    if matches!(key, "bindings" | "binds" | "bindValues" | "boundValues")
        || frame.statement && matches!(key, "params" | "parameters" | "args" | "values")
    {
        return (KeyClass::Unknown, Role::Bound);
    }
    let traits = words::traits(key);
    if traits.value {
        let role = Role::Value;
        return match (own, frame.subject, frame.class) {
            (KeyClass::Phi(_), None, _) => (own, role),
            (_, Some(class), _) => (KeyClass::Phi(class), role),
            (_, None, KeyClass::Phi(class)) => (KeyClass::Phi(class), role),
            _ => (own, role),
        };
    }
    if traits.message {
        return (if matches!(own, KeyClass::Safe) { own } else { KeyClass::Free }, Role::Message);
    }
    if let KeyClass::Phi(class @ (Class::Photo | Class::Biometric)) = frame.class
        && matches!(key, "url" | "template" | "src" | "href" | "content" | "data")
    {
        return (KeyClass::Phi(class), Role::Plain);
    }
    match (own, frame.class) {
        (KeyClass::Unknown | KeyClass::Free, KeyClass::Phi(class)) if inherits(key) => {
            (KeyClass::Phi(class), Role::Plain)
        }
        _ if matches!(key, "first" | "last" | "middle") => (own, Role::GivenOrFamily),
        _ if frame.visit && is_visit_key(key) => (KeyClass::Phi(Class::Date), Role::Plain),
        (KeyClass::Phi(Class::Name), _) if key == "name" => (own, Role::AnyName),
        (KeyClass::Phi(_) | KeyClass::Safe, _) => (own, Role::Plain),
        _ if traits.clinical => (own, Role::Prose),
        _ => (own, Role::Plain),
    }
}

/// When a visit is, in an object that names a person.
fn is_visit_key(key: &str) -> bool {
    #[rustfmt::skip] // Rows of words, not one a line.
    const KEYS: [&str; 20] = [
        "start", "end", "startTime", "endTime", "start_time", "end_time", "starts_at", "ends_at", "startsAt", "endsAt", "when",
        "scheduledAt", "scheduled_at", "scheduledFor", "scheduled_for", "slotStart", "slot_start", "bookedFor", "booked_for",
        "appointmentAt",
    ];
    KEYS.contains(&key)
}

/// An array of plain values, one of them a date of long ago or an address of mail.
fn is_record(text: &str, tape: &Tape, array: usize) -> bool {
    let last = tape.tokens[array].close.min(tape.tokens.len());
    let elements = &tape.tokens[array + 1..last];
    let plain = |token: &Token| matches!(token.kind, Kind::Str | Kind::Number | Kind::Word);
    let persons = |token: &Token| {
        let value = &text[token.start..token.end];
        let bytes = value.as_bytes();
        let old = bytes.len() == 10
            && bytes[4] == b'-'
            && value[..4].parse::<u32>().is_ok_and(|year| (1900..=2010).contains(&year));
        old || value.contains('@') && value.contains('.') && !value.contains(' ')
    };
    (2..=16).contains(&elements.len()) && elements.iter().all(plain) && elements.iter().any(persons)
}

/// Keys that add nothing to the key above them.
pub(super) fn inherits(key: &str) -> bool {
    key.bytes().all(|byte| byte.is_ascii_digit())
        || matches!(
            key.to_ascii_lowercase().trim_start_matches(['_', '$', '@', '#']),
            "text"
                | "raw"
                | "content"
                | "val"
                | "v"
                | "s"
                | "n"
                | "query"
                | "keyword"
                | "stringvalue"
                | "t"
                | "value"
                | "eq"
                | "ne"
                | "in"
                | "regex"
                | "iregex"
                | "similar"
                | "equals"
                | "like"
                | "ilike"
                | "contains"
                | "startswith"
                | "old"
                | "new"
                | "from"
                | "to"
                | "first"
                | "last"
                | "middle"
                | "full"
                | "line"
                | "lines"
                | "data"
                | "display"
                | "formatted"
        )
}

/// No path to a field has more elements.
const PATH_TOKENS_MAX: usize = 64;

/// The class of the field that a value names: a path, a list of path elements, or `{"pointer": …}`.
fn field_of(text: &str, tape: &Tape, value: usize) -> Option<Class> {
    let token = &tape.tokens[value];
    match token.kind {
        Kind::Str => {
            let name = &text[token.start..token.end];
            let plain;
            let name = if name.contains('\\') {
                plain = name.replace("\\/", "/");
                plain.as_str()
            } else {
                name
            };
            if words::is_field_path(name) { phi(field_class(name)) } else { None }
        }
        Kind::Array => tape.tokens[value + 1..token.close.min(tape.tokens.len())]
            .iter()
            .take(PATH_TOKENS_MAX)
            .rev()
            .filter(|token| token.kind == Kind::Str)
            .take(3)
            .map(|token| field_class(&text[token.start..token.end]))
            .find(|class| !matches!(class, KeyClass::Unknown))
            .and_then(phi),
        Kind::Object => tape
            .members(value)
            .find(|(key, _)| {
                matches!(
                    &text[tape.tokens[*key].start..tape.tokens[*key].end],
                    "pointer" | "parameter" | "field" | "name"
                )
            })
            .and_then(|(_, value)| {
                let token = &tape.tokens[value];
                (token.kind == Kind::Str).then(|| phi(field_class(&text[token.start..token.end]))).flatten()
            }),
        _ => None,
    }
}

/// The code of a kind of identifier in HL7 table 0203, somewhere in the `type` of an identifier.
fn identifier_class(text: &str, tape: &Tape, object: usize) -> Option<Class> {
    let last = tape.tokens[object].close.min(tape.tokens.len());
    tape.tokens[object + 1..last].iter().take(64).filter(|token| token.kind == Kind::Str).find_map(|token| {
        match &text[token.start..token.end] {
            "MR" | "PI" | "PT" => Some(Class::Mrn),
            "SS" => Some(Class::Ssn),
            "DL" | "PPN" => Some(Class::License),
            "MB" | "MC" | "SN" => Some(Class::HealthPlan),
            "AN" => Some(Class::Account),
            _ => None,
        }
    })
}

/// `Patient/pt_x9`, absolute or relative.
fn refers_to_person(reference: &str) -> bool {
    let mut elements = reference.rsplit('/');
    elements.next();
    matches!(elements.next(), Some("Patient" | "Practitioner" | "RelatedPerson" | "Person"))
}

/// What the names of columns say of the values below them.
fn column_classes(text: &str, tape: &Tape, array: usize) -> Rc<[KeyClass]> {
    let last = tape.tokens[array].close.min(tape.tokens.len());
    let names = tape.tokens[array + 1..last].iter().take(256);
    names
        .map(|token| match token.kind {
            Kind::Str => field_class(&text[token.start..token.end]),
            _ => KeyClass::Unknown,
        })
        .collect()
}

/// What `system` says about the `value` beside it.
fn system_class(system: &str) -> Option<Class> {
    match system {
        "phone" | "sms" | "pager" => return Some(Class::Phone),
        "fax" => return Some(Class::Fax),
        "email" => return Some(Class::Email),
        _ => {}
    }
    let lower = system.to_ascii_lowercase();
    [
        ("ssn", Class::Ssn),
        ("mbi", Class::HealthPlan),
        ("medicare", Class::HealthPlan),
        ("mrn", Class::Mrn),
        ("nhs-number", Class::Mrn),
        ("passport", Class::License),
        ("driver", Class::License),
        ("us-npi", Class::OtherId),
    ]
    .into_iter()
    .find(|(part, _)| lower.contains(part))
    .map(|(_, class)| class)
}
