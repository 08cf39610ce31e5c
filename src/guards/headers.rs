//! The request head less its target: method overrides, upgrades, browsers, sizes, and what may travel on.
//!
//! Request headers are forwarded by an allowlist and rebuilt, never copied wholesale: hop-by-hop fields, fields
//! named by `Connection` (RFC 9110 section 7.6.1), `Host`, cookies, credentials and anything unknown stay here.
//! A value that carries PHI is dropped.

use http::header::{self, HeaderName};
use http::{HeaderMap, HeaderValue, Method};

use crate::guards::Observed;
use crate::outcome::{Code, Refusal};
use crate::phi::{Class, Engine, KeyClass, Place};

pub mod settings;

use settings::HeadersSettings;

/// Refused whatever they say, as ClinikAPI does.
const METHOD_OVERRIDES: [&str; 3] = ["x-http-method-override", "x-http-method", "x-method-override"];

/// Forwarded when they are clean. `user-agent` is replaced by ours; `accept-encoding` is `identity`.
static FORWARDED: [HeaderName; 5] = [
    header::ACCEPT,
    header::CONTENT_TYPE,
    header::IF_MATCH,
    header::IF_NONE_MATCH,
    HeaderName::from_static("prefer"),
];

/// Values that every client sends and no scan needs to see.
const PLAIN_VALUES: [&[u8]; 6] = [
    b"application/fhir+json",
    b"application/json",
    b"application/json-patch+json",
    b"*/*",
    b"return=minimal",
    b"return=representation",
];

/// Proof that the head was looked at, with the headers that travel on.
pub struct CleanHeaders {
    forwarded: HeaderMap,
    /// Classes found in values that were dropped.
    dropped: Vec<Class>,
}

impl CleanHeaders {
    pub fn into_forwarded(self) -> HeaderMap {
        self.forwarded
    }

    pub fn dropped(&self) -> &[Class] {
        &self.dropped
    }
}

/// Checks the head and picks what may travel on.
pub fn check(
    settings: &HeadersSettings,
    engine: &Engine,
    method: &Method,
    headers: &HeaderMap,
    observed: &mut Observed,
) -> Result<CleanHeaders, Refusal> {
    let size: usize = headers.iter().map(|(name, value)| name.as_str().len() + value.len() + 4).sum();
    if size > settings.header_bytes_max {
        settings.mode.refuse(Code::HeadersTooLarge.into(), observed)?;
    }
    // No mode lets a tunnel or an override through: both would carry requests past every other guard.
    if matches!(*method, Method::TRACE | Method::CONNECT) || headers.contains_key(header::UPGRADE) {
        return Err(Code::MethodNotAllowed.into());
    }
    if let Some(name) = METHOD_OVERRIDES.into_iter().find(|name| headers.contains_key(*name)) {
        settings.mode.refuse(Refusal::new(Code::MethodOverrideRejected).about(name), observed)?;
    }
    if let Some(name) = browser_mark(headers) {
        settings.browser_mode.refuse(Refusal::new(Code::BrowserNotAllowed).about(name), observed)?;
    }
    Ok(pick(settings, engine, headers))
}

/// The header that shows a browser, if any. Node's `fetch` sends `Sec-Fetch-Mode: cors` and nothing else of the
/// kind, so that alone is the SDK; a page adds `Sec-Fetch-Site`, `Sec-Fetch-Dest` or `Origin`.
fn browser_mark(headers: &HeaderMap) -> Option<&'static str> {
    const MARKS: [&str; 5] =
        ["origin", "sec-fetch-site", "sec-fetch-dest", "sec-fetch-user", "access-control-request-method"];
    if let Some(mark) = MARKS.into_iter().find(|name| headers.contains_key(*name)) {
        return Some(mark);
    }
    let mode = headers.get("sec-fetch-mode")?;
    (mode != "cors").then_some("sec-fetch-mode")
}

fn pick(settings: &HeadersSettings, engine: &Engine, headers: &HeaderMap) -> CleanHeaders {
    let mut clean = CleanHeaders { forwarded: HeaderMap::with_capacity(8), dropped: Vec::new() };
    for name in FORWARDED.iter().chain(&settings.allow) {
        for value in headers.get_all(name) {
            match scan(engine, value) {
                None => {
                    clean.forwarded.append(name.clone(), value.clone());
                }
                Some(class) => clean.dropped.push(class),
            }
        }
    }
    if let Some(value) = headers.get("traceparent").filter(|value| is_traceparent(value.as_bytes())) {
        clean.forwarded.insert(HeaderName::from_static("traceparent"), value.clone());
    }
    // Uncompressed, so that the way back can see what it passes; a coded error is undone all the same.
    clean.forwarded.insert(header::ACCEPT_ENCODING, HeaderValue::from_static("identity"));
    clean.forwarded.insert(
        header::USER_AGENT,
        HeaderValue::from_static(concat!("clinik-guard/", env!("CARGO_PKG_VERSION"))),
    );
    clean
}

/// The class found in a header value; one that is not text counts as opaque and is dropped.
fn scan(engine: &Engine, value: &HeaderValue) -> Option<Class> {
    if PLAIN_VALUES.contains(&value.as_bytes()) {
        return None;
    }
    let Ok(text) = value.to_str() else { return Some(Class::OtherId) };
    let mut findings = Vec::new();
    engine.scan(text, Place::Url, KeyClass::Unknown, &mut findings);
    findings.first().map(|finding| finding.class)
}

/// W3C Trace Context, version 00: `00-<32 hex>-<16 hex>-<2 hex>`.
fn is_traceparent(value: &[u8]) -> bool {
    value.len() == 55
        && value.iter().enumerate().all(|(at, byte)| match at {
            2 | 35 | 52 => *byte == b'-',
            _ => matches!(byte, b'0'..=b'9' | b'a'..=b'f'),
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs.iter().map(|(n, v)| (HeaderName::from_static(n), HeaderValue::from_static(v))).collect()
    }

    #[test]
    fn the_sdk_on_node_is_no_browser_and_pages_are() {
        assert_eq!(browser_mark(&map(&[("sec-fetch-mode", "cors"), ("user-agent", "node")])), None);
        assert_eq!(browser_mark(&map(&[("sec-fetch-mode", "navigate")])), Some("sec-fetch-mode"));
        assert_eq!(
            browser_mark(&map(&[("sec-fetch-mode", "cors"), ("sec-fetch-site", "same-origin")])),
            Some("sec-fetch-site")
        );
        assert_eq!(browser_mark(&map(&[("origin", "null")])), Some("origin"));
    }

    #[test]
    fn traceparent_is_exact() {
        assert!(is_traceparent(b"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"));
        assert!(!is_traceparent(b"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0x"));
        assert!(!is_traceparent(b"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-jane"));
    }
}
