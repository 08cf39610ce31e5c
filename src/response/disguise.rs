//! Errors that call themselves successes: 2xx answers that are an OperationOutcome, or the body of an error, or that say
//! `"success": false`, or the status of an error (RFC 9457, JSend) and nothing but what errors say.
//!
//! `$validate` and gateways answer 200 and say in it what is wrong, with the values that they found wrong. Their text goes the
//! way of every error. What an answer is shows in its first members ([`opening`]), so a record streams on after a look at
//! them; [`errors`] decides over the whole text. Outcomes among the entries of a Bundle are found in passing (`entries`); those
//! among the rows of a search are not: they are records' company in an answer that is PHI by nature.

use std::borrow::Cow;

use serde_json::{Map, Value};

/// Longest opening in which an answer has to show that it is a record, in bytes; else it is judged whole.
pub const OPENING_BYTES_MAX: usize = 64 * 1024;

/// How far the first members are looked at once there is one that neither an error nor a carrier has, in bytes.
const LEAD_BYTES_MAX: usize = 1024;

const OUTCOME: &str = "OperationOutcome";
/// Resources that carry others, outcomes among them, and the members that only these begin with.
const CARRIERS: [&str; 2] = ["Bundle", "Parameters"];
const CARRIED: [&str; 2] = ["entry", "parameter"];
/// Members of a carrier that others have, too.
const OF_CARRIERS: [&str; 4] = ["identifier", "link", "signature", "total"];
/// Members that hold what went wrong.
const FAULTS: [&str; 4] = ["error", "errors", "issue", "issues"];
/// Members that say how it went, as a truth or as a status.
const VERDICTS: [&str; 4] = ["ok", "status", "statusCode", "success"];
/// What a status says in words when it went wrong (JSend).
const FAILED: [&str; 2] = ["error", "fail"];
/// Members that say what went wrong, or with what, beside a `"success": false`.
const FAULT_WORDS: [&str; 13] = [
    "code",
    "detail",
    "details",
    "error",
    "errorCode",
    "errorMessage",
    "errors",
    "failures",
    "field",
    "issues",
    "message",
    "msg",
    "reason",
];
/// Members that may stand before the one that decides: those of an outcome, of an error, and of the envelope.
const UNDECIDED: [&str; 31] = [
    "code",
    "contained",
    "data",
    "description",
    "detail",
    "details",
    "errorCode",
    "errorMessage",
    "extension",
    "id",
    "implicitRules",
    "instance",
    "language",
    "message",
    "meta",
    "modifierExtension",
    "msg",
    "ok",
    "path",
    "reason",
    "request",
    "requestId",
    "stack",
    "status",
    "statusCode",
    "success",
    "text",
    "timestamp",
    "title",
    "trace",
    "type",
];
pub const ENVELOPE: &str = "data";

/// What the beginning of an answer shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Opening {
    /// It may be an error; [`errors`] can tell when all of it is there.
    Error,
    /// It carries resources, of which some may be outcomes.
    Carrier,
    Record,
    /// No JSON, or not in UTF-8.
    Unreadable,
    /// Too little of it is there.
    Undecided,
}

/// Looks at the members an answer begins with.
pub fn opening(text: &[u8]) -> Opening {
    let text = without_mark(text);
    // No other encoding of JSON is without a zero byte among its first two characters.
    if text.get(..4).unwrap_or(text).contains(&0) {
        return Opening::Unreadable;
    }
    let text = text.trim_ascii_start();
    match text.first() {
        None => Opening::Undecided,
        Some(b'{') => object(text, Level::Answer),
        Some(b'[' | b'"' | b'-' | b'0'..=b'9' | b't' | b'f' | b'n') => Opening::Record,
        Some(_) => Opening::Unreadable,
    }
}

/// Without the byte order mark that some servers put before their JSON.
pub fn without_mark(text: &[u8]) -> &[u8] {
    text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Level {
    Answer,
    /// Inside of the envelope.
    Data,
}

fn object(text: &[u8], level: Level) -> Opening {
    let mut rest = text.get(1..).unwrap_or_default();
    let mut strange = false;
    loop {
        // With a strange member, it is a record if nothing else shows in its first bytes.
        let undecided = |strange: bool| match strange && text.len() > LEAD_BYTES_MAX {
            true => Opening::Record,
            false => Opening::Undecided,
        };
        rest = rest.trim_ascii_start();
        match rest.first() {
            Some(b'"') => {}
            Some(b',') => {
                rest = rest.get(1..).unwrap_or_default();
                continue;
            }
            Some(_) => return Opening::Record,
            None => return undecided(strange),
        }
        let Some(key) = value_length(rest) else { return undecided(strange) };
        if strange && text.len() - rest.len() + key > LEAD_BYTES_MAX {
            return Opening::Record;
        }
        let name = name(rest.get(..key).unwrap_or_default());
        let value = rest.get(key..).unwrap_or_default().trim_ascii_start();
        let Some(value) = value.split_first().map(|(_colon, value)| value.trim_ascii_start()) else {
            return undecided(strange);
        };
        // Decided by how it begins, so that nobody looks for the end of what was asked for.
        match value.first() {
            Some(b'{') if name == ENVELOPE && level == Level::Answer => return object(value, Level::Data),
            Some(b'[') if name == ENVELOPE => return Opening::Record,
            // A text in the envelope is what was asked for, however long.
            Some(b'"') if name == ENVELOPE && has_begun(value) => return Opening::Record,
            Some(_) if name == ENVELOPE && level == Level::Data => return Opening::Record,
            _ => {}
        }
        let length = value_length(value);
        match &*name {
            "resourceType" => {
                let Some(length) = length else { return undecided(strange) };
                let said: Result<String, _> = serde_json::from_slice(value.get(..length).unwrap_or_default());
                return match said.as_deref() {
                    Ok(OUTCOME) => Opening::Error,
                    Ok(said) if CARRIERS.contains(&said) => Opening::Carrier,
                    _ => Opening::Record,
                };
            }
            // May be an outcome: found in passing, or none.
            "issue" if strange => return Opening::Carrier,
            name if FAULTS.contains(&name) && !strange => match length {
                Some(length) if is_nothing(value.get(..length).unwrap_or_default()) => {}
                None if !has_begun(value) => return undecided(strange),
                _ => return Opening::Error,
            },
            "status"
                if level == Level::Answer
                    && !strange
                    && length.is_some_and(|to| is_failed(value.get(..to).unwrap_or_default())) =>
            {
                return Opening::Error;
            }
            name if VERDICTS.contains(&name)
                && length.is_some_and(|to| is_verdict(value.get(..to).unwrap_or_default())) =>
            {
                return Opening::Error;
            }
            name if CARRIED.contains(&name) => return Opening::Carrier,
            name if UNDECIDED.contains(&name) || OF_CARRIERS.contains(&name) || name.starts_with('_') => {}
            _ => strange = true,
        }
        let Some(length) = length else { return undecided(strange) };
        rest = value.get(length..).unwrap_or_default();
    }
}

/// A name by its JSON text; none if that is no text.
fn name(written: &[u8]) -> Cow<'_, str> {
    let plain = written.strip_prefix(b"\"").and_then(|name| name.strip_suffix(b"\""));
    match plain.filter(|name| !name.contains(&b'\\')).and_then(|name| std::str::from_utf8(name).ok()) {
        Some(name) => Cow::Borrowed(name),
        None => Cow::Owned(serde_json::from_slice(written).unwrap_or_default()),
    }
}

/// Whether one of [`VERDICTS`] says that it went wrong.
fn is_verdict(value: &[u8]) -> bool {
    value == b"false" || matches!(value, [b'4' | b'5', a, b] if a.is_ascii_digit() && b.is_ascii_digit())
}

/// Whether a status says so in words.
fn is_failed(value: &[u8]) -> bool {
    serde_json::from_slice::<Cow<'_, str>>(value).is_ok_and(|said| FAILED.contains(&&*said))
}

fn is_nothing(value: &[u8]) -> bool {
    matches!(value, b"null" | b"false" | b"[]" | b"{}" | b"\"\"")
}

/// Whether there is something in a value of which more is to come.
fn has_begun(value: &[u8]) -> bool {
    match value {
        [b'{', within, ..] => *within != b'}',
        [b'[', within, ..] => *within != b']',
        [b'"', within, ..] => *within != b'"',
        _ => false,
    }
}

/// The length of the value that a text begins with; nothing if it does not end there.
fn value_length(text: &[u8]) -> Option<usize> {
    let (mut depth, mut at) = (0_usize, 0);
    loop {
        match *text.get(at)? {
            b'"' => at = string_end(text, at + 1)?,
            b'{' | b'[' => (depth, at) = (depth + 1, at + 1),
            b'}' | b']' => (depth, at) = (depth.checked_sub(1)?, at + 1),
            b',' | b':' | b' ' | b'\t' | b'\r' | b'\n' if depth > 0 => at += 1,
            _ => {
                at += text
                    .get(at..)?
                    .iter()
                    .position(|byte| b",}] \t\r\n".contains(byte))
                    .filter(|to| *to > 0)?
            }
        }
        if depth == 0 {
            return Some(at);
        }
    }
}

fn string_end(text: &[u8], from: usize) -> Option<usize> {
    let mut at = from;
    loop {
        at += memchr::memchr2(b'"', b'\\', text.get(at..)?)?;
        if text.get(at) == Some(&b'"') {
            return Some(at + 1);
        }
        at += 2;
    }
}

/// Where the error stands in an answer that is one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Errors {
    None,
    /// All of it.
    Whole,
    /// The value of its envelope.
    Enveloped,
    /// What [`remarks`] names, beside a record.
    Remarks,
}

/// The members of an answer in which it says what went wrong.
pub fn remarks() -> impl Iterator<Item = &'static str> {
    FAULTS.into_iter().chain(FAULT_WORDS)
}

/// Whether a whole answer is an error and no record.
pub fn is_error(text: &[u8]) -> bool {
    std::str::from_utf8(text).is_ok_and(|text| matches!(errors(text), Errors::Whole | Errors::Enveloped))
}

/// Where the error stands in a whole answer.
pub fn errors(text: &str) -> Errors {
    if opening(text.as_bytes()) != Opening::Error {
        return Errors::None;
    }
    let text = without_mark(text.as_bytes());
    let Ok(root) = serde_json::from_slice::<Map<String, Value>>(text) else { return Errors::None };
    let is_outcome =
        |object: &Map<String, Value>| object.get("resourceType").is_some_and(|kind| kind == OUTCOME);
    let there = |name: &str| {
        root.get(name).is_some_and(|value| match value {
            Value::Null | Value::Bool(false) => false,
            Value::String(text) => !text.is_empty(),
            Value::Array(items) => !items.is_empty(),
            Value::Object(members) => !members.is_empty(),
            Value::Bool(true) | Value::Number(_) => true,
        })
    };
    if is_outcome(&root) {
        return Errors::Whole;
    }
    if root.get(ENVELOPE).and_then(Value::as_object).is_some_and(is_outcome) {
        return Errors::Enveloped;
    }
    if root.get(ENVELOPE).and_then(Value::as_object).is_some_and(failed) {
        return Errors::Enveloped;
    }
    if root.contains_key("resourceType") {
        return Errors::None;
    }
    if says_failed(&root) {
        return Errors::Whole;
    }
    if there(ENVELOPE) {
        let says = |name: &str| root.get(name).is_some_and(|value| is_verdict(value.to_string().as_bytes()));
        // `errors` is what GraphQL has beside what it could answer.
        let failed = VERDICTS.into_iter().any(says) || root.get("errors").is_some_and(Value::is_array);
        return if failed && remarks().any(there) { Errors::Remarks } else { Errors::None };
    }
    if FAULTS.into_iter().any(there) || failed(&root) { Errors::Whole } else { Errors::None }
}

/// Whether an answer says in words that it went wrong, and has nothing but what errors have; what is in its envelope then are
/// the reasons. A record of that status has a name of its own.
fn says_failed(answer: &Map<String, Value>) -> bool {
    let has = |name: &str| answer.contains_key(name);
    answer.get("status").and_then(Value::as_str).is_some_and(|said| FAILED.contains(&said))
        && !has("id")
        && (has(ENVELOPE) || FAULT_WORDS.into_iter().any(has))
        && answer.keys().all(|name| is_of_error(name))
}

fn is_of_error(name: &str) -> bool {
    UNDECIDED.contains(&name) || FAULTS.contains(&name)
}

/// Whether an object says that it went wrong. A record may have a status of 500, too, that of a delivery, say, or tell of a try
/// that was no success; then it has members that no error has, or a name of its own.
fn failed(object: &Map<String, Value>) -> bool {
    let says = |name: &str| object.get(name).is_some_and(|value| is_verdict(value.to_string().as_bytes()));
    let denied = |name: &str| object.get(name) == Some(&Value::Bool(false));
    let has = |name: &str| object.contains_key(name);
    ["ok", "success"].into_iter().any(denied)
        && FAULT_WORDS.into_iter().any(has)
        && !["id", "resourceType"].into_iter().any(has)
        || VERDICTS.into_iter().any(says) && object.keys().all(|name| is_of_error(name))
}

#[cfg(test)]
mod tests;
