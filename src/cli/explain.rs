//! `clinik-guard explain METHOD TARGET`: the verdict on a request line, and why, in words of ours.

use std::io::Write;
use std::process::ExitCode;

use http::Method;

use super::{complain, eval};
use crate::policy::Policy;

/// Prints route, parameters, findings and verdict. Exit code 1 means the guard would refuse.
pub fn run(policy: &Policy, method: &str, target: &str, now_unix: u64, out: &mut dyn Write) -> ExitCode {
    let Ok(method) = Method::from_bytes(method.to_ascii_uppercase().as_bytes()) else {
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
