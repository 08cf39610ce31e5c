//! What the members of an object say about one another and about their values: the role of a key, what stands beside it.

use super::days::{is_full_name, is_of_life, names_somebody};
use super::fields::{
    bound_classes, column_classes, field_of, identifier_class, is_class_of_coverage, named_last,
    refers_to_person, system_class,
};
use super::machines::{is_parameter, is_released};
use super::spoken::{announced, holds_value, is_line_key, may_hold, spoken_field};
use super::{Frame, Kind, Role, Tape, Token, filling};
use crate::phi::{
    class::Class,
    cues::{self, KeyClass, Says},
    list::List,
    structure::{aamva, class_of, dicom, ncpdp, pairs, paths, phi, words},
};

impl Frame {
    /// Looks over the members of an object before reading it, for what they say about one another.
    pub(super) fn survey(&mut self, text: &str, tape: &Tape, index: usize) {
        let string = |value: usize| {
            let token = &tape.tokens[value];
            (token.kind == Kind::Str).then(|| &text[token.start..token.end])
        };
        let mut field: Option<(usize, Class)> = None;
        // What the name of a field only suggests of a number beside it.
        let mut suggested = None;
        let mut has_value = false;
        let (mut id, mut named) = (false, false);
        self.print = self.class == KeyClass::Phi(Class::Biometric) && is_print(text, tape, index);
        let (mut filled, mut named_at) = (false, None);
        let (mut numbered, mut elements, mut connected) = (0, 0, 0);
        // A member that only somebody has, whatever the key of the object says; and one that only a thing has.
        let (mut born, mut machine) = (false, false);
        // A line of a logger that numbers its levels.
        let (mut levelled, mut stamped) = (false, false);
        let mut placed = 0;
        for (key, value) in tape.members(index) {
            let name = &text[tape.tokens[key].start..tape.tokens[key].end];
            let traits = words::traits(name);
            has_value |= traits.value;
            levelled |= name == "level" && is_level(text, tape, value);
            stamped |= matches!(name, "time" | "timestamp" | "ts" | "msg");
            let class = phi(class_of(name));
            placed += usize::from(class == Some(Class::Geo));
            named |= class == Some(Class::Name);
            born |= match class {
                Some(Class::Mrn | Class::Ssn) => true,
                Some(Class::Date) => traits.birth,
                // An organization has them too.
                Some(Class::Phone | Class::Email) => !self.site,
                _ => false,
            };
            numbered += usize::from(ncpdp::is_field(name));
            elements += usize::from(aamva::element(name).is_some());
            filled |= name == "content";
            if is_id_key(name) && self.number_of.is_none() {
                self.number_of = number_of(text, tape, index, name);
            }
            named_at = if name == "name" { Some(key) } else { named_at };
            // What a client needs to reach a database.
            connected += usize::from(
                ["host", "port", "engine", "driver", "dialect"]
                    .iter()
                    .any(|key| name.eq_ignore_ascii_case(key)),
            );
            self.explained |=
                matches!(name, "error" | "message" | "msg" | "reason" | "rule" | "problem" | "detail")
                    && tape.tokens[value].kind == Kind::Str;
            if name == "type"
                && tape.tokens[value].kind == Kind::Object
                && let Some(class) = identifier_class(text, tape, value)
            {
                self.subject = Some(class);
            }
            if name == "type" && string(value).is_some_and(is_class_of_coverage) {
                self.subject = Some(Class::HealthPlan);
            }
            if words::may_name_patient(name)
                && (string(value).is_some_and(is_full_name) || names_somebody(text, tape, value))
            {
                self.visit = true;
                // A name alone may be that of a report.
                self.patient |= name != "name";
            }
            self.visit |= class == Some(Class::Mrn)
                && string(value).is_some_and(|held| held.bytes().filter(u8::is_ascii_digit).count() >= 4);
            self.patient |= traits.birth;
            self.told |= matches!(name, "event" | "eventType" | "event_type" | "type" | "action")
                && string(value).is_some_and(is_of_life);
            if matches!(name, "resourceType" | "resource") {
                machine |= string(value).is_some_and(words::is_thing);
            } else if matches!(name, "pid" | "hostname" | "File") {
                // Lines of loggers, reports on processes, frames of a stack.
                machine = true;
            } else if name == "reference" {
                self.person = string(value).is_some_and(refers_to_person);
            } else if pairs::is_id_of_patient(name) {
                id |= string(value).is_some_and(pairs::is_written_by_a_hospital);
            } else if matches!(name, "sql" | "query" | "statement") {
                self.statement = true;
                self.bound = string(value).map(bound_classes).unwrap_or_default();
            } else if matches!(name, "columns" | "headers" | "header" | "cols")
                && tape.tokens[value].kind == Kind::Array
            {
                self.columns = column_classes(text, tape, value);
            } else if name == "system" {
                // A telecom or identifier says in `system` what its `value` is.
                if let Some(class) = string(value).and_then(system_class) {
                    self.subject = Some(class);
                }
            } else if let Some(strength) = traits.field
                && let Some(class) = field_of(text, tape, value)
                && (strength == words::Strength::Strong || field.is_none())
            {
                field = Some((key, class));
                // `"source":{"pointer":"/data/attributes/bsn"}`, `{"name":"chart_no","reason":"…"}`: as JSON:API and RFC 9457 do.
                let pointed = name == "source" && tape.tokens[value].kind == Kind::Object;
                let reasoned = || name == "name" && has_member(text, tape, index, "reason");
                if strength == words::Strength::Strong || pointed || reasoned() {
                    has_value = true;
                }
            } else if traits.field.is_some() {
                suggested = suggested.or_else(|| named_last(text, tape, value).and_then(cued));
            }
        }
        if self.filling && filled {
            // `{"name":"FNAME","content":"Ottoline"}`
            self.names_field = named_at;
        }
        self.released = self.thing && is_released(text, tape, index);
        let parameter = is_parameter(text, tape, index);
        machine |= parameter == Some(true);
        born |= parameter == Some(false);
        self.telecom = numbered >= 2;
        self.licence = elements >= 2;
        self.housed = placed >= 2;
        self.thing = (self.thing || levelled && stamped) && !born || machine || connected >= 3;
        self.record_id = id && named;
        self.announced = announced(text, tape, index).or(suggested);
        if let Some((key, class)) = field
            && has_value
        {
            self.subject = Some(class);
            self.names_field = Some(key);
        } else if has_value && self.subject.is_none() && holds_value(text, tape, index) {
            self.subject = spoken_field(text, tape, index);
        }
    }
}

fn has_member(text: &str, tape: &Tape, object: usize, name: &str) -> bool {
    tape.members(object).any(|(key, _)| &text[tape.tokens[key].start..tape.tokens[key].end] == name)
}

/// `"level":40`, as pino and bunyan number them: the `name` beside it is the logger's.
fn is_level(text: &str, tape: &Tape, value: usize) -> bool {
    let token = &tape.tokens[value];
    let raw = &text[token.start..token.end];
    token.kind == Kind::Number && raw.len() == 2 && matches!(raw.as_bytes(), [b'1'..=b'6', b'0'])
}

/// The class and role of a member's value: its key first, then what the object inherits.
pub(super) fn member(key: &str, frame: &Frame) -> (KeyClass, Role) {
    let own = class_of(key);
    if frame.thing && matches!(key, "name" | "Name" | "NAME" | "title" | "alias" | "display") {
        return (KeyClass::Safe, Role::Plain);
    }
    if frame.released && key == "family" {
        return (KeyClass::Unknown, Role::Plain);
    }
    if let Some(class) = ncpdp::field(key).filter(|_| frame.telecom) {
        return (KeyClass::Phi(class), Role::Plain);
    }
    if let Some(class) = aamva::element(key).filter(|_| frame.licence) {
        return (KeyClass::Phi(class), Role::Plain);
    }
    if frame.record_id && pairs::is_id_of_patient(key) {
        return (KeyClass::Phi(Class::Mrn), Role::Plain);
    }
    if let Some(class) = dicom::attribute(key) {
        return (KeyClass::Phi(class), Role::Plain);
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
    if frame.announced.is_some_and(|class| may_hold(key, class))
        && (frame.subject.is_none() || !words::traits(key).value)
        && !matches!(own, KeyClass::Phi(_))
    {
        return (own, Role::Announced);
    }
    if !matches!(own, KeyClass::Phi(_)) && is_id_key(key) {
        if frame.insured {
            return (own, Role::InsuredId);
        }
        if let Some(class) = frame.number_of {
            return (KeyClass::Phi(class), Role::Plain);
        }
    }
    if frame.filling && !matches!(own, KeyClass::Phi(_)) && (filling::is_slot(key) || key == "content") {
        return (own, Role::Filled);
    }
    let traits = words::traits(key);
    let side = frame.names_field.is_some() && frame.subject.is_some() && is_side(key);
    if traits.value || side {
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
        && (matches!(key, "url" | "template" | "src" | "href" | "content" | "data")
            || frame.print
                && matches!(key, "hash" | "digest" | "sha256" | "vector" | "embedding" | "minutiae"))
    {
        return (KeyClass::Phi(class), Role::Plain);
    }
    match (own, frame.class) {
        (KeyClass::Unknown | KeyClass::Free, KeyClass::Phi(class)) if inherits(key) => {
            (KeyClass::Phi(class), Role::Plain)
        }
        _ if ["first", "last", "middle", "sur", "preferred", "maiden"]
            .iter()
            .any(|part| key.eq_ignore_ascii_case(part)) =>
        {
            (own, Role::GivenOrFamily)
        }
        (KeyClass::Phi(Class::Name), _) if key == "name" => (own, Role::AnyName),
        (KeyClass::Phi(Class::Name), _)
            if matches!(key, "signature" | "policyname" | "policy_name" | "policyName") =>
        {
            (own, Role::Ruled)
        }
        (KeyClass::Phi(_) | KeyClass::Safe, _) => (own, Role::Plain),
        (KeyClass::Unknown | KeyClass::Free, _) if words::is_search_key(key) => (own, Role::Search),
        (KeyClass::Unknown | KeyClass::Free, _) if words::is_role_key(key) => (own, Role::Actor),
        (KeyClass::Unknown | KeyClass::Free, _) if paths::is_key_of_member(key) => (own, Role::Member),
        (KeyClass::Unknown, _) if let Some(class) = cued(key) => (own, Role::Cued(class)),
        (KeyClass::Unknown | KeyClass::Free, _) if words::is_person_key(key) => (own, Role::Person),
        _ if words::is_login_key(key) => (own, Role::Login),
        _ if traits.clinical => (own, Role::Prose),
        _ if is_line_key(key) => (own, Role::Line),
        _ => (own, Role::Plain),
    }
}

/// The class of a number that a key only suggests, as it does in running text.
pub(in crate::phi::structure) fn cued(key: &str) -> Option<Class> {
    let cue = cues::cue_at_end(key).filter(|cue| !cue.strong && cue.word != "sub")?;
    match cue.says {
        Says::Phi(class @ (Class::Mrn | Class::HealthPlan | Class::Account | Class::OtherId)) => Some(class),
        _ => None,
    }
}

/// What the member `name` of an object counts, as the key of the object and its own say together.
fn number_of(text: &str, tape: &Tape, object: usize, name: &str) -> Option<Class> {
    let above = tape.tokens.get(object.checked_sub(1)?).filter(|above| above.kind == Kind::Key)?;
    phi(class_of(&format!("{}.{name}", &text[above.start..above.end])))
}

/// Is the key of an object that of a print, and not of what also certificates, browsers and errors have?
fn is_print(text: &str, tape: &Tape, object: usize) -> bool {
    const OF_ANYTHING: [&str; 4] = ["fingerprint", "fingerprints", "thumbprint", "thumbprints"];
    let above =
        object.checked_sub(1).map(|above| &tape.tokens[above]).filter(|above| above.kind == Kind::Key);
    above.is_some_and(|above| {
        !OF_ANYTHING.iter().any(|of| text[above.start..above.end].eq_ignore_ascii_case(of))
    })
}

/// The key of what identifies the object it stands in.
fn is_id_key(key: &str) -> bool {
    matches!(key, "id" | "ID" | "Id" | "_id" | "number" | "no" | "identifier" | "idNumber" | "id_number")
}

/// One side of a comparison: `{"field":"PID-7","order":"19870904","label":"19870409"}`.
fn is_side(key: &str) -> bool {
    #[rustfmt::skip] // Rows of words, not one a line.
    const SIDES: [&str; 24] = [
        "order", "label", "ours", "theirs", "local", "remote", "source", "target", "left", "right", "before", "after", "old", "new",
        "from", "to", "incoming", "stored", "a", "b", "request", "response", "scanned", "printed",
    ];
    SIDES.contains(&key)
}

/// An array of plain values, one of them a date of long ago or an address of mail.
pub(super) fn is_record(text: &str, tape: &Tape, array: usize) -> bool {
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
pub(in crate::phi::structure) fn inherits(key: &str) -> bool {
    #[rustfmt::skip] // Rows of words, not one a line.
    static KEYS: List<54> = List::new([
        "text", "alphabetic", "ideographic", "raw", "content", "val", "v", "s", "n", "query", "keyword", "stringvalue",
        "string", "t", "value", "eq", "ne", "in", "regex", "iregex", "similar", "equals", "like", "ilike", "contains",
        "startswith", "old", "new", "from", "to", "first", "last", "middle", "full", "line", "lines", "data", "display",
        "formatted", "gte", "lte", "gt", "lt", "date", "array", "arrayvalue", "list", "items", "item", "elements",
        "element", "l", "m", "ss",
    ]);
    key.bytes().all(|byte| byte.is_ascii_digit())
        || KEYS.has(key.trim_start_matches(['_', '$', '@', '#']).as_bytes())
}
