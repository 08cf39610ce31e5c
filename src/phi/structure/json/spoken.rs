//! What one member of an object says of another in words: `{"error":"invalid last name","value":…}`, `{"event":"sms_sent","to":…}`.
//!
//! Owns which keys may hold what is spoken of. Members that name a field, as `"field":"lastName"` does, are `members`' own.

use super::{Kind, Tape};
use crate::phi::{
    class::Class,
    cues::{self, Says},
    list::List,
    structure::{PLACEHOLDER_HEAD, words},
};

/// Does a key of what was sent hold a text or a long number? A short one is rather a measure.
pub(super) fn holds_value(text: &str, tape: &Tape, index: usize) -> bool {
    tape.members(index).any(|(key, value)| {
        let (key, value) = (&tape.tokens[key], &tape.tokens[value]);
        let inner = &text[value.start..value.end];
        words::traits(&text[key.start..key.end]).value
            && (value.kind == Kind::Str && !inner.is_empty()
                || value.kind == Kind::Number && is_open_number(inner))
    })
}

/// The field of a person that a message or code beside a value speaks of: `{"error":"invalid last name","value":…}`.
pub(super) fn spoken_field(text: &str, tape: &Tape, index: usize) -> Option<Class> {
    let speaks = |key: &str| {
        words::traits(key).message
            || matches!(key, "code" | "errorCode" | "error_code" | "title" | "type" | "event")
    };
    tape.members(index)
        .filter(|(key, value)| {
            let (key, value) = (&tape.tokens[*key], &tape.tokens[*value]);
            value.kind == Kind::Str && speaks(&text[key.start..key.end])
        })
        .find_map(|(_, value)| {
            spoken_of(&text[tape.tokens[value].start..tape.tokens[value].end], |class, word| match class {
                // What has a name or an address need not be a person.
                Class::Name | Class::Date | Class::Geo => {
                    !matches!(word, "name" | "names" | "date" | "address")
                }
                Class::Phone | Class::Fax | Class::Email => true,
                _ => is_numbered(class),
            })
        })
}

/// Do numbers alone make up an identifier of this class?
fn is_numbered(class: Class) -> bool {
    matches!(
        class,
        Class::Ssn | Class::Mrn | Class::HealthPlan | Class::Account | Class::License | Class::OtherId
    )
}

/// The class of the number that one member of an object speaks of, if another may hold it.
pub(super) fn announced(text: &str, tape: &Tape, index: usize) -> Option<Class> {
    let inner = |value: usize| {
        let token = &tape.tokens[value];
        matches!(token.kind, Kind::Str | Kind::Number).then(|| &text[token.start..token.end])
    };
    let held = |class: Class| {
        tape.members(index).any(|(key, value)| {
            may_hold(&text[tape.tokens[key].start..tape.tokens[key].end], class)
                && (tape.tokens[value].kind == Kind::Array || inner(value).is_some_and(is_open_number))
        })
    };
    let mut others = tape.members(index).filter_map(|(_, value)| inner(value));
    if held(Class::OtherId) {
        // `nhs lookup failed`, `INVALID_NHS_NUMBER`
        return others.find_map(|value| spoken_of(value, |class, _| is_numbered(class)));
    }
    let epoch =
        |value: &str| matches!(value.len(), 10 | 13) && matches!(value.as_bytes(), [b'1', b'4'..=b'9', ..]);
    let times = || {
        tape.members(index).any(|(key, value)| {
            is_line_key(&text[tape.tokens[key].start..tape.tokens[key].end])
                && inner(value).is_some_and(epoch)
        })
    };
    if held(Class::Phone) && !times() { others.find_map(line_spoken_of) } else { None }
}

/// `health card rejected\t{"province": "ON", "number": …}`: the class of the number that a message speaks of, right before the
/// document with its fields.
pub(in crate::phi::structure) fn said_before(lead: &str) -> Option<Class> {
    const REACH: usize = 80;
    let lead = &lead[lead.ceil_char_boundary(lead.len().saturating_sub(REACH))..];
    let said =
        lead.trim_end().rsplit(['\t', '\n', '"', ']', '=', ';', '|', '{', '}']).next().unwrap_or_default();
    let opens = said.ends_with(|c: char| c.is_alphabetic() || matches!(c, ':' | ','));
    // Programs have licences.
    let counts = |class, word: &str| is_numbered(class) && !matches!(word, "license" | "licence");
    if opens { spoken_of(said, counts) } else { None }
}

/// May a key hold the number of this class that another member speaks of?
pub(super) fn may_hold(key: &str, class: Class) -> bool {
    match class {
        Class::Phone | Class::Fax => is_line_key(key),
        _ => is_open_key(key),
    }
}

/// A key of whom a message or call is to or from.
pub(in crate::phi::structure) fn is_line_key(key: &str) -> bool {
    #[rustfmt::skip] // Rows of words, not one a line.
    static KEYS: List<9> = List::new([
        "to", "from", "recipient", "recipients", "destination", "dest", "dst", "src", "target",
    ]);
    KEYS.has(key.as_bytes())
}

/// `sms_sent`, `call.completed`: that a number is a line's.
fn line_spoken_of(text: &str) -> Option<Class> {
    const TEXT_BYTES_MAX: usize = 64;
    let mut words =
        text[..text.floor_char_boundary(TEXT_BYTES_MAX)].split(|c: char| !c.is_ascii_alphabetic());
    words.find_map(|word| match word.to_ascii_lowercase().as_str() {
        "sms" | "mms" | "call" | "voice" | "whatsapp" | "voicemail" | "ivr" | "dial" | "dialed" => {
            Some(Class::Phone)
        }
        "fax" => Some(Class::Fax),
        _ => None,
    })
}

/// The first class that a short text speaks of and that `counts`, with the word for it.
fn spoken_of(text: &str, counts: impl Fn(Class, &str) -> bool) -> Option<Class> {
    const TEXT_BYTES_MAX: usize = 96;
    // A placeholder says what was taken out there, and digits that went with it would have kept this text silent.
    if text.len() > TEXT_BYTES_MAX
        || text.contains(PLACEHOLDER_HEAD)
        || text.bytes().filter(u8::is_ascii_digit).count() >= 4
    {
        return None;
    }
    let ends = text.char_indices().filter(|(_, c)| !c.is_alphanumeric()).map(|(at, _)| at);
    ends.chain([text.len()]).find_map(|end| {
        let start = text[..end].rfind(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '-' | ' ' | '.')));
        let phrase = &text[start.map_or(0, |at| text.ceil_char_boundary(at + 1))..end];
        let cue = cues::cue_at_end(phrase).filter(|cue| cue.strong)?;
        match cue.says {
            Says::Phi(class) => counts(class, cue.word).then_some(class),
            _ => None,
        }
    })
}

/// A key that may hold what another member speaks of: one for what was sent, or for no value more than another.
pub(in crate::phi::structure) fn is_open_key(key: &str) -> bool {
    #[rustfmt::skip] // Rows of words, not one a line.
    static KEYS: List<24> = List::new([
        "arg", "args", "argument", "arguments", "given", "number", "no", "num", "identifier", "identifiers",
        "ident", "id", "q", "query", "search", "term", "lookup", "needle", "param", "params", "candidate", "detail",
        "key", "entity",
    ]);
    KEYS.has(key.as_bytes()) || words::is_value_key(key)
}

/// Seven digits or more, grouped or not, with no more than three letters.
pub(in crate::phi::structure) fn is_open_number(value: &str) -> bool {
    let digits = value.bytes().filter(u8::is_ascii_digit).count();
    let letters = value.bytes().filter(u8::is_ascii_alphabetic).count();
    (7..=16).contains(&digits)
        && letters <= 3
        && value.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b' ' | b'-'))
        && !(digits == 8 && letters == 0 && matches!(value.get(..2), Some("19" | "20")))
}
