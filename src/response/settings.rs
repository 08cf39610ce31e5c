//! The compiled `scrub` section, less what belongs to the engine.

use std::path::PathBuf;

use http::HeaderName;

use crate::config::{self, Node, Problems, read};
use crate::guards::routes::settings::route;

/// What stands in a log line where something was taken out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// `[REDACTED:name]`
    Label,
    /// `[REDACTED:name:7f3k9q2x]`, the same code for the same value.
    Pseudonym,
}

impl Style {
    pub const WORDS: [(&str, Style); 2] = [("label", Style::Label), ("pseudonym", Style::Pseudonym)];
}

#[derive(Clone, Debug)]
pub struct ScrubSettings {
    /// Of the log filter; errors carry labels only.
    pub style: Style,
    /// Without a file the key of pseudonyms is made anew for each process.
    pub pseudonym_key_file: Option<PathBuf>,
    pub error_bytes_max: usize,
    /// Response headers passed besides the documented ones.
    pub response_headers: Vec<HeaderName>,
    /// Route index and JSON pointer (RFC 6901) of error text inside successful answers.
    pub success_pointers: Vec<(usize, String)>,
}

/// Response headers no policy can let pass: they set state in a client, lead it elsewhere or frame the message.
const NEVER_PASSED: [&str; 12] = [
    "connection",
    "content-length",
    "keep-alive",
    "location",
    "proxy-authenticate",
    "refresh",
    "set-cookie",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "www-authenticate",
    "x-api-key",
];

impl ScrubSettings {
    pub fn compile(section: &config::Scrub, problems: &mut Problems) -> ScrubSettings {
        let error_bytes_max =
            section.error_bytes_max.or(256 << 10, read::size(1 << 10..=16 << 20), problems) as usize;
        let response_headers = section.response_headers.list(Vec::new(), passed_header, problems);
        let mut success_pointers = Vec::new();
        for item in &section.success_pointers.items {
            let route = item.route.required(route, problems);
            let pointer = item.pointer.required(json_pointer, problems);
            success_pointers.extend(route.zip(pointer));
        }
        if !section.success_pointers.written {
            success_pointers.extend(bulk_job_errors());
        }
        ScrubSettings {
            style: section.style.word(Style::Label, &Style::WORDS, problems),
            pseudonym_key_file: section.pseudonym_key_file.or_none(None, read::path, problems),
            error_bytes_max,
            response_headers,
            success_pointers,
        }
    }
}

/// The default: a finished bulk job answers 200 and carries the errors of its rows.
fn bulk_job_errors() -> Option<(usize, String)> {
    let is_job = |route: &crate::contract::Route| {
        route.method == http::Method::GET && route.template.starts_with("/v1/bulk/jobs/")
    };
    crate::contract::routes().iter().position(is_job).map(|index| (index, "/data/errors".to_owned()))
}

fn passed_header(node: &Node, problems: &mut Problems) -> Option<HeaderName> {
    let name = read::header_name(node, problems)?;
    match NEVER_PASSED.contains(&name.as_str()) {
        true => problems.expected(node, "a header that may pass; this one never does"),
        false => Some(name),
    }
}

/// RFC 6901. The empty pointer, the whole document, would scrub every successful answer of the route.
fn json_pointer(node: &Node, problems: &mut Problems) -> Option<String> {
    let escaped = |text: &str| text.split('~').skip(1).all(|rest| rest.starts_with(['0', '1']));
    match node.text().filter(|text| text.starts_with('/') && text.len() <= 512 && escaped(text)) {
        Some(text) => Some(text.to_owned()),
        None => problems.expected(node, "a JSON pointer such as /data/errors"),
    }
}
