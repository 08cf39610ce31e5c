//! An upstream error in the shape the SDK reads.
//!
//! Takes a body that is scrubbed already and rebuilds it: `{error, message, code, requestId, issue[], issues[]}` or
//! an OperationOutcome, whatever came: JSON of any shape, XML, HTML, text, half a document. Copies of the request
//! and server internals (stack frames, file paths) are left out. Lengths are bounded.

use http::StatusCode;
use quick_xml::events::Event;
use serde_json::{Map, Value, json};

use crate::phi::names;
use crate::reply::{Dialect, issue_code};

/// Longest text of one member, in bytes.
const TEXT_BYTES_MAX: usize = 2000;
/// Most issues passed on.
const ISSUES_MAX: usize = 100;
/// Top-level members that repeat the request or show the server's insides.
const INTERNAL: [&str; 14] = [
    "body",
    "config",
    "exception",
    "headers",
    "input",
    "params",
    "path",
    "query",
    "req",
    "request",
    "stack",
    "stackTrace",
    "trace",
    "url",
];

/// Rebuilds a scrubbed body.
pub fn rebuild(
    scrubbed: &[u8],
    content_type: Option<&str>,
    status: StatusCode,
    dialect: Dialect,
    request_id: &str,
) -> Vec<u8> {
    let parsed = serde_json::from_slice::<Value>(scrubbed).ok();
    let object = match parsed {
        Some(Value::Object(object))
            if object.get("resourceType").and_then(Value::as_str) == Some("OperationOutcome") =>
        {
            return serialise(Value::Object(outcome(object, status)));
        }
        Some(Value::Object(object)) => object,
        Some(Value::String(text)) => message_only(&text, status),
        Some(other) => {
            let mut object = Map::new();
            object.insert("details".into(), other);
            object
        }
        None => {
            let text = String::from_utf8_lossy(scrubbed);
            match from_markup(&text, content_type) {
                Markup::Outcome(issues) => issues_only(issues),
                Markup::Page => Map::new(),
                Markup::None if looks_like_json(&text) => Map::new(),
                Markup::None => message_only(&text, status),
            }
        }
    };
    serialise(finish(object, status, dialect, request_id))
}

/// Whether bytes are text a pattern can read: UTF-8 without control characters, so neither another encoding nor a
/// binary coding in disguise.
pub fn is_plain_text(raw: &[u8]) -> bool {
    std::str::from_utf8(raw)
        .is_ok_and(|text| !text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t')))
}

/// A scrubbed error that keeps its shape, since it stands in a success: without what a reader of characters would not see,
/// and of an outcome without its narrative. Nothing if it is no JSON.
pub fn in_place(scrubbed: Vec<u8>) -> Option<Vec<u8>> {
    let mut value: Value = serde_json::from_slice(&scrubbed).ok()?;
    let hidden = withhold_disguised(&mut value);
    let mut cut = false;
    if let Value::Object(object) = &mut value
        && object.get("resourceType").is_some_and(|kind| kind == "OperationOutcome")
    {
        object.retain(|name, _| {
            cut |= !is_of_outcome(name);
            is_of_outcome(name)
        });
    }
    Some(if hidden || cut { serialise(value) } else { scrubbed })
}

/// An outcome in a success whose text cannot be vouched for: how grave each issue is and of what kind, in FHIR's words.
pub fn withheld_outcome(raw: &[u8]) -> Vec<u8> {
    let said: Value = serde_json::from_slice(raw).unwrap_or_default();
    let word = |issue: &Value, name: &str, other: &str| {
        let said = issue.get(name).and_then(Value::as_str).filter(|word| is_issue_word(word));
        said.unwrap_or(other).to_owned()
    };
    let withheld = |issue: &Value| {
        json!({
            "severity": word(issue, "severity", "error"),
            "code": word(issue, "code", "processing"),
            "diagnostics": "The text of this outcome was withheld."
        })
    };
    let issues = said.get("issue").and_then(Value::as_array).filter(|issues| !issues.is_empty());
    let issues: Vec<Value> = match issues {
        Some(issues) => issues.iter().take(ISSUES_MAX).map(withheld).collect(),
        None => vec![withheld(&Value::Null)],
    };
    serialise(json!({"resourceType": "OperationOutcome", "issue": issues}))
}

/// The codes of the value sets issue-severity and issue-type (FHIR R4).
fn is_issue_word(word: &str) -> bool {
    const WORDS: [&str; 35] = [
        "business-rule",
        "code-invalid",
        "conflict",
        "deleted",
        "duplicate",
        "error",
        "exception",
        "expired",
        "extension",
        "fatal",
        "forbidden",
        "incomplete",
        "information",
        "informational",
        "invalid",
        "invariant",
        "lock-error",
        "login",
        "multiple-matches",
        "no-store",
        "not-found",
        "not-supported",
        "processing",
        "required",
        "security",
        "structure",
        "suppressed",
        "throttled",
        "timeout",
        "too-costly",
        "too-long",
        "transient",
        "unknown",
        "value",
        "warning",
    ];
    WORDS.contains(&word)
}

/// Nothing of the upstream's but its status.
pub fn generic(status: StatusCode, dialect: Dialect, request_id: &str) -> Vec<u8> {
    serialise(finish(Map::new(), status, dialect, request_id))
}

/// The documented code of an error whose free text cannot be vouched for.
pub fn withheld(raw: &[u8], status: StatusCode, dialect: Dialect, request_id: &str) -> Vec<u8> {
    let code = serde_json::from_slice::<Value>(raw).ok().and_then(|value| {
        let code = value.get("code")?.as_str()?;
        let known = code.len() <= 40 && code.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_');
        known.then(|| code.to_owned())
    });
    let mut object = Map::new();
    if let Some(code) = code {
        object.insert("code".into(), Value::String(code));
    }
    serialise(finish(object, status, dialect, request_id))
}

/// The `code` member of a rebuilt body.
pub fn code(rebuilt: &[u8]) -> Option<String> {
    let value: Value = serde_json::from_slice(rebuilt).ok()?;
    value.get("code")?.as_str().map(str::to_owned)
}

fn serialise(value: impl Into<Value>) -> Vec<u8> {
    // A value made of strings always serialises.
    serde_json::to_vec(&value.into()).unwrap_or_default()
}

/// Fills in what the SDK reads, keeps the rest, and drops what shows the request or the server's insides.
fn finish(mut object: Map<String, Value>, status: StatusCode, dialect: Dialect, request_id: &str) -> Value {
    for value in object.values_mut() {
        withhold_disguised(value);
    }
    object.retain(|name, value| match name.as_str() {
        "code" => value.as_str().is_some_and(is_code),
        "requestId" => value.as_str() == Some(request_id),
        _ => true,
    });
    for name in INTERNAL {
        object.remove(name);
    }
    let reason = reason_of(status);
    if object.get("error").is_some_and(|error| !error.is_string()) {
        // The SDK would print an object as "[object Object]".
        if let Some(error) = object.remove("error") {
            object.insert("details".into(), error);
        }
    }
    let message = ["message", "detail", "error", "title"]
        .into_iter()
        .find_map(|name| object.get(name).and_then(Value::as_str).filter(|text| !text.is_empty()))
        .map_or_else(|| withheld_text(status), cut);
    let issues = ["issues", "issue"]
        .into_iter()
        .find_map(|name| object.get(name).and_then(Value::as_array).filter(|issues| !issues.is_empty()))
        .map(|issues| issues.iter().take(ISSUES_MAX).cloned().collect::<Vec<_>>());
    let issues = Value::Array(issues.unwrap_or_else(|| {
        vec![json!({"severity": "error", "code": issue_code(status), "diagnostics": message})]
    }));
    if dialect == Dialect::Fhir {
        // The passthrough answers FHIR; what is not, a gateway's answer say, becomes an outcome of its own.
        object.insert("resourceType".into(), "OperationOutcome".into());
    }
    let error = object.get("error").and_then(Value::as_str).map_or_else(|| reason.to_owned(), cut);
    object.insert("error".into(), error.into());
    object.insert("message".into(), message.into());
    object.entry("code").or_insert_with(|| "UPSTREAM_ERROR".into());
    object.entry("requestId").or_insert_with(|| request_id.into());
    object.insert("issue".into(), issues.clone());
    object.insert("issues".into(), issues);
    Value::Object(object)
}

fn withheld_text(status: StatusCode) -> String {
    format!("ClinikAPI answered {} {}; its text was withheld.", status.as_u16(), reason_of(status))
}

fn reason_of(status: StatusCode) -> &'static str {
    status.canonical_reason().unwrap_or("Error")
}

/// An outcome keeps its issues; the narrative and contained resources repeat records.
fn outcome(mut object: Map<String, Value>, status: StatusCode) -> Map<String, Value> {
    object.retain(|name, _| is_of_outcome(name));
    for value in object.values_mut() {
        withhold_disguised(value);
    }
    match object.get_mut("issue") {
        Some(Value::Array(issues)) if !issues.is_empty() => issues.truncate(ISSUES_MAX),
        // An outcome without issues is none (FHIR R4: `issue` 1..*), and the SDK reads them.
        _ => {
            let text = withheld_text(status);
            let issue = json!({"severity": "error", "code": issue_code(status), "diagnostics": text});
            object.insert("issue".into(), json!([issue]));
        }
    }
    object
}

fn is_of_outcome(name: &str) -> bool {
    matches!(name, "resourceType" | "id" | "issue")
}

/// A machine code: a few upper-case words in which no person is seen.
fn is_code(code: &str) -> bool {
    (2..=48).contains(&code.len())
        && code.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte))
        && !names::is_name_like(code)
        && !names::is_name_like(&code.replace(['_', '-', '.'], " "))
}

/// Replaces texts with control or format characters between their letters: what hides from a reader of characters
/// hides from a pattern. Says whether there was one.
fn withhold_disguised(value: &mut Value) -> bool {
    match value {
        Value::String(text) => {
            let hidden = |c: char| {
                (c.is_control() && !matches!(c, '\n' | '\r' | '\t'))
                    || matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2064}'
                        | '\u{feff}' | '\u{e0000}'..='\u{e007f}')
            };
            let found = text.contains(hidden);
            if found {
                "[REDACTED:clinical]".clone_into(text);
            }
            found
        }
        Value::Array(items) => items.iter_mut().fold(false, |found, item| withhold_disguised(item) | found),
        Value::Object(members) => {
            members.values_mut().fold(false, |found, member| withhold_disguised(member) | found)
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

fn message_only(text: &str, status: StatusCode) -> Map<String, Value> {
    let plain = without_internals(text);
    let mut object = Map::new();
    if !plain.is_empty() {
        object.insert("message".into(), plain.into());
        object.insert("error".into(), reason_of(status).into());
    }
    object
}

/// The lines of a text up to its stack trace or dump; those show the server's files and the request's values.
fn without_internals(text: &str) -> String {
    let mut kept = String::new();
    for line in text.lines() {
        let line = line.trim_end();
        let start = line.trim_start();
        let frame =
            line.starts_with([' ', '\t']) || start.starts_with("at ") || start.starts_with("Traceback");
        if frame || start.contains("://") || kept.len() > TEXT_BYTES_MAX {
            break;
        }
        if !start.is_empty() {
            if !kept.is_empty() {
                kept.push(' ');
            }
            kept.push_str(start);
        }
    }
    cut(&kept)
}

fn cut(text: &str) -> String {
    let end = (0..=TEXT_BYTES_MAX.min(text.len())).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
    text.get(..end).unwrap_or_default().to_owned()
}

/// A broken JSON document: where one value ends and the next begins is anybody's guess.
fn looks_like_json(text: &str) -> bool {
    text.trim_start().starts_with(['{', '['])
}

fn issues_only(issues: Vec<Value>) -> Map<String, Value> {
    let message =
        issues.iter().find_map(|issue| issue.get("diagnostics").and_then(Value::as_str)).map(str::to_owned);
    let mut object = Map::new();
    if let Some(message) = message {
        object.insert("message".into(), message.into());
    }
    object.insert("issue".into(), Value::Array(issues));
    object
}

enum Markup {
    /// A FHIR OperationOutcome in XML.
    Outcome(Vec<Value>),
    /// Any other markup.
    Page,
    None,
}

fn from_markup(text: &str, content_type: Option<&str>) -> Markup {
    let start = text.trim_start_matches('\u{feff}').trim_start();
    let declared = content_type.is_some_and(|kind| kind.contains("xml") || kind.contains("html"));
    if !start.starts_with('<') {
        return if declared { Markup::Page } else { Markup::None };
    }
    match outcome_issues(start) {
        Some(issues) if !issues.is_empty() => Markup::Outcome(issues),
        _ => Markup::Page,
    }
}

/// `issue` elements of an OperationOutcome: severity, code, diagnostics and details.text, by their `value`.
fn outcome_issues(text: &str) -> Option<Vec<Value>> {
    let mut reader = quick_xml::Reader::from_str(text);
    reader.config_mut().check_end_names = false;
    let mut issues: Vec<Map<String, Value>> = Vec::new();
    let mut root = false;
    let mut narrative = 0usize;
    loop {
        let (element, open) = match reader.read_event().ok()? {
            Event::Start(element) => (element, true),
            Event::Empty(element) => (element, false),
            Event::End(element) => {
                if element.local_name().as_ref() == b"div" {
                    narrative = narrative.saturating_sub(1);
                }
                continue;
            }
            Event::Eof => break,
            _ => continue,
        };
        let name = element.local_name();
        match name.as_ref() {
            b"OperationOutcome" => root = true,
            _ if !root => return None,
            b"div" if open => narrative += 1,
            b"issue" if issues.len() < ISSUES_MAX => issues.push(Map::new()),
            b"severity" | b"code" | b"diagnostics" | b"text" if narrative == 0 => {
                let value = element.try_get_attribute("value").ok().flatten();
                let value = value.and_then(|value| value.unescape_value().ok().map(|text| cut(&text)));
                if let (Some(issue), Some(value)) = (issues.last_mut(), value) {
                    let key = match name.as_ref() {
                        b"severity" => "severity",
                        b"code" => "code",
                        _ => "diagnostics",
                    };
                    issue.entry(key).or_insert_with(|| value.into());
                }
            }
            _ => {}
        }
    }
    root.then(|| issues.into_iter().map(Value::Object).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rebuilt(body: &str, content_type: &str) -> Value {
        let text = rebuild(
            body.as_bytes(),
            Some(content_type),
            StatusCode::BAD_GATEWAY,
            Dialect::ClinikApi,
            "req_1",
        );
        serde_json::from_slice(&text).expect("always JSON")
    }

    #[test]
    fn whatever_comes_the_sdk_can_read_it() {
        for (body, content_type) in [
            ("{\"error\":\"Bad\",\"code\":\"X\"}", "application/json"),
            ("{\"error\":{\"name\":\"ZodError\"}}", "application/json"),
            ("[{\"field\":\"email\"}]", "application/json"),
            ("\"text\"", "application/json"),
            ("null", "application/json"),
            ("{\"error\":\"cut of", "application/json"),
            ("<html><h1>502</h1></html>", "text/html"),
            ("upstream connect error", "text/plain"),
            ("", "text/plain"),
        ] {
            let value = rebuilt(body, content_type);
            for name in ["error", "message", "code", "requestId"] {
                assert!(value[name].as_str().is_some_and(|text| !text.is_empty()), "{body}: {name}");
            }
            assert_eq!(value["issue"], value["issues"], "{body}");
        }
    }

    #[test]
    fn request_copies_and_stack_frames_are_left_out() {
        let value =
            rebuilt("{\"message\":\"m\",\"request\":{\"body\":1},\"stack\":\"at x\"}", "application/json");
        assert!(value.get("request").is_none() && value.get("stack").is_none());
        let value = rebuilt("TypeError: no\n    at f (file:///srv/a.js:1:2)\n  input: {}", "text/plain");
        assert_eq!(value["message"], "TypeError: no");
    }

    #[test]
    fn an_outcome_without_issues_is_given_one() {
        for body in [
            "{\"resourceType\":\"OperationOutcome\"}",
            "{\"resourceType\":\"OperationOutcome\",\"issue\":[]}",
        ] {
            let issue = &rebuilt(body, "application/fhir+json")["issue"][0];
            assert!(issue["severity"] == "error" && issue["diagnostics"].is_string(), "{body}");
        }
    }

    #[test]
    fn an_outcome_in_xml_keeps_its_issues_and_loses_its_narrative() {
        let xml = "<?xml version=\"1.0\"?><OperationOutcome xmlns=\"http://hl7.org/fhir\"><text><div><p>story</p></div></text>\
            <issue><severity value=\"error\"/><code value=\"structure\"/><diagnostics value=\"a &amp; b\"/></issue></OperationOutcome>";
        let value = rebuilt(xml, "application/fhir+xml");
        assert_eq!(value["issue"][0]["diagnostics"], "a & b");
        assert_eq!(value["message"], "a & b");
        assert!(!value.to_string().contains("story"));
    }
}
