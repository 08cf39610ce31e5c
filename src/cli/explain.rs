//! `clinik-guard explain`: the verdict on a request line, on log lines or on an error body, and why, in words of ours.
//!
//! Lines and bodies come by standard input, where no shell history keeps them.

use std::io::{BufRead, Read, Write};
use std::process::ExitCode;

use http::Method;

use super::{complain, eval};
use crate::phi::Finding;
use crate::phi::echo::Echo;
use crate::policy::Policy;

/// Longest text explained, in bytes.
const TEXT_BYTES_MAX: u64 = 16 * 1024 * 1024;

/// Prints route, parameters, findings and verdict. Exit code 1 means the guard would refuse.
pub fn run(policy: &Policy, method: &str, target: &str, now_unix: u64, out: &mut dyn Write) -> ExitCode {
    let Ok(method) = Method::from_bytes(method.as_bytes()) else {
        return complain("METHOD is no HTTP method; expected one like GET or POST");
    };
    let judged = if method == Method::HEAD { Method::GET } else { method };
    let explanation = eval::target_guard(policy, now_unix).explain(&judged, target);
    for line in &explanation.lines {
        if writeln!(out, "{line}").is_err() {
            break;
        }
    }
    if explanation.refusal.is_none() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Prints for each line of `input` what the log filter takes out of it. Exit code 1 means that it takes something.
pub fn lines(policy: &Policy, input: &mut dyn BufRead, out: &mut dyn Write) -> ExitCode {
    let mut any = false;
    let mut line = Vec::new();
    for number in 1u64.. {
        line.clear();
        match input.take(TEXT_BYTES_MAX).read_until(b'\n', &mut line) {
            Ok(0) => break,
            Ok(_) => {}
            Err(error) => return complain(format_args!("cannot read: {error}")),
        }
        let found = policy.engine.explain_line(line.trim_ascii_end());
        any |= !found.is_empty();
        if print(&format!("line {number}"), &found, out).is_err() {
            break;
        }
    }
    if any { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

/// Prints what is taken out of an error body. Exit code 1 means that something is.
pub fn body(policy: &Policy, input: &mut dyn Read, out: &mut dyn Write) -> ExitCode {
    let mut text = Vec::new();
    if let Err(error) = input.take(TEXT_BYTES_MAX).read_to_end(&mut text) {
        return complain(format_args!("cannot read: {error}"));
    }
    let found = policy.engine.explain_body(None, &text, &Echo::new());
    let _closed = print("body", &found, out);
    if found.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn print(what: &str, found: &[Finding], out: &mut dyn Write) -> std::io::Result<()> {
    if found.is_empty() {
        return writeln!(out, "{what}: nothing found");
    }
    for finding in found {
        let (class, rule, span) = (finding.class.label(), finding.rule, &finding.span);
        let (layer, confidence) = (finding.layer.label(), finding.confidence.label());
        let cue = finding.cue.map(|cue| format!(", cue {cue}")).unwrap_or_default();
        let (start, end) = (span.start, span.end);
        writeln!(out, "{what}: bytes {start}..{end}: {class} by {rule} ({layer}, {confidence}{cue})")?;
    }
    Ok(())
}
