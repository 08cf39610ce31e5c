//! The compiled `guards.headers` and `guards.browser` sections.

use http::HeaderName;

use crate::config::{self, Node, Problems, read};
use crate::guards::Mode;

#[derive(Clone, Debug)]
pub struct HeadersSettings {
    pub mode: Mode,
    pub browser_mode: Mode,
    /// Values of `Host` accepted besides `localhost` and address literals, in lower case and without port.
    pub browser_hosts: Vec<String>,
    pub header_bytes_max: usize,
    /// Most header fields in a request, whatever the mode: the gate in front of the parser counts.
    pub fields_max: usize,
    /// Request headers forwarded besides the built-in list.
    pub allow: Vec<HeaderName>,
}

/// Request headers no policy can let through: credentials, framing, and what changes the meaning of the method.
const NEVER_FORWARDED: [&str; 24] = [
    "authorization",
    "connection",
    "content-encoding",
    "content-length",
    "cookie",
    "expect",
    "forwarded",
    "host",
    "keep-alive",
    "origin",
    "proxy-authorization",
    "proxy-connection",
    "referer",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "via",
    "x-api-key",
    "x-forwarded-for",
    "x-http-method",
    "x-http-method-override",
    "x-method-override",
    "x-real-ip",
];

impl HeadersSettings {
    pub fn compile(
        section: &config::Headers,
        browser: &config::Browser,
        problems: &mut Problems,
    ) -> HeadersSettings {
        let header_bytes_max =
            section.header_bytes_max.or(32 << 10, read::size(1 << 10..=1 << 20), problems) as usize;
        HeadersSettings {
            mode: section.mode.word(Mode::Enforce, &Mode::WORDS, problems),
            browser_mode: browser.mode.word(Mode::Enforce, &Mode::WORDS, problems),
            browser_hosts: browser.hosts.list(Vec::new(), host, problems),
            header_bytes_max,
            fields_max: section.fields_max.or(128, read::number(8..=1000), problems) as usize,
            allow: section.allow.list(Vec::new(), forwarded_header, problems),
        }
    }
}

fn forwarded_header(node: &Node, problems: &mut Problems) -> Option<HeaderName> {
    let name = read::header_name(node, problems)?;
    match NEVER_FORWARDED.contains(&name.as_str()) || name.as_str().starts_with("sec-") {
        true => problems.expected(node, "a header that may be forwarded; this one never is"),
        false => Some(name),
    }
}

/// A host name as it stands in `Host`, without a port.
fn host(node: &config::Node, problems: &mut Problems) -> Option<String> {
    let name = node.text().map(str::to_ascii_lowercase);
    let good = |name: &String| {
        name.bytes().all(|b| b.is_ascii_alphanumeric() || b"-.".contains(&b)) && name.len() <= 253
    };
    match name.filter(good) {
        Some(name) => Some(name),
        None => problems.expected(node, "a host name without a port, such as guard.example"),
    }
}
