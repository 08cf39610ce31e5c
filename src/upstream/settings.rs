//! The compiled `upstream` section.

use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use http::Uri;

use super::pins::Pin;
use crate::config::{self, Node, Problems, read};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UpstreamSettings {
    pub scheme: Scheme,
    /// Host name or address literal without brackets.
    pub host: String,
    pub port: u16,
    /// Path prefix before `/v1`, without trailing slash; usually empty.
    pub base_path: String,
    pub ca_file: Option<PathBuf>,
    /// Whether Mozilla's roots are trusted besides those of `ca_file`.
    pub public_roots: bool,
    pub pins: Vec<Pin>,
    pub client_certificate: Option<KeyPairFiles>,
    pub http2: bool,
    pub connect_timeout: Duration,
    pub response_timeout: Duration,
    pub body_idle_timeout: Duration,
    pub pool_idle_max: usize,
    pub pool_idle_timeout: Duration,
    pub pool_age_max: Duration,
}

/// Where our own certificate for the upstream is read from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyPairFiles {
    pub certificate_file: PathBuf,
    pub key_file: PathBuf,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// Only to loopback, and only when the policy says so.
    Http,
    Https,
}

/// The SDK gives up after this long and tries again; an answer that comes later is never seen.
const SDK_TIMEOUT: Duration = Duration::from_secs(30);

impl UpstreamSettings {
    pub fn compile(section: &config::Upstream, problems: &mut Problems) -> UpstreamSettings {
        let url = section.url.or(Base::clinikapi(), base, problems);
        let plaintext = section.allow_plaintext_loopback.or(false, read::flag, problems);
        if url.scheme == Scheme::Http {
            let loopback = url.host == "localhost"
                || url.host.parse::<IpAddr>().is_ok_and(|ip| ip.to_canonical().is_loopback());
            let message = match (loopback, plaintext) {
                (true, true) => None,
                (true, false) => Some("http:// needs `upstream.allow_plaintext_loopback: true`"),
                (false, _) => Some("http:// would send the key and PHI in the clear; expected https://"),
            };
            match message {
                Some(message) => problems.add(section.url.at, "upstream.url", message),
                None => {
                    problems.warn(section.url.at, "upstream.url", "plain HTTP to loopback: for tests only")
                }
            }
        }
        let seconds = Duration::from_secs;
        let response_timeout = section.response_timeout.or(seconds(25), read::duration, problems);
        if response_timeout >= SDK_TIMEOUT {
            let message =
                "the SDK gives up after 30s and retries; a timeout below that lets the guard answer first";
            problems.warn(section.response_timeout.at, "upstream.response_timeout", message);
        }
        let ca_file = section.ca_file.or_none(None, read::path, problems);
        let public_roots = section.public_roots.or(true, read::flag, problems);
        if !public_roots && section.ca_file.written().is_none() {
            let message = "nothing is trusted: `false` needs `upstream.ca_file`";
            problems.add(section.public_roots.at, "upstream.public_roots", message);
        }
        let pins = section.pins.list(Vec::new(), pin, problems);
        if pins.len() == 1 {
            let message = "a single pin: when the upstream changes that key, nothing passes until this file changes; \
                           add the pin of a key kept in reserve, or of its authority";
            problems.warn(section.pins.at, "upstream.pins", message);
        }
        UpstreamSettings {
            scheme: url.scheme,
            host: url.host,
            port: url.port,
            base_path: url.path,
            ca_file,
            public_roots,
            pins,
            client_certificate: section
                .client_certificate
                .as_ref()
                .and_then(|pair| KeyPairFiles::compile(pair, problems)),
            http2: section.http2.or(false, read::flag, problems),
            connect_timeout: section.connect_timeout.or(seconds(3), read::duration, problems),
            response_timeout,
            body_idle_timeout: section.body_idle_timeout.or(seconds(30), read::duration, problems),
            pool_idle_max: section.pool.idle_max.or(128, read::number(0..=100_000), problems) as usize,
            pool_idle_timeout: section.pool.idle_timeout.or(seconds(20), read::duration, problems),
            pool_age_max: section.pool.age_max.or(seconds(300), read::duration, problems),
        }
    }
}

impl KeyPairFiles {
    fn compile(section: &config::KeyPair, problems: &mut Problems) -> Option<KeyPairFiles> {
        let certificate_file = section.certificate_file.required(read::path, problems);
        let key_file = section.key_file.required(read::path, problems);
        Some(KeyPairFiles { certificate_file: certificate_file?, key_file: key_file? })
    }
}

/// `sha256/` and the base64 of a hash, as curl and browsers write it.
fn pin(node: &Node, problems: &mut Problems) -> Option<Pin> {
    let decoded = node
        .text()
        .and_then(|text| text.strip_prefix("sha256/"))
        .and_then(|text| data_encoding::BASE64.decode(text.as_bytes()).ok())
        .and_then(|hash| Pin::try_from(hash).ok());
    match decoded {
        Some(pin) => Some(pin),
        None => problems.expected(
            node,
            "sha256/ and 44 characters of base64: the SHA-256 of a certificate's SubjectPublicKeyInfo",
        ),
    }
}

struct Base {
    scheme: Scheme,
    host: String,
    port: u16,
    path: String,
}

impl Base {
    fn clinikapi() -> Base {
        Base { scheme: Scheme::Https, host: "api.clinikapi.com".to_owned(), port: 443, path: String::new() }
    }
}

/// `https://host[:port][/prefix]`. Stricter than RFC 3986: what has no business in a base URL is refused, so that
/// nobody has to wonder what becomes of it. The text is never quoted, since user info may be in it.
fn base(node: &Node, problems: &mut Problems) -> Option<Base> {
    const WHAT: &str = "a URL such as https://api.clinikapi.com";
    let Some(text) = node.text() else { return problems.expected(node, WHAT) };
    let refuse = |problems: &mut Problems, why: &str| problems.expected(node, &format!("{WHAT} ({why})"));
    if text.contains(['?', '#']) {
        return refuse(problems, "without a query or fragment");
    }
    if text.contains('@') {
        return refuse(problems, "without user info; the key comes from `credentials`");
    }
    let Ok(uri) = text.parse::<Uri>() else { return refuse(problems, "this is not a URL") };
    let (scheme, default_port) = match uri.scheme_str() {
        Some("https") => (Scheme::Https, 443),
        Some("http") => (Scheme::Http, 80),
        _ => return refuse(problems, "the scheme is missing or not https"),
    };
    let authority = uri.authority().map_or("", |authority| authority.as_str());
    let host =
        uri.host().unwrap_or_default().trim_start_matches('[').trim_end_matches(']').to_ascii_lowercase();
    let is_label = |label: &str| {
        !label.is_empty()
            && label.len() <= 63
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
    };
    if host.parse::<IpAddr>().is_err()
        && !(host.len() <= 253 && host.trim_end_matches('.').split('.').all(is_label))
    {
        return refuse(problems, "this is not a host name");
    }
    let port = match (
        uri.port_u16(),
        authority.rsplit_once(']').map_or(authority, |(_, after)| after).contains(':'),
    ) {
        (Some(port), _) if port != 0 => port,
        (None, false) => default_port,
        _ => return refuse(problems, "this is not a port"),
    };
    let path = uri.path().trim_end_matches('/');
    let is_segment = |segment: &str| {
        !matches!(segment, "" | "." | "..")
            && segment.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._~".contains(&b))
    };
    if !path.is_empty() && !path[1..].split('/').all(is_segment) {
        return refuse(problems, "only a plain path prefix");
    }
    if path.ends_with("/v1") {
        return refuse(problems, "without `/v1`, which every request brings itself");
    }
    Some(Base { scheme, host, port, path: path.to_owned() })
}
