//! `clinik-guard eval`: JSON lines in, verdicts out, in order.
//!
//! `{"method","target"}` is judged as a request line, `{"status","content_type","request_body"?,"body"}` is scrubbed as
//! an upstream error, `{"line"}` as a log line. An `id` comes back as it was; other keys, as of labelled data, are left alone
//! unless they look like one of these mistyped. A bad line gets `{"error"}` with its number, and the run goes on and fails at
//! its end. A body comes out in the format it had; what the guard then builds of it for the SDK is `response`'s work.
//! With `--why` every verdict says which rule found what, and where; never the text.

use std::borrow::Cow;
use std::io::{BufRead, BufReader, BufWriter, ErrorKind, Read, Write};
use std::process::ExitCode;

use http::Method;
use serde_json::{Map, Value, json};

use super::complain;
use crate::config::nearest;
use crate::guards::Observed;
use crate::guards::target::TargetGuard;
use crate::phi::echo::Echo;
use crate::phi::{Finding, KeyClass};
use crate::policy::Policy;

/// Longest line read, in bytes.
const LINE_BYTES_MAX: u64 = 16 * 1024 * 1024;

/// What each line of the input is.
macro_rules! expected {
    () => {
        "expected an object with method and target, or status, content_type and body, or line"
    };
}
const NOT_JSON: &str = concat!("not JSON; ", expected!());
const NO_OBJECT: &str = concat!("JSON, but no object; ", expected!());

/// What a line can be judged by.
const KEYS: [&str; 7] = ["method", "target", "status", "content_type", "request_body", "body", "line"];
/// What labelled data has besides.
const LABELS: [&str; 9] = ["id", "gone", "kept", "clean", "classes", "tags", "verdict", "code", "note"];

/// What is wrong with a line, in our own words.
type Wrong = Cow<'static, str>;

pub struct EvalOptions {
    /// Add the reasons to each verdict.
    pub why: bool,
    pub now_unix: u64,
}

/// Lines that could not be judged.
#[derive(Default)]
struct Bad {
    count: u64,
    /// Number of the first, and what is wrong with it.
    first: Option<(u64, Wrong)>,
}

impl Bad {
    fn add(&mut self, number: u64, problem: Wrong) {
        self.count += 1;
        self.first.get_or_insert((number, problem));
    }
}

/// Judges until the input ends. Fails if there was a line that it could not judge.
pub fn run(policy: &Policy, options: &EvalOptions, input: &mut dyn Read, output: &mut dyn Write) -> ExitCode {
    match judge_all(policy, options, input, output) {
        Ok(Bad { count: 1, first: Some((number, problem)) }) => {
            complain(format_args!("line {number} could not be judged: {problem}"))
        }
        Ok(Bad { count, first: Some((number, problem)) }) => complain(format_args!(
            "{count} lines could not be judged, of which the first is line {number}: {problem}"
        )),
        Ok(_) => ExitCode::SUCCESS,
        Err(error) if error.kind() == ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => complain(format_args!("cannot evaluate: {error}")),
    }
}

fn judge_all(
    policy: &Policy,
    options: &EvalOptions,
    input: &mut dyn Read,
    output: &mut dyn Write,
) -> std::io::Result<Bad> {
    let mut bad = Bad::default();
    let mut input = BufReader::with_capacity(256 * 1024, input);
    let mut output = BufWriter::with_capacity(256 * 1024, output);
    let mut line = Vec::new();
    for number in 1u64.. {
        if input.buffer().is_empty() {
            output.flush()?;
        }
        line.clear();
        let read = (&mut input).take(LINE_BYTES_MAX).read_until(b'\n', &mut line)?;
        if read == 0 {
            break;
        }
        let too_long = read as u64 == LINE_BYTES_MAX && line.last() != Some(&b'\n');
        if too_long {
            skip_line(&mut input)?;
        } else if line.iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        let judged = if too_long {
            Err((None, "the line is longer than 16 MiB".into()))
        } else {
            judge(policy, options, &line)
        };
        let verdict = judged.unwrap_or_else(|(id, problem)| {
            let mut verdict = Map::new();
            verdict.extend(id.map(|id| ("id".into(), id)));
            verdict.insert("error".into(), format!("line {number}: {problem}").into());
            bad.add(number, problem);
            verdict
        });
        serde_json::to_writer(&mut output, &verdict)?;
        output.write_all(b"\n")?;
    }
    output.flush()?;
    Ok(bad)
}

/// Reads on to the end of a line without keeping it.
fn skip_line(input: &mut impl BufRead) -> std::io::Result<()> {
    loop {
        let buffer = input.fill_buf()?;
        if buffer.is_empty() {
            return Ok(());
        }
        let end = memchr::memchr(b'\n', buffer);
        let used = end.map_or(buffer.len(), |end| end + 1);
        input.consume(used);
        if end.is_some() {
            return Ok(());
        }
    }
}

/// The verdict on a line, or what is wrong with it, with its `id` if it could be read.
fn judge(
    policy: &Policy,
    options: &EvalOptions,
    line: &[u8],
) -> Result<Map<String, Value>, (Option<Value>, Wrong)> {
    let mut object = match serde_json::from_slice::<Value>(line) {
        Ok(Value::Object(object)) => object,
        Ok(_) => return Err((None, NO_OBJECT.into())),
        Err(_) => return Err((None, NOT_JSON.into())),
    };
    let id = object.remove("id");
    let verdict = if let Some(meant) = mistyped(&object) {
        Err(format!("has an unknown key; did you mean {meant}?").into())
    } else if object.contains_key("line") {
        log_line(policy, options, &object)
    } else if object.contains_key("body") {
        upstream_error(policy, options, &object)
    } else if object.contains_key("target") {
        request_line(policy, options, &object)
    } else {
        Err(expected!().into())
    };
    match (verdict, id) {
        (Ok(mut verdict), Some(id)) => {
            // First, where a reader looks for it.
            verdict.shift_insert(0, "id".into(), id);
            Ok(verdict)
        }
        (verdict, id) => verdict.map_err(|problem| (id, problem)),
    }
}

/// The key that another one was probably meant to be: a request without its method or an error without what was sent
/// would be judged as another one.
fn mistyped(object: &Map<String, Value>) -> Option<&'static str> {
    let missing = || KEYS.into_iter().filter(|key| !object.contains_key(*key));
    let unknown = |key: &&String| !KEYS.contains(&key.as_str()) && !LABELS.contains(&key.as_str());
    object.keys().filter(unknown).find_map(|key| nearest(key, missing()))
}

fn request_line(
    policy: &Policy,
    options: &EvalOptions,
    object: &Map<String, Value>,
) -> Result<Map<String, Value>, Wrong> {
    let method = object.get("method").and_then(Value::as_str).ok_or("method must be there, as a string")?;
    let target = object.get("target").and_then(Value::as_str).ok_or("target must be a string")?;
    let method = Method::from_bytes(method.as_bytes()).map_err(|_| "method is no HTTP method")?;
    let guard = target_guard(policy, options.now_unix);
    let judged = if method == Method::HEAD { Method::GET } else { method };
    let mut verdict = Map::new();
    let mut observed = Observed::default();
    match guard.check(&judged, target, &mut observed) {
        Ok(_) => {
            verdict.insert("verdict".into(), "allow".into());
            verdict.insert("code".into(), Value::Null);
            verdict.insert("classes".into(), json!([]));
        }
        Err(refusal) => {
            let classes: Vec<_> = refusal.classes.iter().map(|class| class.label()).collect();
            verdict.insert("verdict".into(), "reject".into());
            verdict.insert("code".into(), refusal.code.as_str().into());
            verdict.insert("classes".into(), json!(classes));
        }
    }
    if !observed.0.is_empty() {
        let codes: Vec<_> = observed.0.iter().map(|refusal| refusal.code.as_str()).collect();
        verdict.insert("observed".into(), json!(codes));
    }
    if options.why {
        verdict.insert("why".into(), json!(guard.explain(&judged, target).lines));
    }
    Ok(verdict)
}

/// The guard on targets that a policy sets up.
pub(super) fn target_guard(policy: &Policy, now_unix: u64) -> TargetGuard<'_> {
    TargetGuard { engine: &policy.engine, url: &policy.url, routes: &policy.routes, now_unix }
}

fn upstream_error(
    policy: &Policy,
    options: &EvalOptions,
    object: &Map<String, Value>,
) -> Result<Map<String, Value>, Wrong> {
    let body = text_of(object.get("body")).ok_or("body must be a string or JSON")?;
    let content_type = object.get("content_type").and_then(Value::as_str);
    let mut echo = Echo::new();
    if let Some(request_body) = text_of(object.get("request_body")) {
        echo.add_body(None, request_body.as_bytes(), &|_| KeyClass::Unknown);
    }
    let scrubbed = policy.engine.scrub_body(content_type, body.as_bytes(), &echo);
    let mut verdict = Map::new();
    verdict.insert("body".into(), String::from_utf8_lossy(&scrubbed.body).into());
    if options.why {
        let found = policy.engine.explain_body(content_type, body.as_bytes(), &echo);
        verdict.insert("why".into(), found.iter().map(reasons).collect());
    }
    Ok(verdict)
}

/// A body as text: a string stands for itself, anything else for its JSON.
fn text_of(value: Option<&Value>) -> Option<String> {
    match value? {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}

/// Why a part of a text was taken out. `span` counts bytes of the text; none of them is shown.
fn reasons(finding: &Finding) -> Value {
    json!({
        "class": finding.class.label(),
        "rule": finding.rule,
        "layer": finding.layer.label(),
        "confidence": finding.confidence.label(),
        "cue": finding.cue,
        "span": [finding.span.start, finding.span.end],
    })
}

fn log_line(
    policy: &Policy,
    options: &EvalOptions,
    object: &Map<String, Value>,
) -> Result<Map<String, Value>, Wrong> {
    let line = object.get("line").and_then(Value::as_str).ok_or("line must be a string")?;
    let mut scrubbed = Vec::with_capacity(line.len() + 32);
    policy.engine.scrub_line(line.as_bytes(), &mut scrubbed);
    let mut verdict = Map::new();
    verdict.insert("line".into(), String::from_utf8_lossy(&scrubbed).into());
    if options.why {
        let found = policy.engine.explain_line(line.as_bytes());
        verdict.insert("why".into(), found.iter().map(reasons).collect());
    }
    Ok(verdict)
}
