//! What must hold for any input at all: one function for each fuzz target of `fuzz/`, named as the target is.
//!
//! Beyond "no panic": text comes out well-formed and only changed where something was found, scrubbing twice equals
//! scrubbing once, decoded views lead back into their source, and two readings of one input agree. Owns neither inputs
//! nor time: the fuzzers and the properties in `tests` make the inputs, libFuzzer watches the clock. Compiled for
//! tests and with `--cfg fuzzing` only; panics are its way to report.

#![expect(clippy::panic, reason = "a broken invariant is reported by panicking; no product code is in here")]

mod lossless;

use std::sync::LazyLock;

use http::{Method, StatusCode};
use serde_json::Value;

use crate::guards::Observed;
use crate::guards::body::json::JsonCheck;
use crate::guards::target::TargetGuard;
use crate::phi::canon::{self, Part};
use crate::phi::echo::Echo;
use crate::phi::scan::redact;
use crate::phi::{Class, Engine, KeyClass, Place};
use crate::policy::Policy;
use crate::reply::Dialect;
use crate::response::decode::{Coding, undo};
use crate::response::envelope;
use crate::wire::{Limits, Side, Walker};
use lossless::assert_only_replaced;

/// Rounds of the scrubber.
const ROUNDS_MAX: usize = 4;

static ENGINE: LazyLock<Engine> = LazyLock::new(Engine::default);
static POLICY: LazyLock<Policy> = LazyLock::new(|| {
    Policy::from_str("defaults", "").unwrap_or_else(|_| panic!("the defaults are a policy"))
});

/// Percent and other escapes, folding, and the probes for packed text.
pub fn canon(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    for part in [Part::Path, Part::Query] {
        if let Ok(decoded) = canon::decode(text, part) {
            assert!(!decoded.text.chars().any(char::is_control), "a control character was let through");
            if !decoded.text.contains('%') {
                let again = canon::decode(&decoded.text, Part::Path).map(|again| again.text);
                assert_eq!(again.as_ref(), Ok(&decoded.text), "decoding has not settled");
            }
        }
        let _ = canon::decode_once(text, part);
    }
    if let Some(view) = canon::view(text) {
        assert!(view.text.len() <= text.len() * canon::EXPANSION_MAX, "a view grew beyond its bound");
        for (at, c) in view.text.char_indices() {
            let source = view.source(at..at + c.len_utf8());
            assert!(text.get(source).is_some_and(|source| !source.is_empty()), "a character from nowhere");
        }
    }
    let folded = canon::fold(text);
    assert_eq!(canon::fold(&folded), folded, "folding is not stable");
    canon::probe(text, &mut |inner| {
        assert!(inner.len() < text.len() && !inner.is_empty());
        false
    });
}

/// Flat text: findings are sorted, apart, on character boundaries, the same each time; redacted text scans clean.
pub fn scan(data: &[u8]) {
    let Some((&choice, rest)) = data.split_first() else { return };
    let Ok(text) = std::str::from_utf8(rest) else { return };
    let place = [Place::Url, Place::Error, Place::Log][usize::from(choice % 3)];
    let hint = match usize::from(choice / 3) {
        0 => KeyClass::Unknown,
        1 => KeyClass::Free,
        2 => KeyClass::Safe,
        n => KeyClass::Phi(Class::ALL[n % Class::ALL.len()]),
    };
    let find = |text: &str| {
        let mut found = Vec::new();
        ENGINE.scan(text, place, hint, &mut found);
        found
    };
    let found = find(text);
    let mut end = 0;
    for finding in &found {
        assert!(finding.span.start >= end && !finding.span.is_empty(), "findings overlap");
        assert!(text.get(finding.span.clone()).is_some(), "a finding cuts a character");
        end = finding.span.end;
    }
    assert_eq!(find(text), found, "a second look differs");
    // Taking one value out lets a cue reach the next; the scrubber reads again, and so often must be enough.
    let mut text = text.to_owned();
    for _ in 0..ROUNDS_MAX {
        let mut redacted = String::new();
        redact(&text, &find(&text), &mut redacted);
        text = redacted;
    }
    assert!(find(&text).is_empty(), "redacted text does not scan clean: {text:?}");
}

/// A log line of any format.
pub fn line(data: &[u8]) {
    let scrub = |line: &[u8]| {
        let mut out = Vec::new();
        let redactions = ENGINE.scrub_line(line, &mut out).total();
        (out, redactions)
    };
    let (once, redactions) = scrub(data);
    check_scrubbed(data, &once, redactions);
    assert_stable(&once, &scrub(&once).0);
}

/// An error body of any format, declared as anything.
pub fn body(data: &[u8]) {
    let Some((&choice, body)) = data.split_first() else { return };
    let kinds = [
        None,
        Some("application/json"),
        Some("application/x-www-form-urlencoded"),
        Some("text/html; charset=utf-8"),
        Some("application/fhir+xml"),
        Some("text/plain"),
    ];
    let kind = kinds[usize::from(choice) % kinds.len()];
    let echo = Echo::new();
    let once = ENGINE.scrub_body(kind, body, &echo);
    check_scrubbed(body, &once.body, once.redactions.total());
    let twice = ENGINE.scrub_body(kind, &once.body, &echo);
    assert_stable(&once.body, &twice.body);
}

/// The request's own values in an error body: `request NUL body`.
pub fn echo(data: &[u8]) {
    let Some(at) = data.iter().position(|byte| *byte == 0) else { return };
    let (request, body) = (&data[..at], &data[at + 1..]);
    let mut echo = Echo::new();
    echo.add_body(None, request, &|_| KeyClass::Unknown);
    let once = ENGINE.scrub_body(None, body, &echo);
    check_scrubbed(body, &once.body, once.redactions.total());
    assert_stable(&once.body, &ENGINE.scrub_body(None, &once.body, &echo).body);
}

/// The body of an answer from its coding to what the client gets, which is always JSON with the members the SDK reads.
pub fn answer(data: &[u8]) {
    const LIMIT: usize = 4096;
    let [choice, rest @ ..] = data else { return };
    let codings: &[Coding] = match choice % 6 {
        0 => &[],
        1 => &[Coding::Gzip],
        2 => &[Coding::Deflate],
        3 => &[Coding::Brotli],
        4 => &[Coding::Zstd],
        _ => &[Coding::Gzip, Coding::Deflate],
    };
    let Some(decoded) = undo(rest.to_vec(), codings, LIMIT) else { return };
    assert!(codings.is_empty() || decoded.len() <= LIMIT * 8, "inflated beyond its bound");
    for dialect in [Dialect::ClinikApi, Dialect::Fhir] {
        let rebuilt = envelope::rebuild(&decoded, None, StatusCode::BAD_REQUEST, dialect, "req_0");
        let value: Value =
            serde_json::from_slice(&rebuilt).unwrap_or_else(|_| panic!("a rebuilt error is no JSON"));
        let members: &[&str] = match value.get("resourceType").and_then(Value::as_str) {
            Some("OperationOutcome") => &["issue"],
            _ => &["error", "message", "code", "requestId"],
        };
        for member in members {
            assert!(value.get(member).is_some(), "{member} is missing");
        }
    }
}

/// Request targets, and searches by body: `target NUL body`.
pub fn target(data: &[u8]) {
    let [choice, rest @ ..] = data else { return };
    let Ok(text) = std::str::from_utf8(rest) else { return };
    let (target, body) = text.split_once('\0').unwrap_or((text, ""));
    let method = [Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE]
        [usize::from(choice % 5)]
    .clone();
    let policy = &*POLICY;
    let guard = TargetGuard { engine: &policy.engine, url: &policy.url, routes: &policy.routes, now_unix: 0 };
    let verdict = guard.check(&method, target, &mut Observed::default());
    let explained = guard.explain(&method, target);
    assert_eq!(
        verdict.as_ref().err().map(|refusal| refusal.code),
        explained.refusal.as_ref().map(|refusal| refusal.code),
        "the explanation differs from the verdict"
    );
    let Ok(clean) = verdict else { return };
    let sent = clean.path_and_query();
    assert!(
        sent.starts_with('/') && sent.bytes().all(|byte| byte.is_ascii_graphic()),
        "not a request target"
    );
    let path = sent.split('?').next().unwrap_or_default();
    assert!(!path.split('/').skip(1).any(|segment| matches!(segment, "." | "..")), "a dot segment");
    let again = guard.check(&method, sent, &mut Observed::default());
    assert_eq!(
        again.ok().map(|clean| clean.path_and_query().to_owned()).as_deref(),
        Some(sent),
        "not stable"
    );
    if clean.is_search_by_body() {
        for kind in [None, Some("application/json"), Some("application/x-www-form-urlencoded")] {
            if let Ok(built) = guard.search_by_body(&clean, kind, body.as_bytes()) {
                let sent = built.path_and_query();
                assert!(sent.starts_with('/') && sent.bytes().all(|byte| byte.is_ascii_graphic()));
                assert!(sent.len() <= policy.url.uri_bytes_max);
            }
        }
    }
}

/// Policy files: whatever is wrong is told with a place in the file.
pub fn policy(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    match Policy::from_str("policy.yaml", text) {
        Ok(policy) => {
            for warning in policy.warnings(u64::MAX) {
                assert!(!warning.message.is_empty());
            }
        }
        Err(problems) => {
            assert!(!problems.is_empty());
            let lines = 2 + text.chars().filter(|c| matches!(c, '\n' | '\r')).count();
            for problem in problems.iter() {
                assert!((1..=lines).contains(&problem.at.line), "a place beyond the file");
                assert!(!problem.message.is_empty());
            }
        }
    }
}

/// The body guard's JSON check: the same for every chunking, and no other grammar than serde_json's.
pub fn json_check(data: &[u8]) {
    const DEPTH_MAX: usize = 64;
    let check = |chunks: usize| {
        let mut check = JsonCheck::new(DEPTH_MAX, data.len());
        data.chunks(chunks.max(1)).try_for_each(|chunk| check.push(chunk)).and_then(|()| check.finish())
    };
    let whole = check(data.len());
    assert_eq!(whole, check(1));
    assert_eq!(whole, check(7));
    let parsed = serde_json::from_slice::<Value>(data);
    match (&whole, &parsed) {
        (Err(_), Ok(value)) => assert!(depth(value) > DEPTH_MAX, "JSON was refused"),
        // serde_json refuses halves of surrogate pairs and numbers beyond f64, which the grammar allows.
        (Ok(()), Err(_)) => {
            assert!(data.windows(2).any(|two| two == b"\\u") || data.iter().any(u8::is_ascii_digit));
        }
        _ => {}
    }
}

/// The strict grammar of HTTP/1.1: in whatever pieces bytes arrive, the same messages are seen and the same fault.
pub fn wire(data: &[u8]) {
    const LIMITS: Limits = Limits { head_bytes_max: 8 * 1024, target_bytes_max: 2048, fields_max: 64 };
    let Some((choice, data)) = data.split_first() else { return };
    let side = if choice & 1 == 0 { Side::Requests } else { Side::Answers };
    let walk = |piece: usize| {
        let mut walker = Walker::new(side, LIMITS);
        walker.expect(choice & 2 != 0);
        let (mut passed, mut heads, mut end) = (0, 0, 0);
        while end < data.len() {
            end = (end + piece).min(data.len());
            let walked = walker.walk(data.get(passed..end).unwrap_or_default());
            passed += walked.passed;
            heads += walked.heads;
            assert!(passed <= end, "more was passed than had come");
            if walked.fault.is_some() {
                return (heads, walked.fault, walker.in_body(), None);
            }
        }
        // How much of a broken body went ahead of its fault depends on where it was cut.
        (heads, None, walker.in_body(), Some(passed))
    };
    let whole = walk(data.len().max(1));
    assert_eq!(walk(1), whole, "pieces of one byte are read otherwise");
    assert_eq!(walk(1 + usize::from(choice >> 2)), whole, "pieces are read otherwise");
}

fn depth(value: &Value) -> usize {
    match value {
        Value::Array(items) => 1 + items.iter().map(depth).max().unwrap_or(0),
        Value::Object(members) => 1 + members.values().map(depth).max().unwrap_or(0),
        _ => 0,
    }
}

fn check_scrubbed(before: &[u8], after: &[u8], redactions: u64) {
    if redactions == 0 {
        assert!(before == after, "changed without a finding");
        return;
    }
    // UTF-16 is written anew.
    if !before.starts_with(&[0xfe, 0xff]) && !before.starts_with(&[0xff, 0xfe]) {
        assert_only_replaced(before, after);
    }
    if let Ok(Value::Object(_) | Value::Array(_)) = serde_json::from_slice(before) {
        assert!(serde_json::from_slice::<Value>(after).is_ok(), "JSON no longer parses");
    }
}

fn assert_stable(once: &[u8], twice: &[u8]) {
    assert!(
        once == twice,
        "not stable:\n{}\n{}",
        String::from_utf8_lossy(once),
        String::from_utf8_lossy(twice)
    );
}

#[cfg(test)]
mod tests;
