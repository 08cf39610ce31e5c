//! The request head less its target: method overrides, upgrades, browsers, sizes, and what may travel on.
//!
//! Request headers are forwarded by an allowlist and rebuilt, never copied wholesale: hop-by-hop fields, fields
//! named by `Connection` (RFC 9110 section 7.6.1), `Host`, cookies, credentials and anything unknown stay here.
//! A precondition that cannot travel on is refused, since without it a write would be a different one.

use http::header::{self, HeaderName};
use http::{HeaderMap, HeaderValue, Method};

use crate::guards::Observed;
use crate::guards::opaque::{hides_somebody, names_nobody};
use crate::outcome::{Code, Refusal};
use crate::phi::{Class, Engine, url};

pub mod settings;

use settings::HeadersSettings;

/// Refused whatever they say, as ClinikAPI does.
static METHOD_OVERRIDES: [HeaderName; 3] = [
    HeaderName::from_static("x-http-method-override"),
    HeaderName::from_static("x-http-method"),
    HeaderName::from_static("x-method-override"),
];

/// Sent by pages only.
static BROWSER_MARKS: [HeaderName; 5] = [
    header::ORIGIN,
    HeaderName::from_static("sec-fetch-site"),
    HeaderName::from_static("sec-fetch-dest"),
    HeaderName::from_static("sec-fetch-user"),
    header::ACCESS_CONTROL_REQUEST_METHOD,
];
static SEC_FETCH_MODE: HeaderName = HeaderName::from_static("sec-fetch-mode");
static PREFER: HeaderName = HeaderName::from_static("prefer");
static TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");

/// Preconditions nobody can forward as they are: dropped, they would turn a guarded write into an unguarded one.
static UNSUPPORTED_PRECONDITIONS: [HeaderName; 3] =
    [header::IF_UNMODIFIED_SINCE, HeaderName::from_static("if-none-exist"), header::IF_RANGE];

/// Media types an `Accept` may name; other text in it would be a way out for PHI.
const MEDIA_RANGES: [&str; 7] = [
    "*/*",
    "application/*",
    "application/fhir+json",
    "application/json",
    "application/json-patch+json",
    "application/problem+json",
    "application/x-ndjson",
];

/// Preferences FHIR and RFC 7240 define, less the ones with free text.
const PREFERENCES: [&str; 6] = [
    "handling=lenient",
    "handling=strict",
    "respond-async",
    "return=OperationOutcome",
    "return=minimal",
    "return=representation",
];

/// Items of a list that travels on. A longer one is judged by nobody to its end, so it does not travel.
const LIST_ITEMS_MAX: usize = 16;

/// Longest entity tag forwarded, in bytes.
const ETAG_BYTES_MAX: usize = 80;

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

/// The head to check, and how sure we are of who sent it.
#[derive(Clone, Copy)]
pub struct Scope<'a> {
    pub method: &'a Method,
    pub headers: &'a HeaderMap,
    /// The caller showed a token or came over the unix socket: no web page can do either.
    pub proven: bool,
}

/// Checks the head and picks what may travel on.
pub fn check(
    settings: &HeadersSettings,
    engine: &Engine,
    scope: Scope<'_>,
    observed: &mut Observed,
) -> Result<CleanHeaders, Refusal> {
    let Scope { method, headers, .. } = scope;
    let size: usize = headers.iter().map(|(name, value)| name.as_str().len() + value.len() + 4).sum();
    if size > settings.header_bytes_max {
        settings.mode.refuse(Code::HeadersTooLarge.into(), observed)?;
    }
    // No mode lets a tunnel or an override through: both would carry requests past every other guard.
    if matches!(*method, Method::TRACE | Method::CONNECT) || headers.contains_key(header::UPGRADE) {
        return Err(Code::MethodNotAllowed.into());
    }
    if let Some(name) = first_of(&METHOD_OVERRIDES, headers) {
        settings.mode.refuse(Refusal::new(Code::MethodOverrideRejected).about(name), observed)?;
    }
    let mark = browser_mark(headers).or_else(|| foreign_host(settings, scope, headers));
    if let Some(name) = mark {
        settings.browser_mode.refuse(Refusal::new(Code::BrowserNotAllowed).about(name), observed)?;
    }
    if let Some(name) = bad_precondition(engine, method, headers) {
        settings.mode.refuse(Refusal::new(Code::HeaderNotAllowed).about(name), observed)?;
    }
    Ok(pick(settings, engine, headers))
}

/// The header that shows a browser, if any. Node's `fetch` sends `Sec-Fetch-Mode: cors` and nothing else of the
/// kind, so that alone is the SDK; a page adds `Sec-Fetch-Site`, `Sec-Fetch-Dest` or `Origin`.
fn browser_mark(headers: &HeaderMap) -> Option<&'static str> {
    if let Some(mark) = first_of(&BROWSER_MARKS, headers) {
        return Some(mark);
    }
    let mode = headers.get(&SEC_FETCH_MODE)?;
    (mode != "cors").then_some(SEC_FETCH_MODE.as_str())
}

fn first_of(names: &'static [HeaderName], headers: &HeaderMap) -> Option<&'static str> {
    names.iter().find(|name| headers.contains_key(*name)).map(HeaderName::as_str)
}

/// `Host`, when it names neither this machine nor an address: a page whose name was rebound to loopback sends its own.
fn foreign_host(settings: &HeadersSettings, scope: Scope<'_>, headers: &HeaderMap) -> Option<&'static str> {
    let host = headers.get(header::HOST)?.to_str().unwrap_or_default().to_ascii_lowercase();
    let name = match host.strip_prefix('[') {
        Some(literal) => literal.split(']').next().unwrap_or_default(),
        None => host.rsplit_once(':').map_or(host.as_str(), |(name, _)| name),
    };
    let ours =
        name == "localhost" || name.ends_with(".localhost") || name.parse::<std::net::IpAddr>().is_ok();
    let known = scope.proven || ours || settings.browser_hosts.iter().any(|known| known == name);
    (!known).then_some("host")
}

/// A precondition that cannot travel on as it is, if there is one.
fn bad_precondition(engine: &Engine, method: &Method, headers: &HeaderMap) -> Option<&'static str> {
    let safe = matches!(*method, Method::GET | Method::HEAD);
    if !safe && UNSUPPORTED_PRECONDITIONS.iter().any(|name| headers.contains_key(name)) {
        return Some("if-unmodified-since, if-none-exist or if-range");
    }
    let bad = |name: HeaderName| headers.get_all(name).iter().any(|value| !is_etag_list(engine, value));
    match (bad(header::IF_MATCH), bad(header::IF_NONE_MATCH)) {
        (true, _) => Some("if-match"),
        (_, true) => Some("if-none-match"),
        (false, false) => None,
    }
}

/// `*` or entity tags (RFC 9110 section 8.8.3) in which no person is seen.
fn is_etag_list(engine: &Engine, value: &HeaderValue) -> bool {
    let Ok(text) = value.to_str() else { return false };
    text == "*" || is_list(text, &[','], |tag| is_etag(engine, tag.trim()))
}

/// A list short enough to be judged to its end, all of whose items are known.
fn is_list(text: &str, separators: &[char], is_item: impl Fn(&str) -> bool) -> bool {
    text.split(separators).count() <= LIST_ITEMS_MAX && text.split(separators).all(is_item)
}

fn is_etag(engine: &Engine, tag: &str) -> bool {
    let Some(opaque) =
        tag.strip_prefix("W/").unwrap_or(tag).strip_prefix('"').and_then(|tag| tag.strip_suffix('"'))
    else {
        return false;
    };
    opaque.len() <= ETAG_BYTES_MAX
        && opaque.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.:+/=".contains(&byte))
        && names_nobody(engine, opaque)
}

/// Everything that travels on is written anew from a closed grammar; what does not fit stays here.
fn pick(settings: &HeadersSettings, engine: &Engine, headers: &HeaderMap) -> CleanHeaders {
    let mut clean = CleanHeaders { forwarded: HeaderMap::with_capacity(8), dropped: Vec::new() };
    if let Some(accept) = headers.get(header::ACCEPT) {
        let known = if is_accept(accept) { accept.clone() } else { HeaderValue::from_static("*/*") };
        clean.forwarded.insert(header::ACCEPT, known);
    }
    if let Some(preference) = headers.get(&PREFER).filter(|value| is_preference(value)) {
        clean.forwarded.insert(PREFER.clone(), preference.clone());
    }
    for name in [header::IF_MATCH, header::IF_NONE_MATCH] {
        for value in headers.get_all(&name).iter().filter(|value| is_etag_list(engine, value)) {
            clean.forwarded.append(name.clone(), value.clone());
        }
    }
    for name in settings.allow.iter().filter(|name| !is_hop_by_hop(headers, name)) {
        match found_in(engine, headers, name) {
            None => {
                for value in headers.get_all(name) {
                    clean.forwarded.append(name.clone(), value.clone());
                }
            }
            Some(class) => clean.dropped.push(class),
        }
    }
    if let Some(value) = headers.get(&TRACEPARENT).filter(|value| is_traceparent(engine, value)) {
        clean.forwarded.insert(TRACEPARENT.clone(), value.clone());
    }
    // Uncompressed, so that the way back can see what it passes; a coded error is undone all the same.
    clean.forwarded.insert(header::ACCEPT_ENCODING, HeaderValue::from_static("identity"));
    clean.forwarded.insert(
        header::USER_AGENT,
        HeaderValue::from_static(concat!("clinik-guard/", env!("CARGO_PKG_VERSION"))),
    );
    clean
}

/// Whether `Connection` names this field: then it is for us alone (RFC 9110 section 7.6.1). The fields forwarded
/// without the policy's asking cannot be named there; `wire` refuses such a request.
fn is_hop_by_hop(headers: &HeaderMap, name: &HeaderName) -> bool {
    let named = |value: &HeaderValue| {
        value
            .to_str()
            .is_ok_and(|text| text.split(',').any(|option| option.trim().eq_ignore_ascii_case(name.as_str())))
    };
    headers.get_all(header::CONNECTION).iter().any(named)
}

/// Known media ranges with nothing but a weight.
fn is_accept(value: &HeaderValue) -> bool {
    let Ok(text) = value.to_str() else { return false };
    is_list(text, &[','], |range| {
        let (kind, weight) = range.split_once(';').unwrap_or((range, ""));
        let weight = weight.trim();
        let plain = weight.is_empty()
            || weight
                .strip_prefix("q=")
                .is_some_and(|q| q.len() <= 5 && q.bytes().all(|b| b.is_ascii_digit() || b == b'.'));
        plain && MEDIA_RANGES.contains(&kind.trim())
    })
}

fn is_preference(value: &HeaderValue) -> bool {
    value.to_str().is_ok_and(|text| is_list(text, &[',', ';'], |item| PREFERENCES.contains(&item.trim())))
}

/// The class found in the lines of a field, each by itself and all together; what is not text counts as opaque.
fn found_in(engine: &Engine, headers: &HeaderMap, name: &HeaderName) -> Option<Class> {
    let lines = headers.get_all(name).iter().map(HeaderValue::to_str).collect::<Result<Vec<_>, _>>();
    let Ok(lines) = lines else { return Some(Class::OtherId) };
    lines.iter().find_map(|line| url::found_in_header(engine, line)).or_else(|| match lines.len() {
        0 | 1 => None,
        _ => url::found_in_header(engine, &lines.join(" ")),
    })
}

/// W3C Trace Context, version 00, whose digits spell nothing.
fn is_traceparent(engine: &Engine, value: &HeaderValue) -> bool {
    has_trace_form(value.as_bytes()) && value.to_str().is_ok_and(|text| !hides_somebody(engine, text))
}

/// `00-<32 hex>-<16 hex>-<2 hex>`
fn has_trace_form(value: &[u8]) -> bool {
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
    fn a_host_is_this_machine_or_listed() {
        let settings = HeadersSettings {
            mode: crate::guards::Mode::Enforce,
            browser_mode: crate::guards::Mode::Enforce,
            browser_hosts: vec!["guard.example".to_owned()],
            header_bytes_max: 1024,
            fields_max: 128,
            allow: Vec::new(),
        };
        let foreign = |host: &'static str, proven: bool| {
            let headers = map(&[("host", host)]);
            let scope = Scope { method: &Method::GET, headers: &headers, proven };
            foreign_host(&settings, scope, &headers).is_some()
        };
        for host in
            ["localhost", "LOCALHOST:8080", "127.0.0.1:8080", "[::1]:8080", "10.0.0.7", "guard.example:80"]
        {
            assert!(!foreign(host, false), "{host}");
        }
        for host in ["evil.example:8080", "localhost.evil.example", "127.0.0.1.evil.example", ""] {
            assert!(foreign(host, false), "{host}");
        }
        assert!(!foreign("evil.example", true), "a token or the unix socket is no page's");
    }

    #[test]
    fn accept_and_prefer_have_closed_grammars() {
        for (good, bad) in [
            ("application/fhir+json", "text/jane-doe"),
            ("*/*;q=0.8, application/json", "application/json; name=jane"),
        ] {
            assert!(is_accept(&HeaderValue::from_static(good)) && !is_accept(&HeaderValue::from_static(bad)));
        }
        assert!(is_preference(&HeaderValue::from_static("return=minimal, handling=strict")));
        assert!(!is_preference(&HeaderValue::from_static("wait=10; n=Smith")));
    }

    #[test]
    fn a_list_is_judged_to_its_end() {
        let engine = Engine::default();
        let padded = |item: &str, last: &str| {
            HeaderValue::try_from(vec![item; LIST_ITEMS_MAX].join(",") + "," + last).unwrap()
        };
        assert!(!is_etag_list(&engine, &padded("\"1\"", "marisol.q@example.org")));
        assert!(!is_accept(&padded("*/*", "jane doe")));
        assert!(!is_preference(&padded("return=minimal", "MRN 00812345")));
    }

    #[test]
    fn allowed_fields_are_judged_as_urls_are() {
        let engine = Engine::default();
        let settings = HeadersSettings {
            mode: crate::guards::Mode::Enforce,
            browser_mode: crate::guards::Mode::Enforce,
            browser_hosts: Vec::new(),
            header_bytes_max: 4096,
            fields_max: 128,
            allow: vec![HeaderName::from_static("x-foo")],
        };
        let travels = |lines: &[&'static str]| {
            let mut headers = HeaderMap::new();
            for line in lines {
                headers.append("x-foo", HeaderValue::from_static(line));
            }
            pick(&settings, &engine, &headers).forwarded.contains_key("x-foo")
        };
        for good in ["tenant-12", "a=1;b=2", "5b0c1f1e-7a57-4d0e-9b5a-0f3f6a5b7c21"] {
            assert!(travels(&[good]), "{good}");
        }
        for bad in [
            "jane%20doe",
            "219%2D09%2D1234",
            "Jane&#32;Doe",
            "SmFuZSBEb2UgMjE5LTA5LTEyMzQ=",
            "clk%5Flive%5Fabcdefgh12345678",
            "%zz",
        ] {
            assert!(!travels(&[bad]), "{bad}");
        }
        assert!(!travels(&["Jane", "Doe"]));
    }

    #[test]
    fn entity_tags_hold_no_person() {
        let engine = Engine::default();
        for good in ["*", "W/\"3\"", "\"5b0c1f1e7a57\", W/\"2\"", "\"W6sV9hC3d+QzZk1mE0x8LQ==\""] {
            assert!(is_etag_list(&engine, &HeaderValue::from_static(good)), "{good}");
        }
        for bad in [
            "3",
            "\"jane.doe\"",
            "\"912-84-6713\"",
            "\"a b\"",
            "\"marisol.q@example.org\"",
            "\"OTEyLTg0LTY3MTM=\"",
            "\"6a616e652e646f65406578616d706c652e6f7267\"",
        ] {
            assert!(!is_etag_list(&engine, &HeaderValue::from_static(bad)), "{bad}");
        }
    }

    #[test]
    fn traceparent_is_exact() {
        let engine = Engine::default();
        let is_traceparent = |text| is_traceparent(&engine, &HeaderValue::from_static(text));
        assert!(is_traceparent("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"));
        assert!(!is_traceparent("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0x"));
        assert!(!is_traceparent("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-jane"));
        // "Jane Doe 219-09-"
        assert!(!is_traceparent("00-4a616e6520446f65203231392d30392d-00f067aa0ba902b7-01"));
    }
}
