//! Response headers: an allowlist on the way back, and what they tell of the plan's budgets.

use std::time::Duration;

use bytes::Bytes;
use http::header::{self, HeaderName};
use http::{HeaderMap, HeaderValue};

use super::erase::erase;
use super::settings::ScrubSettings;
use crate::credentials::Keys;
use crate::guards::opaque;
use crate::phi::echo::Echo;
use crate::phi::scrub::Redactions;
use crate::phi::{Engine, url};
use crate::reply::Dialect;

/// Passed with every answer: what ClinikAPI documents and the SDK reads.
const PASSED: [&str; 16] = [
    "retry-after",
    "x-quota-billable",
    "x-quota-limit",
    "x-quota-overage",
    "x-quota-remaining",
    "x-quota-reset",
    "x-quota-used",
    "x-ratelimit-limit",
    "x-ratelimit-remaining",
    "x-ratelimit-reset",
    "x-request-id",
    "x-sandbox-limit",
    "x-sandbox-remaining",
    "x-sandbox-used",
    "x-timestamp",
    "date",
];

/// What headers are judged with.
#[derive(Clone, Copy)]
pub struct Scope<'a> {
    pub settings: &'a ScrubSettings,
    pub engine: &'a Engine,
    pub keys: &'a Keys,
    pub request_id: &'a str,
    /// The upstream's own, judged when its answer came.
    pub upstream_request_id: Option<&'a str>,
}

/// The headers of a success.
pub fn success(from: &HeaderMap, scope: Scope<'_>) -> HeaderMap {
    // Room for what came, and for what `finish` adds.
    let mut headers = HeaderMap::with_capacity(from.keys_len() + 2);
    // One walk over what came beats many look-ups of what might have come.
    for (name, value) in from {
        if name == header::CONTENT_TYPE {
            headers.insert(header::CONTENT_TYPE, media_type(value));
            continue;
        }
        let known = is_plain(name, value) || describes_body(name, value);
        if (known && is_clean(scope, name, value)) || is_allowed(scope, name, value) {
            headers.append(name.clone(), value.clone());
        }
    }
    finish(&mut headers, scope.request_id);
    headers
}

/// A header of the policy's list in whose value nothing is found.
fn is_allowed(scope: Scope<'_>, name: &HeaderName, value: &HeaderValue) -> bool {
    let Scope { settings, engine, keys, .. } = scope;
    settings.response_headers.contains(name)
        && value.to_str().is_ok_and(|text| {
            engine.scrub_text(text, &Echo::new()).1.total() == 0
                && url::found_in_header(engine, text).is_none()
        })
        && !holds_key(value, keys)
}

/// No header carries a key, nor what stands behind its prefix: a value that does is left out.
fn holds_key(value: &HeaderValue, keys: &Keys) -> bool {
    erase(Bytes::copy_from_slice(value.as_bytes()), keys) != value.as_bytes()
}

/// Request ids and entity tags are text of the upstream's; the other documented headers are numbers, times and words
/// by their grammar.
fn is_clean(scope: Scope<'_>, name: &HeaderName, value: &HeaderValue) -> bool {
    match name.as_str() {
        "x-request-id" => scope.upstream_request_id.is_some_and(|id| value == id),
        "etag" => names_nobody(scope.engine, scope.keys, value),
        _ => true,
    }
}

/// Whether a request id or an entity tag holds neither a person nor a key.
fn names_nobody(engine: &Engine, keys: &Keys, value: &HeaderValue) -> bool {
    let text = value.to_str().unwrap_or_default();
    // The marks of a tag are none of its text.
    let text = text.strip_prefix("W/").unwrap_or(text).trim_matches('"');
    engine.scrub_text(text, &Echo::new()).1.total() == 0
        && opaque::names_nobody(engine, text)
        && !holds_key(value, keys)
}

/// A header that describes a body which passes unchanged, in words of a closed list where it has words.
fn describes_body(name: &HeaderName, value: &HeaderValue) -> bool {
    const VARY: [&str; 8] = [
        "*",
        "accept",
        "accept-encoding",
        "accept-language",
        "authorization",
        "cookie",
        "origin",
        "x-api-key",
    ];
    const CODINGS: [&str; 5] = ["br", "deflate", "gzip", "identity", "zstd"];
    let bytes = value.as_bytes();
    let text = value.to_str().unwrap_or_default();
    let listed = |known: &[&str]| {
        let mut items = text.split(',').map(|item| item.trim().to_ascii_lowercase());
        bytes.len() <= 100 && items.all(|item| known.contains(&item.as_str()))
    };
    match name.as_str() {
        "content-encoding" => listed(&CODINGS),
        // `en`, `en-US`.
        "content-language" => match bytes {
            [a, b] => a.is_ascii_lowercase() && b.is_ascii_lowercase(),
            [a, b, b'-', c, d] => [a, b, c, d].iter().all(|byte| byte.is_ascii_alphabetic()),
            _ => false,
        },
        "etag" => {
            bytes.len() <= 100 && bytes.iter().all(|b| b.is_ascii_alphanumeric() || b"/\"-_.+=".contains(b))
        }
        "last-modified" => httpdate::parse_http_date(text).is_ok(),
        "vary" => listed(&VARY),
        _ => false,
    }
}

/// The media type of a success, less parameters but for the two that mean something; a success is JSON of some kind.
fn media_type(value: &HeaderValue) -> HeaderValue {
    const TYPES: [&str; 4] =
        ["application/json", "application/fhir+json", "application/problem+json", "application/vnd.api+json"];
    const PARAMETERS: [&str; 3] = ["charset=utf-8", "fhirversion=4.0", "fhirversion=4.0.1"];
    let text = value.to_str().unwrap_or_default().to_ascii_lowercase();
    let mut parts = text.split(';').map(str::trim);
    let kind = parts.next().filter(|kind| TYPES.contains(kind)).unwrap_or(TYPES[0]);
    let mut whole = kind.to_owned();
    for parameter in parts.filter(|parameter| PARAMETERS.contains(&parameter.replace('"', "").as_str())) {
        whole.push_str("; ");
        whole.push_str(parameter);
    }
    HeaderValue::try_from(whole).unwrap_or(HeaderValue::from_static("application/json"))
}

/// The headers of an error: each value scrubbed, and nothing that describes the old body. Without the request's values none
/// that has words passes.
pub fn error(
    from: &HeaderMap,
    scope: Scope<'_>,
    echo: Option<&Echo>,
    dialect: Dialect,
) -> (HeaderMap, Redactions) {
    let Scope { settings, engine, keys, .. } = scope;
    let mut headers = HeaderMap::with_capacity(16);
    let mut redactions = Redactions::default();
    for (name, value) in from {
        if is_plain(name, value) {
            if is_clean(scope, name, value) {
                headers.append(name.clone(), value.clone());
            }
        } else if settings.response_headers.contains(name) && !holds_key(value, keys) {
            let (Ok(text), Some(echo)) = (value.to_str(), echo) else { continue };
            let (clean, found) = engine.scrub_text(text, echo);
            redactions.add_all(&found);
            // What is hidden in an encoding cannot be taken out of it.
            if let Some(class) = url::found_in_header(engine, &clean) {
                redactions.add(class);
                continue;
            }
            if let Ok(value) = HeaderValue::from_str(&clean) {
                headers.append(name.clone(), value);
            }
        }
    }
    headers.insert(header::CONTENT_TYPE, dialect.content_type());
    finish(&mut headers, scope.request_id);
    (headers, redactions)
}

/// A documented header whose value has the shape it is documented with, so that nothing else can ride in it.
fn is_plain(name: &HeaderName, value: &HeaderValue) -> bool {
    let name = name.as_str();
    if !PASSED.contains(&name) {
        return false;
    }
    let bytes = value.as_bytes();
    match name {
        "x-request-id" => {
            bytes.len() <= 128
                && !bytes.is_empty()
                && bytes.iter().all(|b| b.is_ascii_alphanumeric() || b"._-:".contains(b))
        }
        // Less what RFC 9557 lets a time be followed by in brackets.
        "x-timestamp" | "x-quota-reset" => value.to_str().is_ok_and(|text| {
            text.len() <= 40 && !text.contains('[') && text.parse::<jiff::Timestamp>().is_ok()
        }),
        "x-quota-billable" => matches!(bytes, b"true" | b"false"),
        "date" => httpdate::parse_http_date(value.to_str().unwrap_or_default()).is_ok(),
        // Retry-After as a date would read as NaN in the SDK; a number is what every reader takes.
        // Nine digits hold every plan's budget; a phone number has ten.
        _ => bytes.len() <= 9 && !bytes.is_empty() && bytes.iter().all(u8::is_ascii_digit),
    }
}

fn finish(headers: &mut HeaderMap, request_id: &str) {
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Ok(value) = HeaderValue::from_str(request_id) {
        headers.entry(HeaderName::from_static("x-request-id")).or_insert(value);
    }
}

/// What an answer tells of the plan's budgets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Quota {
    pub ratelimit_remaining: Option<i64>,
    pub used: Option<i64>,
    pub limit: Option<i64>,
    pub overage: Option<i64>,
}

/// Reads the documented budget headers; values that are no numbers are not there.
pub fn quota(headers: &HeaderMap) -> Quota {
    let number = |name: &'static str| {
        let value = headers.get(HeaderName::from_static(name))?;
        value.to_str().ok()?.parse::<i64>().ok().filter(|n| *n >= 0)
    };
    Quota {
        ratelimit_remaining: number("x-ratelimit-remaining"),
        used: number("x-quota-used"),
        limit: number("x-quota-limit"),
        overage: number("x-quota-overage"),
    }
}

/// How long until the quota starts anew, by the header that says when.
pub fn quota_reset(headers: &HeaderMap, now: jiff::Timestamp) -> Option<Duration> {
    let at: jiff::Timestamp = headers.get("x-quota-reset")?.to_str().ok()?.parse().ok()?;
    Duration::try_from(at.duration_since(now)).ok()
}

/// The upstream's own id of an exchange: it has the shape of one, names nobody and is no key.
#[derive(Clone, PartialEq, Eq)]
pub struct UpstreamRequestId(Box<str>);

impl UpstreamRequestId {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The upstream's own id of the exchange, if what it sent is one.
pub fn upstream_request_id(headers: &HeaderMap, engine: &Engine, keys: &Keys) -> Option<UpstreamRequestId> {
    let name = HeaderName::from_static("x-request-id");
    let value =
        headers.get(&name).filter(|value| is_plain(&name, value) && names_nobody(engine, keys, value))?;
    value.to_str().ok().map(|id| UpstreamRequestId(id.into()))
}
