//! Answers of the guard's own: refusals in the shape the ClinikAPI SDK reads.
//!
//! `{error, message, code, requestId, issue[], issues[]}`, or a FHIR OperationOutcome on the passthrough. Built from
//! constants of ours only, so nothing of a request can be quoted.

use bytes::Bytes;
use http::header::{self, HeaderName};
use http::{HeaderMap, HeaderValue, Response, StatusCode};
use serde::Serialize;

use crate::outcome::Refusal;
use crate::response::ResponseBody;

/// The dialect of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    ClinikApi,
    /// Bare FHIR, on `/v1/fhir/*`.
    Fhir,
}

impl Dialect {
    /// By the path, before anything is known to be well-formed.
    pub fn of_path(path: &str) -> Dialect {
        match path.strip_prefix("/v1/fhir") {
            Some(rest) if rest.is_empty() || rest.starts_with(['/', '?']) => Dialect::Fhir,
            _ => Dialect::ClinikApi,
        }
    }

    pub const fn content_type(self) -> HeaderValue {
        match self {
            Dialect::ClinikApi => HeaderValue::from_static("application/json"),
            Dialect::Fhir => HeaderValue::from_static("application/fhir+json"),
        }
    }
}

#[derive(Serialize)]
struct Envelope<'a> {
    error: &'a str,
    message: &'a str,
    code: &'a str,
    #[serde(rename = "requestId")]
    request_id: &'a str,
    issue: [Issue<'a>; 1],
    issues: [Issue<'a>; 1],
}

#[derive(Serialize)]
struct OperationOutcome<'a> {
    #[serde(rename = "resourceType")]
    resource_type: &'a str,
    issue: [Issue<'a>; 1],
    // The SDK shows these two of any answer; FHIR readers ignore unknown members.
    message: &'a str,
    code: &'a str,
}

#[derive(Clone, Serialize)]
struct Issue<'a> {
    severity: &'a str,
    code: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    details: Option<Details<'a>>,
    diagnostics: &'a str,
}

#[derive(Clone, Serialize)]
struct Details<'a> {
    text: &'a str,
}

/// Turns a refusal into a response.
pub fn refusal(refusal: &Refusal, dialect: Dialect, request_id: &str) -> Response<ResponseBody> {
    let status = refusal.code.status();
    let diagnostics = diagnostics(refusal);
    let issue =
        |details| Issue { severity: "error", code: issue_code(status), details, diagnostics: &diagnostics };
    let text = match dialect {
        Dialect::ClinikApi => serde_json::to_vec(&Envelope {
            error: status.canonical_reason().unwrap_or("Error"),
            message: &diagnostics,
            code: refusal.code.as_str(),
            request_id,
            issue: [issue(None)],
            issues: [issue(None)],
        }),
        Dialect::Fhir => serde_json::to_vec(&OperationOutcome {
            resource_type: "OperationOutcome",
            issue: [issue(Some(Details { text: refusal.code.as_str() }))],
            message: &diagnostics,
            code: refusal.code.as_str(),
        }),
    };
    // Plain strings always serialise.
    let body = Bytes::from(text.unwrap_or_default());
    let mut response = Response::new(ResponseBody::full(body));
    *response.status_mut() = status;
    own_headers(response.headers_mut(), dialect, request_id);
    let spent = refusal.spent.map(|spent| spent.reset_seconds);
    if let Some(seconds) = spent.or_else(|| retry_after(status)) {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    if let Some(spent) = refusal.spent {
        for (name, value) in [
            ("x-ratelimit-limit", u64::from(spent.limit)),
            ("x-ratelimit-remaining", 0),
            ("x-ratelimit-reset", spent.reset_seconds),
        ] {
            response.headers_mut().insert(HeaderName::from_static(name), HeaderValue::from(value));
        }
    }
    response
}

/// The headers every answer of our own carries.
pub fn own_headers(headers: &mut HeaderMap, dialect: Dialect, request_id: &str) {
    headers.insert(header::CONTENT_TYPE, dialect.content_type());
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    // Request ids of ours are ASCII.
    if let Ok(value) = HeaderValue::from_str(request_id) {
        headers.insert(HeaderName::from_static("x-request-id"), value);
    }
}

fn diagnostics(refusal: &Refusal) -> String {
    let mut text = refusal.advice();
    if !refusal.classes.is_empty() {
        let mut labels: Vec<_> = refusal.classes.iter().map(|class| class.label()).collect();
        labels.dedup();
        text.push_str(" Found: ");
        text.push_str(&labels.join(", "));
        text.push('.');
    }
    if let Some(code) = refusal.upstream_code {
        text.push_str(" ClinikAPI said ");
        text.push_str(code);
        text.push('.');
    }
    text
}

fn retry_after(status: StatusCode) -> Option<u64> {
    (status == StatusCode::SERVICE_UNAVAILABLE).then_some(1)
}

/// The FHIR IssueType that fits a status.
pub fn issue_code(status: StatusCode) -> &'static str {
    match status.as_u16() {
        400 | 414 | 415 | 431 => "invalid",
        401 => "login",
        403 => "forbidden",
        404 => "not-found",
        408 | 504 => "timeout",
        409 | 412 => "conflict",
        413 => "too-long",
        422 => "processing",
        429 => "throttled",
        502 | 503 => "transient",
        _ => "exception",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::Code;

    #[test]
    fn every_code_has_a_reply_in_both_dialects() {
        for code in Code::ALL {
            for dialect in [Dialect::ClinikApi, Dialect::Fhir] {
                let response = refusal(&Refusal::new(*code), dialect, "req_1");
                assert_eq!(response.status(), code.status());
                assert_eq!(response.headers()["x-request-id"], "req_1");
                assert_eq!(response.headers()["cache-control"], "no-store");
            }
        }
    }

    #[test]
    fn the_passthrough_speaks_fhir() {
        for (path, dialect) in [
            ("/v1/fhir/Patient", Dialect::Fhir),
            ("/v1/fhir", Dialect::Fhir),
            ("/v1/fhirs", Dialect::ClinikApi),
            ("/v1/patients", Dialect::ClinikApi),
        ] {
            assert_eq!(Dialect::of_path(path), dialect);
        }
    }
}
